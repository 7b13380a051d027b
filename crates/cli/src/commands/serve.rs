//! `selfsame serve`: runs the server until it is told to stop.

use std::path::PathBuf;
use std::pin::pin;
use std::sync::Arc;

use anyhow::Result;
use clap::Args;
use selfsame_server::access::FirstKey;
use selfsame_server::config::{self, Config};
use selfsame_server::{Environment, Running, start, termination};

use super::keys::warn_of_orphans;
use crate::arguments::Global;
use crate::exit::{Exit, Failure};
use crate::inference::Downloads;
use crate::output::{settings, talk};
use crate::settings::Flags;
use crate::{client, logging};

/// Arguments of `serve`. A flag wins over the environment, the environment over the file, the file over the default.
#[derive(Debug, Args)]
pub(crate) struct Serve {
    /// A TOML file with settings, one table per section (`--print-config` shows them all).
    #[arg(long, value_name = "FILE", env = "SELFSAME_CONFIG", hide_env_values = true)]
    config: Option<PathBuf>,
    /// Print the settings that would be used, and end.
    #[arg(long)]
    print_config: bool,
    #[command(flatten)]
    flags: Flags,
}

impl Serve {
    pub(super) fn run(self, global: &Global) -> Result<Exit> {
        let config = self
            .flags
            .load(global, self.config.as_deref())
            .map_err(Self::explain)?;
        if self.print_config {
            let values = serde_json::to_value(&config)?;
            global
                .format
                .emit(&values, |out| write!(out, "{}", settings(&values)))?;
            return Ok(Exit::Success);
        }
        logging::for_server(&config.log)?;
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
        runtime.block_on(serve(config))?;
        Ok(Exit::Success)
    }

    /// Wrong settings are wrong usage; a file that cannot be read is not.
    fn explain(error: anyhow::Error) -> anyhow::Error {
        match error.downcast_ref::<config::Error>() {
            Some(config::Error::Read(_)) | None => error,
            Some(_) => Failure::usage("the settings are wrong")
                .because(error)
                .hint("`selfsame serve --help` lists them with their defaults")
                .into(),
        }
    }
}

async fn serve(config: Config) -> Result<()> {
    let environment = Environment {
        progress: Arc::new(Downloads::default()),
        ..Environment::default()
    };
    let insecure = config.access.insecure_no_auth;
    let mut running = start(config, environment).await?;
    greet(&running, insecure);
    let mut stop = pin!(termination());
    let stopped = tokio::select! {
        ready = running.ready() => {
            for warning in ready? {
                talk(format_args!("warning: {warning}"));
            }
            false
        }
        () = &mut stop => true,
    };
    if stopped {
        running.run_until(std::future::ready(())).await;
    } else {
        running.run_until(stop).await;
    }
    Ok(())
}

/// What an operator needs to know first.
fn greet(running: &Running, insecure: bool) {
    let address = running.address();
    talk(format_args!("listening on http://{address}"));
    talk(format_args!("documentation: http://{address}/docs"));
    warn_of_orphans(running.orphans());
    let variable = client::KEY_VARIABLE;
    match running.first_key() {
        FirstKey::Created(key) => {
            talk(format_args!("the administrator's API key, shown only this once:"));
            talk(format_args!("  {}", key.expose()));
            talk(format_args!(
                "hint: export {variable}={} for the other commands",
                key.expose()
            ));
        }
        FirstKey::Adopted => talk(format_args!("the key in {variable} is now the administrator's")),
        FirstKey::NotAmongThem => talk(format_args!(
            "warning: the key in {variable} is not one of this data directory's valid keys; `selfsame keys list` shows them"
        )),
        _ if insecure => talk(format_args!(
            "warning: no keys: every program on this machine may read and erase everything"
        )),
        _ => {}
    }
}
