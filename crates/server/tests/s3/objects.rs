//! Objects: stored, read, replaced, listed, erased.

use crate::client::{Client, bytes, sha256_base64, shared};
use crate::support::Server;

#[test]
fn objects_come_back_after_a_restart() {
    let server = Server::start();
    let client = Client::new(&server);
    let bucket = client.bucket();
    let path = format!("/{bucket}/a b+c/é//😀%.jpg");
    let headers = [
        ("cache-control", "max-age=5"),
        ("content-disposition", "inline"),
        ("content-type", "image/jpeg"),
        ("x-amz-checksum-sha256", &sha256_base64(&bytes(3_000_000))),
        ("x-amz-meta-who", "me"),
        ("x-amz-tagging", "kind=selfie&b%20c=%C3%A4"),
    ];
    let put = client.send("PUT", &path, &headers, &bytes(3_000_000));
    assert_eq!((put.status, put.body.len()), (200, 0), "{}", put.text());
    let (access_key_id, secret) = (client.access_key_id.clone(), client.secret.clone());

    let server = server.restart();
    let client = Client {
        server: &server,
        access_key_id,
        secret,
    };
    let get = client.send("GET", &path, &[("x-amz-checksum-mode", "ENABLED")], b"");
    assert!(get.status == 200 && get.body == bytes(3_000_000));
    for (name, value) in [
        ("content-length", "3000000"),
        ("content-type", "image/jpeg"),
        ("cache-control", "max-age=5"),
        ("content-disposition", "inline"),
        ("x-amz-meta-who", "me"),
        ("x-amz-tagging-count", "2"),
        ("x-amz-checksum-sha256", &sha256_base64(&bytes(3_000_000))),
        ("x-amz-checksum-type", "FULL_OBJECT"),
        ("accept-ranges", "bytes"),
        ("etag", put.header("etag")),
        ("x-content-type-options", "nosniff"),
    ] {
        assert_eq!(get.header(name), value, "{name}");
    }
    let head = client.send("HEAD", &path, &[], b"");
    assert_eq!((head.status, head.body.len()), (200, 0));
    assert_eq!(head.header("content-length"), "3000000");
    assert_eq!(client.send("DELETE", &path, &[], b"").status, 204);
    assert_eq!(
        client.send("GET", &path, &[], b"").error(),
        (404, "NoSuchKey".to_owned())
    );
    assert_eq!(client.files(), 0);
}

#[test]
fn ranges_and_conditions() {
    let client = Client::new(shared());
    let path = format!("/{}/a", client.bucket());
    let etag = client
        .send("PUT", &path, &[], &bytes(1000))
        .header("etag")
        .to_owned();
    let get = |headers: &[(&str, &str)]| client.send("GET", &path, headers, b"");
    for (range, from, to) in [
        ("bytes=0-0", 0, 1),
        ("bytes=990-", 990, 1000),
        ("bytes=-10", 990, 1000),
    ] {
        let answer = get(&[("range", range)]);
        assert_eq!(
            (answer.status, answer.body.as_slice()),
            (206, &bytes(1000)[from..to])
        );
        assert_eq!(
            answer.header("content-range"),
            format!("bytes {from}-{}/1000", to - 1)
        );
    }
    // What S3 cannot read it ignores.
    for range in ["bytes=0-1,3-4", "bytes=a-b", "lines=0-1"] {
        assert_eq!(get(&[("range", range)]).body.len(), 1000, "{range}");
    }
    assert_eq!(
        get(&[("range", "bytes=1000-")]).error(),
        (416, "InvalidRange".to_owned())
    );
    let unchanged = get(&[("if-none-match", &etag)]);
    assert_eq!((unchanged.status, unchanged.body.len()), (304, 0));
    assert_eq!(get(&[("if-none-match", "\"x\"")]).status, 200);
    assert_eq!(
        get(&[("if-match", "\"x\"")]).error(),
        (412, "PreconditionFailed".to_owned())
    );
    let ago = ("if-modified-since", "Fri, 24 May 2013 00:00:00 GMT");
    assert_eq!(get(&[ago]).status, 200);
    let changed = get(&[("if-unmodified-since", ago.1)]);
    assert_eq!(changed.error(), (412, "PreconditionFailed".to_owned()));
    let put = |headers: &[(&str, &str)]| client.send("PUT", &path, headers, b"new");
    assert_eq!(
        put(&[("if-none-match", "*")]).error(),
        (412, "PreconditionFailed".to_owned())
    );
    assert_eq!(
        put(&[("if-match", "\"x\"")]).error(),
        (412, "PreconditionFailed".to_owned())
    );
    assert_eq!(put(&[("if-match", &etag)]).status, 200);
    assert_eq!(get(&[]).body, b"new");
}

#[test]
fn lists_go_on_where_they_stopped() {
    let client = Client::new(shared());
    let bucket = client.bucket();
    for index in 0..25 {
        let path = format!("/{bucket}/d{}/k {index:02}", index % 3);
        assert_eq!(client.send("PUT", &path, &[], b"x").status, 200);
    }
    let (mut keys, mut token) = (Vec::new(), None::<String>);
    loop {
        let mut query = vec![("list-type", "2"), ("max-keys", "7"), ("encoding-type", "url")];
        query.extend(token.as_deref().map(|token| ("continuation-token", token)));
        let page = client.query("GET", &format!("/{bucket}"), &query, &[], b"");
        let text = page.text();
        keys.extend(
            text.split("<Key>")
                .skip(1)
                .map(|rest| rest.split("</").next().unwrap().to_owned()),
        );
        if page.element("IsTruncated") == "false" {
            break;
        }
        token = Some(page.element("NextContinuationToken"));
    }
    assert!(keys.is_sorted() && keys.len() == 25, "{keys:?}");
    assert_eq!(keys[0], "d0/k%2000");
    let query = [("list-type", "2"), ("delimiter", "/")];
    let rolled = client.query("GET", &format!("/{bucket}"), &query, &[], b"");
    assert_eq!(rolled.text().matches("<CommonPrefixes>").count(), 3);
    let wrong = [("list-type", "2"), ("continuation-token", "?")];
    let refused = client.query("GET", &format!("/{bucket}"), &wrong, &[], b"");
    assert_eq!(refused.error(), (400, "InvalidArgument".to_owned()));
}

#[test]
fn many_are_erased_at_once() {
    let client = Client::new(shared());
    let bucket = client.bucket();
    for key in ["a", "b<&>", "c"] {
        assert_eq!(
            client.send("PUT", &format!("/{bucket}/{key}"), &[], b"x").status,
            200
        );
    }
    let body = "<Delete><Object><Key>a</Key></Object><Object><Key>b&lt;&amp;&gt;</Key></Object>\
                <Object><Key>never</Key></Object><Object><Key>c</Key><VersionId>1</VersionId></Object></Delete>";
    let path = format!("/{bucket}");
    let erased = client.query("POST", &path, &[("delete", "")], &[], body.as_bytes());
    assert_eq!(erased.status, 200, "{}", erased.text());
    assert_eq!(erased.text().matches("<Deleted>").count(), 3);
    assert_eq!(erased.element("Code"), "NoSuchVersion");
    assert_eq!(
        client.send("DELETE", &path, &[], b"").error(),
        (409, "BucketNotEmpty".to_owned())
    );
    assert_eq!(
        client.send("DELETE", &format!("/{bucket}/c"), &[], b"").status,
        204
    );
    assert_eq!(client.send("DELETE", &path, &[], b"").status, 204);
    assert_eq!(
        client.send("GET", &path, &[], b"").error(),
        (404, "NoSuchBucket".to_owned())
    );
    for body in ["<Delete></Delete>", "<Delete><Object>", "no xml"] {
        let refused = client.query("POST", &path, &[("delete", "")], &[], body.as_bytes());
        assert_eq!(refused.error(), (400, "MalformedXML".to_owned()), "{body}");
    }
}

#[test]
fn copies_are_objects_of_their_own() {
    let client = Client::new(shared());
    let bucket = client.bucket();
    let source = format!("/{bucket}/a ü");
    client.send(
        "PUT",
        &source,
        &[("content-type", "image/png"), ("x-amz-meta-a", "1")],
        &bytes(400_000),
    );
    let from = format!("/{bucket}/a%20%C3%BC");
    let copy = |key: &str, headers: &[(&str, &str)]| {
        let mut all = vec![("x-amz-copy-source", from.as_str())];
        all.extend_from_slice(headers);
        client.send("PUT", &format!("/{bucket}/{key}"), &all, b"")
    };
    assert_eq!(copy("b", &[]).status, 200);
    let replaced = [
        ("content-type", "text/plain"),
        ("x-amz-metadata-directive", "REPLACE"),
    ];
    assert_eq!(copy("c", &replaced).status, 200);
    assert_eq!(copy("a ü", &[]).error(), (400, "InvalidRequest".to_owned()));
    let other = copy("d", &[("x-amz-copy-source-if-match", "\"x\"")]);
    assert_eq!(other.error(), (412, "PreconditionFailed".to_owned()));
    client.send("DELETE", &source, &[], b"");
    assert_eq!(copy("d", &[]).error(), (404, "NoSuchKey".to_owned()));
    let b = client.send("GET", &format!("/{bucket}/b"), &[], b"");
    assert!(b.body == bytes(400_000));
    assert_eq!(
        (b.header("content-type"), b.header("x-amz-meta-a")),
        ("image/png", "1")
    );
    let c = client.send("GET", &format!("/{bucket}/c"), &[], b"");
    assert_eq!(
        (c.header("content-type"), c.header("x-amz-meta-a")),
        ("text/plain", "")
    );
}

#[test]
fn what_is_announced_must_arrive() {
    let client = Client::new(shared());
    let path = format!("/{}/a", client.bucket());
    for (name, value, code) in [
        ("x-amz-checksum-crc32", "AAAAAA==", "BadDigest"),
        ("x-amz-checksum-crc32", "AAAA", "InvalidRequest"),
        ("content-md5", "CY9rzUYh03PK3k6DJie09g==", "BadDigest"),
        ("content-md5", "x", "InvalidDigest"),
        ("x-amz-sdk-checksum-algorithm", "CRC32", "InvalidRequest"),
    ] {
        let refused = client.send("PUT", &path, &[(name, value)], b"other");
        assert_eq!(refused.error(), (400, code.to_owned()), "{name}");
    }
    let two = [
        ("x-amz-checksum-crc32", "AAAAAA=="),
        ("x-amz-checksum-crc32c", "AAAAAA=="),
    ];
    assert_eq!(client.send("PUT", &path, &two, b"").error().1, "InvalidRequest");
    assert_eq!(client.send("GET", &path, &[], b"").status, 404);
}
