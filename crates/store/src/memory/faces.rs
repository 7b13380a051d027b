//! Enrolment and erasure in the in-memory twin.

use async_trait::async_trait;
use jiff::Timestamp;
use selfsame_types::{Change, CollectionId, FaceId, ImageId, Seq, Template, UserId};

use super::journal::Updated;
use super::state::{FaceState, State, UserState, Written};
use super::{Memory, stored};
use crate::model::{
    DuplicatePolicy, Enrolment, FaceDeletion, FaceFilter, FaceRecord, NewFace, NewImage, NewUser,
    RegisterOutcome, UpdateOutcome, UpdateUser,
};
use crate::repository::FaceStore;
use crate::rules::{self, Duplicate};
use crate::workflows::Replaced;
use crate::{Error, Result};

impl State {
    /// The exact check and the insertion, under the lock.
    fn register(
        &mut self,
        collection: &CollectionId,
        new: NewUser,
        policy: DuplicatePolicy,
        written: Option<Written>,
    ) -> Result<RegisterOutcome> {
        let now = stored(new.now)?;
        rules::check_card(new.card.as_deref())?;
        let taken = self.faces.contains(&new.face.id);
        let found = self.collection_mut(collection)?;
        found.check_comparable(&new.face.template)?;
        if found.users.contains_key(&new.user) {
            return Ok(RegisterOutcome::UserExists);
        }
        if let Some(Duplicate { face, user, cosine }) =
            found.closest_of_others(None, &new.face.template, policy)?
        {
            return Ok(RegisterOutcome::Duplicate { face, user, cosine });
        }
        if taken {
            return Err(Error::IdTaken { kind: "FaceId" });
        }
        let face = new.face.id;
        let seq = found.enrol(face_state(&new.user, new.face, now, written));
        found.users.insert(
            new.user.clone(),
            UserState {
                properties: new.properties,
                card: new.card,
                created: now,
                updated: now,
                journal: Vec::new(),
            },
        );
        self.faces.insert(face);
        self.note(new.journal, collection, &new.user, face, None);
        Ok(RegisterOutcome::Registered { seq })
    }

    /// As [`State::register`] for a user who is there; gives also the images to remove.
    fn update(
        &mut self,
        collection: &CollectionId,
        update: UpdateUser,
        policy: Option<DuplicatePolicy>,
        written: Option<Written>,
    ) -> Result<(UpdateOutcome, Vec<ImageId>)> {
        let now = stored(update.now)?;
        let taken = self.faces.contains(&update.face.id);
        let found = self.collection_mut(collection)?;
        found.check_comparable(&update.face.template)?;
        let Some(user) = found.users.get(&update.user) else {
            return Ok((UpdateOutcome::NoSuchUser, Vec::new()));
        };
        let (before, mut properties) = (user.updated, user.properties.clone());
        let duplicate = match policy {
            Some(policy) => found.closest_of_others(Some(&update.user), &update.face.template, policy)?,
            None => None,
        };
        if let Some(Duplicate { face, user, cosine }) = duplicate {
            return Ok((UpdateOutcome::Duplicate { face, user, cosine }, Vec::new()));
        }
        rules::merge(&mut properties, update.properties.unwrap_or_default());
        rules::properties_text(&properties)?;
        if taken {
            return Err(Error::IdTaken { kind: "FaceId" });
        }

        let max_faces = update.max_faces.get() as usize;
        let mut updated = Updated {
            replaced: Replaced::default(),
            before,
            after: now,
            max_faces,
        };
        if let Some(user) = found.users.get_mut(&update.user) {
            updated.replaced = Replaced::between(&user.properties, &properties);
            user.properties = properties;
            user.updated = now;
        }
        let (face, template) = (update.face.id, update.face.template.clone());
        let seq = found.enrol(face_state(&update.user, update.face, now, written));
        let keep = if update.journal.is_some() {
            usize::MAX
        } else {
            max_faces
        };
        let (erased, images) = found.erase_oldest(&update.user, keep);
        self.faces.insert(face);
        self.forget(&erased);
        self.note(update.journal, collection, &update.user, face, Some(updated));
        let changes = std::iter::once(Change::Enrolled { seq, face, template })
            .chain(erased)
            .collect();
        Ok((UpdateOutcome::Updated { changes }, images))
    }
}

impl State {
    /// Erases a user with everything; gives also the images to remove. `None` where nobody has this id.
    pub(super) fn erase_user(
        &mut self,
        collection: &CollectionId,
        user: &UserId,
    ) -> Result<Option<(Vec<Change>, Vec<ImageId>)>> {
        let found = self.collection_mut(collection)?;
        if found.users.remove(user).is_none() {
            return Ok(None);
        }
        let (changes, images) = found.erase_oldest(user, 0);
        found.forget_answers_about(user);
        self.forget(&changes);
        Ok(Some((changes, images)))
    }
}

fn face_state(user: &UserId, face: NewFace, now: Timestamp, written: Option<Written>) -> FaceState {
    let version = face.template.version().clone();
    FaceState {
        template: face.template,
        prepared: None,
        owned_since: None,
        source: None,
        record: FaceRecord {
            face: face.id,
            image: face.image,
            user: Some(user.clone()),
            external_image_id: None,
            seq: Seq::default(),
            version,
            created: now,
            picture: written,
            metadata: face.metadata,
        },
    }
}

#[async_trait]
impl FaceStore for Memory {
    async fn register(
        &self,
        collection: &CollectionId,
        mut new: NewUser,
        policy: DuplicatePolicy,
    ) -> Result<RegisterOutcome> {
        rules::properties_text(&new.properties)?;
        rules::metadata_text(&new.face.metadata)?;
        let image = new.face.image;
        let written = self.write_picture(&mut new.face).await?;
        let kept = written.is_some();
        let outcome = self.state().register(collection, new, policy, written);
        if kept && !matches!(outcome, Ok(RegisterOutcome::Registered { .. })) {
            self.remove_pictures(&[image]).await?;
        }
        outcome
    }

    async fn update(
        &self,
        collection: &CollectionId,
        mut update: UpdateUser,
        policy: Option<DuplicatePolicy>,
    ) -> Result<UpdateOutcome> {
        rules::metadata_text(&update.face.metadata)?;
        let image = update.face.image;
        let written = self.write_picture(&mut update.face).await?;
        let kept = written.is_some();
        let outcome = self.state().update(collection, update, policy, written);
        if kept && !matches!(outcome, Ok((UpdateOutcome::Updated { .. }, _))) {
            self.remove_pictures(&[image]).await?;
        }
        let (outcome, images) = outcome?;
        self.remove_pictures(&images).await?;
        Ok(outcome)
    }

    async fn delete_user(&self, collection: &CollectionId, user: &UserId) -> Result<Option<Vec<Change>>> {
        let erased = self.state().erase_user(collection, user)?;
        let Some((changes, images)) = erased else {
            return Ok(None);
        };
        self.remove_pictures(&images).await?;
        Ok(Some(changes))
    }

    async fn reset(&self, collection: &CollectionId) -> Result<Seq> {
        let (end, images) = {
            let mut state = self.state();
            let images = state.erase_collection(collection)?;
            (state.collection(collection)?.last_seq, images)
        };
        self.remove_pictures(&images).await?;
        Ok(end)
    }

    async fn enrol(&self, collection: &CollectionId, new: NewImage) -> Result<Enrolment> {
        for face in &new.faces {
            rules::metadata_text(&face.metadata)?;
        }
        self.state().enrol_image(collection, new)
    }

    async fn delete_faces(&self, collection: &CollectionId, faces: &[FaceId]) -> Result<FaceDeletion> {
        let (deletion, images) = self.state().delete_faces(collection, faces)?;
        self.remove_pictures(&images).await?;
        Ok(deletion)
    }

    async fn list_faces(
        &self,
        collection: &CollectionId,
        filter: &FaceFilter,
        after: Option<Seq>,
        limit: u32,
    ) -> Result<Vec<FaceRecord>> {
        let state = self.state();
        let found = state.collection(collection)?;
        Ok(found.list_faces(filter, after.unwrap_or_default(), limit as usize))
    }

    async fn face_records(&self, collection: &CollectionId, faces: &[FaceId]) -> Result<Vec<FaceRecord>> {
        let state = self.state();
        let found = state.collection(collection)?.these(faces);
        Ok(found.map(|face| face.record.clone()).collect())
    }

    async fn templates(
        &self,
        collection: &CollectionId,
        faces: &[FaceId],
    ) -> Result<Vec<(FaceId, Template)>> {
        let state = self.state();
        let found = state.collection(collection)?;
        Ok(found
            .these(faces)
            .filter(|face| found.is_searched(face))
            .map(|face| (face.record.face, face.template.clone()))
            .collect())
    }

    async fn associations(
        &self,
        collection: &CollectionId,
        after: Option<&UserId>,
        limit_users: u32,
    ) -> Result<Vec<(UserId, Vec<Template>)>> {
        let state = self.state();
        let found = state.collection(collection)?;
        Ok(found.associations(after, limit_users as usize))
    }

    async fn templates_of(
        &self,
        collection: &CollectionId,
        user: &UserId,
    ) -> Result<Vec<(FaceId, Template)>> {
        let state = self.state();
        let found = state.collection(collection)?;
        Ok(found
            .faces_of(user)
            .filter(|face| found.is_searched(face))
            .map(|face| (face.record.face, face.template.clone()))
            .collect())
    }

    async fn owners(&self, collection: &CollectionId, faces: &[FaceId]) -> Result<Vec<(FaceId, UserId)>> {
        let state = self.state();
        let all = state.collection(collection)?.faces.values();
        Ok(all
            .filter(|face| faces.contains(&face.record.face))
            .filter_map(|face| Some((face.record.face, face.record.user.clone()?)))
            .collect())
    }

    async fn changes(&self, collection: &CollectionId, after: Seq, limit: u32) -> Result<Vec<Change>> {
        Ok(self
            .state()
            .collection(collection)?
            .change_log(after, limit as usize))
    }
}
