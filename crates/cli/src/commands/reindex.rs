//! `selfsame reindex`: gives the collections of a data directory the model of another pack.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::Result;
use clap::Args;
use selfsame_server::config::Config;
use selfsame_server::reindex::{Extent, ImageFiles, Outcome, Reindex as Work, Reindexed, Watcher};
use selfsame_store::Sqlite;
use selfsame_types::CollectionId;
use selfsame_vision::physical_cores;
use serde_json::{Value, json};

use crate::arguments::Global;
use crate::exit::{Exit, Failure};
use crate::inference::Downloads;
use crate::output::talk;
use crate::progress::{Progress, Unit};
use crate::settings::Flags;

/// Faces without a template that are named one by one for people; JSON names all.
const TOLD_PROBLEMS: usize = 20;

/// Gives collections the model of another pack (--pack): makes templates of the stored photos, then changes all of a
/// collection's templates in one step. May be stopped at any moment and run again. The server must be stopped, except
/// for --prepare and --dry-run.
#[derive(Debug, Args)]
pub(crate) struct Reindex {
    /// A collection; may be given several times [default: all].
    #[arg(long, value_name = "ID")]
    collection: Vec<CollectionId>,
    /// Only make the templates that are missing, beside a running server, which goes on with its model.
    #[arg(long, conflicts_with_all = ["dry_run", "leave_behind"])]
    prepare: bool,
    /// Only say what there is to do.
    #[arg(long, conflicts_with = "leave_behind")]
    dry_run: bool,
    /// Change a collection also where faces get no template of the new model: they stay enrolled, but no search and
    /// no duplicate check finds them any more.
    #[arg(long)]
    leave_behind: bool,
    /// Photos that the server has not kept (those of `IndexFaces`): the original files, whatever their names.
    #[arg(long, value_name = "DIR")]
    images: Option<PathBuf>,
    /// Threads that make templates [default: one per physical core].
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    threads: Option<u16>,
    /// The server's data directory [default: that of the settings].
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    /// The file with the server's settings.
    #[arg(long, value_name = "FILE", env = "SELFSAME_CONFIG", hide_env_values = true)]
    config: Option<PathBuf>,
}

impl Reindex {
    pub(super) fn run(self, global: &Global) -> Result<Exit> {
        let mut config = Flags::default().load(global, self.config.as_deref())?;
        if let Some(data) = &self.data {
            config.server.data.clone_from(data);
        }
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
        let done = runtime.block_on(self.work(&config))?;
        let pack = &config.models.pack;
        let values: Vec<Value> = done.iter().map(|one| self.describe(one)).collect();
        let answer = json!({ "pack": pack, "collections": values });
        global
            .format
            .emit(&answer, |out| done.iter().try_for_each(|one| self.tell(out, one)))?;
        self.hint(&done, pack);
        let refused = done
            .iter()
            .any(|one| matches!(one.outcome, Outcome::Refused { .. }));
        Ok(Exit::from_match(!refused))
    }

    async fn work(&self, config: &Config) -> Result<Vec<Reindexed>> {
        let data = &config.server.data;
        // The lock of the directory first: nobody should wait for models only to hear that a server runs.
        let store = self.open(data).await?;
        let threads = self.threads.map_or_else(physical_cores, usize::from);
        let images = match &self.images {
            Some(directory) => ImageFiles::below(directory, config.limits.image_bytes)?,
            None => ImageFiles::default(),
        };
        let models = config.models.clone();
        let load = move || selfsame_server::load_analyzer(&models, Arc::new(Downloads::default()), threads);
        let (analyzer, warnings) = tokio::task::spawn_blocking(load).await??;
        for warning in warnings {
            talk(format_args!("warning: {warning}"));
        }
        if analyzer.pack() != config.models.pack {
            // A pack may stand in for another; nobody wants to move there without having said so.
            return Err(Failure::new(format!(
                "the pack `{}` cannot be had, and `{}` is another model",
                config.models.pack,
                analyzer.pack()
            ))
            .hint(format!("--pack {} if that is what you want", analyzer.pack()))
            .into());
        }
        let work = Work {
            store,
            data: data.clone(),
            analyzer: Arc::new(analyzer),
            limits: selfsame_server::decode_limits(&config.limits),
            threads,
            images,
            extent: self.extent(),
        };
        let done = work.run(&self.collection, &Bars::default()).await;
        work.store.close().await;
        Ok(done?)
    }

    const fn extent(&self) -> Extent {
        match (self.dry_run, self.prepare) {
            (true, _) => Extent::Look,
            (_, true) => Extent::Prepare,
            _ => Extent::Change {
                leave_behind: self.leave_behind,
            },
        }
    }

    async fn open(&self, data: &Path) -> Result<Sqlite> {
        if !data.is_dir() {
            return Err(
                Failure::new(format!("there is no data directory {}", data.display()))
                    .hint("--data or SELFSAME_DATA names another")
                    .into(),
            );
        }
        if self.extent() == Extent::Look || self.prepare {
            return Ok(Sqlite::attach(data).await?);
        }
        Sqlite::open(data).await.map_err(|error| match error {
            selfsame_store::Error::InUse(_) => Failure::new("a server runs on this data directory")
                .because(error)
                .hint("--prepare makes the templates beside it; then stop it and run this again, which takes seconds")
                .into(),
            other => other.into(),
        })
    }

    fn describe(&self, one: &Reindexed) -> Value {
        let (outcome, changed, left_behind) = match one.outcome {
            Outcome::UpToDate => ("up-to-date", 0, 0),
            Outcome::NotChanged if self.dry_run => ("dry-run", 0, one.before.unsearched()),
            Outcome::NotChanged => ("prepared", 0, one.before.unsearched()),
            Outcome::Changed { changed, left_behind } => ("changed", changed, left_behind),
            Outcome::Refused { .. } => ("refused", 0, one.before.unsearched()),
        };
        let problems = one.problems.iter().map(|problem| {
            json!({
                "face": problem.face.to_string(),
                "user": problem.user.as_ref().map(ToString::to_string),
                "problem": problem.problem.code(),
                "detail": problem.problem.to_string(),
            })
        });
        json!({
            "collection": one.collection.as_str(),
            "from": one.before.current.as_str(),
            "to": one.version.as_str(),
            "faces": one.before.faces + one.before.unsearched(),
            "prepared": one.prepared,
            "prepared_before": one.prepared_before(),
            "problems": problems.collect::<Vec<Value>>(),
            "outcome": outcome,
            "changed": changed,
            "left_behind": left_behind,
        })
    }

    fn tell(&self, out: &mut dyn Write, one: &Reindexed) -> std::io::Result<()> {
        let faces = one.before.faces + one.before.unsearched();
        let (from, to) = (&one.before.current, &one.version);
        write!(out, "{}: {faces} faces, {from} → {to}: ", one.collection)?;
        let (prepared, before) = (one.prepared, one.prepared_before());
        match one.outcome {
            Outcome::UpToDate => writeln!(out, "up to date")?,
            Outcome::NotChanged if self.dry_run => {
                writeln!(
                    out,
                    "{before} prepared, {prepared} have a photo, {} have none",
                    one.problems.len()
                )?;
            }
            Outcome::NotChanged => writeln!(out, "{} prepared ({prepared} now)", before + prepared)?,
            Outcome::Changed {
                changed,
                left_behind: 0,
            } => writeln!(out, "changed ({changed} faces)")?,
            Outcome::Changed { changed, left_behind } => {
                writeln!(out, "changed ({changed} faces), {left_behind} left behind")?;
            }
            Outcome::Refused { faces } => {
                writeln!(
                    out,
                    "not changed: {faces} faces have no template of the new model"
                )?;
            }
        }
        for problem in one.problems.iter().take(TOLD_PROBLEMS) {
            let user = problem
                .user
                .as_ref()
                .map(|user| format!(" of {user}"))
                .unwrap_or_default();
            writeln!(out, "  face {}{user}: {}", problem.face, problem.problem)?;
        }
        if one.problems.len() > TOLD_PROBLEMS {
            writeln!(
                out,
                "  and {} more (--format json)",
                one.problems.len() - TOLD_PROBLEMS
            )?;
        }
        Ok(())
    }

    /// What to do next.
    fn hint(&self, done: &[Reindexed], pack: &str) {
        let any = |what: fn(&Outcome) -> bool| done.iter().any(|one| what(&one.outcome));
        if any(|outcome| matches!(outcome, Outcome::Refused { .. })) {
            talk(format_args!(
                "hint: no collection was changed. --images DIR gives photos that were not kept, --collection leaves collections \
                 out, --leave-behind changes without these faces"
            ));
        }
        if any(|outcome| matches!(outcome, Outcome::Changed { left_behind: 1.., .. })) {
            talk(format_args!(
                "warning: faces that are left behind are found by no search: these people can register a second time, and \
                 cannot log in, until their faces are enrolled again"
            ));
        }
        if any(|outcome| matches!(outcome, Outcome::Changed { .. })) {
            talk(format_args!(
                "hint: start the server with --pack {pack} (SELFSAME_MODELS_PACK={pack})"
            ));
        }
        if self.prepare && any(|outcome| matches!(outcome, Outcome::NotChanged)) {
            talk(format_args!(
                "hint: stop the server, run `selfsame reindex --pack {pack}`, start it with --pack {pack}"
            ));
        }
    }
}

/// One progress bar per collection.
#[derive(Default)]
struct Bars(Mutex<Option<Progress>>);

impl Bars {
    fn set(&self, progress: Option<Progress>) {
        let mut bar = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(before) = std::mem::replace(&mut *bar, progress) {
            before.finish();
        }
    }
}

impl Watcher for Bars {
    fn begin(&self, collection: &CollectionId, faces: u64) {
        self.set(Some(Progress::start(
            format!("reindexing {collection}"),
            Unit::Items,
            faces,
        )));
    }

    fn advance(&self, faces: u64) {
        if let Some(bar) = &*self.0.lock().unwrap_or_else(PoisonError::into_inner) {
            bar.advance(faces);
        }
    }

    fn end(&self) {
        self.set(None);
    }
}
