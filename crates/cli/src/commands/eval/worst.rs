//! The pairs that are judged wrong first: errors of the model, and wrong labels.

use std::path::PathBuf;

use serde::Serialize;

use super::measure::Measurement;

/// A pair that is judged wrong first.
#[derive(Serialize)]
pub(super) struct Named {
    pub(super) same: bool,
    pub(super) cosine: f64,
    pub(super) a: PathBuf,
    pub(super) b: PathBuf,
    /// Positions of the two photos.
    #[serde(skip)]
    pub(super) photos: [usize; 2],
}

/// The genuine pairs that are least alike, then the impostor pairs that are most alike.
pub(super) fn worst_pairs(measurement: &Measurement, count: usize) -> Vec<Named> {
    let mut named = Vec::new();
    if count == 0 {
        return named;
    }
    let name = |photo: u32| measurement.photos[photo as usize].clone();
    for same in [true, false] {
        let mut scored: Vec<(f64, (u32, u32))> = measurement
            .outcomes
            .iter()
            .zip(&measurement.compared)
            .filter(|(outcome, _)| outcome.same == same)
            .filter_map(|(outcome, photos)| Some((outcome.score?, *photos)))
            .collect();
        scored.sort_by(|x, y| {
            if same {
                x.0.total_cmp(&y.0)
            } else {
                y.0.total_cmp(&x.0)
            }
        });
        named.extend(scored.into_iter().take(count).map(|(cosine, (a, b))| Named {
            same,
            cosine,
            a: name(a),
            b: name(b),
            photos: [a as usize, b as usize],
        }));
    }
    named
}
