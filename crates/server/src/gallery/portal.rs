//! What the flows ask of their collection.

use std::sync::Arc;

use selfsame_gallery::{FaceIndex as _, Hits};
use selfsame_store::{DuplicatePolicy, NewUser, RegisterOutcome, UpdateOutcome, UpdateUser, User};
use selfsame_types::{Change, CollectionId, FaceId, Template, UserId};

use super::{Error, Gallery};

/// What a search for the same face found.
#[derive(Debug)]
pub(crate) struct Searched {
    /// The owner of the best face that belongs to somebody else, if any reached the threshold.
    pub(crate) other: Option<UserId>,
    /// To be handed to the commit, which looks at everything enrolled since.
    pub(crate) policy: DuplicatePolicy,
}

impl Gallery {
    /// One user.
    pub(crate) async fn user(&self, user: &UserId) -> Result<Option<User>, Error> {
        Ok(self.shared.store.get_user(&self.collection, user).await?)
    }

    /// The collection behind it.
    pub(crate) const fn collection(&self) -> &CollectionId {
        &self.collection
    }

    /// Whose face this is, if it is enrolled and anybody's.
    pub(crate) async fn owner_of(&self, face: FaceId) -> Result<Option<UserId>, Error> {
        let owners = self.shared.store.owners(&self.collection, &[face]).await?;
        Ok(owners.into_iter().map(|(_, user)| user).next())
    }

    /// Whether a user id is taken.
    pub(crate) async fn exists(&self, user: &UserId) -> Result<bool, Error> {
        Ok(self.shared.store.user_exists(&self.collection, user).await?)
    }

    /// A user's templates; none where nobody has this id.
    pub(crate) async fn templates_of(&self, user: &UserId) -> Result<Vec<(FaceId, Template)>, Error> {
        Ok(self.shared.store.templates_of(&self.collection, user).await?)
    }

    /// The most alike face that is not `own`'s. The watermark is read before the search, so that what is enrolled
    /// meanwhile is either found here or compared by the commit.
    pub(crate) async fn search(
        &self,
        probe: &Template,
        min_cosine: f32,
        own: Option<&UserId>,
        own_faces: usize,
    ) -> Result<Searched, Error> {
        let index = self.index().await?;
        let policy = DuplicatePolicy {
            checked_through: index.complete_through(),
            min_cosine,
        };
        // Beyond the user's own faces, some hits may have been erased a moment ago.
        let mut limit = own_faces + 16;
        loop {
            let (scanned, template) = (Arc::clone(index), probe.clone());
            let search = move || scanned.search(&template, limit, min_cosine);
            let Hits { hits, .. } = tokio::task::spawn_blocking(search).await??;
            let faces: Vec<FaceId> = hits.iter().map(|hit| hit.face).collect();
            let other = self.first_owner(&faces, own).await?;
            if other.is_some() || faces.len() < limit {
                return Ok(Searched { other, policy });
            }
            // Behind so many faces that are nobody's there may still be somebody's.
            limit *= 4;
        }
    }

    /// The owner of the first of these faces that has one other than `own`.
    async fn first_owner(&self, faces: &[FaceId], own: Option<&UserId>) -> Result<Option<UserId>, Error> {
        if faces.is_empty() {
            return Ok(None);
        }
        let owners = self.shared.store.owners(&self.collection, faces).await?;
        let found = faces
            .iter()
            .filter_map(|face| owners.iter().find(|(owned, _)| owned == face))
            .map(|(_, user)| user)
            .find(|user| Some(*user) != own);
        Ok(found.cloned())
    }

    /// Registers a user, or nothing.
    pub(crate) async fn register(
        self: &Arc<Self>,
        new: NewUser,
        policy: DuplicatePolicy,
    ) -> Result<RegisterOutcome, Error> {
        self.committing(move |gallery| async move {
            let (face, template) = (new.face.id, new.face.template.clone());
            let user = new.user.clone();
            let store = &gallery.shared.store;
            let outcome = store.register(&gallery.collection, new, policy).await?;
            if let RegisterOutcome::Registered { seq } = outcome {
                let change = Change::Enrolled { seq, face, template };
                gallery.apply_to(&user, vec![change]).await?;
            }
            Ok(outcome)
        })
        .await
    }

    /// Adds a face to a user.
    pub(crate) async fn update(
        self: &Arc<Self>,
        update: UpdateUser,
        policy: Option<DuplicatePolicy>,
    ) -> Result<UpdateOutcome, Error> {
        self.committing(move |gallery| async move {
            let user = update.user.clone();
            let store = &gallery.shared.store;
            let outcome = store.update(&gallery.collection, update, policy).await?;
            if let UpdateOutcome::Updated { changes } = &outcome {
                gallery.apply_to(&user, changes.clone()).await?;
            }
            Ok(outcome)
        })
        .await
    }

    /// Erases a user with their faces; `false` where there is none.
    pub(crate) async fn erase(self: &Arc<Self>, user: UserId) -> Result<bool, Error> {
        self.committing(move |gallery| async move {
            let store = &gallery.shared.store;
            let Some(changes) = store.delete_user(&gallery.collection, &user).await? else {
                return Ok(false);
            };
            gallery.apply_to(&user, changes).await?;
            Ok(true)
        })
        .await
    }

    /// Brings changes into the index that somebody else has committed, and the vectors of the users that they are about.
    pub(crate) async fn follow_changes(
        self: &Arc<Self>,
        users: Vec<UserId>,
        changes: Vec<Change>,
    ) -> Result<(), Error> {
        self.committing(move |gallery| async move {
            let applied = gallery.apply(changes).await;
            for user in &users {
                gallery.refresh(user).await;
            }
            applied
        })
        .await
    }

    /// Brings committed changes to one user's faces into the index and into their vector. Neither depends on the
    /// success of the other.
    async fn apply_to(&self, user: &UserId, changes: Vec<Change>) -> Result<(), Error> {
        let applied = self.apply(changes).await;
        self.refresh(user).await;
        applied
    }
}
