//! What is said, and how a command ends, when something is wrong; without models and without a server.

use std::process::Output;

use crate::fixture::{run, selfsame};

fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).trim_end().to_owned()
}

/// An address where nobody listens: port 9 (discard) needs a service that no machine here runs.
const NOBODY: &str = "http://127.0.0.1:9";

#[test]
fn wrong_arguments_end_with_2() {
    for arguments in [
        &[][..],
        &["frobnicate"],
        &["compare", "a.jpg"],
        &["compare", "a.jpg", "b.jpg", "--threshold", "120"],
        &["register", "-u", "o'brien", "-p", "a.jpg"],
        &["register", "-u", "ada", "-p", "a.jpg", "--properties", "[1]"],
        &["detect", "a.jpg", "--annotate", "out.gif"],
        &["bench", "http", "--photo", "a.jpg", "--clients", "0"],
        &["keys", "revoke", "not-a-uuid"],
        &["keys", "create"],
        &["keys", "create", "shop", "--scope", "everything"],
        &["keys", "create", "--aws", "--collection", "no spaces"],
        &["keys", "create", "--aws", "--bucket", "ab"],
        &["eval"],
        &["samples", "--engine", "quantum"],
    ] {
        let output = run(selfsame().args(arguments), 2);
        assert!(
            output.stdout.is_empty(),
            "{arguments:?}: talk belongs on standard error"
        );
        assert!(!output.stderr.is_empty(), "{arguments:?}");
    }
}

#[test]
fn a_user_id_says_what_is_wrong_with_it() {
    let output = run(selfsame().args(["auth", "-u", "o'brien", "-p", "a.jpg"]), 2);
    insta::assert_snapshot!(stderr(&output), @r#"
    error: invalid value 'o'brien' for '--user <ID>': UserId may hold only letters, digits and "_.-:@+", not '\''

    For more information, try '--help'.
    "#);
}

#[test]
fn a_server_address_needs_its_scheme() {
    let mut command = selfsame();
    command.args(["users", "check", "-u", "ada", "--server", "localhost:8080"]);
    insta::assert_snapshot!(stderr(&run(&mut command, 2)), @r#"
    error: the server's address must begin with http:// or https://, not "localhost:8080"
    hint: --server http://localhost:8080
    "#);
}

#[test]
fn a_missing_server_is_an_error_with_a_hint() {
    let output = run(
        selfsame().args(["users", "check", "-u", "ada", "--server", NOBODY]),
        3,
    );
    let text = stderr(&output);
    assert!(
        text.starts_with("error: no answer from http://127.0.0.1:9"),
        "{text}"
    );
    assert!(
        text.contains("hint: is it running? `selfsame serve` starts one"),
        "{text}"
    );
}

#[test]
fn a_missing_photo_is_named() {
    let output = run(
        selfsame().args(["register", "-u", "ada", "-p", "no-such.jpg", "--server", NOBODY]),
        3,
    );
    assert!(stderr(&output).contains("no-such.jpg"), "{}", stderr(&output));
}

#[test]
fn a_missing_data_directory_is_not_made() {
    let root = tempfile::tempdir().unwrap();
    let output = run(
        selfsame()
            .args(["keys", "list", "--data", "nowhere"])
            .current_dir(&root),
        3,
    );
    insta::assert_snapshot!(stderr(&output), @r"
    error: there is no data directory nowhere
    hint: `selfsame serve` makes it at its first start; --data or SELFSAME_DATA names another
    ");
    assert_eq!(root.path().read_dir().unwrap().count(), 0);
}

#[test]
fn an_unknown_pack_names_the_known_ones() {
    let root = tempfile::tempdir().unwrap();
    let output = run(
        selfsame()
            .args(["models", "show", "nonsense", "--models"])
            .arg(root.path()),
        3,
    );
    insta::assert_snapshot!(stderr(&output), @r"
    error: there is no model pack `nonsense`
    hint: the packs are classic, documents, samples, standard, yunet
    ");
}

#[test]
fn keys_come_and_go_without_a_server() {
    let data = tempfile::tempdir().unwrap();
    let keys = |arguments: &[&str], code| {
        let mut command = selfsame();
        command
            .args(["keys", "--format", "json"])
            .args(arguments)
            .arg("--data")
            .arg(data.path());
        run(&mut command, code)
    };
    let created = crate::fixture::json(&keys(&["create", "shop", "--scope", "admin"], 0));
    assert!(created["key"].as_str().unwrap().starts_with("ss_"), "{created}");
    let id = created["id"].as_str().unwrap();
    let listed = crate::fixture::json(&keys(&["list"], 0));
    assert_eq!(
        (listed[0]["name"].as_str(), listed[0]["scope"].as_str()),
        (Some("shop"), Some("admin"))
    );
    assert!(
        !listed.to_string().contains(created["key"].as_str().unwrap()),
        "the key is shown once"
    );
    keys(&["revoke", id], 0);
    keys(&["revoke", id], 1);
    let listed = crate::fixture::json(&keys(&["list"], 0));
    assert!(listed[0]["revoked"].is_string(), "{listed}");
}

#[test]
fn aws_keys_have_an_id_a_secret_scopes_and_limits() {
    let data = tempfile::tempdir().unwrap();
    let keys = |arguments: &[&str]| {
        let mut command = selfsame();
        command.arg("keys").args(arguments).arg("--data").arg(data.path());
        run(&mut command, 0)
    };
    let plain = keys(&["create", "--aws"]);
    let text = String::from_utf8(plain.stdout).unwrap();
    let lines: Vec<(&str, &str)> = text.lines().map(|line| line.split_once('=').unwrap()).collect();
    let [("AWS_ACCESS_KEY_ID", id), ("AWS_SECRET_ACCESS_KEY", secret)] = lines[..] else {
        panic!("{} lines", lines.len());
    };
    assert!(id.starts_with("SSAK") && id.len() == 20, "{id}");
    assert_eq!(secret.len(), 40);
    assert_eq!(
        String::from_utf8(plain.stderr).unwrap(),
        "this key is shown once; keep it as you keep a password\n"
    );

    let limited = crate::fixture::json(&keys(&[
        "create",
        "importer",
        "--aws",
        "--format",
        "json",
        "--scope",
        "gallery-read",
        "--scope",
        "portal",
        "--collection",
        "staff",
        "--collection",
        "guests",
        "--bucket",
        "photos",
    ]));
    assert_eq!(limited["name"], "importer");
    assert_eq!(limited["scope"], "gallery-read portal");
    assert_eq!(limited["collections"], serde_json::json!(["staff", "guests"]));
    assert_eq!(limited["buckets"], serde_json::json!(["photos"]));
    assert_eq!(limited["secret_access_key"].as_str().unwrap().len(), 40);
    assert!(limited["key"].is_null());

    let listed = crate::fixture::json(&keys(&["list", "--format", "json"]));
    assert_eq!(listed[0]["name"], "aws");
    assert_eq!(listed[0]["access_key_id"], id);
    assert_eq!(listed[0]["scope"], "gallery-write portal");
    assert_eq!(listed[1]["access_key_id"], limited["access_key_id"]);
    assert_eq!(listed[1]["collections"], limited["collections"]);
    assert!(!listed.to_string().contains(secret), "the secret is shown once");
    let text = String::from_utf8(keys(&["list"]).stdout).unwrap();
    assert!(
        text.contains("collection staff, collection guests, bucket photos"),
        "{text}"
    );

    // The database holds nothing that follows from the secret: without the other file, no key can be derived.
    let secret_file = data.path().join("secret");
    assert_eq!(fs_err::read(&secret_file).unwrap().len(), 32);
}

#[test]
fn the_old_word_for_the_portal_is_understood() {
    let data = tempfile::tempdir().unwrap();
    let mut command = selfsame();
    command.args([
        "keys", "create", "shop", "--scope", "app", "--format", "json", "--data",
    ]);
    let created = crate::fixture::json(&run(command.arg(data.path()), 0));
    assert_eq!(created["scope"], "portal");
    assert!(created["access_key_id"].is_null());
}

#[test]
fn scopes_that_do_not_fit_are_refused_before_anything_is_made() {
    let told = |arguments: &[&str]| {
        let mut command = selfsame();
        command.args(["keys", "create", "shop"]).args(arguments);
        stderr(&run(command.args(["--data", "nowhere"]), 2))
    };
    insta::assert_snapshot!(told(&["--aws", "--scope", "admin", "--bucket", "photos"]), @r"
    error: an administrator's key cannot be limited
    hint: leave out --collection and --bucket, or choose other scopes
    ");
    insta::assert_snapshot!(told(&["--aws", "--scope", "workflow", "--collection", "staff"]), @r"
    error: a key for state machines cannot be limited: what they do concerns everything
    hint: leave out --collection and --bucket, or --scope workflow
    ");
    for scope in ["gallery-write", "workflow"] {
        insta::allow_duplicates! {
            insta::assert_snapshot!(told(&["--scope", scope]), @r"
            error: gallery-read, gallery-write and workflow are for keys that sign requests
            hint: add --aws
            ");
        }
    }
}

#[test]
fn an_empty_model_directory_is_incomplete_and_doctor_says_what_to_do() {
    let root = tempfile::tempdir().unwrap();
    let with_empty_models = |arguments: &[&str]| {
        let mut command = selfsame();
        command
            .args(arguments)
            .arg("--models")
            .arg(root.path().join("models"))
            .current_dir(&root);
        command
    };
    run(&mut with_empty_models(&["models", "verify"]), 1);
    let output = run(&mut with_empty_models(&["doctor", "--server", NOBODY]), 0);
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(
        text.contains("hint: `selfsame models pull standard` fetches it"),
        "{text}"
    );
    assert!(text.contains("no answer from http://127.0.0.1:9"), "{text}");
    assert!(!root.path().join("models").exists(), "doctor changes nothing");
}

#[test]
fn doctor_ends_with_3_where_something_is_broken() {
    let root = tempfile::tempdir().unwrap();
    fs_err::write(root.path().join("data"), b"a file").unwrap();
    let mut command = selfsame();
    command.args([
        "doctor", "--format", "json", "--server", NOBODY, "--data", "data", "--models", "models",
    ]);
    let checks = crate::fixture::json(&run(command.current_dir(&root), 3));
    let data = checks
        .as_array()
        .unwrap()
        .iter()
        .find(|check| check["name"] == "data")
        .unwrap();
    assert_eq!(data["state"], "broken");
    assert!(data["hint"].is_string());
}

#[test]
fn a_flag_wins_over_the_environment_and_that_over_the_file() {
    let root = tempfile::tempdir().unwrap();
    let file = root.path().join("selfsame.toml");
    fs_err::write(
        &file,
        "[server]\nlisten = \"127.0.0.1:1\"\nkeep_images = false\n[matching]\nsimilarity = 97\n[models]\npack = \"classic\"\n",
    )
    .unwrap();
    let mut command = selfsame();
    command
        .args(["serve", "--print-config", "--format", "json", "--config"])
        .arg(&file);
    command
        .env("SELFSAME_LISTEN", "127.0.0.1:2")
        .env("SELFSAME_MATCHING_SIMILARITY", "98");
    let shown = crate::fixture::json(&run(command.args(["--listen", "127.0.0.1:3"]), 0));
    assert_eq!(shown["server"]["listen"], "127.0.0.1:3");
    assert_eq!(shown["matching"]["similarity"], 98.0);
    assert_eq!(shown["server"]["keep_images"], false);
    assert_eq!(
        shown["models"]["pack"], "classic",
        "a default of the command line is no flag"
    );
    let shown = crate::fixture::json(&run(command.args(["--keep-images", "--pack", "standard"]), 0));
    assert_eq!(shown["server"]["keep_images"], true);
    assert_eq!(shown["models"]["pack"], "standard");
}

#[test]
fn printed_settings_are_a_settings_file() {
    let root = tempfile::tempdir().unwrap();
    let printed = run(selfsame().args(["serve", "--print-config"]), 0).stdout;
    let file = root.path().join("selfsame.toml");
    fs_err::write(&file, &printed).unwrap();
    let again = run(
        selfsame()
            .args(["serve", "--print-config", "--config"])
            .arg(&file),
        0,
    )
    .stdout;
    assert_eq!(String::from_utf8_lossy(&again), String::from_utf8_lossy(&printed));
}

#[test]
fn wrong_settings_end_with_2_and_name_themselves() {
    for (arguments, expected) in [
        (
            &["--insecure-no-auth", "--listen", "0.0.0.0:0"][..],
            "without keys, anybody who reaches 0.0.0.0:0",
        ),
        (&["--matching-similarity", "0.8"], "below 80 strangers pass"),
        (
            &["--limits-body-bytes", "lots"],
            "must be a whole number, not \"lots\"",
        ),
        (&["--log", "[[["], "does not say what to log"),
    ] {
        let output = run(selfsame().arg("serve").args(arguments), 2);
        assert!(
            stderr(&output).contains(expected),
            "{arguments:?}: {}",
            stderr(&output)
        );
    }
    let output = run(selfsame().args(["serve", "--config", "no-such.toml"]), 3);
    assert!(stderr(&output).contains("no-such.toml"), "{}", stderr(&output));
}

#[test]
fn a_closed_pipe_ends_quietly() {
    use std::io::Read as _;
    use std::process::Stdio;
    let mut child = selfsame()
        .args(["models", "show", "standard"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let mut told = String::new();
    child.stderr.take().unwrap().read_to_string(&mut told).unwrap();
    assert_eq!((child.wait().unwrap().code(), told.as_str()), (Some(0), ""));
}
