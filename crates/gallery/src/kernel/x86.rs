//! Kernels for x86-64. Four rows at a time share the loads of the probe and one horizontal sum.
#![expect(unsafe_code, reason = "SIMD loads and stores take pointers")]

use std::arch::x86_64::{
    __m128i, __m256i, __m512i, _mm_add_epi32, _mm_storeu_si128, _mm256_abs_epi8, _mm256_add_epi32,
    _mm256_castsi256_si128, _mm256_extracti128_si256, _mm256_hadd_epi32, _mm256_load_si256,
    _mm256_madd_epi16, _mm256_maddubs_epi16, _mm256_set1_epi16, _mm256_setzero_si256, _mm256_sign_epi8,
    _mm512_castsi512_si256, _mm512_dpbusd_epi32, _mm512_extracti64x4_epi64, _mm512_load_si512,
    _mm512_set1_epi8, _mm512_setzero_si512, _mm512_xor_si512,
};

use super::Lane;

/// Rows that share one pass over the probe.
const ROWS: usize = 4;

pub(super) fn has_avx2() -> bool {
    is_x86_feature_detected!("avx2")
}

pub(super) fn has_avx512_vnni() -> bool {
    is_x86_feature_detected!("avx2")
        && is_x86_feature_detected!("avx512f")
        && is_x86_feature_detected!("avx512bw")
        && is_x86_feature_detected!("avx512vnni")
}

/// `vpmaddubsw` multiplies unsigned with signed bytes and adds pairs in 16 bits: |row| times the probe with the row's
/// sign gives the right products, and 2·127·127 = 32 258 cannot saturate.
#[target_feature(enable = "avx2")]
pub(super) fn avx2(probe: &[Lane], rows: &[Lane], out: &mut [i32]) {
    let width = probe.len();
    let mut groups = rows.chunks_exact(ROWS * width);
    let (outs, out_rest) = out.as_chunks_mut::<ROWS>();
    for (group, out) in groups.by_ref().zip(outs) {
        let mut sums = [_mm256_setzero_si256(); ROWS];
        for (i, lane) in probe.iter().enumerate() {
            for (half, p) in load_256(lane).into_iter().enumerate() {
                for (row, sum) in sums.iter_mut().enumerate() {
                    *sum = multiply_add_256(*sum, load_256(&group[row * width + i])[half], p);
                }
            }
        }
        store(out, sums);
    }
    for (row, out) in groups.remainder().chunks_exact(width).zip(out_rest) {
        let mut sum = _mm256_setzero_si256();
        for (lane, code) in probe.iter().zip(row) {
            for (p, r) in load_256(lane).into_iter().zip(load_256(code)) {
                sum = multiply_add_256(sum, r, p);
            }
        }
        let zero = _mm256_setzero_si256();
        let mut four = [0; ROWS];
        store(&mut four, [sum, zero, zero, zero]);
        *out = four[0];
    }
}

/// `vpdpbusd` multiplies unsigned with signed bytes: flipping a row's sign bits adds 128 to each code, so 128 times
/// the sum of the probe's codes is taken off again. Padding is zero in the probe and adds nothing.
#[target_feature(enable = "avx2,avx512f,avx512bw,avx512vnni")]
pub(super) fn avx512_vnni(probe: &[Lane], rows: &[Lane], out: &mut [i32]) {
    let width = probe.len();
    let excess = 128 * probe.iter().flat_map(|lane| lane.0).map(i32::from).sum::<i32>();
    let sign = _mm512_set1_epi8(i8::MIN);
    let mut groups = rows.chunks_exact(ROWS * width);
    let (outs, out_rest) = out.as_chunks_mut::<ROWS>();
    for (group, out) in groups.by_ref().zip(outs) {
        let mut sums = [_mm512_setzero_si512(); ROWS];
        for (i, lane) in probe.iter().enumerate() {
            let p = load_512(lane);
            for (row, sum) in sums.iter_mut().enumerate() {
                let r = _mm512_xor_si512(load_512(&group[row * width + i]), sign);
                *sum = _mm512_dpbusd_epi32(*sum, r, p);
            }
        }
        store(out, [fold(sums[0]), fold(sums[1]), fold(sums[2]), fold(sums[3])]);
        for value in out {
            *value -= excess;
        }
    }
    for (row, out) in groups.remainder().chunks_exact(width).zip(out_rest) {
        let mut sum = _mm512_setzero_si512();
        for (lane, code) in probe.iter().zip(row) {
            sum = _mm512_dpbusd_epi32(sum, _mm512_xor_si512(load_512(code), sign), load_512(lane));
        }
        let zero = _mm256_setzero_si256();
        let mut four = [0; ROWS];
        store(&mut four, [fold(sum), zero, zero, zero]);
        *out = four[0] - excess;
    }
}

#[target_feature(enable = "avx2")]
#[inline]
fn multiply_add_256(sum: __m256i, row: __m256i, probe: __m256i) -> __m256i {
    let pairs = _mm256_maddubs_epi16(_mm256_abs_epi8(row), _mm256_sign_epi8(probe, row));
    _mm256_add_epi32(sum, _mm256_madd_epi16(pairs, _mm256_set1_epi16(1)))
}

/// Adds the upper half of a register to its lower half.
#[target_feature(enable = "avx2,avx512f")]
#[inline]
fn fold(sum: __m512i) -> __m256i {
    _mm256_add_epi32(_mm512_castsi512_si256(sum), _mm512_extracti64x4_epi64::<1>(sum))
}

/// Adds up each of four registers.
#[target_feature(enable = "avx2")]
#[inline]
fn store(out: &mut [i32; ROWS], sums: [__m256i; ROWS]) {
    let pairs = _mm256_hadd_epi32(
        _mm256_hadd_epi32(sums[0], sums[1]),
        _mm256_hadd_epi32(sums[2], sums[3]),
    );
    let four: __m128i = _mm_add_epi32(
        _mm256_castsi256_si128(pairs),
        _mm256_extracti128_si256::<1>(pairs),
    );
    // SAFETY: `out` is 16 writable bytes; the unaligned store asks for no alignment.
    unsafe { _mm_storeu_si128(out.as_mut_ptr().cast(), four) }
}

#[target_feature(enable = "avx2")]
#[inline]
fn load_256(lane: &Lane) -> [__m256i; 2] {
    let start = std::ptr::from_ref(lane).cast::<__m256i>();
    // SAFETY: a lane is 64 readable bytes aligned to 64, so both halves are in bounds and aligned to 32.
    unsafe { [_mm256_load_si256(start), _mm256_load_si256(start.add(1))] }
}

#[target_feature(enable = "avx512f")]
#[inline]
fn load_512(lane: &Lane) -> __m512i {
    // SAFETY: a lane is 64 readable bytes aligned to 64.
    unsafe { _mm512_load_si512(std::ptr::from_ref(lane).cast()) }
}
