//! `selfsame bench http`: many clients log in at once, for a while, and the server's memory is watched.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use anyhow::Result;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use clap::Args;
use selfsame_types::UserId;
use serde::Serialize;
use serde_json::{Value, json};
use ureq::http::Method;

use crate::arguments::{Global, ServerArguments};
use crate::client::Client;
use crate::commands::bench::load::{self, Seen};
use crate::exit::{Exit, Failure};
use crate::output::talk;
use crate::progress::{Progress, Unit};
use crate::statistics::Latency;

/// How often the server's memory is read.
const MEMORY_INTERVAL: Duration = Duration::from_secs(1);

/// Arguments of `bench http`.
#[derive(Debug, Args)]
pub(crate) struct Http {
    /// How many clients at once; each sends its next login when it has the answer to the last.
    #[arg(long, default_value_t = 200, value_parser = clap::value_parser!(u32).range(1..=4096))]
    clients: u32,
    /// For how long.
    #[arg(long, default_value_t = 60, value_parser = clap::value_parser!(u64).range(1..=86_400))]
    seconds: u64,
    /// The photo that everybody logs in with.
    #[arg(long, value_name = "FILE")]
    photo: PathBuf,
    /// The user; registered with the photo first, where there is no such user.
    #[arg(long, value_name = "ID", default_value = "selfsame-bench")]
    user: UserId,
    /// The server's process id, if it runs on this machine: its memory is then reported.
    #[arg(long, value_name = "PID")]
    pid: Option<u32>,
    #[command(flatten)]
    server: ServerArguments,
}

/// The result, as it is printed.
#[derive(Debug, Serialize)]
struct Report {
    clients: u32,
    seconds: f64,
    /// Logins answered with 200 per second.
    logins_per_second: f64,
    logins: usize,
    latency: Latency,
    /// Answers by HTTP status.
    statuses: BTreeMap<u16, u64>,
    /// How the flows ended: `SUCCEEDED`, or the error's name.
    outcomes: BTreeMap<String, u64>,
    /// Requests that got no answer, by reason.
    transport_errors: BTreeMap<String, u64>,
    memory_mb: Option<Memory>,
}

/// Resident memory of the server, in MB.
#[derive(Debug, Serialize)]
struct Memory {
    first: f64,
    /// After the first third, when everything has been used once.
    settled: f64,
    last: f64,
    largest: f64,
}

impl Http {
    pub(crate) fn run(&self, global: &Global) -> Result<Exit> {
        let photo = STANDARD.encode(fs_err::read(&self.photo)?);
        let body = json!({ "UserId": self.user.as_str(), "Image": photo });
        login(&self.server, &self.user, &body)?;
        let report = self.load(&serde_json::to_vec(&body)?)?;
        global.format.emit(&report, |out| tell(out, &report))?;
        let failed = !report.transport_errors.is_empty()
            || report.statuses.keys().any(|status| !matches!(status, 200 | 429));
        Ok(Exit::from_match(!failed && report.logins > 0))
    }

    fn load(&self, body: &[u8]) -> Result<Report> {
        // Every client has a connection of its own, as in life.
        let clients: Vec<Client> = (0..self.clients)
            .map(|_| Client::new(&self.server))
            .collect::<Result<_>>()?;
        let progress = Progress::start(format!("{} clients", self.clients), Unit::Items, self.seconds);
        let finished = AtomicBool::new(false);
        let (seen, memory) = std::thread::scope(|scope| {
            let watch = scope.spawn(|| watch(self.pid, &finished, &progress));
            let request = |client: &Client| client.send_once(&Method::POST, "/auth", Some(body));
            let seen = load::run(&clients, Duration::from_secs(self.seconds), request, outcome);
            finished.store(true, Ordering::Relaxed);
            (seen, watch.join().unwrap_or_default())
        });
        progress.finish();
        Ok(self.report(seen, &memory))
    }

    fn report(&self, seen: Seen, memory: &[f64]) -> Report {
        Report {
            clients: self.clients,
            seconds: seen.elapsed.as_secs_f64(),
            logins_per_second: seen.per_second(),
            logins: seen.latencies.len(),
            latency: Latency::of(&seen.latencies),
            statuses: seen.statuses,
            outcomes: seen.outcomes,
            transport_errors: seen.transport_errors,
            memory_mb: Memory::of(memory),
        }
    }
}

impl Memory {
    fn of(samples_mb: &[f64]) -> Option<Self> {
        Some(Self {
            first: *samples_mb.first()?,
            settled: *samples_mb.get(samples_mb.len() / 3)?,
            last: *samples_mb.last()?,
            largest: samples_mb.iter().copied().fold(0.0, f64::max),
        })
    }
}

/// Makes sure that the user exists and that one login works, so that a mistake shows at once.
pub(super) fn login(server: &ServerArguments, user: &UserId, body: &Value) -> Result<()> {
    let client = Client::new(server)?;
    let registered = client.send(&Method::POST, "/register", Some(body))?;
    let login = client.send(&Method::POST, "/auth", Some(body))?;
    if outcome(&login.body) == "SUCCEEDED" {
        return Ok(());
    }
    Err(Failure::new(format!(
        "{user} cannot log in with this photo: {} (registering it said {})",
        outcome(&login.body),
        outcome(&registered.body)
    ))
    .hint("the face may be registered under another id: name it with --user, or take another photo")
    .into())
}

/// How a flow ended.
pub(super) fn outcome(envelope: &Value) -> String {
    let text = |key| envelope.get(key).and_then(Value::as_str);
    match text("status") {
        Some("SUCCEEDED") => "SUCCEEDED".to_owned(),
        Some(status) => text("error").unwrap_or(status).to_owned(),
        None => "no envelope".to_owned(),
    }
}

/// The server's memory in MB, once per interval; shows the seconds going by.
fn watch(pid: Option<u32>, finished: &AtomicBool, progress: &Progress) -> Vec<f64> {
    let mut samples_mb = Vec::new();
    while !finished.load(Ordering::Relaxed) {
        if let Some(pid) = pid {
            match resident_mb(pid) {
                Some(value) => samples_mb.push(value),
                None if samples_mb.is_empty() => {
                    talk(format_args!(
                        "warning: the memory of process {pid} cannot be read on this machine"
                    ));
                    samples_mb.push(f64::NAN);
                }
                None => {}
            }
        }
        std::thread::sleep(MEMORY_INTERVAL);
        progress.advance(MEMORY_INTERVAL.as_secs());
    }
    samples_mb.retain(|value| value.is_finite());
    samples_mb
}

/// `VmRSS` of Linux's `/proc`; nothing elsewhere.
fn resident_mb(pid: u32) -> Option<f64> {
    let status = fs_err::read_to_string(format!("/proc/{pid}/status")).ok()?;
    let line = status.lines().find(|line| line.starts_with("VmRSS:"))?;
    let kib: f64 = line.split_whitespace().nth(1)?.parse().ok()?;
    Some(kib * 1024.0 / 1e6)
}

fn tell(out: &mut dyn Write, report: &Report) -> std::io::Result<()> {
    writeln!(out, "{} clients for {:.0} s", report.clients, report.seconds)?;
    writeln!(
        out,
        "logins       {} ({:.1} per second)",
        report.logins, report.logins_per_second
    )?;
    let Latency { median_ms, p99_ms } = report.latency;
    writeln!(
        out,
        "latency      median {median_ms:.0} ms, p99 {p99_ms:.0} ms (of those answered with 200)"
    )?;
    for (status, count) in &report.statuses {
        writeln!(out, "status {status}   {count}")?;
    }
    for (outcome, count) in &report.outcomes {
        writeln!(out, "flow         {outcome}: {count}")?;
    }
    for (reason, count) in &report.transport_errors {
        writeln!(out, "no answer    {count} times: {reason}")?;
    }
    if let Some(memory) = &report.memory_mb {
        writeln!(
            out,
            "memory       {:.0} MB at the start, {:.0} MB settled, {:.0} MB at the end, {:.0} MB at most",
            memory.first, memory.settled, memory.last, memory.largest
        )?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn outcomes_have_names() {
        assert_eq!(outcome(&json!({"status": "SUCCEEDED"})), "SUCCEEDED");
        assert_eq!(
            outcome(&json!({"status": "FAILED", "error": "UserAccessDenied"})),
            "UserAccessDenied"
        );
        assert_eq!(outcome(&json!({"status": "TIMED_OUT"})), "TIMED_OUT");
        assert_eq!(outcome(&Value::Null), "no envelope");
    }

    #[test]
    fn memory_settles_after_a_third() {
        let memory = Memory::of(&[100.0, 150.0, 160.0, 170.0, 165.0, 160.0]).unwrap();
        assert!((memory.settled - 160.0).abs() < 1e-9);
        assert!((memory.largest - 170.0).abs() < 1e-9);
        assert!(Memory::of(&[]).is_none());
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn our_own_memory_can_be_read() {
        assert!(resident_mb(std::process::id()).is_some_and(|mb| mb > 1.0));
    }
}
