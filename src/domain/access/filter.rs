//! Which requests or grants are asked for, as the database's paging functions take it. Part of [`super`]; made by
//! `domain::query`.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::{GrantState, RequestStatus};

/// Every given field must match; a list matches if one of its values does. What is empty does not narrow and is left out
/// of the JSON.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RequestFilter {
    /// What became of it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub state: Vec<RequestStatus>,
    /// Accessions.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub dataset: Vec<String>,
    /// Logins of requesters.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub by: Vec<String>,
    /// Data access committees.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub dac: Vec<String>,
    /// Tickets.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub ticket: Vec<String>,
    /// Ids.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub id: Vec<String>,
    /// Sent at this time or later.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub after: Option<DateTime<Utc>>,
    /// Sent at this time or earlier.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub before: Option<DateTime<Utc>>,
    /// The period ends at this time or later.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub period_from: Option<DateTime<Utc>>,
    /// The period starts at this time or earlier.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub period_until: Option<DateTime<Utc>>,
    /// Only pending ones older than the site's turnaround.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub overdue: bool,
    /// Only pending ones that the reader could decide, or that are a requester's own.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub mine: bool,
    /// Only what someone says they are looking at now, where the reader may know.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub claimed: bool,
    /// Parts of text, title, accession, ticket, name or login, case-insensitive; every one must match.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub words: Vec<String>,
}

/// Every given field must match; a list matches if one of its values does. What is empty does not narrow and is left out
/// of the JSON.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct GrantFilter {
    /// What it is now.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub state: Vec<GrantState>,
    /// Accessions.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub dataset: Vec<String>,
    /// Logins.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub by: Vec<String>,
    /// Data access committees.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub dac: Vec<String>,
    /// Requests they came from.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub request: Vec<String>,
    /// Ids.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub id: Vec<String>,
    /// Given at this time or later.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub after: Option<DateTime<Utc>>,
    /// Given at this time or earlier.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub before: Option<DateTime<Utc>>,
    /// Valid until this time or later.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub period_from: Option<DateTime<Utc>>,
    /// Valid from this time or earlier.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub period_until: Option<DateTime<Utc>>,
    /// Only active ones that end within so many calendar days.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expiring_days: Option<u32>,
    /// Parts of title, accession, name or login, case-insensitive; every one must match.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub words: Vec<String>,
}
