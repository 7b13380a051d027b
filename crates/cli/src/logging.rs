//! Where log lines go: standard error, as text or JSON. What is logged is decided where it happens.

use std::io::IsTerminal as _;

use anyhow::Result;
use selfsame_server::config::{LogConfig, LogFormat};
use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt::{self, format::FmtSpan};

use crate::exit::Failure;

/// The variable that says what is logged.
const VARIABLE: &str = "SELFSAME_LOG";

/// For the server: what its configuration says, with times.
pub(crate) fn for_server(config: &LogConfig) -> Result<()> {
    let builder = fmt::fmt()
        .with_env_filter(filter(&config.filter)?)
        .with_span_events(FmtSpan::NONE)
        .with_ansi(is_colourful())
        .with_writer(std::io::stderr);
    match config.format {
        LogFormat::Json => builder.json().init(),
        _ => builder.init(),
    }
    Ok(())
}

/// For commands: warnings, or what the variable says, without times.
pub(crate) fn for_command() -> Result<()> {
    let text = std::env::var(VARIABLE).ok().filter(|text| !text.is_empty());
    fmt::fmt()
        .with_env_filter(filter(text.as_deref().unwrap_or("warn"))?)
        .with_ansi(is_colourful())
        .with_writer(std::io::stderr)
        .without_time()
        .with_target(false)
        .init();
    Ok(())
}

fn filter(text: &str) -> Result<EnvFilter> {
    EnvFilter::try_new(text).map_err(|error| {
        Failure::usage(format!("{text:?} does not say what to log"))
            .because(error)
            .hint("try `info`, or `selfsame_server=debug,info`")
            .into()
    })
}

/// On a terminal, unless <https://no-color.org> is asked for.
fn is_colourful() -> bool {
    std::io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty())
}
