//! Going about the list: the cursor, marks, folds, one group alone. Called by `acts` and the mouse.

use super::actions::Action;
use super::model::Model;
use super::msg::{Cmd, Fit};
use super::state::Page;
use super::tab::Tone;

impl Model {
    /// Shows the list in the tab's next order, or in the same one from its other end.
    fn turn_order(&mut self, next: bool) -> Vec<Cmd> {
        if next {
            self.here_mut().list.order = (self.here().list.order + 1) % self.area().orders.len().max(1);
            self.here_mut().list.turned = false;
        } else {
            self.here_mut().list.turned = !self.here().list.turned;
        }
        self.say(Tone::Plain, format!("In order: {}.", self.order()));
        self.read(Fit::Start)
    }

    /// An action that moves the cursor, marks or folds.
    pub(super) fn go_about(&mut self, action: Action) -> Vec<Cmd> {
        let half = isize::try_from(self.here().list.height / 2).unwrap_or(1).max(1);
        match action {
            Action::Down => self.moved(|list| list.step(1)),
            Action::Up => self.moved(|list| list.step(-1)),
            Action::First => self.go_start(),
            Action::Last => self.go_end(),
            Action::HalfDown if self.here().page == Page::Detail => {
                self.here_mut().detail_top += 5;
                Vec::new()
            }
            Action::HalfUp if self.here().page == Page::Detail => {
                self.here_mut().detail_top = self.here().detail_top.saturating_sub(5);
                Vec::new()
            }
            Action::HalfDown => self.moved(|list| list.step(half)),
            Action::HalfUp => self.moved(|list| list.step(-half)),
            Action::NextUndecided => self.undecided(false),
            Action::PrevUndecided => self.undecided(true),
            Action::Open => self.open(),
            Action::Back => self.back(),
            Action::MarkGroup => {
                self.here_mut().list.mark_together();
                Vec::new()
            }
            Action::Fold => {
                self.here_mut().list.turn_fold();
                self.here_mut().detail_top = 0;
                Vec::new()
            }
            Action::FoldAll => {
                self.here_mut().list.turn_folds();
                self.here_mut().detail_top = 0;
                Vec::new()
            }
            Action::Sort => self.turn_order(true),
            Action::Turn => self.turn_order(false),
            Action::Together => self.whole_group(),
            Action::Mark if self.here().list.fold().is_some() => {
                self.here_mut().list.mark_together();
                self.moved(|list| list.step(1))
            }
            Action::Mark => {
                if let Some(id) = self.here().list.cursor {
                    self.here_mut().list.mark(id);
                }
                self.moved(|list| list.step(1))
            }
            Action::ClearMarks => {
                self.here_mut().list.marks.clear();
                Vec::new()
            }
            _ => Vec::new(),
        }
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

    fn undecided(&mut self, back: bool) -> Vec<Cmd> {
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
