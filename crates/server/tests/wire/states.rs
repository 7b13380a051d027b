//! Step Functions as its clients see it: bodies and headers as they are sent. What the operations do is tested from outside
//! (`tests/compat`).

use selfsame_server::access::Scope;
use serde_json::{Value, json};

use crate::client::{Client, members, refusal, shared};
use crate::support::Answer;

const ROLE: &str = "arn:aws:iam::000000000000:role/selfsame";
const STATES: &str = "arn:aws:states:eu-central-1:000000000000";

fn call(client: &Client<'_>, operation: &str, input: &Value) -> Answer {
    client.raw(
        &format!("AWSStepFunctions.{operation}"),
        input.to_string().as_bytes(),
    )
}

fn ok(client: &Client<'_>, operation: &str, input: &Value) -> Value {
    let answer = call(client, operation, input);
    assert_eq!(answer.status, 200, "{operation}: {}", answer.text);
    assert_eq!(answer.headers["content-type"], "application/x-amz-json-1.0");
    assert!(answer.headers.contains_key("x-amzn-requestid"));
    answer.json()
}

/// A machine with this name, and its ARN.
fn made(client: &Client<'_>, name: &str, kind: &str, definition: &Value) -> String {
    let input = json!({ "name": name, "type": kind, "roleArn": ROLE, "definition": definition.to_string() });
    let made = ok(client, "CreateStateMachine", &input);
    assert_eq!(members(&made), ["creationDate", "stateMachineArn"]);
    made["stateMachineArn"].as_str().unwrap().to_owned()
}

fn done() -> Value {
    json!({ "StartAt": "Done", "States": { "Done": { "Type": "Pass", "Result": { "ok": true }, "End": true } } })
}

/// The description of an execution that has ended.
fn ended(client: &Client<'_>, arn: &Value) -> Value {
    for _ in 0..600 {
        let found = ok(client, "DescribeExecution", &json!({ "executionArn": arn }));
        if found["status"] != "RUNNING" {
            return found;
        }
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
    panic!("{arn} does not end");
}

#[test]
fn a_machine_has_these_members() {
    let client = Client::new(shared());
    let arn = made(&client, "shown", "STANDARD", &done());
    assert_eq!(arn, format!("{STATES}:stateMachine:shown"));
    let found = ok(
        &client,
        "DescribeStateMachine",
        &json!({ "stateMachineArn": arn }),
    );
    assert_eq!(
        members(&found),
        [
            "creationDate",
            "definition",
            "encryptionConfiguration",
            "loggingConfiguration",
            "name",
            "revisionId",
            "roleArn",
            "stateMachineArn",
            "status",
            "tracingConfiguration",
            "type"
        ]
    );
    assert!(found["creationDate"].as_f64().unwrap() > 1.7e9, "{found}");
    let listed = ok(&client, "ListStateMachines", &json!({ "maxResults": 1 }));
    assert_eq!(members(&listed), ["nextToken", "stateMachines"]);
    assert_eq!(
        members(&listed["stateMachines"][0]),
        ["creationDate", "name", "stateMachineArn", "type"]
    );
    let updated = ok(
        &client,
        "UpdateStateMachine",
        &json!({ "stateMachineArn": arn, "roleArn": ROLE }),
    );
    assert_eq!(members(&updated), ["revisionId", "updateDate"]);
    assert_eq!(
        ok(&client, "DeleteStateMachine", &json!({ "stateMachineArn": arn })),
        json!({})
    );
}

#[test]
fn an_execution_has_these_members() {
    let client = Client::new(shared());
    let arn = made(&client, "run", "STANDARD", &done());
    let started = ok(
        &client,
        "StartExecution",
        &json!({ "stateMachineArn": arn, "name": "one" }),
    );
    assert_eq!(members(&started), ["executionArn", "startDate"]);
    assert_eq!(started["executionArn"], format!("{STATES}:execution:run:one"));
    let found = ended(&client, &started["executionArn"]);
    assert_eq!(
        members(&found),
        [
            "executionArn",
            "input",
            "inputDetails",
            "name",
            "output",
            "outputDetails",
            "redriveCount",
            "redriveStatus",
            "redriveStatusReason",
            "startDate",
            "stateMachineArn",
            "status",
            "stopDate"
        ]
    );
    assert_eq!(
        (&found["input"], &found["output"]),
        (&json!("{}"), &json!(r#"{"ok":true}"#))
    );
    let listed = ok(&client, "ListExecutions", &json!({ "stateMachineArn": arn }));
    assert_eq!(
        members(&listed["executions"][0]),
        [
            "executionArn",
            "name",
            "redriveCount",
            "startDate",
            "stateMachineArn",
            "status",
            "stopDate"
        ]
    );
    let stopped = ok(
        &client,
        "StopExecution",
        &json!({ "executionArn": started["executionArn"] }),
    );
    assert_eq!(stopped, json!({ "stopDate": found["stopDate"] }));
    let history = ok(
        &client,
        "GetExecutionHistory",
        &json!({ "executionArn": started["executionArn"] }),
    );
    let entered = &history["events"][1];
    assert_eq!(
        members(entered),
        [
            "id",
            "previousEventId",
            "stateEnteredEventDetails",
            "timestamp",
            "type"
        ]
    );
    assert_eq!(
        entered["stateEnteredEventDetails"],
        json!({ "name": "Done", "input": "{}", "inputDetails": { "truncated": false } })
    );
}

#[test]
fn a_synchronous_execution_has_these_members() {
    let client = Client::new(shared());
    let arn = made(&client, "now", "EXPRESS", &done());
    let answer = ok(
        &client,
        "StartSyncExecution",
        &json!({ "stateMachineArn": arn, "input": "[1]" }),
    );
    assert_eq!(
        members(&answer),
        [
            "billingDetails",
            "executionArn",
            "input",
            "inputDetails",
            "name",
            "output",
            "outputDetails",
            "startDate",
            "stateMachineArn",
            "status",
            "stopDate"
        ]
    );
    assert_eq!(
        members(&answer["billingDetails"]),
        ["billedDurationInMilliseconds", "billedMemoryUsedInMB"]
    );
}

#[test]
fn a_test_has_these_members() {
    let client = Client::new(shared());
    let state = json!({ "Type": "Pass", "Next": "Other" }).to_string();
    let answer = ok(
        &client,
        "TestState",
        &json!({ "definition": state, "input": "[1]" }),
    );
    assert_eq!(
        answer,
        json!({ "output": "[1]", "nextState": "Other", "status": "SUCCEEDED" })
    );
    let checked = ok(
        &client,
        "ValidateStateMachineDefinition",
        &json!({ "definition": "{}" }),
    );
    assert_eq!(members(&checked), ["diagnostics", "result", "truncated"]);
    assert_eq!(
        members(&checked["diagnostics"][0]),
        ["code", "message", "severity"]
    );
}

#[test]
fn refusals_are_those_of_the_protocol() {
    let client = Client::new(shared());
    let told = |operation: &str, input: Value| {
        let answer = call(&client, operation, &input);
        assert_eq!(answer.headers["content-type"], "application/x-amz-json-1.0");
        refusal(&answer).0
    };
    let nothing = format!("{STATES}:stateMachine:nothing");
    assert_eq!(told("StartExecution", json!({})), "ValidationException");
    assert_eq!(
        told("StartExecution", json!({ "stateMachineArn": 7 })),
        "SerializationException"
    );
    assert_eq!(
        told("StartExecution", json!({ "stateMachineArn": nothing })),
        "StateMachineDoesNotExist"
    );
    assert_eq!(
        told("SendTaskHeartbeat", json!({ "taskToken": "x" })),
        "InvalidToken"
    );
    assert_eq!(told("CreateActivity", json!({})), "UnknownOperationException");
}

#[test]
fn keys_for_faces_are_no_keys_for_machines() {
    let client = Client::with(shared(), &Scope::GalleryWrite.into());
    let (code, message) = refusal(&call(&client, "ListStateMachines", &json!({})));
    assert_eq!(code, "AccessDeniedException");
    assert!(message.contains("workflow"), "{message}");
}
