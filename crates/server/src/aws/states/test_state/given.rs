//! What a state is tested with: texts, read as JSON.

use selfsame_wire::states::{MockInput, TestStateConfiguration};
use selfsame_workflow::Failure;
use selfsame_workflow::definition::ContextNeed;
use selfsame_workflow::execution::Given;
use serde_json::{Map, Value, json};

use super::super::{payload, refusal};
use super::subject::Subject;
use super::work::MACHINE;
use crate::aws::{Context, Error};
use crate::workflow::{ROLE_ARN, arn};

/// As they were sent.
pub(super) struct Texts {
    pub(super) input: Option<String>,
    pub(super) context: Option<String>,
    pub(super) variables: Option<String>,
    pub(super) configuration: Option<TestStateConfiguration>,
}

/// Reads all of it.
pub(super) async fn given(context: &Context, subject: &Subject, texts: Texts) -> Result<Given, Error> {
    let configuration = texts.configuration.unwrap_or_default();
    if configuration.map_item_reader_data.is_some() || configuration.map_iteration_failure_count.is_some() {
        return Err(refusal::invalid(
            "mapItemReaderData and mapIterationFailureCount are not supported: leave them out.",
        ));
    }
    let input = payload::input(texts.input).await?;
    let own = match texts.context {
        Some(text) => Value::Object(object("context", text).await?),
        None => context_object(context, subject, &input),
    };
    let variables = match texts.variables {
        Some(text) => object("variables", text).await?,
        None => Map::new(),
    };
    Ok(Given {
        input,
        context: own,
        variables,
        retries: configuration
            .retrier_retry_count
            .and_then(|count| u64::try_from(count).ok())
            .unwrap_or(0),
    })
}

/// A result that somebody made up. What a service would answer is not known here, so that `fieldValidationMode` changes
/// nothing.
pub(super) async fn mock(mock: Option<MockInput>) -> Result<Option<Result<Value, Failure>>, Error> {
    let Some(mock) = mock else {
        return Ok(None);
    };
    match (mock.result, mock.error_output) {
        (Some(text), None) => {
            let value = payload::parsed(text).await?;
            let value = value
                .map_err(|problem| refusal::invalid(format!("mock.result is not valid JSON: {problem}")))?;
            Ok(Some(Ok(value)))
        }
        (None, Some(output)) => {
            let error = output
                .error
                .ok_or_else(|| refusal::invalid("mock.errorOutput needs an error."))?;
            Ok(Some(Err(Failure::new(error, output.cause.unwrap_or_default()))))
        }
        _ => Err(refusal::invalid("A mock has either a result or an errorOutput.")),
    }
}

async fn object(name: &str, text: String) -> Result<Map<String, Value>, Error> {
    match payload::parsed(text).await? {
        Ok(Value::Object(members)) => Ok(members),
        Ok(_) => Err(refusal::invalid(format!("{name} must be a JSON object."))),
        Err(problem) => Err(refusal::invalid(format!("{name} is not valid JSON: {problem}"))),
    }
}

/// The context object where none is given. The token in it is nobody's.
fn context_object(context: &Context, subject: &Subject, input: &Value) -> Value {
    let (app, region) = (&context.app, &context.region);
    let now = format!("{:.3}", app.clock.now());
    let (id, token) = (app.ids.uuid().to_string(), app.ids.uuid().to_string());
    let mut object = json!({
        "Execution": {
            "Id": arn::of_express(region, MACHINE, &id, &id), "Name": id, "RoleArn": ROLE_ARN, "StartTime": now,
            "RedriveCount": 0,
        },
        "StateMachine": { "Id": arn::of_machine(region, MACHINE), "Name": MACHINE },
        "State": { "Name": subject.name, "EnteredTime": now, "RetryCount": 0 },
        "Task": { "Token": token },
    });
    if subject.state.context == ContextNeed::Everything {
        object["Execution"]["Input"] = input.clone();
    }
    object
}
