//! Fetching packs when the network, the server, the clients or the disk are not what one hopes for.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod faults;
mod http;
mod packs;
mod server;
