//! Text as a terminal may have it: nothing in it that a terminal could obey, ASCII where it has no more, lines of a width.

use unicode_segmentation::UnicodeSegmentation as _;
use unicode_width::UnicodeWidthStr as _;

/// Characters no cell may hold: controls, and what reorders or hides text. `text::shown` has made them visible long
/// before; this is the net under it.
#[must_use]
pub fn forbidden(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e0fff}')
}

/// The same in ASCII: our own symbols by look-alikes, anything else by its code.
fn ascii(c: char) -> String {
    match c {
        ' '..='~' => c.to_string(),
        '…' => "..".into(),
        '·' | '─' => "-".into(),
        '×' => "x".into(),
        // Signs of the timeline: each state keeps one of its own.
        '╌' => "~".into(),
        '═' => "=".into(),
        '╡' => "X".into(),
        '∙' => ".".into(),
        '│' | '▏' => "|".into(),
        '┌' | '┐' | '└' | '┘' | '┼' => "+".into(),
        other => other.escape_unicode().to_string(),
    }
}

/// The text as it is drawn: what no cell may hold is replaced; on a terminal of ASCII everything else is, too.
#[must_use]
pub fn drawn(text: &str, only_ascii: bool) -> String {
    let visible = text.chars().map(|c| if forbidden(c) { '\u{fffd}' } else { c });
    if only_ascii { visible.map(ascii).collect() } else { visible.collect() }
}

/// The text in lines of at most so many cells, broken at blanks where there are any.
#[must_use]
pub fn wrap(text: &str, width: usize) -> Vec<String> {
    let width = width.max(1);
    let mut lines = Vec::new();
    let mut line = String::new();
    for word in text.split_inclusive(' ') {
        if line.width() + word.trim_end().width() > width && !line.is_empty() {
            lines.push(std::mem::take(&mut line).trim_end().to_owned());
        }
        for grapheme in word.graphemes(true) {
            if line.width() + grapheme.width() > width && grapheme != " " {
                lines.push(std::mem::take(&mut line));
            }
            line.push_str(grapheme);
        }
    }
    let last = line.trim_end();
    if !last.is_empty() || lines.is_empty() {
        lines.push(last.to_owned());
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wraps_by_cells() {
        assert_eq!(wrap("one two three", 7), ["one two", "three"]);
        assert_eq!(wrap("abcdefgh", 3), ["abc", "def", "gh"]);
        assert!(wrap("漢字漢字", 5).iter().all(|line| line.width() <= 5));
    }

    #[test]
    fn the_net_lets_nothing_through() {
        for c in ['\u{1b}', '\u{9b}', '\u{7f}', '\u{202e}', '\u{200b}', '\u{e0041}', '\u{feff}'] {
            assert!(forbidden(c), "{c:?}");
        }
        assert!(!forbidden('é') && !forbidden('漢'));
    }
}
