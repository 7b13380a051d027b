//! The kernel for 64-bit ARM: byte products in 16 bits (127·127 fits), added in pairs to 32 bits. Needs nothing
//! beyond the base instruction set.
#![expect(unsafe_code, reason = "SIMD loads take pointers")]

use std::arch::aarch64::{
    int8x16_t, int32x4_t, vaddq_s32, vaddvq_s32, vdupq_n_s32, vget_low_s8, vld1q_s8, vmull_high_s8, vmull_s8,
    vpadalq_s16,
};
use std::arch::is_aarch64_feature_detected;

use super::Lane;

/// Rows that share one pass over the probe.
const ROWS: usize = 4;

pub(super) fn has_neon() -> bool {
    is_aarch64_feature_detected!("neon")
}

#[target_feature(enable = "neon")]
pub(super) fn neon(probe: &[Lane], rows: &[Lane], out: &mut [i32]) {
    let width = probe.len();
    let mut groups = rows.chunks_exact(ROWS * width);
    let (outs, out_rest) = out.as_chunks_mut::<ROWS>();
    for (group, out) in groups.by_ref().zip(outs) {
        let mut sums = [vdupq_n_s32(0); ROWS];
        for (i, lane) in probe.iter().enumerate() {
            let p = load(lane);
            for (row, sum) in sums.iter_mut().enumerate() {
                *sum = multiply_add(*sum, load(&group[row * width + i]), p);
            }
        }
        *out = [
            vaddvq_s32(sums[0]),
            vaddvq_s32(sums[1]),
            vaddvq_s32(sums[2]),
            vaddvq_s32(sums[3]),
        ];
    }
    for (row, out) in groups.remainder().chunks_exact(width).zip(out_rest) {
        let mut sum = vdupq_n_s32(0);
        for (lane, code) in probe.iter().zip(row) {
            sum = multiply_add(sum, load(code), load(lane));
        }
        *out = vaddvq_s32(sum);
    }
}

#[target_feature(enable = "neon")]
#[inline]
fn multiply_add(sum: int32x4_t, row: [int8x16_t; 4], probe: [int8x16_t; 4]) -> int32x4_t {
    let (mut low, mut high) = (sum, vdupq_n_s32(0));
    for (r, p) in row.into_iter().zip(probe) {
        low = vpadalq_s16(low, vmull_s8(vget_low_s8(r), vget_low_s8(p)));
        high = vpadalq_s16(high, vmull_high_s8(r, p));
    }
    vaddq_s32(low, high)
}

#[target_feature(enable = "neon")]
#[inline]
fn load(lane: &Lane) -> [int8x16_t; 4] {
    let start = lane.0.as_ptr();
    // SAFETY: a lane is 64 readable bytes, so the four loads of 16 bytes are in bounds; they ask for no alignment.
    unsafe {
        [
            vld1q_s8(start),
            vld1q_s8(start.add(16)),
            vld1q_s8(start.add(32)),
            vld1q_s8(start.add(48)),
        ]
    }
}
