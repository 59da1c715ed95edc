//! The desk's core: model, messages, actions, commands, update. Pure: no runtime, database, store, terminal or clock
//! in here; time and randomness come in from outside. Called by `tui::runtime` and driven by key streams in the tests.

pub mod actions;
pub mod acts;
mod answers;
pub mod decide;
pub mod field;
pub mod filter;
pub mod help;
pub mod hints;
pub mod jobs;
pub mod key;
pub mod keymap;
pub mod keys;
pub mod layers;
pub mod layout;
pub mod lines;
pub mod list;
pub mod look;
pub mod model;
pub mod mouse;
mod moves;
pub mod msg;
pub mod palette;
pub mod preview;
mod reading;
pub mod row;
pub mod rules;
pub mod tab;
pub mod typing;
pub mod undo;
mod update;
mod verdicts;
pub mod window;

pub use actions::Action;
pub use key::{Code, Key};
pub use model::Model;
pub use msg::{Cmd, Msg};
pub use row::{Item, Row, Target};
pub use update::{first, update};
