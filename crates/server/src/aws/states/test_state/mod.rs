//! `TestState`: one state, with the real work of its task or with a made-up result. `Retry` and `Catch` are told, not carried
//! out.

mod answer;
mod given;
mod subject;
mod work;

use selfsame_wire::states::{InspectionLevel, TestStateInput, TestStateOutput};
use selfsame_workflow::Random;
use selfsame_workflow::definition::{Kind, Pattern, State};
use selfsame_workflow::execution::Trial;

use super::access::{Purpose, allow};
use super::refusal;
use crate::aws::{Context, Error};

/// Runs a state by itself. What its task writes stays written.
pub(crate) async fn run(context: &Context, input: TestStateInput) -> Result<TestStateOutput, Error> {
    allow(context, Purpose::Define)?;
    input.role_arn.as_deref().map(refusal::role).transpose()?;
    let subject = subject::read(context, &input.definition, input.state_name.as_deref()).await?;
    let state = &subject.state;
    let mock = given::mock(input.mock).await?;
    check(state, mock.is_some(), input.context.is_some())?;
    let given = given::given(
        context,
        &subject,
        given::Texts {
            input: input.input,
            context: input.context,
            variables: input.variables,
            configuration: input.state_configuration,
        },
    )
    .await?;
    let raw = given.input.clone();
    let mut trial = Trial::new(state, given);
    let begun = trial.begin(&mut Ids(context));
    let result = match (begun, mock) {
        (Err(failure), _) => Err(failure),
        (Ok(_), Some(mock)) => mock,
        (Ok(work), None) => work::done(context, &subject.name, work).await?,
    };
    let (verdict, inspection) = trial.end(result, &mut Ids(context));
    let shown = matches!(
        input.inspection_level,
        Some(InspectionLevel::Debug | InspectionLevel::Trace)
    );
    let inspection = shown.then(|| answer::inspection(state, &raw, inspection));
    Ok(answer::output(verdict, inspection))
}

/// What can be tried only with a made-up result, and what has none.
fn check(state: &State, mocked: bool, has_context: bool) -> Result<(), Error> {
    let needs = match &state.kind {
        Kind::Parallel { .. } | Kind::Map(_) => Some(true),
        Kind::Task(task) => Some(task.resource.pattern() != Pattern::RequestResponse),
        _ => None,
    };
    match (needs, mocked) {
        (None, true) => Err(refusal::invalid(format!(
            "A mock is for Task, Map and Parallel states, not for a {} state: leave it out.",
            state.kind.name()
        ))),
        (Some(true), false) => Err(refusal::invalid(
            "Parallel and Map states, and tasks with .sync or .waitForTaskToken, are tested with a mock: give its result or \
             its errorOutput.",
        )),
        _ if has_context && !mocked => Err(refusal::invalid(
            "A context can only be given together with a mock.",
        )),
        _ => Ok(()),
    }
}

/// Random numbers from where ids come from.
struct Ids<'a>(&'a Context);

impl Random for Ids<'_> {
    fn next_u64(&mut self) -> u64 {
        let mut bytes = [0; 8];
        self.0.app.ids.fill(&mut bytes);
        u64::from_le_bytes(bytes)
    }
}
