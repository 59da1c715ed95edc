//! A one-line text field: the filter, the palette, a comment in a dialog, a typed count. Used by the layers.

use unicode_segmentation::UnicodeSegmentation;

use super::key::{Code, Key};

/// Longest text a field takes, in characters; a longer paste is cut.
const LONGEST: usize = 2000;

/// Text being typed, with a cursor between two of its graphemes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Field {
    text: String,
    /// Byte offset of the cursor, always on a grapheme boundary.
    cursor: usize,
}

impl Field {
    /// A field that already holds text, the cursor behind it.
    #[must_use]
    pub fn with(text: impl Into<String>) -> Self {
        let text = text.into();
        Self { cursor: text.len(), text }
    }

    /// What was typed.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The text left and right of the cursor.
    #[must_use]
    pub fn parts(&self) -> (&str, &str) {
        self.text.split_at(self.cursor)
    }

    /// Whether nothing but blanks was typed.
    #[must_use]
    pub fn is_blank(&self) -> bool {
        self.text.trim().is_empty()
    }

    /// Empties it.
    pub fn clear(&mut self) {
        *self = Self::default();
    }

    /// Takes pasted text: line ends become blanks, other control characters are left out.
    pub fn paste(&mut self, text: &str) {
        for c in text.chars() {
            if c == '\n' || c == '\t' {
                self.insert(' ');
            } else {
                self.insert(c);
            }
        }
    }

    /// Puts a text in the place of these bytes, the cursor behind it; bytes that are no part of the text change nothing.
    pub fn replace(&mut self, span: std::ops::Range<usize>, text: &str) {
        if self.text.get(span.clone()).is_none() {
            return;
        }
        let end = span.start + text.len();
        self.text.replace_range(span, text);
        self.cursor = end;
        self.settle();
    }

    fn insert(&mut self, c: char) {
        if c.is_control() || self.text.chars().count() >= LONGEST {
            return;
        }
        self.text.insert(self.cursor, c);
        self.cursor += c.len_utf8();
        self.settle();
    }

    /// After an edit a combining mark may have joined its neighbour: step to the end of that grapheme.
    fn settle(&mut self) {
        let ends = self.text.grapheme_indices(true).map(|(at, g)| at + g.len());
        self.cursor = std::iter::once(0).chain(ends).find(|end| *end >= self.cursor).unwrap_or(self.text.len());
    }

    fn before(&self) -> usize {
        self.text[..self.cursor].grapheme_indices(true).next_back().map_or(0, |(at, _)| at)
    }

    fn after(&self) -> usize {
        self.text[self.cursor..].graphemes(true).next().map_or(self.cursor, |g| self.cursor + g.len())
    }

    fn word_before(&self) -> usize {
        let left = self.text[..self.cursor].trim_end();
        left.rfind(char::is_whitespace).map_or(0, |at| at + left[at..].chars().next().map_or(0, char::len_utf8))
    }

    fn cut(&mut self, from: usize, to: usize) {
        self.text.replace_range(from..to, "");
        self.cursor = from;
        self.settle();
    }

    /// Takes one key; false if the key means nothing to a field.
    pub fn key(&mut self, key: Key) -> bool {
        match (key.code, key.ctrl, key.alt) {
            (Code::Char(c), false, false) => self.insert(c),
            (Code::Backspace, false, false) | (Code::Char('h'), true, _) => self.cut(self.before(), self.cursor),
            (Code::Delete, ..) | (Code::Char('d'), true, _) => self.cut(self.cursor, self.after()),
            (Code::Char('w'), true, _) | (Code::Backspace, ..) => self.cut(self.word_before(), self.cursor),
            (Code::Char('u'), true, _) => self.cut(0, self.cursor),
            (Code::Char('k'), true, _) => self.cut(self.cursor, self.text.len()),
            (Code::Left, ..) => self.cursor = self.before(),
            (Code::Right, ..) => self.cursor = self.after(),
            (Code::Home, ..) | (Code::Char('a'), true, _) => self.cursor = 0,
            (Code::End, ..) | (Code::Char('e'), true, _) => self.cursor = self.text.len(),
            _ => return false,
        }
        true
    }
}
