//! `selfsame keys revoke`.

use anyhow::Result;
use clap::Args;
use selfsame_store::Keys as _;
use selfsame_types::{Clock as _, SystemClock};
use serde_json::json;

use super::Data;
use crate::arguments::Global;
use crate::exit::Exit;

/// Arguments of `keys revoke`.
#[derive(Debug, Args)]
pub(crate) struct Revoke {
    /// The key's id, as `keys list` shows it.
    id: uuid::Uuid,
    #[command(flatten)]
    data: Data,
}

impl Revoke {
    pub(super) async fn run(self, global: &Global) -> Result<Exit> {
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
