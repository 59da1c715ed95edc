//! attacks

mod access;
mod bounds;
mod doors;
mod doors_databases;
mod doors_store;
mod findings;
mod flood;
mod formats;
mod inspect;
mod journal;
mod poison;
mod prompt;
mod raw;
mod refresh;
mod release_doors;
mod root;
mod services;
mod sessions;
mod side_channels;
pub mod sql;
mod sql_load;
pub mod sql_reach;
mod sql_rights;
mod sql_work;
mod text;
mod through_a_service;
mod trouble;
