//! What travels between an AWS client and this server: shapes, validation, error codes, signatures. Knows nothing of faces,
//! storage or HTTP servers, and depends on none of our crates.

pub mod sigv4;
