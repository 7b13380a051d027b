//! From the body of a request to a checked request.

use serde::Deserialize;

use crate::check::check;
use crate::node::{Mismatch, Node, read};
use crate::{Error, ErrorCode, Operation, Validate};

/// Reads a request and checks it: `SerializationException` if it is no JSON or a member has another type,
/// `ValidationException` if a constraint is violated. An empty body is an empty request, a member that is null is absent,
/// and members that the operation does not have are ignored.
pub fn decode<O: Operation>(body: &[u8]) -> Result<O::Input, Error> {
    if body.trim_ascii().is_empty() {
        return checked::<O>(Node::Structure(Vec::new()));
    }
    let mut deserializer = serde_json::Deserializer::from_slice(body);
    let node =
        read(O::Input::shape(), &mut deserializer).map_err(|(error, mismatch)| refusal(&error, mismatch))?;
    deserializer.end().map_err(|error| refusal(&error, None))?;
    checked::<O>(node)
}

/// As [`decode`], from JSON that was read already.
pub fn decode_value<O: Operation>(value: &serde_json::Value) -> Result<O::Input, Error> {
    let node = read(O::Input::shape(), value).map_err(|(error, mismatch)| refusal(&error, mismatch))?;
    checked::<O>(node)
}

fn checked<O: Operation>(node: Node) -> Result<O::Input, Error> {
    let node = match node {
        Node::Null => Node::Structure(Vec::new()),
        node => node,
    };
    check(&node, O::Input::shape())?;
    // Cannot fail: the tables and the types come from the same model. If they ever differ, it is not the client's fault.
    O::Input::deserialize(node).map_err(|_| {
        Error::new(
            ErrorCode::InternalServerError,
            format!("{} could not be read.", O::NAME),
        )
    })
}

/// Tells where, but nothing of what is there.
fn refusal(error: &serde_json::Error, mismatch: Option<Mismatch>) -> Error {
    let message = match mismatch {
        Some(mismatch) => mismatch.to_string(),
        None if error.line() > 0 => {
            format!(
                "The request is not valid JSON: line {}, column {}.",
                error.line(),
                error.column()
            )
        }
        None => "The request is not valid JSON.".to_owned(),
    };
    Error::new(ErrorCode::SerializationException, message)
}
