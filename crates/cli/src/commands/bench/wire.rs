//! `selfsame bench wire`: what the wire protocol costs. The same photo and the same work, taking turns: logins at the portal
//! and signed `SearchFacesByImage` requests. And, in this process, what signature and JSON take.

use std::io::Write;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use clap::Args;
use selfsame_types::{Clock as _, SystemClock, UserId};
use selfsame_wire::rekognition::SearchFacesByImage;
use selfsame_wire::sigv4::{Expected, Presented, Request, Signer, sha256, verify};
use selfsame_wire::{Operation as _, Service, decode};
use serde::Serialize;
use serde_json::{Value, json};
use ureq::http::{HeaderMap, HeaderValue, Method, Uri};

use super::{http, load};
use crate::arguments::{Global, ServerArguments};
use crate::client::{Answer, Client, message};
use crate::exit::{Exit, Failure};
use crate::output::talk;
use crate::statistics::{Latency, quantile};

/// Made for the benchmark and deleted after it.
const COLLECTION: &str = "selfsame-bench";
/// Any will do: the server accepts every region unless it is told otherwise.
const REGION: &str = "us-east-1";
/// Secrets are not for command lines.
const SECRET_VARIABLE: &str = "AWS_SECRET_ACCESS_KEY";
/// How often signature and JSON are timed.
const REPETITIONS: usize = 2_000;

/// Arguments of `bench wire`.
#[derive(Debug, Args)]
pub(crate) struct Wire {
    /// How many clients at once; each sends its next request when it has the answer to the last.
    #[arg(long, default_value_t = 4, value_parser = clap::value_parser!(u32).range(1..=4096))]
    clients: u32,
    /// For how long in each turn.
    #[arg(long, default_value_t = 10, value_parser = clap::value_parser!(u64).range(1..=600))]
    seconds: u64,
    /// How many turns each.
    #[arg(long, default_value_t = 6, value_parser = clap::value_parser!(u32).range(1..=100))]
    rounds: u32,
    /// The photo: at most 5 MB, which is what a request may carry.
    #[arg(long, value_name = "FILE")]
    photo: PathBuf,
    /// The user who logs in; registered with the photo first, where there is no such user.
    #[arg(long, value_name = "ID", default_value = "selfsame-bench")]
    user: UserId,
    #[command(flatten)]
    server: ServerArguments,
    /// An access key that may write galleries (`selfsame keys create --aws`); its secret is in
    /// `AWS_SECRET_ACCESS_KEY`.
    #[arg(long, value_name = "ID", env = "AWS_ACCESS_KEY_ID", hide_env_values = true)]
    access_key_id: String,
}

/// The result, as it is printed.
#[derive(Debug, Serialize)]
struct Report {
    clients: u32,
    photo_bytes: usize,
    rounds: Vec<Round>,
    /// Signed requests per login, of each round.
    ratio: Spread,
    overhead: Overhead,
}

/// One turn of each.
#[derive(Debug, Serialize)]
struct Round {
    logins_per_second: f64,
    login: Latency,
    searches_per_second: f64,
    search: Latency,
}

#[derive(Debug, Serialize)]
struct Spread {
    median: f64,
    min: f64,
    max: f64,
}

/// What one request costs before any inference, on one thread.
#[derive(Debug, Serialize)]
struct Overhead {
    repetitions: usize,
    /// Hashing the body and verifying the signature.
    signature: Latency,
    /// JSON, constraints and base64.
    decode: Latency,
    both: Latency,
}

impl Wire {
    pub(crate) fn run(&self, global: &Global) -> Result<Exit> {
        let photo = fs_err::read(&self.photo)?;
        let image = STANDARD.encode(&photo);
        let login = json!({ "UserId": self.user.as_str(), "Image": image });
        http::login(&self.server, &self.user, &login)?;
        let secret = std::env::var(SECRET_VARIABLE).map_err(|_| {
            Failure::usage(format!("{SECRET_VARIABLE} is not set"))
                .hint("`selfsame keys create --aws` makes a key")
        })?;
        let wire = Signed::new(self, &secret)?;
        // What an interrupted run has left.
        wire.call("DeleteCollection", &json!({ "CollectionId": COLLECTION }))?;
        wire.expect("CreateCollection", &json!({ "CollectionId": COLLECTION }))?;
        let result = self.measure(&wire, &image, &serde_json::to_vec(&login)?);
        wire.expect("DeleteCollection", &json!({ "CollectionId": COLLECTION }))?;
        let (rounds, overhead) = result?;
        let report = Report {
            clients: self.clients,
            photo_bytes: photo.len(),
            ratio: Spread::of(&rounds),
            rounds,
            overhead,
        };
        global.format.emit(&report, |out| tell(out, &report))?;
        Ok(Exit::Success)
    }

    fn measure(&self, wire: &Signed<'_>, image: &str, login: &[u8]) -> Result<(Vec<Round>, Overhead)> {
        let image = json!({ "Bytes": image });
        wire.expect(
            "IndexFaces",
            &json!({ "CollectionId": COLLECTION, "Image": image }),
        )?;
        let search = serde_json::to_vec(&json!({ "CollectionId": COLLECTION, "Image": image }))?;
        let clients: Vec<Client> = (0..self.clients)
            .map(|_| Client::new(&self.server))
            .collect::<Result<_>>()?;
        let duration = Duration::from_secs(self.seconds);
        let mut rounds = Vec::new();
        for number in 1..=self.rounds {
            talk(format_args!("round {number} of {}", self.rounds));
            let log_in = |client: &Client| client.send_once(&Method::POST, "/auth", Some(login));
            let logins = sound(load::run(&clients, duration, log_in, http::outcome), "SUCCEEDED")?;
            // Signed once per round: what is measured is the server, and the clients share its cores.
            let headers = wire.headers(SearchFacesByImage::NAME, &search)?;
            let find = |client: &Client| client.post_signed(&headers, &search);
            let searches = sound(load::run(&clients, duration, find, found), "found")?;
            rounds.push(Round {
                logins_per_second: logins.per_second(),
                login: Latency::of(&logins.latencies),
                searches_per_second: searches.per_second(),
                search: Latency::of(&searches.latencies),
            });
        }
        Ok((rounds, wire.overhead(&search)?))
    }
}

/// Refuses a turn in which anything but the expected answer came.
fn sound(seen: load::Seen, expected: &str) -> Result<load::Seen> {
    let all = seen.statuses.len() == 1 && seen.outcomes.len() == 1 && seen.transport_errors.is_empty();
    if all && seen.outcomes.contains_key(expected) {
        return Ok(seen);
    }
    Err(Failure::new(format!(
        "the load is not clean: statuses {:?}, outcomes {:?}, without answer {:?}",
        seen.statuses, seen.outcomes, seen.transport_errors
    ))
    .hint("fewer --clients, or a longer queue at the server (SELFSAME_INFERENCE_QUEUE)")
    .into())
}

fn found(answer: &Value) -> String {
    let matches = answer.get("FaceMatches").and_then(Value::as_array);
    let any = matches.is_some_and(|matches| !matches.is_empty());
    if any { "found" } else { "nothing found" }.to_owned()
}

/// A client that signs.
struct Signed<'a> {
    client: Client,
    signer: Signer<'a>,
    host: String,
}

impl<'a> Signed<'a> {
    fn new(arguments: &'a Wire, secret: &'a str) -> Result<Self> {
        let client = Client::new(&arguments.server)?;
        let uri: Uri = client.server().parse()?;
        let host = uri.authority().context("the server's address has no host")?;
        Ok(Self {
            host: host.as_str().to_owned(),
            client,
            signer: Signer {
                access_key_id: &arguments.access_key_id,
                secret,
                region: REGION,
                service: Service::Rekognition.signing_name(),
            },
        })
    }

    fn headers(&self, operation: &str, body: &[u8]) -> Result<HeaderMap> {
        let mut headers = HeaderMap::new();
        let target = format!("{}.{operation}", Service::Rekognition.target_prefix());
        headers.insert("host", HeaderValue::try_from(self.host.as_str())?);
        headers.insert(
            "content-type",
            HeaderValue::from_static("application/x-amz-json-1.1"),
        );
        headers.insert("x-amz-target", HeaderValue::try_from(target)?);
        self.signer.sign(
            &Method::POST,
            &Uri::from_static("/"),
            &mut headers,
            body,
            SystemClock.now(),
        )?;
        Ok(headers)
    }

    fn call(&self, operation: &str, body: &Value) -> Result<Answer> {
        let body = serde_json::to_vec(body)?;
        self.client.post_signed(&self.headers(operation, &body)?, &body)
    }

    fn expect(&self, operation: &str, body: &Value) -> Result<()> {
        let answer = self.call(operation, body)?;
        if answer.status == 200 {
            return Ok(());
        }
        let said = message(&answer.body).unwrap_or_else(|| "no reason given".to_owned());
        Err(Failure::new(format!("{operation} was answered with {}: {said}", answer.status)).into())
    }

    fn overhead(&self, body: &[u8]) -> Result<Overhead> {
        let headers = self.headers(SearchFacesByImage::NAME, body)?;
        let uri = Uri::from_static("/");
        let expected = Expected {
            service: self.signer.service,
            region: None,
        };
        let (mut signature, mut decoding, mut both) = (Vec::new(), Vec::new(), Vec::new());
        for _ in 0..REPETITIONS {
            let begun = Instant::now();
            let presented = Presented::read(&uri, &headers)?.context("the request is signed")?;
            let digest = sha256(body);
            let request = Request {
                method: &Method::POST,
                uri: &uri,
                headers: &headers,
                body: &digest,
            };
            verify(
                &presented,
                self.signer.secret,
                &request,
                SystemClock.now(),
                &expected,
            )?;
            let verified = begun.elapsed();
            std::hint::black_box(decode::<SearchFacesByImage>(body)?);
            let total = begun.elapsed();
            signature.push(verified);
            decoding.push(total.saturating_sub(verified));
            both.push(total);
        }
        Ok(Overhead {
            repetitions: REPETITIONS,
            signature: Latency::of(&signature),
            decode: Latency::of(&decoding),
            both: Latency::of(&both),
        })
    }
}

impl Spread {
    fn of(rounds: &[Round]) -> Self {
        let mut ratios: Vec<f64> = rounds
            .iter()
            .map(|round| round.searches_per_second / round.logins_per_second)
            .collect();
        ratios.sort_by(f64::total_cmp);
        Self {
            median: quantile(&ratios, 0.5),
            min: quantile(&ratios, 0.0),
            max: quantile(&ratios, 1.0),
        }
    }
}

fn tell(out: &mut dyn Write, report: &Report) -> std::io::Result<()> {
    writeln!(
        out,
        "{} clients, a photo of {} bytes",
        report.clients, report.photo_bytes
    )?;
    for round in &report.rounds {
        writeln!(
            out,
            "logins {:.1}/s (median {:.0} ms, p99 {:.0} ms), signed searches {:.1}/s (median {:.0} ms, p99 {:.0} ms)",
            round.logins_per_second,
            round.login.median_ms,
            round.login.p99_ms,
            round.searches_per_second,
            round.search.median_ms,
            round.search.p99_ms,
        )?;
    }
    let Spread { median, min, max } = report.ratio;
    writeln!(
        out,
        "ratio        {median:.3} ({min:.3} to {max:.3}) signed searches per login"
    )?;
    for (name, latency) in [
        ("signature", report.overhead.signature),
        ("decode", report.overhead.decode),
        ("both", report.overhead.both),
    ] {
        writeln!(
            out,
            "{name:<12} median {:.3} ms, p99 {:.3} ms",
            latency.median_ms, latency.p99_ms
        )?;
    }
    Ok(())
}
