//! Time of the pixel work on one thread: decoding a phone photo, turning it upright, cutting out chips, making tensors.
//!
//! `cargo bench -p selfsame-vision --bench pixels`

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use image::codecs::jpeg::JpegEncoder;
use image::{Rgb, RgbImage};
use selfsame_types::Point;
use selfsame_vision::decode::{Limits, decode};
use selfsame_vision::resize::{Filter, letterbox, resize};
use selfsame_vision::warp::{Sampling, Similarity2D, warp, warp_antialiased_sampled};
use selfsame_vision::{ChannelOrder, Normalization};

/// Soft shapes with some grain, as a photo has: about 3 MB as a JPEG of 12 megapixels.
fn photo(width: u32, height: u32) -> RgbImage {
    let mut grain = 1_u32;
    RgbImage::from_fn(width, height, |x, y| {
        grain ^= grain << 13;
        grain ^= grain >> 17;
        grain ^= grain << 5;
        let wave =
            |period: f32, phase: f32| ((x as f32 / period).sin() + (y as f32 / phase).cos()) * 50.0 + 120.0;
        let noise = (grain % 13) as f32;
        Rgb([wave(90.0, 70.0), wave(60.0, 130.0), wave(200.0, 40.0)].map(|value| (value + noise) as u8))
    })
}

fn jpeg(image: &RgbImage) -> Vec<u8> {
    let mut bytes = Vec::new();
    JpegEncoder::new_with_quality(&mut bytes, 88)
        .encode_image(image)
        .expect("encoding into memory");
    bytes
}

fn decoding(criterion: &mut Criterion) {
    let file = jpeg(&photo(4000, 3000));
    for (name, target_long_side_px) in [("full", 4000), ("1_2", 1920), ("1_4", 960)] {
        let limits = Limits {
            target_long_side_px,
            ..Limits::default()
        };
        criterion.bench_function(&format!("decode a 12 MP JPEG, {name}"), |bencher| {
            bencher.iter(|| decode(black_box(&file), &limits));
        });
    }
    let small = jpeg(&photo(640, 480));
    criterion.bench_function("decode a 640x480 JPEG", |bencher| {
        bencher.iter(|| decode(black_box(&small), &Limits::default()));
    });
}

fn chips(criterion: &mut Criterion) {
    let image = photo(1920, 1440);
    let template = [
        (38.3, 51.7),
        (73.5, 51.5),
        (56.0, 71.7),
        (41.5, 92.4),
        (70.7, 92.2),
    ];
    let template = template.map(|(x, y)| Point::new(x, y));
    let face = template.map(|point| Point::new(400.0 + point.x * 4.5 - point.y * 0.4, 300.0 + point.y * 4.6));
    criterion.bench_function("estimate a similarity from five points", |bencher| {
        bencher.iter(|| Similarity2D::estimate(black_box(&template), black_box(&face)));
    });
    let transform = Similarity2D::estimate(&template, &face).expect("five different points");
    criterion.bench_function("warp a 112 px chip", |bencher| {
        bencher.iter(|| warp(black_box(&image), &transform, 112, 112));
    });
    for sampling in [Sampling::Bilinear, Sampling::Bicubic] {
        criterion.bench_function(
            &format!("warp a 112 px chip, antialiased, {sampling:?}"),
            |bencher| {
                bencher.iter(|| warp_antialiased_sampled(black_box(&image), &transform, 112, 112, sampling));
            },
        );
    }
}

fn detector_input(criterion: &mut Criterion) {
    let image = photo(1920, 1440);
    criterion.bench_function("letterbox 1920x1440 to 640", |bencher| {
        bencher.iter(|| letterbox(black_box(&image), 640, 32, false));
    });
    criterion.bench_function("resize 1920x1440 to 640x480 by area", |bencher| {
        bencher.iter(|| resize(black_box(&image), 640, 480, Filter::Area));
    });
    let normalization = Normalization {
        order: ChannelOrder::Rgb,
        mean: [123.675, 116.28, 103.53],
        std: [58.395, 57.12, 57.375],
    };
    let input = photo(640, 480);
    criterion.bench_function("tensor of 640x480", |bencher| {
        bencher.iter(|| normalization.tensor(black_box(&input)));
    });
}

criterion_group!(benches, decoding, chips, detector_input);
criterion_main!(benches);
