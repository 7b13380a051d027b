//! The tables that requests are checked against.

use std::collections::BTreeSet;

use anyhow::{Context, Result, bail, ensure};

use super::model::{Kind, Shape};
use super::names::constant;
use super::pattern::translate;
use super::{Service, is_type};

impl Service<'_> {
    pub(super) fn render_constraints(&self) -> Result<String> {
        let keys = self.map_texts()?;
        let mut body = String::new();
        let mut names = BTreeSet::new();
        for name in &self.incoming {
            let shape = self.model.shape(name)?;
            ensure!(
                names.insert(constant(name)),
                "two shapes would be called {}",
                constant(name)
            );
            if let Some(pattern) = &shape.pattern {
                body.push_str(&render_pattern(name, pattern)?);
            }
            if keys.contains(name) {
                body.push_str(&format!(
                    "static {}_TEXT: Text = {};\n",
                    constant(name),
                    render_text(name, shape)
                ));
            }
            // The texts of maps are only used there, unless something else holds them too.
            if !keys.contains(name) || self.is_held(name)? {
                body.push_str(&format!(
                    "static {}: Shape = {};\n",
                    constant(name),
                    self.render_shape(name, shape)?
                ));
            }
        }
        let rows: String = self
            .inputs
            .iter()
            .map(|name| format!("    {name} = {},\n", constant(name)))
            .collect();
        let requests = self.inputs.iter().copied().collect::<Vec<_>>().join(", ");
        let mut types: Vec<&str> = self
            .incoming
            .iter()
            .copied()
            .filter(|name| !self.inputs.contains(name) && body.contains(&format!("({name}::TEXTS)")))
            .collect();
        types.push(&requests);
        let used = ["Length", "Member", "Range", "Shape", "Text"];
        let used: Vec<&str> = used
            .into_iter()
            .filter(|name| body.contains(&format!("{name}::")) || body.contains(&format!(": {name} ")))
            .collect();
        let pattern = if body.contains("Pattern::new") {
            "use crate::pattern::Pattern;\n"
        } else {
            ""
        };
        Ok(format!(
            "use super::{{{}}};\n{pattern}use crate::shape::{{{}}};\n\nvalidated! {{\n{rows}}}\n\n{body}",
            types.join(", "),
            used.join(", ")
        ))
    }

    /// The shapes that are keys or values of maps.
    fn map_texts(&self) -> Result<BTreeSet<&str>> {
        let mut found = BTreeSet::new();
        for name in &self.incoming {
            let shape = self.model.shape(name)?;
            for reference in shape.key.iter().chain(&shape.value) {
                let text = self.model.shape(&reference.shape)?;
                ensure!(
                    text.kind == Kind::String && text.choices.is_empty(),
                    "{name} is no map of texts"
                );
                found.insert(reference.shape.as_str());
            }
        }
        Ok(found)
    }

    /// Whether a structure or list holds the shape.
    fn is_held(&self, wanted: &str) -> Result<bool> {
        for name in &self.incoming {
            let shape = self.model.shape(name)?;
            let mut held = shape
                .members
                .0
                .iter()
                .map(|(_, member)| member)
                .chain(&shape.member);
            if held.any(|reference| reference.shape == wanted) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn render_shape(&self, name: &str, shape: &Shape) -> Result<String> {
        let inner = |reference: &Option<super::model::Reference>| {
            reference
                .as_ref()
                .map(|r| constant(&r.shape))
                .with_context(|| format!("{name} has no member"))
        };
        Ok(match shape.kind {
            Kind::Structure => {
                let member = |(name, member): &(String, super::model::Reference)| {
                    let presence = if shape.required.contains(name) {
                        "required"
                    } else {
                        "optional"
                    };
                    format!("Member::{presence}({name:?}, &{}),", constant(&member.shape))
                };
                let members: String = shape.members.0.iter().map(member).collect();
                format!("Shape::Structure(&[{members}])")
            }
            Kind::String if is_type(self.model, name)? => format!("Shape::Choice({name}::TEXTS)"),
            Kind::String => format!("Shape::Text({})", render_text(name, shape)),
            Kind::Blob => format!("Shape::Blob({})", render_length(shape)),
            Kind::Boolean => "Shape::Boolean".to_owned(),
            Kind::Integer => format!("Shape::Integer({})", render_range(shape)),
            Kind::Long => format!("Shape::Long({})", render_range(shape)),
            Kind::Float => format!("Shape::Float({})", render_range(shape)),
            Kind::Timestamp => "Shape::Timestamp".to_owned(),
            Kind::List => format!(
                "Shape::List(&{}, {})",
                inner(&shape.member)?,
                render_length(shape)
            ),
            Kind::Map => format!(
                "Shape::Map {{ key: &{}_TEXT, value: &{}_TEXT, length: {} }}",
                inner(&shape.key)?,
                inner(&shape.value)?,
                render_length(shape)
            ),
            Kind::Double => bail!("no request was expected to hold a double: {name}"),
        })
    }
}

fn render_pattern(name: &str, pattern: &str) -> Result<String> {
    let translated = translate(pattern)?;
    Ok(format!(
        "static {}_PATTERN: Pattern = Pattern::new({}, {}, {:?});\n",
        constant(name),
        raw(pattern),
        raw(&translated.expression),
        translated.refused_prefix
    ))
}

fn raw(text: &str) -> String {
    if text.contains('"') {
        format!("r#\"{text}\"#")
    } else {
        format!("r\"{text}\"")
    }
}

fn render_text(name: &str, shape: &Shape) -> String {
    let mut text = format!("Text::new({})", render_length(shape));
    if shape.pattern.is_some() {
        text.push_str(&format!(".matching(&{}_PATTERN)", constant(name)));
    }
    if shape.sensitive {
        text.push_str(".sensitive()");
    }
    text
}

fn render_length(shape: &Shape) -> String {
    match (shape.min, shape.max) {
        (None, None) if shape.kind == Kind::List => "Length::ANY_LIST".to_owned(),
        (None, None) => "Length::ANY".to_owned(),
        (min, max) => {
            let max = max.map_or("usize::MAX".to_owned(), grouped);
            format!("Length::new({}, {max})", grouped(min.unwrap_or(0.0)))
        }
    }
}

fn render_range(shape: &Shape) -> String {
    format!(
        "Range::new({}, {})",
        shape
            .min
            .map_or("f64::NEG_INFINITY".to_owned(), |min| format!("{min:?}")),
        shape
            .max
            .map_or("f64::INFINITY".to_owned(), |max| format!("{max:?}"))
    )
}

/// With separators: `5_242_880`.
fn grouped(number: f64) -> String {
    let digits = number.to_string();
    let (head, tail) = digits.split_at(digits.len() % 3);
    let groups = tail
        .as_bytes()
        .chunks(3)
        .map(|group| String::from_utf8_lossy(group).into_owned());
    let head = (!head.is_empty()).then(|| head.to_owned());
    let joined: Vec<String> = head.into_iter().chain(groups).collect();
    if digits.len() > 4 {
        joined.join("_")
    } else {
        digits
    }
}
