//! `selfsame keys list`.

use anyhow::Result;
use selfsame_server::access::Scopes;
use selfsame_store::{ApiKey, Keys as _};
use serde::Serialize;

use super::Data;
use crate::arguments::Global;
use crate::exit::Exit;
use crate::output::table;

/// A key as it is listed.
#[derive(Serialize)]
struct Listed {
    id: String,
    name: String,
    scope: String,
    access_key_id: Option<String>,
    collections: Vec<String>,
    buckets: Vec<String>,
    created: String,
    revoked: Option<String>,
}

impl From<ApiKey> for Listed {
    fn from(key: ApiKey) -> Self {
        Self {
            id: key.id.to_string(),
            name: key.name,
            // Keys of the first version have an old word for the portal.
            scope: Scopes::stored(&key.scope).to_string(),
            access_key_id: key.access_key_id,
            collections: key.collections,
            buckets: key.buckets,
            created: key.created.to_string(),
            revoked: key.revoked.map(|moment| moment.to_string()),
        }
    }
}

impl Listed {
    fn row(&self) -> Vec<String> {
        let limits: Vec<String> = [("collection", &self.collections), ("bucket", &self.buckets)]
            .iter()
            .flat_map(|(kind, names)| names.iter().map(move |name| format!("{kind} {name}")))
            .collect();
        let or_none = |text: String| if text.is_empty() { "-".to_owned() } else { text };
        let revoked = self.revoked.as_ref();
        vec![
            self.id.clone(),
            or_none(self.access_key_id.clone().unwrap_or_default()),
            or_none(self.scope.clone()),
            or_none(limits.join(", ")),
            self.created.clone(),
            revoked.map_or("valid".to_owned(), |moment| format!("revoked {moment}")),
            self.name.clone(),
        ]
    }
}

pub(super) async fn run(data: &Data, global: &Global) -> Result<Exit> {
    let keys = data.attach().await?.list_keys().await?;
    let listed: Vec<Listed> = keys.into_iter().map(Listed::from).collect();
    global.format.emit(&listed, |out| {
        let rows: Vec<Vec<String>> = listed.iter().map(Listed::row).collect();
        let titles = [
            "id",
            "access key id",
            "scope",
            "limits",
            "created",
            "state",
            "name",
        ];
        table(out, &titles, &rows)
    })?;
    Ok(Exit::Success)
}
