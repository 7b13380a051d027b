//! `selfsame detect`: which faces are in an image, and how well can they be seen? Needs no server.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use clap::Args;
use image::ImageFormat;
use selfsame_face::AnalyzeOptions;
use selfsame_face::attributes::{Attribute, AttributeSet};
use selfsame_vision::decode;
use serde::Serialize;

use crate::arguments::Global;
use crate::attributes;
use crate::exit::{CODES, Exit, Failure};
use crate::faces::Described;
use crate::inference;
use crate::output::talk;

/// Arguments of `detect`.
#[derive(Debug, Args)]
#[command(after_help = CODES)]
pub(crate) struct Detect {
    /// The image: JPEG, PNG or WebP.
    image: PathBuf,
    /// Draw boxes, landmarks, pose and scores into this file (`.png`, `.jpg` or `.webp`).
    #[arg(long, value_name = "OUT", value_parser = parse_picture)]
    annotate: Option<PathBuf>,
    /// Locate the 68 landmarks, too.
    #[arg(long)]
    landmarks: bool,
    /// Tell what each face wears and does, too: glasses, beard, smile, eyes and mouth, what covers it. Age and gender only
    /// with --age-gender.
    #[arg(long)]
    attributes: bool,
    /// Estimate age and gender, too: what a face looks like, not what a person is.
    #[arg(long)]
    age_gender: bool,
}

/// A name whose ending says which kind of picture to write.
pub(super) fn parse_picture(text: &str) -> Result<PathBuf, String> {
    match ImageFormat::from_path(text) {
        Ok(ImageFormat::Png | ImageFormat::Jpeg | ImageFormat::WebP) => Ok(PathBuf::from(text)),
        _ => Err("must end in .png, .jpg or .webp".to_owned()),
    }
}

#[derive(Serialize)]
struct Detected {
    image: PathBuf,
    width_px: u32,
    height_px: u32,
    faces: Vec<Described>,
}

impl Detect {
    fn wanted(&self) -> AttributeSet {
        let age_and_gender = [Attribute::AgeRange, Attribute::Gender];
        let others = Attribute::ALL
            .into_iter()
            .filter(|one| !age_and_gender.contains(one));
        let (others, age_and_gender) = (others.filter(|_| self.attributes), age_and_gender.into_iter());
        others.chain(age_and_gender.filter(|_| self.age_gender)).collect()
    }

    pub(super) fn run(self, global: &Global) -> Result<Exit> {
        let options = AnalyzeOptions {
            encode_largest: 0,
            // The picture shows all there is.
            dense_landmarks: self.landmarks || self.annotate.is_some(),
            attributes: self.wanted(),
            ..AnalyzeOptions::default()
        };
        let bytes = fs_err::read(&self.image)?;
        let decoded =
            decode::decode(&bytes, &options.limits).with_context(|| self.image.display().to_string())?;
        let analyzer = inference::analyzer(global, 1, None)?;
        let found = analyzer.analyze_image(&decoded.image, &options)?.faces;
        let mut faces: Vec<Described> = found
            .iter()
            .map(|face| {
                Described::new(face, decoded.scale).with_judgement(face, &decoded, !self.wanted().is_empty())
            })
            .collect();
        if let Some(path) = &self.annotate {
            let mut picture = decoded.image;
            selfsame_face::annotate(&mut picture, &found);
            save(&picture, path)?;
        }
        if !self.landmarks {
            for face in &mut faces {
                face.dense_landmarks = None;
            }
        }
        let detected = Detected {
            image: self.image,
            width_px: decoded.width_px,
            height_px: decoded.height_px,
            faces,
        };
        global.format.emit(&detected, |out| {
            let plural = if detected.faces.len() == 1 {
                "face"
            } else {
                "faces"
            };
            writeln!(
                out,
                "{} {plural} in {}",
                detected.faces.len(),
                detected.image.display()
            )?;
            detected.faces.iter().try_for_each(|face| {
                writeln!(out, "  {}", face.line())?;
                match face.attributes.as_ref().map(attributes::line) {
                    Some(line) => writeln!(out, "    {line}"),
                    None => Ok(()),
                }
            })
        })?;
        Ok(Exit::from_match(!detected.faces.is_empty()))
    }
}

pub(super) fn save(picture: &image::RgbImage, path: &Path) -> Result<()> {
    picture.save(path).map_err(|error| {
        Failure::new(format!("{} cannot be written", path.display()))
            .because(error)
            .hint("does its folder exist, and may you write there?")
    })?;
    talk(format_args!("wrote {}", path.display()));
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ending_says_what_to_write() {
        assert!(parse_picture("out.PNG").is_ok());
        assert!(parse_picture("out.jpeg").is_ok());
        for text in ["out.gif", "out", "out.txt"] {
            assert!(parse_picture(text).is_err(), "{text}");
        }
    }
}
