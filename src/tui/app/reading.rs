//! Reading the list: what is asked for, how the answers and the pushes are taken. Called by `update` and the actions.

use super::answers::close_outdated;
use super::list::{PAGE, Reading};
use super::model::Model;
use super::msg::{Cmd, Fit, Me};
use super::row::Row;
use super::tab::Order;
use crate::domain::page::{Cursor, Sort};
use crate::text::{Untrusted, shown};

/// Largest page asked for when a list is read again.
const AGAIN: usize = 1000;

impl Model {
    /// Who I am was heard. The first time: one's own rows for who only asks, else what one's roles are about first.
    pub(super) fn signed(&mut self, me: Me) -> Vec<Cmd> {
        let begins = me.begins;
        let failed = matches!(self.here().list.reading, Reading::Failed(_));
        if self.me.replace(me).is_some() {
            return if failed { self.read(Fit::Again) } else { Vec::new() };
        }
        let (now, zone) = (self.now, self.rules.zone);
        let mut other = false;
        for at in 0..self.tabs.len() {
            let (home, state) = (self.home_of(self.tabs[at].tab), &mut self.tabs[at]);
            if state.filter == state.tab.area().home && state.filter != home {
                state.ask_for(&home, now, zone);
                other |= at == self.at;
            }
        }
        let begin = begins.and_then(|kind| self.tabs.iter().position(|state| state.tab.area().word == kind));
        match begin.filter(|at| *at != self.at && self.at == 0 && self.layers.is_empty() && self.key.is_none()) {
            Some(at) => {
                self.turn_to(at);
                self.read(Fit::Start)
            }
            None if other => self.read(Fit::Start),
            None if failed => self.read(Fit::Again),
            None => Vec::new(),
        }
    }

    /// Reads the list: a new question, or the same again.
    pub fn read(&mut self, fit: Fit) -> Vec<Cmd> {
        self.number_read();
        let here = self.here_mut();
        here.stale = false;
        if fit == Fit::Start {
            here.list.total = None;
        }
        let page = match fit {
            Fit::Again => u32::try_from(here.list.rows().len().clamp(PAGE as usize, AGAIN)).unwrap_or(PAGE),
            _ => PAGE,
        };
        // What is held is read again from where it begins.
        let after = here.list.start.clone().filter(|_| fit == Fit::Again);
        let mut cmds = vec![self.page(fit, after, page), self.recount()];
        // The filter may no longer let a dialog's rows through: they are read by id, so that it learns of a change.
        let targets = self.dialog_targets();
        if !targets.is_empty() {
            cmds.push(Cmd::Rows(self.area().word, targets));
        }
        cmds
    }

    /// The next list request has another number than all before it, whichever tab asked.
    fn number_read(&mut self) {
        self.reads += 1;
        self.here_mut().list.generation = self.reads;
    }

    /// Asks for a page.
    pub(super) fn page(&mut self, fit: Fit, after: Option<Cursor>, page: u32) -> Cmd {
        self.here_mut().list.reading = Reading::Busy;
        let (generation, filter, sort) = (self.here().list.generation, self.here().checked.clone(), self.sort());
        Cmd::List { generation, fit, filter, sort, after, page }
    }

    /// The order the list is in. Every tab has one; a test reads them.
    fn shown_order(&self) -> Option<&'static Order> {
        self.area().orders.get(self.here().list.order)
    }

    /// The order the list is read in.
    #[must_use]
    pub fn sort(&self) -> Sort {
        let sort = self.shown_order().map_or(Sort::new("", false), |order| order.sort);
        if self.here().list.turned { sort.turned() } else { sort }
    }

    /// That order, in words.
    #[must_use]
    pub fn order(&self) -> &'static str {
        self.shown_order().map_or("", |order| match (self.here().list.turned, self.tab().waits(&self.here().checked)) {
            (true, _) => order.turned,
            (false, true) => order.says,
            (false, false) => order.of_all,
        })
    }

    /// Goes to the first row of the whole list.
    pub(super) fn go_start(&mut self) -> Vec<Cmd> {
        let mut cmds = self.moved(|list| list.go(0));
        if self.here().list.start.is_some() {
            cmds.extend(self.read(Fit::Start));
        }
        cmds
    }

    /// Goes to the last row of the whole list: what was read last at once, the true end when it comes.
    pub(super) fn go_end(&mut self) -> Vec<Cmd> {
        let mut cmds = self.moved(|list| list.go(usize::MAX));
        if self.here().list.can_end() {
            self.number_read();
            cmds.extend([self.page(Fit::End, None, PAGE), self.recount()]);
        }
        cmds
    }

    /// Counts again: what changed may have come under the filter, or left it.
    pub(super) fn recount(&self) -> Cmd {
        Cmd::Count { generation: self.here().list.generation, filter: self.here().checked.clone() }
    }

    /// The rows an open decision is about.
    fn dialog_targets(&self) -> Vec<i64> {
        let targets = self.dialog().map_or(&[][..], |dialog| &dialog.targets);
        targets.iter().map(|target| target.id).filter(|id| *id != 0).collect()
    }
}

pub(super) fn changed(model: &mut Model, area: &'static str, ids: &[i64]) -> Vec<Cmd> {
    // What is said of a row may rest on those of other areas.
    if model.area().rests_on.contains(&area) {
        model.here_mut().facts_asked = None;
    }
    // A tab that is not shown is read again when it is.
    if area != model.area().word {
        return Vec::new();
    }
    let targets = model.dialog_targets();
    let known: Vec<i64> = ids
        .iter()
        .copied()
        .filter(|id| model.here().list.get(*id).is_some() || targets.contains(id) || model.watches(area, *id))
        .collect();
    let mut cmds = Vec::new();
    if model.here().facts_asked.is_some_and(|(id, _)| known.contains(&id)) {
        model.here_mut().facts_asked = None;
    }
    if known.len() < ids.len() {
        if model.here().list.reading == Reading::Busy {
            model.here_mut().stale = true;
        } else {
            cmds.extend(model.read(Fit::Again));
        }
    } else if !ids.is_empty() {
        cmds.push(model.recount());
    }
    if !known.is_empty() {
        cmds.push(Cmd::Rows(area, known));
    }
    cmds
}

type Listed = Result<(Vec<Row>, Option<Cursor>), String>;

pub(super) fn listed(model: &mut Model, generation: u64, fit: Fit, answer: Listed) -> Vec<Cmd> {
    if generation != model.here().list.generation {
        return Vec::new();
    }
    let mut cmds = Vec::new();
    match answer {
        Err(sentence) => model.here_mut().list.reading = Reading::Failed(shown(&Untrusted::new(sentence))),
        Ok((mut rows, next)) => {
            rows.retain(|row| row.area == model.area().word);
            cmds = close_outdated(model, &rows);
            learn(model, &rows);
            model.here_mut().list.reading = Reading::Done;
            let further = next.is_some();
            if !matches!(fit, Fit::Before | Fit::End) {
                model.here_mut().list.next = next;
            }
            match fit {
                Fit::Start => model.here_mut().list.start(rows),
                Fit::Again => model.here_mut().list.again(rows),
                Fit::More => model.here_mut().list.more(rows),
                Fit::Before => model.here_mut().list.before(rows, further),
                Fit::End => model.here_mut().list.end(rows, further),
            }
        }
    }
    if model.here().stale {
        cmds.extend(model.read(Fit::Again));
    }
    cmds
}

pub(super) fn rows_came(model: &mut Model, mut rows: Vec<Row>) -> Vec<Cmd> {
    model.hold(&rows);
    rows.retain(|row| row.area == model.area().word);
    let cmds = close_outdated(model, &rows);
    for row in rows {
        model.here_mut().list.replace(&row);
    }
    model.judge_again();
    cmds
}

/// What rows make known, the filter line can offer.
fn learn(model: &mut Model, rows: &[Row]) {
    let tab = model.tab();
    for row in rows {
        tab.knows(row, &mut model.known);
    }
}
