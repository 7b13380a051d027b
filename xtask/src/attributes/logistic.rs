//! Logistic regression with an L2 penalty, and the calibration of its scores. Plain numbers in, plain numbers out.

/// Feature vectors as rows, each with its answer.
#[derive(Default, Clone)]
pub(super) struct Rows {
    pub(super) columns: usize,
    pub(super) values: Vec<f64>,
    pub(super) answers: Vec<bool>,
}

impl Rows {
    pub(super) fn push(&mut self, row: &[f32], answer: bool) {
        self.columns = row.len();
        self.values.extend(row.iter().map(|value| f64::from(*value)));
        self.answers.push(answer);
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (&[f64], bool)> {
        self.values
            .chunks_exact(self.columns)
            .zip(self.answers.iter().copied())
    }

    /// A weight for each row, so that both answers weigh the same and the mean is 1.
    fn balance(&self) -> Vec<f64> {
        let yes = self.answers.iter().filter(|answer| **answer).count() as f64;
        let all = self.answers.len() as f64;
        let weight = |answer: &bool| {
            if *answer {
                all / (2.0 * yes)
            } else {
                all / (2.0 * (all - yes))
            }
        };
        self.answers.iter().map(weight).collect()
    }
}

/// weights · x + bias.
#[derive(Clone, Debug)]
pub(super) struct Linear {
    pub(super) weights: Vec<f64>,
    pub(super) bias: f64,
}

impl Linear {
    pub(super) fn score(&self, row: &[f32]) -> f64 {
        let products = row
            .iter()
            .zip(&self.weights)
            .map(|(value, weight)| f64::from(*value) * weight);
        products.sum::<f64>() + self.bias
    }

    /// `scale` · score + `shift` as a linear function of its own.
    pub(super) fn rescaled(&self, (scale, shift): (f64, f64)) -> Self {
        Self {
            weights: self.weights.iter().map(|weight| weight * scale).collect(),
            bias: self.bias * scale + shift,
        }
    }
}

/// Minimises |w|² / 2 + `c` · Σ balance · ln(1 + exp(∓(w · z + b))) over standardised features z, with answers balanced: what
/// scikit-learn calls `LogisticRegression(C=c, class_weight="balanced")` behind a `StandardScaler`.
pub(super) fn fit(rows: &Rows, c: f64) -> Linear {
    let (means, scales) = moments(rows);
    let standard = Rows {
        columns: rows.columns,
        values: rows
            .values
            .chunks_exact(rows.columns)
            .flat_map(|row| {
                row.iter()
                    .zip(means.iter().zip(&scales))
                    .map(|(v, (m, s))| (v - m) / s)
            })
            .collect(),
        answers: rows.answers.clone(),
    };
    let balance = standard.balance();
    let loss = |parameters: &[f64]| penalised_loss(&standard, &balance, c, parameters);
    let parameters = minimise(loss, rows.columns + 1);
    let weights: Vec<f64> = parameters.iter().zip(&scales).map(|(w, s)| w / s).collect();
    let shift: f64 = weights.iter().zip(&means).map(|(w, m)| w * m).sum();
    Linear {
        bias: parameters[rows.columns] - shift,
        weights,
    }
}

/// Mean and standard deviation of each column; at least a twentieth of the mean deviation, so that a number which hardly
/// varies here does not decide where it does.
fn moments(rows: &Rows) -> (Vec<f64>, Vec<f64>) {
    let count = rows.answers.len() as f64;
    let mut means = vec![0.0; rows.columns];
    let mut squares = vec![0.0; rows.columns];
    for (row, _) in rows.iter() {
        for (column, value) in row.iter().enumerate() {
            means[column] += value / count;
        }
    }
    for (row, _) in rows.iter() {
        for (column, value) in row.iter().enumerate() {
            squares[column] += (value - means[column]).powi(2) / count;
        }
    }
    let deviations: Vec<f64> = squares.into_iter().map(f64::sqrt).collect();
    let least = (0.05 * deviations.iter().sum::<f64>() / rows.columns as f64).max(1e-9);
    (
        means,
        deviations
            .into_iter()
            .map(|deviation| deviation.max(least))
            .collect(),
    )
}

/// The loss and its gradient; the last parameter is the bias, which is not penalised.
fn penalised_loss(rows: &Rows, balance: &[f64], c: f64, parameters: &[f64]) -> (f64, Vec<f64>) {
    let (weights, bias) = parameters.split_at(rows.columns);
    let mut loss = weights.iter().map(|w| w * w).sum::<f64>() / 2.0;
    let mut gradient = weights.to_vec();
    gradient.push(0.0);
    for ((row, answer), weight) in rows.iter().zip(balance) {
        let score = row.iter().zip(weights).map(|(v, w)| v * w).sum::<f64>() + bias[0];
        let margin = if answer { score } else { -score };
        // ln(1 + exp(−m)) without overflow
        loss += c * weight * ((-margin.abs()).exp().ln_1p() + (-margin).max(0.0));
        let slope = 1.0 / (1.0 + margin.exp());
        let slope = c * weight * if answer { -slope } else { slope };
        for (g, v) in gradient.iter_mut().zip(row) {
            *g += slope * v;
        }
        gradient[rows.columns] += slope;
    }
    (loss, gradient)
}

/// How many steps L-BFGS remembers.
const MEMORY: usize = 10;
const MAX_STEPS: usize = 500;
/// It ends when the gradient is this much shorter than at the start.
const TOLERANCE: f64 = 1e-7;

/// Minimises a convex function from 0 on: L-BFGS (Nocedal and Wright, *Numerical Optimization*, algorithm 7.4 and 7.5) with
/// a backtracking line search.
fn minimise(function: impl Fn(&[f64]) -> (f64, Vec<f64>), dimensions: usize) -> Vec<f64> {
    let mut place = vec![0.0; dimensions];
    let (mut value, mut gradient) = function(&place);
    let enough = TOLERANCE * dot(&gradient, &gradient).sqrt();
    let mut memory: Vec<(Vec<f64>, Vec<f64>)> = Vec::new();
    for _ in 0..MAX_STEPS {
        if dot(&gradient, &gradient).sqrt() <= enough {
            break;
        }
        let direction = two_loops(&gradient, &memory);
        let descent = dot(&direction, &gradient);
        // the first step has no curvature to go by
        let mut step = if memory.is_empty() {
            1.0 / dot(&gradient, &gradient).sqrt().max(1.0)
        } else {
            1.0
        };
        let (next, next_value, next_gradient) = loop {
            let next: Vec<f64> = place.iter().zip(&direction).map(|(p, d)| p + step * d).collect();
            let (next_value, next_gradient) = function(&next);
            if next_value <= value + 1e-4 * step * descent {
                break (next, next_value, next_gradient);
            }
            step /= 2.0;
            if step < 1e-12 {
                return place;
            }
        };
        let moved: Vec<f64> = next.iter().zip(&place).map(|(a, b)| a - b).collect();
        let turned: Vec<f64> = next_gradient.iter().zip(&gradient).map(|(a, b)| a - b).collect();
        if dot(&moved, &turned) > 0.0 {
            memory.push((moved, turned));
            if memory.len() > MEMORY {
                memory.remove(0);
            }
        }
        (place, value, gradient) = (next, next_value, next_gradient);
    }
    place
}

/// Minus the gradient times the approximate inverse of the curvature.
fn two_loops(gradient: &[f64], memory: &[(Vec<f64>, Vec<f64>)]) -> Vec<f64> {
    let mut direction: Vec<f64> = gradient.iter().map(|g| -g).collect();
    let mut factors = Vec::with_capacity(memory.len());
    for (moved, turned) in memory.iter().rev() {
        let factor = dot(moved, &direction) / dot(moved, turned);
        add(&mut direction, -factor, turned);
        factors.push(factor);
    }
    if let Some((moved, turned)) = memory.last() {
        let scale = dot(moved, turned) / dot(turned, turned);
        for step in &mut direction {
            *step *= scale;
        }
    }
    for ((moved, turned), factor) in memory.iter().zip(factors.iter().rev()) {
        let correction = dot(turned, &direction) / dot(moved, turned);
        add(&mut direction, factor - correction, moved);
    }
    direction
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

fn add(to: &mut [f64], factor: f64, other: &[f64]) {
    to.iter_mut().zip(other).for_each(|(t, o)| *t += factor * o);
}

/// Scale and shift that turn scores into log odds where both answers are equally common (Platt, *Probabilistic outputs for
/// support vector machines*, 1999, with his smoothed targets: a score that tells all answers apart gets no infinite slope).
pub(super) fn calibrate(scores: &[(f64, bool)]) -> (f64, f64) {
    let yes = scores.iter().filter(|(_, answer)| *answer).count() as f64;
    let no = scores.len() as f64 - yes;
    let (high, low) = ((yes + 1.0) / (yes + 2.0), 1.0 / (no + 2.0));
    let spread = scores.iter().map(|(score, _)| score.abs()).sum::<f64>() / scores.len() as f64;
    let loss = |parameters: &[f64]| {
        let (mut loss, mut gradient) = (0.0, vec![0.0; 2]);
        for (score, answer) in scores {
            let score = score / spread;
            let (target, weight) = if *answer {
                (high, 1.0 / yes)
            } else {
                (low, 1.0 / no)
            };
            let odds = parameters[0] * score + parameters[1];
            // −t ln p − (1 − t) ln(1 − p) for log odds
            loss += weight * ((-odds.abs()).exp().ln_1p() + odds.max(0.0) - target * odds);
            let slope = weight * (1.0 / (1.0 + (-odds).exp()) - target);
            gradient[0] += slope * score;
            gradient[1] += slope;
        }
        (loss, gradient)
    };
    let parameters = minimise(loss, 2);
    (parameters[0] / spread, parameters[1])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows() -> Rows {
        let mut rows = Rows::default();
        for (a, b, answer) in [
            (0.0, 1.0, false),
            (1.0, 0.5, false),
            (2.0, 2.0, true),
            (3.0, -1.0, true),
            (1.5, 0.0, false),
            (2.5, 1.0, false),
            (4.0, 0.5, true),
        ] {
            rows.push(&[a, b], answer);
        }
        rows
    }

    /// The reference is scikit-learn 1.9.1's `LogisticRegression(C=0.5, class_weight="balanced", tol=1e-10)` behind
    /// `StandardScaler`, its coefficients divided by the scales.
    #[test]
    fn the_fit_is_that_of_scikit_learn() {
        let fitted = fit(&rows(), 0.5);
        let reference = [0.566_596, 0.027_998, -1.222_328];
        for (found, expected) in fitted.weights.iter().chain([&fitted.bias]).zip(reference) {
            assert!((found - expected).abs() < 1e-5, "{fitted:?}");
        }
    }

    #[test]
    fn calibration_centres_and_scales() {
        // answers that are right three times of four at |score| = 1: log odds of ln 3 at 1, nearly
        let scores: Vec<(f64, bool)> = (0..4000)
            .map(|index| {
                let answer = index % 2 == 0;
                let is_right = index / 2 % 4 != 0;
                (if answer == is_right { 1.0 } else { -1.0 }, answer)
            })
            .collect();
        let (scale, shift) = calibrate(&scores);
        assert!(
            (scale - 3.0f64.ln()).abs() < 0.01 && shift.abs() < 0.01,
            "{scale} {shift}"
        );
    }

    #[test]
    fn scores_that_tell_all_apart_are_not_taken_for_certain() {
        let scores = [(-2.0, false), (-1.0, false), (1.0, true), (2.0, true)];
        let (scale, shift) = calibrate(&scores);
        let probability = 1.0 / (1.0 + (-(2.0 * scale + shift)).exp());
        assert!((0.6..0.95).contains(&probability), "{probability}");
    }
}
