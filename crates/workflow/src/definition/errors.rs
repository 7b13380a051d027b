//! `Retry` and `Catch`: which failures they are for, and what follows.

use serde_json::Value;

use super::fields::Fields;
use crate::diagnostic::SCHEMA;
use crate::{Diagnostics, Failure, Location, ReferencePath, Template, failure};

/// The greatest values of the [specification](https://states-language.net/spec.html#retrying-after-error).
const MAX_ATTEMPTS: u64 = 99_999_999;
const MAX_INTERVAL_SECONDS: u64 = 99_999_999;
const MAX_DELAY_SECONDS: u64 = 31_622_400;

/// The names of `ErrorEquals`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ErrorNames(Vec<String>);

/// One entry of `Retry`.
#[derive(Debug, Clone, PartialEq)]
pub struct Retrier {
    /// For which failures.
    pub errors: ErrorNames,
    /// The first pause.
    pub interval_seconds: u64,
    /// How many further attempts.
    pub max_attempts: u64,
    /// How the pause grows.
    pub backoff_rate: f64,
    /// The longest pause.
    pub max_delay_seconds: Option<u64>,
    /// Whether pauses are shortened at random.
    pub jitter: Jitter,
}

/// `JitterStrategy`
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Jitter {
    /// Pauses are as long as they are.
    None,
    /// A pause is anything from nothing to its full length.
    Full,
}

/// One entry of `Catch`.
#[derive(Debug, Clone, PartialEq)]
pub struct Catcher {
    /// For which failures.
    pub errors: ErrorNames,
    /// What follows.
    pub next: String,
    /// Where the failure is put into the input; `None` stands for `null`, which discards it.
    pub result_path: Option<ReferencePath>,
    /// Variables to set.
    pub assign: Option<Template>,
}

impl ErrorNames {
    /// Whether a failure is meant. Of a Task state `States.TaskFailed` means all but timeouts, of a Parallel or Map
    /// state `States.BranchFailed` means whatever a branch failed with.
    pub(crate) fn mean(&self, failure: &Failure, state: &str) -> bool {
        let error = failure.error.as_str();
        // These two end an execution whatever stands in its definition.
        if matches!(error, failure::RUNTIME | failure::DATA_LIMIT) {
            return false;
        }
        let timed_out = matches!(error, failure::TIMEOUT | failure::HEARTBEAT_TIMEOUT);
        self.0.iter().any(|name| {
            name == error
                || match name.as_str() {
                    failure::ALL => true,
                    failure::TIMEOUT => timed_out,
                    failure::TASK_FAILED => state == "Task" && !timed_out,
                    failure::BRANCH_FAILED => matches!(state, "Parallel" | "Map"),
                    _ => false,
                }
        })
    }

    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        let Some(value) = fields.value("ErrorEquals") else {
            fields.missing("ErrorEquals", "an array of error names");
            return None;
        };
        let names: Option<Vec<String>> = value
            .as_array()
            .map(|names| names.iter().map(|name| name.as_str().map(str::to_owned)))
            .and_then(Iterator::collect);
        let Some(names) = names.filter(|names| !names.is_empty()) else {
            fields.wrong("ErrorEquals", "must be an array of error names, and not empty");
            return None;
        };
        if names.len() > 1 && names.iter().any(|name| name == failure::ALL) {
            fields.wrong("ErrorEquals", "States.ALL must stand alone: it means every error");
        }
        for name in &names {
            // Of every status that a server can answer with.
            let known = KNOWN.contains(&name.as_str()) || name.starts_with("States.Http.StatusCode.");
            if name.starts_with("States.") && !known {
                fields.wrong(
                    "ErrorEquals",
                    format!(
                        "{name} is not an error of the language: names that begin with States. are reserved"
                    ),
                );
            }
        }
        Some(Self(names))
    }

    fn is_all(&self) -> bool {
        self.0.iter().any(|name| name == failure::ALL)
    }
}

/// Every error name of the language.
const KNOWN: &[&str] = &[
    failure::ALL,
    failure::RUNTIME,
    failure::DATA_LIMIT,
    failure::TIMEOUT,
    failure::HEARTBEAT_TIMEOUT,
    failure::TASK_FAILED,
    failure::BRANCH_FAILED,
    failure::NO_CHOICE_MATCHED,
    failure::INTRINSIC_FAILURE,
    failure::RESULT_PATH_MATCH_FAILURE,
    failure::PARAMETER_PATH_FAILURE,
    failure::EXCEED_TOLERATED_FAILURE_THRESHOLD,
    failure::PERMISSIONS,
    failure::QUERY_EVALUATION_ERROR,
    "States.ItemReaderFailed",
    "States.ResultWriterFailed",
    "States.Http.Socket",
];

/// Reads `Retry`.
pub(super) fn retriers(value: &Value, at: &Location, found: &mut Diagnostics) -> Vec<Retrier> {
    each(value, at, found, |value, at, found| {
        let mut fields = Fields::of(value, at, found)?;
        let errors = ErrorNames::read(&mut fields);
        let interval_seconds = fields.integer("IntervalSeconds", 1, MAX_INTERVAL_SECONDS);
        let max_attempts = fields.integer("MaxAttempts", 0, MAX_ATTEMPTS);
        let backoff_rate = fields.number("BackoffRate", 1.0);
        let max_delay_seconds = fields.integer("MaxDelaySeconds", 1, MAX_DELAY_SECONDS);
        let interval_seconds = interval_seconds.unwrap_or(1);
        if max_delay_seconds.is_some_and(|longest| longest <= interval_seconds) {
            fields.wrong("MaxDelaySeconds", "must be greater than IntervalSeconds");
        }
        let jitter = match fields.string("JitterStrategy") {
            None | Some("NONE") => Jitter::None,
            Some("FULL") => Jitter::Full,
            Some(_) => {
                fields.wrong("JitterStrategy", "must be FULL or NONE");
                Jitter::None
            }
        };
        fields.string("Comment");
        fields.finish("a retrier");
        Some((
            errors.as_ref().is_some_and(ErrorNames::is_all),
            Retrier {
                errors: errors?,
                interval_seconds,
                max_attempts: max_attempts.unwrap_or(3),
                backoff_rate: backoff_rate.unwrap_or(2.0),
                max_delay_seconds,
                jitter,
            },
        ))
    })
}

/// Reads `Catch`.
pub(super) fn catchers(value: &Value, at: &Location, found: &mut Diagnostics) -> Vec<Catcher> {
    each(value, at, found, |value, at, found| {
        let mut fields = Fields::of(value, at, found)?;
        let errors = ErrorNames::read(&mut fields);
        let next = fields.required_string("Next", "the state that follows the failure");
        let result_path = fields.reference_or_null("ResultPath");
        let assign = fields.assign();
        fields.string("Comment");
        fields.finish("a catcher");
        Some((
            errors.as_ref().is_some_and(ErrorNames::is_all),
            Catcher {
                errors: errors?,
                next: next?.to_owned(),
                result_path: result_path.unwrap_or_else(|| Some(ReferencePath::root())),
                assign,
            },
        ))
    })
}

/// Reads each element of an array; those that say "all errors" must be the last.
fn each<T>(
    value: &Value,
    at: &Location,
    found: &mut Diagnostics,
    mut read: impl FnMut(&Value, Location, &mut Diagnostics) -> Option<(bool, T)>,
) -> Vec<T> {
    let Value::Array(entries) = value else {
        found.error(SCHEMA, at, "must be an array");
        return Vec::new();
    };
    let mut all = Vec::new();
    for (index, entry) in entries.iter().enumerate() {
        let place = at.child(index);
        let Some((is_all, entry)) = read(entry, place.clone(), found) else {
            continue;
        };
        if is_all && index + 1 < entries.len() {
            found.error(
                SCHEMA,
                &place,
                "States.ALL must be in the last entry: what follows it is never reached",
            );
        }
        all.push(entry);
    }
    all
}
