//! rules

mod query;
