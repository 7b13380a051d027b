//! JSON that travels as a text inside of JSON: inputs, outputs, what `TestState` is given.

use selfsame_wire::{EpochSeconds, ErrorCode};
use serde_json::{Map, Value};

use crate::aws::Error;

/// Texts from this size on are parsed on a thread that may block: they hold photos.
const LARGE_BYTES: usize = 64 << 10;

/// The input of an execution or of a state; an empty object if there is none.
pub(super) async fn input(text: Option<String>) -> Result<Value, Error> {
    let Some(text) = text else {
        return Ok(Value::Object(Map::new()));
    };
    parsed(text).await?.map_err(|problem| {
        Error::new(
            ErrorCode::InvalidExecutionInput,
            format!("Invalid State Machine Execution Input: 'not valid JSON: {problem}'"),
        )
    })
}

/// The output of a task.
pub(super) async fn output(text: String) -> Result<Value, Error> {
    parsed(text).await?.map_err(|problem| {
        Error::new(
            ErrorCode::InvalidOutput,
            format!("Invalid Output: 'not valid JSON: {problem}'"),
        )
    })
}

/// Any other one. What is wrong with it is told with its place, never with its content.
pub(super) async fn parsed(text: String) -> Result<Result<Value, String>, Error> {
    let parse = |text: &str| {
        let value: Result<Value, serde_json::Error> = serde_json::from_str(text);
        value.map_err(|error| format!("line {}, column {}", error.line(), error.column()))
    };
    if text.len() < LARGE_BYTES {
        return Ok(parse(&text));
    }
    let value = tokio::task::spawn_blocking(move || parse(&text)).await;
    value.map_err(Error::internal)
}

/// A moment on the wire.
pub(super) fn moment(moment: jiff::Timestamp) -> EpochSeconds {
    EpochSeconds::from_milliseconds(moment.as_millisecond())
}

/// Nothing where there is no text.
pub(super) fn some(text: String) -> Option<String> {
    (!text.is_empty()).then_some(text)
}
