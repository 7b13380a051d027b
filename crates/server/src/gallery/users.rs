//! Users as whole people: which faces are theirs, and who is alike.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use jiff::Timestamp;
use selfsame_gallery::consistent;
use selfsame_store::{Association, Idempotency, Once, UserCreation};
use selfsame_types::{FaceId, Template, UserId};

use super::{Error, Gallery};

/// What became of a request to give faces to a user.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Joining {
    /// What the store did.
    pub(crate) outcome: Once<Association>,
    /// The faces that are not enough like the user's, or like each other.
    pub(crate) unlike: Vec<FaceId>,
}

impl Gallery {
    /// Makes a user without faces.
    pub(crate) async fn create_user(
        self: &Arc<Self>,
        user: UserId,
        idempotency: Option<Idempotency>,
        now: Timestamp,
    ) -> Result<Once<UserCreation>, Error> {
        self.committing(move |gallery| async move {
            let (store, collection) = (&gallery.shared.store, &gallery.collection);
            let created = store.create_user(collection, &user, idempotency.as_ref(), now);
            Ok(created.await?)
        })
        .await
    }

    /// Removes a user; `false` where there is none. The faces stay and are nobody's.
    pub(crate) async fn remove_user(
        self: &Arc<Self>,
        user: UserId,
        idempotency: Option<Idempotency>,
        now: Timestamp,
    ) -> Result<Once<bool>, Error> {
        self.committing(move |gallery| async move {
            let (store, collection) = (&gallery.shared.store, &gallery.collection);
            let removed = store.remove_user(collection, &user, idempotency.as_ref(), now);
            let removed = removed.await?;
            gallery.refresh(&user).await;
            Ok(removed)
        })
        .await
    }

    /// Gives faces to a user, where they are at least `min_cosine` like the user's vector, or like each other where the
    /// user has none ([`consistent`] has the rule). Faces that are the user's already are not judged again.
    pub(crate) async fn associate(
        self: &Arc<Self>,
        user: UserId,
        faces: Vec<FaceId>,
        min_cosine: f32,
        idempotency: Option<Idempotency>,
        now: Timestamp,
    ) -> Result<Joining, Error> {
        self.check_model()?;
        self.committing(move |gallery| async move {
            let _one_at_a_time = gallery.joining.lock().await;
            let alike = gallery.alike(&user, &faces, min_cosine).await?;
            let (store, collection) = (&gallery.shared.store, &gallery.collection);
            let outcome = store.associate(collection, &user, &alike, idempotency.as_ref(), now);
            let outcome = outcome.await?;
            gallery.refresh(&user).await;
            Ok(Joining {
                unlike: unmentioned(&faces, &outcome),
                outcome,
            })
        })
        .await
    }

    /// Takes faces away from a user; they stay and are nobody's.
    pub(crate) async fn disassociate(
        self: &Arc<Self>,
        user: UserId,
        faces: Vec<FaceId>,
        idempotency: Option<Idempotency>,
        now: Timestamp,
    ) -> Result<Once<Association>, Error> {
        self.committing(move |gallery| async move {
            let (store, collection) = (&gallery.shared.store, &gallery.collection);
            let outcome = store.disassociate(collection, &user, &faces, idempotency.as_ref(), now);
            let outcome = outcome.await?;
            gallery.refresh(&user).await;
            Ok(outcome)
        })
        .await
    }

    /// A user's vector; `None` where they have no faces, or there is no such user.
    pub(crate) async fn vector_of(&self, user: &UserId) -> Result<Option<Template>, Error> {
        self.check_model()?;
        Ok(Template::aggregate(&self.only_templates_of(user).await?))
    }

    /// The `k` users who are most alike to `probe`, with the cosines of their vectors, where these are at least
    /// `min_cosine`: highest first.
    pub(crate) async fn search_users(
        self: &Arc<Self>,
        probe: &Template,
        k: usize,
        min_cosine: f32,
    ) -> Result<Vec<(UserId, f32)>, Error> {
        self.check_model()?;
        let (index, probe) = (self.user_index().await?, probe.clone());
        let search = move || index.search(&probe, k, min_cosine);
        Ok(tokio::task::spawn_blocking(search).await??)
    }

    /// The given faces without those that are nobody's and must not become this user's. Each once, in their order.
    async fn alike(&self, user: &UserId, faces: &[FaceId], min_cosine: f32) -> Result<Vec<FaceId>, Error> {
        let (store, collection) = (&self.shared.store, &self.collection);
        let records = store.face_records(collection, faces).await?;
        let free = records.iter().filter(|record| record.user.is_none());
        // Faces of a model that the collection has left cannot be compared, so they are like nobody's.
        let (comparable, left): (Vec<_>, Vec<_>) = free.partition(|record| record.version == self.version);
        let free: Vec<FaceId> = comparable.iter().map(|record| record.face).collect();
        let templates = store.templates(collection, &free).await?;
        let mut templates: HashMap<FaceId, Template> = templates.into_iter().collect();
        let candidates: Vec<(FaceId, Template)> = faces
            .iter()
            .filter_map(|face| templates.remove_entry(face))
            .collect();
        let existing = self.only_templates_of(user).await?;
        let rejected = consistent(&existing, &candidates, min_cosine).rejected;
        let left = left.iter().map(|record| record.face);
        let mut left_out: HashSet<FaceId> = rejected.into_iter().chain(left).collect();
        // What was taken once is left out from then on.
        let alike = faces.iter().copied().filter(|face| left_out.insert(*face));
        Ok(alike.collect())
    }
}

/// The faces that an outcome says nothing about. They were kept from the store; of a repeated request, the first time.
fn unmentioned(faces: &[FaceId], outcome: &Once<Association>) -> Vec<FaceId> {
    let (Once::Now(Association::Done { associated, refused })
    | Once::Before(Association::Done { associated, refused })) = outcome
    else {
        return Vec::new();
    };
    let mut mentioned: HashSet<FaceId> = associated.iter().copied().collect();
    mentioned.extend(refused.iter().map(|(face, _)| *face));
    faces
        .iter()
        .copied()
        .filter(|face| mentioned.insert(*face))
        .collect()
}
