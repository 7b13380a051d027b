//! How a command ends: the four exit codes, and how an error is told. Scripts rely on the codes; they are part of the
//! interface and never change meaning.

use std::error::Error as StdError;
use std::fmt;
use std::process::ExitCode;

use crate::output::talk;

/// What scripts may rely on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Exit {
    /// The faces match, the flow succeeded, the work is done.
    Success = 0,
    /// The command ran and the answer is no.
    NoMatch = 1,
    /// The arguments make no sense (clap ends with the same number).
    Usage = 2,
    /// Something failed: there is no answer.
    Error = 3,
}

/// The end of every `--help`.
pub(crate) const CODES: &str = "Exit codes:
  0  match, or success
  1  no match, or a flow that ran and said no
  2  usage: the arguments make no sense
  3  error: there is no answer

Data goes to standard output, everything else to standard error.";

impl Exit {
    /// `Success` for yes, `NoMatch` for no.
    pub(crate) const fn from_match(is_match: bool) -> Self {
        if is_match { Self::Success } else { Self::NoMatch }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}

/// An error that ends with a `hint:` line, or that stands for wrong usage.
#[derive(Debug)]
pub(crate) struct Failure {
    message: String,
    hint: Option<String>,
    exit: Exit,
    source: Option<Box<dyn StdError + Send + Sync>>,
}

impl Failure {
    /// Something failed; `message` says what.
    pub(crate) fn new(message: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            hint: None,
            exit: Exit::Error,
            source: None,
        }
    }

    /// The arguments make no sense; `message` says why.
    pub(crate) fn usage(message: impl Into<String>) -> Self {
        Self {
            exit: Exit::Usage,
            ..Self::new(message)
        }
    }

    /// Adds what to do about it.
    #[must_use]
    pub(crate) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// Adds what caused it.
    #[must_use]
    pub(crate) fn because(mut self, source: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        self.source = Some(source.into());
        self
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl StdError for Failure {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.source
            .as_deref()
            .map(|source| source as &(dyn StdError + 'static))
    }
}

/// Tells `error` with its causes and hints, and says how to end.
pub(crate) fn report(error: &anyhow::Error) -> Exit {
    if is_broken_pipe(error) {
        // The reader of our output (`head`, a pager) has seen enough: that is no failure of ours.
        return Exit::Success;
    }
    talk(format_args!("{}", describe(error)));
    error
        .chain()
        .find_map(|cause| cause.downcast_ref::<Failure>())
        .map_or(Exit::Error, |failure| failure.exit)
}

/// `error:`, one `because:` line per cause that adds something, then all hints: those of [`Failure`]s and the lines
/// that the errors of our own crates end with.
fn describe(error: &anyhow::Error) -> String {
    let mut text = format!("error: {error}");
    let mut told = error.to_string();
    for cause in error.chain().skip(1) {
        let cause = cause.to_string();
        // Many libraries repeat their source in their own text.
        if !told.contains(&cause) {
            text.push_str("\n  because: ");
            text.push_str(&cause);
        }
        told = cause;
    }
    let own = error
        .chain()
        .filter_map(|cause| cause.downcast_ref::<Failure>()?.hint.clone());
    let (embedded, mut lines): (Vec<&str>, Vec<&str>) = text
        .lines()
        .partition(|line| line.trim_start().starts_with("hint: "));
    let hints: Vec<String> = own
        .map(|hint| format!("hint: {hint}"))
        .chain(embedded.into_iter().map(|line| line.trim_start().to_owned()))
        .collect();
    lines.extend(hints.iter().map(String::as_str));
    lines.join("\n")
}

fn is_broken_pipe(error: &anyhow::Error) -> bool {
    error
        .chain()
        .filter_map(|cause| cause.downcast_ref::<std::io::Error>())
        .any(|io| io.kind() == std::io::ErrorKind::BrokenPipe)
}

#[cfg(test)]
mod tests {
    use super::*;
    use anyhow::Context as _;

    #[test]
    fn causes_and_hints_are_told_once() {
        let error = anyhow::Error::new(
            Failure::new("no answer from the server")
                .because(std::io::Error::other("connection refused"))
                .hint("start one: `selfsame serve`"),
        )
        .context("login failed");
        assert_eq!(
            describe(&error),
            "error: login failed\n  because: no answer from the server\n  because: connection refused\n\
             hint: start one: `selfsame serve`"
        );
        assert_eq!(report(&error), Exit::Error);
    }

    #[test]
    fn a_repeated_cause_is_left_out() {
        let error = Err::<(), _>(std::io::Error::other("disk full"))
            .context("cannot write: disk full")
            .unwrap_err();
        assert_eq!(describe(&error), "error: cannot write: disk full");
    }

    #[test]
    fn hints_inside_of_texts_come_last() {
        let error = anyhow::anyhow!("no such pack\n  hint: there is `classic`").context("cannot load");
        assert_eq!(
            describe(&error),
            "error: cannot load\n  because: no such pack\nhint: there is `classic`"
        );
    }

    #[test]
    fn usage_ends_with_its_own_code() {
        assert_eq!(report(&Failure::usage("which?").into()), Exit::Usage);
        assert_eq!(report(&anyhow::anyhow!("broken")), Exit::Error);
    }

    #[test]
    fn a_closed_pipe_is_no_failure() {
        let error = anyhow::Error::new(std::io::Error::from(std::io::ErrorKind::BrokenPipe));
        assert_eq!(report(&error), Exit::Success);
    }
}
