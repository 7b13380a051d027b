//! The flows: register, authenticate, update. Each is a short list of steps over [`Tasks`], in the words of the
//! domain; they know neither HTTP nor SQL nor models. (They become state machines: keep decisions in the flows and work in the
//! tasks.)

mod authenticate;
mod failure;
mod quality;
mod register;
mod tasks;
mod update;

use std::sync::Arc;

use selfsame_store::Properties;
use selfsame_types::UserId;
use selfsame_vision::pool::Permit;
use serde_json::Value;

use crate::app::{App, Ready};
use crate::envelope::{Ending, Execution};
use crate::error::Error;
use crate::metrics::Stage;

pub(crate) use failure::{Failure, FailureName, Stop};
use tasks::Tasks;

/// Which flow.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Flow {
    /// A new person.
    Register,
    /// Is this the person they say?
    Authenticate,
    /// A new photo of a known person.
    Update,
}

/// What a flow is given.
pub(crate) struct Input {
    /// Who the caller says it is.
    pub(crate) user: UserId,
    /// What to keep with them; `None` where the request has none.
    pub(crate) properties: Option<Properties>,
    /// The photo, as it travels: base64, perhaps as a `data:` URL.
    pub(crate) image: String,
}

impl Flow {
    /// The name in the envelope and in metrics.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Register => "Register",
            Self::Authenticate => "Authenticate",
            Self::Update => "Update",
        }
    }

    /// Runs the flow to its end. An `Err` is the machinery's failure, not the flow's "no".
    pub(crate) async fn run(
        self,
        app: &Arc<App>,
        ready: &Ready,
        permit: Permit,
        input: Input,
    ) -> Result<(Execution, Ending), Error> {
        let mut execution = Execution {
            flow: self.name(),
            id: app.ids.uuid(),
            input: echo(&input),
            started: app.clock.now(),
            stopped: app.clock.now(),
        };
        let begun = std::time::Instant::now();
        let user = input.user.clone();
        let gallery = ready.galleries.portal().await?;
        let mut tasks = Tasks::new(app, ready, gallery, permit);
        let result = match self {
            Self::Register => register::run(&mut tasks, input).await,
            Self::Authenticate => authenticate::run(&mut tasks, input).await,
            Self::Update => update::run(&mut tasks, input).await,
        };
        execution.stopped = app.clock.now();
        app.metrics.stage(Stage::Total, begun.elapsed());
        let (outcome, ending) = match result {
            Ok(success) => (success.status, Ending::Succeeded(success.output)),
            Err(Stop::Failed(Failure { name, cause })) => {
                let error = name.as_str();
                (error, Ending::Failed { error, cause })
            }
            Err(Stop::TimedOut) => ("TimedOut", Ending::TimedOut),
            Err(Stop::Broken(error)) => {
                app.metrics.decision(self.name(), "Error");
                return Err(error);
            }
        };
        app.metrics.decision(self.name(), outcome);
        let (flow, id) = (self.name(), execution.id);
        tracing::info!(%id, flow, %user, outcome, "{flow} of {user}: {outcome}");
        Ok((execution, ending))
    }
}

/// A "yes".
pub(crate) struct Success {
    /// `Registered`, `Verified` or `Updated`.
    status: &'static str,
    /// The whole output.
    output: Value,
}

/// The input without the photo.
fn echo(input: &Input) -> Value {
    let mut echo = serde_json::Map::new();
    echo.insert("UserId".to_owned(), input.user.as_str().into());
    if let Some(properties) = &input.properties {
        echo.insert("Properties".to_owned(), Value::Object(properties.clone()));
    }
    Value::Object(echo)
}
