//! What can go wrong with a store, as sentences. Made in this room, read by `worker`.
//!
//! What asking again cannot change ends what was asked for; anything else is tried again, however often it failed:
//!
//! | answer | what it is | asking again |
//! |---|---|---|
//! | 400 `KeyTooLongError`, `InvalidArgument`, `InvalidURI`, `InvalidObjectName`, `EntityTooLarge`; 414 | [`ObjectsError::Never`] | never helps |
//! | 404 `NoSuchBucket` | [`ObjectsError::NoBucket`] | not until somebody makes it |
//! | 403 `AccessDenied`, and any 401 or 403 that says no more | [`ObjectsError::Denied`] | not until somebody grants it |
//! | 403 `RequestTimeTooSkewed`, `InvalidAccessKeyId`, `SignatureDoesNotMatch`, `ExpiredToken` | [`ObjectsError::Other`]: this machine's clock or key, and not what was asked | later |
//! | 500, 503 `SlowDown`, 507, anything else | [`ObjectsError::Other`] | later |
//! | no answer, half an answer | [`ObjectsError::Unreachable`] | later |

use aws_sdk_s3::config::http::HttpResponse;
use aws_sdk_s3::error::{ProvideErrorMetadata, SdkError};

use crate::text::{Untrusted, shown};

/// What a store says of a request that it will never take.
const NEVER: [&str; 5] = ["KeyTooLongError", "InvalidArgument", "InvalidURI", "InvalidObjectName", "EntityTooLarge"];
/// What it says where the fault is this machine's clock or key.
const OURS: [&str; 4] = ["RequestTimeTooSkewed", "InvalidAccessKeyId", "SignatureDoesNotMatch", "ExpiredToken"];

/// Why a store did not do what it was asked.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ObjectsError {
    /// There is no such object or version.
    #[error("the store has no {0}")]
    NotFound(String),
    /// There is not even the bucket.
    #[error("the store has no bucket for {0}: have it made, or name another location")]
    NoBucket(String),
    /// The store will not do this however often it is asked.
    #[error("the store can never take {what}: {why}")]
    Never {
        /// What was asked of it.
        what: String,
        /// Its answer.
        why: String,
    },
    /// The store refused these credentials.
    #[error("the store refused {0}: check the rights of the worker's key")]
    Denied(String),
    /// `If-None-Match: *` or `If-Match` did not hold.
    #[error("the store holds other bytes than expected at {0}")]
    Precondition(String),
    /// Nothing answered, or not in time.
    #[error("the store at {endpoint} does not answer ({why}): check that it runs and that the endpoint is right")]
    Unreachable {
        /// The endpoint asked.
        endpoint: String,
        /// What the network said.
        why: String,
    },
    /// The store answered something else.
    #[error("the store could not do {what}: {why}")]
    Other {
        /// What was asked of it.
        what: String,
        /// Its answer.
        why: String,
    },
    /// The key is not UTF-8, so no request can name it.
    #[error("the key {0} is not UTF-8 and cannot be asked for")]
    KeyNotText(String),
    /// A setting that cannot work.
    #[error("{0}")]
    Setting(String),
}

impl ObjectsError {
    /// Whether asking again cannot help, as the table above has it.
    #[must_use]
    pub fn is_final(&self) -> bool {
        matches!(self, Self::Never { .. } | Self::NoBucket(_) | Self::KeyNotText(_))
    }

    /// Sorts an answer of the SDK; `what` says what was asked, already safe to show.
    pub(super) fn from_sdk<E>(endpoint: &str, what: String, error: &SdkError<E, HttpResponse>) -> Self
    where
        E: ProvideErrorMetadata + std::error::Error + 'static,
    {
        match error {
            SdkError::ServiceError(answer) => {
                let code = answer.err().code().unwrap_or_default();
                let said = |code: &str| {
                    let words = answer.err().message().unwrap_or_default();
                    shown(&Untrusted::new(format!("{} {code} {words}", answer.raw().status().as_u16()).trim()))
                };
                match (answer.raw().status().as_u16(), code) {
                    (_, "NoSuchBucket") => Self::NoBucket(what),
                    (404, _) => Self::NotFound(what),
                    // moto answers a version id it cannot parse like this
                    (400, "InvalidArgument" | "NoSuchVersion") if what.contains(" version ") => Self::NotFound(what),
                    (400, code) if NEVER.contains(&code) => Self::Never { what, why: said(code) },
                    (414, code) => Self::Never { what, why: said(code) },
                    (401 | 403, code) if !OURS.contains(&code) => Self::Denied(what),
                    (412, _) | (_, "PreconditionFailed") => Self::Precondition(what),
                    (_, code) => Self::Other { what, why: said(code) },
                }
            }
            SdkError::TimeoutError(_) => {
                Self::Unreachable { endpoint: endpoint.into(), why: "no answer in time".into() }
            }
            SdkError::DispatchFailure(failure) => {
                let why = failure.as_connector_error().map_or_else(|| "no connection".into(), |e| deepest(e));
                Self::Unreachable { endpoint: endpoint.into(), why }
            }
            other => Self::Other { what, why: deepest(other) },
        }
    }
}

/// The innermost cause: the outer ones only repeat that something failed.
fn deepest(error: &(dyn std::error::Error + 'static)) -> String {
    let mut cause = error;
    while let Some(inner) = cause.source() {
        cause = inner;
    }
    shown(&Untrusted::new(cause.to_string()))
}

/// The status of an answer that was none of success.
pub(super) fn status<E>(error: &SdkError<E, HttpResponse>) -> Option<u16> {
    error.raw_response().map(|answer| answer.status().as_u16())
}

/// The body of an answer the SDK could not read although the store said 200: moto names some roots otherwise.
pub(super) fn unread_body<E>(error: &SdkError<E, HttpResponse>) -> &str {
    let SdkError::ServiceError(answer) = error else { return "" };
    let body = if answer.raw().status().as_u16() == 200 { answer.raw().body().bytes() } else { None };
    std::str::from_utf8(body.unwrap_or_default()).unwrap_or_default()
}
