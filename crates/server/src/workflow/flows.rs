//! The flows that are shipped in the binary, and the operator's own in their place. A file `register.asl.json` in the
//! directory that the setting `workflow.directory` names takes the place of ours; other files there are further machines.

use std::path::Path;

use selfsame_store::MachineKind;

use super::arn::is_name;
use super::catalog::FlowError;

/// A flow as a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shipped {
    /// Its name as a state machine.
    pub name: String,
    /// Whether it lives in memory or is written down.
    pub kind: MachineKind,
    /// Where the text is from.
    pub file: String,
    /// The definition.
    pub text: String,
}

/// The portal's flows, by their names as state machines.
pub(crate) const REGISTER: &str = "Register";
pub(crate) const REGISTER_ID_CARD: &str = "RegisterIdCard";
pub(crate) const AUTHENTICATE: &str = "Authenticate";
pub(crate) const UPDATE: &str = "Update";
/// Delivers webhooks.
pub(crate) const WEBHOOK: &str = "Webhook";

const SUFFIX: &str = ".asl.json";

/// Name, file and text of what is shipped.
const SHIPPED: [(&str, &str, MachineKind, &str); 5] = [
    (
        REGISTER,
        "register.asl.json",
        MachineKind::Express,
        include_str!("../../../../workflows/register.asl.json"),
    ),
    (
        REGISTER_ID_CARD,
        "register-idcard.asl.json",
        MachineKind::Express,
        include_str!("../../../../workflows/register-idcard.asl.json"),
    ),
    (
        AUTHENTICATE,
        "authenticate.asl.json",
        MachineKind::Express,
        include_str!("../../../../workflows/authenticate.asl.json"),
    ),
    (
        UPDATE,
        "update.asl.json",
        MachineKind::Express,
        include_str!("../../../../workflows/update.asl.json"),
    ),
    (
        WEBHOOK,
        "webhook.asl.json",
        MachineKind::Standard,
        include_str!("../../../../workflows/webhook.asl.json"),
    ),
];

/// What is shipped, with what `directory` has in its place and beside it.
pub fn load(directory: Option<&Path>) -> Result<Vec<Shipped>, FlowError> {
    let mut flows: Vec<Shipped> = SHIPPED
        .iter()
        .map(|(name, file, kind, text)| Shipped {
            name: (*name).to_owned(),
            kind: *kind,
            file: (*file).to_owned(),
            text: (*text).to_owned(),
        })
        .collect();
    let Some(directory) = directory else {
        return Ok(flows);
    };
    let failed = |problem: std::io::Error| FlowError {
        file: directory.display().to_string(),
        problem: problem.to_string(),
    };
    let mut paths = Vec::new();
    for entry in fs_err::read_dir(directory).map_err(failed)? {
        paths.push(entry.map_err(failed)?.path());
    }
    paths.sort();
    for path in paths {
        take(&path, &mut flows)?;
    }
    Ok(flows)
}

fn take(path: &Path, flows: &mut Vec<Shipped>) -> Result<(), FlowError> {
    let file = path.file_name().map(|name| name.to_string_lossy().into_owned());
    let Some((file, stem)) = file
        .as_deref()
        .and_then(|file| Some((file, file.strip_suffix(SUFFIX)?)))
    else {
        return Ok(());
    };
    let wrong = |problem: String| FlowError {
        file: path.display().to_string(),
        problem,
    };
    let text = fs_err::read_to_string(path).map_err(|error| wrong(error.to_string()))?;
    if let Some(flow) = flows.iter_mut().find(|flow| flow.file == file) {
        flow.text = text;
        return Ok(());
    }
    // `review.express.asl.json` is an Express machine called review, `review.asl.json` a Standard one.
    let (name, kind) = match stem.strip_suffix(".express") {
        Some(name) => (name, MachineKind::Express),
        None => (stem, MachineKind::Standard),
    };
    if !is_name(name) || flows.iter().any(|flow| flow.name.eq_ignore_ascii_case(name)) {
        return Err(wrong(format!(
            "{name} is not a free name for a state machine: rename the file"
        )));
    }
    flows.push(Shipped {
        name: name.to_owned(),
        kind,
        file: file.to_owned(),
        text,
    });
    Ok(())
}

#[cfg(test)]
mod tests {
    use selfsame_workflow::definition::parse;

    use super::*;
    use crate::workflow::Known;
    use crate::workflow::workers::refused_in_express;

    #[test]
    fn what_is_shipped_is_valid_without_a_warning() {
        for flow in load(None).unwrap() {
            let (definition, found) = parse(&flow.text, &Known::default());
            assert!(found.is_empty(), "{}: {found:?}", flow.file);
            if flow.kind == MachineKind::Express {
                assert_eq!(refused_in_express(&definition.unwrap()), None);
            }
        }
    }

    #[test]
    fn a_directory_replaces_and_adds() {
        let directory = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| fs_err::write(directory.path().join(name), text).unwrap();
        write("register.asl.json", "{}");
        write("review.asl.json", "{\"a\":1}");
        write("quick.express.asl.json", "{\"b\":1}");
        write("notes.txt", "not a flow");
        let flows = load(Some(directory.path())).unwrap();
        let found = |name: &str| flows.iter().find(|flow| flow.name == name).unwrap();
        assert_eq!(found("Register").text, "{}");
        assert_eq!(found("review").kind, MachineKind::Standard);
        assert_eq!(found("quick").kind, MachineKind::Express);
        assert_eq!(flows.len(), 7);
        write("Authenticate.asl.json", "{}");
        let error = load(Some(directory.path())).unwrap_err();
        assert!(error.to_string().contains("not a free name"), "{error}");
        assert!(load(Some(&directory.path().join("missing"))).is_err());
    }
}
