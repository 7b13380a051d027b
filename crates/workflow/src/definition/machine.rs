//! From a text to a state machine, or to everything that is wrong with it.

use super::fields::Fields;
use super::graph::{self, Names};
use super::{Resources, StateMachine, document};
use crate::diagnostic::SCHEMA;
use crate::{Diagnostics, Location};

/// The greatest definition, as at AWS (1 MB).
const MAX_BYTES: usize = 1 << 20;
/// The greatest `TimeoutSeconds` of the specification.
pub(crate) const MAX_SECONDS: u64 = 99_999_999;

/// Parses and validates a definition. The machine is there exactly if no finding is an error.
pub fn parse(text: &str, resources: &dyn Resources) -> (Option<StateMachine>, Diagnostics) {
    let mut found = Diagnostics::default();
    let machine = read(text, resources, &mut found);
    (machine.filter(|_| !found.has_errors()), found)
}

fn read(text: &str, resources: &dyn Resources, found: &mut Diagnostics) -> Option<StateMachine> {
    let root = Location::root();
    if text.len() > MAX_BYTES {
        found.error(
            SCHEMA,
            &root,
            format!(
                "the definition has {} bytes; at most {MAX_BYTES} are allowed",
                text.len()
            ),
        );
        return None;
    }
    let value = match document::read(text, found) {
        Ok(value) => value,
        Err(error) => {
            let message = format!("is not valid JSON: {error}");
            found.error("INVALID_JSON_DESCRIPTION", &root, message);
            return None;
        }
    };
    let mut fields = Fields::of(&value, root, found)?;
    let comment = fields.string("Comment").map(str::to_owned);
    if let Some(version) = fields.string("Version")
        && version != "1.0"
    {
        fields.wrong("Version", format!("must be \"1.0\", not {version:?}"));
    }
    let jsonata = language(&mut fields);
    let timeout_seconds = fields.integer("TimeoutSeconds", 1, MAX_SECONDS);
    let mut names = Names::new(resources, jsonata);
    let graph = graph::read(&mut fields, &mut names);
    fields.finish("a state machine");
    Some(StateMachine {
        comment,
        graph: graph?,
        timeout_seconds,
    })
}

/// Whether states speak `JSONata` unless they say otherwise.
fn language(fields: &mut Fields<'_>) -> bool {
    match fields.string("QueryLanguage") {
        None | Some("JSONPath") => false,
        Some("JSONata") => true,
        Some(other) => {
            fields.wrong("QueryLanguage", format!("must be \"JSONPath\", not {other:?}"));
            false
        }
    }
}
