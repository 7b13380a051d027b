//! What handlers share. No global state: two servers in one process know nothing of each other.

use std::num::NonZeroU32;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::Offset;
use selfsame_face::Calibration;
use selfsame_store::Repository;
use selfsame_types::{Clock, IdSource, Similarity};

use crate::access::{Access, RootSecret};
use crate::cards::CardKey;
use crate::config::{Config, QualityConfig};
use crate::engine::Engine;
use crate::error::{Code, Error};
use crate::gallery::Galleries;
use crate::http::body::Bodies;
use crate::metrics::{Gauges, Metrics};
use crate::workflow::workers::Clients;
use crate::workflow::{Catalog, Driver, FlowError, Known};

/// The server's state.
pub(crate) struct App {
    pub(crate) access: Access,
    pub(crate) store: Arc<dyn Repository>,
    /// What signatures are checked with and tokens are made from.
    pub(crate) root: RootSecret,
    pub(crate) bodies: Bodies,
    pub(crate) metrics: Metrics,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) ids: Arc<dyn IdSource>,
    pub(crate) settings: Settings,
    /// Runs state machines.
    pub(crate) workflows: Driver,
    /// Makes the requests of their tasks.
    pub(crate) clients: Clients,
    /// When it began.
    pub(crate) started: Timestamp,
    ready: OnceLock<Ready>,
}

/// What comes into being after the port is open: models and galleries.
pub(crate) struct Ready {
    pub(crate) engine: Engine,
    pub(crate) galleries: Arc<Galleries>,
}

/// What the flows need of the configuration.
#[derive(Debug, Clone)]
pub(crate) struct Settings {
    pub(crate) quality: QualityConfig,
    /// From here on a face is the user's.
    pub(crate) similarity: Similarity,
    duplicate_alarm_rate: f64,
    pub(crate) keep_images: bool,
    pub(crate) faces_per_user: NonZeroU32,
    pub(crate) flow_timeout: Duration,
    pub(crate) retry_after_seconds: u32,
    pub(crate) metrics_public: bool,
    /// The one region that requests may be signed for.
    pub(crate) region: Option<String>,
    /// The collection of the portal's flows.
    pub(crate) portal_collection: String,
    pub(crate) portal_url: Option<String>,
    /// The bucket that registrations may name objects of.
    pub(crate) upload_bucket: Option<String>,
    /// What identity documents are encrypted with; without it they are not kept.
    pub(crate) card_key: Option<CardKey>,
    pub(crate) cors_origins: Vec<String>,
    /// Of objects.
    pub(crate) s3: crate::s3::Settings,
}

impl Settings {
    pub(crate) fn new(config: &Config) -> Self {
        let faces = u32::try_from(config.limits.faces_per_user).unwrap_or(u32::MAX);
        Self {
            quality: config.quality.clone(),
            similarity: Similarity::new(config.matching.similarity),
            duplicate_alarm_rate: config.matching.duplicate_alarm_rate,
            keep_images: config.server.keep_images,
            faces_per_user: NonZeroU32::new(faces).unwrap_or(NonZeroU32::MIN),
            flow_timeout: Duration::from_millis(config.server.flow_timeout_ms),
            retry_after_seconds: config.inference.retry_after_seconds,
            metrics_public: config.access.metrics_public,
            region: config.aws.region.clone(),
            portal_collection: config.portal.collection.clone(),
            portal_url: config.portal.url.clone(),
            upload_bucket: config.portal.upload_bucket.clone(),
            // A key that is none was refused with the configuration.
            card_key: config
                .portal
                .card_key
                .as_ref()
                .and_then(|secret| CardKey::new(secret).ok()),
            cors_origins: config.server.cors_origins.clone(),
            s3: crate::s3::Settings::new(&config.s3),
        }
    }

    /// The cosine from which a face among `faces` counts as the same person: strangers must reach it so rarely that
    /// over the whole gallery the alarm rate is kept. Never looser than the 1:1 threshold, or a second registration
    /// of a verified face would pass.
    pub(crate) fn duplicate_cosine(&self, calibration: &Calibration, faces: usize) -> f32 {
        let per_comparison = self.duplicate_alarm_rate / faces.max(1) as f64;
        let loosest = self.similarity.log10_false_match_rate();
        calibration.cosine_at((per_comparison.log10() as f32).min(loosest))
    }
}

impl App {
    pub(crate) fn new(
        config: &Config,
        store: Arc<dyn Repository>,
        root: RootSecret,
        metrics: Metrics,
        clock: Arc<dyn Clock>,
        ids: Arc<dyn IdSource>,
    ) -> Result<Self, FlowError> {
        let catalog = Catalog::open(
            Arc::clone(&store),
            config.workflow.directory.clone(),
            Known::new(&config.workflow),
            clock.now(),
        )?;
        Ok(Self {
            workflows: Driver::new(catalog, &root, config.workflow.max_running),
            clients: Clients::new(&config.workflow),
            access: Access::new(Arc::clone(&store), config.access.insecure_no_auth),
            store,
            root,
            bodies: Bodies::new(
                config.limits.body_bytes,
                config.limits.body_memory_bytes,
                Duration::from_millis(config.server.body_timeout_ms),
            ),
            metrics,
            started: clock.now(),
            clock,
            ids,
            settings: Settings::new(config),
            ready: OnceLock::new(),
        })
    }

    /// From now on requests are served.
    pub(crate) fn set_ready(&self, ready: Ready) {
        // It is set once, by the task that loads the models.
        let _ = self.ready.set(ready);
    }

    /// Models and galleries, once they are there.
    pub(crate) fn ready(&self) -> Result<&Ready, Error> {
        self.ready
            .get()
            .ok_or_else(|| Error::new(Code::ServiceUnavailable).retry_after(1))
    }

    /// The date by which documents are judged: UTC's, which is wrong for half a day somewhere.
    pub(crate) fn today(&self) -> Date {
        Offset::UTC.to_datetime(self.clock.now()).date()
    }

    /// What the metrics page shows beside what was counted.
    pub(crate) fn gauges(&self) -> Gauges {
        let Some(ready) = self.ready.get() else {
            return Gauges::default();
        };
        let stats = ready.engine.stats();
        Gauges {
            queued: stats.queued,
            permits_in_use: stats.permits_in_use,
            permits: stats.permits,
            faces: ready.galleries.faces(),
            ready: true,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn calibration() -> Calibration {
        Calibration::new(&[
            (0.25, -2.0),
            (0.335, -3.0),
            (0.405, -4.0),
            (0.466, -5.0),
            (0.556, -6.0),
        ])
        .unwrap()
    }

    #[test]
    fn the_duplicate_threshold_grows_with_the_gallery() {
        let settings = Settings::new(&Config::default());
        let at = |faces| settings.duplicate_cosine(&calibration(), faces);
        // Up to a hundred faces the 1:1 threshold (1 in 10 000) is the stricter one.
        assert!((at(0) - 0.405).abs() < 1e-4);
        assert!((at(100) - 0.405).abs() < 1e-4);
        // 1 % over a thousand faces is 1 in 100 000 for each, over ten thousand 1 in a million.
        assert!((at(1_000) - 0.466).abs() < 1e-4);
        assert!((at(10_000) - 0.556).abs() < 1e-4);
        assert!(at(1_000_000) > 0.6);
    }

    /// The table in docs/SECURITY.md.
    #[test]
    fn the_documented_thresholds_are_those_that_are_used() {
        let settings = Settings::new(&Config::default());
        let calibration = calibration();
        for (faces, similarity) in [
            (100, 95.0),
            (1_000, 97.0),
            (10_000, 99.0),
            (100_000, 99.17),
            (1_000_000, 99.33),
            (20_000_000, 99.55),
        ] {
            let cosine = settings.duplicate_cosine(&calibration, faces);
            let found = calibration.similarity(cosine).value();
            assert!((found - similarity).abs() < 0.006, "{faces}: {found}");
            // Over the whole gallery the alarm rate is kept.
            let rate = 10f64.powf(f64::from(calibration.log10_false_match_rate(cosine)));
            assert!(rate * faces as f64 <= 0.0101, "{faces}: {rate}");
        }
        // Another policy, another threshold; never below 1:1.
        let mut config = Config::default();
        config.matching.duplicate_alarm_rate = 0.1;
        let looser = Settings::new(&config);
        let similarity = |faces| {
            calibration
                .similarity(looser.duplicate_cosine(&calibration, faces))
                .value()
        };
        assert!((similarity(1_000) - 95.0).abs() < 0.006);
        assert!((similarity(10_000) - 97.0).abs() < 0.006);
        assert!((similarity(1) - config.matching.similarity).abs() < 0.006);
    }
}
