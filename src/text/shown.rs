//! The visible form of what strangers wrote. Whatever could drive a terminal, hide, reorder or pass for something else is
//! written out as an escape; two different texts never have the same form. Called wherever untrusted text is drawn or
//! printed.
//!
//! The categories are Unicode's (UAX 44); the look-alikes are the ASCII ones of UTS 39 that turn up in file names.

use std::fmt::Write as _;

use unicode_normalization::{UnicodeNormalization as _, is_nfc};
use unicode_properties::{GeneralCategory, GeneralCategoryGroup, UnicodeGeneralCategory as _};
use unicode_width::UnicodeWidthChar as _;

use super::Untrusted;

/// More combining marks than this on one letter pile up over the lines above and below.
const MOST_MARKS: usize = 2;

/// How the parts that may differ between uses are treated.
#[derive(Clone, Copy)]
struct Style {
    /// Leading and trailing spaces are written out: nobody sees them otherwise.
    edges: bool,
    /// Everything beyond ASCII is written out.
    ascii: bool,
    /// A backslash is left as it is.
    quoted: bool,
}

/// One line: keys, cells, names, sentences. Line breaks and spaces at either end are written out too.
#[must_use]
pub fn shown(text: &Untrusted) -> String {
    visible(text.raw(), Style { edges: true, ascii: false, quoted: false })
}

/// [`shown`] for a terminal that has only ASCII.
#[must_use]
pub fn shown_ascii(text: &Untrusted) -> String {
    visible(text.raw(), Style { edges: true, ascii: true, quoted: false })
}

/// One line of a longer text: as [`shown`], with its indentation left as it is.
#[must_use]
pub fn shown_line(text: &Untrusted) -> String {
    visible(text.raw(), Style { edges: false, ascii: false, quoted: false })
}

/// A text of several lines: `\n` and `\r\n` break lines, everything else is as in [`shown_line`].
#[must_use]
pub fn shown_lines(text: &Untrusted) -> Vec<String> {
    let line = |line: &str| visible(line, Style { edges: false, ascii: false, quoted: false });
    text.raw().split('\n').map(|raw| line(raw.strip_suffix('\r').unwrap_or(raw))).collect()
}

/// A sentence of ours, which may quote what strangers wrote, as it is or already in its visible form: that is not made
/// visible twice.
#[must_use]
pub fn shown_sentence(text: &Untrusted) -> String {
    visible(text.raw(), Style { edges: true, ascii: false, quoted: true })
}

fn visible(text: &str, style: Style) -> String {
    if text.bytes().all(|b| b.is_ascii_graphic() && b != b'\\') {
        return text.to_owned();
    }
    let mut out = String::with_capacity(text.len() + 8);
    let inner = if style.edges { text.trim_matches(' ') } else { text };
    let leading = if style.edges { text.len() - text.trim_start_matches(' ').len() } else { 0 };
    // All spaces: they count as leading and nothing is left to trail.
    let trailing = text.len() - leading - inner.len();
    out.extend(std::iter::repeat_n("\\u{20}", leading));
    // Text that is not in composed form can look like another that is: then every mark is written out.
    let composed = is_nfc(inner);
    let mixed = mixed_words(inner);
    let mut marks = None;
    for (at, c) in inner.char_indices() {
        let raw = if c.is_ascii() {
            (' '..='~').contains(&c) && (c != '\\' || style.quoted)
        } else if style.ascii {
            false
        } else if is_mark(c) {
            composed && marks.is_some_and(|n| n < MOST_MARKS) && !is_ignorable(c)
        } else {
            is_plain(c) && (composed || is_stable(c)) && !(imitates_latin(c) && in_ranges(&mixed, at))
        };
        marks = match (raw, is_mark(c)) {
            (true, true) => marks.map(|n| n + 1),
            (true, false) if c.is_alphanumeric() => Some(0),
            _ => None,
        };
        if raw { out.push(c) } else { escape(&mut out, c) }
    }
    out.extend(std::iter::repeat_n("\\u{20}", trailing));
    out
}

/// Every escape begins with a backslash and a plain backslash is always escaped, so a form can be read back in one way only.
fn escape(out: &mut String, c: char) {
    match c {
        '\\' => out.push_str("\\\\"),
        '\n' => out.push_str("\\n"),
        '\r' => out.push_str("\\r"),
        '\t' => out.push_str("\\t"),
        c => {
            // Writing to a String cannot fail.
            let _ = write!(out, "\\u{{{:x}}}", u32::from(c));
        }
    }
}

/// Whether a character is seen, stands for itself only, and takes a cell or two of its own.
pub(super) fn is_plain(c: char) -> bool {
    let drawn = match c.general_category_group() {
        GeneralCategoryGroup::Letter
        | GeneralCategoryGroup::Number
        | GeneralCategoryGroup::Punctuation
        | GeneralCategoryGroup::Symbol => true,
        GeneralCategoryGroup::Separator => c == ' ',
        _ => false,
    };
    drawn && c.width().is_some_and(|width| width > 0) && !is_ignorable(c) && !imitates_ascii(c)
}

fn is_mark(c: char) -> bool {
    matches!(
        c.general_category(),
        GeneralCategory::NonspacingMark | GeneralCategory::SpacingMark | GeneralCategory::EnclosingMark
    )
}

/// Letters, marks and symbols that draw nothing, change their neighbour, or stand for something lost.
fn is_ignorable(c: char) -> bool {
    matches!(c,
        '\u{34f}'                    // combining grapheme joiner
        | '\u{1100}'..='\u{11ff}'    // conjoining jamo, with the fillers 115F and 1160
        | '\u{a960}'..='\u{a97c}' | '\u{d7b0}'..='\u{d7fb}'
        | '\u{17b4}'..='\u{17b5}'    // Khmer inherent vowels
        | '\u{180b}'..='\u{180f}'    // Mongolian variation selectors
        | '\u{2800}'                 // blank Braille pattern
        | '\u{3164}' | '\u{ffa0}'    // Hangul fillers
        | '\u{fe00}'..='\u{fe0f}' | '\u{e0100}'..='\u{e01ef}' // variation selectors
        | '\u{fff9}'..='\u{fffd}'    // interlinear annotation, object replacement, replacement
        | '\u{1d159}'                // null notehead
        | '\u{1f1e6}'..='\u{1f1ff}'  // regional indicators: two make a flag
        | '\u{1f3fb}'..='\u{1f3ff}'  // skin tones change the emoji before them
    )
}

/// Single characters that pass for an ASCII one anywhere (UTS 39, the ones seen in file names and links).
fn imitates_ascii(c: char) -> bool {
    matches!(c,
        '\u{1c0}' | '\u{1c3}' | '\u{2d0}' | '\u{2010}' | '\u{2011}' | '\u{201a}' | '\u{2024}' | '\u{2044}' | '\u{2215}'
        | '\u{2223}' | '\u{2236}' | '\u{2d7}' | '\u{589}' | '\u{5c3}' | '\u{29f5}' | '\u{29f8}' | '\u{a789}'
        | '\u{fe52}' | '\u{fe55}' | '\u{fe63}' | '\u{fe68}'
        | '\u{2160}' | '\u{2164}' | '\u{2169}' | '\u{216c}'..='\u{2170}' | '\u{2174}' | '\u{2179}' | '\u{217c}'..='\u{217f}'
        | '\u{ff01}'..='\u{ff5e}'     // full-width forms
        | '\u{1d400}'..='\u{1d7ff}'   // mathematical letters and digits
    )
}

/// Letters of scripts with many Latin look-alikes. They are fine in words of their own and written out inside Latin words.
fn imitates_latin(c: char) -> bool {
    matches!(c,
        '\u{370}'..='\u{3ff}' | '\u{1f00}'..='\u{1fff}'   // Greek
        | '\u{400}'..='\u{52f}' | '\u{1c80}'..='\u{1c8f}' | '\u{a640}'..='\u{a69f}' // Cyrillic
        | '\u{530}'..='\u{58f}'                           // Armenian
        | '\u{13a0}'..='\u{13ff}' | '\u{ab70}'..='\u{abbf}' // Cherokee
        | '\u{2c80}'..='\u{2cff}'                         // Coptic
        | '\u{a4d0}'..='\u{a4ff}'                         // Lisu
    )
}

/// The places of words that have Latin letters beside letters that imitate them.
fn mixed_words(text: &str) -> Vec<std::ops::Range<usize>> {
    let mut words = Vec::new();
    if text.is_ascii() || !text.chars().any(imitates_latin) {
        return words;
    }
    let mut start = 0;
    for part in text.split_inclusive(|c: char| !c.is_alphanumeric() && !is_mark(c)) {
        if part.chars().any(imitates_latin) && part.chars().any(|c| c.is_ascii_alphabetic()) {
            words.push(start..start + part.len());
        }
        start += part.len();
    }
    words
}

/// Whether composing leaves the character as it is.
fn is_stable(c: char) -> bool {
    std::iter::once(c).nfc().eq(std::iter::once(c))
}

/// Whether a place is in one of the ranges, which are in order: a text of a megabyte must not take a second.
fn in_ranges(ranges: &[std::ops::Range<usize>], at: usize) -> bool {
    ranges.get(ranges.partition_point(|range| range.end <= at)).is_some_and(|range| range.contains(&at))
}
