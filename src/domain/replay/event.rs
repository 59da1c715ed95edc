//! What an entry says about people, policies, files, votes and releases. Ids are numbers in older entries and decimal texts
//! in newer ones.

use chrono::DateTime;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer};

use super::places::ProjectEvent;
use super::taken_over::{AsItWas, FileAsItWas};
use crate::domain::verify::trust::Renewal;

/// An entry that counts.
pub(super) enum Event {
    /// To a schema; with what was before the first such entry.
    Migrated {
        number: i64,
        was: Option<Box<AsItWas>>,
    },
    TakenOver(Box<FileAsItWas>),
    Person(PersonEvent),
    Project(ProjectEvent),
    Policy(PolicyEvent),
    Renewal(RenewalEvent),
    Registered {
        project: String,
        files: Vec<RegisteredFile>,
    },
    Intake(Intake),
    Gone {
        version: i64,
    },
    Case(CaseEvent),
    Release(ReleaseEvent),
}

/// About a person.
pub(super) enum PersonEvent {
    First { login: String },
    Login { login: String, role: String },
    Service { name: String, role: String },
    Added(MembershipAdded),
    Ended { login: String, project: Option<String>, role: Role },
    RanOut { membership: i64 },
    Synced { removed: Vec<String>, restored: Vec<String> },
}

/// A membership; times in microseconds since 1970.
pub(super) struct MembershipAdded {
    pub(super) id: i64,
    pub(super) login: String,
    pub(super) project: Option<String>,
    pub(super) role: Role,
    pub(super) bounds: (i64, i64),
    pub(super) ended: bool,
}

/// The roles that decide about releases.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Role {
    Administrator,
    Checker,
    Researcher,
    #[serde(other)]
    Other,
}

/// About a policy.
pub(super) enum PolicyEvent {
    Set { policy: i64, project: String, destination: String, proposed: bool, values: Values },
    Confirmed { policy: i64 },
}

/// What of a policy decides.
#[derive(Clone, Copy, Debug, Deserialize)]
pub(super) struct Values {
    pub(super) approvals: i64,
    /// Bytes.
    pub(super) largest_file: i64,
    pub(super) hold_seconds: i64,
    pub(super) rejection_vetoes: bool,
    pub(super) inspection_downloads: bool,
    /// Whether approvals through a service count.
    #[serde(default)]
    pub(super) votes_via_services: bool,
    /// Whether voters sign.
    #[serde(default)]
    pub(super) signatures: Signatures,
    /// What becomes of an approval of what was never opened.
    #[serde(default)]
    pub(super) unseen: Unseen,
}

/// What becomes of an approval of what was never opened, the laxest first; before there was a word for it, what is asked now.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Unseen {
    Allow,
    #[default]
    Ask,
    Refuse,
}

/// Whether voters sign, the laxest first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Signatures {
    #[default]
    Off,
    Wanted,
    Required,
}

impl Values {
    pub(super) fn as_strict_as(&self, other: &Self) -> bool {
        self.approvals >= other.approvals
            && self.largest_file <= other.largest_file
            && self.hold_seconds >= other.hold_seconds
            && self.rejection_vetoes >= other.rejection_vetoes
            && self.inspection_downloads <= other.inspection_downloads
            && self.votes_via_services <= other.votes_via_services
            && self.signatures >= other.signatures
            && self.unseen >= other.unseen
    }
}

/// What administrators say where no key can speak.
pub(super) enum RenewalEvent {
    Proposed { renewal: i64, why: Renewal, public_key: Option<String> },
    Confirmed { renewal: i64, why: Renewal, public_key: Option<String>, proposed_by: String },
}

/// A file somebody named as theirs.
#[derive(Deserialize)]
pub(super) struct RegisteredFile {
    pub(super) key: String,
    pub(super) sha256: String,
}

/// Bytes that intake found.
#[derive(Deserialize)]
pub(super) struct Intake {
    pub(super) version: Id,
    pub(super) sha256: Option<String>,
    pub(super) size: i64,
    pub(super) blocked: Option<String>,
    pub(super) key_sha256: String,
    pub(super) origin_unknown: bool,
    pub(super) registered_by: Vec<String>,
    /// From the entry's column.
    #[serde(skip)]
    pub(super) project: String,
}

/// About the case of a version for a destination.
pub(super) struct CaseEvent {
    pub(super) version: i64,
    pub(super) destination: String,
    pub(super) what: CaseStep,
    /// The state it left the case in.
    pub(super) state: String,
    pub(super) approved_at: Option<i64>,
}

/// What happened to it.
pub(super) enum CaseStep {
    /// Somebody asks for a destination; a case there is stays as it is, one that was withdrawn begins anew.
    Ask,
    Vote {
        kind: Kind,
        sha256: Option<String>,
        policy: i64,
    },
    Undo,
    Recount,
    Withdraw,
    Recall,
    Restore {
        proposed: bool,
    },
}

/// What a vote says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Kind {
    Approve,
    Reject,
    Changes,
}

/// About a release.
pub(super) enum ReleaseEvent {
    Claim(Claim),
    Again { release: String, worker: String },
    Finish { release: String, worker: String, record_key: Option<String> },
    Fail { release: String, code: String },
}

/// A first claim.
pub(super) struct Claim {
    pub(super) release: String,
    pub(super) worker: String,
    pub(super) record: Record,
    /// The record's text as it stands in the entry.
    pub(super) text: String,
    pub(super) subject: Option<String>,
    /// Where it goes, and when deciding began; none in entries of before the proof.
    pub(super) place: Option<Place>,
}

/// Where a release goes.
#[derive(Deserialize)]
pub(super) struct Place {
    pub(super) bucket: String,
    pub(super) key_hex: String,
    #[serde(deserialize_with = "time")]
    pub(super) begun: i64,
}

/// What a record of a release says of its subject and its votes.
#[derive(Deserialize)]
pub(super) struct Record {
    pub(super) version: Id,
    pub(super) destination: String,
    pub(super) sha256: String,
    #[serde(default)]
    pub(super) votes: Vec<RecordedVote>,
}

/// A vote in a record.
#[derive(Deserialize)]
pub(super) struct RecordedVote {
    pub(super) voter: String,
    pub(super) counted: bool,
}

/// A number, written as one or as text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Id(pub(super) i64);

impl<'de> Deserialize<'de> for Id {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Written {
            Number(i64),
            Text(String),
        }
        match Written::deserialize(from)? {
            Written::Number(number) => Ok(Self(number)),
            Written::Text(text) => text.parse().map(Self).map_err(|_| D::Error::custom("an id is a number")),
        }
    }
}

/// Microseconds since 1970 of a time as the journal writes it.
pub(super) fn micros(text: &str) -> Option<i64> {
    DateTime::parse_from_rfc3339(text).ok().map(|at| at.timestamp_micros())
}

pub(super) fn time<'de, D: Deserializer<'de>>(from: D) -> Result<i64, D::Error> {
    micros(&String::deserialize(from)?).ok_or_else(|| D::Error::custom("a time is expected"))
}

pub(super) fn time_or_none<'de, D: Deserializer<'de>>(from: D) -> Result<Option<i64>, D::Error> {
    let Some(text) = Option::<String>::deserialize(from)? else { return Ok(None) };
    micros(&text).map(Some).ok_or_else(|| D::Error::custom("a time is expected"))
}

impl Event {
    /// The file version it is about.
    pub(super) fn version(&self) -> Option<i64> {
        match self {
            Self::TakenOver(file) => Some(file.version.0),
            Self::Intake(intake) => Some(intake.version.0),
            Self::Gone { version } => Some(*version),
            Self::Case(case) => Some(case.version),
            Self::Release(ReleaseEvent::Claim(claim)) => Some(claim.record.version.0),
            _ => None,
        }
    }

    /// Whether only people do it.
    pub(super) fn is_persons(&self) -> bool {
        match self {
            Self::Person(event) => !matches!(event, PersonEvent::First { .. } | PersonEvent::RanOut { .. }),
            Self::Project(_) | Self::Policy(_) | Self::Renewal(_) | Self::Registered { .. } => true,
            Self::Case(case) => !matches!(case.what, CaseStep::Recount),
            _ => false,
        }
    }

    /// Whether only administrators do it.
    pub(super) fn is_administrators(&self) -> bool {
        self.is_persons() && matches!(self, Self::Person(_) | Self::Project(_) | Self::Policy(_) | Self::Renewal(_))
    }
}
