//! Words, fields, signs and quotes of a filter line, whatever the list. Called by the query of each list.

use std::fmt;
use std::ops::Range;

/// How a size or an age is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sign {
    /// `>`
    More,
    /// `>=`
    AtLeast,
    /// `<`
    Less,
    /// `<=`
    AtMost,
}

impl Sign {
    /// Whether it asks for less, or for earlier.
    #[must_use]
    pub fn is_less(self) -> bool {
        matches!(self, Self::Less | Self::AtMost)
    }
}

/// What is wrong with a filter line, and where.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{sentence}")]
pub struct QueryError {
    /// Bytes of the line that are meant.
    pub span: Range<usize>,
    /// What to do about it. It quotes nothing of the line.
    pub sentence: String,
}

impl fmt::Display for Sign {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::More => ">",
            Self::AtLeast => ">=",
            Self::Less => "<",
            Self::AtMost => "<=",
        })
    }
}

/// One word of the line: its characters, whether each stood in quotes, and where it was.
pub(super) struct Token {
    chars: Vec<(char, bool)>,
    pub(super) span: Range<usize>,
}

pub(super) fn tokens(line: &str) -> Result<Vec<Token>, QueryError> {
    let mut tokens = Vec::new();
    let mut chars = line.char_indices().peekable();
    while let Some(&(start, first)) = chars.peek() {
        if first.is_whitespace() {
            chars.next();
            continue;
        }
        let mut token = Token { chars: Vec::new(), span: start..line.len() };
        let mut quoted = None;
        while let Some(&(at, c)) = chars.peek() {
            if quoted.is_none() && c.is_whitespace() {
                token.span.end = at;
                break;
            }
            chars.next();
            match c {
                '"' => quoted = if quoted.is_none() { Some(at) } else { None },
                '\\' if quoted.is_some() => token.chars.extend(chars.next().map(|(_, c)| (c, true))),
                c => token.chars.push((c, quoted.is_some())),
            }
        }
        if let Some(at) = quoted {
            return Err(QueryError {
                span: at..line.len(),
                sentence: "This quote is not closed; add a \".".to_owned(),
            });
        }
        tokens.push(token);
    }
    Ok(tokens)
}

impl Token {
    /// All of it, quotes removed.
    pub(super) fn text(&self) -> String {
        text(&self.chars)
    }

    /// The field before the first sign outside quotes, in lower case, and the sign if it is no colon; none for a plain word.
    pub(super) fn field(&self) -> Option<(String, Option<Sign>)> {
        let at = self.sign_at()?;
        let equal = self.chars.get(at + 1) == Some(&('=', false));
        let sign = match (self.chars[at].0, equal) {
            ('>', false) => Some(Sign::More),
            ('>', true) => Some(Sign::AtLeast),
            ('<', false) => Some(Sign::Less),
            ('<', true) => Some(Sign::AtMost),
            _ => None,
        };
        Some((text(&self.chars[..at]).to_ascii_lowercase(), sign))
    }

    /// The values after the colon, at commas outside quotes; empty ones are left out.
    pub(super) fn values(&self) -> Vec<String> {
        let rest = self.sign_at().map_or(&self.chars[..0], |at| &self.chars[at + 1..]);
        rest.split(|(c, quoted)| *c == ',' && !quoted).map(text).filter(|value| !value.is_empty()).collect()
    }

    /// What stands after `<`, `<=`, `>` or `>=`.
    pub(super) fn compared_with(&self) -> String {
        let rest = self.sign_at().map_or(&self.chars[..0], |at| &self.chars[at + 1..]);
        text(rest.strip_prefix(&[('=', false)]).unwrap_or(rest))
    }

    /// Whether it begins with a minus outside quotes.
    pub(super) fn begins_with_a_sign(&self) -> bool {
        self.chars.first() == Some(&('-', false))
    }

    /// The mistake that this word is.
    pub(super) fn error(&self, sentence: String) -> QueryError {
        QueryError { span: self.span.clone(), sentence }
    }

    fn sign_at(&self) -> Option<usize> {
        self.chars.iter().position(|(c, quoted)| !quoted && matches!(c, ':' | '<' | '>'))
    }
}

fn text(chars: &[(char, bool)]) -> String {
    chars.iter().map(|(c, _)| *c).collect()
}

/// A value as it has to be typed.
pub(super) fn quoted(text: &str) -> String {
    let plain = |c: char| !c.is_whitespace() && !matches!(c, '"' | ',' | ':' | '<' | '>');
    if text.chars().all(plain) && !text.starts_with('-') {
        return text.to_owned();
    }
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}
