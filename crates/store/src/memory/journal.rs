//! The journal of the in-memory twin: entries lie with the users they are about.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use async_trait::async_trait;
use jiff::Timestamp;
use selfsame_types::{Change, CollectionId, FaceId, ImageId, Seq, UserId};
use uuid::Uuid;

use super::Memory;
use super::state::{CollectionState, State};
use crate::Result;
use crate::workflows::{Journal, Replaced};

/// What an execution may take back.
pub(super) struct Entry {
    /// Newer entries have greater numbers.
    number: u64,
    execution: Uuid,
    /// The face that came.
    face: FaceId,
    /// `None` for a registration.
    updated: Option<Updated>,
}

/// What an update has changed.
pub(super) struct Updated {
    pub(super) replaced: Replaced,
    pub(super) before: Timestamp,
    pub(super) after: Timestamp,
    pub(super) max_faces: usize,
}

/// What happened to the change logs, and the images to remove.
#[derive(Default)]
struct Changes {
    logs: BTreeMap<CollectionId, Vec<Change>>,
    images: Vec<ImageId>,
}

impl Changes {
    fn add(&mut self, collection: &CollectionId, (changes, images): (Vec<Change>, Vec<ImageId>)) {
        if !changes.is_empty() {
            self.logs.entry(collection.clone()).or_default().extend(changes);
        }
        self.images.extend(images);
    }
}

impl State {
    /// Notes what an execution has written about a user, if it was one.
    pub(super) fn note(
        &mut self,
        execution: Option<Uuid>,
        collection: &CollectionId,
        user: &UserId,
        face: FaceId,
        updated: Option<Updated>,
    ) {
        let Some(execution) = execution else { return };
        self.entries += 1;
        let number = self.entries;
        let found = self.collections.get_mut(collection);
        if let Some(user) = found.and_then(|found| found.users.get_mut(user)) {
            user.journal.push(Entry {
                number,
                execution,
                face,
                updated,
            });
        }
    }

    /// Gives entries to another execution.
    pub(super) fn hand_over(&mut self, from: Uuid, to: Uuid) {
        let users = self
            .collections
            .values_mut()
            .flat_map(|found| found.users.values_mut());
        for entry in users.flat_map(|user| user.journal.iter_mut()) {
            if entry.execution == from {
                entry.execution = to;
            }
        }
    }

    fn settle(&mut self, execution: Uuid) -> Changes {
        let mut changes = Changes::default();
        let mut erased = Vec::new();
        for (id, found) in &mut self.collections {
            let users: Vec<UserId> = found.users.keys().cloned().collect();
            for user in users {
                if let Some(max_faces) = found.settle(&user, execution) {
                    let trimmed = found.trim(&user, max_faces);
                    erased.extend(trimmed.0.clone());
                    changes.add(id, trimmed);
                }
            }
        }
        self.forget(&erased);
        changes
    }

    fn undo(&mut self, execution: Uuid) -> Result<Changes> {
        let mut changes = Changes::default();
        while let Some((collection, user, entry)) = self.take_newest(execution) {
            let found = self.collection_mut(&collection)?;
            let place = found.place_of_users(&user, entry.face);
            let erased = match entry.updated {
                None if place.is_none() => continue,
                None => self.erase_user(&collection, &user)?.unwrap_or_default(),
                Some(updated) => {
                    found.restore(&user, updated);
                    let erased = found.erase_all(place);
                    self.forget(&erased.0);
                    erased
                }
            };
            changes.add(&collection, erased);
        }
        Ok(changes)
    }

    /// Takes the newest entry of an execution out of the journal.
    fn take_newest(&mut self, execution: Uuid) -> Option<(CollectionId, UserId, Entry)> {
        let users = self.collections.iter_mut().flat_map(|(id, found)| {
            let users = found.users.iter_mut();
            users.map(move |(user, state)| (id, user, &mut state.journal))
        });
        let newest = |journal: &[Entry]| {
            let own = journal.iter().enumerate();
            own.filter(|(_, entry)| entry.execution == execution)
                .map(|(place, entry)| (entry.number, place))
                .max()
        };
        let (id, user, journal) = users.max_by_key(|(_, _, journal)| newest(journal))?;
        let (_, place) = newest(journal)?;
        Some((id.clone(), user.clone(), journal.remove(place)))
    }
}

impl CollectionState {
    /// Forgets a user's entries of an execution; gives how many faces the newest of its updates leaves.
    fn settle(&mut self, user: &UserId, execution: Uuid) -> Option<usize> {
        let journal = &mut self.users.get_mut(user)?.journal;
        let own = journal.extract_if(.., |entry| entry.execution == execution);
        own.filter_map(|entry| Some(entry.updated?.max_faces)).last()
    }

    /// Erases a user's oldest faces until so many are left that no execution can take back.
    fn trim(&mut self, user: &UserId, max_faces: usize) -> (Vec<Change>, Vec<ImageId>) {
        let entries = self.users.get(user).map(|user| user.journal.as_slice());
        let pending: HashSet<FaceId> = entries
            .unwrap_or_default()
            .iter()
            .map(|entry| entry.face)
            .collect();
        let settled: Vec<Seq> = self
            .faces_of(user)
            .filter(|face| !pending.contains(&face.record.face))
            .map(|face| face.record.seq)
            .collect();
        let surplus = settled.len().saturating_sub(max_faces);
        self.erase_all(settled.into_iter().take(surplus))
    }

    /// Where a face stands, if it is this user's.
    fn place_of_users(&self, user: &UserId, face: FaceId) -> Option<Seq> {
        self.faces_of(user)
            .find(|found| found.record.face == face)
            .map(|found| found.record.seq)
    }

    fn restore(&mut self, user: &UserId, updated: Updated) {
        if let Some(user) = self.users.get_mut(user) {
            updated.replaced.take_back(&mut user.properties);
            if user.updated == updated.after {
                user.updated = updated.before;
            }
        }
    }
}

#[async_trait]
impl Journal for Memory {
    async fn journals(&self) -> Result<Vec<Uuid>> {
        let state = self.state();
        let users = state.collections.values().flat_map(|found| found.users.values());
        let executions: BTreeSet<Uuid> = users
            .flat_map(|user| user.journal.iter().map(|entry| entry.execution))
            .collect();
        Ok(executions.into_iter().collect())
    }

    async fn settle(&self, execution: Uuid) -> Result<Vec<(CollectionId, Vec<Change>)>> {
        let Changes { logs, images } = self.state().settle(execution);
        self.remove_pictures(&images).await?;
        Ok(logs.into_iter().collect())
    }

    async fn undo(&self, execution: Uuid) -> Result<Vec<(CollectionId, Vec<Change>)>> {
        let Changes { logs, images } = self.state().undo(execution)?;
        self.remove_pictures(&images).await?;
        Ok(logs.into_iter().collect())
    }
}
