//! What S3 needs of the configuration.

use std::sync::Arc;
use std::time::Duration;

use super::remote::Remote;
use crate::config::S3Config;

/// Limits, and where else objects are.
#[derive(Debug, Clone)]
pub(crate) struct Settings {
    /// The largest object.
    pub(super) object_bytes: u64,
    /// The longest pause between two pieces of an object on its way in.
    pub(super) patience: Duration,
    /// Where buckets are that are not here.
    pub(super) remote: Option<Arc<Remote>>,
}

impl Settings {
    pub(crate) fn new(config: &S3Config) -> Self {
        Self {
            object_bytes: config.object_bytes,
            patience: Duration::from_millis(config.pause_timeout_ms),
            remote: Remote::new(config).map(Arc::new),
        }
    }
}
