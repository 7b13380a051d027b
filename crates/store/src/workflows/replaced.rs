//! What an update replaced of a user's properties, as the journal keeps it, and how it is taken back.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::model::Properties;
use crate::{Error, Result};

/// The keys that an update has changed, each with its value before and after. With both, taking back one of several
/// updates leaves what the others have set.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Replaced(Vec<Key>);

/// One key. `None` stands for a key that is not there, which is not the same as null.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
struct Key {
    name: String,
    was: Vec<Value>,
    became: Vec<Value>,
}

impl std::fmt::Debug for Key {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Key").finish_non_exhaustive()
    }
}

impl Replaced {
    /// What leads from the properties before an update to those after it. (An update sets keys and never removes one.)
    pub(crate) fn between(before: &Properties, after: &Properties) -> Self {
        let changed = after
            .iter()
            .filter(|(key, value)| before.get(*key) != Some(*value));
        Self(
            changed
                .map(|(name, value)| Key {
                    name: name.clone(),
                    was: before.get(name).cloned().into_iter().collect(),
                    became: vec![value.clone()],
                })
                .collect(),
        )
    }

    /// Gives keys their former values, except those that have been changed again since.
    pub(crate) fn take_back(self, properties: &mut Properties) {
        for Key {
            name,
            mut was,
            became,
        } in self.0
        {
            if properties.get(&name) != became.first() {
                continue;
            }
            match was.pop() {
                Some(value) => properties.insert(name, value),
                None => properties.remove(&name),
            };
        }
    }

    /// As the text to store.
    pub(crate) fn to_text(&self) -> Result<String> {
        // Values of JSON objects: this cannot fail; if it does, the cause holds no text of them.
        serde_json::to_string(&self.0).map_err(|source| Error::Database(source.into()))
    }

    /// Stored text. The cause is dropped: `serde_json` quotes what it reads.
    pub(crate) fn parse(text: &str) -> Result<Self> {
        serde_json::from_str(text)
            .map(Self)
            .map_err(|_| Error::corrupt("a journal entry"))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn object(value: Value) -> Properties {
        serde_json::from_value(value).unwrap()
    }

    fn take_back(before: Value, after: Value, now: Value) -> Value {
        let replaced = Replaced::between(&object(before), &object(after));
        let stored = Replaced::parse(&replaced.to_text().unwrap()).unwrap();
        assert_eq!(stored, replaced);
        let mut properties = object(now);
        stored.take_back(&mut properties);
        Value::Object(properties)
    }

    #[test]
    fn former_values_come_back() {
        for (before, after) in [
            (json!({}), json!({})),
            (json!({}), json!({ "a": null })),
            (json!({ "a": null }), json!({ "a": 1, "b": [1, {}] })),
            (json!({ "a": { "b": 1 }, "c": 2 }), json!({ "a": "x", "c": 2 })),
        ] {
            assert_eq!(take_back(before.clone(), after.clone(), after), before);
        }
    }

    #[test]
    fn what_others_have_set_stays() {
        let (before, after) = (json!({ "a": 1 }), json!({ "a": 2, "b": 2 }));
        let now = json!({ "a": 3, "b": 2, "c": 3 });
        assert_eq!(
            take_back(before.clone(), after.clone(), now),
            json!({ "a": 3, "c": 3 })
        );
        assert_eq!(take_back(before, after, json!({})), json!({}));
    }

    #[test]
    fn damage_is_told_and_nothing_is_quoted() {
        let error = Replaced::parse("\"a secret\"").unwrap_err();
        assert!(!format!("{error:?} {error}").contains("secret"));
        let replaced = Replaced::between(&Properties::new(), &object(json!({ "secret": "secret" })));
        assert!(!format!("{replaced:?}").contains("secret"));
    }
}
