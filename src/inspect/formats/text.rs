//! Plain text: notes, logs, code.

use crate::inspect::format::Format;
use crate::inspect::lines;
use crate::inspect::scan::LineScan;

/// Text by the line.
pub(super) static TEXT: Format = Format {
    id: "text",
    words: "plain text",
    media: &["text/plain", "text/x-shellscript"],
    names: &[
        "txt", "dat", "jsonl", "ndjson", "log", "md", "rmd", "qmd", "tex", "bib", "r", "py", "do", "ado", "sas", "sps",
        "sql", "sh", "jl", "m", "c", "h", "cpp", "js", "ts", "css", "yml", "yaml", "toml", "ini", "cfg", "smcl", "out",
        "err",
    ],
    is: |head| head.is_textual().then_some("text/plain"),
    page: lines::page,
    scan: |scope| Box::new(LineScan::new(scope, &[])),
};
