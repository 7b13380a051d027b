//! What clients of Step Functions are told, in AWS's words where AWS has some.

use selfsame_wire::ErrorCode;

use crate::aws::Error;
use crate::workflow::StartError;
use crate::workflow::arn::{self, ExecutionArn, is_name};

/// Of a text that may be a mistake, this many characters are repeated: an ARN has no more.
const REPEATED: usize = 256;

/// The name in the ARN of a state machine.
pub(super) fn machine(text: &str) -> Result<&str, Error> {
    arn::machine(text).ok_or_else(|| invalid_arn(text, "arn:aws:states:REGION:ACCOUNT:stateMachine:NAME"))
}

/// What the ARN of an execution says.
pub(super) fn execution(text: &str) -> Result<ExecutionArn, Error> {
    arn::execution(text)
        .ok_or_else(|| invalid_arn(text, "arn:aws:states:REGION:ACCOUNT:execution:STATE_MACHINE:NAME"))
}

/// A role; it is kept and shown, never used.
pub(super) fn role(text: &str) -> Result<(), Error> {
    let is_role = text.starts_with("arn:aws") && text.contains(":iam:") && text.contains(":role/");
    if is_role {
        return Ok(());
    }
    Err(invalid_arn(
        text,
        "arn:aws:iam::ACCOUNT:role/NAME; any role will do",
    ))
}

fn invalid_arn(text: &str, form: &str) -> Error {
    let text = shortened(text);
    Error::new(
        ErrorCode::InvalidArn,
        format!("Invalid Arn: '{text}'. Here it is to be of the form {form}."),
    )
}

/// A name that a client has chosen.
pub(super) fn name(text: &str) -> Result<(), Error> {
    if is_name(text) {
        return Ok(());
    }
    let text = shortened(text);
    Err(Error::new(
        ErrorCode::InvalidName,
        format!(
            "Invalid Name: '{text}'. A name has 1 to 80 characters, no white space and none of \
             < > {{ }} [ ] ? * \" # % \\ ^ | ~ ` $ & , ; : /"
        ),
    ))
}

/// There is no such machine.
pub(super) fn no_machine(arn: &str) -> Error {
    Error::new(
        ErrorCode::StateMachineDoesNotExist,
        format!("State Machine Does Not Exist: '{}'", shortened(arn)),
    )
}

/// There is no such execution.
pub(super) fn no_execution(arn: &str) -> Error {
    let hint = if arn::execution(arn).is_some_and(|arn| arn.express) {
        ". Of Express executions only the latest are remembered, until the server stops."
    } else {
        ""
    };
    Error::new(
        ErrorCode::ExecutionDoesNotExist,
        format!("Execution Does Not Exist: '{}'{hint}", shortened(arn)),
    )
}

/// `InvalidToken` for lists.
pub(super) fn pagination_token() -> Error {
    Error::new(
        ErrorCode::InvalidToken,
        "Invalid Token: 'Invalid token'. Leave nextToken out to begin anew.",
    )
}

/// `ValidationException`
pub(super) fn invalid(message: impl Into<String>) -> Error {
    Error::new(ErrorCode::ValidationException, message)
}

/// There is one version of each machine, the current one.
pub(super) fn no_versions(publish: Option<bool>, description: Option<&String>) -> Result<(), Error> {
    if publish == Some(true) || description.is_some() {
        return Err(invalid(
            "State machines have no versions here: leave publish and versionDescription out. Executions that run keep the \
             definition that they began with; a machine with another name can stand for a version.",
        ));
    }
    Ok(())
}

/// A flow that is a file on the server.
pub(super) fn is_a_file(name: &str) -> Error {
    invalid(format!(
        "{name} is a flow of this server, and its definition a file: change that in the directory of the setting \
         workflow.directory (`selfsame workflow export` puts the shipped ones there), then reload it with SIGHUP."
    ))
}

/// Why nothing was started. `full` is what the operation calls it when too much runs.
pub(super) fn not_started(error: StartError, arn: &str, full: ErrorCode) -> Error {
    match error {
        StartError::Exists(_) => Error::new(
            ErrorCode::ExecutionAlreadyExists,
            format!("Execution Already Exists: '{}'", shortened(arn)),
        ),
        StartError::Full => Error::new(
            full,
            "As many executions run as may (the setting workflow.max_running); try again when some have ended.",
        ),
        StartError::NotReady => Error::not_ready(),
        StartError::Store(error) => error.into(),
        StartError::Interrupted => Error::internal(StartError::Interrupted),
    }
}

/// The beginning of a text.
pub(super) fn shortened(text: &str) -> String {
    match text.char_indices().nth(REPEATED) {
        Some((end, _)) => format!("{}...", &text[..end]),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told<T: std::fmt::Debug>(result: Result<T, Error>) -> String {
        let error = result.unwrap_err();
        format!("{}: {}", error.code().as_str(), error.wire().message())
    }

    #[test]
    fn what_is_wrong_is_told_with_what_would_be_right() {
        insta::assert_snapshot!(
            [
                told(machine("Register")),
                told(machine("arn:aws:states:eu-central-1:000000000000:execution:a:b")),
                told(execution(&"x".repeat(1000))),
                told(role("selfsame")),
                told(name("a b")),
                told(no_versions(Some(true), None)),
                told::<()>(Err(no_machine(
                    "arn:aws:states:eu-central-1:000000000000:stateMachine:a"
                ))),
                told::<()>(Err(no_execution(
                    "arn:aws:states:eu-central-1:000000000000:execution:a:b"
                ))),
                told::<()>(Err(no_execution(
                    "arn:aws:states:eu-central-1:000000000000:express:a:b:c"
                ))),
                told::<()>(Err(is_a_file("Register"))),
                told::<()>(Err(pagination_token())),
                told::<()>(Err(not_started(
                    StartError::Full,
                    "arn",
                    ErrorCode::ExecutionLimitExceeded
                ))),
                told::<()>(Err(not_started(
                    StartError::NotReady,
                    "arn",
                    ErrorCode::ExecutionLimitExceeded
                ))),
            ]
            .join("\n")
        );
    }

    #[test]
    fn roles_of_every_partition_will_do() {
        for arn in [
            "arn:aws:iam::000000000000:role/selfsame",
            "arn:aws-cn:iam::123456789012:role/service/x",
        ] {
            assert!(role(arn).is_ok(), "{arn}");
        }
        assert!(role("arn:aws:iam::1:user/x").is_err());
        assert!(no_versions(Some(false), None).is_ok() && no_versions(None, None).is_ok());
    }
}
