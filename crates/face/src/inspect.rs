//! Is this model file an embedder? Asked before a pack is made of somebody's model, so that what is wrong with it is said
//! in its own terms and not by the first photo.

use std::path::Path;

use selfsame_vision::{Engine, LoadOptions, Model, Tensor};

use crate::Error;

/// Fewer values than this tell no people apart; published embedders have 128 to 1 024.
const MIN_DIMENSIONS: usize = 32;
/// What the index takes at most (`gallery`, 4 096); no embedder comes near.
const MAX_DIMENSIONS: usize = 4096;
/// Two pictures without anything in common, and a cosine above which the network did not look at them.
const SAME_ANSWER: f64 = 0.999_99;

/// What an embedder takes and gives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Embedder {
    /// Side of the square input.
    pub input_px: u32,
    /// Values in the output.
    pub dimensions: usize,
}

/// Loads the ONNX file and runs it on two pictures. `input_px` is needed where the file declares no size, and must be the
/// declared one where it does.
///
/// # Errors
/// [`Error::Engine`] where it cannot be loaded or run, [`Error::NoEmbedder`] where it is something else.
pub fn embedder(engine: &Engine, path: &Path, input_px: Option<u32>) -> Result<Embedder, Error> {
    let model = engine.load(path, LoadOptions { concurrency: 1 })?;
    let input_px = side(model.input_shape(), input_px).map_err(Error::NoEmbedder)?;
    let answers = [0, 1].map(|picture| run(model.as_ref(), input_px, picture));
    let [one, other] = answers;
    let (one, other) = (one?, other?);
    if cosine(&one, &other) > SAME_ANSWER {
        return Err(Error::NoEmbedder(
            "it gives two different pictures the same template; are its weights in the file?".to_owned(),
        ));
    }
    Ok(Embedder {
        input_px,
        dimensions: one.len(),
    })
}

/// The side of the input, from what the file declares and what somebody has said.
fn side(declared: &[Option<usize>], said: Option<u32>) -> Result<u32, String> {
    let unknown = || {
        said.ok_or(
            "the file does not say how large its input is; say it (112 pixels for the ArcFace family)"
                .to_owned(),
        )
    };
    let [batch, planes, height, width] = match declared {
        [] => return unknown(),
        [batch, planes, height, width] => [*batch, *planes, *height, *width],
        _ => {
            return Err(format!(
                "its input has {} dimensions; [1, 3, side, side] is needed",
                declared.len()
            ));
        }
    };
    if planes.is_some_and(|planes| planes != 3) || batch.is_some_and(|batch| batch != 1) {
        return Err(format!(
            "its input has the shape {}; one image in three planes is needed: [1, 3, side, side]",
            shape(declared)
        ));
    }
    let side = match (height, width) {
        (Some(height), Some(width)) if height != width => {
            return Err(format!(
                "its input is {width} × {height} pixels; faces are aligned to squares"
            ));
        }
        (Some(side), _) | (_, Some(side)) => side,
        (None, None) => return unknown(),
    };
    let side = u32::try_from(side).map_err(|_| "its input is larger than any image".to_owned())?;
    match said {
        Some(said) if said != side => Err(format!("its input is {side} pixels wide and high, not {said}")),
        _ => Ok(side),
    }
}

/// The template of one of two pictures: the first is even, the second a pattern of dots. Values as they are after the
/// usual normalisation, −1 to 1.
fn run(model: &dyn Model, input_px: u32, picture: usize) -> Result<Vec<f32>, Error> {
    let side = input_px as usize;
    let value = |at: usize| {
        if picture == 0 {
            0.1
        } else {
            ((at * 7919) % 255) as f32 / 127.5 - 1.0
        }
    };
    let input = Tensor {
        shape: vec![1, 3, side, side],
        data: (0..3 * side * side).map(value).collect(),
    };
    let outputs = model.run(&input)?;
    vector(outputs).map_err(Error::NoEmbedder)
}

/// The one output, if it is one vector.
fn vector(outputs: Vec<Tensor>) -> Result<Vec<f32>, String> {
    let count = outputs.len();
    let Ok([output]) = <[Tensor; 1]>::try_from(outputs) else {
        return Err(format!(
            "it has {count} outputs; an embedder has one. Is it a detector?"
        ));
    };
    if output.shape.iter().filter(|side| **side > 1).count() > 1 {
        let shape: Vec<Option<usize>> = output.shape.iter().copied().map(Some).collect();
        return Err(format!(
            "its output has the shape {}; a template is one row of numbers. Is it a detector?",
            self::shape(&shape)
        ));
    }
    let values = output.data.len();
    if !(MIN_DIMENSIONS..=MAX_DIMENSIONS).contains(&values) {
        return Err(format!(
            "its output has {values} values; templates have {MIN_DIMENSIONS} to {MAX_DIMENSIONS}"
        ));
    }
    if !output.data.iter().all(|value| value.is_finite()) || output.data.iter().all(|value| *value == 0.0) {
        return Err("its output is not a direction: all zeros, or not a number".to_owned());
    }
    Ok(output.data)
}

fn cosine(one: &[f32], other: &[f32]) -> f64 {
    let dot =
        |a: &[f32], b: &[f32]| -> f64 { a.iter().zip(b).map(|(a, b)| f64::from(*a) * f64::from(*b)).sum() };
    dot(one, other) / (dot(one, one) * dot(other, other)).sqrt()
}

fn shape(sides: &[Option<usize>]) -> String {
    let sides: Vec<String> = sides
        .iter()
        .map(|side| side.map_or_else(|| "?".to_owned(), |side| side.to_string()))
        .collect();
    format!("[{}]", sides.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_side_is_what_the_file_says() {
        type Case<'a> = (&'a [Option<usize>], Option<u32>, &'a str);

        let square = |px: usize| [Some(1), Some(3), Some(px), Some(px)];
        assert_eq!(side(&square(112), None), Ok(112));
        assert_eq!(side(&square(112), Some(112)), Ok(112));
        assert_eq!(side(&[None, Some(3), None, None], Some(160)), Ok(160));
        assert_eq!(side(&[], Some(160)), Ok(160));
        let cases: [Case<'_>; 7] = [
            (&square(112), Some(160), "112 pixels wide and high, not 160"),
            (&[None, Some(3), None, None], None, "say it"),
            (&[], None, "say it"),
            (
                &[Some(1), Some(112), Some(112), Some(3)],
                None,
                "[1, 112, 112, 3]",
            ),
            (
                &[Some(8), Some(3), Some(112), Some(112)],
                None,
                "[8, 3, 112, 112]",
            ),
            (&[Some(1), Some(3), Some(112), Some(96)], None, "96 × 112"),
            (&[Some(1), Some(3)], None, "2 dimensions"),
        ];
        for (declared, said, expected) in cases {
            let error = side(declared, said).unwrap_err();
            assert!(error.contains(expected), "{error}");
        }
    }

    #[test]
    fn a_template_is_one_row_of_numbers() {
        let of = |shape: &[usize], value: f32| Tensor {
            shape: shape.to_vec(),
            data: vec![value; shape.iter().product()],
        };
        assert_eq!(vector(vec![of(&[1, 128], 1.0)]).unwrap().len(), 128);
        assert_eq!(vector(vec![of(&[1, 512, 1, 1], 1.0)]).unwrap().len(), 512);
        for (outputs, expected) in [
            (vec![], "0 outputs"),
            (vec![of(&[1, 128], 1.0), of(&[1, 128], 1.0)], "2 outputs"),
            (vec![of(&[1, 1, 28, 28], 1.0)], "[1, 1, 28, 28]"),
            (vec![of(&[1, 2], 1.0)], "2 values"),
            (vec![of(&[1, 128], 0.0)], "not a direction"),
            (vec![of(&[1, 128], f32::NAN)], "not a direction"),
        ] {
            let error = vector(outputs).unwrap_err();
            assert!(error.contains(expected), "{error}");
        }
    }
}
