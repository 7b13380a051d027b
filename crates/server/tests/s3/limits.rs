//! What is refused before it costs anything, and what stops when nothing moves.

use std::io::Write as _;
use std::time::{Duration, Instant};

use crate::client::{Client, Request, Signed, answer, bytes, shared};
use crate::support::Server;

#[test]
fn too_large_objects_are_refused_before_they_are_received() {
    let server = Server::with(|config| config.s3.object_bytes = 1000);
    let client = Client::new(&server);
    let path = format!("/{}/a", client.bucket());
    assert_eq!(client.send("PUT", &path, &[], &bytes(1000)).status, 200);
    assert_eq!(
        client.send("PUT", &path, &[], &bytes(1001)).error(),
        (400, "EntityTooLarge".to_owned())
    );
    let request = Request {
        method: "PUT",
        path: &path,
        query: &[],
        headers: &[],
    };
    let signed = Signed::new(&client, &request, "UNSIGNED-PAYLOAD");
    // Nothing of the body is sent: the answer comes all the same.
    let refused = answer(client.begin("PUT", &signed, 5_000_000_000));
    assert_eq!(refused.error(), (400, "EntityTooLarge".to_owned()));
    assert_eq!(client.send("GET", &path, &[], b"").body, bytes(1000));
}

#[test]
fn a_body_that_makes_no_progress_is_given_up() {
    let server = Server::with(|config| config.s3.pause_timeout_ms = 300);
    let client = Client::new(&server);
    let path = format!("/{}/a", client.bucket());
    let request = Request {
        method: "PUT",
        path: &path,
        query: &[],
        headers: &[],
    };
    let signed = Signed::new(&client, &request, "UNSIGNED-PAYLOAD");
    let mut slow = client.begin("PUT", &signed, 1000);
    // Slow is fine as long as something comes.
    for _ in 0..4 {
        slow.write_all(&[7; 250]).unwrap();
        std::thread::sleep(Duration::from_millis(150));
    }
    assert_eq!(answer(slow).status, 200);
    let begun = Instant::now();
    let mut silent = client.begin("PUT", &signed, 1000);
    silent.write_all(&[8; 999]).unwrap();
    assert_eq!(answer(silent).error(), (400, "RequestTimeout".to_owned()));
    assert!(begun.elapsed() < Duration::from_secs(20));
    assert_eq!(client.send("GET", &path, &[], b"").body, [7; 1000]);
    assert_eq!(client.files(), 1);
}

#[test]
fn what_is_not_there_is_not_half_obeyed() {
    let client = Client::new(shared());
    let path = format!("/{}/a", client.bucket());
    for (header, status, code) in [
        (("x-amz-server-side-encryption", "AES256"), 501, "NotImplemented"),
        (("x-amz-acl", "public-read"), 400, "AccessControlListNotSupported"),
        (("x-amz-storage-class", "GLACIER"), 400, "InvalidStorageClass"),
    ] {
        let refused = client.send("PUT", &path, &[header], b"x");
        assert_eq!(refused.error(), (status, code.to_owned()));
    }
    for (method, query) in [("GET", "acl"), ("GET", "policy")] {
        let bucket = path.rsplit_once('/').unwrap().0;
        let refused = client.query(method, bucket, &[(query, "")], &[], b"");
        assert_eq!(refused.error(), (501, "NotImplemented".to_owned()), "{query}");
    }
    let bucket = path.rsplit_once('/').unwrap().0;
    let versioning = b"<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>";
    let refused = client.query("PUT", bucket, &[("versioning", "")], &[], versioning);
    assert_eq!(refused.error(), (501, "NotImplemented".to_owned()));
    let form = [("content-type", "multipart/form-data; boundary=x")];
    assert_eq!(client.send("POST", &path, &form, b"--x--").error().0, 501);
    let version = client.query("GET", &path, &[("versionId", "1")], &[], b"");
    assert_eq!(version.error(), (404, "NoSuchVersion".to_owned()));
    assert_eq!(client.send("PATCH", &path, &[], b"").error().0, 501);
}

#[test]
fn small_bodies_are_small() {
    let client = Client::new(shared());
    let bucket = client.bucket();
    let large = vec![b' '; (4 << 20) + 1];
    let refused = client.query("POST", &format!("/{bucket}"), &[("delete", "")], &[], &large);
    assert_eq!(refused.error(), (400, "MaxMessageLengthExceeded".to_owned()));
}

#[test]
fn names_are_checked() {
    let client = Client::new(shared());
    for name in ["ab", "Upper", "a_b", "192.168.0.1", "a..b"] {
        let refused = client.send("PUT", &format!("/{name}"), &[], b"");
        assert_eq!(refused.error(), (400, "InvalidBucketName".to_owned()), "{name}");
    }
    let bucket = client.bucket();
    let again = client.send("PUT", &format!("/{bucket}"), &[], b"");
    assert_eq!(again.error(), (409, "BucketAlreadyOwnedByYou".to_owned()));
    let long = client.send("PUT", &format!("/{bucket}/{}", "x".repeat(1025)), &[], b"");
    assert_eq!(long.error(), (400, "KeyTooLongError".to_owned()));
}
