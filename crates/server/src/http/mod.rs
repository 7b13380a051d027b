//! HTTP below the routes: connections, bodies, and what every response has in common. Knows nothing of faces.

pub(crate) mod body;
pub(crate) mod listen;
pub(crate) mod observe;
