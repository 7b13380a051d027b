//! What is said and where: data on standard output (text or JSON), talk on standard error. Readable without colour;
//! nothing else in this crate writes to either.

use std::fmt::{self, Write as _};
use std::io::{self, Write};

use clap::ValueEnum;
use serde::Serialize;
use serde_json::Value;

/// How data is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub(crate) enum Format {
    /// For people.
    #[default]
    Text,
    /// For programs: one JSON document.
    Json,
}

impl Format {
    /// Writes `value` as JSON, or what `text` writes.
    pub(crate) fn emit<T: Serialize>(
        self,
        value: &T,
        text: impl FnOnce(&mut dyn Write) -> io::Result<()>,
    ) -> anyhow::Result<()> {
        let mut out = io::stdout().lock();
        match self {
            Self::Text => text(&mut out)?,
            Self::Json => {
                serde_json::to_writer_pretty(&mut out, value).map_err(io::Error::from)?;
                writeln!(out)?;
            }
        }
        out.flush()?;
        Ok(())
    }
}

/// One line on standard error. Where nobody can read it, nobody is told.
pub(crate) fn talk(line: fmt::Arguments<'_>) {
    let _ = writeln!(io::stderr().lock(), "{line}");
}

/// A tree of settings as TOML: `[section]` and `name = value`. Scalars and arrays look the same in JSON and TOML.
pub(crate) fn settings(sections: &Value) -> String {
    let mut text = String::new();
    for (section, values) in sections.as_object().into_iter().flatten() {
        let _ = writeln!(text, "{}[{section}]", if text.is_empty() { "" } else { "\n" });
        for (name, value) in values.as_object().into_iter().flatten() {
            let _ = writeln!(text, "{name} = {value}");
        }
    }
    text
}

/// Right-aligned columns under their titles, two spaces between them; the first column is left-aligned.
pub(crate) fn table(out: &mut dyn Write, titles: &[&str], rows: &[Vec<String>]) -> io::Result<()> {
    let widths: Vec<usize> = (0..titles.len())
        .map(|column| {
            let cells = rows
                .iter()
                .filter_map(|row| row.get(column))
                .map(|cell| cell.chars().count());
            cells.chain([titles[column].chars().count()]).max().unwrap_or(0)
        })
        .collect();
    let titles: Vec<String> = titles.iter().map(ToString::to_string).collect();
    for row in std::iter::once(&titles).chain(rows) {
        let mut line = String::new();
        for (index, (cell, width)) in row.iter().zip(&widths).enumerate() {
            if index == 0 {
                let _ = write!(line, "{cell:<width$}");
            } else {
                let _ = write!(line, "  {cell:>width$}");
            }
        }
        writeln!(out, "{}", line.trim_end())?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_are_toml() {
        let values = serde_json::json!({"a": {"x": 1, "y": "o\"k"}, "b": {"z": true}});
        let text = settings(&values);
        assert_eq!(text, "[a]\nx = 1\ny = \"o\\\"k\"\n\n[b]\nz = true\n");
        assert!(text.parse::<toml::Table>().is_ok());
    }

    #[test]
    fn tables_line_up() {
        let mut out = Vec::new();
        table(
            &mut out,
            &["stage", "ms"],
            &[
                vec!["decode".into(), "1.5".into()],
                vec!["é".into(), "12.25".into()],
            ],
        )
        .unwrap();
        assert_eq!(
            String::from_utf8(out).unwrap(),
            "stage      ms\ndecode    1.5\né       12.25\n"
        );
    }
}
