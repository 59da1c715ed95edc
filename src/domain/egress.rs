//! Egress: file versions, their cases and votes as the lists show them. Read by [`super::item`]; shown by the desk and the command line.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

pub use super::case::CaseState;
use super::found::Inside;
pub use super::id::VersionId;
use super::item::Item;
use super::page::Sort;
pub use super::place::Place;
use super::query::{FIELDS, Field};
use super::refusal::Refusal;
use super::seen::Share;
use crate::text::Untrusted;

/// A file version as lists and details show it, with everything the reader may see and do.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct EgressItem {
    /// The file version.
    pub id: VersionId,
    /// Moves with every change of the version or its cases; commands name the one they saw.
    pub row_version: i64,
    /// The submission it came with; files found in the location belong to an unannounced one.
    #[serde(with = "string_id")]
    pub submission: i64,
    /// Which turn of the submission's files this is, from 1.
    pub turn: i32,
    /// The project's id, such as `heart`.
    pub project: String,
    /// The project's title.
    pub project_title: Untrusted,
    /// The key below the project's location, as the stranger named it.
    pub key: Untrusted,
    /// The key's bytes in hex where they are not UTF-8 (then `key` has them escaped).
    pub key_hex: Option<String>,
    /// The store's own version id, where it has one.
    pub version_id: Option<String>,
    /// The store's ETag: a cache key, never proof.
    pub etag: Option<String>,
    /// Hex of the SHA-256 over the bytes as intake read them; none where they were never read (blocked).
    pub sha256: Option<String>,
    /// Bytes.
    pub size: u64,
    /// Media type, from the bytes.
    pub media_type: Option<String>,
    /// When the store says the object was written.
    pub modified_at: DateTime<Utc>,
    /// When intake registered it: waiting time counts from here.
    pub submitted_at: DateTime<Utc>,
    /// Login of the submitter; none if unknown.
    pub submitted_by: Option<String>,
    /// Full name of the submitter.
    pub submitted_by_name: Option<Untrusted>,
    /// What the researcher wants to do with it.
    pub purpose: Untrusted,
    /// Of its cases the state needing most attention.
    pub state: CaseState,
    /// Why it is blocked, where it is.
    pub blocked_reason: Option<Untrusted>,
    /// Which version of its key this is, from 1.
    pub version: i32,
    /// Whether these are the newest bytes at the key.
    pub newest: bool,
    /// The cases by destination.
    pub destinations: BTreeMap<String, DestinationView>,
    /// What intake found inside.
    pub findings: Vec<Finding>,
    /// What is known of its inside: clean, findings, or not checked and why.
    #[serde(default)]
    pub inside: Inside,
    /// Whether the reader opened these bytes: a ticket was given and journalled.
    #[serde(default)]
    pub opened: bool,
    /// How much of them the reader's screens drew, as they declared; none where nothing was declared.
    #[serde(default)]
    pub seen: Option<Share>,
    /// Login of who says they are looking at it.
    pub claimed_by: Option<String>,
    /// When that claim lapses.
    pub claimed_until: Option<DateTime<Utc>>,
}

impl Item for EgressItem {
    const AREA: &'static str = "egress";
    const THING: &'static str = "file";
    const LISTED_BY: &'static str = "exeat egress list";
    const FIELDS: &'static [Field] = FIELDS;
    const SORTS: &'static [Sort] = &[
        Sort::new("submitted_at", true),
        Sort::new("waits", true),
        Sort::new("key", false),
        Sort::new("size", false),
        Sort::new("state", false),
    ];
    const NOTE: &'static str = "blocked_reason";

    fn blank() -> Self {
        Self { state: CaseState::Blocked, ..Self::default() }
    }

    fn id(&self) -> i64 {
        self.id.0
    }

    fn row_version(&self) -> i64 {
        self.row_version
    }

    fn group(&self) -> Option<i64> {
        Some(self.submission)
    }
}

/// One case of a file version: where it stands for one destination and what the reader may do.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DestinationView {
    /// Where the case stands.
    pub state: CaseState,
    /// Approvals required, by the stricter of the policies at the votes and now.
    pub required: i32,
    /// Approvals that count now.
    pub count: i32,
    /// Who gave them, in the order of their first approval.
    pub by: Vec<String>,
    /// Whose rejection stands, in the order they came; without a veto others may still let it out.
    pub against: Vec<String>,
    /// Who asked for it to go there, and what for, the first first; empty where nobody announced it.
    pub asked: Vec<Asked>,
    /// Until when an approved case is held.
    pub held_until: Option<DateTime<Utc>>,
    /// Seconds it is held once the next approval is there; none where one more is not enough.
    pub hold_seconds: Option<i32>,
    /// Who proposed that it goes out again, where it was recalled and one of two did.
    pub restore_by: Option<String>,
    /// What becomes of an approval of bytes that were never opened: `ask`, `allow` or `refuse`.
    #[serde(default)]
    pub unseen: Unseen,
    /// What a vote for it is signed with beside what was seen; none where no signatures are asked for.
    #[serde(default)]
    pub signing: Option<Signing>,
    /// For each command (`approve`, `reject`, `changes`, `undo`, `withdraw`, `comment`, `claim`, `preview`, `download`,
    /// `recall`, `restore`): null if it may be done now, else why not.
    pub why_not: BTreeMap<String, Option<Refusal>>,
}

/// What a destination does with an approval of what was never opened.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Unseen {
    /// The person says that they know.
    #[default]
    Ask,
    /// Nothing is asked.
    Allow,
    /// The database refuses it.
    Refuse,
}

/// What a signed vote names beside what was seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Signing {
    /// The site's id.
    pub site: uuid::Uuid,
    /// The number of the policy in force.
    pub policy: i32,
    /// Whether an approval counts only signed.
    pub required: bool,
}

/// One submission that asked for a file to go to a destination.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Asked {
    /// The submission's id.
    pub submission: String,
    /// Login of who submitted it.
    pub by: String,
    /// What for, in their words.
    pub purpose: Untrusted,
}

/// Something intake noticed in a file.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Finding {
    /// The rule's name, such as `type_mismatch`.
    pub rule: String,
    /// Where, in words a person can follow (`row 3, column deaths`).
    pub place: Untrusted,
    /// The same for programs; none in findings kept before there was this.
    #[serde(default, deserialize_with = "Place::if_known", skip_serializing_if = "Option::is_none")]
    pub at: Option<Place>,
    /// One plain sentence.
    pub sentence: Untrusted,
    /// How much it matters.
    pub severity: Severity,
    /// What became of it.
    #[serde(default)]
    pub state: FindingState,
}

impl Finding {
    /// One that nobody has judged yet.
    #[must_use]
    pub fn new(rule: &str, severity: Severity, at: Place, sentence: String) -> Self {
        let place = at.to_string().into();
        let (rule, sentence, state) = (rule.to_owned(), sentence.into(), FindingState::Open);
        Self { rule, place, at: Some(at), sentence, severity, state }
    }

    /// Where it is, as far as that is known.
    #[must_use]
    pub fn at(&self) -> Option<Place> {
        self.at.clone().or_else(|| Place::of_words(self.place.raw()))
    }
}

/// How much a finding matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// Worth knowing.
    Note,
    /// Look before approving.
    Warn,
    /// Very likely a reason to stop.
    Stop,
}

/// What became of a finding.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FindingState {
    /// Nobody has judged it.
    #[default]
    Open,
    /// A checker says it does not matter.
    Waived,
    /// A checker says it is real.
    Confirmed,
}

mod string_id {
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde's `with` calls it so")]
    pub fn serialize<S: Serializer>(id: &i64, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(id)
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<i64, D::Error> {
        String::deserialize(from)?.parse().map_err(D::Error::custom)
    }
}
