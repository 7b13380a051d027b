//! Tests of decoding. Most images are made here; `tests/data` holds the few kinds that the encoders cannot write
//! (`scripts/reference/odd_images.py`).

use std::io::Write;

use image::codecs::jpeg::JpegEncoder;
use image::{ExtendedColorType, GrayImage, ImageBuffer, ImageEncoder, ImageFormat, Rgb, Rgba};
use proptest::prelude::*;

use super::*;

const CMYK: &[u8] = include_bytes!("../../tests/data/cmyk.jpg");
const YCCK: &[u8] = include_bytes!("../../tests/data/ycck.jpg");
const PROGRESSIVE: &[u8] = include_bytes!("../../tests/data/progressive.jpg");
const ANIMATED: &[u8] = include_bytes!("../../tests/data/animated.webp");
const COLOURS: [[u8; 3]; 4] = [[200, 60, 40], [40, 160, 80], [50, 70, 190], [220, 200, 150]];

fn limits() -> Limits {
    Limits::default()
}

/// Four plain blocks: where up and left are, can be told from the colours.
fn blocks(width: u32, height: u32) -> RgbImage {
    RgbImage::from_fn(width, height, |x, y| {
        Rgb(COLOURS[usize::from(x >= width / 2) + 2 * usize::from(y >= height / 2)])
    })
}

fn encode(image: impl Into<DynamicImage>, format: ImageFormat) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    image.into().write_to(&mut bytes, format).unwrap();
    bytes.into_inner()
}

fn jpeg(image: &RgbImage) -> Vec<u8> {
    let mut bytes = Vec::new();
    JpegEncoder::new_with_quality(&mut bytes, 92)
        .encode_image(image)
        .unwrap();
    bytes
}

/// The colours in the middle of the four quarters.
fn quarters(image: &RgbImage) -> [[u8; 3]; 4] {
    let (width, height) = image.dimensions();
    [(1, 1), (3, 1), (1, 3), (3, 3)].map(|(x, y)| image.get_pixel(width * x / 4, height * y / 4).0)
}

fn assert_blocks(image: &RgbImage, expected: [[u8; 3]; 4], tolerance: u8) {
    for (found, expected) in quarters(image).iter().zip(expected) {
        let near = found
            .iter()
            .zip(expected)
            .all(|(a, b)| a.abs_diff(b) <= tolerance);
        assert!(near, "{found:?} instead of {expected:?}");
    }
}

#[test]
fn the_three_formats_by_content() {
    let image = blocks(120, 90);
    for (format, bytes, tolerance) in [
        (Format::Jpeg, jpeg(&image), 6),
        (Format::Png, encode(image.clone(), ImageFormat::Png), 0),
        (Format::WebP, encode(image.clone(), ImageFormat::WebP), 0),
    ] {
        let decoded = decode(&bytes, &limits()).unwrap();
        assert_eq!(decoded.format, format);
        assert_eq!((decoded.width_px, decoded.height_px), (120, 90));
        assert_eq!(decoded.image.dimensions(), (120, 90));
        assert!((decoded.scale - 1.0).abs() < f32::EPSILON);
        assert_blocks(&decoded.image, COLOURS, tolerance);
    }
}

#[test]
fn rare_kinds_of_jpeg() {
    for (name, bytes) in [("CMYK", CMYK), ("YCCK", YCCK), ("progressive", PROGRESSIVE)] {
        let decoded = decode(bytes, &limits()).unwrap_or_else(|error| panic!("{name}: {error:?}"));
        assert_blocks(&decoded.image, COLOURS, 8);
    }
    // Also when it could be reduced.
    let small = Limits {
        target_long_side_px: 40,
        ..limits()
    };
    let decoded = decode(CMYK, &small).unwrap();
    assert_blocks(&decoded.image, COLOURS, 8);
    let decoded = decode(PROGRESSIVE, &small).unwrap();
    assert_eq!(decoded.image.dimensions(), (48, 48));
    assert_blocks(&decoded.image, COLOURS, 8);
}

#[test]
fn grey_images() {
    let grey = GrayImage::from_fn(200, 100, |x, _| image::Luma([if x < 100 { 40 } else { 200 }]));
    for format in [ImageFormat::Jpeg, ImageFormat::Png] {
        for target_long_side_px in [1920, 90] {
            let decoded = decode(
                &encode(grey.clone(), format),
                &Limits {
                    target_long_side_px,
                    ..limits()
                },
            )
            .unwrap();
            assert_blocks(&decoded.image, [[40; 3], [200; 3], [40; 3], [200; 3]], 3);
        }
    }
}

#[test]
fn sixteen_bits_become_eight() {
    let image = ImageBuffer::from_fn(96, 96, |x, y| {
        let [r, g, b] = blocks(96, 96).get_pixel(x, y).0;
        Rgb([r, g, b].map(|value| u16::from(value) * 257))
    });
    let decoded = decode(
        &encode(DynamicImage::ImageRgb16(image), ImageFormat::Png),
        &limits(),
    )
    .unwrap();
    assert!(decoded.image == blocks(96, 96));
}

#[test]
fn transparency_is_laid_on_white() {
    let image = image::RgbaImage::from_fn(96, 96, |x, y| match (x < 48, y < 48) {
        (true, true) => Rgba([10, 20, 30, 255]),
        (false, true) => Rgba([10, 20, 30, 0]),
        (true, false) => Rgba([0, 100, 200, 128]),
        (false, false) => Rgba([255, 255, 255, 7]),
    });
    for format in [ImageFormat::Png, ImageFormat::WebP] {
        let decoded = decode(&encode(image.clone(), format), &limits()).unwrap();
        let expected = [[10, 20, 30], [255; 3], [127, 177, 227], [255; 3]];
        assert_blocks(&decoded.image, expected, 1);
    }
    let sixteen = DynamicImage::from(image).into_rgba16();
    let decoded = decode(
        &encode(DynamicImage::ImageRgba16(sixteen), ImageFormat::Png),
        &limits(),
    )
    .unwrap();
    assert_blocks(
        &decoded.image,
        [[10, 20, 30], [255; 3], [127, 177, 227], [255; 3]],
        1,
    );
}

/// A PNG from its header fields, other chunks and uncompressed data.
fn png(size: (u32, u32), depth: u8, colour_type: u8, others: &[(&[u8; 4], Vec<u8>)], data: &[u8]) -> Vec<u8> {
    let mut bytes = b"\x89PNG\r\n\x1a\n".to_vec();
    let mut chunk = |kind: &[u8; 4], content: &[u8]| {
        bytes.extend((content.len() as u32).to_be_bytes());
        bytes.extend(kind);
        bytes.extend(content);
        let mut crc = flate2::Crc::new();
        crc.update(kind);
        crc.update(content);
        bytes.extend(crc.sum().to_be_bytes());
    };
    let mut header = Vec::new();
    header.extend(size.0.to_be_bytes());
    header.extend(size.1.to_be_bytes());
    header.extend([depth, colour_type, 0, 0, 0]);
    chunk(b"IHDR", &header);
    for (kind, content) in others {
        chunk(kind, content);
    }
    let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::best());
    encoder.write_all(data).unwrap();
    chunk(b"IDAT", &encoder.finish().unwrap());
    chunk(b"IEND", &[]);
    bytes
}

#[test]
fn a_palette_with_transparency() {
    // Two bits per pixel, four colours, the last one transparent.
    let row = |left: u8, right: u8| {
        let mut row = vec![0];
        row.extend([left; 12]);
        row.extend([right; 12]);
        row
    };
    let mut data = row(0b0000_0000, 0b0101_0101).repeat(48);
    data.extend(row(0b1010_1010, 0b1111_1111).repeat(48));
    let chunks = [(b"PLTE", COLOURS.concat()), (b"tRNS", vec![255, 255, 255, 0])];
    let decoded = decode(&png((96, 96), 2, 3, &chunks, &data), &limits()).unwrap();
    assert_blocks(&decoded.image, [COLOURS[0], COLOURS[1], COLOURS[2], [255; 3]], 0);
}

#[test]
fn the_first_frame_of_an_animation() {
    let decoded = decode(ANIMATED, &limits()).unwrap();
    assert_blocks(&decoded.image, COLOURS, 1);
}

/// TIFF bytes that hold nothing but the orientation.
fn exif(orientation: u8) -> Vec<u8> {
    let mut bytes = b"MM\0\x2a\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0".to_vec();
    bytes.extend([orientation, 0, 0, 0, 0, 0, 0]);
    bytes
}

/// Puts an APP1 segment behind the start marker.
fn with_exif(jpeg: &[u8], orientation: u8) -> Vec<u8> {
    let mut content = b"Exif\0\0".to_vec();
    content.extend(exif(orientation));
    let mut bytes = jpeg[..2].to_vec();
    bytes.extend([0xff, 0xe1]);
    bytes.extend((content.len() as u16 + 2).to_be_bytes());
    bytes.extend(content);
    bytes.extend(&jpeg[2..]);
    bytes
}

/// `upright` as a camera stores it that writes `orientation`.
fn as_stored(upright: &RgbImage, orientation: u8) -> RgbImage {
    // Undoing a quarter turn is turning the other way; everything else undoes itself.
    let inverse = match orientation {
        6 => 8,
        8 => 6,
        other => other,
    };
    let mut image = DynamicImage::from(upright.clone());
    image.apply_orientation(Orientation::from_exif(inverse).unwrap());
    image.into_rgb8()
}

#[test]
fn every_orientation_comes_out_upright() {
    let upright = blocks(160, 96);
    for orientation in 1..=8 {
        let stored = as_stored(&upright, orientation);
        let file = with_exif(&jpeg(&stored), orientation);
        for (target_long_side_px, size) in [(1920, (160, 96)), (80, (80, 48))] {
            let decoded = decode(
                &file,
                &Limits {
                    target_long_side_px,
                    ..limits()
                },
            )
            .unwrap();
            assert_eq!((decoded.width_px, decoded.height_px), (160, 96), "{orientation}");
            assert_eq!(decoded.image.dimensions(), size, "{orientation}");
            assert_blocks(&decoded.image, COLOURS, 8);
        }
        let mut file = Vec::new();
        let mut encoder = image::codecs::png::PngEncoder::new(&mut file);
        encoder.set_exif_metadata(exif(orientation)).unwrap();
        encoder
            .write_image(
                stored.as_raw(),
                stored.width(),
                stored.height(),
                ExtendedColorType::Rgb8,
            )
            .unwrap();
        let decoded = decode(&file, &limits()).unwrap();
        assert!(decoded.image == upright, "PNG with orientation {orientation}");
    }
}

#[test]
fn large_jpegs_are_reduced_in_the_codec() {
    let file = jpeg(&blocks(1200, 800));
    for (target_long_side_px, size) in [
        (601, (1200, 800)),
        (600, (600, 400)),
        (301, (600, 400)),
        (300, (300, 200)),
        (150, (150, 100)),
        (1, (150, 100)),
    ] {
        let decoded = decode(
            &file,
            &Limits {
                target_long_side_px,
                ..limits()
            },
        )
        .unwrap();
        assert_eq!(decoded.image.dimensions(), size, "target {target_long_side_px}");
        assert_eq!((decoded.width_px, decoded.height_px), (1200, 800));
        let scale = size.0 as f32 / 1200.0;
        assert!((decoded.scale - scale).abs() < 1e-6);
        assert_blocks(&decoded.image, COLOURS, 6);
    }
}

fn refusal(bytes: &[u8], limits: &Limits) -> String {
    decode(bytes, limits).unwrap_err().to_string()
}

#[test]
fn a_bomb_is_refused_by_its_header() {
    // 60 megapixels of nothing in 8 kB.
    let bomb = png((10_000, 6_000), 1, 0, &[], &vec![0; 1251 * 6000]);
    assert!(bomb.len() < 10_000, "{}", bomb.len());
    assert_eq!(
        refusal(&bomb, &limits()),
        "the image has 60.0 megapixels; at most 50 are accepted: send a smaller one"
    );
    // The header alone is enough: nothing behind it is looked at.
    assert!(matches!(
        decode(&bomb[..33], &limits()),
        Err(Error::TooManyPixels { .. })
    ));
    let endless = png((u32::MAX, u32::MAX), 8, 2, &[], &[]);
    assert!(matches!(
        decode(&endless, &limits()),
        Err(Error::TooManyPixels { .. })
    ));
}

#[test]
fn limits_have_words_for_the_client() {
    let file = encode(blocks(300, 100), ImageFormat::Png);
    let long = Limits {
        max_side_px: 200,
        ..limits()
    };
    assert_eq!(
        refusal(&file, &long),
        "the image is 300 × 100 pixels; no side may be longer than 200: send a smaller one"
    );
    let small = Limits {
        min_side_px: 101,
        ..limits()
    };
    assert_eq!(
        refusal(&file, &small),
        "the image is 300 × 100 pixels; each side must have at least 101: send a larger one"
    );
    let short = Limits {
        max_bytes: 100,
        ..limits()
    };
    assert!(refusal(&file, &short).contains("at most 100 are accepted"));
    let nothing = Limits {
        min_side_px: 0,
        ..limits()
    };
    let empty = png((0, 5), 8, 2, &[], &[]);
    assert!(matches!(decode(&empty, &nothing), Err(Error::TooSmall { .. })));
}

#[test]
fn other_bytes_are_named_or_unknown() {
    assert!(matches!(decode(b"", &limits()), Err(Error::Empty)));
    assert!(matches!(decode(&[7; 40], &limits()), Err(Error::UnknownFormat)));
    for (bytes, name) in [
        (&b"GIF89a\x01\0\x01\0"[..], "GIF"),
        (b"\0\0\0\x1cftypavif\0\0\0\0", "AVIF"),
        (b"\0\0\0\x1cftypheic\0\0\0\0", "HEIC"),
        (b"II\x2a\0\x08\0\0\0", "TIFF"),
        (b"%PDF-1.7", "PDF"),
    ] {
        let text = refusal(bytes, &limits());
        assert!(text.starts_with(name), "{text}");
    }
}

#[test]
fn a_file_that_ends_early_is_refused() {
    let image = RgbImage::from_fn(128, 96, |x, y| {
        Rgb([(x * 2) as u8, (y * 2) as u8, (x * y % 251) as u8])
    });
    let large = Limits {
        target_long_side_px: 64,
        ..limits()
    };
    for (limits, file) in [
        (limits(), jpeg(&image)),
        (large, jpeg(&image)),
        (limits(), PROGRESSIVE.to_vec()),
        (limits(), encode(image.clone(), ImageFormat::Png)),
        (limits(), encode(image.clone(), ImageFormat::WebP)),
    ] {
        assert!(decode(&file, &limits).is_ok());
        for length in (16..file.len() - 20).step_by(97) {
            let error = decode(&file[..length], &limits).unwrap_err();
            assert!(
                matches!(error, Error::Corrupt { .. }),
                "{length} of {}: {error:?}",
                file.len()
            );
        }
    }
}

#[test]
fn trailing_bytes_do_no_harm() {
    // Phones append videos and depth maps.
    let mut file = jpeg(&blocks(120, 90));
    file.extend([0; 5000]);
    assert!(decode(&file, &limits()).is_ok());
}

#[test]
fn unsupported_jpegs_say_what_they_use() {
    let file = jpeg(&blocks(96, 96));
    let frame = file.windows(2).position(|pair| pair == [0xff, 0xc0]).unwrap();
    let mut arithmetic = file.clone();
    arithmetic[frame + 1] = 0xc9;
    assert!(refusal(&arithmetic, &limits()).contains("arithmetic coding"));
    let mut twelve = file.clone();
    twelve[frame + 4] = 12;
    assert!(refusal(&twelve, &limits()).contains("12 bits"));
    let mut two_components = file;
    two_components[frame + 9] = 2;
    assert!(refusal(&two_components, &limits()).contains("colour components"));
}

/// Small valid files of all kinds.
fn samples() -> Vec<Vec<u8>> {
    let image = RgbImage::from_fn(90, 82, |x, y| Rgb([(x * 3) as u8, (y * 3) as u8, (x * y) as u8]));
    let mut samples = vec![
        with_exif(&jpeg(&image), 6),
        encode(image.clone(), ImageFormat::Png),
        encode(image.clone(), ImageFormat::WebP),
        encode(DynamicImage::from(image).into_luma16(), ImageFormat::Png),
    ];
    samples.extend([CMYK, YCCK, PROGRESSIVE, ANIMATED].map(<[u8]>::to_vec));
    samples
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, ..ProptestConfig::default() })]

    #[test]
    fn damaged_files_never_panic(
        sample in 0_usize..8,
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..12),
        cut in any::<prop::sample::Index>(),
        target_long_side_px in prop::sample::select(vec![20_u32, 1920]),
        whole in any::<bool>(),
    ) {
        let mut file = samples().swap_remove(sample);
        for (place, value) in changes {
            let place = place.index(file.len());
            file[place] = value;
        }
        if !whole {
            file.truncate(cut.index(file.len()));
        }
        let limits = Limits { target_long_side_px, max_pixels: 1 << 20, ..limits() };
        // The codecs' own panics count too, though `decode` would turn them into an error.
        match decode(&file, &limits) {
            Ok(decoded) => prop_assert!(u64::from(decoded.width_px) * u64::from(decoded.height_px) <= 1 << 20),
            Err(Error::Corrupt { source, .. }) => prop_assert_ne!(source.to_string(), "the decoder gave up"),
            Err(_) => {}
        }
    }

    #[test]
    fn random_bytes_never_panic(
        start in prop::sample::select(vec![
            &b""[..], b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"RIFF\x40\0\0\0WEBP", b"RIFF\x40\0\0\0WEBPVP8 ",
            b"RIFF\x40\0\0\0WEBPVP8L", b"\xff\xd8\xff\xc0\0\x11\x08\0\x60\0\x60\x03",
        ]),
        rest in prop::collection::vec(any::<u8>(), 0..300),
    ) {
        let bytes = [start, &rest].concat();
        if let Err(Error::Corrupt { source, .. }) = decode(&bytes, &limits()) {
            prop_assert_ne!(source.to_string(), "the decoder gave up");
        }
    }
}
