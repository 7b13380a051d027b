//! Biometric performance testing: pair lists, error rates, ROC and DET curves. Never sees an image.
//!
//! Words follow ISO/IEC 19795-1:2021. A *genuine* (mated) pair shows one person, an *impostor* (non-mated) pair two. A
//! comparison *matches* where its score is at least the threshold; higher scores mean more alike. FMR and FNMR are the
//! rates of wrong decisions among pairs that got a score. FAR and FRR count the pairs without one as well: a photo in
//! which no face was found (a *failure to acquire*) matches nobody.
//!
//! The way through: [`pairs`] reads what to compare, the caller compares and collects [`Outcome`]s, [`Report`] holds
//! everything that can be said of them, [`plot`] draws it. [`calibration`] makes a false match rate of a score. Where
//! people are known, [`people`] and [`resample`] give intervals that know it, and [`users`] says how several photos are
//! enrolled as one. [`identification`] is the search among many, [`groups`] compares groups of people, [`discard`] judges
//! a quality score, [`tail`] checks the calibration's extrapolation.

pub mod accuracy;
pub mod calibration;
pub mod discard;
pub mod documents;
pub mod groups;
pub mod identification;
pub mod interval;
pub mod normal;
pub mod pairs;
pub mod people;
pub mod plot;
mod report;
pub mod resample;
mod scores;
mod svg;
pub mod tail;
pub mod users;

pub use interval::Interval;
pub use report::{Acquisition, Counts, Report};
use scores::RELIABLE_ERRORS;
pub use scores::{EqualError, OperatingPoint, Point, Scores};

/// What became of one pair.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Outcome {
    /// Whether the pair is genuine.
    pub same: bool,
    /// How alike the two are; `None` where no score could be computed, usually because a face was not found.
    pub score: Option<f64>,
    /// The fold that the pair list assigns, counted from 0.
    pub fold: Option<u32>,
}

/// Why scores say nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A score is not a number.
    #[error("a score is not a number: leave out pairs that could not be compared")]
    NotANumber,
    /// There is nothing to compute a rate of.
    #[error("error rates need genuine and impostor pairs with a score; there are {genuine} and {impostor}")]
    TooFewPairs {
        /// Genuine pairs with a score.
        genuine: usize,
        /// Impostor pairs with a score.
        impostor: usize,
    },
}
