//! Which state machines there are: the flows that are shipped (or the operator's own in their place), and those that
//! clients made.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use jiff::Timestamp;
use selfsame_store::{MachineKind, Repository};
use selfsame_workflow::Diagnostic;
use selfsame_workflow::definition::{StateMachine, parse};
use uuid::Uuid;

use super::flows::{self, Shipped};
use super::workers::Known;

/// What stands where AWS has the role of a state machine.
pub(crate) const ROLE_ARN: &str = "arn:aws:iam::000000000000:role/selfsame";
/// Parsed definitions of clients' machines that are kept.
const PARSED: usize = 256;

/// A state machine.
#[derive(Debug, Clone)]
pub(crate) struct Machine {
    pub(crate) name: String,
    pub(crate) kind: MachineKind,
    /// As it runs.
    pub(crate) definition: Arc<StateMachine>,
    /// As it was written.
    pub(crate) text: Arc<str>,
    pub(crate) role_arn: String,
    /// Of machines that clients made.
    pub(crate) revision: Option<Uuid>,
    pub(crate) created: Timestamp,
}

/// Why a file with a flow is not used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{file}: {problem}")]
pub struct FlowError {
    /// Which file.
    pub file: String,
    /// What is wrong and where.
    pub problem: String,
}

/// All state machines.
pub(crate) struct Catalog {
    store: Arc<dyn Repository>,
    directory: Option<PathBuf>,
    known: Known,
    started: Timestamp,
    flows: RwLock<BTreeMap<String, Arc<Machine>>>,
    /// By digest-like key: name and revision.
    parsed: Mutex<BTreeMap<Uuid, Arc<StateMachine>>>,
}

impl Catalog {
    /// Loads the flows. A file of the operator's that is not valid is an error: who changes a flow wants to know.
    pub(crate) fn open(
        store: Arc<dyn Repository>,
        directory: Option<PathBuf>,
        known: Known,
        now: Timestamp,
    ) -> Result<Self, FlowError> {
        let catalog = Self {
            store,
            directory,
            known,
            started: now,
            flows: RwLock::default(),
            parsed: Mutex::default(),
        };
        catalog.reload()?;
        Ok(catalog)
    }

    /// Reads the flows again. Where one is not valid, all stay as they are. Executions that have begun go on as they
    /// began.
    pub(crate) fn reload(&self) -> Result<usize, FlowError> {
        let mut flows = BTreeMap::new();
        for Shipped {
            name,
            kind,
            file,
            text,
        } in flows::load(self.directory.as_deref())?
        {
            let (definition, found) = parse(&text, &self.known);
            let definition = definition.ok_or_else(|| FlowError {
                file,
                problem: told(&found),
            })?;
            let machine = Machine {
                name: name.clone(),
                kind,
                definition: Arc::new(definition),
                text: text.into(),
                role_arn: ROLE_ARN.to_owned(),
                revision: None,
                created: self.started,
            };
            flows.insert(name, Arc::new(machine));
        }
        let count = flows.len();
        *self.flows.write().unwrap_or_else(PoisonError::into_inner) = flows;
        Ok(count)
    }

    /// What is needed to check a definition.
    pub(crate) const fn known(&self) -> &Known {
        &self.known
    }

    /// A flow.
    pub(crate) fn flow(&self, name: &str) -> Option<Arc<Machine>> {
        let flows = self.flows.read().unwrap_or_else(PoisonError::into_inner);
        flows.get(name).cloned()
    }

    /// All flows, by name.
    pub(crate) fn flows(&self) -> Vec<Arc<Machine>> {
        let flows = self.flows.read().unwrap_or_else(PoisonError::into_inner);
        flows.values().cloned().collect()
    }

    /// A flow or a client's machine.
    pub(crate) async fn find(&self, name: &str) -> selfsame_store::Result<Option<Arc<Machine>>> {
        if let Some(flow) = self.flow(name) {
            return Ok(Some(flow));
        }
        let found = self.store.get_machine(name).await?;
        Ok(found.and_then(|stored| self.loaded(stored)))
    }

    /// A stored machine, parsed. It was valid when it was stored; if a later version of ours no longer takes it, it is not
    /// there.
    pub(crate) fn loaded(&self, stored: selfsame_store::Machine) -> Option<Arc<Machine>> {
        let definition = self.parsed(stored.revision, &stored.definition)?;
        Some(Arc::new(Machine {
            name: stored.name,
            kind: stored.kind,
            definition,
            text: stored.definition.into(),
            role_arn: stored.role_arn,
            revision: Some(stored.revision),
            created: stored.created,
        }))
    }

    fn parsed(&self, revision: Uuid, text: &str) -> Option<Arc<StateMachine>> {
        let lock = || self.parsed.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(found) = lock().get(&revision) {
            return Some(Arc::clone(found));
        }
        let definition = Arc::new(parse(text, &self.known).0?);
        let mut parsed = lock();
        if parsed.len() >= PARSED {
            parsed.pop_first();
        }
        parsed.insert(revision, Arc::clone(&definition));
        Some(definition)
    }
}

/// Findings as one text.
pub(crate) fn told(found: &[Diagnostic]) -> String {
    let lines: Vec<String> = found.iter().map(ToString::to_string).collect();
    lines.join("; ")
}
