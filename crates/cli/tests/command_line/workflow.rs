//! State machines from the command line and under a running binary: exported, checked, read again, and killed.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::time::{Duration, Instant};

use base64::Engine as _;
use serde_json::{Value, json};

use crate::fixture::{Server, json, run, said, sample, selfsame, send};

const REGISTER: &str = include_str!("../../../../workflows/register.asl.json");
const REGISTER_ID_CARD: &str = include_str!("../../../../workflows/register-idcard.asl.json");
const UPDATE: &str = include_str!("../../../../workflows/update.asl.json");

/// The body of a flow.
fn body(photo: &str, city: &str) -> Value {
    let bytes = fs_err::read(sample(photo)).expect("the sample can be read");
    let image = base64::engine::general_purpose::STANDARD.encode(bytes);
    json!({ "UserId": "barack", "Image": image, "Properties": { "city": city } })
}

/// What a flow answers.
fn flow(server: &Server, route: &str, body: &Value) -> Value {
    let (_, answer) = send("POST", &format!("{}/{route}", server.address), Some(body)).expect("an answer");
    answer
}

fn user(server: &Server) -> (u16, Value) {
    send("GET", &format!("{}/users/barack", server.address), None).expect("an answer")
}

fn text(path: &Path) -> &str {
    path.to_str().expect("temporary directories have plain names")
}

#[test]
fn what_is_exported_is_valid_and_mistakes_are_explained() {
    let directory = tempfile::tempdir().unwrap();
    let flows = directory.path().join("flows");
    let written = json(&run(
        selfsame().args(["workflow", "export", text(&flows), "--format", "json"]),
        0,
    ));
    let files: Vec<&str> = written["files"]
        .as_array()
        .unwrap()
        .iter()
        .map(|file| file.as_str().unwrap())
        .collect();
    assert!(
        files.iter().any(|file| file.ends_with("register.asl.json")),
        "{files:?}"
    );
    run(selfsame().args(["workflow", "validate"]).args(&files), 0);

    // What is there stays, unless it is said otherwise.
    fs_err::write(flows.join("register.asl.json"), "{}").unwrap();
    let refused = run(selfsame().args(["workflow", "export", text(&flows)]), 3);
    assert!(said(&refused).contains("--force"), "{}", said(&refused));
    assert_eq!(
        fs_err::read_to_string(flows.join("register.asl.json")).unwrap(),
        "{}"
    );

    let file = directory.path().join("wrong.asl.json");
    fs_err::write(
        &file,
        r#"{"StartAt": "A", "States": {"A": {"Type": "Task", "Resource": "arn:aws:states:::selfsame:enrol", "Next": "B"}}}"#,
    )
    .unwrap();
    let found = json(&run(
        selfsame().args(["workflow", "validate", text(&file), "--format", "json"]),
        1,
    ));
    let findings = found[0]["findings"].as_array().unwrap();
    let at = |location: &str| {
        findings
            .iter()
            .find(|finding| finding["location"] == location)
            .unwrap()
    };
    assert!(
        at("/States/A/Resource")["message"]
            .as_str()
            .unwrap()
            .contains("enrolUser"),
        "{findings:?}"
    );
    assert!(
        at("/States/A")["message"]
            .as_str()
            .unwrap()
            .contains("no such state"),
        "{findings:?}"
    );
    run(&mut *selfsame().args(["workflow", "validate", "missing.json"]), 3);
}

#[cfg(unix)]
#[test]
fn flows_are_read_again_when_the_operator_says_so() {
    let directory = tempfile::tempdir().unwrap();
    let flows = directory.path().join("flows");
    run(selfsame().args(["workflow", "export", text(&flows)]), 0);
    let server = Server::with(
        &directory.path().join("data"),
        &["--workflow-directory", text(&flows)],
    );
    let wait_for = |wanted: &dyn Fn(&Value) -> bool, what: &str| {
        let begun = Instant::now();
        loop {
            let answer = flow(&server, "register", &body("obama.jpg", "Chicago"));
            if wanted(&answer) {
                return;
            }
            assert!(begun.elapsed() < Duration::from_secs(20), "{what}: {answer}");
            std::thread::sleep(Duration::from_millis(50));
        }
    };
    let closed = r#"{"StartAt": "Closed", "States": {"Closed": {"Type": "Fail", "Error": "Closed", "Cause": "we are closed"}}}"#;
    fs_err::write(flows.join("register.asl.json"), closed).unwrap();
    server.hang_up();
    wait_for(&|answer| answer["error"] == "Closed", "a valid flow is taken");
    // One that is not valid changes nothing.
    fs_err::write(flows.join("register.asl.json"), "{").unwrap();
    server.hang_up();
    std::thread::sleep(Duration::from_millis(300));
    wait_for(
        &|answer| answer["error"] == "Closed",
        "an invalid flow is not taken",
    );
    fs_err::write(flows.join("register.asl.json"), REGISTER).unwrap();
    server.hang_up();
    wait_for(&|answer| answer["status"] == "SUCCEEDED", "ours again");
    let log = server.kill();
    assert!(log.contains("the flows stay as they were"), "{log}");
}

/// The states of a flow on the way that succeeds.
fn way(definition: &Value) -> Vec<String> {
    let mut way = vec![definition["StartAt"].as_str().unwrap().to_owned()];
    loop {
        let name = way.last().unwrap();
        let state = &definition["States"][name];
        let next = match state["Type"].as_str().unwrap() {
            "Choice" if name == "IsMatch" || name == "IsCardTheirs" => &state["Choices"][0]["Next"],
            "Choice" => &state["Default"],
            _ => &state["Next"],
        };
        match next.as_str() {
            Some(next) => way.push(next.to_owned()),
            None => return way,
        }
    }
}

/// The flow, calling somebody right after one of its states who never answers.
fn hanging_after(text: &str, name: &str, address: &str) -> String {
    let mut definition: Value = serde_json::from_str(text).unwrap();
    let states = definition["States"].as_object_mut().unwrap();
    let mut call = json!({
        "Type": "Task",
        "Resource": "arn:aws:states:::http:invoke",
        "Parameters": { "ApiEndpoint": address, "Method": "GET" },
        "ResultPath": null,
    });
    let state = states[name].as_object_mut().unwrap();
    if state["Type"] == "Choice" {
        // Whatever it decides.
        call["End"] = true.into();
        for branch in state["Choices"].as_array_mut().unwrap() {
            branch["Next"] = "Hang".into();
        }
        state["Default"] = "Hang".into();
    } else {
        match state.insert("Next".to_owned(), "Hang".into()) {
            Some(next) => call["Next"] = next,
            None => call["End"] = true.into(),
        }
        state.remove("End");
    }
    states.insert("Hang".to_owned(), call);
    definition.to_string()
}

/// Runs a flow until it hangs after a state, and kills the server there.
fn kill_after(data: &Path, file: &str, text_of_flow: &str, name: &str, route: &'static str, body: Value) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}/", listener.local_addr().unwrap());
    let flows = tempfile::tempdir().unwrap();
    fs_err::write(
        flows.path().join(file),
        hanging_after(text_of_flow, name, &address),
    )
    .unwrap();
    let server = Server::with(
        data,
        &[
            "--workflow-directory",
            text(flows.path()),
            "--workflow-http-allow",
            &address,
        ],
    );
    let url = format!("{}/{route}", server.address);
    let request = std::thread::spawn(move || send("POST", &url, Some(&body)));
    let (_connection, _) = listener.accept().unwrap();
    server.kill();
    assert!(
        request.join().unwrap().is_none(),
        "{name}: nobody was told anything"
    );
}

#[test]
fn a_registration_that_is_killed_after_any_state_leaves_nothing() {
    let definition: Value = serde_json::from_str(REGISTER).unwrap();
    let directory = tempfile::tempdir().unwrap();
    let data = directory.path().join("data");
    for name in way(&definition) {
        kill_after(
            &data,
            "register.asl.json",
            REGISTER,
            &name,
            "register",
            body("obama.jpg", "Chicago"),
        );
        let server = Server::start(&data);
        assert_eq!(user(&server).0, 404, "{name}");
        assert_eq!(
            flow(&server, "auth", &body("obama2.jpg", ""))["error"],
            "UserAccessDenied",
            "{name}"
        );
        assert_eq!(crate::kill::files_in(&data.join("blobs")), 0, "{name}");
    }
    // And the face is free.
    let server = Server::start(&data);
    assert_eq!(
        flow(&server, "register", &body("obama.jpg", "Chicago"))["status"],
        "SUCCEEDED"
    );
}

#[test]
fn a_registration_with_a_card_that_is_killed_after_any_state_leaves_nothing() {
    let definition: Value = serde_json::from_str(REGISTER_ID_CARD).unwrap();
    let directory = tempfile::tempdir().unwrap();
    let data = directory.path().join("data");
    let mut body = body("obama.jpg", "Chicago");
    body["IdCard"] = crate::fixture::card("obama2.jpg").into();
    for name in way(&definition) {
        kill_after(
            &data,
            "register-idcard.asl.json",
            REGISTER_ID_CARD,
            &name,
            "register-idcard",
            body.clone(),
        );
        let server = Server::start(&data);
        assert_eq!(user(&server).0, 404, "{name}");
        assert_eq!(crate::kill::files_in(&data.join("blobs")), 0, "{name}");
    }
    // And the face is free.
    let server = Server::start(&data);
    assert_eq!(flow(&server, "register-idcard", &body)["status"], "SUCCEEDED");
    assert_eq!(user(&server).1["Properties"]["LAST_NAME"], "MARLOWE");
}

#[test]
fn an_update_that_is_killed_after_any_state_changes_nothing() {
    let definition: Value = serde_json::from_str(UPDATE).unwrap();
    let directory = tempfile::tempdir().unwrap();
    let data = directory.path().join("data");
    let server = Server::start(&data);
    assert_eq!(
        flow(&server, "register", &body("obama.jpg", "Chicago"))["status"],
        "SUCCEEDED"
    );
    let before = user(&server);
    drop(server);
    for name in way(&definition) {
        kill_after(
            &data,
            "update.asl.json",
            UPDATE,
            &name,
            "update",
            body("obama2.jpg", "Washington"),
        );
        let server = Server::start(&data);
        assert_eq!(user(&server), before, "{name}");
        assert_eq!(crate::kill::files_in(&data.join("blobs")), 1, "{name}");
    }
}

/// Answers one request, whatever it was.
fn answer(connection: &mut TcpStream) {
    let mut bytes = [0; 4096];
    let _ = connection.read(&mut bytes);
    let _ = connection.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: close\r\n\r\n{}");
}

#[test]
fn what_follows_the_answer_is_done_after_a_kill() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}/", listener.local_addr().unwrap());
    let mut definition: Value = serde_json::from_str(REGISTER).unwrap();
    let states = definition["States"].as_object_mut().unwrap();
    let output = states["Registered"]["Parameters"].clone();
    states.insert(
        "Registered".to_owned(),
        json!({
            "Type": "Task", "Resource": "arn:aws:states:::selfsame:answer", "Parameters": output, "ResultPath": null,
            "Next": "Later",
        }),
    );
    states.insert(
        "Later".to_owned(),
        json!({
            "Type": "Task", "Resource": "arn:aws:states:::http:invoke",
            "Parameters": { "ApiEndpoint": address, "Method": "POST", "RequestBody": { "UserId.$": "$.UserId" } },
            "Retry": [{ "ErrorEquals": ["States.ALL"], "IntervalSeconds": 1, "MaxAttempts": 5 }],
            "End": true,
        }),
    );
    let flows = tempfile::tempdir().unwrap();
    fs_err::write(flows.path().join("register.asl.json"), definition.to_string()).unwrap();
    let directory = tempfile::tempdir().unwrap();
    let data = directory.path().join("data");
    let arguments = [
        "--workflow-directory",
        text(flows.path()),
        "--workflow-http-allow",
        &address,
    ];
    let server = Server::with(&data, &arguments);
    assert_eq!(
        flow(&server, "register", &body("obama.jpg", "Chicago"))["status"],
        "SUCCEEDED"
    );
    let (connection, _) = listener.accept().unwrap();
    server.kill();
    drop(connection);

    let server = Server::with(&data, &arguments);
    assert_eq!(user(&server).0, 200, "acknowledged is registered");
    // The interrupted request failed; `Retry` sends another.
    let (mut connection, _) = listener.accept().unwrap();
    answer(&mut connection);
    assert_eq!(
        flow(&server, "auth", &body("obama2.jpg", ""))["status"],
        "SUCCEEDED"
    );
    drop(server);
    // Nothing is left to be done.
    let server = Server::with(&data, &arguments);
    listener.set_nonblocking(true).unwrap();
    std::thread::sleep(Duration::from_secs(2));
    assert!(listener.accept().is_err(), "it was done once more");
    assert_eq!(user(&server).0, 200);
}
