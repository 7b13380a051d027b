//! One state: what all kinds have in common.

use serde_json::Value;

use super::fields::Fields;
use super::graph::Names;
use super::{ContextNeed, Kind, State, Transition, errors, states};
use crate::{Diagnostics, Location, Path, ReferencePath};

/// Which of the common fields a kind of state has.
#[expect(
    clippy::struct_excessive_bools,
    reason = "one for each column of the specification's table"
)]
#[derive(Debug, Clone, Copy)]
struct Common {
    paths: bool,
    parameters: bool,
    result_selector: bool,
    result_path: bool,
    errors: bool,
    assign: bool,
    next: bool,
}

impl Common {
    /// The table of the [specification](https://states-language.net/spec.html#table).
    fn of(kind: &str) -> Option<Self> {
        let (parameters, result_selector, result_path, errors, next) = match kind {
            "Task" | "Parallel" | "Map" => (true, true, true, true, true),
            "Pass" => (true, false, true, false, true),
            "Wait" => (false, false, false, false, true),
            "Choice" | "Succeed" | "Fail" => (false, false, false, false, false),
            _ => return None,
        };
        Some(Self {
            paths: kind != "Fail",
            parameters,
            result_selector,
            result_path,
            errors,
            assign: !matches!(kind, "Succeed" | "Fail"),
            next,
        })
    }
}

/// Reads one state.
pub(super) fn read(
    name: &str,
    value: &Value,
    at: Location,
    names: &mut Names<'_>,
    found: &mut Diagnostics,
) -> Option<State> {
    let mut fields = Fields::of(value, at, found)?;
    let kind_name =
        fields.required_string("Type", "Task, Choice, Pass, Wait, Succeed, Fail, Parallel or Map")?;
    let Some(common) = Common::of(kind_name) else {
        fields.wrong(
            "Type",
            format!("{kind_name} is no type of state: write Task, Choice, Pass, Wait, Succeed, Fail, Parallel or Map"),
        );
        return None;
    };
    if !speaks_json_path(name, &mut fields, names.jsonata) {
        return None;
    }
    let comment = fields.string("Comment").map(str::to_owned);
    let kind = states::read(kind_name, &mut fields, names);
    let state = rest(common, value, &mut fields, comment, kind);
    fields.finish(&format!("a {kind_name} state"));
    state
}

/// `JSONata` states are refused by name: what they would do is not what a `JSONPath` state does.
fn speaks_json_path(name: &str, fields: &mut Fields<'_>, jsonata: bool) -> bool {
    let jsonata = match fields.string("QueryLanguage") {
        None => jsonata,
        Some("JSONPath") => false,
        Some("JSONata") => true,
        Some(other) => {
            fields.wrong("QueryLanguage", format!("must be \"JSONPath\", not {other:?}"));
            return false;
        }
    };
    if jsonata {
        fields.wrong(
            "QueryLanguage",
            format!("the state {name} is written in JSONata, which is not supported: write it with JSONPath"),
        );
    }
    !jsonata
}

fn rest(
    common: Common,
    value: &Value,
    fields: &mut Fields<'_>,
    comment: Option<String>,
    kind: Option<Kind>,
) -> Option<State> {
    let whole = || Path::parse("$").ok();
    let (mut input_path, mut output_path) = (whole(), whole());
    if common.paths {
        input_path = fields.path_or_null("InputPath").unwrap_or(input_path);
        output_path = fields.path_or_null("OutputPath").unwrap_or(output_path);
    }
    // A Map state calls it ItemSelector, formerly Parameters, and gives it another meaning.
    let parameters = (common.parameters && !matches!(kind, Some(Kind::Map(_))))
        .then(|| fields.template("Parameters"))
        .flatten();
    let result_selector = common
        .result_selector
        .then(|| fields.template("ResultSelector"))
        .flatten();
    let result_path = common
        .result_path
        .then(|| fields.reference_or_null("ResultPath"))
        .flatten()
        .unwrap_or_else(|| Some(ReferencePath::root()));
    let (mut retry, mut catch) = (Vec::new(), Vec::new());
    if common.errors {
        if let Some(value) = fields.value("Retry") {
            retry = errors::retriers(value, &fields.place("Retry"), fields.found);
        }
        if let Some(value) = fields.value("Catch") {
            catch = errors::catchers(value, &fields.place("Catch"), fields.found);
        }
    }
    let assign = common.assign.then(|| fields.assign()).flatten();
    let transition = transition(common, fields);
    Some(State {
        comment,
        kind: kind?,
        input_path,
        parameters,
        result_selector,
        result_path,
        output_path,
        assign,
        retry,
        catch,
        transition: transition?,
        context: context_need(value),
    })
}

fn transition(common: Common, fields: &mut Fields<'_>) -> Option<Transition> {
    if !common.next {
        return Some(Transition::Own);
    }
    let next = fields.string("Next");
    let end = fields.boolean("End");
    match (next, end) {
        (Some(next), None | Some(false)) => Some(Transition::Next(next.to_owned())),
        (None, Some(true)) => Some(Transition::End),
        (Some(_), Some(true)) => {
            fields.wrong("End", "cannot be true beside Next: remove one of them");
            None
        }
        (None, _) => {
            fields.missing("Next", "name the state that follows, or write \"End\": true");
            None
        }
    }
}

/// What the expressions of a state can see of the context object, judged by its text: whatever is not one of the paths
/// that leave the input out may be a path to it.
fn context_need(value: &Value) -> ContextNeed {
    const HARMLESS: [&str; 9] = [
        "$$.Execution.Id",
        "$$.Execution.Name",
        "$$.Execution.RoleArn",
        "$$.Execution.StartTime",
        "$$.Execution.RedriveCount",
        "$$.StateMachine.",
        "$$.State.",
        "$$.Task.",
        "$$.Map.",
    ];
    let mut text = value.to_string();
    if !text.contains("$$") {
        return ContextNeed::Nothing;
    }
    for path in HARMLESS {
        text = text.replace(path, "");
    }
    if text.contains("$$") {
        ContextNeed::Everything
    } else {
        ContextNeed::WithoutInput
    }
}
