//! The front door: the models of one pack and the order in which they are asked.

mod attributes;
mod loading;
mod warm_up;

use std::time::{Duration, Instant};

use image::RgbImage;
use selfsame_types::{FaceModelVersion, Landmarks, Point, Pose, Quality, Similarity, Template};
use selfsame_vision::Engine;
use selfsame_vision::decode::{self, Limits};
use selfsame_vision::pack::Resolved;
use selfsame_vision::warp::Sampling;

use crate::alignment::align;
use crate::attributes::{AttributeSet, Attributes};
use crate::calibration::Calibration;
use crate::dense_landmarks::DenseLandmarks;
use crate::detector::{Detection, Detector};
use crate::embedder::{Embedder, Encoded};
use crate::parameters::AlignmentKind;
use crate::points::PlacedFace;
use crate::{Error, pose, quality};
use loading::Loader;

/// Which engine runs the models.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum EngineChoice {
    /// ONNX Runtime where the pack has it for this machine and it loads, else the built-in engine.
    #[default]
    Auto,
    /// ONNX Runtime, or an error.
    Ort,
    /// The built-in engine.
    Rten,
}

/// How an [`Analyzer`] is loaded.
#[derive(Debug, Clone, Copy)]
pub struct AnalyzerOptions {
    /// Which engine.
    pub engine: EngineChoice,
    /// How many threads will call it at the same time.
    pub concurrency: usize,
    /// Overrides the pack's choice whether a face and its mirror image are averaged.
    pub flip_average: Option<bool>,
    /// Accepts a pack whose embedder nobody has measured: cosines are as they should be, all similarities are 0. For those
    /// who are about to measure it.
    pub uncalibrated: bool,
}

impl Default for AnalyzerOptions {
    fn default() -> Self {
        Self {
            engine: EngineChoice::Auto,
            concurrency: 1,
            flip_average: None,
            uncalibrated: false,
        }
    }
}

/// What is wanted of an analysis.
#[derive(Debug, Clone)]
pub struct AnalyzeOptions {
    /// What may be decoded at all.
    pub limits: Limits,
    /// How many faces, the largest first, get a template; 0 for none.
    pub encode_largest: usize,
    /// Whether the 68 landmarks are located.
    pub dense_landmarks: bool,
    /// How many faces, the largest first, are looked at; the others are as if they were not there.
    pub max_faces: usize,
    /// What is told of faces; nothing by default.
    pub attributes: AttributeSet,
    /// Of how many faces, the largest first, it is told.
    pub describe_largest: usize,
}

impl Default for AnalyzeOptions {
    fn default() -> Self {
        Self {
            limits: Limits::default(),
            encode_largest: usize::MAX,
            dense_landmarks: false,
            max_faces: usize::MAX,
            attributes: AttributeSet::NONE,
            describe_largest: usize::MAX,
        }
    }
}

/// One face. Places are in pixels of the upright original.
#[derive(Debug, Clone)]
pub struct Face {
    /// Box, five landmarks, confidence.
    pub detection: Detection,
    /// Where the head points.
    pub pose: Pose,
    /// How well it is seen.
    pub quality: Quality,
    /// The 68 landmarks in the iBUG order, where asked for.
    pub dense_landmarks: Option<Vec<Point>>,
    /// The template, where asked for.
    pub template: Option<Template>,
    /// What it wears, does and looks like, as far as asked for.
    pub attributes: Attributes,
    /// Length of the embedding before it became a template, in the unit of the pack's first embedder: how much of a face the
    /// network saw. It predicts errors better than any other measure here (`docs/ACCURACY.md`).
    pub embedding_norm: Option<f32>,
}

/// Time spent in each stage, summed over the faces.
#[derive(Debug, Clone, Copy, Default)]
pub struct StageTimings {
    /// Bytes to pixels.
    pub decode: Duration,
    /// Finding faces.
    pub detect: Duration,
    /// Landmarks, chips, pose and quality.
    pub align: Duration,
    /// Chips to templates.
    pub encode: Duration,
    /// Reading attributes.
    pub attributes: Duration,
}

/// What was found in a photo.
#[derive(Debug, Clone)]
pub struct Analysis {
    /// Width of the upright original.
    pub width_px: u32,
    /// Height of the upright original.
    pub height_px: u32,
    /// All faces, the largest first.
    pub faces: Vec<Face>,
    /// Where the time went.
    pub timings: StageTimings,
}

/// The models of one pack, loaded once and shared between threads.
pub struct Analyzer {
    engine: Engine,
    pack: String,
    detector: Detector,
    embedder: Embedder,
    landmarks: Option<DenseLandmarks>,
    attributes: crate::attributes::Reader,
    calibration: Calibration,
}

impl Analyzer {
    /// Loads the models of a resolved pack.
    pub fn load(resolved: &Resolved, options: AnalyzerOptions) -> Result<Self, Error> {
        let engine = choose_engine(resolved, options.engine)?;
        let loader = Loader {
            resolved,
            engine: &engine,
            options,
        };
        let (embedder, calibration) = loader.embedder()?;
        let landmarks = loader.landmarks(embedder.needs_dense_landmarks())?;
        let detector = loader.detector()?;
        let attributes = crate::attributes::Reader::new(resolved, &engine, options.concurrency)?;
        Ok(Self {
            engine,
            pack: resolved.name.clone(),
            detector,
            embedder,
            landmarks,
            attributes,
            calibration,
        })
    }

    /// The version that every template of this analyzer carries.
    #[must_use]
    pub fn version(&self) -> &FaceModelVersion {
        self.embedder.version()
    }

    /// The map between cosines, error rates and similarities.
    #[must_use]
    pub fn calibration(&self) -> &Calibration {
        &self.calibration
    }

    /// The engine that runs the models.
    #[must_use]
    pub fn engine(&self) -> &Engine {
        &self.engine
    }

    /// The name of the pack.
    #[must_use]
    pub fn pack(&self) -> &str {
        &self.pack
    }

    /// Calibrated similarity of two templates; `None` where their versions differ.
    #[must_use]
    pub fn similarity(&self, a: &Template, b: &Template) -> Option<Similarity> {
        a.cosine(b).map(|cosine| self.calibration.similarity(cosine))
    }

    /// All faces in an upright image, the largest first.
    pub fn detect(&self, image: &RgbImage) -> Result<Vec<Detection>, Error> {
        self.detector.detect(image)
    }

    /// Decodes a photo and analyses it.
    pub fn analyze(&self, bytes: &[u8], options: &AnalyzeOptions) -> Result<Analysis, Error> {
        self.analyze_choosing(bytes, options, &mut |_, _| true)
    }

    /// Decodes a photo and analyses it. `choose` sees each face, the largest first, before its template is made, and
    /// decides whether it gets one; the analysis that it sees holds the faces before. It is asked for the
    /// `encode_largest` first ones only.
    pub fn analyze_choosing(
        &self,
        bytes: &[u8],
        options: &AnalyzeOptions,
        choose: &mut dyn FnMut(&Analysis, &Face) -> bool,
    ) -> Result<Analysis, Error> {
        let start = Instant::now();
        let decoded = decode::decode(bytes, &options.limits)?;
        let analysis = Analysis {
            width_px: decoded.width_px,
            height_px: decoded.height_px,
            faces: Vec::new(),
            timings: StageTimings {
                decode: start.elapsed(),
                ..StageTimings::default()
            },
        };
        self.fill(analysis, &decoded.image, 1.0 / decoded.scale, options, choose)
    }

    /// Analyses an upright image that is decoded already; places are in its pixels.
    pub fn analyze_image(&self, image: &RgbImage, options: &AnalyzeOptions) -> Result<Analysis, Error> {
        let analysis = Analysis {
            width_px: image.width(),
            height_px: image.height(),
            faces: Vec::new(),
            timings: StageTimings::default(),
        };
        self.fill(analysis, image, 1.0, options, &mut |_, _| true)
    }

    /// Finds faces in `image`, whose sides are 1 / `enlargement` of the original's, and adds them to `analysis`.
    fn fill(
        &self,
        mut analysis: Analysis,
        image: &RgbImage,
        enlargement: f32,
        options: &AnalyzeOptions,
        choose: &mut dyn FnMut(&Analysis, &Face) -> bool,
    ) -> Result<Analysis, Error> {
        let start = Instant::now();
        let mut detections = self.detect(image)?;
        detections.truncate(options.max_faces);
        analysis.timings.detect = start.elapsed();
        for (index, detection) in detections.into_iter().enumerate() {
            let start = Instant::now();
            let (mut face, points) = self.assess(image, detection, options.dense_landmarks)?;
            face.enlarge(enlargement);
            analysis.timings.align += start.elapsed();
            if index < options.describe_largest {
                let start = Instant::now();
                face.attributes = self.attributes(image, &detection, options.attributes)?;
                analysis.timings.attributes += start.elapsed();
            }
            if index < options.encode_largest && choose(&analysis, &face) {
                let placed = PlacedFace::new(image, &detection, self.landmarks.as_ref(), points);
                let encoded = self.encode(placed, &mut analysis.timings)?;
                face.embedding_norm = encoded.as_ref().map(|encoded| encoded.norm);
                face.template = encoded.map(|encoded| encoded.template);
            }
            analysis.faces.push(face);
        }
        Ok(analysis)
    }

    /// Everything but the template, in pixels of `image`; and the dense landmarks, if they were located.
    fn assess(
        &self,
        image: &RgbImage,
        detection: Detection,
        dense_landmarks: bool,
    ) -> Result<(Face, Option<Vec<Point>>), Error> {
        let dense = match &self.landmarks {
            Some(landmarks) if dense_landmarks => Some(landmarks.locate(image, &detection)?),
            _ => None,
        };
        let upright = align(
            image,
            &detection.landmarks.points(),
            &AlignmentKind::ArcFace.targets(quality::CHIP_PX),
            quality::CHIP_PX,
            Sampling::Bilinear,
        );
        let face = Face {
            pose: pose::estimate(&detection.landmarks),
            detection,
            quality: upright.as_ref().map(quality::assess).unwrap_or_default(),
            dense_landmarks: dense.clone(),
            template: None,
            attributes: Attributes::default(),
            embedding_norm: None,
        };
        Ok((face, dense))
    }

    /// The template of a face; `None` where its points allow no alignment.
    fn encode(&self, face: PlacedFace<'_>, timings: &mut StageTimings) -> Result<Option<Encoded>, Error> {
        let start = Instant::now();
        let chips = self.embedder.align(face)?;
        timings.align += start.elapsed();

        let start = Instant::now();
        let encoded = chips.map(|chips| self.embedder.encode(&chips)).transpose()?;
        timings.encode += start.elapsed();
        Ok(encoded)
    }
}

impl Face {
    /// Moves all places into an image whose sides are `factor` times as long.
    fn enlarge(&mut self, factor: f32) {
        let move_point = |p: Point| Point::new(p.x * factor, p.y * factor);
        self.detection.bounding_box = self.detection.bounding_box.scaled(factor);
        self.detection.landmarks = Landmarks::from_points(self.detection.landmarks.points().map(move_point));
        for point in self.dense_landmarks.iter_mut().flatten() {
            *point = move_point(*point);
        }
    }
}

/// The engine that a pack brings, or the built-in one.
pub fn choose_engine(resolved: &Resolved, choice: EngineChoice) -> Result<Engine, Error> {
    let load = |path: &std::path::PathBuf| Engine::ort(path);
    match (choice, &resolved.runtime) {
        (EngineChoice::Rten, _) | (EngineChoice::Auto, None) => Ok(Engine::rten()),
        (EngineChoice::Ort, None) => Err(Error::NoRuntime),
        (EngineChoice::Ort, Some(path)) => Ok(load(path)?),
        (EngineChoice::Auto, Some(path)) => Ok(load(path).unwrap_or_else(|error| {
            tracing::warn!(%error, "ONNX Runtime does not load; the built-in engine runs instead, two to three times slower");
            Engine::rten()
        })),
    }
}
