//! What came of it, on the wire. In what is inspected, pictures are left out, as they are in histories.

use selfsame_wire::states::{
    InspectionData, InspectionErrorDetails, TestExecutionStatus as Status, TestStateOutput,
};
use selfsame_workflow::Failure;
use selfsame_workflow::definition::{Amount, Kind, State};
use selfsame_workflow::execution::{Inspection, Verdict};
use serde_json::Value;

use super::super::payload::some;
use crate::workflow::view;

/// The whole answer.
pub(super) fn output(verdict: Verdict, inspection: Option<InspectionData>) -> TestStateOutput {
    let mut answer = TestStateOutput {
        inspection_data: inspection,
        ..TestStateOutput::default()
    };
    match verdict {
        Verdict::Succeeded { output, next } => {
            answer.status = Some(Status::Succeeded);
            answer.output = Some(output.to_string());
            answer.next_state = next;
        }
        Verdict::Failed(failure) => {
            answer.status = Some(Status::Failed);
            tell(&mut answer, failure);
        }
        Verdict::Retriable {
            failure,
            index,
            seconds,
        } => {
            answer.status = Some(Status::Retriable);
            tell(&mut answer, failure);
            handled(
                &mut answer,
                InspectionErrorDetails {
                    retry_index: i32::try_from(index).ok(),
                    // Rounded up: who waits as long has waited long enough. What is too large for the wire is the largest.
                    retry_backoff_interval_seconds: Some(seconds.ceil() as i32),
                    catch_index: None,
                },
            );
        }
        Verdict::Caught {
            failure,
            index,
            output,
            next,
        } => {
            answer.status = Some(Status::CaughtError);
            answer.output = Some(output.to_string());
            answer.next_state = Some(next);
            tell(&mut answer, failure);
            handled(
                &mut answer,
                InspectionErrorDetails {
                    catch_index: i32::try_from(index).ok(),
                    ..InspectionErrorDetails::default()
                },
            );
        }
    }
    answer
}

fn tell(answer: &mut TestStateOutput, failure: Failure) {
    answer.error = some(failure.error);
    answer.cause = some(failure.cause);
}

fn handled(answer: &mut TestStateOutput, details: InspectionErrorDetails) {
    if let Some(inspection) = &mut answer.inspection_data {
        inspection.error_details = Some(details);
    }
}

/// What each field made of the data.
pub(super) fn inspection(state: &State, input: &Value, found: Inspection) -> InspectionData {
    let text = |value: &Value| view(value).to_string();
    let optional = |value: Option<Value>| value.as_ref().map(text);
    let tolerated = match &state.kind {
        Kind::Map(map) => Some(&map.tolerated),
        _ => None,
    };
    InspectionData {
        input: Some(text(input)),
        after_input_path: optional(found.after_input_path),
        after_parameters: optional(found.after_parameters),
        result: optional(found.result),
        after_result_selector: optional(found.after_result_selector),
        after_result_path: optional(found.after_result_path),
        after_items_path: optional(found.after_items_path),
        after_item_selector: optional(found.after_item_selector),
        variables: (!found.variables.is_empty()).then(|| text(&Value::Object(found.variables))),
        max_concurrency: found
            .max_concurrency
            .and_then(|number| i32::try_from(number).ok()),
        tolerated_failure_count: tolerated
            .and_then(|tolerated| tolerated.count.as_ref())
            .and_then(|count| match count {
                Amount::Fixed(count) => i32::try_from(*count).ok(),
                Amount::Path(_) => None,
            }),
        tolerated_failure_percentage: tolerated
            .and_then(|tolerated| tolerated.percentage.as_ref())
            .and_then(|percentage| match percentage {
                Amount::Fixed(percentage) => Some(*percentage as f32),
                Amount::Path(_) => None,
            }),
        ..InspectionData::default()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn told(verdict: Verdict) -> String {
        let answer = output(verdict, Some(InspectionData::default()));
        serde_json::to_string(&answer).unwrap()
    }

    #[test]
    fn each_verdict_has_its_answer() {
        let failure = Failure::new("Busy", "too much");
        insta::assert_snapshot!(
            [
                told(Verdict::Succeeded {
                    output: json!({ "a": 1 }),
                    next: Some("A".to_owned()),
                }),
                told(Verdict::Succeeded {
                    output: json!(null),
                    next: None,
                }),
                told(Verdict::Failed(failure.clone())),
                told(Verdict::Failed(Failure::new("", ""))),
                told(Verdict::Retriable {
                    failure: failure.clone(),
                    index: 1,
                    seconds: 1.2,
                }),
                told(Verdict::Caught {
                    failure,
                    index: 0,
                    output: json!({}),
                    next: "B".to_owned(),
                }),
            ]
            .join("\n")
        );
    }
}
