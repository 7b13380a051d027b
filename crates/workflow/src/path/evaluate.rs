//! Walks a value along the steps of a path. It never copies a value, and counts what it does, so that no path takes
//! longer than its budget.

use serde_json::Value;

use super::{Budget, Selector, Slice, Step};
use crate::Failure;

/// The value at the end of definite steps.
pub(super) fn definite<'v>(root: &'v Value, steps: &[Step]) -> Option<&'v Value> {
    steps.iter().try_fold(root, |value, step| match &step.selector {
        Selector::Name(name) => value.get(name),
        Selector::Index(index) => element(value.as_array()?, *index),
        _ => None,
    })
}

/// All values at the end of any steps, in the order of the document.
pub(super) fn select<'v>(
    root: &'v Value,
    steps: &[Step],
    budget: &mut Budget,
) -> Result<Vec<&'v Value>, Failure> {
    let mut selected = vec![root];
    for step in steps {
        let mut next = Vec::new();
        for value in selected {
            if step.everywhere {
                descend(
                    value,
                    |below, budget| children(root, below, &step.selector, budget, &mut next),
                    budget,
                )?;
            } else {
                children(root, value, &step.selector, budget, &mut next)?;
            }
        }
        selected = next;
    }
    Ok(selected)
}

/// Visits a value and everything below it, parents first.
fn descend<'v>(
    value: &'v Value,
    mut visit: impl FnMut(&'v Value, &mut Budget) -> Result<(), Failure>,
    budget: &mut Budget,
) -> Result<(), Failure> {
    // A stack of its own, as the value may be as deep as whoever made it liked.
    let mut waiting = vec![value];
    while let Some(next) = waiting.pop() {
        budget.visit()?;
        visit(next, budget)?;
        match next {
            Value::Array(elements) => waiting.extend(elements.iter().rev()),
            Value::Object(members) => {
                let first = waiting.len();
                waiting.extend(members.values());
                if let Some(added) = waiting.get_mut(first..) {
                    added.reverse();
                }
            }
            _ => {}
        }
    }
    Ok(())
}

/// Adds what a selector chooses among the children of a value.
fn children<'v>(
    root: &'v Value,
    value: &'v Value,
    selector: &Selector,
    budget: &mut Budget,
    selected: &mut Vec<&'v Value>,
) -> Result<(), Failure> {
    let mut add = |found: Option<&'v Value>, budget: &mut Budget| {
        budget.visit()?;
        selected.extend(found);
        Ok(())
    };
    match (selector, value) {
        (Selector::Name(name), _) => add(value.get(name), budget),
        (Selector::Names(names), _) => names.iter().try_for_each(|name| add(value.get(name), budget)),
        (Selector::Index(index), Value::Array(elements)) => add(element(elements, *index), budget),
        (Selector::Indices(indices), Value::Array(elements)) => indices
            .iter()
            .try_for_each(|index| add(element(elements, *index), budget)),
        (Selector::Slice(slice), Value::Array(elements)) => slice
            .positions(elements.len())
            .try_for_each(|position| add(elements.get(position), budget)),
        (Selector::Every, _) => each_child(value, |child| add(Some(child), budget)),
        (Selector::Filter(filter), _) => each_child(value, |child| {
            let chosen = filter.matches(root, child, budget)?;
            add(chosen.then_some(child), budget)
        }),
        _ => Ok(()),
    }
}

fn each_child<'v>(
    value: &'v Value,
    visit: impl FnMut(&'v Value) -> Result<(), Failure>,
) -> Result<(), Failure> {
    match value {
        Value::Array(elements) => elements.iter().try_for_each(visit),
        Value::Object(members) => members.values().try_for_each(visit),
        _ => Ok(()),
    }
}

/// An element from the start, or from the end if `index` is negative.
pub(super) fn element(elements: &[Value], index: i64) -> Option<&Value> {
    elements.get(position(elements.len(), index)?)
}

/// Where an index points to in an array of this length; that may be behind its end.
pub(super) fn position(length: usize, index: i64) -> Option<usize> {
    let distance = usize::try_from(index.unsigned_abs()).ok()?;
    if index < 0 {
        length.checked_sub(distance)
    } else {
        Some(distance)
    }
}

impl Slice {
    /// The positions it selects, by the rules of RFC 9535, section 2.3.4.2.
    fn positions(&self, length: usize) -> impl Iterator<Item = usize> + use<> {
        let (step, length) = (i128::from(self.step), i128::try_from(length).unwrap_or(i128::MAX));
        let (lowest, highest) = if step > 0 { (0, length) } else { (-1, length - 1) };
        let bound = |index: Option<i64>, default: i128| {
            index.map_or(default, |index| {
                let index = i128::from(index);
                let from_start = if index < 0 { length + index } else { index };
                from_start.clamp(lowest, highest)
            })
        };
        let (start, end) = if step > 0 {
            (bound(self.start, lowest), bound(self.end, highest))
        } else {
            (bound(self.start, highest), bound(self.end, lowest))
        };
        std::iter::successors(Some(start), move |position| Some(position + step))
            .take_while(move |position| {
                if step > 0 {
                    *position < end
                } else {
                    *position > end
                }
            })
            .filter_map(|position| usize::try_from(position).ok())
    }
}
