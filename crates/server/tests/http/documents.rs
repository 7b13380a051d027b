//! Registration with an identity document, and what a document says.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use image::imageops::crop_imm;
use selfsame_document::silico::{Person, licence, passport};
use selfsame_server::Secret;
use serde_json::{Value, json};

use crate::support::{Server, jpeg, nobody, photos, pixels, png};
use crate::workflows::{assert_nothing_is_left, failing_after, flows, way, with_flows};

const REGISTER_ID_CARD: &str = include_str!("../../../../workflows/register-idcard.asl.json");

/// The middle of a photo in the shape of a portrait.
fn portrait(name: &str) -> Vec<u8> {
    let photo = pixels(name);
    let width = photo.width().min(photo.height() * 3 / 4);
    let left = (photo.width() - width) / 2;
    jpeg(&crop_imm(&photo, left, 0, width, width * 4 / 3).to_image())
}

/// A driver licence with this portrait, as a PDF.
fn card(name: &str) -> Vec<u8> {
    licence(&Person::example(), Some(&portrait(name))).pdf()
}

fn body(photo: &str, card: &[u8], properties: &Value) -> Value {
    json!({
        "UserId": "Barack",
        "Image": STANDARD.encode(photos().get(photo)),
        "IdCard": STANDARD.encode(card),
        "Properties": properties,
    })
}

#[test]
fn what_the_card_says_goes_over_what_the_client_says() {
    let server = Server::start();
    let claimed = json!({"LAST_NAME": "MALLORY", "VETERAN": "VETERAN", "note": "it's a test"});
    let registered = server.post(
        "/register-idcard",
        &body("obama.jpg", &card("obama2.jpg"), &claimed),
    );
    let output = registered.output();
    assert_eq!(
        (&output["UserId"], &output["Status"]),
        (&json!("Barack"), &json!("Registered"))
    );
    assert!(output["Similarity"].as_f64().unwrap() >= 95.0, "{output}");
    let input = registered.json()["input"].as_str().unwrap().to_owned();
    assert!(input.len() < 300, "no picture is sent back");

    let shown = server.get("/users/Barack").json();
    let properties = &shown["Properties"];
    let person = Person::example();
    assert_eq!(properties["LAST_NAME"], person.last_name);
    assert_eq!(properties["FIRST_NAME"], "TESSA");
    assert_eq!(properties["MIDDLE_NAME"], "JUNE");
    assert_eq!(properties["DOCUMENT_NUMBER"], person.number);
    assert_eq!(properties["DATE_OF_BIRTH"], "04/17/1988");
    assert_eq!(properties["ID_TYPE"], "DRIVER LICENSE FRONT");
    assert_eq!(properties["VETERAN"], "", "the card does not say so");
    assert_eq!(properties["note"], "it's a test");
    assert_eq!(
        shown["Faces"].as_array().unwrap().len(),
        1,
        "the portrait is not enrolled"
    );
    assert_eq!(
        server.photos_on_disk().len(),
        1,
        "the picture of the card is not kept"
    );
    server
        .flow("/auth", "Barack", &photos().get("obama3.jpg"))
        .output();
}

#[test]
fn the_face_must_be_the_one_on_the_card() {
    let server = Server::start();
    let failure = server
        .post(
            "/register-idcard",
            &body("obama.jpg", &card("biden.jpg"), &json!({})),
        )
        .failure();
    assert_eq!(failure.0, "FaceNotMatchWithIDCard");
    assert_nothing_is_left(&server, "Barack");
    // The selfie is no card, and a card is no selfie.
    let as_card = server.post(
        "/register-idcard",
        &body("obama.jpg", &photos().get("obama.jpg"), &json!({})),
    );
    assert_eq!(as_card.failure().0, "InvalidImageError");
    assert_nothing_is_left(&server, "Barack");
}

#[test]
fn cards_that_cannot_be_used_are_explained() {
    let server = Server::start();
    let without_portrait = licence(&Person::example(), None).pdf();
    for (card, expected) in [
        (without_portrait, "there is no portrait on the card"),
        (png(&nobody()), "IdCard: no identity document can be read"),
        (b"GIF89a".to_vec(), "IdCard: GIF images are not accepted"),
        (b"%PDF-1.4".to_vec(), "IdCard: the PDF is damaged"),
    ] {
        let failure = server
            .post("/register-idcard", &body("obama.jpg", &card, &json!({})))
            .failure();
        assert_eq!(failure.0, "InvalidImageError");
        assert!(failure.1.contains(expected), "{failure:?}");
    }
    assert_nothing_is_left(&server, "Barack");
    let mut unencoded = body("obama.jpg", b"", &json!({}));
    unencoded["IdCard"] = "*".into();
    let failure = server.post("/register-idcard", &unencoded).failure();
    assert!(failure.1.contains("IdCard is no valid base64"), "{failure:?}");
    unencoded["IdCard"] = Value::Null;
    let (status, _, message) = server.post("/register-idcard", &unencoded).refusal();
    assert_eq!(status, 400);
    assert!(message.contains("IdCard is missing"), "{message}");
}

#[test]
fn a_registration_with_a_card_that_fails_after_any_state_leaves_nothing() {
    let body = body("obama.jpg", &card("obama2.jpg"), &json!({}));
    for name in way(REGISTER_ID_CARD) {
        let directory = flows(&[(
            "register-idcard.asl.json",
            &failing_after(REGISTER_ID_CARD, &name),
        )]);
        let server = with_flows(directory.path(), None);
        assert_eq!(
            server.post("/register-idcard", &body).failure().0,
            "Injected",
            "{name}"
        );
        assert_nothing_is_left(&server, "Barack");
        assert!(server.get("/metrics").text.contains("selfsame_faces 0"), "{name}");
    }
}

/// 32 bytes, as `openssl rand -base64 32` prints them.
const CARD_KEY: &str = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";

#[test]
fn the_card_is_kept_encrypted_where_there_is_a_key() {
    let server = Server::with(|config| config.portal.card_key = Some(Secret::new(CARD_KEY)));
    let kept = body("obama.jpg", &card("obama2.jpg"), &json!({}));
    server.post("/register-idcard", &kept).output();
    assert_eq!(server.photos_on_disk().len(), 1, "the card is no photo");
    let shown = server.request_bytes("GET", "/users/Barack/card");
    assert_eq!((shown.status, shown.header("content-type")), (200, "image/jpeg"));
    assert_eq!(shown.header("cache-control"), "no-store");
    let picture = image::load_from_memory(&shown.body).unwrap();
    let ratio = f64::from(picture.width()) / f64::from(picture.height());
    assert!(
        (1.5..1.7).contains(&ratio),
        "the card alone, in the shape of ID-1: {ratio}"
    );
    assert_eq!(server.get("/users/Nobody/card").status, 404);
    assert_eq!(
        server.request("GET", "/users/Barack/card", &[], &[]).status,
        401,
        "for administrators only"
    );

    // With another key, or none, the card does not open, and what is wrong stands in the log only.
    let server = server.restart();
    let (status, _, message) = server.get("/users/Barack/card").refusal();
    assert_eq!(status, 500);
    assert!(!message.contains("key"), "{message}");
    assert_eq!(server.delete("/users/Barack").status, 200);
    assert_nothing_is_left(&server, "Barack");
    assert_eq!(server.get("/users/Barack/card").status, 404);
}

#[test]
fn without_a_key_no_card_is_kept() {
    let server = Server::start();
    let kept = body("obama.jpg", &card("obama2.jpg"), &json!({}));
    server.post("/register-idcard", &kept).output();
    assert_eq!(server.get("/users/Barack/card").status, 404);
}

#[test]
fn a_server_may_refuse_pdfs() {
    let server = Server::with(|config| config.limits.pdf_bytes = 0);
    let page = STANDARD.encode(passport(&Person::example(), None).pdf());
    let answer = server.post("/extract-idcard", &json!({"UserId": "Barack", "IdCard": page}));
    assert_eq!(answer.status, 400, "{}", answer.text);
    assert!(
        answer
            .text
            .contains("PDF files are not read here: send a photo of the document"),
        "{}",
        answer.text
    );
}

#[test]
fn a_document_fills_a_form() {
    let server = Server::start();
    let page = passport(&Person::example(), Some(&portrait("obama.jpg"))).pdf();
    let answer = server.post(
        "/extract-idcard",
        &json!({"UserId": "Barack", "IdCard": STANDARD.encode(&page), "Properties": {"LAST_NAME": "x", "note": 1}}),
    );
    assert_eq!(answer.status, 200, "{}", answer.text);
    let extracted = answer.json();
    assert_eq!(extracted["UserId"], "Barack");
    let properties = &extracted["Properties"];
    assert_eq!(properties["ID_TYPE"], "PASSPORT");
    assert_eq!(properties["LAST_NAME"], "MARLOWE");
    assert_eq!(properties["DOCUMENT_NUMBER"], "K4417926");
    assert_eq!(properties["note"], 1);
    assert!(
        properties["MRZ_CODE"]
            .as_str()
            .unwrap()
            .starts_with("P<UTOMARLOWE<<TESSA<JUNE<")
    );
    let faces = extracted["DetectFace"]["FaceDetails"].as_array().unwrap();
    assert_eq!(faces.len(), 1, "{extracted}");
    let area = &faces[0]["BoundingBox"];
    // The portrait takes the left third of the page.
    let (left, width) = (area["Left"].as_f64().unwrap(), area["Width"].as_f64().unwrap());
    assert!(left > 0.03 && left + width < 0.33, "{area}");
    assert_nothing_is_left(&server, "Barack");

    let blank = json!({"UserId": "Barack", "IdCard": STANDARD.encode(png(&nobody()))});
    let (status, _, message) = server.post("/extract-idcard", &blank).refusal();
    assert_eq!(status, 400);
    assert!(message.contains("no identity document can be read"), "{message}");
}
