//! The desk without a terminal: key streams on the pure app, and the drawn buffer.

mod find;
mod harness;
mod keymap;
mod keys;
mod random;
mod screens;
