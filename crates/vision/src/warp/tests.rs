//! Tests of transforms and chips against scikit-image and `OpenCV` (`scripts/reference/warp.py`).

use image::Rgb;
use proptest::prelude::*;
use serde::Deserialize;

use super::*;

#[derive(Deserialize)]
struct Reference {
    image: ReferenceImage,
    estimates: Vec<Estimate>,
    chips: Vec<Chip>,
}

#[derive(Deserialize)]
struct ReferenceImage {
    width: u32,
    height: u32,
    checksum: u64,
}

#[derive(Deserialize)]
struct Estimate {
    from: Vec<[f32; 2]>,
    to: Vec<[f32; 2]>,
    a: f32,
    b: f32,
    tx: f32,
    ty: f32,
}

#[derive(Deserialize)]
struct Chip {
    a: f32,
    b: f32,
    tx: f32,
    ty: f32,
    size: u32,
    exact: Vec<u8>,
    opencv: Vec<u8>,
    opencv_cubic: Vec<u8>,
}

fn reference() -> Reference {
    serde_json::from_str(include_str!("../../tests/data/warp.json")).unwrap()
}

/// As the script's `image`.
fn striped(width: u32, height: u32) -> RgbImage {
    let triangle = |value: u32| 2 * (value % 64).min(64 - value % 64);
    RgbImage::from_fn(width, height, |x, y| {
        Rgb([0, 1, 2].map(|c| (triangle(3 * x + y + 20 * c) + triangle(x + 2 * y)) as u8))
    })
}

fn points(pairs: &[[f32; 2]]) -> Vec<Point> {
    pairs.iter().map(|&[x, y]| Point::new(x, y)).collect()
}

#[test]
fn estimates_agree_with_scikit_image() {
    for expected in reference().estimates {
        let found = Similarity2D::estimate(&points(&expected.from), &points(&expected.to)).unwrap();
        for (found, expected) in [
            (found.a, expected.a),
            (found.b, expected.b),
            (found.tx, expected.tx),
            (found.ty, expected.ty),
        ] {
            assert!(
                (found - expected).abs() <= 1e-5 * expected.abs().max(1.0),
                "{found} {expected}"
            );
        }
    }
}

#[test]
fn chips_agree_with_scikit_image_and_opencv() {
    let reference = reference();
    let image = striped(reference.image.width, reference.image.height);
    let checksum: u64 = image.as_raw().iter().map(|&value| u64::from(value)).sum();
    assert_eq!(
        checksum, reference.image.checksum,
        "the same image as the script's"
    );
    for expected in reference.chips {
        let transform = Similarity2D {
            a: expected.a,
            b: expected.b,
            tx: expected.tx,
            ty: expected.ty,
        };
        let chip = warp(&image, &transform, expected.size, expected.size);
        assert_eq!(chip.as_raw().len(), expected.exact.len());
        let furthest = |other: &[u8]| {
            let differences = chip.as_raw().iter().zip(other).map(|(a, b)| a.abs_diff(*b));
            differences.max().unwrap()
        };
        assert!(furthest(&expected.exact) <= 1, "{}", furthest(&expected.exact));
        assert!(furthest(&expected.opencv) <= 2, "{}", furthest(&expected.opencv));

        let cubic = warp_sampled(
            &image,
            &transform,
            expected.size,
            expected.size,
            Sampling::Bicubic,
        );
        let difference = |(a, b): (&u8, &u8)| a.abs_diff(*b);
        let furthest = cubic
            .as_raw()
            .iter()
            .zip(&expected.opencv_cubic)
            .map(difference)
            .max();
        assert!(furthest <= Some(2), "{furthest:?}");
        assert!(
            cubic != chip || transform == Similarity2D::IDENTITY,
            "sampled alike"
        );
    }
}

#[test]
fn the_identity_copies() {
    let image = striped(40, 32);
    for sampling in [Sampling::Bilinear, Sampling::Bicubic] {
        assert!(warp_sampled(&image, &Similarity2D::IDENTITY, 40, 32, sampling) == image);
    }
}

#[test]
fn shrinking_averages_instead_of_aliasing() {
    // Stripes of one pixel, every fourth white: a mean of 64.
    let image = RgbImage::from_fn(900, 900, |x, _| Rgb([if x % 4 == 0 { 255 } else { 0 }; 3]));
    let transform = Similarity2D {
        a: 7.9,
        b: 0.8,
        tx: 120.0,
        ty: 20.0,
    };
    let spread = |chip: &RgbImage| {
        chip.as_raw()
            .iter()
            .map(|value| value.abs_diff(64))
            .max()
            .unwrap()
    };
    let smooth = warp_antialiased(&image, &transform, 90, 90);
    assert!(spread(&smooth) <= 32, "{}", spread(&smooth));
    assert!(
        spread(&warp(&image, &transform, 90, 90)) > 128,
        "what it guards against"
    );
}

#[test]
fn antialiasing_does_not_move_the_picture() {
    // Brightness grows evenly to the right, so the mean under a chip pixel is the value at its centre.
    let image = RgbImage::from_fn(1000, 800, |x, _| Rgb([(x / 4) as u8; 3]));
    let transform = Similarity2D {
        a: 5.5,
        b: -1.25,
        tx: 80.0,
        ty: 300.0,
    };
    let (plain, smooth) = (
        warp(&image, &transform, 112, 80),
        warp_antialiased(&image, &transform, 112, 80),
    );
    let difference: f64 = plain
        .as_raw()
        .iter()
        .zip(smooth.as_raw())
        .map(|(a, b)| f64::from(*b) - f64::from(*a))
        .sum::<f64>()
        / plain.as_raw().len() as f64;
    assert!(difference.abs() < 0.15, "{difference}");
}

#[test]
fn degenerate_points_are_refused() {
    let one = Point::new(3.0, 4.0);
    let other = Point::new(5.0, 4.0);
    assert_eq!(Similarity2D::estimate(&[one], &[one]), Err(Degenerate::TooFew));
    let cases = [
        ([one, one], [one, other]),
        ([one, other], [one, one]),
        ([one, Point::new(f32::NAN, 0.0)], [one, other]),
        ([one, other], [one, Point::new(f32::INFINITY, 0.0)]),
    ];
    for (from, to) in cases {
        assert_eq!(Similarity2D::estimate(&from, &to), Err(Degenerate::Coincide));
    }
}

proptest! {
    #[test]
    fn an_exact_similarity_is_found_again(
        a in -3.0_f32..3.0, b in 0.1_f32..3.0, tx in -500.0_f32..500.0, ty in -500.0_f32..500.0,
    ) {
        let transform = Similarity2D { a, b, tx, ty };
        let from = points(&[[0.0, 0.0], [100.0, 10.0], [40.0, 80.0]]);
        let to: Vec<_> = from.iter().map(|&point| transform.apply(point)).collect();
        let found = Similarity2D::estimate(&from, &to).unwrap();
        let back = found.invert().unwrap();
        for point in from {
            prop_assert!(found.apply(point).distance(transform.apply(point)) < 1e-2);
            prop_assert!(back.apply(found.apply(point)).distance(point) < 1e-1);
            let twice = transform.then(&found).apply(point);
            prop_assert!(twice.distance(found.apply(transform.apply(point))) < 1e-1);
        }
    }

    #[test]
    fn no_transform_panics(values in prop::array::uniform4(prop::num::f32::ANY), width in 0_u32..5, height in 0_u32..5) {
        let [a, b, tx, ty] = values;
        let transform = Similarity2D { a, b, tx, ty };
        let image = RgbImage::from_pixel(width, height, Rgb([9; 3]));
        let _ = warp(&image, &transform, 4, 4);
        for sampling in [Sampling::Bilinear, Sampling::Bicubic] {
            let _ = warp_antialiased_sampled(&image, &transform, 4, 4, sampling);
        }
    }
}
