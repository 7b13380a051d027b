//! HTTP requests of workers. Never to an address that the configuration does not name: a state machine must not become
//! a way into the network behind the server.

use std::io::Read as _;
use std::sync::Arc;
use std::time::Duration;

use selfsame_workflow::Failure;
use selfsame_workflow::failure::{PERMISSIONS, TIMEOUT};
use tokio::sync::Semaphore;
use ureq::Agent;
use ureq::http::{HeaderMap, Request};

use super::broken;
use crate::config::WorkflowConfig;
use crate::workflow::Job;

/// Requests at one time; further ones wait. Ours: each holds a thread.
const REQUESTS: usize = 32;
/// For connecting, and for the whole: as long as AWS's HTTP tasks have.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
const TIMEOUT_WHOLE: Duration = Duration::from_mins(1);
/// The longest answer that is read.
const MAX_ANSWER_BYTES: u64 = 4 << 20;

/// What makes requests.
pub(crate) struct Clients {
    agent: Agent,
    free: Arc<Semaphore>,
    config: WorkflowConfig,
}

/// What came back.
pub(in crate::workflow) struct Answer {
    pub(in crate::workflow) status: u16,
    pub(super) headers: HeaderMap,
    pub(super) body: Vec<u8>,
}

impl Clients {
    pub(crate) fn new(config: &WorkflowConfig) -> Self {
        let agent = Agent::config_builder()
            .http_status_as_error(false)
            // A redirection could lead to an address that nobody has allowed.
            .max_redirects(0)
            .max_redirects_will_error(false)
            .proxy(None)
            .timeout_connect(Some(CONNECT_TIMEOUT))
            .timeout_global(Some(TIMEOUT_WHOLE))
            .build()
            .into();
        Self {
            agent,
            free: Arc::new(Semaphore::new(REQUESTS)),
            config: config.clone(),
        }
    }

    /// Settings of workers.
    pub(crate) const fn config(&self) -> &WorkflowConfig {
        &self.config
    }

    /// Refuses addresses that no allowed one is the beginning of. What follows must not be more of the host's name.
    pub(in crate::workflow) fn check(&self, address: &str) -> Result<(), Failure> {
        let allowed = |prefix: &String| {
            address
                .strip_prefix(prefix.as_str())
                .is_some_and(|rest| prefix.ends_with('/') || rest.is_empty() || rest.starts_with(['/', '?']))
        };
        if !address.contains(['@', '\\']) && self.config.http_allow.iter().any(allowed) {
            return Ok(());
        }
        Err(Failure::new(
            PERMISSIONS,
            "The address is not among those that state machines may call: add it, or its beginning, to the setting \
             workflow.http_allow.",
        ))
    }

    /// Sends a request. The thread that does so ends within a minute even if nobody waits any more.
    pub(in crate::workflow) async fn send(
        &self,
        job: &Job,
        request: Request<Vec<u8>>,
    ) -> Result<Answer, Failure> {
        // The semaphore is never closed.
        let place = Arc::clone(&self.free).acquire_owned().await;
        let agent = self.agent.clone();
        let sent = tokio::task::spawn_blocking(move || {
            let _place = place;
            exchange(&agent, request)
        });
        match sent.await {
            Ok(answer) => answer,
            Err(error) => Err(broken(job, &error)),
        }
    }
}

fn exchange(agent: &Agent, request: Request<Vec<u8>>) -> Result<Answer, Failure> {
    let mut response = agent.run(request).map_err(|error| unreachable(&error))?;
    let mut body = Vec::new();
    let reader = response
        .body_mut()
        .with_config()
        .limit(MAX_ANSWER_BYTES + 2)
        .reader();
    reader
        .take(MAX_ANSWER_BYTES + 1)
        .read_to_end(&mut body)
        .map_err(|_| {
            Failure::new(
                "States.Http.Socket",
                "The server stopped in the middle of its answer.",
            )
        })?;
    if body.len() as u64 > MAX_ANSWER_BYTES {
        return Err(Failure::new(
            selfsame_workflow::failure::DATA_LIMIT,
            format!("The answer has more than {MAX_ANSWER_BYTES} bytes."),
        ));
    }
    Ok(Answer {
        status: response.status().as_u16(),
        headers: response.headers().clone(),
        body,
    })
}

fn unreachable(error: &ureq::Error) -> Failure {
    match error {
        ureq::Error::Timeout(_) => Failure::new(TIMEOUT, "The server did not answer in time."),
        _ => Failure::new("States.Http.Socket", "The server cannot be reached."),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_allowed_addresses_are_called() {
        let clients = Clients::new(&WorkflowConfig {
            http_allow: vec![
                "http://127.0.0.1:9000".to_owned(),
                "https://api.example/v1/".to_owned(),
            ],
            ..WorkflowConfig::default()
        });
        for address in [
            "http://127.0.0.1:9000",
            "http://127.0.0.1:9000/check?x=1",
            "http://127.0.0.1:9000?x",
            "https://api.example/v1/fraud",
        ] {
            assert_eq!(clients.check(address), Ok(()), "{address}");
        }
        for address in [
            "http://127.0.0.1:90001/",
            "http://127.0.0.1:9000.evil.example/",
            "http://127.0.0.1:9000@evil.example/",
            "http://127.0.0.1:9000\\@evil.example/",
            "https://api.example/v2",
            "http://169.254.169.254/",
            "",
        ] {
            assert_eq!(
                clients.check(address).unwrap_err().error,
                PERMISSIONS,
                "{address}"
            );
        }
    }
}
