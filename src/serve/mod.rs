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
mod limits;
mod listen;
mod metrics;
mod openapi;
mod origin;
mod reply;
pub mod rights;
pub mod routes;
pub mod secret;
mod tls;

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use axum::Router;
use axum::http::{HeaderValue, Method};
use axum::middleware::from_fn_with_state;
use tokio::net::TcpListener;
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tower_http::cors::CorsLayer;

use crate::config::{Config, ServeConfig, ServeSection};
use crate::service::Service;

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
    /// One for each answer that tells what changes.
    listeners: Arc<Semaphore>,
    /// How often each caller may ask.
    limits: limits::Limits<String>,
    /// How many wrong secrets may come from where.
    wrong: limits::Limits<IpAddr>,
    metrics: metrics::Metrics,
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
    watched: Option<(TcpListener, App)>,
    tls: Option<Arc<tls::Tls>>,
    sending: TaskTracker,
    stop: CancellationToken,
}

impl Server {
    /// Begins to listen; nothing is answered before [`Server::run`].
    ///
    /// # Errors
    /// The address is taken, a key or the certificate cannot be read, or there is no role to connect as.
    pub async fn bind(config: ServeConfig) -> anyhow::Result<Self> {
        let tokens = bearer::Tokens::new(&config.tokens)?;
        let service = Service::for_service(Config { database: config.database, ..Config::default() })?;
        let serve = config.serve;
        let tls = tls::Tls::new(&serve)?;
        let listener = listen_at(serve.listen, "listen").await?;
        let (sending, stop) = (TaskTracker::new(), CancellationToken::new());
        let app = App(Arc::new(Shared {
            places: Semaphore::new(serve.at_once),
            spare: Semaphore::new(4),
            downloads: Arc::new(Semaphore::new(serve.downloads_at_once)),
            listeners: Arc::new(Semaphore::new(serve.listeners_at_once)),
            limits: limits::Limits::new(serve.per_second.into(), serve.burst),
            wrong: limits::Limits::new(f64::from(serve.wrong_per_minute) / 60.0, serve.wrong_per_minute),
            sending: sending.clone(),
            stop: stop.clone(),
            config: serve.clone(),
            service: Arc::new(service),
            secrets: secret::Secrets::new()?,
            metrics: metrics::Metrics::new(),
            tokens,
        }));
        let watched = match serve.metrics {
            Some(at) => Some((listen_at(at, "metrics").await?, app.clone())),
            None => None,
        };
        let router = routes::router(&app).layer(from_fn_with_state(app, guard::guard)).layer(cors(&serve.origins));
        Ok(Self { address: listener.local_addr()?, listener, router, config: serve, watched, tls, sending, stop })
    }

    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> String {
        format!("{}://{}", if self.tls.is_some() { "https" } else { "http" }, self.address)
    }
}

async fn listen_at(at: SocketAddr, setting: &str) -> anyhow::Result<TcpListener> {
    TcpListener::bind(at).await.map_err(|why| {
        anyhow::anyhow!("Cannot listen at {at} ({why}): choose another address with {setting} in [serve].")
    })
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
