//! Makes of a pack's roles and their parameters the parts of an analyzer.

use std::sync::Arc;

use selfsame_vision::pack::Resolved;
use selfsame_vision::{Engine, LoadOptions, Model};

use super::AnalyzerOptions;
use crate::Error;
use crate::calibration::Calibration;
use crate::dense_landmarks::DenseLandmarks;
use crate::detector::Detector;
use crate::embedder::Embedder;
use crate::parameters::{DetectorParameters, EmbedderParameters};

const DETECTOR: &str = "detector";
const EMBEDDER: &str = "embedder";
/// Its network adds to what the embedder says of a face, where a pack has it.
const SECOND_EMBEDDER: &str = "second-embedder";
const LANDMARKS: &str = "landmarks";

pub(super) struct Loader<'a> {
    pub(super) resolved: &'a Resolved,
    pub(super) engine: &'a Engine,
    pub(super) options: AnalyzerOptions,
}

impl Loader<'_> {
    pub(super) fn detector(&self) -> Result<Detector, Error> {
        let DetectorParameters { kind } = self.resolved.parameters(DETECTOR)?;
        Ok(Detector::new(self.model(DETECTOR)?, kind))
    }

    /// One network or two, and what the cosines of their templates stand for.
    pub(super) fn embedder(&self) -> Result<(Embedder, Calibration), Error> {
        let mut parameters: EmbedderParameters = self.resolved.parameters(EMBEDDER)?;
        if let Some(flip_average) = self.options.flip_average {
            parameters.flip_average = flip_average;
        }
        let calibration = self.calibration(&parameters)?;
        let mut networks = vec![(self.model(EMBEDDER)?, parameters)];
        if self.has(SECOND_EMBEDDER) {
            let second = self.model(SECOND_EMBEDDER)?;
            networks.push((second, self.resolved.parameters(SECOND_EMBEDDER)?));
        }
        let embedder =
            Embedder::new(networks).map_err(|reason| self.resolved.wrong_parameters(EMBEDDER, reason))?;
        Ok((embedder, calibration))
    }

    fn calibration(&self, embedder: &EmbedderParameters) -> Result<Calibration, Error> {
        let measured = if embedder.flip_average {
            &embedder.calibration.flip_averaged
        } else {
            &embedder.calibration.single
        };
        match measured.as_slice() {
            [] if self.options.uncalibrated => Ok(Calibration::unmeasured()),
            [] => Err(Error::Uncalibrated {
                pack: self.resolved.name.clone(),
            }),
            measured => Calibration::new(measured)
                .map_err(|error| self.resolved.wrong_parameters(EMBEDDER, error.to_string()).into()),
        }
    }

    /// The 68 landmarks; none where the pack has no network for them and nothing asks for them.
    pub(super) fn landmarks(&self, needed: bool) -> Result<Option<DenseLandmarks>, Error> {
        if !needed && !self.has(LANDMARKS) {
            return Ok(None);
        }
        let network = self.model(LANDMARKS)?;
        Ok(Some(DenseLandmarks::new(
            network,
            &self.resolved.parameters(LANDMARKS)?,
        )))
    }

    fn has(&self, role: &str) -> bool {
        self.resolved.roles.contains_key(role)
    }

    fn model(&self, role: &'static str) -> Result<Arc<dyn Model>, Error> {
        let options = LoadOptions {
            concurrency: self.options.concurrency,
        };
        Ok(self.engine.load(&self.resolved.role(role)?.path, options)?)
    }
}
