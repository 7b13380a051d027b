//! Requests as clients send them: what is read, and the exact words of what is refused.
#![expect(clippy::unwrap_used, reason = "tests")]

use std::collections::BTreeMap;

use selfsame_wire::rekognition::{
    Attribute, CreateCollection, DeleteFaces, DetectFaces, IndexFaces, ListFaces, QualityFilter, SearchFaces,
    TagResource,
};
use selfsame_wire::states::{CreateStateMachine, StartSyncExecution};
use selfsame_wire::{ErrorCode, Operation, decode, ssm, textract};

const FACE: &str = "0f8fad5b-d9cb-469f-a165-70867728950e";

fn refusal<O: Operation>(body: &str, code: ErrorCode) -> String
where
    O::Input: std::fmt::Debug,
{
    let error = decode::<O>(body.as_bytes()).unwrap_err();
    assert_eq!(error.code(), code, "{error}");
    error.message().to_owned()
}

fn invalid<O: Operation>(body: &str) -> String
where
    O::Input: std::fmt::Debug,
{
    refusal::<O>(body, ErrorCode::ValidationException)
}

fn unreadable<O: Operation>(body: &str) -> String
where
    O::Input: std::fmt::Debug,
{
    refusal::<O>(body, ErrorCode::SerializationException)
}

#[test]
fn a_request_is_read_member_by_member() {
    let body = r#"{"CollectionId": "people", "Image": {"Bytes": "AP8HCQ==", "S3Object": null}, "MaxFaces": 3,
        "ExternalImageId": "a:b", "DetectionAttributes": ["ALL", "AGE_RANGE"], "QualityFilter": "NONE", "Unknown": [[{}]]}"#;
    let request = decode::<IndexFaces>(body.as_bytes()).unwrap();
    assert_eq!(request.collection_id, "people");
    assert_eq!(request.image.bytes.unwrap().0, [0, 255, 7, 9]);
    assert_eq!(request.image.s3_object, None);
    assert_eq!(request.max_faces, Some(3));
    assert_eq!(request.external_image_id.as_deref(), Some("a:b"));
    assert_eq!(
        request.detection_attributes,
        Some(vec![Attribute::All, Attribute::AgeRange])
    );
    assert_eq!(request.quality_filter, Some(QualityFilter::None));

    let body = r#"{"ResourceArn": "arn:aws:rekognition:us-east-1:000000000000:collection/x", "Tags": {"a": "1", "b": ""}}"#;
    let request = decode::<TagResource>(body.as_bytes()).unwrap();
    let tags = [("a", "1"), ("b", "")].map(|(key, value)| (key.to_owned(), value.to_owned()));
    assert_eq!(request.tags, BTreeMap::from(tags));

    let request =
        decode::<ssm::GetParameter>(br#"{"Name": "/riv/demo/userportal/url", "WithDecryption": true}"#);
    assert_eq!(request.unwrap().with_decryption, Some(true));
}

#[test]
fn an_empty_body_is_an_empty_request() {
    for body in ["", " \r\n", "{}", "null", r#"{"MaxResults": null}"#] {
        assert!(
            decode::<selfsame_wire::rekognition::ListCollections>(body.as_bytes()).is_ok(),
            "{body:?}"
        );
    }
}

#[test]
fn numbers_are_read_generously_but_not_wrongly() {
    let threshold = |number: &str| {
        let body = format!(r#"{{"CollectionId": "x", "FaceId": "{FACE}", "FaceMatchThreshold": {number}}}"#);
        decode::<SearchFaces>(body.as_bytes())
            .unwrap()
            .face_match_threshold
            .unwrap()
    };
    assert!((threshold("80") - 80.0).abs() < f32::EPSILON);
    assert!((threshold("99.5") - 99.5).abs() < f32::EPSILON);
    // The nearest single precision number is 100.
    assert!((threshold("100.0000000001") - 100.0).abs() < f32::EPSILON);
    let page = |number: &str| {
        decode::<ListFaces>(format!(r#"{{"CollectionId": "x", "MaxResults": {number}}}"#).as_bytes())
    };
    assert_eq!(page("7.0").unwrap().max_results, Some(7));
    assert_eq!(page("4.096e3").unwrap().max_results, Some(4096));
    assert_eq!(
        page("7.5").unwrap_err().message(),
        "DECIMAL_VALUE can not be converted to an Integer"
    );
    for beyond in ["4097", "99999999999", "18446744073709551615", "1e300"] {
        assert!(page(beyond).is_err(), "{beyond}");
    }
    assert!(page("1e400").is_err());
}

#[test]
fn a_violated_constraint_is_told_in_aws_words() {
    assert_eq!(
        invalid::<CreateCollection>(r#"{"CollectionId": "a b"}"#),
        r"1 validation error detected: Value 'a b' at 'collectionId' failed to satisfy constraint: Member must satisfy regular expression pattern: [a-zA-Z0-9_.\-]+"
    );
    assert_eq!(
        invalid::<CreateCollection>("{}"),
        "1 validation error detected: Value null at 'collectionId' failed to satisfy constraint: Member must not be null"
    );
    assert_eq!(
        invalid::<CreateCollection>(r#"{"CollectionId": ""}"#),
        r"2 validation errors detected: Value '' at 'collectionId' failed to satisfy constraint: Member must have length greater than or equal to 1; Value '' at 'collectionId' failed to satisfy constraint: Member must satisfy regular expression pattern: [a-zA-Z0-9_.\-]+"
    );
    assert_eq!(
        invalid::<ListFaces>(r#"{"CollectionId": "x", "MaxResults": 4097}"#),
        "1 validation error detected: Value '4097' at 'maxResults' failed to satisfy constraint: Member must have value less than or equal to 4096"
    );
    assert_eq!(
        invalid::<SearchFaces>(&format!(
            r#"{{"CollectionId": "x", "FaceId": "{FACE}", "FaceMatchThreshold": 100.5}}"#
        )),
        "1 validation error detected: Value '100.5' at 'faceMatchThreshold' failed to satisfy constraint: Member must have value less than or equal to 100"
    );
    assert_eq!(
        invalid::<DetectFaces>(r#"{"Image": {"Bytes": "AAAA"}, "Attributes": ["ALL", "HAIR"]}"#),
        "1 validation error detected: Value 'HAIR' at 'attributes.2.member' failed to satisfy constraint: Member must satisfy enum value set: [DEFAULT, ALL, AGE_RANGE, BEARD, EMOTIONS, EYE_DIRECTION, EYEGLASSES, EYES_OPEN, GENDER, MOUTH_OPEN, MUSTACHE, FACE_OCCLUDED, SMILE, SUNGLASSES]"
    );
    assert_eq!(
        invalid::<DeleteFaces>(r#"{"CollectionId": "x", "FaceIds": []}"#),
        "1 validation error detected: Value '[]' at 'faceIds' failed to satisfy constraint: Member must have length greater than or equal to 1"
    );
    assert_eq!(
        invalid::<DeleteFaces>(&format!(
            r#"{{"CollectionId": "x", "FaceIds": ["{FACE}", null, "nobody"]}}"#
        )),
        "2 validation errors detected: Value null at 'faceIds.2.member' failed to satisfy constraint: Member must not be null; Value 'nobody' at 'faceIds.3.member' failed to satisfy constraint: Member must satisfy regular expression pattern: [0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
    );
}

#[test]
fn images_are_bounded_and_never_repeated() {
    let body = |length: usize| {
        let bytes = selfsame_wire::Blob(vec![b'a'; length]);
        format!(
            r#"{{"Image": {{"Bytes": {}}}}}"#,
            serde_json::to_string(&bytes).unwrap()
        )
    };
    assert!(decode::<DetectFaces>(body(5_242_880).as_bytes()).is_ok());
    assert_eq!(
        invalid::<DetectFaces>(&body(5_242_881)),
        "1 validation error detected: Value at 'image.bytes' failed to satisfy constraint: Member must have length less than or equal to 5242880"
    );
    assert_eq!(
        invalid::<DetectFaces>(&body(0)),
        "1 validation error detected: Value at 'image.bytes' failed to satisfy constraint: Member must have length greater than or equal to 1"
    );
    assert_eq!(
        invalid::<DetectFaces>(r#"{"Image": {"S3Object": {"Bucket": "x!", "Name": ""}}}"#),
        r"3 validation errors detected: Value 'x!' at 'image.s3Object.bucket' failed to satisfy constraint: Member must have length greater than or equal to 3; Value 'x!' at 'image.s3Object.bucket' failed to satisfy constraint: Member must satisfy regular expression pattern: [0-9A-Za-z\.\-_]*; Value '' at 'image.s3Object.name' failed to satisfy constraint: Member must have length greater than or equal to 1"
    );
    assert_eq!(
        invalid::<textract::AnalyzeID>(r#"{"DocumentPages": [{}, {"Bytes": ""}, {}]}"#),
        "2 validation errors detected: Value at 'documentPages' failed to satisfy constraint: Member must have length less than or equal to 2; Value at 'documentPages.2.member.bytes' failed to satisfy constraint: Member must have length greater than or equal to 1"
    );
}

#[test]
fn tags_are_judged_together() {
    let tags = |tags: &str| {
        format!(r#"{{"ResourceArn": "arn:aws:rekognition:us-east-1:0:collection/x", "Tags": {tags}}}"#)
    };
    assert_eq!(
        invalid::<TagResource>(&tags(r#"{"aws:x": "1", "fine": "2"}"#)),
        r"1 validation error detected: Value '{aws:x=1, fine=2}' at 'tags' failed to satisfy constraint: Map keys must satisfy constraint: [Member must have length less than or equal to 128, Member must have length greater than or equal to 1, Member must satisfy regular expression pattern: ^(?!aws:)[\p{L}\p{Z}\p{N}_.:/=+\-@]*$, Member must not be null]"
    );
    assert_eq!(
        invalid::<TagResource>(&tags(r#"{"a": "!"}"#)),
        r"1 validation error detected: Value '{a=!}' at 'tags' failed to satisfy constraint: Map value must satisfy constraint: [Member must have length less than or equal to 256, Member must have length greater than or equal to 0, Member must satisfy regular expression pattern: ^([\p{L}\p{Z}\p{N}_.:/=+\-@]*)$, Member must not be null]"
    );
    let many: BTreeMap<String, String> = (0..201)
        .map(|index| (format!("k{index}"), String::new()))
        .collect();
    let message = invalid::<TagResource>(&tags(&serde_json::to_string(&many).unwrap()));
    assert!(message.ends_with(
        "at 'tags' failed to satisfy constraint: Member must have length less than or equal to 200"
    ));
    assert!(invalid::<TagResource>(&tags(r#"{"a": null}"#)).contains("Map value must satisfy"));
}

#[test]
fn messages_stay_short_and_discreet() {
    let long = "é".repeat(300);
    assert_eq!(
        invalid::<CreateCollection>(&format!(r#"{{"CollectionId": "{long}"}}"#))
            .matches('é')
            .count(),
        200,
        "twice a hundred characters"
    );
    let faces = vec!["x"; 4096];
    let message =
        invalid::<DeleteFaces>(&serde_json::json!({"CollectionId": "x", "FaceIds": faces}).to_string());
    assert!(message.starts_with("4096 validation errors detected: Value 'x' at 'faceIds.1.member'"));
    assert!(message.ends_with("'faceIds.10.member' failed to satisfy constraint: Member must satisfy regular expression pattern: [0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}; and 4086 more"));
    let faces = vec![FACE; 5000];
    let message =
        invalid::<DeleteFaces>(&serde_json::json!({"CollectionId": "x", "FaceIds": faces}).to_string());
    assert!(message.len() < 300, "{message}");
    // Definitions and inputs of workflows are sensitive.
    let message = invalid::<StartSyncExecution>(
        &serde_json::json!({"stateMachineArn": "arn", "input": "secret".repeat((4 << 20) + 1)}).to_string(),
    );
    assert_eq!(
        message,
        "1 validation error detected: Value at 'input' failed to satisfy constraint: Member must have length less than or equal to 25165824"
    );
    assert!(!invalid::<CreateStateMachine>(r#"{"definition": ""}"#).contains("Value ''"));
}

#[test]
fn a_wrong_type_is_told_in_aws_words() {
    for (body, message) in [
        (
            r#"{"CollectionId": 7}"#,
            "NUMBER_VALUE can not be converted to a String",
        ),
        (
            r#"{"CollectionId": 7.5}"#,
            "NUMBER_VALUE can not be converted to a String",
        ),
        (
            r#"{"CollectionId": true}"#,
            "TRUE_VALUE can not be converted to a String",
        ),
        (
            r#"{"CollectionId": ["x"]}"#,
            "Start of list found where not expected",
        ),
        (
            r#"{"CollectionId": {}}"#,
            "Start of structure or map found where not expected.",
        ),
        (
            r#"{"MaxFaces": "7"}"#,
            "STRING_VALUE can not be converted to an Integer",
        ),
        (
            r#"{"MaxFaces": false}"#,
            "FALSE_VALUE can not be converted to an Integer",
        ),
        (
            r#"{"MaxFaces": 2147483648}"#,
            "NUMBER_VALUE can not be converted to an Integer",
        ),
        (r#"{"Image": "AAAA"}"#, "Expected structure or null"),
        (
            r#"{"Image": {"Bytes": 7}}"#,
            "NUMBER_VALUE can not be converted to a Blob",
        ),
        (
            r#"{"Image": {"Bytes": "not base64!"}}"#,
            "STRING_VALUE can not be decoded from base64",
        ),
        (r#"{"DetectionAttributes": "ALL"}"#, "Expected list or null"),
        (
            r#"{"DetectionAttributes": {}}"#,
            "Start of structure or map found where not expected.",
        ),
        ("[]", "Start of list found where not expected"),
        ("7", "Expected structure or null"),
    ] {
        assert_eq!(unreadable::<IndexFaces>(body), message, "{body}");
    }
    assert_eq!(
        unreadable::<CreateCollection>(r#"{"Tags": "x"}"#),
        "Expected map or null"
    );
    assert_eq!(
        unreadable::<SearchFaces>(r#"{"FaceMatchThreshold": "80"}"#),
        "STRING_VALUE can not be converted to a Float"
    );
}

#[test]
fn broken_json_is_told_without_repeating_it() {
    for body in [
        "{",
        r#"{"CollectionId""#,
        r#"{"CollectionId": "secret}"#,
        r#"{"CollectionId": secret}"#,
        "{} {}",
        "{}x",
        r#"{"CollectionId": "\ud800"}"#,
        "{\"CollectionId\": \"a\u{1}\"}",
    ] {
        let message = unreadable::<CreateCollection>(body);
        assert!(message.starts_with("The request is not valid JSON"), "{message}");
        assert!(!message.contains("secret"));
    }
    assert!(decode::<CreateCollection>(b"{\"CollectionId\": \"\xff\"}").is_err());
    let deep = "[".repeat(100_000);
    for body in [
        deep.clone(),
        format!(r#"{{"Unknown": {deep}"#),
        format!(r#"{{"Image": {}"#, r#"{"x": "#.repeat(100_000)),
    ] {
        unreadable::<IndexFaces>(&body);
    }
}

#[test]
fn lists_without_a_limit_have_ours() {
    let body =
        |count| serde_json::json!({"Image": {"Bytes": "AAAA"}, "Attributes": vec!["ALL"; count]}).to_string();
    assert!(decode::<DetectFaces>(body(10_000).as_bytes()).is_ok());
    assert!(invalid::<DetectFaces>(&body(1_000_000)).ends_with(
        "at 'attributes' failed to satisfy constraint: Member must have length less than or equal to 10000"
    ));
}

#[test]
fn of_a_member_that_is_there_twice_the_last_counts() {
    let request = decode::<CreateCollection>(br#"{"CollectionId": "a b", "CollectionId": "c"}"#).unwrap();
    assert_eq!(request.collection_id, "c");
    assert!(decode::<CreateCollection>(br#"{"CollectionId": "c", "CollectionId": null}"#).is_err());
}
