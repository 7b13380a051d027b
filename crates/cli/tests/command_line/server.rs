//! End to end: a server of its own process, and the command line as its client.

use std::io::{BufRead as _, BufReader};
use std::process::{Command, Stdio};

use crate::fixture::{KEY, Server, json, run, sample, selfsame, selfsame_with_models};

#[test]
fn register_log_in_refuse_update_erase() {
    let data = tempfile::tempdir().unwrap();
    let server = Server::start(&data.path().join("data"));

    let properties = r#"{"name": "O'Brien", "città": "Zürich"}"#;
    let mut register = server.flow("register", "Ada", "obama.jpg");
    let registered = json(&run(register.args(["--properties", properties]), 0));
    assert_eq!(registered["status"], "Registered");
    assert!(registered["image_id"].is_string());

    for photo in ["obama.jpg", "obama2.jpg", "obama3.jpg"] {
        assert_eq!(
            json(&run(&mut server.flow("auth", "Ada", photo), 0))["status"],
            "Verified",
            "{photo}"
        );
    }
    // Of several photos the best is used: a group tells nobody apart.
    let mut several = server.flow("auth", "Ada", "sample1.jpg");
    several.arg("-p").arg(sample("obama2.jpg"));
    assert_eq!(json(&run(&mut several, 0))["status"], "Verified");
    for _ in 0..4 {
        several.arg("-p").arg(sample("obama2.jpg"));
    }
    run(&mut several, 2);
    let refused = json(&run(&mut server.flow("auth", "Ada", "biden.jpg"), 1));
    assert_eq!(
        (refused["status"].as_str(), refused["error"].as_str()),
        (None, Some("UserAccessDenied"))
    );
    // Another spelling is another person.
    assert_eq!(
        json(&run(&mut server.flow("auth", "ada", "obama.jpg"), 1))["error"],
        "UserAccessDenied"
    );

    // The same face under another id, and another face under the same id.
    assert_eq!(
        json(&run(&mut server.flow("register", "eve", "obama2.jpg"), 1))["error"],
        "UserAlreadyExists"
    );
    assert_eq!(
        json(&run(&mut server.flow("register", "Ada", "biden.jpg"), 1))["error"],
        "UserAlreadyExists"
    );

    let mut update = server.flow("update", "Ada", "obama3.jpg");
    assert_eq!(
        json(&run(update.args(["--properties", r#"{"visits": 2}"#]), 0))["status"],
        "Updated"
    );
    let shown = json(&run(
        &mut server.client(&["users", "show", "--format", "json", "-u", "Ada"]),
        0,
    ))
    .to_string();
    for part in ["O'Brien", "Zürich", "\"visits\":2"] {
        assert!(shown.contains(part), "{part}: {shown}");
    }

    run(&mut server.client(&["users", "check", "-u", "Ada"]), 0);
    run(&mut server.client(&["users", "delete", "-u", "Ada"]), 0);
    run(&mut server.client(&["users", "delete", "-u", "Ada"]), 1);
    run(&mut server.client(&["users", "check", "-u", "Ada"]), 1);
    run(&mut server.client(&["users", "show", "-u", "Ada"]), 1);
}

#[test]
fn photos_that_will_not_do_get_their_own_error() {
    let data = tempfile::tempdir().unwrap();
    let server = Server::start(&data.path().join("data"));
    let file = data.path().join("tiny.jpg");
    fs_err::write(&file, [0xff; 40]).unwrap();
    let mut command = server.client(&["register", "--format", "json", "-u", "x", "-p"]);
    assert_eq!(json(&run(command.arg(&file), 1))["error"], "InvalidImageError");

    let blank = data.path().join("blank.png");
    image::RgbImage::from_pixel(320, 240, image::Rgb([90, 120, 150]))
        .save(&blank)
        .unwrap();
    let mut command = server.client(&["register", "--format", "json", "-u", "x", "-p"]);
    assert_eq!(
        json(&run(command.arg(&blank), 1))["error"],
        "NoFacesDetectedException"
    );

    // sample1 shows a group.
    let group = json(&run(&mut server.flow("register", "x", "sample1.jpg"), 1));
    assert_eq!(group["error"], "TooManyFacesDetectedException");
    run(&mut server.client(&["users", "check", "-u", "x"]), 1);
}

#[test]
fn keys_open_and_close_a_running_server() {
    let data = tempfile::tempdir().unwrap();
    let directory = data.path().join("data");
    let server = Server::start(&directory);
    let check = |key: Option<&str>, code: i32| {
        let mut command = server.client(&["users", "check", "-u", "nobody"]);
        match key {
            Some(key) => command.env("SELFSAME_API_KEY", key),
            None => command.env_remove("SELFSAME_API_KEY"),
        };
        String::from_utf8_lossy(&run(&mut command, code).stderr).into_owned()
    };
    assert!(check(None, 3).contains("hint: no API key was sent"));
    assert!(check(Some("wrong"), 3).contains("hint: this server does not know the key"));

    let keys = |arguments: &[&str]| {
        let mut command = selfsame();
        command
            .args(["keys", "--format", "json"])
            .args(arguments)
            .arg("--data")
            .arg(&directory);
        json(&run(&mut command, 0))
    };
    let created = keys(&["create", "shop"]);
    let (id, key) = (created["id"].as_str().unwrap(), created["key"].as_str().unwrap());
    check(Some(key), 1);

    let file = data.path().join("key");
    fs_err::write(&file, format!("{key}\n")).unwrap();
    let mut with_file = server.client(&["users", "check", "-u", "nobody", "--api-key-file"]);
    run(with_file.arg(&file).env_remove("SELFSAME_API_KEY"), 1);

    keys(&["revoke", id]);
    check(Some(key), 3);
}

#[test]
fn the_load_generator_counts_and_finds_no_error() {
    let data = tempfile::tempdir().unwrap();
    let server = Server::start(&data.path().join("data"));
    let mut command = server.client(&[
        "bench",
        "http",
        "--format",
        "json",
        "--clients",
        "20",
        "--seconds",
        "3",
        "--photo",
    ]);
    let report = json(&run(command.arg(sample("obama.jpg")), 0));
    assert!(report["logins"].as_u64().unwrap() > 0, "{report}");
    assert_eq!(report["outcomes"].as_object().unwrap().len(), 1, "{report}");
    assert_eq!(report["outcomes"]["SUCCEEDED"], report["logins"], "{report}");
}

#[test]
fn a_key_that_was_given_is_not_told() {
    let data = tempfile::tempdir().unwrap();
    let server = Server::start(&data.path().join("data"));
    let log = server.kill();
    assert!(
        log.contains("the key in SELFSAME_API_KEY is now the administrator's"),
        "{log}"
    );
    assert!(!log.contains(KEY), "{log}");
}

#[test]
fn a_root_secret_that_was_lost_and_made_anew_is_told_once() {
    const TOLD: &str = "1 AWS access key(s) of this directory can sign no more";
    let directory = tempfile::tempdir().unwrap();
    let data = directory.path().join("data");
    let create = || {
        let mut command = selfsame();
        let output = run(command.args(["keys", "create", "--aws", "--data"]).arg(&data), 0);
        String::from_utf8(output.stderr).unwrap()
    };
    let start = || Server::start(&data).kill();

    assert!(!start().contains("secret"), "a new directory has lost nothing");
    assert!(!create().contains(TOLD));
    assert!(!start().contains(TOLD));
    fs_err::remove_file(data.join("secret")).unwrap();
    let log = start();
    assert!(log.contains(TOLD), "{log}");
    assert!(!start().contains(TOLD));
    // Who makes a key first has made the secret, too.
    fs_err::remove_file(data.join("secret")).unwrap();
    let said = create();
    assert!(said.contains(TOLD), "{said}");
    assert!(!start().contains(TOLD));
}

#[test]
fn the_first_key_is_shown_once() {
    let data = tempfile::tempdir().unwrap();
    let start = || -> Vec<String> {
        let mut command = selfsame_with_models();
        command
            .args(["serve", "--listen", "127.0.0.1:0", "--data"])
            .arg(data.path());
        let mut child = command.stderr(Stdio::piped()).spawn().expect("the server starts");
        let lines = BufReader::new(child.stderr.take().expect("piped")).lines();
        let until_ready = lines
            .map_while(Result::ok)
            .take_while(|line| !line.contains("ready: "))
            .collect();
        let _ = child.kill();
        let _ = child.wait();
        until_ready
    };
    let lines = start();
    assert!(
        lines[0].starts_with("listening on http://127.0.0.1:"),
        "{lines:?}"
    );
    assert!(lines[1].ends_with("/docs"), "{lines:?}");
    assert_eq!(
        lines.iter().filter(|line| line.starts_with("  ss_")).count(),
        1,
        "{lines:?}"
    );
    assert!(
        start().iter().all(|line| !line.contains("ss_")),
        "the second start tells no key"
    );
}

#[cfg(unix)]
#[test]
fn a_server_that_is_asked_to_stop_ends_with_success() {
    let data = tempfile::tempdir().unwrap();
    let mut command = selfsame_with_models();
    command
        .args(["serve", "--listen", "127.0.0.1:0", "--data"])
        .arg(data.path());
    let mut child = command
        .stderr(Stdio::piped())
        .stdout(Stdio::null())
        .spawn()
        .expect("the server starts");
    let mut lines = BufReader::new(child.stderr.take().expect("piped"))
        .lines()
        .map_while(Result::ok);
    assert!(lines.any(|line| line.contains("ready: ")), "it gets ready");
    run(Command::new("kill").args(["-TERM", &child.id().to_string()]), 0);
    assert!(lines.any(|line| line.contains("stopped")), "it says so");
    assert_eq!(child.wait().expect("it ends").code(), Some(0));
}

#[test]
fn a_port_that_is_taken_is_named() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let data = tempfile::tempdir().unwrap();
    let mut command = selfsame();
    command
        .args(["serve", "--listen", &address, "--data"])
        .arg(data.path().join("data"));
    let text = String::from_utf8_lossy(&run(&mut command, 3).stderr).into_owned();
    assert!(
        text.contains(&address) && text.contains("is another server running there?"),
        "{text}"
    );
}
