//! What a pack's manifest says about a model, in the terms of this crate.

use serde::Deserialize;

use selfsame_types::Point;
use selfsame_vision::Normalization;
use selfsame_vision::warp::Sampling;

use crate::template_map::MapChoice;

/// `[roles.detector.parameters]`
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct DetectorParameters {
    /// How the outputs are read.
    #[serde(default)]
    pub(crate) kind: DetectorKind,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
pub(crate) enum DetectorKind {
    /// Heatmap, size, offset and landmarks at a stride of four pixels (Xu et al., *CenterFace*, 2019).
    #[default]
    #[serde(rename = "centerface")]
    CenterFace,
    /// Class, object, box and landmarks at strides of 8, 16 and 32 pixels (Wu et al., 2023: `YuNet`).
    #[serde(rename = "yunet")]
    YuNet,
}

/// `[roles.embedder.parameters]` and `[roles.second-embedder.parameters]`
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct EmbedderParameters {
    /// Goes into every template; changes whenever the numbers change.
    pub(crate) version: String,
    /// Side of the square input.
    pub(crate) input_px: u32,
    /// Where the face lies in it.
    pub(crate) alignment: AlignmentKind,
    /// Where its points come from.
    #[serde(default)]
    pub(crate) points: PointsKind,
    /// How the chip's pixels are found.
    #[serde(default)]
    pub(crate) sampling: Sampling,
    #[serde(flatten)]
    pub(crate) pixels: Normalization,
    /// Values in the output.
    pub(crate) dimensions: usize,
    /// What is done to the output before it becomes (part of) a template.
    #[serde(default)]
    pub(crate) map: Option<MapChoice>,
    /// How much its cosine counts beside the other network's.
    #[serde(default = "one")]
    pub(crate) weight: f32,
    /// Whether the face and its mirror image are both encoded and their templates averaged.
    #[serde(default)]
    pub(crate) flip_average: bool,
    /// What the cosines of the templates stand for; the first embedder's counts. Empty where nobody has measured it yet.
    #[serde(default)]
    pub(crate) calibration: Calibrations,
}

const fn one() -> f32 {
    1.0
}

/// Where the points come from by which a face is aligned.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum PointsKind {
    /// From the detector; for dlib's alignment, which needs others, from one look of the landmark network.
    #[default]
    Plain,
    /// From two looks of the landmark network, at the face and at its mirror image; for the `ArcFace` alignment their
    /// mean is averaged with the detector's points.
    Refined,
}

/// (cosine, log10 of the false match rate), ascending in cosine, for templates with and without their mirror image's.
#[derive(Debug, Clone, Default, Deserialize)]
pub(crate) struct Calibrations {
    #[serde(default)]
    pub(crate) single: Vec<(f32, f32)>,
    #[serde(default)]
    pub(crate) flip_averaged: Vec<(f32, f32)>,
}

/// `[roles.landmarks.parameters]`
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct LandmarksParameters {
    /// Side of the square input.
    pub(crate) input_px: u32,
    #[serde(flatten)]
    pub(crate) pixels: Normalization,
}

/// Which points of the face go where in the embedder's input.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub(crate) enum AlignmentKind {
    /// The five points of the ArcFace family, given for 112 × 112 pixels.
    #[serde(rename = "arcface-112")]
    ArcFace,
    /// dlib's face chip: eye corners and nose base with a quarter of padding.
    #[serde(rename = "dlib-150")]
    Dlib,
}

impl AlignmentKind {
    /// Where the points lie in a square input of `side_px`.
    pub(crate) fn targets(self, side_px: u32) -> [Point; 5] {
        match self {
            Self::ArcFace => ARCFACE.map(|(x, y)| {
                // The published points are for 112 pixels.
                let factor = side_px as f32 / 112.0;
                Point::new(x * factor, y * factor)
            }),
            Self::Dlib => DLIB.map(|(x, y)| {
                let place = |v: f32| (DLIB_PADDING + v) / (2.0 * DLIB_PADDING + 1.0) * side_px as f32;
                Point::new(place(x), place(y))
            }),
        }
    }
}

/// Eyes, nose tip and mouth corners in 112 × 112 pixels: the template that ArcFace (Deng et al., CVPR 2019) and
/// nearly every embedder since is trained on; values of the authors' reference code (InsightFace, `face_align.py`).
const ARCFACE: [(f32, f32); 5] = [
    (38.2946, 51.6963),
    (73.5318, 51.5014),
    (56.0252, 71.7366),
    (41.5493, 92.3655),
    (70.7299, 92.2041),
];

/// Outer and inner corner of the image-left eye, inner and outer corner of the image-right eye, base of the nose, as
/// fractions of dlib's unpadded chip (dlib 20, `get_face_chip_details`); checked against dlib by
/// `scripts/reference/dlib_chip.py`.
const DLIB: [(f32, f32); 5] = [
    (0.120_575_06, 0.213_727_45),
    (0.334_085_06, 0.229_064_24),
    (0.646_060_5, 0.228_967_44),
    (0.859_567_46, 0.213_498_15),
    (0.490_112_3, 0.627_797_5),
];

/// dlib's `get_face_chip` default.
const DLIB_PADDING: f32 = 0.25;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_manifest_is_read() {
        let parameters: EmbedderParameters = serde_json::from_value(serde_json::json!({
            "version": "test-1", "input_px": 112, "alignment": "arcface-112", "colour": "bgr",
            "mean": [127.5, 127.5, 127.5], "std": [128.0, 128.0, 128.0], "dimensions": 128,
            "calibration": { "single": [[0.0, 0.0], [0.5, -5.0]] }
        }))
        .unwrap();
        assert!(!parameters.flip_average);
        assert_eq!(parameters.pixels.order, selfsame_vision::ChannelOrder::Bgr);
        assert_eq!(parameters.alignment.targets(112)[0], Point::new(38.2946, 51.6963));
    }

    /// `scripts/reference/dlib_chip.py` made the reference with dlib itself; it reads whole grey values, hence the tolerance.
    #[test]
    fn dlib_cuts_the_same_chip() {
        #[derive(serde::Deserialize)]
        struct Reference {
            points: [(f32, f32); 5],
            a: f32,
            b: f32,
            tx: f32,
            ty: f32,
        }
        let reference: Reference =
            serde_json::from_str(include_str!("../tests/data/dlib_chip.json")).unwrap();
        let points = reference.points.map(|(x, y)| Point::new(x, y));
        let targets = AlignmentKind::Dlib.targets(150);
        let to_chip = selfsame_vision::Similarity2D::estimate(&points, &targets).unwrap();
        assert!((to_chip.a - reference.a).abs() < 0.005, "{to_chip:?}");
        assert!((to_chip.b - reference.b).abs() < 0.005, "{to_chip:?}");
        assert!((to_chip.tx - reference.tx).abs() < 1.0, "{to_chip:?}");
        assert!((to_chip.ty - reference.ty).abs() < 1.0, "{to_chip:?}");
    }
}
