//! Who may call: API keys. Never logs a key, never stores one: only its hash is kept.

mod first;
mod guard;
mod key;

pub use first::FirstKey;
pub(crate) use first::ensure_first_key;
pub(crate) use guard::{Access, Administrator, Caller};
pub use key::{Scope, hash, mint};
