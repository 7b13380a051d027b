//! Every setting of the server: one struct per section, a visible default each, checked before anything starts.
//! Reads no file and no environment by itself beyond what [`Config::load`] is given.

mod load;
mod quality;
mod s3;
mod validate;
mod workflow;

use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::secret::Secret;

pub use load::{Setting, settings};
pub use quality::QualityConfig;
pub use s3::S3Config;
pub use validate::MIN_KEY_CHARACTERS;
pub use workflow::WorkflowConfig;

/// Why the configuration cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The file cannot be read.
    #[error("the configuration file cannot be read")]
    Read(#[source] std::io::Error),
    /// The file is no TOML, or has a setting that does not exist.
    #[error("the configuration is not understood: {0}")]
    Parse(#[source] Box<toml::de::Error>),
    /// An environment variable has a value of the wrong kind.
    #[error("{variable} must be {expected}, not {value:?}")]
    Variable {
        /// The variable.
        variable: String,
        /// What kind of value it takes.
        expected: &'static str,
        /// What it holds.
        value: String,
    },
    /// A value that makes no sense, alone or together with another.
    #[error("{setting}: {problem}")]
    Invalid {
        /// The setting, as it is written in the file (`matching.similarity`).
        setting: &'static str,
        /// What is wrong and what to do.
        problem: String,
    },
}

/// All settings. In a file, each section is a TOML table; in the environment, `section.name` is
/// `SELFSAME_SECTION_NAME`, except for the short names that [`settings`] lists.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// Where it listens and stores, and how long it waits.
    pub server: ServerConfig,
    /// Who may call.
    pub access: AccessConfig,
    /// Which models, and where from.
    pub models: ModelsConfig,
    /// How much inference at once.
    pub inference: InferenceConfig,
    /// What is too large.
    pub limits: LimitsConfig,
    /// What a photo must be like.
    pub quality: QualityConfig,
    /// When two faces are one person.
    pub matching: MatchingConfig,
    /// The flows and where they keep their people.
    pub portal: PortalConfig,
    /// What AWS clients see.
    pub aws: AwsConfig,
    /// Objects: how large they may be, and where else they are.
    pub s3: S3Config,
    /// State machines.
    pub workflow: WorkflowConfig,
    /// What is written to the log.
    pub log: LogConfig,
}

/// Where the server listens and stores, and how long it waits.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ServerConfig {
    /// Address and port. The default is reachable from this machine only.
    pub listen: SocketAddr,
    /// The data directory: database, photos, gallery snapshot.
    pub data: PathBuf,
    /// Whether the photos of enrolled users are kept. Without them, templates of a future model cannot be made.
    pub keep_images: bool,
    /// The longest a flow may take before its status is `TIMED_OUT`; 30 s is what clients of the public sample
    /// are built for.
    pub flow_timeout_ms: u64,
    /// The longest a client may take to send the headers of a request, and to be idle between two requests.
    pub header_timeout_ms: u64,
    /// The longest a client may take to send a body.
    pub body_timeout_ms: u64,
    /// Open connections; further ones wait in the operating system's queue.
    pub connections: usize,
    /// How often the gallery is written to disk if it changed. Only the time of the next start depends on it.
    pub snapshot_interval_ms: u64,
    /// Web pages of these origins (`https://app.example.com`) may call from a browser; none by default. `*` stands
    /// for all.
    pub cors_origins: Vec<String>,
}

impl Default for ServerConfig {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 8080)),
            data: PathBuf::from("./selfsame-data"),
            keep_images: true,
            flow_timeout_ms: 30_000,
            header_timeout_ms: 10_000,
            body_timeout_ms: 20_000,
            connections: 1024,
            snapshot_interval_ms: 300_000,
            cors_origins: Vec::new(),
        }
    }
}

/// Who may call.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct AccessConfig {
    /// Everybody may do everything: for a first look, on a loopback address only.
    pub insecure_no_auth: bool,
    /// `/metrics` without a key, for scrapers inside a closed network.
    pub metrics_public: bool,
    /// The first administrator key of a new data directory. From the environment only, so that it is in no file
    /// that gets committed.
    #[serde(skip)]
    pub api_key: Option<Secret>,
}

/// Which models, and where from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ModelsConfig {
    /// Where model files live; the platform's cache directory if absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub directory: Option<PathBuf>,
    /// A directory or an `https:` address that is asked before the sources in the pack.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mirror: Option<String>,
    /// A directory with further pack manifests (`*.toml`), which win over the embedded ones of the same name; `packs` in the
    /// model directory if absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub packs: Option<PathBuf>,
    /// The model pack.
    pub pack: String,
    /// `auto` (onnxruntime where present, else built-in), `ort` or `rten`.
    pub engine: EngineChoice,
}

impl Default for ModelsConfig {
    fn default() -> Self {
        Self {
            directory: None,
            mirror: None,
            packs: None,
            pack: "standard".to_owned(),
            engine: EngineChoice::Auto,
        }
    }
}

/// Which inference engine runs.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum EngineChoice {
    /// onnxruntime where its library is present, else the built-in engine.
    #[default]
    Auto,
    /// onnxruntime, or no start.
    Ort,
    /// The built-in engine.
    Rten,
}

/// How much inference at once.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct InferenceConfig {
    /// Inference threads; 0 means one per physical core.
    pub threads: usize,
    /// Requests that may wait for a thread; further ones get 429. 0 means sixteen per thread: a second of work with the
    /// standard pack on one core, so that an accepted request never waits long.
    pub queue: usize,
    /// What a refused client is told to wait.
    pub retry_after_seconds: u32,
}

impl Default for InferenceConfig {
    fn default() -> Self {
        Self {
            threads: 0,
            queue: 0,
            retry_after_seconds: 1,
        }
    }
}

/// What is too large.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct LimitsConfig {
    /// A request body: an 11 MiB photo in base64, and properties.
    pub body_bytes: usize,
    /// All bodies being received or waiting at one time; further requests get 429.
    pub body_memory_bytes: usize,
    /// An encoded photo.
    pub image_bytes: usize,
    /// Largest PDF of an identity document; 0 refuses all. Its memory is not bounded otherwise: a hostile one unfolds to a thousand
    /// times its size.
    pub pdf_bytes: usize,
    /// Width × height of a photo: phones make 50 megapixels.
    pub image_pixels: u64,
    /// The longer side of a photo.
    pub image_side_px: u32,
    /// The shorter side of a photo must have at least this (the 80 px of Rekognition's documentation).
    pub image_min_side_px: u32,
    /// Photos are reduced to about this longer side before detection.
    pub decode_long_side_px: u32,
    /// Faces kept per user; an update beyond erases the oldest.
    pub faces_per_user: usize,
}

impl Default for LimitsConfig {
    fn default() -> Self {
        Self {
            body_bytes: 16 << 20,
            body_memory_bytes: 256 << 20,
            image_bytes: 15 << 20,
            pdf_bytes: 5 << 20,
            image_pixels: 50_000_000,
            image_side_px: 12_000,
            image_min_side_px: 80,
            decode_long_side_px: 1920,
            faces_per_user: 10,
        }
    }
}

/// When two faces are one person.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct MatchingConfig {
    /// Similarity from which a face is the user's (95 stands for a false match rate of 1 in 10 000).
    pub similarity: f32,
    /// How often the registration of a new person may be refused because a stranger in the gallery looks alike:
    /// the threshold of the duplicate check follows from it and from the number of faces.
    pub duplicate_alarm_rate: f64,
}

impl Default for MatchingConfig {
    fn default() -> Self {
        Self {
            similarity: 95.0,
            duplicate_alarm_rate: 0.01,
        }
    }
}

/// The flows and where they keep their people.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct PortalConfig {
    /// The collection of the flows. AWS clients see it beside their own; only administrators may write to it there.
    pub collection: String,
    /// Where clients reach this server (`https://faces.example.com`), as SSM `GetParameter` tells the public sample's
    /// test client. If absent, it is the `Host` that the client asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// The bucket from which registrations may take photos and documents by name (`Bucket` and `Name`, `IdCardName`,
    /// `ImageName`); if absent, from none. An object is erased when the registration that named it has ended.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub upload_bucket: Option<String>,
    /// What the pictures of identity documents are encrypted with: 32 bytes in base64. Without it, none is kept. From the
    /// environment only, so that it does not lie beside what it protects.
    #[serde(skip)]
    pub card_key: Option<Secret>,
}

impl Default for PortalConfig {
    fn default() -> Self {
        Self {
            collection: "selfsame-users".to_owned(),
            url: None,
            upload_bucket: None,
            card_key: None,
        }
    }
}

/// What AWS clients see.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct AwsConfig {
    /// The one region that requests may be signed for; any if absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub region: Option<String>,
}

/// What is written to the log (standard error).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct LogConfig {
    /// Directives of `tracing`: `info`, `selfsame_server=debug,info`.
    pub filter: String,
    /// `text` or `json`.
    pub format: LogFormat,
}

impl Default for LogConfig {
    fn default() -> Self {
        Self {
            filter: "info".to_owned(),
            format: LogFormat::Text,
        }
    }
}

/// The form of log lines.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum LogFormat {
    /// For people.
    #[default]
    Text,
    /// One JSON object per line, for collectors.
    Json,
}
