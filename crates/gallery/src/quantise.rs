//! 8-bit codes of templates, and how far a product of codes can be from the cosine it stands for.
//!
//! # The bound
//!
//! A template *x* of *n* values becomes codes *c* ∈ [−127, 127]ⁿ and a scale *s* = max|xᵢ| / 127; *x̂* = *s·c* is what
//! the codes say, *e* = *x* − *x̂* what they lose. A row stores *E* ≥ ‖*e*‖, computed from the very codes, not from a
//! worst case. The probe *p* is coded the same way with scale *t*, codes *d*, *p̂* = *t·d* and loss *f* = *p* − *p̂*. Then
//!
//! ```text
//! p·x = p̂·x̂ + p̂·e + f·x     and, by Cauchy–Schwarz,
//! |p·x − t·s·(d·c)| ≤ ‖p̂‖·E + ‖f‖·‖x‖
//! ```
//!
//! The integer product *d·c* is exact. The f32 cosine that decides is itself rounded: summing *n* products in order is
//! off by at most γₙ·‖p‖·‖x‖ with γₙ = n·u / (1 − n·u), u = 2⁻²⁴ (Higham, *Accuracy and Stability of Numerical
//! Algorithms*, 2nd ed., § 3.1). Adding that, and [`ARITHMETIC`] for evaluating the bound in f32, gives an upper bound of
//! the computed f32 cosine for every row. A row is skipped only where this upper bound is below the threshold or below
//! the k-th best cosine found so far: no true hit is ever lost. For random directions in 128 dimensions the bound is
//! about 0.013 wide, so some tens of rows in a million are rescored.

use crate::Error;
use crate::kernel::Lane;

/// The largest code; −128 is never used, so that codes can be negated.
const LARGEST: f32 = 127.0;

/// Adding and subtracting this rounds an f32 below 2²² to a whole number, in SIMD on every machine (a call of
/// `round` is not): the sum has no bits left for a fraction.
const ROUNDER: f32 = 12_582_912.0; // 1.5 · 2²³

/// How far the squared length of a template may be from 1. Scaling to unit length in f32 leaves about 1e-7.
const LENGTH_TOLERANCE: f64 = 1e-3;

/// An upper bound of the length of a template that [`check_length`] let through: √1.001 < 1.001.
const LONGEST: f64 = 1.001;

/// Room for evaluating the bound itself in f32: six roundings of relative size 2⁻²⁴ on terms below 2 (7.2e-7), and the
/// subnormal products that Higham's bound leaves out.
const ARITHMETIC: f64 = 2e-6;

/// Room for summing squares in f64 (relative error n·2⁻⁵³) and for rounding the root to f32 (2⁻²⁴).
const ROUND_UP: f64 = 1.0 + 1e-6;

/// Most values a template may have: far above the 1 024 in use, and small enough that integer products of codes stay
/// below 2³¹ (255·127·65 536 < 2³¹) and the bound below 1.
pub(crate) const MAX_DIMENSIONS: usize = 4096;

/// What is stored of a row beside its codes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Coded {
    /// Value of one code step.
    pub(crate) scale: f32,
    /// Upper bound of the Euclidean length of what the codes lose.
    pub(crate) error: f32,
}

/// A probe in codes, with the parts of the bound that are the same for all rows.
pub(crate) struct Probe {
    pub(crate) codes: Vec<Lane>,
    scale: f32,
    /// ‖p̂‖, rounded up.
    coded_length: f32,
    /// ‖f‖·‖x‖ + γₙ·‖p‖·‖x‖ + arithmetic.
    constant: f32,
}

impl Probe {
    /// Codes `values`, which have unit length.
    pub(crate) fn new(values: &[f32]) -> Self {
        let mut codes = vec![Lane::ZERO; lanes(values.len())];
        let Coded { scale, error } = encode(values, &mut codes);
        let error = f64::from(error);
        let rounding = {
            let nu = values.len() as f64 * f64::from(f32::EPSILON / 2.0);
            nu / (1.0 - nu)
        };
        let constant = error * LONGEST + rounding * LONGEST * LONGEST + ARITHMETIC;
        Self {
            codes,
            scale,
            coded_length: ((LONGEST + error) * ROUND_UP) as f32,
            constant: (constant * ROUND_UP) as f32,
        }
    }

    /// Turns integer products into upper bounds of the f32 cosines; returns the largest.
    pub(crate) fn upper_bounds(&self, dots: &[i32], scales: &[f32], errors: &[f32], out: &mut [f32]) -> f32 {
        let mut largest = f32::NEG_INFINITY;
        for (((upper, dot), scale), error) in out.iter_mut().zip(dots).zip(scales).zip(errors) {
            let estimate = *dot as f32 * (self.scale * scale);
            *upper = estimate + (self.coded_length * error + self.constant);
            largest = if *upper > largest { *upper } else { largest };
        }
        largest
    }
}

/// Lanes that `dimensions` codes fill.
pub(crate) const fn lanes(dimensions: usize) -> usize {
    dimensions.div_ceil(Lane::LENGTH)
}

/// Refuses what is not of unit length, which the bound relies on.
pub(crate) fn check_length(values: &[f32]) -> Result<(), Error> {
    let mut squares = SumOfSquares::default();
    squares.add(values, |_, value| value);
    let square = squares.total();
    if (square - 1.0).abs() <= LENGTH_TOLERANCE {
        Ok(())
    } else {
        Err(Error::NotUnitLength {
            length: square.sqrt(),
        })
    }
}

/// Writes the codes of `values` to `codes`, zeros behind them.
pub(crate) fn encode(values: &[f32], codes: &mut [Lane]) -> Coded {
    let largest = values.iter().fold(
        0.0f32,
        |largest, v| if v.abs() > largest { v.abs() } else { largest },
    );
    let scale = largest / LARGEST;
    let inverse = 1.0 / scale;
    for (lane, chunk) in codes.iter_mut().zip(values.chunks(Lane::LENGTH)) {
        *lane = Lane::ZERO;
        for (code, value) in lane.0.iter_mut().zip(chunk) {
            let rounded = (value * inverse + ROUNDER) - ROUNDER;
            *code = rounded.clamp(-LARGEST, LARGEST) as i8;
        }
    }
    let step = f64::from(scale);
    let mut losses = SumOfSquares::default();
    for (lane, chunk) in codes.iter().zip(values.chunks(Lane::LENGTH)) {
        losses.add(chunk, |i, value| value - step * f64::from(lane.0[i]));
    }
    Coded {
        scale,
        error: (losses.total().sqrt() * ROUND_UP) as f32,
    }
}

/// In four running sums, so that they do not wait for each other.
#[derive(Default)]
struct SumOfSquares([f64; 4]);

impl SumOfSquares {
    /// Adds the square of what `term` makes of each value and its position.
    fn add(&mut self, values: &[f32], term: impl Fn(usize, f64) -> f64) {
        let (fours, rest) = values.as_chunks::<4>();
        for (n, four) in fours.iter().enumerate() {
            for (k, sum) in self.0.iter_mut().enumerate() {
                let value = term(4 * n + k, f64::from(four[k]));
                *sum += value * value;
            }
        }
        for (k, value) in rest.iter().enumerate() {
            let value = term(4 * fours.len() + k, f64::from(*value));
            self.0[k] += value * value;
        }
    }

    fn total(&self) -> f64 {
        self.0.iter().sum()
    }
}

/// The cosine that decides: the same operations in the same order as `Template::cosine`, so the same bits. Minus zero
/// becomes zero, because the ranking compares bit patterns.
pub(crate) fn cosine(a: &[f32], b: &[f32]) -> f32 {
    a.iter().zip(b).map(|(a, b)| a * b).sum::<f32>().clamp(-1.0, 1.0) + 0.0
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::Kernel;
    use crate::testing::unit_vector;
    use proptest::prelude::*;
    use selfsame_types::{FaceModelVersion, Template};

    fn template(values: &[f32]) -> Option<Template> {
        Template::new(values, FaceModelVersion::new("test-1")).ok()
    }

    #[test]
    fn the_bound_is_narrow_on_random_directions() {
        let (row, probe) = (unit_vector(1, 128), unit_vector(2, 128));
        let mut codes = vec![Lane::ZERO; 2];
        let coded = encode(&row, &mut codes);
        let mut upper = [0.0];
        Probe::new(&probe).upper_bounds(&[0], &[coded.scale], &[coded.error], &mut upper);
        assert!(upper[0] > 0.005 && upper[0] < 0.02, "{}", upper[0]);
    }

    #[test]
    fn lengths_are_checked() {
        assert_eq!(check_length(&[0.6, 0.8]), Ok(()));
        assert_eq!(
            check_length(&[0.0, 2.0]),
            Err(Error::NotUnitLength { length: 2.0 })
        );
        assert!(check_length(&[f32::NAN, 1.0]).is_err());
        assert!(check_length(&[f32::MAX, 1.0]).is_err());
    }

    proptest! {
        #[test]
        fn no_cosine_is_above_its_bound(
            a in prop::collection::vec(-1.0f32..1.0, 1..600),
            b in prop::collection::vec(-1.0f32..1.0, 600),
            spike in prop::option::of((0usize..600, -1e4f32..1e4)),
        ) {
            let mut b = b[..a.len()].to_vec();
            if let Some((at, value)) = spike {
                let at = at % b.len();
                b[at] = value;
            }
            let (Some(a), Some(b)) = (template(&a), template(&b)) else { return Ok(()) };
            let mut codes = vec![Lane::ZERO; lanes(a.values().len())];
            let coded = encode(a.values(), &mut codes);
            let probe = Probe::new(b.values());
            let (mut dots, mut upper) = ([0], [0.0]);
            Kernel::SCALAR.dots(&probe.codes, &codes, &mut dots);
            probe.upper_bounds(&dots, &[coded.scale], &[coded.error], &mut upper);
            let exact = cosine(a.values(), b.values());
            prop_assert_eq!(Some(exact), b.cosine(&a));
            prop_assert!(exact <= upper[0], "{} > {}", exact, upper[0]);
        }
    }
}
