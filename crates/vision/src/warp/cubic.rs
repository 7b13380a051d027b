//! One value between pixels by cubic convolution.

use super::{Source, floor};

/// Slope of the kernel at distance 1: `OpenCV`'s, so that its `warpAffine` can be the reference.
const SLOPE: f32 = -0.75;

/// The value at (x, y); pixels outside the image are black.
#[inline]
pub(super) fn at(source: &Source<'_>, x: f32, y: f32) -> [u8; 3] {
    let (column, row) = (floor(x), floor(y));
    let across = weights(x - column as f32);
    let down = weights(y - row as f32);
    let mut sum = [0.0f32; 3];
    for (weight_down, row) in down.into_iter().zip((-1..3).map(|step| row.saturating_add(step))) {
        let pixels = four(source, column.saturating_sub(1), row);
        for (weight_across, pixel) in across.into_iter().zip(pixels) {
            let weight = weight_down * weight_across;
            for (sum, value) in sum.iter_mut().zip(pixel) {
                *sum += weight * f32::from(value);
            }
        }
    }
    // The cast saturates: the kernel overshoots at edges.
    sum.map(|value| (value + 0.5) as u8)
}

/// Four neighbours in a row, from `column` on.
#[inline]
fn four(source: &Source<'_>, column: i32, row: i32) -> [[u8; 3]; 4] {
    if let (Ok(first), Ok(inside)) = (usize::try_from(column), usize::try_from(row))
        && first + 4 <= source.width
        && inside < source.height
        && let Some(pixels) = source.pixels[inside * source.width + first..].first_chunk()
    {
        return *pixels;
    }
    [0, 1, 2, 3].map(|step| source.or_black(column.saturating_add(step), row))
}

/// The kernel at the four neighbours of a place `fraction` (0 to 1) behind the second.
#[inline]
fn weights(fraction: f32) -> [f32; 4] {
    let far = |d: f32| SLOPE * (((d - 5.0) * d + 8.0) * d - 4.0);
    let near = |d: f32| ((SLOPE + 2.0) * d - (SLOPE + 3.0)) * d * d + 1.0;
    [
        far(1.0 + fraction),
        near(fraction),
        near(1.0 - fraction),
        far(2.0 - fraction),
    ]
}
