//! The open help page, and the place it was asked for at. Held as a layer; `help` says what stands on it.

use super::super::field::Field as Typed;
use super::Page;

/// A key that a layer takes for itself, whatever the keymap says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OwnKey {
    /// The key, or several.
    pub key: &'static str,
    /// One or two words for the key bar; empty: only the help tells.
    pub label: &'static str,
    /// One sentence.
    pub help: &'static str,
}

/// Where help was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// A page of the tab.
    Page(Page),
    /// A command to be confirmed.
    Dialog,
    /// The results of several.
    Results,
    /// The filter line.
    Filter,
    /// The text looked for in the preview.
    Find,
    /// Everything that happened.
    History,
    /// One cell, line or row, whole.
    Whole,
    /// Downloads and status.
    Tasks,
    /// The list of columns.
    Columns,
    /// The editor of a comment or note.
    Writing,
    /// The action menu.
    Menu,
    /// The palette.
    Palette,
    /// The help itself.
    Help,
}

/// The open help page.
#[derive(Clone, Debug, PartialEq)]
pub struct Help {
    /// Where it was asked for.
    pub place: Place,
    /// The words searched for.
    pub field: Typed,
    /// Whether letters go into the words.
    pub searching: bool,
    /// First line shown.
    pub top: usize,
}
