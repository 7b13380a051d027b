//! The server's settings as flags. The server knows its settings, their variables and defaults; here stands only how each
//! is called on the command line and what is said about it. A test keeps the two lists equal.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::Result;
use clap::{Arg, ArgMatches, Args, Command, FromArgMatches};
use selfsame_server::config::{Config, Setting, settings};

use crate::arguments::Global;

/// (setting, flag, what it is). Flags of the sections `server` and `access` go without the section's name.
#[rustfmt::skip]
const FLAGS: &[(&str, &str, &str)] = &[
    ("access.insecure_no_auth", "insecure-no-auth", "No keys: everybody may do everything. Only on a loopback address"),
    ("access.metrics_public", "metrics-public", "Answer /metrics without a key"),
    ("aws.region", "aws-region", "The one region that requests may be signed for; any if absent"),
    ("inference.queue", "inference-queue", "Requests that may wait for a thread before 429; 0: 16 per thread"),
    ("inference.retry_after_seconds", "inference-retry-after-seconds", "What a refused client is told to wait"),
    ("inference.threads", "inference-threads", "Inference threads; 0: one per physical core"),
    ("limits.body_bytes", "limits-body-bytes", "Largest request body"),
    ("limits.body_memory_bytes", "limits-body-memory-bytes", "All bodies at one time; further requests get 429"),
    ("limits.decode_long_side_px", "limits-decode-long-side-px", "Photos are reduced to about this longer side"),
    ("limits.faces_per_user", "limits-faces-per-user", "Faces kept per user; an update beyond erases the oldest"),
    ("limits.image_bytes", "limits-image-bytes", "Largest encoded photo"),
    ("limits.image_min_side_px", "limits-image-min-side-px", "Least shorter side of a photo"),
    ("limits.image_pixels", "limits-image-pixels", "Largest width × height of a photo"),
    ("limits.image_side_px", "limits-image-side-px", "Largest longer side of a photo"),
    ("limits.pdf_bytes", "limits-pdf-bytes", "Largest PDF of an identity document; 0 refuses all"),
    ("log.filter", "log", "What is logged: `info`, `selfsame_server=debug,info`"),
    ("log.format", "log-format", "The form of log lines: `text` or `json`"),
    ("matching.duplicate_alarm_rate", "matching-duplicate-alarm-rate", "How often a stranger may be taken for a duplicate"),
    ("matching.similarity", "matching-similarity", "Similarity from which a face is the user's"),
    ("portal.collection", "portal-collection", "The collection of the flows"),
    ("portal.upload_bucket", "portal-upload-bucket", "The bucket from which registrations may take pictures by name; none if absent"),
    ("portal.url", "portal-url", "Where clients reach this server; the Host that they asked if absent"),
    ("quality.max_angle_degrees", "quality-max-angle-degrees", "Pitch, roll and yaw stay below"),
    ("quality.max_brightness", "quality-max-brightness", "Greatest brightness of the face, 0–100"),
    ("quality.max_closed_eyes", "quality-max-closed-eyes", "How sure closed eyes may be, in percent; 100 lets all pass"),
    ("quality.max_covered", "quality-max-covered", "How sure a covered face may be, in percent; 100 lets all pass"),
    ("quality.max_cut_off", "quality-max-cut-off", "Percent of the face that may lie outside of the photo"),
    ("quality.max_sunglasses", "quality-max-sunglasses", "How sure sunglasses may be, in percent; 100 lets all pass"),
    ("quality.min_brightness", "quality-min-brightness", "Least brightness of the face, 0–100"),
    ("quality.min_confidence", "quality-min-confidence", "A detection counts as a face above this confidence, 0–100"),
    ("quality.min_face_px", "quality-min-face-px", "Least side of the face's box, in pixels of a photo of 1920"),
    ("quality.min_sharpness", "quality-min-sharpness", "Least sharpness of the face, 0–100"),
    ("s3.access_key_id", "s3-access-key-id", "The key for the other S3 server; its secret: SELFSAME_S3_SECRET_ACCESS_KEY"),
    ("s3.allow_http", "s3-allow-http", "Whether the other S3 server may be asked without TLS"),
    ("s3.endpoint", "s3-endpoint", "Another S3 server, for photos in buckets that are not here"),
    ("s3.object_bytes", "s3-object-bytes", "Largest object"),
    ("s3.pause_timeout_ms", "s3-pause-timeout-ms", "The longest pause in an object that a client sends"),
    ("s3.region", "s3-region", "The other S3 server's region"),
    ("server.body_timeout_ms", "body-timeout-ms", "The longest a client may take to send a body"),
    ("server.connections", "connections", "Open connections; further ones wait"),
    ("server.cors_origins", "cors-origins", "Web pages of these origins may call; commas between them"),
    ("server.data", "data", "The data directory: database, photos, gallery"),
    ("server.flow_timeout_ms", "flow-timeout-ms", "The longest a flow may take"),
    ("server.header_timeout_ms", "header-timeout-ms", "The longest a client may take for headers, and be idle"),
    ("server.keep_images", "keep-images", "Whether the photos of enrolled users are kept"),
    ("server.listen", "listen", "Address and port; port 0 takes a free one"),
    ("server.snapshot_interval_ms", "snapshot-interval-ms", "How often the gallery is written to disk"),
    ("workflow.directory", "workflow-directory", "State machines of your own; `register.asl.json` replaces ours"),
    ("workflow.functions", "workflow-functions", "What definitions call as functions: NAME=ADDRESS; commas between them"),
    ("workflow.http_allow", "workflow-http-allow", "Addresses that tasks may call, or their beginnings; commas between them"),
    ("workflow.keep_days", "workflow-keep-days", "How long executions that are over can be looked at"),
    ("workflow.max_running", "workflow-max-running", "Executions that may run at one time, waiting ones too"),
    ("workflow.webhook_url", "workflow-webhook-url", "Who is told of late failures; signed with SELFSAME_WORKFLOW_WEBHOOK_SECRET"),
];

/// What was given on the command line, by the name of the variable that it overrides.
#[derive(Debug, Clone, Default)]
pub(crate) struct Flags(BTreeMap<String, String>);

impl Flags {
    /// Flag over environment over file over default; checked.
    pub(crate) fn load(&self, global: &Global, file: Option<&Path>) -> Result<Config> {
        let mut given = self.0.clone();
        for setting in settings() {
            if let Some(value) = of_global(global, &setting.path) {
                given.insert(setting.variable, value);
            }
        }
        let config = Config::load(file, |name| {
            given.get(name).cloned().or_else(|| std::env::var(name).ok())
        })?;
        config.validate()?;
        Ok(config)
    }
}

fn of_global(global: &Global, path: &str) -> Option<String> {
    match path {
        "models.directory" => global.models.as_ref().map(|path| path.display().to_string()),
        "models.mirror" => global.model_mirror.clone(),
        "models.packs" => global.packs.as_ref().map(|path| path.display().to_string()),
        "models.pack" => global.pack.clone(),
        "models.engine" => global.engine.map(|engine| engine.to_string()),
        _ => None,
    }
}

/// The settings that have a flag of their own here.
fn own() -> impl Iterator<Item = (Setting, &'static str, &'static str, &'static str)> {
    settings().into_iter().filter_map(|setting| {
        let (path, flag, help) = FLAGS.iter().find(|(path, _, _)| *path == setting.path)?;
        Some((setting, *path, *flag, *help))
    })
}

impl Args for Flags {
    fn augment_args(command: Command) -> Command {
        own().fold(command, |command, (setting, path, flag, help)| {
            let default = setting
                .default
                .as_ref()
                .map(|value| format!(" [default: {}]", plain(value)));
            let help = format!(
                "{help}{} [env: {}]",
                default.unwrap_or_default(),
                setting.variable
            );
            let argument = Arg::new(path).long(flag).help(help).help_heading("Settings");
            command.arg(match setting.default {
                // `--keep-images` alone means yes, `--keep-images=false` is the other way.
                Some(toml::Value::Boolean(_)) => argument
                    .value_name("true|false")
                    .num_args(0..=1)
                    .require_equals(true)
                    .default_missing_value("true"),
                _ => argument.value_name("VALUE"),
            })
        })
    }

    fn augment_args_for_update(command: Command) -> Command {
        Self::augment_args(command)
    }
}

impl FromArgMatches for Flags {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
        let given = own().filter_map(|(setting, path, _, _)| {
            let value = matches.get_one::<String>(path)?;
            Some((setting.variable, value.clone()))
        });
        Ok(Self(given.collect()))
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        *self = Self::from_arg_matches(matches)?;
        Ok(())
    }
}

fn plain(value: &toml::Value) -> String {
    value
        .as_str()
        .map_or_else(|| serde_json::to_string(value).unwrap_or_default(), str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Settings that every command has as a global option.
    const GLOBAL: [&str; 5] = [
        "models.directory",
        "models.mirror",
        "models.packs",
        "models.pack",
        "models.engine",
    ];

    #[test]
    fn every_setting_has_a_flag_and_every_flag_a_setting() {
        let mut flags: Vec<&str> = FLAGS.iter().map(|(path, _, _)| *path).chain(GLOBAL).collect();
        flags.sort_unstable();
        let settings = settings();
        let mut known: Vec<&str> = settings.iter().map(|setting| setting.path.as_str()).collect();
        known.sort_unstable();
        assert_eq!(flags, known);
    }
}
