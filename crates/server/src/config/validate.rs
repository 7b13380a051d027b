//! Refuses configurations that would not work, before anything starts.

use selfsame_types::CollectionId;

use super::load::CARD_KEY_VARIABLE;
use super::{Config, Error};
use crate::cards::CardKey;

/// A first key shorter than this could be guessed (16 random characters hold about 95 bits); keys are stored as plain
/// SHA-256, which slows nobody down.
pub const MIN_KEY_CHARACTERS: usize = 16;

/// A day: longer waits are mistyped units.
pub(super) const MAX_TIMEOUT_MS: u64 = 86_400_000;

impl Config {
    /// Checks every value, and those that depend on each other.
    pub fn validate(&self) -> Result<(), Error> {
        self.check_access()?;
        self.check_times()?;
        self.check_limits()?;
        self.check_addresses()?;
        self.check_s3()?;
        self.check_workflow()?;
        self.check_thresholds()
    }

    fn check_access(&self) -> Result<(), Error> {
        if self.access.insecure_no_auth && !self.server.listen.ip().is_loopback() {
            return invalid(
                "access.insecure_no_auth",
                format!(
                    "without keys, anybody who reaches {} could read and erase everything; listen on 127.0.0.1 or use keys",
                    self.server.listen
                ),
            );
        }
        let Some(key) = &self.access.api_key else {
            return Ok(());
        };
        let characters = key.expose().chars().count();
        if characters < MIN_KEY_CHARACTERS {
            return invalid(
                "SELFSAME_API_KEY",
                format!(
                    "a key needs at least {MIN_KEY_CHARACTERS} characters, not {characters}; unset it to have one made"
                ),
            );
        }
        if !key.expose().chars().all(|c| c.is_ascii_graphic()) {
            return invalid(
                "SELFSAME_API_KEY",
                "a key may hold only visible ASCII characters, because it travels in a header".to_owned(),
            );
        }
        Ok(())
    }

    fn check_times(&self) -> Result<(), Error> {
        for (setting, milliseconds) in [
            ("server.flow_timeout_ms", self.server.flow_timeout_ms),
            ("server.header_timeout_ms", self.server.header_timeout_ms),
            ("server.body_timeout_ms", self.server.body_timeout_ms),
            ("server.snapshot_interval_ms", self.server.snapshot_interval_ms),
        ] {
            if !(1..=MAX_TIMEOUT_MS).contains(&milliseconds) {
                return invalid(
                    setting,
                    format!("must be 1 to {MAX_TIMEOUT_MS}, not {milliseconds}"),
                );
            }
        }
        Ok(())
    }

    fn check_limits(&self) -> Result<(), Error> {
        let limits = &self.limits;
        for (setting, value) in [
            ("server.connections", self.server.connections),
            ("limits.body_bytes", limits.body_bytes),
            ("limits.image_bytes", limits.image_bytes),
            ("limits.faces_per_user", limits.faces_per_user),
        ] {
            if value == 0 {
                return invalid(setting, "must be at least 1".to_owned());
            }
        }
        if limits.body_memory_bytes < limits.body_bytes {
            return invalid(
                "limits.body_memory_bytes",
                format!(
                    "must hold at least one body (limits.body_bytes = {})",
                    limits.body_bytes
                ),
            );
        }
        if limits.image_min_side_px > limits.image_side_px {
            return invalid(
                "limits.image_min_side_px",
                format!("must not exceed limits.image_side_px = {}", limits.image_side_px),
            );
        }
        Ok(())
    }

    fn check_addresses(&self) -> Result<(), Error> {
        if let Err(error) = CollectionId::new(self.portal.collection.as_str()) {
            return invalid("portal.collection", error.to_string());
        }
        if let Some(Err(error)) = self.portal.card_key.as_ref().map(CardKey::new) {
            return invalid(CARD_KEY_VARIABLE, error.to_string());
        }
        if let Some(bucket) = &self.portal.upload_bucket
            && !s3s::path::check_bucket_name(bucket)
        {
            return invalid(
                "portal.upload_bucket",
                format!("must be the name of a bucket, not {bucket:?}"),
            );
        }
        if let Some(url) = &self.portal.url
            && !is_http(url)
        {
            return invalid(
                "portal.url",
                format!("must begin with http:// or https://, not {url:?}"),
            );
        }
        for origin in &self.server.cors_origins {
            if origin != "*" && !(is_http(origin) && origin.matches('/').count() == 2) {
                return invalid(
                    "server.cors_origins",
                    format!(
                        "must be origins like https://app.example.com without a path, or *, not {origin:?}"
                    ),
                );
            }
        }
        Ok(())
    }

    fn check_thresholds(&self) -> Result<(), Error> {
        let quality = &self.quality;
        for (setting, value, max) in [
            ("quality.min_confidence", quality.min_confidence, 100.0),
            ("quality.max_angle_degrees", quality.max_angle_degrees, 180.0),
            ("quality.min_brightness", quality.min_brightness, 100.0),
            ("quality.min_sharpness", quality.min_sharpness, 100.0),
            ("quality.max_brightness", quality.max_brightness, 100.0),
            ("quality.min_face_px", quality.min_face_px, 1920.0),
            ("quality.max_cut_off", quality.max_cut_off, 100.0),
            ("quality.max_sunglasses", quality.max_sunglasses, 100.0),
            ("quality.max_covered", quality.max_covered, 100.0),
            ("quality.max_closed_eyes", quality.max_closed_eyes, 100.0),
        ] {
            if !(0.0..=max).contains(&value) {
                return invalid(setting, format!("must be 0 to {max}, not {value}"));
            }
        }
        // Below 80 (a false match rate of 1 in 100) "verified" would mean nothing.
        if !(80.0..=100.0).contains(&self.matching.similarity) {
            return invalid(
                "matching.similarity",
                format!(
                    "must be 80 to 100, not {}: it is a percentage, and below 80 strangers pass",
                    self.matching.similarity
                ),
            );
        }
        let rate = self.matching.duplicate_alarm_rate;
        if !(rate > 0.0 && rate <= 1.0) {
            return invalid(
                "matching.duplicate_alarm_rate",
                format!("must be above 0 and at most 1, not {rate}"),
            );
        }
        Ok(())
    }
}

/// A URL with something after the scheme that may travel in a header.
pub(super) fn is_http(url: &str) -> bool {
    let rest = url
        .strip_prefix("https://")
        .or_else(|| url.strip_prefix("http://"));
    rest.is_some_and(|rest| !rest.is_empty() && rest.chars().all(|c| c.is_ascii_graphic()))
}

pub(super) fn invalid(setting: &'static str, problem: String) -> Result<(), Error> {
    Err(Error::Invalid { setting, problem })
}

#[cfg(test)]
mod tests {
    use crate::secret::Secret;

    use super::*;

    fn refused(change: impl FnOnce(&mut Config)) -> String {
        let mut config = Config::default();
        change(&mut config);
        config.validate().unwrap_err().to_string()
    }

    #[test]
    fn the_default_is_valid() {
        Config::default().validate().unwrap();
    }

    #[test]
    fn no_authentication_only_on_loopback() {
        let text = refused(|c| {
            c.access.insecure_no_auth = true;
            c.server.listen = "0.0.0.0:8080".parse().unwrap();
        });
        assert!(text.contains("0.0.0.0:8080"), "{text}");
        let mut config = Config::default();
        config.access.insecure_no_auth = true;
        config.server.listen = "[::1]:8080".parse().unwrap();
        config.validate().unwrap();
    }

    #[test]
    fn weak_keys_are_refused_and_not_shown() {
        let text = refused(|c| c.access.api_key = Some(Secret::new("hunter2")));
        assert_eq!(
            text,
            "SELFSAME_API_KEY: a key needs at least 16 characters, not 7; unset it to have one made"
        );
        assert!(
            !refused(|c| c.access.api_key = Some(Secret::new("sixteen with spaces"))).contains("sixteen")
        );
    }

    #[test]
    fn a_fraction_is_no_percentage() {
        assert!(refused(|c| c.matching.similarity = 0.8).contains("below 80 strangers pass"));
        assert!(refused(|c| c.matching.similarity = f32::NAN).contains("NaN"));
    }

    #[test]
    fn addresses_are_addresses() {
        refused(|c| c.portal.collection = "my users".to_owned());
        refused(|c| c.portal.url = Some("faces.example.com".to_owned()));
        for origin in ["app.example.com", "https://", "https://app.example.com/", "null"] {
            refused(|c| c.server.cors_origins = vec![origin.to_owned()]);
        }
        let mut config = Config::default();
        config.portal.url = Some("https://faces.example.com/prod".to_owned());
        config.server.cors_origins = vec!["https://app.example.com:8443".to_owned(), "*".to_owned()];
        config.validate().unwrap();
    }

    #[test]
    fn every_number_has_a_range() {
        refused(|c| c.server.flow_timeout_ms = 0);
        refused(|c| c.server.connections = 0);
        refused(|c| c.limits.body_memory_bytes = 1);
        refused(|c| c.limits.image_min_side_px = 20_000);
        refused(|c| c.quality.min_confidence = 100.5);
        refused(|c| c.matching.duplicate_alarm_rate = 0.0);
        refused(|c| c.matching.duplicate_alarm_rate = f64::NAN);
    }
}
