//! The fields of a filter line, in one table a list: parsing, help and completion all read it.

use super::complete::Known;
use crate::domain::access::{GrantState, RequestStatus};
use crate::domain::case::CaseState;

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

const fn field(name: &'static str, example: &'static str, says: &'static str, values: Values) -> Field {
    Field { name, also: &[], example, says, values }
}

fn states() -> Vec<String> {
    CaseState::ALL.iter().map(ToString::to_string).collect()
}

fn needs() -> Vec<String> {
    vec!["mine".to_owned(), "claimed".to_owned()]
}

/// The fields of file versions.
#[rustfmt::skip]
pub const FIELDS: &[Field] = &[
    field("state", "state:pending,approved", "where it stands", Values::Words(states)),
    field("-state", "-state:released", "where it does not stand", Values::Words(states)),
    field("project", "project:heart", "of which project", Values::Known(|known| &known.projects)),
    Field { also: &["destination"], ..field("dest", "dest:world", "for which destination", Values::Known(|known| &known.destinations)) },
    field("by", "by:researcher1", "who submitted it", Values::Known(|known| &known.people)),
    field("kind", "kind:csv", "ending or media type", Values::Known(|known| &known.kinds)),
    field("size", "size>10M", "larger or smaller than", Values::Compared),
    field("age", "age>3d", "waiting longer or shorter than", Values::Compared),
    field("is", "is:mine", "what needs me, or is claimed", Values::Words(needs)),
    field("submission", "submission:12", "of which submission", Values::Any),
    field("id", "id:12", "by its id", Values::Any),
    Field { also: &["sha"], ..field("sha256", "sha256:3f9a", "by the beginning of its digest", Values::Any) },
];

fn statuses() -> Vec<String> {
    RequestStatus::ALL.iter().map(ToString::to_string).collect()
}

fn grant_states() -> Vec<String> {
    GrantState::ALL.iter().map(ToString::to_string).collect()
}

fn request_needs() -> Vec<String> {
    vec!["mine".to_owned(), "overdue".to_owned(), "claimed".to_owned()]
}

/// Who; `person` and `login` say the same.
const BY: Field = Field {
    also: &["person", "login"],
    ..field("by", "by:researcher1", "whose", Values::Known(|known| &known.people))
};

/// The fields of access requests.
#[rustfmt::skip]
pub const REQUEST_FIELDS: &[Field] = &[
    Field { also: &["state"], ..field("status", "status:pending", "what became of it", Values::Words(statuses)) },
    field("dataset", "dataset:GHGAD12345678901234", "for which dataset", Values::Known(|known| &known.datasets)),
    BY,
    field("dac", "dac:DAC-HEART", "of which committee", Values::Known(|known| &known.committees)),
    field("ticket", "ticket:T-12", "by the site's ticket", Values::Known(|known| &known.tickets)),
    field("created", "created>2026-11-01", "asked before or after", Values::Compared),
    field("age", "age>5d", "waiting longer or shorter than", Values::Compared),
    field("starts", "starts<2027-01-01", "access starts before", Values::Compared),
    field("ends", "ends>2027-01-01", "access ends after", Values::Compared),
    field("is", "is:overdue", "what needs me, is late, or is claimed", Values::Words(request_needs)),
    field("id", "id:12", "by its id", Values::Any),
];

/// The fields of grants.
#[rustfmt::skip]
pub const GRANT_FIELDS: &[Field] = &[
    Field { also: &["status"], ..field("state", "state:active,upcoming", "what it is now", Values::Words(grant_states)) },
    field("dataset", "dataset:GHGAD12345678901234", "on which dataset", Values::Known(|known| &known.datasets)),
    BY,
    field("dac", "dac:DAC-HEART", "of which committee", Values::Known(|known| &known.committees)),
    field("created", "created>2026-11-01", "given before or after", Values::Compared),
    field("starts", "starts<2027-01-01", "valid from before", Values::Compared),
    field("ends", "ends>2027-01-01", "valid until after", Values::Compared),
    field("expiring", "expiring<30d", "ends within", Values::Compared),
    field("request", "request:71", "from which request", Values::Any),
    field("id", "id:12", "by its id", Values::Any),
];

/// The field of a name, in whatever case it was typed.
pub(super) fn of(fields: &'static [Field], name: &str) -> Option<&'static Field> {
    let same = |known: &str| known.eq_ignore_ascii_case(name);
    fields.iter().find(|field| same(field.name) || field.also.iter().any(|also| same(also)))
}
