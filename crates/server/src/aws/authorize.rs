//! Who signed a request, and whether it was they. The first is known before the body is received, the second after.

use axum::http::request::Parts;
use selfsame_wire::Service;
use selfsame_wire::sigv4::{self, Expected, Presented};

use super::error::Error;
use crate::access::Caller;
use crate::app::App;
use crate::secret::Secret;

/// Where a request is not signed, because keys are switched off: the region of answers that name one.
const NO_REGION: &str = "us-east-1";

/// A caller as the head of a request has it, not yet proven.
pub(super) struct Claim {
    /// Who it is if the signature is right.
    pub(super) caller: Caller,
    /// The region that the request was signed for.
    pub(super) region: String,
    /// What must be proven; nothing where keys are switched off.
    signature: Option<(Presented, Secret)>,
}

/// Reads the signature, and refuses whatever cannot become right: no signature, a wrong time or service, a key that
/// nobody has. The key is looked up each time, so that one revoked by another process is refused at once.
pub(super) async fn claim(app: &App, parts: &Parts, service: Service) -> Result<Claim, Error> {
    if app.access.is_open() {
        let caller = app.access.caller(&parts.headers).await?;
        // A client without keys of ours signs with keys of its own, or not at all: only the region is of use.
        let presented = Presented::read(&parts.uri, &parts.headers).ok().flatten();
        return Ok(Claim {
            caller,
            region: presented.map_or_else(|| NO_REGION.to_owned(), |presented| presented.region),
            signature: None,
        });
    }
    let presented = Presented::read(&parts.uri, &parts.headers)
        .map_err(told)?
        .ok_or_else(|| told(sigv4::Error::Missing))?;
    let known = app.access.aws_caller(&app.root, &presented.access_key_id).await?;
    let (caller, secret) = known.ok_or_else(|| told(sigv4::Error::UnknownKey))?;
    presented
        .check(&parts.headers, app.clock.now(), &expected(app, service))
        .map_err(told)?;
    Ok(Claim {
        caller,
        region: presented.region.clone(),
        signature: Some((presented, secret)),
    })
}

impl Claim {
    /// Compares the signature with the whole request.
    pub(super) fn prove(&self, app: &App, parts: &Parts, body: &[u8], service: Service) -> Result<(), Error> {
        let Some((presented, secret)) = &self.signature else {
            return Ok(());
        };
        let request = sigv4::Request {
            method: &parts.method,
            uri: &parts.uri,
            headers: &parts.headers,
            body: &sigv4::sha256(body),
        };
        let expected = expected(app, service);
        sigv4::verify(presented, secret.expose(), &request, app.clock.now(), &expected).map_err(told)
    }
}

fn expected(app: &App, service: Service) -> Expected<'_> {
    Expected {
        service: service.signing_name(),
        region: app.settings.region.as_deref(),
    }
}

fn told(error: sigv4::Error) -> Error {
    selfsame_wire::Error::from(error).into()
}
