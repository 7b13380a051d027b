//! How sure the expression network may be: a temperature, and a handicap for emotions that are rare in photos.
//!
//! Two kinds of labels: whether somebody smiles, which should go with "happy", and what one person saw in photos where
//! the network sees one of the rare emotions (`models/attributes/expressions.csv`). That these were chosen by what the
//! network says does no harm, since only the answer given that is fitted.

use selfsame_face::attributes::{EmotionHead, FeatureGroup};

use super::data::{Label, Sample};
use super::validation::rounded;

/// What one person saw in 62 photos, at most 13 of those where each rare emotion was the likeliest.
const EXPRESSIONS: &str = include_str!("../../../models/attributes/expressions.csv");

/// In the order of the network's outputs.
const NAMES: [&str; 7] = ["calm", "happy", "sad", "angry", "fear", "disgusted", "surprised"];

/// How the head does on the labels that it was fitted on: it has two numbers and they are hundreds.
pub(super) struct EmotionFigures {
    /// Share of smiling faces whose likeliest emotion is happy, and of others.
    pub(super) happy: (f64, f64),
    /// Of the photos with rare emotions: how many, the share where the likeliest is what was seen, its mean share.
    pub(super) rare: (usize, f64, f64),
    /// The same for the network as it is.
    pub(super) rare_before: (f64, f64),
}

struct Faces<'a> {
    smiling: Vec<(&'a [f32], bool)>,
    seen: Vec<(&'a [f32], usize)>,
}

pub(super) fn fit(samples: &[Sample]) -> (EmotionHead, EmotionFigures) {
    let mut faces = Faces {
        smiling: Vec::new(),
        seen: Vec::new(),
    };
    for sample in samples {
        let Some(logits) = sample.features.group(FeatureGroup::EmotionLogits) else {
            continue;
        };
        if let Label::Person(row) = &sample.label
            && let Some(smiles) = row.get("Smiling")
        {
            faces.smiling.push((logits, smiles == "1"));
        }
        faces
            .seen
            .extend(seen(&sample.photo).map(|expression| (logits, expression)));
    }
    let mut best = (f64::INFINITY, 1.0, 0.0);
    for step in 2..=24 {
        for down in 0..=20 {
            let (temperature, bias) = (f64::from(step) / 4.0, -f64::from(down) / 4.0);
            let loss = faces.loss(temperature, bias);
            if loss < best.0 {
                best = (loss, temperature, bias);
            }
        }
    }
    let (_, temperature, bias) = best;
    let head = EmotionHead {
        temperature: rounded(temperature),
        rare_bias: rounded(bias),
    };
    (head, faces.figures(temperature, bias))
}

/// What was seen in a photo, if it was looked at.
fn seen(photo: &str) -> Option<usize> {
    let mut rows = EXPRESSIONS
        .lines()
        .skip(1)
        .filter_map(|line| line.split_once(','));
    let (_, expression) = rows.find(|(name, _)| *name == photo)?;
    NAMES.iter().position(|name| *name == expression)
}

fn shares(logits: &[f32], temperature: f64, bias: f64) -> Vec<f64> {
    let powers = logits.iter().enumerate().map(|(index, logit)| {
        let bias = if index < 2 { 0.0 } else { bias };
        (f64::from(*logit) / temperature + bias).exp()
    });
    let powers: Vec<f64> = powers.collect();
    let sum: f64 = powers.iter().sum();
    powers.into_iter().map(|power| power / sum).collect()
}

fn largest(shares: &[f64]) -> usize {
    (0..shares.len())
        .max_by(|a, b| shares[*a].total_cmp(&shares[*b]))
        .unwrap_or_default()
}

impl Faces<'_> {
    /// Minus the logarithm of the likelihood.
    fn loss(&self, temperature: f64, bias: f64) -> f64 {
        let smiling = self.smiling.iter().map(|(logits, smiles)| {
            let happy = shares(logits, temperature, bias)[1];
            -(if *smiles { happy } else { 1.0 - happy }).max(1e-6).ln()
        });
        let seen = self
            .seen
            .iter()
            .map(|(logits, expression)| -shares(logits, temperature, bias)[*expression].ln());
        smiling.sum::<f64>() + seen.sum::<f64>()
    }

    fn figures(&self, temperature: f64, bias: f64) -> EmotionFigures {
        let happy = |wanted: bool| {
            let asked: Vec<_> = self
                .smiling
                .iter()
                .filter(|(_, smiles)| *smiles == wanted)
                .collect();
            let is_happy = |logits: &[f32]| largest(&shares(logits, temperature, bias)) == 1;
            asked.iter().filter(|(logits, _)| is_happy(logits)).count() as f64 / asked.len() as f64
        };
        let rare = |temperature: f64, bias: f64| {
            let (mut right, mut sure) = (0.0, 0.0);
            for (logits, expression) in &self.seen {
                let shares = shares(logits, temperature, bias);
                let top = largest(&shares);
                right += f64::from(u8::from(top == *expression));
                sure += shares[top];
            }
            let count = self.seen.len() as f64;
            (right / count, sure / count)
        };
        let (right, sure) = rare(temperature, bias);
        EmotionFigures {
            happy: (happy(true), happy(false)),
            rare: (self.seen.len(), right, sure),
            rare_before: rare(1.0, 0.0),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_network_that_is_too_sure_is_cooled() {
        // says happy with 9:1 odds and is right two times of three
        let (happy, calm) = (
            [0.0, 2.2, -9.0, -9.0, -9.0, -9.0, -9.0],
            [2.2, 0.0, -9.0, -9.0, -9.0, -9.0, -9.0],
        );
        let faces = Faces {
            smiling: vec![
                (&happy, true),
                (&happy, true),
                (&happy, false),
                (&calm, false),
                (&calm, false),
                (&calm, true),
            ],
            seen: Vec::new(),
        };
        assert!(faces.loss(3.0, 0.0) < faces.loss(1.0, 0.0));
    }

    #[test]
    fn every_label_is_known() {
        let labels = EXPRESSIONS
            .lines()
            .skip(1)
            .filter_map(|line| line.split_once(','));
        assert!(labels.clone().count() > 50);
        for (photo, expression) in labels {
            assert!(NAMES.contains(&expression) && seen(photo).is_some(), "{photo}");
        }
    }
}
