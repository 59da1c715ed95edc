//! Drawing the model, whatever state it is in. Pure over the frame's buffer; called by `tui::runtime` and by the tests.
//!
//! Everything goes to the screen through [`paint`], which lets no control or invisible character pass.

pub mod colour;
mod columns;
mod dialog;
mod dialogs;
mod editor;
mod filter;
mod foot;
mod history;
mod learn;
mod paint;
mod panes;
mod preview;
mod screen;
mod table;
mod tasks;
mod theme;
mod whole;
mod writing;

pub use colour::Depth;
pub use editor::Editor;
pub use paint::Look;
pub use screen::draw;
pub use theme::{Theme, ThemeError, by_name, of_house};
