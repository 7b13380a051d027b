//! What each kind of state has of its own.

use serde_json::Value;

use super::fields::{Fields, kind};
use super::graph::{self, Names};
use super::machine::MAX_SECONDS;
use super::variables;
use super::{
    Amount, Branching, Choice, Concurrency, Duration, Fail, Graph, Kind, Map, Resource, Task, Tolerance,
    Wait, Wording,
};
use crate::diagnostic::SCHEMA;
use crate::{Expression, Location, Rule, Template};

/// Reads the fields of the kind called `name`.
pub(super) fn read(name: &str, fields: &mut Fields<'_>, names: &mut Names<'_>) -> Option<Kind> {
    match name {
        "Task" => task(fields, names).map(Kind::Task),
        "Choice" => choice(fields).map(Kind::Choice),
        "Pass" => Some(Kind::Pass {
            result: fields.value("Result").cloned(),
        }),
        "Wait" => wait(fields).map(Kind::Wait),
        "Succeed" => Some(Kind::Succeed),
        "Fail" => Some(Kind::Fail(fail(fields))),
        "Parallel" => parallel(fields, names),
        _ => map(fields, names).map(|map| Kind::Map(Box::new(map))),
    }
}

fn task(fields: &mut Fields<'_>, names: &Names<'_>) -> Option<Task> {
    let resource = fields
        .required_string("Resource", "what does the work (an ARN)")
        .map(Resource::new);
    if let Some(Err(problem)) = resource.as_ref().map(|resource| names.resources.check(resource)) {
        let place = fields.place("Resource");
        fields.found.error("INVALID_RESOURCE", &place, problem);
    }
    let timeout = duration(fields, "TimeoutSeconds", "TimeoutSecondsPath", 1);
    let heartbeat = duration(fields, "HeartbeatSeconds", "HeartbeatSecondsPath", 1);
    if let (Some(Duration::Seconds(timeout)), Some(Duration::Seconds(heartbeat))) = (&timeout, &heartbeat)
        && heartbeat >= timeout
    {
        fields.wrong("HeartbeatSeconds", "must be smaller than TimeoutSeconds");
    }
    // Roles mean nothing here; definitions from elsewhere have them.
    fields.value("Credentials");
    Some(Task {
        resource: resource?,
        timeout,
        heartbeat,
    })
}

fn duration(
    fields: &mut Fields<'_>,
    seconds: &'static str,
    path: &'static str,
    least: u64,
) -> Option<Duration> {
    fields.exclusive(seconds, path);
    let fixed = fields.integer(seconds, least, MAX_SECONDS).map(Duration::Seconds);
    let found = fields.path(path).map(Duration::Path);
    fixed.or(found)
}

fn choice(fields: &mut Fields<'_>) -> Option<Choice> {
    let default = fields.string("Default").map(str::to_owned);
    let Some(value) = fields.value("Choices") else {
        fields.missing("Choices", "an array of rules");
        return None;
    };
    let at = fields.place("Choices");
    let rules = value.as_array().filter(|rules| !rules.is_empty());
    let Some(rules) = rules else {
        fields.wrong("Choices", "must be an array of rules, and not empty");
        return None;
    };
    let all: Vec<Branching> = rules
        .iter()
        .enumerate()
        .filter_map(|(index, rule)| branching(rule, &at.child(index), fields))
        .collect();
    (all.len() == rules.len()).then_some(Choice {
        choices: all,
        default,
    })
}

fn branching(value: &Value, at: &Location, fields: &mut Fields<'_>) -> Option<Branching> {
    let rule = Rule::parse(value, at, fields.found);
    let next = value.get("Next").and_then(Value::as_str);
    if next.is_none() && value.is_object() {
        fields.found.error(
            SCHEMA,
            at,
            "Next is missing: name the state that follows where the rule matches",
        );
    }
    let assign = value.get("Assign").and_then(|assign| {
        let at = at.child("Assign");
        variables::check(assign, &at, fields.found);
        Template::parse(assign, &at, fields.found)
    });
    Some(Branching {
        rule: rule?,
        next: next?.to_owned(),
        assign,
    })
}

fn wait(fields: &mut Fields<'_>) -> Option<Wait> {
    let given: Vec<Wait> = [
        fields
            .integer("Seconds", 0, MAX_SECONDS)
            .map(|seconds| Wait::For(Duration::Seconds(seconds))),
        fields
            .path("SecondsPath")
            .map(|path| Wait::For(Duration::Path(path))),
        timestamp(fields),
        fields.path("TimestampPath").map(Wait::UntilPath),
    ]
    .into_iter()
    .flatten()
    .collect();
    let [wait] = <[Wait; 1]>::try_from(given)
        .map_err(|_| {
            let at = fields.at.clone();
            let message = "a Wait state has exactly one of Seconds, SecondsPath, Timestamp and TimestampPath";
            fields.found.error(SCHEMA, &at, message);
        })
        .ok()?;
    Some(wait)
}

fn timestamp(fields: &mut Fields<'_>) -> Option<Wait> {
    let text = fields.string("Timestamp")?;
    let moment = crate::choice::timestamp(text);
    if moment.is_none() {
        fields.wrong(
            "Timestamp",
            "must be a moment as 2026-01-31T12:00:00Z (RFC 3339, with T and Z in capitals)",
        );
    }
    moment.map(Wait::Until)
}

fn fail(fields: &mut Fields<'_>) -> Fail {
    Fail {
        error: wording(fields, "Error", "ErrorPath"),
        cause: wording(fields, "Cause", "CausePath"),
    }
}

fn wording(fields: &mut Fields<'_>, text: &'static str, path: &'static str) -> Option<Wording> {
    fields.exclusive(text, path);
    let fixed = fields.string(text).map(|text| Wording::Text(text.to_owned()));
    let expression = fields
        .string(path)
        .and_then(|text| fields.parsed(path, Expression::parse(text)))
        .map(Wording::Expression);
    fixed.or(expression)
}

fn parallel(fields: &mut Fields<'_>, names: &mut Names<'_>) -> Option<Kind> {
    let Some(value) = fields.value("Branches") else {
        fields.missing("Branches", "an array of objects with StartAt and States");
        return None;
    };
    let at = fields.place("Branches");
    let Some(list) = value.as_array().filter(|list| !list.is_empty()) else {
        fields.wrong(
            "Branches",
            "must be an array of objects with StartAt and States, and not empty",
        );
        return None;
    };
    let branches: Vec<Graph> = list
        .iter()
        .enumerate()
        .filter_map(|(index, branch)| {
            let mut inner = Fields::of(branch, at.child(index), fields.found)?;
            let graph = graph::read(&mut inner, names);
            inner.string("Comment");
            inner.finish("a branch");
            graph
        })
        .collect();
    (branches.len() == list.len()).then_some(Kind::Parallel { branches })
}

fn map(fields: &mut Fields<'_>, names: &mut Names<'_>) -> Option<Map> {
    fields.exclusive("ItemProcessor", "Iterator");
    fields.exclusive("ItemSelector", "Parameters");
    fields.exclusive("MaxConcurrency", "MaxConcurrencyPath");
    let processor = processor(fields, names);
    for distributed in ["ItemReader", "ItemBatcher", "ResultWriter", "Label"] {
        if fields.value(distributed).is_some() {
            let message = "belongs to distributed Map states, which are not supported: remove it";
            fields.wrong(distributed, message);
        }
    }
    let items_path = fields.path("ItemsPath");
    let item_selector = fields.template("ItemSelector");
    let parameters = fields.template("Parameters");
    let fixed = fields.integer("MaxConcurrency", 0, u64::from(u32::MAX));
    let path = fields.path("MaxConcurrencyPath");
    let tolerated = tolerance(fields);
    Some(Map {
        processor: processor?,
        items_path,
        item_selector: item_selector.or(parameters),
        max_concurrency: path.map_or(Concurrency::Fixed(fixed.unwrap_or(0)), Concurrency::Path),
        tolerated,
    })
}

/// What runs for each item, by its name or the one that it had formerly.
fn processor(fields: &mut Fields<'_>, names: &mut Names<'_>) -> Option<Graph> {
    let values = ["ItemProcessor", "Iterator"].map(|member| Some((member, fields.value(member)?)));
    let Some((member, value)) = values.into_iter().flatten().next() else {
        let what = "an object with StartAt and States, run for each item";
        fields.missing("ItemProcessor", what);
        return None;
    };
    let place = fields.place(member);
    let mut inner = Fields::of(value, place, fields.found)?;
    let graph = graph::read(&mut inner, names);
    inner.string("Comment");
    check_processor(&mut inner);
    inner.finish("a processor");
    graph
}

fn tolerance(fields: &mut Fields<'_>) -> Tolerance {
    fields.exclusive("ToleratedFailureCount", "ToleratedFailureCountPath");
    fields.exclusive("ToleratedFailurePercentage", "ToleratedFailurePercentagePath");
    let count = fields.integer("ToleratedFailureCount", 0, u64::from(u32::MAX));
    let count_path = fields.path("ToleratedFailureCountPath");
    let percentage = fields.number("ToleratedFailurePercentage", 0.0);
    let percentage_path = fields.path("ToleratedFailurePercentagePath");
    if percentage.is_some_and(|percentage| percentage > 100.0) {
        fields.wrong("ToleratedFailurePercentage", "must be at most 100");
    }
    Tolerance {
        count: count.map(Amount::Fixed).or(count_path.map(Amount::Path)),
        percentage: percentage
            .map(Amount::Fixed)
            .or(percentage_path.map(Amount::Path)),
    }
}

fn check_processor(inner: &mut Fields<'_>) {
    let Some(config) = inner.value("ProcessorConfig") else {
        return;
    };
    if !config.is_object() {
        inner.wrong(
            "ProcessorConfig",
            format!("must be an object, not {}", kind(config)),
        );
    }
    match config.get("Mode") {
        None => {}
        Some(Value::String(mode)) if mode == "INLINE" => {}
        Some(Value::String(mode)) => inner.wrong(
            "ProcessorConfig",
            format!("the mode {mode} is not supported: write \"Mode\": \"INLINE\""),
        ),
        Some(other) => inner.wrong(
            "ProcessorConfig",
            format!("Mode must be a string, not {}", kind(other)),
        ),
    }
}
