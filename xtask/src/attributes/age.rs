//! From the ages that two networks see to an estimate and a range.

use selfsame_face::attributes::{AgeHead, Knots};

use super::validation::rounded;

/// Share of people whose age lies between the ends of a range before these are rounded outwards to whole years, which adds
/// about six points. At 0.70 the ranges were 11.8 years wide and held 75.9 %.
const COVERAGE: f64 = 0.67;

/// The slope of an estimate may change at these ages of a network, in years.
const BENDS: [f64; 3] = [10.0, 25.0, 50.0];

/// Penalty on the slopes, which are fitted on standardised numbers.
const PENALTY: f64 = 1.0;

/// Estimates at which ranges are fitted; in between they are interpolated.
const CENTERS: [f64; 11] = [1.0, 5.0, 10.0, 18.0, 25.0, 32.0, 40.0, 50.0, 60.0, 70.0, 80.0];

/// People whose estimate is this many years off count for a range with exp(−1/2).
const BANDWIDTH: f64 = 4.0;

/// What FaceRes and face-api see, the true age, and the group, of one face.
#[derive(Clone)]
pub(super) struct Aged {
    pub(super) faceres: f64,
    pub(super) faceapi: f64,
    pub(super) years: f64,
    pub(super) group: String,
}

/// How the head does on faces that it was not fitted on.
pub(super) struct AgeFigures {
    pub(super) count: usize,
    pub(super) mean_error: f64,
    pub(super) within: f64,
    pub(super) mean_width: f64,
    /// By group: how many, mean error, share within the range, mean width.
    pub(super) groups: Vec<(String, usize, f64, f64, f64)>,
}

const FOLDS: usize = 10;
const INNER_FOLDS: usize = 5;

pub(super) fn fit(people: &[Aged]) -> (AgeHead, AgeFigures) {
    let mut results = Vec::with_capacity(people.len());
    for fold in 0..FOLDS {
        let (training, test) = split(people, FOLDS, fold);
        let head = head(&training);
        for person in test {
            let estimate = head.estimate(person.faceres as f32, person.faceapi as f32);
            let range = head.range(estimate);
            let (low, high) = (f64::from(range.low), f64::from(range.high));
            results.push(Result {
                error: (f64::from(estimate) - person.years).abs(),
                within: f64::from(u8::from((low..=high).contains(&person.years))),
                width: high - low,
                group: person.group.clone(),
            });
        }
    }
    (head(people), figures(&results))
}

struct Result {
    error: f64,
    within: f64,
    width: f64,
    group: String,
}

fn figures(results: &[Result]) -> AgeFigures {
    let mean = |results: &[&Result], of: fn(&Result) -> f64| {
        results.iter().map(|result| of(result)).sum::<f64>() / results.len() as f64
    };
    let mut groups: Vec<String> = results.iter().map(|result| result.group.clone()).collect();
    groups.sort();
    groups.dedup();
    let groups = groups.into_iter().map(|group| {
        let members: Vec<&Result> = results.iter().filter(|result| result.group == group).collect();
        let of = |of: fn(&Result) -> f64| mean(&members, of);
        (
            group,
            members.len(),
            of(|r| r.error),
            of(|r| r.within),
            of(|r| r.width),
        )
    });
    let groups = groups.collect();
    let all: Vec<&Result> = results.iter().collect();
    AgeFigures {
        count: results.len(),
        mean_error: mean(&all, |r| r.error),
        within: mean(&all, |r| r.within),
        mean_width: mean(&all, |r| r.width),
        groups,
    }
}

fn split(people: &[Aged], count: usize, fold: usize) -> (Vec<Aged>, Vec<Aged>) {
    let (test, training): (Vec<_>, Vec<_>) = people
        .iter()
        .cloned()
        .enumerate()
        .partition(|(index, _)| index % count == fold);
    let plain = |people: Vec<(usize, Aged)>| people.into_iter().map(|(_, person)| person).collect();
    (plain(training), plain(test))
}

fn head(people: &[Aged]) -> AgeHead {
    // (estimate, truth − estimate) of people whom the estimator has not seen
    let mut residuals = Vec::with_capacity(people.len());
    for fold in 0..INNER_FOLDS {
        let (training, test) = split(people, INNER_FOLDS, fold);
        let estimator = Estimator::fit(&training);
        for person in test {
            let estimate = estimator.estimate(&person).max(0.0);
            residuals.push((estimate, person.years - estimate));
        }
    }
    residuals.sort_by(|a, b| a.1.total_cmp(&b.1));
    let ends = CENTERS.map(|center| (center, shortest(&residuals, center)));
    let (faceres, faceapi) = Estimator::fit(people).knots();
    AgeHead {
        faceres,
        faceapi,
        low: Knots(
            ends.map(|(center, (low, _))| (rounded(center), rounded(low)))
                .into(),
        ),
        high: Knots(
            ends.map(|(center, (_, high))| (rounded(center), rounded(high)))
                .into(),
        ),
    }
}

/// The shortest interval that holds the wanted share of the residuals near an estimate. They are sorted.
fn shortest(residuals: &[(f64, f64)], center: f64) -> (f64, f64) {
    let weight = |estimate: f64| (-0.5 * ((estimate - center) / BANDWIDTH).powi(2)).exp();
    let total: f64 = residuals.iter().map(|(estimate, _)| weight(*estimate)).sum();
    let mut best = (f64::NEG_INFINITY, f64::INFINITY);
    let (mut end, mut held) = (0, 0.0);
    for (start, (estimate, low)) in residuals.iter().enumerate() {
        while held < COVERAGE * total && end < residuals.len() {
            held += weight(residuals[end].0);
            end += 1;
        }
        if held < COVERAGE * total {
            break;
        }
        let high = residuals[end.max(start + 1) - 1].1;
        if high - low < best.1 - best.0 {
            best = (*low, high);
        }
        held -= weight(*estimate);
    }
    best
}

/// A ridge regression on the two ages and their bends.
struct Estimator {
    weights: Vec<f64>,
    bias: f64,
}

impl Estimator {
    fn fit(people: &[Aged]) -> Self {
        let rows: Vec<Vec<f64>> = people
            .iter()
            .map(|person| [basis(person.faceres), basis(person.faceapi)].concat())
            .collect();
        let (count, columns) = (rows.len() as f64, rows[0].len());
        let mean_years = people.iter().map(|person| person.years).sum::<f64>() / count;
        let moments: Vec<(f64, f64)> = (0..columns)
            .map(|column| {
                let mean = rows.iter().map(|row| row[column]).sum::<f64>() / count;
                let square = rows.iter().map(|row| (row[column] - mean).powi(2)).sum::<f64>() / count;
                (mean, square.sqrt().max(1e-9))
            })
            .collect();
        let mut normal = vec![vec![0.0; columns + 1]; columns];
        for (row, person) in rows.iter().zip(people) {
            let standard: Vec<f64> = row.iter().zip(&moments).map(|(v, (m, s))| (v - m) / s).collect();
            for i in 0..columns {
                for j in 0..columns {
                    normal[i][j] += standard[i] * standard[j];
                }
                normal[i][columns] += standard[i] * (person.years - mean_years);
            }
        }
        for (index, row) in normal.iter_mut().enumerate() {
            row[index] += PENALTY;
        }
        let weights: Vec<f64> = solve(normal)
            .into_iter()
            .zip(&moments)
            .map(|(weight, (_, scale))| weight / scale)
            .collect();
        let shift: f64 = weights
            .iter()
            .zip(&moments)
            .map(|(weight, (mean, _))| weight * mean)
            .sum();
        Self {
            weights,
            bias: mean_years - shift,
        }
    }

    fn estimate(&self, person: &Aged) -> f64 {
        let values = [basis(person.faceres), basis(person.faceapi)].concat();
        values.iter().zip(&self.weights).map(|(v, w)| v * w).sum::<f64>() + self.bias
    }

    /// The same as two functions of one age each; the constant goes with the first.
    fn knots(&self) -> (Knots, Knots) {
        let (first, second) = self.weights.split_at(BENDS.len() + 1);
        let knots = |weights: &[f64], constant: f64| {
            let ages = [0.0].into_iter().chain(BENDS).chain([100.0]);
            let value = |age: f64| basis(age).iter().zip(weights).map(|(v, w)| v * w).sum::<f64>();
            Knots(
                ages.map(|age| (rounded(age), rounded(value(age) + constant)))
                    .collect(),
            )
        };
        (knots(first, self.bias), knots(second, 0.0))
    }
}

/// The age, and how far it is above each bend.
fn basis(age: f64) -> Vec<f64> {
    let age = age.clamp(0.0, 100.0);
    [age]
        .into_iter()
        .chain(BENDS.map(|bend| (age - bend).max(0.0)))
        .collect()
}

/// Gaussian elimination of a positive definite system whose last column is the right side.
fn solve(mut rows: Vec<Vec<f64>>) -> Vec<f64> {
    let size = rows.len();
    for pivot in 0..size {
        for row in pivot + 1..size {
            let above = rows[pivot].clone();
            let factor = rows[row][pivot] / above[pivot];
            for (value, above) in rows[row].iter_mut().zip(above).skip(pivot) {
                *value -= factor * above;
            }
        }
    }
    let mut solution = vec![0.0; size];
    for row in (0..size).rev() {
        let known: f64 = (row + 1..size)
            .map(|column| rows[row][column] * solution[column])
            .sum();
        solution[row] = (rows[row][size] - known) / rows[row][row];
    }
    solution
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_system_is_solved() {
        let solution = solve(vec![vec![4.0, 1.0, 6.0], vec![1.0, 3.0, 7.0]]);
        assert!((solution[0] - 1.0).abs() < 1e-12 && (solution[1] - 2.0).abs() < 1e-12);
    }

    #[test]
    fn the_shortest_interval_holds_its_share() {
        let mut residuals: Vec<(f64, f64)> = (0..100).map(|index| (30.0, f64::from(index) / 10.0)).collect();
        residuals.extend([(30.0, 90.0), (30.0, -90.0)]);
        residuals.sort_by(|a, b| a.1.total_cmp(&b.1));
        let (low, high) = shortest(&residuals, 30.0);
        // the wanted share of 102 residuals, a tenth apart
        let expected = ((COVERAGE * 102.0).ceil() - 1.0) / 10.0;
        assert!((high - low - expected).abs() < 1e-6, "{low} {high}");
    }

    #[test]
    fn an_age_that_is_seen_right_is_told_right() {
        let people: Vec<Aged> = (0..500)
            .map(|index| {
                let years = f64::from(index % 80);
                let noise = f64::from(index * 37 % 11) - 5.0;
                Aged {
                    faceres: years + noise,
                    faceapi: years - noise,
                    years,
                    group: "all".to_owned(),
                }
            })
            .collect();
        let (head, figures) = fit(&people);
        assert!(figures.mean_error < 0.5, "{}", figures.mean_error);
        assert!((head.estimate(40.0, 40.0) - 40.0).abs() < 0.5);
    }
}
