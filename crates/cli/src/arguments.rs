//! The arguments that all commands share. What only one command takes stands in that command's file.

use std::path::PathBuf;

use clap::{Args, Parser, ValueEnum};

use crate::commands::Command;
use crate::exit::CODES;
use crate::output::Format;

/// Is this the selfsame person? Self-hosted face verification: register, log in, compare, measure.
#[derive(Debug, Parser)]
#[command(name = "selfsame", version, after_help = CODES, propagate_version = true, max_term_width = 110)]
pub(crate) struct Arguments {
    /// What to do.
    #[command(subcommand)]
    pub(crate) command: Command,
    /// What all commands share.
    #[command(flatten)]
    pub(crate) global: Global,
}

/// What all commands share.
#[derive(Debug, Clone, Args)]
pub(crate) struct Global {
    /// How data is written to standard output.
    #[arg(
        long,
        value_enum,
        global = true,
        default_value_t,
        help_heading = "Global options"
    )]
    pub(crate) format: Format,
    /// The model directory [default: the platform's cache directory].
    #[arg(
        long,
        global = true,
        value_name = "DIR",
        env = "SELFSAME_MODELS",
        hide_env_values = true,
        help_heading = "Global options"
    )]
    pub(crate) models: Option<PathBuf>,
    /// A directory or an address that is asked for model files first.
    #[arg(
        long,
        global = true,
        value_name = "DIR|URL",
        env = "SELFSAME_MODEL_MIRROR",
        hide_env_values = true,
        help_heading = "Global options"
    )]
    pub(crate) model_mirror: Option<String>,
    /// A directory of further packs, one TOML manifest each.
    #[arg(
        long,
        global = true,
        value_name = "DIR",
        env = "SELFSAME_MODELS_PACKS",
        hide_env_values = true,
        help_heading = "Global options"
    )]
    pub(crate) packs: Option<PathBuf>,
    /// The model pack: `standard`, `classic` or one of your own (see `selfsame models list`) [default: standard].
    #[arg(
        long,
        global = true,
        value_name = "NAME",
        env = "SELFSAME_MODELS_PACK",
        hide_env_values = true,
        help_heading = "Global options"
    )]
    pub(crate) pack: Option<String>,
    /// The inference engine [default: auto: onnxruntime where it is present, else the built-in one].
    #[arg(
        long,
        global = true,
        value_enum,
        env = "SELFSAME_MODELS_ENGINE",
        hide_env_values = true,
        help_heading = "Global options"
    )]
    pub(crate) engine: Option<EngineChoice>,
}

impl Global {
    /// The pack's name.
    pub(crate) fn pack(&self) -> &str {
        self.pack.as_deref().unwrap_or("standard")
    }
}

/// Which inference engine runs the models.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub(crate) enum EngineChoice {
    /// The best one that is present.
    #[default]
    Auto,
    /// onnxruntime, loaded from the model directory.
    Ort,
    /// The built-in engine.
    Rten,
}

impl std::fmt::Display for EngineChoice {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Auto => "auto",
            Self::Ort => "ort",
            Self::Rten => "rten",
        })
    }
}

/// `on` or `off`, where leaving it out means "as the pack says".
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Switch {
    /// Yes.
    On,
    /// No.
    Off,
}

impl Switch {
    /// `on` as true.
    pub(crate) const fn is_on(self) -> bool {
        matches!(self, Self::On)
    }
}

/// Which server a command talks to, and as whom.
#[derive(Debug, Clone, Args)]
pub(crate) struct ServerArguments {
    /// The server's address.
    #[arg(
        long,
        value_name = "URL",
        env = "SELFSAME_SERVER",
        hide_env_values = true,
        default_value = "http://127.0.0.1:8080"
    )]
    pub(crate) server: String,
    /// A file that holds the API key [default: the key in `SELFSAME_API_KEY`].
    #[arg(long, value_name = "FILE")]
    pub(crate) api_key_file: Option<PathBuf>,
}
