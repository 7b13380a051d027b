//! Objects: how large they may be, and where else they are.

use serde::{Deserialize, Serialize};

use super::validate::{MAX_TIMEOUT_MS, invalid, is_http};
use super::{Config, Error};
use crate::secret::Secret;

/// Objects: how large they may be, and where else they are.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct S3Config {
    /// The largest object, also of those that are uploaded in parts. How many there may be is a question of the disk.
    pub object_bytes: u64,
    /// The longest pause between two pieces of an object that a client sends.
    pub pause_timeout_ms: u64,
    /// Another S3 server (`https://s3.eu-central-1.amazonaws.com`): photos that requests name are read from there if
    /// their bucket is not here.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub endpoint: Option<String>,
    /// The other server's region.
    pub region: String,
    /// Whether the other server may be asked without TLS.
    pub allow_http: bool,
    /// With which key the other server is asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub access_key_id: Option<String>,
    /// The secret of that key. From the environment only, so that it is in no file that gets committed.
    #[serde(skip)]
    pub secret_access_key: Option<Secret>,
}

impl Default for S3Config {
    fn default() -> Self {
        Self {
            object_bytes: 1 << 30,
            pause_timeout_ms: 20_000,
            endpoint: None,
            region: "us-east-1".to_owned(),
            allow_http: false,
            access_key_id: None,
            secret_access_key: None,
        }
    }
}

impl Config {
    pub(super) fn check_s3(&self) -> Result<(), Error> {
        let s3 = &self.s3;
        // The database counts to here.
        if !(1..=i64::MAX as u64).contains(&s3.object_bytes) {
            return invalid("s3.object_bytes", "must be at least 1".to_owned());
        }
        if !(1..=MAX_TIMEOUT_MS).contains(&s3.pause_timeout_ms) {
            return invalid(
                "s3.pause_timeout_ms",
                format!("must be 1 to {MAX_TIMEOUT_MS}, not {}", s3.pause_timeout_ms),
            );
        }
        let Some(endpoint) = &s3.endpoint else {
            return Ok(());
        };
        if !is_http(endpoint) || endpoint.contains(['@', '?', '#']) {
            return invalid(
                "s3.endpoint",
                format!("must be an address like https://s3.example.com, not {endpoint:?}"),
            );
        }
        if !s3.allow_http && !endpoint.starts_with("https://") {
            return invalid(
                "s3.endpoint",
                "photos would travel without TLS; use https://, or set s3.allow_http in a closed network"
                    .to_owned(),
            );
        }
        if s3.access_key_id.is_none() || s3.secret_access_key.is_none() {
            return invalid(
                "s3.access_key_id",
                "the other server needs a key: set it here, and its secret in SELFSAME_S3_SECRET_ACCESS_KEY"
                    .to_owned(),
            );
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(change: impl FnOnce(&mut S3Config)) -> Result<(), String> {
        let mut config = Config::default();
        config.s3.endpoint = Some("https://s3.example.com".to_owned());
        config.s3.access_key_id = Some("ID".to_owned());
        config.s3.secret_access_key = Some(Secret::new("secret"));
        change(&mut config.s3);
        config.validate().map_err(|error| error.to_string())
    }

    #[test]
    fn another_server_needs_an_address_and_a_key() {
        with(|_| {}).unwrap();
        with(|s3| s3.access_key_id = None).unwrap_err();
        with(|s3| s3.secret_access_key = None).unwrap_err();
        for endpoint in [
            "s3.example.com",
            "ftp://s3.example.com",
            "https://",
            "https://user@s3.example.com",
            "https://s3.example.com?x",
        ] {
            with(|s3| s3.endpoint = Some(endpoint.to_owned())).unwrap_err();
        }
        let plain = |s3: &mut S3Config| s3.endpoint = Some("http://127.0.0.1:9000".to_owned());
        assert!(with(plain).unwrap_err().contains("without TLS"));
        with(|s3| {
            plain(s3);
            s3.allow_http = true;
        })
        .unwrap();
    }

    #[test]
    fn limits_are_limits() {
        with(|s3| s3.object_bytes = 0).unwrap_err();
        with(|s3| s3.object_bytes = u64::MAX).unwrap_err();
        with(|s3| s3.pause_timeout_ms = 0).unwrap_err();
    }
}
