//! What looks at whole files of text and of rows, for the formats that are such.

mod cells;
mod columns;
mod lines;
mod texts;

pub use cells::CellScan;
pub use lines::LineScan;
