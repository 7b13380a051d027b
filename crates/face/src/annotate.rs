//! Draws what was found onto a picture: boxes, landmarks, pose and scores.

use font8x8::{BASIC_FONTS, UnicodeFonts};
use image::{Rgb, RgbImage};
use selfsame_types::{BoundingBox, Point};

use crate::Face;

const BOX: Rgb<u8> = Rgb([80, 220, 100]);
const LANDMARK: Rgb<u8> = Rgb([255, 210, 60]);
const POSE: Rgb<u8> = Rgb([90, 170, 255]);
const TEXT: Rgb<u8> = Rgb([255, 255, 255]);
const SHADE: Rgb<u8> = Rgb([0, 0, 0]);

/// A caption is at most this many boxes wide: a crowd's would cover the picture.
const CAPTION_BOXES: f32 = 3.0;

/// Draws the faces, whose places are in pixels of `image`. Lines and text grow with the image; captions go where they hide
/// no face and no other caption, if there is such a place.
pub fn annotate(image: &mut RgbImage, faces: &[Face]) {
    let pen = Pen {
        width: (image.width().max(image.height()) / 400).max(1) as i32,
    };
    for face in faces {
        let frame = face.detection.bounding_box;
        let corners = [
            Point::new(frame.left, frame.top),
            Point::new(frame.right(), frame.top),
            Point::new(frame.right(), frame.bottom()),
            Point::new(frame.left, frame.bottom()),
        ];
        for side in 0..4 {
            pen.line(image, corners[side], corners[(side + 1) % 4], BOX);
        }
        for point in face.dense_landmarks.iter().flatten() {
            pen.dot(image, *point, pen.width, LANDMARK);
        }
        for point in face.detection.landmarks.points() {
            pen.dot(image, point, 2 * pen.width, LANDMARK);
        }
        let nose = face.detection.landmarks.nose;
        pen.line(image, nose, gaze(face, nose), POSE);
    }
    let frames: Vec<Area> = faces
        .iter()
        .map(|face| Area::of(&face.detection.bounding_box).grown(pen.width))
        .collect();
    let mut taken = frames.clone();
    for (face, frame) in faces.iter().zip(&frames) {
        let lines = caption(face);
        let plate = Plate::new(&lines, &pen, &face.detection.bounding_box);
        let area = frame.beside(plate.width, plate.height, image.dimensions(), &taken);
        plate.draw(image, &pen, (area.left, area.top), &lines);
        taken.push(area);
    }
}

/// The end of an arrow of half a box's width that points where the head points.
fn gaze(face: &Face, nose: Point) -> Point {
    let length = face.detection.bounding_box.width / 2.0;
    let (yaw, pitch) = (face.pose.yaw.to_radians(), face.pose.pitch.to_radians());
    Point::new(
        nose.x + length * yaw.sin() * pitch.cos(),
        nose.y - length * pitch.sin(),
    )
}

fn caption(face: &Face) -> [String; 3] {
    [
        format!("face {:.1}", face.detection.confidence),
        format!(
            "pitch {:.0} roll {:.0} yaw {:.0}",
            face.pose.pitch, face.pose.roll, face.pose.yaw
        ),
        format!(
            "bright {:.0} sharp {:.0}",
            face.quality.brightness, face.quality.sharpness
        ),
    ]
}

/// A rectangle of pixels; it may lie outside of the image.
#[derive(Debug, Clone, Copy)]
struct Area {
    left: i32,
    top: i32,
    width: i32,
    height: i32,
}

impl Area {
    fn of(area: &BoundingBox) -> Self {
        Self {
            left: area.left as i32,
            top: area.top as i32,
            width: area.width as i32,
            height: area.height as i32,
        }
    }

    fn grown(self, by: i32) -> Self {
        Self {
            left: self.left.saturating_sub(by),
            top: self.top.saturating_sub(by),
            width: self.width.saturating_add(2 * by),
            height: self.height.saturating_add(2 * by),
        }
    }

    fn right(self) -> i32 {
        self.left.saturating_add(self.width)
    }

    fn bottom(self) -> i32 {
        self.top.saturating_add(self.height)
    }

    /// How many pixels two areas share.
    fn shared(self, other: Self) -> i64 {
        let span = |start: i32, end: i32| i64::from(end.saturating_sub(start).max(0));
        span(self.left.max(other.left), self.right().min(other.right()))
            * span(self.top.max(other.top), self.bottom().min(other.bottom()))
    }

    /// The place for something of this size below, above, right or left of the area, moved into the image: the first that
    /// hides nothing, else the one that hides least.
    fn beside(self, width: i32, height: i32, image: (u32, u32), taken: &[Self]) -> Self {
        let room = (image.0 as i32 - width, image.1 as i32 - height);
        let places = [
            (self.left, self.bottom()),
            (self.left, self.top.saturating_sub(height)),
            (self.right(), self.top),
            (self.left.saturating_sub(width), self.top),
        ];
        let places = places.map(|(left, top)| Self {
            left: left.min(room.0).max(0),
            top: top.min(room.1).max(0),
            width,
            height,
        });
        let hidden = |place: &Self| taken.iter().map(|other| place.shared(*other)).sum::<i64>();
        places.into_iter().min_by_key(hidden).unwrap_or(self)
    }
}

/// Lines of text on a dark ground.
struct Plate {
    scale: i32,
    width: i32,
    height: i32,
}

impl Plate {
    fn new(lines: &[String], pen: &Pen, frame: &BoundingBox) -> Self {
        let widest = lines.iter().map(|line| line.chars().count()).max().unwrap_or(0) as i32;
        let columns = 8 * widest + 2;
        let scale = (CAPTION_BOXES * frame.width / columns as f32) as i32;
        let scale = scale.clamp(1, pen.width);
        Self {
            scale,
            width: columns * scale,
            height: (10 * lines.len() as i32 + 1) * scale,
        }
    }

    fn draw(&self, image: &mut RgbImage, pen: &Pen, (left, top): (i32, i32), lines: &[String]) {
        let scale = self.scale;
        pen.block(image, (left, top), (self.width, self.height), SHADE);
        for (row, line) in (0..).zip(lines) {
            for (column, character) in (0..).zip(line.chars()) {
                let place = (left + (1 + 8 * column) * scale, top + (1 + 10 * row) * scale);
                pen.glyph(image, place, character, scale);
            }
        }
    }
}

struct Pen {
    width: i32,
}

impl Pen {
    fn square(&self, image: &mut RgbImage, x: i32, y: i32, color: Rgb<u8>) {
        self.block(
            image,
            (x - self.width / 2, y - self.width / 2),
            (self.width, self.width),
            color,
        );
    }

    #[expect(clippy::unused_self, reason = "reads like its siblings")]
    fn block(&self, image: &mut RgbImage, (x, y): (i32, i32), (width, height): (i32, i32), color: Rgb<u8>) {
        let range = |start: i32, length: i32, limit: u32| start.max(0)..(start + length).min(limit as i32);
        for row in range(y, height, image.height()) {
            for column in range(x, width, image.width()) {
                image.put_pixel(column as u32, row as u32, color);
            }
        }
    }

    fn line(&self, image: &mut RgbImage, from: Point, to: Point, color: Rgb<u8>) {
        // A step per pixel; no line needs more than the image is long, however far its ends lie outside.
        let steps = from.distance(to).min(20_000.0).ceil().max(1.0);
        for step in 0..=steps as i32 {
            let share = step as f32 / steps;
            let (x, y) = (from.x + (to.x - from.x) * share, from.y + (to.y - from.y) * share);
            self.square(image, x.round() as i32, y.round() as i32, color);
        }
    }

    fn dot(&self, image: &mut RgbImage, center: Point, radius: i32, color: Rgb<u8>) {
        for dy in -radius..=radius {
            let half = f64::from(radius * radius - dy * dy).sqrt() as i32;
            let start = (center.x.round() as i32 - half, center.y.round() as i32 + dy);
            self.block(image, start, (2 * half + 1, 1), color);
        }
    }

    fn glyph(&self, image: &mut RgbImage, (x, y): (i32, i32), character: char, scale: i32) {
        let rows = BASIC_FONTS.get(character).unwrap_or_default();
        for (dy, bits) in (0..).zip(rows) {
            for dx in (0..8).filter(|dx| bits >> dx & 1 == 1) {
                self.block(image, (x + dx * scale, y + dy * scale), (scale, scale), TEXT);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Detection;
    use selfsame_types::{Landmarks, Pose, Quality};

    #[test]
    fn captions_hide_neither_faces_nor_each_other() {
        let frame = |left, top| Area {
            left,
            top,
            width: 100,
            height: 100,
        };
        // Side by side, one above another, and in the corner.
        let frames = [frame(100, 100), frame(230, 120), frame(100, 260), frame(540, 380)];
        let mut taken = frames.to_vec();
        for frame in frames {
            let area = frame.beside(120, 30, (640, 480), &taken);
            assert!(area.left >= 0 && area.top >= 0 && area.right() <= 640 && area.bottom() <= 480);
            assert_eq!(
                taken.iter().map(|other| area.shared(*other)).sum::<i64>(),
                0,
                "{area:?}"
            );
            taken.push(area);
        }
        // Where there is no room at all, it is somewhere in the image.
        let area = frame(0, 0).beside(120, 30, (100, 100), &[frame(0, 0)]);
        assert_eq!((area.left, area.top), (0, 70));
    }

    #[test]
    fn a_face_at_the_border_is_drawn_without_panic() {
        let face = Face {
            detection: Detection {
                bounding_box: BoundingBox {
                    left: -50.0,
                    top: 80.0,
                    width: 400.0,
                    height: 90.0,
                },
                landmarks: Landmarks::from_points([Point::new(-3.0, 99.0); 5]),
                confidence: 99.0,
            },
            pose: Pose {
                pitch: 10.0,
                roll: 0.0,
                yaw: -80.0,
            },
            quality: Quality {
                brightness: 50.0,
                sharpness: 50.0,
            },
            dense_landmarks: Some(vec![Point::new(1e6, -1e6)]),
            template: None,
            attributes: crate::attributes::Attributes::default(),
            embedding_norm: None,
        };
        let mut image = RgbImage::new(320, 240);
        annotate(&mut image, &[face]);
        assert!(image.pixels().any(|p| *p == BOX), "the box");
        assert!(image.pixels().any(|p| *p == TEXT), "the caption");
        annotate(&mut RgbImage::new(1, 1), &[]);
    }
}
