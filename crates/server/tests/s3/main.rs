//! S3 as its clients see it: a real server, real files. The signatures are made by code of these tests' own, so that
//! a mistake would have to be made twice.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod access;
mod chunks;
mod client;
mod images;
mod limits;
mod named;
mod objects;
#[path = "../http/support.rs"]
#[expect(dead_code, reason = "made for the portal's tests, too")]
mod support;
mod uploads;
