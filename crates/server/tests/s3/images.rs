//! Photos that requests name: here, and on another server.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use selfsame_server::Secret;
use selfsame_server::access::{Grant, Limits, Scope};
use selfsame_types::{Clock as _, SystemClock};
use selfsame_wire::sigv4::Signer;
use serde_json::{Value, json};
use ureq::http::{HeaderMap, HeaderValue, Method, Uri};

use crate::client::{Client, shared};
use crate::support::{Server, photos};

/// One call of Rekognition.
fn call(client: &Client<'_>, operation: &str, input: &Value) -> (u16, Value) {
    let address = client.server.address.to_string();
    let uri: Uri = format!("http://{address}/").parse().unwrap();
    let target = format!("RekognitionService.{operation}");
    let mut headers = HeaderMap::new();
    for (name, value) in [
        ("host", address.as_str()),
        ("content-type", "application/x-amz-json-1.1"),
        ("x-amz-target", &target),
    ] {
        headers.insert(name, HeaderValue::from_str(value).unwrap());
    }
    let signer = Signer {
        access_key_id: &client.access_key_id,
        secret: &client.secret,
        region: "eu-central-1",
        service: "rekognition",
    };
    let body = input.to_string();
    let now: Timestamp = SystemClock.now();
    signer
        .sign(&Method::POST, &uri, &mut headers, body.as_bytes(), now)
        .unwrap();
    let headers: Vec<(&str, &str)> = headers
        .iter()
        .map(|(name, value)| (name.as_str(), value.to_str().unwrap()))
        .collect();
    let answer = client.server.request("POST", "/", &headers, body.as_bytes());
    (answer.status, answer.json())
}

fn detect(client: &Client<'_>, bucket: &str, name: &str) -> Result<usize, String> {
    let input = json!({"Image": {"S3Object": {"Bucket": bucket, "Name": name}}});
    let (status, output) = call(client, "DetectFaces", &input);
    match output["FaceDetails"].as_array() {
        Some(faces) if status == 200 => Ok(faces.len()),
        _ => Err(output["Code"].as_str().unwrap().to_owned()),
    }
}

const INVALID: &str = "InvalidS3ObjectException";

#[test]
fn a_photo_in_a_bucket() {
    let client = Client::new(shared());
    let bucket = client.bucket();
    let photo = photos().get("obama.jpg");
    client.send("PUT", &format!("/{bucket}/ä/o b.jpg"), &[], &photo);
    assert_eq!(detect(&client, &bucket, "ä/o b.jpg"), Ok(1));
    let by_bytes = json!({"Image": {"Bytes": STANDARD.encode(&photo)}});
    let by_name = json!({"Image": {"S3Object": {"Bucket": bucket, "Name": "ä/o b.jpg", "Version": "null"}}});
    assert_eq!(
        call(&client, "DetectFaces", &by_bytes),
        call(&client, "DetectFaces", &by_name)
    );
    for (bucket, name) in [(bucket.as_str(), "never"), ("there-is-none", "o.jpg")] {
        assert_eq!(detect(&client, bucket, name), Err(INVALID.to_owned()));
    }
    // Of a bucket that the key may not touch it learns nothing.
    let grant = Grant {
        scopes: Scope::GalleryWrite.into(),
        limits: Limits {
            collections: Vec::new(),
            buckets: vec!["another".to_owned()],
        },
    };
    let limited = Client::with(shared(), &grant);
    assert_eq!(detect(&limited, &bucket, "ä/o b.jpg"), Err(INVALID.to_owned()));
}

#[test]
fn a_photo_of_more_than_fifteen_megabytes() {
    let client = Client::new(shared());
    let bucket = client.bucket();
    let mut photo = photos().get("obama.jpg");
    // What follows the end of a JPEG is no part of it.
    photo.resize(15 << 20, 0);
    client.send("PUT", &format!("/{bucket}/most"), &[], &photo);
    assert_eq!(detect(&client, &bucket, "most"), Ok(1));
    photo.push(0);
    client.send("PUT", &format!("/{bucket}/more"), &[], &photo);
    assert_eq!(
        detect(&client, &bucket, "more"),
        Err("ImageTooLargeException".to_owned())
    );
}

#[test]
fn a_photo_on_another_server() {
    let there = Client::new(shared());
    let (bucket, both) = (there.bucket(), there.bucket());
    let photo = photos().get("obama.jpg");
    there.send("PUT", &format!("/{bucket}/ä/o b+c.jpg"), &[], &photo);
    there.send("PUT", &format!("/{both}/only there"), &[], &photo);
    let mut large = photo.clone();
    large.resize((15 << 20) + 1, 0);
    there.send("PUT", &format!("/{bucket}/large"), &[], &large);

    let server = Server::with(|config| {
        config.s3.endpoint = Some(format!("http://{}", shared().address));
        config.s3.allow_http = true;
        config.s3.access_key_id = Some(there.access_key_id.clone());
        config.s3.secret_access_key = Some(Secret::new(there.secret.clone()));
    });
    let here = Client::new(&server);
    assert_eq!(detect(&here, &bucket, "ä/o b+c.jpg"), Ok(1));
    assert_eq!(
        detect(&here, &bucket, "large"),
        Err("ImageTooLargeException".to_owned())
    );
    for (bucket, name) in [
        (bucket.as_str(), "never"),
        (&bucket, "../whatever/o.jpg"),
        ("there-is-none", "o.jpg"),
    ] {
        assert_eq!(
            detect(&here, bucket, name),
            Err(INVALID.to_owned()),
            "{bucket} {name}"
        );
    }
    // A bucket that is here is here, whatever is there.
    assert_eq!(here.send("PUT", &format!("/{both}"), &[], b"").status, 200);
    assert_eq!(detect(&here, &both, "only there"), Err(INVALID.to_owned()));
    // And nothing but reading photos goes there.
    let get = here.send("GET", &format!("/{bucket}/large"), &[], b"");
    assert_eq!(get.error(), (404, "NoSuchBucket".to_owned()));
}

#[test]
fn a_server_that_is_not_there() {
    let server = Server::with(|config| {
        // The discard port: nobody listens.
        config.s3.endpoint = Some("http://127.0.0.1:9".to_owned());
        config.s3.allow_http = true;
        config.s3.access_key_id = Some("ID".to_owned());
        config.s3.secret_access_key = Some(Secret::new("secret"));
    });
    let client = Client::new(&server);
    assert_eq!(detect(&client, "some-bucket", "o.jpg"), Err(INVALID.to_owned()));
}
