//! `--help` is the interface: a change here is a change for somebody's script.

use crate::fixture::{run, selfsame};

fn help(command: &[&str]) -> String {
    let output = run(selfsame().args(command).arg("--help"), 0);
    String::from_utf8(output.stdout).expect("help is text")
}

#[test]
fn help_of_everything() {
    for command in [
        &[][..],
        &["serve"],
        &["register"],
        &["register-idcard"],
        &["auth"],
        &["update"],
        &["users"],
        &["users", "show"],
        &["compare"],
        &["detect"],
        &["encode"],
        &["analyze-id"],
        &["eval"],
        &["calibrate"],
        &["eval-documents"],
        &["bench"],
        &["bench", "document"],
        &["bench", "http"],
        &["doctor"],
        &["models"],
        &["models", "pull"],
        &["models", "import"],
        &["reindex"],
        &["keys"],
        &["keys", "create"],
        &["samples"],
    ] {
        let name = format!("help_{}", command.join("_"));
        insta::assert_snapshot!(name.trim_end_matches('_'), help(command));
    }
}

#[test]
fn exit_codes_are_documented() {
    let help = help(&[]);
    for line in ["0  match, or success", "1  no match", "2  usage", "3  error"] {
        assert!(help.contains(line), "{line}");
    }
}
