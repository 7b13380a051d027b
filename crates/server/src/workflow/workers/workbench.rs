//! Photos of one execution: each is analysed once, however many tasks look at it.

use std::sync::{Arc, Mutex, PoisonError};

use selfsame_vision::pool::Permit;
use selfsame_workflow::Failure;
use sha2::{Digest as _, Sha256};

use super::{THROTTLED, broken};
use crate::engine::{AnalysisError, Card, CardError, DocumentError, Photo};
use crate::metrics::Stage;
use crate::workflow::Job;
use crate::workflow::actions::{FailureName, failure};

/// Photos that are kept for later tasks: a selfie and a card, and what a Map state may bring.
const KEPT: usize = 4;

type Digest = [u8; 32];

/// The photos that were analysed.
#[derive(Default)]
pub(crate) struct Workbench {
    /// Taken before the execution began, for its first photo.
    permit: Mutex<Option<Permit>>,
    /// Held while a photo is analysed, so that parallel tasks do it once.
    photos: tokio::sync::Mutex<Vec<(Digest, Arc<Photo>)>>,
    /// The last identity document that was read.
    card: tokio::sync::Mutex<Option<(Digest, Arc<Card>)>>,
}

impl Workbench {
    /// With the right to an inference thread.
    pub(crate) fn with_permit(permit: Permit) -> Self {
        Self {
            permit: Mutex::new(Some(permit)),
            ..Self::default()
        }
    }

    /// With a photo that was analysed before, as `text`.
    pub(crate) fn with_photo(text: &str, photo: Photo) -> Self {
        let digest: Digest = Sha256::digest(text).into();
        Self {
            photos: tokio::sync::Mutex::new(vec![(digest, Arc::new(photo))]),
            ..Self::default()
        }
    }

    /// What was found in a photo (base64, perhaps as a `data:` URL).
    pub(crate) async fn photo(&self, job: &Job, text: &str) -> Result<Arc<Photo>, Failure> {
        let digest: Digest = Sha256::digest(text).into();
        let mut photos = self.photos.lock().await;
        if let Some((_, photo)) = photos.iter().find(|(known, _)| *known == digest) {
            return Ok(Arc::clone(photo));
        }
        let permit = self.permit(job)?;
        let analysis = job.ready()?.engine.analyze(permit, text.to_owned()).await;
        let photo = Arc::new(analysis.map_err(|error| refused(job, error))?);
        measure(job, &photo);
        if photos.len() >= KEPT {
            photos.remove(0);
        }
        photos.push((digest, Arc::clone(&photo)));
        Ok(photo)
    }

    /// What an identity document says (base64, perhaps as a `data:` URL), and whose face is on it.
    pub(crate) async fn card(&self, job: &Job, text: &str) -> Result<Arc<Card>, Failure> {
        let digest: Digest = Sha256::digest(text).into();
        let mut known = self.card.lock().await;
        if let Some((_, card)) = known.as_ref().filter(|(known, _)| *known == digest) {
            return Ok(Arc::clone(card));
        }
        let permit = self.permit(job)?;
        let today = job.app.today();
        let card = job
            .ready()?
            .engine
            .read_card(permit, text.to_owned(), today)
            .await;
        let card = Arc::new(card.map_err(|error| unreadable(job, error))?);
        *known = Some((digest, Arc::clone(&card)));
        Ok(card)
    }

    /// The one that was taken before, or another.
    fn permit(&self, job: &Job) -> Result<Permit, Failure> {
        let reserved = self.permit.lock().unwrap_or_else(PoisonError::into_inner).take();
        match reserved {
            Some(permit) => Ok(permit),
            None => job.ready()?.engine.admit().map_err(|_| {
                job.app.metrics.throttled("inference");
                Failure::new(
                    THROTTLED,
                    "Every inference thread is busy; try again in a moment.",
                )
            }),
        }
    }
}

/// A photo that cannot be used is the client's matter, an engine that fails is ours.
fn refused(job: &Job, error: AnalysisError) -> Failure {
    match error {
        AnalysisError::Base64 => failure(FailureName::InvalidImage, error.to_string()),
        AnalysisError::Face(selfsame_face::Error::Image(error)) => {
            failure(FailureName::InvalidImage, error.to_string())
        }
        other => broken(job, &other),
    }
}

/// The same for a document.
fn unreadable(job: &Job, error: CardError) -> Failure {
    match error {
        CardError::Base64 => failure(FailureName::InvalidImage, error.to_string()),
        CardError::Document(DocumentError::Read(error)) if error.is_about_the_file() => {
            failure(FailureName::InvalidImage, format!("IdCard: {error}"))
        }
        CardError::Document(error) => broken(job, &error),
    }
}

fn measure(job: &Job, photo: &Photo) {
    let timings = &photo.analysis.timings;
    for (stage, duration) in [
        (Stage::Queue, photo.waited),
        (Stage::Decode, timings.decode),
        (Stage::Detect, timings.detect),
        (Stage::Align, timings.align),
        (Stage::Embed, timings.encode),
        (Stage::Attributes, timings.attributes),
    ] {
        job.app.metrics.stage(stage, duration);
    }
}
