//! attacks

mod access;
mod findings;
mod flood;
mod inspect;
mod journal;
mod sessions;
mod sql;
mod sql_load;
mod sql_reach;
mod sql_rights;
mod sql_work;
mod text;
