//! Importers: published model files in, plain ONNX bytes out.
//!
//! Each is a pure function of its input bytes and gives the same bytes for the same input on every machine, so a
//! manifest can pin the digest of the result. None of them reads a file, and none puts normalisation of pixels into
//! the graph: that stays in the manifest, where a person can see it.

mod age_gender;
mod centerface;
mod dlib_resnet;
mod faceres;
mod graph;
mod iris;
mod landmarks;
mod onnx;
mod tfjs;

use std::fmt;

use serde::{Deserialize, Deserializer};

/// Why an importer rejects its input.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The bytes are not an ONNX model.
    #[error("not an ONNX model: {source}")]
    Onnx {
        /// The decoder's message.
        source: prost::DecodeError,
    },
    /// The bytes are not a TF.js weights manifest.
    #[error("not a TF.js weights manifest: {source}")]
    WeightsManifest {
        /// The parser's message.
        source: serde_json::Error,
    },
    /// The model is not the one that the importer knows.
    #[error("not the expected model: {reason}")]
    Unexpected {
        /// What differs.
        reason: String,
    },
}

impl Error {
    fn unexpected(reason: impl Into<String>) -> Self {
        Self::Unexpected {
            reason: reason.into(),
        }
    }
}

/// The importers, as manifests name them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Conversion {
    /// `centerface`: an ONNX file with fixed shapes becomes one with symbolic batch, height and width.
    CenterFace,
    /// `faceapi-dlib-resnet`: TF.js weights (manifest, shard) of dlib's face recognition network.
    DlibResnet,
    /// `faceapi-landmarks-68`: TF.js weights (manifest, shard) of face-api's 68-point landmark network.
    Landmarks68,
    /// `faceapi-expression`: TF.js weights (manifest, shard) of face-api's network for expressions.
    Expression,
    /// `faceapi-age-gender`: TF.js weights (manifest, shard) of face-api's network for age and gender.
    AgeGender,
    /// `human-faceres-trunk`: a TF.js graph model (description, shard), from pixels to feature maps.
    FaceresTrunk,
    /// `human-faceres-age-gender`: the same graph model, from the second feature map to age and gender.
    FaceresAgeGender,
    /// `human-iris`: a TF.js graph model (description, shard) of MediaPipe's iris network.
    Iris,
}

impl Conversion {
    const ALL: [Self; 8] = [
        Self::CenterFace,
        Self::DlibResnet,
        Self::Landmarks68,
        Self::Expression,
        Self::AgeGender,
        Self::FaceresTrunk,
        Self::FaceresAgeGender,
        Self::Iris,
    ];

    fn name(self) -> &'static str {
        match self {
            Self::CenterFace => "centerface",
            Self::DlibResnet => "faceapi-dlib-resnet",
            Self::Landmarks68 => "faceapi-landmarks-68",
            Self::Expression => "faceapi-expression",
            Self::AgeGender => "faceapi-age-gender",
            Self::FaceresTrunk => "human-faceres-trunk",
            Self::FaceresAgeGender => "human-faceres-age-gender",
            Self::Iris => "human-iris",
        }
    }

    /// Raised whenever the output changes, so that files of an older version are made anew.
    pub(crate) fn version(self) -> u32 {
        match self {
            Self::CenterFace
            | Self::DlibResnet
            | Self::Landmarks68
            | Self::Expression
            | Self::AgeGender
            | Self::FaceresTrunk
            | Self::FaceresAgeGender
            | Self::Iris => 1,
        }
    }

    /// How many files it takes.
    pub(crate) fn input_count(self) -> usize {
        match self {
            Self::CenterFace => 1,
            Self::DlibResnet
            | Self::Landmarks68
            | Self::Expression
            | Self::AgeGender
            | Self::FaceresTrunk
            | Self::FaceresAgeGender
            | Self::Iris => 2,
        }
    }

    /// Converts `inputs`, in the order of the manifest, to an ONNX file.
    pub fn convert(self, inputs: &[&[u8]]) -> Result<Vec<u8>, Error> {
        let model = match (self, inputs) {
            (Self::CenterFace, [model]) => centerface::import(model)?,
            (Self::DlibResnet, [manifest, shard]) => {
                dlib_resnet::import(&tfjs::Weights::read(manifest, shard)?)?
            }
            (Self::Landmarks68, [manifest, shard]) => {
                landmarks::import(&tfjs::Weights::read(manifest, shard)?)?
            }
            (Self::Expression, [manifest, shard]) => {
                landmarks::import_expressions(&tfjs::Weights::read(manifest, shard)?)?
            }
            (Self::AgeGender, [manifest, shard]) => {
                age_gender::import(&tfjs::Weights::read(manifest, shard)?)?
            }
            (Self::FaceresTrunk, [model, shard]) => {
                faceres::import_trunk(&tfjs::Weights::read_graph_model(model, shard)?)?
            }
            (Self::FaceresAgeGender, [model, shard]) => {
                faceres::import_age_gender(&tfjs::Weights::read_graph_model(model, shard)?)?
            }
            (Self::Iris, [model, shard]) => iris::import(model, shard)?,
            _ => {
                let (expected, found) = (self.input_count(), inputs.len());
                return Err(Error::unexpected(format!(
                    "{self} takes {expected} file(s), not {found}"
                )));
            }
        };
        Ok(prost::Message::encode_to_vec(&model))
    }
}

impl fmt::Display for Conversion {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(self.name())
    }
}

impl<'de> Deserialize<'de> for Conversion {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let name = String::deserialize(deserializer)?;
        let found = Self::ALL.into_iter().find(|conversion| conversion.name() == name);
        found.ok_or_else(|| {
            let known = Self::ALL.map(Self::name).join(", ");
            serde::de::Error::custom(format!("unknown conversion `{name}` (known: {known})"))
        })
    }
}
