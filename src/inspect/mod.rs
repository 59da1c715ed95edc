//! What is inside a file: sniffing, previews, findings. Pure over bytes. Called by `service` and `worker`.
//!
//! - [`formats`] has one file a format and the table of them; nothing else here names one.
//! - [`sniff`] says what a file is, from its first bytes.
//! - [`preview`] makes a page of the bytes read so far, or says which to read.
//! - [`Scanner`] takes a whole file in chunks and gives the findings, whatever the chunks.

mod checks;
mod decode;
mod format;
mod formats;
mod found;
mod head;
mod lines;
mod names;
mod page;
mod preview;
mod rows;
mod scan;
mod scanner;
mod sniff;
mod table;
mod values;

pub use checks::Checks;
pub use decode::Encoding;
pub use format::{Asked, Format, Held, Need, Scan, Scope, WINDOW, Window};
pub use formats::FORMATS;
pub use found::Found;
pub use head::{HEAD, Head};
pub use page::{Body, Carried, Column, ColumnFacts, ColumnKind, Fact, HEX_WIDTH, Line, Page, hex_line};
pub use preview::{PAGE_ROWS, PreviewRequest, preview, preview_with, raw_page};
pub use scanner::{Scanned, Scanner};
pub use sniff::{Sniffed, sniff};
