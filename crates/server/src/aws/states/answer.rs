//! What the answers to tasks have in common.

use selfsame_wire::ErrorCode;
use selfsame_workflow::execution::Event;

use crate::aws::{Context, Error};
use crate::workflow::AnswerError;

/// Passes an answer on to the execution whose task has the token.
pub(super) async fn pass_on(
    context: &Context,
    token: &str,
    event: impl FnOnce(u64) -> Event,
) -> Result<(), Error> {
    let workflows = &context.app.workflows;
    if !workflows.is_open() {
        // Whoever waits for it may not have been taken up yet.
        return Err(Error::not_ready());
    }
    workflows.answer(token, event).await.map_err(|error| match error {
        AnswerError::InvalidToken => Error::new(ErrorCode::InvalidToken, "Invalid Token: 'Invalid token'"),
        AnswerError::TaskOver => Error::new(
            ErrorCode::TaskTimedOut,
            "Task Timed Out: 'Provided task does not exist anymore'",
        ),
    })
}
