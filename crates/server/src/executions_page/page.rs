//! The page of one execution.

use std::fmt;

use jiff::Timestamp;
use serde_json::Value;

use super::chart::{Chart, Class};
use super::escape::Escaped;
use super::json::Pretty;
use super::layout::{Layout, layout};
use super::rows::{Failure, Rows};
use super::shell::{self, FOOT, Head};
use super::status::Status;
use super::svg::Svg;
use super::time::{Moment, Span, between};
use super::trace::{Fate, Trace};

/// While an execution runs, its page is loaded again so often.
const REFRESH_SECONDS: u32 = 3;

/// An execution to be shown.
pub(crate) struct Page<'a> {
    pub(crate) arn: &'a str,
    pub(crate) name: &'a str,
    pub(crate) machine: &'a str,
    /// What the machine promises: Standard, Express.
    pub(crate) kind: &'a str,
    pub(crate) status: Status,
    pub(crate) started: Timestamp,
    pub(crate) stopped: Option<Timestamp>,
    pub(crate) now: Timestamp,
    pub(crate) input: &'a Value,
    pub(crate) output: Option<&'a Value>,
    /// Error and cause.
    pub(crate) failure: Option<(&'a str, &'a str)>,
    /// Absent where the definition is too large to be drawn.
    pub(crate) chart: Option<&'a Chart>,
    pub(crate) trace: &'a Trace,
    /// Whether the page may load itself again.
    pub(crate) refresh: bool,
}

impl fmt::Display for Page<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let running = self.status == Status::Running;
        let of_machine = format!("/executions?machine={}", shell::encoded(self.machine));
        write!(
            f,
            "{}",
            Head {
                title: &format!("{}: {}", self.machine, self.status.word().to_lowercase()),
                refresh_seconds: (running && self.refresh).then_some(REFRESH_SECONDS),
                above: &[
                    ("Executions", "/executions".to_owned()),
                    (self.machine, of_machine)
                ],
            }
        )?;
        writeln!(
            f,
            "<header><h1>{}</h1>{}</header>",
            Escaped(self.name),
            self.status
        )?;
        self.facts(f)?;
        if running {
            self.refreshing(f)?;
        }
        if let Some((error, cause)) = self.failure {
            write!(f, "<section class=\"failure\">{}", Failure { error, cause })?;
            self.place(f)?;
            f.write_str("</section>\n")?;
        }
        self.values(f)?;
        self.graph(f)?;
        f.write_str("<section id=\"states\">\n<h2>States</h2>\n")?;
        if self.trace.visits.is_empty() {
            f.write_str("<p class=\"note\">None was entered yet.</p>\n")?;
        } else {
            let until = self.until();
            write!(
                f,
                "{}",
                Rows {
                    trace: self.trace,
                    started: self.started,
                    until
                }
            )?;
        }
        write!(f, "</section>\n{FOOT}")
    }
}

impl Page<'_> {
    fn until(&self) -> Timestamp {
        // What goes on after the answer was given belongs to the picture too.
        let last = self.trace.visits.iter().filter_map(|visit| visit.left).max();
        let end = self.stopped.unwrap_or(self.now);
        last.map_or(end, |last| last.max(end))
    }

    fn facts(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let took = Span(between(self.started, self.stopped.unwrap_or(self.now)));
        write!(
            f,
            "<dl class=\"facts\">\n<div><dt>Duration</dt><dd>{took}</dd></div>\n"
        )?;
        writeln!(
            f,
            "<div><dt>Started (UTC)</dt><dd>{}</dd></div>",
            Moment(self.started)
        )?;
        if let Some(stopped) = self.stopped {
            writeln!(f, "<div><dt>Ended (UTC)</dt><dd>{}</dd></div>", Moment(stopped))?;
        }
        let visits = self.trace.visits.len();
        writeln!(f, "<div><dt>States entered</dt><dd>{visits}</dd></div>")?;
        let (machine, kind) = (Escaped(self.machine), Escaped(self.kind));
        writeln!(
            f,
            "<div><dt>State machine</dt><dd>{machine} <span class=\"soft\">{kind}</span></dd></div>"
        )?;
        write!(
            f,
            "<div class=\"wide\"><dt>ARN</dt><dd><code>{}</code></dd></div>\n</dl>\n",
            Escaped(self.arn)
        )
    }

    /// In which state it failed, or in which ones it was stopped.
    fn place(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let visits = self.trace.visits.iter().enumerate();
        let mut last = visits.rev().filter(|(_, visit)| visit.depth == 0);
        match last.next() {
            Some((index, visit)) if matches!(visit.fate, Fate::Failed | Fate::Stopped) => {
                let (number, state) = (index + 1, Escaped(&visit.state));
                write!(
                    f,
                    "<p class=\"soft\">In the state <a href=\"#v{number}\">{state}</a></p>"
                )
            }
            _ => Ok(()),
        }
    }

    fn refreshing(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let address = shell::address(self.arn);
        let address = Escaped(&address);
        if self.refresh {
            writeln!(
                f,
                "<p class=\"note\">This page loads itself again every {REFRESH_SECONDS} seconds. \
                 <a href=\"{address}?refresh=off\">Stop that</a></p>"
            )
        } else {
            writeln!(
                f,
                "<p class=\"note\">This is how it was. <a href=\"{address}\">Follow it</a></p>"
            )
        }
    }

    fn values(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("<section class=\"values\">\n")?;
        for (title, value) in [("Input", Some(self.input)), ("Output", self.output)] {
            if let Some(value) = value {
                writeln!(
                    f,
                    "<details><summary>{title}</summary>{}</details>",
                    Pretty::new(value)
                )?;
            }
        }
        f.write_str("</section>\n")
    }

    fn graph(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("<section id=\"graph\">\n<h2>Graph</h2>\n")?;
        match self.chart.and_then(layout) {
            Some(layout) => {
                let svg = Svg::new(&layout, self.trace);
                write!(
                    f,
                    "<div class=\"canvas\" tabindex=\"0\"><div>\n{svg}</div></div>\n"
                )?;
                self.legend(f, &layout)?;
            }
            None => f.write_str("<p class=\"note\">The definition is too large to be drawn.</p>\n")?,
        }
        f.write_str("</section>\n")
    }

    /// Only what is in the picture.
    fn legend(&self, f: &mut fmt::Formatter<'_>, layout: &Layout) -> fmt::Result {
        let states = self.trace.states();
        f.write_str("<p class=\"legend\">")?;
        for (fate, word) in [
            (Fate::Succeeded, "succeeded"),
            (Fate::Running, "running"),
            (Fate::Caught, "failed, and that was caught"),
            (Fate::Failed, "failed"),
            (Fate::Stopped, "stopped"),
        ] {
            if states.values().any(|seen| seen.fate == fate) {
                write!(
                    f,
                    "<span class=\"{}\"><span class=\"dot\"></span>{word}</span>",
                    fate.class()
                )?;
            }
        }
        if layout
            .states
            .iter()
            .any(|state| !states.contains_key(state.name.as_str()))
        {
            f.write_str("<span><span class=\"dot\"></span>not entered</span>")?;
        }
        if layout.lines.iter().any(|line| line.class == Class::Catch) {
            f.write_str("<span><span class=\"dash\"></span>where a failure leads</span>")?;
        }
        f.write_str("</p>\n")
    }
}

#[cfg(test)]
mod tests {
    use super::super::samples::{self, Ending, Run};
    use super::*;

    fn page(run: &Run, name: &str) -> String {
        let (status, output, failure) = run.told();
        Page {
            arn: &format!("arn:aws:states:eu-central-1:000000000000:execution:Register:{name}"),
            name,
            machine: "Register",
            kind: "Standard",
            status,
            started: run.started,
            stopped: run.outcome.as_ref().map(|_| run.now),
            now: run.now,
            input: &run.input,
            output: output.as_ref(),
            failure: failure
                .as_ref()
                .map(|(error, cause)| (error.as_str(), cause.as_str())),
            chart: run.chart.as_ref(),
            trace: &run.trace,
            refresh: true,
        }
        .to_string()
    }

    #[test]
    fn nothing_of_others_is_markup() {
        let mut run = samples::register(Ending::Failed);
        run.input = serde_json::json!({"<script>": "<script>\"'&"});
        for visit in &mut run.trace.visits {
            visit.state = "<script>".to_owned();
        }
        let page = page(&run, "<script>alert('1')</script>");
        assert!(!page.contains("<script"), "{page}");
        assert!(
            page.contains("<h1>&lt;script&gt;alert(&#39;1&#39;)&lt;/script&gt;</h1>"),
            "{page}"
        );
        assert!(
            !page.contains(" style=") && !page.contains(" on"),
            "what the policy forbids"
        );
    }

    #[test]
    fn a_failure_says_why() {
        let page = page(&samples::register(Ending::Failed), "a");
        assert!(page.contains("<span class=\"status failed\">Failed</span>"));
        assert!(page.contains("<strong>InvalidPoseDetectedException</strong>"));
        assert!(page.contains("look into the camera"));
        assert!(!page.contains("http-equiv"), "it is over");
    }

    #[test]
    fn what_runs_is_loaded_again() {
        let page = page(&samples::review(), "a");
        assert!(page.contains("http-equiv=\"refresh\"") && page.contains("waits for an answer"));
        assert!(page.contains("class=\"state running\""));
    }

    #[test]
    fn rows_are_as_long_as_histories_may_be() {
        let page = page(&samples::polling(2000), "a");
        assert!(page.contains("states are not shown here"));
        assert!(page.len() < 3 << 20, "{}", page.len());
    }

    #[test]
    fn everything_that_is_opened_is_closed() {
        for run in [
            samples::register(Ending::TakenBack),
            samples::nested(Ending::Failed),
            samples::polling(3),
        ] {
            let page = page(&run, "a");
            for tag in [
                "div", "section", "details", "summary", "li", "ol", "g", "a", "span", "svg", "dl", "text",
            ] {
                let opened =
                    page.matches(&format!("<{tag}>")).count() + page.matches(&format!("<{tag} ")).count();
                assert_eq!(opened, page.matches(&format!("</{tag}>")).count(), "{tag}");
            }
        }
    }

    /// Pages to look at in a browser: `cargo test -p selfsame-server pages_to_look_at -- --ignored`.
    #[test]
    #[ignore = "writes files for people"]
    fn pages_to_look_at() {
        let directory = std::env::temp_dir().join("selfsame-pages");
        fs_err::create_dir_all(&directory).unwrap();
        fs_err::write(
            directory.join("style.css"),
            include_str!("../assets/executions.css"),
        )
        .unwrap();
        let shipped = samples::SHIPPED.map(|(name, text)| (name, samples::shipped(text)));
        let ours = [
            ("registered", samples::register(Ending::Well)),
            ("refused", samples::register(Ending::Failed)),
            ("taken-back", samples::register(Ending::TakenBack)),
            ("nested", samples::nested(Ending::Well)),
            ("nested-failed", samples::nested(Ending::Failed)),
            ("polling", samples::polling(4)),
            ("polling-long", samples::polling(400)),
            ("review", samples::review()),
            ("long", samples::long()),
        ];
        for (name, run) in ours.into_iter().chain(shipped) {
            let page = page(&run, name).replace("/executions/style.css", "style.css");
            fs_err::write(directory.join(format!("{name}.html")), page).unwrap();
        }
    }
}
