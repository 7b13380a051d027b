//! Keeps ONNX Runtime from reporting to its maker.
#![expect(
    unsafe_code,
    reason = "the environment may only be changed while no other thread reads it"
)]

use selfsame_vision::engine::TELEMETRY_VARIABLE;

/// To be called first in `main`, whatever the caller's environment says: nothing leaves this machine.
pub(crate) fn forbid() {
    // SAFETY: this is the first statement of `main`, so that no other thread exists.
    unsafe { std::env::set_var(TELEMETRY_VARIABLE, "1") };
}
