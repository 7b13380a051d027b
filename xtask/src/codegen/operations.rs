//! The operations of a service, and the names of those it has besides.

use anyhow::{Context, Result};

use super::Service;
use super::names::{doc, sentence, wrapped};

impl Service<'_> {
    pub(super) fn render_operations(&self) -> Result<String> {
        let served = self.render_rows(self.selection.served, "")?;
        let modelled = self.render_rows(self.selection.modelled, " Not implemented yet.")?;
        Ok(format!(
            "operations! {{\n    {};\n    served {{\n{served}    }}\n    modelled {{\n{modelled}    }}\n}}\n",
            self.selection.service
        ))
    }

    fn render_rows(&self, names: &[&str], remark: &str) -> Result<String> {
        let mut rows = String::new();
        for name in names {
            let operation = self.model.operation(name)?;
            let output = operation.output.as_ref().context("an operation without output")?;
            let errors: Vec<String> = operation
                .errors
                .iter()
                .map(|error| format!("{},", error.shape))
                .collect();
            let text = sentence(&operation.documentation, &format!("`{name}`.")) + remark;
            rows.push_str(&doc("        ", &text));
            rows.push_str(&format!(
                "        {name}: {} => {} ! [\n{}        ],\n",
                operation.input.shape,
                output.shape,
                wrapped("            ", "", &errors.join(" "))
            ));
        }
        Ok(rows)
    }

    pub(super) fn render_known(&self) -> String {
        // Sorted, because they are searched.
        let names: String = self
            .model
            .operations
            .keys()
            .map(|name| format!("{name:?},\n"))
            .collect();
        format!(
            "/// Every operation of the service, served here or not, sorted.\npub(crate) const KNOWN: &[&str] = &[\n{names}];\n"
        )
    }
}
