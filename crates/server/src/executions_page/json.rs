//! Values of an execution as people read them: indented, in colours, and not endless. Nothing gets here without having
//! passed [`view`], which leaves pictures out.

use std::fmt::{self, Write as _};

use serde_json::Value;

use super::escape::Escaped;
use crate::workflow::view;

/// More of a value is not shown; whoever needs it asks for the history.
const MAX_BYTES: usize = 24 * 1024;
const MAX_TEXT_CHARACTERS: usize = 4000;
const MAX_DEPTH: usize = 40;

/// A value, ready for the page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Pretty {
    html: String,
    cut: bool,
}

impl Pretty {
    pub(super) fn new(value: &Value) -> Self {
        let mut pretty = Self {
            html: String::new(),
            cut: false,
        };
        pretty.value(&view(value), 0);
        pretty
    }

    /// Of a text that may be JSON itself, as causes often are.
    pub(super) fn of_text(text: &str) -> Option<Self> {
        let value: Value = serde_json::from_str(text).ok()?;
        (value.is_object() || value.is_array()).then(|| Self::new(&value))
    }

    /// How much of the page it takes.
    pub(super) const fn bytes(&self) -> usize {
        self.html.len()
    }

    fn value(&mut self, value: &Value, depth: usize) {
        if self.html.len() > MAX_BYTES {
            self.cut = true;
            return;
        }
        match value {
            Value::Object(members) if !members.is_empty() => {
                let members = members.iter().map(|(name, value)| (Some(name.as_str()), value));
                self.several("{", members, "}", depth);
            }
            Value::Array(values) if !values.is_empty() => {
                self.several("[", values.iter().map(|value| (None, value)), "]", depth);
            }
            Value::Object(_) => self.html.push_str("{}"),
            Value::Array(_) => self.html.push_str("[]"),
            Value::String(text) => self.token("s", &Shortened(text).to_string()),
            Value::Number(number) => self.token("n", &number.to_string()),
            Value::Bool(_) | Value::Null => self.token("l", &value.to_string()),
        }
    }

    fn several<'v>(
        &mut self,
        open: &str,
        members: impl Iterator<Item = (Option<&'v str>, &'v Value)>,
        close: &str,
        depth: usize,
    ) {
        self.html.push_str(open);
        if depth >= MAX_DEPTH {
            self.cut = true;
            self.html.push('…');
            self.html.push_str(close);
            return;
        }
        for (index, (name, value)) in members.enumerate() {
            if self.html.len() > MAX_BYTES {
                self.cut = true;
                break;
            }
            if index > 0 {
                self.html.push(',');
            }
            self.line(depth + 1);
            if let Some(name) = name {
                self.token("k", &Shortened(name).to_string());
                self.html.push_str(": ");
            }
            self.value(value, depth + 1);
        }
        if self.cut {
            self.line(depth + 1);
            self.html.push('…');
        }
        self.line(depth);
        self.html.push_str(close);
    }

    fn line(&mut self, depth: usize) {
        self.html.push('\n');
        self.html.extend(std::iter::repeat_n("  ", depth));
    }

    fn token(&mut self, class: &str, text: &str) {
        // Texts take whatever they are given.
        let _ = write!(self.html, "<span class=\"{class}\">{}</span>", Escaped(text));
    }
}

impl fmt::Display for Pretty {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "<pre><code>{}</code></pre>", self.html)?;
        if self.cut {
            f.write_str(
                "<p class=\"note\">More than this page shows. GetExecutionHistory has all of it.</p>",
            )?;
        }
        Ok(())
    }
}

/// A JSON string, or its beginning.
struct Shortened<'a>(&'a str);

impl fmt::Display for Shortened<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let quoted = |text: &str| Value::from(text).to_string();
        match self.0.char_indices().nth(MAX_TEXT_CHARACTERS) {
            None => f.write_str(&quoted(self.0)),
            Some((at, _)) => {
                let (shown, rest) = self.0.split_at(at);
                write!(f, "{} … {} more characters", quoted(shown), rest.chars().count())
            }
        }
    }
}

/// A text of an execution, without pictures.
pub(super) fn text(text: &str) -> String {
    match view(&Value::from(text)) {
        Value::String(text) => text,
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn values_are_indented_and_coloured() {
        let pretty = Pretty::new(&json!({"a": [1, "<b>", null], "e": {}, "f": []}));
        assert_eq!(
            pretty.to_string(),
            "<pre><code>{\n  <span class=\"k\">&quot;a&quot;</span>: [\n    <span class=\"n\">1</span>,\n    \
             <span class=\"s\">&quot;&lt;b&gt;&quot;</span>,\n    <span class=\"l\">null</span>\n  ],\n  \
             <span class=\"k\">&quot;e&quot;</span>: {},\n  <span class=\"k\">&quot;f&quot;</span>: []\n}</code></pre>"
        );
    }

    #[test]
    fn nothing_is_endless() {
        let mut deep = json!(1);
        for _ in 0..100 {
            deep = json!([deep]);
        }
        let words = "word ".repeat(5000);
        for value in [json!(vec![words.clone(); 100]), json!(vec![7; 100_000]), deep] {
            let pretty = Pretty::new(&value);
            assert!(pretty.cut && pretty.bytes() < 2 * MAX_BYTES, "{}", pretty.bytes());
        }
        let pretty = Pretty::new(&json!(words));
        assert!(pretty.to_string().contains("&quot; … 21000 more characters"));
    }

    #[test]
    fn pictures_are_not_shown() {
        let photo = format!("/9j/{}", "A".repeat(2000));
        let shown = Pretty::new(&json!({"Image": photo})).to_string();
        assert!(!shown.contains("AAAA") && shown.contains("image/jpeg"), "{shown}");
        assert!(!text(&photo).contains("AAAA"));
        let cause = Pretty::of_text(&json!({"Image": photo}).to_string()).unwrap();
        assert!(!cause.to_string().contains("AAAA"));
        assert_eq!(Pretty::of_text("The photo is dark."), None);
    }
}
