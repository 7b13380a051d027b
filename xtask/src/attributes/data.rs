//! The photos with labels, and the features of their faces.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use image::RgbImage;
use selfsame_face::attributes::{FeatureGroup, Features};
use selfsame_face::{Analyzer, Detection};
use selfsame_types::{Landmarks, Point};
use selfsame_vision::Similarity2D;
use selfsame_vision::decode::{self, Limits};
use selfsame_vision::preprocess::mirror;

use super::occlusion::{Canvas, Chance};

/// Which photos' eyes were seen to be closed, and of which it could not be said.
const EYES: &str = include_str!("../../../models/attributes/eyes.csv");

/// Photos of chance; any number would do.
const SEED: u64 = 6;

/// Long side to which photos are reduced before something is painted over their faces: the detector's.
const PAINTED_SIDE_PX: u32 = 640;

/// What is known of a photo.
#[derive(Clone, Debug)]
pub(super) enum Label {
    /// A row of `identities/labels.csv`, by column.
    Person(BTreeMap<String, String>),
    /// `masks`: 1 mask on, 2 nose out, 3 under the chin, 4 none.
    Mask(u8),
    /// `age-gender`: years, whether male, and the number of the group.
    Age {
        years: f32,
        is_male: bool,
        group: String,
    },
    /// Something that was painted, and whether it covers eyes, nose or mouth.
    Painted { kind: &'static str, covers: bool },
}

/// A face with features.
pub(super) struct Sample {
    pub(super) photo: String,
    /// Whose face it is; where that is not known, the photo.
    pub(super) person: String,
    pub(super) label: Label,
    pub(super) features: Features,
    /// The features of its mirror image, where heads that are fitted on few faces want them.
    pub(super) mirrored: Option<Features>,
}

/// Reads all photos below `data`.
pub(super) struct Reader<'a> {
    analyzer: &'a Analyzer,
    data: &'a Path,
    chance: Chance,
    pictures: Vec<RgbImage>,
    pub(super) samples: Vec<Sample>,
    /// Photos without a face.
    pub(super) without_face: usize,
}

impl<'a> Reader<'a> {
    pub(super) fn new(analyzer: &'a Analyzer, data: &'a Path) -> Result<Self> {
        let mut pictures = Vec::new();
        for path in files(&data.join("no-face"))?.iter().take(40) {
            pictures.push(decoded(path)?);
        }
        Ok(Self {
            analyzer,
            data,
            chance: Chance(SEED),
            pictures,
            samples: Vec::new(),
            without_face: 0,
        })
    }

    pub(super) fn read(&mut self) -> Result<()> {
        let people = labels(&self.data.join("identities/labels.csv"))?;
        for (index, row) in people.into_iter().enumerate() {
            let photo = format!("identities/{}", row["file"]);
            let person = row["identity"].clone();
            let is_plain = ["none", "eyeglasses"].contains(&row["eyewear"].as_str());
            let Some((image, face)) = self.add(&photo, &person, Label::Person(row), true)? else {
                continue;
            };
            if is_plain {
                self.paint(&photo, &person, &image, &face, index)?;
            }
        }
        for path in files(&self.data.join("masks"))? {
            let name = name(&path)?;
            let (person, rest) = name.rsplit_once('_').context("a mask photo has no state")?;
            let state = rest
                .trim_end_matches(".jpg")
                .parse()
                .context("a mask photo has no state")?;
            let person = format!("masks/{person}");
            self.add(&format!("masks/{name}"), &person, Label::Mask(state), true)?;
        }
        for (index, path) in files(&self.data.join("age-gender"))?.iter().enumerate() {
            let name = name(path)?;
            let mut parts = name.split('_');
            let (years, gender) = (parts.next(), parts.next());
            let label = Label::Age {
                years: years.and_then(|years| years.parse().ok()).context("no age")?,
                is_male: gender == Some("0"),
                group: parts.next().unwrap_or_default().to_owned(),
            };
            let photo = format!("age-gender/{name}");
            let Some((image, face)) = self.add(&photo, &photo, label, false)? else {
                continue;
            };
            if index % 2 == 0 {
                self.paint(&photo, &photo, &image, &face, index / 2)?;
            }
        }
        Ok(())
    }

    /// Adds the largest face of a photo; the photo and the face, if there is one.
    fn add(
        &mut self,
        photo: &str,
        person: &str,
        label: Label,
        with_mirror: bool,
    ) -> Result<Option<(RgbImage, Detection)>> {
        let image = decoded(&self.data.join(photo))?;
        let Some(&face) = self.analyzer.detect(&image)?.first() else {
            self.without_face += 1;
            return Ok(None);
        };
        let groups: BTreeSet<FeatureGroup> = ALL.into_iter().collect();
        let mirrored = if with_mirror {
            let (image, face) = (mirror(&image), mirrored(&face, image.width()));
            let groups = MIRRORED.into_iter().collect();
            Some(self.analyzer.attribute_features(&image, &face, &groups)?)
        } else {
            None
        };
        self.samples.push(Sample {
            photo: photo.to_owned(),
            person: person.to_owned(),
            label,
            features: self.analyzer.attribute_features(&image, &face, &groups)?,
            mirrored,
        });
        Ok(Some((image, face)))
    }

    /// Adds the face with something painted over it, and every other time with something that covers nothing.
    fn paint(
        &mut self,
        photo: &str,
        person: &str,
        image: &RgbImage,
        face: &Detection,
        index: usize,
    ) -> Result<()> {
        let long_side_px = image.width().max(image.height());
        let factor = (PAINTED_SIDE_PX as f32 / long_side_px as f32).min(1.0);
        let small = selfsame_vision::resize::letterbox(image, PAINTED_SIDE_PX, 1, false).image;
        let points = face
            .landmarks
            .points()
            .map(|p| Point::new(p.x * factor, p.y * factor));
        let Ok(face_to_image) = Similarity2D::estimate(&ARCFACE.map(|(x, y)| Point::new(x, y)), &points)
        else {
            return Ok(());
        };
        for covers in [true, false].into_iter().take(1 + index % 2) {
            let canvas = Canvas::new(small.clone(), face_to_image, &mut self.chance, &self.pictures);
            let (painted, kind) = if covers { canvas.occluded() } else { canvas.decoy() };
            // the detector places its points otherwise on a covered face
            let Some(face) = self.analyzer.detect(&painted)?.first().copied() else {
                continue;
            };
            let groups = COVERED.into_iter().collect();
            self.samples.push(Sample {
                photo: photo.to_owned(),
                person: person.to_owned(),
                label: Label::Painted { kind, covers },
                features: self.analyzer.attribute_features(&painted, &face, &groups)?,
                mirrored: None,
            });
        }
        Ok(())
    }
}

/// Eyes, nose tip and corners of the mouth in the ArcFace alignment, as in `selfsame_face`.
const ARCFACE: [(f32, f32); 5] = [
    (38.2946, 51.6963),
    (73.5318, 51.5014),
    (56.0252, 71.7366),
    (41.5493, 92.3655),
    (70.7299, 92.2041),
];

const ALL: [FeatureGroup; 11] = [
    FeatureGroup::Eyes,
    FeatureGroup::Mouth,
    FeatureGroup::MouthFine,
    FeatureGroup::Chin,
    FeatureGroup::LowerFace,
    FeatureGroup::Expression,
    FeatureGroup::EmotionLogits,
    FeatureGroup::Openness,
    FeatureGroup::Gaze,
    FeatureGroup::Age,
    FeatureGroup::Male,
];

const MIRRORED: [FeatureGroup; 6] = [
    FeatureGroup::Eyes,
    FeatureGroup::Mouth,
    FeatureGroup::MouthFine,
    FeatureGroup::Chin,
    FeatureGroup::LowerFace,
    FeatureGroup::Expression,
];

const COVERED: [FeatureGroup; 2] = [FeatureGroup::Eyes, FeatureGroup::LowerFace];

/// Whether the eyes of a photo are open; `None` where nobody could say. All photos were looked at whose eyes are among
/// the 300 least open by either of two measures; the others are taken to be open.
pub(super) fn eyes_are_open(photo: &str) -> Option<bool> {
    let rows = EYES.lines().skip(1).filter_map(|line| line.split_once(','));
    let mut found = rows.filter(|(name, _)| *name == photo).map(|(_, eyes)| eyes);
    match found.next() {
        None => Some(true),
        Some("closed") => Some(false),
        Some(_) => None,
    }
}

/// A face as it lies in the mirror image of a photo of this width.
fn mirrored(face: &Detection, width_px: u32) -> Detection {
    let right = width_px as f32 - 1.0;
    let flip = |point: Point| Point::new(right - point.x, point.y);
    let Landmarks {
        left_eye,
        right_eye,
        nose,
        left_mouth,
        right_mouth,
    } = face.landmarks;
    let mut mirrored = *face;
    mirrored.bounding_box.left = right - face.bounding_box.right();
    mirrored.landmarks = Landmarks {
        left_eye: flip(right_eye),
        right_eye: flip(left_eye),
        nose: flip(nose),
        left_mouth: flip(right_mouth),
        right_mouth: flip(left_mouth),
    };
    mirrored
}

fn labels(path: &Path) -> Result<Vec<BTreeMap<String, String>>> {
    let text = fs_err::read_to_string(path)?;
    let mut lines = text.lines();
    let columns: Vec<&str> = lines.next().context("no header")?.split(',').collect();
    lines
        .map(|line| {
            let values: Vec<&str> = line.split(',').collect();
            ensure!(
                values.len() == columns.len(),
                "a row of labels.csv is too short: {line}"
            );
            let pairs = columns.iter().zip(values);
            Ok(pairs
                .map(|(column, value)| ((*column).to_owned(), value.to_owned()))
                .collect())
        })
        .collect()
}

/// The files of a directory in the order of their names.
fn files(directory: &Path) -> Result<Vec<PathBuf>> {
    let entries = fs_err::read_dir(directory)?.map(|entry| Ok(entry?.path()));
    let mut files = entries.collect::<Result<Vec<_>>>()?;
    files.sort();
    Ok(files)
}

fn name(path: &Path) -> Result<&str> {
    path.file_name()
        .and_then(|name| name.to_str())
        .context("a photo has no name")
}

fn decoded(path: &Path) -> Result<RgbImage> {
    let bytes = fs_err::read(path)?;
    let decoded = decode::decode(&bytes, &Limits::default());
    Ok(decoded
        .with_context(|| format!("cannot decode {}", path.display()))?
        .image)
}
