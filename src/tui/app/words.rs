//! Words as the desk shows them: text that is safe to draw, and how to read it. Used by everything in `tui`; drawing gives
//! each tone its look.

/// How a text is to be read; the theme gives each its look, and no meaning rests on the look alone.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Tone {
    /// Ordinary text.
    #[default]
    Plain,
    /// Less important: labels, units, what is over.
    Dim,
    /// What names the place: titles, the current tab.
    Title,
    /// A key to press.
    Key,
    /// Well, done, may be done.
    Good,
    /// Look here first.
    Warn,
    /// Stopped, refused, lost.
    Stop,
}

/// One cell, already safe to draw (made with `text::shown`).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Cell {
    /// The text.
    pub text: String,
    /// How to read it.
    pub tone: Tone,
}

impl Cell {
    /// A cell in a tone.
    #[must_use]
    pub fn new(tone: Tone, text: impl Into<String>) -> Self {
        Self { text: text.into(), tone }
    }
}

/// A fact of the detail view or of a dialog: a label and a text, already safe to draw; it wraps.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fact {
    /// What it is, one or two words; empty goes on under the last one.
    pub label: &'static str,
    /// The text.
    pub text: String,
    /// How to read it.
    pub tone: Tone,
}

impl Fact {
    /// A fact in ordinary tone.
    #[must_use]
    pub fn new(label: &'static str, text: impl Into<String>) -> Self {
        Self { label, text: text.into(), tone: Tone::Plain }
    }

    /// The same in another tone.
    #[must_use]
    pub fn tone(self, tone: Tone) -> Self {
        Self { tone, ..self }
    }
}

/// A piece of a line, already safe to draw.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Span {
    /// The text.
    pub text: String,
    /// How to read it.
    pub tone: Tone,
}

impl Span {
    /// A piece in a tone.
    #[must_use]
    pub fn new(tone: Tone, text: impl Into<String>) -> Self {
        Self { text: text.into(), tone }
    }
}

/// One line of a pane: pieces of text in their tones.
pub type Line = Vec<Span>;
