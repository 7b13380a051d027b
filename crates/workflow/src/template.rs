//! Payload templates: JSON in which a field whose name ends in `.$` holds a path or an intrinsic function, and gets its
//! value. Nothing else in them is ever replaced.

use serde_json::{Map, Value};

use crate::diagnostic::{EXPRESSION, SCHEMA};
use crate::failure::{Failure, PARAMETER_PATH_FAILURE};
use crate::intrinsic::Evaluation;
pub(crate) use crate::intrinsic::Expression;
use crate::path::{MAX_DEPTH, check_depth, kind};
use crate::{Diagnostics, Location, Random, Scope};

/// What marks a field whose value is an expression.
const MARK: &str = ".$";

/// `Parameters`, `ResultSelector`, `ItemSelector` or `Assign` of a state that uses `JSONPath`.
#[derive(Debug, Clone, PartialEq)]
pub struct Template(Node);

#[derive(Debug, Clone, PartialEq)]
enum Node {
    /// A part without expressions.
    Constant(Value),
    Array(Vec<Node>),
    Object(Vec<(String, Node)>),
    /// The name of the field, with its mark, is for messages.
    Expression(String, Expression),
}

impl Template {
    /// Reads a template, or says what is wrong in it.
    pub fn parse(value: &Value, at: &Location, found: &mut Diagnostics) -> Option<Self> {
        node(value, at, found, 0).map(Self)
    }

    /// Replaces the expressions. Fails with `States.ParameterPathFailure` if a path selects nothing, with
    /// `States.IntrinsicFailure` if a function cannot be applied, and with `States.DataLimitExceeded` if too much is
    /// gathered.
    pub fn evaluate(&self, scope: &Scope<'_>, random: &mut dyn Random) -> Result<Value, Failure> {
        let value = self.0.evaluate(&mut Evaluation::new(scope, random))?;
        check_depth(&value, MAX_DEPTH)?;
        Ok(value)
    }

    /// Whether it holds no expression, and so always gives the same.
    #[must_use]
    pub const fn is_constant(&self) -> bool {
        matches!(self.0, Node::Constant(_))
    }
}

/// Reads a part of a template that is inside of `depth` others.
fn node(value: &Value, at: &Location, found: &mut Diagnostics, depth: usize) -> Option<Node> {
    if depth > MAX_DEPTH {
        found.error(
            SCHEMA,
            at,
            format!("A template nests at most {MAX_DEPTH} levels; flatten it"),
        );
        return None;
    }
    match value {
        Value::Array(elements) => array(elements, at, found, depth),
        Value::Object(members) => object(members, at, found, depth),
        constant => Some(Node::Constant(constant.clone())),
    }
}

fn array(elements: &[Value], at: &Location, found: &mut Diagnostics, depth: usize) -> Option<Node> {
    let mut nodes = Some(Vec::with_capacity(elements.len()));
    for (index, element) in elements.iter().enumerate() {
        let parsed = node(element, &at.child(index), found, depth + 1);
        // Goes on after a mistake, to find all of them.
        nodes = nodes.zip(parsed).map(|(mut nodes, parsed)| {
            nodes.push(parsed);
            nodes
        });
    }
    let nodes = nodes?;
    if nodes.iter().all(Node::is_constant) {
        return Some(Node::Constant(Value::Array(elements.to_vec())));
    }
    Some(Node::Array(nodes))
}

fn object(
    members: &Map<String, Value>,
    at: &Location,
    found: &mut Diagnostics,
    depth: usize,
) -> Option<Node> {
    let mut nodes = Some(Vec::with_capacity(members.len()));
    for (key, member) in members {
        let at = at.child(key);
        let parsed = match key.strip_suffix(MARK) {
            Some(name) if members.contains_key(name) => {
                let message = format!("`{name}` and `{key}` set the same field; remove one of them");
                found.error(SCHEMA, &at, message);
                None
            }
            Some(name) => expression(key, member, &at, found).map(|node| (name.to_owned(), node)),
            None => node(member, &at, found, depth + 1).map(|node| (key.clone(), node)),
        };
        nodes = nodes.zip(parsed).map(|(mut nodes, parsed)| {
            nodes.push(parsed);
            nodes
        });
    }
    let nodes = nodes?;
    if nodes.iter().all(|(_, node)| node.is_constant()) {
        return Some(Node::Constant(Value::Object(members.clone())));
    }
    Some(Node::Object(nodes))
}

fn expression(key: &str, value: &Value, at: &Location, found: &mut Diagnostics) -> Option<Node> {
    let Value::String(text) = value else {
        found.error(
            SCHEMA,
            at,
            format!(
                "`{key}` must hold a path or an intrinsic function as a string, not {}; \
                 a field without `{MARK}` holds a constant",
                kind(value)
            ),
        );
        return None;
    };
    match Expression::parse(text) {
        Ok(expression) => Some(Node::Expression(key.to_owned(), expression)),
        Err(invalid) => {
            found.error(EXPRESSION, at, invalid.to_string());
            None
        }
    }
}

impl Node {
    const fn is_constant(&self) -> bool {
        matches!(self, Self::Constant(_))
    }

    /// Recurses as deep as templates may nest.
    fn evaluate(&self, evaluation: &mut Evaluation<'_>) -> Result<Value, Failure> {
        match self {
            Self::Constant(value) => Ok(value.clone()),
            Self::Array(nodes) => nodes.iter().map(|node| node.evaluate(evaluation)).collect(),
            Self::Object(nodes) => {
                let evaluated =
                    nodes.iter().map(|(key, node)| Ok((key.clone(), node.evaluate(evaluation)?)));
                evaluated.collect::<Result<Map<_, _>, _>>().map(Value::Object)
            }
            Self::Expression(field, expression) => {
                expression.evaluate_in(evaluation).map_err(|failure| match expression {
                    Expression::Path(path) if failure.error == PARAMETER_PATH_FAILURE => Failure::new(
                        PARAMETER_PATH_FAILURE,
                        format!(
                            "The JSONPath '{}' specified for the field '{field}' could not be found in the input",
                            path.text()
                        ),
                    ),
                    _ => failure,
                })
            }
        }
    }
}

#[cfg(test)]
#[path = "template/tests.rs"]
mod tests;
