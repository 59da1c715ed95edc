//! The comment editor: `ratatui-textarea` with the app's keys. Owned by `tui::runtime`, which tells the app each new text.

use ratatui_textarea::{Input, Key as Into, TextArea, WrapMode};

use crate::tui::app::key::{Code, Key};

/// Longest comment, in bytes; what would make it longer is not taken.
const LONGEST: usize = 64 * 1024;

/// A text being written.
#[derive(Clone, Debug, Default)]
pub struct Editor(TextArea<'static>);

impl Editor {
    /// An editor that already holds a text, the cursor behind it.
    #[must_use]
    pub fn with(text: &str) -> Self {
        let mut area = TextArea::new(safe(text).split('\n').map(str::to_owned).collect());
        area.set_wrap_mode(WrapMode::WordOrGlyph);
        area.set_cursor_line_style(ratatui::style::Style::default());
        area.move_cursor(ratatui_textarea::CursorMove::Bottom);
        area.move_cursor(ratatui_textarea::CursorMove::End);
        Self(area)
    }

    /// The text.
    #[must_use]
    pub fn text(&self) -> String {
        self.0.lines().join("\n")
    }

    /// The widget.
    pub(super) fn area(&self) -> &TextArea<'static> {
        &self.0
    }

    /// Takes one key.
    pub fn key(&mut self, key: Key) {
        let code = match key.code {
            Code::Char(c) if safe(&c.to_string()).is_empty() => return,
            Code::Char(c) => Into::Char(c),
            Code::Enter => Into::Enter,
            Code::Tab => Into::Tab,
            Code::Backspace => Into::Backspace,
            Code::Delete => Into::Delete,
            Code::Left => Into::Left,
            Code::Right => Into::Right,
            Code::Up => Into::Up,
            Code::Down => Into::Down,
            Code::Home => Into::Home,
            Code::End => Into::End,
            Code::PageUp => Into::PageUp,
            Code::PageDown => Into::PageDown,
            Code::Esc | Code::BackTab | Code::F(_) => return,
        };
        if matches!(code, Into::Char(_) | Into::Enter) && self.text().len() >= LONGEST {
            return;
        }
        self.0.input(Input { key: code, ctrl: key.ctrl, alt: key.alt, shift: false });
    }

    /// Takes pasted text.
    pub fn paste(&mut self, text: &str) {
        let text = safe(text);
        if self.text().len() + text.len() <= LONGEST {
            self.0.insert_str(text);
        }
    }
}

/// Text without what an editor cannot show: controls (but line ends) and invisible characters. The person sees every
/// character that is sent.
fn safe(text: &str) -> String {
    let text = text.replace("\r\n", "\n").replace(['\r', '\u{2028}', '\u{2029}'], "\n").replace('\t', "    ");
    text.chars().filter(|c| *c == '\n' || !crate::text::forbidden(*c)).collect()
}
