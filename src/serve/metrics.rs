//! How the server does, in numbers for Prometheus, on a port of their own: none of them names a person, a project or a file. Counted by
//! `guard`, answered where `[serve]` names `metrics`.

use std::time::Duration;

use axum::Router;
use axum::extract::State;
use axum::http::header::CONTENT_TYPE;
use axum::http::{Method, StatusCode};
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::Registry;
use tokio::net::TcpListener;
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;

use super::App;

/// The media type of what `encode` writes.
const TEXT: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";
/// Bounds of what answers take, in seconds; downloads wait for a release for up to half a minute.
const SECONDS: [f64; 10] = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0, 5.0, 15.0, 60.0];

/// A request by what was asked and how it ended.
#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct Ended {
    method: String,
    route: String,
    status: String,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct Of {
    route: String,
}

/// What is counted.
pub struct Metrics {
    registry: Registry,
    requests: Family<Ended, Counter>,
    seconds: Family<Of, Histogram, fn() -> Histogram>,
    running: Gauge,
    downloads: Gauge,
    listeners: Gauge,
}

impl Metrics {
    /// Nothing counted yet.
    pub fn new() -> Self {
        let (requests, running, downloads, listeners) =
            (Family::default(), Gauge::default(), Gauge::default(), Gauge::default());
        let seconds: Family<_, _, fn() -> Histogram> = Family::new_with_constructor(|| Histogram::new(SECONDS));
        let mut registry = Registry::with_prefix("exeat");
        registry.register("requests", "Requests by route and how they ended", requests.clone());
        registry.register("request_seconds", "Seconds until an answer began", seconds.clone());
        registry.register("requests_running", "Requests being worked on", running.clone());
        registry.register("downloads_running", "Downloads being sent", downloads.clone());
        registry.register("listeners", "Answers that tell what changes", listeners.clone());
        Self { registry, requests, seconds, running, downloads, listeners }
    }

    /// Counts a request. Routes are those of the table, so that nobody who asks makes new ones.
    pub fn count(&self, method: &Method, route: Option<&str>, status: StatusCode, took: Duration) {
        let known = [Method::GET, Method::POST, Method::PUT, Method::PATCH, Method::DELETE].contains(method);
        let method = if known { method.as_str() } else { "other" }.to_owned();
        let route = route.unwrap_or("none").to_owned();
        self.seconds.get_or_create(&Of { route: route.clone() }).observe(took.as_secs_f64());
        self.requests.get_or_create(&Ended { method, route, status: status.as_str().to_owned() }).inc();
    }
}

/// Answers `/metrics` until the server stops.
pub async fn serve(app: App, listener: TcpListener, stop: CancellationToken) {
    let router = Router::new().route("/metrics", get(told)).with_state(app);
    let _ = axum::serve(listener, router).with_graceful_shutdown(stop.cancelled_owned()).await;
}

async fn told(State(app): State<App>) -> Response {
    let (metrics, config) = (&app.metrics, &app.config);
    let taken =
        |of: &Semaphore, all: usize| i64::try_from(all.saturating_sub(of.available_permits())).unwrap_or(i64::MAX);
    metrics.running.set(taken(&app.places, config.at_once));
    metrics.downloads.set(taken(&app.downloads, config.downloads_at_once));
    metrics.listeners.set(taken(&app.listeners, config.listeners_at_once));
    let mut text = String::new();
    match encode(&mut text, &metrics.registry) {
        Ok(()) => ([(CONTENT_TYPE, TEXT)], text).into_response(),
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}
