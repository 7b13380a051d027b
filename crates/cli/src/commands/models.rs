//! `selfsame models`: fetch, list, check and show model packs, and make one of a model of one's own.

mod import;

use std::io::Write;

use anyhow::Result;
use clap::{Args, Subcommand};
use selfsame_vision::pack::{self, Artifact, FileState, FileStatus, Manifest, Models as Directory, Purpose};
use serde::Serialize;
use serde_json::{Value, json};

use crate::arguments::Global;
use crate::exit::Exit;
use crate::inference;
use crate::output::{table, talk};

/// What can be done with model packs.
#[derive(Debug, Subcommand)]
pub(crate) enum Models {
    /// Fetch a pack, check it and convert it; what is there already is only checked.
    Pull(Pack),
    /// List the packs that are known and whether they are installed.
    List,
    /// Check the installed files of a pack against its manifest; ends with 1 where something is missing or damaged.
    Verify(Pack),
    /// Show what a pack is made of: files, sources, licences, parameters.
    Show(Pack),
    /// Make a pack of an ONNX model of your own.
    Import(Box<import::Import>),
}

/// Which pack.
#[derive(Debug, Args)]
pub(crate) struct Pack {
    /// The pack's name [default: that of --pack].
    #[arg(value_name = "NAME")]
    name: Option<String>,
}

impl Pack {
    fn name<'a>(&'a self, global: &'a Global) -> &'a str {
        self.name.as_deref().unwrap_or_else(|| global.pack())
    }
}

impl Models {
    pub(super) fn run(self, global: &Global) -> Result<Exit> {
        match self {
            Self::Pull(pack) => pull(pack.name(global), global),
            Self::List => list(global),
            Self::Verify(pack) => verify(pack.name(global), global),
            Self::Show(pack) => show(pack.name(global), global),
            Self::Import(import) => import.run(global),
        }
    }
}

#[derive(Serialize)]
struct Pulled {
    pack: String,
    models: Vec<(String, String)>,
    runtime: Option<String>,
    warnings: Vec<String>,
}

fn pull(name: &str, global: &Global) -> Result<Exit> {
    let resolved = inference::resolver(global)?.resolve(name)?;
    for warning in &resolved.warnings {
        talk(format_args!("warning: {warning}"));
    }
    let pulled = Pulled {
        models: resolved
            .roles
            .iter()
            .map(|(role, model)| (role.clone(), model.path.display().to_string()))
            .collect(),
        runtime: resolved.runtime.as_ref().map(|path| path.display().to_string()),
        pack: resolved.name,
        warnings: resolved.warnings,
    };
    global.format.emit(&pulled, |out| {
        writeln!(out, "pack {} is ready", pulled.pack)?;
        for (role, path) in &pulled.models {
            writeln!(out, "  {role}: {path}")?;
        }
        match &pulled.runtime {
            Some(path) => writeln!(out, "  runtime: {path}"),
            None => writeln!(out, "  runtime: none, the built-in engine is used"),
        }
    })?;
    Ok(Exit::Success)
}

#[derive(Serialize)]
struct Listed {
    name: String,
    summary: String,
    installed: bool,
}

fn list(global: &Global) -> Result<Exit> {
    let packs = inference::packs(global)?;
    let directory = inference::directory(global)?;
    let mut listed = Vec::new();
    for manifest in packs
        .iter()
        .filter(|manifest| manifest.purpose == Purpose::Models)
    {
        listed.push(Listed {
            name: manifest.name.clone(),
            summary: manifest.summary.clone(),
            installed: is_complete(&directory.verify(manifest)?),
        });
    }
    global.format.emit(&listed, |out| {
        for pack in &listed {
            let state = if pack.installed {
                "installed"
            } else {
                "not installed"
            };
            writeln!(out, "{} ({state}): {}", pack.name, pack.summary)?;
        }
        Ok(())
    })?;
    Ok(Exit::Success)
}

/// Every role has its file: the converted one, or the published one where nothing is converted. The inference library
/// is wanted, not needed.
pub(crate) fn is_complete(files: &[FileStatus]) -> bool {
    files.iter().all(|file| is_fine(file, files))
}

fn is_fine(file: &FileStatus, files: &[FileStatus]) -> bool {
    let converted = || {
        files
            .iter()
            .any(|other| other.role == file.role && other.converted && other.state == FileState::Verified)
    };
    match file.state {
        FileState::Verified => true,
        FileState::Missing => file.role == pack::RUNTIME_ROLE || (!file.converted && converted()),
        _ => false,
    }
}

fn verify(name: &str, global: &Global) -> Result<Exit> {
    let files = inference::resolver(global)?.verify(name)?;
    let complete = is_complete(&files);
    let rows: Vec<Value> = files
        .iter()
        .map(|file| {
            json!({
                "role": file.role,
                "path": file.path,
                "converted": file.converted,
                "state": file.state.to_string(),
                "fine": is_fine(file, &files),
            })
        })
        .collect();
    let answer = json!({ "pack": name, "complete": complete, "files": rows });
    global.format.emit(&answer, |out| {
        for file in &files {
            let note = match (is_fine(file, &files), &file.state) {
                (true, FileState::Missing) => " (not needed)",
                _ => "",
            };
            writeln!(
                out,
                "{:<9} {} {}{note}",
                file.state,
                file.role,
                file.path.display()
            )?;
        }
        let verdict = if complete { "complete" } else { "incomplete" };
        writeln!(out, "pack {name} is {verdict}")
    })?;
    if !complete {
        talk(format_args!(
            "hint: `selfsame models pull {name}` fetches what is missing or damaged"
        ));
    }
    Ok(Exit::from_match(complete))
}

fn show(name: &str, global: &Global) -> Result<Exit> {
    let packs = inference::packs(global)?;
    let manifest = packs.get(name)?;
    let directory = inference::directory(global)?;
    let shown = describe(manifest, &directory)?;
    global
        .format
        .emit(&shown, |out| tell(out, manifest, &directory))?;
    Ok(Exit::Success)
}

fn describe(manifest: &Manifest, directory: &Directory) -> Result<Value> {
    let mut roles = serde_json::Map::new();
    for (role, artifact) in &manifest.roles {
        let files: Vec<Value> = artifact
            .files
            .iter()
            .map(|file| {
                json!({
                    "name": file.name,
                    "sha256": file.sha256.to_string(),
                    "size_bytes": file.size_bytes,
                    "platform": file.platform,
                    "sources": file.sources.iter().map(ToString::to_string).collect::<Vec<_>>(),
                })
            })
            .collect();
        let described = json!({
            "summary": artifact.summary,
            "licence": artifact.licence,
            "training_data": artifact.training_data,
            "conversion": artifact.conversion.map(|conversion| conversion.to_string()),
            "path": path_of(artifact, directory),
            "parameters": serde_json::to_value(&artifact.parameters)?,
            "files": files,
        });
        roles.insert(role.clone(), described);
    }
    Ok(json!({ "name": manifest.name, "summary": manifest.summary, "roles": roles }))
}

/// The file that an engine loads.
fn path_of(artifact: &Artifact, directory: &Directory) -> Option<std::path::PathBuf> {
    match artifact.conversion {
        Some(conversion) => Some(directory.converted_path(artifact, conversion)),
        None => artifact
            .files_for(&pack::platform())
            .next()
            .map(|file| directory.path_of(file)),
    }
}

fn tell(out: &mut dyn Write, manifest: &Manifest, directory: &Directory) -> std::io::Result<()> {
    writeln!(out, "{}: {}", manifest.name, manifest.summary)?;
    for (role, artifact) in &manifest.roles {
        writeln!(out, "\n{role}: {}", artifact.summary)?;
        writeln!(out, "  licence: {}", artifact.licence)?;
        if !artifact.training_data.is_empty() {
            writeln!(out, "  trained on: {}", artifact.training_data)?;
        }
        if let Some(path) = path_of(artifact, directory) {
            writeln!(out, "  path: {}", path.display())?;
        }
        for (name, value) in &artifact.parameters {
            writeln!(out, "  {name} = {}", serde_json::to_string(value)?)?;
        }
        let rows: Vec<Vec<String>> = artifact
            .files
            .iter()
            .map(|file| {
                vec![
                    file.name.clone(),
                    file.size_bytes.to_string(),
                    file.sha256.to_string(),
                ]
            })
            .collect();
        table(out, &["  file", "bytes", "sha256"], &rows)?;
    }
    Ok(())
}
