//! Identity documents. Their models are loaded when the first document comes, aside of the inference threads: who never
//! sends one pays no memory for them, and nobody's login waits while they are fetched.

use std::sync::Arc;

use jiff::civil::Date;
use selfsame_document::{Document, ReadOptions, Reader};
use selfsame_face::{Analysis, AnalyzeOptions, Analyzer};
use selfsame_vision::decode::Limits;
use selfsame_vision::pack::{self, Models, Packs, Progress, Resolver};
use selfsame_vision::pool;
use tokio::sync::OnceCell;
use tokio::task::spawn_blocking;

use super::mirror;
use crate::config::{Config, ModelsConfig};

/// The pack of the models that read text.
const PACK: &str = "documents";
/// The portrait of a card is one face; a ghost image may be a second one.
const PORTRAITS: usize = 2;

/// Why a document was not read.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    /// The document, or its file.
    #[error(transparent)]
    Read(#[from] selfsame_document::Error),
    /// The models are not there and cannot be had.
    #[error("the models that read documents cannot be had: selfsame models pull documents")]
    Pack(#[from] pack::Error),
    /// The face on it could not be looked for.
    #[error(transparent)]
    Face(#[from] selfsame_face::Error),
    /// The thread that should read it died.
    #[error(transparent)]
    Pool(#[from] pool::Error),
}

/// A document, and the faces on the upright card.
pub(crate) struct Card {
    pub(crate) document: Document,
    pub(crate) portraits: Analysis,
}

/// Where the reader of documents comes from, once.
pub(super) struct Documents {
    config: ModelsConfig,
    progress: Arc<dyn Progress>,
    options: Options,
    threads: usize,
    reader: OnceCell<Arc<DocumentReader>>,
}

/// What may be sent.
#[derive(Clone, Copy)]
struct Options {
    limits: Limits,
    max_pdf_bytes: usize,
}

impl Documents {
    pub(super) fn new(config: &Config, progress: Arc<dyn Progress>, limits: Limits, threads: usize) -> Self {
        Self {
            config: config.models.clone(),
            progress,
            options: Options {
                limits,
                max_pdf_bytes: config.limits.pdf_bytes,
            },
            threads,
            reader: OnceCell::new(),
        }
    }

    /// The reader, whose models are fetched and loaded if that has not been done.
    pub(super) async fn reader(
        self: &Arc<Self>,
        analyzer: &Arc<Analyzer>,
    ) -> Result<Arc<DocumentReader>, Error> {
        let load = || async {
            let (documents, analyzer) = (Arc::clone(self), Arc::clone(analyzer));
            let loading = spawn_blocking(move || documents.load(&analyzer).map(Arc::new));
            loading
                .await
                .map_err(|error| pool::Error::Panicked(error.to_string()))?
        };
        self.reader.get_or_try_init(load).await.cloned()
    }

    fn load(&self, analyzer: &Analyzer) -> Result<DocumentReader, Error> {
        let directory = self.config.directory.clone();
        let models = Models::open(directory.map_or_else(Models::default_dir, Ok)?);
        let packs = Packs::load_beside(&models, self.config.packs.as_deref())?;
        let resolved = Resolver::new(packs, models)
            .with_mirror(mirror(&self.config)?)
            .with_progress(Arc::clone(&self.progress))
            .resolve(PACK)?;
        Ok(DocumentReader {
            reader: Reader::load(&resolved, analyzer.engine(), self.threads)?,
            options: self.options,
        })
    }
}

/// Reads documents, on the caller's thread.
pub(super) struct DocumentReader {
    reader: Reader,
    options: Options,
}

impl DocumentReader {
    /// Reads a document and looks for the portrait on it.
    pub(super) fn card(&self, analyzer: &Analyzer, bytes: &[u8], today: Date) -> Result<Card, Error> {
        let document = self.read(bytes, today)?;
        let options = AnalyzeOptions {
            limits: self.options.limits,
            encode_largest: PORTRAITS,
            ..AnalyzeOptions::default()
        };
        let portraits = analyzer.analyze_image(&document.card, &options)?;
        Ok(Card { document, portraits })
    }

    /// Reads a document.
    pub(super) fn read(&self, bytes: &[u8], today: Date) -> Result<Document, Error> {
        let options = ReadOptions {
            limits: self.options.limits,
            today,
            least_age_years: None,
            max_pdf_bytes: self.options.max_pdf_bytes,
        };
        Ok(self.reader.read(bytes, &options)?)
    }
}
