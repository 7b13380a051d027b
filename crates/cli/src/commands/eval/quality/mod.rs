//! `selfsame eval --quality`: what bad photos cost, and what the quality filters refuse.
//!
//! Every photo is analysed as it is and spoilt in many ways. Faces that are alike in one measure are counted together:
//! how many of the pairs with good photos of the same person they lose, and how often they match strangers that are as
//! bad. The second matters as much as the first: bad faces resemble each other, whoever they show.

use std::path::{Path, PathBuf};

use anyhow::Result;
use selfsame_evaluation::people::Draws;
use selfsame_face::Analyzer;

use self::errors::{Of, Thresholds};
use self::sample::{Sample, Seen, samples_of};
use super::Eval;
use crate::arguments::Global;
use crate::encoding::in_parallel;
use crate::exit::Exit;
use crate::progress::{Progress, Unit};

mod errors;
mod result;
mod sample;
mod samples;
mod spoil;

/// All samples of all photos.
struct Faces {
    people: usize,
    photos: Vec<Photo>,
    thresholds: Thresholds,
    unreadable: Vec<String>,
}

struct Photo {
    person: usize,
    /// The unspoilt one first; none where the photo cannot be read.
    samples: Vec<Sample>,
}

pub(super) fn run(directory: &Path, arguments: &Eval, global: &Global) -> Result<Exit> {
    let photos = arguments.people_in(directory)?;
    let names: Vec<PathBuf> = photos.iter().map(|(photo, _)| photo.clone()).collect();
    let encoder = arguments.encoding.encoder(global)?;
    let analyzer = &encoder.analyzer;
    let faces = Faces::analyze(analyzer, photos, arguments);
    if let Some(path) = &arguments.samples {
        samples::write(path, &names, &faces)?;
    }
    let evaluated = result::Evaluated::new(analyzer, &faces, &Draws::new(faces.people));
    if let Some(path) = &arguments.json {
        fs_err::write(path, serde_json::to_vec_pretty(&evaluated)?)?;
    }
    global.format.emit(&evaluated, |out| evaluated.tell(out))?;
    Ok(Exit::Success)
}

impl Faces {
    fn analyze(analyzer: &Analyzer, photos: Vec<(PathBuf, usize)>, arguments: &Eval) -> Self {
        let (paths, identities): (Vec<PathBuf>, Vec<usize>) = photos.into_iter().unzip();
        let label = format!("analysing {} photos, each in many ways", paths.len());
        let progress = Progress::start(label, Unit::Items, paths.len() as u64);
        let analyzed = in_parallel(&paths, arguments.encoding.threads(), &progress, |photo| {
            samples_of(analyzer, photo, arguments.encoding.subject)
        });
        progress.finish();
        let mut faces = Self {
            people: identities.iter().max().map_or(0, |last| last + 1),
            photos: Vec::new(),
            thresholds: Thresholds::new(analyzer),
            unreadable: Vec::new(),
        };
        for (samples, person) in analyzed.into_iter().zip(identities) {
            let samples = samples.unwrap_or_else(|error| {
                faces.unreadable.push(format!("{error:#}"));
                Vec::new()
            });
            faces.photos.push(Photo { person, samples });
        }
        faces
    }

    /// The face in a photo as it is.
    fn unspoilt(&self, photo: usize) -> Option<&Seen> {
        self.photos[photo].samples.first()?.seen.as_ref()
    }

    fn photos_of(&self, person: usize) -> impl Iterator<Item = usize> {
        (0..self.photos.len()).filter(move |photo| self.photos[*photo].person == person)
    }

    /// The faces that were found in samples that `wanted` says yes to.
    fn found(&self, wanted: impl Fn(&Sample, &Seen) -> bool) -> Vec<Of<'_>> {
        let mut found = Vec::new();
        for (index, photo) in self.photos.iter().enumerate() {
            for sample in &photo.samples {
                if let Some(seen) = sample.seen.as_ref().filter(|seen| wanted(sample, seen)) {
                    found.push(Of {
                        photo: index,
                        person: photo.person,
                        seen,
                    });
                }
            }
        }
        found
    }
}
