//! Which intrinsic functions there are, and which code they stand for.

use std::ops::RangeInclusive;

use serde_json::Value;

use super::{array, number, text};
use crate::Random;

/// The functions of the language.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Function {
    Array,
    ArrayContains,
    ArrayGetItem,
    ArrayLength,
    ArrayPartition,
    ArrayRange,
    ArrayUnique,
    Base64Decode,
    Base64Encode,
    Format,
    Hash,
    JsonMerge,
    JsonToString,
    MathAdd,
    MathRandom,
    StringSplit,
    StringToJson,
    Uuid,
}

/// Name, function, and the least and the greatest number of arguments.
const FUNCTIONS: [(&str, Function, RangeInclusive<usize>); 18] = [
    ("States.Array", Function::Array, 0..=usize::MAX),
    ("States.ArrayContains", Function::ArrayContains, 2..=2),
    ("States.ArrayGetItem", Function::ArrayGetItem, 2..=2),
    ("States.ArrayLength", Function::ArrayLength, 1..=1),
    ("States.ArrayPartition", Function::ArrayPartition, 2..=2),
    ("States.ArrayRange", Function::ArrayRange, 3..=3),
    ("States.ArrayUnique", Function::ArrayUnique, 1..=1),
    ("States.Base64Decode", Function::Base64Decode, 1..=1),
    ("States.Base64Encode", Function::Base64Encode, 1..=1),
    ("States.Format", Function::Format, 1..=usize::MAX),
    ("States.Hash", Function::Hash, 2..=2),
    ("States.JsonMerge", Function::JsonMerge, 3..=3),
    ("States.JsonToString", Function::JsonToString, 1..=1),
    ("States.MathAdd", Function::MathAdd, 2..=2),
    ("States.MathRandom", Function::MathRandom, 2..=3),
    ("States.StringSplit", Function::StringSplit, 2..=2),
    ("States.StringToJson", Function::StringToJson, 1..=1),
    ("States.UUID", Function::Uuid, 0..=0),
];

/// All names, for messages.
pub(super) fn names() -> String {
    FUNCTIONS.map(|(name, ..)| name).join(", ")
}

impl Function {
    pub(super) fn named(wanted: &str) -> Option<Self> {
        let found = FUNCTIONS.into_iter().find(|(name, ..)| *name == wanted);
        found.map(|(_, function, _)| function)
    }

    pub(super) fn name(self) -> &'static str {
        let found = FUNCTIONS.into_iter().find(|(_, function, _)| *function == self);
        found.map_or("", |(name, ..)| name)
    }

    /// How many arguments it takes.
    pub(super) fn arity(self) -> RangeInclusive<usize> {
        let found = FUNCTIONS.into_iter().find(|(_, function, _)| *function == self);
        found.map_or(0..=0, |(_, _, arity)| arity)
    }

    /// What it gives, or why it does not.
    pub(super) fn apply(self, arguments: Vec<Value>, random: &mut dyn Random) -> Result<Value, String> {
        match self {
            Self::Array => Ok(Value::Array(arguments)),
            Self::ArrayContains => array::contains(arguments),
            Self::ArrayGetItem => array::item(arguments),
            Self::ArrayLength => array::length(arguments),
            Self::ArrayPartition => array::partition(arguments),
            Self::ArrayRange => array::range(arguments),
            Self::ArrayUnique => array::unique(arguments),
            Self::Base64Decode => text::base64_decode(arguments),
            Self::Base64Encode => text::base64_encode(arguments),
            Self::Format => text::format(arguments),
            Self::Hash => text::hash(arguments),
            Self::JsonMerge => text::json_merge(arguments),
            Self::JsonToString => text::json_to_string(arguments),
            Self::MathAdd => number::add(arguments),
            Self::MathRandom => number::random(arguments, random),
            Self::StringSplit => text::split(arguments),
            Self::StringToJson => text::string_to_json(arguments),
            Self::Uuid => Ok(number::uuid(random)),
        }
    }
}
