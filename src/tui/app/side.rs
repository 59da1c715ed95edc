//! The pane beside the detail where the tab has one of its own: a request's text, a pair's timeline. Its lines are made
//! once for a row, its facts and a width, and kept: a text of a megabyte is not laid out for every frame.

use super::model::Model;
use super::state::side::{Side, Source};

impl Model {
    /// Makes the lines again if what they were made from changed.
    pub(super) fn fit_side(&mut self, width: u16, height: u16) {
        let tab = self.tab();
        let Some(row) = self.here().list.current().filter(|_| tab.has_side()) else {
            self.here_mut().side = None;
            return;
        };
        let source = Source {
            area: self.area().word,
            id: row.id,
            version: row.version,
            width,
            facts: self.here().facts_read,
            hour: self.now.timestamp() / 3600,
        };
        let before = self.here().side.as_ref().map(|side| side.source);
        if before != Some(source) {
            let facts = self.here().facts.as_ref().filter(|(id, _)| *id == row.id).map(|(_, facts)| facts);
            let lines = tab.side(row, facts, self.local(), width);
            if before.is_none_or(|before| (before.area, before.id) != (source.area, source.id)) {
                self.here_mut().side_top = 0;
            }
            self.here_mut().side = Some(Side { source, lines });
        }
        let lines = self.here().side.as_ref().map_or(0, |side| side.lines.len());
        self.here_mut().side_top = self.here().side_top.min(lines.saturating_sub(usize::from(height).max(1)));
    }
}
