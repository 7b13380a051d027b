//! What the tasks of one execution have in common.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};

use selfsame_types::{CollectionId, UserId};
use selfsame_workflow::Failure;
use serde_json::Value;
use uuid::Uuid;

use super::catalog::Machine;
use super::workers::{THROTTLED, Workbench, broken};
use crate::app::{App, Ready};
use crate::gallery::Gallery;

/// An execution, as its tasks see it.
pub(crate) struct Job {
    pub(crate) app: Arc<App>,
    /// Names it in the store and in the journal.
    pub(crate) id: Uuid,
    /// Its name at AWS.
    pub(crate) name: String,
    pub(crate) arn: String,
    /// The region that its caller signed for.
    pub(crate) region: String,
    pub(crate) machine: Arc<Machine>,
    /// The person it is about, if its input says so.
    pub(crate) subject: Option<String>,
    /// How many state machines started each other to get here.
    pub(crate) depth: u64,
    pub(crate) workbench: Workbench,
    /// Who was written under this execution's id.
    pub(super) written: Written,
}

impl Job {
    /// Models and galleries. Executions begin when they are there.
    pub(super) fn ready(&self) -> Result<&Ready, Failure> {
        self.app
            .ready()
            .map_err(|_| Failure::new(THROTTLED, "The server is not ready; try again in a moment."))
    }

    /// The collection of the flows.
    pub(super) async fn portal(&self) -> Result<Arc<Gallery>, Failure> {
        let ready = self.ready()?;
        ready
            .galleries
            .portal()
            .await
            .map_err(|error| broken(self, &error))
    }
}

/// The people that an execution has changed, so that what follows from them can be made anew when that is taken back.
#[derive(Debug, Default)]
pub(crate) struct Written(Mutex<BTreeSet<(CollectionId, UserId)>>);

impl Written {
    /// To be called before a person is changed under the execution's id.
    pub(crate) fn add(&self, collection: &CollectionId, user: &UserId) {
        let mut written = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        written.insert((collection.clone(), user.clone()));
    }

    /// All of them.
    pub(super) fn all(&self) -> Vec<(CollectionId, UserId)> {
        let written = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        written.iter().cloned().collect()
    }
}

/// The person that an execution is about: `UserId` of its input.
pub(super) fn subject(input: &Value) -> Option<String> {
    let id = input.get("UserId")?.as_str()?;
    UserId::new(id).ok().map(String::from)
}
