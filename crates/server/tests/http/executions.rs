//! The pages that show what executions did.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use selfsame_server::access::{Grant, Limits, Scope, mint};
use selfsame_store::{Executions as _, Keys as _, NewExecution, Sqlite};
use selfsame_types::{Clock as _, IdSource as _, SystemClock, SystemIds};
use serde_json::json;

use crate::support::{Answer, Server, photos};

/// As a browser asks once its visitor has given the key as the password.
fn browse(server: &Server, path: &str, key: &str) -> Answer {
    let basic = format!("Basic {}", STANDARD.encode(format!("anybody:{key}")));
    server.request("GET", path, &[("authorization", &basic)], &[])
}

fn registered(server: &Server) -> String {
    let answer = server.flow("/register", "Barack", &photos().get("obama.jpg"));
    answer.output();
    answer.json()["executionArn"].as_str().unwrap().to_owned()
}

#[test]
fn an_administrator_sees_what_a_registration_did() {
    let server = Server::start();
    let arn = registered(&server);
    for path in [arn.clone(), arn.replace(':', "%3A")] {
        let page = browse(&server, &format!("/executions/{path}"), &server.key);
        assert_eq!(page.status, 200, "{}", page.text);
        assert_eq!(page.headers["content-type"], "text/html; charset=utf-8");
        assert_eq!(page.headers["cache-control"], "no-store");
        let policy = page.headers["content-security-policy"].to_str().unwrap();
        assert!(
            policy.starts_with("default-src 'none'; style-src 'self';"),
            "{policy}"
        );
        for text in [
            "<span class=\"status succeeded\">Succeeded</span>",
            "<a class=\"state succeeded\" href=\"#v1\">",
            "<g class=\"state unseen\">",
            "CheckQuality",
            "image/jpeg",
        ] {
            assert!(page.text.contains(text), "{text} in {}", page.text);
        }
        let photo = STANDARD.encode(photos().get("obama.jpg"));
        assert!(!page.text.contains(&photo[..40]), "no photo is shown");
        for text in ["<script", " style=", "http://", "https://"] {
            let markup = page.text.replace("http://www.w3.org/2000/svg", "");
            assert!(!markup.contains(text), "{text}");
        }
    }
    let list = browse(&server, "/executions?machine=Register", &server.key);
    assert_eq!(list.status, 200);
    assert!(
        list.text.contains(&format!("href=\"/executions/{arn}\"")),
        "{}",
        list.text
    );
    let other = browse(&server, "/executions?machine=Update", &server.key);
    assert!(!other.text.contains(&arn));
    let style = server.request("GET", "/executions/style.css", &[], &[]);
    assert_eq!(
        (style.status, style.headers["content-type"].to_str().unwrap()),
        (200, "text/css; charset=utf-8")
    );
    server.delete("/users/Barack");
    let gone = browse(&server, &format!("/executions/{arn}"), &server.key);
    assert_eq!(gone.status, 404, "who is erased is gone from here, too");
}

#[test]
fn only_some_keys_open_them() {
    let server = Server::start();
    let arn = registered(&server);
    let beside = server.block_on(Sqlite::attach(server.data.path())).unwrap();
    let key = |scope: Scope, collections: &[&str]| {
        let grant = Grant {
            scopes: scope.into(),
            limits: Limits {
                collections: collections.iter().map(|&name| name.to_owned()).collect(),
                buckets: Vec::new(),
            },
        };
        let (secret, row) = mint("visitor", &grant, &SystemClock, &SystemIds);
        server.block_on(beside.create_key(&row)).unwrap();
        secret.expose().to_owned()
    };
    for (key, status) in [
        (key(Scope::Admin, &[]), 200),
        (key(Scope::Workflow, &[]), 200),
        (key(Scope::Workflow, &["staff"]), 403),
        (key(Scope::Admin, &["staff"]), 403),
        (key(Scope::Portal, &[]), 403),
        (key(Scope::GalleryWrite, &[]), 403),
        ("ss_wrong".to_owned(), 401),
        (String::new(), 401),
    ] {
        for path in ["/executions".to_owned(), format!("/executions/{arn}")] {
            let answer = browse(&server, &path, &key);
            assert_eq!(answer.status, status, "{path}");
            let asks = answer
                .headers
                .get("www-authenticate")
                .map(|value| value.to_str().unwrap());
            assert_eq!(asks, (status == 401).then_some("Basic realm=\"Selfsame\""));
            assert!(status == 200 || !answer.text.contains("CheckQuality"));
        }
    }
    assert_eq!(server.request("GET", "/executions", &[], &[]).status, 401);
    assert_eq!(
        server.get("/executions").status,
        200,
        "programs may send the key as ever"
    );
    // A password opens nothing else: a browser would send it along wherever a page of somebody's points it.
    assert_eq!(browse(&server, "/users/Barack", &server.key).status, 401);
    assert_eq!(browse(&server, "/metrics", &server.key).status, 401);
}

#[test]
fn what_is_not_there_is_a_page_too() {
    let server = Server::start();
    for arn in [
        "arn:aws:states:local:000000000000:execution:Register:nothing",
        "arn:aws:states:local:000000000000:express:Register:a:4ba9cf1b-6f0f-4e7e-9a51-9d7c62a0b7c4",
        "arn:aws:states:local:000000000000:express:Register:a:b",
        "%3Cscript%3Ealert(1)%3C%2Fscript%3E",
        "%FF",
    ] {
        let answer = browse(&server, &format!("/executions/{arn}"), &server.key);
        assert_eq!(answer.status, 404, "{arn}");
        assert!(answer.text.contains("<h1>No such execution</h1>") && !answer.text.contains("<script"));
    }
}

#[test]
fn what_runs_shows_where_it_is() {
    let (started, id) = (SystemClock.now(), SystemIds.uuid());
    let event = |id: u64, detail: serde_json::Value| {
        let mut event = json!({"id": id, "previous": id - 1, "at": started});
        event
            .as_object_mut()
            .unwrap()
            .extend(detail.as_object().unwrap().clone());
        event.to_string()
    };
    let resource = "arn:aws:states:::lambda:invoke.waitForTaskToken";
    let new = NewExecution {
        id,
        machine: "review".to_owned(),
        name: "-b-".to_owned(),
        definition: json!({"StartAt": "Ask a person", "States": {
            "Ask a person": {"Type": "Task", "Resource": resource, "End": true},
        }})
        .to_string(),
        revision: None,
        input: r#"{"Note": "<script>"}"#.to_owned(),
        subject: None,
        started,
        state: Some(Vec::new()),
        events: vec![
            event(1, json!({"type": "ExecutionStarted", "input": {}})),
            event(
                2,
                json!({"type": "StateEntered", "state": "Task", "name": "Ask a person", "input": {}}),
            ),
            event(
                3,
                json!({"type": "TaskScheduled", "resource": resource, "parameters": {}}),
            ),
            event(4, json!({"type": "TaskStarted", "resource": resource})),
            event(
                5,
                json!({"type": "TaskSubmitted", "resource": resource, "output": {}}),
            ),
        ],
        ending: None,
        inherits: None,
    };
    // As an earlier process has left it, in a form that this one cannot go on with.
    let server = Server::start();
    let data = server.data.path().to_owned();
    let server = server.restart_after(async move {
        let store = Sqlite::open(&data).await.unwrap();
        store.start_execution(new).await.unwrap();
        store.close().await;
    });
    let path = "/executions/arn:aws:states:eu-central-1:000000000000:execution:review:-b-";
    let page = browse(&server, path, &server.key);
    assert_eq!(page.status, 200, "{}", page.text);
    for text in [
        "Running",
        "http-equiv=\"refresh\"",
        "class=\"state running\"",
        "waits for an answer",
    ] {
        assert!(page.text.contains(text), "{text} in {}", page.text);
    }
    assert!(!page.text.contains("<script"));
    let still = browse(&server, &format!("{path}?refresh=off"), &server.key);
    assert!(!still.text.contains("http-equiv"));
    assert!(
        browse(&server, "/executions", &server.key)
            .text
            .contains("execution:review:-b-\"")
    );
}
