//! A server in this process on a port of its own, a small client, and photos.

use std::io::Cursor;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use image::{ImageFormat, Rgb, RgbImage};
use selfsame_server::access::FirstKey;
use selfsame_server::config::Config;
use selfsame_server::{Environment, start};
use selfsame_vision::pack::testing::{default_models_for_tests, models_for_tests, resolver_for_tests};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::runtime::Runtime;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use ureq::Agent;
use ureq::http::{HeaderMap, Request};

/// A running server.
pub(crate) struct Server {
    pub(crate) address: SocketAddr,
    pub(crate) key: String,
    pub(crate) data: Arc<TempDir>,
    runtime: Runtime,
    stop: Option<oneshot::Sender<()>>,
    task: Option<JoinHandle<()>>,
    agent: Agent,
}

/// What came back.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) text: String,
}

/// A file that came back.
pub(crate) struct File {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
}

impl File {
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|error| panic!("{error}: {}", self.text))
    }

    /// The output of a flow that succeeded.
    pub(crate) fn output(&self) -> Value {
        let envelope = self.json();
        assert_eq!(
            (self.status, &envelope["status"]),
            (200, &json!("SUCCEEDED")),
            "{}",
            self.text
        );
        assert!(
            envelope.get("error").is_none() && envelope.get("cause").is_none(),
            "{}",
            self.text
        );
        serde_json::from_str(envelope["output"].as_str().unwrap()).unwrap()
    }

    /// The error and cause of a flow that failed.
    pub(crate) fn failure(&self) -> (String, String) {
        let envelope = self.json();
        assert_eq!(
            (self.status, &envelope["status"]),
            (200, &json!("FAILED")),
            "{}",
            self.text
        );
        assert!(envelope.get("output").is_none(), "{}", self.text);
        let text = |key: &str| envelope[key].as_str().unwrap().to_owned();
        (text("error"), text("cause"))
    }

    /// The name and message of a request that failed.
    pub(crate) fn refusal(&self) -> (u16, String, String) {
        let body = self.json();
        assert_eq!(body["__type"], body["Code"], "{}", self.text);
        assert_eq!(
            body["Logref"].as_str(),
            self.headers["x-request-id"].to_str().ok()
        );
        let text = |key: &str| body[key].as_str().unwrap().to_owned();
        (self.status, text("Code"), text("Message"))
    }
}

/// A configuration for tests: any free port, the models that are there.
pub(crate) fn config(data: &Path) -> Config {
    let models = default_models_for_tests();
    let mut config = Config::default();
    config.server.listen = "127.0.0.1:0".parse().unwrap();
    data.clone_into(&mut config.server.data);
    config.models.directory = Some(models_for_tests().directory().to_owned());
    config.models.pack.clone_from(&models.name);
    config
}

impl Server {
    pub(crate) fn start() -> Self {
        Self::with(|_| {})
    }

    pub(crate) fn with(change: impl FnOnce(&mut Config)) -> Self {
        Self::on(Arc::new(tempfile::tempdir().unwrap()), String::new(), change)
    }

    fn on(data: Arc<TempDir>, key: String, change: impl FnOnce(&mut Config)) -> Self {
        let mut config = config(data.path());
        change(&mut config);
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build()
            .unwrap();
        let mut running = runtime.block_on(start(config, Environment::default())).unwrap();
        runtime.block_on(running.ready()).unwrap();
        let key = match running.first_key() {
            FirstKey::Created(secret) => secret.expose().to_owned(),
            _ => key,
        };
        let address = running.address();
        let (stop, stopped) = oneshot::channel::<()>();
        let task = runtime.spawn(running.run_until(async {
            let _ = stopped.await;
        }));
        let agent = Agent::config_builder()
            .http_status_as_error(false)
            .timeout_global(Some(Duration::from_mins(1)))
            .max_redirects(0)
            .build()
            .into();
        Self {
            address,
            key,
            data,
            runtime,
            stop: Some(stop),
            task: Some(task),
            agent,
        }
    }

    /// Stops as SIGTERM would.
    pub(crate) fn stop(&mut self) {
        self.stop.take().unwrap().send(()).unwrap();
        self.runtime.block_on(self.task.take().unwrap()).unwrap();
    }

    /// Stops, and starts on the same data.
    pub(crate) fn restart(mut self) -> Self {
        self.stop();
        Self::on(Arc::clone(&self.data), self.key.clone(), |_| {})
    }

    /// Stops, has something done to the data, and starts on it.
    pub(crate) fn restart_after(mut self, work: impl Future<Output = ()>) -> Self {
        self.stop();
        self.runtime.block_on(work);
        Self::on(Arc::clone(&self.data), self.key.clone(), |_| {})
    }

    /// Runs something on the server's runtime.
    pub(crate) fn block_on<F: Future>(&self, work: F) -> F::Output {
        self.runtime.block_on(work)
    }

    /// A request with a key and a body of its own.
    pub(crate) fn request(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &[u8]) -> Answer {
        let mut request = Request::builder()
            .method(method)
            .uri(format!("http://{}{path}", self.address));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let mut response = match body {
            [] => self.agent.run(request.body(()).unwrap()),
            body => self.agent.run(request.body(body).unwrap()),
        }
        .unwrap();
        Answer {
            status: response.status().as_u16(),
            headers: response.headers().clone(),
            text: response.body_mut().read_to_string().unwrap(),
        }
    }

    /// A request of the administrator whose answer is no text.
    pub(crate) fn request_bytes(&self, method: &str, path: &str) -> File {
        let request = Request::builder()
            .method(method)
            .uri(format!("http://{}{path}", self.address))
            .header("x-api-key", &self.key);
        let mut response = self.agent.run(request.body(()).unwrap()).unwrap();
        File {
            status: response.status().as_u16(),
            headers: response.headers().clone(),
            body: response.body_mut().read_to_vec().unwrap(),
        }
    }

    pub(crate) fn get(&self, path: &str) -> Answer {
        self.request("GET", path, &[("x-api-key", &self.key)], &[])
    }

    pub(crate) fn delete(&self, path: &str) -> Answer {
        self.request("DELETE", path, &[("x-api-key", &self.key)], &[])
    }

    pub(crate) fn post(&self, path: &str, body: &Value) -> Answer {
        let headers = [
            ("x-api-key", self.key.as_str()),
            ("content-type", "application/json"),
        ];
        self.request("POST", path, &headers, body.to_string().as_bytes())
    }

    /// One of the flows with one photo.
    pub(crate) fn flow(&self, route: &str, user: &str, photo: &[u8]) -> Answer {
        self.post(route, &json!({"UserId": user, "Image": STANDARD.encode(photo)}))
    }

    /// Files under the data directory other than the database, its lock and the snapshot: kept photos.
    pub(crate) fn photos_on_disk(&self) -> Vec<PathBuf> {
        files(&self.data.path().join("blobs"))
    }

    /// What is kept of galleries between two runs.
    pub(crate) fn snapshots_on_disk(&self) -> Vec<PathBuf> {
        files(&self.data.path().join("gallery"))
    }
}

fn files(directory: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs_err::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path));
        } else {
            found.push(path);
        }
    }
    found
}

/// Photos of two public persons.
pub(crate) struct Photos {
    directory: TempDir,
}

impl Photos {
    pub(crate) fn get(&self, name: &str) -> Vec<u8> {
        fs_err::read(self.directory.path().join(name)).unwrap()
    }
}

/// Fetched once per process (and kept by the model directory for the next).
pub(crate) fn photos() -> &'static Photos {
    static PHOTOS: OnceLock<Photos> = OnceLock::new();
    PHOTOS.get_or_init(|| {
        let directory = tempfile::tempdir().unwrap();
        resolver_for_tests()
            .fetch_files("samples", directory.path())
            .unwrap();
        Photos { directory }
    })
}

/// A photo, decoded.
pub(crate) fn pixels(name: &str) -> RgbImage {
    image::load_from_memory(&photos().get(name)).unwrap().to_rgb8()
}

/// A picture as a PNG file.
pub(crate) fn png(image: &RgbImage) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    image.write_to(&mut bytes, ImageFormat::Png).unwrap();
    bytes.into_inner()
}

/// A picture as a JPEG file.
pub(crate) fn jpeg(image: &RgbImage) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    image.write_to(&mut bytes, ImageFormat::Jpeg).unwrap();
    bytes.into_inner()
}

/// A landscape without people: sky above, a field below.
pub(crate) fn nobody() -> RgbImage {
    RgbImage::from_fn(480, 360, |x, y| {
        if y < 200 {
            Rgb([120, 160, 220 - (y / 4) as u8])
        } else {
            Rgb([60 + (x % 7) as u8, 120 + (y % 11) as u8, 40])
        }
    })
}

/// Two people side by side.
pub(crate) fn two_people() -> RgbImage {
    let (left, right) = (pixels("obama.jpg"), pixels("biden.jpg"));
    let height = left.height().max(right.height());
    let mut both = RgbImage::new(left.width() + right.width(), height);
    image::imageops::replace(&mut both, &left, 0, 0);
    image::imageops::replace(&mut both, &right, i64::from(left.width()), 0);
    both
}
