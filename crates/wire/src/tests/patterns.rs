//! The translated patterns against predicates written by hand from the patterns as AWS has them.

use proptest::prelude::*;
use proptest::string::string_regex;

use super::patterns;

const UUID: &str = "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}";

fn all(text: &str, extra: &str) -> bool {
    text.chars()
        .all(|c| c.is_ascii_alphanumeric() || extra.contains(c))
}

/// Java's `\s`.
fn is_space(c: char) -> bool {
    [' ', '\t', '\n', '\u{b}', '\u{c}', '\r'].contains(&c)
}

fn is_uuid(text: &str) -> bool {
    text.len() == 36
        && text.char_indices().all(|(at, c)| match at {
            8 | 13 | 18 | 23 => c == '-',
            _ => c.is_ascii_digit() || ('a'..='f').contains(&c),
        })
}

fn is_version(text: &str) -> bool {
    let number = |part: &str| {
        (1..=3).contains(&part.len())
            && part.chars().all(|c| c.is_ascii_digit())
            && (part == "0" || !part.starts_with('0'))
    };
    text.split('.').count() == 3 && text.split('.').all(number)
}

/// Java's `.*\S.*`: one line with something on it.
fn is_visible_line(text: &str) -> bool {
    !text.chars().all(is_space) && !text.contains(['\r', '\n', '\u{85}', '\u{2028}', '\u{2029}'])
        // The line's end may be what is not white space to `\S`.
        || visible_end(text)
}

/// `\S` takes U+0085, U+2028 and U+2029, which `.` does not.
fn visible_end(text: &str) -> bool {
    let ends: Vec<char> = text
        .chars()
        .filter(|c| ['\r', '\n', '\u{85}', '\u{2028}', '\u{2029}'].contains(c))
        .collect();
    ends.len() == 1 && !is_space(ends[0])
}

/// `[\p{L}\p{Z}\p{N}_.:/=+\-@]`. The standard library knows letters and numbers, but counts some marks and symbols among
/// the letters: those are left to the other tests.
fn is_tag_character(c: char) -> Option<bool> {
    if "_.:/=+-@ \u{a0}\u{2028}\u{2029}\u{3000}".contains(c) || c.is_ascii_alphanumeric() {
        return Some(true);
    }
    if c.is_ascii() || c.is_control() || ('\u{2190}'..='\u{23ff}').contains(&c) {
        return Some(false);
    }
    // Greek, Cyrillic, Hebrew, Devanagari and Han letters, digits of Arabic.
    let ranges = ['α'..='ω', 'а'..='я', 'א'..='ת', 'अ'..='ह', '一'..='鿋', '٠'..='٩'];
    ranges.iter().any(|range| range.contains(&c)).then_some(true)
}

fn is_tag_text(text: &str) -> Option<bool> {
    let verdicts: Vec<Option<bool>> = text.chars().map(is_tag_character).collect();
    if verdicts.contains(&Some(false)) {
        return Some(false);
    }
    (!verdicts.contains(&None)).then_some(true)
}

/// What the pattern says of the text, where the predicate can tell.
fn expected(source: &str, text: &str) -> Option<bool> {
    let one_or_more = |extra| Some(!text.is_empty() && all(text, extra));
    match source {
        UUID => Some(is_uuid(text)),
        r"[a-zA-Z0-9_.\-]+" => one_or_more("_.-"),
        r"[a-zA-Z0-9_.\-:]+" => one_or_more("_.-:"),
        r"^[a-zA-Z0-9-_]+$" => one_or_more("-_"),
        r"[0-9A-Za-z\.\-_]*" => Some(all(text, ".-_")),
        r"\S*" => Some(!text.chars().any(is_space)),
        r"\p{ASCII}*" => Some(text.is_ascii()),
        r".*\S.*" => Some(is_visible_line(text)),
        r"^[A-Za-z0-9][A-Za-z0-9:_/+=,@.-]{0,2048}$" => Some(
            text.starts_with(|c: char| c.is_ascii_alphanumeric())
                && all(text, ":_/+=,@.-")
                && text.len() <= 2049,
        ),
        r"^(0|[1-9]\d{0,2})\.(0|[1-9]\d{0,2})\.(0|[1-9]\d{0,2})$" => Some(is_version(text)),
        r"^(?!aws:)[\p{L}\p{Z}\p{N}_.:/=+\-@]*$" => {
            if text.starts_with("aws:") {
                Some(false)
            } else {
                is_tag_text(text)
            }
        }
        r"^([\p{L}\p{Z}\p{N}_.:/=+\-@]*)$" => is_tag_text(text),
        unknown => panic!("write a predicate for {unknown}"),
    }
}

#[test]
fn every_pattern_compiles_and_is_the_predicate_on_examples() {
    assert_eq!(patterns().len(), 12);
    let uuid = "0f8fad5b-d9cb-469f-a165-70867728950e";
    let examples = [
        "",
        " ",
        "a",
        "a b",
        "a.b-c_d:e",
        "aws:",
        "aws:x",
        "AWS:x",
        "awsx",
        "xaws:",
        "a\n",
        "\na",
        "a\r",
        "a\u{85}",
        "\u{85}",
        "\u{2028}",
        "\u{2028}a\u{2029}",
        "ü",
        "名前",
        "٣",
        "é",
        "a\0",
        "1.2.3",
        "01.2.3",
        "1.2",
        "999.0.10",
        "1000.0.0",
        "1.2.3\n",
        uuid,
        "0F8FAD5B-D9CB-469F-A165-70867728950E",
        "🙂",
        "\u{a0}",
        "a\tb",
        "-",
        "_",
        "a/b",
        "\\",
        "]",
        "^",
        "$",
    ];
    for (source, pattern) in patterns() {
        for text in examples {
            if let Some(expected) = expected(source, text) {
                assert_eq!(pattern.matches(text), expected, "{source} on {text:?}");
            }
        }
        assert_eq!(
            pattern.matches(&format!("{uuid}\n")),
            expected(source, &format!("{uuid}\n")).unwrap(),
            "{source}"
        );
    }
}

/// A text of the pattern, and what somebody might make of it.
fn candidates() -> impl Strategy<Value = (&'static str, String, String)> {
    let all: Vec<_> = patterns().into_iter().collect();
    proptest::sample::select(all).prop_flat_map(|(source, pattern)| {
        let text = string_regex(pattern.expression).expect("a pattern that can be generated from");
        let characters = prop_oneof![
            any::<char>(),
            proptest::sample::select(
                " \t\n\r\u{b}\u{85}\u{2028}aZ0gG:-_./=+@,!'\"\\\0éя名٣"
                    .chars()
                    .collect::<Vec<_>>()
            )
        ];
        (
            Just(source),
            text,
            any::<prop::sample::Index>(),
            characters,
            0..4_u8,
        )
            .prop_map(|(source, text, at, character, how)| {
                let mut mutated: Vec<char> = text.chars().collect();
                let at = at.index(mutated.len() + 1);
                match how {
                    0 => mutated.insert(at, character),
                    1 if at < mutated.len() => mutated[at] = character,
                    2 if at < mutated.len() => drop(mutated.remove(at)),
                    _ => mutated.extend("aws:".chars()),
                }
                (source, text, mutated.into_iter().collect())
            })
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn generated_texts_are_accepted_and_mutated_ones_as_the_predicate_says((source, text, mutated) in candidates()) {
        let pattern = patterns()[source];
        let refused = pattern.refused_prefix.is_some_and(|prefix| text.starts_with(prefix));
        prop_assert_eq!(pattern.matches(&text), !refused);
        if let Some(expected) = expected(source, &mutated) {
            prop_assert_eq!(pattern.matches(&mutated), expected, "{} on {:?}", source, mutated);
        }
    }

    #[test]
    fn any_text_is_as_the_predicate_says(text in ".{0,40}") {
        for (source, pattern) in patterns() {
            if let Some(expected) = expected(source, &text) {
                prop_assert_eq!(pattern.matches(&text), expected, "{} on {:?}", source, text);
            }
        }
    }
}
