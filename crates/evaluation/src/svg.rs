//! The little of SVG that a plot needs: dark on white, text as text, coordinates rounded to a tenth of a pixel.

use std::fmt::Write;

pub(crate) struct Svg {
    width_px: f64,
    height_px: f64,
    body: String,
}

/// Where a text stands in relation to its point.
#[derive(Clone, Copy)]
pub(crate) enum Anchor {
    Start,
    Middle,
    End,
}

impl Svg {
    pub(crate) fn new(width_px: f64, height_px: f64) -> Self {
        Self {
            width_px,
            height_px,
            body: String::new(),
        }
    }

    fn push(&mut self, element: std::fmt::Arguments<'_>) {
        // Writing to a string cannot fail.
        let _ = writeln!(self.body, "{element}");
    }

    pub(crate) fn line(&mut self, from: (f64, f64), to: (f64, f64), style: &str) {
        let ((x1, y1), (x2, y2)) = (from, to);
        self.push(format_args!(
            r#"<line x1="{x1:.1}" y1="{y1:.1}" x2="{x2:.1}" y2="{y2:.1}" style="{}"/>"#,
            escaped(style)
        ));
    }

    pub(crate) fn rectangle(&mut self, corner: (f64, f64), size: (f64, f64), style: &str) {
        self.push(format_args!(
            r#"<rect x="{:.1}" y="{:.1}" width="{:.1}" height="{:.1}" style="{}"/>"#,
            corner.0,
            corner.1,
            size.0,
            size.1,
            escaped(style)
        ));
    }

    pub(crate) fn circle(&mut self, center: (f64, f64), radius_px: f64, style: &str) {
        self.push(format_args!(
            r#"<circle cx="{:.1}" cy="{:.1}" r="{radius_px:.1}" style="{}"/>"#,
            center.0,
            center.1,
            escaped(style)
        ));
    }

    pub(crate) fn polyline(&mut self, points: &[(f64, f64)], style: &str) {
        let list: Vec<String> = points.iter().map(|(x, y)| format!("{x:.1},{y:.1}")).collect();
        self.push(format_args!(
            r#"<polyline points="{}" style="fill:none;{}"/>"#,
            list.join(" "),
            escaped(style)
        ));
    }

    pub(crate) fn polygon(&mut self, points: &[(f64, f64)], style: &str) {
        let list: Vec<String> = points.iter().map(|(x, y)| format!("{x:.1},{y:.1}")).collect();
        self.push(format_args!(
            r#"<polygon points="{}" style="{}"/>"#,
            list.join(" "),
            escaped(style)
        ));
    }

    pub(crate) fn text(&mut self, at: (f64, f64), anchor: Anchor, size_px: u32, text: &str) {
        self.push(format_args!(
            r#"<text x="{:.1}" y="{:.1}" text-anchor="{}" font-size="{size_px}">{}</text>"#,
            at.0,
            at.1,
            anchor.name(),
            escaped(text)
        ));
    }

    /// Reads upwards, centred at the point.
    pub(crate) fn upright_text(&mut self, at: (f64, f64), size_px: u32, text: &str) {
        let (x, y) = at;
        self.push(format_args!(
            r#"<text transform="translate({x:.1} {y:.1}) rotate(-90)" text-anchor="middle" font-size="{size_px}">{}</text>"#,
            escaped(text)
        ));
    }

    pub(crate) fn finish(self) -> String {
        let (width, height) = (self.width_px, self.height_px);
        format!(
            concat!(
                r#"<svg xmlns="http://www.w3.org/2000/svg" width="{w}" height="{h}" viewBox="0 0 {w} {h}" "#,
                r##"font-family="Helvetica, Arial, 'DejaVu Sans', sans-serif" fill="#222222">"##,
                "\n<rect width=\"{w}\" height=\"{h}\" style=\"fill:#ffffff\"/>\n{body}</svg>\n"
            ),
            w = width,
            h = height,
            body = self.body
        )
    }
}

impl Anchor {
    const fn name(self) -> &'static str {
        match self {
            Self::Start => "start",
            Self::Middle => "middle",
            Self::End => "end",
        }
    }
}

/// For text and attribute values. Characters that XML 1.0 forbids are dropped.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\t' | ' '..='\u{fffd}' | '\u{10000}'.. => out.push(c),
            _ => {}
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_cannot_break_the_document() {
        let mut svg = Svg::new(10.0, 10.0);
        svg.text((1.0, 2.0), Anchor::Middle, 12, "a<b & \"c\" > d\u{0}");
        assert!(svg.finish().contains(">a&lt;b &amp; &quot;c&quot; &gt; d</text>"));
    }
}
