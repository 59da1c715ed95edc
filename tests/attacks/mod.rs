//! attacks

mod inspect;
mod journal;
mod text;
