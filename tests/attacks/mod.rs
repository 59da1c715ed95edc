//! attacks

mod findings;
mod inspect;
mod journal;
mod sql;
mod sql_reach;
mod text;
