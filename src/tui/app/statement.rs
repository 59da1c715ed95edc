//! What a dialog says of its targets, laid out: all of one, a few lines for each of several. Called by `dialogs`.

use super::row::Target;
use super::spec::Statement;
use super::words::{Fact, Tone};
use crate::text::{Untrusted, shown};

/// All that is said of one target; `chooses`: where it goes is an input.
#[must_use]
pub fn alone(said: Statement, chooses: bool) -> Vec<Fact> {
    let mut lines = Vec::new();
    lines.extend(said.stands.filter(|_| !chooses).map(|stands| Fact::new("For", stands)));
    lines.extend(said.about);
    lines.extend(said.found);
    lines.extend(said.looked.map(|(tone, seen)| Fact::new("Seen", seen).tone(tone)));
    lines.extend(said.then.map(|then| Fact::new("Then", then)));
    lines
}

/// What names each of several, what was found in it and how much was looked at; then what will happen, alike said once.
#[must_use]
pub fn several(targets: &[Target], said: &[Statement], things: &str, mails: Option<&str>) -> Vec<Fact> {
    let mut lines = Vec::new();
    let mut outcomes: Vec<(&str, usize)> = Vec::new();
    let alike = targets.iter().all(|target| target.destination == targets[0].destination);
    if targets.iter().any(|target| !target.destination.is_empty()) {
        lines.push(Fact::new("For", destinations(targets, things)));
    }
    for (target, said) in targets.iter().zip(said) {
        let dest = if alike { String::new() } else { format!("{}: ", shown(&Untrusted::new(&*target.destination))) };
        lines.push(Fact::new("", format!("{dest}{}", said.name)));
        let looked = said.looked.as_ref().map(|(tone, seen)| Fact::new("", format!("seen: {seen}")).tone(*tone));
        let found: Vec<_> = said.found.iter().chain(&looked).collect();
        if !found.is_empty() {
            let tone = if found.iter().any(|fact| fact.tone == Tone::Warn) { Tone::Warn } else { Tone::Dim };
            let words: Vec<_> = found.iter().map(|fact| fact.text.as_str()).collect();
            lines.push(Fact::new("", format!("  findings: {}", words.join(" · "))).tone(tone));
        }
        let Some(then) = &said.then else { continue };
        match outcomes.iter_mut().find(|(text, _)| text == then) {
            Some((_, count)) => *count += 1,
            None => outcomes.push((then, 1)),
        }
    }
    let all = outcomes.len() == 1;
    for (text, count) in outcomes {
        lines.push(Fact::new("Then", if all { text.to_owned() } else { format!("{count} of them: {text}") }));
    }
    lines.extend(mails.map(|who| Fact::new("Mails", format!("{}, one to each {who}", targets.len()))));
    lines
}

/// Where they are to go, each with how many of them: `trusted, all 3 files`.
fn destinations(targets: &[Target], things: &str) -> String {
    let mut counts: Vec<(&str, usize)> = Vec::new();
    for target in targets {
        match counts.iter_mut().find(|(dest, _)| *dest == target.destination) {
            Some((_, count)) => *count += 1,
            None => counts.push((&target.destination, 1)),
        }
    }
    let words = |(dest, count): &(&str, usize)| {
        let dest = shown(&Untrusted::new(*dest));
        if *count == targets.len() { format!("{dest}, all {count} {things}") } else { format!("{dest}: {count}") }
    };
    counts.iter().map(words).collect::<Vec<_>>().join(", ")
}
