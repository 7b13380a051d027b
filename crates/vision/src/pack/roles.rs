//! The roles of a pack on this machine: which model plays one, and the parameters that the manifest gives it.
//!
//! Never knows what a role means, nor loads its model.

use serde::de::DeserializeOwned;

use super::{Resolved, ResolvedModel};

/// Why a model cannot play its role; the text is for whoever chose the pack or wrote its manifest.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RoleError {
    /// The pack lacks the model.
    #[error("the model pack `{pack}` has no {role}; choose another pack or add the role to its manifest")]
    Missing {
        /// The pack.
        pack: String,
        /// The role that nothing plays.
        role: &'static str,
    },
    /// The manifest, or the file itself, describes the model in terms that are not understood.
    #[error("the parameters of the {role} in model pack `{pack}` are wrong: {reason}")]
    Parameters {
        /// The pack.
        pack: String,
        /// The role.
        role: &'static str,
        /// What is wrong.
        reason: String,
    },
}

impl Resolved {
    /// The model that plays `role`.
    ///
    /// # Errors
    ///
    /// [`RoleError::Missing`] where none does.
    pub fn role(&self, role: &'static str) -> Result<&ResolvedModel, RoleError> {
        self.roles.get(role).ok_or_else(|| RoleError::Missing {
            pack: self.name.clone(),
            role,
        })
    }

    /// The parameters of the model that plays `role`.
    ///
    /// # Errors
    ///
    /// [`RoleError::Missing`] where none does, [`RoleError::Parameters`] where the manifest's are of another shape.
    pub fn parameters<T: DeserializeOwned>(&self, role: &'static str) -> Result<T, RoleError> {
        let table = self.role(role)?.artifact.parameters.clone();
        table
            .try_into()
            .map_err(|error| self.wrong_parameters(role, error.to_string()))
    }

    /// The error for parameters that have the right shape and still make no sense.
    #[must_use]
    pub fn wrong_parameters(&self, role: &'static str, reason: String) -> RoleError {
        RoleError::Parameters {
            pack: self.name.clone(),
            role,
            reason,
        }
    }
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;
    use crate::pack::Packs;

    #[derive(Debug, Deserialize)]
    struct Detector {
        kind: String,
    }

    #[derive(Debug, Deserialize)]
    struct Other {
        #[expect(dead_code, reason = "only whether it is there matters")]
        wheels: u32,
    }

    fn standard() -> Resolved {
        let packs = Packs::load(None).unwrap();
        let manifest = packs.get("standard").unwrap().clone();
        let model = |artifact| ResolvedModel {
            path: "model.onnx".into(),
            artifact,
        };
        Resolved {
            name: manifest.name,
            roles: manifest
                .roles
                .into_iter()
                .map(|(role, artifact)| (role, model(artifact)))
                .collect(),
            runtime: None,
            warnings: Vec::new(),
        }
    }

    #[test]
    fn parameters_are_read_as_what_is_asked_for() {
        let detector: Detector = standard().parameters("detector").unwrap();
        assert_eq!(detector.kind, "centerface");
    }

    #[test]
    fn what_is_missing_or_wrong_is_named() {
        let missing = standard().parameters::<Detector>("text-detector").unwrap_err();
        assert_eq!(
            missing.to_string(),
            "the model pack `standard` has no text-detector; choose another pack or add the role to its manifest"
        );
        let wrong = standard().parameters::<Other>("detector").unwrap_err();
        assert!(
            wrong.to_string().starts_with(
                "the parameters of the detector in model pack `standard` are wrong: missing field `wheels`"
            ),
            "{wrong}"
        );
    }
}
