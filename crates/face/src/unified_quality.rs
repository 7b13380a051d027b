//! One number for how well a face can be compared: the *unified quality score* of ISO/IEC 29794-5, 0–100.
//!
//! The score is the product of what each measure leaves of a match: 100 · ∏ 1 / (1 + exp(−(x − centre) / width)), with x
//! the sharpness, the logarithm of the brightness, the brightness from above, the logarithm of the face's size, yaw and roll.
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
//! On the other 30 people, of the pairs of photos below 10 points 97 % are missed, from 30 to 50 60 %, from 70 to 80 30 %,
//! from 95 on 11 %. Two measures were tried and left out, because on those people they foretold nothing more: pitch, which five
//! points tell badly, and the detector's confidence, which falls with the other measures. The product was as good as the
//! minimum of the factors (gain 0.156 and 0.155 of at most 0.181, see `docs/ACCURACY.md`), and knows of faces that are bad in two ways.
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
    center: 8.0,
    width: 4.75,
};

/// Of the natural logarithm of the brightness: half of the matches are gone at 4.25.
const NOT_DARK: Factor = Factor {
    center: 1.447,
    width: 0.215,
};

/// Of the brightness with its sign turned.
const NOT_BRIGHT: Factor = Factor {
    center: -95.5,
    width: 6.5,
};

/// Of the natural logarithm of the face's shorter side: half of the matches are gone at 20.4 pixels.
const LARGE: Factor = Factor {
    center: 3.016,
    width: 0.155,
};

/// Of the yaw in degrees, without sign, turned.
const FRONTAL: Factor = Factor {
    center: -49.0,
    width: 6.5,
};

/// Of the roll in degrees, without sign, turned.
const UPRIGHT: Factor = Factor {
    center: -93.0,
    width: 27.0,
};

/// What the score is made of.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Measures {
    /// Turned left or right, degrees, with or without sign.
    pub yaw: f32,
    /// Tilted, degrees, with or without sign.
    pub roll: f32,
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
            roll: face.pose.roll,
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
            * FRONTAL.at(-self.yaw.abs())
            * UPRIGHT.at(-self.roll.abs());
        // So that an upright face can have 100.
        let score = 100.0 * product / UPRIGHT.at(0.0);
        if score.is_nan() {
            0.0
        } else {
            score.clamp(0.0, 100.0)
        }
    }
}

/// The unified quality of a face, 0–100; its places and `long_side_px` are those of the upright original.
#[must_use]
pub fn unified_quality(face: &Face, long_side_px: u32) -> f32 {
    Measures::of(face, long_side_px).unified_quality()
}
