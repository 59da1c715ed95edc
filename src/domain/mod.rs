//! The nouns of the field: ids, egress, refusals, the query language, the journal's entry. Pure; used by every room above.

pub mod egress;
pub mod page;
pub mod refusal;
