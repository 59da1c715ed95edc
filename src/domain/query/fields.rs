//! The fields of a filter line, in one table an area: parsing, help, completion and what the database is asked all read it.

use std::str::FromStr;

use super::known::Known;
use crate::domain::access::{GrantState, RequestStatus};
use crate::domain::case::CaseState;
use crate::domain::permit::{Stage, Status};

/// A field one can ask for.
#[derive(Clone, Copy, Debug)]
pub struct Field {
    /// Its name, as it is typed.
    pub name: &'static str,
    /// Other names it is understood by.
    pub also: &'static [&'static str],
    /// How it is used.
    pub example: &'static str,
    /// What it asks for, in a few words.
    pub says: &'static str,
    /// What can follow.
    pub values: Values,
    /// How that is read, and under which key the database knows it.
    pub asks: Asks,
}

impl PartialEq for Field {
    /// One area has no two fields of a name, and two areas' fields of one name ask for the same.
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name && self.says == other.says
    }
}

impl Eq for Field {}

/// How a field's value is read, with the keys of the database's filter.
#[derive(Clone, Copy, Debug)]
pub enum Asks {
    /// Words, each read by the function: as the database knows it, or what to write.
    Words(&'static str, fn(&str) -> Result<String, String>),
    /// Whole numbers.
    Ids(&'static str),
    /// One of these words, each with its key.
    Flags(&'static [(&'static str, &'static str)]),
    /// Bytes: the keys of the least and the most.
    Size(&'static str, &'static str),
    /// A time that has passed: the keys of the earliest and the latest moment.
    Age(&'static str, &'static str),
    /// A time to come, in days.
    Within(&'static str),
    /// A moment: the keys of the earliest and the latest.
    Moment(&'static str, &'static str),
    /// A moment or later.
    From(&'static str),
    /// A moment or earlier.
    Until(&'static str),
}

/// What can follow a field.
#[derive(Clone, Copy, Debug)]
pub enum Values {
    /// Numbers, digests: nothing that could be offered.
    Any,
    /// It is compared, as in `size>10M`.
    Compared,
    /// These words.
    Words(fn() -> Vec<String>),
    /// What is known of them.
    Known(fn(&Known) -> &[String]),
}

/// A field without other names.
#[must_use]
pub const fn field(name: &'static str, example: &'static str, says: &'static str, values: Values, asks: Asks) -> Field {
    Field { name, also: &[], example, says, values, asks }
}

/// A plain word of the line: a part of a row's texts.
pub static WORDS: Field =
    field("", "ward heart", "parts of name and purpose", Values::Any, Asks::Words("words", as_typed));

#[expect(clippy::unnecessary_wraps, reason = "one of several ways to read a word")]
fn as_typed(word: &str) -> Result<String, String> {
    Ok(word.to_owned())
}

#[expect(clippy::unnecessary_wraps, reason = "one of several ways to read a word")]
fn in_lower_case(word: &str) -> Result<String, String> {
    Ok(word.to_ascii_lowercase())
}

fn digest(word: &str) -> Result<String, String> {
    if word.len() > 64 || !word.bytes().all(|b| b.is_ascii_hexdigit()) {
        return Err("A SHA-256 is up to 64 hexadecimal digits.".to_owned());
    }
    in_lower_case(word)
}

/// A word of a type as the database spells it.
fn one_of<T: FromStr<Err = String> + ToString>(word: &str) -> Result<String, String> {
    word.parse::<T>().map(|word| word.to_string())
}

fn all<T: ToString>(words: &[T]) -> Vec<String> {
    words.iter().map(ToString::to_string).collect()
}

/// How much of a file one saw.
const SEEN: &[&str] = &["no", "part", "all"];

fn how_much(word: &str) -> Result<String, String> {
    let known = SEEN.iter().find(|known| known.eq_ignore_ascii_case(word));
    known.map_or_else(|| Err("How much was seen is no, part or all.".to_owned()), |known| Ok((*known).to_owned()))
}

/// What is known of a file's inside: as it is typed, as the database knows it.
const INSIDE: &[(&str, &str)] = &[("clean", "clean"), ("findings", "findings"), ("unchecked", "not_checked")];

fn inside(word: &str) -> Result<String, String> {
    let known =
        INSIDE.iter().find(|(typed, as_known)| [typed, as_known].iter().any(|one| one.eq_ignore_ascii_case(word)));
    known.map_or_else(
        || Err("What is inside is clean, findings or unchecked.".to_owned()),
        |(_, known)| Ok((*known).to_owned()),
    )
}

/// A rule as it is typed: `small-count` is `small_count` too.
#[expect(clippy::unnecessary_wraps, reason = "one of several ways to read a word")]
fn rule(word: &str) -> Result<String, String> {
    Ok(word.to_ascii_lowercase().replace(['-', ' '], "_"))
}

const STATES: Values = Values::Words(|| all(&CaseState::ALL));
const CASE_NEEDS: &[(&str, &str)] = &[("mine", "mine"), ("claimed", "claimed")];
const REQUEST_NEEDS: &[(&str, &str)] = &[("mine", "mine"), ("overdue", "overdue"), ("claimed", "claimed")];

/// The fields of file versions.
#[rustfmt::skip]
pub const FIELDS: &[Field] = &[
    field("state", "state:pending,approved", "where it stands", STATES, Asks::Words("state", one_of::<CaseState>)),
    field("-state", "-state:released", "where it does not stand", STATES, Asks::Words("not_state", one_of::<CaseState>)),
    field("project", "project:heart", "of which project", Values::Known(|known| &known.projects), Asks::Words("project", as_typed)),
    Field {
        also: &["destination"],
        ..field("dest", "dest:world", "for which destination", Values::Known(|known| &known.destinations), Asks::Words("destination", as_typed))
    },
    field("by", "by:researcher1", "who submitted it", Values::Known(|known| &known.people), Asks::Words("by", as_typed)),
    field("kind", "kind:csv", "ending or media type", Values::Known(|known| &known.kinds), Asks::Words("kind", in_lower_case)),
    field("size", "size>10M", "larger or smaller than", Values::Compared, Asks::Size("size_min", "size_max")),
    field("age", "age>3d", "waiting longer or shorter than", Values::Compared, Asks::Age("after", "before")),
    field("is", "is:mine", "what needs me, or is claimed", Values::Words(|| all(&["mine", "claimed"])), Asks::Flags(CASE_NEEDS)),
    field("seen", "seen:no,part", "how much of it I saw: no, part or all", Values::Words(|| all(SEEN)), Asks::Words("seen", how_much)),
    field(
        "inside", "inside:findings,unchecked", "clean, findings, or unchecked",
        Values::Words(|| INSIDE.iter().map(|(typed, _)| (*typed).to_owned()).collect()), Asks::Words("inside", inside),
    ),
    field("finding", "finding:small_count", "with a finding of which rule", Values::Known(|known| &known.rules), Asks::Words("finding", rule)),
    field("submission", "submission:12", "of which submission", Values::Any, Asks::Ids("submission")),
    ID,
    Field {
        also: &["sha"],
        ..field("sha256", "sha256:3f9a", "by the beginning of its digest", Values::Any, Asks::Words("sha256", digest))
    },
];

const ID: Field = field("id", "id:12", "by its id", Values::Any, Asks::Ids("id"));

/// Who; `person` and `login` say the same.
const BY: Field = Field {
    also: &["person", "login"],
    ..field("by", "by:researcher1", "whose", Values::Known(|known| &known.people), Asks::Words("by", as_typed))
};

const DAC: Field = field(
    "dac",
    "dac:DAC-HEART",
    "of which committee",
    Values::Known(|known| &known.committees),
    Asks::Words("dac", as_typed),
);

const fn dataset(says: &'static str) -> Field {
    let known = Values::Known(|known| &known.datasets);
    field("dataset", "dataset:GHGAD12345678901234", says, known, Asks::Words("dataset", as_typed))
}

/// The fields of access requests.
#[rustfmt::skip]
pub const REQUEST_FIELDS: &[Field] = &[
    Field {
        also: &["state"],
        ..field("status", "status:pending", "what became of it", Values::Words(|| all(RequestStatus::ALL)), Asks::Words("state", one_of::<RequestStatus>))
    },
    dataset("for which dataset"),
    BY,
    DAC,
    field("ticket", "ticket:T-12", "by the site's ticket", Values::Known(|known| &known.tickets), Asks::Words("ticket", as_typed)),
    field("created", "created>2026-11-01", "asked before or after", Values::Compared, Asks::Moment("after", "before")),
    field("age", "age>5d", "waiting longer or shorter than", Values::Compared, Asks::Age("after", "before")),
    field("starts", "starts<2027-01-01", "access starts before", Values::Compared, Asks::Until("period_until")),
    field("ends", "ends>2027-01-01", "access ends after", Values::Compared, Asks::From("period_from")),
    field(
        "is", "is:overdue", "what needs me, is late, or is claimed",
        Values::Words(|| all(&["mine", "overdue", "claimed"])), Asks::Flags(REQUEST_NEEDS),
    ),
    ID,
];

/// The fields of grants.
#[rustfmt::skip]
pub const GRANT_FIELDS: &[Field] = &[
    Field {
        also: &["status"],
        ..field("state", "state:active,upcoming", "what it is now", Values::Words(|| all(GrantState::ALL)), Asks::Words("state", one_of::<GrantState>))
    },
    dataset("on which dataset"),
    BY,
    DAC,
    field("created", "created>2026-11-01", "given before or after", Values::Compared, Asks::Moment("after", "before")),
    field("starts", "starts<2027-01-01", "valid from before", Values::Compared, Asks::Until("period_until")),
    field("ends", "ends>2027-01-01", "valid until after", Values::Compared, Asks::From("period_from")),
    field("expiring", "expiring<30d", "ends within", Values::Compared, Asks::Within("expiring_days")),
    field("request", "request:71", "from which request", Values::Any, Asks::Ids("request")),
    ID,
];

const PERMIT_NEEDS: &[(&str, &str)] = &[("mine", "mine"), ("late", "late"), ("second", "second")];

/// The fields of permits.
#[rustfmt::skip]
pub const PERMIT_FIELDS: &[Field] = &[
    Field {
        also: &["state"],
        ..field("status", "status:ANALYSIS_ACTIVE", "where it stands", Values::Words(|| all(Status::ALL)), Asks::Words("status", one_of::<Status>))
    },
    field("stage", "stage:setup", "which part of its life that is", Values::Words(|| all(Stage::ALL)), Asks::Words("stage", one_of::<Stage>)),
    field("project", "project:heart", "of which project", Values::Known(|known| &known.projects), Asks::Words("project", as_typed)),
    field("team", "team:researcher1", "who is on its teams", Values::Known(|known| &known.people), Asks::Words("team", as_typed)),
    field("by", "by:manager1", "who issued it", Values::Known(|known| &known.people), Asks::Words("by", as_typed)),
    dataset("for which dataset"),
    field("waits", "waits:setup_reviewer", "for which role it waits", Values::Known(|known| &known.roles), Asks::Words("waits", in_lower_case)),
    field("age", "age>5d", "standing there longer or shorter than", Values::Compared, Asks::Age("after", "before")),
    field("ends", "ends<30d", "ends within", Values::Compared, Asks::Within("ends_days")),
    field("is", "is:late", "what needs me, is late, or needs a second", Values::Words(|| all(&["mine", "late", "second"])), Asks::Flags(PERMIT_NEEDS)),
    ID,
];

/// The field of a name, in whatever case it was typed.
pub(super) fn of(fields: &'static [Field], name: &str) -> Option<&'static Field> {
    let same = |known: &str| known.eq_ignore_ascii_case(name);
    fields.iter().find(|field| same(field.name) || field.also.iter().any(|also| same(also)))
}
