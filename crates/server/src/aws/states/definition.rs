//! Definitions as clients send them, checked by the interpreter and by who would do their tasks.

use selfsame_store::MachineKind;
use selfsame_wire::ErrorCode;
use selfsame_wire::states::StateMachineType;
use selfsame_workflow::definition::{StateMachine, parse};
use selfsame_workflow::{Diagnostic, Severity};

use crate::app::App;
use crate::aws::Error;
use crate::workflow::workers::refused_in_express;

/// More findings than these are only counted.
const LISTED: usize = 10;

/// What was found in a definition, and the definition itself if it can be run.
pub(super) struct Checked {
    pub(super) machine: Option<StateMachine>,
    pub(super) found: Vec<Diagnostic>,
}

/// Checks a definition, on a thread that may block: it can have a megabyte.
pub(super) async fn check(app: &App, text: &str, kind: MachineKind) -> Result<Checked, Error> {
    let (known, text) = (app.workflows.catalog.known().clone(), text.to_owned());
    let checked = tokio::task::spawn_blocking(move || {
        let (machine, found) = parse(&text, &known);
        let mut checked = Checked {
            machine,
            found: found.into_vec(),
        };
        if kind == MachineKind::Express {
            checked.refuse_waiting();
        }
        checked
    });
    checked.await.map_err(Error::internal)
}

impl Checked {
    /// An Express machine does not wait for others.
    fn refuse_waiting(&mut self) {
        let problem = self.machine.as_ref().and_then(refused_in_express);
        if let Some(message) = problem {
            self.machine = None;
            self.found.push(Diagnostic {
                severity: Severity::Error,
                code: "INVALID_RESOURCE",
                message,
                location: String::new(),
            });
        }
    }

    /// The definition, or everything that is wrong with it.
    pub(super) fn valid(self) -> Result<StateMachine, Error> {
        self.machine.ok_or_else(|| invalid(&self.found))
    }
}

/// `InvalidDefinition`
pub(super) fn invalid(found: &[Diagnostic]) -> Error {
    let errors = || found.iter().filter(|found| found.severity == Severity::Error);
    let listed: Vec<String> = errors()
        .take(LISTED)
        .map(|found| {
            format!(
                "{}: {} at {}",
                found.code,
                found.message,
                place(found).unwrap_or("/")
            )
        })
        .collect();
    let more = errors().count() - listed.len();
    let more = if more > 0 {
        format!(", and {more} more")
    } else {
        String::new()
    };
    Error::new(
        ErrorCode::InvalidDefinition,
        format!("Invalid State Machine Definition: '{}'{more}", listed.join(", ")),
    )
}

/// Where it is, if it is at a place.
pub(super) fn place(found: &Diagnostic) -> Option<&str> {
    (!found.location.is_empty()).then_some(found.location.as_str())
}

/// `type` of a machine, in our words.
pub(super) const fn kind(kind: Option<StateMachineType>) -> MachineKind {
    match kind {
        Some(StateMachineType::Express) => MachineKind::Express,
        Some(StateMachineType::Standard) | None => MachineKind::Standard,
    }
}

/// The same in AWS's.
pub(super) const fn wire_kind(kind: MachineKind) -> StateMachineType {
    match kind {
        MachineKind::Express => StateMachineType::Express,
        MachineKind::Standard => StateMachineType::Standard,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn findings_are_listed_up_to_a_point() {
        let (_, found) = parse(
            r#"{"StartAt": "B", "States": {"A": {"Type": "Pass", "Text": 1}}}"#,
            &(),
        );
        insta::assert_snapshot!(invalid(&found).wire().message());
        let many: Vec<String> = (0..30).map(|index| format!(r#""S{index}": {{}},"#)).collect();
        let many = many.concat();
        let (_, found) = parse(
            &format!(r#"{{"StartAt": "A", "States": {{{many} "A": {{}}}}}}"#),
            &(),
        );
        let message = invalid(&found).wire().message().to_owned();
        assert!(message.ends_with("and 21 more"), "{message}");
    }
}
