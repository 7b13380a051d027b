//! Registrations that name photos and documents instead of bringing them.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use selfsame_document::silico::{Person, licence};
use serde_json::json;

use crate::client::Client;
use crate::support::{Server, photos, pixels};

const BUCKET: &str = "uploads";

/// A server that takes uploads, with a bucket of them and another.
fn server() -> Server {
    let server = Server::with(|config| config.portal.upload_bucket = Some(BUCKET.to_owned()));
    let client = Client::new(&server);
    for bucket in [BUCKET, "private"] {
        assert_eq!(client.send("PUT", &format!("/{bucket}"), &[], b"").status, 200);
    }
    drop(client);
    server
}

fn upload(server: &Server, path: &str, bytes: &[u8]) {
    assert_eq!(Client::new(server).send("PUT", path, &[], bytes).status, 200);
}

fn is_there(server: &Server, path: &str) -> bool {
    Client::new(server).send("HEAD", path, &[], b"").status == 200
}

/// The middle of a photo in the shape of a portrait, as on a licence.
fn card(name: &str) -> Vec<u8> {
    let photo = pixels(name);
    let width = photo.width().min(photo.height() * 3 / 4);
    let left = (photo.width() - width) / 2;
    let portrait = image::imageops::crop_imm(&photo, left, 0, width, width * 4 / 3).to_image();
    licence(&Person::example(), Some(&crate::support::jpeg(&portrait))).pdf()
}

#[test]
fn a_registration_takes_its_pictures_from_the_bucket_and_erases_them() {
    let server = server();
    upload(&server, "/uploads/Barack/me.jpg", &photos().get("obama.jpg"));
    upload(&server, "/uploads/Barack/card.pdf", &card("obama2.jpg"));
    let document = json!({"UserId": "Barack", "ImageName": "Barack/card.pdf"});
    let extracted = server.post("/extract-idcard", &document).json();
    assert_eq!(extracted["Properties"]["LAST_NAME"], "MARLOWE", "{extracted}");
    assert!(
        is_there(&server, "/uploads/Barack/card.pdf"),
        "it is still needed"
    );
    let registration = json!({
        "UserId": "Barack", "Bucket": BUCKET, "Name": "Barack/me.jpg", "IdCardName": "Barack/card.pdf",
    });
    server.post("/register-idcard", &registration).output();
    assert_eq!(
        server.get("/users/Barack").json()["Properties"]["LAST_NAME"],
        "MARLOWE"
    );
    for name in ["me.jpg", "card.pdf"] {
        assert!(!is_there(&server, &format!("/uploads/Barack/{name}")), "{name}");
    }
    let (status, _, message) = server.post("/register-idcard", &registration).refusal();
    assert_eq!(status, 400);
    assert!(message.contains("has no such object"), "{message}");
}

#[test]
fn what_was_refused_is_erased_too() {
    let server = server();
    upload(
        &server,
        "/uploads/nobody.jpg",
        &crate::support::png(&crate::support::nobody()),
    );
    let registration = json!({"UserId": "Barack", "Bucket": BUCKET, "Name": "nobody.jpg"});
    let (error, _) = server.post("/register", &registration).failure();
    assert_eq!(error, "NoFacesDetectedException");
    assert!(!is_there(&server, "/uploads/nobody.jpg"));
}

#[test]
fn no_other_bucket_is_read_and_nobody_authenticates_with_a_stored_photo() {
    let server = server();
    for bucket in [BUCKET, "private"] {
        upload(&server, &format!("/{bucket}/me.jpg"), &photos().get("obama.jpg"));
    }
    let named = |bucket: &str| json!({"UserId": "Barack", "Bucket": bucket, "Name": "me.jpg"});
    let (status, _, message) = server.post("/register", &named("private")).refusal();
    assert_eq!(status, 400);
    assert!(message.contains("from the bucket for uploads only"), "{message}");
    let image = json!({"UserId": "Barack", "Image": STANDARD.encode(photos().get("obama.jpg"))});
    server.post("/register", &image).output();
    for route in ["/auth", "/update"] {
        let (status, _, message) = server.post(route, &named(BUCKET)).refusal();
        assert_eq!(status, 400);
        assert!(message.contains("proves nothing"), "{message}");
    }
    assert!(is_there(&server, "/uploads/me.jpg") && is_there(&server, "/private/me.jpg"));
}

#[test]
fn without_a_bucket_for_uploads_nothing_is_read_by_name() {
    let server = Server::start();
    let named = json!({"UserId": "Barack", "Bucket": BUCKET, "Name": "me.jpg"});
    let (status, _, message) = server.post("/register", &named).refusal();
    assert_eq!(status, 400);
    assert!(
        message.contains("no bucket for uploads is configured"),
        "{message}"
    );
}
