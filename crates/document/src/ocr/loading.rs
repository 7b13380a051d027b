//! Finds the roles of a pack and reads what the manifest and the files say of them.

use selfsame_vision::pack::{Resolved, ResolvedModel};
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
        let model = self.role(role)?;
        let normalization = model
            .artifact
            .parameters
            .clone()
            .try_into()
            .map_err(|error: toml::de::Error| self.wrong(role, error.to_string()))?;
        let options = LoadOptions {
            concurrency: self.concurrency,
        };
        Ok(Network {
            model: self.engine.load(&model.path, options)?,
            normalization,
            role,
        })
    }

    pub(super) fn alphabet(&self, role: &'static str) -> Result<Alphabet, Error> {
        let listed = engine::metadata(&self.role(role)?.path, CHARACTERS)?;
        let listed = listed.ok_or_else(|| {
            self.wrong(
                role,
                format!("the file lists no characters under the key `{CHARACTERS}`"),
            )
        })?;
        Ok(Alphabet::new(&listed))
    }

    fn role(&self, role: &'static str) -> Result<&ResolvedModel, Error> {
        self.resolved.roles.get(role).ok_or_else(|| Error::MissingRole {
            pack: self.resolved.name.clone(),
            role,
        })
    }

    fn wrong(&self, role: &'static str, reason: String) -> Error {
        Error::Parameters {
            pack: self.resolved.name.clone(),
            role,
            reason,
        }
    }
}
