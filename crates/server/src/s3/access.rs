//! Which operations a caller may use on which bucket. Whatever is not known to read needs the right to write.

use async_trait::async_trait;
use s3s::access::{S3Access, S3AccessContext};
use s3s::auth::{S3Auth, SecretKey};
use s3s::{S3ErrorCode, S3Result};
use uuid::Uuid;

use super::error::Error;
use crate::access::{Caller, Scope};

/// Operations that change nothing.
const READING: [&str; 11] = [
    "GetBucketLocation",
    "GetObject",
    "GetObjectTagging",
    "HeadBucket",
    "HeadObject",
    "ListBuckets",
    "ListMultipartUploads",
    "ListObjectVersions",
    "ListObjects",
    "ListObjectsV2",
    "ListParts",
];

/// The adapter asks this before every operation.
pub(super) struct Guard {
    pub(super) caller: Caller,
    pub(super) request: Uuid,
}

#[async_trait]
impl S3Access for Guard {
    async fn check(&self, context: &mut S3AccessContext<'_>) -> S3Result<()> {
        let operation = context.s3_op().name();
        let bucket = context.s3_path().get_bucket_name();
        allow(&self.caller, operation, bucket).map_err(|error| error.into_adapter(self.request))
    }
}

/// Refuses what a key may not do, and buckets that it may not touch, whether or not they exist.
pub(super) fn allow(caller: &Caller, operation: &str, bucket: Option<&str>) -> Result<(), Error> {
    let scope = if READING.contains(&operation) {
        Scope::GalleryRead
    } else {
        Scope::GalleryWrite
    };
    if !caller.may(scope) {
        return Err(Error::with(
            S3ErrorCode::AccessDenied,
            format!("Access Denied: this access key needs the scope {scope}."),
        ));
    }
    if bucket.is_some_and(|bucket| !caller.may_bucket(bucket)) {
        return Err(Error::with(
            S3ErrorCode::AccessDenied,
            "Access Denied: this access key is limited to other buckets.",
        ));
    }
    Ok(())
}

/// The adapter checks access only where it could check signatures, too. Signatures are gone when a request comes here:
/// whoever still shows one is refused.
pub(super) struct NoSignatures;

#[async_trait]
impl S3Auth for NoSignatures {
    async fn get_secret_key(&self, _access_key: &str) -> S3Result<SecretKey> {
        Err(S3ErrorCode::InvalidAccessKeyId.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::access::{Limits, Scopes};

    fn caller(scopes: &str, buckets: &[&str]) -> Caller {
        Caller {
            key: Uuid::nil(),
            scopes: Scopes::stored(scopes),
            limits: Limits {
                collections: Vec::new(),
                buckets: buckets.iter().map(|&name| name.to_owned()).collect(),
            },
        }
    }

    #[test]
    fn rights_are_kept_apart() {
        for (scopes, read, write) in [
            ("admin", true, true),
            ("gallery-read", true, false),
            ("gallery-write", true, true),
            ("portal", false, false),
            ("", false, false),
        ] {
            let caller = caller(scopes, &[]);
            assert_eq!(allow(&caller, "GetObject", Some("b")).is_ok(), read, "{scopes}");
            assert_eq!(allow(&caller, "ListBuckets", None).is_ok(), read, "{scopes}");
            for operation in ["PutObject", "DeleteObjects", "CopyObject", "GetBucketPolicy"] {
                let allowed = allow(&caller, operation, Some("b")).is_ok();
                assert_eq!(allowed, write, "{scopes}: {operation}");
            }
        }
    }

    #[test]
    fn limits_hold_for_every_operation() {
        let caller = caller("gallery-write", &["mine"]);
        for operation in ["GetObject", "PutObject", "CreateBucket", "HeadBucket"] {
            assert!(allow(&caller, operation, Some("mine")).is_ok());
            assert!(allow(&caller, operation, Some("yours")).is_err());
        }
        assert!(
            allow(&caller, "ListBuckets", None).is_ok(),
            "which shows only its own"
        );
    }
}
