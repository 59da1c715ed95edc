//! Approvals that are held and can still be taken back after the cursor went on: shown with a countdown, undone by `u`.

use chrono::{DateTime, Utc};

use super::model::{Held, Model, Sent};
use super::row::{Row, Target};

impl Model {
    /// Notes what was decided here: once it is read again it may turn out to be held.
    pub(super) fn decided(&mut self, sent: &Sent) {
        if sent.decides {
            self.watched.extend(sent.orders.iter().map(|(order, _)| (sent.area, order.target.id)));
        }
    }

    /// Whether a change of this row matters to what is held.
    pub(super) fn watches(&self, area: &'static str, id: i64) -> bool {
        self.watched.contains(&(area, id)) || self.held.iter().any(|held| held.row.id == id && held.row.area == area)
    }

    /// Rows were read again: what is held now, and what no longer is.
    pub(super) fn hold(&mut self, rows: &[Row]) {
        for row in rows.iter().filter(|row| self.watches(row.area, row.id)).cloned().collect::<Vec<_>>() {
            self.watched.retain(|watched| *watched != (row.area, row.id));
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

    /// Whether the row under the cursor has a vote of one's own to take back.
    fn undo_here(&self) -> bool {
        self.here().list.current().is_some_and(|row| self.tab().why_not(row, "undo").is_none())
    }

    /// The countdown at the foot, safe to draw.
    #[must_use]
    pub fn countdown(&self) -> Option<String> {
        let held = self.held.last()?;
        let tab = self.tabs[held.tab].tab;
        let left = (tab.held(&held.row)? - self.now).num_seconds().max(0);
        let more = match self.held.len() - 1 {
            0 => String::new(),
            others => format!(" ({others} more are held)"),
        };
        let here = held.tab == self.at && self.here().list.cursor == Some(held.row.id);
        let how = if here || held.tab == self.at && !self.undo_here() {
            format!("; {} undoes it", self.keymap.key(super::Action::Undo))
        } else {
            String::new()
        };
        Some(format!("{} is released in {left} s{how}{more}", tab.name(&held.row)))
    }

    /// What is to be undone: the row under the cursor, else what is held.
    pub(super) fn undo_target(&self) -> Option<(&Row, Target)> {
        if !self.undo_here() {
            return self.undoable();
        }
        let row = self.here().list.current()?;
        Some((row, self.tab().targets(row, "undo").into_iter().next()?))
    }
}
