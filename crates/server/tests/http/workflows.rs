//! Flows that their users have changed, and what becomes of what a flow wrote before it failed.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpListener};
use std::path::Path;
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::support::{Server, photos};

const REGISTER: &str = include_str!("../../../../workflows/register.asl.json");
const UPDATE: &str = include_str!("../../../../workflows/update.asl.json");
const VETO: &str = include_str!("../../../../workflows/examples/register-with-veto.asl.json");

/// What somebody asked of a service.
#[derive(Debug)]
struct Asked {
    path: String,
    headers: Vec<String>,
    body: Value,
}

/// A small HTTP service of the application's: answers each request as it is told, and tells what was asked.
fn service(answer: impl Fn(&Asked) -> (u16, Value) + Send + 'static) -> (SocketAddr, Receiver<Asked>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let (sender, receiver) = channel();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let mut reader = BufReader::new(stream.try_clone().unwrap());
            let mut lines = Vec::new();
            loop {
                let mut line = String::new();
                reader.read_line(&mut line).unwrap();
                let line = line.trim_end().to_owned();
                if line.is_empty() {
                    break;
                }
                lines.push(line);
            }
            let length = lines.iter().find_map(|line| {
                let (name, value) = line.split_once(": ")?;
                name.eq_ignore_ascii_case("content-length")
                    .then(|| value.parse().unwrap())
            });
            let mut body = vec![0; length.unwrap_or(0)];
            reader.read_exact(&mut body).unwrap();
            let asked = Asked {
                path: lines[0].split(' ').nth(1).unwrap().to_owned(),
                headers: lines[1..].to_vec(),
                body: serde_json::from_slice(&body).unwrap_or(Value::Null),
            };
            let (status, answer) = answer(&asked);
            let answer = answer.to_string();
            let _ = write!(
                stream,
                "HTTP/1.1 {status} Said\r\ncontent-type: application/json\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{answer}",
                answer.len()
            );
            // The test may be over.
            let _ = sender.send(asked);
        }
    });
    (address, receiver)
}

/// A directory with these definitions.
pub(crate) fn flows(definitions: &[(&str, &str)]) -> TempDir {
    let directory = tempfile::tempdir().unwrap();
    for (file, text) in definitions {
        fs_err::write(directory.path().join(file), text).unwrap();
    }
    directory
}

pub(crate) fn with_flows(directory: &Path, allow: Option<SocketAddr>) -> Server {
    Server::with(|config| {
        config.workflow.directory = Some(directory.to_owned());
        config.workflow.http_allow = allow.iter().map(|address| format!("http://{address}/")).collect();
    })
}

/// Nobody is registered, nothing is on the disk, and the face is free.
pub(crate) fn assert_nothing_is_left(server: &Server, user: &str) {
    assert_eq!(server.get(&format!("/users/{user}")).status, 404, "{user}");
    assert_eq!(server.photos_on_disk(), Vec::<std::path::PathBuf>::new());
}

/// The text of a definition with a change.
fn changed(text: &str, change: impl FnOnce(&mut Value)) -> String {
    let mut definition: Value = serde_json::from_str(text).unwrap();
    change(&mut definition);
    definition.to_string()
}

#[test]
fn a_service_may_veto_and_is_told_later() {
    let (address, asked) = service(|asked| match asked.path.as_str() {
        "/may-register" => (200, json!({"allow": asked.body["UserId"] != "Mallory"})),
        _ => (200, json!({})),
    });
    let text = VETO.replace("127.0.0.1:9000", &address.to_string());
    let directory = flows(&[("register.asl.json", &text)]);
    let server = with_flows(directory.path(), Some(address));
    let photo = photos().get("obama.jpg");
    assert_eq!(
        server.flow("/register", "Mallory", &photo).failure().0,
        "RegistrationVetoed"
    );
    assert_nothing_is_left(&server, "Mallory");
    assert_eq!(
        asked.recv().unwrap().body,
        json!({"UserId": "Mallory", "Properties": {}})
    );

    assert_eq!(
        server.flow("/register", "Barack", &photo).output()["Status"],
        "Registered"
    );
    assert_eq!(asked.recv().unwrap().path, "/may-register");
    let told = asked.recv_timeout(Duration::from_secs(20)).unwrap();
    assert_eq!(
        (told.path.as_str(), &told.body["UserId"]),
        ("/registered", &json!("Barack"))
    );
    assert!(
        told.headers
            .iter()
            .any(|line| line.to_lowercase().starts_with("idempotency-key: "))
    );
    assert_eq!(server.get("/users/Barack").status, 200);
}

#[test]
fn addresses_that_nobody_allowed_are_not_called() {
    let (address, asked) = service(|_| (200, json!({"allow": true})));
    let text = VETO.replace("127.0.0.1:9000", &address.to_string());
    let directory = flows(&[("register.asl.json", &text)]);
    let server = with_flows(directory.path(), None);
    let (error, cause) = server
        .flow("/register", "Barack", &photos().get("obama.jpg"))
        .failure();
    assert_eq!(error, "States.Permissions");
    assert!(cause.contains("workflow.http_allow"), "{cause}");
    assert!(asked.try_recv().is_err());
}

#[test]
fn a_late_failure_takes_everything_back_and_is_told() {
    let (address, asked) = service(|asked| match asked.path.as_str() {
        "/registered" => (500, json!({"error": "no"})),
        _ => (200, json!({"allow": true})),
    });
    let text = changed(
        &VETO.replace("127.0.0.1:9000", &address.to_string()),
        |definition| {
            definition["States"]["TellService"]["Retry"] = json!([]);
        },
    );
    let directory = flows(&[("register.asl.json", &text)]);
    let server = Server::with(|config| {
        config.workflow.directory = Some(directory.path().to_owned());
        config.workflow.http_allow = vec![format!("http://{address}/")];
        config.workflow.webhook_url = Some(format!("http://{address}/webhook"));
        config.workflow.webhook_secret = Some(selfsame_server::Secret::new("open sesame"));
    });
    assert_eq!(
        server
            .flow("/register", "Barack", &photos().get("obama.jpg"))
            .output()["Status"],
        "Registered"
    );
    let webhook = loop {
        let asked = asked.recv_timeout(Duration::from_secs(20)).unwrap();
        if asked.path == "/webhook" {
            break asked;
        }
    };
    assert_eq!(webhook.body["UserId"], "Barack");
    assert_eq!(webhook.body["Error"], "States.Http.StatusCode.500");
    let signed = webhook
        .headers
        .iter()
        .any(|line| line.to_lowercase().starts_with("selfsame-signature: t="));
    assert!(signed, "{webhook:?}");
    assert_nothing_is_left(&server, "Barack");
}

#[test]
fn without_the_duplicate_check_a_face_may_have_two_ids() {
    let text = changed(REGISTER, |definition| {
        let states = definition["States"].as_object_mut().unwrap();
        for name in ["SearchFaces", "IsFaceNew", "FaceTaken"] {
            states.remove(name);
        }
        states["IsUserIdFree"]["Default"] = "Enrol".into();
        states["Enrol"]["Parameters"]
            .as_object_mut()
            .unwrap()
            .remove("Search.$");
    });
    let directory = flows(&[("register.asl.json", &text)]);
    let server = with_flows(directory.path(), None);
    for user in ["Barack", "Barry"] {
        server
            .flow("/register", user, &photos().get("obama.jpg"))
            .output();
        server.flow("/auth", user, &photos().get("obama2.jpg")).output();
    }
    assert_eq!(
        server
            .flow("/register", "Barry", &photos().get("obama.jpg"))
            .failure()
            .0,
        "UserAlreadyExists"
    );
}

/// The states of a flow on the way that succeeds.
pub(crate) fn way(text: &str) -> Vec<String> {
    let definition: Value = serde_json::from_str(text).unwrap();
    let mut way = vec![definition["StartAt"].as_str().unwrap().to_owned()];
    loop {
        let state = &definition["States"][way.last().unwrap()];
        let next = state["Next"].as_str().or(state["Default"].as_str());
        let next = match state["Type"].as_str().unwrap() {
            "Choice" if MATCHES.contains(&way.last().unwrap().as_str()) => {
                state["Choices"][0]["Next"].as_str()
            }
            _ => next,
        };
        match next {
            Some(next) => way.push(next.to_owned()),
            None => return way,
        }
    }
}

/// The choices that go on where they find something.
const MATCHES: [&str; 2] = ["IsMatch", "IsCardTheirs"];

/// The flow, failing right after one of its states.
pub(crate) fn failing_after(text: &str, name: &str) -> String {
    changed(text, |definition| {
        let states = definition["States"].as_object_mut().unwrap();
        states.insert(
            "Injected".to_owned(),
            json!({"Type": "Fail", "Error": "Injected", "Cause": "a test"}),
        );
        let state = states[name].as_object_mut().unwrap();
        state.remove("End");
        match state["Type"].as_str().unwrap() {
            "Choice" => {
                state.insert(
                    "Choices".to_owned(),
                    json!([{"Variable": "$.UserId", "IsPresent": true, "Next": "Injected"}]),
                );
            }
            _ => {
                state.insert("Next".to_owned(), "Injected".into());
            }
        }
    })
}

#[test]
fn a_registration_that_fails_after_any_state_leaves_nothing() {
    let photo = photos().get("obama.jpg");
    for name in way(REGISTER) {
        let directory = flows(&[("register.asl.json", &failing_after(REGISTER, &name))]);
        let server = with_flows(directory.path(), None);
        assert_eq!(
            server.flow("/register", "Barack", &photo).failure().0,
            "Injected",
            "{name}"
        );
        assert_nothing_is_left(&server, "Barack");
        // Not even for the index: the face is found nowhere.
        let metrics = server.get("/metrics").text;
        assert!(metrics.contains("selfsame_faces 0"), "{name}: {metrics}");
        assert_eq!(
            server.flow("/auth", "Barack", &photo).failure().0,
            "UserAccessDenied",
            "{name}"
        );
    }
}

#[test]
fn an_update_that_fails_after_any_state_changes_nothing() {
    for name in way(UPDATE) {
        let directory = flows(&[("update.asl.json", &failing_after(UPDATE, &name))]);
        let server = with_flows(directory.path(), None);
        let body = |photo: &str, city: &str| {
            use base64::Engine as _;
            let image = base64::engine::general_purpose::STANDARD.encode(photos().get(photo));
            json!({"UserId": "Barack", "Image": image, "Properties": {"city": city}})
        };
        server.post("/register", &body("obama.jpg", "Chicago")).output();
        let before = server.get("/users/Barack").json();
        assert_eq!(
            server
                .post("/update", &body("obama2.jpg", "Washington"))
                .failure()
                .0,
            "Injected",
            "{name}"
        );
        assert_eq!(server.get("/users/Barack").json(), before, "{name}");
        assert_eq!(server.photos_on_disk().len(), 1, "{name}");
        assert!(server.get("/metrics").text.contains("selfsame_faces 1"), "{name}");
    }
}

#[test]
fn a_flow_that_takes_too_long_takes_back_what_it_wrote() {
    let text = changed(REGISTER, |definition| {
        definition["States"]["Enrol"]["Next"] = "Dawdle".into();
        definition["States"]["Dawdle"] = json!({"Type": "Wait", "Seconds": 60, "Next": "Registered"});
    });
    let directory = flows(&[("register.asl.json", &text)]);
    let server = Server::with(|config| {
        config.workflow.directory = Some(directory.path().to_owned());
        config.server.flow_timeout_ms = 3000;
    });
    let begun = Instant::now();
    let answer = server
        .flow("/register", "Barack", &photos().get("obama.jpg"))
        .json();
    assert_eq!(answer["status"], "TIMED_OUT", "{answer}");
    assert!(begun.elapsed() < Duration::from_secs(30));
    assert_nothing_is_left(&server, "Barack");
}

#[test]
fn a_definition_that_is_not_valid_stops_the_start() {
    let directory = flows(&[(
        "register.asl.json",
        r#"{"StartAt": "A", "States": {"B": {"Type": "Succeed"}}}"#,
    )]);
    let data = tempfile::tempdir().unwrap();
    let mut config = crate::support::config(data.path());
    config.workflow.directory = Some(directory.path().to_owned());
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let error = runtime
        .block_on(selfsame_server::start(
            config,
            selfsame_server::Environment::default(),
        ))
        .err()
        .unwrap();
    let text = error.to_string();
    assert!(
        text.contains("register.asl.json") && text.contains("/StartAt") && text.contains("no state A"),
        "{text}"
    );
}
