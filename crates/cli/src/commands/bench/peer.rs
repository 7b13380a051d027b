//! The peer: the same models under onnxruntime in Python, in a process of its own that takes turns with us.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use anyhow::Result;
use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::exit::Failure;

/// The script; it travels in the binary, so that an installed `selfsame` can measure itself, too.
const SCRIPT: &str = include_str!("../../../../../benches/peers/onnxruntime_pipeline.py");

/// What the peer is and what it makes of the photo.
#[derive(Debug, Deserialize)]
pub(super) struct About {
    /// The version of onnxruntime.
    pub(super) onnxruntime: String,
    /// What decodes the photo.
    pub(super) decoder: String,
    /// Of the largest face; unit length.
    pub(super) template: Vec<f32>,
}

/// What the peer works on.
pub(super) struct Work<'a> {
    pub(super) detector: &'a Path,
    pub(super) landmarks: &'a Path,
    pub(super) embedder: &'a Path,
    pub(super) second_embedder: &'a Path,
    /// Directory of the maps.
    pub(super) maps: &'a Path,
    pub(super) photo: &'a Path,
    pub(super) flip: bool,
}

/// A running peer.
pub(super) struct Peer {
    process: Process,
    pub(super) about: About,
}

impl Peer {
    /// Starts the script and waits until its models are loaded and warm.
    pub(super) fn start(python: &Path, work: &Work<'_>) -> Result<Self> {
        let mut arguments: Vec<&OsStr> = Vec::new();
        for (flag, path) in [
            ("--detector", work.detector),
            ("--landmarks", work.landmarks),
            ("--embedder", work.embedder),
            ("--second-embedder", work.second_embedder),
            ("--maps", work.maps),
            ("--photo", work.photo),
        ] {
            arguments.extend([flag.as_ref(), path.as_os_str()]);
        }
        if work.flip {
            arguments.push("--flip".as_ref());
        }
        let (process, about) = Process::start(python, SCRIPT, &arguments)?;
        Ok(Self { process, about })
    }

    /// Milliseconds by stage, one value per iteration.
    pub(super) fn run(&mut self, iterations: usize) -> Result<BTreeMap<String, Vec<f64>>> {
        self.process.run(iterations)
    }
}

/// A script that works when it is told to: a number of iterations per line in, a line of JSON out.
pub(super) struct Process {
    child: Child,
    questions: Option<ChildStdin>,
    answers: BufReader<ChildStdout>,
}

impl Process {
    /// Starts a script and reads what it says when it is ready.
    pub(super) fn start<T: DeserializeOwned>(
        python: &Path,
        script: &str,
        arguments: &[&OsStr],
    ) -> Result<(Self, T)> {
        let mut command = Command::new(python);
        command.arg("-c").arg(script).arg("--interactive").args(arguments);
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .map_err(|error| {
                Failure::new(format!("cannot start {}", python.display()))
                    .because(error)
                    .hint("--peer takes a Python interpreter; benches/peers/run.sh makes one with what is needed")
            })?;
        let questions = child.stdin.take();
        let Some(answers) = child.stdout.take().map(BufReader::new) else {
            return Err(Failure::new("the peer has no output").into());
        };
        let mut process = Self {
            child,
            questions,
            answers,
        };
        let about = process.read()?;
        Ok((process, about))
    }

    /// What the script makes of so many iterations.
    pub(super) fn run<T: DeserializeOwned>(&mut self, iterations: usize) -> Result<T> {
        if let Some(questions) = &mut self.questions {
            writeln!(questions, "{iterations}")?;
            questions.flush()?;
        }
        self.read()
    }

    fn read<T: DeserializeOwned>(&mut self) -> Result<T> {
        let mut line = String::new();
        self.answers.read_line(&mut line)?;
        serde_json::from_str(&line).map_err(|error| {
            Failure::new("the peer gave no answer; its own message is above")
                .because(error)
                .hint("it needs the packages of benches/peers/requirements.txt; benches/peers/run.sh installs them")
                .into()
        })
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // The script ends with its input.
        drop(self.questions.take());
        let _ = self.child.wait();
    }
}
