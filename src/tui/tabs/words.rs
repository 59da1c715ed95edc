//! Short forms that several tabs share, beside those of `text`.

use crate::domain::refusal::Refusal;
use crate::text::{Untrusted, shown};
use crate::tui::app::actions::refusal_shown;
use crate::tui::app::words::{Fact, Tone};

/// A hash in groups of eight, to be read against another.
#[must_use]
pub fn long_hash(hex: &str) -> String {
    let chars: Vec<char> = hex.chars().collect();
    chars.chunks(8).map(|chunk| chunk.iter().collect::<String>()).collect::<Vec<_>>().join(" ")
}

/// `1 finding`, `2 findings`.
#[must_use]
pub fn count(number: usize, one: &str) -> String {
    if number == 1 { format!("1 {one}") } else { format!("{number} {one}s") }
}

/// The text in lines of at most so many cells, broken at blanks where there are any.
#[must_use]
pub fn wrapped(text: &str, width: usize) -> Vec<String> {
    let width = width.max(1);
    let mut lines = Vec::new();
    let (mut line, mut used) = (String::new(), 0);
    for word in text.split_inclusive(' ') {
        let cells = crate::text::width(word.trim_end());
        if used + cells > width && !line.is_empty() {
            lines.push(std::mem::take(&mut line).trim_end().to_owned());
            used = 0;
        }
        for c in word.chars() {
            let cells = crate::text::width(c.encode_utf8(&mut [0; 4]));
            if used + cells > width && c != ' ' {
                lines.push(std::mem::take(&mut line));
                used = 0;
            }
            line.push(c);
            used += cells;
        }
    }
    let last = line.trim_end();
    if !last.is_empty() || lines.is_empty() {
        lines.push(last.to_owned());
    }
    lines
}

/// Names from a site's lists are shown like anything else that was typed once.
pub fn safe(text: &str) -> String {
    shown(&Untrusted::new(text))
}

/// What may be done, of commands in words with why not; and what not, under a label, with each reason once.
pub fn may<S: Into<String>>(
    label: &'static str,
    commands: impl Iterator<Item = (S, Option<Refusal>)>,
) -> (Option<Fact>, Vec<Fact>) {
    let mut can = Vec::new();
    let mut not: Vec<(String, Vec<String>)> = Vec::new();
    for (words, why) in commands {
        let words = words.into();
        let Some(text) = why.map(|refusal| refusal_shown(&refusal)) else {
            can.push(words);
            continue;
        };
        match not.iter_mut().find(|(have, _)| *have == text) {
            Some((_, all)) => all.push(words),
            None => not.push((text, vec![words])),
        }
    }
    let can = (!can.is_empty()).then(|| Fact::new("You may", can.join(" · ")).tone(Tone::Good));
    let lines = not.into_iter().enumerate().map(|(n, (text, words))| {
        Fact::new(if n == 0 { label } else { "" }, format!("{}: {text}", words.join(", "))).tone(Tone::Dim)
    });
    (can, lines.collect())
}

/// What a vote of a kind did: `approved`.
pub fn voted(kind: &str) -> String {
    match kind {
        "approve" => "approved".to_owned(),
        "reject" => "rejected".to_owned(),
        "changes" => "asked for changes".to_owned(),
        other => safe(other),
    }
}

/// Through which service, where it was one: ` via portal`.
pub fn via(service: Option<&str>) -> String {
    service.map_or_else(String::new, |service| format!(" via {}", safe(service)))
}
