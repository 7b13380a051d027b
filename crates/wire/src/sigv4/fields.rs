//! The fields of a signature, as texts, wherever they stand.

use http::{HeaderMap, HeaderValue, Uri, header};

use super::ALGORITHM;
use super::canonical::parameters;
use super::error::{Error, shown};
use super::presented::{Form, SECURITY_TOKEN, expires_s};

/// What both forms have.
pub(super) struct Fields {
    pub(super) credential: String,
    pub(super) signature: String,
    pub(super) signed_headers: String,
    pub(super) date: String,
    pub(super) session_token: bool,
    pub(super) form: Form,
}

/// From `Authorization: AWS4-HMAC-SHA256 Credential=…, SignedHeaders=…, Signature=…` and the header with the date.
/// Other schemes of that header are not our business.
pub(super) fn of_header(headers: &HeaderMap) -> Result<Option<Fields>, Error> {
    let values = headers.get_all(header::AUTHORIZATION);
    if !values.iter().any(|value| value.as_bytes().starts_with(b"AWS")) {
        return Ok(None);
    }
    let mut values = values.iter();
    let (Some(value), None) = (values.next(), values.next()) else {
        return Err(incomplete("There is more than one Authorization header."));
    };
    let value = text(value);
    let (algorithm, rest) = value.split_once(' ').unwrap_or((&value, ""));
    if algorithm != ALGORITHM {
        return Err(unsupported(algorithm));
    }
    let date = headers.get("x-amz-date").or_else(|| headers.get(header::DATE));
    let mut found = [None, None, None, date.map(text)];
    for part in rest.split(',').map(str::trim).filter(|part| !part.is_empty()) {
        let (name, value) = part.split_once('=').ok_or_else(|| {
            incomplete(format!(
                "'{}' not a valid key=value pair (missing equal-sign) in Authorization header.",
                shown(part)
            ))
        })?;
        let known = ["Credential", "Signature", "SignedHeaders"];
        if let Some(index) = known.iter().position(|known| *known == name) {
            once(&mut found[index], name, value.to_owned())?;
        }
    }
    let missing = [
        "Authorization header requires 'Credential' parameter.",
        "Authorization header requires 'Signature' parameter.",
        "Authorization header requires 'SignedHeaders' parameter.",
        "Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header.",
    ];
    let ending = format!("Authorization={ALGORITHM}");
    let [credential, signature, signed_headers, date] = all(found, missing, &ending)?;
    Ok(Some(Fields {
        credential,
        signature,
        signed_headers,
        date,
        session_token: headers.contains_key(SECURITY_TOKEN),
        form: Form::Header,
    }))
}

/// From the parameters of a presigned request.
pub(super) fn of_query(uri: &Uri) -> Result<Option<Fields>, Error> {
    const NAMES: [&str; 7] = [
        "X-Amz-Credential",
        "X-Amz-Signature",
        "X-Amz-SignedHeaders",
        "X-Amz-Date",
        "X-Amz-Algorithm",
        "X-Amz-Expires",
        "X-Amz-Security-Token",
    ];
    let mut found = [const { None }; NAMES.len()];
    for (name, value) in parameters(uri) {
        if let Some(index) = NAMES.iter().position(|known| known.as_bytes() == name.as_ref()) {
            let value = String::from_utf8_lossy(&value).into_owned();
            once(&mut found[index], NAMES[index], value)?;
        }
    }
    let [
        credential,
        signature,
        signed_headers,
        date,
        algorithm,
        expires,
        token,
    ] = found;
    if credential.is_none() && signature.is_none() && algorithm.is_none() {
        return Ok(None);
    }
    let missing = [
        "AWS query-string parameters must include 'X-Amz-Credential'.",
        "AWS query-string parameters must include 'X-Amz-Signature'.",
        "AWS query-string parameters must include 'X-Amz-SignedHeaders'.",
        "AWS query-string parameters must include 'X-Amz-Date'.",
        "AWS query-string parameters must include 'X-Amz-Algorithm'.",
    ];
    let found = [credential, signature, signed_headers, date, algorithm];
    let [credential, signature, signed_headers, date, algorithm] =
        all(found, missing, "Re-examine the query-string parameters.")?;
    if algorithm != ALGORITHM {
        return Err(unsupported(&algorithm));
    }
    Ok(Some(Fields {
        credential,
        signature,
        signed_headers,
        date,
        session_token: token.is_some(),
        form: Form::Query {
            expires_s: expires.as_deref().map(expires_s).transpose()?,
        },
    }))
}

/// A header's value as text. Bytes that are no text make it differ from every value that is accepted.
fn text(value: &HeaderValue) -> String {
    String::from_utf8_lossy(value.as_bytes()).trim().to_owned()
}

/// What is given twice could be read in two ways.
fn once(slot: &mut Option<String>, name: &str, value: String) -> Result<(), Error> {
    match slot.replace(value) {
        None => Ok(()),
        Some(_) => Err(incomplete(format!("'{name}' is there twice."))),
    }
}

/// All of them, or one sentence for each that is missing.
fn all<const N: usize>(
    found: [Option<String>; N],
    missing: [&str; N],
    ending: &str,
) -> Result<[String; N], Error> {
    let absent = found.iter().zip(missing).filter(|(value, _)| value.is_none());
    let sentences: Vec<&str> = absent.map(|(_, sentence)| sentence).collect();
    if sentences.is_empty() {
        Ok(found.map(Option::unwrap_or_default))
    } else {
        Err(incomplete(format!("{} {ending}", sentences.join(" "))))
    }
}

fn unsupported(algorithm: &str) -> Error {
    incomplete(format!("Unsupported AWS 'algorithm': '{}'.", shown(algorithm)))
}

fn incomplete(message: impl Into<String>) -> Error {
    Error::Incomplete(message.into())
}
