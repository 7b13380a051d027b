//! The card in a picture: found, cut out, upright. Keeps the way back to the picture. Reads no text.

mod edges;
mod region;

use image::{RgbImage, imageops};
use imageproc::geometric_transformations::Projection;
use selfsame_types::Point;

use crate::quad::Quad;

pub(crate) use edges::outlines;
pub(crate) use region::{Region, dominant_angle};

/// The longer side of a card that is cut out: printed text of 1.5 mm on a card of 86 mm is 22 pixels high then, above which
/// recognition gains nothing.
const LONG_SIDE_PX: f32 = 1280.0;
/// A cut-out is not made larger than so many times: pixels that are not there do not help.
const MOST_ENLARGEMENT: f32 = 3.0;

/// A card, upright or nearly.
pub(crate) struct Card {
    pub(crate) image: RgbImage,
    /// Whether it is the picture as it was sent.
    pub(crate) is_whole: bool,
    to_page: Projection,
}

impl Card {
    /// The picture itself.
    pub(crate) fn whole(page: &RgbImage) -> Self {
        Self {
            image: page.clone(),
            is_whole: true,
            to_page: Projection::scale(1.0, 1.0),
        }
    }

    /// What is inside an outline; `None` where it encloses nothing.
    pub(crate) fn cut(page: &RgbImage, outline: &Quad) -> Option<Self> {
        let (width, height) = (outline.width(), outline.height());
        if !(width >= 1.0 && height >= 1.0) {
            return None;
        }
        let scale = (LONG_SIDE_PX / width.max(height)).min(MOST_ENLARGEMENT);
        let side = |length: f32| (length * scale).round().max(1.0);
        let (width, height) = (side(width), side(height));
        let to_page = outline.projection_to(width, height)?.invert();
        Some(Self {
            image: outline.cut(page, width as u32, height as u32),
            is_whole: false,
            to_page,
        })
    }

    /// The same card upside down.
    pub(crate) fn turned(&self) -> Self {
        let (width, height) = (self.image.width() as f32, self.image.height() as f32);
        let back = Projection::from_matrix([-1.0, 0.0, width, 0.0, -1.0, height, 0.0, 0.0, 1.0]);
        Self {
            image: imageops::rotate180(&self.image),
            is_whole: self.is_whole,
            to_page: back.map_or(self.to_page, |back| back.and_then(self.to_page)),
        }
    }

    /// The same card seen in a mirror, as selfie cameras show it.
    pub(crate) fn mirrored(&self) -> Self {
        let width = self.image.width() as f32;
        let back = Projection::from_matrix([-1.0, 0.0, width, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0]);
        Self {
            image: imageops::flip_horizontal(&self.image),
            is_whole: false,
            to_page: back.map_or(self.to_page, |back| back.and_then(self.to_page)),
        }
    }

    /// Where a point of the card lies in the picture, in pixels.
    pub(crate) fn to_page(&self, point: Point) -> Point {
        let (x, y) = self.to_page * (point.x, point.y);
        Point::new(x, y)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_way_back_to_the_picture() {
        let page = RgbImage::new(1000, 800);
        let outline = Quad::around_card([
            Point::new(200.0, 100.0),
            Point::new(700.0, 140.0),
            Point::new(680.0, 470.0),
            Point::new(190.0, 430.0),
        ])
        .unwrap();
        let card = Card::cut(&page, &outline).unwrap();
        let (width, height) = (card.image.width() as f32, card.image.height() as f32);
        let near = |card: &Card, x: f32, y: f32, expected: Point| {
            let found = card.to_page(Point::new(x, y));
            assert!(found.distance(expected) < 1.0, "{found:?} is not {expected:?}");
        };
        near(&card, 0.0, 0.0, Point::new(200.0, 100.0));
        near(&card, width, height, Point::new(680.0, 470.0));
        near(&card.turned(), 0.0, 0.0, Point::new(680.0, 470.0));
        near(&card.mirrored(), 0.0, 0.0, Point::new(700.0, 140.0));
        near(&Card::whole(&page), 5.0, 6.0, Point::new(5.0, 6.0));
        let nothing = Quad::upright(5.0, 5.0, 5.0, 5.0);
        assert!(Card::cut(&page, &nothing).is_none());
    }
}
