//! The quality gate on real photos. Those of strangers are not part of the project (`shared/data/faces` beside the
//! checkout); without them what needs them is skipped, and says so.

use std::path::{Path, PathBuf};

use image::RgbImage;
use image::imageops::{blur, crop_imm};

use crate::support::{Server, jpeg, nobody, photos, pixels, png, two_people};

/// A photo beside the checkout.
#[expect(clippy::print_stderr, reason = "a test that is skipped says so")]
fn shared(name: &str) -> Option<Vec<u8>> {
    let path: PathBuf = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../../shared/data/faces")
        .join(name);
    if path.is_file() {
        return Some(fs_err::read(path).unwrap());
    }
    eprintln!(
        "SKIPPED: shared/data/faces/{name} is not beside the checkout, so the gate was not asked about it"
    );
    None
}

/// The photo with its light changed.
fn lit(photo: &RgbImage, change: impl Fn(f32) -> f32) -> RgbImage {
    let mut photo = photo.clone();
    for channel in photo.iter_mut() {
        *channel = change(f32::from(*channel)).clamp(0.0, 255.0) as u8;
    }
    photo
}

/// A photo on a larger canvas.
fn far_away(photo: &RgbImage, width_px: u32) -> RgbImage {
    let height_px = photo.height() * width_px / photo.width();
    let small = image::imageops::thumbnail(photo, width_px, height_px);
    let mut canvas = RgbImage::from_pixel(1280, 960, image::Rgb([96, 104, 112]));
    image::imageops::replace(&mut canvas, &small, 500, 300);
    canvas
}

#[test]
fn each_flaw_of_a_real_photo_has_its_error_and_its_hint() {
    let server = Server::start();
    let person = pixels("obama.jpg");
    let (width, height) = person.dimensions();
    let cases: Vec<(Option<Vec<u8>>, &str, &str)> = vec![
        (Some(png(&nobody())), "NoFacesDetectedException", "no face"),
        (
            Some(jpeg(&two_people())),
            "TooManyFacesDetectedException",
            "2 faces",
        ),
        (
            Some(jpeg(&lit(&person, |light| light * 0.03))),
            "DarkFaceDetectedException",
            "turn towards a light",
        ),
        (
            Some(jpeg(&lit(&person, |light| light * 4.0 + 60.0))),
            "OverexposedFaceDetectedException",
            "out of the glaring light",
        ),
        (
            Some(jpeg(&blur(&person, 14.0))),
            "BlurredFaceDetectedException",
            "hold the camera still",
        ),
        (
            Some(jpeg(&far_away(&person, 70))),
            "SmallFaceDetectedException",
            "move closer",
        ),
        (
            Some(jpeg(
                &crop_imm(&person, 0, 0, width * 60 / 100, height).to_image(),
            )),
            "CutOffFaceDetectedException",
            "move to the middle",
        ),
        (
            shared(SUNGLASSES),
            "SunglassesDetectedException",
            "take off your sunglasses",
        ),
        (
            shared(MASK),
            "CoveredFaceDetectedException",
            "take off what covers",
        ),
        (
            shared(CLOSED_EYES),
            "ClosedEyesDetectedException",
            "open your eyes",
        ),
        (shared(SMALL), "SmallFaceDetectedException", "move closer"),
        (
            shared(PARTIAL),
            "CutOffFaceDetectedException",
            "move to the middle",
        ),
        (
            shared(TURNED),
            "InvalidPoseDetectedException",
            "look into the camera",
        ),
    ];
    for (photo, error, hint) in cases {
        let Some(photo) = photo else { continue };
        let (name, cause) = server.flow("/register", "Ada", &photo).failure();
        assert_eq!((name.as_str(), cause.contains(hint)), (error, true), "{cause}");
    }
    assert_eq!(server.get("/users/Ada").status, 404, "nothing is left behind");
    for good in ["obama.jpg", "obama2.jpg", "obama3.jpg", "biden.jpg"] {
        let quality = server.flow("/register", "Ada", &photos().get(good)).output()["Quality"].clone();
        assert_eq!(quality["Sunglasses"], "no", "{good}");
        server.delete("/users/Ada");
    }
}

const SUNGLASSES: &str = "identities/7354/122816.jpg";
const MASK: &str = "masks/000131f21f--5ff2c49777fa9876e2fc0d00_1.jpg";
const CLOSED_EYES: &str = "identities/7394/110527.jpg";
const TURNED: &str = "identities/7390/162180.jpg";
const SMALL: &str = "identities/7495/184967.jpg";
const PARTIAL: &str = "face_recognition/obama_partial_face2.jpg";
