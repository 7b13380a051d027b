//! `selfsame keys create`.

use anyhow::Result;
use clap::{Args, ValueEnum};
use selfsame_server::access::{Grant, Limits, RootSecret, Scope, mint, mint_aws};
use selfsame_store::{ApiKey, Keys as _, Sqlite};
use selfsame_types::{CollectionId, InvalidId, SystemClock, SystemIds};
use serde_json::{Value, json};

use super::{Data, warn_of_orphans};
use crate::arguments::Global;
use crate::exit::{Exit, Failure};
use crate::output::talk;

/// What a key for AWS clients is called where nobody says what it is for.
const AWS_NAME: &str = "aws";

/// Arguments of `keys create`.
#[derive(Debug, Args)]
pub(crate) struct Create {
    /// What the key is for, in your words; with --aws it may be left out.
    #[arg(required_unless_present = "aws")]
    name: Option<String>,
    /// Make an access key for AWS clients (boto3, the AWS CLI, the SDKs): an id and a secret with which they sign.
    #[arg(long)]
    aws: bool,
    /// What it may do; may be repeated [default: portal; with --aws: gallery-write and portal].
    #[arg(long, value_enum)]
    scope: Vec<ScopeArgument>,
    /// The only collection that it may touch; may be repeated. A key with limits has no others, and no buckets but
    /// those that are named.
    #[arg(long, value_name = "NAME", value_parser = collection)]
    collection: Vec<String>,
    /// The only bucket that it may touch; may be repeated. A key with limits has no others, and no collections but
    /// those that are named.
    #[arg(long, value_name = "NAME", value_parser = bucket)]
    bucket: Vec<String>,
    #[command(flatten)]
    data: Data,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum ScopeArgument {
    /// The portal's flows: register, authenticate, update, check a user id.
    #[value(alias = "app")]
    Portal,
    /// Compare and search faces, list and read what collections and buckets hold.
    GalleryRead,
    /// The same, and change collections and buckets.
    GalleryWrite,
    /// Start, stop and watch executions of state machines, and answer their tasks.
    Workflow,
    /// Everything: also read and erase users, and see metrics.
    Admin,
}

impl From<ScopeArgument> for Scope {
    fn from(scope: ScopeArgument) -> Self {
        match scope {
            ScopeArgument::Portal => Self::Portal,
            ScopeArgument::GalleryRead => Self::GalleryRead,
            ScopeArgument::GalleryWrite => Self::GalleryWrite,
            ScopeArgument::Workflow => Self::Workflow,
            ScopeArgument::Admin => Self::Admin,
        }
    }
}

fn collection(text: &str) -> Result<String, InvalidId> {
    CollectionId::new(text).map(|id| id.as_str().to_owned())
}

/// AWS's rule for requests that name a bucket; a name that breaks it could never be asked for.
fn bucket(text: &str) -> Result<String, &'static str> {
    let valid = (3..=255).contains(&text.len())
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"._-".contains(&byte));
    valid
        .then(|| text.to_owned())
        .ok_or("a bucket's name has 3 to 255 letters, digits and \"._-\"")
}

impl Create {
    pub(super) async fn run(self, global: &Global) -> Result<Exit> {
        let grant = self.grant()?;
        let store = self.data.attach().await?;
        if self.aws {
            return create_aws(self.name.as_deref().unwrap_or(AWS_NAME), &grant, &store, global).await;
        }
        let name = self.name.as_deref().unwrap_or_default();
        let (secret, row) = mint(name, &grant, &SystemClock, &SystemIds);
        store.create_key(&row).await?;
        warn();
        let answer = described(&row, json!({ "key": secret.expose() }));
        global
            .format
            .emit(&answer, |out| writeln!(out, "{}", secret.expose()))?;
        Ok(Exit::Success)
    }

    /// What the key is for, if that makes sense.
    fn grant(&self) -> Result<Grant, Failure> {
        let mut scopes: Vec<Scope> = self.scope.iter().copied().map(Scope::from).collect();
        if scopes.is_empty() {
            scopes.push(Scope::Portal);
            scopes.extend(self.aws.then_some(Scope::GalleryWrite));
        }
        let limits = Limits {
            collections: self.collection.clone(),
            buckets: self.bucket.clone(),
        };
        if scopes.contains(&Scope::Admin) && !limits.is_none() {
            return Err(Failure::usage("an administrator's key cannot be limited")
                .hint("leave out --collection and --bucket, or choose other scopes"));
        }
        if scopes.contains(&Scope::Workflow) && !limits.is_none() {
            return Err(Failure::usage(
                "a key for state machines cannot be limited: what they do concerns everything",
            )
            .hint("leave out --collection and --bucket, or --scope workflow"));
        }
        let signing = [Scope::GalleryRead, Scope::GalleryWrite, Scope::Workflow];
        if !self.aws && scopes.iter().any(|scope| signing.contains(scope)) {
            return Err(Failure::usage(
                "gallery-read, gallery-write and workflow are for keys that sign requests",
            )
            .hint("add --aws"));
        }
        Ok(Grant {
            scopes: scopes.into_iter().collect(),
            limits,
        })
    }
}

async fn create_aws(name: &str, grant: &Grant, store: &Sqlite, global: &Global) -> Result<Exit> {
    let (root, orphans) = RootSecret::open(store, &SystemIds).await?;
    warn_of_orphans(orphans);
    let (id, secret, row) = mint_aws(name, grant, &root, &SystemClock, &SystemIds);
    store.create_key(&row).await?;
    warn();
    let shown = json!({ "access_key_id": id, "secret_access_key": secret.expose() });
    global.format.emit(&described(&row, shown), |out| {
        writeln!(out, "AWS_ACCESS_KEY_ID={id}")?;
        writeln!(out, "AWS_SECRET_ACCESS_KEY={}", secret.expose())
    })?;
    Ok(Exit::Success)
}

fn warn() {
    talk(format_args!(
        "this key is shown once; keep it as you keep a password"
    ));
}

/// A new key, with what is shown once.
fn described(row: &ApiKey, shown: Value) -> Value {
    let mut answer = json!({
        "id": row.id.to_string(),
        "name": row.name,
        "scope": row.scope,
        "collections": row.collections,
        "buckets": row.buckets,
    });
    if let (Value::Object(answer), Value::Object(shown)) = (&mut answer, shown) {
        answer.extend(shown);
    }
    answer
}
