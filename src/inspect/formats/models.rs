//! Tables and models that programs keep for themselves: nothing of them is shown yet.

use super::bytes::{Says, as_bytes};
use crate::inspect::format::Format;
use crate::inspect::head::Head;
use crate::inspect::values::contains;

const BY_HAND: &str = "It may hold the data it was made from and cannot be checked by hand.";

/// A Parquet or Arrow table.
pub(super) static COLUMNAR: Format = Format {
    id: "columnar",
    words: "a Parquet or Arrow table",
    media: &["application/vnd.apache.parquet", "application/vnd.apache.arrow.file"],
    names: &["parquet", "feather", "arrow"],
    is: |head| match head {
        // Letters that could as well begin the header of a table.
        head if head.is_textual() => None,
        head if head.starts(&[b"PAR1"]) => Some("application/vnd.apache.parquet"),
        head => head.starts(&[b"ARROW1"]).then_some("application/vnd.apache.arrow.file"),
    },
    page: as_bytes,
    scan: |_| Box::new(Says::opaque("It is a table that is not shown here: ask for CSV.")),
};

/// A data file of R, Stata, SPSS, SAS, `SQLite` or `NumPy`.
pub(super) static DATA: Format = Format {
    id: "data",
    words: "a data file of a statistics program",
    media: &[
        "application/x-r-data",
        "application/x-stata",
        "application/x-spss",
        "application/x-npy",
        "application/vnd.sqlite3",
    ],
    names: &["rds", "rda", "rdata", "dta", "sav", "sas7bdat", "npy", "sqlite", "db"],
    is: |head| {
        let known: [(&[&[u8]], _); 4] = [
            (&[b"X\n\0\0\0", b"RDX2\n", b"RDX3\n", b"RDA2\n", b"RDA3\n"], "application/x-r-data"),
            (&[b"<stata_dta>"], "application/x-stata"),
            (&[b"$FL2@(#)", b"$FL3@(#)"], "application/x-spss"),
            (&[b"\x93NUMPY"], "application/x-npy"),
        ];
        let known = known.into_iter().find(|(starts, _)| head.starts(starts)).map(|(_, media_type)| media_type);
        known.or_else(|| is_r_text(head).then_some("application/x-r-data")).or_else(|| head.guessed(DATA.media))
    },
    page: as_bytes,
    scan: |_| Box::new(Says::opaque(BY_HAND)),
};

/// A saved model or a saved state of a program.
pub(super) static MODEL: Format = Format {
    id: "model",
    words: "a saved model or program state",
    media: &["application/x-hdf5", "application/x-pickle", "application/x-safetensors", "application/x-gguf"],
    names: &["pkl", "pickle", "h5", "hdf5", "onnx", "safetensors", "gguf", "joblib", "model", "pt", "pth", "keras"],
    is: |head| match head {
        head if head.starts(&[b"\x89HDF\r\n\x1a\n"]) => Some("application/x-hdf5"),
        head if head.starts(&[b"\x80\x02", b"\x80\x03", b"\x80\x04", b"\x80\x05"]) => Some("application/x-pickle"),
        head if is_safetensors(head.bytes) => Some("application/x-safetensors"),
        head => (head.starts(&[b"GGUF"]) && !head.is_textual()).then_some("application/x-gguf"),
    },
    page: as_bytes,
    scan: |_| Box::new(Says::opaque(BY_HAND)),
};

/// Saved by R as text: format 2 or 3, then the writer's version and the oldest R that reads it, 2.3.0 or 3.5.0.
fn is_r_text(head: &Head) -> bool {
    let start = &head.bytes[..head.bytes.len().min(40)];
    head.starts(&[b"A\n"]) && [&b"\n131840\n"[..], b"\n197888\n"].iter().any(|old| contains(start, old))
}

/// The length of a JSON header in eight bytes, then the header.
fn is_safetensors(head: &[u8]) -> bool {
    let length = head.first_chunk().map(|length| u64::from_le_bytes(*length));
    head.get(8..10) == Some(b"{\"") && length.is_some_and(|length| length < 1 << 32)
}
