//! Talks to a Selfsame server over HTTP: one request, one JSON answer. Waits when the server says
//! for how long (429 or 503 with `Retry-After`); never retries anything else, because a registration that failed half-way is the caller's decision.

use std::time::Duration;

use anyhow::Result;
use serde_json::Value;
use ureq::Agent;
use ureq::http::{HeaderMap, Method, Request, Response};

use crate::arguments::ServerArguments;
use crate::exit::Failure;
use crate::output::talk;

/// A flow may take 30 s on the server; a little more lets its own timeout answer first.
const TIMEOUT: Duration = Duration::from_secs(40);
/// How often a busy server is asked before the command gives up.
const ATTEMPTS: u32 = 6;
/// Longer pauses than this would look like a hang.
const LONGEST_PAUSE: Duration = Duration::from_secs(30);
/// The variable that holds the API key.
pub(crate) const KEY_VARIABLE: &str = "SELFSAME_API_KEY";

/// One server and one identity.
pub(crate) struct Client {
    agent: Agent,
    server: String,
    key: Option<String>,
}

/// What came back.
#[derive(Debug)]
pub(crate) struct Answer {
    /// The HTTP status.
    pub(crate) status: u16,
    /// The body; `Null` where it is no JSON.
    pub(crate) body: Value,
    /// How long a busy server asks us to wait.
    pub(crate) retry_after: Option<Duration>,
}

impl Client {
    /// Reads the key; connects only with the first request.
    pub(crate) fn new(arguments: &ServerArguments) -> Result<Self> {
        let server = arguments.server.trim_end_matches('/').to_owned();
        if !server.starts_with("http://") && !server.starts_with("https://") {
            return Err(Failure::usage(format!(
                "the server's address must begin with http:// or https://, not {server:?}"
            ))
            .hint(format!("--server http://{server}"))
            .into());
        }
        let key = match &arguments.api_key_file {
            Some(path) => Some(fs_err::read_to_string(path)?.trim().to_owned()),
            None => std::env::var(KEY_VARIABLE).ok(),
        };
        Ok(Self {
            agent: agent(&server),
            server,
            key: key.filter(|key| !key.is_empty()),
        })
    }

    /// The server's address, without a slash at its end.
    pub(crate) fn server(&self) -> &str {
        &self.server
    }

    /// Sends a request and waits as long as the server is busy; every status below 400 and 404 is an answer.
    pub(crate) fn send(&self, method: &Method, path: &str, body: Option<&Value>) -> Result<Answer> {
        let body = body.map(serde_json::to_vec).transpose()?;
        let mut answer = self.send_once(method, path, body.as_deref())?;
        for _ in 1..ATTEMPTS {
            let (Some(pause), Some(why)) = (answer.retry_after, waiting_for(answer.status)) else {
                break;
            };
            let pause = pause.min(LONGEST_PAUSE);
            talk(format_args!("{why}, trying again in {} s", pause.as_secs()));
            std::thread::sleep(pause);
            answer = self.send_once(method, path, body.as_deref())?;
        }
        self.accept(answer)
    }

    /// Sends a request once and returns what came back, whatever its status.
    pub(crate) fn send_once(&self, method: &Method, path: &str, body: Option<&[u8]>) -> Result<Answer> {
        Ok(read(self.run(method, path, body)?))
    }

    /// Fetches a file; `None` where the server has none.
    pub(crate) fn file(&self, path: &str) -> Result<Option<Vec<u8>>> {
        let mut response = self.run(&Method::GET, path, None)?;
        if response.status().is_success() {
            return Ok(Some(response.body_mut().read_to_vec()?));
        }
        self.accept(read(response)).map(|_| None)
    }

    fn run(&self, method: &Method, path: &str, body: Option<&[u8]>) -> Result<Response<ureq::Body>> {
        let mut request = Request::builder()
            .method(method)
            .uri(format!("{}{path}", self.server))
            .header("content-type", "application/json");
        if let Some(key) = &self.key {
            request = request.header("authorization", format!("Bearer {key}"));
        }
        let response = match body {
            Some(body) => self.agent.run(request.body(body)?),
            None => self.agent.run(request.body(())?),
        };
        Ok(response.map_err(|error| self.unreachable(error))?)
    }

    /// Posts a body to `/` with these headers and nothing of our own: a request that was signed.
    pub(crate) fn post_signed(&self, headers: &HeaderMap, body: &[u8]) -> Result<Answer> {
        let mut request = Request::post(format!("{}/", self.server));
        if let Some(all) = request.headers_mut() {
            all.clone_from(headers);
        }
        let response = self.agent.run(request.body(body)?);
        Ok(read(response.map_err(|error| self.unreachable(error))?))
    }

    fn unreachable(&self, error: ureq::Error) -> Failure {
        Failure::new(format!("no answer from {}", self.server))
            .because(error)
            .hint("is it running? `selfsame serve` starts one; `--server` or SELFSAME_SERVER names another")
    }

    /// Turns refusals of the server itself (not of a flow) into errors.
    fn accept(&self, answer: Answer) -> Result<Answer> {
        let status = answer.status;
        if status < 400 || status == 404 {
            return Ok(answer);
        }
        let said = message(&answer.body).unwrap_or_else(|| "no reason given".to_owned());
        let failure = Failure::new(format!("{} answered {status}: {said}", self.server));
        let hint = match status {
            401 if self.key.is_none() => format!(
                "no API key was sent: set {KEY_VARIABLE} or pass --api-key-file; the server told its first key once \
                 at its first start, `selfsame keys create` makes another"
            ),
            401 => "this server does not know the key: `selfsame keys list` shows which it knows".to_owned(),
            403 => "the key may not do this: `selfsame keys list` shows its scope".to_owned(),
            413 => "the photo or the properties are too large for this server".to_owned(),
            429 => "the server is over capacity: try later".to_owned(),
            503 => "the server is starting: try again in a minute".to_owned(),
            _ => return Err(failure.into()),
        };
        Err(failure.hint(hint).into())
    }
}

/// Why a server may ask us to come back.
const fn waiting_for(status: u16) -> Option<&'static str> {
    match status {
        429 => Some("the server is busy"),
        503 => Some("the server is still loading its models"),
        _ => None,
    }
}

/// An agent that reads error answers like any other, and that reaches this machine without a proxy.
pub(crate) fn agent(server: &str) -> Agent {
    let builder = Agent::config_builder()
        .http_status_as_error(false)
        .timeout_global(Some(TIMEOUT))
        .max_redirects(0)
        .user_agent(concat!("selfsame/", env!("CARGO_PKG_VERSION")));
    if is_loopback(server) {
        builder.proxy(None).build().new_agent()
    } else {
        builder.build().new_agent()
    }
}

fn is_loopback(server: &str) -> bool {
    let Ok(uri) = server.parse::<ureq::http::Uri>() else {
        return false;
    };
    let host = uri.host().unwrap_or_default().trim_matches(['[', ']']);
    host == "localhost"
        || host
            .parse::<std::net::IpAddr>()
            .is_ok_and(|address| address.is_loopback())
}

fn read(mut response: Response<ureq::Body>) -> Answer {
    let retry_after = response
        .headers()
        .get("retry-after")
        .and_then(|value| value.to_str().ok()?.parse().ok())
        .map(Duration::from_secs);
    let status = response.status().as_u16();
    let body = response
        .body_mut()
        .read_to_vec()
        .ok()
        .and_then(|bytes| serde_json::from_slice(&bytes).ok())
        .unwrap_or(Value::Null);
    Answer {
        status,
        body,
        retry_after,
    }
}

/// The text of an error answer, whichever of the usual names it has.
pub(crate) fn message(body: &Value) -> Option<String> {
    ["message", "Message", "error", "cause"]
        .iter()
        .find_map(|key| body.get(key)?.as_str())
        .map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_machine_is_reached_without_a_proxy() {
        for local in ["http://127.0.0.1:8080", "http://localhost:1", "http://[::1]:8080"] {
            assert!(is_loopback(local), "{local}");
        }
        for remote in ["https://example.org", "http://10.0.0.1:8080", "nonsense"] {
            assert!(!is_loopback(remote), "{remote}");
        }
    }

    #[test]
    fn an_address_needs_a_scheme() {
        let arguments = ServerArguments {
            server: "127.0.0.1:8080".to_owned(),
            api_key_file: None,
        };
        let error = Client::new(&arguments).err().expect("refused");
        assert!(error.to_string().contains("must begin with http://"));
    }

    #[test]
    fn messages_are_found_under_their_usual_names() {
        assert_eq!(
            message(&serde_json::json!({"Message": "too large"})).as_deref(),
            Some("too large")
        );
        assert_eq!(message(&Value::Null), None);
    }
}
