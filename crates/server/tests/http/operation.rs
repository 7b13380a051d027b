//! What operators see: health, metrics, documentation, starting and stopping.

use std::thread;
use std::time::{Duration, Instant};

use selfsame_server::{Environment, start};

use crate::support::{Server, config, photos};

#[test]
fn health_is_open_and_ready_means_ready() {
    let server = Server::start();
    for (path, text) in [
        ("/health/live", "{\"status\":\"live\"}"),
        ("/health/ready", "{\"status\":\"ready\"}"),
    ] {
        let answer = server.request("GET", path, &[], &[]);
        assert_eq!((answer.status, answer.text.as_str()), (200, text));
    }
}

#[test]
fn the_port_is_open_before_the_models_are_there() {
    let data = tempfile::tempdir().unwrap();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .unwrap();
    let mut config = config(data.path());
    config.models.pack = "no-such-pack".to_owned();
    let mut running = runtime.block_on(start(config, Environment::default())).unwrap();
    let status = |path: &str| {
        let agent: ureq::Agent = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .build()
            .into();
        agent
            .get(format!("http://{}{path}", running.address()))
            .call()
            .unwrap()
            .status()
            .as_u16()
    };
    assert_eq!(status("/health/live"), 200);
    assert_eq!(status("/health/ready"), 503);
    let error = runtime.block_on(running.ready()).unwrap_err();
    assert!(error.to_string().contains("no-such-pack"), "{error}");
}

#[test]
fn every_answer_carries_an_id_and_is_safe_to_open() {
    let server = Server::start();
    for path in ["/health/live", "/docs", "/nowhere", "/users/nobody"] {
        let headers = server.get(path).headers;
        assert_eq!(headers["x-request-id"].len(), 36, "{path}");
        assert_eq!(headers["x-content-type-options"], "nosniff", "{path}");
        assert_eq!(headers["cache-control"], "no-store", "{path}");
        assert!(
            headers["content-security-policy"]
                .to_str()
                .unwrap()
                .starts_with("default-src 'none'"),
            "{path}"
        );
        assert!(!headers.contains_key("access-control-allow-origin"), "{path}");
    }
    // An id from outside is not ours to log.
    let answer = server.request("GET", "/health/live", &[("x-request-id", "forged")], &[]);
    assert_ne!(answer.headers["x-request-id"], "forged");
}

#[test]
fn metrics_tell_what_happened() {
    let server = Server::start();
    server
        .flow("/register", "Barack", &photos().get("obama.jpg"))
        .output();
    server
        .flow("/auth", "Barack", &photos().get("biden.jpg"))
        .failure();
    let page = server.get("/metrics").text;
    for line in [
        "selfsame_flow_decisions_total{flow=\"Register\",outcome=\"Registered\"} 1",
        "selfsame_flow_decisions_total{flow=\"Authenticate\",outcome=\"UserAccessDenied\"} 1",
        "selfsame_http_request_duration_seconds_count{route=\"/register\",status=\"200\"} 1",
        "selfsame_stage_duration_seconds_count{stage=\"total\"} 2",
        "selfsame_faces 1",
        "selfsame_ready 1",
        "selfsame_inference_permits_in_use 0",
    ] {
        assert!(page.contains(line), "{line}\n{page}");
    }
    for stage in ["queue", "decode", "detect", "align", "embed", "search", "store"] {
        assert!(
            page.contains(&format!(
                "selfsame_stage_duration_seconds_bucket{{stage=\"{stage}\""
            )),
            "{stage}\n{page}"
        );
    }
    assert!(!page.contains("Barack"), "no ids in metrics");
    let public = Server::with(|config| config.access.metrics_public = true);
    assert_eq!(public.request("GET", "/metrics", &[], &[]).status, 200);
}

#[test]
fn the_documentation_is_complete_in_itself() {
    let server = Server::start();
    let answer = server.request("GET", "/", &[], &[]);
    assert_eq!(
        (answer.status, &answer.headers["location"]),
        (307, &"/docs".parse().unwrap())
    );
    let page = server.request("GET", "/docs", &[], &[]).text;
    for part in ["/docs/style.css", "/docs/script.js", "/openapi.json"] {
        assert!(page.contains(part), "{part}");
        assert_eq!(server.request("GET", part, &[], &[]).status, 200, "{part}");
        let text = server.request("GET", part, &[], &[]).text;
        assert!(
            !text.contains("src=\"http") && !text.contains("@import"),
            "{part}"
        );
    }
    let api = server.request("GET", "/openapi.json", &[], &[]).json();
    for path in [
        "/register",
        "/auth",
        "/update",
        "/check-userid",
        "/users/{id}",
        "/health/ready",
        "/metrics",
    ] {
        assert!(api["paths"][path].is_object(), "{path}");
    }
}

#[test]
fn a_running_flow_is_finished_before_the_server_stops() {
    let mut server = Server::with(|config| config.inference.threads = 1);
    let photo = photos().get("obama.jpg");
    let address = server.address;
    let (key, body) = (server.key.clone(), {
        use base64::Engine as _;
        let image = base64::engine::general_purpose::STANDARD.encode(&photo);
        serde_json::json!({"UserId": "Barack", "Image": image}).to_string()
    });
    let client = thread::spawn(move || {
        let agent: ureq::Agent = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .build()
            .into();
        let mut response = agent
            .post(format!("http://{address}/register"))
            .header("x-api-key", &key)
            .header("content-type", "application/json")
            .send(body.as_bytes())
            .unwrap();
        response.body_mut().read_to_string().unwrap()
    });
    let deadline = Instant::now() + Duration::from_secs(10);
    while !server
        .get("/metrics")
        .text
        .contains("selfsame_inference_permits_in_use 1")
        && !client.is_finished()
    {
        assert!(Instant::now() < deadline);
    }
    server.stop();
    let envelope = client.join().unwrap();
    assert!(envelope.contains("\"status\":\"SUCCEEDED\""), "{envelope}");
    assert_eq!(server.snapshots_on_disk().len(), 1);
}

#[test]
fn two_servers_do_not_share_a_data_directory() {
    let server = Server::start();
    let second = config(server.data.path());
    let error = server
        .block_on(start(second, Environment::default()))
        .err()
        .unwrap();
    assert!(error.to_string().contains("in use by another server"), "{error}");
    let mut third = config(tempfile::tempdir().unwrap().path());
    third.server.listen = server.address;
    let error = server
        .block_on(start(third, Environment::default()))
        .err()
        .unwrap();
    assert!(error.to_string().contains("SELFSAME_LISTEN"), "{error}");
}
