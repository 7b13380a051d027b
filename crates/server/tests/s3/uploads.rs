//! Uploads in parts.

use crate::client::{Client, bytes, sha256_base64, shared};

/// S3's least size of all parts but the last.
const PART_BYTES: usize = 5 << 20;

fn begin(client: &Client<'_>, path: &str, headers: &[(&str, &str)]) -> String {
    let begun = client.query("POST", path, &[("uploads", "")], headers, b"");
    assert_eq!(begun.status, 200, "{}", begun.text());
    begun.element("UploadId")
}

fn complete(parts: &[(u32, &str)]) -> Vec<u8> {
    let parts: Vec<String> = parts
        .iter()
        .map(|(number, etag)| format!("<Part><PartNumber>{number}</PartNumber><ETag>{etag}</ETag></Part>"))
        .collect();
    format!(
        "<CompleteMultipartUpload>{}</CompleteMultipartUpload>",
        parts.concat()
    )
    .into_bytes()
}

#[test]
fn parts_become_an_object() {
    let client = Client::new(shared());
    let path = format!("/{}/a", client.bucket());
    let headers = [
        ("content-type", "video/mp4"),
        ("x-amz-checksum-algorithm", "SHA256"),
        ("x-amz-meta-a", "1"),
    ];
    let id = begin(&client, &path, &headers);
    let data = bytes(PART_BYTES + 1000);
    let put = |number: &str, data: &[u8]| {
        let query = [("partNumber", number), ("uploadId", &id)];
        let part = client.query("PUT", &path, &query, &[], data);
        assert_eq!(part.status, 200, "{}", part.text());
        // Computed although the client did not send it.
        assert_eq!(part.header("x-amz-checksum-sha256"), sha256_base64(data));
        part.header("etag").to_owned()
    };
    let first = put("1", &data[..PART_BYTES]);
    let last = put("7", &data[PART_BYTES..]);
    let listed = client.query("GET", &path, &[("uploadId", &id)], &[], b"");
    assert_eq!(listed.text().matches("<Part>").count(), 2);
    assert_eq!(
        client.send("GET", &path, &[], b"").status,
        404,
        "not before it is complete"
    );

    let finish =
        |parts: &[(u32, &str)]| client.query("POST", &path, &[("uploadId", &id)], &[], &complete(parts));
    for (parts, code) in [
        (vec![(7, last.as_str()), (1, first.as_str())], "InvalidPartOrder"),
        (vec![(1, first.as_str()), (2, last.as_str())], "InvalidPart"),
        (vec![(1, last.as_str()), (7, last.as_str())], "InvalidPart"),
        (vec![], "MalformedXML"),
    ] {
        assert_eq!(finish(&parts).error(), (400, code.to_owned()));
    }
    let done = finish(&[(1, &first), (7, &last)]);
    assert_eq!(done.status, 200, "{}", done.text());
    assert!(done.element("ETag").ends_with("-2\""), "{}", done.text());
    assert!(done.element("ChecksumSHA256").ends_with("-2"));
    assert_eq!(
        finish(&[(1, &first), (7, &last)]).error(),
        (404, "NoSuchUpload".to_owned())
    );

    let whole = client.send("GET", &path, &[("x-amz-checksum-mode", "ENABLED")], b"");
    assert!(whole.body == data);
    assert_eq!(
        (whole.header("content-type"), whole.header("x-amz-meta-a")),
        ("video/mp4", "1")
    );
    assert_eq!(whole.header("x-amz-checksum-type"), "COMPOSITE");
    let part = client.query("GET", &path, &[("partNumber", "2")], &[], b"");
    assert_eq!((part.status, part.header("x-amz-mp-parts-count")), (206, "2"));
    assert!(part.body == data[PART_BYTES..]);
}

#[test]
fn small_parts_and_other_checksums_are_refused() {
    let client = Client::new(shared());
    let path = format!("/{}/a", client.bucket());
    let id = begin(&client, &path, &[("x-amz-checksum-algorithm", "CRC32")]);
    let query = |number| [("partNumber", number), ("uploadId", id.as_str())];
    let other = [("x-amz-checksum-crc32c", "AAAAAA==")];
    let refused = client.query("PUT", &path, &query("1"), &other, b"");
    assert_eq!(refused.error(), (400, "InvalidRequest".to_owned()));
    for number in ["0", "10001", "-1"] {
        let refused = client.query("PUT", &path, &query(number), &[], b"x");
        assert_eq!(refused.error(), (400, "InvalidArgument".to_owned()), "{number}");
    }
    let etags = ["1", "2"].map(|number| {
        let part = client.query("PUT", &path, &query(number), &[], b"small");
        part.header("etag").to_owned()
    });
    let body = complete(&[(1, &etags[0]), (2, &etags[1])]);
    let refused = client.query("POST", &path, &[("uploadId", &id)], &[], &body);
    assert_eq!(refused.error(), (400, "EntityTooSmall".to_owned()));
    assert_eq!(
        client
            .query("DELETE", &path, &[("uploadId", &id)], &[], b"")
            .status,
        204
    );
    for gone in [id.as_str(), "no id"] {
        let refused = client.query(
            "PUT",
            &path,
            &[("partNumber", "1"), ("uploadId", gone)],
            &[],
            b"x",
        );
        assert_eq!(refused.error(), (404, "NoSuchUpload".to_owned()));
    }
}

#[test]
fn parts_may_be_copies() {
    let client = Client::new(shared());
    let bucket = client.bucket();
    client.send("PUT", &format!("/{bucket}/source"), &[], &bytes(1000));
    let path = format!("/{bucket}/a");
    let id = begin(&client, &path, &[]);
    let from = format!("/{bucket}/source");
    let headers = [
        ("x-amz-copy-source", from.as_str()),
        ("x-amz-copy-source-range", "bytes=10-19"),
    ];
    let query = [("partNumber", "1"), ("uploadId", id.as_str())];
    let part = client.query("PUT", &path, &query, &headers, b"");
    assert_eq!(part.status, 200, "{}", part.text());
    let etag = part.element("ETag").replace("&quot;", "\"");
    let done = client.query("POST", &path, &[("uploadId", &id)], &[], &complete(&[(1, &etag)]));
    assert_eq!(done.status, 200, "{}", done.text());
    assert_eq!(client.send("GET", &path, &[], b"").body, bytes(1000)[10..20]);
}
