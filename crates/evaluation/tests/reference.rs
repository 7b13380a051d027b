//! The numbers of scikit-learn, `SciPy` and `NumPy` (`scripts/reference/evaluation.py`), and what holds for any scores.
#![expect(clippy::unwrap_used, reason = "tests")]

use proptest::prelude::*;
use selfsame_evaluation::accuracy::{Accuracy, FoldsFrom, cross_validate};
use selfsame_evaluation::{Acquisition, Error, Outcome, Report, Scores, calibration, interval, normal};
use serde::Deserialize;

#[derive(Deserialize)]
struct Reference {
    fmrs: Vec<f64>,
    cases: Vec<Case>,
    tails: Vec<Tail>,
    wilson: Vec<(usize, usize, f64, f64)>,
    quantiles: Vec<(f64, f64)>,
}

#[derive(Deserialize)]
struct Case {
    same: Vec<u8>,
    scores: Vec<f64>,
    listed_folds: Vec<u32>,
    eer: f64,
    fnmr_at_fmr: Vec<Option<f64>>,
    accuracy_by_order: ExpectedAccuracy,
    accuracy_listed: ExpectedAccuracy,
}

#[derive(Deserialize)]
struct ExpectedAccuracy {
    mean: f64,
    std: f64,
    standard_error: f64,
    folds: Vec<f64>,
}

#[derive(Deserialize)]
struct Tail {
    scores: Vec<f64>,
    mean_excess: f64,
    counted: Vec<[f64; 2]>,
    last_counted: [f64; 2],
}

impl Case {
    fn outcomes(&self, listed: bool) -> Vec<Outcome> {
        let fields = self.same.iter().zip(&self.scores).zip(&self.listed_folds);
        fields
            .map(|((same, score), fold)| Outcome {
                same: *same == 1,
                score: Some(*score),
                fold: listed.then_some(*fold),
            })
            .collect()
    }
}

fn reference() -> Reference {
    serde_json::from_str(include_str!("data/reference.json")).unwrap()
}

#[track_caller]
fn assert_near(found: f64, expected: f64) {
    assert!(
        (found - expected).abs() < 1e-9,
        "found {found}, expected {expected}"
    );
}

#[test]
fn error_rates_are_those_of_scikit_learn() {
    let reference = reference();
    for case in &reference.cases {
        let report = Report::new(&case.outcomes(false), None).unwrap();
        assert_near(report.eer.rate, case.eer);
        for (fmr, expected) in reference.fmrs.iter().zip(&case.fnmr_at_fmr) {
            let point = report.at_fmr(*fmr).unwrap();
            assert_eq!(point.fnmr.is_some(), expected.is_some(), "at {fmr}");
            if let (Some(found), Some(expected)) = (point.fnmr, expected) {
                assert_near(found, *expected);
                assert!(
                    point.fnmr_interval.unwrap().low <= found && found <= point.fnmr_interval.unwrap().high
                );
            }
        }
    }
}

#[test]
fn accuracies_are_those_of_a_search_over_all_thresholds() {
    let check = |found: Option<Accuracy>, expected: &ExpectedAccuracy, from: FoldsFrom| {
        let found = found.unwrap();
        assert_eq!(found.folds.len(), expected.folds.len());
        for (fold, expected) in found.folds.iter().zip(&expected.folds) {
            assert_near(fold.accuracy, *expected);
        }
        assert_near(found.mean, expected.mean);
        assert_near(found.std, expected.std);
        assert_near(found.standard_error, expected.standard_error);
        assert_eq!(found.folds_from, from);
    };
    for case in reference().cases {
        check(
            cross_validate(&case.outcomes(false)).unwrap(),
            &case.accuracy_by_order,
            FoldsFrom::Order,
        );
        check(
            cross_validate(&case.outcomes(true)).unwrap(),
            &case.accuracy_listed,
            FoldsFrom::List,
        );
    }
}

#[test]
fn intervals_are_those_of_scipy() {
    for (errors, trials, low, high) in reference().wilson {
        let found = interval::wilson(errors, trials);
        assert_near(found.low, low);
        assert_near(found.high, high);
    }
    let nothing = interval::wilson(0, 0);
    assert_near(nothing.high - nothing.low, 1.0);
}

#[test]
fn normal_quantiles_are_those_of_scipy() {
    for (p, expected) in reference().quantiles {
        let found = normal::quantile(p);
        assert!(
            (found - expected).abs() < 1e-8 * expected.abs().max(1.0),
            "{p}: {found}, expected {expected}"
        );
    }
    assert!(normal::quantile(0.0) == f64::NEG_INFINITY && normal::quantile(1.0) == f64::INFINITY);
    assert!(normal::quantile(-0.1).is_nan() && normal::quantile(f64::NAN).is_nan());
}

#[test]
fn calibration_is_that_of_numpy_and_scipy() {
    for tail in reference().tails {
        let curve = calibration::fit(&tail.scores).unwrap();
        let mut counted = tail.counted;
        if counted.last().is_none_or(|last| tail.last_counted[0] > last[0]) {
            counted.push(tail.last_counted);
        }
        // The first anchor is the lowest score, the last the end of the extrapolation.
        assert_eq!(curve.anchors.len(), counted.len() + 2);
        for (found, expected) in curve.anchors[1..].iter().zip(&counted) {
            assert_near(found[0], expected[0]);
            assert_near(found[1], expected[1]);
        }
        let (from, to) = (counted[counted.len() - 1], curve.anchors[curve.anchors.len() - 1]);
        let slope = (to[1] - from[1]) / (to[0] - from[0]);
        assert_near(slope, -1.0 / (tail.mean_excess * std::f64::consts::LN_10));
        assert_near(curve.counted_to, from[1]);
    }
}

#[test]
fn pairs_without_a_score_count_as_rejected() {
    let outcome = |same, score| Outcome {
        same,
        score,
        fold: None,
    };
    let outcomes = [
        outcome(true, Some(0.9)),
        outcome(true, Some(0.2)),
        outcome(true, None),
        outcome(true, None),
        outcome(false, Some(0.5)),
        outcome(false, Some(0.1)),
        outcome(false, None),
    ];
    let scores = Scores::new(&outcomes).unwrap();
    let point = scores.at(0.5);
    assert_near(point.fnmr, 0.5);
    assert_near(point.fmr, 0.5);
    assert_near(scores.frr(0.5), 0.75);
    assert_near(scores.far(0.5), 1.0 / 3.0);
    let report = Report::new(&outcomes, Some(Acquisition::new(4, 1))).unwrap();
    assert_eq!(
        (report.pairs.genuine_failed, report.pairs.impostor_failed),
        (2, 1)
    );
    assert_near(report.acquisition.unwrap().fta, 0.25);
}

#[test]
fn what_cannot_be_measured_is_not_reported() {
    let outcomes: Vec<_> = (0..100)
        .flat_map(|i| {
            [true, false].map(|same| Outcome {
                same,
                score: Some(f64::from(i)),
                fold: None,
            })
        })
        .collect();
    let report = Report::new(&outcomes, None).unwrap();
    let measurable: Vec<_> = report.fnmr_at_fmr.iter().map(|p| p.threshold.is_some()).collect();
    assert_eq!(measurable, [true, true, false, false, false, false]);
    assert!(report.fnmr_at_fmr.iter().all(|p| !p.reliable));
    assert!(Scores::new(&outcomes).unwrap().at_fmr(0.3).reliable);
    assert_near(report.eer.rate, 0.5);
    let none: [Outcome; 0] = [];
    assert_eq!(
        Report::new(&none, None),
        Err(Error::TooFewPairs {
            genuine: 0,
            impostor: 0
        })
    );
    let nan = Outcome {
        same: true,
        score: Some(f64::NAN),
        fold: None,
    };
    assert_eq!(Report::new(&[nan], None), Err(Error::NotANumber));
}

#[test]
fn the_json_names_what_scripts_read() {
    let report = Report::new(&reference().cases[0].outcomes(false), None).unwrap();
    let json = serde_json::to_value(&report).unwrap();
    for pointer in [
        "/accuracy/mean",
        "/accuracy/std",
        "/eer/rate",
        "/fnmr_at_fmr/1/fmr",
        "/fnmr_at_fmr/1/fnmr",
        "/fnmr_at_fmr/1/threshold",
    ] {
        assert!(json.pointer(pointer).unwrap().is_f64(), "{pointer}");
    }
    assert_eq!(json.pointer("/pairs/impostor").unwrap(), 1000);
    assert_eq!(serde_json::from_value::<Report>(json).unwrap(), report);
}

fn some_outcomes() -> impl Strategy<Value = Vec<Outcome>> {
    let score = prop::option::weighted(0.9, prop_oneof![-1.0f64..1.0, Just(0.0), Just(0.5)]);
    let outcome = (any::<bool>(), score).prop_map(|(same, score)| Outcome {
        same,
        score,
        fold: None,
    });
    prop::collection::vec(outcome, 0..120)
}

proptest! {
    #[test]
    fn rates_hold_what_they_promise(outcomes in some_outcomes(), fmr in 0.001f64..1.0) {
        let Ok(scores) = Scores::new(&outcomes) else { return Ok(()) };
        let points: Vec<_> = scores.points().collect();
        prop_assert!(points[0].fmr.abs() < 1e-12 && (points[0].fnmr - 1.0).abs() < 1e-12);
        let last = points[points.len() - 1];
        prop_assert!((last.fmr - 1.0).abs() < 1e-12 && last.fnmr.abs() < 1e-12);
        for point in &points {
            prop_assert_eq!(*point, scores.at(point.threshold));
        }
        for pair in points.windows(2) {
            prop_assert!(pair[0].fmr <= pair[1].fmr && pair[0].fnmr >= pair[1].fnmr);
        }
        let found = scores.at_fmr(fmr);
        if let (Some(threshold), Some(fnmr)) = (found.threshold, found.fnmr) {
            prop_assert!(scores.at(threshold).fmr <= fmr + 1e-9);
            // No threshold that keeps the rate misses fewer.
            for point in points.iter().filter(|p| p.fmr <= fmr + 1e-12) {
                prop_assert!(point.fnmr >= fnmr);
            }
        }
        let thinned = scores.thinned_points(0.05);
        prop_assert_eq!(thinned[0], points[0]);
        prop_assert_eq!(thinned[thinned.len() - 1], last);
        let eer = scores.equal_error();
        prop_assert!(eer.rate >= 0.0 && eer.rate <= 1.0);
        prop_assert!(Report::new(&outcomes, None).is_ok());
    }
}
