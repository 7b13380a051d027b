//! Accepts connections and serves them until told to stop. `axum::serve` has neither a limit of connections nor a
//! timeout for headers, so a few hundred silent clients would hold a server for ever.

use std::future::{Future, poll_fn};
use std::io;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use hyper::server::conn::http1;
use hyper::service::{Service as _, service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};
use tokio::time::timeout;

/// Out of file descriptors: let some connections end before the next try.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// How long a closed connection is still read: nginx' `lingering_timeout` is 5 s, but places are fewer here.
const LINGER: Duration = Duration::from_secs(2);
/// What is read from it at one time, only to be thrown away.
const SCRAP_BYTES: usize = 16 << 10;

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
pub(crate) async fn serve(
    listener: TcpListener,
    router: Router,
    options: Options,
    shutdown: impl Future<Output = ()>,
) {
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
async fn accept(
    listener: &TcpListener,
    free: &Arc<Semaphore>,
) -> io::Result<(TcpStream, OwnedSemaphorePermit)> {
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
    let router = TowerToHyperService::new(router);
    // Boxed, because a connection is only given back (below) if its futures can be moved.
    let service = service_fn(move |request| Box::pin(router.call(request)));
    let mut connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(options.header_timeout)
        .serve_connection(TokioIo::new(stream), service);
    let ended = tokio::select! {
        ended = poll_fn(|context| connection.poll_without_shutdown(context)) => ended,
        _ = stopping.changed() => {
            Pin::new(&mut connection).graceful_shutdown();
            poll_fn(|context| connection.poll_without_shutdown(context)).await
        }
    };
    match ended {
        Ok(()) => close(connection.into_parts().io.into_inner()).await,
        Err(error) => tracing::debug!(%error, "connection ended early"),
    }
}

/// Closes in a way that lets the client read its answer: a client that is refused while it sends its photo would
/// otherwise see only a reset connection (RFC 9112, section 9.6).
async fn close(mut stream: TcpStream) {
    if stream.shutdown().await.is_err() {
        return;
    }
    let discard = async {
        let mut scrap = vec![0; SCRAP_BYTES];
        while matches!(stream.read(&mut scrap).await, Ok(count) if count > 0) {}
    };
    let _ = timeout(LINGER, discard).await;
}

#[cfg(test)]
mod tests {
    use axum::routing::get;
    use tokio::sync::oneshot;
    use tokio::task::JoinHandle;

    use super::*;

    const OPTIONS: Options = Options {
        connections: 2,
        header_timeout: Duration::from_millis(200),
        grace: Duration::from_secs(5),
    };

    async fn start() -> (std::net::SocketAddr, oneshot::Sender<()>, JoinHandle<()>) {
        let router = Router::new()
            .route("/", get(|| async { "hello" }))
            .route("/refuse", get(|| async {}))
            .route(
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
    async fn a_client_that_is_refused_while_it_sends_can_read_why() {
        let (address, _stop, _task) = start().await;
        let mut stream = TcpStream::connect(address).await.unwrap();
        let length = 8 << 20;
        let head = format!("POST /refuse HTTP/1.1\r\nHost: x\r\nContent-Length: {length}\r\n\r\n");
        stream.write_all(head.as_bytes()).await.unwrap();
        stream.write_all(&vec![b'x'; length]).await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        assert!(answer.starts_with("HTTP/1.1 405"), "{answer}");
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
        timeout(Duration::from_secs(1), silent.read_to_end(&mut rest))
            .await
            .unwrap()
            .unwrap();
        timeout(Duration::from_secs(1), dripping.read_to_end(&mut rest))
            .await
            .unwrap()
            .unwrap();
    }
}
