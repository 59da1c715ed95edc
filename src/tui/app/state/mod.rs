//! The nouns that the model, the layers and the messages hold, below the verbs that change them: nothing here takes a
//! [`super::Model`].

pub mod action;
pub mod draft;
pub mod facts;
pub mod help;
pub mod job;
pub mod keymap;
pub mod line;
pub mod side;
pub mod writing;

/// Which page fills the screen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Page {
    /// The table, with detail and preview below where there is room.
    #[default]
    Table,
    /// One row's detail, with its preview.
    Detail,
    /// The preview alone.
    Preview,
}
