//! Connections: accepted, with TLS or without, answered one request after the other, and finished when the server stops. Part of
//! [`super::Server`].

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::Request;
use hyper::body::Incoming;
use hyper::rt::{Read, Write};
use hyper::server::conn::http1;
use hyper::service::Service;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::{GracefulShutdown, Watcher};
use hyper_util::service::TowerToHyperService;
use tokio::net::TcpStream;
use tokio::sync::Semaphore;
use tokio::time::timeout;

use super::origin::Peer;
use super::tls::Tls;
use super::{Server, metrics};

/// Bytes the headers of a request may have, and the buffer they are read into.
const HEADERS: usize = 32 << 10;
/// Connections at the same moment, those that say nothing among them.
const CONNECTIONS: usize = 4_096;

impl Server {
    /// Answers until `shutdown` is ready, and then finishes what is being answered.
    pub async fn run(self, shutdown: impl Future<Output = ()>) {
        let patience = Duration::from_secs(self.config.read_seconds);
        let mut http = http1::Builder::new();
        http.timer(TokioTimer::new()).header_read_timeout(patience).max_buf_size(HEADERS).max_headers(64);
        let http = Arc::new(http);
        let graceful = GracefulShutdown::new();
        let places = Arc::new(Semaphore::new(CONNECTIONS));
        let following = self.tls.clone().map(|tls| tokio::spawn(async move { tls.follow().await }));
        if let Some((listener, app)) = self.watched {
            tokio::spawn(metrics::serve(app, listener, self.stop.clone()));
        }
        tokio::pin!(shutdown);
        loop {
            let accepted = tokio::select! {
                accepted = self.listener.accept() => accepted,
                () = &mut shutdown => break,
            };
            match accepted {
                Ok((stream, peer)) => {
                    let Ok(place) = Arc::clone(&places).try_acquire_owned() else { continue };
                    let answers = Answers { router: TowerToHyperService::new(self.router.clone()), peer: peer.ip() };
                    let (http, tls, watcher) = (Arc::clone(&http), self.tls.clone(), graceful.watcher());
                    tokio::spawn(async move {
                        connection(stream, tls, patience, &http, answers, watcher).await;
                        drop(place);
                    });
                }
                // No descriptor is free: some will be.
                Err(_) => tokio::time::sleep(Duration::from_millis(50)).await,
            }
        }
        drop(self.listener);
        if let Some(following) = following {
            following.abort();
        }
        let stop = Duration::from_secs(self.config.stop_seconds);
        self.stop.cancel();
        self.sending.close();
        let finish = async {
            graceful.shutdown().await;
            self.sending.wait().await;
        };
        if timeout(stop, finish).await.is_err() {
            tracing::warn!(target: "exeat::serve", "some answers did not end in time and were broken off");
        }
    }
}

async fn connection(
    stream: TcpStream,
    tls: Option<Arc<Tls>>,
    patience: Duration,
    http: &http1::Builder,
    answers: Answers,
    watcher: Watcher,
) {
    let _ = stream.set_nodelay(true);
    let Some(tls) = tls else { return answered(TokioIo::new(stream), http, answers, watcher).await };
    // Who does not get it done is no news; a port scan does not either.
    if let Ok(Ok(stream)) = timeout(patience, tls.acceptor().accept(stream)).await {
        answered(TokioIo::new(stream), http, answers, watcher).await;
    }
}

async fn answered(
    io: impl Read + Write + Unpin + Send + 'static,
    http: &http1::Builder,
    answers: Answers,
    watcher: Watcher,
) {
    // What a client breaks off is no news.
    let _ = watcher.watch(http.serve_connection(io, answers)).await;
}

/// What answers the requests of one connection, which know where they come from.
struct Answers {
    router: TowerToHyperService<Router>,
    peer: IpAddr,
}

impl Service<Request<Incoming>> for Answers {
    type Response = <TowerToHyperService<Router> as Service<Request<Incoming>>>::Response;
    type Error = <TowerToHyperService<Router> as Service<Request<Incoming>>>::Error;
    type Future = <TowerToHyperService<Router> as Service<Request<Incoming>>>::Future;

    fn call(&self, mut request: Request<Incoming>) -> Self::Future {
        request.extensions_mut().insert(Peer(self.peer));
        self.router.call(request)
    }
}
