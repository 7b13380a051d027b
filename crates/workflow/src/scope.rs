//! What an expression can see.

use serde_json::{Map, Value};

/// The values that paths begin at.
#[derive(Debug, Clone, Copy)]
pub struct Scope<'a> {
    /// `$`
    pub input: &'a Value,
    /// `$$`, the context object.
    pub context: &'a Value,
    /// `$name`, assigned by earlier states.
    pub variables: &'a Map<String, Value>,
}
