//! `selfsame keys`: the API keys of a data directory on this machine. Works beside a running server, which sees new
//! and revoked keys at once.

mod create;
mod list;
mod revoke;

use std::path::PathBuf;

use anyhow::Result;
use clap::{Args, Subcommand};
use selfsame_store::Sqlite;

use crate::arguments::Global;
use crate::exit::{Exit, Failure};
use crate::output::talk;

/// What can be done with keys.
#[derive(Debug, Subcommand)]
pub(crate) enum Keys {
    /// Make a key; it is shown once, on standard output, and cannot be shown again.
    Create(create::Create),
    /// List the keys, revoked ones too.
    List(Data),
    /// Make a key invalid; ends with 1 where there is no such valid key.
    Revoke(revoke::Revoke),
}

/// Whose keys.
#[derive(Debug, Args)]
pub(crate) struct Data {
    /// The server's data directory.
    #[arg(
        long,
        value_name = "DIR",
        env = "SELFSAME_DATA",
        hide_env_values = true,
        default_value = "./selfsame-data"
    )]
    data: PathBuf,
}

impl Data {
    /// Opens the directory of a server; never makes one, because a mistyped name would then look like success.
    async fn attach(&self) -> Result<Sqlite> {
        if !self.data.is_dir() {
            return Err(
                Failure::new(format!("there is no data directory {}", self.data.display()))
                    .hint(
                        "`selfsame serve` makes it at its first start; --data or SELFSAME_DATA names another",
                    )
                    .into(),
            );
        }
        Ok(Sqlite::attach(&self.data).await?)
    }
}

/// Says that access keys sign no more, if there are any: their secrets followed from a file that is lost.
pub(super) fn warn_of_orphans(count: usize) {
    if count > 0 {
        talk(format_args!(
            "warning: the file \"secret\" of the data directory was lost and has been made anew: {count} AWS access \
             key(s) of this directory can sign no more"
        ));
        talk(format_args!(
            "hint: stop the server and put the old file back, or revoke those keys and make new ones (`selfsame keys list`, \
             `selfsame keys create --aws`)"
        ));
    }
}

impl Keys {
    pub(super) fn run(self, global: &Global) -> Result<Exit> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()?;
        runtime.block_on(async {
            match self {
                Self::Create(create) => create.run(global).await,
                Self::List(data) => list::run(&data, global).await,
                Self::Revoke(revoke) => revoke.run(global).await,
            }
        })
    }
}
