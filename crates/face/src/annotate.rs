//! Draws what was found onto a picture: boxes, landmarks, pose and scores.

use font8x8::{BASIC_FONTS, UnicodeFonts};
use image::{Rgb, RgbImage};
use selfsame_types::Point;

use crate::Face;

const BOX: Rgb<u8> = Rgb([80, 220, 100]);
const LANDMARK: Rgb<u8> = Rgb([255, 210, 60]);
const POSE: Rgb<u8> = Rgb([90, 170, 255]);
const TEXT: Rgb<u8> = Rgb([255, 255, 255]);
const SHADE: Rgb<u8> = Rgb([0, 0, 0]);

/// Draws the faces, whose places are in pixels of `image`. Lines and text grow with the image.
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
        pen.text(
            image,
            Point::new(frame.left, frame.bottom() + 2.0 * pen.width as f32),
            &caption(face),
        );
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

    /// Lines of text on a dark ground, moved up or left where they would leave the image.
    fn text(&self, image: &mut RgbImage, origin: Point, lines: &[String]) {
        let scale = self.width;
        let (advance, height) = (8 * scale, 10 * scale);
        let widest = lines.iter().map(|line| line.chars().count()).max().unwrap_or(0) as i32;
        let room_x = image.width() as i32 - widest * advance - 2 * scale;
        let room_y = image.height() as i32 - lines.len() as i32 * height - scale;
        let left = (origin.x as i32).min(room_x).max(0);
        let top = (origin.y as i32).min(room_y).max(0);
        let ground = (widest * advance + 2 * scale, lines.len() as i32 * height + scale);
        self.block(image, (left, top), ground, SHADE);
        for (row, line) in lines.iter().enumerate() {
            for (column, character) in line.chars().enumerate() {
                let place = (
                    left + scale + column as i32 * advance,
                    top + scale + row as i32 * height,
                );
                self.glyph(image, place, character, scale);
            }
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
    use selfsame_types::{BoundingBox, Landmarks, Pose, Quality};

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
        };
        let mut image = RgbImage::new(320, 240);
        annotate(&mut image, &[face]);
        assert!(image.pixels().any(|p| *p == BOX), "the box");
        assert!(image.pixels().any(|p| *p == TEXT), "the caption");
        annotate(&mut RgbImage::new(1, 1), &[]);
    }
}
