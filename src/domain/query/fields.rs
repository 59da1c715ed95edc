//! The fields of a filter line, in one table a list: parsing, help and completion all read it.

use super::complete::Known;
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
    vec!["mine".to_owned()]
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
    field("is", "is:mine", "what needs me", Values::Words(needs)),
    field("submission", "submission:12", "of which submission", Values::Any),
    field("id", "id:12", "by its id", Values::Any),
    Field { also: &["sha"], ..field("sha256", "sha256:3f9a", "by the beginning of its digest", Values::Any) },
];

/// The field of a name, in whatever case it was typed.
pub(super) fn of(fields: &'static [Field], name: &str) -> Option<&'static Field> {
    let same = |known: &str| known.eq_ignore_ascii_case(name);
    fields.iter().find(|field| same(field.name) || field.also.iter().any(|also| same(also)))
}
