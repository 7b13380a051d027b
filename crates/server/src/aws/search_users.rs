//! `SearchUsers`.

use selfsame_wire::rekognition::{SearchUsersRequest, SearchUsersResponse, SearchedFace, SearchedUser};

use super::context::{Context, Purpose, user_id};
use super::error::Error;
use super::matches::{self, DEFAULT_THRESHOLD};

/// Looks for the users of a collection that are most alike one of them, or one of its faces. A user is not alike
/// themselves; a face's own user is.
pub(crate) async fn run(context: &Context, input: SearchUsersRequest) -> Result<SearchUsersResponse, Error> {
    let (_, gallery) = context.gallery(&input.collection_id, Purpose::Read).await?;
    gallery.check_model()?;
    let min_cosine = context.min_cosine(input.user_match_threshold.unwrap_or(DEFAULT_THRESHOLD))?;
    let limit = matches::users_limit(input.max_users);
    let mut answer = SearchUsersResponse {
        face_model_version: Some(context.model_version()?),
        ..SearchUsersResponse::default()
    };
    let hits = match (input.user_id, input.face_id) {
        (Some(name), None) => {
            let user = user_id(&name)?;
            if !gallery.exists(&user).await? {
                return Err(Error::no_user(&name));
            }
            let mut hits = match gallery.vector_of(&user).await? {
                // One more, because the user is the most alike.
                Some(probe) => gallery.search_users(&probe, limit + 1, min_cosine).await?,
                None => Vec::new(),
            };
            hits.retain(|(other, _)| *other != user);
            hits.truncate(limit);
            answer.searched_user = Some(SearchedUser { user_id: Some(name) });
            hits
        }
        (None, Some(name)) => {
            let face = name.parse().map_err(|_| unknown_face())?;
            let template = gallery.template_of(face).await?.ok_or_else(unknown_face)?;
            answer.searched_face = Some(SearchedFace { face_id: Some(name) });
            gallery.search_users(&template, limit, min_cosine).await?
        }
        _ => return Err(Error::invalid_parameters()),
    };
    answer.user_matches = Some(matches::users(context, &hits)?);
    Ok(answer)
}

fn unknown_face() -> Error {
    Error::invalid("faceId was not found in the collection.")
}
