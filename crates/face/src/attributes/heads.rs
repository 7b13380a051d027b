//! The fitted numbers and what they make of features. `xtask fit-attributes` writes them; `docs/ATTRIBUTES.md` is their
//! model card.

use serde::{Deserialize, Serialize};

use super::features::{FeatureGroup, Features};
use super::values::{AgeRange, Judgement};

/// The committed numbers.
const HEADS: &str = include_str!("../../../../models/attributes/heads.json");

/// No answer is surer than this, in percent: a few hundred people cannot show more.
const MAX_CONFIDENCE: f32 = 99.0;

/// The oldest age that is told.
const MAX_AGE: f32 = 110.0;

/// All fitted numbers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct HeadFile {
    /// How they were made, for people.
    pub about: String,
    /// Sunglasses.
    pub sunglasses: LogisticHead,
    /// Eyeglasses.
    pub eyeglasses: LogisticHead,
    /// Smile.
    pub smile: LogisticHead,
    /// Mouth open.
    pub mouth_open: LogisticHead,
    /// Beard.
    pub beard: LogisticHead,
    /// Mustache.
    pub mustache: LogisticHead,
    /// Face covered.
    pub face_occluded: LogisticHead,
    /// Eyes open.
    pub eyes_open: LogisticHead,
    /// Male.
    pub male: LogisticHead,
    /// Age.
    pub age: AgeHead,
    /// Emotions.
    pub emotions: EmotionHead,
    /// Degrees by which the iris of somebody who looks into the camera seems to look up.
    pub level_gaze_pitch: f32,
    /// Standard deviation of the difference of the two eyes' yaw, in degrees.
    pub gaze_disagreement: f32,
}

/// Log odds of yes, where yes and no are equally common: weights · features + bias.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LogisticHead {
    /// Which features, one group after the other.
    pub groups: Vec<FeatureGroup>,
    /// One per feature.
    pub weights: Vec<f32>,
    /// Added.
    pub bias: f32,
}

/// From logits to shares: softmax(logits / `temperature` + bias).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct EmotionHead {
    /// Above 1: the network is less sure than it says.
    pub temperature: f32,
    /// Added for every emotion but calm and happy; negative, since they are rarer than the network was taught.
    pub rare_bias: f32,
}

/// (x, y) in ascending x; linear in between, constant outside.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Knots(pub Vec<(f32, f32)>);

/// From the ages that two networks see to a range.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AgeHead {
    /// What FaceRes's age adds to the estimate, in years.
    pub faceres: Knots,
    /// What face-api's age adds to the estimate, in years.
    pub faceapi: Knots,
    /// Years from the estimate to the low end of the range, at an estimate; mostly negative.
    pub low: Knots,
    /// Years from the estimate to the high end of the range, at an estimate.
    pub high: Knots,
}

/// Why the committed numbers cannot be used.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Invalid {
    #[error("they are not JSON of the expected form: {0}")]
    Json(#[from] serde_json::Error),
    #[error("the head for {0} does not fit its features")]
    Head(&'static str),
    #[error("the numbers for age do not ascend")]
    Knots,
}

impl HeadFile {
    /// The committed numbers, checked.
    pub(super) fn committed() -> Result<Self, Invalid> {
        Self::parse(HEADS)
    }

    fn parse(text: &str) -> Result<Self, Invalid> {
        let heads: Self = serde_json::from_str(text)?;
        for (name, head) in heads.logistic() {
            let features: usize = head.groups.iter().map(|group| group.len()).sum();
            let is_finite = head
                .weights
                .iter()
                .chain([&head.bias])
                .all(|value| value.is_finite());
            if head.weights.len() != features || !is_finite {
                return Err(Invalid::Head(name));
            }
        }
        let AgeHead {
            faceres,
            faceapi,
            low,
            high,
        } = &heads.age;
        let all = [faceres, faceapi, low, high];
        if !all.into_iter().all(Knots::is_valid) {
            return Err(Invalid::Knots);
        }
        if heads.emotions.temperature > 0.0 && heads.emotions.rare_bias.is_finite() {
            Ok(heads)
        } else {
            Err(Invalid::Head("emotions"))
        }
    }

    /// The heads that answer yes or no.
    fn logistic(&self) -> [(&'static str, &LogisticHead); 9] {
        [
            ("sunglasses", &self.sunglasses),
            ("eyeglasses", &self.eyeglasses),
            ("smile", &self.smile),
            ("mouth_open", &self.mouth_open),
            ("beard", &self.beard),
            ("mustache", &self.mustache),
            ("face_occluded", &self.face_occluded),
            ("eyes_open", &self.eyes_open),
            ("male", &self.male),
        ]
    }
}

impl FeatureGroup {
    /// How many numbers it has.
    pub(super) const fn len(self) -> usize {
        match self {
            Self::Eyes | Self::Mouth | Self::Chin | Self::LowerFace => 512,
            Self::MouthFine | Self::Expression => 256,
            Self::Openness => 1,
            Self::Age | Self::Male => 2,
            Self::EmotionLogits => 7,
            Self::Gaze => 4,
        }
    }
}

impl LogisticHead {
    /// The probability of yes, 0–1; `None` where the features were not computed.
    #[must_use]
    pub fn probability(&self, features: &Features) -> Option<f32> {
        let values = features.concatenated(&self.groups)?;
        (values.len() == self.weights.len()).then(|| {
            let products = values.iter().zip(&self.weights);
            let log_odds = self.bias + products.map(|(value, weight)| value * weight).sum::<f32>();
            1.0 / (1.0 + (-log_odds).exp())
        })
    }
}

impl Knots {
    /// The value at `x`.
    #[must_use]
    pub fn at(&self, x: f32) -> f32 {
        let upper = self.0.partition_point(|knot| knot.0 <= x);
        match (
            upper.checked_sub(1).and_then(|lower| self.0.get(lower)),
            self.0.get(upper),
        ) {
            (Some(&(x0, y0)), Some(&(x1, y1))) => y0 + (y1 - y0) * (x - x0) / (x1 - x0),
            (Some(&(_, y)), None) | (None, Some(&(_, y))) => y,
            (None, None) => 0.0,
        }
    }

    fn is_valid(&self) -> bool {
        let is_finite = self.0.iter().all(|(x, y)| x.is_finite() && y.is_finite());
        !self.0.is_empty() && is_finite && self.0.is_sorted_by(|a, b| a.0 < b.0)
    }
}

impl AgeHead {
    /// The estimate in years, from the ages that FaceRes and face-api see.
    #[must_use]
    pub fn estimate(&self, faceres: f32, faceapi: f32) -> f32 {
        (self.faceres.at(faceres) + self.faceapi.at(faceapi)).clamp(0.0, MAX_AGE)
    }

    /// The range around an estimate, in whole years outwards.
    #[must_use]
    pub fn range(&self, estimate: f32) -> AgeRange {
        let low = (estimate + self.low.at(estimate))
            .floor()
            .clamp(0.0, MAX_AGE - 1.0);
        let high = (estimate + self.high.at(estimate))
            .ceil()
            .clamp(low + 1.0, MAX_AGE);
        AgeRange {
            low: low as u8,
            high: high as u8,
        }
    }
}

impl<T> Judgement<T> {
    /// `yes` or `no`, whichever is more likely.
    pub(super) fn new(probability: f32, yes: T, no: T) -> Self {
        let (value, probability) = if probability >= 0.5 {
            (yes, probability)
        } else {
            (no, 1.0 - probability)
        };
        Self {
            value,
            confidence: (100.0 * probability).min(MAX_CONFIDENCE),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_committed_numbers_are_good() {
        HeadFile::committed().unwrap();
    }

    #[test]
    fn numbers_that_do_not_fit_are_refused() {
        let mut heads = HeadFile::committed().unwrap();
        heads.smile.weights.pop();
        let text = serde_json::to_string(&heads).unwrap();
        assert!(matches!(HeadFile::parse(&text), Err(Invalid::Head("smile"))));
        let mut heads = HeadFile::committed().unwrap();
        heads.age.low.0.reverse();
        let text = serde_json::to_string(&heads).unwrap();
        assert!(matches!(HeadFile::parse(&text), Err(Invalid::Knots)));
        assert!(matches!(HeadFile::parse("{}"), Err(Invalid::Json(_))));
    }

    #[test]
    fn a_head_is_a_logistic_function() {
        let head = LogisticHead {
            groups: vec![FeatureGroup::Age, FeatureGroup::Openness],
            weights: vec![1.0, 0.0, -2.0],
            bias: 0.5,
        };
        let mut features = Features::default();
        assert_eq!(head.probability(&features), None);
        features.insert(FeatureGroup::Age, vec![2.5, 9.0]);
        features.insert(FeatureGroup::Openness, vec![0.5]);
        // 1 / (1 + exp(−2))
        assert!((head.probability(&features).unwrap() - 0.880_797).abs() < 1e-5);
    }

    #[test]
    fn knots_are_joined_by_lines() {
        let knots = Knots(vec![(0.0, 1.0), (10.0, 3.0), (20.0, -1.0)]);
        for (x, expected) in [(-5.0, 1.0), (5.0, 2.0), (10.0, 3.0), (15.0, 1.0), (30.0, -1.0)] {
            assert!((knots.at(x) - expected).abs() < 1e-6, "{x}");
        }
    }

    #[test]
    fn the_likelier_answer_is_given() {
        let yes = Judgement::new(0.75, true, false);
        assert!(yes.value && (yes.confidence - 75.0).abs() < 1e-4);
        let no = Judgement::new(0.25, true, false);
        assert!(!no.value && (no.confidence - 75.0).abs() < 1e-4);
        assert!(Judgement::new(1.0, true, false).confidence <= MAX_CONFIDENCE);
    }

    proptest! {
        #[test]
        fn a_range_holds_its_estimate_or_lies_beside_it(faceres in -50.0f32..150.0, faceapi in -50.0f32..150.0) {
            let age = HeadFile::committed().unwrap().age;
            let estimate = age.estimate(faceres, faceapi);
            let range = age.range(estimate);
            prop_assert!(range.low < range.high, "{:?}", range);
            prop_assert!((f32::from(range.low) - 10.0..f32::from(range.high) + 10.0).contains(&estimate));
        }
    }
}
