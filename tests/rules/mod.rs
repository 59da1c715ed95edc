//! rules

mod house;
mod query;
