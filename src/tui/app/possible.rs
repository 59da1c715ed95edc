//! What can be done here and now, and why not: the action table asked with the tab, the row and the marks. Called by
//! `update` before an action, by key bar, menu, palette and help to show it.

use super::actions::{Action, Entry, When, of, refusal_shown};
use super::model::Model;
use super::state::Page;
use crate::text::capital;

impl Model {
    /// Why an action cannot be done here and now, as a sentence safe to draw; none if it can.
    #[must_use]
    pub fn why_not(&self, action: Action) -> Option<String> {
        let entry = of(action);
        let row = self.here().list.current();
        match entry.when {
            When::Opens | When::Preview | When::Place if !self.has(entry) => {
                return Some(format!("This is not done with {}.", self.area().things));
            }
            When::Always | When::Opens => {}
            When::Row if row.is_some() => {}
            When::Row => return Some("There is no row here.".into()),
            When::Preview if self.preview.is_some() || self.tab().has_side() => {}
            When::Preview => {
                return Some(format!("No preview is open; {} opens one.", self.keymap.key(Action::Preview)));
            }
            When::Marks if !self.here().list.marks.is_empty() => {}
            When::Marks => return Some(format!("No row is marked; {} marks one.", self.keymap.key(Action::Mark))),
            When::Hints if self.hints_left() => {}
            When::Hints => return Some("No first steps are shown.".into()),
            When::Group if self.here().list.together().len() > 1 => {}
            When::Group => return Some("Nothing else of its submission stands here.".into()),
            When::Tab(at) if at < self.tabs.len() => {}
            When::Tab(_) => return Some("There is no such tab.".into()),
            When::Place if row.is_some_and(|row| !self.tab().places(row).is_empty()) => {}
            When::Place if row.is_none() => return Some("There is no row here.".into()),
            When::Place => {
                let none = "No open finding of this file names a row or a line; the detail lists what there is.";
                return Some(none.into());
            }
        }
        if action == Action::Undo && !self.undo_targets().is_empty()
            || action == Action::Preview && self.here().page == Page::Preview
        {
            return None;
        }
        if matches!(action, Action::WholeGroup | Action::MarkGroup) && self.tab().group().is_none() {
            return Some(format!("{} are not asked for together.", capital(self.area().things)));
        }
        let row = row?;
        if (entry.command.is_some() || action == Action::CopyId) && self.here().list.fold().is_some() {
            let (fold, mark) = (self.keymap.key(Action::Fold), self.keymap.key(Action::Mark));
            let things = self.area().things;
            return Some(format!("Its {things} are folded: {fold} shows them, {mark} marks them all."));
        }
        entry.command?;
        let Some((command, _)) = self.area().command(action) else {
            return Some(format!("This is not done with {}.", self.area().things));
        };
        self.tab().why_not(row, command).map(|refusal| refusal_shown(&refusal))
    }

    /// Whether the tab shown has the action at all, for this person.
    #[must_use]
    pub fn has(&self, entry: &Entry) -> bool {
        let tab = self.tab();
        let elsewhere = match (entry.when, entry.action) {
            (_, Action::Fold | Action::FoldAll | Action::MarkGroup | Action::WholeGroup) => tab.group().is_none(),
            // The pane of such a tab is a text of its own: no findings, no columns.
            (When::Place, _)
            | (
                _,
                Action::Find
                | Action::PreviewLeft
                | Action::PreviewRight
                | Action::FirstColumn
                | Action::LastColumn
                | Action::Wrap,
            ) => tab.has_side(),
            (When::Opens, action) => tab.opens(action).is_none(),
            (When::Tab(at), _) => at >= self.tabs.len(),
            _ => false,
        };
        let done = entry.command.is_none() || tab.area().command(entry.action).is_some();
        !elsewhere && done && !self.never(entry.action)
    }

    /// Whether an action is only for reviewers of the rows shown, and no role of this person's makes them one.
    #[must_use]
    pub fn never(&self, action: Action) -> bool {
        self.lacks(self.area().word) && (action.decides() || self.area().among_deciders.contains(&action))
    }

    /// The tab's own word for an action, else the table's.
    #[must_use]
    pub fn label(&self, entry: &Entry) -> &'static str {
        if entry.action == Action::Filter && self.reads() {
            return "find";
        }
        self.area().command(entry.action).map_or(entry.label, |(_, label)| label)
    }
}
