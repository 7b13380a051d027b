//! `GET /executions/{arn}`: what one execution did.

use std::sync::Arc;

use axum::extract::rejection::{PathRejection, QueryRejection};
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use selfsame_workflow::definition::parse;
use serde::Deserialize;

use super::found::{self, Found, History};
use super::visitor::Visitor;
use super::{aside, page};
use crate::app::App;
use crate::error::Error;
use crate::executions_page::{Chart, Notice, Page, Trace, conditions};
use crate::workflow::view;

/// Events that are read at once.
const EVENTS: u32 = 500;

/// How the page is to be shown.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Options {
    /// `off`: without loading itself again.
    refresh: Option<String>,
}

/// Shows an execution: its states as a graph, and what went in and out.
pub(super) async fn show(
    State(app): State<Arc<App>>,
    _visitor: Visitor,
    arn: Result<Path<String>, PathRejection>,
    options: Result<Query<Options>, QueryRejection>,
) -> Result<Response, Error> {
    let Ok(Path(arn)) = arn else {
        return Ok(missing());
    };
    let Some(found) = found::find(&app, &arn).await? else {
        return Ok(missing());
    };
    let shown = read(&app, &found).await?;
    let options = options.map(|Query(options)| options).unwrap_or_default();
    let refresh = options.refresh.as_deref() != Some("off");
    let now = app.clock.now();
    aside(move || page(StatusCode::OK, &shown.page(&found, now, refresh))).await
}

fn missing() -> Response {
    let notice = Notice {
        title: "No such execution",
        text: "It never was, or it is forgotten. Express executions, as those of the portal, are remembered for a while \
               once they have ended; they are not written down.",
        link: true,
    };
    page(StatusCode::NOT_FOUND, &notice)
}

/// What there is to draw.
#[derive(Default)]
struct Shown {
    chart: Option<Chart>,
    trace: Trace,
}

/// Reads definition and history; piece by piece, because a history may be long.
async fn read(app: &App, found: &Found) -> Result<Shown, Error> {
    let definition = Arc::clone(&found.definition);
    let mut shown = aside(move || Shown {
        chart: chart(&definition),
        trace: Trace::default(),
    })
    .await?;
    match &found.history {
        History::Remembered(ended) => {
            let ended = Arc::clone(ended);
            shown = aside(move || {
                for event in &ended.events {
                    shown.trace.add(event, shown.chart.as_ref());
                }
                shown
            })
            .await?;
        }
        History::Stored(id) => {
            let mut from = 1;
            loop {
                let lines = app.store.execution_events(*id, from, EVENTS, false).await?;
                let read = lines.len();
                shown = aside(move || shown.with(&lines)).await?;
                if read < EVENTS as usize {
                    break;
                }
                from += read as u64;
            }
        }
    }
    Ok(shown)
}

/// A definition that is no longer valid has no picture.
fn chart(text: &str) -> Option<Chart> {
    let (machine, _) = parse(text, &());
    let conditions = conditions(&view(&serde_json::from_str(text).ok()?));
    Chart::new(&machine?, &conditions)
}

impl Shown {
    fn with(mut self, lines: &[String]) -> Self {
        for line in lines {
            match serde_json::from_str(line) {
                Ok(event) => self.trace.add(&event, self.chart.as_ref()),
                Err(error) => tracing::error!(%error, "an event of a history cannot be read"),
            }
        }
        self
    }

    fn page<'a>(&'a self, found: &'a Found, now: jiff::Timestamp, refresh: bool) -> Page<'a> {
        Page {
            arn: &found.arn,
            name: &found.name,
            machine: &found.machine,
            kind: if found.express { "Express" } else { "Standard" },
            status: found.status,
            started: found.started,
            stopped: found.stopped,
            now,
            input: &found.input,
            output: found.output.as_ref(),
            failure: found
                .failure
                .as_ref()
                .map(|(error, cause)| (error.as_str(), cause.as_str())),
            chart: self.chart.as_ref(),
            trace: &self.trace,
            refresh,
        }
    }
}
