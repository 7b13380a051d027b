//! Runs state machines: the portal's flows and those that clients made. The interpreter (`selfsame-workflow`) decides
//! what happens next; here it is made to happen, written down, and taken up again after a restart.
//!
//! * `Catalog`: which state machines there are.
//! * `Driver`: starts executions, passes answers on to them, takes them up again.
//! * `runner`: one execution from its first step to its last.
//! * `workers`: what tasks do.
//!
//! An Express execution lives in memory and ends with the process; what it wrote is then taken back. A Standard execution
//! is written down before each task that it begins, and goes on where it was.

pub(crate) mod actions;
pub(crate) mod arn;
mod bench;
mod catalog;
mod check;
mod driver;
mod flows;
mod job;
mod recent;
mod reload;
mod resume;
mod runner;
pub(crate) mod testbed;
mod token;
mod undo;
mod view;
mod webhook;
pub(crate) mod workers;

pub(crate) use actions::{card_properties, photo_worth};
pub use bench::{Throughput, throughput};
pub use catalog::FlowError;
pub(crate) use catalog::{Catalog, Machine, ROLE_ARN};
pub use check::{Finding, validate};
pub(crate) use driver::{AnswerError, Driver, Start, StartError};
pub(crate) use flows::{AUTHENTICATE, REGISTER, REGISTER_ID_CARD, UPDATE};
pub use flows::{Shipped, load as load_flows};
pub(crate) use job::Job;
pub(crate) use recent::Ended;
pub(crate) use reload::reload_on_hangup;
pub(crate) use resume::Earlier;
pub(crate) use view::view;
pub use workers::Known;
