//! Who may use state machines. A key that is limited to collections or buckets may not at all: a state machine can touch
//! all of them.

use super::super::context::denied;
use crate::access::Scope;
use crate::aws::{Context, Error};
use crate::workflow::{AUTHENTICATE, REGISTER, REGISTER_ID_CARD, UPDATE};

/// Those that the portal's keys run with every request to the portal.
const PORTAL: [&str; 4] = [REGISTER, REGISTER_ID_CARD, AUTHENTICATE, UPDATE];

/// What somebody wants of state machines.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Purpose {
    /// To start, stop and watch executions, and to answer their tasks.
    Run,
    /// To decide what they do. Tasks have the server's own rights.
    Define,
}

/// Refuses callers whose keys may not do this.
pub(super) fn allow(context: &Context, purpose: Purpose) -> Result<(), Error> {
    let scope = match purpose {
        Purpose::Run => Scope::Workflow,
        Purpose::Define => Scope::Admin,
    };
    unlimited(context)?;
    if context.caller.may(scope) {
        return Ok(());
    }
    Err(denied(format!(
        "This access key may not do that: it needs the scope {scope}."
    )))
}

/// Refuses callers whose keys may not have this machine run for them: the portal's flows are for the portal's keys, too.
pub(super) fn allow_flow(context: &Context, machine: &str) -> Result<(), Error> {
    if PORTAL.contains(&machine) && context.caller.may(Scope::Portal) {
        return unlimited(context);
    }
    allow(context, Purpose::Run)
}

fn unlimited(context: &Context) -> Result<(), Error> {
    if context.caller.limits.is_none() {
        return Ok(());
    }
    Err(denied(
        "This access key is limited to collections or buckets; state machines need a key without limits."
            .to_owned(),
    ))
}
