//! attacks

mod access;
mod bounds;
mod doors;
mod findings;
mod flood;
mod formats;
mod inspect;
mod journal;
mod poison;
mod sql;
mod sql_load;
mod sql_reach;
mod sql_rights;
mod sql_work;
mod text;
