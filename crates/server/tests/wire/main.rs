//! AWS's JSON protocol as its clients see it: a real server, signed requests, real photos.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod access;
mod client;
mod collections;
mod documents;
mod faces;
mod images;
mod parameters;
mod states;
#[path = "../http/support.rs"]
#[expect(dead_code, reason = "made for the portal's tests, too")]
mod support;
mod users;
