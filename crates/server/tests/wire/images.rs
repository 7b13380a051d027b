//! Images: what is found in them, and what is refused.

use serde_json::{Value, json};

use crate::client::{Client, bytes, image, members, shared};
use crate::support::{nobody, pixels, png, two_people};

#[test]
fn a_face_in_full() {
    let client = Client::new(shared());
    let output = client.ok("DetectFaces", &json!({"Image": image("obama.jpg")}));
    assert_eq!(members(&output), ["FaceDetails"]);
    let faces = output["FaceDetails"].as_array().unwrap();
    assert_eq!(faces.len(), 1);
    let face = &faces[0];
    assert_eq!(
        members(face),
        ["BoundingBox", "Confidence", "Landmarks", "Pose", "Quality"]
    );
    assert_eq!(members(&face["BoundingBox"]), ["Height", "Left", "Top", "Width"]);
    assert_eq!(members(&face["Pose"]), ["Pitch", "Roll", "Yaw"]);
    assert_eq!(members(&face["Quality"]), ["Brightness", "Sharpness"]);
    assert!(face["Confidence"].as_f64().unwrap() > 90.0);
    let landmarks = face["Landmarks"].as_array().unwrap();
    assert_eq!(landmarks.len(), 30);
    let at = |kind: &str| {
        let found = landmarks
            .iter()
            .find(|landmark| landmark["Type"] == kind)
            .unwrap();
        (found["X"].as_f64().unwrap(), found["Y"].as_f64().unwrap())
    };
    // The viewer's left, as in AWS's documentation.
    assert!(at("eyeLeft").0 < at("eyeRight").0 && at("mouthLeft").0 < at("mouthRight").0);
    assert!(at("leftEyeBrowUp").1 < at("eyeLeft").1 && at("eyeLeft").1 < at("nose").1);
    assert!(at("mouthUp").1 < at("mouthDown").1 && at("mouthDown").1 < at("chinBottom").1);
    assert!(
        at("upperJawlineLeft").0 < at("leftEyeLeft").0 && at("rightEyeRight").0 < at("upperJawlineRight").0
    );
    assert!(at("leftEyeUp").1 < at("leftEyeDown").1 && at("noseLeft").0 < at("noseRight").0);
}

#[test]
fn what_a_face_wears_and_does_is_told_where_it_is_asked_for() {
    let client = Client::new(shared());
    let face = |attributes: Value| {
        let input = json!({"Image": image("obama.jpg"), "Attributes": attributes});
        client.ok("DetectFaces", &input)["FaceDetails"][0].clone()
    };
    let face_with_all = face(json!(["ALL"]));
    assert_eq!(
        members(&face_with_all),
        [
            "AgeRange",
            "Beard",
            "BoundingBox",
            "Confidence",
            "Emotions",
            "EyeDirection",
            "Eyeglasses",
            "EyesOpen",
            "FaceOccluded",
            "Gender",
            "Landmarks",
            "MouthOpen",
            "Mustache",
            "Pose",
            "Quality",
            "Smile",
            "Sunglasses"
        ]
    );
    for (attribute, value) in [
        ("Smile", true),
        ("EyesOpen", true),
        ("Eyeglasses", false),
        ("Sunglasses", false),
        ("Beard", false),
        ("Mustache", false),
        ("FaceOccluded", false),
    ] {
        let told = &face_with_all[attribute];
        assert_eq!(told["Value"], value, "{attribute}: {told}");
        let confidence = told["Confidence"].as_f64().unwrap();
        assert!((50.0..=100.0).contains(&confidence), "{attribute}: {told}");
    }
    assert_eq!(face_with_all["Gender"]["Value"], "Male");
    let years = |end: &str| face_with_all["AgeRange"][end].as_i64().unwrap();
    assert!(
        years("Low") < years("High") && (25..=60).contains(&years("Low")),
        "{}",
        face_with_all["AgeRange"]
    );
    let emotions = face_with_all["Emotions"].as_array().unwrap();
    assert_eq!(emotions[0]["Type"], "HAPPY");
    let sum: f64 = emotions.iter().map(|one| one["Confidence"].as_f64().unwrap()).sum();
    assert!((sum - 100.0).abs() < 0.1, "{sum}");
    assert_eq!(members(&face_with_all["EyeDirection"]), ["Confidence", "Pitch", "Yaw"]);

    // What is not asked for is not told, least of all age and gender.
    assert_eq!(
        members(&face(json!(["DEFAULT", "SUNGLASSES"]))),
        ["BoundingBox", "Confidence", "Landmarks", "Pose", "Quality", "Sunglasses"]
    );
}

#[test]
fn nobody_and_several() {
    let client = Client::new(shared());
    let empty = client.ok("DetectFaces", &json!({"Image": bytes(&png(&nobody()))}));
    assert_eq!(empty, json!({"FaceDetails": []}));
    let two = client.ok("DetectFaces", &json!({"Image": bytes(&png(&two_people()))}));
    let faces = two["FaceDetails"].as_array().unwrap();
    let area = |face: &Value| {
        face["BoundingBox"]["Width"].as_f64().unwrap() * face["BoundingBox"]["Height"].as_f64().unwrap()
    };
    assert_eq!(faces.len(), 2);
    assert!(area(&faces[0]) >= area(&faces[1]), "the largest first");
}

#[test]
fn faces_are_compared() {
    let client = Client::new(shared());
    let both = bytes(&png(&two_people()));
    let output = client.ok(
        "CompareFaces",
        &json!({"SourceImage": image("obama2.jpg"), "TargetImage": both}),
    );
    assert_eq!(
        members(&output),
        ["FaceMatches", "SourceImageFace", "UnmatchedFaces"]
    );
    assert_eq!(members(&output["SourceImageFace"]), ["BoundingBox", "Confidence"]);
    let matches = output["FaceMatches"].as_array().unwrap();
    assert_eq!(
        (matches.len(), output["UnmatchedFaces"].as_array().unwrap().len()),
        (1, 1)
    );
    assert!(
        matches[0]["Similarity"].as_f64().unwrap() > 95.0,
        "{}",
        matches[0]
    );
    let face = &matches[0]["Face"];
    assert_eq!(
        members(face),
        ["BoundingBox", "Confidence", "Landmarks", "Pose", "Quality"]
    );
    assert_eq!(face["Landmarks"].as_array().unwrap().len(), 5);
    // Obama is the one on the left.
    assert!(face["BoundingBox"]["Left"].as_f64().unwrap() < 0.5);
    let all = client.ok(
        "CompareFaces",
        &json!({"SourceImage": image("obama2.jpg"), "TargetImage": both, "SimilarityThreshold": 0}),
    );
    let similarities: Vec<f64> = all["FaceMatches"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["Similarity"].as_f64().unwrap())
        .collect();
    assert!(
        similarities.len() == 2 && similarities[0] > similarities[1],
        "{similarities:?}"
    );
    for (source, target) in [
        (bytes(&png(&nobody())), image("obama.jpg")),
        (image("obama.jpg"), bytes(&png(&nobody()))),
    ] {
        let refused = client.refusal(
            "CompareFaces",
            &json!({"SourceImage": source, "TargetImage": target}),
        );
        assert_eq!(
            refused,
            (
                "InvalidParameterException".to_owned(),
                "Request has invalid parameters.".to_owned()
            )
        );
    }
}

#[test]
fn what_is_no_image_is_refused() {
    let client = Client::new(shared());
    let small = image::RgbImage::new(79, 200);
    let webp = b"RIFF\x24\0\0\0WEBPVP8 ".to_vec();
    for (file, code, message) in [
        (
            b"GIF89a...".to_vec(),
            "InvalidImageFormatException",
            "Request has invalid image format.",
        ),
        (
            webp,
            "InvalidImageFormatException",
            "Request has invalid image format.",
        ),
        (
            b"\xFF\xD8\xFF\xE0cut".to_vec(),
            "InvalidImageFormatException",
            "Request has invalid image format.",
        ),
        (
            png(&small),
            "InvalidParameterException",
            "Request has invalid parameters.",
        ),
    ] {
        let refused = client.refusal("DetectFaces", &json!({"Image": bytes(&file)}));
        assert_eq!(refused, (code.to_owned(), message.to_owned()));
    }
    for neither_or_both in [
        json!({}),
        json!({"Bytes": "AAAA", "S3Object": {"Bucket": "bucket", "Name": "x"}}),
    ] {
        let refused = client.refusal("DetectFaces", &json!({"Image": neither_or_both}));
        assert_eq!(refused.0, "InvalidParameterException");
    }
    let missing = json!({"Image": {"S3Object": {"Bucket": "bucket", "Name": "x.jpg"}}});
    assert_eq!(
        client.refusal("DetectFaces", &missing),
        (
            "InvalidS3ObjectException".to_owned(),
            "Unable to get object metadata from S3. Check object key, region and/or access permissions."
                .to_owned()
        )
    );
    let long = json!({"Image": {"Bytes": "A".repeat(7_000_000)}});
    assert_eq!(client.refusal("DetectFaces", &long).0, "ValidationException");
    // A large but honest photo passes.
    let large = image::imageops::resize(
        &pixels("obama.jpg"),
        1600,
        1600,
        image::imageops::FilterType::Nearest,
    );
    let file = png(&large);
    assert!(file.len() < 5_242_880, "{}", file.len());
    client.ok("DetectFaces", &json!({"Image": bytes(&file)}));
}
