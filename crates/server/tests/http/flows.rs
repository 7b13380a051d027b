//! Register, authenticate, update: the main job.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use image::RgbImage;
use serde_json::{Value, json};

use crate::support::{Server, jpeg, nobody, photos, pixels, png, two_people};

#[test]
fn a_person_is_registered_and_recognised() {
    let server = Server::start();
    let body = json!({
        "UserId": "Barack",
        "Properties": {"name": "O'Bama", "city": "Χώρα — 東京", "nested": {"n": [1, 2.5, null]}},
        "Image": STANDARD.encode(photos().get("obama.jpg")),
    });
    let registered = server.post("/register", &body);
    let output = registered.output();
    assert_eq!(
        (&output["UserId"], &output["Status"]),
        (&json!("Barack"), &json!("Registered"))
    );
    assert_eq!(output["ImageId"].as_str().unwrap().len(), 36);
    assert_eq!(output["Quality"]["Sunglasses"], "no");

    let envelope = registered.json();
    let input: Value = serde_json::from_str(envelope["input"].as_str().unwrap()).unwrap();
    assert_eq!(
        input,
        json!({"UserId": "Barack", "Properties": body["Properties"]}),
        "no photo is sent back"
    );
    let arn = envelope["executionArn"].as_str().unwrap();
    assert!(
        arn.starts_with("arn:aws:states:local:000000000000:express:Register:"),
        "{arn}"
    );
    assert!(envelope["stopDate"].as_f64() >= envelope["startDate"].as_f64());

    for photo in ["obama.jpg", "obama2.jpg"] {
        let output = server.flow("/auth", "Barack", &photos().get(photo)).output();
        assert_eq!(
            (&output["UserId"], &output["Status"]),
            (&json!("Barack"), &json!("Verified"))
        );
        assert!(output["Similarity"].as_f64().unwrap() >= 95.0, "{output}");
    }
}

#[test]
fn somebody_else_and_nobody_are_refused_in_the_same_words() {
    let server = Server::start();
    server
        .flow("/register", "Barack", &photos().get("obama.jpg"))
        .output();
    let wrong_face = server
        .flow("/auth", "Barack", &photos().get("biden.jpg"))
        .failure();
    assert_eq!(wrong_face.0, "UserAccessDenied");
    for unknown in ["Joe", "barack", "BARACK"] {
        assert_eq!(
            server
                .flow("/auth", unknown, &photos().get("obama2.jpg"))
                .failure(),
            wrong_face
        );
        assert_eq!(
            server
                .flow("/update", unknown, &photos().get("obama2.jpg"))
                .failure(),
            wrong_face
        );
    }
    // Naming a stored face opens nothing.
    let face = server.get("/users/Barack").json()["Faces"][0]["FaceId"].clone();
    let body = json!({
        "UserId": "Barack", "FaceId": face, "Image": STANDARD.encode(photos().get("biden.jpg")),
    });
    assert_eq!(server.post("/auth", &body).failure(), wrong_face);
    let stored = json!({"UserId": "Barack", "Bucket": "images", "Name": "Barack.jpg"});
    let (status, code, message) = server.post("/auth", &stored).refusal();
    assert_eq!((status, code.as_str()), (400, "ValidationException"));
    assert!(
        message.contains("send the photo itself") || message.contains("Send the photo itself"),
        "{message}"
    );
}

#[test]
fn one_face_is_one_user() {
    let server = Server::start();
    server
        .flow("/register", "Barack", &photos().get("obama.jpg"))
        .output();
    let (error, cause) = server
        .flow("/register", "Barack", &photos().get("biden.jpg"))
        .failure();
    assert_eq!(error, "UserAlreadyExists");
    assert!(cause.contains("UserId is registered"), "{cause}");
    for photo in ["obama.jpg", "obama2.jpg"] {
        let (error, cause) = server.flow("/register", "barack", &photos().get(photo)).failure();
        assert_eq!(error, "UserAlreadyExists");
        assert!(
            cause.contains("face is registered") && !cause.contains("Barack"),
            "{cause}"
        );
    }
    // Ids differ by case, and another person may have one of them.
    server
        .flow("/register", "barack", &photos().get("biden.jpg"))
        .output();
    assert_eq!(
        server
            .flow("/auth", "barack", &photos().get("obama2.jpg"))
            .failure()
            .0,
        "UserAccessDenied"
    );
    server
        .flow("/auth", "Barack", &photos().get("obama2.jpg"))
        .output();
}

#[test]
fn an_update_adds_a_photo_and_merges_properties() {
    let server = Server::start();
    let image = |name: &str| STANDARD.encode(photos().get(name));
    let body = json!({"UserId": "Barack", "Properties": {"a": 1, "b": 2}, "Image": image("obama.jpg")});
    server.post("/register", &body).output();
    let body = json!({"UserId": "Barack", "Properties": {"b": 3, "c": "o'c"}, "Image": image("obama2.jpg")});
    let output = server.post("/update", &body).output();
    assert_eq!(
        (&output["UserId"], &output["Status"]),
        (&json!("Barack"), &json!("Updated"))
    );
    let user = server.get("/users/Barack").json();
    assert_eq!(user["Properties"], json!({"a": 1, "b": 3, "c": "o'c"}));
    assert_eq!(user["Faces"].as_array().unwrap().len(), 2);
    assert_eq!(user["Faces"][1]["ImageId"], output["ImageId"]);

    let (error, _) = server
        .flow("/update", "Barack", &photos().get("biden.jpg"))
        .failure();
    assert_eq!(error, "UserAccessDenied");
    assert_eq!(
        server.get("/users/Barack").json(),
        user,
        "a refused update changes nothing"
    );
}

#[test]
fn photos_that_cannot_be_used() {
    let server = Server::start();
    let turned = image::imageops::resize(
        &pixels("obama.jpg"),
        300,
        400,
        image::imageops::FilterType::Triangle,
    );
    let dark = RgbImage::from_fn(turned.width(), turned.height(), |x, y| {
        turned.get_pixel(x, y).0.map(|v| v / 16).into()
    });
    for (photo, error, hint) in [
        (jpeg(&nobody()), "NoFacesDetectedException", "no face"),
        (jpeg(&two_people()), "TooManyFacesDetectedException", "2 faces"),
        (vec![0x42; 40], "InvalidImageError", "JPEG, PNG or WebP"),
        (
            Vec::from(*b"GIF89a................................"),
            "InvalidImageError",
            "JPEG, PNG or WebP",
        ),
        (
            photos().get("obama.jpg")[..9000].to_vec(),
            "InvalidImageError",
            "damaged",
        ),
        (png(&RgbImage::new(40, 40)), "InvalidImageError", "80"),
        (jpeg(&dark), "DarkFaceDetectedException", "too dark"),
    ] {
        for route in ["/register", "/auth", "/update"] {
            let (name, cause) = server.flow(route, "Ada", &photo).failure();
            assert_eq!(name, error, "{route}: {cause}");
            assert!(cause.contains(hint), "{route}: {cause}");
        }
    }
    let body = json!({"UserId": "Ada", "Image": "this is *not* base64"});
    let (name, cause) = server.post("/register", &body).failure();
    assert_eq!(name, "InvalidImageError");
    assert!(cause.contains("base64"), "{cause}");
    assert_eq!(server.get("/users/Ada").status, 404, "nothing is left behind");
    assert!(server.photos_on_disk().is_empty());
}

#[test]
fn a_browsers_data_url_is_understood() {
    let server = Server::start();
    let image = format!(
        "data:image/jpeg;base64,{}",
        STANDARD.encode(photos().get("obama.jpg"))
    );
    server
        .post("/register", &json!({"UserId": "Barack", "Image": image}))
        .output();
}

#[test]
fn a_flow_that_takes_too_long_stores_nothing() {
    let server = Server::with(|config| config.server.flow_timeout_ms = 1);
    let answer = server.flow("/register", "Barack", &photos().get("obama.jpg"));
    let envelope = answer.json();
    assert_eq!(
        (answer.status, &envelope["status"]),
        (200, &json!("TIMED_OUT")),
        "{}",
        answer.text
    );
    assert!(envelope.get("output").is_none());
    assert_eq!(server.get("/users/Barack").status, 404);
    assert!(server.photos_on_disk().is_empty());
}

#[test]
fn check_userid_speaks_the_samples_words() {
    let server = Server::start();
    let ask = |user: &str| server.post("/check-userid", &json!({"UserId": user})).json();
    assert_eq!(ask("Barack"), json!({"Reason": "User not Exist"}));
    server
        .flow("/register", "Barack", &photos().get("obama.jpg"))
        .output();
    assert_eq!(ask("Barack"), json!({"Reason": "User Exist"}));
    assert_eq!(ask("barack"), json!({"Reason": "User not Exist"}));
    assert_eq!(
        server
            .post("/check-userid", &json!({"UserId": "o'b"}))
            .refusal()
            .0,
        400
    );
}

#[test]
fn of_several_photos_the_best_is_used() {
    let server = Server::start();
    let good = photos().get("obama2.jpg");
    let blurred = jpeg(&image::imageops::blur(&pixels("obama.jpg"), 12.0));
    let several: Vec<String> = [
        png(&nobody()),
        blurred.clone(),
        good.clone(),
        b"no photo".to_vec(),
    ]
    .iter()
    .map(|photo| STANDARD.encode(photo))
    .collect();
    let body = json!({"UserId": "Barack", "Images": several});
    server.post("/register", &body).output();
    let kept = server.photos_on_disk();
    assert_eq!(kept.len(), 1);
    assert!(fs_err::read(&kept[0]).unwrap() == good, "the best photo is kept");
    // Where none is good enough, the flow says what is wrong with the best.
    let bad: Vec<String> = [png(&nobody()), blurred]
        .iter()
        .map(|photo| STANDARD.encode(photo))
        .collect();
    let failure = server
        .post("/auth", &json!({"UserId": "Barack", "Images": bad}))
        .failure();
    assert!(failure.1.contains("blurred"), "{failure:?}");
    // And where none can be read, why not.
    let unreadable = json!({"UserId": "Barack", "Images": ["AAAA", "*"]});
    let failure = server.post("/auth", &unreadable).failure();
    assert_eq!(failure.0, "InvalidImageError");
}
