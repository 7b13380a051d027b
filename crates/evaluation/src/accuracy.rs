//! Accuracy by cross validation, as the *Labeled Faces in the Wild* protocol has it: the threshold for a fold is the
//! one that does best on the other folds.

use serde::{Deserialize, Serialize};

use crate::{Error, Outcome};

/// Folds where the list has none: LFW's number.
const FOLDS: usize = 10;

/// Share of right decisions.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Accuracy {
    /// Mean over the folds, 0–1.
    pub mean: f64,
    /// Standard deviation over the folds (divided by their number, as `numpy.std` does and evaluation scripts for LFW
    /// report it).
    pub std: f64,
    /// Standard error of the mean as LFW's authors report it: the deviation with n − 1, divided by √n.
    pub standard_error: f64,
    /// The threshold that does best on all pairs: for use, not for judging.
    pub best_threshold: f64,
    /// Where the folds come from.
    pub folds_from: FoldsFrom,
    /// Each fold.
    pub folds: Vec<Fold>,
}

/// Where folds come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FoldsFrom {
    /// The list of pairs.
    List,
    /// The order of the list: the first tenth of the genuine and the first tenth of the impostor pairs are the first
    /// fold, and so on. Neighbours in a list often share people, so this keeps them in one fold.
    Order,
}

/// One part of a cross validation.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Fold {
    /// Pairs in it.
    pub pairs: usize,
    /// The best threshold of the other folds.
    pub threshold: f64,
    /// Share of right decisions at that threshold.
    pub accuracy: f64,
}

/// Cross-validated accuracy. A pair without a score does not match, so a genuine one is an error. `None` where there are
/// not two folds with both kinds of pairs to learn a threshold from.
pub fn cross_validate(outcomes: &[Outcome]) -> Result<Option<Accuracy>, Error> {
    if outcomes
        .iter()
        .any(|outcome| outcome.score.is_some_and(f64::is_nan))
    {
        return Err(Error::NotANumber);
    }
    let listed = outcomes
        .iter()
        .map(|outcome| outcome.fold)
        .collect::<Option<Vec<u32>>>();
    let (assigned, folds_from) = match listed {
        Some(folds) => (folds, FoldsFrom::List),
        None => (folds_by_order(outcomes), FoldsFrom::Order),
    };
    let count = assigned.iter().max().map_or(0, |last| *last as usize + 1);
    let folds: Option<Vec<Fold>> = (0..count)
        .map(|fold| validate(outcomes, &assigned, fold as u32))
        .collect();
    let (Some(folds), Some(best_threshold)) = (folds, best_threshold(outcomes.iter())) else {
        return Ok(None);
    };
    if folds.len() < 2 {
        return Ok(None);
    }
    let n = folds.len() as f64;
    let mean = folds.iter().map(|fold| fold.accuracy).sum::<f64>() / n;
    let squares: f64 = folds.iter().map(|fold| (fold.accuracy - mean).powi(2)).sum();
    Ok(Some(Accuracy {
        mean,
        std: (squares / n).sqrt(),
        standard_error: (squares / (n - 1.0)).sqrt() / n.sqrt(),
        best_threshold,
        folds_from,
        folds,
    }))
}

/// One fold; `None` where the other folds have no genuine or no impostor score, or this one no pair.
fn validate(outcomes: &[Outcome], assigned: &[u32], fold: u32) -> Option<Fold> {
    let pairs = || outcomes.iter().zip(assigned);
    let threshold = best_threshold(pairs().filter(|(_, f)| **f != fold).map(|(outcome, _)| outcome))?;
    let inside = || pairs().filter(|(_, f)| **f == fold).map(|(outcome, _)| outcome);
    let count = inside().count();
    let right = inside()
        .filter(|o| o.same == o.score.is_some_and(|score| score >= threshold))
        .count();
    (count > 0).then(|| Fold {
        pairs: count,
        threshold,
        accuracy: right as f64 / count as f64,
    })
}

/// At most ten folds, each with genuine and impostor pairs, filled in the order of the list.
fn folds_by_order(outcomes: &[Outcome]) -> Vec<u32> {
    let genuine = outcomes.iter().filter(|outcome| outcome.same).count();
    let impostor = outcomes.len() - genuine;
    let folds = FOLDS.min(genuine).min(impostor).max(1);
    let (mut seen_genuine, mut seen_impostor) = (0, 0);
    outcomes
        .iter()
        .map(|outcome| {
            let (seen, all) = if outcome.same {
                (&mut seen_genuine, genuine)
            } else {
                (&mut seen_impostor, impostor)
            };
            let fold = *seen * folds / all;
            *seen += 1;
            fold as u32
        })
        .collect()
}

/// The threshold with most right decisions: halfway between the two scores that it parts; of several the one in the
/// widest gap, of equally wide gaps the lowest. Below the lowest or above the highest score it is that score, or just above it.
fn best_threshold<'a>(outcomes: impl Iterator<Item = &'a Outcome>) -> Option<f64> {
    let mut scored: Vec<(f64, bool)> = outcomes
        .filter_map(|outcome| outcome.score.map(|score| (score, outcome.same)))
        .collect();
    let genuine = scored.iter().filter(|(_, same)| *same).count();
    if genuine == 0 || genuine == scored.len() {
        return None;
    }
    scored.sort_by(|a, b| a.0.total_cmp(&b.0));
    // With the threshold at the lowest score every pair matches.
    let mut right = genuine as i64;
    let mut best = (right, 0.0, scored[0].0);
    for i in 0..scored.len() {
        let (score, same) = scored[i];
        right += if same { -1 } else { 1 };
        let next = scored.get(i + 1).map_or(score.next_up(), |next| next.0);
        let gap = if i + 1 < scored.len() { next - score } else { 0.0 };
        if next > score && (right > best.0 || (right == best.0 && gap > best.1)) {
            let middle = f64::midpoint(score, next);
            best = (right, gap, if middle > score { middle } else { next });
        }
    }
    Some(best.2)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outcome(same: bool, score: f64, fold: Option<u32>) -> Outcome {
        Outcome {
            same,
            score: Some(score),
            fold,
        }
    }

    #[test]
    fn a_threshold_is_learnt_from_the_other_folds() {
        let outcomes = [
            outcome(true, 0.9, Some(0)),
            outcome(false, 0.5, Some(0)),
            outcome(true, 0.4, Some(1)),
            outcome(false, 0.2, Some(1)),
        ];
        let accuracy = cross_validate(&outcomes).unwrap().unwrap();
        // Fold 0 is judged at 0.3, where its impostor pair matches; fold 1 at 0.7, where its genuine pair does not.
        let thresholds: Vec<_> = accuracy
            .folds
            .iter()
            .map(|fold| (fold.threshold * 10.0).round())
            .collect();
        assert_eq!(thresholds, [3.0, 7.0]);
        assert!((accuracy.mean - 0.5).abs() < 1e-12 && accuracy.std.abs() < 1e-12);
        assert_eq!(accuracy.folds_from, FoldsFrom::List);
    }

    #[test]
    fn a_genuine_pair_without_a_score_is_an_error() {
        let mut outcomes: Vec<_> = (0..20)
            .flat_map(|_| [outcome(true, 0.9, None), outcome(false, 0.1, None)])
            .collect();
        assert!((cross_validate(&outcomes).unwrap().unwrap().mean - 1.0).abs() < 1e-12);
        outcomes[0].score = None;
        outcomes[1].score = None;
        let accuracy = cross_validate(&outcomes).unwrap().unwrap();
        assert!((accuracy.mean - (1.0 - 1.0 / 40.0)).abs() < 1e-12);
        assert_eq!(
            (accuracy.folds.len(), accuracy.folds_from),
            (10, FoldsFrom::Order)
        );
    }

    #[test]
    fn too_few_pairs_have_no_accuracy() {
        assert_eq!(cross_validate(&[]), Ok(None));
        assert_eq!(
            cross_validate(&[outcome(true, 0.9, None), outcome(false, 0.1, None)]),
            Ok(None)
        );
        assert_eq!(
            cross_validate(&[outcome(true, f64::NAN, None)]),
            Err(Error::NotANumber)
        );
    }
}
