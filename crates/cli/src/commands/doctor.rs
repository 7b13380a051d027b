//! `selfsame doctor`: is everything there, does it run, what does it cost; and where not, what to do. Fetches nothing
//! and changes nothing.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::Result;
use clap::Args;
use image::RgbImage;
use selfsame_gallery::kernel::Kernel;
use selfsame_vision::pack::{FileState, RUNTIME_ROLE, Resolved, Resolver};
use serde::Serialize;
use ureq::http::Method;

use crate::arguments::{EngineChoice, Global, ServerArguments};
use crate::client::Client;
use crate::commands::models::is_complete;
use crate::exit::{CODES, Exit};
use crate::inference;
use crate::statistics::Latency;

/// A registration takes about half a megabyte with its photo: below this much, thousands at most fit.
const LITTLE_SPACE_BYTES: u64 = 1 << 30;
/// Repetitions of an inference; the median of so few is steady enough for "about".
const REPETITIONS: usize = 5;
/// The size that speed is stated for.
const MEASURED_PX: (u32, u32) = (640, 480);

/// Arguments of `doctor`.
#[derive(Debug, Args)]
#[command(after_help = CODES)]
pub(crate) struct Doctor {
    /// The server's data directory.
    #[arg(
        long,
        value_name = "DIR",
        env = "SELFSAME_DATA",
        hide_env_values = true,
        default_value = "./selfsame-data"
    )]
    data: PathBuf,
    #[command(flatten)]
    server: ServerArguments,
}

/// How bad it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
enum State {
    /// As it should be.
    Ok,
    /// Works, but could be better.
    Warning,
    /// Does not work.
    Broken,
}

/// One thing that was looked at.
#[derive(Debug, Serialize)]
struct Check {
    name: &'static str,
    state: State,
    message: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    hint: Option<String>,
}

impl Check {
    fn new(name: &'static str, state: State, message: impl Into<String>) -> Self {
        Self {
            name,
            state,
            message: message.into(),
            hint: None,
        }
    }

    fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }
}

impl Doctor {
    pub(super) fn run(self, global: &Global) -> Result<Exit> {
        let mut checks = vec![machine()];
        checks.extend(models(global));
        checks.push(directory(&self.data));
        checks.extend(space(&self.data));
        checks.push(self.server());
        let broken = checks.iter().any(|check| check.state == State::Broken);
        global.format.emit(&checks, |out| {
            checks.iter().try_for_each(|check| tell(out, check))
        })?;
        Ok(if broken { Exit::Error } else { Exit::Success })
    }

    fn server(&self) -> Check {
        let answer = Client::new(&self.server)
            .and_then(|client| client.send_once(&Method::GET, "/health/ready", None));
        let server = &self.server.server;
        match answer {
            Ok(answer) if answer.status == 200 => {
                Check::new("server", State::Ok, format!("{server} is ready"))
            }
            Ok(answer) => Check::new(
                "server",
                State::Warning,
                format!("{server} answers {} and is not ready", answer.status),
            )
            .hint("it is starting or stopping; its log says which"),
            Err(_) => Check::new("server", State::Warning, format!("no answer from {server}"))
                .hint("`selfsame serve` starts one; --server or SELFSAME_SERVER names another"),
        }
    }
}

fn tell(out: &mut dyn Write, check: &Check) -> std::io::Result<()> {
    let state = match check.state {
        State::Ok => "ok",
        State::Warning => "warning",
        State::Broken => "broken",
    };
    writeln!(out, "{state:<8} {}: {}", check.name, check.message)?;
    check
        .hint
        .as_ref()
        .map_or(Ok(()), |hint| writeln!(out, "         hint: {hint}"))
}

fn machine() -> Check {
    let cores = selfsame_vision::physical_cores();
    let kernel = Kernel::fastest().name();
    let message = format!("{cores} physical cores, gallery search with {kernel}");
    if kernel == Kernel::SCALAR.name() {
        let hint =
            "this processor has none of AVX2, AVX-512 VNNI and NEON: searches take several times longer";
        return Check::new("machine", State::Warning, message).hint(hint);
    }
    Check::new("machine", State::Ok, message)
}

/// The pack, the package clients where they are needed, and the engines.
fn models(global: &Global) -> Vec<Check> {
    let resolver = match inference::resolver(global) {
        Ok(resolver) => resolver,
        Err(error) => return vec![Check::new("models", State::Broken, format!("{error:#}"))],
    };
    let name = global.pack();
    let directory = resolver.models().directory().display().to_string();
    let files = match resolver.verify(name) {
        Ok(files) => files,
        Err(error) => return vec![Check::new("models", State::Broken, error.to_string())],
    };
    let pull = format!("`selfsame models pull {name}` fetches it; the first `selfsame serve` does so, too");
    if let Some(damaged) = files.iter().find(|file| file.state == FileState::Damaged) {
        let message = format!("{} is damaged", damaged.path.display());
        return vec![Check::new("models", State::Broken, message).hint(pull)];
    }
    if !is_complete(&files) {
        let message = format!("pack {name} is not installed in {directory}");
        let mut checks = vec![Check::new("models", State::Warning, message).hint(pull)];
        checks.extend(clients());
        return checks;
    }
    let mut checks = vec![Check::new(
        "models",
        State::Ok,
        format!("pack {name} is in {directory}, every digest right"),
    )];
    let has_runtime = files
        .iter()
        .any(|file| file.role == RUNTIME_ROLE && file.state == FileState::Verified);
    if !has_runtime {
        let hint = format!("`selfsame models pull {name}` fetches it where there is one for this machine");
        checks.push(
            Check::new(
                "onnxruntime",
                State::Warning,
                "not installed: the slower built-in engine runs",
            )
            .hint(hint),
        );
    }
    checks.extend(engines(global, resolver));
    checks
}

/// The package clients that a first download needs.
fn clients() -> Vec<Check> {
    [("pip", &["pip3", "pip"][..]), ("npm", &["npm"][..])]
        .map(
            |(name, programs)| match programs.iter().find_map(|program| version(program)) {
                Some(version) => Check::new(name, State::Ok, version),
                None => Check::new(name, State::Warning, "not found").hint(format!(
                    "install {name}, or name a directory that holds the files: --model-mirror"
                )),
            },
        )
        .into()
}

/// The first line of `program --version`.
fn version(program: &str) -> Option<String> {
    let output = Command::new(program)
        .arg("--version")
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .output()
        .ok()?;
    let text = String::from_utf8_lossy(&output.stdout);
    let line = text
        .lines()
        .next()
        .filter(|line| output.status.success() && !line.is_empty())?;
    Some(format!("{program} {}", line.trim_start_matches(program).trim()))
}

/// Which engine runs, and what an inference costs on each.
fn engines(global: &Global, resolver: Resolver) -> Vec<Check> {
    // Everything needed is there; without a search path nothing is fetched that is not.
    let resolved = match resolver
        .with_mirror(None)
        .with_client_path("")
        .resolve(global.pack())
    {
        Ok(resolved) => resolved,
        Err(error) => return vec![Check::new("engine", State::Broken, error.to_string())],
    };
    let wanted = global.engine.unwrap_or_default();
    let mut checks = Vec::new();
    match inference::load(&resolved, wanted, 1, None) {
        Ok(analyzer) => {
            let message = format!("{} runs the models", analyzer.engine().describe());
            checks.push(Check::new("engine", State::Ok, message));
        }
        Err(error) => {
            let hint = "--engine rten (or SELFSAME_MODELS_ENGINE=rten) takes the built-in engine";
            checks.push(Check::new("engine", State::Broken, format!("{error:#}")).hint(hint));
        }
    }
    for engine in [EngineChoice::Ort, EngineChoice::Rten] {
        checks.extend(cost(&resolved, engine));
    }
    checks
}

fn cost(resolved: &Resolved, engine: EngineChoice) -> Option<Check> {
    let analyzer = inference::load(resolved, engine, 1, None).ok()?;
    let (width, height) = MEASURED_PX;
    let image = RgbImage::new(width, height);
    let mut durations: Vec<Duration> = Vec::new();
    for _ in 0..REPETITIONS {
        let start = Instant::now();
        analyzer.detect(&image).ok()?;
        durations.push(start.elapsed());
    }
    let name = analyzer.engine().kind();
    let median_ms = Latency::of(&durations).median_ms;
    let message =
        format!("{name} looks for faces in {width}×{height} px in about {median_ms:.0} ms on one core");
    Some(Check::new("cost", State::Ok, message))
}

/// Whether the data directory, or the place where it would be made, can be written to.
fn directory(data: &Path) -> Check {
    let shown = data.display();
    let place = existing(data);
    if !place.is_dir() {
        return Check::new(
            "data",
            State::Broken,
            format!("{} is no directory", place.display()),
        )
        .hint("name another directory: --data or SELFSAME_DATA");
    }
    match tempfile::Builder::new()
        .prefix(".selfsame-doctor-")
        .tempfile_in(&place)
    {
        Ok(_) if data.is_dir() => Check::new("data", State::Ok, format!("{shown} can be written to")),
        Ok(_) => Check::new(
            "data",
            State::Ok,
            format!("{shown} does not exist yet and can be made"),
        ),
        Err(error) => Check::new(
            "data",
            State::Broken,
            format!("{} cannot be written to: {error}", place.display()),
        )
        .hint("give its user the right to write there, or name another directory: --data or SELFSAME_DATA"),
    }
}

/// `path`, or the nearest folder above it that exists.
fn existing(path: &Path) -> PathBuf {
    let found = path.ancestors().find(|ancestor| ancestor.exists());
    found
        .filter(|found| !found.as_os_str().is_empty())
        .map_or_else(|| PathBuf::from("."), Path::to_owned)
}

#[cfg(unix)]
fn space(data: &Path) -> Option<Check> {
    let found = rustix::fs::statvfs(existing(data)).ok()?;
    let free_bytes = found.f_bavail.saturating_mul(found.f_frsize);
    let message = format!("{:.1} GB free for data", free_bytes as f64 / 1e9);
    Some(if free_bytes < LITTLE_SPACE_BYTES {
        Check::new("disk", State::Warning, message)
            .hint("a registration with its photo takes about half a megabyte")
    } else {
        Check::new("disk", State::Ok, message)
    })
}

#[cfg(not(unix))]
fn space(_data: &Path) -> Option<Check> {
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_directory_that_can_be_made_is_fine() {
        let root = tempfile::tempdir().unwrap();
        assert_eq!(directory(&root.path().join("new/data")).state, State::Ok);
        assert_eq!(directory(root.path()).state, State::Ok);
    }

    #[test]
    fn a_file_is_no_directory() {
        let root = tempfile::tempdir().unwrap();
        let file = root.path().join("file");
        fs_err::write(&file, b"").unwrap();
        let check = directory(&file);
        assert_eq!(check.state, State::Broken);
        assert!(check.hint.is_some());
        assert_eq!(directory(&file.join("below")).state, State::Broken);
    }

    #[test]
    fn programs_that_do_not_exist_have_no_version() {
        assert_eq!(version("selfsame-no-such-program"), None);
    }
}
