//! What clients send along with a state machine that has no meaning here, or must not have: logs, traces, keys, tags.

use selfsame_wire::ErrorCode;
use selfsame_wire::states::{EncryptionConfiguration, EncryptionType, LogLevel, LoggingConfiguration, Tag};

use crate::aws::Error;

/// AWS's limit for one resource.
const MAX_TAGS: usize = 50;

/// A log goes nowhere: executions have histories. What AWS refuses is refused here, too.
pub(super) fn logging(configuration: Option<&LoggingConfiguration>) -> Result<(), Error> {
    let Some(configuration) = configuration else {
        return Ok(());
    };
    let destinations = configuration.destinations.as_ref().map_or(0, Vec::len);
    let logs = configuration.level.is_some_and(|level| level != LogLevel::Off);
    if destinations > 1 || (logs && destinations == 0) {
        return Err(Error::new(
            ErrorCode::InvalidLoggingConfiguration,
            "Invalid Logging Configuration: Must specify exactly one Log Destination.",
        ));
    }
    Ok(())
}

/// A promise to encrypt with somebody's key could not be kept.
pub(super) fn encryption(configuration: Option<&EncryptionConfiguration>) -> Result<(), Error> {
    match configuration.map(|configuration| configuration.r#type) {
        None | Some(EncryptionType::AwsOwnedKey) => Ok(()),
        Some(EncryptionType::CustomerManagedKmsKey) => Err(Error::new(
            ErrorCode::InvalidEncryptionConfiguration,
            "Invalid Encryption Configuration: there is no KMS here. Leave encryptionConfiguration out, or write the type \
             AWS_OWNED_KEY, and encrypt the disk of the data directory.",
        )),
    }
}

/// Tags are not kept: nothing reads them.
pub(super) fn tags(tags: Option<&Vec<Tag>>) -> Result<(), Error> {
    if tags.map_or(0, Vec::len) <= MAX_TAGS {
        return Ok(());
    }
    Err(Error::new(
        ErrorCode::TooManyTags,
        format!("A state machine may have {MAX_TAGS} tags."),
    ))
}

#[cfg(test)]
mod tests {
    use selfsame_wire::states::LogDestination;

    use super::*;

    #[test]
    fn logs_need_one_destination() {
        let logging = |level, destinations| {
            let configuration = LoggingConfiguration {
                level,
                include_execution_data: None,
                destinations: Some(vec![LogDestination::default(); destinations]),
            };
            logging(Some(&configuration)).is_ok()
        };
        assert!(logging(Some(LogLevel::Off), 0) && logging(None, 0) && logging(Some(LogLevel::All), 1));
        assert!(!logging(Some(LogLevel::All), 0) && !logging(Some(LogLevel::Off), 2));
    }

    #[test]
    fn nobody_is_promised_a_key() {
        let of = |kind| EncryptionConfiguration {
            kms_key_id: None,
            kms_data_key_reuse_period_seconds: None,
            r#type: kind,
        };
        assert!(encryption(Some(&of(EncryptionType::AwsOwnedKey))).is_ok());
        let error = encryption(Some(&of(EncryptionType::CustomerManagedKmsKey))).unwrap_err();
        assert_eq!(error.code(), ErrorCode::InvalidEncryptionConfiguration);
        assert!(tags(Some(&vec![Tag::default(); 50])).is_ok());
        assert!(tags(Some(&vec![Tag::default(); 51])).is_err());
    }
}
