//! What a value may be: the constraints of the service models, as static tables.

use crate::pattern::Pattern;

/// The form of a value and what bounds it.
#[derive(Debug)]
pub enum Shape {
    /// True or false.
    Boolean,
    /// A 32-bit integer.
    Integer(Range),
    /// A 64-bit integer.
    Long(Range),
    /// A number with a fraction.
    Float(Range),
    /// Seconds since 1970.
    Timestamp,
    /// A text.
    Text(Text),
    /// One of these texts.
    Choice(&'static [&'static str]),
    /// Bytes, counted as such.
    Blob(Length),
    /// Values of one shape.
    List(&'static Shape, Length),
    /// Values of one shape, by text.
    Map {
        /// What the keys may be.
        key: &'static Text,
        /// What the values may be.
        value: &'static Text,
        /// How many.
        length: Length,
    },
    /// Named members.
    Structure(&'static [Member]),
}

/// What bounds a text.
#[derive(Debug)]
pub struct Text {
    /// In characters.
    pub(crate) length: Length,
    /// What the whole text must match.
    pub(crate) pattern: Option<&'static Pattern>,
    /// Not to be repeated in messages.
    pub(crate) sensitive: bool,
}

impl Text {
    pub(crate) const fn new(length: Length) -> Self {
        Self {
            length,
            pattern: None,
            sensitive: false,
        }
    }

    pub(crate) const fn matching(self, pattern: &'static Pattern) -> Self {
        Self {
            pattern: Some(pattern),
            ..self
        }
    }

    pub(crate) const fn sensitive(self) -> Self {
        Self {
            sensitive: true,
            ..self
        }
    }
}

/// Least and greatest number of characters, bytes or elements.
#[derive(Debug, Clone, Copy)]
pub struct Length {
    pub(crate) min: usize,
    pub(crate) max: usize,
}

impl Length {
    pub(crate) const ANY: Self = Self {
        min: 0,
        max: usize::MAX,
    };

    /// Of a list that has no limit of its own. The limit is ours: a body full of short elements would otherwise take many
    /// times its size in memory.
    pub(crate) const ANY_LIST: Self = Self { min: 0, max: 10_000 };

    pub(crate) const fn new(min: usize, max: usize) -> Self {
        Self { min, max }
    }
}

/// Least and greatest value.
#[derive(Debug, Clone, Copy)]
pub struct Range {
    pub(crate) min: f64,
    pub(crate) max: f64,
}

impl Range {
    pub(crate) const fn new(min: f64, max: f64) -> Self {
        Self { min, max }
    }
}

/// A member of a structure.
#[derive(Debug)]
pub struct Member {
    /// The name on the wire.
    pub(crate) name: &'static str,
    /// Whether it must be there.
    pub(crate) required: bool,
    /// What it may hold.
    pub(crate) shape: &'static Shape,
}

impl Member {
    pub(crate) const fn required(name: &'static str, shape: &'static Shape) -> Self {
        Self {
            name,
            required: true,
            shape,
        }
    }

    pub(crate) const fn optional(name: &'static str, shape: &'static Shape) -> Self {
        Self {
            name,
            required: false,
            shape,
        }
    }
}
