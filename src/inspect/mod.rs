//! What is inside a file: sniffing, previews, findings. Pure over bytes. Called by `service` and `worker`.
//!
//! - [`sniff`] says what a file is, from its first bytes.
//! - [`window_of`] names the one range to read for a page, [`preview`] makes the page of it.
//! - [`Scanner`] takes a whole file in chunks and gives the findings, whatever the chunks.

mod archive;
mod checks;
mod decode;
mod image;
mod kind;
mod lines;
mod preview;
mod rows;
mod scan;
mod sniff;
mod table;
mod values;

pub use checks::Checks;
pub use decode::Encoding;
pub use kind::{Kind, extension};
pub use preview::{
    Body, Carried, Column, ColumnFacts, ColumnKind, Fact, HEX_WIDTH, Line, PAGE_ROWS, Preview, PreviewRequest, WINDOW,
    Window, hex_line, preview, window_of,
};
pub use scan::{Scanned, Scanner};
pub use sniff::{HEAD, Sniffed, sniff};
