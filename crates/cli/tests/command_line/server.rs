//! End to end: a server of its own process, and the command line as its client.

use crate::fixture::{Server, json, run, sample, selfsame, send};

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
fn the_first_key_is_shown_once_and_the_port_is_told() {
    let data = tempfile::tempdir().unwrap();
    let server = Server::start(&data.path().join("data"));
    let (status, _) = send("GET", &format!("{}/health/live", server.address), None).expect("an answer");
    assert_eq!(status, 200);
    let log = server.kill();
    assert!(
        !log.contains(crate::fixture::KEY),
        "a key that was given is not told: {log}"
    );
}
