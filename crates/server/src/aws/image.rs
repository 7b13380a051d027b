//! `Image`: the bytes in the request or the object that it names, and what was found in them.

use std::time::Instant;

use selfsame_face::attributes::AttributeSet;
use selfsame_face::{Analysis, AnalyzeOptions, Analyzer, Face};
use selfsame_types::Template;
use selfsame_vision::decode;
use selfsame_wire::ErrorCode;
use selfsame_wire::rekognition::Image;

use super::context::Context;
use super::error::Error;
use crate::engine::Engine;
use crate::metrics::{Metrics, Stage};

/// As many faces as AWS tells of one image, the largest.
const MAX_FACES: usize = 100;

/// What is wanted of each face beside its box, pose and quality.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Wanted {
    /// All landmarks that AWS has names for, or the detector's five.
    all_landmarks: bool,
    attributes: AttributeSet,
}

impl Wanted {
    /// The detector's landmarks.
    pub(super) const FIVE_LANDMARKS: Self = Self {
        all_landmarks: false,
        attributes: AttributeSet::NONE,
    };
    /// All landmarks.
    pub(super) const ALL_LANDMARKS: Self = Self {
        all_landmarks: true,
        attributes: AttributeSet::NONE,
    };

    /// All landmarks, and these attributes as far as the pack has models for them.
    pub(super) const fn with(attributes: AttributeSet) -> Self {
        Self {
            attributes,
            ..Self::ALL_LANDMARKS
        }
    }
}

/// Decides which faces get templates: it sees each face, the largest first, with what was found before it.
pub(super) type Choice = Box<dyn FnMut(&Analysis, &Face) -> bool + Send>;

/// No face gets a template.
pub(super) fn nobody() -> Choice {
    Box::new(|_, _| false)
}

/// The largest face that `passes` and whose template can be made.
pub(super) fn largest(passes: impl Fn(&Analysis, &Face) -> bool + Send + 'static) -> Choice {
    Box::new(move |before, face| {
        before.faces.iter().all(|face| face.template.is_none()) && passes(before, face)
    })
}

/// The face that got a template from [`largest`].
pub(super) fn chosen(analysis: &Analysis) -> Option<(&Face, &Template)> {
    analysis
        .faces
        .iter()
        .find_map(|face| face.template.as_ref().map(|template| (face, template)))
}

/// The bytes of an image.
pub(super) async fn bytes(context: &Context, image: Image) -> Result<Vec<u8>, Error> {
    match (image.bytes, image.s3_object) {
        (Some(bytes), None) => Ok(bytes.0),
        (None, Some(object)) => {
            let (Some(bucket), Some(name)) = (object.bucket, object.name) else {
                return Err(Error::invalid_parameters());
            };
            object_bytes(context, &bucket, &name, object.version.as_deref()).await
        }
        _ => Err(Error::invalid_parameters()),
    }
}

async fn object_bytes(
    context: &Context,
    bucket: &str,
    name: &str,
    version: Option<&str>,
) -> Result<Vec<u8>, Error> {
    let read = crate::s3::read_image(&context.app, &context.caller, bucket, name, version);
    Ok(read.await?)
}

/// Decodes one image and looks for faces in it.
pub(super) async fn analyze(
    context: &Context,
    bytes: Vec<u8>,
    wanted: Wanted,
    mut choice: Choice,
) -> Result<Analysis, Error> {
    let analysis = work(context, move |analyzer, limits| {
        look(analyzer, limits, &bytes, wanted, &mut choice)
    })
    .await?;
    measure(&context.app.metrics, &analysis);
    Ok(analysis)
}

/// Runs `work` on an inference thread, with the permit that the context has or gets.
pub(super) async fn work<T: Send + 'static>(
    context: &Context,
    work: impl FnOnce(&Analyzer, decode::Limits) -> Result<T, Error> + Send + 'static,
) -> Result<T, Error> {
    let permit = context.permit()?;
    let engine: &Engine = &context.ready()?.engine;
    let submitted = Instant::now();
    let reply = engine.run(permit, move |analyzer, limits| {
        let waited = submitted.elapsed();
        (waited, work(analyzer, limits))
    });
    let (waited, result) = reply.await.map_err(Error::internal)?;
    context.app.metrics.stage(Stage::Queue, waited);
    result
}

/// On an inference thread: decodes one image and looks for faces in it.
pub(super) fn look(
    analyzer: &Analyzer,
    limits: decode::Limits,
    bytes: &[u8],
    wanted: Wanted,
    choice: &mut Choice,
) -> Result<Analysis, Error> {
    // The decoder knows more formats than AWS.
    if !is_jpeg_or_png(bytes) {
        return Err(invalid_format());
    }
    let options = AnalyzeOptions {
        limits,
        dense_landmarks: wanted.all_landmarks,
        attributes: wanted.attributes.and(analyzer.available_attributes()),
        max_faces: MAX_FACES,
        ..AnalyzeOptions::default()
    };
    analyzer
        .analyze_choosing(bytes, &options, choice.as_mut())
        .map_err(refused)
}

/// Records how long an analysis took.
pub(super) fn measure(metrics: &Metrics, analysis: &Analysis) {
    let timings = &analysis.timings;
    for (stage, duration) in [
        (Stage::Decode, timings.decode),
        (Stage::Detect, timings.detect),
        (Stage::Align, timings.align),
        (Stage::Embed, timings.encode),
        (Stage::Attributes, timings.attributes),
    ] {
        metrics.stage(stage, duration);
    }
}

fn is_jpeg_or_png(bytes: &[u8]) -> bool {
    bytes.starts_with(&[0xFF, 0xD8]) || bytes.starts_with(b"\x89PNG")
}

/// An image that cannot be used is the client's matter, an engine that fails is ours.
fn refused(error: selfsame_face::Error) -> Error {
    use decode::Error as Decode;
    match error {
        selfsame_face::Error::Image(error) => match error {
            Decode::TooLarge { .. } | Decode::TooManyPixels { .. } | Decode::SideTooLong { .. } => {
                too_large()
            }
            Decode::TooSmall { .. } => Error::invalid_parameters(),
            _ => invalid_format(),
        },
        other => Error::internal(other),
    }
}

/// `ImageTooLargeException`.
pub(super) fn too_large() -> Error {
    Error::new(ErrorCode::ImageTooLargeException, "Image size is too large.")
}

fn invalid_format() -> Error {
    Error::new(
        ErrorCode::InvalidImageFormatException,
        "Request has invalid image format.",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refusals_have_aws_names() {
        let code = |error: decode::Error| refused(error.into()).code();
        assert_eq!(code(decode::Error::Empty), ErrorCode::InvalidImageFormatException);
        assert_eq!(
            code(decode::Error::TooManyPixels {
                pixels: 2,
                limit_pixels: 1
            }),
            ErrorCode::ImageTooLargeException
        );
        assert_eq!(
            code(decode::Error::TooSmall {
                width_px: 79,
                height_px: 80,
                limit_px: 80
            }),
            ErrorCode::InvalidParameterException
        );
        let ours = refused(selfsame_face::Error::NoRuntime);
        assert_eq!(ours.code(), ErrorCode::InternalServerError);
    }

    #[test]
    fn other_formats_are_not_awss() {
        assert!(is_jpeg_or_png(&[0xFF, 0xD8, 0xFF]));
        assert!(is_jpeg_or_png(b"\x89PNG\r\n\x1a\n"));
        assert!(!is_jpeg_or_png(b"RIFF\0\0\0\0WEBP"));
        assert!(!is_jpeg_or_png(b""));
    }
}
