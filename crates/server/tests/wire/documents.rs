//! `AnalyzeID`: the recorded answer of AWS, a snapshot of ours, and errors.

#![expect(clippy::print_stderr, reason = "a test that is skipped says so")]

use std::path::Path;

use selfsame_document::silico::{Person, licence, passport};
use serde_json::{Value, json};

use crate::client::{Client, bytes, refusal, shared};
use crate::support::{nobody, png};

fn analyze(client: &Client<'_>, file: &[u8]) -> Value {
    let body = json!({ "DocumentPages": [bytes(file)] }).to_string();
    let answer = client.raw("Textract.AnalyzeID", body.as_bytes());
    assert_eq!(answer.status, 200, "{}", answer.text);
    answer.json()
}

fn fields(answer: &Value) -> Vec<(&str, &str)> {
    let fields = &answer["IdentityDocuments"][0]["IdentityDocumentFields"];
    fields
        .as_array()
        .unwrap()
        .iter()
        .map(|field| {
            (
                field["Type"]["Text"].as_str().unwrap(),
                field["ValueDetection"]["Text"].as_str().unwrap(),
            )
        })
        .collect()
}

#[test]
fn a_licence_and_a_passport_have_this_form() {
    let client = Client::new(shared());
    for (name, sheet) in [
        ("licence", licence(&Person::example(), None)),
        ("passport", passport(&Person::example(), None)),
    ] {
        let mut answer = analyze(&client, &sheet.pdf());
        let document = &mut answer["IdentityDocuments"][0];
        assert!(document["Blocks"].as_array().unwrap().len() > 20);
        document["Blocks"] = json!([]);
        for field in document["IdentityDocumentFields"].as_array_mut().unwrap() {
            // How sure the reader is differs in the last digits from machine to machine.
            let confidence = field["ValueDetection"]["Confidence"].as_f64().unwrap();
            assert!(confidence > 50.0 && confidence <= 100.0, "{field}");
            field["ValueDetection"]["Confidence"] = json!("[confidence]");
        }
        insta::assert_json_snapshot!(format!("analyze_id_{name}"), answer);
    }
}

#[test]
fn what_was_recorded_at_aws_is_what_is_answered() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data/documents/analyze-id");
    if !folder.is_dir() {
        eprintln!(
            "SKIPPED: shared/data/documents/analyze-id is not beside the checkout, so nothing was compared"
        );
        return;
    }
    let client = Client::new(shared());
    let recorded: Value =
        serde_json::from_slice(&fs_err::read(folder.join("fake_id.response.json")).unwrap()).unwrap();
    let ours = analyze(&client, &fs_err::read(folder.join("fake_id.png")).unwrap());
    assert_eq!(fields(&ours), fields(&recorded));
    assert_eq!(ours["DocumentMetadata"], recorded["DocumentMetadata"]);
    assert_eq!(ours["AnalyzeIDModelVersion"], recorded["AnalyzeIDModelVersion"]);
    let (ours, recorded) = (&ours["IdentityDocuments"][0], &recorded["IdentityDocuments"][0]);
    assert_eq!(ours["DocumentIndex"], recorded["DocumentIndex"]);
    for (ours, recorded) in both(
        &ours["IdentityDocumentFields"],
        &recorded["IdentityDocumentFields"],
    ) {
        let normalized = |field: &Value| field["ValueDetection"]["NormalizedValue"].clone();
        assert_eq!(normalized(ours), normalized(recorded), "{ours}");
    }
    for kind in ["PAGE", "LINE", "WORD"] {
        let first = |document: &Value| {
            let blocks = document["Blocks"].as_array().unwrap();
            let block = blocks.iter().find(|block| block["BlockType"] == kind).unwrap();
            let mut members: Vec<String> = block.as_object().unwrap().keys().cloned().collect();
            members.sort();
            members
        };
        assert_eq!(first(ours), first(recorded), "{kind}");
    }
}

fn both<'a>(a: &'a Value, b: &'a Value) -> impl Iterator<Item = (&'a Value, &'a Value)> {
    a.as_array().unwrap().iter().zip(b.as_array().unwrap())
}

#[test]
fn what_cannot_be_read_is_said() {
    let client = Client::new(shared());
    let refused = |pages: &Value| {
        let body = json!({ "DocumentPages": pages }).to_string();
        refusal(&client.raw("Textract.AnalyzeID", body.as_bytes()))
    };
    for (file, code, text) in [
        (
            png(&nobody()),
            "UnsupportedDocumentException",
            "No identity document can be read",
        ),
        (
            b"GIF89a".to_vec(),
            "UnsupportedDocumentException",
            "GIF images are not accepted",
        ),
        (b"%PDF-1.4".to_vec(), "BadDocumentException", "The PDF is damaged"),
        (
            b"\xff\xd8\xff".to_vec(),
            "BadDocumentException",
            "The JPEG image is damaged",
        ),
    ] {
        let (found, message) = refused(&json!([bytes(&file)]));
        assert_eq!(found, code, "{message}");
        assert!(message.starts_with(text) && message.ends_with('.'), "{message}");
    }
    assert_eq!(refused(&json!([{}])).0, "InvalidParameterException");
    assert_eq!(refused(&json!([])).0, "ValidationException");
}
