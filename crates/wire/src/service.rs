//! The services, and which operation a request names.

use crate::generated::{rekognition, ssm, states, textract};
use crate::{Error, ErrorCode};

/// A service that speaks one of AWS's JSON protocols.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Service {
    /// Amazon Rekognition.
    Rekognition,
    /// Amazon Textract.
    Textract,
    /// AWS Step Functions.
    StepFunctions,
    /// AWS Systems Manager.
    Ssm,
}

impl Service {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Rekognition, Self::Textract, Self::StepFunctions, Self::Ssm];

    /// What stands before the dot in `X-Amz-Target`.
    #[must_use]
    pub const fn target_prefix(self) -> &'static str {
        match self {
            Self::Rekognition => rekognition::TARGET_PREFIX,
            Self::Textract => textract::TARGET_PREFIX,
            Self::StepFunctions => states::TARGET_PREFIX,
            Self::Ssm => ssm::TARGET_PREFIX,
        }
    }

    /// The service in the scope of a signature.
    #[must_use]
    pub const fn signing_name(self) -> &'static str {
        match self {
            Self::Rekognition => rekognition::SIGNING_NAME,
            Self::Textract => textract::SIGNING_NAME,
            Self::StepFunctions => states::SIGNING_NAME,
            Self::Ssm => ssm::SIGNING_NAME,
        }
    }

    /// The content type of requests and answers.
    #[must_use]
    pub const fn content_type(self) -> &'static str {
        match self {
            Self::StepFunctions => "application/x-amz-json-1.0",
            Self::Rekognition | Self::Textract | Self::Ssm => "application/x-amz-json-1.1",
        }
    }

    /// The service with this name in the scope of a signature.
    #[must_use]
    pub fn from_signing_name(name: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|service| service.signing_name() == name)
    }

    /// The service with this prefix in `X-Amz-Target`.
    #[must_use]
    pub fn from_target_prefix(prefix: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|service| service.target_prefix() == prefix)
    }

    /// Whether AWS has an operation of this name, served here or not.
    #[must_use]
    pub fn knows(self, operation: &str) -> bool {
        let known = match self {
            Self::Rekognition => rekognition::KNOWN,
            Self::Textract => textract::KNOWN,
            Self::StepFunctions => states::KNOWN,
            Self::Ssm => ssm::KNOWN,
        };
        known.binary_search(&operation).is_ok()
    }
}

/// A served operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Target {
    /// Of Amazon Rekognition.
    Rekognition(rekognition::OperationName),
    /// Of AWS Step Functions.
    StepFunctions(states::OperationName),
    /// Of AWS Systems Manager.
    Ssm(ssm::OperationName),
    /// Of Amazon Textract.
    Textract(textract::OperationName),
}

impl Target {
    /// Reads the value of `X-Amz-Target`. Whatever is not served is an `UnknownOperationException`.
    pub fn parse(target: &str) -> Result<Self, Error> {
        let unknown = || {
            Error::new(
                ErrorCode::UnknownOperationException,
                "There is no such operation.",
            )
        };
        let (prefix, operation) = target.split_once('.').ok_or_else(unknown)?;
        let service = Service::from_target_prefix(prefix).ok_or_else(unknown)?;
        let served = match service {
            Service::Rekognition => rekognition::OperationName::from_name(operation).map(Self::Rekognition),
            Service::StepFunctions => states::OperationName::from_name(operation).map(Self::StepFunctions),
            Service::Ssm => ssm::OperationName::from_name(operation).map(Self::Ssm),
            Service::Textract => textract::OperationName::from_name(operation).map(Self::Textract),
        };
        match served {
            Some(target) => Ok(target),
            // A known name is one of ours, so that it may be repeated.
            None if service.knows(operation) => Err(Error::new(
                ErrorCode::UnknownOperationException,
                format!(
                    "Selfsame knows {operation} but does not implement it. docs/COMPATIBILITY.md lists what it does."
                ),
            )),
            None => Err(unknown()),
        }
    }

    /// Every served operation.
    pub fn all() -> impl Iterator<Item = Self> {
        let rekognition = rekognition::OperationName::ALL
            .iter()
            .copied()
            .map(Self::Rekognition);
        let states = states::OperationName::ALL
            .iter()
            .copied()
            .map(Self::StepFunctions);
        let ssm = ssm::OperationName::ALL.iter().copied().map(Self::Ssm);
        let textract = textract::OperationName::ALL.iter().copied().map(Self::Textract);
        rekognition.chain(states).chain(ssm).chain(textract)
    }

    /// The service that has the operation.
    #[must_use]
    pub const fn service(self) -> Service {
        match self {
            Self::Rekognition(_) => Service::Rekognition,
            Self::StepFunctions(_) => Service::StepFunctions,
            Self::Ssm(_) => Service::Ssm,
            Self::Textract(_) => Service::Textract,
        }
    }

    /// The operation's name.
    #[must_use]
    pub const fn operation(self) -> &'static str {
        match self {
            Self::Rekognition(operation) => operation.as_str(),
            Self::StepFunctions(operation) => operation.as_str(),
            Self::Ssm(operation) => operation.as_str(),
            Self::Textract(operation) => operation.as_str(),
        }
    }

    /// The errors that the service model lists for the operation.
    #[must_use]
    pub const fn errors(self) -> &'static [ErrorCode] {
        match self {
            Self::Rekognition(operation) => operation.errors(),
            Self::StepFunctions(operation) => operation.errors(),
            Self::Ssm(operation) => operation.errors(),
            Self::Textract(operation) => operation.errors(),
        }
    }

    /// Decodes a request without keeping it, for tools and tests.
    pub fn check(self, body: &[u8]) -> Result<(), Error> {
        match self {
            Self::Rekognition(operation) => operation.check(body),
            Self::StepFunctions(operation) => operation.check(body),
            Self::Ssm(operation) => operation.check(body),
            Self::Textract(operation) => operation.check(body),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(target: &str) -> String {
        let error = Target::parse(target).unwrap_err();
        assert_eq!(error.code(), ErrorCode::UnknownOperationException);
        error.message().to_owned()
    }

    #[test]
    fn every_served_operation_is_found_by_its_target() {
        for target in Target::all() {
            let service = target.service();
            assert!(service.knows(target.operation()));
            let text = format!("{}.{}", service.target_prefix(), target.operation());
            assert_eq!(Target::parse(&text), Ok(target));
        }
        assert_eq!(Target::all().count(), 39);
    }

    #[test]
    fn what_is_not_served_is_said() {
        for target in [
            "",
            ".",
            "CreateCollection",
            "RekognitionService.",
            "RekognitionService.createCollection",
            "Rekognition.CreateCollection",
            "RekognitionService.CreateCollection.",
            "AmazonSSM.CreateCollection",
        ] {
            assert_eq!(refusal(target), "There is no such operation.", "{target}");
        }
        for (target, name) in [
            ("RekognitionService.DetectLabels", "DetectLabels"),
            (
                "RekognitionService.CreateFaceLivenessSession",
                "CreateFaceLivenessSession",
            ),
            ("Textract.DetectDocumentText", "DetectDocumentText"),
            ("AWSStepFunctions.CreateActivity", "CreateActivity"),
            ("AmazonSSM.PutParameter", "PutParameter"),
        ] {
            assert_eq!(
                refusal(target),
                format!(
                    "Selfsame knows {name} but does not implement it. docs/COMPATIBILITY.md lists what it does."
                )
            );
        }
    }

    #[test]
    fn services_are_told_apart() {
        for service in Service::ALL {
            assert_eq!(Service::from_signing_name(service.signing_name()), Some(service));
            assert_eq!(
                Service::from_target_prefix(service.target_prefix()),
                Some(service)
            );
        }
        assert_eq!(Service::from_signing_name("s3"), None);
        assert_eq!(Service::StepFunctions.signing_name(), "states");
    }
}
