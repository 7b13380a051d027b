//! What every backend decides in the same way: limits, merging, and when a face is somebody else's.

use jiff::Timestamp;
use selfsame_types::{FaceId, FaceModelVersion, Template, UserId};
use serde_json::Value;

use crate::model::Properties;
use crate::{Error, Result};

/// How many bytes a user's properties may take as JSON: the item limit of the table (`DynamoDB`, 400 KB) in which the
/// identity verification sample keeps them, so that its clients can move over with their data.
pub const MAX_PROPERTIES_BYTES: usize = 400 * 1024;

/// How many bytes a face's metadata may take as JSON. Ours: box, pose, quality and 68 landmarks take about 2 KB.
pub const MAX_METADATA_BYTES: usize = 16 * 1024;
/// The most that the encrypted picture of an identity document may take. Ours: it stands in the database, and a card of
/// 1 600 pixels as JPEG takes 0.3 MB.
pub const MAX_CARD_BYTES: usize = 2 << 20;

/// How deeply properties may be nested, the object itself included: `serde_json` refuses to read the 128th level.
pub const MAX_NESTING: usize = 127;

/// Properties as the text to store.
pub(crate) fn properties_text(properties: &Properties) -> Result<String> {
    let text = json_text(properties)?;
    if text.len() > MAX_PROPERTIES_BYTES {
        return Err(Error::PropertiesTooLarge {
            size_bytes: text.len(),
            max_bytes: MAX_PROPERTIES_BYTES,
        });
    }
    Ok(text)
}

/// Metadata as the text to store.
pub(crate) fn metadata_text(metadata: &Properties) -> Result<String> {
    let text = json_text(metadata)?;
    if text.len() > MAX_METADATA_BYTES {
        return Err(Error::MetadataTooLarge {
            size_bytes: text.len(),
            max_bytes: MAX_METADATA_BYTES,
        });
    }
    Ok(text)
}

/// The encrypted picture of an identity document is small enough to be kept.
pub(crate) fn check_card(sealed: Option<&[u8]>) -> Result<()> {
    match sealed {
        Some(sealed) if sealed.len() > MAX_CARD_BYTES => Err(Error::CardTooLarge {
            size_bytes: sealed.len(),
            max_bytes: MAX_CARD_BYTES,
        }),
        _ => Ok(()),
    }
}

/// An object as text, whatever room it takes.
pub(crate) fn json_text(object: &Properties) -> Result<String> {
    if object.values().any(|value| deeper_than(value, MAX_NESTING - 1)) {
        return Err(Error::NestedTooDeeply {
            max_levels: MAX_NESTING,
        });
    }
    // The keys are strings and no value is a map with other keys, so this cannot fail; if it does, the cause holds
    // no text of the properties.
    serde_json::to_string(object).map_err(|source| Error::Database(source.into()))
}

/// Whether arrays and objects are nested more than `levels` deep. Looks no deeper than that, so it cannot exhaust
/// the stack.
fn deeper_than(value: &Value, levels: usize) -> bool {
    let below = |value: &Value| deeper_than(value, levels - 1);
    match value {
        Value::Array(_) | Value::Object(_) if levels == 0 => true,
        Value::Array(values) => values.iter().any(below),
        Value::Object(values) => values.values().any(below),
        _ => false,
    }
}

/// Stored text as an object. The cause is dropped: `serde_json` quotes what it reads.
pub(crate) fn parse_object(text: &str) -> Result<Properties> {
    serde_json::from_str(text).map_err(|_| Error::corrupt("stored properties are not a JSON object"))
}

/// Sets the given keys; the others stay.
pub(crate) fn merge(into: &mut Properties, new: Properties) {
    into.extend(new);
}

/// Refuses templates of another model.
pub(crate) fn check_version(collection: &FaceModelVersion, template: &Template) -> Result<()> {
    if collection == template.version() {
        Ok(())
    } else {
        Err(Error::VersionMismatch {
            collection: collection.clone(),
            template: template.version().clone(),
        })
    }
}

/// Refuses templates that cannot be compared with those of the collection, of which `stored_values` is the length.
pub(crate) fn check_length(stored_values: Option<usize>, template: &Template) -> Result<()> {
    match stored_values {
        Some(collection_values) if collection_values != template.values().len() => {
            Err(Error::TemplateLength {
                collection_values,
                template_values: template.values().len(),
            })
        }
        _ => Ok(()),
    }
}

/// A moment as it is stored.
pub(crate) fn to_microseconds(moment: Timestamp) -> i64 {
    moment.as_microsecond()
}

/// A stored moment.
pub(crate) fn from_microseconds(microseconds: i64) -> Result<Timestamp> {
    Timestamp::from_microsecond(microseconds).map_err(|_| Error::corrupt("a stored time is out of range"))
}

/// Somebody else's face that shows the same person.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Duplicate {
    pub(crate) face: FaceId,
    pub(crate) user: UserId,
    pub(crate) cosine: f32,
}

/// Finds the most alike face among candidates.
pub(crate) struct Closest<'a> {
    probe: &'a Template,
    min_cosine: f32,
    found: Option<Duplicate>,
}

impl<'a> Closest<'a> {
    pub(crate) const fn new(probe: &'a Template, min_cosine: f32) -> Self {
        Self {
            probe,
            min_cosine,
            found: None,
        }
    }

    /// Looks at one candidate; `owner` is asked only if it is the most alike so far.
    pub(crate) fn consider(
        &mut self,
        candidate: &Template,
        owner: impl FnOnce() -> Result<(FaceId, UserId)>,
    ) -> Result<()> {
        // Checked before: both come from one model. A candidate that cannot be compared must not slip through.
        let cosine = self
            .probe
            .cosine(candidate)
            .ok_or(Error::corrupt("templates of one collection differ in length"))?;
        let best = self.found.as_ref().map_or(self.min_cosine, |found| found.cosine);
        if cosine > best || (self.found.is_none() && cosine >= best) {
            let (face, user) = owner()?;
            self.found = Some(Duplicate { face, user, cosine });
        }
        Ok(())
    }

    pub(crate) fn into_found(self) -> Option<Duplicate> {
        self.found
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn nested(levels: usize) -> Properties {
        let mut value = Value::from(1);
        for _ in 1..levels {
            value = Value::Array(vec![value]);
        }
        Properties::from_iter([("k".to_owned(), value)])
    }

    #[test]
    fn what_is_accepted_can_be_read_again() {
        let text = properties_text(&nested(MAX_NESTING)).unwrap();
        assert_eq!(parse_object(&text).unwrap(), nested(MAX_NESTING));
        assert!(matches!(
            properties_text(&nested(MAX_NESTING + 1)),
            Err(Error::NestedTooDeeply { max_levels: 127 })
        ));
        let too_deep = serde_json::to_string(&nested(MAX_NESTING + 1)).unwrap();
        assert!(
            parse_object(&too_deep).is_err(),
            "the limit is where serde_json has it"
        );
    }

    #[test]
    fn damaged_properties_are_not_quoted() {
        let error = parse_object("\"a secret\"").unwrap_err();
        assert!(!format!("{error:?} {error}").contains("secret"));
    }
}
