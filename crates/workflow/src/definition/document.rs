//! From a text to JSON, with an eye on members that are there twice: `serde_json` by itself keeps the last and says nothing,
//! and a copied state that was not renamed would silently replace the one before.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};

use crate::{Diagnostics, Location};

/// Reads JSON, and notes every member that its object has already.
pub(super) fn read(text: &str, found: &mut Diagnostics) -> Result<Value, serde_json::Error> {
    let mut reader = serde_json::Deserializer::from_str(text);
    let place = Place {
        at: Location::root(),
        found,
    };
    let value = place.deserialize(&mut reader)?;
    reader.end()?;
    Ok(value)
}

/// One value of the document. `serde_json` bounds how deep they nest.
struct Place<'a> {
    at: Location,
    found: &'a mut Diagnostics,
}

impl<'de> DeserializeSeed<'de> for Place<'_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Place<'_> {
    type Value = Value;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(Number::from_f64(value).map_or(Value::Null, Value::Number))
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(Value::String(value.to_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut elements: A) -> Result<Value, A::Error> {
        let mut all = Vec::new();
        loop {
            let at = self.at.child(all.len());
            let found = &mut *self.found;
            match elements.next_element_seed(Place { at, found })? {
                Some(element) => all.push(element),
                None => return Ok(Value::Array(all)),
            }
        }
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Value, A::Error> {
        let mut all = Map::new();
        while let Some(name) = members.next_key::<String>()? {
            let at = self.at.child(&name);
            let found = &mut *self.found;
            if all.contains_key(&name) {
                let message = format!("{name} is there twice: remove or rename one of them");
                found.error("DUPLICATE_MEMBER", &at, message);
            }
            let value = members.next_value_seed(Place { at, found })?;
            all.insert(name, value);
        }
        Ok(Value::Object(all))
    }
}
