//! The intrinsic functions that make and read arrays. They never make one that is larger than what they were given,
//! but for `States.ArrayRange`, which ends at a thousand elements.

use std::collections::HashSet;

use serde_json::Value;

use super::arguments::{array, exactly, integer};

/// As [documented](https://docs.aws.amazon.com/step-functions/latest/dg/intrinsic-functions.html).
const MAX_RANGE: i128 = 1000;

/// `States.ArrayContains(array, value)`
pub(super) fn contains(arguments: Vec<Value>) -> Result<Value, String> {
    let [elements, wanted] = exactly(arguments)?;
    let elements = array(elements, "first argument")?;
    Ok(elements.contains(&wanted).into())
}

/// `States.ArrayGetItem(array, index)`
pub(super) fn item(arguments: Vec<Value>) -> Result<Value, String> {
    let [elements, index] = exactly(arguments)?;
    let mut elements = array(elements, "first argument")?;
    let index = integer(&index, "index")?;
    let length = elements.len();
    match usize::try_from(index) {
        Ok(position) if position < length => Ok(elements.swap_remove(position)),
        _ => Err(format!(
            "The index must be from 0 up to, but not including, the length {length}, and is {index}"
        )),
    }
}

/// `States.ArrayLength(array)`
pub(super) fn length(arguments: Vec<Value>) -> Result<Value, String> {
    let [elements] = exactly(arguments)?;
    Ok(array(elements, "argument")?.len().into())
}

/// `States.ArrayPartition(array, size)`
pub(super) fn partition(arguments: Vec<Value>) -> Result<Value, String> {
    let [elements, size] = exactly(arguments)?;
    let elements = array(elements, "first argument")?;
    let size = usize::try_from(integer(&size, "chunk size")?).unwrap_or(0);
    if size == 0 {
        return Err("The chunk size must be a whole number greater than 0".to_owned());
    }
    let chunks = elements.chunks(size).map(|chunk| Value::Array(chunk.to_vec()));
    Ok(chunks.collect())
}

/// `States.ArrayRange(first, last, step)`; the last number is part of it.
pub(super) fn range(arguments: Vec<Value>) -> Result<Value, String> {
    let [first, last, step] = exactly(arguments)?;
    let first = integer(&first, "first number")?;
    let last = integer(&last, "last number")?;
    let step = integer(&step, "increment")?;
    if step == 0 {
        return Err("The increment must not be 0".to_owned());
    }
    let distance = i128::from(last) - i128::from(first);
    let count = (distance / i128::from(step)) + 1;
    if distance != 0 && (distance > 0) != (step > 0) {
        return Ok(Value::Array(Vec::new()));
    }
    if count > MAX_RANGE {
        return Err(format!(
            "The range must have at most {MAX_RANGE} elements, not {count}"
        ));
    }
    let numbers = std::iter::successors(Some(first), |number| number.checked_add(step));
    let count = usize::try_from(count).unwrap_or(0);
    Ok(numbers.take(count).map(Value::from).collect())
}

/// `States.ArrayUnique(array)`; the first of each stays.
pub(super) fn unique(arguments: Vec<Value>) -> Result<Value, String> {
    let [elements] = exactly(arguments)?;
    let elements = array(elements, "argument")?;
    let mut seen = HashSet::new();
    let unique: Vec<Value> = elements
        .iter()
        .filter(|element| seen.insert(*element))
        .cloned()
        .collect();
    Ok(Value::Array(unique))
}
