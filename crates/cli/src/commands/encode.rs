//! `selfsame encode`: the templates of the faces in images. Needs no server.

use std::path::PathBuf;

use anyhow::Result;
use clap::{Args, ValueEnum};
use selfsame_face::AnalyzeOptions;
use selfsame_types::BoundingBox;
use serde::Serialize;

use crate::arguments::{Global, Switch};
use crate::exit::Exit;
use crate::inference;
use crate::output::talk;

/// Arguments of `encode`.
#[derive(Debug, Args)]
pub(crate) struct Encode {
    /// The images: JPEG, PNG or WebP.
    #[arg(required = true, value_name = "IMAGE")]
    images: Vec<PathBuf>,
    /// Which faces of an image.
    #[arg(long, value_enum, default_value_t)]
    faces: Which,
    /// Average each face with its mirror image [default: as the pack says].
    #[arg(long, value_enum)]
    flip: Option<Switch>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
enum Which {
    /// The largest.
    #[default]
    Largest,
    /// All of them.
    All,
}

/// One template, as it is printed.
#[derive(Serialize)]
struct Encoded {
    image: PathBuf,
    bounding_box: BoundingBox,
    confidence: f32,
    face_model_version: String,
    template: Vec<f32>,
}

impl Encode {
    pub(super) fn run(self, global: &Global) -> Result<Exit> {
        let options = AnalyzeOptions {
            encode_largest: if self.faces == Which::All { usize::MAX } else { 1 },
            ..AnalyzeOptions::default()
        };
        let analyzer = inference::analyzer(global, 1, self.flip)?;
        talk(format_args!(
            "note: templates are biometric data; keep them as you keep passwords"
        ));
        let mut encoded = Vec::new();
        for image in &self.images {
            let before = encoded.len();
            for face in inference::analyze_file(&analyzer, image, &options)?.faces {
                encoded.extend(face.template.map(|template| Encoded {
                    image: image.clone(),
                    bounding_box: face.detection.bounding_box,
                    confidence: face.detection.confidence,
                    face_model_version: template.version().to_string(),
                    template: template.values().to_vec(),
                }));
            }
            if encoded.len() == before {
                talk(format_args!(
                    "{}: there is no face in this image",
                    image.display()
                ));
            }
        }
        // There is no other readable form of 128 numbers: as text, one JSON document per line.
        global.format.emit(&encoded, |out| {
            encoded
                .iter()
                .try_for_each(|face| writeln!(out, "{}", serde_json::to_string(face)?))
        })?;
        Ok(Exit::from_match(!encoded.is_empty()))
    }
}
