//! The public values: what can be asked for and what is answered.

use serde::Serialize;

/// Something that can be told of a face.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Attribute {
    /// Between which years the age lies.
    AgeRange,
    /// Male or female, as the face looks.
    Gender,
    /// What the face expresses.
    Emotions,
    /// Whether it smiles.
    Smile,
    /// Whether the eyes are open.
    EyesOpen,
    /// Whether the mouth is open.
    MouthOpen,
    /// Whether it wears glasses that show the eyes.
    Eyeglasses,
    /// Whether it wears dark glasses.
    Sunglasses,
    /// Whether it has a beard.
    Beard,
    /// Whether it has a mustache.
    Mustache,
    /// Whether a mask, dark glasses, a hand, a hat or something else covers eyes, nose or mouth.
    FaceOccluded,
    /// Where the eyes look.
    EyeDirection,
}

impl Attribute {
    /// Every attribute.
    pub const ALL: [Self; 12] = [
        Self::AgeRange,
        Self::Gender,
        Self::Emotions,
        Self::Smile,
        Self::EyesOpen,
        Self::MouthOpen,
        Self::Eyeglasses,
        Self::Sunglasses,
        Self::Beard,
        Self::Mustache,
        Self::FaceOccluded,
        Self::EyeDirection,
    ];
}

/// Which attributes are asked for. None by default.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct AttributeSet(u16);

impl AttributeSet {
    /// Nothing.
    pub const NONE: Self = Self(0);

    /// Everything, age and gender included.
    pub const ALL: Self = Self::NONE
        .with(Attribute::AgeRange)
        .with(Attribute::Gender)
        .with(Attribute::Emotions)
        .with(Attribute::Smile)
        .with(Attribute::EyesOpen)
        .with(Attribute::MouthOpen)
        .with(Attribute::Eyeglasses)
        .with(Attribute::Sunglasses)
        .with(Attribute::Beard)
        .with(Attribute::Mustache)
        .with(Attribute::FaceOccluded)
        .with(Attribute::EyeDirection);

    /// This set and `attribute`.
    #[must_use]
    pub const fn with(self, attribute: Attribute) -> Self {
        Self(self.0 | Self::bit(attribute))
    }

    /// This set without `attribute`.
    #[must_use]
    pub const fn without(self, attribute: Attribute) -> Self {
        Self(self.0 & !Self::bit(attribute))
    }

    /// What is in this set and in `other`.
    #[must_use]
    pub const fn and(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    /// Whether `attribute` is asked for.
    #[must_use]
    pub const fn contains(self, attribute: Attribute) -> bool {
        self.0 & Self::bit(attribute) != 0
    }

    /// Whether nothing is asked for.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    const fn bit(attribute: Attribute) -> u16 {
        1 << attribute as u16
    }
}

impl FromIterator<Attribute> for AttributeSet {
    fn from_iter<I: IntoIterator<Item = Attribute>>(attributes: I) -> Self {
        attributes.into_iter().fold(Self::NONE, Self::with)
    }
}

/// One answer and how sure it is.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Judgement<T> {
    /// The answer.
    pub value: T,
    /// How often such an answer is right in percent, 50–99, where both answers are equally common.
    pub confidence: f32,
}

/// An age range in whole years, both ends included.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct AgeRange {
    /// The lowest age.
    pub low: u8,
    /// The highest age, above the lowest.
    pub high: u8,
}

/// What a face looks like to a network that knows two genders. It says nothing about identity.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub enum Gender {
    /// Male.
    Male,
    /// Female.
    Female,
}

/// What a face seems to express, which need not be what a person feels.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[non_exhaustive]
pub enum Emotion {
    /// Nothing in particular.
    Calm,
    /// Joy.
    Happy,
    /// Sadness.
    Sad,
    /// Anger.
    Angry,
    /// Fear.
    Fear,
    /// Disgust.
    Disgusted,
    /// Surprise.
    Surprised,
}

/// One emotion and its share.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct EmotionScore {
    /// Which.
    pub emotion: Emotion,
    /// Percent; those of all emotions add up to 100.
    pub confidence: f32,
}

/// Where the eyes look, relative to the head.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct EyeDirection {
    /// Degrees; positive looks towards the right border of the image, as in [`selfsame_types::Pose`].
    pub yaw: f32,
    /// Degrees; positive looks up.
    pub pitch: f32,
    /// 0–100: how well the two eyes agree and how likely they are to be seen and open. No photos with known directions
    /// were at hand, so this is no rate of being right.
    pub confidence: f32,
}

/// What was told of a face; `None` where it was not asked for.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
pub struct Attributes {
    /// Between which years the age lies.
    pub age_range: Option<AgeRange>,
    /// Male or female, as the face looks.
    pub gender: Option<Judgement<Gender>>,
    /// Every emotion that the network knows, the most likely first; empty where not asked for.
    pub emotions: Vec<EmotionScore>,
    /// Whether it smiles.
    pub smile: Option<Judgement<bool>>,
    /// Whether the eyes are open. Behind dark glasses the confidence is low.
    pub eyes_open: Option<Judgement<bool>>,
    /// Whether the mouth is open.
    pub mouth_open: Option<Judgement<bool>>,
    /// Whether it wears glasses that show the eyes.
    pub eyeglasses: Option<Judgement<bool>>,
    /// Whether it wears dark glasses.
    pub sunglasses: Option<Judgement<bool>>,
    /// Whether it has a beard.
    pub beard: Option<Judgement<bool>>,
    /// Whether it has a mustache.
    pub mustache: Option<Judgement<bool>>,
    /// Whether a mask, dark glasses, a hand, a hat or something else covers eyes, nose or mouth.
    pub face_occluded: Option<Judgement<bool>>,
    /// Where the eyes look.
    pub eye_direction: Option<EyeDirection>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_set_holds_what_was_put_in() {
        let set: AttributeSet = [Attribute::Smile, Attribute::Beard].into_iter().collect();
        for attribute in Attribute::ALL {
            let expected = matches!(attribute, Attribute::Smile | Attribute::Beard);
            assert_eq!(set.contains(attribute), expected, "{attribute:?}");
        }
        let other = AttributeSet::NONE.with(Attribute::Sunglasses);
        assert_eq!(set.and(other), AttributeSet::NONE);
        assert_eq!(set.and(AttributeSet::ALL), set);
        assert!(set.without(Attribute::Smile).without(Attribute::Beard).is_empty());
        assert_eq!(
            Attribute::ALL.into_iter().collect::<AttributeSet>(),
            AttributeSet::ALL
        );
    }

    #[test]
    fn nothing_is_asked_for_unless_said_so() {
        assert!(AttributeSet::default().is_empty());
    }
}
