//! The work that flows are made of, each step once. Steps measure themselves and keep the flow's deadline; what to do
//! with their results is the flow's business.

use std::future::Future;
use std::sync::Arc;
use std::time::Instant;

use selfsame_store::{NewFace, NewUser, Picture, Properties, RegisterOutcome, UpdateOutcome, UpdateUser};
use selfsame_types::{FaceId, ImageId, Similarity, UserId};
use selfsame_vision::pool::Permit;
use serde_json::Value;

use super::quality::{self, Checked};
use super::{Failure, FailureName, Stop};
use crate::app::{App, Ready};
use crate::engine::{AnalysisError, Photo};
use crate::error::Error;
use crate::gallery::{Gallery, Searched};
use crate::metrics::Stage;

/// The tasks of one execution.
pub(super) struct Tasks<'a> {
    app: &'a Arc<App>,
    ready: &'a Ready,
    gallery: Arc<Gallery>,
    permit: Option<Permit>,
    deadline: tokio::time::Instant,
}

/// A face that passed the quality check.
pub(super) struct Probe {
    checked: Checked,
    bytes: Vec<u8>,
}

impl Probe {
    /// For the client: how good the photo is.
    pub(super) const fn quality(&self) -> &Value {
        &self.checked.quality
    }
}

impl<'a> Tasks<'a> {
    pub(super) fn new(app: &'a Arc<App>, ready: &'a Ready, gallery: Arc<Gallery>, permit: Permit) -> Self {
        Self {
            app,
            ready,
            gallery,
            permit: Some(permit),
            deadline: tokio::time::Instant::now() + app.settings.flow_timeout,
        }
    }

    /// Whether a user id is taken.
    pub(super) async fn exists(&self, user: &UserId) -> Result<bool, Stop> {
        self.in_time(Stage::Store, self.gallery.exists(user)).await
    }

    /// Decodes the photo, finds the one face and checks its quality.
    pub(super) async fn inspect(&mut self, image: String) -> Result<Probe, Stop> {
        let Some(permit) = self.permit.take() else {
            return Err(Stop::Broken(Error::internal(Exhausted)));
        };
        let analysis = self.ready.engine.analyze(permit, image);
        let photo = match tokio::time::timeout_at(self.deadline, analysis).await {
            Err(_) => return Err(Stop::TimedOut),
            Ok(Err(error)) => return Err(refused(error)),
            Ok(Ok(photo)) => photo,
        };
        self.measure(&photo);
        let checked = quality::check(&photo.analysis, &self.app.settings.quality)?;
        Ok(Probe {
            checked,
            bytes: photo.bytes,
        })
    }

    /// The similarity to the most alike of a user's faces, and how many they have. A user who does not exist has none:
    /// the work, and the answer that follows, are the same.
    pub(super) async fn compare(&self, probe: &Probe, user: &UserId) -> Result<(Similarity, usize), Stop> {
        let templates = self
            .in_time(Stage::Store, self.gallery.templates_of(user))
            .await?;
        let analyzer = self.ready.engine.analyzer();
        let best = templates
            .iter()
            .filter_map(|(_, template)| analyzer.similarity(&probe.checked.template, template))
            .fold(Similarity::MIN, |best, one| if one > best { one } else { best });
        Ok((best, templates.len()))
    }

    /// Whether a similarity is enough.
    pub(super) fn is_match(&self, similarity: Similarity) -> bool {
        similarity >= self.app.settings.similarity
    }

    /// Looks for the face among everybody's but `own`'s.
    pub(super) async fn search(
        &self,
        probe: &Probe,
        own: Option<&UserId>,
        own_faces: usize,
    ) -> Result<Searched, Stop> {
        let calibration = self.ready.engine.analyzer().calibration();
        self.in_time(Stage::Search, async {
            let faces = self.gallery.faces().await?;
            let min_cosine = self.app.settings.duplicate_cosine(calibration, faces);
            let template = &probe.checked.template;
            self.gallery.search(template, min_cosine, own, own_faces).await
        })
        .await
    }

    /// Stores a new user with everything, or nothing. Not interrupted by the deadline: once it has begun, its outcome
    /// is the flow's.
    pub(super) async fn register(
        &self,
        user: UserId,
        properties: Properties,
        probe: Probe,
        searched: &Searched,
    ) -> Result<(RegisterOutcome, ImageId), Stop> {
        self.check_deadline()?;
        let begun = Instant::now();
        let (face, image) = self.new_face(probe);
        let new = NewUser {
            user,
            properties,
            face,
            now: self.app.clock.now(),
        };
        let outcome = self.gallery.register(new, searched.policy).await?;
        self.app.metrics.stage(Stage::Store, begun.elapsed());
        Ok((outcome, image))
    }

    /// Adds a face to a user. Not interrupted by the deadline either.
    pub(super) async fn update(
        &self,
        user: UserId,
        properties: Option<Properties>,
        probe: Probe,
        searched: &Searched,
    ) -> Result<(UpdateOutcome, ImageId), Stop> {
        self.check_deadline()?;
        let begun = Instant::now();
        let (face, image) = self.new_face(probe);
        let update = UpdateUser {
            user,
            properties,
            face,
            max_faces: self.app.settings.faces_per_user,
            now: self.app.clock.now(),
        };
        let outcome = self.gallery.update(update, searched.policy).await?;
        self.app.metrics.stage(Stage::Store, begun.elapsed());
        Ok((outcome, image))
    }

    fn new_face(&self, probe: Probe) -> (NewFace, ImageId) {
        let image = ImageId::new(self.app.ids.uuid());
        let picture = self.app.settings.keep_images.then(|| Picture {
            content_type: media_type(&probe.bytes).to_owned(),
            bytes: probe.bytes,
        });
        let face = NewFace {
            id: FaceId::new(self.app.ids.uuid()),
            image,
            template: probe.checked.template,
            picture,
            metadata: probe.checked.metadata,
        };
        (face, image)
    }

    fn measure(&self, photo: &Photo) {
        let timings = &photo.analysis.timings;
        for (stage, duration) in [
            (Stage::Queue, photo.waited),
            (Stage::Decode, timings.decode),
            (Stage::Detect, timings.detect),
            (Stage::Align, timings.align),
            (Stage::Embed, timings.encode),
        ] {
            self.app.metrics.stage(stage, duration);
        }
    }

    fn check_deadline(&self) -> Result<(), Stop> {
        if tokio::time::Instant::now() < self.deadline {
            Ok(())
        } else {
            Err(Stop::TimedOut)
        }
    }

    async fn in_time<T>(
        &self,
        stage: Stage,
        work: impl Future<Output = Result<T, crate::gallery::Error>>,
    ) -> Result<T, Stop> {
        let begun = Instant::now();
        let result = tokio::time::timeout_at(self.deadline, work)
            .await
            .map_err(|_| Stop::TimedOut)?;
        self.app.metrics.stage(stage, begun.elapsed());
        Ok(result?)
    }
}

/// A flow that inspects two photos needs two permits.
#[derive(Debug, thiserror::Error)]
#[error("the execution has used its inference permit already")]
struct Exhausted;

/// A photo that cannot be used is the client's matter, an engine that fails is ours.
fn refused(error: AnalysisError) -> Stop {
    match error {
        AnalysisError::Base64 => Failure::new(FailureName::InvalidImage, error.to_string()).into(),
        AnalysisError::Face(selfsame_face::Error::Image(error)) => {
            Failure::new(FailureName::InvalidImage, error.to_string()).into()
        }
        other => Stop::Broken(Error::internal(other)),
    }
}

/// Of a file that was decoded, so it is one of three.
fn media_type(bytes: &[u8]) -> &'static str {
    match bytes {
        [0xFF, 0xD8, ..] => "image/jpeg",
        [0x89, b'P', ..] => "image/png",
        _ => "image/webp",
    }
}
