//! Structures and enums.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context, Result, bail};

use super::model::{Kind, Reference, Shape};
use super::names::{camel, doc, sentence, snake};
use super::selection::AS_RECORDED;
use super::{Service, is_type, reach};

impl Service<'_> {
    pub(super) fn render_shapes(&self) -> Result<Vec<(&'static str, String)>> {
        let mut structures: BTreeMap<&'static str, String> = BTreeMap::new();
        let mut enums = String::new();
        let groups = self.groups()?;
        let all: BTreeSet<&str> = self.incoming.union(&self.outgoing).copied().collect();
        for name in all {
            let shape = self.model.shape(name)?;
            if shape.kind == Kind::Structure {
                let group = groups.iter().find(|(_, names)| names.contains(name));
                let file = match group {
                    _ if self.inputs.contains(name) => "requests.rs",
                    _ if self.outputs.contains(name) => "responses.rs",
                    Some((file, _)) => file,
                    None => "shapes.rs",
                };
                *structures.entry(file).or_default() += &self.render_structure(name, shape)?;
            } else if is_type(self.model, name)? {
                enums.push_str(&render_enum(name, shape));
            }
        }
        let mut files: Vec<_> = structures
            .into_iter()
            .map(|(file, body)| (file, self.imports(&body) + &body))
            .collect();
        files.push(("enums.rs", enums));
        Ok(files)
    }

    /// Which structures go into files of their own.
    fn groups(&self) -> Result<Vec<(&'static str, BTreeSet<&str>)>> {
        let mut groups = Vec::new();
        for (file, beginnings) in self.selection.files {
            let mut names = BTreeSet::new();
            for name in &self.outgoing {
                if beginnings.iter().any(|beginning| name.starts_with(beginning)) {
                    reach(self.model, name, &mut names)?;
                }
            }
            groups.push((*file, names));
        }
        Ok(groups)
    }

    /// The imports that a file of structures needs.
    fn imports(&self, body: &str) -> String {
        let mut imports = String::new();
        if body.contains("BTreeMap<") {
            imports.push_str("use std::collections::BTreeMap;\n\n");
        }
        imports.push_str(
            match (body.contains("Deserialize)]"), body.contains("Serialize)]")) {
                (true, _) => "use serde::{Deserialize, Serialize};\n\n",
                _ => "use serde::Serialize;\n\n",
            },
        );
        imports.push_str(&self.siblings(body));
        let ours: Vec<&str> = ["Blob", "EpochSeconds"]
            .into_iter()
            .filter(|name| mentions(body, name))
            .collect();
        if !ours.is_empty() {
            imports.push_str(&format!("use crate::{{{}}};\n", ours.join(", ")));
        }
        imports + "\n"
    }

    /// The types of the same service that a file mentions but does not define.
    fn siblings(&self, body: &str) -> String {
        let all = self.incoming.union(&self.outgoing);
        let needed: Vec<&str> = all
            .copied()
            .filter(|name| is_type(self.model, name).unwrap_or(false))
            .filter(|name| mentions(body, name) && !body.contains(&format!("pub struct {name} {{")))
            .collect();
        if needed.is_empty() {
            return String::new();
        }
        format!("use super::{{{}}};\n", needed.join(", "))
    }

    fn render_structure(&self, name: &str, shape: &Shape) -> Result<String> {
        let incoming = self.incoming.contains(name);
        let mut derives = vec!["Debug", "Clone", "PartialEq"];
        if self.has_default(shape)? {
            derives.push("Default");
        }
        derives.push("Serialize");
        if incoming {
            derives.push("Deserialize");
        }
        let members: Vec<(String, &String, &Reference)> = shape
            .members
            .0
            .iter()
            .map(|(name, member)| (snake(name), name, member))
            .collect();
        let cases = [("PascalCase", true), ("camelCase", false)];
        let fits = |upper: bool| {
            members
                .iter()
                .filter(|(field, name, _)| joined(field, upper) == **name)
                .count()
        };
        let (case, upper) = cases[usize::from(fits(false) > fits(true))];
        let mut text = doc("", &sentence(&shape.documentation, &self.describe(name)));
        text.push_str(&format!("#[derive({})]\n", derives.join(", ")));
        if !members.is_empty() {
            text.push_str(&format!("#[serde(rename_all = {case:?})]\n"));
        }
        text.push_str(&format!("pub struct {name} {{\n"));
        for (field, name, member) in members {
            text.push_str(&self.render_field(&field, name, member, shape, upper)?);
        }
        Ok(text + "}\n\n")
    }

    fn render_field(
        &self,
        field: &str,
        name: &str,
        member: &Reference,
        structure: &Shape,
        upper: bool,
    ) -> Result<String> {
        let documentation = if member.documentation.is_empty() {
            &self.model.shape(&member.shape)?.documentation
        } else {
            &member.documentation
        };
        let mut attributes = Vec::new();
        if joined(field, upper) != name {
            attributes.push(format!("rename = {name:?}"));
        }
        let mut kind = self.rust_type(&member.shape)?;
        if !structure.required.iter().any(|required| required == name) {
            kind = format!("Option<{kind}>");
            attributes.push("skip_serializing_if = \"Option::is_none\"".to_owned());
        }
        let mut text = doc("    ", &sentence(documentation, &format!("`{name}`.")));
        if !attributes.is_empty() {
            text.push_str(&format!("    #[serde({})]\n", attributes.join(", ")));
        }
        Ok(text + &format!("    pub {field}: {kind},\n"))
    }

    fn describe(&self, name: &str) -> String {
        let used = |shape: &str| {
            self.operations().find(|operation| {
                let operation = self.model.operation(operation).ok();
                operation.is_some_and(|o| {
                    o.input.shape == shape || o.output.as_ref().is_some_and(|output| output.shape == shape)
                })
            })
        };
        match used(name) {
            Some(operation) if self.inputs.contains(name) => format!("What goes into `{operation}`."),
            Some(operation) => format!("What comes out of `{operation}`."),
            None => format!("`{name}`."),
        }
    }

    fn rust_type(&self, name: &str) -> Result<String> {
        let shape = self.model.shape(name)?;
        let inner = |reference: &Option<Reference>| {
            let reference = reference
                .as_ref()
                .with_context(|| format!("{name} has no member"))?;
            self.rust_type(&reference.shape)
        };
        Ok(match shape.kind {
            _ if is_type(self.model, name)? => name.to_owned(),
            Kind::String => "String".to_owned(),
            Kind::Blob => "Blob".to_owned(),
            Kind::Boolean => "bool".to_owned(),
            Kind::Integer => "i32".to_owned(),
            Kind::Long => "i64".to_owned(),
            Kind::Float => "f32".to_owned(),
            Kind::Double => "f64".to_owned(),
            Kind::Timestamp => "EpochSeconds".to_owned(),
            Kind::List => format!("Vec<{}>", inner(&shape.member)?),
            Kind::Map => format!("BTreeMap<{}, {}>", inner(&shape.key)?, inner(&shape.value)?),
            Kind::Structure => bail!("{name} is a type"),
        })
    }

    /// Whether every required member has a default.
    fn has_default(&self, structure: &Shape) -> Result<bool> {
        for (name, member) in &structure.members.0 {
            if !structure.required.contains(name) {
                continue;
            }
            let shape = self.model.shape(&member.shape)?;
            let has = match shape.kind {
                Kind::Structure => self.has_default(shape)?,
                Kind::Timestamp => false,
                _ => shape.choices.is_empty(),
            };
            if !has {
                return Ok(false);
            }
        }
        Ok(true)
    }
}

/// What serde makes of a field's name.
fn joined(field: &str, upper_first: bool) -> String {
    let field = field.trim_start_matches("r#");
    let capital = |word: &str| {
        word.get(..1).unwrap_or_default().to_ascii_uppercase() + word.get(1..).unwrap_or_default()
    };
    let name: String = field.split('_').map(capital).collect();
    if upper_first {
        name
    } else {
        name[..1].to_ascii_lowercase() + &name[1..]
    }
}

/// Whether a type is named in code.
fn mentions(body: &str, name: &str) -> bool {
    let code = body.lines().filter(|line| !line.trim_start().starts_with("///"));
    let is_part = |c: char| c.is_ascii_alphanumeric() || c == '_';
    code.flat_map(|line| line.split(|c| !is_part(c)))
        .any(|word| word == name)
}

fn render_enum(name: &str, shape: &Shape) -> String {
    let variants: String = shape
        .choices
        .iter()
        .map(|choice| {
            let recorded = AS_RECORDED
                .iter()
                .find(|(shape, modelled, _)| *shape == name && *modelled == choice);
            let spelling = recorded.map_or(choice.as_str(), |(_, _, recorded)| recorded);
            format!("        {} = {spelling:?},\n", camel(choice))
        })
        .collect();
    let documentation = doc("    ", &sentence(&shape.documentation, &format!("`{name}`.")));
    format!("enumeration! {{\n{documentation}    {name} {{\n{variants}    }}\n}}\n\n")
}
