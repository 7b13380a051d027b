//! Making signatures, for our own tests and for measuring.

use http::header::{AUTHORIZATION, CONTENT_TYPE, HOST, InvalidHeaderValue};
use http::{HeaderMap, HeaderName, HeaderValue, Method, Uri};
use jiff::Timestamp;

use super::{ALGORITHM, Form, Presented, Request, TERMINATOR, moment, sha256, signature};

/// Signs requests as AWS's clients do: in the header `Authorization`.
#[derive(Clone, Copy)]
pub struct Signer<'a> {
    /// Says whose secret it is.
    pub access_key_id: &'a str,
    /// The secret.
    pub secret: &'a str,
    /// Which region is asked.
    pub region: &'a str,
    /// Which service is asked.
    pub service: &'a str,
}

impl Signer<'_> {
    /// Adds `X-Amz-Date` and `Authorization` to the headers, among which `Host` must be. Signed are `Host`,
    /// `Content-Type` and every `X-Amz-*`.
    pub fn sign(
        &self,
        method: &Method,
        uri: &Uri,
        headers: &mut HeaderMap,
        body: &[u8],
        now: Timestamp,
    ) -> Result<(), InvalidHeaderValue> {
        headers.remove(AUTHORIZATION);
        headers.insert("x-amz-date", HeaderValue::try_from(moment::format(now))?);
        let signed =
            |name: &&HeaderName| [&HOST, &CONTENT_TYPE].contains(name) || name.as_str().starts_with("x-amz-");
        let mut signed_headers: Vec<HeaderName> = headers.keys().filter(signed).cloned().collect();
        signed_headers.sort_unstable_by(|a, b| a.as_str().cmp(b.as_str()));
        let presented = Presented {
            access_key_id: self.access_key_id.to_owned(),
            date: moment::day(now),
            region: self.region.to_owned(),
            service: self.service.to_owned(),
            signed_headers,
            time: now,
            form: Form::Header,
            session_token: false,
            signature: String::new(),
        };
        let request = Request {
            method,
            uri,
            headers,
            body: &sha256(body),
        };
        // No header is missing: they were taken from the request.
        let signature = signature(&presented, self.secret, &request).unwrap_or_default();
        headers.insert(
            AUTHORIZATION,
            HeaderValue::try_from(authorization(&presented, &signature))?,
        );
        Ok(())
    }
}

fn authorization(presented: &Presented, signature: &str) -> String {
    let Presented {
        access_key_id,
        date,
        region,
        service,
        ..
    } = presented;
    let names: Vec<&str> = presented.signed_headers.iter().map(HeaderName::as_str).collect();
    format!(
        "{ALGORITHM} Credential={access_key_id}/{date}/{region}/{service}/{TERMINATOR}, SignedHeaders={}, Signature={signature}",
        names.join(";")
    )
}
