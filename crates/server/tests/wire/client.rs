//! A client that signs as AWS's do.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::{SignedDuration, Timestamp};
use selfsame_server::access::{Grant, RootSecret, Scope, mint_aws};
use selfsame_store::{Keys as _, Secrets as _, Sqlite};
use selfsame_types::{Clock as _, SystemClock, SystemIds};
use selfsame_wire::sigv4::Signer;
use serde_json::{Value, json};
use ureq::http::{HeaderMap, HeaderValue, Method, Uri};

use crate::support::{Answer, Server, photos};

/// An access key of a running server.
pub(crate) struct Client<'a> {
    pub(crate) server: &'a Server,
    pub(crate) access_key_id: String,
    pub(crate) secret: String,
}

/// What differs from an ordinary request.
pub(crate) struct Odd<'a> {
    pub(crate) secret: &'a str,
    pub(crate) service: &'a str,
    pub(crate) late: SignedDuration,
    /// Changes the headers after they were signed.
    pub(crate) tamper: &'a dyn Fn(&mut HeaderMap),
}

impl<'a> Client<'a> {
    /// With an administrator's key.
    pub(crate) fn new(server: &'a Server) -> Self {
        Self::with(server, &Scope::Admin.into())
    }

    pub(crate) fn with(server: &'a Server, grant: &Grant) -> Self {
        let (access_key_id, secret) = server.block_on(async {
            let store = Sqlite::attach(server.data.path()).await.unwrap();
            let root = RootSecret::new(store.root_secret([1; 32]).await.unwrap());
            let (id, secret, row) = mint_aws("test", grant, &root, &SystemClock, &SystemIds);
            store.create_key(&row).await.unwrap();
            store.close().await;
            (id, secret)
        });
        Self {
            server,
            access_key_id,
            secret: secret.expose().to_owned(),
        }
    }

    /// One call of Rekognition.
    pub(crate) fn call(&self, operation: &str, input: &Value) -> Answer {
        self.raw(
            &format!("RekognitionService.{operation}"),
            input.to_string().as_bytes(),
        )
    }

    /// One call with a body of its own.
    pub(crate) fn raw(&self, target: &str, body: &[u8]) -> Answer {
        let service = match target.split('.').next() {
            Some("AmazonSSM") => "ssm",
            Some("AWSStepFunctions") => "states",
            Some("Textract") => "textract",
            _ => "rekognition",
        };
        let usual = Odd {
            secret: &self.secret,
            service,
            late: SignedDuration::ZERO,
            tamper: &|_| {},
        };
        self.odd(target, body, &usual)
    }

    pub(crate) fn odd(&self, target: &str, body: &[u8], odd: &Odd<'_>) -> Answer {
        let uri: Uri = format!("http://{}/", self.server.address).parse().unwrap();
        let mut headers = HeaderMap::new();
        headers.insert(
            "host",
            HeaderValue::try_from(self.server.address.to_string()).unwrap(),
        );
        let version = if odd.service == "states" { "1.0" } else { "1.1" };
        let kind = format!("application/x-amz-json-{version}");
        headers.insert("content-type", HeaderValue::try_from(kind).unwrap());
        headers.insert("x-amz-target", HeaderValue::try_from(target).unwrap());
        let signer = Signer {
            access_key_id: &self.access_key_id,
            secret: odd.secret,
            region: "eu-central-1",
            service: odd.service,
        };
        let now: Timestamp = SystemClock.now() - odd.late;
        signer.sign(&Method::POST, &uri, &mut headers, body, now).unwrap();
        (odd.tamper)(&mut headers);
        let headers: Vec<(String, String)> = headers
            .iter()
            .map(|(name, value)| (name.to_string(), value.to_str().unwrap().to_owned()))
            .collect();
        let headers: Vec<(&str, &str)> = headers.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
        self.server.request("POST", "/", &headers, body)
    }

    /// The output of a call that succeeds.
    pub(crate) fn ok(&self, operation: &str, input: &Value) -> Value {
        let answer = self.call(operation, input);
        assert_eq!(answer.status, 200, "{operation}: {}", answer.text);
        assert_eq!(answer.headers["content-type"], "application/x-amz-json-1.1");
        assert!(answer.headers.contains_key("x-amzn-requestid"));
        answer.json()
    }

    /// Name and message of a call that fails.
    pub(crate) fn refusal(&self, operation: &str, input: &Value) -> (String, String) {
        refusal(&self.call(operation, input))
    }

    /// Indexes a sample photo and returns the ids of its faces, the largest first.
    pub(crate) fn index(&self, collection: &str, photo: &str) -> Vec<String> {
        let output = self.ok(
            "IndexFaces",
            &json!({"CollectionId": collection, "Image": image(photo), "ExternalImageId": photo}),
        );
        let records = output["FaceRecords"].as_array().unwrap();
        let id = |record: &Value| record["Face"]["FaceId"].as_str().unwrap().to_owned();
        records.iter().map(id).collect()
    }
}

/// Name and message of a failed call. The status of what a client can mend is 400.
pub(crate) fn refusal(answer: &Answer) -> (String, String) {
    let (status, code, message) = answer.refusal();
    assert_eq!(status, 400, "{}", answer.text);
    assert_eq!(answer.headers["x-amzn-requestid"], answer.headers["x-request-id"]);
    assert_eq!(answer.headers["x-amzn-errortype"], code.as_str());
    (code, message)
}

/// A sample photo as `Image`.
pub(crate) fn image(photo: &str) -> Value {
    bytes(&photos().get(photo))
}

/// Any file as `Image`.
pub(crate) fn bytes(file: &[u8]) -> Value {
    json!({ "Bytes": STANDARD.encode(file) })
}

/// The members of an object, by name.
pub(crate) fn members(value: &Value) -> Vec<&str> {
    let object = value.as_object().unwrap_or_else(|| panic!("no object: {value}"));
    let mut names: Vec<&str> = object.keys().map(String::as_str).collect();
    names.sort_unstable();
    names
}

/// A server shared by tests that do not disturb each other.
pub(crate) fn shared() -> &'static Arc<Server> {
    static SERVER: std::sync::OnceLock<Arc<Server>> = std::sync::OnceLock::new();
    SERVER.get_or_init(|| Arc::new(Server::start()))
}
