//! Reading the list: what is asked for, how the answers and the pushes are taken. Called by `update` and the actions.

use super::answers::close_outdated;
use super::filter::Filter;
use super::list::{PAGE, Reading};
use super::model::Model;
use super::msg::{Cmd, Fit, Me};
use super::row::{Kind, Row};
use super::tab::Order;
use crate::domain::egress::EgressItem;
use crate::domain::item::Item as _;
use crate::domain::page::{Cursor, Sort};
use crate::text::{Untrusted, shown};

/// Largest page asked for when a list is read again.
const AGAIN: usize = 1000;

impl Model {
    /// Who I am was heard. The first time: one's own rows for who only asks, else what one's roles are about first.
    pub(super) fn signed(&mut self, me: Me) -> Vec<Cmd> {
        let begins = me.begins;
        let failed = matches!(self.list.reading, Reading::Failed(_));
        if self.me.replace(me).is_some() {
            return if failed { self.read(Fit::Again) } else { Vec::new() };
        }
        let homes: Vec<_> = self.tabs.iter().map(|tab| self.home_of(tab)).collect();
        for ((tab, home), parked) in self.tabs.iter().zip(&homes).zip(&mut self.parked) {
            if parked.filter == tab.home {
                // The desk's own filters are always understood; a test reads them.
                parked.checked = super::filter::check(tab.kind, home, self.now, self.rules.zone)
                    .unwrap_or_else(|_| Filter::everything(tab.kind));
                parked.filter.clone_from(home);
            }
        }
        let other = self.filter == self.tab().home && self.filter != homes[self.tab];
        if other {
            self.filter.clone_from(&homes[self.tab]);
            self.checked = super::filter::check(self.kind(), &self.filter, self.now, self.rules.zone)
                .unwrap_or_else(|_| Filter::everything(self.kind()));
        }
        let begin = begins.and_then(|kind| self.tabs.iter().position(|tab| tab.kind == kind));
        match begin.filter(|at| *at != self.tab && self.tab == 0 && self.layers.is_empty() && self.key.is_none()) {
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
        self.list.generation += 1;
        self.stale = false;
        if fit == Fit::Start {
            self.list.total = None;
        }
        let page = match fit {
            Fit::Again => u32::try_from(self.list.rows().len().clamp(PAGE as usize, AGAIN)).unwrap_or(PAGE),
            _ => PAGE,
        };
        // What is held is read again from where it begins.
        let after = self.list.start.clone().filter(|_| fit == Fit::Again);
        let mut cmds = vec![self.page(fit, after, page), self.recount()];
        // The filter may no longer let a dialog's rows through: they are read by id, so that it learns of a change.
        let targets = self.dialog_targets();
        if !targets.is_empty() {
            cmds.push(Cmd::Rows(self.kind(), targets));
        }
        cmds
    }

    /// Asks for a page.
    pub(super) fn page(&mut self, fit: Fit, after: Option<Cursor>, page: u32) -> Cmd {
        self.list.reading = Reading::Busy;
        let (generation, filter, sort) = (self.list.generation, self.checked.clone(), self.sort());
        Cmd::List { generation, fit, filter, sort, after, page }
    }

    /// The order the list is in. Every tab has one; a test reads them.
    fn shown_order(&self) -> Option<&'static Order> {
        self.tab().orders.get(self.list.order)
    }

    /// The order the list is read in.
    #[must_use]
    pub fn sort(&self) -> Sort {
        let sort = self.shown_order().map_or(EgressItem::SORTS[0], |order| order.sort);
        if self.list.turned { sort.turned() } else { sort }
    }

    /// That order, in words.
    #[must_use]
    pub fn order(&self) -> &'static str {
        self.shown_order().map_or("", |order| match (self.list.turned, self.checked.waits()) {
            (true, _) => order.turned,
            (false, true) => order.says,
            (false, false) => order.of_all,
        })
    }

    /// Goes to the first row of the whole list.
    pub(super) fn go_start(&mut self) -> Vec<Cmd> {
        let mut cmds = self.moved(|list| list.go(0));
        if self.list.start.is_some() {
            cmds.extend(self.read(Fit::Start));
        }
        cmds
    }

    /// Goes to the last row of the whole list: what was read last at once, the true end when it comes.
    pub(super) fn go_end(&mut self) -> Vec<Cmd> {
        let mut cmds = self.moved(|list| list.go(usize::MAX));
        if self.list.can_end() {
            self.list.generation += 1;
            cmds.extend([self.page(Fit::End, None, PAGE), self.recount()]);
        }
        cmds
    }

    /// Counts again: what changed may have come under the filter, or left it.
    pub(super) fn recount(&self) -> Cmd {
        Cmd::Count { generation: self.list.generation, filter: self.checked.clone() }
    }

    /// The rows an open decision is about.
    fn dialog_targets(&self) -> Vec<i64> {
        let targets = self.dialog().map_or(&[][..], |dialog| &dialog.targets);
        targets.iter().map(|target| target.id).filter(|id| *id != 0).collect()
    }
}

pub(super) fn changed(model: &mut Model, kind: Kind, ids: &[i64]) -> Vec<Cmd> {
    // What is said of a request or grant rests on all of its person and dataset, of both kinds.
    if kind != Kind::Egress && model.kind() != Kind::Egress {
        model.facts_asked = None;
    }
    // A tab that is not shown is read again when it is.
    if kind != model.kind() {
        return Vec::new();
    }
    let targets = model.dialog_targets();
    let known: Vec<i64> = ids
        .iter()
        .copied()
        .filter(|id| model.list.get(*id).is_some() || targets.contains(id) || model.watches(kind, *id))
        .collect();
    let mut cmds = Vec::new();
    if model.facts_asked.is_some_and(|(id, _)| known.contains(&id)) {
        model.facts_asked = None;
    }
    if known.len() < ids.len() {
        if model.list.reading == Reading::Busy {
            model.stale = true;
        } else {
            cmds.extend(model.read(Fit::Again));
        }
    } else if !ids.is_empty() {
        cmds.push(model.recount());
    }
    if !known.is_empty() {
        cmds.push(Cmd::Rows(kind, known));
    }
    cmds
}

type Listed = Result<(Vec<Row>, Option<Cursor>), String>;

pub(super) fn listed(model: &mut Model, generation: u64, fit: Fit, answer: Listed) -> Vec<Cmd> {
    if generation != model.list.generation {
        return Vec::new();
    }
    let mut cmds = Vec::new();
    match answer {
        Err(sentence) => model.list.reading = Reading::Failed(shown(&Untrusted::new(sentence))),
        Ok((mut rows, next)) => {
            rows.retain(|row| row.kind() == model.kind());
            cmds = close_outdated(model, &rows);
            learn(model, &rows);
            model.list.reading = Reading::Done;
            let further = next.is_some();
            if !matches!(fit, Fit::Before | Fit::End) {
                model.list.next = next;
            }
            match fit {
                Fit::Start => model.list.start(rows),
                Fit::Again => model.list.again(rows),
                Fit::More => model.list.more(rows),
                Fit::Before => model.list.before(rows, further),
                Fit::End => model.list.end(rows, further),
            }
        }
    }
    if model.stale {
        cmds.extend(model.read(Fit::Again));
    }
    cmds
}

pub(super) fn rows_came(model: &mut Model, mut rows: Vec<Row>) -> Vec<Cmd> {
    model.hold(&rows);
    rows.retain(|row| row.kind() == model.kind());
    let cmds = close_outdated(model, &rows);
    for row in rows {
        model.list.replace(&row);
    }
    model.judge_again();
    cmds
}

/// What rows make known, the filter line can offer.
fn learn(model: &mut Model, rows: &[Row]) {
    let knows = model.tab().knows;
    for row in rows {
        knows(row, &mut model.known);
    }
}
