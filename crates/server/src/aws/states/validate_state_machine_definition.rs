//! `ValidateStateMachineDefinition`.

use selfsame_wire::states::{
    ValidateStateMachineDefinitionDiagnostic, ValidateStateMachineDefinitionInput,
    ValidateStateMachineDefinitionOutput, ValidateStateMachineDefinitionResultCode as ResultCode,
    ValidateStateMachineDefinitionSeverity as WireSeverity,
};
use selfsame_workflow::{Diagnostic, Severity};

use super::access::{Purpose, allow};
use super::definition;
use crate::aws::{Context, Error};

/// Findings if nothing is asked, and at most.
const MOST: usize = 100;

/// Tells what is wrong with a definition: what the interpreter cannot run, and what nobody here could do.
pub(crate) async fn run(
    context: &Context,
    input: ValidateStateMachineDefinitionInput,
) -> Result<ValidateStateMachineDefinitionOutput, Error> {
    allow(context, Purpose::Run)?;
    let kind = definition::kind(input.r#type);
    let checked = definition::check(&context.app, &input.definition, kind).await?;
    let wanted = |found: &&Diagnostic| {
        found.severity == Severity::Error || input.severity == Some(WireSeverity::Warning)
    };
    let most = input
        .max_results
        .and_then(|most| usize::try_from(most).ok())
        .filter(|most| *most > 0)
        .unwrap_or(MOST);
    let all = checked.found.iter().filter(wanted);
    Ok(ValidateStateMachineDefinitionOutput {
        result: if checked.machine.is_some() {
            ResultCode::Ok
        } else {
            ResultCode::Fail
        },
        truncated: Some(all.clone().count() > most),
        diagnostics: all.take(most).map(diagnostic).collect(),
    })
}

fn diagnostic(found: &Diagnostic) -> ValidateStateMachineDefinitionDiagnostic {
    ValidateStateMachineDefinitionDiagnostic {
        severity: match found.severity {
            Severity::Error => WireSeverity::Error,
            Severity::Warning => WireSeverity::Warning,
        },
        code: found.code.to_owned(),
        message: found.message.clone(),
        location: definition::place(found).map(str::to_owned),
    }
}
