//! Photos and documents that a request names instead of bringing them: objects of the one bucket that the configuration
//! names, and of no other. They are erased when what named them has ended.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::request::Picture;
use crate::app::App;
use crate::error::Error;
use crate::s3::{WholeError, read_bytes};

/// What becomes of named pictures.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Named {
    /// They are read.
    Read,
    /// They are refused: a stored photo proves nothing about who is there.
    Refused,
}

/// The text of a picture: base64, as it came or of the object it names. The key of a named one is added to `taken`.
pub(super) async fn text(
    app: &App,
    picture: Picture,
    named: Named,
    taken: &mut Vec<String>,
) -> Result<String, Error> {
    let (bucket, key, member) = match picture {
        Picture::Text(text) => return Ok(text),
        Picture::Object { bucket, key, member } => (bucket, key, member),
    };
    if named == Named::Refused {
        return Err(Error::validation(
            "Bucket and Name are not accepted here: a stored photo proves nothing about who is there. Send the photo \
             itself as Image (base64).",
        ));
    }
    let Some(uploads) = &app.settings.upload_bucket else {
        return Err(Error::validation(format!(
            "{member}: no bucket for uploads is configured (portal.upload_bucket). Send the picture itself in base64."
        )));
    };
    if bucket.is_some_and(|bucket| bucket != *uploads) {
        return Err(Error::validation(format!(
            "{member}: pictures are read from the bucket for uploads only. Put it there, or send it in base64."
        )));
    }
    let object = read_bytes(app, uploads, &key)
        .await
        .map_err(|error| match error {
            WholeError::TooLarge => Error::validation(format!("{member}: the object is too large.")),
            WholeError::Store(error) => error.into(),
            _ => Error::validation(format!(
                "{member}: the bucket for uploads has no such object; upload it first."
            )),
        })?;
    taken.push(key);
    Ok(STANDARD.encode(object.bytes))
}

/// Erases what was taken. That it stays is no reason to fail: the log tells, without names, which may be a person's.
pub(super) async fn erase(app: &App, taken: &[String]) {
    let Some(bucket) = app.settings.upload_bucket.as_ref().filter(|_| !taken.is_empty()) else {
        return;
    };
    if let Err(error) = app.store.delete_objects(bucket, taken).await {
        tracing::warn!(%error, objects = taken.len(), "uploads that were used could not be erased");
    }
}
