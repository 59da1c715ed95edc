//! The desk without a terminal: key streams on the pure app, and the drawn buffer.

mod access;
mod access_find;
mod answers;
mod columns;
mod decide;
mod dialogs;
mod find;
mod first_day;
mod hands;
pub mod harness;
mod keymap;
mod keys;
mod learn;
mod look;
mod mouse;
mod race;
mod race_access;
mod random;
mod reach;
mod roles;
mod scenes;
mod states;
mod styles;
mod tasks;
mod themes;
mod triage;
mod window;
