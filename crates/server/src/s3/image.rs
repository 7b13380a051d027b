//! `Image.S3Object`: the bytes of a photo that a request names instead of bringing it.

use futures_util::TryStreamExt as _;
use selfsame_wire::ErrorCode;

use super::remote;
use crate::access::{Caller, Scope};
use crate::app::App;
use crate::aws;

/// What AWS reads at most: 15 MB.
const MAX_IMAGE_BYTES: u64 = 15 << 20;

/// Why there is no photo.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ImageError {
    /// Nothing has this name, or this caller may not read it: the two look alike.
    #[error("there is no such object")]
    Missing,
    /// The object is larger than a photo may be.
    #[error("the object is too large")]
    TooLarge,
    /// The store failed.
    #[error("the object could not be read")]
    Store(#[from] selfsame_store::Error),
    /// The other server failed.
    #[error("the other S3 server failed")]
    Remote(#[source] Box<dyn std::error::Error + Send + Sync>),
}

/// Reads the object `name` from `bucket`: from here if the bucket is here, else from the server named in the
/// configuration, if one is.
pub(crate) async fn read_image(
    app: &App,
    caller: &Caller,
    bucket: &str,
    name: &str,
    version: Option<&str>,
) -> Result<Vec<u8>, ImageError> {
    let may = caller.may(Scope::GalleryRead) && caller.may_bucket(bucket);
    // Without versioning, every object has one, called so.
    if !may || version.is_some_and(|version| version != "null") {
        return Err(ImageError::Missing);
    }
    match app.store.open_object(bucket, name).await {
        Ok(Some(opened)) => {
            let size_bytes = opened.object.size_bytes;
            if size_bytes > MAX_IMAGE_BYTES {
                return Err(ImageError::TooLarge);
            }
            let mut bytes = Vec::with_capacity(size_bytes as usize);
            let mut pieces = opened.read(0..size_bytes);
            while let Some(piece) = pieces.try_next().await? {
                bytes.extend_from_slice(&piece);
            }
            Ok(bytes)
        }
        Ok(None) => Err(ImageError::Missing),
        Err(selfsame_store::Error::NoSuchBucket) => elsewhere(app, bucket, name).await,
        Err(error) => Err(error.into()),
    }
}

async fn elsewhere(app: &App, bucket: &str, name: &str) -> Result<Vec<u8>, ImageError> {
    let Some(remote) = &app.settings.s3.remote else {
        return Err(ImageError::Missing);
    };
    match remote.read(bucket, name, MAX_IMAGE_BYTES).await {
        Ok(Some(bytes)) => Ok(bytes),
        Ok(None) | Err(remote::Error::Refused(404)) => Err(ImageError::Missing),
        Err(remote::Error::TooLarge) => Err(ImageError::TooLarge),
        Err(error) => Err(ImageError::Remote(Box::new(error))),
    }
}

impl From<ImageError> for aws::Error {
    fn from(error: ImageError) -> Self {
        let invalid = || {
            Self::new(
                ErrorCode::InvalidS3ObjectException,
                "Unable to get object metadata from S3. Check object key, region and/or access permissions.",
            )
        };
        match error {
            ImageError::Missing => invalid(),
            ImageError::TooLarge => Self::new(ErrorCode::ImageTooLargeException, "Image size is too large."),
            ImageError::Store(error) => error.into(),
            // The operator should know; the client can do nothing but look at its own side.
            ImageError::Remote(_) => invalid().because(error),
        }
    }
}
