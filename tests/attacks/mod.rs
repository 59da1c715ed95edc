//! attacks

mod access;
mod bounds;
mod doors;
mod findings;
mod flood;
mod inspect;
mod journal;
mod poison;
mod sessions;
mod side_channels;
pub mod sql;
mod sql_load;
pub mod sql_reach;
mod sql_rights;
mod sql_work;
mod text;
mod trouble;
