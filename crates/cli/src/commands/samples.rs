//! `selfsame samples`: fetch sample photos to try things with.

use std::path::{Path, PathBuf};

use anyhow::Result;
use clap::Args;
use selfsame_vision::pack::Digest;
use serde_json::json;

use crate::arguments::Global;
use crate::exit::{Exit, Failure};
use crate::inference;
use crate::output::talk;

/// The manifest that lists the photos.
const PACK: &str = "samples";

/// Arguments of `samples`.
#[derive(Debug, Args)]
pub(crate) struct Samples {
    /// Where to put them.
    #[arg(value_name = "DIR", default_value = "selfsame-samples")]
    directory: PathBuf,
}

impl Samples {
    pub(super) fn run(self, global: &Global) -> Result<Exit> {
        let resolver = inference::resolver(global)?;
        let files = resolver
            .packs()
            .get(PACK)?
            .roles
            .values()
            .flat_map(|artifact| &artifact.files);
        for file in files {
            refuse_other(&self.directory.join(&file.name), file.sha256)?;
        }
        let fetched = resolver.fetch_files(PACK, &self.directory)?;
        for warning in &fetched.warnings {
            talk(format_args!("warning: {warning}"));
        }
        let answer = json!({ "files": fetched.files, "warnings": fetched.warnings });
        global.format.emit(&answer, |out| {
            fetched
                .files
                .iter()
                .try_for_each(|path| writeln!(out, "{}", path.display()))
        })?;
        Ok(Exit::Success)
    }
}

/// A file of somebody else under one of our names stays as it is.
fn refuse_other(path: &Path, expected: Digest) -> Result<()> {
    if !path.try_exists()? || Digest::of_file(path)? == expected {
        return Ok(());
    }
    Err(
        Failure::new(format!("{} is there already and is another file", path.display()))
            .hint("name another directory: `selfsame samples DIR`")
            .into(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn other_files_stay() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("photo.jpg");
        assert!(refuse_other(&path, Digest::of(b"ours")).is_ok());
        fs_err::write(&path, b"ours").unwrap();
        assert!(refuse_other(&path, Digest::of(b"ours")).is_ok());
        let error = refuse_other(&path, Digest::of(b"theirs")).unwrap_err();
        assert!(error.to_string().contains("another file"), "{error}");
    }
}
