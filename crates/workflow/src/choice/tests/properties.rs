//! Properties of all rules.

use proptest::prelude::*;
use serde_json::{Map, json};

use super::{Rule, holds, matches};
use crate::path::any_json;
use crate::{Diagnostics, Location, Scope};

proptest! {
    #[test]
    fn not_not_is_the_rule_itself(input in any_json(), constant in any_json(), index in 0_usize..8) {
        let operators =
            ["StringEquals", "NumericLessThan", "BooleanEquals", "IsString", "IsPresent", "StringMatches", "NumericEqualsPath", "TimestampEquals"];
        let rule = json!({"Variable": "$.a", operators[index]: constant});
        let mut found = Diagnostics::default();
        if let Some(parsed) = Rule::parse(&rule, &Location::root(), &mut found) {
            let doubled = json!({"Not": {"Not": rule}});
            let scope = Scope { input: &input, context: &input, variables: &Map::new() };
            prop_assert_eq!(matches(&doubled, &input), parsed.matches(&scope));
        }
    }

    #[test]
    fn no_rule_makes_the_parser_panic(value in any_json(), text in ".*") {
        let mut found = Diagnostics::default();
        let rules = [
            value.clone(),
            json!({"Variable": text, "StringMatches": text}),
            json!({"And": value, "Variable": text}),
            json!({"Variable": "$", "TimestampEquals": text}),
        ];
        for rule in rules {
            let _ = Rule::parse(&rule, &Location::root(), &mut found);
        }
    }

    #[test]
    fn a_pattern_without_stars_is_a_string(text in "[a-z]{0,5}", other in "[a-z]{0,5}") {
        prop_assert_eq!(holds("StringMatches", &json!(text), &json!(other)), text == other);
        let around = format!("*{other}*");
        prop_assert_eq!(holds("StringMatches", &json!(text), &json!(around)), text.contains(&other));
    }
}
