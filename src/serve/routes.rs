//! The routes, one table a contract: method, path, the right it needs, what it is for, and its handler. The server, the description
//! in `openapi` and the matrix of the tests are made from it.

use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::extract::{Request, State};
use axum::handler::Handler;
use axum::http::{Method, StatusCode};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse as _, Response};
use axum::routing::{MethodFilter, MethodRouter, on};
use axum::{Extension, Router};
use serde_json::json;
use tokio::sync::Mutex;
use tokio::time::timeout;

use super::auth::Caller;
use super::fault::{Answered, Fault, Kind};
use super::{App, contracts, events, generic, openapi, reply};

/// One route.
pub struct Route {
    /// Its method.
    pub method: Method,
    /// Its path, with the ids in braces.
    pub path: &'static str,
    /// The right it needs; empty where signing in is enough.
    pub right: &'static str,
    /// What it is for.
    pub says: &'static str,
    /// The status it has where all is well.
    pub ok: u16,
    /// Fields of its body, `!` where one is needed; none where it has no body.
    pub body: &'static [&'static str],
    /// Names of its query.
    pub query: &'static [&'static str],
    made: fn(MethodFilter) -> MethodRouter<App>,
}

impl Route {
    /// A route without a body; `made` puts the handler behind its method.
    #[must_use]
    pub const fn new(
        method: Method,
        path: &'static str,
        right: &'static str,
        says: &'static str,
        made: fn(MethodFilter) -> MethodRouter<App>,
    ) -> Self {
        Self { method, path, right, says, ok: 200, body: &[], query: &[], made }
    }

    /// The same with another status where all is well.
    #[must_use]
    pub const fn ok(mut self, ok: u16) -> Self {
        self.ok = ok;
        self
    }

    /// The same with a body.
    #[must_use]
    pub const fn body(mut self, body: &'static [&'static str]) -> Self {
        self.body = body;
        self
    }

    /// The same with a query.
    #[must_use]
    pub const fn query(mut self, query: &'static [&'static str]) -> Self {
        self.query = query;
        self
    }
}

/// A handler behind a method; routes are constants, and a closure of them names its handler with this.
pub fn by<H: Handler<T, App>, T: 'static>(method: MethodFilter, handler: H) -> MethodRouter<App> {
    on(method, handler)
}

/// Every route that needs signing in.
pub fn all() -> impl Iterator<Item = &'static Route> {
    contracts::ALL.iter().copied().chain([events::ROUTES, generic::ROUTES, openapi::ROUTES]).flatten()
}

/// The router.
pub fn router(app: &App) -> Router {
    let mut router = Router::new()
        .route("/health", on(MethodFilter::GET, health))
        .route("/ping", on(MethodFilter::GET, ping))
        .route("/ready", on(MethodFilter::GET, ready).layer(Extension(Arc::<Ready>::default())));
    for route in all() {
        // A method of HTTP that is none here would be a fault of the table.
        let Ok(method) = MethodFilter::try_from(route.method.clone()) else { continue };
        let signed_in = from_fn_with_state((app.clone(), route.right), sign_in);
        router = router.route(route.path, (route.made)(method).layer(signed_in));
    }
    router.fallback(nothing).method_not_allowed_fallback(other_method).with_state(app.clone())
}

/// Signing in comes before anything else of a request.
async fn sign_in(
    State((app, right)): State<(App, &'static str)>,
    mut request: Request,
    next: Next,
) -> Result<Response, Fault> {
    let caller = Caller::of(&app, request.headers(), request.extensions().get().copied()).await?;
    app.limits.take(caller.key(), Instant::now()).map_err(|again| {
        Fault::too_many("You ask more often than this server answers you. Wait, and ask less often.", again)
    })?;
    if !right.is_empty() {
        caller.needs(right)?;
    }
    request.extensions_mut().insert(caller.clone());
    let mut answer = next.run(request).await;
    answer.extensions_mut().insert(caller);
    Ok(answer)
}

/// Who asks, in a handler's arguments.
pub type Asker = Extension<Caller>;

async fn health() -> Answered {
    reply::json(StatusCode::OK, &json!({"status": "OK"}))
}

async fn ping() -> Response {
    StatusCode::OK.into_response()
}

/// How long what was found of the server's state is told, and how long one waits for who is finding it out: nobody signs in for it, so
/// however many ask, the database is asked once a second.
const STANDS: Duration = Duration::from_secs(1);

/// What was found last, and when: whether a worker is alive.
#[derive(Default)]
struct Ready(Mutex<Option<(Instant, Answered<bool>)>>);

impl Ready {
    /// What was found within the last second; else one asks, and the others wait for what it finds.
    async fn told(&self, ask: impl Future<Output = Answered<bool>>) -> Answered<bool> {
        let away = |_| Fault::new(Kind::Away, "The database has not answered yet. Try again.");
        let mut last = timeout(STANDS, self.0.lock()).await.map_err(away)?;
        if let Some((_, found)) = last.as_ref().filter(|(at, _)| at.elapsed() < STANDS) {
            return found.clone();
        }
        let found = ask.await;
        *last = Some((Instant::now(), found.clone()));
        found
    }
}

/// Whether the database answers and a worker lives: without one no bytes move.
async fn ready(State(app): State<App>, Extension(ready): Extension<Arc<Ready>>) -> Answered {
    let is_alive = ready.told(async { Ok(app.service.system().await?.worker_alive) });
    if !is_alive.await? {
        return Err(Fault::new(Kind::Away, "No worker is alive: start exeat worker."));
    }
    reply::json(StatusCode::OK, &json!({"status": "OK"}))
}

async fn nothing() -> Fault {
    Fault::not_found("There is nothing at this address.")
}

async fn other_method() -> Fault {
    Fault::new(Kind::Method, "This address has no such method.")
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    #[tokio::test]
    async fn however_many_ask_whether_it_is_ready_one_finds_out() {
        let (told, asked) = (Ready::default(), AtomicUsize::new(0));
        let ask = || async {
            tokio::task::yield_now().await;
            Ok(asked.fetch_add(1, Ordering::SeqCst) == 0)
        };
        let found = futures::future::join_all((0..20).map(|_| told.told(ask()))).await;
        assert!(found.into_iter().all(|alive| alive.unwrap()));
        *told.0.lock().await = Instant::now().checked_sub(STANDS).map(|at| (at, Ok(true)));
        assert!(!told.told(ask()).await.unwrap(), "an old one is found out anew");
    }
}
