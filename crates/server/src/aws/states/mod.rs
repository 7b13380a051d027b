//! AWS Step Functions' operations on our state machines: the mapping between the wire and [`crate::workflow`], one file per
//! operation. Nothing runs here; what a state does is the interpreter's and the workers' business.

mod access;
mod answer;
pub(super) mod create_state_machine;
mod definition;
pub(super) mod delete_state_machine;
pub(super) mod describe_execution;
pub(super) mod describe_state_machine;
mod events;
pub(super) mod get_execution_history;
pub(super) mod list_executions;
pub(super) mod list_state_machines;
mod page;
mod payload;
mod record;
mod refusal;
pub(super) mod send_task_failure;
pub(super) mod send_task_heartbeat;
pub(super) mod send_task_success;
pub(super) mod start_execution;
pub(super) mod start_sync_execution;
pub(super) mod stop_execution;
mod submitted;
mod task_events;
pub(super) mod test_state;
pub(super) mod update_state_machine;
pub(super) mod validate_state_machine_definition;
