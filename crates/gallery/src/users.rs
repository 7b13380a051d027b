//! People searched as wholes: one vector per user, made of all their templates.

use std::sync::{PoisonError, RwLock};

use selfsame_types::{FaceModelVersion, Template, UserId};

use crate::Error;
use crate::index::check;
use crate::kernel::Kernel;
use crate::rows::Rows;
use crate::select::Best;

/// The users of one collection and one model version. Each is searched by the [`Template::aggregate`] of their
/// templates, in which the accidents of single photos average out; who has no templates, or templates without a common
/// direction, has no vector and is not found.
///
/// The scan is that of [`crate::ExactIndex`], and as exact. Unlike that index it follows no change log: whoever
/// changes a user's faces sets their templates anew.
pub struct UserIndex {
    version: FaceModelVersion,
    kernel: Kernel,
    /// `None` until the length of templates is known.
    rows: RwLock<Option<Rows<UserId>>>,
}

impl UserIndex {
    /// An empty index for templates of `version`.
    #[must_use]
    pub fn new(version: FaceModelVersion) -> Self {
        Self {
            version,
            kernel: Kernel::fastest(),
            rows: RwLock::new(None),
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

    /// Gives a user the vector of these templates in place of any other: all that they have, or none. After an error
    /// nothing has changed.
    pub fn set(&self, user: &UserId, templates: &[Template]) -> Result<(), Error> {
        let mut rows = self.rows.write().map_err(|_| Error::Interrupted)?;
        let mut dimensions = rows.as_ref().map(Rows::dimensions);
        for template in templates {
            dimensions = Some(check(template, &self.version, dimensions)?);
        }
        match (Template::aggregate(templates), dimensions) {
            (Some(vector), Some(dimensions)) => rows
                .get_or_insert_with(|| Rows::new(dimensions))
                .insert(user.clone(), vector.values()),
            _ => {
                if let Some(rows) = rows.as_mut() {
                    rows.remove(user);
                }
            }
        }
        Ok(())
    }

    /// Takes a user out, overwriting their vector.
    pub fn remove(&self, user: &UserId) -> Result<(), Error> {
        self.set(user, &[])
    }

    /// The `k` users whose vectors are most alike to `probe`, with their cosines, where these are at least
    /// `min_cosine`: highest first, equal ones in the order of their user ids.
    pub fn search(&self, probe: &Template, k: usize, min_cosine: f32) -> Result<Vec<(UserId, f32)>, Error> {
        if min_cosine.is_nan() {
            return Err(Error::Threshold);
        }
        let rows = self.rows.read().map_err(|_| Error::Interrupted)?;
        check(probe, &self.version, rows.as_ref().map(Rows::dimensions))?;
        let mut best = Best::new(k, min_cosine);
        if let Some(rows) = rows.as_ref()
            && k > 0
        {
            rows.scan(self.kernel, probe.values(), &mut best);
        }
        Ok(best.into_sorted().collect())
    }

    /// How many users have a vector.
    #[must_use]
    pub fn len(&self) -> usize {
        let rows = self.rows.read().unwrap_or_else(PoisonError::into_inner);
        rows.as_ref().map_or(0, Rows::len)
    }

    /// Whether nobody has one.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}
