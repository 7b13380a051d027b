//! The page with the executions of late.

use std::fmt;

use jiff::Timestamp;

use super::escape::Escaped;
use super::shell::{self, FOOT, Head};
use super::status::Status;
use super::time::{Moment, Span, between};

/// An execution in the list.
#[derive(Debug, Clone)]
pub(crate) struct Listed {
    pub(crate) arn: String,
    pub(crate) name: String,
    pub(crate) machine: String,
    pub(crate) status: Status,
    pub(crate) started: Timestamp,
    pub(crate) stopped: Option<Timestamp>,
}

/// Executions, newest first.
pub(crate) struct List<'a> {
    pub(crate) executions: &'a [Listed],
    /// Where only those of one machine are listed.
    pub(crate) machine: Option<&'a str>,
    /// The machines that there are.
    pub(crate) machines: &'a [String],
    /// What names the place after the last one, if others follow.
    pub(crate) older: Option<String>,
    pub(crate) now: Timestamp,
}

impl fmt::Display for List<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let head = Head {
            title: "Executions",
            refresh_seconds: None,
            above: &[("Executions", "/executions".to_owned())],
        };
        writeln!(f, "{head}<header><h1>Executions</h1></header>")?;
        self.filters(f)?;
        if self.executions.is_empty() {
            f.write_str(
                "<section class=\"notice\"><p>None yet. Every registration, authentication and update appears here, and \
                 whatever StartExecution starts.</p></section>\n",
            )?;
        } else {
            f.write_str(
                "<div class=\"rows list\">\n<div class=\"row titles\" aria-hidden=\"true\"><span>Execution</span>\
                 <span>State machine</span><span>Started (UTC)</span><span>Duration</span></div>\n<ul>\n",
            )?;
            for execution in self.executions {
                self.row(f, execution)?;
            }
            f.write_str("</ul>\n</div>\n")?;
        }
        if let Some(older) = &self.older {
            let machine = self.machine.map_or(String::new(), |machine| {
                format!("&machine={}", shell::encoded(machine))
            });
            let address = format!("/executions?before={older}{machine}");
            writeln!(
                f,
                "<p class=\"more\"><a href=\"{}\">Older ones</a></p>",
                Escaped(&address)
            )?;
        }
        f.write_str(FOOT)
    }
}

impl List<'_> {
    fn filters(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.machines.is_empty() {
            return Ok(());
        }
        f.write_str("<p class=\"filters\">")?;
        let all = std::iter::once((None, "All"));
        let each = self
            .machines
            .iter()
            .map(|machine| (Some(machine.as_str()), machine.as_str()));
        for (machine, name) in all.chain(each) {
            let address = machine.map_or("/executions".to_owned(), |machine| {
                format!("/executions?machine={}", shell::encoded(machine))
            });
            let current = if machine == self.machine {
                " aria-current=\"true\""
            } else {
                ""
            };
            write!(
                f,
                "<a href=\"{}\"{current}>{}</a>",
                Escaped(&address),
                Escaped(name)
            )?;
        }
        f.write_str("</p>\n")
    }

    fn row(&self, f: &mut fmt::Formatter<'_>, execution: &Listed) -> fmt::Result {
        let took = Span(between(execution.started, execution.stopped.unwrap_or(self.now)));
        writeln!(
            f,
            "<li><a class=\"row\" href=\"{}\"><span class=\"which\">{}<span class=\"name\">{}</span></span>\
             <span class=\"machine\">{}</span><span class=\"from\">{}</span><span class=\"took\">{took}</span></a></li>",
            Escaped(&shell::address(&execution.arn)),
            execution.status,
            Escaped(&execution.name),
            Escaped(&execution.machine),
            Moment(execution.started),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn listed(name: &str, status: Status) -> Listed {
        let started: Timestamp = "2026-11-23T10:15:00Z".parse().unwrap();
        Listed {
            arn: format!("arn:aws:states:us-east-1:000000000000:execution:a:{name}"),
            name: name.to_owned(),
            machine: "<script>".to_owned(),
            status,
            started,
            stopped: Some(started),
        }
    }

    #[test]
    fn names_are_only_names() {
        let executions = [
            listed("\"><script>", Status::Failed),
            listed("ü", Status::Running),
        ];
        let list = List {
            executions: &executions,
            machine: Some("<script>"),
            machines: &["<script>".to_owned(), "&b".to_owned()],
            older: Some("1_2".to_owned()),
            now: executions[0].started,
        };
        let page = list.to_string();
        assert!(!page.contains("<script"), "{page}");
        assert!(page.contains("execution:a:%22%3E%3Cscript%3E\""), "{page}");
        assert!(
            page.contains("?machine=%3Cscript%3E\" aria-current=\"true\""),
            "{page}"
        );
        assert!(page.contains("?before=1_2&amp;machine=%3Cscript%3E"), "{page}");
    }

    /// Beside those of single executions.
    #[test]
    #[ignore = "writes files for people"]
    fn pages_to_look_at() {
        let statuses = [
            Status::Running,
            Status::Succeeded,
            Status::Failed,
            Status::TimedOut,
            Status::Aborted,
        ];
        let executions: Vec<Listed> = (0..12)
            .map(|index| {
                let mut listed = listed("2f1c0a5e-8a53-4f7e-9a51-9d7c62a0b7c4", statuses[index * 7 % 5]);
                listed.machine =
                    ["register", "authenticate", "nightly-review-of-doubtful-matches"][index % 3].to_owned();
                listed.stopped = Some(
                    listed.started
                        + jiff::SignedDuration::from_millis(37 * index as i64 * index as i64 * 211),
                );
                listed
            })
            .collect();
        let list = List {
            executions: &executions,
            machine: None,
            machines: &["authenticate", "delete", "register", "update"].map(str::to_owned),
            older: Some("x".to_owned()),
            now: executions[0].started,
        };
        let directory = std::env::temp_dir().join("selfsame-pages");
        fs_err::create_dir_all(&directory).unwrap();
        let page = list.to_string().replace("/executions/style.css", "style.css");
        fs_err::write(directory.join("list.html"), page).unwrap();
    }
}
