//! Reading JSON along a shape. What the shape does not know is skipped without being stored, lists and maps are not stored
//! beyond what they may hold, and base64 is decoded from the body itself: a hostile body costs little more than its size.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};

use crate::scalar::decode_base64;
use crate::shape::{Length, Member, Range, Shape, Text};

/// A value that has the form of its shape. Its constraints are not checked yet.
#[derive(Debug)]
pub(crate) enum Node {
    /// Only inside lists and maps: a member that is null is absent.
    Null,
    Boolean(bool),
    Integer(i64),
    Float(f64),
    Text(String),
    Choice(&'static str),
    Blob(Vec<u8>),
    List(Vec<Node>),
    Map(BTreeMap<String, Node>),
    Structure(Vec<(&'static Member, Node)>),
}

/// The values of maps: what bounds them is checked later.
static TEXT: Shape = Shape::Text(Text::new(Length::ANY));

/// Why a value has not the form of its shape, in AWS's words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mismatch {
    /// This kind of token, where this form was wanted.
    Token(&'static str, &'static str),
    /// The whole message.
    Message(&'static str),
}

impl fmt::Display for Mismatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Token(token, wanted) => write!(f, "{token} can not be converted to {wanted}"),
            Self::Message(message) => f.write_str(message),
        }
    }
}

/// Reads a value of the shape.
pub(crate) fn read<'de, D: Deserializer<'de>>(
    shape: &'static Shape,
    deserializer: D,
) -> Result<Node, (D::Error, Option<Mismatch>)> {
    let mismatch = Cell::new(None);
    let reader = Reader {
        shape,
        mismatch: &mismatch,
    };
    reader
        .deserialize(deserializer)
        .map_err(|error| (error, mismatch.get()))
}

#[derive(Clone, Copy)]
struct Reader<'a> {
    shape: &'static Shape,
    /// Beside the error, because every deserialiser dresses up messages in its own way.
    mismatch: &'a Cell<Option<Mismatch>>,
}

impl Reader<'_> {
    fn refuse<E: Error>(self, mismatch: Mismatch) -> Result<Node, E> {
        self.mismatch.set(Some(mismatch));
        Err(E::custom(mismatch))
    }

    fn refuse_token<E: Error>(self, token: &'static str) -> Result<Node, E> {
        self.refuse(match self.shape {
            Shape::Boolean => Mismatch::Token(token, "a Boolean"),
            Shape::Integer(_) => Mismatch::Token(token, "an Integer"),
            Shape::Long(_) => Mismatch::Token(token, "a Long"),
            Shape::Float(_) => Mismatch::Token(token, "a Float"),
            Shape::Timestamp => Mismatch::Token(token, "milliseconds since epoch"),
            Shape::Text(_) | Shape::Choice(_) => Mismatch::Token(token, "a String"),
            Shape::Blob(_) => Mismatch::Token(token, "a Blob"),
            Shape::List(..) => Mismatch::Message("Expected list or null"),
            Shape::Map { .. } => Mismatch::Message("Expected map or null"),
            Shape::Structure(_) => Mismatch::Message("Expected structure or null"),
        })
    }

    fn integer<E: Error>(self, value: i64) -> Result<Node, E> {
        match self.shape {
            // One that is out of range as well gets the better message of the range.
            Shape::Integer(range) if i32::try_from(value).is_err() && contains(*range, value as f64) => {
                self.refuse_token("NUMBER_VALUE")
            }
            Shape::Integer(_) | Shape::Long(_) => Ok(Node::Integer(value)),
            _ => self.float(value as f64),
        }
    }

    fn float<E: Error>(self, value: f64) -> Result<Node, E> {
        match self.shape {
            Shape::Float(range) => {
                // As the client will see it again: thresholds are single precision.
                let single = f64::from(value as f32);
                if single.is_finite() || !contains(*range, single) {
                    Ok(Node::Float(single))
                } else {
                    self.refuse_token("NUMBER_VALUE")
                }
            }
            Shape::Timestamp => Ok(Node::Float(value)),
            Shape::Integer(_) | Shape::Long(_) => self.refuse_token("DECIMAL_VALUE"),
            _ => self.refuse_token("NUMBER_VALUE"),
        }
    }

    /// A text that has to be stored only if it is not one of a few.
    fn text<E: Error>(self, text: &str, owned: impl FnOnce() -> String) -> Result<Node, E> {
        match self.shape {
            Shape::Text(_) => Ok(Node::Text(owned())),
            Shape::Choice(choices) => Ok(match choices.iter().find(|choice| **choice == text) {
                Some(choice) => Node::Choice(choice),
                None => Node::Text(owned()),
            }),
            Shape::Blob(_) => match decode_base64(text) {
                Some(bytes) => Ok(Node::Blob(bytes)),
                None => self.refuse(Mismatch::Message("STRING_VALUE can not be decoded from base64")),
            },
            _ => self.refuse_token("STRING_VALUE"),
        }
    }

    fn structure<'de, A: MapAccess<'de>>(
        self,
        members: &'static [Member],
        mut map: A,
    ) -> Result<Node, A::Error> {
        let mut nodes: Vec<(&'static Member, Node)> = Vec::new();
        while let Some(member) = map.next_key_seed(Name(members))? {
            let Some(member) = member else {
                map.next_value::<IgnoredAny>()?;
                continue;
            };
            let node = map.next_value_seed(Self {
                shape: member.shape,
                ..self
            })?;
            // Of a member that is there twice, the last counts.
            nodes.retain(|(known, _)| known.name != member.name);
            if !matches!(node, Node::Null) {
                nodes.push((member, node));
            }
        }
        Ok(Node::Structure(nodes))
    }

    fn map<'de, A: MapAccess<'de>>(self, length: Length, mut map: A) -> Result<Node, A::Error> {
        let mut nodes = BTreeMap::new();
        while let Some(key) = map.next_key::<String>()? {
            let node = map.next_value_seed(Self { shape: &TEXT, ..self })?;
            if nodes.len() <= length.max {
                nodes.insert(key, node);
            }
        }
        Ok(Node::Map(nodes))
    }
}

fn contains(range: Range, value: f64) -> bool {
    (range.min..=range.max).contains(&value)
}

impl<'de> DeserializeSeed<'de> for Reader<'_> {
    type Value = Node;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Node, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Reader<'_> {
    type Value = Node;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E: Error>(self) -> Result<Node, E> {
        Ok(Node::Null)
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<Node, E> {
        match self.shape {
            Shape::Boolean => Ok(Node::Boolean(value)),
            _ => self.refuse_token(if value { "TRUE_VALUE" } else { "FALSE_VALUE" }),
        }
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<Node, E> {
        self.integer(value)
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<Node, E> {
        match (i64::try_from(value), self.shape) {
            (Ok(value), _) => self.integer(value),
            (Err(_), Shape::Integer(range) | Shape::Long(range)) if !contains(*range, value as f64) => {
                Ok(Node::Integer(i64::MAX))
            }
            (Err(_), Shape::Integer(_) | Shape::Long(_)) => self.refuse_token("NUMBER_VALUE"),
            (Err(_), _) => self.float(value as f64),
        }
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Node, E> {
        // 2^53: above that, a whole number is one only because the fraction is lost.
        let whole = value.fract() == 0.0 && value.abs() <= 9_007_199_254_740_992.0;
        match self.shape {
            Shape::Integer(_) | Shape::Long(_) if whole => self.integer(value as i64),
            _ => self.float(value),
        }
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Node, E> {
        self.text(text, || text.to_owned())
    }

    fn visit_string<E: Error>(self, text: String) -> Result<Node, E> {
        match self.shape {
            Shape::Text(_) => Ok(Node::Text(text)),
            _ => self.visit_str(&text),
        }
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut elements: A) -> Result<Node, A::Error> {
        let Shape::List(member, length) = self.shape else {
            return self.refuse(Mismatch::Message("Start of list found where not expected"));
        };
        let mut nodes = Vec::new();
        while let Some(node) = elements.next_element_seed(Self {
            shape: member,
            ..self
        })? {
            nodes.push(node);
            if nodes.len() > length.max {
                while elements.next_element::<IgnoredAny>()?.is_some() {}
                break;
            }
        }
        Ok(Node::List(nodes))
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Node, A::Error> {
        match self.shape {
            Shape::Structure(members) => self.structure(members, map),
            Shape::Map { length, .. } => self.map(*length, map),
            _ => self.refuse(Mismatch::Message(
                "Start of structure or map found where not expected.",
            )),
        }
    }
}

/// Reads a member's name.
struct Name(&'static [Member]);

impl<'de> DeserializeSeed<'de> for Name {
    type Value = Option<&'static Member>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl Visitor<'_> for Name {
    type Value = Option<&'static Member>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a name")
    }

    fn visit_str<E: Error>(self, name: &str) -> Result<Self::Value, E> {
        Ok(self.0.iter().find(|member| member.name == name))
    }
}
