//! What can be done about access, as data: a dialog or editor makes it, `tui::runtime` carries it out.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::domain::access::RevokeClass;

/// One command about a request or grant; the order beside it names which one, as seen.
#[derive(Clone, Debug, PartialEq)]
pub enum Deed {
    /// Allow a request; what is absent stays as it was asked for.
    Allow {
        /// From when.
        starts: Option<DateTime<Utc>>,
        /// Until when.
        ends: Option<DateTime<Utc>>,
        /// Which identity verification.
        iva: Option<Uuid>,
        /// The note to the requester; an empty one clears it.
        note: Option<String>,
    },
    /// Deny a request; the requester reads the reason.
    Deny(String),
    /// Change named fields of a request.
    Edit(Changes),
    /// Say something among stewards about a request.
    Comment(String),
    /// Take a request, or give it back.
    Claim(bool),
    /// Move the end of a grant.
    Amend {
        /// Its new end.
        until: DateTime<Utc>,
        /// Why.
        reason: String,
    },
    /// Take a grant back.
    Revoke {
        /// What kind of reason.
        class: RevokeClass,
        /// Why.
        reason: String,
    },
    /// Ask for access.
    Ask(Asked),
}

/// What of a request changes; what is absent stays, an empty text clears.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Changes {
    /// Another of the person's identity verifications.
    pub iva: Option<Uuid>,
    /// Another start.
    pub starts: Option<DateTime<Utc>>,
    /// Another end.
    pub ends: Option<DateTime<Utc>>,
    /// The site's ticket.
    pub ticket: Option<String>,
    /// The note among stewards.
    pub internal_note: Option<String>,
    /// The note the requester reads.
    pub note_to_requester: Option<String>,
}

/// A new request, exactly as it is sent.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Asked {
    /// The dataset's accession.
    pub dataset: String,
    /// Why.
    pub text: String,
    /// From when; absent: from when it is sent.
    pub starts: Option<DateTime<Utc>>,
    /// Until when.
    pub ends: Option<DateTime<Utc>>,
    /// Where to write to.
    pub email: String,
}
