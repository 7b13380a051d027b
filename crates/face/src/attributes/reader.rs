//! Runs the networks that an answer needs, once each, and lets the heads judge.

use std::collections::BTreeSet;

use image::RgbImage;
use selfsame_types::Point;
use selfsame_vision::Engine;
use selfsame_vision::pack::Resolved;
use selfsame_vision::warp::Sampling;

use super::eyes::{self, Eye};
use super::features::{FeatureGroup, Features};
use super::heads::{EmotionHead, HeadFile, LogisticHead};
use super::networks::{Network, PixelNetwork};
use super::values::{
    Attribute, AttributeSet, Attributes, Emotion, EmotionScore, EyeDirection, Gender, Judgement,
};
use crate::alignment::align;
use crate::parameters::AlignmentKind;
use crate::{Detection, Error};

/// Pixels that FaceRes sees around the 112 × 112 of the ArcFace alignment, on every side. Measured on every sixth
/// photo of `faces/age-gender`: the mean error of its age is 5.6 years at 0, 5.6 at 14, 6.5 at 34; the mouth's corners and
/// the chin need the margin.
const MARGIN_PX: f32 = 14.0;

/// The order of the expression network's outputs (face-api, `FaceExpressions.ts`).
const EMOTIONS: [Emotion; 7] = [
    Emotion::Calm,
    Emotion::Happy,
    Emotion::Sad,
    Emotion::Angry,
    Emotion::Fear,
    Emotion::Disgusted,
    Emotion::Surprised,
];

/// Reads attributes off faces.
pub(crate) struct Reader {
    trunk: PixelNetwork,
    rest: Network,
    age_gender: PixelNetwork,
    expression: PixelNetwork,
    iris: PixelNetwork,
    heads: HeadFile,
}

impl Reader {
    /// The networks of a pack, none of which is loaded before it is needed; a role that the pack lacks is an error then.
    pub(crate) fn new(resolved: &Resolved, engine: &Engine, concurrency: usize) -> Result<Self, Error> {
        let network = |role| PixelNetwork::new(resolved, role, engine, concurrency);
        Ok(Self {
            trunk: network("attributes")?,
            rest: Network::new(resolved, "attributes-age-gender", engine, concurrency),
            age_gender: network("age-gender")?,
            expression: network("expression")?,
            iris: network("iris")?,
            heads: HeadFile::committed()
                .map_err(|error| resolved.wrong_parameters("attributes", error.to_string()))?,
        })
    }

    /// What `set` asks for, of a face in an upright image. Nothing where the face's points allow no alignment.
    pub(crate) fn read(
        &self,
        image: &RgbImage,
        face: &Detection,
        set: AttributeSet,
    ) -> Result<Attributes, Error> {
        if set.is_empty() {
            return Ok(Attributes::default());
        }
        let features = self.features(image, face, &self.groups(set))?;
        Ok(self.heads.judge(&features, set))
    }

    /// What the networks of the pack can tell.
    pub(crate) fn available(&self) -> AttributeSet {
        let can = |attribute: &Attribute| {
            let groups = self.groups(AttributeSet::NONE.with(*attribute));
            let needs = |needed: &[FeatureGroup]| needed.iter().any(|group| groups.contains(group));
            [
                (needs(TRUNK), self.trunk.is_there()),
                (
                    needs(AGE_GENDER),
                    self.rest.is_there() && self.age_gender.is_there(),
                ),
                (needs(EXPRESSION), self.expression.is_there()),
                (needs(IRIS), self.iris.is_there()),
            ]
            .iter()
            .all(|(needed, there)| !needed || *there)
        };
        Attribute::ALL.into_iter().filter(can).collect()
    }

    /// The groups of features of a face; fewer where its points allow no alignment or its eyes are none.
    pub(crate) fn features(
        &self,
        image: &RgbImage,
        face: &Detection,
        groups: &BTreeSet<FeatureGroup>,
    ) -> Result<Features, Error> {
        let mut features = Features::default();
        let needs = |needed: &[FeatureGroup]| needed.iter().any(|group| groups.contains(group));
        if needs(TRUNK) {
            self.add_faceres(image, face, groups, &mut features)?;
        }
        if needs(EXPRESSION) {
            self.add_expression(image, face, &mut features)?;
        }
        if needs(IRIS) {
            self.add_eyes(image, face, &mut features)?;
        }
        Ok(features)
    }

    /// The groups that `set` needs.
    fn groups(&self, set: AttributeSet) -> BTreeSet<FeatureGroup> {
        let heads = &self.heads;
        let mut groups = BTreeSet::new();
        for (attribute, head, _) in heads.answers() {
            if set.contains(attribute) {
                groups.extend(&head.groups);
            }
        }
        for (attribute, needed) in [
            (Attribute::AgeRange, FeatureGroup::Age),
            (Attribute::Emotions, FeatureGroup::EmotionLogits),
            (Attribute::EyeDirection, FeatureGroup::Gaze),
        ] {
            if set.contains(attribute) {
                groups.insert(needed);
            }
        }
        if set.contains(Attribute::Gender) {
            groups.extend(&heads.male.groups);
        }
        if set.contains(Attribute::EyesOpen) || set.contains(Attribute::EyeDirection) {
            groups.extend(heads.eyes_open.groups.iter().chain(&heads.sunglasses.groups));
        }
        groups
    }

    fn add_faceres(
        &self,
        image: &RgbImage,
        face: &Detection,
        groups: &BTreeSet<FeatureGroup>,
        features: &mut Features,
    ) -> Result<(), Error> {
        let Some(chip) = chip(image, face, self.trunk.side_px()?, MARGIN_PX) else {
            return Ok(());
        };
        let [fine, coarse] = self.trunk.run(&chip)?;
        features
            .add_maps(&fine, &coarse, groups)
            .ok_or_else(|| self.trunk.unexpected("maps of other shapes".to_owned()))?;
        if !AGE_GENDER.iter().any(|group| groups.contains(group)) {
            return Ok(());
        }
        let [ages, male] = self.rest.run(&coarse)?;
        let [male] = male.data[..] else {
            return Err(self.rest.unexpected("more than one number for male".to_owned()));
        };
        let age = ages
            .data
            .iter()
            .enumerate()
            .map(|(age, share)| age as f32 * share)
            .sum();
        let Some(chip) = self::chip(image, face, self.age_gender.side_px()?, 0.0) else {
            return Ok(());
        };
        let [answer] = self.age_gender.run(&chip)?;
        let [second_age, second_male, second_female] = answer.data[..] else {
            return Err(self.age_gender.unexpected("not three numbers".to_owned()));
        };
        features.insert(FeatureGroup::Age, vec![age, second_age]);
        features.insert(
            FeatureGroup::Male,
            vec![log_odds(male), second_male - second_female],
        );
        Ok(())
    }

    fn add_expression(
        &self,
        image: &RgbImage,
        face: &Detection,
        features: &mut Features,
    ) -> Result<(), Error> {
        if let Some(chip) = chip(image, face, self.expression.side_px()?, 0.0) {
            let [logits, means] = self.expression.run(&chip)?;
            if (logits.data.len(), means.data.len()) != (EMOTIONS.len(), FeatureGroup::Expression.len()) {
                return Err(self.expression.unexpected("outputs of other lengths".to_owned()));
            }
            features.insert(FeatureGroup::EmotionLogits, logits.data);
            features.insert(FeatureGroup::Expression, means.data);
        }
        Ok(())
    }

    fn add_eyes(&self, image: &RgbImage, face: &Detection, features: &mut Features) -> Result<(), Error> {
        let mut seen = Vec::new();
        for (chip, mirrored) in eyes::chips(image, &face.landmarks, self.iris.side_px()?)
            .iter()
            .zip([false, true])
        {
            let [points] = self.iris.run(chip)?;
            seen.extend(Eye::read(&points.data, mirrored));
        }
        if let [left, right] = seen[..] {
            let openness = f32::midpoint(left.openness, right.openness);
            features.insert(FeatureGroup::Openness, vec![openness]);
            let gaze = vec![left.yaw, left.pitch, right.yaw, right.pitch];
            features.insert(FeatureGroup::Gaze, gaze);
        }
        Ok(())
    }
}

/// Groups that need FaceRes.
const TRUNK: &[FeatureGroup] = &[
    FeatureGroup::Eyes,
    FeatureGroup::Mouth,
    FeatureGroup::MouthFine,
    FeatureGroup::Chin,
    FeatureGroup::LowerFace,
    FeatureGroup::Age,
    FeatureGroup::Male,
];
/// Groups that need the networks for age and gender.
const AGE_GENDER: &[FeatureGroup] = &[FeatureGroup::Age, FeatureGroup::Male];
/// Groups that need the expression network.
const EXPRESSION: &[FeatureGroup] = &[FeatureGroup::Expression, FeatureGroup::EmotionLogits];
/// Groups that need the iris network.
const IRIS: &[FeatureGroup] = &[FeatureGroup::Openness, FeatureGroup::Gaze];

/// The aligned face with `margin_px` (of 112) around the ArcFace chip, at `side_px`.
fn chip(image: &RgbImage, face: &Detection, side_px: u32, margin_px: f32) -> Option<RgbImage> {
    let scale = side_px as f32 / (112.0 + 2.0 * margin_px);
    let targets = AlignmentKind::ArcFace
        .targets(112)
        .map(|p| Point::new((p.x + margin_px) * scale, (p.y + margin_px) * scale));
    // as the heads were fitted
    align(
        image,
        &face.landmarks.points(),
        &targets,
        side_px,
        Sampling::Bilinear,
    )
}

fn log_odds(probability: f32) -> f32 {
    let probability = probability.clamp(1e-6, 1.0 - 1e-6);
    (probability / (1.0 - probability)).ln()
}

/// A place in [`Attributes`] that holds yes or no.
type Place = fn(&mut Attributes) -> &mut Option<Judgement<bool>>;

impl HeadFile {
    /// The heads whose answer is told as it is.
    fn answers(&self) -> [(Attribute, &LogisticHead, Place); 7] {
        [
            (Attribute::Smile, &self.smile, |a| &mut a.smile),
            (Attribute::MouthOpen, &self.mouth_open, |a| &mut a.mouth_open),
            (Attribute::Eyeglasses, &self.eyeglasses, |a| &mut a.eyeglasses),
            (Attribute::Sunglasses, &self.sunglasses, |a| &mut a.sunglasses),
            (Attribute::Beard, &self.beard, |a| &mut a.beard),
            (Attribute::Mustache, &self.mustache, |a| &mut a.mustache),
            (Attribute::FaceOccluded, &self.face_occluded, |a| {
                &mut a.face_occluded
            }),
        ]
    }

    /// What `set` asks for, as far as the features allow.
    fn judge(&self, features: &Features, set: AttributeSet) -> Attributes {
        let mut attributes = Attributes::default();
        for (attribute, head, place) in self.answers() {
            if set.contains(attribute) {
                let probability = head.probability(features);
                *place(&mut attributes) = probability.map(|p| Judgement::new(p, true, false));
            }
        }
        if set.contains(Attribute::Gender) {
            let probability = self.male.probability(features);
            attributes.gender = probability.map(|p| Judgement::new(p, Gender::Male, Gender::Female));
        }
        if set.contains(Attribute::AgeRange)
            && let Some(&[faceres, faceapi]) = features.group(FeatureGroup::Age)
        {
            let estimate = self.age.estimate(faceres, faceapi);
            attributes.age_range = Some(self.age.range(estimate));
        }
        if set.contains(Attribute::Emotions)
            && let Some(logits) = features.group(FeatureGroup::EmotionLogits)
        {
            attributes.emotions = self.emotions.shares(logits);
        }
        if let Some(open) = self.open(features) {
            if set.contains(Attribute::EyesOpen) {
                attributes.eyes_open = Some(Judgement::new(open, true, false));
            }
            if set.contains(Attribute::EyeDirection) {
                attributes.eye_direction = self.direction(features, open);
            }
        }
        attributes
    }

    /// The probability that the eyes are open: one half as far as dark glasses hide them.
    fn open(&self, features: &Features) -> Option<f32> {
        let open = self.eyes_open.probability(features)?;
        let seen = 1.0 - self.sunglasses.probability(features)?;
        Some(0.5 + (open - 0.5) * seen)
    }

    fn direction(&self, features: &Features, open: f32) -> Option<EyeDirection> {
        let &[left_yaw, left_pitch, right_yaw, right_pitch] = features.group(FeatureGroup::Gaze)? else {
            return None;
        };
        let disagreement = (left_yaw - right_yaw) / self.gaze_disagreement;
        let agreement = (-0.5 * disagreement * disagreement).exp();
        Some(EyeDirection {
            yaw: f32::midpoint(left_yaw, right_yaw),
            pitch: f32::midpoint(left_pitch, right_pitch) - self.level_gaze_pitch,
            // hidden eyes are open with a probability of one half, and then nothing is known
            confidence: 100.0 * agreement * (2.0 * open - 1.0).max(0.0),
        })
    }
}

impl EmotionHead {
    /// Shares of all emotions, the most likely first.
    fn shares(&self, logits: &[f32]) -> Vec<EmotionScore> {
        let powers = EMOTIONS.iter().zip(logits).map(|(emotion, logit)| {
            let bias = match emotion {
                Emotion::Calm | Emotion::Happy => 0.0,
                _ => self.rare_bias,
            };
            logit / self.temperature + bias
        });
        let powers: Vec<f32> = powers.collect();
        let largest = powers.iter().copied().fold(f32::NEG_INFINITY, f32::max);
        let shares: Vec<f32> = powers.iter().map(|power| (power - largest).exp()).collect();
        let sum: f32 = shares.iter().sum();
        let score = |(emotion, share)| EmotionScore {
            emotion,
            confidence: 100.0 * share / sum,
        };
        let mut scores: Vec<EmotionScore> = EMOTIONS.into_iter().zip(shares).map(score).collect();
        scores.sort_by(|a, b| b.confidence.total_cmp(&a.confidence));
        scores
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn emotions_are_sorted_shares() {
        let head = EmotionHead {
            temperature: 0.5,
            rare_bias: -1.0,
        };
        let scores = head.shares(&[0.0, 1.0, 0.5, 0.5, 1.0, 0.5, 0.5]);
        assert_eq!(
            (scores[0].emotion, scores[1].emotion),
            (Emotion::Happy, Emotion::Fear)
        );
        let sum: f32 = scores.iter().map(|score| score.confidence).sum();
        assert!((sum - 100.0).abs() < 1e-3);
        // e² / (e² + e + 5)
        assert!((scores[0].confidence - 48.91).abs() < 0.01, "{scores:?}");
    }

    fn features(openness: f32, gaze: [f32; 4]) -> Features {
        let mut features = Features::default();
        features.insert(FeatureGroup::Openness, vec![openness]);
        features.insert(FeatureGroup::Gaze, gaze.to_vec());
        features.insert(FeatureGroup::Eyes, vec![0.0; 512]);
        features
    }

    #[test]
    fn eyes_that_agree_are_surer() {
        let heads = HeadFile::committed().unwrap();
        let set = AttributeSet::NONE.with(Attribute::EyeDirection);
        let confidence = |gaze| {
            heads
                .judge(&features(0.35, gaze), set)
                .eye_direction
                .unwrap()
                .confidence
        };
        assert!(confidence([10.0, 0.0, 10.0, 0.0]) > confidence([25.0, 0.0, -5.0, 0.0]));
        let looks = heads
            .judge(&features(0.35, [10.0, 5.0, 20.0, 7.0]), set)
            .eye_direction
            .unwrap();
        assert!((looks.yaw - 15.0).abs() < 1e-4);
        assert!((looks.pitch - 6.0 + heads.level_gaze_pitch).abs() < 1e-4);
    }

    #[test]
    fn only_what_is_asked_for_is_told() {
        let heads = HeadFile::committed().unwrap();
        let mut features = features(0.35, [0.0; 4]);
        features.insert(FeatureGroup::Age, vec![30.0, 30.0]);
        features.insert(FeatureGroup::Male, vec![3.0, 3.0]);
        let nothing = heads.judge(&features, AttributeSet::NONE);
        assert_eq!(nothing, Attributes::default());
        let gender = heads.judge(&features, AttributeSet::NONE.with(Attribute::Gender));
        assert_eq!(gender.gender.unwrap().value, Gender::Male);
        assert_eq!(gender.age_range, None);
        let age = heads.judge(&features, AttributeSet::NONE.with(Attribute::AgeRange));
        let range = age.age_range.unwrap();
        assert!((range.low..=range.high).contains(&30), "{range:?}");
    }

    #[test]
    fn an_open_eye_is_told_from_a_closed_one() {
        let heads = HeadFile::committed().unwrap();
        let set = AttributeSet::NONE.with(Attribute::EyesOpen);
        let open = |openness| {
            heads
                .judge(&features(openness, [0.0; 4]), set)
                .eyes_open
                .unwrap()
                .value
        };
        assert!(open(0.35));
        assert!(!open(0.08));
    }
}
