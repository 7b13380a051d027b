//! What is known of a face in a photo, as it is or spoilt.

use std::path::Path;

use anyhow::{Context as _, Result};
use image::RgbImage;
use selfsame_face::filter::{Flaw, Level, side_px};
use selfsame_face::{AnalyzeOptions, Analyzer, Face, unified_quality};
use selfsame_types::Template;
use selfsame_vision::decode;
use serde::Serialize;

use super::spoil::{SPOILS, Spoil};
use crate::encoding::{Subject, nearest};

/// The levels that refuse something.
pub(super) const LEVELS: [Level; 3] = [Level::Low, Level::Medium, Level::High];

/// What the filters look at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Measure {
    Confidence,
    Yaw,
    Pitch,
    Roll,
    Brightness,
    Sharpness,
    Side,
    /// The unified quality, made of the others.
    Quality,
}

pub(super) const MEASURES: [Measure; 8] = [
    Measure::Confidence,
    Measure::Yaw,
    Measure::Pitch,
    Measure::Roll,
    Measure::Brightness,
    Measure::Sharpness,
    Measure::Side,
    Measure::Quality,
];

/// A face that was found.
#[derive(Debug, Clone)]
pub(super) struct Seen {
    /// In the order of [`MEASURES`]; angles without their sign.
    pub(super) values: [f32; 8],
    pub(super) template: Template,
    /// Why each of [`LEVELS`] refuses it.
    pub(super) flaws: [Vec<Flaw>; 3],
}

/// A photo, as it is (`spoil` is `None`) or spoilt.
pub(super) struct Sample {
    pub(super) spoil: Option<Spoil>,
    /// `None` where the face is not found again.
    pub(super) seen: Option<Seen>,
}

/// A photo as it is, then in all ways of spoiling it; nothing but the first where no face is in it.
pub(super) fn samples_of(analyzer: &Analyzer, photo: &Path, subject: Subject) -> Result<Vec<Sample>> {
    let options = AnalyzeOptions::default();
    let bytes = fs_err::read(photo)?;
    let image = decode::decode(&bytes, &options.limits)
        .with_context(|| photo.display().to_string())?
        .image;
    let analysis = analyzer.analyze_image(&image, &options)?;
    let face = subject.among(&analysis);
    let mut samples = vec![Sample {
        spoil: None,
        seen: face.and_then(|face| Seen::new(face, &image)),
    }];
    for spoil in SPOILS {
        let Some(spoilt) = face.and_then(|face| spoil.apply(&image, face)) else {
            continue;
        };
        let analysis = analyzer.analyze_image(&spoilt.image, &options)?;
        let again = nearest(&analysis.faces, spoilt.center).filter(|face| {
            let center = face.detection.bounding_box.center();
            center.distance(spoilt.center) < spoilt.side_px / 2.0
        });
        samples.push(Sample {
            spoil: Some(spoil),
            seen: again.and_then(|face| Seen::new(face, &spoilt.image)),
        });
    }
    Ok(samples)
}

impl Seen {
    /// `None` without a template.
    fn new(face: &Face, image: &RgbImage) -> Option<Self> {
        let long_side_px = image.width().max(image.height());
        let flaws = LEVELS.map(|level| {
            level
                .bar()
                .map(|bar| bar.flaws(face, long_side_px))
                .unwrap_or_default()
        });
        Some(Self {
            values: [
                face.detection.confidence,
                face.pose.yaw.abs(),
                face.pose.pitch.abs(),
                face.pose.roll.abs(),
                face.quality.brightness,
                face.quality.sharpness,
                side_px(face, long_side_px),
                unified_quality(face, long_side_px),
            ],
            template: face.template.clone()?,
            flaws,
        })
    }
}

impl Measure {
    /// Between these, faces are alike enough to be counted together.
    pub(super) const fn edges(self) -> &'static [f32] {
        match self {
            Self::Confidence => &[0.0, 80.0, 90.0, 97.0, 99.0, 99.5, 99.8, 100.0],
            Self::Yaw => &[0.0, 10.0, 20.0, 30.0, 40.0, 45.0, 60.0, 180.0],
            Self::Pitch => &[0.0, 5.0, 10.0, 15.0, 180.0],
            Self::Roll => &[0.0, 10.0, 20.0, 30.0, 40.0, 50.0, 60.0, 70.0, 180.0],
            Self::Brightness => &[
                0.0, 3.0, 4.0, 5.0, 6.0, 8.0, 10.0, 12.0, 15.0, 20.0, 30.0, 40.0, 60.0, 75.0, 80.0, 85.0,
                90.0, 95.0, 100.0,
            ],
            Self::Sharpness => &[
                0.0, 10.0, 15.0, 20.0, 25.0, 30.0, 35.0, 40.0, 45.0, 50.0, 60.0, 70.0, 80.0, 100.0,
            ],
            Self::Side => &[
                0.0, 18.0, 22.0, 26.0, 30.0, 36.0, 44.0, 54.0, 64.0, 100.0, 150.0, 10_000.0,
            ],
            Self::Quality => &[0.0, 10.0, 30.0, 50.0, 70.0, 80.0, 90.0, 95.0, 100.0],
        }
    }

    /// Whether a photo spoilt in this way says what this measure is worth.
    pub(super) const fn tells_of(self, spoil: Option<Spoil>) -> bool {
        let Some(spoil) = spoil else { return true };
        match self {
            Self::Confidence | Self::Quality => true,
            // No photo was turned to the side: nothing but nature says what that costs.
            Self::Yaw | Self::Pitch => false,
            Self::Roll => matches!(spoil, Spoil::Tilted(_)),
            Self::Brightness => matches!(spoil, Spoil::Darker(_) | Spoil::Brighter(_)),
            Self::Sharpness => matches!(spoil, Spoil::Blurred(_) | Spoil::Smaller(_)),
            Self::Side => matches!(spoil, Spoil::Smaller(_)),
        }
    }

    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Confidence => "confidence",
            Self::Yaw => "yaw, degrees",
            Self::Pitch => "pitch, degrees",
            Self::Roll => "roll, degrees",
            Self::Brightness => "brightness",
            Self::Sharpness => "sharpness",
            Self::Side => "face side, px",
            Self::Quality => "unified quality",
        }
    }
}
