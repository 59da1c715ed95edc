//! Themes: a look for each tone, from `themes/*.toml`. `NO_COLOR` chooses `mono` here and nowhere else.

use std::str::FromStr;

use ratatui::style::{Color, Modifier, Style};
use serde::Deserialize;

use crate::tui::app::tab::Tone;

/// The look of every tone.
#[derive(Clone, Debug, PartialEq)]
pub struct Theme {
    plain: Style,
    dim: Style,
    title: Style,
    key: Style,
    good: Style,
    warn: Style,
    stop: Style,
    /// Rules and borders.
    pub rule: Style,
    /// The row under the cursor, the focused button.
    pub cursor: Style,
}

/// A theme file that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ThemeError {
    /// No such theme.
    #[error("There is no theme {0:?}: use dark, light, high-contrast or mono.")]
    Unknown(String),
    /// The file does not read.
    #[error("The theme cannot be read: {0}")]
    Unreadable(String),
    /// A word is neither an attribute nor a colour.
    #[error("{0:?} is no colour or attribute: use bold, dim, underlined, reversed, or a colour's name.")]
    Word(String),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    plain: String,
    dim: String,
    title: String,
    key: String,
    good: String,
    warn: String,
    stop: String,
    rule: String,
    cursor: String,
}

/// A theme of the house.
///
/// # Errors
/// No theme has that name.
pub fn by_name(name: &str) -> Result<Theme, ThemeError> {
    match name {
        "dark" => include_str!("../../../themes/dark.toml").parse(),
        "light" => include_str!("../../../themes/light.toml").parse(),
        "high-contrast" => include_str!("../../../themes/high-contrast.toml").parse(),
        "mono" => include_str!("../../../themes/mono.toml").parse(),
        _ => Err(ThemeError::Unknown(name.to_owned())),
    }
}

impl Theme {
    /// The look of a tone.
    #[must_use]
    pub fn tone(&self, tone: Tone) -> Style {
        match tone {
            Tone::Plain => self.plain,
            Tone::Dim => self.dim,
            Tone::Title => self.title,
            Tone::Key => self.key,
            Tone::Good => self.good,
            Tone::Warn => self.warn,
            Tone::Stop => self.stop,
        }
    }
}

impl FromStr for Theme {
    type Err = ThemeError;

    fn from_str(text: &str) -> Result<Self, ThemeError> {
        let file: File = toml::from_str(text).map_err(|why| ThemeError::Unreadable(why.to_string()))?;
        Ok(Self {
            plain: style(&file.plain)?,
            dim: style(&file.dim)?,
            title: style(&file.title)?,
            key: style(&file.key)?,
            good: style(&file.good)?,
            warn: style(&file.warn)?,
            stop: style(&file.stop)?,
            rule: style(&file.rule)?,
            cursor: style(&file.cursor)?,
        })
    }
}

fn style(words: &str) -> Result<Style, ThemeError> {
    let mut style = Style::default();
    let mut behind = false;
    for word in words.split_whitespace() {
        style = match word {
            "bold" => style.add_modifier(Modifier::BOLD),
            "dim" => style.add_modifier(Modifier::DIM),
            "underlined" => style.add_modifier(Modifier::UNDERLINED),
            "reversed" => style.add_modifier(Modifier::REVERSED),
            "on" => {
                behind = true;
                continue;
            }
            name => {
                let color = Color::from_str(name).map_err(|_| ThemeError::Word(name.to_owned()))?;
                if std::mem::take(&mut behind) { style.bg(color) } else { style.fg(color) }
            }
        };
    }
    Ok(style)
}
