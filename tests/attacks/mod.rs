//! attacks

mod access;
mod doors_databases;
mod doors_store;
mod findings;
mod flood;
mod inspect;
mod journal;
mod root;
mod sql;
mod sql_load;
mod sql_reach;
mod sql_rights;
mod sql_work;
mod text;
