//! AWS's published vectors.

use selfsame_wire::sigv4::{Error, Expected, Form};

use crate::{ACCESS_KEY_ID, REGION, SECRET, Signed, moment};

const EXPECTED: Expected<'static> = Expected {
    service: "service",
    region: Some(REGION),
};

/// Name and request.
fn vectors() -> Vec<(&'static str, Signed)> {
    let text = include_str!("vectors.txt");
    let paragraphs = text.split("\n== ").skip(1);
    paragraphs
        .map(|paragraph| {
            let mut lines = paragraph.lines().filter(|line| !line.is_empty());
            let name = lines.next().unwrap();
            let mut first = lines.next().unwrap().split(' ');
            let (method, uri) = (first.next().unwrap(), first.next().unwrap());
            let mut request = http::Request::builder().method(method).uri(uri);
            let mut body = Vec::new();
            for line in lines {
                if let Some(text) = line.strip_prefix("body=") {
                    body = text.as_bytes().to_vec();
                } else {
                    let (name, value) = line.split_once(':').unwrap();
                    request = request.header(name, value);
                }
            }
            (name, Signed::from(request.body(body).unwrap()))
        })
        .collect()
}

#[test]
fn every_published_vector_verifies() {
    let now = moment("2015-08-30T12:36:00Z");
    let vectors = vectors();
    assert_eq!(vectors.len(), 58);
    for (name, request) in vectors {
        let presented = request.presented().unwrap().unwrap();
        assert_eq!(presented.access_key_id, ACCESS_KEY_ID);
        assert_eq!(
            (presented.region.as_str(), presented.service.as_str()),
            (REGION, "service")
        );
        assert_eq!(presented.time, now);
        assert_eq!(
            presented.form == Form::Header,
            name.ends_with("(header)"),
            "{name}"
        );
        let result = request.verify(SECRET, now, &EXPECTED);
        // Our keys have no session tokens; the mere presence of one is refused.
        let token = name.contains("session-token") || name.contains("sts-header");
        assert_eq!(
            result,
            if token { Err(Error::SessionToken) } else { Ok(()) },
            "{name}"
        );
        let result = request.verify("another secret", now, &EXPECTED);
        assert_eq!(
            result,
            Err(if token {
                Error::SessionToken
            } else {
                Error::Mismatch
            }),
            "{name}"
        );
    }
}

#[test]
fn encoded_paths_are_encoded_again() {
    // The vector `double-url-encode`: what is sent encoded is signed encoded twice.
    let request = http::Request::post(
        "/2015-03-31/functions/arn%3Aaws%3Alambda%3Aus-west-2%3A892717189312%3Afunction%3Amy-rusty-fun/invocations",
    )
    .header("host", "lambda.us-east-2.amazonaws.com")
    .header("x-amz-date", "20210511T154045Z")
    .header(
        "authorization",
        "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20210511/us-east-2/lambda/aws4_request, SignedHeaders=host;x-amz-date, Signature=4b93abbcc68be32bd64c18e2c71150660ab4c29bbd6c32a383a7517a88fc1804",
    );
    let request = Signed::from(request.body(Vec::new()).unwrap());
    let expected = Expected {
        service: "lambda",
        region: None,
    };
    assert_eq!(
        request.verify(SECRET, moment("2021-05-11T15:40:45Z"), &expected),
        Ok(())
    );
}
