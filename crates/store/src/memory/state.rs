//! What the in-memory twin remembers, and the changes to it that one lock covers.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::ops::Bound;

use jiff::Timestamp;
use selfsame_types::{Change, CollectionId, FaceId, FaceModelVersion, ImageId, Seq, Template, UserId};

use super::journal;
use crate::model::{
    ApiKey, Collection, DuplicatePolicy, FaceRecord, PictureRecord, Properties, User, UserSummary,
};
use crate::requests::Operation;
use crate::rules::{self, Closest, Duplicate};
use crate::{Error, Result};

pub(super) type Written = PictureRecord;

#[derive(Default)]
pub(super) struct State {
    pub(super) collections: BTreeMap<CollectionId, CollectionState>,
    /// Every enrolled face of every collection.
    pub(super) faces: HashSet<FaceId>,
    /// Every image whose picture is kept, or is just being written.
    pub(super) images: HashSet<ImageId>,
    /// How many journal entries there have been.
    pub(super) entries: u64,
    pub(super) keys: Vec<ApiKey>,
    pub(super) root_secret: Option<[u8; 32]>,
}

impl std::fmt::Debug for State {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "State({} collections, {} faces)",
            self.collections.len(),
            self.faces.len()
        )
    }
}

#[derive(Default)]
pub(super) struct CollectionState {
    /// `None` once deleted; the change log goes on if the id is used again.
    pub(super) live: Option<(FaceModelVersion, Timestamp)>,
    pub(super) last_seq: Seq,
    pub(super) users: BTreeMap<UserId, UserState>,
    /// By place in the change log.
    pub(super) faces: BTreeMap<Seq, FaceState>,
    pub(super) erased: BTreeMap<Seq, FaceId>,
    pub(super) tags: BTreeMap<String, String>,
    pub(super) requests: HashMap<(Operation, String), Answer>,
}

/// What was answered to a request that may be repeated.
pub(super) struct Answer {
    pub(super) digest: [u8; 32],
    pub(super) outcome: String,
    pub(super) created_us: i64,
}

pub(super) struct UserState {
    pub(super) properties: Properties,
    pub(super) card: Option<Vec<u8>>,
    pub(super) created: Timestamp,
    pub(super) updated: Timestamp,
    /// What executions may take back of them. It goes with them.
    pub(super) journal: Vec<journal::Entry>,
}

pub(super) struct FaceState {
    pub(super) template: Template,
    /// Of the model that the collection is about to change to.
    pub(super) prepared: Option<Template>,
    pub(super) record: FaceRecord,
    /// For a face that was nobody's first: where the change log ended when it was given to the user.
    pub(super) owned_since: Option<Seq>,
    /// The digest of the image and the face's place in it, where the image may be given again.
    pub(super) source: Option<([u8; 32], u32)>,
}

impl State {
    pub(super) fn live(&self) -> impl Iterator<Item = (&CollectionId, &CollectionState)> {
        self.collections.iter().filter(|(_, found)| found.live.is_some())
    }

    pub(super) fn collection(&self, id: &CollectionId) -> Result<&CollectionState> {
        let found = self.collections.get(id).filter(|found| found.live.is_some());
        found.ok_or_else(|| Error::NoSuchCollection(id.clone()))
    }

    pub(super) fn collection_mut(&mut self, id: &CollectionId) -> Result<&mut CollectionState> {
        let found = self.collections.get_mut(id).filter(|found| found.live.is_some());
        found.ok_or_else(|| Error::NoSuchCollection(id.clone()))
    }

    /// Erases all faces and users of a collection; gives the images whose pictures were kept.
    pub(super) fn erase_collection(&mut self, id: &CollectionId) -> Result<Vec<ImageId>> {
        let collection = self.collection_mut(id)?;
        collection.users.clear();
        collection.requests.clear();
        let all: Vec<Seq> = collection.faces.keys().copied().collect();
        let (changes, images) = collection.erase_all(all);
        self.forget(&changes);
        Ok(images)
    }

    /// Gives the ids of erased faces free.
    pub(super) fn forget(&mut self, changes: &[Change]) {
        for change in changes {
            if let Change::Erased { face, .. } = change {
                self.faces.remove(face);
            }
        }
    }
}

impl CollectionState {
    pub(super) fn describe(&self, id: &CollectionId) -> Collection {
        let (version, created) = self
            .live
            .clone()
            .unwrap_or_else(|| (FaceModelVersion::new(""), Timestamp::UNIX_EPOCH));
        Collection {
            id: id.clone(),
            version,
            last_seq: self.last_seq,
            created,
        }
    }

    /// Whether a face is of the collection's model, and so is searched.
    pub(super) fn is_searched(&self, face: &FaceState) -> bool {
        let current = self.live.as_ref().map(|(version, _)| version);
        current == Some(face.template.version())
    }

    pub(super) fn searched(&self) -> impl Iterator<Item = &FaceState> {
        self.faces.values().filter(|face| self.is_searched(face))
    }

    pub(super) fn faces_of<'a>(&'a self, user: &'a UserId) -> impl Iterator<Item = &'a FaceState> {
        self.faces
            .values()
            .filter(move |face| face.record.user.as_ref() == Some(user))
    }

    pub(super) fn user(&self, id: &UserId) -> Option<User> {
        let found = self.users.get(id)?;
        Some(User {
            id: id.clone(),
            properties: found.properties.clone(),
            created: found.created,
            updated: found.updated,
            faces: self.faces_of(id).map(|face| face.record.clone()).collect(),
        })
    }

    pub(super) fn summaries(&self, after: Option<&UserId>, limit: usize) -> Vec<UserSummary> {
        let start = after.map_or(Bound::Unbounded, Bound::Excluded);
        self.users
            .range::<UserId, _>((start, Bound::Unbounded))
            .take(limit)
            .map(|(id, user)| UserSummary {
                id: id.clone(),
                created: user.created,
                updated: user.updated,
                faces: self.faces_of(id).count() as u32,
            })
            .collect()
    }

    pub(super) fn picture(&self, image: ImageId) -> Option<Written> {
        self.faces
            .values()
            .find(|face| face.record.image == image && face.record.picture.is_some())
            .and_then(|face| face.record.picture.clone())
    }

    pub(super) fn check_comparable(&self, template: &Template) -> Result<()> {
        if let Some((version, _)) = &self.live {
            rules::check_version(version, template)?;
        }
        rules::check_length(
            self.searched().next().map(|face| face.template.values().len()),
            template,
        )
    }

    /// Compares with every user's face that the caller's search has not seen and that is not of the user `except`.
    pub(super) fn closest_of_others(
        &self,
        except: Option<&UserId>,
        probe: &Template,
        policy: DuplicatePolicy,
    ) -> Result<Option<Duplicate>> {
        let mut closest = Closest::new(probe, policy.min_cosine);
        let through = policy.checked_through;
        for face in self.searched() {
            let FaceRecord { user, seq, .. } = &face.record;
            let is_new = *seq > through || face.owned_since.is_some_and(|since| since >= through);
            if let Some(user) = user
                && is_new
                && Some(user) != except
            {
                closest.consider(&face.template, || Ok((face.record.face, user.clone())))?;
            }
        }
        Ok(closest.into_found())
    }

    /// Gives the face the next place in the change log.
    pub(super) fn enrol(&mut self, mut face: FaceState) -> Seq {
        self.last_seq = self.last_seq.next();
        face.record.seq = self.last_seq;
        self.faces.insert(self.last_seq, face);
        self.last_seq
    }

    /// Erases one face and leaves its tombstone; gives the image too if its picture was kept.
    fn erase(&mut self, seq: Seq) -> Option<(Change, Option<ImageId>)> {
        let face = self.faces.remove(&seq)?;
        self.last_seq = self.last_seq.next();
        self.erased.insert(self.last_seq, face.record.face);
        let image = face.record.picture.is_some().then_some(face.record.image);
        Some((
            Change::Erased {
                seq: self.last_seq,
                face: face.record.face,
            },
            image,
        ))
    }

    /// Erases a user's oldest faces until `keep` are left.
    pub(super) fn erase_oldest(&mut self, user: &UserId, keep: usize) -> (Vec<Change>, Vec<ImageId>) {
        let all: Vec<Seq> = self.faces_of(user).map(|face| face.record.seq).collect();
        let surplus = all.len().saturating_sub(keep);
        self.erase_all(all.into_iter().take(surplus))
    }

    /// Erases faces, in the given order.
    pub(super) fn erase_all(&mut self, faces: impl IntoIterator<Item = Seq>) -> (Vec<Change>, Vec<ImageId>) {
        let erased = faces.into_iter().filter_map(|seq| self.erase(seq));
        let (changes, images): (Vec<_>, Vec<_>) = erased.unzip();
        (changes, images.into_iter().flatten().collect())
    }

    pub(super) fn change_log(&self, after: Seq, limit: usize) -> Vec<Change> {
        let range = (Bound::Excluded(after), Bound::Unbounded);
        let enrolled = self
            .faces
            .range(range)
            .filter(|(_, face)| self.is_searched(face))
            .take(limit)
            .map(|(seq, face)| Change::Enrolled {
                seq: *seq,
                face: face.record.face,
                template: face.template.clone(),
            });
        let erased = self
            .erased
            .range(range)
            .take(limit)
            .map(|(seq, face)| Change::Erased {
                seq: *seq,
                face: *face,
            });
        let mut changes: Vec<Change> = enrolled.chain(erased).collect();
        changes.sort_by_key(Change::seq);
        changes.truncate(limit);
        changes
    }
}
