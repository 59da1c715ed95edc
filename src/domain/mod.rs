//! The nouns of the field: ids, egress, refusals, the query language, the journal's entry. Pure; used by every room above.

pub mod access;
pub mod case;
pub mod command;
pub mod egress;
pub mod facts;
pub mod found;
mod history;
pub mod id;
pub mod item;
pub mod journal;
pub mod page;
pub mod permit;
mod place;
pub mod query;
pub mod refusal;
pub mod replay;
pub mod seen;
pub mod signed;
pub mod verify;
pub mod vote;
mod words;
