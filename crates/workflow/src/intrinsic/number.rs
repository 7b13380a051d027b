//! The intrinsic functions of numbers and chance. They never draw from anything but the given source, or the seed.

use serde_json::Value;

use super::arguments::{exactly, integer};
use crate::Random;

/// `States.MathAdd(number, number)`
pub(super) fn add(arguments: Vec<Value>) -> Result<Value, String> {
    let [left, right] = exactly(arguments)?;
    let (left, right) = (
        integer(&left, "first argument")?,
        integer(&right, "second argument")?,
    );
    left.checked_add(right)
        .map(Value::from)
        .ok_or_else(|| format!("The sum of {left} and {right} does not fit in 64 bits"))
}

/// `States.MathRandom(start, end)` and `States.MathRandom(start, end, seed)`: from `start` up to, but not including,
/// `end`. The same seed gives the same number.
pub(super) fn random(mut arguments: Vec<Value>, random: &mut dyn Random) -> Result<Value, String> {
    let seed = match arguments.len() {
        3 => arguments.pop(),
        _ => None,
    };
    let [start, end] = exactly(arguments)?;
    let (start, end) = (integer(&start, "start")?, integer(&end, "end")?);
    let bits = match seed {
        Some(seed) => split_mix(integer(&seed, "seed")?.cast_unsigned()),
        None => random.next_u64(),
    };
    let width = u128::try_from(i128::from(end) - i128::from(start)).unwrap_or(0);
    if width == 0 {
        return Err(format!(
            "The end must be greater than the start, but they are {end} and {start}"
        ));
    }
    // The width has at most 64 bits, and so has its product by the fraction `bits / 2⁶⁴`.
    let offset = ((u128::from(bits) * width) >> 64) as i128;
    Ok(Value::from((i128::from(start) + offset) as i64))
}

/// One step of `SplitMix64` (<https://prng.di.unimi.it/splitmix64.c>): spreads near seeds over all numbers.
const fn split_mix(seed: u64) -> u64 {
    let mut bits = seed.wrapping_add(0x9e37_79b9_7f4a_7c15);
    bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    bits ^ (bits >> 31)
}

/// `States.UUID()`, of version 4.
pub(super) fn uuid(random: &mut dyn Random) -> Value {
    let bits = (u128::from(random.next_u64()) << 64) | u128::from(random.next_u64());
    let uuid = uuid::Builder::from_random_bytes(bits.to_be_bytes()).into_uuid();
    Value::String(uuid.to_string())
}
