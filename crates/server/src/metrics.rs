//! What operators see at `/metrics`, in the form that Prometheus reads. One recorder per server, not per process, so
//! that two servers in one process (tests) do not mix. Never labels anything with an id: labels are from closed sets.

use std::time::Duration;

use metrics::{Key, KeyName, Label, Level, Metadata, Recorder, Unit};
use metrics_exporter_prometheus::{
    BuildError, Matcher, PrometheusBuilder, PrometheusHandle, PrometheusRecorder,
};

/// Latency of a stage of a flow.
const STAGE: &str = "selfsame_stage_duration_seconds";
/// Latency of a request.
const HTTP: &str = "selfsame_http_request_duration_seconds";
/// How flows ended.
const DECISIONS: &str = "selfsame_flow_decisions_total";
/// Refused because of capacity.
const THROTTLED: &str = "selfsame_throttled_total";

/// Upper bounds in seconds: a stage takes 0.1 ms (store) to 100 ms (detection), a waiting flow up to 30 s.
const BUCKETS: [f64; 16] = [
    0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 20.0, 30.0,
];

static METADATA: Metadata<'static> = Metadata::new(module_path!(), Level::INFO, Some(module_path!()));

/// A stage of a flow.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stage {
    /// Waiting for an inference thread.
    Queue,
    /// Bytes to pixels.
    Decode,
    /// Pixels to faces.
    Detect,
    /// Face to chip.
    Align,
    /// Chip to template.
    Embed,
    /// Face to attributes.
    Attributes,
    /// Template to candidates.
    Search,
    /// The transaction.
    Store,
    /// The whole flow.
    Total,
}

impl Stage {
    const fn label(self) -> &'static str {
        match self {
            Self::Queue => "queue",
            Self::Decode => "decode",
            Self::Detect => "detect",
            Self::Align => "align",
            Self::Embed => "embed",
            Self::Attributes => "attributes",
            Self::Search => "search",
            Self::Store => "store",
            Self::Total => "total",
        }
    }
}

/// Numbers that are read when somebody asks.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Gauges {
    /// Requests waiting for an inference thread.
    pub(crate) queued: usize,
    /// Inference permits in use.
    pub(crate) permits_in_use: usize,
    /// Inference permits.
    pub(crate) permits: usize,
    /// Enrolled faces of all collections.
    pub(crate) faces: u64,
    /// Whether the server is ready.
    pub(crate) ready: bool,
}

/// The recorder.
#[derive(Debug)]
pub(crate) struct Metrics {
    recorder: PrometheusRecorder,
    handle: PrometheusHandle,
}

impl Metrics {
    /// Describes everything and starts counting.
    pub(crate) fn new() -> Result<Self, BuildError> {
        let recorder = PrometheusBuilder::new()
            .set_buckets_for_metric(Matcher::Suffix("_seconds".to_owned()), &BUCKETS)?
            .build_recorder();
        for (name, text) in [
            (STAGE, "Latency of a stage of a flow."),
            (HTTP, "Latency of a request."),
        ] {
            recorder.describe_histogram(KeyName::from_const_str(name), Some(Unit::Seconds), text.into());
        }
        for (name, text) in [
            (DECISIONS, "How flows ended."),
            (THROTTLED, "Requests refused because of capacity."),
        ] {
            recorder.describe_counter(KeyName::from_const_str(name), None, text.into());
        }
        let handle = recorder.handle();
        Ok(Self { recorder, handle })
    }

    /// A stage took so long.
    pub(crate) fn stage(&self, stage: Stage, duration: Duration) {
        let labels = vec![Label::from_static_parts("stage", stage.label())];
        self.histogram(STAGE, labels, duration);
    }

    /// A request was answered.
    pub(crate) fn request(&self, route: &str, status: u16, duration: Duration) {
        let labels = vec![
            Label::new("route", route.to_owned()),
            Label::new("status", status.to_string()),
        ];
        self.histogram(HTTP, labels, duration);
    }

    /// A flow ended.
    pub(crate) fn decision(&self, flow: &str, outcome: &'static str) {
        let labels = vec![
            Label::new("flow", flow.to_owned()),
            Label::from_static_parts("outcome", outcome),
        ];
        let key = Key::from_parts(DECISIONS, labels);
        self.recorder.register_counter(&key, &METADATA).increment(1);
    }

    /// A request was refused for lack of `what`.
    pub(crate) fn throttled(&self, what: &'static str) {
        let key = Key::from_parts(THROTTLED, vec![Label::from_static_parts("resource", what)]);
        self.recorder.register_counter(&key, &METADATA).increment(1);
    }

    /// Moves recorded values into their buckets; without it, memory would grow between two scrapes.
    pub(crate) fn run_upkeep(&self) {
        self.handle.run_upkeep();
    }

    /// The page.
    pub(crate) fn render(&self, gauges: Gauges) -> String {
        for (name, value) in [
            ("selfsame_inference_queued", gauges.queued as u64),
            ("selfsame_inference_permits_in_use", gauges.permits_in_use as u64),
            ("selfsame_inference_permits", gauges.permits as u64),
            ("selfsame_faces", gauges.faces),
            ("selfsame_ready", u64::from(gauges.ready)),
        ] {
            let gauge = self
                .recorder
                .register_gauge(&Key::from_static_name(name), &METADATA);
            gauge.set(value as f64);
        }
        self.handle.run_upkeep();
        self.handle.render()
    }

    fn histogram(&self, name: &'static str, labels: Vec<Label>, duration: Duration) {
        let key = Key::from_parts(name, labels);
        self.recorder
            .register_histogram(&key, &METADATA)
            .record(duration.as_secs_f64());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_has_what_was_recorded() {
        let metrics = Metrics::new().unwrap();
        metrics.stage(Stage::Detect, Duration::from_millis(30));
        metrics.request("/register", 200, Duration::from_millis(70));
        metrics.decision("Register", "Registered");
        metrics.throttled("inference");
        let page = metrics.render(Gauges {
            faces: 7,
            ready: true,
            ..Gauges::default()
        });
        for line in [
            "selfsame_stage_duration_seconds_bucket{stage=\"detect\",le=\"0.025\"} 0",
            "selfsame_stage_duration_seconds_bucket{stage=\"detect\",le=\"0.05\"} 1",
            "selfsame_http_request_duration_seconds_count{route=\"/register\",status=\"200\"} 1",
            "selfsame_flow_decisions_total{flow=\"Register\",outcome=\"Registered\"} 1",
            "selfsame_throttled_total{resource=\"inference\"} 1",
            "selfsame_faces 7",
            "selfsame_ready 1",
        ] {
            assert!(page.contains(line), "{line}\n{page}");
        }
    }
}
