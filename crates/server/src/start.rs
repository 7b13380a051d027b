//! Starting and stopping. The port opens first, so that health checks answer while models are loaded (or fetched,
//! which may take a minute at the very first start); requests get 503 until then.

use std::future::Future;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use selfsame_store::{Repository, Sqlite};
use selfsame_types::{Clock, CollectionId, IdSource, InvalidId, SystemClock, SystemIds};
use selfsame_vision::pack::{Progress, Silent};
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tokio::time::{MissedTickBehavior, interval};

use crate::access::{FirstKey, RootSecret, ensure_first_key};
use crate::app::{App, Ready};
use crate::config::{self, Config};
use crate::engine::{self, Engine};
use crate::front;
use crate::gallery::{self, Galleries};
use crate::http::listen;
use crate::metrics::Metrics;
use crate::workflow::{Earlier, FlowError, reload_on_hangup};

/// Beside the database.
pub(crate) const SNAPSHOTS: &str = "gallery";
/// How often recorded metrics are moved into their buckets.
const UPKEEP: Duration = Duration::from_secs(5);
/// How often executions are looked for that have been kept long enough.
const FORGETTING: Duration = Duration::from_hours(1);
/// What a flow needs beyond its deadline to commit and answer.
const GRACE: Duration = Duration::from_secs(5);

/// Why the server does not start, or stopped.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The configuration makes no sense.
    #[error(transparent)]
    Config(#[from] config::Error),
    /// The address cannot be listened on.
    #[error(
        "cannot listen on {address}: is another server running there? Choose another with SELFSAME_LISTEN"
    )]
    Listen {
        /// Which address.
        address: SocketAddr,
        /// What the system said.
        source: std::io::Error,
    },
    /// The data directory cannot be used.
    #[error(transparent)]
    Store(#[from] selfsame_store::Error),
    /// Models cannot be had or do not run.
    #[error(transparent)]
    Engine(#[from] engine::Error),
    /// The gallery cannot be loaded.
    #[error(transparent)]
    Gallery(#[from] gallery::Error),
    /// The metrics cannot be set up.
    #[error("the metrics cannot be set up")]
    Metrics(#[from] metrics_exporter_prometheus::BuildError),
    /// A flow of the operator's is not valid.
    #[error("{0}; `selfsame workflow validate` explains a definition")]
    Flow(#[from] FlowError),
    /// The name of the collection is no name.
    #[error(transparent)]
    Collection(#[from] InvalidId),
    /// A measurement was interrupted.
    #[error("the measurement was interrupted")]
    Bench,
    /// The system refuses a thread, or the one that loads the models died.
    #[error("the thread that loads the models did not finish")]
    Loader(#[source] Option<std::io::Error>),
}

/// What the server needs of the world, so that tests can fix it.
#[derive(Clone)]
pub struct Environment {
    /// What time it is.
    pub clock: Arc<dyn Clock>,
    /// Where ids and secrets come from.
    pub ids: Arc<dyn IdSource>,
    /// Who is told about downloads.
    pub progress: Arc<dyn Progress>,
}

impl Default for Environment {
    fn default() -> Self {
        Self {
            clock: Arc::new(SystemClock),
            ids: Arc::new(SystemIds),
            progress: Arc::new(Silent),
        }
    }
}

/// A server whose port is open.
pub struct Running {
    address: SocketAddr,
    first_key: FirstKey,
    orphans: usize,
    store: Sqlite,
    app: Arc<App>,
    serving: JoinHandle<()>,
    stop: oneshot::Sender<()>,
    loading: Background<Result<Vec<String>, Error>>,
    keeping: Background<()>,
    reloading: Background<()>,
}

/// A task that ends with its owner.
struct Background<T>(JoinHandle<T>);

impl<T> Drop for Background<T> {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// Opens the port and the data directory, and begins to load models and galleries.
pub async fn start(config: Config, environment: Environment) -> Result<Running, Error> {
    config.validate()?;
    // The port before the directory: a second server on the same port must not make a key that nobody gets to see.
    let address = config.server.listen;
    let listen_error = |source| Error::Listen { address, source };
    let listener = TcpListener::bind(address).await.map_err(listen_error)?;
    let address = listener.local_addr().map_err(listen_error)?;
    let store = Sqlite::open(&config.server.data).await?;
    let Environment { clock, ids, progress } = environment;
    let first_key = if config.access.insecure_no_auth {
        FirstKey::None
    } else {
        ensure_first_key(
            &store,
            config.access.api_key.as_ref(),
            clock.as_ref(),
            ids.as_ref(),
        )
        .await?
    };
    let (root, orphans) = RootSecret::open(&store, ids.as_ref()).await?;
    let repository: Arc<dyn Repository> = Arc::new(store.clone());
    let app = Arc::new(App::new(
        &config,
        Arc::clone(&repository),
        root,
        Metrics::new()?,
        clock,
        ids,
    )?);
    let (stop, stopped) = oneshot::channel();
    let options = listen::Options {
        connections: config.server.connections,
        header_timeout: Duration::from_millis(config.server.header_timeout_ms),
        grace: app.settings.flow_timeout + GRACE,
    };
    let serving = listen::serve(listener, front::router(&app), options, async {
        // Dropping the sender stops the server, too.
        let _ = stopped.await;
    });
    let interval = Duration::from_millis(config.server.snapshot_interval_ms);
    Ok(Running {
        address,
        first_key,
        orphans,
        store,
        serving: tokio::spawn(serving),
        stop,
        reloading: Background(tokio::spawn(reload_on_hangup(Arc::clone(&app)))),
        keeping: Background(tokio::spawn(keep(Arc::clone(&app), interval))),
        loading: Background(tokio::spawn(load(Arc::clone(&app), repository, config, progress))),
        app,
    })
}

impl Running {
    /// Where it listens, with the port that the system chose for port 0.
    #[must_use]
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// What to tell about keys. A new one is shown now or never.
    #[must_use]
    pub const fn first_key(&self) -> &FirstKey {
        &self.first_key
    }

    /// How many AWS access keys sign no more, because the root secret was lost and had to be made anew.
    #[must_use]
    pub const fn orphans(&self) -> usize {
        self.orphans
    }

    /// Waits until requests are served and returns warnings, each worth a line to the operator. To be called once,
    /// before [`Running::run_until`]; after an error, the server should be stopped by dropping it.
    pub async fn ready(&mut self) -> Result<Vec<String>, Error> {
        (&mut self.loading.0).await.unwrap_or(Err(Error::Loader(None)))
    }

    /// Serves until `shutdown` completes; then lets running requests finish, writes the galleries and closes the store.
    pub async fn run_until(self, shutdown: impl Future<Output = ()>) {
        shutdown.await;
        tracing::info!("stopping: running requests are finished first");
        let _ = self.stop.send(());
        let _ = self.serving.await;
        drop((self.keeping, self.loading, self.reloading));
        self.app.workflows.shut_down();
        if let Ok(ready) = self.app.ready() {
            ready.galleries.save().await;
        }
        drop(self.app);
        self.store.close().await;
        tracing::info!("stopped");
    }
}

/// Models and galleries. The models are loaded on a thread of their own rather than the runtime's: a server that is
/// told to stop while it fetches must not wait for the network.
async fn load(
    app: Arc<App>,
    store: Arc<dyn Repository>,
    config: Config,
    progress: Arc<dyn Progress>,
) -> Result<Vec<String>, Error> {
    let snapshots = config.server.data.join(SNAPSHOTS);
    let portal = CollectionId::new(config.portal.collection.as_str())?;
    let (sender, receiver) = oneshot::channel();
    std::thread::Builder::new()
        .name("models".to_owned())
        .spawn(move || sender.send(Engine::start(&config, progress)).is_ok())
        .map_err(|source| Error::Loader(Some(source)))?;
    let (engine, mut warnings) = receiver.await.map_err(|_| Error::Loader(None))??;
    let analyzer = engine.analyzer();
    let version = analyzer.version().clone();
    let running = analyzer.engine().describe();
    let clock = Arc::clone(&app.clock);
    let galleries = Galleries::open(store, snapshots, version.clone(), clock, portal).await?;
    warnings.extend(galleries.of_other_models().await?);
    let faces = galleries.faces();
    tracing::info!(%version, engine = running, faces, "ready: model {version}, {running}, {faces} faces");
    let earlier = Earlier::find(app.store.as_ref()).await?;
    app.set_ready(Ready {
        engine,
        galleries: Arc::new(galleries),
    });
    let resumed = app.workflows.resume(&app, earlier).await?;
    if resumed > 0 {
        tracing::info!(resumed, "executions of earlier processes go on");
    }
    Ok(warnings)
}

/// What is done from time to time.
async fn keep(app: Arc<App>, snapshot_interval: Duration) {
    let mut upkeep = interval(UPKEEP);
    let mut snapshot = interval(snapshot_interval);
    let mut forgetting = interval(FORGETTING);
    for timer in [&mut upkeep, &mut snapshot, &mut forgetting] {
        timer.set_missed_tick_behavior(MissedTickBehavior::Delay);
    }
    loop {
        tokio::select! {
            _ = upkeep.tick() => app.metrics.run_upkeep(),
            _ = forgetting.tick() => app.workflows.forget_old(&app).await,
            _ = snapshot.tick() => {
                if let Ok(ready) = app.ready() {
                    ready.galleries.save().await;
                }
            }
        }
    }
}

/// Completes when the process is asked to stop: SIGTERM, or Ctrl-C.
pub async fn termination() {
    let interrupt = tokio::signal::ctrl_c();
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        if let Ok(mut terminate) = signal(SignalKind::terminate()) {
            tokio::select! {
                _ = interrupt => {}
                _ = terminate.recv() => {}
            }
            return;
        }
    }
    let _ = interrupt.await;
}
