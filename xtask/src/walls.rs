//! The allowed dependencies, and what breaks them.

use serde::Deserialize;

/// The part of `cargo metadata` that matters here.
#[derive(Debug, Deserialize)]
pub(crate) struct Metadata {
    packages: Vec<Package>,
}

#[derive(Debug, Deserialize)]
struct Package {
    name: String,
    dependencies: Vec<Dependency>,
}

#[derive(Debug, Deserialize)]
struct Dependency {
    name: String,
    /// `dev`, `build`, or nothing for the crate itself.
    kind: Option<String>,
}

const PREFIX: &str = "selfsame-";

/// Which of our crates each of our crates may use.
const EDGES: &[(&str, &[&str])] = &[
    ("types", &[]),
    ("vision", &["types"]),
    ("face", &["types", "vision"]),
    ("document", &["types", "vision"]),
    ("gallery", &["types"]),
    ("store", &["types"]),
    ("evaluation", &[]),
    ("wire", &[]),
    ("workflow", &["types"]),
    (
        "server",
        &[
            "types", "vision", "face", "document", "gallery", "store", "wire", "workflow",
        ],
    ),
    (
        "cli",
        &[
            "types",
            "vision",
            "face",
            "document",
            "gallery",
            "store",
            "evaluation",
            "wire",
            "workflow",
            "server",
        ],
    ),
];

/// Libraries that only the named crates may know.
const RESERVED: &[(&str, &[&str])] = &[
    ("sqlx", &["store"]),
    ("object_store", &["store"]),
    ("axum", &["server"]),
    ("tokio", &["store", "server", "cli"]),
    ("s3s", &["server"]),
    ("ort", &["vision"]),
    ("rten", &["vision"]),
    ("imageproc", &["document"]),
    ("rxing", &["document"]),
    ("hayro", &["document"]),
    ("anyhow", &["cli"]),
    ("clap", &["cli"]),
];

/// A sentence per dependency that breaks a wall. Tests may use what they need.
pub(crate) fn violations(metadata: &Metadata) -> Vec<String> {
    let mut found = Vec::new();
    for package in &metadata.packages {
        let Some(name) = package.name.strip_prefix(PREFIX) else {
            continue;
        };
        let Some((_, allowed)) = EDGES.iter().find(|(from, _)| *from == name) else {
            found.push(format!(
                "crate {name} is not in the list of walls: add it to xtask/src/walls.rs"
            ));
            continue;
        };
        for dependency in package
            .dependencies
            .iter()
            .filter(|d| d.kind.as_deref() != Some("dev"))
        {
            found.extend(violation(name, allowed, &dependency.name));
        }
    }
    found
}

fn violation(from: &str, allowed: &[&str], to: &str) -> Option<String> {
    if let Some(ours) = to.strip_prefix(PREFIX) {
        return (!allowed.contains(&ours)).then(|| format!("{from} must not depend on {ours}"));
    }
    let (_, owners) = RESERVED.iter().find(|(library, _)| *library == to)?;
    (!owners.contains(&from)).then(|| format!("{from} must not know {to}: only {} may", owners.join(", ")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn package(name: &str, dependencies: &[(&str, Option<&str>)]) -> Package {
        let dependency = |(name, kind): &(&str, Option<&str>)| Dependency {
            name: (*name).to_owned(),
            kind: kind.map(str::to_owned),
        };
        Package {
            name: name.to_owned(),
            dependencies: dependencies.iter().map(dependency).collect(),
        }
    }

    #[test]
    fn a_broken_wall_is_named() {
        let metadata = Metadata {
            packages: vec![
                package(
                    "selfsame-face",
                    &[("selfsame-store", None), ("tokio", None), ("serde", None)],
                ),
                package(
                    "selfsame-gallery",
                    &[("selfsame-types", None), ("selfsame-store", Some("dev"))],
                ),
                package("selfsame-new", &[]),
            ],
        };
        assert_eq!(
            violations(&metadata),
            [
                "face must not depend on store",
                "face must not know tokio: only store, server, cli may",
                "crate new is not in the list of walls: add it to xtask/src/walls.rs",
            ]
        );
    }
}
