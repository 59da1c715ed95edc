//! The desk without a terminal: key streams on the pure app, and the drawn buffer.

mod access;
mod columns;
mod decide;
mod find;
mod harness;
mod keymap;
mod keys;
mod learn;
mod look;
mod mouse;
mod race;
mod random;
mod screens;
mod tasks;
mod themes;
mod triage;
mod window;
