//! Cuts a face out so that its points lie where an embedder expects them.

use image::RgbImage;
use selfsame_types::Point;
use selfsame_vision::Similarity2D;
use selfsame_vision::warp::{Sampling, warp_antialiased_sampled};

/// A square chip in which `points` come as close to `targets` (pixels of the chip) as scaling, turning and shifting
/// can bring them; black where the image ends. `None` where the points coincide, so that no transform follows.
pub(crate) fn align(
    image: &RgbImage,
    points: &[Point; 5],
    targets: &[Point; 5],
    side_px: u32,
    sampling: Sampling,
) -> Option<RgbImage> {
    let chip_to_image = Similarity2D::estimate(targets, points).ok()?;
    Some(warp_antialiased_sampled(
        image,
        &chip_to_image,
        side_px,
        side_px,
        sampling,
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parameters::AlignmentKind;

    #[test]
    fn points_in_place_leave_the_image_as_it_is() {
        let image = RgbImage::from_fn(112, 112, |x, y| image::Rgb([x as u8, y as u8, 0]));
        let targets = AlignmentKind::ArcFace.targets(112);
        let chip = align(&image, &targets, &targets, 112, Sampling::Bilinear).unwrap();
        assert_eq!(chip.get_pixel(60, 30).0, [60, 30, 0]);
    }

    #[test]
    fn coinciding_points_give_no_chip() {
        let nowhere = [Point::new(5.0, 5.0); 5];
        let targets = AlignmentKind::ArcFace.targets(112);
        assert!(
            align(
                &RgbImage::new(10, 10),
                &nowhere,
                &targets,
                112,
                Sampling::Bilinear
            )
            .is_none()
        );
    }
}
