//! The bridge from handlers, which never block, to inference, which never awaits: permits in front, named threads
//! behind. Knows how to get from the text of an image to faces; decides nothing about them.

mod documents;

use std::sync::Arc;
use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use jiff::civil::Date;
use selfsame_document::Document;
use selfsame_face::attributes::AttributeSet;
use selfsame_face::{Analysis, AnalyzeOptions, Analyzer, AnalyzerOptions};
use selfsame_vision::decode::Limits;
use selfsame_vision::pack::{self, Mirror, Models, Packs, Progress, Resolver};
use selfsame_vision::pool::{self, Permit, Pool, PoolOptions};

use crate::config::{Config, EngineChoice, LimitsConfig, ModelsConfig};

use documents::Documents;
pub(crate) use documents::{Card, Error as DocumentError};

/// Requests that may wait per thread: at the 60 to 100 ms that a photo takes, the last one waits about a second.
const QUEUE_PER_THREAD: usize = 16;
/// One face is wanted. The second largest is encoded too, in case the largest turns out not to be one.
const ENCODED_FACES: usize = 2;
/// Padding may be there or not: some clients leave it out.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// Why the engine does not start.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The model pack cannot be had.
    #[error(transparent)]
    Pack(#[from] pack::Error),
    /// The models do not load or do not run.
    #[error(transparent)]
    Models(#[from] selfsame_face::Error),
    /// The system refuses threads.
    #[error("the system refuses the threads for inference")]
    Threads(#[source] std::io::Error),
    /// A thread for inference died before the first request.
    #[error(transparent)]
    Pool(#[from] pool::Error),
}

/// Why a photo has no analysis.
#[derive(Debug, thiserror::Error)]
pub(crate) enum AnalysisError {
    /// The text is no base64. It may be shown to the client.
    #[error("Image is no valid base64: encode the bytes of a JPEG, PNG or WebP file (RFC 4648)")]
    Base64,
    /// The pipeline refused or failed.
    #[error(transparent)]
    Face(#[from] selfsame_face::Error),
    /// The thread did.
    #[error(transparent)]
    Pool(#[from] pool::Error),
}

/// Why a card was not read.
#[derive(Debug, thiserror::Error)]
pub(crate) enum CardError {
    /// The text is no base64. It may be shown to the client.
    #[error("IdCard is no valid base64: encode the bytes of a JPEG, PNG, WebP, TIFF or PDF file (RFC 4648)")]
    Base64,
    /// The rest.
    #[error(transparent)]
    Document(#[from] DocumentError),
}

/// A photo after inference.
pub(crate) struct Photo {
    /// The file, as it was sent.
    pub(crate) bytes: Vec<u8>,
    /// What was found in it.
    pub(crate) analysis: Analysis,
    /// How long it waited for a thread.
    pub(crate) waited: Duration,
}

/// Models and threads.
pub(crate) struct Engine {
    analyzer: Arc<Analyzer>,
    pool: Pool,
    limits: Limits,
    /// What the quality gate of the flows asks of a face.
    gate: AttributeSet,
    documents: Arc<Documents>,
}

impl Engine {
    /// Fetches what is missing of the models, loads them and runs each once. Takes seconds, or minutes if models
    /// must be fetched. Returns what an operator should know beside it.
    pub(crate) fn start(config: &Config, progress: Arc<dyn Progress>) -> Result<(Self, Vec<String>), Error> {
        let threads = match config.inference.threads {
            0 => pool::physical_cores(),
            threads => threads,
        };
        let (analyzer, warnings) = load_analyzer(&config.models, Arc::clone(&progress), threads)?;
        let analyzer = Arc::new(analyzer);
        let queue = match config.inference.queue {
            0 => QUEUE_PER_THREAD * threads,
            queue => queue,
        };
        let pool = Pool::new(PoolOptions { threads, queue }).map_err(Error::Threads)?;
        let gate = config.quality.attributes().and(analyzer.available_attributes());
        warm_up(&analyzer, &pool, threads, gate)?;
        let limits = decode_limits(&config.limits);
        let engine = Self {
            analyzer,
            pool,
            limits,
            gate,
            documents: Arc::new(Documents::new(config, progress, limits, threads)),
        };
        Ok((engine, warnings))
    }

    /// The models.
    pub(crate) fn analyzer(&self) -> &Analyzer {
        &self.analyzer
    }

    /// The right to one analysis, or at once the news that there is none left.
    pub(crate) fn admit(&self) -> Result<Permit, pool::Busy> {
        self.pool.try_acquire()
    }

    /// What the threads are doing.
    pub(crate) fn stats(&self) -> pool::Stats {
        self.pool.stats()
    }

    /// Runs `work` on an inference thread. Dropping the future cancels what has not begun.
    pub(crate) fn run<T: Send + 'static>(
        &self,
        permit: Permit,
        work: impl FnOnce(&Analyzer, Limits) -> T + Send + 'static,
    ) -> pool::Reply<T> {
        let (analyzer, limits) = (Arc::clone(&self.analyzer), self.limits);
        permit.submit(move || work(&analyzer, limits))
    }

    /// Reads an identity document. Dropping the future cancels what has not begun.
    pub(crate) async fn read_document(
        &self,
        permit: Permit,
        bytes: Vec<u8>,
        today: Date,
    ) -> Result<Document, DocumentError> {
        let reader = self.documents.reader(&self.analyzer).await?;
        permit.submit(move || reader.read(&bytes, today)).await?
    }

    /// The same for the text of an image, with the faces on the card.
    pub(crate) async fn read_card(
        &self,
        permit: Permit,
        text: String,
        today: Date,
    ) -> Result<Card, CardError> {
        let reader = self.documents.reader(&self.analyzer).await?;
        let analyzer = Arc::clone(&self.analyzer);
        let reply = permit.submit(move || {
            let bytes = image_bytes(&text).ok_or(CardError::Base64)?;
            Ok(reader.card(&analyzer, &bytes, today)?)
        });
        reply.await.map_err(DocumentError::from)?
    }

    /// Decodes and analyses the text of an image. Dropping the future cancels what has not begun.
    pub(crate) async fn analyze(&self, permit: Permit, text: String) -> Result<Photo, AnalysisError> {
        let analyzer = Arc::clone(&self.analyzer);
        let options = AnalyzeOptions {
            limits: self.limits,
            encode_largest: ENCODED_FACES,
            attributes: self.gate,
            // A face without a template is refused whatever it wears.
            describe_largest: ENCODED_FACES,
            ..AnalyzeOptions::default()
        };
        let submitted = Instant::now();
        let reply = permit.submit(move || {
            let waited = submitted.elapsed();
            let bytes = image_bytes(&text).ok_or(AnalysisError::Base64)?;
            let analysis = analyzer.analyze(&bytes, &options)?;
            Ok(Photo {
                bytes,
                analysis,
                waited,
            })
        });
        reply.await?
    }
}

/// Fetches what is missing of the configured pack and loads its models for so many threads. Returns what an operator
/// should know beside it.
pub fn load_analyzer(
    config: &ModelsConfig,
    progress: Arc<dyn Progress>,
    threads: usize,
) -> Result<(Analyzer, Vec<String>), Error> {
    let directory = config.directory.clone().map_or_else(Models::default_dir, Ok)?;
    let models = Models::open(directory);
    let resolved = Resolver::new(Packs::load_beside(&models, config.packs.as_deref())?, models)
        .with_mirror(mirror(config)?)
        .with_progress(progress)
        .resolve(&config.pack)?;
    let options = AnalyzerOptions {
        engine: match config.engine {
            EngineChoice::Auto => selfsame_face::EngineChoice::Auto,
            EngineChoice::Ort => selfsame_face::EngineChoice::Ort,
            EngineChoice::Rten => selfsame_face::EngineChoice::Rten,
        },
        concurrency: threads,
        ..AnalyzerOptions::default()
    };
    Ok((Analyzer::load(&resolved, options)?, resolved.warnings))
}

/// The first inference of each thread is slow; it is ours, not the first clients'.
fn warm_up(analyzer: &Arc<Analyzer>, pool: &Pool, threads: usize, gate: AttributeSet) -> Result<(), Error> {
    let replies: Vec<_> = (0..threads)
        .filter_map(|_| pool.try_acquire().ok())
        .map(|permit| {
            let analyzer = Arc::clone(analyzer);
            permit.submit(move || analyzer.warm_up(gate))
        })
        .collect();
    for reply in replies {
        reply.wait()??;
    }
    Ok(())
}

/// Where copies of model files are.
fn mirror(config: &ModelsConfig) -> Result<Option<Mirror>, pack::Error> {
    config.mirror.as_deref().map(Mirror::parse).transpose()
}

/// What may be decoded of a photo, as configured.
#[must_use]
pub fn decode_limits(limits: &LimitsConfig) -> Limits {
    Limits {
        max_bytes: limits.image_bytes,
        max_pixels: limits.image_pixels,
        max_side_px: limits.image_side_px,
        min_side_px: limits.image_min_side_px,
        target_long_side_px: limits.decode_long_side_px,
    }
}

/// The bytes behind `Image`: base64, perhaps broken into lines, perhaps as a `data:` URL (RFC 2397), which is what
/// browsers make of a picture.
fn image_bytes(text: &str) -> Option<Vec<u8>> {
    let data = match text.get(..5) {
        Some(scheme) if scheme.eq_ignore_ascii_case("data:") => {
            let (header, data) = text.split_once(',')?;
            header.to_ascii_lowercase().ends_with(";base64").then_some(data)?
        }
        _ => text,
    };
    if data.bytes().any(|c| c.is_ascii_whitespace()) {
        let joined: Vec<u8> = data.bytes().filter(|c| !c.is_ascii_whitespace()).collect();
        return BASE64.decode(joined).ok();
    }
    BASE64.decode(data).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_usual_spellings_of_base64() {
        for text in [
            "aGVsbG8=",
            "aGVsbG8",
            "aGVs\r\nbG8=\n",
            "data:image/jpeg;base64,aGVsbG8=",
            "DATA:image/png;charset=x;BASE64,aGVsbG8=",
        ] {
            assert_eq!(image_bytes(text).as_deref(), Some(&b"hello"[..]), "{text}");
        }
        for text in ["aGVsbG8*", "data:image/jpeg,aGVsbG8=", "data:", "ä", "é€aGVs"] {
            assert_eq!(image_bytes(text), None, "{text}");
        }
    }
}
