//! HTTP for portals and gateways: the contracts of the field at their paths, and every command and list of exeat's own. A handler
//! reads what came, calls the service for one person, and writes what came back: the database decides, as it does for the desk and
//! the command line. Called by `cli::serve` and the tests.

mod auth;
mod bearer;
mod contracts;
mod events;
mod fault;
mod generic;
mod guard;
mod input;
mod openapi;
mod reply;
pub mod rights;
pub mod routes;
pub mod secret;

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::http::{HeaderValue, Method};
use axum::middleware::from_fn_with_state;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tower_http::cors::CorsLayer;

use crate::config::{Config, ServeConfig, ServeSection};
use crate::service::Service;

/// Bytes the headers of a request may have, and the buffer they are read into.
const HEADERS: usize = 32 << 10;
/// Connections at the same moment, those that say nothing among them.
const CONNECTIONS: usize = 4_096;

/// What the handlers share.
#[derive(Clone)]
pub struct App(Arc<Shared>);

/// See [`App`].
pub struct Shared {
    config: ServeSection,
    service: Arc<Service>,
    secrets: secret::Secrets,
    tokens: bearer::Tokens,
    /// One for each request that is worked on.
    places: Semaphore,
    /// For those that only ask whether the server lives.
    spare: Semaphore,
    /// One for each download.
    downloads: Arc<Semaphore>,
    /// Downloads whose end is not journalled yet.
    sending: TaskTracker,
    /// Ends what would never end by itself.
    stop: CancellationToken,
}

impl std::ops::Deref for App {
    type Target = Shared;

    fn deref(&self) -> &Shared {
        &self.0
    }
}

/// A server that listens.
pub struct Server {
    listener: TcpListener,
    address: SocketAddr,
    router: Router,
    config: ServeSection,
    sending: TaskTracker,
    stop: CancellationToken,
}

impl Server {
    /// Begins to listen; nothing is answered before [`Server::run`].
    ///
    /// # Errors
    /// The address is taken, a key of `[[tokens]]` cannot be read, or there is no role to connect as.
    pub async fn bind(config: ServeConfig) -> anyhow::Result<Self> {
        let tokens = bearer::Tokens::new(&config.tokens)?;
        let service = Service::for_service(Config { database: config.database, ..Config::default() })?;
        let serve = config.serve;
        let listener = TcpListener::bind(serve.listen).await.map_err(|why| {
            anyhow::anyhow!("Cannot listen at {} ({why}): choose another address with listen in [serve].", serve.listen)
        })?;
        let (sending, stop) = (TaskTracker::new(), CancellationToken::new());
        let app = App(Arc::new(Shared {
            places: Semaphore::new(serve.at_once),
            spare: Semaphore::new(4),
            downloads: Arc::new(Semaphore::new(serve.downloads_at_once)),
            sending: sending.clone(),
            stop: stop.clone(),
            config: serve.clone(),
            service: Arc::new(service),
            secrets: secret::Secrets::new()?,
            tokens,
        }));
        let router = routes::router(&app).layer(from_fn_with_state(app, guard::guard)).layer(cors(&serve.origins));
        Ok(Self { address: listener.local_addr()?, listener, router, config: serve, sending, stop })
    }

    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Answers until `shutdown` is ready, and then finishes what is being answered.
    pub async fn run(self, shutdown: impl Future<Output = ()>) {
        let mut http = http1::Builder::new();
        let patience = Duration::from_secs(self.config.read_seconds);
        http.timer(TokioTimer::new()).header_read_timeout(patience).max_buf_size(HEADERS).max_headers(64);
        let graceful = GracefulShutdown::new();
        let places = Arc::new(Semaphore::new(CONNECTIONS));
        tokio::pin!(shutdown);
        loop {
            let accepted = tokio::select! {
                accepted = self.listener.accept() => accepted,
                () = &mut shutdown => break,
            };
            match accepted {
                Ok((stream, _)) => {
                    let Ok(place) = Arc::clone(&places).try_acquire_owned() else { continue };
                    let serving = http.serve_connection(io(stream), TowerToHyperService::new(self.router.clone()));
                    let serving = graceful.watch(serving);
                    tokio::spawn(async move {
                        // What a client breaks off is no news.
                        let _ = serving.await;
                        drop(place);
                    });
                }
                // No descriptor is free: some will be.
                Err(_) => tokio::time::sleep(Duration::from_millis(50)).await,
            }
        }
        drop(self.listener);
        let stop = Duration::from_secs(self.config.stop_seconds);
        self.stop.cancel();
        self.sending.close();
        let finish = async {
            graceful.shutdown().await;
            self.sending.wait().await;
        };
        if tokio::time::timeout(stop, finish).await.is_err() {
            tracing::warn!(target: "exeat::serve", "some answers did not end in time and were broken off");
        }
    }
}

fn io(stream: TcpStream) -> TokioIo<TcpStream> {
    let _ = stream.set_nodelay(true);
    TokioIo::new(stream)
}

/// What pages of these origins may ask. Nothing here knows cookies: a page has to bring its own token.
fn cors(origins: &[String]) -> CorsLayer {
    let origins: Vec<HeaderValue> = origins.iter().filter_map(|origin| HeaderValue::from_str(origin).ok()).collect();
    if origins.is_empty() {
        return CorsLayer::new();
    }
    let methods = [Method::GET, Method::POST, Method::PUT, Method::PATCH, Method::DELETE];
    CorsLayer::new().allow_origin(origins).allow_methods(methods).allow_headers([
        axum::http::header::AUTHORIZATION,
        axum::http::header::CONTENT_TYPE,
        axum::http::header::IF_MATCH,
    ])
}
