//! What an operation is.

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::shape::Shape;
use crate::{ErrorCode, Service};

/// One operation of a service: a type without values that ties a name to what goes in and what comes out.
pub trait Operation {
    /// The service that has it.
    const SERVICE: Service;
    /// Its name on the wire.
    const NAME: &'static str;
    /// The errors that the service model lists for it. Any operation can also fail with the common ones.
    const ERRORS: &'static [ErrorCode];
    /// What goes in.
    type Input: DeserializeOwned + Validate;
    /// What comes out.
    type Output: Serialize;
}

/// A structure whose constraints are known, so that a request can be checked before it is accepted.
pub trait Validate {
    /// The members and what they may hold.
    fn shape() -> &'static Shape;
}
