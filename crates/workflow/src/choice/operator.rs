//! Which operators choice rules have, and what they test. It never looks at a path.

use std::cmp::Ordering;

use jiff::Timestamp;
use serde_json::{Number, Value};

use super::compare::{Pattern, compare_numbers, timestamp};
use crate::path::Path;

/// What a comparison asks.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Test {
    /// `IsString: true` and the like.
    Is(Kind, bool),
    /// `StringMatches`
    Matches(Pattern),
    Compare(Operator, Operand),
}

/// What a variable is compared with.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Operand {
    /// Of the operator's type.
    Constant(Value),
    /// `…Path`
    Path(Path),
}

/// `IsBoolean` and the like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Boolean,
    Null,
    Numeric,
    Present,
    String,
    Timestamp,
}

/// `StringLessThan` and the like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Operator {
    pub(super) compared: Compared,
    pub(super) relation: Relation,
}

/// The type that an operator compares.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Compared {
    Boolean,
    Numeric,
    String,
    Timestamp,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Relation {
    Equals,
    LessThan,
    LessThanEquals,
    GreaterThan,
    GreaterThanEquals,
}

/// A value of the type of an operator.
#[derive(Debug)]
pub(super) enum Comparable<'v> {
    Boolean(bool),
    Number(&'v Number),
    String(&'v str),
    Timestamp(Timestamp),
}

impl Kind {
    /// The kind that an operator such as `IsNull` names.
    pub(super) fn named(name: &str) -> Option<Self> {
        match name {
            "IsBoolean" => Some(Self::Boolean),
            "IsNull" => Some(Self::Null),
            "IsNumeric" => Some(Self::Numeric),
            "IsPresent" => Some(Self::Present),
            "IsString" => Some(Self::String),
            "IsTimestamp" => Some(Self::Timestamp),
            _ => None,
        }
    }

    /// Whether a value, which is present, is of this kind.
    pub(super) fn includes(self, value: &Value) -> bool {
        match self {
            Self::Boolean => value.is_boolean(),
            Self::Null => value.is_null(),
            Self::Numeric => value.is_number(),
            Self::Present => true,
            Self::String => value.is_string(),
            Self::Timestamp => value.as_str().and_then(timestamp).is_some(),
        }
    }
}

impl Operator {
    /// The operator of a name such as `StringLessThan`, without `Path`.
    pub(super) fn named(name: &str) -> Option<Self> {
        let types = [
            ("Boolean", Compared::Boolean),
            ("Numeric", Compared::Numeric),
            ("String", Compared::String),
            ("Timestamp", Compared::Timestamp),
        ];
        let (compared, relation) = types
            .into_iter()
            .find_map(|(prefix, compared)| Some((compared, name.strip_prefix(prefix)?)))?;
        let relation = match (relation, compared) {
            ("Equals", _) => Relation::Equals,
            // Booleans have no order.
            (_, Compared::Boolean) => return None,
            ("LessThan", _) => Relation::LessThan,
            ("LessThanEquals", _) => Relation::LessThanEquals,
            ("GreaterThan", _) => Relation::GreaterThan,
            ("GreaterThanEquals", _) => Relation::GreaterThanEquals,
            _ => return None,
        };
        Some(Self { compared, relation })
    }

    /// Whether two values are in this relation; they are not if one is of another type.
    pub(super) fn holds(self, left: &Value, right: &Value) -> bool {
        let left = Comparable::read(self.compared, left);
        let right = Comparable::read(self.compared, right);
        let order = left.zip(right).and_then(|(left, right)| left.compare(&right));
        order.is_some_and(|order| self.relation.accepts(order))
    }
}

impl Compared {
    /// What values of it are, for messages.
    pub(super) const fn describe(self) -> &'static str {
        match self {
            Self::Boolean => "true or false",
            Self::Numeric => "a number",
            Self::String => "a string",
            Self::Timestamp => "a timestamp such as \"2016-08-18T17:33:00Z\"",
        }
    }
}

impl Relation {
    pub(super) const fn accepts(self, order: Ordering) -> bool {
        match self {
            Self::Equals => order.is_eq(),
            Self::LessThan => order.is_lt(),
            Self::LessThanEquals => order.is_le(),
            Self::GreaterThan => order.is_gt(),
            Self::GreaterThanEquals => order.is_ge(),
        }
    }
}

impl<'v> Comparable<'v> {
    /// Reads a value if it is of this type.
    pub(super) fn read(compared: Compared, value: &'v Value) -> Option<Self> {
        match (compared, value) {
            (Compared::Boolean, Value::Bool(boolean)) => Some(Self::Boolean(*boolean)),
            (Compared::Numeric, Value::Number(number)) => Some(Self::Number(number)),
            (Compared::String, Value::String(text)) => Some(Self::String(text)),
            (Compared::Timestamp, Value::String(text)) => timestamp(text).map(Self::Timestamp),
            _ => None,
        }
    }

    /// The order of two values of the same type.
    fn compare(&self, other: &Self) -> Option<Ordering> {
        match (self, other) {
            (Self::Boolean(left), Self::Boolean(right)) => Some(left.cmp(right)),
            (Self::Number(left), Self::Number(right)) => compare_numbers(left, right),
            (Self::String(left), Self::String(right)) => Some(left.cmp(right)),
            (Self::Timestamp(left), Self::Timestamp(right)) => Some(left.cmp(right)),
            _ => None,
        }
    }
}
