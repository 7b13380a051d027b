//! Paints things over faces, because photos of covered faces with labels are few: masks, hands, objects, hat brims, torn
//! pictures; and, as counterexamples, what covers nothing: a mask below the chin, something beside the face, a hat.
//!
//! All places are in the 112 × 112 pixels of the ArcFace alignment: eyes at (38, 52) and (74, 52), nose tip at (56, 72),
//! corners of the mouth at (42, 92) and (71, 92), chin at about (56, 118).

use image::{Rgb, RgbImage};
use selfsame_types::Point;
use selfsame_vision::Similarity2D;

/// A reproducible source of chance: `SplitMix64` (Steele, Lea and Flood, OOPSLA 2014).
pub(super) struct Chance(pub(super) u64);

impl Chance {
    /// Any number from 0 to 1.
    pub(super) fn unit(&mut self) -> f32 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((mixed ^ (mixed >> 31)) >> 40) as f32 / (1 << 24) as f32
    }

    fn between(&mut self, low: f32, high: f32) -> f32 {
        low + (high - low) * self.unit()
    }

    /// From −`reach` to `reach`.
    fn around(&mut self, reach: f32) -> f32 {
        self.between(-reach, reach)
    }

    /// A whole number below `count`.
    pub(super) fn below(&mut self, count: usize) -> usize {
        ((self.unit() * count as f32) as usize).min(count - 1)
    }

    fn one_of<T: Copy>(&mut self, choices: &[T]) -> T {
        choices[self.below(choices.len())]
    }
}

/// What a shape is filled with.
enum Fill<'a> {
    /// A colour that gets lighter or darker along a direction, and may have folds.
    Plain {
        colour: [f32; 3],
        slope: (f32, f32),
        fold_px: f32,
    },
    /// A part of another picture.
    Picture(&'a RgbImage),
}

/// Colours of masks: white, two blues, black, dark grey, pink, grey.
const MASKS: [[f32; 3]; 7] = [
    [230.0, 232.0, 235.0],
    [150.0, 190.0, 220.0],
    [110.0, 190.0, 200.0],
    [25.0, 25.0, 28.0],
    [60.0, 60.0, 70.0],
    [200.0, 160.0, 170.0],
    [120.0, 120.0, 125.0],
];

/// A photo, where its face lies, and what else may be painted.
pub(super) struct Canvas<'a> {
    image: RgbImage,
    face_to_image: Similarity2D,
    chance: &'a mut Chance,
    pictures: &'a [RgbImage],
}

impl<'a> Canvas<'a> {
    pub(super) fn new(
        image: RgbImage,
        face_to_image: Similarity2D,
        chance: &'a mut Chance,
        pictures: &'a [RgbImage],
    ) -> Self {
        Self {
            image,
            face_to_image,
            chance,
            pictures,
        }
    }

    /// The face with eyes, nose or mouth covered, and by what.
    pub(super) fn occluded(mut self) -> (RgbImage, &'static str) {
        let kind = match self.chance.below(6) {
            0 | 1 => self.mask(),
            2 => self.hand(),
            3 => self.object(),
            4 => self.brim(),
            _ => self.torn(),
        };
        (self.image, kind)
    }

    /// The face with something that covers none of these.
    pub(super) fn decoy(mut self) -> (RgbImage, &'static str) {
        let kind = match self.chance.below(3) {
            0 => self.mask_below_the_chin(),
            1 => self.beside(),
            _ => self.hat(),
        };
        (self.image, kind)
    }

    fn mask(&mut self) -> &'static str {
        let top = self.chance.one_of(&[62.0, 66.0, 82.0]) + self.chance.around(4.0);
        let side = (top + 8.0).min(84.0) + self.chance.around(4.0);
        let mut jitter =
            |x: f32, y: f32, reach: f32| (x + self.chance.around(reach), y + self.chance.around(reach));
        let shape = [
            jitter(56.0, top, 2.0),
            (40.0, top + 4.0),
            jitter(18.0, side, 4.0),
            jitter(22.0, 100.0, 4.0),
            jitter(38.0, 116.0, 3.0),
            jitter(56.0, 122.0, 4.0),
            jitter(74.0, 116.0, 3.0),
            jitter(90.0, 100.0, 4.0),
            jitter(94.0, side, 4.0),
            (72.0, top + 4.0),
        ];
        let fill = self.cloth();
        self.paint(&shape, &fill, 1.0);
        "mask"
    }

    fn mask_below_the_chin(&mut self) -> &'static str {
        let y = 112.0 + self.chance.around(3.0);
        let shape = [
            (26.0, y - 6.0),
            (40.0, y + 1.0),
            (56.0, y + 4.0),
            (72.0, y + 1.0),
            (86.0, y - 6.0),
            (84.0, y + 14.0),
            (56.0, y + 24.0),
            (28.0, y + 14.0),
        ];
        let fill = self.cloth();
        self.paint(&shape, &fill, 1.0);
        "mask below the chin"
    }

    /// Four fingers over mouth, nose or an eye.
    fn hand(&mut self) -> &'static str {
        let (x, y) = self
            .chance
            .one_of(&[(56.0, 92.0), (38.0, 56.0), (74.0, 56.0), (56.0, 75.0)]);
        let (x, y) = (x + self.chance.around(8.0), y + self.chance.around(6.0));
        let angle = self.chance.around(1.2);
        let light = self.chance.between(0.75, 1.1);
        let skin = self.skin().map(|value| value * light);
        for finger in 0..4 {
            let offset = (finger as f32 - 1.5) * 11.0;
            let center = (x - angle.sin() * offset, y + angle.cos() * offset);
            let length = self.chance.between(24.0, 34.0);
            let tone = self.chance.between(0.9, 1.05);
            let fill = self.plain(skin.map(|value| value * tone), 0.0);
            self.paint(&ellipse(center, (length, 6.5), angle), &fill, 0.7);
        }
        "hand"
    }

    /// A phone or another thing over an eye or the mouth.
    fn object(&mut self) -> &'static str {
        let (x, y) = self.chance.one_of(&[(30.0, 70.0), (82.0, 70.0), (56.0, 92.0)]);
        let (width, height) = if y > 85.0 {
            (self.chance.between(24.0, 36.0), self.chance.between(16.0, 24.0))
        } else {
            (self.chance.between(18.0, 26.0), self.chance.between(26.0, 44.0))
        };
        let (x, y) = (x + self.chance.around(6.0), y + self.chance.around(7.0));
        let (sin, cos) = self.chance.around(0.4).sin_cos();
        let corners = [
            (-width, -height),
            (width, -height),
            (width, height),
            (-width, height),
        ];
        let shape = corners.map(|(u, v)| (x + cos * u - sin * v, y + sin * u + cos * v));
        let fill = self.any_colour();
        self.paint(&shape, &fill, 0.6);
        "object"
    }

    /// A brim, hair or a blindfold over the eyes.
    fn brim(&mut self) -> &'static str {
        let y = self.chance.between(54.0, 64.0);
        let top = self.chance.one_of(&[38.0, -20.0]);
        let middle = y + self.chance.between(-2.0, 5.0);
        let (left, right) = (y + self.chance.around(4.0), y + self.chance.around(4.0));
        let shape = [
            (0.0, left),
            (56.0, middle),
            (112.0, right),
            (112.0, top),
            (0.0, top),
        ];
        let fill = self.any_colour();
        self.paint(&shape, &fill, 0.8);
        "brim"
    }

    /// A part of another picture over a half or a band.
    fn torn(&mut self) -> &'static str {
        let edge = self.chance.around(5.0);
        let shape = self.chance.one_of(&[
            [
                (10.0, 80.0 + edge),
                (102.0, 80.0 + edge),
                (102.0, 125.0),
                (10.0, 125.0),
            ],
            [
                (0.0, 15.0),
                (56.0 + edge, 15.0),
                (56.0 + edge, 125.0),
                (0.0, 125.0),
            ],
            [
                (56.0 + edge, 15.0),
                (112.0, 15.0),
                (112.0, 125.0),
                (56.0 + edge, 125.0),
            ],
            [
                (5.0, 38.0),
                (107.0, 38.0),
                (107.0, 64.0 + edge),
                (5.0, 64.0 + edge),
            ],
        ]);
        let fill = self.picture();
        self.paint(&shape, &fill, 0.6);
        "torn picture"
    }

    fn beside(&mut self) -> &'static str {
        let side = self.chance.one_of(&[-1.0, 1.0]);
        let center = (
            56.0 + side * self.chance.between(72.0, 84.0),
            self.chance.between(40.0, 110.0),
        );
        let shape = ellipse(center, (20.0, 30.0), self.chance.around(1.0));
        let fill = if self.chance.unit() < 0.5 {
            self.any_colour()
        } else {
            self.picture()
        };
        self.paint(&shape, &fill, 0.6);
        "beside the face"
    }

    fn hat(&mut self) -> &'static str {
        let y = self.chance.between(22.0, 34.0);
        let middle = y + self.chance.around(3.0);
        let shape = [
            (-10.0, y + 6.0),
            (56.0, middle),
            (122.0, y + 6.0),
            (122.0, -40.0),
            (-10.0, -40.0),
        ];
        let fill = self.any_colour();
        self.paint(&shape, &fill, 0.8);
        "hat"
    }

    fn cloth(&mut self) -> Fill<'a> {
        let light = self.chance.between(0.6, 1.0);
        let colour = self.chance.one_of(&MASKS).map(|value| value * light);
        let fold_px = self.chance.one_of(&[0.0, 12.0, 16.0]);
        self.plain(colour, fold_px)
    }

    fn any_colour(&mut self) -> Fill<'a> {
        let light = self.chance.between(0.3, 1.0);
        let colour = [0; 3].map(|_| self.chance.between(5.0, 230.0) * light);
        self.plain(colour, 0.0)
    }

    fn plain(&mut self, colour: [f32; 3], fold_px: f32) -> Fill<'a> {
        let slope = (self.chance.around(0.5), self.chance.around(0.5));
        Fill::Plain {
            colour,
            slope,
            fold_px,
        }
    }

    fn picture(&mut self) -> Fill<'a> {
        let pictures = self.pictures;
        Fill::Picture(&pictures[self.chance.below(pictures.len())])
    }

    /// The mean colour of both cheeks.
    fn skin(&self) -> [f32; 3] {
        let cheeks = [(36.0, 78.0), (76.0, 78.0)].map(|(x, y)| {
            let place = self.face_to_image.apply(Point::new(x, y));
            let column = place.x.clamp(0.0, self.image.width() as f32 - 1.0) as u32;
            let row = place.y.clamp(0.0, self.image.height() as f32 - 1.0) as u32;
            self.image.get_pixel(column, row).0
        });
        std::array::from_fn(|channel| {
            f32::midpoint(f32::from(cheeks[0][channel]), f32::from(cheeks[1][channel]))
        })
    }

    /// Fills a shape; its border is `soft` face pixels wide.
    fn paint(&mut self, shape: &[(f32, f32)], fill: &Fill, soft: f32) {
        let Some(image_to_face) = self.face_to_image.invert() else {
            return;
        };
        let soft = soft.max(1.0 / self.face_to_image.scale());
        let (width, height) = self.image.dimensions();
        for (column, row, pixel) in self.image.enumerate_pixels_mut() {
            let place = image_to_face.apply(Point::new(column as f32, row as f32));
            let share = (0.5 + inside(shape, place) / soft).clamp(0.0, 1.0);
            if share > 0.0 {
                let colour = match fill {
                    Fill::Plain {
                        colour,
                        slope,
                        fold_px,
                    } => {
                        let (u, v) = (place.x - 56.0, place.y - 80.0);
                        let mut light = u * slope.0 + v * slope.1 - 0.006 * u * u;
                        if *fold_px > 0.0 {
                            light += 6.0 * (place.y / fold_px * std::f32::consts::TAU).sin();
                        }
                        colour.map(|value| value + light)
                    }
                    Fill::Picture(picture) => {
                        let x = column * picture.width() / width;
                        let y = row * picture.height() / height;
                        picture.get_pixel(x, y).0.map(f32::from)
                    }
                };
                *pixel = Rgb(std::array::from_fn(|channel| {
                    (f32::from(pixel.0[channel]) * (1.0 - share) + colour[channel] * share).clamp(0.0, 255.0)
                        as u8
                }));
            }
        }
    }
}

fn ellipse((x, y): (f32, f32), (a, b): (f32, f32), angle: f32) -> Vec<(f32, f32)> {
    let (sin, cos) = angle.sin_cos();
    let corner = |index: i32| {
        let (v, u) = (index as f32 / 24.0 * std::f32::consts::TAU).sin_cos();
        (x + cos * a * u - sin * b * v, y + sin * a * u + cos * b * v)
    };
    (0..24).map(corner).collect()
}

/// How far a place is inside a polygon; negative outside. Places far outside are only told to be so.
fn inside(shape: &[(f32, f32)], place: Point) -> f32 {
    let (mut is_inside, mut nearest) = (false, f32::INFINITY);
    for (index, &(x1, y1)) in shape.iter().enumerate() {
        let (x0, y0) = shape[(index + shape.len() - 1) % shape.len()];
        let (dx, dy) = (x1 - x0, y1 - y0);
        let along = ((place.x - x0) * dx + (place.y - y0) * dy) / (dx * dx + dy * dy).max(1e-6);
        let along = along.clamp(0.0, 1.0);
        let distance = (place.x - x0 - along * dx).hypot(place.y - y0 - along * dy);
        nearest = nearest.min(distance);
        if (y0 > place.y) != (y1 > place.y) && place.x < x0 + (place.y - y0) / dy * dx {
            is_inside = !is_inside;
        }
    }
    if is_inside { nearest } else { -nearest }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_inside_of_a_square_is_found() {
        let square = [(0.0, 0.0), (10.0, 0.0), (10.0, 10.0), (0.0, 10.0)];
        assert!((inside(&square, Point::new(5.0, 2.0)) - 2.0).abs() < 1e-5);
        assert!((inside(&square, Point::new(13.0, 5.0)) + 3.0).abs() < 1e-5);
    }

    #[test]
    fn chance_is_the_same_every_time_and_fills_the_unit() {
        let (mut a, mut b) = (Chance(7), Chance(7));
        let values: Vec<f32> = (0..1000).map(|_| a.unit()).collect();
        assert!(values.iter().all(|value| value.to_bits() == b.unit().to_bits()));
        assert!(values.iter().all(|value| (0.0..1.0).contains(value)));
        let mean = values.iter().sum::<f32>() / 1000.0;
        assert!((mean - 0.5).abs() < 0.05, "{mean}");
    }

    #[test]
    fn a_covered_face_differs_where_it_is_covered() {
        let grey = RgbImage::from_pixel(112, 112, Rgb([127; 3]));
        let identity = Similarity2D {
            a: 1.0,
            b: 0.0,
            tx: 0.0,
            ty: 0.0,
        };
        let pictures = [RgbImage::from_pixel(8, 8, Rgb([200, 0, 0]))];
        for seed in 0..40 {
            let mut chance = Chance(seed);
            let canvas = Canvas::new(grey.clone(), identity, &mut chance, &pictures);
            let (painted, kind) = canvas.occluded();
            // somewhere between the brows and the chin
            let changed = (30..82).flat_map(|x| (40..105).map(move |y| (x, y)));
            let changed = changed
                .filter(|(x, y)| painted.get_pixel(*x, *y).0 != [127; 3])
                .count();
            assert!(changed > 100, "{kind}: {changed}");
            let canvas = Canvas::new(grey.clone(), identity, &mut chance, &pictures);
            let (painted, kind) = canvas.decoy();
            let features = (36..78).flat_map(|x| (46..96).map(move |y| (x, y)));
            let changed = features
                .filter(|(x, y)| painted.get_pixel(*x, *y).0 != [127; 3])
                .count();
            assert_eq!(changed, 0, "{kind}");
        }
    }
}
