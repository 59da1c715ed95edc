//! attacks

mod journal;
