//! Access requests and grants as lists and details show them, and the answer to "has this person access". Read
//! by [`super::item`]; shown by the desk, the command line and HTTP. Field names are GHGA's (access request service 8.0.1) where
//! it has one.

mod item;
mod list;

pub use item::PairFacts;
pub use list::{GrantState, RequestStatus, RevokeClass};

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::id::id;
use super::refusal::Refusal;
use crate::text::Untrusted;

/// For each command null if the reader may do it now, else why not.
pub type WhyNot = BTreeMap<String, Option<Refusal>>;

id!(
    /// An access request. On the wire a decimal string.
    RequestId
);
id!(
    /// A grant. On the wire a decimal string.
    GrantId
);

/// What somebody asks for: one dataset, a period, and why.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct AccessRequest {
    /// The request.
    pub id: RequestId,
    /// Moves with every change; commands name the one they saw.
    pub row_version: i64,
    /// The requester's stable id, as portals know them.
    pub user_id: Uuid,
    /// The requester's login.
    pub login: String,
    /// The requester's title and name.
    pub full_user_name: Untrusted,
    /// How their identity was verified, where that is named.
    pub iva_id: Option<Uuid>,
    /// The dataset's accession, such as `GHGAD12345678901234`.
    pub dataset_id: String,
    /// The dataset's title; like its other words it follows the dataset until the request is decided.
    pub dataset_title: Untrusted,
    /// What the dataset holds.
    pub dataset_description: Untrusted,
    /// Whether the dataset is no longer offered.
    pub dataset_removed: bool,
    /// The data access committee.
    pub dac_alias: Untrusted,
    /// The committee's mail address.
    pub dac_email: Untrusted,
    /// Where the requester wants to be written to about this request.
    pub email: Untrusted,
    /// Why they want it. The first 500 characters in lists, all of it where one request is asked for.
    pub request_text: Untrusted,
    /// Characters of the whole text.
    pub request_text_length: u64,
    /// Wanted, or once allowed given, from here.
    pub access_starts: DateTime<Utc>,
    /// Until here, this moment included.
    pub access_ends: DateTime<Utc>,
    /// The day of the site's zone that this is the end of; none where it is another moment.
    #[serde(default)]
    pub last_day: Option<NaiveDate>,
    /// When it was sent.
    pub request_created: DateTime<Utc>,
    /// By when it should be decided (the site's turnaround).
    pub due: DateTime<Utc>,
    /// What became of it.
    pub status: RequestStatus,
    /// When it was decided.
    pub status_changed: Option<DateTime<Utc>>,
    /// The site's ticket.
    pub ticket_id: Option<Untrusted>,
    /// What the stewards tell the requester.
    pub note_to_requester: Option<Untrusted>,
    /// The grant it led to.
    pub grant: Option<GrantId>,
    /// What only those see who decide and audit; a requester's JSON has none of these keys.
    #[serde(flatten, deserialize_with = "item::internals")]
    pub internal: Option<RequestInternals>,
    /// `allow`, `deny`, `edit`, `claim`, `comment`.
    pub why_not: WhyNot,
}

/// Of a request, what its requester never sees.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RequestInternals {
    /// Login of who decided.
    pub changed_by: Option<String>,
    /// The stewards' note among themselves.
    pub internal_note: Option<Untrusted>,
    /// Login of who says they are looking at it.
    pub claimed_by: Option<String>,
    /// When that lapses.
    pub claimed_until: Option<DateTime<Utc>>,
    /// The requester's identity verifications, to choose one from.
    pub ivas: Vec<Iva>,
}

/// One way in which a person's identity was verified.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Iva {
    /// Its id.
    pub id: Uuid,
    /// `phone`, `fax`, `postal_address` or `in_person`.
    pub kind: String,
    /// Whether it was verified.
    pub verified: bool,
}

impl AccessRequest {
    /// Whether it waits longer than the site promises.
    #[must_use]
    pub fn is_overdue(&self, now: DateTime<Utc>) -> bool {
        self.status == RequestStatus::Pending && self.due < now
    }
}

/// A controlled access grant of one person on one dataset. Never deleted.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Grant {
    /// The grant.
    pub id: GrantId,
    /// Moves with every change; commands name the one they saw.
    pub row_version: i64,
    /// The person's stable id.
    pub user_id: Uuid,
    /// The person's login.
    pub login: String,
    /// The person's name.
    pub user_name: Untrusted,
    /// The person's registered mail address.
    pub user_email: Option<Untrusted>,
    /// The person's academic title.
    pub user_title: Option<Untrusted>,
    /// Whether the person is no longer active.
    pub user_removed: bool,
    /// How their identity was verified, where that is named.
    pub iva_id: Option<Uuid>,
    /// The dataset's accession.
    pub dataset_id: String,
    /// The dataset's title.
    pub dataset_title: Untrusted,
    /// Whether the dataset is no longer offered.
    pub dataset_removed: bool,
    /// The data access committee.
    pub dac_alias: Untrusted,
    /// The committee's mail address.
    pub dac_email: Untrusted,
    /// When it was given.
    pub created: DateTime<Utc>,
    /// Valid from this moment.
    pub valid_from: DateTime<Utc>,
    /// Valid until this moment, itself included.
    pub valid_until: DateTime<Utc>,
    /// The day of the site's zone that this is the end of; none where it is another moment.
    #[serde(default)]
    pub last_day: Option<NaiveDate>,
    /// What it is now.
    pub state: GrantState,
    /// The request it came from; none if it was given by hand.
    pub request: Option<RequestId>,
    /// What became of that request.
    pub request_status: Option<RequestStatus>,
    /// When it was revoked.
    pub revoked_at: Option<DateTime<Utc>>,
    /// What only those see who decide and audit.
    #[serde(flatten, deserialize_with = "item::internals")]
    pub internal: Option<GrantInternals>,
    /// `amend`, `revoke`.
    pub why_not: WhyNot,
}

/// Of a grant, what the person who has it never sees.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct GrantInternals {
    /// Login of who gave it.
    pub created_by: String,
    /// Login of who revoked it.
    pub revoked_by: Option<String>,
    /// What kind of reason.
    pub revoke_class: Option<RevokeClass>,
    /// The reason.
    pub revoke_reason: Option<Untrusted>,
}

/// Has a person access to a dataset at a moment?
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AccessCheck {
    /// Yes or no.
    pub access: bool,
    /// Until when: the latest end among the grants valid at that moment.
    pub until: Option<DateTime<Utc>>,
    /// The day of the site's zone that this is the end of; none where it is another moment.
    #[serde(skip)]
    pub last_day: Option<NaiveDate>,
    /// Why not.
    pub why_not: Option<Refusal>,
    /// The grants that give it, the longest first.
    pub grants: Vec<GrantId>,
}

/// A dataset one may ask for.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Dataset {
    /// Its accession.
    pub accession: String,
    /// Its title.
    pub title: Untrusted,
    /// What it holds.
    pub description: Untrusted,
    /// The data access committee.
    pub dac_alias: Untrusted,
    /// The committee's mail address.
    pub dac_email: Untrusted,
    /// Whether it is no longer offered.
    pub removed: bool,
}

/// What a form for a new request starts from, and its bounds.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RequestDefaults {
    /// The dataset's accession.
    pub dataset_id: String,
    /// Its title.
    pub dataset_title: Untrusted,
    /// The beginning of a text: names the dataset.
    pub request_text: Untrusted,
    /// The registered mail address; empty where there is none.
    pub email: Untrusted,
    /// Now.
    pub access_starts: DateTime<Utc>,
    /// After the site's usual length.
    pub access_ends: DateTime<Utc>,
    /// The latest start one may ask for.
    pub latest_start: DateTime<Utc>,
    /// The fewest calendar days.
    pub shortest_days: i32,
    /// The most calendar days.
    pub longest_days: i32,
    /// The longest text in bytes.
    pub text_limit: i32,
    /// The site's time zone, such as `Europe/Berlin`.
    pub zone: String,
}
