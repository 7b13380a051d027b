//! Identifiers. Text ids keep their case and are compared byte for byte, everywhere.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// Why a text is not an id.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidId {
    /// Empty, or longer than the kind of id allows.
    #[error("{kind} must have 1 to {max} characters, not {length}")]
    Length {
        /// The kind of id, as clients know it ("UserId").
        kind: &'static str,
        /// The largest number of characters.
        max: usize,
        /// What was given.
        length: usize,
    },
    /// A character outside the allowed set.
    #[error("{kind} may hold only letters, digits and {allowed:?}, not {found:?}")]
    Character {
        /// The kind of id, as clients know it ("UserId").
        kind: &'static str,
        /// The punctuation that is allowed beside ASCII letters and digits.
        allowed: &'static str,
        /// The first character that is not.
        found: char,
    },
    /// Not a UUID.
    #[error("{kind} must be a lowercase UUID")]
    Uuid {
        /// The kind of id, as clients know it ("FaceId").
        kind: &'static str,
    },
}

fn check(kind: &'static str, text: &str, max: usize, allowed: &'static str) -> Result<(), InvalidId> {
    let length = text.chars().count();
    if length == 0 || length > max {
        return Err(InvalidId::Length { kind, max, length });
    }
    match text
        .chars()
        .find(|c| !c.is_ascii_alphanumeric() && !allowed.contains(*c))
    {
        Some(found) => Err(InvalidId::Character { kind, allowed, found }),
        None => Ok(()),
    }
}

macro_rules! text_id {
    ($(#[$doc:meta])* $name:ident, $max:literal, $allowed:literal) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(String);

        impl $name {
            /// The largest number of characters.
            pub const MAX_LENGTH: usize = $max;

            /// Checks length and characters.
            pub fn new(text: impl Into<String>) -> Result<Self, InvalidId> {
                let text = text.into();
                check(stringify!($name), &text, $max, $allowed)?;
                Ok(Self(text))
            }

            /// The id as text, exactly as it was given.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl FromStr for $name {
            type Err = InvalidId;
            fn from_str(text: &str) -> Result<Self, InvalidId> {
                Self::new(text)
            }
        }

        impl TryFrom<String> for $name {
            type Error = InvalidId;
            fn try_from(text: String) -> Result<Self, InvalidId> {
                Self::new(text)
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> String {
                id.0
            }
        }
    };
}

text_id! {
    /// A person, as the application names them: 1–128 characters of `[a-zA-Z0-9_.\-:@+]`. This is the
    /// Rekognition `UserId` set plus `@` and `+`, so that an e-mail address can be an id.
    UserId, 128, "_.-:@+"
}

text_id! {
    /// A set of faces searched together: 1–255 characters of `[a-zA-Z0-9_.\-]`.
    CollectionId, 255, "_.-"
}

macro_rules! uuid_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(Uuid);

        impl $name {
            /// Wraps a UUID.
            #[must_use]
            pub const fn new(uuid: Uuid) -> Self {
                Self(uuid)
            }

            /// The UUID itself.
            #[must_use]
            pub const fn uuid(self) -> Uuid {
                self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.hyphenated().fmt(f)
            }
        }

        impl FromStr for $name {
            type Err = InvalidId;
            fn from_str(text: &str) -> Result<Self, InvalidId> {
                let uuid = Uuid::try_parse(text).map_err(|_| InvalidId::Uuid { kind: stringify!($name) })?;
                // Exactly one spelling names a face: upper case, braces and missing hyphens are other texts.
                if uuid.hyphenated().to_string() == text {
                    Ok(Self(uuid))
                } else {
                    Err(InvalidId::Uuid { kind: stringify!($name) })
                }
            }
        }
    };
}

uuid_id! {
    /// One enrolled face.
    FaceId
}

uuid_id! {
    /// One submitted image, whether or not its bytes were kept.
    ImageId
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn user_ids_keep_their_case() {
        assert_ne!(UserId::new("Alice").unwrap(), UserId::new("alice").unwrap());
        assert_eq!(UserId::new("Alice").unwrap().to_string(), "Alice");
    }

    #[test]
    fn the_error_names_what_is_wrong() {
        assert_eq!(
            UserId::new("o'brien").unwrap_err().to_string(),
            "UserId may hold only letters, digits and \"_.-:@+\", not '\\''"
        );
        assert_eq!(
            UserId::new("").unwrap_err().to_string(),
            "UserId must have 1 to 128 characters, not 0"
        );
        assert!(UserId::new("x".repeat(129)).is_err());
        assert!(CollectionId::new("a:b").is_err());
    }

    #[test]
    fn uuids_have_one_spelling() {
        let text = "0f8fad5b-d9cb-469f-a165-70867728950e";
        assert_eq!(text.parse::<FaceId>().unwrap().to_string(), text);
        assert!(text.to_uppercase().parse::<FaceId>().is_err());
        assert!(format!("{{{text}}}").parse::<FaceId>().is_err());
    }

    proptest! {
        #[test]
        fn accepted_ids_come_back_unchanged(text in "\\PC{0,140}") {
            if let Ok(id) = UserId::new(text.clone()) {
                prop_assert_eq!(id.as_str(), &text);
                prop_assert!(text.len() <= UserId::MAX_LENGTH);
            }
        }
    }
}
