//! Time of one search on one thread, by number of templates and inner loop. `cargo bench -p selfsame-gallery`.
//! The answers are compared with brute force in `tests/search.rs`; here only time counts.

use std::time::Duration;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use selfsame_gallery::kernel::Kernel;
use selfsame_gallery::testing::{Random, face, near, template};
use selfsame_gallery::{ExactIndex, FaceIndex};
use selfsame_types::{Change, FaceModelVersion, Seq, Template};

const DIMENSIONS: usize = 128;
/// Ten best, as a login page or an investigator asks for.
const K: usize = 10;
/// The false match rate of 1e-4 of the standard pack's model, the floor of a duplicate check.
const MIN_COSINE: f32 = 0.405;
/// How alike two photos of one person typically are.
const GENUINE_COSINE: f32 = 0.7;

fn filled(count: u64, kernel: Kernel, version: &FaceModelVersion) -> (ExactIndex, Template) {
    let mut random = Random::new(count);
    let index = ExactIndex::new(version.clone(), Some(DIMENSIONS)).with_kernel(kernel);
    let mut probe = None;
    for seq in 1..=count {
        let template = template(&mut random, DIMENSIONS, version);
        if seq == count / 2 {
            probe = Some(near(&mut random, &template, GENUINE_COSINE));
        }
        index
            .apply(&[Change::Enrolled {
                seq: Seq(seq),
                face: face(seq),
                template,
            }])
            .expect("a valid template");
    }
    (index, probe.expect("count is at least 2"))
}

fn search(criterion: &mut Criterion) {
    let version = FaceModelVersion::new("bench-1");
    for count in [10_000, 100_000, 1_000_000] {
        let mut group = criterion.benchmark_group(format!("{count}x{DIMENSIONS}"));
        group
            .sample_size(20)
            .measurement_time(Duration::from_secs(5))
            .throughput(Throughput::Elements(count));
        for kernel in Kernel::available() {
            let (index, probe) = filled(count, kernel, &version);
            group.bench_function(format!("{}/duplicate", kernel.name()), |bencher| {
                bencher.iter(|| index.search(&probe, K, MIN_COSINE));
            });
            group.bench_function(format!("{}/top-10", kernel.name()), |bencher| {
                bencher.iter(|| index.search(&probe, K, -1.0));
            });
        }
        group.finish();
    }
}

criterion_group!(benches, search);
criterion_main!(benches);
