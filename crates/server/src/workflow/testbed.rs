//! State machines without a store, for tests and benchmarks.

use std::sync::Arc;

use jiff::Timestamp;
use selfsame_store::MachineKind;
use selfsame_workflow::definition::parse;

use super::Machine;
use super::catalog::ROLE_ARN;

/// A machine with this definition.
///
/// # Panics
/// If the definition is not valid: it stands in the program.
pub(crate) fn machine(name: &str, kind: MachineKind, text: &str) -> Arc<Machine> {
    let (definition, found) = parse(text, &());
    Arc::new(Machine {
        name: name.to_owned(),
        kind,
        definition: Arc::new(definition.unwrap_or_else(|| panic!("{found:?}"))),
        text: text.into(),
        role_arn: ROLE_ARN.to_owned(),
        revision: None,
        created: Timestamp::UNIX_EPOCH,
    })
}
