//! Loads the networks of a pack and what their files say of themselves.

use selfsame_vision::pack::Resolved;
use selfsame_vision::{Engine, LoadOptions, engine};

use super::Network;
use super::alphabet::Alphabet;
use crate::Error;

/// Under this key PP-OCR's files list their characters, one per line.
const CHARACTERS: &str = "character";

pub(super) struct Loader<'a> {
    pub(super) resolved: &'a Resolved,
    pub(super) engine: &'a Engine,
    pub(super) concurrency: usize,
}

impl Loader<'_> {
    pub(super) fn network(&self, role: &'static str) -> Result<Network, Error> {
        let options = LoadOptions {
            concurrency: self.concurrency,
        };
        Ok(Network {
            model: self.engine.load(&self.resolved.role(role)?.path, options)?,
            normalization: self.resolved.parameters(role)?,
            role,
        })
    }

    pub(super) fn alphabet(&self, role: &'static str) -> Result<Alphabet, Error> {
        let listed = engine::metadata(&self.resolved.role(role)?.path, CHARACTERS)?;
        let listed = listed.ok_or_else(|| {
            let reason = format!("the file lists no characters under the key `{CHARACTERS}`");
            self.resolved.wrong_parameters(role, reason)
        })?;
        Ok(Alphabet::new(&listed))
    }
}
