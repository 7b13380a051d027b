//! Attributes of faces between AWS's names and ours. What was not asked for is absent.

use selfsame_face::attributes::{Attribute, AttributeSet, Attributes, Emotion, Gender, Judgement};
use selfsame_wire::rekognition as wire;
use selfsame_wire::rekognition::{EmotionName, GenderType};

/// What a request asks for beyond `DEFAULT`.
pub(super) fn wanted(asked: Option<&[wire::Attribute]>) -> AttributeSet {
    asked
        .unwrap_or_default()
        .iter()
        .fold(AttributeSet::NONE, |set, attribute| match one(*attribute) {
            Some(attribute) => set.with(attribute),
            None if *attribute == wire::Attribute::All => AttributeSet::ALL,
            None => set,
        })
}

fn one(attribute: wire::Attribute) -> Option<Attribute> {
    Some(match attribute {
        wire::Attribute::AgeRange => Attribute::AgeRange,
        wire::Attribute::Beard => Attribute::Beard,
        wire::Attribute::Emotions => Attribute::Emotions,
        wire::Attribute::EyeDirection => Attribute::EyeDirection,
        wire::Attribute::Eyeglasses => Attribute::Eyeglasses,
        wire::Attribute::EyesOpen => Attribute::EyesOpen,
        wire::Attribute::Gender => Attribute::Gender,
        wire::Attribute::MouthOpen => Attribute::MouthOpen,
        wire::Attribute::Mustache => Attribute::Mustache,
        wire::Attribute::FaceOccluded => Attribute::FaceOccluded,
        wire::Attribute::Smile => Attribute::Smile,
        wire::Attribute::Sunglasses => Attribute::Sunglasses,
        _ => return None,
    })
}

/// Adds what was computed.
pub(super) fn describe(attributes: &Attributes, detail: &mut wire::FaceDetail) {
    detail.age_range = attributes.age_range.map(|range| wire::AgeRange {
        low: Some(range.low.into()),
        high: Some(range.high.into()),
    });
    detail.gender = attributes.gender.map(|judgement| wire::Gender {
        value: Some(match judgement.value {
            Gender::Male => GenderType::Male,
            Gender::Female => GenderType::Female,
        }),
        confidence: Some(judgement.confidence),
    });
    let emotions = attributes.emotions.iter().map(|score| wire::Emotion {
        r#type: Some(emotion(score.emotion)),
        confidence: Some(score.confidence),
    });
    detail.emotions = (!attributes.emotions.is_empty()).then(|| emotions.collect());
    detail.eye_direction = attributes.eye_direction.map(|direction| wire::EyeDirection {
        yaw: Some(direction.yaw),
        pitch: Some(direction.pitch),
        confidence: Some(direction.confidence),
    });
    judgements(attributes, detail);
}

/// AWS has a type of its own for every yes or no.
fn judgements(attributes: &Attributes, detail: &mut wire::FaceDetail) {
    macro_rules! copy {
        ($($member:ident: $type:ident),+ $(,)?) => {$(
            detail.$member = attributes.$member.map(|Judgement { value, confidence }| wire::$type {
                value: Some(value),
                confidence: Some(confidence),
            });
        )+};
    }
    copy! {
        smile: Smile,
        eyeglasses: Eyeglasses,
        sunglasses: Sunglasses,
        beard: Beard,
        mustache: Mustache,
        eyes_open: EyeOpen,
        mouth_open: MouthOpen,
        face_occluded: FaceOccluded,
    }
}

/// AWS's names; its `CONFUSED` and `UNKNOWN` are none that the network knows.
fn emotion(emotion: Emotion) -> EmotionName {
    match emotion {
        Emotion::Calm => EmotionName::Calm,
        Emotion::Happy => EmotionName::Happy,
        Emotion::Sad => EmotionName::Sad,
        Emotion::Angry => EmotionName::Angry,
        Emotion::Fear => EmotionName::Fear,
        Emotion::Disgusted => EmotionName::Disgusted,
        Emotion::Surprised => EmotionName::Surprised,
        _ => EmotionName::Unknown,
    }
}

#[cfg(test)]
mod tests {
    use selfsame_face::attributes::{AgeRange, EmotionScore, EyeDirection};

    use super::*;

    #[test]
    fn nothing_is_computed_that_was_not_asked_for() {
        assert!(wanted(None).is_empty());
        assert!(wanted(Some(&[wire::Attribute::Default])).is_empty());
        let some = wanted(Some(&[wire::Attribute::Default, wire::Attribute::Smile]));
        assert_eq!(some, AttributeSet::NONE.with(Attribute::Smile));
        assert_eq!(wanted(Some(&[wire::Attribute::All])), AttributeSet::ALL);
        let every: Vec<wire::Attribute> = wire::Attribute::ALL
            .iter()
            .copied()
            .filter(|attribute| *attribute != wire::Attribute::All)
            .collect();
        assert_eq!(wanted(Some(&every)), AttributeSet::ALL, "one after the other");
    }

    #[test]
    fn what_was_computed_is_told_in_awss_form() {
        let yes = Some(Judgement {
            value: true,
            confidence: 91.5,
        });
        let attributes = Attributes {
            age_range: Some(AgeRange { low: 25, high: 36 }),
            gender: Some(Judgement {
                value: Gender::Female,
                confidence: 98.0,
            }),
            emotions: [(Emotion::Happy, 90.0), (Emotion::Calm, 10.0)]
                .map(|(emotion, confidence)| EmotionScore { emotion, confidence })
                .to_vec(),
            smile: yes,
            eyes_open: yes,
            mouth_open: yes,
            eyeglasses: yes,
            sunglasses: yes,
            beard: yes,
            mustache: yes,
            face_occluded: yes,
            eye_direction: Some(EyeDirection {
                yaw: 1.5,
                pitch: -2.0,
                confidence: 80.0,
            }),
        };
        let mut detail = wire::FaceDetail::default();
        describe(&attributes, &mut detail);
        insta::assert_json_snapshot!(detail);
        let mut nothing = wire::FaceDetail::default();
        describe(&Attributes::default(), &mut nothing);
        assert_eq!(nothing, wire::FaceDetail::default());
    }
}
