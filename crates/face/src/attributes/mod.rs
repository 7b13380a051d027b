//! What a face wears, does and looks like: age range, gender, emotions, smile, glasses, beard, what covers it, where the
//! eyes look.
//!
//! A few small networks turn the face into numbers ([`Features`]); small linear heads, fitted by `xtask fit-attributes`
//! and committed in `models/attributes/heads.json`, turn those into [`Attributes`] with calibrated confidences. Only what
//! an [`AttributeSet`] asks for is computed, so a system that must not guess age or gender never does. How well all
//! this works, and on whose faces it was fitted, is told in `docs/ATTRIBUTES.md`.
//!
//! Nothing here decides who somebody is, and nothing here is kept: see `embedder` for templates.

mod eyes;
mod features;
mod heads;
mod networks;
mod reader;
mod values;

pub use features::{FeatureGroup, Features};
pub use heads::{AgeHead, EmotionHead, HeadFile, Knots, LogisticHead};
pub use values::{
    AgeRange, Attribute, AttributeSet, Attributes, Emotion, EmotionScore, EyeDirection, Gender, Judgement,
};

pub(crate) use reader::Reader;
