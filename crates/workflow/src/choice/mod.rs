//! Rules of Choice states: comparisons of a variable, and `And`, `Or` and `Not` of them. They never decide what comes
//! next; the state does.

mod compare;
mod operator;
mod parse;
#[cfg(test)]
mod tests;

use std::borrow::Cow;

use serde_json::Value;

pub(crate) use compare::{compare_numbers, timestamp};

use crate::path::{Budget, Path};
use crate::{Diagnostics, Failure, Location, Scope};
use operator::{Kind, Operand, Test};

/// A condition on the data of a state.
#[derive(Debug, Clone, PartialEq)]
pub struct Rule(Condition);

#[derive(Debug, Clone, PartialEq)]
enum Condition {
    And(Vec<Condition>),
    Or(Vec<Condition>),
    Not(Box<Condition>),
    Comparison { variable: Path, test: Test },
}

impl Rule {
    /// Reads a rule with exactly one operator, or says what is wrong in it. `Next`, `Comment`, `Assign` and `Output` are
    /// the state's business, and only allowed here, not in the rules inside of `And`, `Or` and `Not`.
    pub fn parse(value: &Value, at: &Location, found: &mut Diagnostics) -> Option<Self> {
        parse::rule(value, at, found).map(Self)
    }

    /// Whether the data fulfils the rule. Fails with `States.Runtime` if a path selects nothing, unless the operator is
    /// `IsPresent`.
    pub fn matches(&self, scope: &Scope<'_>) -> Result<bool, Failure> {
        self.0.matches(scope, &mut Budget::new())
    }
}

impl Condition {
    /// Recurses as deep as rules may nest. As in most languages, what comes after a decision is not looked at.
    fn matches(&self, scope: &Scope<'_>, budget: &mut Budget) -> Result<bool, Failure> {
        match self {
            Self::And(conditions) => {
                for condition in conditions {
                    if !condition.matches(scope, budget)? {
                        return Ok(false);
                    }
                }
                Ok(true)
            }
            Self::Or(conditions) => {
                for condition in conditions {
                    if condition.matches(scope, budget)? {
                        return Ok(true);
                    }
                }
                Ok(false)
            }
            Self::Not(condition) => Ok(!condition.matches(scope, budget)?),
            Self::Comparison { variable, test } => test.matches(variable, scope, budget),
        }
    }
}

impl Test {
    fn matches(&self, variable: &Path, scope: &Scope<'_>, budget: &mut Budget) -> Result<bool, Failure> {
        if let Self::Is(Kind::Present, expected) = self {
            return Ok(variable.look_up(scope, budget)?.is_some() == *expected);
        }
        let value = required(variable, scope, budget)?;
        Ok(match self {
            Self::Is(kind, expected) => kind.includes(&value) == *expected,
            Self::Matches(pattern) => value.as_str().is_some_and(|text| pattern.matches(text)),
            Self::Compare(operator, Operand::Constant(constant)) => operator.holds(&value, constant),
            Self::Compare(operator, Operand::Path(path)) => {
                operator.holds(&value, &*required(path, scope, budget)?)
            }
        })
    }
}

fn required<'v>(path: &Path, scope: &Scope<'v>, budget: &mut Budget) -> Result<Cow<'v, Value>, Failure> {
    path.look_up(scope, budget)?.ok_or_else(|| {
        // The words of AWS.
        Failure::runtime(format!(
            "Invalid path '{}': The choice state's condition path references an invalid value.",
            path.text()
        ))
    })
}
