//! Opening a decision on one row or on the marked ones, what its dialog says, and the command of a confirmed one.

use super::actions::Verdict;
use super::decide::Decide;
use super::layers::Layer;
use super::model::Model;
use super::msg::Cmd;
use super::row::{Row, Target};
use super::tab::{Fact, Tone};

impl Model {
    pub(super) fn decide_row(&mut self, verdict: Verdict) -> Vec<Cmd> {
        let Some(row) = self.list.current() else { return Vec::new() };
        let choices = (self.tab().targets)(row, verdict.command());
        let Some(first) = choices.first().cloned() else { return Vec::new() };
        let mut dialog = Decide::new(verdict, vec![first], self.key, self.now);
        dialog.choices = choices;
        self.describe(&mut dialog);
        self.layers.push(Layer::Decide(Box::new(dialog)));
        Vec::new()
    }

    pub(super) fn decide_marked(&mut self, verdict: Verdict) -> Vec<Cmd> {
        let tab = self.tab();
        let (mut targets, mut left_out) = (Vec::new(), Vec::new());
        for row in self.list.marked() {
            match (tab.targets)(row, verdict.command()).into_iter().next() {
                Some(target) => targets.push(target),
                None => left_out.push(left_out_line(tab, row, verdict)),
            }
        }
        match self.list.hidden_marks() {
            0 => {}
            1 => left_out.push("1 marked row is hidden by the filter: it is left out.".into()),
            hidden => left_out.push(format!("{hidden} marked rows are hidden by the filter: they are left out.")),
        }
        if targets.is_empty() {
            self.say(Tone::Warn, format!("None of the marked rows: {}", left_out.join(" ")));
            return Vec::new();
        }
        let mut dialog = Decide::new(verdict, targets, self.key, self.now);
        dialog.left_out = left_out;
        self.describe(&mut dialog);
        self.layers.push(Layer::Decide(Box::new(dialog)));
        Vec::new()
    }

    /// What the dialog says about its targets: all of one, a line for each of several.
    pub fn describe(&self, dialog: &mut Decide) {
        let tab = self.tab();
        let mut lines = Vec::new();
        for target in &dialog.targets {
            let Some(row) = self.list.get(target.id) else { continue };
            let all = (tab.statement)(row, target, dialog.verdict, self.local());
            if dialog.targets.len() == 1 {
                lines = all;
            } else {
                // The first two lines name the thing and its bytes; the last says what will happen.
                let mut words: Vec<String> = all.iter().take(1).map(|fact| fact.text.clone()).collect();
                words.extend(all.last().map(|fact| fact.text.clone()));
                lines.push(Fact::new("", words.join("  ")));
            }
        }
        dialog.statement = lines;
    }

    /// A confirmed dialog's command, with what was seen of each target.
    pub fn confirmed(&mut self, dialog: &Decide) -> Vec<Cmd> {
        let seen = |target: &Target| Some((target.id, self.seen.get(&target.id)?.clone()));
        let coverage = dialog.targets.iter().filter_map(seen).collect();
        let cmd = dialog.command(coverage, || self.new_id());
        let Cmd::Decide { orders, verdict, .. } = &cmd else { return Vec::new() };
        let (verb, orders) = (verdict.verb(), orders.clone());
        self.toast = None;
        self.send(verb, cmd, orders)
    }
}

fn left_out_line(tab: &super::tab::Tab, row: &Row, verdict: Verdict) -> String {
    let why = (tab.why_not)(row, verdict.command());
    let why = why.map_or_else(|| "it is not possible now".into(), |refusal| super::actions::refusal_shown(&refusal));
    format!("{} is left out: {why}", (tab.name)(row))
}
