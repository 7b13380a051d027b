//! Random templates for tests and benchmarks, the same on every machine. Not for secrets or ids.

use selfsame_types::{FaceId, FaceModelVersion, Template};
use uuid::Uuid;

/// splitmix64 (Steele, Lea, Flood: *Fast splittable pseudorandom number generators*, 2014).
#[derive(Debug, Clone)]
pub struct Random(u64);

impl Random {
    /// The same seed gives the same numbers.
    #[must_use]
    pub const fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// 64 random bits.
    pub fn next_u64(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// Nearly normal: the sum of four uniform values, mean 0, deviation 1. Enough for random directions.
    pub fn next_normal(&mut self) -> f32 {
        let bits = self.next_u64();
        let sum: u64 = (0..4).map(|i| (bits >> (16 * i)) & 0xffff).sum();
        // Four values of 0..65536: mean 4·32767.5, deviation 65536·√(4/12).
        (sum as f32 - 131_070.0) / 37_837.23
    }
}

/// A random direction.
///
/// # Panics
/// Where `dimensions` is 0.
#[must_use]
pub fn template(random: &mut Random, dimensions: usize, version: &FaceModelVersion) -> Template {
    assert!(dimensions > 0, "a template has at least one dimension");
    // In one dimension a draw of exactly zero has no direction: about one in 95 000, and then the next is taken.
    loop {
        let values: Vec<f32> = (0..dimensions).map(|_| random.next_normal()).collect();
        if let Ok(template) = Template::new(&values, version.clone()) {
            return template;
        }
    }
}

/// A random direction at about `cosine` from `template`, as another photo of the same person is.
///
/// # Panics
/// Never for cosines between −1 and 1.
#[must_use]
pub fn near(random: &mut Random, template: &Template, cosine: f32) -> Template {
    let other = self::template(random, template.values().len(), template.version());
    let across = (1.0 - cosine * cosine).sqrt();
    let values: Vec<f32> = template
        .values()
        .iter()
        .zip(other.values())
        .map(|(a, b)| cosine * a + across * b)
        .collect();
    Template::new(&values, template.version().clone()).expect("a sum of directions has a direction")
}

/// The unit vector that belongs to `seed`.
#[must_use]
pub fn unit_vector(seed: u64, dimensions: usize) -> Vec<f32> {
    template(
        &mut Random::new(seed),
        dimensions,
        &FaceModelVersion::new("test-1"),
    )
    .values()
    .to_vec()
}

/// The n-th face id.
#[must_use]
pub fn face(number: u64) -> FaceId {
    FaceId::new(Uuid::from_u64_pair(0x4000_8000, number))
}
