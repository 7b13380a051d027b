//! What the tests share: the binary in a clean environment, sample photos, a server on a free port.

use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::OnceLock;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use base64::Engine as _;
use selfsame_vision::pack::Mirror;
use selfsame_vision::pack::testing::{
    default_models_for_tests, mirror_for_tests, models_for_tests, resolver_for_tests,
};
use serde_json::{Value, json};

/// The administrator key of every test server.
pub(crate) const KEY: &str = "a-key-for-tests-only";
/// Loading models in a debug build takes a second; a busy machine may take much longer.
const PATIENCE: Duration = Duration::from_mins(1);

/// The binary, knowing nothing of the caller's settings.
pub(crate) fn selfsame() -> Command {
    let mut command = Command::new(assert_cmd::cargo::cargo_bin!("selfsame"));
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("SELFSAME_") {
            command.env_remove(name);
        }
    }
    command.stdin(Stdio::null());
    command
}

/// The binary with the models of the tests.
pub(crate) fn selfsame_with_models() -> Command {
    // Fetches them, if they are not there.
    let _ = default_models_for_tests();
    let mut command = selfsame();
    command.env("SELFSAME_MODELS", models_for_tests().directory());
    match mirror_for_tests() {
        Some(Mirror::Directory(path)) => command.env("SELFSAME_MODEL_MIRROR", path),
        Some(Mirror::Address(address)) => command.env("SELFSAME_MODEL_MIRROR", address),
        _ => &mut command,
    };
    command
}

/// What a command said, for people who read a failed test.
pub(crate) fn said(output: &Output) -> String {
    format!(
        "{:?}\nstdout: {}\nstderr: {}",
        output.status,
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    )
}

/// Runs a command and checks how it ended.
pub(crate) fn run(command: &mut Command, code: i32) -> Output {
    let output = command.output().expect("the command starts");
    assert_eq!(output.status.code(), Some(code), "{command:?}\n{}", said(&output));
    output
}

/// Standard output as JSON.
pub(crate) fn json(output: &Output) -> Value {
    serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{error}\n{}", said(output)))
}

/// A sample photo: `obama.jpg`, `obama2.jpg`, `obama3.jpg`, `biden.jpg`, or a group.
pub(crate) fn sample(name: &str) -> PathBuf {
    static SAMPLES: OnceLock<PathBuf> = OnceLock::new();
    let directory = SAMPLES.get_or_init(|| {
        let directory = Path::new(env!("CARGO_TARGET_TMPDIR")).join("samples");
        resolver_for_tests()
            .fetch_files("samples", &directory)
            .expect("sample photos can be fetched");
        directory
    });
    directory.join(name)
}

/// An identity document of somebody who does not exist, with a sample photo as its portrait: a PDF in base64.
pub(crate) fn card(name: &str) -> String {
    use selfsame_document::silico::{Person, licence};
    let photo = image::open(sample(name))
        .expect("a sample is a photo")
        .into_rgb8();
    let width = photo.width().min(photo.height() * 3 / 4);
    let left = (photo.width() - width) / 2;
    let portrait = image::imageops::crop_imm(&photo, left, 0, width, width * 4 / 3).to_image();
    let mut file = std::io::Cursor::new(Vec::new());
    portrait
        .write_to(&mut file, image::ImageFormat::Jpeg)
        .expect("a JPEG");
    let card = licence(&Person::example(), Some(file.get_ref())).pdf();
    base64::engine::general_purpose::STANDARD.encode(card)
}

/// A server on a free port; killed when dropped.
pub(crate) struct Server {
    child: Child,
    pub(crate) address: String,
    /// Its standard error, until it ends.
    log: Option<JoinHandle<String>>,
}

impl Server {
    /// Starts a server and waits until it is ready.
    pub(crate) fn start(data: &Path) -> Self {
        Self::with(data, &[])
    }

    /// The same with further arguments.
    pub(crate) fn with(data: &Path, arguments: &[&str]) -> Self {
        let mut child = selfsame_with_models()
            .args(["serve", "--listen", "127.0.0.1:0", "--data"])
            .arg(data)
            .args(arguments)
            .env("SELFSAME_API_KEY", KEY)
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the server starts");
        let mut lines = BufReader::new(child.stderr.take().expect("piped")).lines();
        let mut log = String::new();
        let address = loop {
            let Some(Ok(line)) = lines.next() else {
                panic!("the server ended at its start:\n{log}");
            };
            if let Some(address) = line.strip_prefix("listening on ") {
                break address.to_owned();
            }
            log.push_str(&line);
            log.push('\n');
        };
        // Nobody must wait for a full pipe.
        let log = std::thread::spawn(move || {
            for line in lines.map_while(Result::ok) {
                log.push_str(&line);
                log.push('\n');
            }
            log
        });
        let server = Self {
            child,
            address,
            log: Some(log),
        };
        server.wait_until_ready();
        server
    }

    fn wait_until_ready(&self) {
        let start = Instant::now();
        while start.elapsed() < PATIENCE {
            if send("GET", &format!("{}/health/ready", self.address), None)
                .is_some_and(|(status, _)| status == 200)
            {
                return;
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        panic!("the server is not ready after {PATIENCE:?}");
    }

    /// Tells it to read its flows again.
    #[cfg(unix)]
    pub(crate) fn hang_up(&self) {
        let id = rustix::process::Pid::from_child(&self.child);
        rustix::process::kill_process(id, rustix::process::Signal::HUP).expect("the server runs");
    }

    /// Ends it as a power cut would, and returns its log.
    pub(crate) fn kill(mut self) -> String {
        self.stop()
    }

    fn stop(&mut self) -> String {
        let _ = self.child.kill();
        let _ = self.child.wait();
        self.log
            .take()
            .and_then(|log| log.join().ok())
            .unwrap_or_default()
    }

    /// The binary as a client of this server.
    pub(crate) fn client(&self, arguments: &[&str]) -> Command {
        let mut command = selfsame();
        command
            .args(arguments)
            .env("SELFSAME_SERVER", &self.address)
            .env("SELFSAME_API_KEY", KEY);
        command
    }

    /// `register`, `auth` or `update` with a sample photo.
    pub(crate) fn flow(&self, flow: &str, user: &str, photo: &str) -> Command {
        let mut command = self.client(&[flow, "--format", "json", "-u", user, "-p"]);
        command.arg(sample(photo));
        command
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.stop();
    }
}

/// One HTTP request as the administrator, with its answer read as JSON; `None` where there was no answer.
pub(crate) fn send(method: &str, url: &str, body: Option<&Value>) -> Option<(u16, Value)> {
    let (status, text) = request(method, url, &format!("Bearer {KEY}"), body)?;
    Some((status, serde_json::from_str(&text).unwrap_or(json!(null))))
}

/// A page as the administrator's browser gets it.
pub(crate) fn page(url: &str) -> String {
    let password = base64::engine::general_purpose::STANDARD.encode(format!("admin:{KEY}"));
    let (status, text) = request("GET", url, &format!("Basic {password}"), None).expect("an answer");
    assert_eq!(status, 200, "{url}: {text}");
    text
}

fn request(method: &str, url: &str, authorization: &str, body: Option<&Value>) -> Option<(u16, String)> {
    let agent: ureq::Agent = ureq::Agent::config_builder()
        .http_status_as_error(false)
        .proxy(None)
        .timeout_global(Some(PATIENCE))
        .build()
        .into();
    let request = ureq::http::Request::builder()
        .method(method)
        .uri(url)
        .header("authorization", authorization)
        .header("content-type", "application/json");
    let body = body.map(Value::to_string).unwrap_or_default();
    let mut response = agent.run(request.body(body).ok()?).ok()?;
    let text = response.body_mut().read_to_string().unwrap_or_default();
    Some((response.status().as_u16(), text))
}
