//! Answers as all routes write them. Used by the handlers.

use axum::body::Body;
use axum::http::header::{CONTENT_TYPE, ETAG};
use axum::http::{HeaderMap, HeaderValue, Response, StatusCode};
use serde::Serialize;

use super::fault::{Answered, Fault, Kind};
use crate::text::json_ascii;

/// JSON, in ASCII.
///
/// # Errors
/// The value is none that JSON can hold.
pub fn json(status: StatusCode, value: &(impl Serialize + ?Sized)) -> Answered {
    let text = json_ascii(value).map_err(|why| Fault::new(Kind::Failed, why.to_string()))?;
    let mut answer = Response::new(Body::from(text));
    *answer.status_mut() = status;
    answer.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    Ok(answer)
}

/// No content.
#[must_use]
pub fn nothing() -> Response<Body> {
    let mut answer = Response::new(Body::empty());
    *answer.status_mut() = StatusCode::NO_CONTENT;
    answer
}

/// The same answer with the row version as its `ETag`.
#[must_use]
pub fn versioned(mut answer: Response<Body>, version: Option<i64>) -> Response<Body> {
    if let Some(tag) = version.and_then(|version| HeaderValue::from_str(&format!("\"{version}\"")).ok()) {
        answer.headers_mut().insert(ETAG, tag);
    }
    answer
}

/// The row version of `If-Match`, where there is one.
///
/// # Errors
/// It is none of this server's.
pub fn if_match(headers: &HeaderMap) -> Result<Option<i64>, Fault> {
    let Some(tag) = headers.get("if-match") else { return Ok(None) };
    let version = tag.to_str().ok().and_then(|tag| tag.trim_matches('"').parse().ok());
    version.map(Some).ok_or_else(|| Fault::new(Kind::Precondition, "If-Match has no ETag of this server."))
}
