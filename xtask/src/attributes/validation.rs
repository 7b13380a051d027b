//! Fits heads and measures them on people that they were not fitted on.

use std::collections::{BTreeMap, BTreeSet};

use selfsame_face::attributes::{FeatureGroup, LogisticHead};

use super::logistic::{Linear, Rows, calibrate, fit};
use super::occlusion::Chance;

/// People are divided into so many parts; each is judged by a head that was fitted on the others.
const FOLDS: usize = 10;
/// Within those others, for the calibration.
const INNER_FOLDS: usize = 5;
/// Resamplings of people for intervals.
const RESAMPLES: usize = 1000;

/// A face with an answer.
pub(super) struct Example {
    pub(super) features: Vec<f32>,
    /// Of its mirror image, which is fitted on too.
    pub(super) mirrored: Option<Vec<f32>>,
    pub(super) answer: bool,
    pub(super) person: String,
    /// What kind of photo it is, for figures of its own.
    pub(super) kind: String,
    /// Whether it counts in the main figures: painted faces do not.
    pub(super) counts: bool,
}

/// What is fitted: on what, and how strongly weights are penalised.
pub(super) struct Task {
    pub(super) groups: Vec<FeatureGroup>,
    pub(super) c: f64,
    pub(super) examples: Vec<Example>,
}

/// A head and how it does on people that it was not fitted on.
pub(super) struct Outcome {
    pub(super) head: LogisticHead,
    pub(super) figures: Figures,
}

pub(super) struct Figures {
    pub(super) yes: usize,
    pub(super) no: usize,
    pub(super) people: usize,
    /// Share of yes that was found, and of no that was taken for yes.
    pub(super) recall: f64,
    pub(super) false_alarms: f64,
    pub(super) balanced_accuracy: f64,
    /// 95 % of the resamplings of people lie between.
    pub(super) interval: (f64, f64),
    /// Mean distance of confidence and rate of being right, over bins, in percentage points; both answers weigh the same.
    pub(super) calibration_error: f64,
    pub(super) bins: Vec<Bin>,
    /// What answers of at least some confidence find.
    pub(super) gates: Vec<Gate>,
    /// By kind of photo: how many, and the share that was answered with yes.
    pub(super) kinds: BTreeMap<String, (usize, f64)>,
}

/// Answers of at least some confidence, as shares.
pub(super) struct Gate {
    pub(super) confidence: f64,
    /// Yes told of yes, and of no.
    pub(super) yes: (f64, f64),
    /// No told of no, and of yes.
    pub(super) no: (f64, f64),
}

/// Answers of a similar confidence.
pub(super) struct Bin {
    pub(super) count: usize,
    /// Mean, in percent.
    pub(super) confidence: f64,
    /// Percent, where both answers weigh the same.
    pub(super) right_balanced: f64,
    /// Percent, as the answers are distributed in the data.
    pub(super) right: f64,
}

impl Task {
    pub(super) fn run(&self) -> Outcome {
        let folds = folds(&self.examples, FOLDS);
        // The head: calibrated on what others of its kind say of people that they have not seen.
        let scores = self.unseen_scores(&(0..self.examples.len()).collect::<Vec<_>>(), FOLDS);
        let all: Vec<usize> = (0..self.examples.len()).collect();
        let head = self.fit(&all).rescaled(calibrate(&scores));
        // Its figures: the same, within each of ten times nine tenths.
        let mut log_odds = vec![0.0; self.examples.len()];
        for fold in 0..FOLDS {
            let training: Vec<usize> = all
                .iter()
                .copied()
                .filter(|index| folds[*index] != fold)
                .collect();
            let scores = self.unseen_scores(&training, INNER_FOLDS);
            let head = self.fit(&training).rescaled(calibrate(&scores));
            for index in all.iter().copied().filter(|index| folds[*index] == fold) {
                log_odds[index] = head.score(&self.examples[index].features);
            }
        }
        Outcome {
            head: LogisticHead {
                groups: self.groups.clone(),
                weights: head.weights.iter().map(|weight| rounded(*weight)).collect(),
                bias: rounded(head.bias),
            },
            figures: self.figures(&log_odds),
        }
    }

    fn fit(&self, indices: &[usize]) -> Linear {
        let mut rows = Rows::default();
        for index in indices {
            let example = &self.examples[*index];
            rows.push(&example.features, example.answer);
            if let Some(mirrored) = &example.mirrored {
                rows.push(mirrored, example.answer);
            }
        }
        fit(&rows, self.c)
    }

    /// Scores of some examples, each by a head that was fitted on other people among them.
    fn unseen_scores(&self, indices: &[usize], count: usize) -> Vec<(f64, bool)> {
        let people: BTreeSet<&str> = indices
            .iter()
            .map(|index| self.examples[*index].person.as_str())
            .collect();
        let fold_of: BTreeMap<&str, usize> = people
            .into_iter()
            .enumerate()
            .map(|(index, person)| (person, index % count))
            .collect();
        let fold = |index: &usize| fold_of[self.examples[*index].person.as_str()];
        let mut scores = Vec::with_capacity(indices.len());
        for held_out in 0..count {
            let training: Vec<usize> = indices
                .iter()
                .copied()
                .filter(|index| fold(index) != held_out)
                .collect();
            let head = self.fit(&training);
            for index in indices.iter().filter(|index| fold(index) == held_out) {
                let example = &self.examples[*index];
                scores.push((head.score(&example.features), example.answer));
            }
        }
        scores
    }

    fn figures(&self, log_odds: &[f64]) -> Figures {
        let counted: Vec<Answered> = self
            .examples
            .iter()
            .zip(log_odds)
            .filter(|(example, _)| example.counts)
            .map(|(example, log_odds)| Answered {
                truth: example.answer,
                log_odds: *log_odds,
                person: &example.person,
            })
            .collect();
        let (recall, false_alarms) = rates(counted.iter());
        let mut kinds: BTreeMap<String, (usize, f64)> = BTreeMap::new();
        for (example, log_odds) in self.examples.iter().zip(log_odds) {
            let kind = kinds.entry(example.kind.clone()).or_default();
            kind.0 += 1;
            kind.1 += f64::from(u8::from(*log_odds > 0.0));
        }
        for kind in kinds.values_mut() {
            kind.1 /= kind.0 as f64;
        }
        let bins = bins(&counted);
        let weight: f64 = bins.iter().map(|(mass, _)| mass).sum();
        let error = bins
            .iter()
            .map(|(mass, bin)| mass / weight * (bin.confidence - bin.right_balanced).abs());
        Figures {
            yes: counted.iter().filter(|answered| answered.truth).count(),
            no: counted.iter().filter(|answered| !answered.truth).count(),
            people: counted
                .iter()
                .map(|answered| answered.person)
                .collect::<BTreeSet<_>>()
                .len(),
            recall,
            false_alarms,
            balanced_accuracy: f64::midpoint(recall, 1.0 - false_alarms),
            interval: interval(&counted),
            calibration_error: error.sum(),
            bins: bins.into_iter().map(|(_, bin)| bin).collect(),
            gates: [80.0, 90.0, 95.0]
                .map(|confidence| gate(&counted, confidence))
                .into(),
            kinds,
        }
    }
}

struct Answered<'a> {
    truth: bool,
    log_odds: f64,
    person: &'a str,
}

/// The fold of each example: that of its person.
fn folds(examples: &[Example], count: usize) -> Vec<usize> {
    let people: BTreeSet<&str> = examples.iter().map(|example| example.person.as_str()).collect();
    let fold_of: BTreeMap<&str, usize> = people
        .into_iter()
        .enumerate()
        .map(|(index, person)| (person, index % count))
        .collect();
    examples
        .iter()
        .map(|example| fold_of[example.person.as_str()])
        .collect()
}

/// Share of yes that was found, and of no that was taken for yes.
fn rates<'a>(answered: impl Iterator<Item = &'a Answered<'a>>) -> (f64, f64) {
    let (mut yes, mut found, mut no, mut alarms) = (0.0, 0.0, 0.0, 0.0);
    for answered in answered {
        let says_yes = f64::from(u8::from(answered.log_odds > 0.0));
        if answered.truth {
            (yes, found) = (yes + 1.0, found + says_yes);
        } else {
            (no, alarms) = (no + 1.0, alarms + says_yes);
        }
    }
    (found / yes, alarms / no)
}

fn gate(answered: &[Answered], confidence: f64) -> Gate {
    let least = (confidence / (100.0 - confidence)).ln();
    let share = |truth: bool, sign: f64| {
        let asked = answered.iter().filter(|answered| answered.truth == truth);
        let told = asked.clone().filter(|answered| sign * answered.log_odds >= least);
        told.count() as f64 / asked.count() as f64
    };
    Gate {
        confidence,
        yes: (share(true, 1.0), share(false, 1.0)),
        no: (share(false, -1.0), share(true, -1.0)),
    }
}

/// The middle 95 % of the balanced accuracy when people are drawn anew.
fn interval(answered: &[Answered]) -> (f64, f64) {
    let mut by_person: BTreeMap<&str, Vec<&Answered>> = BTreeMap::new();
    for answered in answered {
        by_person.entry(answered.person).or_default().push(answered);
    }
    let people: Vec<Vec<&Answered>> = by_person.into_values().collect();
    let mut chance = Chance(1);
    let mut accuracies: Vec<f64> = (0..RESAMPLES)
        .map(|_| {
            let drawn: Vec<usize> = (0..people.len()).map(|_| chance.below(people.len())).collect();
            let answers = drawn.iter().flat_map(|person| people[*person].iter().copied());
            let (recall, false_alarms) = rates(answers);
            f64::midpoint(recall, 1.0 - false_alarms)
        })
        .filter(|accuracy| accuracy.is_finite())
        .collect();
    accuracies.sort_by(f64::total_cmp);
    let at = |share: f64| accuracies[((accuracies.len() - 1) as f64 * share) as usize];
    (at(0.025), at(0.975))
}

/// Answers by confidence, each with its mass where both answers weigh the same.
fn bins(answered: &[Answered]) -> Vec<(f64, Bin)> {
    let yes = answered.iter().filter(|answered| answered.truth).count() as f64;
    let no = answered.len() as f64 - yes;
    let confidence = |answered: &Answered| 100.0 / (1.0 + (-answered.log_odds.abs()).exp());
    [(50.0, 70.0), (70.0, 85.0), (85.0, 95.0), (95.0, 100.1)]
        .into_iter()
        .filter_map(|(low, high)| {
            let members: Vec<&Answered> = answered
                .iter()
                .filter(|a| (low..high).contains(&confidence(a)))
                .collect();
            let (mut mass, mut right_mass, mut sum, mut right) = (0.0, 0.0, 0.0, 0.0);
            for member in &members {
                let weight = 0.5 / if member.truth { yes } else { no };
                let is_right = f64::from(u8::from((member.log_odds > 0.0) == member.truth));
                mass += weight;
                right_mass += weight * is_right;
                sum += weight * confidence(member).min(99.0);
                right += is_right;
            }
            let bin = Bin {
                count: members.len(),
                confidence: sum / mass,
                right_balanced: 100.0 * right_mass / mass,
                right: 100.0 * right / members.len() as f64,
            };
            (!members.is_empty()).then_some((mass, bin))
        })
        .collect()
}

/// Five significant digits: enough, and the last bits of a sum differ between machines.
pub(super) fn rounded(value: f64) -> f32 {
    format!("{value:.4e}").parse().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_person_is_in_one_fold_only() {
        let example = |person: &str| Example {
            features: vec![],
            mirrored: None,
            answer: true,
            person: person.to_owned(),
            kind: String::new(),
            counts: true,
        };
        let examples: Vec<Example> = ["b", "a", "b", "c", "a"].map(example).into();
        assert_eq!(folds(&examples, 2), [1, 0, 1, 0, 0]);
    }

    #[test]
    fn what_can_be_told_is_told_of_unseen_people() {
        let examples = (0..60)
            .map(|index| Example {
                features: vec![index as f32 % 7.0, if index % 2 == 0 { 1.0 } else { -1.0 }],
                mirrored: None,
                answer: index % 2 == 0,
                person: format!("{}", index / 3),
                kind: "all".to_owned(),
                counts: true,
            })
            .collect();
        let task = Task {
            groups: vec![],
            c: 1.0,
            examples,
        };
        let figures = task.run().figures;
        assert!((figures.balanced_accuracy - 1.0).abs() < 1e-9);
        assert_eq!((figures.yes, figures.no, figures.people), (30, 30, 20));
        assert_eq!(figures.kinds["all"].0, 60);
    }

    #[test]
    fn five_digits_remain() {
        assert!((rounded(0.123_456_78) - 0.12346).abs() < 1e-9);
    }
}
