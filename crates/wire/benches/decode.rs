//! Time to read and check a request, on one thread. `cargo bench -p selfsame-wire --bench decode`.

use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use selfsame_wire::rekognition::{DeleteFaces, SearchFacesByImage};
use selfsame_wire::{Blob, decode};

/// A photo as telephones send it, and the largest that is allowed.
const IMAGE_SIZES_BYTES: [usize; 2] = [200 * 1024, 5_242_880];

fn search_request(size_bytes: usize) -> String {
    let bytes: Vec<u8> = (0..size_bytes).map(|index| (index * 31 % 251) as u8).collect();
    let image = serde_json::to_value(Blob(bytes)).expect("base64");
    serde_json::json!({
        "CollectionId": "people",
        "Image": {"Bytes": image},
        "MaxFaces": 10,
        "FaceMatchThreshold": 80,
        "QualityFilter": "AUTO",
    })
    .to_string()
}

fn requests(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("decode");
    for size_bytes in IMAGE_SIZES_BYTES {
        let body = search_request(size_bytes);
        group.throughput(Throughput::Bytes(body.len() as u64));
        group.bench_function(format!("image of {} KiB", size_bytes / 1024), |bencher| {
            bencher
                .iter(|| decode::<SearchFacesByImage>(black_box(body.as_bytes())).expect("a valid request"));
        });
    }
    let faces = vec!["0f8fad5b-d9cb-469f-a165-70867728950e"; 4096];
    let body = serde_json::json!({"CollectionId": "people", "FaceIds": faces}).to_string();
    group.throughput(Throughput::Bytes(body.len() as u64));
    group.bench_function("4096 face ids", |bencher| {
        bencher.iter(|| decode::<DeleteFaces>(black_box(body.as_bytes())).expect("a valid request"));
    });
    group.finish();
}

criterion_group!(benches, requests);
criterion_main!(benches);
