//! Accepts connections and serves them until told to stop. `axum::serve` has neither a limit of connections nor a
//! timeout for headers, so a few hundred silent clients would hold a server for ever.

use std::future::Future;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};
use tokio::time::timeout;

/// Out of file descriptors: let some connections end before the next try.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// How connections are served.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Options {
    /// Open connections at one time.
    pub(crate) connections: usize,
    /// The longest a client may take for the headers of a request, from the end of the one before.
    pub(crate) header_timeout: Duration,
    /// How long running requests may take after `shutdown`; then their connections are cut.
    pub(crate) grace: Duration,
}

/// Serves `router` until `shutdown` completes; then stops accepting, lets running requests finish and returns.
pub(crate) async fn serve(listener: TcpListener, router: Router, options: Options, shutdown: impl Future<Output = ()>) {
    let free = Arc::new(Semaphore::new(options.connections));
    let (stop, stopping) = watch::channel(());
    let mut shutdown = std::pin::pin!(shutdown);
    loop {
        let accepted = tokio::select! {
            () = &mut shutdown => break,
            accepted = accept(&listener, &free) => accepted,
        };
        match accepted {
            Ok((stream, place)) => {
                let connection = handle(stream, router.clone(), options, stopping.clone());
                tokio::spawn(async move {
                    connection.await;
                    drop(place);
                });
            }
            Err(error) => {
                if !is_the_clients(&error) {
                    tracing::error!(%error, "cannot accept connections; raise the limit of open files");
                    tokio::time::sleep(ACCEPT_PAUSE).await;
                }
            }
        }
    }
    drop((listener, stopping));
    // Every connection holds a receiver; when all are gone, `closed` resolves.
    stop.send_replace(());
    if timeout(options.grace, stop.closed()).await.is_err() {
        tracing::warn!("some requests did not finish in time and were cut off");
    }
}

/// Waits for a place first: connections beyond the limit stay in the operating system's queue.
async fn accept(listener: &TcpListener, free: &Arc<Semaphore>) -> io::Result<(TcpStream, OwnedSemaphorePermit)> {
    let place = Arc::clone(free).acquire_owned().await.map_err(io::Error::other)?;
    let (stream, _) = listener.accept().await?;
    Ok((stream, place))
}

/// Clients that are gone before they were accepted.
fn is_the_clients(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::ConnectionRefused | io::ErrorKind::ConnectionAborted | io::ErrorKind::ConnectionReset
    )
}

async fn handle(stream: TcpStream, router: Router, options: Options, mut stopping: watch::Receiver<()>) {
    // Answers are small: waiting for more to send (Nagle) only delays them.
    let _ = stream.set_nodelay(true);
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(options.header_timeout)
        .serve_connection(TokioIo::new(stream), TowerToHyperService::new(router));
    let mut connection = std::pin::pin!(connection);
    let ended = tokio::select! {
        ended = connection.as_mut() => ended,
        _ = stopping.changed() => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = ended {
        tracing::debug!(%error, "connection ended early");
    }
}

#[cfg(test)]
mod tests {
    use axum::routing::get;
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    use tokio::sync::oneshot;
    use tokio::task::JoinHandle;

    use super::*;

    const OPTIONS: Options = Options {
        connections: 2,
        header_timeout: Duration::from_millis(200),
        grace: Duration::from_secs(5),
    };

    async fn start() -> (std::net::SocketAddr, oneshot::Sender<()>, JoinHandle<()>) {
        let router = Router::new().route("/", get(|| async { "hello" })).route(
            "/slow",
            get(|| async {
                tokio::time::sleep(Duration::from_millis(300)).await;
                "done"
            }),
        );
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (stop, stopped) = oneshot::channel();
        let shutdown = async {
            let _ = stopped.await;
        };
        let task = tokio::spawn(serve(listener, router, OPTIONS, shutdown));
        (address, stop, task)
    }

    async fn ask(address: std::net::SocketAddr, path: &str) -> String {
        let mut stream = TcpStream::connect(address).await.unwrap();
        let request = format!("GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        answer
    }

    #[tokio::test]
    async fn running_requests_finish_and_new_ones_are_refused() {
        let (address, stop, task) = start().await;
        let slow = tokio::spawn(async move { ask(address, "/slow").await });
        tokio::time::sleep(Duration::from_millis(100)).await;
        stop.send(()).unwrap();
        assert!(slow.await.unwrap().ends_with("done"));
        timeout(Duration::from_secs(1), task).await.unwrap().unwrap();
        assert!(TcpStream::connect(address).await.is_err());
    }

    #[tokio::test]
    async fn silent_clients_are_sent_away_and_free_their_places() {
        let (address, _stop, _task) = start().await;
        let mut silent = TcpStream::connect(address).await.unwrap();
        let mut dripping = TcpStream::connect(address).await.unwrap();
        dripping.write_all(b"GET / HTTP/1.1\r\nX-Slow: ").await.unwrap();
        // Both places are taken now: this one is served once they are free.
        let answer = timeout(Duration::from_secs(2), ask(address, "/")).await.unwrap();
        assert!(answer.ends_with("hello"), "{answer}");
        let mut rest = Vec::new();
        timeout(Duration::from_secs(1), silent.read_to_end(&mut rest)).await.unwrap().unwrap();
        timeout(Duration::from_secs(1), dripping.read_to_end(&mut rest)).await.unwrap().unwrap();
    }
}
