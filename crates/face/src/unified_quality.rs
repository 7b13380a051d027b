//! One number for how well a face can be compared: the *unified quality score* of ISO/IEC 29794-5, 0–100.
//!
//! The score is the product of what each measure leaves of a match: 100 · ∏ 1 / (1 + exp(−(x − centre) / width)), with x
//! the sharpness, the logarithm of the brightness, the brightness from above, the logarithm of the face's size and the yaw.
//! It reads as a share: of the genuine pairs that a perfect photo would let match at similarity 95, about so many in 100
//! still match.
//!
//! Centres and widths are the likeliest ones (binomial) for the genuine pairs of 30 of the 60 people of `faces/identities`,
//! their photos as they are and in 26 worse forms, rounded:
//!
//! ```sh
//! selfsame eval --quality faces/identities --samples samples.csv
//! python scripts/reference/unified_quality.py samples.csv
//! ```
//!
//! On the other 30 people, of the pairs of photos below 10 points 96 % are missed, from 30 to 50 61 %, from 70 to 80 36 %,
//! from 95 on 11 %. Three measures were tried and left out, because they foretold nothing more: pitch, which five
//! points tell badly; the detector's confidence, which falls with the other measures; and roll, since faces that lie are turned
//! upright before they are encoded. The product is as good as the minimum of the factors (gain 0.202 and 0.203 of at most 0.258,
//! see `docs/ACCURACY.md`), and knows of faces that are bad in two ways.
//! Photos as they are, taken with care for the person on them, differ little in it: most have more than 90, and what makes
//! their pairs hard (age, glasses, wrong labels) is not in the score.

use serde::{Deserialize, Serialize};

use crate::Face;
use crate::filter::side_px;

/// One factor: half of the matches are left at the centre, 88 % two widths above it.
struct Factor {
    center: f32,
    width: f32,
}

impl Factor {
    fn at(&self, value: f32) -> f32 {
        1.0 / (1.0 + (-(value - self.center) / self.width).exp())
    }
}

/// Of the sharpness, 0–100.
const SHARP: Factor = Factor {
    center: 5.6,
    width: 4.4,
};

/// Of the natural logarithm of the brightness: half of the matches are gone at 3.6.
const NOT_DARK: Factor = Factor {
    center: 1.292,
    width: 0.211,
};

/// Of the brightness with its sign turned.
const NOT_BRIGHT: Factor = Factor {
    center: -96.5,
    width: 6.4,
};

/// Of the natural logarithm of the face's shorter side: half of the matches are gone at 17.1 pixels.
const LARGE: Factor = Factor {
    center: 2.84,
    width: 0.168,
};

/// Of the yaw in degrees, without sign, turned.
const FRONTAL: Factor = Factor {
    center: -55.0,
    width: 7.0,
};

/// What the score is made of.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Measures {
    /// Turned left or right, degrees, with or without sign.
    pub yaw: f32,
    /// Brightness, 0–100.
    pub brightness: f32,
    /// Sharpness, 0–100.
    pub sharpness: f32,
    /// The shorter side of the face's box in pixels; see [`side_px`].
    pub side_px: f32,
}

impl Measures {
    /// Of a face in a photo whose upright original has a longer side of `long_side_px`.
    #[must_use]
    pub fn of(face: &Face, long_side_px: u32) -> Self {
        Self {
            yaw: face.pose.yaw,
            brightness: face.quality.brightness,
            sharpness: face.quality.sharpness,
            side_px: side_px(face, long_side_px),
        }
    }

    /// The score, 0–100, higher is better; 0 where a measure is no number.
    #[must_use]
    pub fn unified_quality(&self) -> f32 {
        let product = SHARP.at(self.sharpness)
            * NOT_DARK.at(self.brightness.ln())
            * NOT_BRIGHT.at(-self.brightness)
            * LARGE.at(self.side_px.ln())
            * FRONTAL.at(-self.yaw.abs());
        if product.is_nan() { 0.0 } else { 100.0 * product }
    }
}

/// The unified quality of a face, 0–100; its places and `long_side_px` are those of the upright original.
#[must_use]
pub fn unified_quality(face: &Face, long_side_px: u32) -> f32 {
    Measures::of(face, long_side_px).unified_quality()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const GOOD: Measures = Measures {
        yaw: 0.0,
        brightness: 50.0,
        sharpness: 75.0,
        side_px: 200.0,
    };

    #[test]
    fn a_good_face_has_nearly_100_and_each_flaw_costs() {
        assert!(GOOD.unified_quality() > 99.0);
        for (worse, at_most) in [
            (Measures { yaw: -55.0, ..GOOD }, 51.0),
            (
                Measures {
                    brightness: 3.64,
                    ..GOOD
                },
                51.0,
            ),
            (
                Measures {
                    brightness: 96.5,
                    ..GOOD
                },
                51.0,
            ),
            (
                Measures {
                    sharpness: 5.6,
                    ..GOOD
                },
                51.0,
            ),
            (
                Measures {
                    side_px: 17.1,
                    ..GOOD
                },
                51.0,
            ),
        ] {
            assert!(
                worse.unified_quality() < at_most,
                "{worse:?}: {}",
                worse.unified_quality()
            );
        }
    }

    /// From `scripts/reference/unified_quality.py`, which computes the score by itself.
    #[test]
    fn values_are_those_of_numpy() {
        for (yaw, brightness, sharpness, side_px, expected) in [
            (17.513, 88.927, 46.541, 36.322, 75.332),
            (-27.977, 86.608, 0.316, 100.693, 18.673),
            (41.590, 46.858, 18.182, 42.070, 82.019),
            (69.370, 78.681, 37.331, 118.808, 10.706),
            (-39.857, 16.701, 36.752, 16.746, 41.868),
            (-18.265, 1.366, 49.803, 28.682, 0.905),
            (-32.536, 87.273, 30.587, 103.492, 77.466),
            (19.560, 73.694, 5.490, 70.444, 47.702_f32),
        ] {
            let measures = Measures {
                yaw,
                brightness,
                sharpness,
                side_px,
            };
            let found = measures.unified_quality();
            assert!(
                (found - expected).abs() < 2e-3,
                "{measures:?}: {found}, not {expected}"
            );
        }
    }

    #[test]
    fn what_is_no_number_has_no_quality() {
        for worse in [
            Measures {
                yaw: f32::NAN,
                ..GOOD
            },
            Measures {
                sharpness: f32::NAN,
                ..GOOD
            },
            Measures {
                brightness: -1.0,
                ..GOOD
            },
            Measures {
                side_px: f32::NAN,
                ..GOOD
            },
        ] {
            assert!(worse.unified_quality().abs() < f32::EPSILON, "{worse:?}");
        }
        assert!(
            Measures {
                brightness: 0.0,
                ..GOOD
            }
            .unified_quality()
                < 0.1,
            "black"
        );
    }

    proptest! {
        #[test]
        fn the_score_is_monotone(
            yaw in 0f32..90.0, sharpness in 0f32..100.0, side_px in 1f32..2000.0, more in 0f32..20.0,
        ) {
            let face = Measures { yaw, brightness: 50.0, sharpness, side_px };
            let better = Measures {
                yaw: yaw - more.min(yaw),
                sharpness: sharpness + more,
                side_px: side_px + more,
                ..face
            };
            let (low, high) = (face.unified_quality(), better.unified_quality());
            prop_assert!((0.0..=100.0).contains(&low) && low <= high + 1e-4, "{} {}", low, high);
        }
    }
}
