//! The index: a set of rows under a lock, and the rules by which it follows a change log.

use std::sync::{PoisonError, RwLock, RwLockReadGuard};

use selfsame_types::{Change, FaceId, FaceModelVersion, Seq, Template};

use crate::Error;
use crate::kernel::Kernel;
use crate::pending::Pending;
use crate::quantise::{MAX_DIMENSIONS, check_length};
use crate::rows::Rows;
use crate::select::Best;

/// A face that a search found.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Hit {
    /// Which face.
    pub face: FaceId,
    /// Cosine of its template to the probe, −1 to 1; the same number as [`Template::cosine`].
    pub cosine: f32,
}

/// The answer to a search.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Hits {
    /// Highest cosine first; equal cosines in the order of their face ids.
    pub hits: Vec<Hit>,
    /// Every change up to here was taken into account. Faces enrolled later must be compared by the caller.
    pub complete_through: Seq,
}

/// Templates of one collection and one model version, searched together. Derived from the store's change log and
/// allowed to lag behind it, but never to be wrong about how far it got.
pub trait FaceIndex: Send + Sync {
    /// Takes single changes in any order and as often as they come, as when several writers report their own
    /// commits. A change whose predecessor is missing waits for it (an erasure takes effect at once all the
    /// same), so [`FaceIndex::complete_through`] never skips one. Returns `complete_through`.
    fn apply(&self, changes: &[Change]) -> Result<Seq, Error>;

    /// Takes everything that the log still holds after `after`, up to the last change given: numbers missing in
    /// between belong to changes that were erased from the log. Where `after` lies beyond what the index knows, this
    /// is [`FaceIndex::apply`]. Returns `complete_through`, from where the caller reads on.
    fn catch_up(&self, after: Seq, changes: &[Change]) -> Result<Seq, Error>;

    /// The `k` best faces whose cosine to `probe` is at least `min_cosine`.
    fn search(&self, probe: &Template, k: usize, min_cosine: f32) -> Result<Hits, Error>;

    /// Number of faces.
    fn len(&self) -> usize;

    /// Whether there is no face.
    fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Every change up to here is in the index.
    fn complete_through(&self) -> Seq;
}

/// What is behind the lock.
#[derive(Default)]
pub(crate) struct State {
    /// `None` until the length of templates is known.
    pub(crate) rows: Option<Rows<FaceId>>,
    pub(crate) complete_through: Seq,
    pending: Pending,
}

impl State {
    pub(crate) fn new(rows: Option<Rows<FaceId>>, complete_through: Seq) -> Self {
        Self {
            rows,
            complete_through,
            pending: Pending::default(),
        }
    }

    /// Applies one change; those before it are all in.
    fn advance(&mut self, change: &Change) {
        match change {
            Change::Enrolled { seq, face, template } => {
                if let Some(rows) = &mut self.rows
                    && !self.pending.erases(*face, *seq)
                {
                    rows.insert(*face, template.values());
                }
            }
            Change::Erased { face, .. } => self.erase(*face),
            // `Change` may grow; what this index does not know concerns no template.
            _ => {}
        }
        self.complete_through = change.seq();
    }

    fn erase(&mut self, face: FaceId) {
        if let Some(rows) = &mut self.rows {
            rows.remove(&face);
        }
    }

    /// Applies what waits and has its turn now.
    fn drain(&mut self) {
        while let Some(change) = self.pending.take(self.complete_through.next()) {
            self.advance(&change);
        }
    }

    fn receive(&mut self, change: &Change) {
        if change.seq() <= self.complete_through {
            return;
        }
        if change.seq() == self.complete_through.next() {
            self.advance(change);
            self.drain();
        } else {
            if let Change::Erased { face, .. } = change {
                self.erase(*face);
            }
            self.pending.add(change.clone());
        }
    }

    fn receive_all_after(&mut self, after: Seq, changes: &[Change]) {
        let mut sorted: Vec<&Change> = changes.iter().collect();
        sorted.sort_by_key(|change| change.seq());
        for change in sorted {
            if after > self.complete_through {
                self.receive(change);
            } else if change.seq() > self.complete_through {
                self.advance(change);
            }
        }
        self.pending.forget_through(self.complete_through);
        self.drain();
    }
}

/// Scans all templates; the result is exactly that of comparing the probe with each of them.
pub struct ExactIndex {
    version: FaceModelVersion,
    kernel: Kernel,
    state: RwLock<State>,
}

impl ExactIndex {
    /// An empty index for templates of `version`. Their length is fixed by `dimensions`, or by the first one enrolled.
    #[must_use]
    pub fn new(version: FaceModelVersion, dimensions: Option<usize>) -> Self {
        Self::from_state(version, State::new(dimensions.map(Rows::new), Seq::default()))
    }

    pub(crate) fn from_state(version: FaceModelVersion, state: State) -> Self {
        Self {
            version,
            kernel: Kernel::fastest(),
            state: RwLock::new(state),
        }
    }

    /// The same index with another inner loop, for tests and benchmarks.
    #[must_use]
    pub fn with_kernel(mut self, kernel: Kernel) -> Self {
        self.kernel = kernel;
        self
    }

    /// The model whose templates it holds.
    #[must_use]
    pub const fn version(&self) -> &FaceModelVersion {
        &self.version
    }

    /// Values per template, once that is known.
    #[must_use]
    pub fn dimensions(&self) -> Option<usize> {
        self.read_anyway().rows.as_ref().map(Rows::dimensions)
    }

    pub(crate) fn read(&self) -> Result<RwLockReadGuard<'_, State>, Error> {
        self.state.read().map_err(|_| Error::Interrupted)
    }

    /// For counts that are right or harmlessly old even after an interrupted change.
    fn read_anyway(&self) -> RwLockReadGuard<'_, State> {
        self.state.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// Checks every template first, so that a refused batch leaves no trace.
    fn change(&self, changes: &[Change], apply: impl FnOnce(&mut State)) -> Result<Seq, Error> {
        let mut state = self.state.write().map_err(|_| Error::Interrupted)?;
        let mut dimensions = state.rows.as_ref().map(Rows::dimensions);
        for change in changes {
            if let Change::Enrolled { template, .. } = change {
                dimensions = Some(check(template, &self.version, dimensions)?);
            }
        }
        if state.rows.is_none() {
            // From the first accepted template on, even if it still has to wait for its turn.
            state.rows = dimensions.map(Rows::new);
        }
        apply(&mut state);
        Ok(state.complete_through)
    }
}

/// Whether `template` can stand beside templates of `version` with so many values; how many it has.
pub(crate) fn check(
    template: &Template,
    version: &FaceModelVersion,
    dimensions: Option<usize>,
) -> Result<usize, Error> {
    if template.version() != version {
        return Err(Error::OtherModel {
            expected: version.clone(),
            found: template.version().clone(),
        });
    }
    let found = template.values().len();
    let expected = dimensions.unwrap_or(found).min(MAX_DIMENSIONS);
    if found != expected {
        return Err(Error::Dimensions { expected, found });
    }
    check_length(template.values())?;
    Ok(found)
}

impl FaceIndex for ExactIndex {
    fn apply(&self, changes: &[Change]) -> Result<Seq, Error> {
        self.change(changes, |state| {
            for change in changes {
                state.receive(change);
            }
        })
    }

    fn catch_up(&self, after: Seq, changes: &[Change]) -> Result<Seq, Error> {
        self.change(changes, |state| state.receive_all_after(after, changes))
    }

    fn search(&self, probe: &Template, k: usize, min_cosine: f32) -> Result<Hits, Error> {
        if min_cosine.is_nan() {
            return Err(Error::Threshold);
        }
        let state = self.read()?;
        check(probe, &self.version, state.rows.as_ref().map(Rows::dimensions))?;
        let mut best = Best::new(k, min_cosine);
        if let Some(rows) = &state.rows
            && k > 0
        {
            rows.scan(self.kernel, probe.values(), &mut best);
        }
        Ok(Hits {
            hits: best
                .into_sorted()
                .map(|(face, cosine)| Hit { face, cosine })
                .collect(),
            complete_through: state.complete_through,
        })
    }

    fn len(&self) -> usize {
        self.read_anyway().rows.as_ref().map_or(0, Rows::len)
    }

    fn complete_through(&self) -> Seq {
        self.read_anyway().complete_through
    }
}
