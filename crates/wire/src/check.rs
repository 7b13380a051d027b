//! Checking a value against the constraints of its shape. Every violation is counted; the messages are AWS's.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use crate::node::Node;
use crate::shape::{Length, Member, Range, Shape, Text};
use crate::{Error, ErrorCode};

/// More violations than these are only counted: 4096 of them would make a message of half a megabyte.
const LISTED: usize = 10;
/// Of a value, this many characters are repeated.
const REPEATED: usize = 100;

/// Refuses what the shape does not allow.
pub(crate) fn check(node: &Node, shape: &'static Shape) -> Result<(), Error> {
    let mut checker = Checker::default();
    checker.value(node, shape);
    if checker.count == 0 {
        return Ok(());
    }
    let errors = if checker.count == 1 { "error" } else { "errors" };
    let mut message = format!("{} validation {errors} detected: ", checker.count);
    message.push_str(&checker.listed.join("; "));
    if checker.count > checker.listed.len() {
        let _ = write!(message, "; and {} more", checker.count - checker.listed.len());
    }
    Err(Error::new(ErrorCode::ValidationException, message))
}

#[derive(Default)]
struct Checker {
    /// Where we are: `faceIds.1.member`.
    path: String,
    count: usize,
    listed: Vec<String>,
}

impl Checker {
    /// `value` is what is repeated of it: "Value 'x'", or "Value" where nothing may be.
    fn violated(&mut self, value: &str, constraint: &str) {
        self.count += 1;
        if self.listed.len() < LISTED {
            let path = &self.path;
            self.listed.push(format!(
                "{value} at '{path}' failed to satisfy constraint: {constraint}"
            ));
        }
    }

    fn within(&mut self, step: &str, inner: impl FnOnce(&mut Self)) {
        let outside = self.path.len();
        if outside > 0 {
            self.path.push('.');
        }
        self.path.push_str(step);
        inner(self);
        self.path.truncate(outside);
    }

    fn value(&mut self, node: &Node, shape: &'static Shape) {
        match (shape, node) {
            (Shape::Structure(members), Node::Structure(nodes)) => self.structure(nodes, members),
            (Shape::List(member, length), Node::List(nodes)) => self.list(nodes, member, *length),
            (Shape::Map { key, value, length }, Node::Map(nodes)) => self.map(nodes, key, value, *length),
            (Shape::Text(text), Node::Text(found)) => {
                for constraint in text_violations(text, found) {
                    self.violated(&repeated(node, shape), &constraint);
                }
            }
            (Shape::Choice(choices), Node::Text(_)) => {
                let constraint = format!("Member must satisfy enum value set: [{}]", choices.join(", "));
                self.violated(&repeated(node, shape), &constraint);
            }
            (Shape::Blob(length), Node::Blob(bytes)) => {
                self.length(bytes.len(), *length, || "Value".to_owned());
            }
            (Shape::Integer(range) | Shape::Long(range), Node::Integer(number)) => {
                self.range(*number as f64, *range, node, shape);
            }
            (Shape::Float(range), Node::Float(number)) => self.range(*number, *range, node, shape),
            (_, Node::Null) => self.violated("Value null", "Member must not be null"),
            _ => {}
        }
    }

    fn structure(&mut self, nodes: &[(&'static Member, Node)], members: &'static [Member]) {
        for member in members {
            let found = nodes.iter().find(|(known, _)| known.name == member.name);
            match found {
                Some((_, node)) => {
                    self.within(&lower_first(member.name), |inner| inner.value(node, member.shape));
                }
                None if member.required => {
                    self.within(&lower_first(member.name), |inner| {
                        inner.value(&Node::Null, member.shape);
                    });
                }
                None => {}
            }
        }
    }

    fn list(&mut self, nodes: &[Node], member: &'static Shape, length: Length) {
        self.length(nodes.len(), length, || match member {
            Shape::Text(Text { sensitive: false, .. }) | Shape::Choice(_) => {
                let texts = nodes.iter().map(|node| text_of(node).to_owned());
                quoted(&format!("[{}]", joined(texts)))
            }
            _ => "Value".to_owned(),
        });
        for (index, node) in nodes.iter().take(length.max).enumerate() {
            self.within(&format!("{}.member", index + 1), |inner| {
                inner.value(node, member);
            });
        }
    }

    fn map(
        &mut self,
        nodes: &BTreeMap<String, Node>,
        key: &'static Text,
        value: &'static Text,
        length: Length,
    ) {
        let whole = || {
            if key.sensitive || value.sensitive {
                return "Value".to_owned();
            }
            let entries = nodes.iter().map(|(key, node)| format!("{key}={}", text_of(node)));
            quoted(&format!("{{{}}}", joined(entries)))
        };
        self.length(nodes.len(), length, whole);
        if nodes.keys().any(|found| !text_violations(key, found).is_empty()) {
            self.violated(
                &whole(),
                &format!("Map keys must satisfy constraint: [{}]", all_of(key)),
            );
        }
        let bad = |node: &Node| match node {
            Node::Text(found) => !text_violations(value, found).is_empty(),
            _ => true,
        };
        if nodes.values().any(bad) {
            self.violated(
                &whole(),
                &format!("Map value must satisfy constraint: [{}]", all_of(value)),
            );
        }
    }

    fn length(&mut self, found: usize, length: Length, value: impl Fn() -> String) {
        if let Some(constraint) = length_violation(found, length) {
            self.violated(&value(), &constraint);
        }
    }

    fn range(&mut self, found: f64, range: Range, node: &Node, shape: &'static Shape) {
        if found > range.max {
            let constraint = format!("Member must have value less than or equal to {}", range.max);
            self.violated(&repeated(node, shape), &constraint);
        } else if found < range.min {
            let constraint = format!("Member must have value greater than or equal to {}", range.min);
            self.violated(&repeated(node, shape), &constraint);
        }
    }
}

fn at_most(max: usize) -> String {
    format!("Member must have length less than or equal to {max}")
}

fn at_least(min: usize) -> String {
    format!("Member must have length greater than or equal to {min}")
}

fn like(pattern: &str) -> String {
    format!("Member must satisfy regular expression pattern: {pattern}")
}

fn length_violation(found: usize, length: Length) -> Option<String> {
    if found > length.max {
        Some(at_most(length.max))
    } else {
        (found < length.min).then(|| at_least(length.min))
    }
}

fn text_violations(text: &'static Text, found: &str) -> Vec<String> {
    let pattern = text.pattern.filter(|pattern| !pattern.matches(found));
    let length = length_violation(found.chars().count(), text.length);
    length
        .into_iter()
        .chain(pattern.map(|pattern| like(pattern.source)))
        .collect()
}

/// What is said of the keys or values of a map: everything that holds for them.
fn all_of(text: &'static Text) -> String {
    let mut constraints = Vec::new();
    if text.length.max < usize::MAX {
        constraints.push(at_most(text.length.max));
    }
    constraints.push(at_least(text.length.min));
    constraints.extend(text.pattern.map(|pattern| like(pattern.source)));
    constraints.push("Member must not be null".to_owned());
    constraints.join(", ")
}

fn text_of(node: &Node) -> &str {
    match node {
        Node::Text(text) => text,
        Node::Choice(text) => text,
        _ => "null",
    }
}

/// A few, comma-separated; never much more than can be repeated.
fn joined(texts: impl Iterator<Item = String>) -> String {
    let few: Vec<String> = texts.take(REPEATED).map(|text| shortened(&text)).collect();
    few.join(", ")
}

fn repeated(node: &Node, shape: &'static Shape) -> String {
    match (shape, node) {
        (Shape::Text(Text { sensitive: false, .. }) | Shape::Choice(_), Node::Text(text)) => quoted(text),
        (_, Node::Integer(number)) => format!("Value '{number}'"),
        (_, Node::Float(number)) => format!("Value '{:?}'", *number as f32),
        _ => "Value".to_owned(),
    }
}

fn quoted(text: &str) -> String {
    format!("Value '{}'", shortened(text))
}

fn shortened(text: &str) -> String {
    match text.char_indices().nth(REPEATED) {
        Some((end, _)) => format!("{}...", &text[..end]),
        None => text.to_owned(),
    }
}

/// Members are named in lower camel case in messages: `CollectionId` as `collectionId`.
fn lower_first(name: &str) -> String {
    let mut characters = name.chars();
    let first = characters.next().map(|first| first.to_ascii_lowercase());
    first.into_iter().chain(characters).collect()
}
