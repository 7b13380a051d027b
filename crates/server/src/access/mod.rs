//! Who may call: API keys. Never logs a key, never stores one: only its hash is kept.

mod first;
mod guard;
mod key;
mod limits;
mod root;
mod scope;

pub use first::FirstKey;
pub(crate) use first::ensure_first_key;
pub(crate) use guard::{Access, Administrator, Caller, Portal};
pub use key::{Grant, hash, mint};
pub use limits::Limits;
pub use root::RootSecret;
pub use scope::{Scope, Scopes, UnknownScope};
