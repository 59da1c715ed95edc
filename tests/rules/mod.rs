//! rules

mod catalogue;
mod house;
mod query;
