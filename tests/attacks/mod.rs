//! attacks

mod findings;
mod inspect;
mod journal;
mod sql;
mod sql_load;
mod sql_reach;
mod sql_rights;
mod text;
