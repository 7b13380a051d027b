//! Updates: a new face for a registered person, new properties, the oldest faces out.

use selfsame_types::{Change, CollectionId};

use super::collections::{self, seq};
use super::enrol::{check_comparable, closest_of_others, insert_face};
use super::erase::{erase_face, faces_of};
use super::pictures::Written;
use super::{Inner, Write, journal, users};
use crate::Result;
use crate::model::{DuplicatePolicy, Properties, UpdateOutcome, UpdateUser};
use crate::rules::{self, Duplicate};
use crate::workflows::Replaced;

impl Inner {
    pub(super) async fn update(
        &self,
        collection: &CollectionId,
        mut update: UpdateUser,
        policy: Option<DuplicatePolicy>,
    ) -> Result<UpdateOutcome> {
        let metadata = rules::metadata_text(&update.face.metadata)?;
        // As in `register`: refuse early what is cheap to see, decide under the lock.
        let mut read = self.read().await?;
        let found = collections::find(&mut read, collection).await?;
        rules::check_version(&found.version, &update.face.template)?;
        if users::key(&mut read, found.key, &update.user).await?.is_none() {
            return Ok(UpdateOutcome::NoSuchUser);
        }
        drop(read);

        let journaled = update.journal.is_some();
        let written = self.write_picture(&mut update.face).await?;
        let outcome = self
            .apply_update(collection, update, policy, &metadata, written.as_ref())
            .await;
        if let (Some(written), false) = (&written, matches!(outcome, Ok(UpdateOutcome::Updated { .. }))) {
            self.abandon(written).await;
        }
        match outcome {
            // Old properties and perhaps old faces are in the log.
            Ok(UpdateOutcome::Updated { .. }) if !journaled => self.after_erasure().await,
            // With a journal, they are kept in it until it is settled or undone.
            _ => self.truncate_log_if_due().await,
        }
        outcome
    }

    async fn apply_update(
        &self,
        collection: &CollectionId,
        update: UpdateUser,
        policy: Option<DuplicatePolicy>,
        metadata: &str,
        written: Option<&Written>,
    ) -> Result<UpdateOutcome> {
        let mut write = self.write().await?;
        let mut row = collections::find(&mut write, collection).await?;
        check_comparable(&mut write, &row, &update.face.template).await?;
        let Some(user) = users::key(&mut write, row.key, &update.user).await? else {
            return Ok(UpdateOutcome::NoSuchUser);
        };
        if let Some(policy) = policy
            && let Some(Duplicate { face, user, cosine }) =
                closest_of_others(&mut write, &row, Some(user), &update.face.template, policy).await?
        {
            return Ok(UpdateOutcome::Duplicate { face, user, cosine });
        }
        let (properties, replaced) = merged(&mut write, user, update.properties).await?;
        if let Some(execution) = update.journal {
            let entry = journal::Updated {
                face: update.face.id,
                replaced: &replaced,
                now: update.now,
                max_faces: update.max_faces,
            };
            journal::note_update(&mut write, execution, user, &entry).await?;
        }
        users::touch(&mut write, user, properties.as_deref(), update.now).await?;

        let position = insert_face(
            &mut write,
            &mut row,
            user,
            &update.face,
            metadata,
            update.now,
            written,
        )
        .await?;
        let mut changes = vec![Change::Enrolled {
            seq: seq(position)?,
            face: update.face.id,
            template: update.face.template,
        }];
        if update.journal.is_none() {
            let faces = faces_of(&mut write, user).await?;
            let surplus = faces.len().saturating_sub(update.max_faces.get() as usize);
            for face in &faces[..surplus] {
                changes.push(erase_face(&mut write, &mut row, face).await?);
            }
        }
        row.save_seq(&mut write).await?;
        write.commit().await?;
        Ok(UpdateOutcome::Updated { changes })
    }
}

/// The properties after setting some keys, as the text to store (`None` where nothing is to be set), and what that
/// replaces.
async fn merged(write: &mut Write, user: i64, new: Option<Properties>) -> Result<(Option<String>, Replaced)> {
    let Some(new) = new else {
        return Ok((None, Replaced::default()));
    };
    let before = users::properties(write, user).await?;
    let mut after = before.clone();
    rules::merge(&mut after, new);
    let text = rules::properties_text(&after)?;
    Ok((Some(text), Replaced::between(&before, &after)))
}
