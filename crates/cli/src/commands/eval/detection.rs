//! `selfsame eval --detect`: in how many photos is a face found?

use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::Result;
use selfsame_evaluation::Interval;
use selfsame_evaluation::interval::wilson;
use serde::Serialize;

use super::Eval;
use crate::arguments::Global;
use crate::dataset;
use crate::encoding::{Encoded, Outcome};
use crate::exit::Exit;

/// As many names are printed for people; the JSON has all.
const NAMES_SHOWN: usize = 20;

#[derive(Serialize)]
struct Detected {
    photos: usize,
    with_face: usize,
    /// Of all photos, also the unreadable ones.
    share: f64,
    share_interval: Interval,
    /// Faces in all photos.
    faces: usize,
    without_face: Vec<PathBuf>,
    unreadable: Vec<String>,
    photos_per_second: f64,
}

pub(super) fn run(directory: &Path, arguments: &Eval, global: &Global) -> Result<Exit> {
    let photos = dataset::images_in(directory)?;
    let encoded = arguments.encoding.encoder(global)?.encode(&photos);
    let detected = count(&photos, &encoded);
    if let Some(path) = &arguments.json {
        fs_err::write(path, serde_json::to_vec_pretty(&detected)?)?;
    }
    global.format.emit(&detected, |out| tell(out, &detected))?;
    Ok(Exit::Success)
}

fn count(photos: &[PathBuf], encoded: &Encoded) -> Detected {
    let mut detected = Detected {
        photos: photos.len(),
        with_face: 0,
        share: 0.0,
        share_interval: Interval { low: 0.0, high: 1.0 },
        faces: 0,
        without_face: Vec::new(),
        unreadable: Vec::new(),
        photos_per_second: (photos.len() - encoded.resumed) as f64 / encoded.seconds,
    };
    for (photo, outcome) in photos.iter().zip(&encoded.outcomes) {
        match outcome {
            Outcome::Encoded { faces, .. } => {
                detected.with_face += 1;
                detected.faces += faces;
            }
            Outcome::NoFace => detected.without_face.push(photo.clone()),
            Outcome::Unreadable(reason) => detected.unreadable.push(reason.clone()),
        }
    }
    detected.share = detected.with_face as f64 / photos.len() as f64;
    detected.share_interval = wilson(detected.with_face, photos.len());
    detected
}

fn tell(out: &mut dyn Write, detected: &Detected) -> std::io::Result<()> {
    let Interval { low, high } = detected.share_interval;
    writeln!(
        out,
        "{} of {} photos show a face: {:.2} % (95 % interval {:.2} to {:.2} %), {} faces, {:.1} photos/s",
        detected.with_face,
        detected.photos,
        100.0 * detected.share,
        100.0 * low,
        100.0 * high,
        detected.faces,
        detected.photos_per_second,
    )?;
    for photo in detected.without_face.iter().take(NAMES_SHOWN) {
        writeln!(out, "no face: {}", photo.display())?;
    }
    if detected.without_face.len() > NAMES_SHOWN {
        writeln!(
            out,
            "… and {} more (--format json names them)",
            detected.without_face.len() - NAMES_SHOWN
        )?;
    }
    detected
        .unreadable
        .iter()
        .try_for_each(|reason| writeln!(out, "unreadable: {reason}"))
}
