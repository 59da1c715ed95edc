//! Themes: a look for each tone, from `themes/*.toml` or a file of the person's own. `NO_COLOR` chooses `mono` in
//! `tui::runtime` and nowhere else.

use std::str::FromStr as _;

use ratatui::style::{Color, Modifier, Style};
use toml::de::{DeTable, DeValue};

use super::colour::{Depth, Rgb, XTERM, fitted, rgb};
use crate::tui::app::keymap::{Fault, line_of, toml_fault};
use crate::tui::app::words::Tone;

/// The names of the looks, as a theme file has them; it must have them all.
const NAMES: [&str; 9] = ["plain", "dim", "title", "key", "good", "warn", "stop", "rule", "cursor"];

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
    /// The background the colours were chosen for.
    pub ground: Rgb,
}

/// A theme that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ThemeError {
    /// No such theme.
    #[error("There is no theme {0:?}: use dark, light, high-contrast, mono, or a file in the folder themes.")]
    Unknown(String),
    /// The file is not what a theme may be.
    #[error("line {}: {}", .0.line, .0.sentence)]
    Wrong(Fault),
}

/// A theme of the house with all its colours.
///
/// # Errors
/// No theme has that name.
pub fn by_name(name: &str) -> Result<Theme, ThemeError> {
    of_house(name, Depth::Full)
}

/// A theme of the house, for a terminal of so many colours.
///
/// # Errors
/// No theme has that name.
pub fn of_house(name: &str, depth: Depth) -> Result<Theme, ThemeError> {
    let text = match name {
        "dark" => include_str!("../../../themes/dark.toml"),
        "light" => include_str!("../../../themes/light.toml"),
        "high-contrast" => include_str!("../../../themes/high-contrast.toml"),
        "mono" => include_str!("../../../themes/mono.toml"),
        _ => return Err(ThemeError::Unknown(name.to_owned())),
    };
    Theme::parse(text, depth).map_err(ThemeError::Wrong)
}

impl Theme {
    /// Reads a theme file for a terminal of so many colours.
    ///
    /// # Errors
    /// It is no TOML, lacks a look, or has a word that is neither a colour nor an attribute.
    pub fn parse(text: &str, depth: Depth) -> Result<Self, Fault> {
        let fault = |at: usize, sentence: String| Fault { line: line_of(text, at), sentence };
        let root = DeTable::parse(text).map_err(|why| toml_fault(text, &why))?;
        let root = root.get_ref();
        if let Some((name, _)) = root.iter().find(|(name, _)| {
            let name: &str = name.get_ref();
            name != "ground" && !NAMES.contains(&name)
        }) {
            let sentence = format!("there is no look {:?}: a theme has ground, {}.", name.get_ref(), NAMES.join(", "));
            return Err(fault(name.span().start, sentence));
        }
        let words = |name: &str| match root.get_key_value(name) {
            None => Err(fault(text.len(), format!("the look {name} is missing: add {name} = \"\"."))),
            Some((key, value)) => match value.get_ref() {
                DeValue::String(words) => Ok((key.span().start, words.to_string())),
                _ => Err(fault(key.span().start, format!("write the look in quotes: {name} = \"bold\"."))),
            },
        };
        let (at, ground) = if root.contains_key("ground") { words("ground")? } else { (0, "black".to_owned()) };
        let ground = color(&ground).and_then(|color| rgb(color, &XTERM));
        let ground = ground.ok_or_else(|| fault(at, "ground must be a colour, such as black or white.".into()))?;
        let look = |name: &str| {
            let (at, words) = words(name)?;
            style(&words, depth, ground).map_err(|sentence| fault(at, sentence))
        };
        Ok(Self {
            plain: look("plain")?,
            dim: look("dim")?,
            title: look("title")?,
            key: look("key")?,
            good: look("good")?,
            warn: look("warn")?,
            stop: look("stop")?,
            rule: look("rule")?,
            cursor: look("cursor")?,
            ground,
        })
    }

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

fn color(name: &str) -> Option<Color> {
    Color::from_str(name).ok()
}

/// A look from its words. After a slash stands what a terminal of sixteen colours has instead: `#ff6b6b/light-red`.
fn style(words: &str, depth: Depth, ground: Rgb) -> Result<Style, String> {
    let mut style = Style::default();
    let (mut before, mut behind, mut on) = (None, None, false);
    for word in words.split_whitespace() {
        style = match word {
            "bold" => style.add_modifier(Modifier::BOLD),
            "dim" => style.add_modifier(Modifier::DIM),
            "underlined" => style.add_modifier(Modifier::UNDERLINED),
            "reversed" => style.add_modifier(Modifier::REVERSED),
            "on" => {
                on = true;
                continue;
            }
            name => {
                let (full, few) = name.split_once('/').unwrap_or((name, name));
                let (Some(full), Some(few)) = (color(full), color(few)) else {
                    return Err(format!(
                        "{name:?} is no colour or attribute: write bold, dim, underlined, reversed, red, light-blue, \
                         a number to 255, #rrggbb, or #rrggbb/red for terminals of sixteen colours."
                    ));
                };
                let slot = if std::mem::take(&mut on) { &mut behind } else { &mut before };
                *slot = Some(if depth == Depth::Sixteen { few } else { full });
                style
            }
        };
    }
    let behind = behind.map(|color| fitted(color, depth, ground));
    let ground = behind.and_then(|color| rgb(color, &XTERM)).unwrap_or(ground);
    style.fg = before.map(|color| fitted(color, depth, ground));
    style.bg = behind;
    Ok(style)
}
