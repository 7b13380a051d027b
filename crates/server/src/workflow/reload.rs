//! Reads the flows again when the operator says so (SIGHUP). Executions that run keep the definition they began with.

use std::sync::Arc;

use crate::app::App;

/// Waits for the signal, again and again.
#[cfg(unix)]
pub(crate) async fn reload_on_hangup(app: Arc<App>) {
    use tokio::signal::unix::{SignalKind, signal};
    let mut hangup = match signal(SignalKind::hangup()) {
        Ok(hangup) => hangup,
        Err(error) => {
            tracing::warn!(%error, "SIGHUP cannot be listened to: flows are read at the start only");
            return;
        }
    };
    while hangup.recv().await.is_some() {
        reload(&app);
    }
}

/// There is no such signal.
#[cfg(not(unix))]
pub(crate) async fn reload_on_hangup(_: Arc<App>) {}

#[cfg(unix)]
fn reload(app: &App) {
    match app.workflows.catalog.reload() {
        Ok(flows) => tracing::info!(flows, "the flows were read again"),
        Err(error) => tracing::error!(%error, "the flows stay as they were"),
    }
}
