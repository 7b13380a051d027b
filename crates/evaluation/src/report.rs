//! Everything that can be said of a list of outcomes, for machines.

use serde::{Deserialize, Serialize};

use crate::accuracy::{Accuracy, cross_validate};
use crate::interval::wilson;
use crate::{EqualError, Error, Interval, OperatingPoint, Outcome, Point, Scores};

/// False match rates whose FNMR is reported: one in ten to one in a million.
const FMRS: [f64; 6] = [1e-1, 1e-2, 1e-3, 1e-4, 1e-5, 1e-6];

/// Points of the curves are this many normal deviates apart: about 3 px in a plot of 600 px.
const CURVE_STEP: f64 = 0.03;

/// What was compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counts {
    /// Genuine pairs with a score.
    pub genuine: usize,
    /// Impostor pairs with a score.
    pub impostor: usize,
    /// Genuine pairs without one.
    pub genuine_failed: usize,
    /// Impostor pairs without one.
    pub impostor_failed: usize,
}

/// Photos that gave a template, and those that did not.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Acquisition {
    /// Photos tried.
    pub photos: usize,
    /// Photos without a template: unreadable, or no face found.
    pub failed: usize,
    /// Failure to acquire: the share of such photos.
    pub fta: f64,
    /// Its confidence interval.
    pub fta_interval: Interval,
}

impl Acquisition {
    /// From counts; `failed` is at most `photos`.
    #[must_use]
    pub fn new(photos: usize, failed: usize) -> Self {
        let fta = if photos == 0 {
            0.0
        } else {
            failed as f64 / photos as f64
        };
        Self {
            photos,
            failed,
            fta,
            fta_interval: wilson(failed, photos),
        }
    }
}

/// The result of an evaluation.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Report {
    /// How many pairs.
    pub pairs: Counts,
    /// How many photos, where the caller knows.
    pub acquisition: Option<Acquisition>,
    /// Cross-validated accuracy; `None` with too few pairs for two folds.
    pub accuracy: Option<Accuracy>,
    /// Where FMR and FNMR are equal.
    pub eer: EqualError,
    /// FNMR at false match rates of 1e-1 to 1e-6.
    pub fnmr_at_fmr: Vec<OperatingPoint>,
    /// The curve behind ROC and DET plots, thinned to what a plot can show.
    pub curve: Vec<Point>,
}

impl Report {
    /// Computes everything. `outcomes` stand in the order of their list, from which folds are made if it has none.
    pub fn new(outcomes: &[Outcome], acquisition: Option<Acquisition>) -> Result<Self, Error> {
        let scores = Scores::new(outcomes)?;
        Ok(Self {
            pairs: Counts {
                genuine: scores.genuine().len(),
                impostor: scores.impostor().len(),
                genuine_failed: scores.genuine_failed(),
                impostor_failed: scores.impostor_failed(),
            },
            acquisition,
            accuracy: cross_validate(outcomes)?,
            eer: scores.equal_error(),
            fnmr_at_fmr: FMRS.map(|fmr| scores.at_fmr(fmr)).to_vec(),
            curve: scores.thinned_points(CURVE_STEP),
        })
    }

    /// FNMR and what belongs to it at one of the reported false match rates.
    #[must_use]
    pub fn at_fmr(&self, fmr: f64) -> Option<&OperatingPoint> {
        /// Rates are a factor of ten apart.
        const NEAR: f64 = 1e-6;
        self.fnmr_at_fmr
            .iter()
            .find(|point| (point.fmr / fmr - 1.0).abs() < NEAR)
    }
}
