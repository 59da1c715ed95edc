//! Doing an action: first its why-not, then the state it makes and the effects it wants.

use chrono::TimeDelta;

use super::actions::{Action, of};
use super::layers::Layer;
use super::list::Reading;
use super::model::{Link, Model, Reply, Sent};
use super::msg::{Cmd, Fit, Order};
use super::spec::{AtOnce, Opens};
use super::state::Page;
use super::state::draft::Draft;
use super::state::line::FilterEdit;
use super::words::Tone;

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
            Some(Opens::Filter(next)) => {
                let home = self.home();
                return self.show_only(next(&self.here().filter).unwrap_or(&home));
            }
            Some(Opens::Dialog(_)) | None => {}
        }
        (of(action).does)(self)
    }

    /// Opens the filter line, or where a preview fills the screen the field for what to look for in it.
    pub(super) fn filter_line(&mut self) -> Vec<Cmd> {
        if self.reads() {
            return self.find_field();
        }
        self.here_mut().page = Page::Table;
        self.push(Layer::Filter(FilterEdit::new(&self.here().filter)))
    }

    /// Leaves; while a command has no answer, only when asked once more.
    pub(super) fn leave(&mut self) -> Vec<Cmd> {
        let open = self.sent.first().map(Sent::waits_for);
        if let (None, false, Some(held)) = (&open, self.leaving, self.countdown()) {
            self.leaving = true;
            let quit = self.keymap.key(Action::Quit);
            self.say(Tone::Warn, format!("{held}. It goes on without the desk; {quit} once more leaves."));
            return Vec::new();
        }
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

    pub(super) fn push(&mut self, layer: Layer) -> Vec<Cmd> {
        self.layers.push(layer);
        Vec::new()
    }

    pub(super) fn go_tab(&mut self, tab: usize) -> Vec<Cmd> {
        if tab == self.at {
            self.here_mut().page = Page::Table;
            return Vec::new();
        }
        // What was said was of the other.
        self.toast = None;
        self.turn_to(tab);
        // A tab shown before is as it was left, read again below the cursor.
        self.read(if self.here().list.reading == Reading::Idle { Fit::Start } else { Fit::Again })
    }

    /// The first view: what needs me, in the order of the first view.
    pub(super) fn go_home(&mut self) -> Vec<Cmd> {
        (self.here_mut().list.order, self.here_mut().list.turned) = (0, false);
        self.show_only(&self.home())
    }

    pub(super) fn show_only(&mut self, filter: &str) -> Vec<Cmd> {
        self.here_mut().former = None;
        self.here_mut().led_by = None;
        self.here_mut().list.seek = None;
        self.here_mut().page = Page::Table;
        let (now, zone) = (self.now, self.rules.zone);
        self.here_mut().ask_for(filter, now, zone);
        self.read(Fit::Start)
    }

    pub(super) fn open(&mut self) -> Vec<Cmd> {
        if self.reads() {
            return self.show_whole();
        }
        if self.here().page == Page::Detail {
            return self.lead().unwrap_or_else(|| self.preview_key());
        }
        self.here_mut().page = Page::Detail;
        self.here_mut().detail_top = 0;
        if self.tab().has_side() {
            return Vec::new();
        }
        if self.why_not(Action::Preview).is_none() { self.show_preview() } else { Vec::new() }
    }

    /// Goes to the rows of another tab that the row under the cursor leads to; from there, back.
    fn lead(&mut self) -> Option<Vec<Cmd>> {
        let row = self.here().list.current()?;
        let facts = self.here().facts.as_ref().filter(|(id, _)| *id == row.id).map(|(_, facts)| facts);
        let leads = self.tab().leads(row, facts)?;
        let at = self.tabs.iter().position(|state| state.tab.area().word == leads.area)?;
        let Some(filter) = leads.filter else {
            self.say(Tone::Plain, "What it leads to is being read; once more in a moment.");
            return Some(Vec::new());
        };
        let from = self.at;
        self.turn_to(at);
        let former = (self.here().filter.clone(), self.here().list.cursor);
        let cmds = self.show_only(&filter);
        let here = self.here_mut();
        (here.former, here.led_by) = (Some(former), Some(from));
        Some(cmds)
    }

    pub(super) fn back(&mut self) -> Vec<Cmd> {
        if self.finding() {
            if let Some(preview) = &mut self.preview {
                (preview.find, preview.hit, preview.goal) = (None, None, None);
                preview.cell = None;
            }
        } else if self.here().page != Page::Table {
            self.here_mut().page = Page::Table;
        } else if self.preview.is_some() && self.preview_here() && self.wide() {
            self.preview = None;
        } else if let Some((filter, cursor)) = self.here_mut().former.take() {
            let led_by = self.here_mut().led_by.take();
            let mut cmds = self.show_again(&filter, cursor);
            if let Some(tab) = led_by {
                cmds.extend(self.go_tab(tab));
                self.here_mut().page = Page::Detail;
            }
            return cmds;
        } else if self.here().filter != self.home() {
            return self.go_home();
        } else if self.here().page == Page::Table {
            let (all, quit) = (self.keymap.key(Action::Everything), self.keymap.key(Action::Quit));
            self.say(Tone::Dim, format!("This is the first view; {all} shows everything, {quit} leaves."));
        }
        Vec::new()
    }

    pub(super) fn preview_key(&mut self) -> Vec<Cmd> {
        if self.tab().has_side() {
            self.here_mut().page = if self.here().page == Page::Preview { Page::Detail } else { Page::Preview };
            return Vec::new();
        }
        if self.wide() && self.here().page == Page::Table {
            if self.preview_here() {
                self.preview = None;
                return Vec::new();
            }
            return self.show_preview();
        }
        if self.here().page == Page::Preview {
            self.here_mut().page = if self.wide() { Page::Detail } else { Page::Table };
            return Vec::new();
        }
        self.here_mut().page = Page::Preview;
        self.show_preview()
    }

    /// Opens the preview of the row under the cursor unless it is open; the opening is journalled by the database.
    pub(super) fn show_preview(&mut self) -> Vec<Cmd> {
        if self.preview_here() && self.preview.as_ref().is_some_and(|preview| preview.failed.is_none()) {
            return Vec::new();
        }
        if let Some(why) = self.here().list.current().and_then(|row| self.tab().why_not(row, "preview")) {
            self.preview = None;
            self.say_here(Tone::Warn, super::actions::refusal_shown(&why));
            return Vec::new();
        }
        let of = self.here().list.current().and_then(|row| Some((row.id, self.tab().bytes(row)?)));
        of.map_or_else(Vec::new, |(id, sha256)| self.open_preview(id, sha256))
    }

    pub(super) fn scroll(&mut self, down: isize, right: isize) -> Vec<Cmd> {
        let step = isize::try_from(self.preview_height / 2).unwrap_or(1).max(1) * down;
        if self.tab().has_side() {
            self.here_mut().side_top = self.here().side_top.saturating_add_signed(step);
            return Vec::new();
        }
        if let Some(preview) = &mut self.preview {
            let last = preview.lines().saturating_sub(self.preview_height.max(1));
            preview.top = preview.top.saturating_add_signed(step).min(last);
            preview.left = preview.left.saturating_add_signed(right).min(preview.widest());
        }
        Vec::new()
    }

    pub(super) fn refresh(&mut self) -> Vec<Cmd> {
        let mut cmds = Vec::new();
        if matches!(self.link, Link::Lost(_)) {
            self.link = Link::Connecting;
            cmds.push(Cmd::Connect);
        } else {
            self.say(Tone::Plain, "Looking for new files.");
            cmds.push(Cmd::Refresh);
        }
        self.here_mut().facts_asked = None;
        if let Some(preview) = &mut self.preview {
            preview.failed = None;
        }
        cmds.extend(self.read(Fit::Again));
        cmds
    }

    /// The id under the cursor, or those of the marked rows that are shown.
    pub(super) fn copy_id(&mut self) -> Vec<Cmd> {
        let marked: Vec<String> = self.here().list.marked().iter().map(|row| row.id.to_string()).collect();
        let ids = if marked.is_empty() { self.here().list.cursor.iter().map(i64::to_string).collect() } else { marked };
        if ids.is_empty() {
            return Vec::new();
        }
        let what = if ids.len() == 1 { format!("The id {}", ids[0]) } else { format!("{} ids", ids.len()) };
        self.say(Tone::Plain, format!("{what} went to the clipboard of your terminal, if it takes any."));
        vec![Cmd::Copy(ids.join(" "))]
    }

    /// What an action leads to: as the tab says, or where it is not about a row as any tab says.
    pub(super) fn opens(&self, action: Action) -> Option<Opens> {
        let elsewhere = || self.tabs.iter().find_map(|state| state.tab.opens(action));
        self.tab().opens(action).or_else(|| of(action).command.is_none().then(elsewhere)?)
    }

    /// The command of an action that asks nothing before.
    fn send_at_once(&mut self, action: Action, command: AtOnce) -> Vec<Cmd> {
        let here = || {
            let row = self.here().list.current()?;
            let (name, _) = self.area().command(action)?;
            Some((row, self.tab().targets(row, name).into_iter().next()?))
        };
        if action == Action::Undo {
            let targets = self.undo_targets().into_iter().map(|(row, target)| (row.clone(), target)).collect();
            return self.send_undo(targets);
        }
        let Some((row, target)) = here() else { return Vec::new() };
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
        let waiting = orders.iter().map(|order| (order.clone(), Reply::Waiting)).collect();
        self.sent.push(Sent { verb, area: self.area().word, decides, draft, orders: waiting, missed: 0, again: None });
        vec![Cmd::Send(orders)]
    }
}
