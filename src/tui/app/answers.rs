//! Answers to commands: who was first, what came of each, what goes out again. Called by `update`.

use chrono::{DateTime, TimeDelta, Utc};

use super::actions::refusal_shown;
use super::layers::{Layer, Results};
use super::model::{Link, Model, Reply, Sent};
use super::msg::Cmd;
use super::row::Row;
use super::state::facts::{Facts, HistoryLine};
use super::state::help::Place;
use super::words::Tone;
use crate::domain::refusal::Answer;
use crate::text::{Untrusted, shown};

pub(super) fn live(model: &mut Model) -> Vec<Cmd> {
    let before = std::mem::replace(&mut model.link, Link::Live);
    // Whatever the link was thought to be: an answer may have gone missing while it was being made again.
    let mut cmds: Vec<Cmd> = model.sent.iter_mut().filter_map(Sent::again).collect();
    if before != Link::Live {
        cmds.extend(model.look_again());
        cmds.extend(model.ask_again());
    }
    cmds
}

/// Time passed: what still has no answer goes out again.
pub(super) fn send_again(model: &mut Model) -> Vec<Cmd> {
    if model.link != Link::Live {
        return Vec::new();
    }
    let now = model.now;
    let due = model.sent.iter_mut().filter(|sent| sent.again.is_some_and(|at| at <= now));
    let cmds: Vec<Cmd> = due.filter_map(Sent::again).collect();
    model.dirty |= !cmds.is_empty();
    cmds
}

/// The longest pause before a command without an answer goes out again, in seconds.
const LONGEST_PAUSE: i64 = 30;

impl Sent {
    /// No answer came: it goes out again after a pause that grows. Returns the pause in seconds.
    pub(super) fn missed(&mut self, now: DateTime<Utc>) -> i64 {
        let pause = (2_i64 << self.missed.min(4)).min(LONGEST_PAUSE);
        self.missed += 1;
        self.again = Some(now + TimeDelta::seconds(pause));
        pause
    }

    /// What an answer is awaited to, safe to draw: `approve a.csv`.
    #[must_use]
    pub fn waits_for(&self) -> String {
        let open = || self.orders.iter().filter(|(_, came)| matches!(came, Reply::Waiting | Reply::Unanswered(_)));
        let name = open().next().map(|(order, _)| shown(&order.target.name)).unwrap_or_default();
        match open().count() {
            0 | 1 => format!("{} {name}", self.verb).trim_end().to_owned(),
            count => format!("{} {name} and {} more", self.verb, count - 1),
        }
    }

    /// What it is about, safe to draw: the only name, or how many.
    fn names(&self) -> String {
        match self.orders.as_slice() {
            [(order, _)] => shown(&order.target.name),
            many => format!("{} of {}", self.verb, many.len()),
        }
    }

    /// The unanswered commands once more, under their own ids.
    fn again(&mut self) -> Option<Cmd> {
        self.again = None;
        let mut open = Vec::new();
        for (order, came) in &mut self.orders {
            if matches!(came, Reply::Unanswered(_)) {
                *came = Reply::Waiting;
                open.push(order.clone());
            }
        }
        if open.is_empty() {
            return None;
        }
        Some(Cmd::Send(open))
    }
}

/// Closes a dialog whose target moved on, and says why; what was written in it is kept.
pub(super) fn close_outdated(model: &mut Model, rows: &[Row]) -> Vec<Cmd> {
    let Some(at) = model.layers.iter().position(|layer| matches!(layer, Layer::Dialog(_))) else { return Vec::new() };
    let Some(row) = model.dialog().and_then(|dialog| rows.iter().find(|row| dialog.outdated(row))) else {
        return Vec::new();
    };
    let (what, name) = moved_on(model, row);
    let Layer::Dialog(dialog) = model.layers.remove(at) else { return Vec::new() };
    // Its help would hide why it closed.
    model.layers.retain(|layer| !matches!(layer, Layer::Help(help) if help.place == Place::Dialog));
    model.say(Tone::Warn, format!("{name}: nothing was {}, meanwhile {what}.", dialog.spec.nothing));
    model.here_mut().facts_asked = None;
    let mut cmds = model.keep_words(&dialog);
    if !dialog.spec.facts {
        model.here_mut().explain = Some((row.id, name, dialog.guard.opened()));
        cmds.push(Cmd::Facts(model.area().word, row.id));
    }
    cmds
}

/// What another person did to a row, and the row's name.
fn moved_on(model: &Model, row: &Row) -> (String, String) {
    let name = model.tab().name(row);
    let what = match model.here().list.get(row.id) {
        Some(old) => model.tab().changed(old, row),
        None => "it changed".into(),
    };
    (what, name)
}

pub(super) fn facts(model: &mut Model, id: i64, answer: Result<Facts, String>) {
    match answer {
        Err(sentence) => model.say_here(Tone::Stop, shown(&Untrusted::new(sentence))),
        Ok(facts) => {
            if let Some(seen) = facts.own_look() {
                model.seen_before(id, seen);
            }
            explain(model, id, &facts);
            if model.here().list.cursor == Some(id) {
                model.here_mut().facts = Some((id, facts));
                model.here_mut().facts_read += 1;
                model.judge_again();
            }
        }
    }
}

impl Model {
    /// What happened to the row under the cursor, oldest first, once it was read.
    #[must_use]
    pub fn past(&self) -> Option<&[HistoryLine]> {
        let (id, facts) = self.here().facts.as_ref()?;
        (self.here().list.cursor == Some(*id)).then_some(facts.history.as_slice())
    }
}

/// Says who came first, when, and what they did, where the history knows it.
fn explain(model: &mut Model, id: i64, facts: &Facts) {
    let Some((_, name, opened)) = model.here_mut().explain.take_if(|(of, ..)| *of == id) else { return };
    // Before that the row was read, so it cannot be news; clocks differ a little.
    let since = opened - TimeDelta::seconds(60);
    let news = |line: &&HistoryLine| line.changed && line.at >= since && line.who != model.login();
    let Some(line) = facts.history.iter().rev().find(news) else { return };
    let ago = super::acts::ago(model.now - line.at);
    let who = shown(&Untrusted::new(line.who.as_str()));
    let said = if line.said.is_empty() { String::new() } else { format!(": \"{}\"", shown(&line.said)) };
    let text = format!("{name}: nothing was decided, {who} {} {ago} ago{said}.", shown(&line.did));
    model.say(Tone::Warn, text);
}

pub(super) fn done(model: &mut Model, command: uuid::Uuid, answer: Result<Answer, String>) -> Vec<Cmd> {
    if let Some(cmds) = model.writing_answered(command, &answer) {
        return cmds;
    }
    let came = match answer.map(Answer::into_result) {
        Ok(Ok(answer)) => Reply::Done(shown(&Untrusted::new(answer.sentence))),
        Ok(Err(refusal)) => Reply::Refused(refusal_shown(&refusal)),
        Err(sentence) => Reply::Unanswered(shown(&Untrusted::new(sentence))),
    };
    let Some(at) = model.sent.iter().position(|sent| sent.orders.iter().any(|(order, _)| order.id == command)) else {
        return Vec::new();
    };
    for (order, slot) in &mut model.sent[at].orders {
        if order.id == command {
            *slot = came.clone();
        }
    }
    let orders = &model.sent[at].orders;
    if orders.iter().any(|(_, came)| *came == Reply::Waiting) {
        return Vec::new();
    }
    let why =
        orders.iter().find_map(|(_, came)| if let Reply::Unanswered(why) = came { Some(why.clone()) } else { None });
    if let Some(why) = why {
        let (name, now) = (model.sent[at].names(), model.now);
        let pause = model.sent[at].missed(now);
        let when =
            if model.link == Link::Live { format!("in {pause} s") } else { "once the connection is back".into() };
        let text = format!("{name}: no answer came. {why} It is sent again, under the same id, {when}.");
        model.say(Tone::Stop, text);
        return Vec::new();
    }
    let sent = model.sent.remove(at);
    model.leaving = false;
    finished(model, &sent)
}

/// All answers are in: say them, take the marks of what was done away, go on to the next row.
fn finished(model: &mut Model, sent: &Sent) -> Vec<Cmd> {
    let mut ids: Vec<i64> = sent.orders.iter().map(|(order, _)| order.target.id).collect();
    ids.dedup();
    let mut lines = Vec::new();
    for (order, came) in &sent.orders {
        let (tone, text) = match came {
            Reply::Done(sentence) => {
                if let Some(state) = model.tab_of(sent.area) {
                    state.list.marks.remove(&order.target.id);
                }
                (Tone::Good, sentence.clone())
            }
            Reply::Refused(sentence) | Reply::Unanswered(sentence) => (Tone::Stop, sentence.clone()),
            Reply::Waiting => continue,
        };
        lines.push((shown(&order.target.name), tone, text));
    }
    if lines.iter().any(|(_, tone, _)| *tone == Tone::Good) {
        model.decided(sent);
    }
    let good = lines.iter().filter(|(_, tone, _)| *tone == Tone::Good).count();
    if let [(name, tone, text)] = lines.as_slice() {
        // A new request has no name yet.
        let named = if name.is_empty() { text.clone() } else { format!("{name}: {text}") };
        model.say(*tone, named);
    } else {
        let title = format!("{}: {good} of {} done", sent.verb, lines.len());
        model.layers.push(Layer::Results(Results { title, lines, top: 0 }));
    }
    let fills = model.fills();
    let mut opened = Vec::new();
    let here = sent.area == model.area().word && model.here().list.cursor.is_some_and(|id| ids.contains(&id));
    if good > 0 && here && sent.decides {
        let (tab, me) = (model.tab(), model.login());
        if let Some(next) = model.here().list.find(false, |row| !ids.contains(&row.id) && tab.undecided(row, me)) {
            model.here_mut().list.cursor = Some(next);
            model.here_mut().list.follow();
            model.here_mut().detail_top = 0;
            // Who reads through them reads on.
            if fills {
                opened = model.show_preview();
            }
        }
    }
    let draft = sent.draft.clone();
    let mut cmds =
        draft.map_or_else(Vec::new, |draft| if good > 0 { model.drop_draft(draft.of) } else { model.keep(draft) });
    cmds.extend(opened);
    // What was made has no row yet that could be read: the change feed tells of it.
    ids.retain(|id| *id != 0);
    if !ids.is_empty() {
        cmds.extend([Cmd::Rows(sent.area, ids), model.recount()]);
    }
    cmds
}
