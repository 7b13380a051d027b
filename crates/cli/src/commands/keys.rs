//! `selfsame keys`: the API keys of a data directory on this machine. Works beside a running server, which sees new
//! and revoked keys at once.

use std::path::PathBuf;

use anyhow::Result;
use clap::{Args, Subcommand, ValueEnum};
use selfsame_server::access::{Scope, mint};
use selfsame_store::{ApiKey, Keys as _, Sqlite};
use selfsame_types::{Clock as _, SystemClock, SystemIds};
use serde::Serialize;
use serde_json::json;

use crate::arguments::Global;
use crate::exit::{Exit, Failure};
use crate::output::{table, talk};

/// What can be done with keys.
#[derive(Debug, Subcommand)]
pub(crate) enum Keys {
    /// Make a key; it is shown once, on standard output, and stored as a hash only.
    Create(Create),
    /// List the keys, revoked ones too.
    List(Data),
    /// Make a key invalid; ends with 1 where there is no such valid key.
    Revoke(Revoke),
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

/// Arguments of `keys create`.
#[derive(Debug, Args)]
pub(crate) struct Create {
    /// What the key is for, in your words.
    name: String,
    /// What it may do.
    #[arg(long, value_enum, default_value_t)]
    scope: ScopeArgument,
    #[command(flatten)]
    data: Data,
}

/// Arguments of `keys revoke`.
#[derive(Debug, Args)]
pub(crate) struct Revoke {
    /// The key's id, as `keys list` shows it.
    id: uuid::Uuid,
    #[command(flatten)]
    data: Data,
}

#[derive(Debug, Clone, Copy, Default, ValueEnum)]
enum ScopeArgument {
    /// The flows: register, authenticate, update, check a user id.
    #[default]
    App,
    /// Everything: also read and erase users, and see metrics.
    Admin,
}

impl From<ScopeArgument> for Scope {
    fn from(scope: ScopeArgument) -> Self {
        match scope {
            ScopeArgument::App => Self::Portal,
            ScopeArgument::Admin => Self::Admin,
        }
    }
}

/// A key as it is listed.
#[derive(Serialize)]
struct Listed {
    id: String,
    name: String,
    scope: String,
    created: String,
    revoked: Option<String>,
}

impl From<&ApiKey> for Listed {
    fn from(key: &ApiKey) -> Self {
        Self {
            id: key.id.to_string(),
            name: key.name.clone(),
            scope: key.scope.clone(),
            created: key.created.to_string(),
            revoked: key.revoked.map(|moment| moment.to_string()),
        }
    }
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

impl Keys {
    pub(super) fn run(self, global: &Global) -> Result<Exit> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()?;
        runtime.block_on(async {
            match self {
                Self::Create(create) => create.run(global).await,
                Self::List(data) => list(&data, global).await,
                Self::Revoke(revoke) => revoke.run(global).await,
            }
        })
    }
}

impl Create {
    async fn run(self, global: &Global) -> Result<Exit> {
        let store = self.data.attach().await?;
        let (secret, row) = mint(
            &self.name,
            &Scope::from(self.scope).into(),
            &SystemClock,
            &SystemIds,
        );
        store.create_key(&row).await?;
        talk(format_args!(
            "this key is shown once; keep it as you keep a password"
        ));
        let answer =
            json!({ "id": row.id.to_string(), "name": row.name, "scope": row.scope, "key": secret.expose() });
        global
            .format
            .emit(&answer, |out| writeln!(out, "{}", secret.expose()))?;
        Ok(Exit::Success)
    }
}

impl Revoke {
    async fn run(self, global: &Global) -> Result<Exit> {
        let store = self.data.attach().await?;
        let revoked = store.revoke_key(self.id, SystemClock.now()).await?;
        let answer = json!({ "id": self.id.to_string(), "revoked": revoked });
        global.format.emit(&answer, |out| {
            if revoked {
                writeln!(out, "revoked {}", self.id)
            } else {
                writeln!(out, "no valid key {}", self.id)
            }
        })?;
        Ok(Exit::from_match(revoked))
    }
}

async fn list(data: &Data, global: &Global) -> Result<Exit> {
    let keys = data.attach().await?.list_keys().await?;
    let listed: Vec<Listed> = keys.iter().map(Listed::from).collect();
    global.format.emit(&listed, |out| {
        let rows: Vec<Vec<String>> = listed
            .iter()
            .map(|key| {
                let state = key
                    .revoked
                    .as_ref()
                    .map_or("valid".to_owned(), |moment| format!("revoked {moment}"));
                vec![
                    key.id.clone(),
                    key.scope.clone(),
                    key.created.clone(),
                    state,
                    key.name.clone(),
                ]
            })
            .collect();
        table(out, &["id", "scope", "created", "state", "name"], &rows)
    })?;
    Ok(Exit::Success)
}
