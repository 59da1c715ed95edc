//! Whatever is not the answer that was asked for: one type for all routes, told in the words of the contract the path belongs to.
//! Made by handlers and by the guard, written by the guard.

use axum::body::Body;
use axum::http::header::{CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE};
use axum::http::{HeaderValue, Response, StatusCode};
use axum::response::IntoResponse;
use serde_json::{Value, json};

use crate::domain::refusal::{Class, Refusal};
use crate::service::ServiceError;
use crate::text::json_ascii;

/// What kind of no it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// The request itself is no HTTP this server takes.
    Malformed,
    /// A body, a field or a query is not what the route takes.
    Invalid,
    /// Nobody is signed in.
    NotSignedIn,
    /// A rule or a missing right forbids it.
    Forbidden,
    /// It is not there, or not for these eyes.
    NotFound,
    /// There is the path and not the method.
    Method,
    /// Someone was first, or it changed, or it is decided.
    Conflict,
    /// The row version that was named is not the one it has.
    Precondition,
    /// The bytes asked for are not in the file.
    Range,
    /// The body is too large.
    TooLarge,
    /// The client took too long.
    Slow,
    /// Whoever asks asks too often.
    TooMany,
    /// Too much at this moment.
    Busy,
    /// The database, the store or the worker does not answer.
    Away,
    /// A fault of this program.
    Failed,
}

/// Something that is not the answer asked for.
#[derive(Clone, Debug)]
pub struct Fault {
    /// What kind.
    pub kind: Kind,
    /// A stable code, as the command line has it.
    pub code: String,
    /// One sentence that says what to do.
    pub sentence: String,
    /// Seconds after which the same may go well, where it may.
    pub again: u64,
}

/// What a handler ends in.
pub type Answered<T = Response<Body>> = Result<T, Fault>;

impl Fault {
    /// A fault whose code is its kind's.
    pub fn new(kind: Kind, sentence: impl Into<String>) -> Self {
        let code = match kind {
            Kind::Malformed | Kind::Invalid => "invalid",
            Kind::NotSignedIn => "not_signed_in",
            Kind::Forbidden => "forbidden",
            Kind::NotFound => "not_found",
            Kind::Method => "method",
            Kind::Conflict => "conflict",
            Kind::Precondition => "changed",
            Kind::Range => "range",
            Kind::TooLarge => "too_large",
            Kind::Slow => "slow",
            Kind::TooMany => "too_many",
            Kind::Busy => "busy",
            Kind::Away => "unreachable",
            Kind::Failed => "failed",
        };
        Self { kind, code: code.to_owned(), sentence: sentence.into(), again: 1 }
    }

    /// Something in the request is not what it may be.
    pub fn invalid(sentence: impl Into<String>) -> Self {
        Self::new(Kind::Invalid, sentence)
    }

    /// Somebody asks too often; after so many seconds they may again.
    pub fn too_many(sentence: impl Into<String>, again: u64) -> Self {
        Self { again, ..Self::new(Kind::TooMany, sentence) }
    }

    /// It is not there, or not for these eyes.
    pub fn not_found(sentence: impl Into<String>) -> Self {
        Self::new(Kind::NotFound, sentence)
    }
}

/// Codes of what is asked for beyond a bound of the site, or without what it needs.
const BOUNDS: [&str; 11] = [
    "starts_invalid",
    "ends_invalid",
    "ends_before_start",
    "too_early",
    "too_short",
    "too_long",
    "too_large",
    "too_deep",
    "iva_missing",
    "dataset_removed",
    "person_removed",
];

impl From<Refusal> for Fault {
    fn from(refusal: Refusal) -> Self {
        let kind = match (refusal.class(), refusal.code.as_str()) {
            (_, "not_found") => Kind::NotFound,
            (_, "busy") => Kind::Busy,
            // What is asked for is beyond a bound of the site: it can be asked for otherwise.
            (_, code) if BOUNDS.contains(&code) => Kind::Invalid,
            (Class::Usage, _) => Kind::Invalid,
            (Class::NotSignedIn | Class::Forbidden, _) => Kind::Forbidden,
            (Class::Conflict, _) => Kind::Conflict,
        };
        Self { kind, code: refusal.code, sentence: refusal.message, again: 1 }
    }
}

impl From<ServiceError> for Fault {
    fn from(error: ServiceError) -> Self {
        let kind = match error {
            ServiceError::Refused(refusal) => return refusal.into(),
            ServiceError::Usage(_) => Kind::Invalid,
            ServiceError::Unreachable { .. } => Kind::Away,
            // What the server itself is not let do is no matter of who asks.
            ServiceError::Config(_) | ServiceError::NotSignedIn(_) | ServiceError::Other(_) => Kind::Failed,
        };
        Self::new(kind, error.to_string())
    }
}

/// Whose words a path speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dialect {
    /// Egress: `{"message"}`.
    Egress,
    /// Access requests, grants and claims: `{"detail"}`, 422 for what is not valid.
    Access,
    /// Permits: `{"statusCode", "error", "message"}`.
    Permits,
    /// exeat's own: `{"error": {"code", "message"}}`.
    Own,
}

impl Dialect {
    /// Of a path.
    #[must_use]
    pub fn of(path: &str) -> Self {
        match path.split('/').nth(1) {
            Some("v1" | "ping") => Self::Egress,
            Some("access-requests" | "access-grants" | "download-access") => Self::Access,
            Some("api") => Self::Permits,
            _ => Self::Own,
        }
    }

    /// The status a kind of no has.
    #[must_use]
    pub fn status(self, kind: Kind) -> StatusCode {
        match (kind, self) {
            // There a request that makes sense and cannot be done is not valid; a rule's no is one of its 400s.
            (Kind::Invalid | Kind::Conflict, Self::Access) => StatusCode::UNPROCESSABLE_ENTITY,
            (Kind::Conflict | Kind::Forbidden, Self::Egress) | (Kind::Malformed | Kind::Invalid, _) => {
                StatusCode::BAD_REQUEST
            }
            (Kind::NotSignedIn, _) => StatusCode::UNAUTHORIZED,
            (Kind::Forbidden, _) => StatusCode::FORBIDDEN,
            (Kind::NotFound, _) => StatusCode::NOT_FOUND,
            (Kind::Method, _) => StatusCode::METHOD_NOT_ALLOWED,
            (Kind::Conflict, _) => StatusCode::CONFLICT,
            (Kind::Precondition, _) => StatusCode::PRECONDITION_FAILED,
            (Kind::Range, _) => StatusCode::RANGE_NOT_SATISFIABLE,
            (Kind::TooLarge, _) => StatusCode::PAYLOAD_TOO_LARGE,
            (Kind::Slow, _) => StatusCode::REQUEST_TIMEOUT,
            (Kind::TooMany, _) => StatusCode::TOO_MANY_REQUESTS,
            (Kind::Busy | Kind::Away, _) => StatusCode::SERVICE_UNAVAILABLE,
            (Kind::Failed, _) => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    fn body(self, status: StatusCode, fault: &Fault) -> Value {
        match self {
            Self::Egress => json!({"message": fault.sentence}),
            Self::Access => json!({"detail": fault.sentence}),
            Self::Permits => json!({"statusCode": status.as_u16(),
                "error": status.canonical_reason().unwrap_or_default(), "message": fault.sentence}),
            Self::Own => json!({"error": {"code": fault.code, "message": fault.sentence}}),
        }
    }

    /// The whole answer.
    #[must_use]
    pub fn tell(self, fault: &Fault) -> Response<Body> {
        let status = self.status(fault.kind);
        // What went wrong inside is the log's, not the caller's.
        let told = if fault.kind == Kind::Failed {
            &Fault::new(Kind::Failed, "The server failed. Its log says why, under the request's id.")
        } else {
            fault
        };
        let mut answer = Response::new(Body::from(json_ascii(&self.body(status, told)).unwrap_or_default()));
        *answer.status_mut() = status;
        let headers = answer.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        match fault.kind {
            Kind::NotSignedIn => {
                headers.append(WWW_AUTHENTICATE, HeaderValue::from_static("Basic realm=\"exeat\", charset=\"UTF-8\""));
                headers.append(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer realm=\"exeat\""));
            }
            Kind::TooMany | Kind::Busy | Kind::Away => {
                headers.insert(RETRY_AFTER, HeaderValue::from(fault.again));
            }
            _ => {}
        }
        answer
    }
}

impl IntoResponse for Fault {
    /// Carried to the guard, which knows the path.
    fn into_response(self) -> Response<Body> {
        let mut carried = Response::new(Body::empty());
        *carried.status_mut() = StatusCode::INTERNAL_SERVER_ERROR;
        carried.extensions_mut().insert(self);
        carried
    }
}
