//! Integer products of 8-bit codes, the inner loop of a search: a scalar version that says what is meant, and versions
//! for AVX2, AVX-512 VNNI and NEON that give exactly the same numbers. The machine is asked once which it has.
//!
//! This is the only module of the crate with unsafe code: SIMD loads and stores, and calls of functions that need
//! a processor feature which was just detected.

#[cfg(target_arch = "aarch64")]
mod neon;
#[cfg(target_arch = "x86_64")]
mod x86;

/// 64 codes in one cache line. Rows are padded with zeros to whole lanes, which changes no product and spares the
/// kernels a tail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(C, align(64))]
pub struct Lane(pub [i8; Lane::LENGTH]);

impl Lane {
    /// Codes in a lane: the bytes of a cache line and of an AVX-512 register.
    pub const LENGTH: usize = 64;
    /// All codes zero.
    pub const ZERO: Self = Self([0; Self::LENGTH]);
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Scalar,
    #[cfg(target_arch = "x86_64")]
    Avx2,
    #[cfg(target_arch = "x86_64")]
    Avx512Vnni,
    #[cfg(target_arch = "aarch64")]
    Neon,
}

/// One way of computing products. A value of this type exists only where the machine can run it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Kernel(Kind);

impl Kernel {
    /// Runs everywhere; the others are tested against it.
    pub const SCALAR: Self = Self(Kind::Scalar);

    /// All that this machine can run, slowest first.
    #[must_use]
    pub fn available() -> Vec<Self> {
        [
            Some(Kind::Scalar),
            #[cfg(target_arch = "x86_64")]
            x86::has_avx2().then_some(Kind::Avx2),
            #[cfg(target_arch = "x86_64")]
            x86::has_avx512_vnni().then_some(Kind::Avx512Vnni),
            #[cfg(target_arch = "aarch64")]
            neon::has_neon().then_some(Kind::Neon),
        ]
        .into_iter()
        .flatten()
        .map(Self)
        .collect()
    }

    /// The fastest that this machine can run.
    #[must_use]
    pub fn fastest() -> Self {
        Self::available().pop().unwrap_or(Self::SCALAR)
    }

    /// For reports ("avx512-vnni").
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self.0 {
            Kind::Scalar => "scalar",
            #[cfg(target_arch = "x86_64")]
            Kind::Avx2 => "avx2",
            #[cfg(target_arch = "x86_64")]
            Kind::Avx512Vnni => "avx512-vnni",
            #[cfg(target_arch = "aarch64")]
            Kind::Neon => "neon",
        }
    }

    /// Writes to `out[i]` the product of `probe` with the i-th row of `rows`; a row is as long as the probe.
    ///
    /// Codes must be −127 to 127 (a −128 gives a wrong number on some machines, nothing worse), and a probe at most
    /// 1 024 lanes long, so that no sum overflows.
    ///
    /// # Panics
    /// Where `rows` does not hold exactly `out.len()` rows.
    #[expect(unsafe_code, reason = "a detected processor feature is used")]
    pub fn dots(self, probe: &[Lane], rows: &[Lane], out: &mut [i32]) {
        assert_eq!(rows.len(), probe.len() * out.len(), "one result per row");
        if probe.is_empty() {
            out.fill(0);
            return;
        }
        match self.0 {
            Kind::Scalar => scalar(probe, rows, out),
            #[cfg(target_arch = "x86_64")]
            // SAFETY: a value of this kind exists only where `has_avx2` was true.
            Kind::Avx2 => unsafe { x86::avx2(probe, rows, out) },
            #[cfg(target_arch = "x86_64")]
            // SAFETY: a value of this kind exists only where `has_avx512_vnni` was true.
            Kind::Avx512Vnni => unsafe { x86::avx512_vnni(probe, rows, out) },
            #[cfg(target_arch = "aarch64")]
            // SAFETY: a value of this kind exists only where `has_neon` was true.
            Kind::Neon => unsafe { neon::neon(probe, rows, out) },
        }
    }
}

/// What all kernels compute.
fn scalar(probe: &[Lane], rows: &[Lane], out: &mut [i32]) {
    for (row, out) in rows.chunks_exact(probe.len()).zip(out) {
        let pairs = row.iter().zip(probe).flat_map(|(r, p)| r.0.iter().zip(&p.0));
        *out = pairs.map(|(r, p)| i32::from(*r) * i32::from(*p)).sum();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Packs `codes` into lanes, row by row, as an index does.
    fn pack(codes: &[i8], dimensions: usize) -> Vec<Lane> {
        let mut lanes = Vec::new();
        for chunk in codes
            .chunks_exact(dimensions)
            .flat_map(|row| row.chunks(Lane::LENGTH))
        {
            let mut lane = Lane::ZERO;
            lane.0[..chunk.len()].copy_from_slice(chunk);
            lanes.push(lane);
        }
        lanes
    }

    fn check(probe: &[i8], rows: &[i8]) -> Result<(), TestCaseError> {
        let expected: Vec<i32> = rows
            .chunks_exact(probe.len())
            .map(|row| {
                row.iter()
                    .zip(probe)
                    .map(|(r, p)| i32::from(*r) * i32::from(*p))
                    .sum()
            })
            .collect();
        let (packed_probe, packed_rows) = (pack(probe, probe.len()), pack(rows, probe.len()));
        for kernel in Kernel::available() {
            let mut dots = vec![i32::MIN; expected.len()];
            kernel.dots(&packed_probe, &packed_rows, &mut dots);
            prop_assert_eq!(&dots, &expected, "{}", kernel.name());
        }
        Ok(())
    }

    #[test]
    fn extreme_codes_do_not_saturate_at_any_length() {
        for dimensions in (1..=200).chain([511, 512, 513, 1023, 1024, 4096]) {
            for (probe, row) in [(127, 127), (-127, 127), (127, -127), (-127, -127)] {
                for rows in [1, 3, 4, 5, 9] {
                    check(&vec![probe; dimensions], &vec![row; dimensions * rows]).unwrap();
                }
            }
        }
    }

    #[test]
    fn nothing_in_nothing_out() {
        for kernel in Kernel::available() {
            kernel.dots(&[], &[], &mut []);
            kernel.dots(&[Lane::ZERO], &[], &mut []);
            let mut out = [7];
            kernel.dots(&[], &[], &mut out);
            assert_eq!(out, [0]);
        }
    }

    #[test]
    fn the_fastest_kernel_is_the_last_available() {
        assert_eq!(Some(&Kernel::fastest()), Kernel::available().last());
        assert_eq!(Kernel::available()[0].name(), "scalar");
    }

    proptest! {
        #[test]
        fn every_kernel_gives_the_numbers_of_the_scalar_one(
            probe in prop::collection::vec(-127i8..=127, 1..1100),
            rows in 0usize..11,
            seed in any::<u64>(),
        ) {
            let mut random = crate::testing::Random::new(seed);
            let codes: Vec<i8> =
                (0..probe.len() * rows).map(|_| ((random.next_u64() % 255) as i32 - 127) as i8).collect();
            check(&probe, &codes)?;
        }
    }
}
