//! Names of collections as ARNs. There is one account here and no region that matters: on the way in only the name
//! counts, on the way out the region is the one that the caller signed for.

use selfsame_types::CollectionId;

/// There are no accounts: AWS has twelve digits.
const ACCOUNT: &str = "000000000000";

/// What stands before a collection's name.
const COLLECTION: &str = "collection/";

/// `CollectionARN` of `DescribeCollection`.
pub(super) fn of_collection(region: &str, name: &str) -> String {
    format!("arn:aws:rekognition:{region}:{ACCOUNT}:{COLLECTION}{name}")
}

/// `CollectionArn` of `CreateCollection`, which AWS answers without the leading `arn:`.
pub(super) fn short_of_collection(region: &str, name: &str) -> String {
    format!("aws:rekognition:{region}:{ACCOUNT}:{COLLECTION}{name}")
}

/// `ARN` of a parameter of Systems Manager.
pub(super) fn of_parameter(region: &str, name: &str) -> String {
    let slash = if name.starts_with('/') { "" } else { "/" };
    format!("arn:aws:ssm:{region}:{ACCOUNT}:parameter{slash}{name}")
}

/// The collection that an ARN names, with or without the leading `arn:`, in any partition, region and account.
pub(super) fn collection(arn: &str) -> Option<CollectionId> {
    let mut parts = arn.strip_prefix("arn:").unwrap_or(arn).splitn(5, ':');
    let partition = parts.next()?;
    let service = parts.next()?;
    let (_region, _account) = (parts.next()?, parts.next()?);
    let name = parts.next()?.strip_prefix(COLLECTION)?;
    if !partition.starts_with("aws") || service != "rekognition" {
        return None;
    }
    CollectionId::new(name).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_and_back() {
        let long = of_collection("eu-central-1", "my-faces_1.0");
        assert_eq!(
            long,
            "arn:aws:rekognition:eu-central-1:000000000000:collection/my-faces_1.0"
        );
        let short = short_of_collection("eu-central-1", "my-faces_1.0");
        assert_eq!(format!("arn:{short}"), long);
        for arn in [
            long.as_str(),
            short.as_str(),
            "arn:aws-cn:rekognition:cn-north-1:123456789012:collection/my-faces_1.0",
            "arn:aws:rekognition:::collection/my-faces_1.0",
        ] {
            assert_eq!(
                collection(arn).map(String::from).as_deref(),
                Some("my-faces_1.0"),
                "{arn}"
            );
        }
    }

    #[test]
    fn other_names_are_no_collections() {
        for arn in [
            "",
            "arn:",
            "my-faces",
            "arn:aws:rekognition:us-east-1:1",
            "arn:aws:rekognition:us-east-1:1:project/x",
            "arn:aws:rekognition:us-east-1:1:collection/",
            "arn:aws:rekognition:us-east-1:1:collection/a:b",
            "arn:aws:s3:us-east-1:1:collection/x",
            "arn:gcp:rekognition:us-east-1:1:collection/x",
        ] {
            assert_eq!(collection(arn), None, "{arn}");
        }
    }

    #[test]
    fn parameters_have_one_slash() {
        let expected = "arn:aws:ssm:us-east-1:000000000000:parameter/riv/x";
        assert_eq!(of_parameter("us-east-1", "/riv/x"), expected);
        assert_eq!(of_parameter("us-east-1", "riv/x"), expected);
    }
}
