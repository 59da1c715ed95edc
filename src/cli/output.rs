//! The one writer of the command line: rows for people, ASCII JSON for programs, errors on stderr. Used by every
//! subcommand and `main`.

use std::io::Write as _;

use serde::Serialize;
use serde_json::json;

use super::exit;
use crate::text::{Untrusted, json_ascii, shown_sentence, width};

/// Writes a line to standard output.
///
/// # Errors
/// Nobody reads any more (a broken pipe), or the disk is full.
pub fn line(text: &str) -> anyhow::Result<()> {
    let mut out = std::io::stdout().lock();
    out.write_all(text.as_bytes())?;
    out.write_all(b"\n")?;
    out.flush()?;
    Ok(())
}

/// Writes a value as one line of ASCII JSON.
///
/// # Errors
/// See [`line`].
pub fn json(value: &impl Serialize) -> anyhow::Result<()> {
    line(&json_ascii(value)?)
}

/// An error on stderr: a sentence, or with `--json` an object.
pub fn error(message: &str, code: &str, as_json: bool) {
    let text = if as_json {
        json_ascii(&json!({"error": {"code": code, "message": message}})).unwrap_or_default()
    } else {
        // It may quote what a stranger wrote.
        shown_sentence(&Untrusted::new(message))
    };
    // Where stderr is closed there is nobody to tell.
    let _ = writeln!(std::io::stderr(), "{text}");
}

/// A passing remark on stderr, for who watches.
pub fn note(text: &str) {
    let _ = writeln!(std::io::stderr(), "{text}");
}

/// The error a subcommand ended in, told; and its exit code. A reader who has gone is no error.
#[must_use]
pub fn fail(error: &anyhow::Error, as_json: bool) -> u8 {
    let gone = error.chain().any(|cause| {
        cause.downcast_ref::<std::io::Error>().is_some_and(|io| io.kind() == std::io::ErrorKind::BrokenPipe)
    });
    if gone {
        return exit::OK;
    }
    let (exit, code) = exit::of(error);
    self::error(&error.to_string(), &code, as_json);
    exit
}

/// Rows under headings, each column as wide as it needs; the last one is not padded.
#[must_use]
pub fn table(headings: &[&str], rows: &[Vec<String>]) -> String {
    let mut widths: Vec<usize> = headings.iter().map(|heading| width(heading)).collect();
    for row in rows {
        for (widest, cell) in widths.iter_mut().zip(row) {
            *widest = (*widest).max(width(cell));
        }
    }
    let heading: Vec<String> = headings.iter().map(ToString::to_string).collect();
    let lines: Vec<String> = std::iter::once(&heading)
        .chain(rows)
        .map(|row| {
            let mut line = String::new();
            for (n, (cell, widest)) in row.iter().zip(&widths).enumerate() {
                if n > 0 {
                    line.push_str("  ");
                }
                line.push_str(cell);
                if n + 1 < row.len() {
                    line.push_str(&" ".repeat(widest.saturating_sub(width(cell))));
                }
            }
            line.trim_end().to_owned()
        })
        .collect();
    lines.join("\n")
}
