//! Going about the list: the cursor, marks, folds, one group alone. Stands in the action table; the mouse moves too.

use super::model::Model;
use super::msg::{Cmd, Fit};
use super::state::Page;
use super::words::Tone;

impl Model {
    /// Shows the list in the tab's next order, or in the same one from its other end.
    pub(super) fn turn_order(&mut self, next: bool) -> Vec<Cmd> {
        if next {
            self.here_mut().list.order = (self.here().list.order + 1) % self.area().orders.len().max(1);
            self.here_mut().list.turned = false;
        } else {
            self.here_mut().list.turned = !self.here().list.turned;
        }
        self.say(Tone::Plain, format!("In order: {}.", self.order()));
        self.read(Fit::Start)
    }

    /// Goes by rows, or by lines where a preview is read.
    pub(super) fn go(&mut self, by: isize) -> Vec<Cmd> {
        if self.reads() { self.lines(by) } else { self.moved(|list| list.step(by)) }
    }

    /// Goes to the first row, or line.
    pub(super) fn go_first(&mut self) -> Vec<Cmd> {
        if self.reads() { self.lines(isize::MIN) } else { self.go_start() }
    }

    /// Goes to the last row, or line.
    pub(super) fn go_last(&mut self) -> Vec<Cmd> {
        if self.reads() { self.lines(isize::MAX) } else { self.go_end() }
    }

    /// Goes by half a screen of rows; scrolls where one row fills it.
    pub(super) fn go_half(&mut self, by: isize) -> Vec<Cmd> {
        const LINES: isize = 5;
        if self.reads() {
            return self.scroll(by, 0);
        }
        if self.here().page == Page::Detail {
            let here = self.here_mut();
            here.detail_top = here.detail_top.saturating_add_signed(LINES * by);
            return Vec::new();
        }
        let half = isize::try_from(self.here().list.height / 2).unwrap_or(1).max(1);
        self.moved(|list| list.step(half * by))
    }

    /// Marks the row, or the whole group where that is folded, and goes on.
    pub(super) fn mark(&mut self) -> Vec<Cmd> {
        let list = &mut self.here_mut().list;
        if list.fold().is_some() {
            list.mark_together();
        } else if let Some(id) = list.cursor {
            list.mark(id);
        }
        self.moved(|list| list.step(1))
    }

    /// Takes all marks away.
    pub(super) fn clear_marks(&mut self) -> Vec<Cmd> {
        self.here_mut().list.marks.clear();
        Vec::new()
    }

    /// Marks the rows that stand together, or takes their marks away.
    pub(super) fn mark_group(&mut self) -> Vec<Cmd> {
        self.here_mut().list.mark_together();
        Vec::new()
    }

    /// Folds or unfolds the group under the cursor, or all.
    pub(super) fn fold(&mut self, all: bool) -> Vec<Cmd> {
        let here = self.here_mut();
        if all {
            here.list.turn_folds();
        } else {
            here.list.turn_fold();
        }
        here.detail_top = 0;
        Vec::new()
    }

    /// Moves the cursor; what hangs on it follows.
    pub(super) fn moved(&mut self, by: impl FnOnce(&mut super::list::List)) -> Vec<Cmd> {
        let before = self.here().list.cursor;
        by(&mut self.here_mut().list);
        if before == self.here().list.cursor {
            return Vec::new();
        }
        self.here_mut().detail_top = 0;
        if self.here().page == Page::Preview && !self.tab().has_side() { self.show_preview() } else { Vec::new() }
    }

    /// The next row that waits for the person, or the next place of what is looked for in a preview.
    pub(super) fn next_undecided(&mut self, back: bool) -> Vec<Cmd> {
        if self.finding() {
            return self.find_next(back);
        }
        let (tab, me) = (self.tab(), self.login());
        let Some(id) = self.here().list.find(back, |row| tab.undecided(row, me)) else {
            self.say(Tone::Plain, "No row here waits for you.");
            return Vec::new();
        };
        self.moved(|list| {
            list.cursor = Some(id);
            list.follow();
        })
    }

    /// Shows the whole group of the row under the cursor and nothing else; from there, what was shown before.
    pub(super) fn whole_group(&mut self) -> Vec<Cmd> {
        if let Some((filter, cursor)) = self.here_mut().former.take() {
            return self.show_again(&filter, cursor);
        }
        let (Some(_), Some(row)) = (self.tab().group(), self.here().list.current()) else { return Vec::new() };
        let filter = self.tab().group_filter(row);
        let former = (self.here().filter.clone(), self.here().list.cursor);
        let cmds = self.show_again(&filter, self.here().list.cursor);
        self.here_mut().former = Some(former);
        cmds
    }

    /// Shows what a filter lets through, the cursor on a row if that comes.
    pub(super) fn show_again(&mut self, filter: &str, cursor: Option<i64>) -> Vec<Cmd> {
        let cmds = self.show_only(filter);
        self.here_mut().list.seek = cursor;
        cmds
    }
}
