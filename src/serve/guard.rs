//! What every request passes and every answer: what HTTP itself lets through, bounds of time and number, the request's id, the words
//! of the contract for what went wrong, and a line in the log without secrets or anything personal. Called by `mod`.

use std::time::{Duration, Instant};

use axum::body::Body;
use axum::extract::{MatchedPath, Request, State};
use axum::http::header::{
    ALLOW, AUTHORIZATION, CACHE_CONTROL, CONTENT_LENGTH, CONTENT_TYPE, HOST, HeaderName, TRANSFER_ENCODING,
    X_CONTENT_TYPE_OPTIONS,
};
use axum::http::{HeaderMap, HeaderValue, Method, Response, StatusCode, Version};
use axum::middleware::Next;
use tokio::time::timeout;
use uuid::Uuid;

use super::App;
use super::auth::Caller;
use super::fault::{Dialect, Fault, Kind};
use super::origin::{Origin, Peer};

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
const CORRELATION_ID: HeaderName = HeaderName::from_static("x-correlation-id");

/// Headers that stand in a request once: what reads the first and what reads the last must not differ.
const ONCE: [HeaderName; 6] =
    [HOST, AUTHORIZATION, CONTENT_LENGTH, CONTENT_TYPE, TRANSFER_ENCODING, HeaderName::from_static("idempotency-key")];

/// The whole way of a request.
pub async fn guard(State(app): State<App>, mut request: Request, next: Next) -> Response<Body> {
    let begun = Instant::now();
    if let Some(Peer(peer)) = request.extensions().get().copied() {
        let origin = Origin::of(peer, request.headers(), &app.config.trusted_proxies);
        request.extensions_mut().insert(origin);
    }
    let dialect = Dialect::of(request.uri().path());
    let method = request.method().clone();
    let route = request.extensions().get::<MatchedPath>().map(|path| path.as_str().to_owned());
    let ids = Ids::of(request.headers());
    let mut answer = match why_not(&request) {
        Some(fault) => dialect.tell(&fault),
        None => answered(&app, request, next, dialect, &ids.own).await,
    };
    let took = begun.elapsed();
    app.metrics.count(&method, route.as_deref(), answer.status(), took);
    let caller = answer.extensions().get::<Caller>().map_or("nobody", Caller::name).to_owned();
    let headers = answer.headers_mut();
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.entry(CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    ids.tell(headers);
    tracing::info!(
        target: "exeat::serve",
        id = ids.own, %method, route = route.as_deref().unwrap_or("-"), status = answer.status().as_u16(), caller,
        ms = took.as_millis(), "answered"
    );
    answer
}

/// The answer within the bounds, and what went wrong in the contract's words.
async fn answered(app: &App, request: Request, next: Next, dialect: Dialect, id: &str) -> Response<Body> {
    // Whether the server lives is asked for most when it is busy.
    let free = matches!(request.uri().path(), "/health" | "/ping" | "/ready");
    let Ok(_place) = app.places.try_acquire().or_else(|full| if free { app.spare.try_acquire() } else { Err(full) })
    else {
        return dialect.tell(&Fault::new(Kind::Busy, "The server has too much to do. Try again in a moment."));
    };
    let within = Duration::from_secs(if request.uri().path().starts_with("/v1/") {
        // A download is compared with what was approved before its first byte.
        app.config.answer_seconds.max(3_600)
    } else {
        app.config.answer_seconds
    });
    let Ok(answer) = timeout(within, next.run(request)).await else {
        return dialect.tell(&Fault::new(Kind::Away, "The answer took too long. Try again."));
    };
    let Some(fault) = answer.extensions().get::<Fault>() else { return rewritten(answer, dialect) };
    if fault.kind == Kind::Failed {
        tracing::error!(target: "exeat::serve", id, why = fault.sentence, "a request failed");
    }
    let mut told = dialect.tell(fault);
    if let Some(allow) = answer.headers().get(ALLOW) {
        told.headers_mut().insert(ALLOW, allow.clone());
    }
    if let Some(caller) = answer.extensions().get::<Caller>() {
        told.extensions_mut().insert(caller.clone());
    }
    told
}

/// What the framework refuses by itself has no JSON: it gets some.
fn rewritten(answer: Response<Body>, dialect: Dialect) -> Response<Body> {
    let plain = answer.headers().get(CONTENT_TYPE).is_none_or(|kind| kind.as_bytes().starts_with(b"text/plain"));
    if !plain || answer.status().is_success() || answer.status() == StatusCode::NOT_MODIFIED {
        return answer;
    }
    let kind = match answer.status().as_u16() {
        404 => Kind::NotFound,
        405 => Kind::Method,
        413 => Kind::TooLarge,
        400..=499 => Kind::Invalid,
        _ => Kind::Failed,
    };
    dialect.tell(&Fault::new(kind, "The request is not understood."))
}

/// Why a request is not even looked at; none where it is.
fn why_not(request: &Request) -> Option<Fault> {
    let malformed = |sentence: &str| Some(Fault::new(Kind::Malformed, sentence));
    let headers = request.headers();
    if ONCE.iter().any(|name| headers.get_all(name).iter().count() > 1) {
        return malformed("A header that may stand once stands twice.");
    }
    if request.version() == Version::HTTP_11 && headers.get(HOST).is_none_or(HeaderValue::is_empty) {
        return malformed("The header Host is missing.");
    }
    if headers.contains_key(TRANSFER_ENCODING) && headers.contains_key(CONTENT_LENGTH) {
        return malformed("The body has two lengths.");
    }
    if *request.method() == Method::CONNECT || request.uri().authority().is_some() {
        return malformed("This server is no proxy.");
    }
    // A path means the same whoever reads it on the way.
    let path = request.uri().path();
    let folded = path.to_ascii_lowercase();
    if path.contains("//")
        || path.contains('\\')
        || ["%2f", "%5c", "%00", "%2e"].iter().any(|word| folded.contains(word))
    {
        return Some(Fault::not_found("There is nothing at this address."));
    }
    None
}

/// The ids of a request, as it came with them and as the answer has them.
struct Ids {
    own: String,
    correlation: Option<String>,
}

impl Ids {
    fn of(headers: &HeaderMap) -> Self {
        let given = |name: &HeaderName| {
            let id = headers.get(name)?.to_str().ok()?;
            let fine =
                (1..=128).contains(&id.len()) && id.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(&b));
            fine.then(|| id.to_owned())
        };
        let correlation = given(&CORRELATION_ID);
        let own = given(&REQUEST_ID).or_else(|| correlation.clone()).unwrap_or_else(|| Uuid::new_v4().to_string());
        Self { own, correlation }
    }

    fn tell(&self, headers: &mut HeaderMap) {
        if let Ok(id) = HeaderValue::from_str(&self.own) {
            headers.insert(REQUEST_ID, id);
        }
        if let Some(id) = self.correlation.as_deref().and_then(|id| HeaderValue::from_str(id).ok()) {
            headers.insert(CORRELATION_ID, id);
        }
    }
}
