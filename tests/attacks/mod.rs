//! attacks

mod findings;
mod inspect;
mod journal;
mod text;
