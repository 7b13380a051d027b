//! From a value that was read along its shape to the generated types.

use serde::de::value::{Error, MapDeserializer, SeqDeserializer};
use serde::de::{Deserializer, IntoDeserializer, Visitor};

use crate::node::Node;

impl IntoDeserializer<'_, Error> for Node {
    type Deserializer = Self;

    fn into_deserializer(self) -> Self {
        self
    }
}

impl<'de> Deserializer<'de> for Node {
    type Error = Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self {
            Self::Null => visitor.visit_unit(),
            Self::Boolean(value) => visitor.visit_bool(value),
            Self::Integer(value) => visitor.visit_i64(value),
            Self::Float(value) => visitor.visit_f64(value),
            Self::Text(text) => visitor.visit_string(text),
            Self::Choice(text) => visitor.visit_borrowed_str(text),
            Self::Blob(bytes) => visitor.visit_byte_buf(bytes),
            Self::List(nodes) => visitor.visit_seq(SeqDeserializer::new(nodes.into_iter())),
            Self::Map(nodes) => visitor.visit_map(MapDeserializer::new(nodes.into_iter())),
            Self::Structure(nodes) => {
                let named = nodes.into_iter().map(|(member, node)| (member.name, node));
                visitor.visit_map(MapDeserializer::new(named))
            }
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self {
            Self::Null => visitor.visit_none(),
            node => visitor.visit_some(node),
        }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        visitor: V,
    ) -> Result<V::Value, Error> {
        visitor.visit_newtype_struct(self)
    }

    serde::forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit unit_struct seq tuple
        tuple_struct map struct enum identifier ignored_any
    }
}

/// One of a closed set of texts.
pub(crate) fn choice<'de, D: Deserializer<'de>, T>(
    deserializer: D,
    texts: &'static [&'static str],
    from_text: fn(&str) -> Option<T>,
) -> Result<T, D::Error> {
    struct Choice<T>(&'static [&'static str], fn(&str) -> Option<T>);

    impl<T> Visitor<'_> for Choice<T> {
        type Value = T;

        fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            write!(f, "one of {}", self.0.join(", "))
        }

        fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<T, E> {
            (self.1)(text).ok_or_else(|| E::unknown_variant(text, self.0))
        }
    }

    deserializer.deserialize_str(Choice(texts, from_text))
}
