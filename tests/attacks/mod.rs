//! attacks

mod access;
mod findings;
mod flood;
mod inspect;
mod journal;
mod sessions;
pub mod sql;
mod sql_load;
pub mod sql_reach;
mod sql_rights;
mod sql_work;
mod text;
