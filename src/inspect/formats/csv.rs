//! Tables with signs between the cells.

use crate::inspect::format::{Asked, Format, Held, Need};
use crate::inspect::head::Head;
use crate::inspect::page::Page;
use crate::inspect::scan::CellScan;
use crate::inspect::{lines, table};

/// A table with commas, semicolons or bars between the cells.
pub(super) static CSV: Format = Format {
    id: "csv",
    words: "a CSV table",
    media: &["text/csv"],
    names: &["csv", "txt", "dat"],
    is: |head| is_table(head).then_some("text/csv"),
    page: |held, asked| page(held, asked, None),
    scan: |scope| Box::new(CellScan::new(scope)),
};

/// A table with tabs between the cells.
pub(super) static TSV: Format = Format {
    id: "tsv",
    words: "a table with tabs",
    media: &["text/tab-separated-values"],
    names: &["tsv", "tab", "txt", "dat"],
    is: |head| (is_table(head) && head.delimiter() == b'\t').then_some("text/tab-separated-values"),
    page: |held, asked| page(held, asked, Some(b'\t')),
    scan: |scope| Box::new(CellScan::new(scope)),
};

fn is_table(head: &Head) -> bool {
    head.is_textual() && head.is_table(matches!(head.extension, "csv" | "tsv" | "tab"))
}

/// A page of rows; `usual` stands between the cells where the rows do not show it.
fn page(held: &Held, asked: &Asked, usual: Option<u8>) -> Result<Page, Need> {
    let window = asked.window(held)?;
    let mut carried = lines::began(&window, asked);
    if asked.carried.is_none() {
        let head = Head::new(window.bytes, "", false);
        carried.delimiter = usual.filter(|_| !head.is_table(false)).unwrap_or_else(|| head.delimiter());
    }
    let mut page = asked.page(held);
    table::show(&mut page, &window, asked.rows, &carried);
    Ok(page)
}
