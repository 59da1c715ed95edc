//! Approvals that are held and can still be taken back after the cursor went on: shown with a countdown, undone by `u`.

use chrono::{DateTime, Utc};

use super::model::{Batch, Held, Model, Reply, Sent};
use super::msg::{Cmd, Order};
use super::row::{Row, Target};
use super::spec::Opens;
use super::state::action::Action;
use super::words::Tone;

impl Model {
    /// Notes what was decided here: once it is read again it may turn out to be held.
    pub(super) fn decided(&mut self, sent: &Sent) {
        if sent.decides {
            self.watched.extend(sent.orders.iter().map(|(order, _)| (sent.area, order.target.id)));
            let done = sent.orders.iter().filter(|(_, came)| matches!(came, Reply::Done(_)));
            self.batch =
                Batch { area: sent.area, ids: done.map(|(order, _)| order.target.id).collect(), rows: Vec::new() };
        }
    }

    /// Whether a change of this row matters to what is held.
    pub(super) fn watches(&self, area: &'static str, id: i64) -> bool {
        self.watched.contains(&(area, id))
            || self.batch.has(area, id)
            || self.held.iter().any(|held| held.row.id == id && held.row.area == area)
    }

    /// Rows were read again: what is held now, and what no longer is.
    pub(super) fn hold(&mut self, rows: &[Row]) {
        for row in rows.iter().filter(|row| self.watches(row.area, row.id)).cloned().collect::<Vec<_>>() {
            self.watched.retain(|watched| *watched != (row.area, row.id));
            if self.batch.has(row.area, row.id) {
                self.batch.rows.retain(|known| known.id != row.id);
                self.batch.rows.push(row.clone());
            }
            self.held.retain(|held| (held.row.area, held.row.id) != (row.area, row.id));
            let Some(at) = self.tabs.iter().position(|state| state.tab.area().word == row.area) else { continue };
            let tab = self.tabs[at].tab;
            let is_held = tab.held(&row).is_some_and(|until| until > self.now);
            if is_held && tab.why_not(&row, "undo").is_none() {
                self.held.push(Held { tab: at, row });
            }
        }
    }

    /// Time passed: what is over can no longer be undone. Returns whether the countdown reads otherwise now.
    pub(super) fn count_down(&mut self, before: DateTime<Utc>) -> bool {
        let was = self.held.len();
        let (tabs, now) = (&self.tabs, self.now);
        self.held.retain(|held| tabs[held.tab].tab.held(&held.row).is_some_and(|until| until > now));
        was != self.held.len() || was > 0 && before.timestamp() != now.timestamp()
    }

    /// Whether something is counted down.
    pub(super) fn counts_down(&self) -> bool {
        !self.held.is_empty()
    }

    /// What `u` undoes beyond the row under the cursor: the last thing approved here that is still held.
    #[must_use]
    pub fn undoable(&self) -> Option<(&Row, Target)> {
        let held = self.held.iter().rev().find(|held| held.tab == self.at)?;
        Some((&held.row, self.tab().targets(&held.row, "undo").into_iter().next()?))
    }

    /// The last decision on several files, each of which can still be taken back, while any of it is held.
    fn batch_targets(&self) -> Vec<(&Row, Target)> {
        let here = self.batch.area == self.area().word && self.batch.ids.len() > 1;
        let held = || self.held.iter().any(|held| self.batch.has(held.row.area, held.row.id));
        if here && held() { self.undoable_of(&self.batch.rows) } else { Vec::new() }
    }

    /// Those of rows of the tab shown that have a vote of one's own to take back, one case of each.
    fn undoable_of<'a>(&self, rows: impl IntoIterator<Item = &'a Row>) -> Vec<(&'a Row, Target)> {
        let target = |row: &'a Row| Some((row, self.tab().targets(row, "undo").into_iter().next()?));
        rows.into_iter().filter_map(target).collect()
    }

    /// Whether what the results say was done can be taken back.
    pub(super) fn undo_batch(&mut self) -> Vec<Cmd> {
        let targets: Vec<_> =
            self.undoable_of(&self.batch.rows).into_iter().map(|(row, target)| (row.clone(), target)).collect();
        if targets.is_empty() {
            self.say(Tone::Plain, "None of these votes can be taken back now.");
        }
        self.send_undo(targets)
    }

    /// Sends what takes these votes back.
    pub(super) fn send_undo(&mut self, targets: Vec<(Row, Target)>) -> Vec<Cmd> {
        let Some(Opens::Command(command)) = self.opens(Action::Undo) else { return Vec::new() };
        let mut orders = Vec::new();
        let mut verb = "undo";
        for (row, target) in targets {
            let (word, command) = command(&row, &target, self.login(), self.now);
            verb = word;
            orders.push(Order { id: self.new_id(), command, target });
        }
        if orders.is_empty() { Vec::new() } else { self.send(verb, false, None, orders) }
    }

    /// Whether the row under the cursor has a vote of one's own to take back.
    fn undo_here(&self) -> bool {
        self.here().list.current().is_some_and(|row| self.tab().why_not(row, "undo").is_none())
    }

    /// The countdown at the foot, safe to draw.
    #[must_use]
    pub fn countdown(&self) -> Option<String> {
        let held = self.held.last()?;
        let tab = self.tabs[held.tab].tab;
        let batch = self.batch_targets().len();
        if batch > 1 && self.undo_targets().len() == batch {
            let of_it = self.held.iter().filter(|held| self.batch.has(held.row.area, held.row.id));
            let first = of_it.filter_map(|held| tab.held(&held.row)).min()?;
            let (left, undo) = ((first - self.now).num_seconds().max(0), self.keymap.key(Action::Undo));
            let held = self.held.len();
            return Some(format!("Held: {held} of yours, released in {left} s; {undo} takes all {batch} votes back"));
        }
        let left = (tab.held(&held.row)? - self.now).num_seconds().max(0);
        let more = match self.held.len() - 1 {
            0 => String::new(),
            others => format!(" ({others} more are held)"),
        };
        let here = held.tab == self.at && self.here().list.cursor == Some(held.row.id);
        let how = if here || held.tab == self.at && !self.undo_here() {
            format!("; {} undoes it", self.keymap.key(Action::Undo))
        } else {
            String::new()
        };
        Some(format!("{} is released in {left} s{how}{more}", tab.name(&held.row)))
    }

    /// What is to be undone: the marked rows, else the one under the cursor, else the last decision on several, else what is
    /// held.
    pub(super) fn undo_targets(&self) -> Vec<(&Row, Target)> {
        let marked = self.undoable_of(self.here().list.marked());
        if !marked.is_empty() {
            return marked;
        }
        if self.undo_here() {
            return self.undoable_of(self.here().list.current());
        }
        let batch = self.batch_targets();
        if batch.is_empty() { self.undoable().into_iter().collect() } else { batch }
    }
}
