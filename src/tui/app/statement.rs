//! What a dialog says of its targets, laid out: all of one, a few lines for each of several. Called by `dialogs`.

use super::row::Target;
use super::spec::Statement;
use super::words::{Fact, Tone};
use crate::text::{Untrusted, shown};

/// All that is said of one target, what will happen before what weighs; `chooses`: where it goes is an input.
#[must_use]
pub fn alone(said: Statement, chooses: bool) -> Vec<Fact> {
    let mut lines = Vec::new();
    lines.extend(said.stands.filter(|_| !chooses).map(|stands| Fact::new("For", stands)));
    lines.extend(said.about);
    lines.extend(said.then.map(|then| Fact::new("Then", then)));
    lines.extend(said.found);
    lines.extend(said.looked.map(|(tone, seen)| Fact::new("Seen", seen).tone(tone)));
    lines.extend(said.weighs);
    lines
}

/// What will happen to several, alike said once; then each by its name with what was found, how much was looked at and what
/// else weighs: those of which something does come first.
#[must_use]
pub fn several(targets: &[Target], said: &[Statement], things: &str, mails: Option<&str>) -> Vec<Fact> {
    let mut lines = Vec::new();
    let alike = targets.iter().all(|target| target.destination == targets[0].destination);
    if targets.iter().any(|target| !target.destination.is_empty()) {
        lines.push(Fact::new("For", destinations(targets, things)));
    }
    let mut outcomes: Vec<(&str, usize)> = Vec::new();
    for then in said.iter().filter_map(|said| said.then.as_deref()) {
        match outcomes.iter_mut().find(|(text, _)| *text == then) {
            Some((_, count)) => *count += 1,
            None => outcomes.push((then, 1)),
        }
    }
    let all = outcomes.len() == 1;
    for (text, count) in outcomes {
        lines.push(Fact::new("Then", if all { text.to_owned() } else { format!("{count} of them: {text}") }));
    }
    lines.extend(mails.map(|who| Fact::new("Mails", format!("{}, one to each {who}", targets.len()))));
    let (weigh, rest): (Vec<_>, Vec<_>) = targets.iter().zip(said).partition(|(_, said)| said.weighs_on());
    if !weigh.is_empty() && !rest.is_empty() {
        let text = format!("these {} first; of the other {} below nothing weighs", weigh.len(), rest.len());
        lines.push(Fact::new("Look at", text).tone(Tone::Warn));
    }
    for (target, said) in weigh.into_iter().chain(rest) {
        let dest = if alike { String::new() } else { format!("{}: ", shown(&Untrusted::new(&*target.destination))) };
        lines.push(Fact::new("", format!("{dest}{}", said.name)));
        lines.extend(said.in_a_line());
    }
    lines
}

impl Statement {
    /// Whether something of it is to be looked at before it is decided.
    fn weighs_on(&self) -> bool {
        let looked = self.looked.as_ref().map(|(tone, _)| *tone);
        self.found
            .iter()
            .chain(&self.weighs)
            .map(|fact| fact.tone)
            .chain(looked)
            .any(|tone| matches!(tone, Tone::Warn | Tone::Stop))
    }

    /// `findings: small count ×2 · seen: all · against: checker2`; nothing where nothing is said.
    fn in_a_line(&self) -> Option<Fact> {
        let found: Vec<&str> = self.found.iter().map(|fact| fact.text.as_str()).collect();
        let found = (!found.is_empty()).then(|| format!("findings: {}", found.join(" · ")));
        let looked = self.looked.as_ref().map(|(_, seen)| format!("seen: {seen}"));
        let weighs = self.weighs.iter().map(|fact| match fact.label {
            "" => fact.text.clone(),
            label => format!("{}: {}", label.to_lowercase(), fact.text),
        });
        let all: Vec<String> = found.into_iter().chain(looked).chain(weighs).collect();
        let tone = if self.weighs_on() { Tone::Warn } else { Tone::Dim };
        (!all.is_empty()).then(|| Fact::new("", format!("  {}", all.join(" · "))).tone(tone))
    }
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
