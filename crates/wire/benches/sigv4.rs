//! What a signature costs: a request with a photo of 200 KB (270 KB in base64), with the hash of its body and without.

#![expect(clippy::unwrap_used, reason = "a benchmark")]

use criterion::{Criterion, criterion_group, criterion_main};
use http::{HeaderMap, HeaderValue, Method, Uri};
use jiff::Timestamp;
use selfsame_wire::sigv4::{Expected, Presented, Request, Signer, sha256, verify};

const BODY_BYTES: usize = 270_000;

fn signatures(criterion: &mut Criterion) {
    let body = vec![b'A'; BODY_BYTES];
    let (method, uri, now) = (Method::POST, Uri::from_static("/"), Timestamp::UNIX_EPOCH);
    let mut headers = HeaderMap::new();
    for (name, value) in [
        ("host", "127.0.0.1:8080"),
        ("content-type", "application/x-amz-json-1.1"),
        ("x-amz-target", "RekognitionService.SearchFacesByImage"),
        (
            "user-agent",
            "Boto3/1.44.5 md/Botocore#1.44.5 ua/2.1 os/linux lang/python#3.13",
        ),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    let signer = Signer {
        access_key_id: "SSAKAAAAAAAAAAAAAAAA",
        secret: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
        region: "us-east-1",
        service: "rekognition",
    };
    signer.sign(&method, &uri, &mut headers, &body, now).unwrap();
    let expected = Expected {
        service: signer.service,
        region: None,
    };
    let check = |digest: &[u8; 32]| {
        let presented = Presented::read(&uri, &headers).unwrap().unwrap();
        let request = Request {
            method: &method,
            uri: &uri,
            headers: &headers,
            body: digest,
        };
        verify(&presented, signer.secret, &request, now, &expected).unwrap();
    };
    let digest = sha256(&body);
    criterion.bench_function("read and verify", |bencher| bencher.iter(|| check(&digest)));
    criterion.bench_function("read and verify with 270 KB", |bencher| {
        bencher.iter(|| check(&sha256(&body)));
    });
}

criterion_group!(benches, signatures);
criterion_main!(benches);
