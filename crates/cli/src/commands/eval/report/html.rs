//! The little of HTML that a report needs. Everything that is written goes through [`escaped`], but for SVG of our own.

use std::fmt::Write;

use selfsame_evaluation::plot;

/// A page that grows from top to bottom.
pub(super) struct Page {
    title: String,
    body: String,
    sections: usize,
}

impl Page {
    pub(super) fn new(title: &str) -> Self {
        Self {
            title: title.to_owned(),
            body: String::new(),
            sections: 0,
        }
    }

    fn push(&mut self, html: std::fmt::Arguments<'_>) {
        // Writing to a string cannot fail.
        let _ = writeln!(self.body, "{html}");
    }

    pub(super) fn section(&mut self, title: &str) {
        if self.sections > 0 {
            self.push(format_args!("</section>"));
        }
        self.sections += 1;
        self.push(format_args!("<section>\n<h2>{}</h2>", escaped(title)));
    }

    pub(super) fn subsection(&mut self, title: &str) {
        self.push(format_args!("<h3>{}</h3>", escaped(title)));
    }

    pub(super) fn paragraph(&mut self, text: &str) {
        self.push(format_args!("<p>{}</p>", escaped(text)));
    }

    /// Small print.
    pub(super) fn note(&mut self, text: &str) {
        self.push(format_args!(r#"<p class="note">{}</p>"#, escaped(text)));
    }

    pub(super) fn warning(&mut self, text: &str) {
        self.push(format_args!(r#"<p class="warning">{}</p>"#, escaped(text)));
    }

    /// Names and what belongs to them.
    pub(super) fn facts(&mut self, facts: &[(&str, String)]) {
        self.push(format_args!("<dl>"));
        for (name, text) in facts {
            self.push(format_args!(
                "<dt>{}</dt><dd>{}</dd>",
                escaped(name),
                escaped(text)
            ));
        }
        self.push(format_args!("</dl>"));
    }

    /// A list behind its title, closed at first; nothing where it is empty.
    pub(super) fn folded(&mut self, title: &str, lines: &[String]) {
        if lines.is_empty() {
            return;
        }
        self.push(format_args!(
            "<details><summary>{} ({})</summary><ul>",
            escaped(title),
            lines.len()
        ));
        for line in lines {
            self.push(format_args!("<li>{}</li>", escaped(line)));
        }
        self.push(format_args!("</ul></details>"));
    }

    /// The first column names the row; all others are right-aligned, as they are numbers.
    pub(super) fn table(&mut self, titles: &[&str], rows: &[Vec<String>]) {
        self.push(format_args!(r#"<div class="table"><table><thead><tr>"#));
        for title in titles {
            self.push(format_args!(r#"<th scope="col">{}</th>"#, escaped(title)));
        }
        self.push(format_args!("</tr></thead><tbody>"));
        for row in rows {
            let mut cells = String::new();
            for (index, cell) in row.iter().enumerate() {
                let cell = escaped(cell);
                let _ = if index == 0 {
                    write!(cells, r#"<th scope="row">{cell}</th>"#)
                } else {
                    write!(cells, "<td>{cell}</td>")
                };
            }
            self.push(format_args!("<tr>{cells}</tr>"));
        }
        self.push(format_args!("</tbody></table></div>"));
    }

    /// Plots with what stands under them.
    pub(super) fn figures(&mut self, figures: &[(String, &str)]) {
        self.push(format_args!(r#"<div class="figures">"#));
        for (svg, caption) in figures {
            let caption = escaped(caption);
            self.push(format_args!(
                "<figure>{}<figcaption>{caption}</figcaption></figure>",
                plot::themed(svg)
            ));
        }
        self.push(format_args!("</div>"));
    }

    /// Opens a sheet of pairs.
    pub(super) fn sheet(&mut self, pairs: &[Pair]) {
        self.push(format_args!(r#"<div class="sheet">"#));
        for pair in pairs {
            let class = if pair.wrong { "pair wrong" } else { "pair" };
            self.push(format_args!(r#"<figure class="{class}"><div class="faces">"#));
            for (name, picture) in &pair.photos {
                if let Some(base64) = picture {
                    let name = escaped(name);
                    self.push(format_args!(
                        r#"<img src="data:image/jpeg;base64,{base64}" width="112" height="112" alt="face in {name}">"#
                    ));
                }
            }
            let caption = escaped(&pair.caption);
            let names: Vec<String> = pair.photos.iter().map(|(name, _)| escaped(name)).collect();
            self.push(format_args!(
                r#"</div><figcaption>{caption}<br><span class="name">{}</span></figcaption></figure>"#,
                names.join("<br>")
            ));
        }
        self.push(format_args!("</div>"));
    }

    pub(super) fn finish(mut self) -> String {
        if self.sections > 0 {
            self.push(format_args!("</section>"));
        }
        format!(
            concat!(
                "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n",
                "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n",
                "<meta name=\"color-scheme\" content=\"light dark\">\n",
                "<meta http-equiv=\"Content-Security-Policy\" ",
                "content=\"default-src 'none'; style-src 'unsafe-inline'; img-src data:\">\n",
                "<title>{title}</title>\n<style>\n{style}</style>\n</head>\n<body>\n<main>\n<h1>{title}</h1>\n{body}</main>\n",
                "</body>\n</html>\n"
            ),
            title = escaped(&self.title),
            style = include_str!("style.css"),
            body = self.body
        )
    }
}

/// Two photos of the sheet.
pub(super) struct Pair {
    /// Name, and the face as JPEG in base64.
    pub(super) photos: [(String, Option<String>); 2],
    pub(super) caption: String,
    /// Whether it is judged wrong at the default threshold.
    pub(super) wrong: bool,
}

/// For text and attribute values.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c if c.is_control() && c != '\n' && c != '\t' => out.push('\u{fffd}'),
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_is_said_becomes_markup() {
        let evil = "<script>alert(\"x\")</script>&'\u{0}";
        let mut page = Page::new(evil);
        page.section(evil);
        page.subsection(evil);
        page.paragraph(evil);
        page.note(evil);
        page.warning(evil);
        page.facts(&[(evil, evil.to_owned())]);
        page.folded(evil, &[evil.to_owned()]);
        page.table(&[evil], &[vec![evil.to_owned(), evil.to_owned()]]);
        page.figures(&[("<svg></svg>".to_owned(), evil)]);
        page.sheet(&[Pair {
            photos: [
                (evil.to_owned(), None),
                (evil.to_owned(), Some("QUJD".to_owned())),
            ],
            caption: evil.to_owned(),
            wrong: true,
        }]);
        let html = page.finish();
        assert!(!html.contains("<script") && !html.contains("alert(\"") && !html.contains('\u{0}'));
        assert!(html.contains("&lt;script&gt;alert(&quot;x&quot;)&lt;/script&gt;&amp;&#39;"));
        assert_eq!(
            html.matches("<section>").count(),
            html.matches("</section>").count()
        );
        assert!(
            !html.contains("http:") && !html.contains("https:"),
            "nothing from outside"
        );
    }
}
