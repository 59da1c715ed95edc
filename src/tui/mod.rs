//! The desk. Called by `cli`.
//!
//! Keys and answers become messages; [`app`] turns a message into a new state and a list of effects (data, no doing);
//! [`tabs`] says what each tab shows; [`ui`] draws; [`runtime`] owns the terminal, the clock and the tasks.

pub mod app;
mod runtime;
pub mod tabs;
pub mod ui;

pub use runtime::{Tasks, fault, hook, run, until_it_opens, utf8_locale};
