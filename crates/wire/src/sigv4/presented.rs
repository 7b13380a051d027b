//! What a request says about its signature. Read from its head alone, so that the key can be looked up, and most
//! refusals made, before a byte of the body is received.

use std::fmt;

use http::{HeaderMap, HeaderName, Uri, header};
use jiff::{SignedDuration, Timestamp};

use super::error::{Error, shown};
use super::fields::Fields;
use super::{Expected, TERMINATOR, fields, moment};

/// How far the clocks of client and server may differ.
const SKEW_S: u32 = 15 * 60;
/// A week: what AWS allows a presigned request.
const MAX_EXPIRES_S: u32 = 7 * 24 * 60 * 60;
/// AWS's are of 16 to 128 characters.
const MAX_ACCESS_KEY_ID: usize = 128;
/// Regions become parts of names (ARNs), of which every label may have this length.
const MAX_REGION: usize = 63;
/// The browser's SDK adds it after signing; it says nothing that matters.
const USER_AGENT: &str = "x-amz-user-agent";
/// Shown with temporary credentials.
pub(super) const SECURITY_TOKEN: &str = "x-amz-security-token";

/// Where a signature stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// In the header `Authorization`.
    Header,
    /// In the query: a presigned request.
    Query {
        /// How long it is valid; where it does not say, as long as one in a header.
        expires_s: Option<u32>,
    },
}

/// A signature as it was presented: well-formed, but not verified.
#[derive(Clone, PartialEq, Eq)]
pub struct Presented {
    /// Whose secret is said to have been used.
    pub access_key_id: String,
    /// The day in the scope: that of [`Presented::time`].
    pub date: String,
    /// The region in the scope. Letters, digits and hyphens.
    pub region: String,
    /// The service in the scope, which tells services on one port apart.
    pub service: String,
    /// What is signed, in the order of their names.
    pub signed_headers: Vec<HeaderName>,
    /// When the signature was made.
    pub time: Timestamp,
    /// Where it stands.
    pub form: Form,
    pub(super) session_token: bool,
    pub(super) signature: String,
}

impl Presented {
    /// Reads the signature of a request; `None` where it has none (it may have credentials of another kind).
    pub fn read(uri: &Uri, headers: &HeaderMap) -> Result<Option<Self>, Error> {
        let fields = match (fields::of_header(headers)?, fields::of_query(uri)?) {
            (None, None) => return Ok(None),
            (Some(fields), None) | (None, Some(fields)) => fields,
            (Some(_), Some(_)) => {
                return Err(Error::Incomplete(
                    "A request is signed in its Authorization header or in its query, not in both."
                        .to_owned(),
                ));
            }
        };
        Self::new(fields).map(Some)
    }

    fn new(fields: Fields) -> Result<Self, Error> {
        let time = moment::parse(&fields.date).ok_or_else(|| {
            Error::Incomplete(format!(
                "Date must be in ISO-8601 'basic format'. Got '{}'. See http://en.wikipedia.org/wiki/ISO_8601",
                shown(&fields.date)
            ))
        })?;
        let [access_key_id, date, region, service] = credential(&fields.credential, time)?;
        Ok(Self {
            access_key_id,
            date,
            region,
            service,
            signed_headers: signed_headers(&fields.signed_headers)?,
            time,
            form: fields.form,
            session_token: fields.session_token,
            signature: fields.signature,
        })
    }

    /// Everything that can be judged without secret and body: what is signed, when and for what.
    pub fn check(&self, headers: &HeaderMap, now: Timestamp, expected: &Expected<'_>) -> Result<(), Error> {
        // The browser that opens a presigned address sends what it likes.
        self.check_with(headers, now, expected, self.form == Form::Header)
    }

    /// As [`Presented::check`]; whether the content type must be signed is not the same for every service.
    pub(super) fn check_with(
        &self,
        headers: &HeaderMap,
        now: Timestamp,
        expected: &Expected<'_>,
        content_type: bool,
    ) -> Result<(), Error> {
        if self.session_token || headers.contains_key(SECURITY_TOKEN) {
            return Err(Error::SessionToken);
        }
        self.check_signed_headers(headers, content_type)?;
        self.check_time(now)?;
        if self.service != expected.service {
            return Err(Error::Scope(format!(
                "Credential should be scoped to correct service: '{}'.",
                expected.service
            )));
        }
        match expected.region {
            Some(region) if region != self.region => Err(not_a_region(&self.region)),
            _ => Ok(()),
        }
    }

    /// A header that matters but is not signed could be put into a signed request by anybody on its way. One that
    /// stands there twice might be read in two ways.
    fn check_signed_headers(&self, headers: &HeaderMap, content_type: bool) -> Result<(), Error> {
        if !self.signed_headers.contains(&header::HOST) {
            return Err(Error::UnsignedHost);
        }
        for name in headers.keys() {
            let matters = match name.as_str() {
                "host" => true,
                "content-type" => content_type,
                USER_AGENT => false,
                other => other.starts_with("x-amz-"),
            };
            if !matters {
                continue;
            }
            if !self.signed_headers.contains(name) {
                return Err(Error::Unsigned(name.as_str().to_owned()));
            }
            if headers.get_all(name).iter().nth(1).is_some() {
                return Err(Error::Incomplete(format!("The header '{name}' is there twice.")));
            }
        }
        Ok(())
    }

    fn check_time(&self, now: Timestamp) -> Result<(), Error> {
        let valid_s = match self.form {
            Form::Query {
                expires_s: Some(seconds),
            } => seconds,
            _ => SKEW_S,
        };
        let at = |seconds: i64| {
            let duration = SignedDuration::from_secs(seconds);
            moment::format(now.saturating_add(duration).unwrap_or(now))
        };
        let age_s = now.as_second() - self.time.as_second();
        if age_s > i64::from(valid_s) {
            return Err(Error::Expired {
                made: moment::format(self.time),
                earliest: at(-i64::from(valid_s)),
                now: moment::format(now),
                window: window(valid_s),
            });
        }
        if -age_s > i64::from(SKEW_S) {
            return Err(Error::NotYetCurrent {
                made: moment::format(self.time),
                latest: at(i64::from(SKEW_S)),
                now: moment::format(now),
                window: window(SKEW_S),
            });
        }
        Ok(())
    }
}

impl fmt::Debug for Presented {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Presented")
            .field("access_key_id", &self.access_key_id)
            .field("region", &self.region)
            .field("service", &self.service)
            .field("signed_headers", &self.signed_headers)
            .field("time", &self.time)
            .field("form", &self.form)
            .finish_non_exhaustive()
    }
}

/// As AWS writes it.
fn window(seconds: u32) -> String {
    if seconds.is_multiple_of(60) {
        format!("{} min.", seconds / 60)
    } else {
        format!("{seconds} sec.")
    }
}

/// Access key id, day, region and service of `KEY/20150830/us-east-1/rekognition/aws4_request`.
fn credential(text: &str, time: Timestamp) -> Result<[String; 4], Error> {
    let parts: Vec<&str> = text.split('/').collect();
    let [key, date, region, service, terminator] = parts[..] else {
        return Err(Error::Incomplete(format!(
            "Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/term, got '{}'",
            shown(text)
        )));
    };
    let of = |text: &str, max: usize, more: &[u8]| {
        let allowed = |byte: u8| byte.is_ascii_alphanumeric() || more.contains(&byte);
        !text.is_empty() && text.len() <= max && text.bytes().all(allowed)
    };
    if !of(key, MAX_ACCESS_KEY_ID, b"_") {
        return Err(Error::UnknownKey);
    }
    if terminator != TERMINATOR {
        return Err(Error::Scope(format!(
            "Credential should be scoped with a valid terminator: '{TERMINATOR}', not '{}'.",
            shown(terminator)
        )));
    }
    if !of(region, MAX_REGION, b"-") {
        return Err(not_a_region(region));
    }
    let day = moment::day(time);
    if date != day {
        return Err(Error::Scope(format!(
            "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: '{}' != '{day}', from '{}'.",
            shown(date),
            moment::format(time)
        )));
    }
    Ok([key, date, region, service].map(str::to_owned))
}

fn not_a_region(region: &str) -> Error {
    Error::Scope(format!(
        "Credential should be scoped to a valid region, not '{}'.",
        shown(region)
    ))
}

/// `host;x-amz-date`. Each once and in lowercase, as the canonical request has them.
fn signed_headers(text: &str) -> Result<Vec<HeaderName>, Error> {
    let invalid = || Error::Incomplete(format!("SignedHeaders is not valid: '{}'.", shown(text)));
    let mut names = Vec::new();
    for name in text.split(';') {
        let parsed = HeaderName::from_bytes(name.as_bytes()).map_err(|_| invalid())?;
        if parsed.as_str() != name {
            return Err(invalid());
        }
        names.push(parsed);
    }
    names.sort_unstable_by(|a, b| a.as_str().cmp(b.as_str()));
    if names.windows(2).any(|pair| pair[0] == pair[1]) {
        return Err(invalid());
    }
    Ok(names)
}

/// Seconds until a presigned request expires.
pub(super) fn expires_s(text: &str) -> Result<u32, Error> {
    let problem = match text.parse() {
        Ok(seconds @ 1..=MAX_EXPIRES_S) => return Ok(seconds),
        Ok(0) => "X-Amz-Expires must be positive",
        Ok(_) => {
            "X-Amz-Expires must be less than a week (in seconds); that is, the given X-Amz-Expires must be less than 604800 seconds"
        }
        Err(_) => "X-Amz-Expires should be a number",
    };
    Err(Error::Incomplete(problem.to_owned()))
}
