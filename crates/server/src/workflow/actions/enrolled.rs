//! What enrolling a new user and adding a face have in common.

use selfsame_store::{DuplicatePolicy, NewFace, Picture};
use selfsame_types::{FaceId, ImageId, Seq, UserId};
use selfsame_workflow::Failure;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use uuid::Uuid;

use super::quality::Usable;
use super::{FailureName, failure};
use crate::engine::Photo;
use crate::gallery::Gallery;
use crate::workflow::Job;

/// No two templates are that alike.
pub(super) const ANY_FACE: DuplicatePolicy = DuplicatePolicy {
    checked_through: Seq(u64::MAX >> 1),
    min_cosine: 2.0,
};

/// The face of a photo, with ids and, if photos are kept, the photo. The ids follow from execution and task: if the task
/// is done once more after a restart, the store knows the face already.
pub(super) fn new_face(job: &Job, task: u64, face: Usable, photo: &Photo) -> NewFace {
    let app = &job.app;
    NewFace {
        id: FaceId::new(id(job, task, "face")),
        image: ImageId::new(id(job, task, "image")),
        template: face.template,
        picture: app.settings.keep_images.then(|| Picture {
            content_type: media_type(&photo.bytes).to_owned(),
            bytes: photo.bytes.clone(),
        }),
        metadata: face.metadata,
    }
}

/// A UUID of version 8 (RFC 9562): the execution's own is random, so nobody can foresee it.
fn id(job: &Job, task: u64, what: &str) -> Uuid {
    let mut digest = Sha256::new();
    for part in [job.id.as_bytes().as_slice(), &task.to_be_bytes(), what.as_bytes()] {
        digest.update(part);
    }
    let digest: [u8; 32] = digest.finalize().into();
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&digest[..16]);
    uuid::Builder::from_custom_bytes(bytes).into_uuid()
}

/// Whether this very task has enrolled this face before a restart.
pub(super) async fn is_done(
    gallery: &Gallery,
    user: &UserId,
    face: FaceId,
) -> Result<bool, crate::gallery::Error> {
    let owner = gallery.owner_of(face).await?;
    Ok(owner.as_ref() == Some(user))
}

/// What is told of a face.
pub(super) fn told(face: &NewFace) -> Value {
    json!({ "ImageId": face.image.to_string(), "FaceId": face.id.to_string() })
}

/// Whose face it is stays with us.
pub(super) fn face_taken() -> Failure {
    failure(
        FailureName::UserAlreadyExists,
        "this face is registered already under another UserId",
    )
}

/// Of a file that was decoded, so it is one of three.
fn media_type(bytes: &[u8]) -> &'static str {
    match bytes {
        [0xFF, 0xD8, ..] => "image/jpeg",
        [0x89, b'P', ..] => "image/png",
        _ => "image/webp",
    }
}
