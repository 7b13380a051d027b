//! The filters of paths, `[?(@.price < 10 && @.isbn)]`. Paths inside them lead to one place, so that a filter never
//! searches, and costs no more than it is long.

use std::cmp::Ordering;

use serde_json::Value;

use super::evaluate;
use super::parse::{self, Within};
use super::{Budget, Cursor, Invalid, Step};
use crate::Failure;
use crate::choice::compare_numbers;

/// How deep parentheses, `!` and filters may nest in a path: they are parsed by recursion.
const MAX_NESTING: usize = 16;

/// How deep the parser is in filters.
#[derive(Debug)]
pub(super) struct Nesting(usize);

impl Nesting {
    pub(super) const fn new() -> Self {
        Self(0)
    }

    /// Runs a part of the parser one level deeper.
    fn within<T>(
        &mut self,
        cursor: &mut Cursor<'_>,
        parse: impl FnOnce(&mut Cursor<'_>, &mut Self) -> Result<T, Invalid>,
    ) -> Result<T, Invalid> {
        if self.0 == MAX_NESTING {
            return Err(cursor.invalid(format!(
                "expected a filter that nests at most {MAX_NESTING} levels"
            )));
        }
        self.0 += 1;
        let parsed = parse(cursor, self);
        self.0 -= 1;
        parsed
    }
}

/// What a value has to fulfil.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Filter {
    /// `||`
    Any(Vec<Filter>),
    /// `&&`
    All(Vec<Filter>),
    Not(Box<Filter>),
    Exists(Place),
    Compare(Operand, Relation, Operand),
}

/// `@.a.b`, or `$.a.b`.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Place {
    from_root: bool,
    steps: Vec<Step>,
}

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Operand {
    Literal(Value),
    Place(Place),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Relation {
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

/// Longer tokens before their beginnings.
const RELATIONS: [(&str, Relation); 6] = [
    ("==", Relation::Equal),
    ("!=", Relation::NotEqual),
    ("<=", Relation::LessOrEqual),
    (">=", Relation::GreaterOrEqual),
    ("<", Relation::Less),
    (">", Relation::Greater),
];

/// Reads what follows `?`.
pub(super) fn parse(cursor: &mut Cursor<'_>, nesting: &mut Nesting) -> Result<Filter, Invalid> {
    nesting.within(cursor, any)
}

fn any(cursor: &mut Cursor<'_>, nesting: &mut Nesting) -> Result<Filter, Invalid> {
    let mut alternatives = vec![all(cursor, nesting)?];
    while cursor.eat("||") {
        alternatives.push(all(cursor, nesting)?);
    }
    Ok(Filter::Any(alternatives))
}

fn all(cursor: &mut Cursor<'_>, nesting: &mut Nesting) -> Result<Filter, Invalid> {
    let mut conditions = vec![condition(cursor, nesting)?];
    while cursor.eat("&&") {
        conditions.push(condition(cursor, nesting)?);
    }
    Ok(Filter::All(conditions))
}

/// Reads one condition and the spaces around it.
fn condition(cursor: &mut Cursor<'_>, nesting: &mut Nesting) -> Result<Filter, Invalid> {
    cursor.skip_spaces();
    let condition = if cursor.eat("!") {
        Filter::Not(Box::new(nesting.within(cursor, condition)?))
    } else if cursor.eat("(") {
        let inner = nesting.within(cursor, any)?;
        cursor.expect(")", "expected ==, !=, <, <=, >, >=, &&, || or `)`")?;
        inner
    } else {
        comparison(cursor, nesting)?
    };
    cursor.skip_spaces();
    Ok(condition)
}

fn comparison(cursor: &mut Cursor<'_>, nesting: &mut Nesting) -> Result<Filter, Invalid> {
    let left = operand(cursor, nesting)?;
    cursor.skip_spaces();
    if cursor.rest().starts_with("=~") {
        return Err(
            cursor.invalid("regular expressions (=~) are not supported; compare with == or filter in a task")
        );
    }
    let relation = RELATIONS.iter().find(|(token, _)| cursor.eat(token));
    match (relation, left) {
        (Some((_, relation)), left) => {
            cursor.skip_spaces();
            Ok(Filter::Compare(left, *relation, operand(cursor, nesting)?))
        }
        (None, Operand::Place(place)) => Ok(Filter::Exists(place)),
        (None, Operand::Literal(_)) => Err(cursor.invalid("expected ==, !=, <, <=, > or >=")),
    }
}

fn operand(cursor: &mut Cursor<'_>, nesting: &mut Nesting) -> Result<Operand, Invalid> {
    match cursor.peek() {
        Some('@' | '$') => place(cursor, nesting).map(Operand::Place),
        Some('\'' | '"') => parse::quoted(cursor).map(|text| Operand::Literal(Value::String(text))),
        _ => {
            let start = cursor.offset();
            cursor.take_while(|next| next.is_ascii_alphanumeric() || matches!(next, '-' | '+' | '.'));
            // Numbers, true, false and null are those of JSON.
            serde_json::from_str(cursor.since(start))
                .map(Operand::Literal)
                .map_err(|_| {
                    cursor.invalid("expected @, $, a string in quotes, a number, true, false or null")
                })
        }
    }
}

fn place(cursor: &mut Cursor<'_>, nesting: &mut Nesting) -> Result<Place, Invalid> {
    let from_root = cursor.next() == Some('$');
    let steps = parse::steps(cursor, Within::Filter, nesting)?;
    if !steps.iter().all(Step::is_definite) {
        return Err(cursor.invalid("expected a path to one place in a filter: no `..`, `*`, slice or filter"));
    }
    Ok(Place { from_root, steps })
}

impl Filter {
    /// Whether `value`, somewhere below `root`, fulfils it.
    pub(super) fn matches(&self, root: &Value, value: &Value, budget: &mut Budget) -> Result<bool, Failure> {
        budget.visit()?;
        match self {
            Self::Any(alternatives) => {
                for alternative in alternatives {
                    if alternative.matches(root, value, budget)? {
                        return Ok(true);
                    }
                }
                Ok(false)
            }
            Self::All(conditions) => {
                for condition in conditions {
                    if !condition.matches(root, value, budget)? {
                        return Ok(false);
                    }
                }
                Ok(true)
            }
            Self::Not(condition) => Ok(!condition.matches(root, value, budget)?),
            Self::Exists(place) => Ok(place.find(root, value).is_some()),
            Self::Compare(left, relation, right) => {
                let (left, right) = (left.value(root, value), right.value(root, value));
                if let Some(left) = left {
                    budget.visit_all(left)?;
                }
                Ok(relation.holds(left, right))
            }
        }
    }
}

impl Place {
    fn find<'v>(&self, root: &'v Value, value: &'v Value) -> Option<&'v Value> {
        evaluate::definite(if self.from_root { root } else { value }, &self.steps)
    }
}

impl Operand {
    fn value<'v>(&'v self, root: &'v Value, value: &'v Value) -> Option<&'v Value> {
        match self {
            Self::Literal(literal) => Some(literal),
            Self::Place(place) => place.find(root, value),
        }
    }
}

impl Relation {
    /// As in Jayway, what does not exist equals nothing, and only numbers and strings have an order.
    fn holds(self, left: Option<&Value>, right: Option<&Value>) -> bool {
        let (Some(left), Some(right)) = (left, right) else {
            return self == Self::NotEqual;
        };
        let order = match (left, right) {
            (Value::Number(left), Value::Number(right)) => compare_numbers(left, right),
            (Value::String(left), Value::String(right)) => Some(left.cmp(right)),
            _ => (left == right)
                .then_some(Ordering::Equal)
                .filter(|_| self.is_equality()),
        };
        match self {
            Self::Equal => order == Some(Ordering::Equal),
            Self::NotEqual => order != Some(Ordering::Equal),
            Self::Less => order == Some(Ordering::Less),
            Self::LessOrEqual => order.is_some_and(Ordering::is_le),
            Self::Greater => order == Some(Ordering::Greater),
            Self::GreaterOrEqual => order.is_some_and(Ordering::is_ge),
        }
    }

    const fn is_equality(self) -> bool {
        matches!(self, Self::Equal | Self::NotEqual)
    }
}
