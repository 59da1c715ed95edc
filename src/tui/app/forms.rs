//! Opening a dialog with fields on one row or on the marked ones, judging what is typed, and what a confirmed one does.

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use uuid::Uuid;

use super::actions::{Action, refusal_shown};
use super::form::{Entry, Focus, Form, Name, Outcome, What};
use super::guard::Guard;
use super::key::Key;
use super::layers::Layer;
use super::model::Model;
use super::msg::{Cmd, Order};
use super::row::{Item, Kind, Row, Target};
use super::tab::{Fact, Plan, Tone};
use crate::domain::access::{AccessRequest, RevokeClass};
use crate::domain::command::{Command, RequestChanges};
use crate::domain::query::When;
use crate::text::{Untrusted, shown};

impl What {
    /// The dialog of an action on a kind of rows.
    #[must_use]
    pub fn of(kind: Kind, action: Action) -> Option<Self> {
        match (kind, action) {
            (Kind::Request, Action::Approve) => Some(Self::Allow),
            (Kind::Request, Action::Reject) => Some(Self::Deny),
            (Kind::Request, Action::Edit) => Some(Self::Edit),
            (Kind::Grant, Action::Edit) => Some(Self::Amend),
            (Kind::Grant, Action::Reject) => Some(Self::Revoke),
            _ => None,
        }
    }

    fn takes_several(self) -> bool {
        matches!(self, Self::Allow | Self::Deny | Self::Revoke)
    }
}

/// A moment as it is typed: the day alone where it is the day's beginning.
#[must_use]
pub fn typed(at: DateTime<Utc>, zone: Tz) -> String {
    let day = at.with_timezone(&zone).date_naive();
    if When::Day(day).at(zone) == at { day.to_string() } else { at.format("%Y-%m-%dT%H:%M:%SZ").to_string() }
}

impl Model {
    /// Opens a dialog with fields on the row under the cursor, or on the marked ones.
    pub(super) fn open_form(&mut self, action: Action, what: What) -> Vec<Cmd> {
        let marked = what.takes_several() && !self.here().list.marks.is_empty();
        if !marked && let Some(why) = self.why_not(action) {
            self.say(Tone::Warn, why);
            return Vec::new();
        }
        let tab = self.tab();
        let (mut targets, mut left_out) = (Vec::new(), Vec::new());
        let rows: Vec<&Row> =
            if marked { self.here().list.marked() } else { self.here().list.current().into_iter().collect() };
        for row in rows {
            if let Some(target) = tab.targets(row, what.command()).into_iter().next() {
                targets.push(target);
                continue;
            }
            let why = tab.why_not(row, what.command());
            let why = why.map_or_else(|| "it is not possible now".into(), |refusal| refusal_shown(&refusal));
            left_out.push(format!("{} is left out: {why}", tab.name(row)));
        }
        if marked && self.here().list.hidden_marks() > 0 {
            left_out.push(format!("{} marked but hidden by the filter: left out.", self.here().list.hidden_marks()));
        }
        let Some(first) = targets.first() else {
            self.say(Tone::Warn, format!("None of the marked rows: {}", left_out.join(" ")));
            return Vec::new();
        };
        let Some(row) = self.here().list.get(first.id) else { return Vec::new() };
        let fields = self.fields(what, row, targets.len());
        let title = match targets.as_slice() {
            [_] => format!("{} {}", heading(what), tab.name(row)),
            many => format!("{} {} {}", heading(what), many.len(), tab.area().things),
        };
        let mut form = Form::new(what, title, targets, fields, Guard::new(self.key, self.now));
        form.left_out = left_out;
        self.judge(&mut form);
        self.layers.push(Layer::Form(Box::new(form)));
        Vec::new()
    }

    fn fields(&self, what: What, row: &Row, many: usize) -> Vec<Entry> {
        let zone = self.rules.zone;
        let mut fields = Vec::new();
        if many > 1 {
            fields.push(Entry::line(Name::Count, "How many", "", format!("type {many}")));
        }
        let at_hand = || self.texts(what);
        match (what, &row.item) {
            (What::Allow, Item::Request(item)) if many == 1 => {
                fields.extend(dates(item, zone));
                fields.extend(ivas(item));
                let note = item.note_to_requester.as_ref().map_or("", |note| note.raw());
                fields.push(Entry::line(Name::Note, "Note", note, "they read it").with(at_hand()));
            }
            (What::Allow, _) => {
                fields.push(Entry::line(Name::Note, "Note", "", "the same for all; they read it").with(at_hand()));
            }
            (What::Edit, Item::Request(item)) => {
                fields.extend(dates(item, zone));
                fields.extend(ivas(item));
                let ticket = item.ticket_id.as_ref().map_or("", |ticket| ticket.raw());
                fields.push(Entry::line(Name::Ticket, "Ticket", ticket, "the site's"));
            }
            (What::Amend, Item::Grant(item)) => {
                let ends = Entry::line(Name::Ends, "New end", typed(item.valid_until, zone), "as in 2027-11-21");
                fields.push(ends);
                fields.push(Entry::line(Name::Reason, "Reason", "", "").with(at_hand()));
            }
            (What::Revoke, _) => {
                let words = |class: &RevokeClass| match class {
                    RevokeClass::Ended => "ended: the work is over",
                    RevokeClass::Mistake => "mistake: it should never have been given",
                    RevokeClass::Misuse => "misuse: it was abused",
                };
                let classes = RevokeClass::ALL.iter().map(|class| (class.word().to_owned(), words(class).to_owned()));
                fields.push(Entry::choice(Name::Class, "Class", classes.collect(), 0));
                fields.push(Entry::line(Name::Reason, "Reason", "", "").with(at_hand()));
            }
            (What::Deny, _) => {
                fields.push(Entry::line(Name::Reason, "Reason", "", "they read it").with(at_hand()));
            }
            _ => {}
        }
        fields
    }

    /// The texts at hand: the configuration's, else the desk's own.
    fn texts(&self, what: What) -> Vec<String> {
        let own = || what.reasons().iter().map(|reason| (*reason).to_owned()).collect();
        self.canned.get(what.command()).cloned().unwrap_or_else(own)
    }

    /// Judges every field and says anew what exactly will happen.
    pub(super) fn judge(&self, form: &mut Form) {
        if form.what == What::Ask {
            return self.judge_ask(form);
        }
        let wrongs: Vec<_> = form.fields.iter().map(|entry| self.wrong(form, entry)).collect();
        for (entry, wrong) in form.fields.iter_mut().zip(wrongs) {
            entry.wrong = wrong;
        }
        let one = form.targets.len() == 1;
        let mut plan = Vec::new();
        for target in &form.targets {
            let Some(row) = self.here().list.get(target.id) else { continue };
            let facts = self.here().facts.as_ref().filter(|(id, _)| *id == target.id);
            let facts = facts.and_then(|(_, facts)| facts.access.as_deref());
            let (command, rules, now) = (self.command(form, target), &self.rules, self.local());
            let command = command.as_ref();
            let lines = self.tab().plan(&Plan { row, what: form.what, command, facts, rules, now, short: !one });
            plan.extend(lines);
        }
        if !one {
            let mails = if form.what == What::Revoke { "person" } else { "requester" };
            plan.push(Fact::new("Mails", format!("{}, one to each {mails}", form.targets.len())));
        }
        form.plan = plan;
    }

    /// What a dialog on top rests on was read: it is judged again.
    pub(super) fn judge_again(&mut self) {
        if let Some(Layer::Form(mut form)) = self.layers.pop_if(|layer| matches!(layer, Layer::Form(_))) {
            self.judge(&mut form);
            self.layers.push(Layer::Form(form));
        }
    }

    fn wrong(&self, form: &Form, entry: &Entry) -> Option<String> {
        let (rules, now) = (&self.rules, self.now);
        match entry.name {
            Name::Count => (entry.value().trim().parse() != Ok(form.targets.len()))
                .then(|| format!("Type {} first: it is for that many.", form.targets.len())),
            Name::Reason => entry.input.is_blank().then(|| format!("To {} needs a reason.", form.what.verb())),
            Name::Starts => moment(entry.value(), rules.zone, now).err(),
            Name::Ends => {
                let ends = match moment(entry.value(), rules.zone, now) {
                    Err(why) => return Some(why),
                    Ok(ends) => ends,
                };
                if form.what == What::Edit && !entry.moved() && form.changed(Name::Starts).is_none() {
                    return None;
                }
                let (starts, ends) = match self.here().list.get(form.targets.first()?.id).map(|row| &row.item) {
                    Some(Item::Grant(_)) if ends <= now => {
                        return Some("That has passed: revoke the grant to end it now.".into());
                    }
                    Some(Item::Grant(_)) if !entry.moved() => {
                        return Some("It ends then already.".into());
                    }
                    Some(Item::Grant(item)) => (item.valid_from, ends),
                    Some(Item::Request(item)) => {
                        let starts = form
                            .changed(Name::Starts)
                            .map_or(Ok(item.access_starts), |text| moment(text, rules.zone, now));
                        (starts.unwrap_or(now), if entry.moved() { ends } else { item.access_ends })
                    }
                    _ => return None,
                };
                rules.period_why_not(starts, ends, now, true)
            }
            _ => None,
        }
    }

    /// What a dialog without mistakes does to a target.
    pub(super) fn command(&self, form: &Form, target: &Target) -> Option<Command> {
        if form.fields.iter().any(|entry| entry.wrong.is_some() && !matches!(entry.name, Name::Count | Name::Reason)) {
            return None;
        }
        let at = |name| form.changed(name).and_then(|text| moment(text, self.rules.zone, self.now).ok());
        let iva = form.changed(Name::Iva).and_then(|text| text.parse::<Uuid>().ok());
        let text = |name| form.changed(name).map(|text| text.trim().to_owned());
        let reason = form.value(Name::Reason).trim().to_owned();
        let (request, grant, seen_row_version) = (target.request_id(), target.grant_id(), Some(target.seen));
        let (starts, ends) = (at(Name::Starts), at(Name::Ends));
        Some(match form.what {
            What::Allow => {
                Command::AllowRequest { request, starts, ends, iva, note: text(Name::Note), seen_row_version }
            }
            What::Deny => Command::DenyRequest { request, reason, seen_row_version },
            What::Edit => {
                let changes = RequestChanges {
                    iva_id: iva,
                    access_starts: starts,
                    access_ends: ends,
                    ticket_id: text(Name::Ticket),
                    ..RequestChanges::default()
                };
                Command::EditRequest { request, changes, seen_row_version }
            }
            What::Amend => Command::AmendGrant { grant, until: ends?, reason, seen_row_version },
            What::Revoke => {
                let class = form.value(Name::Class).parse().ok()?;
                Command::RevokeGrant { grant, class, reason, seen_row_version }
            }
            What::Ask => return self.asked(form),
        })
    }

    /// A key for the dialog with fields, which was taken off the layers.
    pub(super) fn form_key(&mut self, mut form: Box<Form>, key: Key) -> Vec<Cmd> {
        match form.key(key, self.now) {
            Outcome::No if form.preview => {
                form.preview = false;
                form.focus = Focus::Field(0);
            }
            Outcome::No if form.what == What::Ask => return self.leave_ask(&form),
            Outcome::No => {
                self.say(Tone::Plain, "Nothing was done.");
                return Vec::new();
            }
            Outcome::Yes if form.what == What::Ask && !form.preview => {
                form.preview = true;
                form.focus = Focus::No;
                form.top = 0;
                form.guard.again(key, self.now);
            }
            Outcome::Yes => return self.do_form(&form),
            Outcome::Write => {
                self.layers.push(Layer::Form(form));
                return vec![Cmd::EditKey(key)];
            }
            Outcome::Stay => {}
        }
        self.judge(&mut form);
        let cmds = if form.what == What::Ask { self.ask_moved(&mut form) } else { Vec::new() };
        self.layers.push(Layer::Form(form));
        cmds
    }

    /// Pasted text for the dialog on top.
    pub(super) fn form_paste(&mut self, text: &str) -> Vec<Cmd> {
        let Some(Layer::Form(mut form)) = self.layers.pop() else { return Vec::new() };
        if form.writes() {
            self.layers.push(Layer::Form(form));
            return vec![Cmd::EditPaste(text.to_owned())];
        }
        if !form.preview {
            form.paste(text);
        }
        self.judge(&mut form);
        let cmds = if form.what == What::Ask { self.ask_moved(&mut form) } else { Vec::new() };
        self.layers.push(Layer::Form(form));
        cmds
    }

    fn do_form(&mut self, form: &Form) -> Vec<Cmd> {
        let order = |target: &Target| {
            Some(Order { id: Uuid::nil(), command: self.command(form, target)?, target: target.clone() })
        };
        let Some(mut orders) = form.targets.iter().map(order).collect::<Option<Vec<_>>>() else { return Vec::new() };
        let same = RequestChanges::default();
        if matches!(orders.as_slice(), [Order { command: Command::EditRequest { changes, .. }, .. }] if *changes == same)
        {
            self.say(Tone::Plain, "Nothing was changed.");
            return Vec::new();
        }
        for order in &mut orders {
            order.id = self.new_id();
        }
        self.toast = None;
        let decides = matches!(form.what, What::Allow | What::Deny | What::Revoke);
        self.send(form.what.verb(), decides, orders)
    }
}

fn heading(what: What) -> &'static str {
    match what {
        What::Allow => "Allow",
        What::Deny => "Deny",
        What::Edit => "Change",
        What::Amend => "Shorten or extend",
        What::Revoke => "Revoke",
        What::Ask => "Ask for access",
    }
}

/// What was typed as a moment; `now` and nothing are now.
pub(super) fn moment(text: &str, zone: Tz, now: DateTime<Utc>) -> Result<DateTime<Utc>, String> {
    match text.trim() {
        "" | "now" => Ok(now),
        text => text.parse::<When>().map(|when| when.at(zone)),
    }
}

fn dates(item: &AccessRequest, zone: Tz) -> [Entry; 2] {
    [
        Entry::line(Name::Starts, "Starts", typed(item.access_starts, zone), "as in 2026-11-21, or now"),
        Entry::line(Name::Ends, "Ends", typed(item.access_ends, zone), "as in 2027-11-21"),
    ]
}

/// The person's verified identities to choose from, the one named first.
fn ivas(item: &AccessRequest) -> Option<Entry> {
    let known = item.internal.as_ref().map_or(&[][..], |inside| &inside.ivas);
    let words = |iva: &crate::domain::access::Iva| {
        let verified = if iva.verified { "verified" } else { "not verified" };
        (iva.id.to_string(), format!("{}, {verified}", shown(&Untrusted::new(iva.kind.replace('_', " ")))))
    };
    let mut choices: Vec<_> = known.iter().map(words).collect();
    if item.iva_id.is_none() {
        choices.insert(0, (String::new(), "none is named".into()));
    }
    let at = choices.iter().position(|(id, _)| Some(id.as_str()) == item.iva_id.map(|id| id.to_string()).as_deref());
    (choices.len() > 1).then(|| Entry::choice(Name::Iva, "IVA", choices, at.unwrap_or(0)))
}

/// The target of a row that is no request or grant yet.
pub(super) fn new_target(name: String) -> Target {
    Target { id: 0, seen: 0, destination: String::new(), sha256: String::new(), name: Untrusted::new(name) }
}
