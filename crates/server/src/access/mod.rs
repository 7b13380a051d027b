//! Who may call: API keys, and access keys that sign requests as AWS's do. Never logs a key, never stores one: only the
//! hash of the first is kept, and the secrets of the second follow from the data directory's root secret.

mod browser;
mod first;
mod guard;
mod key;
mod limits;
mod root;
mod scope;

pub use first::FirstKey;
pub(crate) use first::ensure_first_key;
pub(crate) use guard::{Access, Administrator, Caller, Portal};
pub use key::{Grant, hash, mint, mint_aws};
pub use limits::Limits;
pub use root::RootSecret;
pub use scope::{Scope, Scopes, UnknownScope};
