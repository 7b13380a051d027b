//! The vectors under which a collection's users are searched.
//!
//! They are made from the store when first asked for. From then on, whoever has stored a change to a user's faces has
//! that user's vector set anew, from the store again: what is set is never older than the change, and as one at a time
//! reads and sets, the last to do so has seen the last change, whoever made it.
//!
//! Making all of them may take seconds. Nobody who changes something waits for that: the users concerned are noted, and
//! their vectors are set once more before the first search.

use std::collections::HashSet;
use std::mem;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use selfsame_gallery::UserIndex;
use selfsame_types::{Template, UserId};
use tracing::Instrument as _;

use super::{Error, Gallery};

/// How many users are read from the store at one time: some megabytes where each has many faces.
const PAGE: u32 = 512;

#[derive(Default)]
pub(super) struct Vectors {
    state: Mutex<State>,
    /// Held from reading templates until the vectors are set. What `state` says of an index is about to change only
    /// while it is held.
    turn: tokio::sync::Mutex<()>,
}

#[derive(Default)]
enum State {
    /// Nobody has searched yet.
    #[default]
    Unmade,
    /// They are being made; the users whose faces have changed meanwhile.
    Making(HashSet<UserId>),
    Made(Arc<UserIndex>),
}

impl Vectors {
    /// Whether a change to a user's faces is taken care of without a turn: because there are no vectors that it could
    /// make wrong, or because whoever is making them will see to it.
    fn note(&self, user: &UserId) -> bool {
        match &mut *self.state() {
            State::Unmade => true,
            State::Making(changed) => {
                changed.insert(user.clone());
                true
            }
            State::Made(_) => false,
        }
    }

    fn made(&self) -> Option<Arc<UserIndex>> {
        match &*self.state() {
            State::Made(index) => Some(Arc::clone(index)),
            _ => None,
        }
    }

    /// Publishes the vectors if no user's faces have changed since the last call; else those users. Vectors that were
    /// forgotten while they were made serve the searches that have waited for them, and no other.
    fn finish(&self, index: &Arc<UserIndex>) -> HashSet<UserId> {
        let mut state = self.state();
        match &mut *state {
            State::Making(changed) if !changed.is_empty() => return mem::take(changed),
            State::Making(_) => *state = State::Made(Arc::clone(index)),
            State::Unmade | State::Made(_) => {}
        }
        HashSet::new()
    }

    /// Forgets the vectors: they may be wrong, or nobody needs them any more.
    pub(super) fn forget(&self) {
        *self.state() = State::Unmade;
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Gallery {
    /// Brings a user's vector up to date after a change to their faces. Never fails: vectors that may be wrong are
    /// forgotten, and the next search makes all of them anew.
    pub(super) async fn refresh(&self, user: &UserId) {
        if self.vectors.note(user) {
            return;
        }
        let _turn = self.vectors.turn.lock().await;
        let Some(index) = self.vectors.made() else {
            return;
        };
        if let Err(error) = self.set_vector(index, user).await {
            tracing::warn!(%error, "the vector of a user was not updated; all are made anew with the next search");
            self.vectors.forget();
        }
    }

    /// The vectors, made now if they are not there. Carried through also when the client goes away: the next one would
    /// have to begin again.
    pub(super) async fn user_index(self: &Arc<Self>) -> Result<Arc<UserIndex>, Error> {
        if let Some(index) = self.vectors.made() {
            return Ok(index);
        }
        let gallery = Arc::clone(self);
        let make = async move {
            let _turn = gallery.vectors.turn.lock().await;
            if let Some(index) = gallery.vectors.made() {
                return Ok(index);
            }
            let made = gallery.make_vectors().await;
            if made.is_err() {
                gallery.vectors.forget();
            }
            made
        };
        tokio::spawn(make.in_current_span()).await?
    }

    async fn make_vectors(&self) -> Result<Arc<UserIndex>, Error> {
        let index = Arc::new(UserIndex::new(self.version.clone()));
        *self.vectors.state() = State::Making(HashSet::new());
        let (store, collection) = (&self.shared.store, &self.collection);
        let mut after = None;
        loop {
            let page = store.associations(collection, after.as_ref(), PAGE).await?;
            let Some((last, _)) = page.last() else {
                break;
            };
            after = Some(last.clone());
            let filling = Arc::clone(&index);
            let fill = move || {
                page.iter()
                    .try_for_each(|(user, templates)| filling.set(user, templates))
            };
            tokio::task::spawn_blocking(fill).await??;
        }
        loop {
            let changed = self.vectors.finish(&index);
            if changed.is_empty() {
                return Ok(index);
            }
            for user in &changed {
                self.set_vector(Arc::clone(&index), user).await?;
            }
        }
    }

    async fn set_vector(&self, index: Arc<UserIndex>, user: &UserId) -> Result<(), Error> {
        let (templates, user) = (self.only_templates_of(user).await?, user.clone());
        Ok(tokio::task::spawn_blocking(move || index.set(&user, &templates)).await??)
    }

    pub(super) async fn only_templates_of(&self, user: &UserId) -> Result<Vec<Template>, Error> {
        let templates = self.templates_of(user).await?;
        Ok(templates.into_iter().map(|(_, template)| template).collect())
    }
}
