//! Attributes of a face as one line for people.

use selfsame_face::attributes::{Attributes, Gender, Judgement};

/// What is there, with how sure it is in percent; what is not there is left out, but for closed eyes.
pub(crate) fn line(attributes: &Attributes) -> String {
    let mut parts = Vec::new();
    if let Some(range) = attributes.age_range {
        parts.push(format!("age {}–{}", range.low, range.high));
    }
    if let Some(Judgement { value, confidence }) = attributes.gender {
        let name = match value {
            Gender::Male => "male",
            Gender::Female => "female",
        };
        parts.push(format!("{name} {confidence:.0} %"));
    }
    for (judgement, when, name) in [
        (attributes.sunglasses, true, "sunglasses"),
        (attributes.eyeglasses, true, "eyeglasses"),
        (attributes.face_occluded, true, "covered"),
        (attributes.eyes_open, false, "eyes closed"),
        (attributes.mouth_open, true, "mouth open"),
        (attributes.smile, true, "smile"),
        (attributes.beard, true, "beard"),
        (attributes.mustache, true, "mustache"),
    ] {
        if let Some(Judgement { value, confidence }) = judgement
            && value == when
        {
            parts.push(format!("{name} {confidence:.0} %"));
        }
    }
    if let Some(first) = attributes.emotions.first() {
        parts.push(format!("{:?} {:.0} %", first.emotion, first.confidence).to_lowercase());
    }
    if let Some(eyes) = attributes.eye_direction {
        parts.push(format!(
            "eyes to yaw {:.0}° pitch {:.0}° ({:.0} %)",
            eyes.yaw, eyes.pitch, eyes.confidence
        ));
    }
    if parts.is_empty() {
        return "nothing of note".to_owned();
    }
    parts.join("  ")
}

#[cfg(test)]
mod tests {
    use selfsame_face::attributes::{AgeRange, Emotion, EmotionScore};

    use super::*;

    #[test]
    fn only_what_is_there_is_told() {
        let sure = |value, confidence| Some(Judgement { value, confidence });
        let attributes = Attributes {
            age_range: Some(AgeRange { low: 20, high: 31 }),
            sunglasses: sure(false, 99.0),
            eyes_open: sure(false, 81.0),
            smile: sure(true, 97.4),
            emotions: vec![EmotionScore {
                emotion: Emotion::Happy,
                confidence: 91.0,
            }],
            ..Attributes::default()
        };
        assert_eq!(
            line(&attributes),
            "age 20–31  eyes closed 81 %  smile 97 %  happy 91 %"
        );
        assert_eq!(line(&Attributes::default()), "nothing of note");
    }
}
