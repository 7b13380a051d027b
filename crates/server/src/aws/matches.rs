//! What searches find, as AWS tells it.

use std::time::Instant;

use selfsame_store::FaceRecord;
use selfsame_types::{Template, UserId};
use selfsame_wire::rekognition::{FaceMatch, MatchedUser, UserMatch, UserStatus};

use super::context::Context;
use super::error::Error;
use super::stored_face;
use crate::gallery::Gallery;
use crate::metrics::Stage;

/// Where AWS draws the line if it is not told.
pub(super) const DEFAULT_THRESHOLD: f32 = 80.0;
/// As many as AWS ever tells; AWS documents no smaller default.
const MAX_FACES: usize = 4096;
/// The same for users.
const MAX_USERS: usize = 500;

/// `MaxFaces`.
pub(super) fn limit(asked: Option<i32>) -> usize {
    asked
        .and_then(|asked| usize::try_from(asked).ok())
        .map_or(MAX_FACES, |asked| asked.min(MAX_FACES))
}

/// `MaxUsers`.
pub(super) fn users_limit(asked: Option<i32>) -> usize {
    limit(asked).min(MAX_USERS)
}

/// The most alike faces.
pub(super) async fn search(
    context: &Context,
    gallery: &Gallery,
    probe: &Template,
    max_faces: Option<i32>,
    min_cosine: f32,
) -> Result<Vec<(FaceRecord, f32)>, Error> {
    let begun = Instant::now();
    let hits = gallery.search_faces(probe, limit(max_faces), min_cosine).await?;
    context.app.metrics.stage(Stage::Search, begun.elapsed());
    Ok(hits)
}

/// Faces with their similarities, the most alike first.
pub(super) fn faces(context: &Context, hits: &[(FaceRecord, f32)]) -> Result<Vec<FaceMatch>, Error> {
    hits.iter()
        .map(|(record, cosine)| {
            Ok(FaceMatch {
                similarity: Some(context.similarity(*cosine)?),
                face: Some(stored_face::face(record)),
            })
        })
        .collect()
}

/// Users with their similarities, the most alike first. Who is found has faces.
pub(super) fn users(context: &Context, hits: &[(UserId, f32)]) -> Result<Vec<UserMatch>, Error> {
    hits.iter()
        .map(|(user, cosine)| {
            Ok(UserMatch {
                similarity: Some(context.similarity(*cosine)?),
                user: Some(MatchedUser {
                    user_id: Some(user.to_string()),
                    user_status: Some(UserStatus::Active),
                }),
            })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_are_awss() {
        assert_eq!((limit(None), limit(Some(3)), limit(Some(9999))), (4096, 3, 4096));
        assert_eq!((users_limit(None), users_limit(Some(3))), (500, 3));
    }
}
