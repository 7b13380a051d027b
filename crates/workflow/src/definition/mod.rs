//! A definition as the interpreter runs it: parsed once, with every path and template compiled, and validated as a
//! whole. Nothing of it changes while executions run.

mod document;
mod errors;
mod fields;
mod graph;
mod machine;
mod resource;
mod state;
mod states;
#[cfg(test)]
mod tests;
mod variables;

use std::collections::BTreeMap;

use crate::{Path, ReferencePath, Rule, Template};

pub use errors::{Catcher, ErrorNames, Jitter, Retrier};
pub(crate) use machine::MAX_SECONDS;
pub use machine::parse;
pub use resource::{Pattern, Resource, Resources};

/// A whole state machine.
#[derive(Debug, Clone, PartialEq)]
pub struct StateMachine {
    /// What it is for, in its author's words.
    pub comment: Option<String>,
    /// Its states.
    pub graph: Graph,
    /// The longest an execution may take.
    pub timeout_seconds: Option<u64>,
}

/// States that belong together: those of the machine, of a branch, or of an iteration.
#[derive(Debug, Clone, PartialEq)]
pub struct Graph {
    /// The first state.
    pub start_at: String,
    /// All of them, by name.
    pub states: BTreeMap<String, State>,
}

/// One state.
#[derive(Debug, Clone, PartialEq)]
pub struct State {
    /// What it is for, in its author's words.
    pub comment: Option<String>,
    /// What it does.
    pub kind: Kind,
    /// `InputPath`; `None` stands for `null`, which gives an empty object.
    pub input_path: Option<Path>,
    /// `Parameters`.
    pub parameters: Option<Template>,
    /// `ResultSelector`.
    pub result_selector: Option<Template>,
    /// `ResultPath`; `None` stands for `null`, which discards the result.
    pub result_path: Option<ReferencePath>,
    /// `OutputPath`; `None` stands for `null`, which gives an empty object.
    pub output_path: Option<Path>,
    /// `Assign`.
    pub assign: Option<Template>,
    /// `Retry`.
    pub retry: Vec<Retrier>,
    /// `Catch`.
    pub catch: Vec<Catcher>,
    /// What follows.
    pub transition: Transition,
    /// What the context object must hold for this state.
    pub context: ContextNeed,
}

/// What follows a state.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Transition {
    /// Another state.
    Next(String),
    /// Nothing: the graph ends here.
    End,
    /// That is decided by the state itself (Choice), or it is always the last (Succeed, Fail).
    Own,
}

/// How much of the context object a state's expressions can see. The execution's input may hold photos, so that it is
/// copied only where somebody asks for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum ContextNeed {
    /// Nothing.
    Nothing,
    /// All but the execution's input.
    WithoutInput,
    /// All.
    Everything,
}

/// What a state does.
#[derive(Debug, Clone, PartialEq)]
pub enum Kind {
    /// Has work done.
    Task(Task),
    /// Decides what follows.
    Choice(Choice),
    /// Passes its input on, or a fixed result.
    Pass {
        /// The fixed result.
        result: Option<serde_json::Value>,
    },
    /// Lets time pass.
    Wait(Wait),
    /// Ends its graph well.
    Succeed,
    /// Ends its graph badly.
    Fail(Fail),
    /// Runs several graphs at once.
    Parallel {
        /// The graphs.
        branches: Vec<Graph>,
    },
    /// Runs one graph for each item of an array.
    Map(Box<Map>),
}

impl Kind {
    /// The value of `Type`.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Task(_) => "Task",
            Self::Choice(_) => "Choice",
            Self::Pass { .. } => "Pass",
            Self::Wait(_) => "Wait",
            Self::Succeed => "Succeed",
            Self::Fail(_) => "Fail",
            Self::Parallel { .. } => "Parallel",
            Self::Map(_) => "Map",
        }
    }
}

/// A Task state.
#[derive(Debug, Clone, PartialEq)]
pub struct Task {
    /// What does the work.
    pub resource: Resource,
    /// How long one attempt may take.
    pub timeout: Option<Duration>,
    /// How long it may be silent.
    pub heartbeat: Option<Duration>,
}

/// A time span in seconds, fixed or in the input.
#[derive(Debug, Clone, PartialEq)]
pub enum Duration {
    /// `…Seconds`
    Seconds(u64),
    /// `…SecondsPath`
    Path(Path),
}

/// A Choice state.
#[derive(Debug, Clone, PartialEq)]
pub struct Choice {
    /// Looked at in order.
    pub choices: Vec<Branching>,
    /// Where no rule matches.
    pub default: Option<String>,
}

/// One rule of a Choice state.
#[derive(Debug, Clone, PartialEq)]
pub struct Branching {
    /// When.
    pub rule: Rule,
    /// Whither.
    pub next: String,
    /// `Assign` of the rule.
    pub assign: Option<Template>,
}

/// A Wait state.
#[derive(Debug, Clone, PartialEq)]
pub enum Wait {
    /// For so many seconds.
    For(Duration),
    /// Until a moment.
    Until(jiff::Timestamp),
    /// Until a moment in the input.
    UntilPath(Path),
}

/// A Fail state.
#[derive(Debug, Clone, PartialEq)]
pub struct Fail {
    /// The error name.
    pub error: Option<Wording>,
    /// The cause.
    pub cause: Option<Wording>,
}

/// A text of a Fail state, fixed or in the input.
#[derive(Debug, Clone, PartialEq)]
pub enum Wording {
    /// `Error`, `Cause`
    Text(String),
    /// `ErrorPath`, `CausePath`: a path or an intrinsic function.
    Expression(crate::Expression),
}

/// A Map state.
#[derive(Debug, Clone, PartialEq)]
pub struct Map {
    /// What runs for each item.
    pub processor: Graph,
    /// Where the items are; the whole input if absent.
    pub items_path: Option<Path>,
    /// The input of an iteration; the item itself if absent.
    pub item_selector: Option<Template>,
    /// How many iterations run at once.
    pub max_concurrency: Concurrency,
    /// How many may fail.
    pub tolerated: Tolerance,
}

/// How many iterations run at once.
#[derive(Debug, Clone, PartialEq)]
pub enum Concurrency {
    /// `MaxConcurrency`; 0 means all.
    Fixed(u64),
    /// `MaxConcurrencyPath`
    Path(Path),
}

/// How many iterations may fail before the Map state does.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Tolerance {
    /// `ToleratedFailureCount`
    pub count: Option<Amount<u64>>,
    /// `ToleratedFailurePercentage`, 0–100
    pub percentage: Option<Amount<f64>>,
}

/// A number, fixed or in the input.
#[derive(Debug, Clone, PartialEq)]
pub enum Amount<T> {
    /// Without `Path` in the name of the field.
    Fixed(T),
    /// With it.
    Path(Path),
}
