//! Opening a decision on one row or on the marked ones, what its dialog says, and the command of a confirmed one.

use super::actions::Verdict;
use super::decide::Decide;
use super::layers::Layer;
use super::model::Model;
use super::msg::Cmd;
use super::row::{Row, Target};
use super::tab::{Fact, Tone};
use crate::text::{Untrusted, shown};

impl Model {
    pub(super) fn decide_row(&mut self, verdict: Verdict) -> Vec<Cmd> {
        let Some(row) = self.tabs[self.at].list.current() else { return Vec::new() };
        let choices = self.tab().targets(row, verdict.command());
        let Some(first) = choices.first().cloned() else { return Vec::new() };
        let text =
            self.unsent.take_if(|(of, id, _)| *of == verdict && *id == row.id).map_or_else(String::new, |kept| kept.2);
        let dialog = Decide::new(verdict, vec![first], self.key, self.now).with(self.reasons(verdict), text);
        let mut dialog = dialog.choosing(choices);
        self.describe(&mut dialog);
        self.layers.push(Layer::Decide(Box::new(dialog)));
        Vec::new()
    }

    pub(super) fn decide_marked(&mut self, verdict: Verdict) -> Vec<Cmd> {
        let tab = self.tab();
        let (mut targets, mut left_out) = (Vec::new(), Vec::new());
        for row in self.here().list.marked() {
            let mut all = tab.targets(row, verdict.command()).into_iter();
            match all.next() {
                Some(target) => targets.push(target),
                None => left_out.push(left_out_line(tab, row, verdict)),
            }
            // One of a file at a time: the others are not decided unseen.
            left_out.extend(all.map(|other| {
                let dest = shown(&Untrusted::new(other.destination));
                format!("{} for {dest} is left out: it is decided by itself.", tab.name(row))
            }));
        }
        match self.here().list.hidden_marks() {
            0 => {}
            1 => left_out.push("1 marked row is hidden by the filter: it is left out.".into()),
            hidden => left_out.push(format!("{hidden} marked rows are hidden by the filter: they are left out.")),
        }
        if targets.is_empty() {
            self.say(Tone::Warn, format!("None of the marked rows: {}", left_out.join(" ")));
            return Vec::new();
        }
        let mut dialog = Decide::new(verdict, targets, self.key, self.now).with(self.reasons(verdict), String::new());
        dialog.left_out = left_out;
        self.describe(&mut dialog);
        self.layers.push(Layer::Decide(Box::new(dialog)));
        Vec::new()
    }

    /// What the dialog says about its targets: all of one, a line for each of several.
    pub fn describe(&self, dialog: &mut Decide) {
        let tab = self.tab();
        let (mut lines, mut outcomes) = (Vec::new(), Vec::<(String, usize)>::new());
        let alike = dialog.targets.iter().all(|target| target.destination == dialog.targets[0].destination);
        if dialog.targets.len() > 1 {
            lines.push(Fact::new("For", destinations(&dialog.targets)));
        }
        for target in &dialog.targets {
            let Some(row) = self.here().list.get(target.id) else { continue };
            let mut all = tab.statement(row, target, dialog.verdict);
            if dialog.verdict.is_vote() && tab.why_not(row, "preview").is_none() {
                all.insert(all.len().saturating_sub(1), self.looked(target, dialog.targets.len() > 1));
            }
            if dialog.targets.len() == 1 {
                lines = all;
                continue;
            }
            // What names it, what was found in it and how much was looked at; the last says what will happen.
            let Some(then) = all.pop() else { continue };
            match outcomes.iter_mut().find(|(text, _)| *text == then.text) {
                Some((_, count)) => *count += 1,
                None => outcomes.push((then.text, 1)),
            }
            let head = all.iter().find(|fact| fact.label == "File").map_or("", |fact| fact.text.as_str());
            let dest = if alike {
                String::new()
            } else {
                format!("{}: ", shown(&Untrusted::new(target.destination.as_str())))
            };
            lines.push(Fact::new("", format!("{dest}{head}")));
            let found: Vec<_> = all.iter().skip_while(|fact| fact.label != "Findings").collect();
            let tone = if found.iter().any(|fact| fact.tone == Tone::Warn) { Tone::Warn } else { Tone::Dim };
            let words: Vec<_> = found.iter().map(|fact| fact.text.as_str()).collect();
            lines.push(Fact::new("", format!("  findings: {}", words.join(" · "))).tone(tone));
        }
        let all_alike = outcomes.len() == 1;
        for (text, count) in outcomes {
            lines.push(Fact::new("Then", if all_alike { text } else { format!("{count} of them: {text}") }));
        }
        dialog.statement = lines;
    }

    /// How much of the version a person looked at before deciding about it; `short` among several.
    fn looked(&self, target: &Target, short: bool) -> Fact {
        match self.seen.get(&target.id) {
            Some(seen) if short => Fact::new("Looked", format!("you have {seen}")),
            None if short => Fact::new("Looked", "you have not looked inside").tone(Tone::Warn),
            Some(seen) => Fact::new("Looked", format!("you have {seen} of this version")),
            None => Fact::new("Looked", "you have not looked inside this version on this desk").tone(Tone::Warn),
        }
    }

    /// The reasons at hand for a verdict: the configuration's, else the desk's own.
    fn reasons(&self, verdict: Verdict) -> Vec<String> {
        let own = || verdict.reasons().iter().map(|reason| (*reason).to_owned()).collect();
        self.canned.get(verdict.command()).cloned().unwrap_or_else(own)
    }

    /// A confirmed dialog's commands, with what was seen of each target.
    pub fn confirmed(&mut self, dialog: &Decide) -> Vec<Cmd> {
        let seen = std::mem::take(&mut self.seen);
        let orders = dialog.orders(&seen, || self.new_id());
        self.seen = seen;
        self.toast = None;
        self.send(dialog.verdict.verb(), dialog.verdict.decides(), orders)
    }
}

/// Where they are to go, each with how many of them: `trusted, all 3 files`.
fn destinations(targets: &[Target]) -> String {
    let mut counts: Vec<(&str, usize)> = Vec::new();
    for target in targets {
        match counts.iter_mut().find(|(dest, _)| *dest == target.destination) {
            Some((_, count)) => *count += 1,
            None => counts.push((&target.destination, 1)),
        }
    }
    let words = |(dest, count): &(&str, usize)| {
        let dest = shown(&Untrusted::new(*dest));
        if *count == targets.len() { format!("{dest}, all {count} files") } else { format!("{dest}: {count}") }
    };
    counts.iter().map(words).collect::<Vec<_>>().join(", ")
}

fn left_out_line(tab: &dyn super::tab::Tab, row: &Row, verdict: Verdict) -> String {
    let why = tab.why_not(row, verdict.command());
    let why = why.map_or_else(|| "it is not possible now".into(), |refusal| super::actions::refusal_shown(&refusal));
    format!("{} is left out: {why}", tab.name(row))
}
