//! People in the in-memory twin: listed, made, removed, and given faces.

use async_trait::async_trait;
use jiff::Timestamp;
use selfsame_types::{CollectionId, FaceId, UserId};

use super::state::{Answer, CollectionState, UserState};
use super::{Memory, stored};
use crate::Result;
use crate::model::{Association, Idempotency, Once, Properties, User, UserCreation, UserSummary};
use crate::ownership::{self, Owners};
use crate::repository::Users;
use crate::requests::{self, Operation, Outcome};
use crate::rules::to_microseconds;

/// What a decision about faces gives: the answer, and the faces that change hands.
type Decision = (Association, Vec<FaceId>);

impl CollectionState {
    /// Answers a repeated request as before; carries out a new one, and keeps its answer.
    fn once<T: Outcome>(
        &mut self,
        operation: Operation,
        asked: Option<&Idempotency>,
        now: Timestamp,
        work: impl FnOnce(&mut Self) -> Result<T>,
    ) -> Result<Once<T>> {
        let Some(asked) = asked else {
            return work(self).map(Once::Now);
        };
        let oldest = requests::oldest_kept(now);
        self.requests.retain(|_, answer| answer.created_us >= oldest);
        let key = (operation, asked.token.clone());
        if let Some(answer) = self.requests.get(&key) {
            return requests::replay(asked, &answer.digest, &answer.outcome);
        }
        let outcome = work(self)?;
        if outcome.is_done() {
            let answer = Answer {
                digest: asked.digest,
                outcome: requests::outcome_text(&outcome)?,
                created_us: to_microseconds(now),
            };
            self.requests.insert(key, answer);
        }
        Ok(Once::Now(outcome))
    }

    /// Kept answers that name an erased user go with them.
    pub(super) fn forget_answers_about(&mut self, user: &UserId) {
        let quoted = format!("\"{user}\"");
        self.requests
            .retain(|_, answer| !answer.outcome.contains(&quoted));
    }

    fn create_user(&mut self, user: &UserId, now: Timestamp) -> UserCreation {
        if self.users.contains_key(user) {
            return UserCreation::AlreadyExists;
        }
        let state = UserState {
            properties: Properties::new(),
            card: None,
            created: now,
            updated: now,
            journal: Vec::new(),
        };
        self.users.insert(user.clone(), state);
        UserCreation::Created
    }

    fn remove_user(&mut self, user: &UserId) -> bool {
        for face in self.faces.values_mut() {
            if face.record.user.as_ref() == Some(user) {
                face.record.user = None;
                face.owned_since = None;
            }
        }
        self.forget_answers_about(user);
        self.users.remove(user).is_some()
    }

    /// Decides and changes hands.
    fn change_hands(
        &mut self,
        user: &UserId,
        faces: &[FaceId],
        now: Timestamp,
        new_owner: Option<&UserId>,
        decide: impl FnOnce(usize, &Owners) -> Decision,
    ) -> Association {
        let has = self.faces_of(user).count();
        let owners = self.owners(faces);
        let Some(state) = self.users.get_mut(user) else {
            return Association::NoSuchUser;
        };
        let (outcome, changing) = decide(has, &owners);
        if !changing.is_empty() {
            state.updated = now;
        }
        let last = self.last_seq;
        for face in self.faces.values_mut() {
            if changing.contains(&face.record.face) {
                face.record.user = new_owner.cloned();
                face.owned_since = new_owner.map(|_| last);
            }
        }
        outcome
    }
}

#[async_trait]
impl Users for Memory {
    async fn get_user(&self, collection: &CollectionId, user: &UserId) -> Result<Option<User>> {
        Ok(self.state().collection(collection)?.user(user))
    }

    async fn user_exists(&self, collection: &CollectionId, user: &UserId) -> Result<bool> {
        Ok(self.state().collection(collection)?.users.contains_key(user))
    }

    async fn list_users(
        &self,
        collection: &CollectionId,
        after: Option<&UserId>,
        limit: u32,
    ) -> Result<Vec<UserSummary>> {
        Ok(self
            .state()
            .collection(collection)?
            .summaries(after, limit as usize))
    }

    async fn create_user(
        &self,
        collection: &CollectionId,
        user: &UserId,
        idempotency: Option<&Idempotency>,
        now: Timestamp,
    ) -> Result<Once<UserCreation>> {
        let now = stored(now)?;
        let mut state = self.state();
        let found = state.collection_mut(collection)?;
        found.once(Operation::CreateUser, idempotency, now, |found| {
            Ok(found.create_user(user, now))
        })
    }

    async fn remove_user(
        &self,
        collection: &CollectionId,
        user: &UserId,
        idempotency: Option<&Idempotency>,
        now: Timestamp,
    ) -> Result<Once<bool>> {
        let mut state = self.state();
        let found = state.collection_mut(collection)?;
        found.once(Operation::RemoveUser, idempotency, now, |found| {
            Ok(found.remove_user(user))
        })
    }

    async fn associate(
        &self,
        collection: &CollectionId,
        user: &UserId,
        faces: &[FaceId],
        idempotency: Option<&Idempotency>,
        now: Timestamp,
    ) -> Result<Once<Association>> {
        let now = stored(now)?;
        let mut state = self.state();
        let found = state.collection_mut(collection)?;
        found.once(Operation::Associate, idempotency, now, |found| {
            Ok(found.change_hands(user, faces, now, Some(user), |has, owners| {
                ownership::associate(user, has, faces, owners)
            }))
        })
    }

    async fn disassociate(
        &self,
        collection: &CollectionId,
        user: &UserId,
        faces: &[FaceId],
        idempotency: Option<&Idempotency>,
        now: Timestamp,
    ) -> Result<Once<Association>> {
        let now = stored(now)?;
        let mut state = self.state();
        let found = state.collection_mut(collection)?;
        found.once(Operation::Disassociate, idempotency, now, |found| {
            Ok(found.change_hands(user, faces, now, None, |_, owners| {
                ownership::disassociate(user, faces, owners)
            }))
        })
    }
}
