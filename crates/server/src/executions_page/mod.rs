//! Pages that show what executions did: states as a graph, the way that was taken, what went in and out, and how long
//! everything lasted. Pure: from a definition and a history to a text. Nothing here reads the store or decides who may
//! look.
//!
//! * [`Chart`]: what there is to draw of a definition. `layout` gives everything a place, `svg` draws it.
//! * [`Trace`]: what an execution did, from its history.
//! * [`Page`], [`List`], [`Notice`]: HTML without scripts. Whatever comes from others passes `escape`, and values pass
//!   `json`, which leaves pictures out.

mod chart;
mod conditions;
mod escape;
mod json;
mod layout;
mod list;
mod measure;
mod page;
mod rows;
#[cfg(test)]
mod samples;
mod shell;
mod status;
mod svg;
mod time;
mod trace;

pub(crate) use chart::Chart;
pub(crate) use conditions::conditions;
pub(crate) use list::{List, Listed};
pub(crate) use page::Page;
pub(crate) use shell::Notice;
pub(crate) use status::Status;
pub(crate) use trace::Trace;
