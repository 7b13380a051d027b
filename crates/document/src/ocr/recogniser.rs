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
/// The network sees spaces, but finds nothing more probable at them. Between two characters there is one if its probability
/// reaches the first value somewhere, or the second where they are farther apart than usual by the third, and not both digits.
/// On the names and addresses of 26 licences this finds 83 of 87 that are lost otherwise, and none in 766 places where there is
/// none; the most probable output alone finds 28. Chosen on the same licences.
const SPACE: f32 = 0.1;
const FAINT_SPACE: f32 = 0.015;
const FAR: f32 = 1.2;

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
        let space = self.alphabet.len() - 1;
        let mut found: Vec<Found> = Vec::new();
        let (mut before, mut gap) = (BLANK, 0.0_f32);
        for (step, probabilities) in self.output.data.chunks_exact(self.alphabet.len()).enumerate() {
            let (output, probability) = best(probabilities);
            match self.alphabet.character(output).filter(|_| output != before) {
                Some(character) => {
                    found.push(Found {
                        character,
                        probability,
                        step,
                        gap,
                    });
                    gap = 0.0;
                }
                None => gap = gap.max(probabilities[space]),
            }
            before = output;
        }
        let steps = self.width_px as f32 / STRIDE_PX as f32;
        written(&found, steps, quad)
    }
}

/// A character where it was found.
#[derive(Debug, Clone, Copy)]
struct Found {
    character: char,
    probability: f32,
    step: usize,
    /// The greatest probability of a space since the character before.
    gap: f32,
}

/// The most probable output of a step.
fn best(probabilities: &[f32]) -> (usize, f32) {
    let best = probabilities.iter().enumerate().max_by(|a, b| a.1.total_cmp(b.1));
    best.map_or((BLANK, 0.0), |(output, probability)| (output, *probability))
}

/// The characters with the spaces that nearly won between them.
fn written(found: &[Found], steps: f32, quad: &Quad) -> Option<Text> {
    let usual = usual_distance(found);
    let (mut text, mut places) = (String::new(), Vec::new());
    let mut before: Option<&Found> = None;
    for next in found {
        let place = ((next.step as f32 + 0.5) / steps.max(1.0)).min(1.0);
        if let (Some(before), Some(last)) = (before, places.last().copied())
            && are_apart(before, next, usual)
        {
            text.push(' ');
            places.push(f32::midpoint(last, place));
        }
        text.push(next.character);
        places.push(place);
        before = Some(next);
    }
    if text.trim().is_empty() {
        return None;
    }
    let sum: f32 = found.iter().map(|found| found.probability).sum();
    Some(Text {
        line: Line {
            text,
            confidence: (sum / found.len().max(1) as f32).clamp(0.0, 1.0),
            polygon: quad.0,
        },
        places,
    })
}

/// The median distance of neighbours in steps; 1 where there are none.
fn usual_distance(found: &[Found]) -> f32 {
    let mut distances: Vec<usize> = found.windows(2).map(|pair| pair[1].step - pair[0].step).collect();
    distances.sort_unstable();
    distances
        .get(distances.len() / 2)
        .map_or(1.0, |distance| *distance as f32)
}

fn are_apart(a: &Found, b: &Found, usual: f32) -> bool {
    if a.character == ' ' || b.character == ' ' {
        return false;
    }
    let digits = a.character.is_ascii_digit() && b.character.is_ascii_digit();
    let far = (b.step - a.step) as f32 >= FAR * usual;
    b.gap >= SPACE || (b.gap >= FAINT_SPACE && far && !digits)
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
        let gap = [0.8, 0.0, 0.0, 0.2];
        assert_eq!(read(&[A, gap, B]).unwrap().line.text, "A B");
        assert_eq!(read(&[A, NOTHING, B]).unwrap().line.text, "AB");
        assert_eq!(
            read(&[gap, A, [0.1, 0.0, 0.0, 0.9], gap, B]).unwrap().line.text,
            "A B"
        );
    }
}
