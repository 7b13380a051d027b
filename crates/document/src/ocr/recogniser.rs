//! What a line says. The network looks at a line 48 pixels high and tells for every eight columns which character is
//! there, if any (CTC: Graves et al., ICML 2006); repetitions are one character.

use image::{RgbImage, imageops};
use selfsame_vision::Tensor;

use super::alphabet::{Alphabet, BLANK};
use super::{Network, Text};
use crate::Error;
use crate::quad::Quad;
use crate::text::Line;

/// Height of the network's input.
pub(crate) const HEIGHT_PX: u32 = 48;
/// Narrower lines are padded to this width. The network was trained at 320; shorter inputs cost less.
const LEAST_WIDTH_PX: u32 = 320;
/// Longer lines are squeezed: no line on a card is longer, a picture may be.
const MOST_WIDTH_PX: u32 = 2400;
/// Columns per output.
pub(crate) const STRIDE_PX: u32 = 8;
/// The network sees spaces, but finds nothing more probable at them: with this probability between two characters there is
/// one. On the names and addresses of 26 licences (84 spaces, 740 places without) this finds 95 %, and none that is not there;
/// the most probable output alone finds 24 %.
const SPACE_PROBABILITY: f32 = 0.02;

pub(crate) struct Recogniser {
    network: Network,
    alphabet: Alphabet,
}

/// The network's output for one line.
pub(crate) struct Recognised<'a> {
    alphabet: &'a Alphabet,
    /// Probabilities: steps × characters.
    pub(crate) output: Tensor,
    /// Columns of the input that show the line.
    pub(crate) width_px: u32,
}

impl Recogniser {
    pub(super) fn new(network: Network, alphabet: Alphabet) -> Self {
        Self { network, alphabet }
    }

    pub(crate) fn alphabet(&self) -> &Alphabet {
        &self.alphabet
    }

    /// Looks at the line in an outline.
    pub(crate) fn read(&self, image: &RgbImage, quad: &Quad) -> Result<Recognised<'_>, Error> {
        let ratio = quad.width() / quad.height().max(1.0);
        let width = ((HEIGHT_PX as f32 * ratio).ceil() as u32).clamp(STRIDE_PX, MOST_WIDTH_PX);
        self.look(&quad.cut(image, width, HEIGHT_PX))
    }

    /// Looks at a line that is cut out already, 48 pixels high.
    pub(crate) fn look(&self, line: &RgbImage) -> Result<Recognised<'_>, Error> {
        let padded = line.width().max(LEAST_WIDTH_PX).next_multiple_of(STRIDE_PX);
        // Grey is zero to the network, as in its training.
        let mut input = RgbImage::from_pixel(padded, HEIGHT_PX, image::Rgb([127; 3]));
        imageops::replace(&mut input, line, 0, 0);
        let output = self.network.run(&input)?;
        match output.shape[..] {
            [1, _, characters] if characters == self.alphabet.len() => Ok(Recognised {
                alphabet: &self.alphabet,
                output,
                width_px: line.width(),
            }),
            _ => Err(self.network.wrong(format!(
                "its output has the shape {:?}, not [1, ?, {}]",
                output.shape,
                self.alphabet.len()
            ))),
        }
    }
}

impl Recognised<'_> {
    /// The text; `None` where nothing is there.
    pub(crate) fn into_text(self, quad: &Quad) -> Option<Text> {
        let mut written = Written::default();
        let space = self.alphabet.len() - 1;
        let mut before = BLANK;
        for (step, probabilities) in self.output.data.chunks_exact(self.alphabet.len()).enumerate() {
            let (output, probability) = best(probabilities);
            let middle = (step as f32 + 0.5) * STRIDE_PX as f32 / self.width_px.max(1) as f32;
            match self.alphabet.character(output).filter(|_| output != before) {
                Some(character) => written.push(character, probability, middle.min(1.0)),
                None => written.gap = written.gap.max(probabilities[space]),
            }
            before = output;
        }
        written.into_text(quad)
    }
}

/// The most probable output of a step.
fn best(probabilities: &[f32]) -> (usize, f32) {
    let best = probabilities.iter().enumerate().max_by(|a, b| a.1.total_cmp(b.1));
    best.map_or((BLANK, 0.0), |(output, probability)| (output, *probability))
}

/// Text that grows from left to right.
#[derive(Default)]
struct Written {
    text: String,
    places: Vec<f32>,
    sum: f32,
    /// The greatest probability of a space since the last character.
    gap: f32,
}

impl Written {
    fn push(&mut self, character: char, probability: f32, place: f32) {
        let apart = self.gap >= SPACE_PROBABILITY && character != ' ' && !self.text.ends_with(' ');
        if let Some(last) = self.places.last().copied().filter(|_| apart) {
            self.text.push(' ');
            self.places.push(f32::midpoint(last, place));
            self.sum += probability;
        }
        self.text.push(character);
        self.places.push(place);
        self.sum += probability;
        self.gap = 0.0;
    }

    fn into_text(self, quad: &Quad) -> Option<Text> {
        if self.text.trim().is_empty() {
            return None;
        }
        let confidence = (self.sum / self.places.len() as f32).clamp(0.0, 1.0);
        Some(Text {
            line: Line {
                text: self.text,
                confidence,
                polygon: quad.0,
            },
            places: self.places,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Steps over nothing, `A`, `B` and a space.
    fn read(steps: &[[f32; 4]]) -> Option<Text> {
        let alphabet = Alphabet::new("A\nB");
        let recognised = Recognised {
            alphabet: &alphabet,
            output: Tensor::new([1, steps.len(), 4], steps.concat()).unwrap(),
            width_px: steps.len() as u32 * STRIDE_PX,
        };
        recognised.into_text(&Quad::upright(0.0, 0.0, 80.0, 10.0))
    }

    const NOTHING: [f32; 4] = [0.99, 0.0, 0.0, 0.01];
    const A: [f32; 4] = [0.1, 0.9, 0.0, 0.0];
    const B: [f32; 4] = [0.2, 0.0, 0.8, 0.0];

    #[test]
    fn repetitions_are_one_character_unless_something_lies_between() {
        let text = read(&[NOTHING, A, A, B, NOTHING, B]).unwrap();
        assert_eq!(text.line.text, "ABB");
        assert!((text.line.confidence - 2.5 / 3.0).abs() < 1e-6);
        assert_eq!(text.places.len(), 3);
        assert!((text.places[0] - 0.25).abs() < 1e-6);
        assert!(read(&[NOTHING; 5]).is_none());
    }

    #[test]
    fn a_space_that_nearly_won_is_a_space() {
        let gap = [0.96, 0.0, 0.0, 0.04];
        assert_eq!(read(&[A, gap, B]).unwrap().line.text, "A B");
        assert_eq!(read(&[A, NOTHING, B]).unwrap().line.text, "AB");
        assert_eq!(
            read(&[gap, A, [0.1, 0.0, 0.0, 0.9], gap, B]).unwrap().line.text,
            "A B"
        );
    }
}
