//! JSON and what is written in it.

use serde_json::error::Category;

use super::markup::EMBEDDED;
use crate::inspect::format::Format;
use crate::inspect::head::Head;
use crate::inspect::lines;
use crate::inspect::scan::LineScan;
use crate::inspect::values::contains;

/// A Jupyter notebook.
pub(super) static NOTEBOOK: Format = Format {
    id: "notebook",
    words: "a Jupyter notebook",
    media: &["application/x-ipynb+json"],
    names: &["ipynb"],
    is: |head| {
        let notebook = head.extension == "ipynb" && is_json(head) && contains(head.text(), b"\"cells\"");
        notebook.then_some("application/x-ipynb+json")
    },
    page: lines::page,
    scan: |scope| Box::new(LineScan::new(scope, &[EMBEDDED, "\"image/png\""])),
};

/// One JSON document.
pub(super) static JSON: Format = Format {
    id: "json",
    words: "JSON",
    media: &["application/json"],
    names: &["json", "geojson", "jsonl", "ndjson", "txt", "dat"],
    is: |head| is_json(head).then_some("application/json"),
    page: lines::page,
    scan: |scope| Box::new(LineScan::new(scope, &[])),
};

/// One whole document, or the beginning of one where the rest was not read.
fn is_json(head: &Head) -> bool {
    if !head.is_textual() {
        return false;
    }
    let text = head.text().trim_ascii_start();
    matches!(text.first(), Some(b'{' | b'['))
        && match serde_json::from_slice::<serde::de::IgnoredAny>(text) {
            Ok(_) => true,
            Err(why) => head.more() && why.classify() == Category::Eof,
        }
}
