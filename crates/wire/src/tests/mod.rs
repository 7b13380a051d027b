//! What holds for every constraint of the service models, including those of operations that are not served yet.

mod arbitrary;
mod bounds;
mod documented;
mod patterns;

use std::collections::BTreeMap;

use crate::generated::{rekognition, ssm, states, textract};
use crate::pattern::Pattern;
use crate::shape::{Shape, Text};

/// Every request with its table.
fn requests() -> impl Iterator<Item = (&'static str, &'static Shape)> {
    [
        rekognition::REQUESTS,
        ssm::REQUESTS,
        states::REQUESTS,
        textract::REQUESTS,
    ]
    .into_iter()
    .flatten()
    .copied()
}

/// The table of a served operation's request.
fn shape_of(target: crate::Target) -> &'static Shape {
    let operation = target.operation();
    // Step Functions calls them otherwise.
    let request = ["Request", "Input"].map(|suffix| format!("{operation}{suffix}"));
    requests()
        .find(|(name, _)| request.iter().any(|request| request == name))
        .map(|(_, shape)| shape)
        .expect("a request of that name")
}

/// Every shape that a request holds, once.
fn shapes() -> Vec<&'static Shape> {
    fn walk(shape: &'static Shape, found: &mut Vec<&'static Shape>) {
        if found.iter().any(|known| std::ptr::eq(*known, shape)) {
            return;
        }
        found.push(shape);
        match shape {
            Shape::Structure(members) => members.iter().for_each(|member| walk(member.shape, found)),
            Shape::List(member, _) => walk(member, found),
            _ => {}
        }
    }
    let mut found = Vec::new();
    requests().for_each(|(_, shape)| walk(shape, &mut found));
    found
}

/// Every text that is bounded, in maps too.
fn texts() -> Vec<&'static Text> {
    let of = |shape: &'static Shape| match shape {
        Shape::Text(text) => vec![text],
        Shape::Map { key, value, .. } => vec![*key, *value],
        _ => Vec::new(),
    };
    shapes().into_iter().flat_map(of).collect()
}

/// Every pattern, by its source.
fn patterns() -> BTreeMap<&'static str, &'static Pattern> {
    texts()
        .into_iter()
        .filter_map(|text| text.pattern)
        .map(|pattern| (pattern.source, pattern))
        .collect()
}
