//! Which egress rows are asked for, as the database's `list_egress` and `count_egress` take it. Made by
//! [`super::query`], sent by `service::egress`.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::case::CaseState;

/// Every given field must match; a list matches if one of its values does. What is empty does not narrow and is left out
/// of the JSON.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct EgressFilter {
    /// States of the version's cases.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub state: Vec<CaseState>,
    /// States it must not be in.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub not_state: Vec<CaseState>,
    /// Project ids.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub project: Vec<String>,
    /// Destinations.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub destination: Vec<String>,
    /// Logins of submitters.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub by: Vec<String>,
    /// Media types or extensions of the key.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub kind: Vec<String>,
    /// Smallest size in bytes, itself included.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub size_min: Option<u64>,
    /// Largest size in bytes, itself included.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub size_max: Option<u64>,
    /// Registered at this time or later.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub after: Option<DateTime<Utc>>,
    /// Registered at this time or earlier.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub before: Option<DateTime<Utc>>,
    /// Parts of key or purpose, case-insensitive; every one must match.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub words: Vec<String>,
    /// Only what needs the reader.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub mine: bool,
    /// Only what someone says they are looking at now.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub claimed: bool,
    /// Submission ids.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub submission: Vec<i64>,
    /// File version ids.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub id: Vec<i64>,
    /// Beginnings of the SHA-256 in hex.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub sha256: Vec<String>,
}
