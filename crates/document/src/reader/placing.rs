//! From places on the card to places in the picture that was sent.

use selfsame_types::Point;

use super::{PageLine, Word};
use crate::card::Card;
use crate::ocr::Text;
use crate::page::Page;

/// The way from pixels of the card to pixels of the original.
pub(super) struct Placing<'a> {
    card: &'a Card,
    /// Sides of the original divided by those of the decoded page.
    enlargement: (f32, f32),
}

impl<'a> Placing<'a> {
    pub(super) fn new(page: &Page, card: &'a Card) -> Self {
        let ratio = |original: u32, decoded: u32| original as f32 / decoded.max(1) as f32;
        Self {
            card,
            enlargement: (
                ratio(page.width_px, page.image.width()),
                ratio(page.height_px, page.image.height()),
            ),
        }
    }

    fn point(&self, point: Point) -> Point {
        let point = self.card.to_page(point);
        Point::new(point.x * self.enlargement.0, point.y * self.enlargement.1)
    }

    /// The corners of the card.
    pub(super) fn outline(&self) -> [Point; 4] {
        let (width, height) = (self.card.image.width() as f32, self.card.image.height() as f32);
        [(0.0, 0.0), (width, 0.0), (width, height), (0.0, height)].map(|(x, y)| self.point(Point::new(x, y)))
    }

    pub(super) fn lines(&self, texts: &[Text]) -> Vec<PageLine> {
        let line = |text: &Text| PageLine {
            text: text.line.text.clone(),
            confidence: text.line.confidence,
            polygon: text.line.polygon.map(|corner| self.point(corner)),
            words: self.words(text),
        };
        texts.iter().map(line).collect()
    }

    fn words(&self, text: &Text) -> Vec<Word> {
        let characters: Vec<(char, f32)> = text.line.text.chars().zip(text.places.iter().copied()).collect();
        // Half a character to both sides of the middle of the outermost ones.
        let half = 0.5 / characters.len().max(1) as f32;
        characters
            .split(|(character, _)| *character == ' ')
            .filter_map(|word| {
                let (first, last) = (word.first()?, word.last()?);
                let share = ((first.1 - half).max(0.0), (last.1 + half).min(1.0));
                Some(Word {
                    text: word.iter().map(|(character, _)| character).collect(),
                    polygon: part(&text.line.polygon, share).map(|corner| self.point(corner)),
                })
            })
            .collect()
    }
}

/// The part of a line between two shares of its length.
fn part([a, b, c, d]: &[Point; 4], (from, to): (f32, f32)) -> [Point; 4] {
    let between =
        |p: &Point, q: &Point, share: f32| Point::new(p.x + (q.x - p.x) * share, p.y + (q.y - p.y) * share);
    [
        between(a, b, from),
        between(a, b, to),
        between(d, c, to),
        between(d, c, from),
    ]
}

#[cfg(test)]
mod tests {
    use image::RgbImage;

    use super::*;
    use crate::text::Line;

    #[test]
    fn words_lie_where_their_characters_are() {
        let page = Page {
            image: RgbImage::new(100, 50),
            width_px: 200,
            height_px: 100,
        };
        let card = Card::whole(&page.image);
        let text = Text {
            line: Line {
                text: "AB C".to_owned(),
                confidence: 0.9,
                polygon: [(0.0, 0.0), (40.0, 0.0), (40.0, 10.0), (0.0, 10.0)].map(|(x, y)| Point::new(x, y)),
            },
            places: vec![0.125, 0.375, 0.625, 0.875],
        };
        let placing = Placing::new(&page, &card);
        let lines = placing.lines(&[text]);
        let words = &lines[0].words;
        assert_eq!((words[0].text.as_str(), words[1].text.as_str()), ("AB", "C"));
        assert_eq!(words[0].polygon[0], Point::new(0.0, 0.0));
        assert_eq!(words[0].polygon[2], Point::new(40.0, 20.0));
        assert_eq!(words[1].polygon[0], Point::new(60.0, 0.0));
        assert_eq!(placing.outline()[2], Point::new(200.0, 100.0));
    }
}
