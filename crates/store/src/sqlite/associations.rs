//! People without faces, and faces that change hands.

use jiff::Timestamp;
use selfsame_types::{CollectionId, FaceId, Template, UserId};

use super::collections;
use super::enrol::template;
use super::records::{self, id_list};
use super::requests::{Request, forget_answers_about};
use super::users::{self, user_id};
use super::{Inner, Write};
use crate::Result;
use crate::model::{Association, Idempotency, Once, UserCreation};
use crate::ownership;
use crate::requests::Operation;

/// A request about one user, as a task owns it.
pub(super) struct About {
    pub(super) collection: CollectionId,
    pub(super) user: UserId,
    pub(super) idempotency: Option<Idempotency>,
    pub(super) now: Timestamp,
}

impl About {
    pub(super) fn new(
        collection: &CollectionId,
        user: &UserId,
        idempotency: Option<&Idempotency>,
        now: Timestamp,
    ) -> Self {
        Self {
            collection: collection.clone(),
            user: user.clone(),
            idempotency: idempotency.cloned(),
            now,
        }
    }

    const fn request(&self, collection: i64, operation: Operation) -> Request<'_> {
        Request {
            collection,
            operation,
            idempotency: self.idempotency.as_ref(),
            now: self.now,
        }
    }
}

impl Inner {
    pub(super) async fn create_user(&self, about: &About) -> Result<Once<UserCreation>> {
        let mut write = self.write().await?;
        let row = collections::find(&mut write, &about.collection).await?;
        let request = about.request(row.key, Operation::CreateUser);
        if let Some(answer) = request.replay(&mut write).await? {
            return Ok(answer);
        }
        if users::key(&mut write, row.key, &about.user).await?.is_some() {
            return Ok(Once::Now(UserCreation::AlreadyExists));
        }
        users::insert(&mut write, row.key, &about.user, "{}", about.now).await?;
        request.keep(&mut write, &UserCreation::Created).await?;
        write.commit().await?;
        self.truncate_log_if_due().await;
        Ok(Once::Now(UserCreation::Created))
    }

    pub(super) async fn remove_user(&self, about: &About) -> Result<Once<bool>> {
        let mut write = self.write().await?;
        let row = collections::find(&mut write, &about.collection).await?;
        let request = about.request(row.key, Operation::RemoveUser);
        if let Some(answer) = request.replay(&mut write).await? {
            return Ok(answer);
        }
        let Some(user) = users::key(&mut write, row.key, &about.user).await? else {
            return Ok(Once::Now(false));
        };
        for statement in [
            "UPDATE faces SET user = NULL, owned_since = NULL WHERE user = ?",
            "DELETE FROM users WHERE key = ?",
        ] {
            sqlx::query(statement).bind(user).execute(&mut *write).await?;
        }
        forget_answers_about(&mut write, row.key, &about.user).await?;
        request.keep(&mut write, &true).await?;
        write.commit().await?;
        // The properties are in the log.
        self.truncate_log().await;
        Ok(Once::Now(true))
    }

    pub(super) async fn associate(&self, about: &About, faces: &[FaceId]) -> Result<Once<Association>> {
        let mut write = self.write().await?;
        let row = collections::find(&mut write, &about.collection).await?;
        let request = about.request(row.key, Operation::Associate);
        if let Some(answer) = request.replay(&mut write).await? {
            return Ok(answer);
        }
        let Some(user) = users::key(&mut write, row.key, &about.user).await? else {
            return Ok(Once::Now(Association::NoSuchUser));
        };
        let owners = records::owners(&mut write, row.key, faces).await?;
        let has: u32 = sqlx::query_scalar("SELECT count(*) FROM faces WHERE user = ?")
            .bind(user)
            .fetch_one(&mut *write)
            .await?;
        let (outcome, changing) = ownership::associate(&about.user, has as usize, faces, &owners);
        change_hands(&mut write, Some((user, row.last_seq)), &changing).await?;
        if !changing.is_empty() {
            users::touch(&mut write, user, None, about.now).await?;
        }
        request.keep(&mut write, &outcome).await?;
        write.commit().await?;
        self.truncate_log_if_due().await;
        Ok(Once::Now(outcome))
    }

    pub(super) async fn disassociate(&self, about: &About, faces: &[FaceId]) -> Result<Once<Association>> {
        let mut write = self.write().await?;
        let row = collections::find(&mut write, &about.collection).await?;
        let request = about.request(row.key, Operation::Disassociate);
        if let Some(answer) = request.replay(&mut write).await? {
            return Ok(answer);
        }
        let Some(user) = users::key(&mut write, row.key, &about.user).await? else {
            return Ok(Once::Now(Association::NoSuchUser));
        };
        let owners = records::owners(&mut write, row.key, faces).await?;
        let (outcome, changing) = ownership::disassociate(&about.user, faces, &owners);
        change_hands(&mut write, None, &changing).await?;
        if !changing.is_empty() {
            users::touch(&mut write, user, None, about.now).await?;
        }
        request.keep(&mut write, &outcome).await?;
        write.commit().await?;
        if !changing.is_empty() {
            // Whose the faces were is in the log.
            self.truncate_log().await;
        }
        Ok(Once::Now(outcome))
    }
}

/// Gives faces to a user (and notes where the change log ends), or makes them nobody's.
async fn change_hands(write: &mut Write, owner: Option<(i64, i64)>, faces: &[FaceId]) -> Result<()> {
    let (user, since) = owner.unzip();
    sqlx::query(
        "UPDATE faces SET user = ?, owned_since = ? WHERE face IN (SELECT unhex(value) FROM json_each(?))",
    )
    .bind(user)
    .bind(since)
    .bind(id_list(faces))
    .execute(&mut **write)
    .await?;
    Ok(())
}

/// The templates of some people, each with all of theirs.
pub(super) async fn page(
    read: &mut Write,
    collection: &CollectionId,
    after: Option<&UserId>,
    limit_users: u32,
) -> Result<Vec<(UserId, Vec<Template>)>> {
    let row = collections::find(read, collection).await?;
    // The empty text is before every id.
    let rows: Vec<(String, Vec<u8>)> = sqlx::query_as(
        "SELECT u.id, f.template
         FROM (SELECT key, id FROM users WHERE collection = ? AND id > ?
                   AND EXISTS (SELECT 1 FROM faces WHERE faces.user = users.key AND face_model_version IS NULL)
               ORDER BY id LIMIT ?) u
         JOIN faces f ON f.user = u.key WHERE f.face_model_version IS NULL ORDER BY u.id, f.seq",
    )
    .bind(row.key)
    .bind(after.map_or("", UserId::as_str))
    .bind(limit_users)
    .fetch_all(&mut **read)
    .await?;
    let mut found: Vec<(UserId, Vec<Template>)> = Vec::new();
    for (id, bytes) in rows {
        let template = template(&bytes, &row)?;
        match found.last_mut() {
            Some((user, templates)) if user.as_str() == id => templates.push(template),
            _ => found.push((user_id(id)?, vec![template])),
        }
    }
    Ok(found)
}
