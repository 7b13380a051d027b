//! Every sample as a line of CSV: for choosing a quality score with tools of one's own. No template is in it.

use std::path::Path;

use anyhow::Result;
use serde::Serialize;

use super::Faces;
use super::errors::{Of, SampleCounts};

/// One photo, as it is (`spoil` is empty) or spoilt, with a face that was found again.
#[derive(Serialize)]
struct Line {
    photo: String,
    /// Counted from 0 in the order of the folders.
    person: usize,
    spoil: String,
    confidence: f32,
    yaw: f32,
    pitch: f32,
    roll: f32,
    brightness: f32,
    sharpness: f32,
    side_px: f32,
    quality: f32,
    counts: SampleCounts,
}

/// In the order of [`Line`]; the library writes no titles for nested structures.
const TITLES: [&str; 18] = [
    "photo",
    "person",
    "spoil",
    "confidence",
    "yaw",
    "pitch",
    "roll",
    "brightness",
    "sharpness",
    "side_px",
    "quality",
    "genuine",
    "missed_at_80",
    "missed_at_95",
    "held",
    "lost",
    "impostor",
    "matched_at_80",
];

/// Writes them all. Angles are without their sign.
pub(super) fn write(path: &Path, names: &[std::path::PathBuf], faces: &Faces) -> Result<()> {
    let mut writer = csv::WriterBuilder::new()
        .has_headers(false)
        .from_writer(fs_err::File::create(path)?);
    writer.write_record(TITLES)?;
    for (photo, (name, of)) in names.iter().zip(&faces.photos).enumerate() {
        for sample in &of.samples {
            let Some(seen) = &sample.seen else { continue };
            let counts = SampleCounts::of(
                Of {
                    photo,
                    person: of.person,
                    seen,
                },
                faces,
            );
            let [
                confidence,
                yaw,
                pitch,
                roll,
                brightness,
                sharpness,
                side_px,
                quality,
            ] = seen.values;
            let line = Line {
                photo: name.display().to_string(),
                person: of.person,
                spoil: sample
                    .spoil
                    .map_or_else(String::new, super::spoil::Spoil::describe),
                confidence,
                yaw,
                pitch,
                roll,
                brightness,
                sharpness,
                side_px,
                quality,
                counts,
            };
            writer.serialize(line)?;
        }
    }
    writer.flush()?;
    Ok(())
}
