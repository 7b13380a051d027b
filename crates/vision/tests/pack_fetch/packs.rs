//! Packs of a test's own: one role `thing` with one file, whose content is given.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use selfsame_vision::pack::{Digest, Models, Packs, Progress, Resolver};

/// 300 kB that no two parts of are alike, so that a part in the wrong place is noticed.
pub(crate) fn content() -> Vec<u8> {
    (0..75_000u32)
        .flat_map(|index| index.wrapping_mul(2_654_435_761).to_le_bytes())
        .collect()
}

/// Directories of one test: manifests and models.
pub(crate) struct Place {
    directory: tempfile::TempDir,
}

impl Place {
    pub(crate) fn new() -> Self {
        let place = Self {
            directory: tempfile::tempdir().unwrap(),
        };
        fs_err::create_dir(place.manifests()).unwrap();
        place
    }

    pub(crate) fn manifests(&self) -> PathBuf {
        self.directory.path().join("packs")
    }

    pub(crate) fn models(&self) -> PathBuf {
        self.directory.path().join("models")
    }

    /// Writes the manifest `name` with one file `thing.bin` per role, which may come from `sources`.
    pub(crate) fn write_pack(&self, name: &str, roles: &[(&str, &[u8], &[&str])], more: &str) {
        let mut text = format!("format = 1\nname = \"{name}\"\nsummary = \"test\"\n{more}\n");
        for (role, content, sources) in roles {
            let (sha256, size_bytes) = (Digest::of(content), content.len());
            let role = format!(
                "[roles.{role}]\nsummary = \"test\"\nlicence = \"MIT\"\nfiles = [{{ name = \"{role}.bin\", \
                 sha256 = \"{sha256}\", size_bytes = {size_bytes}, sources = {sources:?} }}]\n"
            );
            text.push_str(&role);
        }
        fs_err::write(self.manifests().join(format!("{name}.toml")), text).unwrap();
    }

    pub(crate) fn resolver(&self) -> Resolver {
        resolver(&self.manifests(), &self.models())
    }
}

pub(crate) fn resolver(manifests: &Path, models: &Path) -> Resolver {
    Resolver::new(Packs::load(Some(manifests)).unwrap(), Models::open(models))
}

/// One transfer as it was reported.
#[derive(Debug, PartialEq)]
pub(crate) struct Transfer {
    pub(crate) name: String,
    pub(crate) total_bytes: Option<u64>,
    pub(crate) arrived_bytes: u64,
    pub(crate) finished: bool,
}

/// Keeps what it is told.
#[derive(Default)]
pub(crate) struct Recorder {
    pub(crate) messages: Mutex<Vec<String>>,
    pub(crate) transfers: Mutex<Vec<Transfer>>,
}

impl Recorder {
    pub(crate) fn shared() -> Arc<Self> {
        Arc::default()
    }

    fn change(&self, name: &str, change: impl FnOnce(&mut Transfer)) {
        let mut transfers = self.transfers.lock().unwrap();
        change(
            transfers
                .iter_mut()
                .rfind(|transfer| transfer.name == name)
                .unwrap(),
        );
    }
}

impl Progress for Recorder {
    fn start(&self, name: &str, total_bytes: Option<u64>) {
        self.transfers.lock().unwrap().push(Transfer {
            name: name.to_owned(),
            total_bytes,
            arrived_bytes: 0,
            finished: false,
        });
    }
    fn advance(&self, name: &str, size_bytes: u64) {
        self.change(name, |transfer| transfer.arrived_bytes += size_bytes);
    }
    fn finish(&self, name: &str) {
        self.change(name, |transfer| transfer.finished = true);
    }
    fn message(&self, text: &str) {
        self.messages.lock().unwrap().push(text.to_owned());
    }
}
