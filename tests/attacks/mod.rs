//! attacks

mod journal;
mod text;
