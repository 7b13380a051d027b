//! Every length and range, one below, on, and one above each end.

use std::collections::BTreeMap;

use crate::check::check;
use crate::node::Node;
use crate::shape::{Length, Member, Range, Shape, Text};

use super::{requests, shapes, texts};

/// The message about a value that stands alone.
fn message(node: &Node, shape: &'static Shape) -> String {
    check(node, shape).map_or_else(|error| error.message().to_owned(), |()| String::new())
}

/// Around both ends of a length, as far as such a value can be made.
fn lengths(length: Length) -> Vec<usize> {
    let mut lengths = vec![length.min, length.min + 1];
    lengths.extend(length.min.checked_sub(1));
    if length.max < usize::MAX {
        lengths.extend([length.max - 1, length.max, length.max + 1]);
    }
    lengths
}

fn assert_length(message: &str, found: usize, length: Length) {
    let few = format!("Member must have length greater than or equal to {}", length.min);
    let many = format!("Member must have length less than or equal to {}", length.max);
    assert_eq!(
        message.contains(&few),
        found < length.min,
        "{found} of {length:?}: {message}"
    );
    assert_eq!(
        message.contains(&many),
        found > length.max,
        "{found} of {length:?}: {message}"
    );
    assert!(message.len() < 8000, "{} bytes of message", message.len());
}

#[test]
fn texts_are_counted_in_characters() {
    let bounded = texts();
    assert!(bounded.len() > 25, "{}", bounded.len());
    for text in bounded {
        let shape: &'static Shape = Box::leak(Box::new(Shape::Text(Text {
            sensitive: false,
            ..*text
        })));
        for found in lengths(text.length) {
            for character in ["a", "é", "名", "🙂"] {
                assert_length(
                    &message(&Node::Text(character.repeat(found)), shape),
                    found,
                    text.length,
                );
            }
        }
    }
}

#[test]
fn blobs_are_counted_in_bytes_and_never_repeated() {
    for shape in shapes() {
        let Shape::Blob(length) = shape else { continue };
        for found in lengths(*length) {
            let message = message(&Node::Blob(vec![b'a'; found]), shape);
            assert_length(&message, found, *length);
            assert!(
                !message.contains("aaa") && !message.contains("Value '"),
                "{message}"
            );
        }
    }
}

#[test]
fn lists_and_maps_are_counted_in_elements() {
    for shape in shapes() {
        match shape {
            Shape::List(member, length) => {
                for found in lengths(*length) {
                    let nodes = (0..found).map(|_| element(member)).collect();
                    assert_length(&message(&Node::List(nodes), shape), found, *length);
                }
            }
            Shape::Map { length, .. } => {
                for found in lengths(*length) {
                    let nodes: BTreeMap<String, Node> = (0..found)
                        .map(|index| (format!("k{index}"), Node::Text("v".to_owned())))
                        .collect();
                    assert_length(&message(&Node::Map(nodes), shape), found, *length);
                }
            }
            _ => {}
        }
    }
}

/// Something without bounds of its own in the message: absent members of structures, texts of a pattern's length.
fn element(shape: &'static Shape) -> Node {
    match shape {
        Shape::Structure(_) => Node::Structure(Vec::new()),
        Shape::Choice(choices) => Node::Choice(choices[0]),
        Shape::Text(_) => Node::Text("0f8fad5b-d9cb-469f-a165-70867728950e".to_owned()),
        other => panic!("make an element of {other:?}"),
    }
}

#[test]
fn numbers_stay_in_their_ranges() {
    let mut seen = 0;
    for shape in shapes() {
        let (range, whole) = match shape {
            Shape::Integer(range) | Shape::Long(range) => (*range, true),
            Shape::Float(range) => (*range, false),
            _ => continue,
        };
        seen += 1;
        for end in [range.min, range.max] {
            if end.is_infinite() {
                continue;
            }
            for step in [-1.0, 0.0, 1.0] {
                let number = end + step * if whole { 1.0 } else { 0.001 };
                let node = if whole {
                    Node::Integer(number as i64)
                } else {
                    Node::Float(f64::from(number as f32))
                };
                assert_range(&message(&node, shape), number, range);
            }
        }
    }
    assert!(seen > 5, "{seen}");
}

fn assert_range(message: &str, number: f64, range: Range) {
    let low = format!("Member must have value greater than or equal to {}", range.min);
    let high = format!("Member must have value less than or equal to {}", range.max);
    assert_eq!(
        message.contains(&low),
        number < range.min,
        "{number} in {range:?}: {message}"
    );
    assert_eq!(
        message.contains(&high),
        number > range.max,
        "{number} in {range:?}: {message}"
    );
}

#[test]
fn every_required_member_is_missed() {
    for (name, shape) in requests() {
        let Shape::Structure(members) = shape else {
            panic!("{name} is no structure");
        };
        let required: Vec<&Member> = members.iter().filter(|member| member.required).collect();
        let message = message(&Node::Structure(Vec::new()), shape);
        assert_eq!(
            message.matches("Value null at '").count(),
            required.len(),
            "{name}: {message}"
        );
        assert_eq!(
            message.matches("Member must not be null").count(),
            required.len(),
            "{name}: {message}"
        );
    }
}
