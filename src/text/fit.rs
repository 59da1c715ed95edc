//! Cutting safe text to a number of terminal cells. For text that went through [`super::shown`] or is our own.

use unicode_segmentation::UnicodeSegmentation as _;
use unicode_width::UnicodeWidthStr as _;

/// Cells the text takes.
#[must_use]
pub fn width(text: &str) -> usize {
    text.width()
}

/// At most `cells` wide: the beginning, with `…` where something was cut.
#[must_use]
pub fn fit(text: &str, cells: usize) -> String {
    if width(text) <= cells {
        return text.to_owned();
    }
    let mut kept = take(text.graphemes(true), cells);
    if cells > 0 {
        kept.push("…");
    }
    kept.concat()
}

/// At most `cells` wide: the end, which tells paths apart, with `…` where something was cut.
#[must_use]
pub fn fit_end(text: &str, cells: usize) -> String {
    if width(text) <= cells {
        return text.to_owned();
    }
    let mut kept = take(text.graphemes(true).rev(), cells);
    if cells > 0 {
        kept.push("…");
    }
    kept.reverse();
    kept.concat()
}

/// As many graphemes as leave one cell for the sign of the cut.
fn take<'a>(graphemes: impl Iterator<Item = &'a str>, cells: usize) -> Vec<&'a str> {
    let mut left = cells.saturating_sub(1);
    graphemes
        .take_while(|grapheme| {
            let fits = grapheme.width() <= left;
            left = left.saturating_sub(grapheme.width());
            fits
        })
        .collect()
}
