//! Doing an action: first its why-not, then the state it makes and the effects it wants.

use chrono::TimeDelta;

use super::actions::{Action, of};
use super::draft::Draft;
use super::filter::Filter;
use super::layers::{Layer, Page, Picker};
use super::list::Reading;
use super::model::{Came, Link, Model, Sent};
use super::msg::{Cmd, Fit, Order};
use super::row::Item;
use super::spec::{AtOnce, Opens};
use super::tab::Tone;
use super::typing::FilterEdit;

/// A length of time in the largest unit that fits: `40 s`, `5 min`, `3 h`, `2 d`.
#[must_use]
pub fn ago(time: TimeDelta) -> String {
    let seconds = time.num_seconds().max(0);
    match seconds {
        0..120 => format!("{seconds} s"),
        120..7200 => format!("{} min", seconds / 60),
        7200..172_800 => format!("{} h", seconds / 3600),
        _ => format!("{} d", seconds / 86_400),
    }
}

impl Model {
    /// Does an action, or says why not.
    pub fn act(&mut self, action: Action) -> Vec<Cmd> {
        let possible = self.why_not(action).is_none();
        let mut cmds = self.perform(action);
        if possible {
            cmds.extend(self.learned(action));
        }
        cmds
    }

    fn perform(&mut self, action: Action) -> Vec<Cmd> {
        let opens = self.opens(action);
        if let Some(Opens::Dialog(spec)) = opens {
            return self.open_dialog(action, spec);
        }
        if let Some(why) = self.why_not(action) {
            self.say_here(Tone::Warn, why);
            return Vec::new();
        }
        match opens {
            Some(Opens::Text(spec)) => return self.write(action, spec),
            Some(Opens::Command(command)) => return self.send_at_once(action, command),
            Some(Opens::Dialog(_)) | None => {}
        }
        match action {
            // What the tab opens was opened. That hints are hidden is what was learned.
            Action::Approve
            | Action::Reject
            | Action::Changes
            | Action::Withdraw
            | Action::Recall
            | Action::Restore
            | Action::Comment
            | Action::InternalNote
            | Action::NoteToRequester
            | Action::Ask
            | Action::Claim
            | Action::Undo
            | Action::Edit
            | Action::HideHints => Vec::new(),
            Action::Down if self.reads() => self.lines(1),
            Action::Up if self.reads() => self.lines(-1),
            Action::First if self.reads() => self.lines(isize::MIN),
            Action::Last if self.reads() => self.lines(isize::MAX),
            Action::HalfDown if self.reads() => self.scroll(1, 0),
            Action::HalfUp if self.reads() => self.scroll(-1, 0),
            Action::NextUndecided if self.finding() => self.find_next(false),
            Action::PrevUndecided if self.finding() => self.find_next(true),
            Action::Filter if self.reads() => self.find_field(),
            Action::Find => self.find_field(),
            Action::NextFinding => self.next_finding(false),
            Action::PrevFinding => self.next_finding(true),
            Action::Down
            | Action::Up
            | Action::First
            | Action::Last
            | Action::HalfDown
            | Action::HalfUp
            | Action::NextUndecided
            | Action::PrevUndecided
            | Action::Open
            | Action::Back
            | Action::MarkGroup
            | Action::Fold
            | Action::FoldAll
            | Action::Together
            | Action::Sort
            | Action::Turn
            | Action::Mark
            | Action::ClearMarks => self.go_about(action),
            Action::Filter => {
                self.page = Page::Table;
                self.push(Layer::Filter(FilterEdit::new(&self.filter)))
            }
            Action::Home => self.show_only(&self.home()),
            Action::Everything => self.show_only(""),
            Action::Preview => self.preview_key(),
            Action::PreviewDown => self.scroll(1, 0),
            Action::PreviewUp => self.scroll(-1, 0),
            Action::PreviewRight => self.scroll(0, 1),
            Action::PreviewLeft => self.scroll(0, -1),
            Action::Expiring => self.expiring(),
            Action::Download => self.download(),
            Action::History => self.push(Layer::History(0)),
            Action::Tasks => self.tasks_page(),
            Action::CopyId => self.copy_id(),
            Action::Refresh => self.refresh(),
            Action::Columns => self.push(Layer::Columns(0)),
            Action::Menu => self.push(Layer::Menu(Picker::default())),
            Action::Palette => self.push(Layer::Palette(Picker::default())),
            Action::Help => {
                self.open_help();
                Vec::new()
            }
            Action::NextTab => self.go_tab((self.tab + 1) % self.tabs.len()),
            Action::Tab1 => self.go_tab(0),
            Action::Tab2 => self.go_tab(1),
            Action::Tab3 => self.go_tab(2),
            Action::Tab4 => self.go_tab(3),
            Action::ReadSettings => vec![Cmd::ReadSettings],
            Action::Redraw => vec![Cmd::Redraw],
            Action::Suspend => vec![Cmd::Suspend],
            Action::Quit => self.leave(),
        }
    }

    /// Leaves; while a command has no answer, only when asked once more.
    pub(super) fn leave(&mut self) -> Vec<Cmd> {
        let open = self.sent.first().map(Sent::waits_for);
        match open {
            Some(what) if !std::mem::replace(&mut self.leaving, true) => {
                let quit = self.keymap.key(Action::Quit);
                self.say(
                    Tone::Warn,
                    format!("There is no answer yet to: {what}. {quit} once more leaves all the same."),
                );
                Vec::new()
            }
            _ => vec![Cmd::Quit],
        }
    }

    fn push(&mut self, layer: Layer) -> Vec<Cmd> {
        self.layers.push(layer);
        Vec::new()
    }

    fn go_tab(&mut self, tab: usize) -> Vec<Cmd> {
        if tab == self.tab {
            self.page = Page::Table;
            return Vec::new();
        }
        self.turn_to(tab);
        // A tab shown before is as it was left, read again below the cursor.
        self.read(if self.list.reading == Reading::Idle { Fit::Start } else { Fit::Again })
    }

    /// Grants that end soon: 90 days, then 30, then 7, then all that are live.
    fn expiring(&mut self) -> Vec<Cmd> {
        let next = match self.filter.as_str() {
            "expiring<90d" => "expiring<30d".into(),
            "expiring<30d" => "expiring<7d".into(),
            "expiring<7d" => self.home(),
            _ => "expiring<90d".into(),
        };
        self.show_only(&next)
    }

    pub(super) fn show_only(&mut self, filter: &str) -> Vec<Cmd> {
        self.former = None;
        self.list.seek = None;
        self.page = Page::Table;
        filter.clone_into(&mut self.filter);
        // The desk's own filters are always understood; a test reads them.
        self.checked = super::filter::check(self.kind(), filter, self.now, self.rules.zone)
            .unwrap_or_else(|_| Filter::everything(self.kind()));
        self.read(Fit::Start)
    }

    pub(super) fn open(&mut self) -> Vec<Cmd> {
        if self.page == Page::Detail {
            return self.preview_key();
        }
        self.page = Page::Detail;
        self.detail_top = 0;
        if self.tab().side.is_some() {
            return Vec::new();
        }
        if self.why_not(Action::Preview).is_none() { self.show_preview() } else { Vec::new() }
    }

    pub(super) fn back(&mut self) -> Vec<Cmd> {
        if self.finding() {
            if let Some(preview) = &mut self.preview {
                (preview.find, preview.hit, preview.goal) = (None, None, None);
            }
        } else if self.page != Page::Table {
            self.page = Page::Table;
        } else if self.preview.is_some() && self.preview_here() && self.wide() {
            self.preview = None;
        } else if let Some((filter, cursor)) = self.former.take() {
            return self.show_again(&filter, cursor);
        } else if self.filter != self.home() {
            return self.show_only(&self.home());
        } else if self.page == Page::Table {
            let (all, quit) = (self.keymap.key(Action::Everything), self.keymap.key(Action::Quit));
            self.say(Tone::Dim, format!("This is the first view; {all} shows everything, {quit} leaves."));
        }
        Vec::new()
    }

    fn preview_key(&mut self) -> Vec<Cmd> {
        if self.tab().side.is_some() {
            self.page = if self.page == Page::Preview { Page::Detail } else { Page::Preview };
            return Vec::new();
        }
        if self.wide() && self.page == Page::Table {
            if self.preview_here() {
                self.preview = None;
                return Vec::new();
            }
            return self.show_preview();
        }
        if self.page == Page::Preview {
            self.page = if self.wide() { Page::Detail } else { Page::Table };
            return Vec::new();
        }
        self.page = Page::Preview;
        self.show_preview()
    }

    /// Opens the preview of the row under the cursor unless it is open; the opening is journalled by the database.
    pub(super) fn show_preview(&mut self) -> Vec<Cmd> {
        if self.preview_here() && self.preview.as_ref().is_some_and(|preview| preview.failed.is_none()) {
            return Vec::new();
        }
        if let Some(why) = self.list.current().and_then(|row| (self.tab().why_not)(row, "preview")) {
            self.preview = None;
            self.say_here(Tone::Warn, super::actions::refusal_shown(&why));
            return Vec::new();
        }
        let of = self.list.current().map(|row| match &row.item {
            Item::Egress(item) => Some((row.id, item.sha256.clone().unwrap_or_default())),
            // Their side is drawn from what was read already.
            Item::Request(_) | Item::Grant(_) => None,
        });
        of.flatten().map_or_else(Vec::new, |(id, sha256)| self.open_preview(id, sha256))
    }

    fn scroll(&mut self, down: isize, right: isize) -> Vec<Cmd> {
        let step = isize::try_from(self.preview_height / 2).unwrap_or(1).max(1) * down;
        if self.tab().side.is_some() {
            self.side_top = self.side_top.saturating_add_signed(step);
            return Vec::new();
        }
        if let Some(preview) = &mut self.preview {
            let last = preview.lines().saturating_sub(self.preview_height.max(1));
            preview.top = preview.top.saturating_add_signed(step).min(last);
            preview.left = preview.left.saturating_add_signed(right).min(preview.widest());
        }
        Vec::new()
    }

    fn refresh(&mut self) -> Vec<Cmd> {
        let mut cmds = Vec::new();
        if matches!(self.link, Link::Lost(_)) {
            self.link = Link::Connecting;
            cmds.push(Cmd::Connect);
        } else {
            self.say(Tone::Plain, "Looking for new files.");
            cmds.push(Cmd::Refresh);
        }
        self.facts_asked = None;
        if let Some(preview) = &mut self.preview {
            preview.failed = None;
        }
        cmds.extend(self.read(Fit::Again));
        cmds
    }

    /// The id under the cursor, or those of the marked rows that are shown.
    fn copy_id(&mut self) -> Vec<Cmd> {
        let marked: Vec<String> = self.list.marked().iter().map(|row| row.id.to_string()).collect();
        let ids = if marked.is_empty() { self.list.cursor.iter().map(i64::to_string).collect() } else { marked };
        if ids.is_empty() {
            return Vec::new();
        }
        let what = if ids.len() == 1 { format!("The id {}", ids[0]) } else { format!("{} ids", ids.len()) };
        self.say(Tone::Plain, format!("{what} went to the clipboard of your terminal, if it takes any."));
        vec![Cmd::Copy(ids.join(" "))]
    }

    /// What an action leads to: as the tab says, or where it is not about a row as any tab says.
    fn opens(&self, action: Action) -> Option<Opens> {
        let elsewhere = || self.tabs.iter().find_map(|tab| (tab.opens)(action));
        (self.tab().opens)(action).or_else(|| of(action).command.is_none().then(elsewhere)?)
    }

    /// The command of an action that asks nothing before.
    fn send_at_once(&mut self, action: Action, command: AtOnce) -> Vec<Cmd> {
        let here = || {
            let row = self.list.current()?;
            let (name, _) = self.tab().command(action)?;
            Some((row, (self.tab().targets)(row, name).into_iter().next()?))
        };
        let found = if action == Action::Undo { self.undo_target() } else { here() };
        let Some((row, target)) = found else { return Vec::new() };
        let (verb, command) = command(row, &target, self.login(), self.now);
        let order = Order { id: self.new_id(), command, target };
        self.send(verb, false, None, vec![order])
    }

    /// Sends commands; `decides`: their rows no longer wait after it; `draft`: what was written for it.
    pub(super) fn send(
        &mut self,
        verb: &'static str,
        decides: bool,
        draft: Option<Draft>,
        orders: Vec<Order>,
    ) -> Vec<Cmd> {
        let waiting = orders.iter().map(|order| (order.clone(), Came::Waiting)).collect();
        self.sent.push(Sent { verb, kind: self.kind(), decides, draft, orders: waiting, missed: 0, again: None });
        vec![Cmd::Send(orders)]
    }
}
