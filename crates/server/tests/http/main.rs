//! The server as its clients see it: real HTTP, real models, real photos. Only the network of the machine itself is
//! used once models and photos are there.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod access;
mod documents;
mod executions;
mod flows;
mod gate;
mod limits;
mod operation;
mod race;
mod support;
mod users;
mod workflows;
