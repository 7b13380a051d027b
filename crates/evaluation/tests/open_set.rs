//! Identification, discard curves, groups and tails against `NumPy` and `SciPy` (`scripts/reference/open_set.py`).
#![expect(clippy::unwrap_used, reason = "tests")]

use selfsame_evaluation::discard::{self, Discard};
use selfsame_evaluation::groups::{Grouped, Ratio, differential};
use selfsame_evaluation::identification::{Search, Searches};
use selfsame_evaluation::people::Comparison;
use selfsame_evaluation::resample::Units;
use selfsame_evaluation::tail::{maximum_likelihood, weighted_moments};
use serde::Deserialize;

#[derive(Deserialize)]
struct Reference {
    tails: Vec<Tail>,
    identification: Vec<Identification>,
    discard: Discarded,
    groups: Groups,
}

#[derive(Deserialize)]
struct Tail {
    excesses: Vec<f64>,
    likelihood: [f64; 2],
    moments: [f64; 2],
    survival_at: Vec<[f64; 2]>,
}

#[derive(Deserialize)]
struct Identification {
    people: Vec<usize>,
    mated: Vec<bool>,
    mate: Vec<Option<f64>>,
    stranger: Vec<f64>,
    rank_1: f64,
    fnir: Vec<Option<f64>>,
    fpir_at_03: f64,
}

#[derive(Deserialize)]
struct Discarded {
    quality: Vec<f64>,
    missed: Vec<bool>,
    rates: Vec<f64>,
    gain: f64,
}

#[derive(Deserialize)]
struct Groups {
    group: Vec<String>,
    person: Vec<usize>,
    same: Vec<bool>,
    score: Vec<f64>,
    fmr: Vec<f64>,
    fnmr: Vec<f64>,
    fmr_ratio: [f64; 2],
    fnmr_ratio: [f64; 2],
}

fn reference() -> Reference {
    serde_json::from_str(include_str!("data/open_set.json")).unwrap()
}

fn assert_near(found: f64, expected: f64, tolerance: f64) {
    assert!((found - expected).abs() < tolerance, "{found}, not {expected}");
}

#[test]
fn tails_are_those_of_scipy() {
    for tail in reference().tails {
        let likelihood = maximum_likelihood(&tail.excesses).unwrap();
        // SciPy's simplex stops within 1e-4 of the maximum.
        assert_near(likelihood.shape, tail.likelihood[0], 1e-3);
        assert_near(likelihood.scale, tail.likelihood[1], 1e-4);
        for [excess, log10] in tail.survival_at {
            assert_near(likelihood.log10_survival(excess), log10, 5e-3);
        }
        let moments = weighted_moments(&tail.excesses).unwrap();
        assert_near(moments.shape, tail.moments[0], 1e-9);
        assert_near(moments.scale, tail.moments[1], 1e-9);
    }
}

#[test]
fn identification_is_that_of_numpy() {
    for case in reference().identification {
        let searches: Vec<Search> = (0..case.people.len())
            .map(|i| Search {
                person: case.people[i],
                mated: case.mated[i],
                mate: case.mate[i],
                stranger: Some(case.stranger[i]),
            })
            .collect();
        let searches = Searches::new(&searches, 40, 25).unwrap();
        let found = searches.evaluate(20);
        assert_near(found.rank_1, case.rank_1, 1e-12);
        for (at, expected) in found.fnir_at_fpir.iter().zip(case.fnir) {
            assert_eq!(
                at.fnir.map(|rate| (rate * 1e9).round()),
                expected.map(|rate| (rate * 1e9).round())
            );
        }
        assert_near(searches.at(0.3, 20).fpir, case.fpir_at_03, 1e-12);
    }
}

#[test]
fn discarding_is_that_of_numpy() {
    let case = reference().discard;
    let comparisons = case
        .quality
        .iter()
        .zip(&case.missed)
        .map(|(quality, missed)| discard::Comparison {
            quality: *quality,
            missed: *missed,
            unit: 0,
        });
    let curve = Discard::new(comparisons.collect()).curve(&[1]).unwrap();
    assert_eq!(curve.points.len(), case.rates.len());
    for ([_, found], expected) in curve.points.iter().zip(case.rates) {
        assert_near(*found, expected, 1e-9);
    }
    assert_near(curve.gain, case.gain, 1e-9);
}

#[test]
fn groups_are_those_of_numpy() {
    let case = reference().groups;
    let comparisons = (0..case.score.len()).map(|i| Grouped {
        comparison: Comparison {
            probe: case.person[i],
            reference: if case.same[i] { case.person[i] } else { 20 },
            score: case.score[i],
        },
        groups: [case.group[i].as_str(); 2],
    });
    let found = differential("x", 0.3, comparisons, Units::People(21), 20);
    for (index, group) in found.groups.iter().enumerate() {
        assert_near(group.fmr.unwrap().rate.rate, case.fmr[index], 1e-12);
        assert_near(group.fnmr.unwrap().rate.rate, case.fnmr[index], 1e-12);
    }
    let both = |ratio: Option<Ratio>| ratio.map(|r| [r.max_to_min, r.max_to_geometric_mean]).unwrap();
    for (found, expected) in [
        (found.fmr_ratio, case.fmr_ratio),
        (found.fnmr_ratio, case.fnmr_ratio),
    ] {
        assert_near(both(found)[0], expected[0], 1e-9);
        assert_near(both(found)[1], expected[1], 1e-9);
    }
}
