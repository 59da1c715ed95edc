//! One message in, the new state and the effects out.

use chrono::{DateTime, Timelike, Utc};

use super::actions::refusal_shown;
use super::keys;
use super::layers::{Facts, Layer, Results};
use super::list::{PAGE, Reading};
use super::model::{Came, Link, Model, Sent};
use super::msg::{Cmd, Fit, Msg};
use super::preview::Preview;
use super::row::Row;
use super::tab::Tone;
use crate::domain::refusal::Answer;
use crate::text::{Untrusted, shown};

/// Largest page asked for when a list is read again.
const AGAIN: usize = 1000;
/// Body lines of a preview asked for at a time, beyond what fits on the screen.
const PREVIEW_ROWS: u64 = 100;

/// What a fresh desk does first.
#[must_use]
pub fn first(model: &mut Model) -> Vec<Cmd> {
    let mut cmds = vec![Cmd::Connect];
    cmds.extend(model.read(Fit::Start));
    cmds.push(Cmd::ReadDraft);
    cmds
}

/// Takes one message.
pub fn update(model: &mut Model, msg: Msg) -> Vec<Cmd> {
    if let Msg::Clock(now) = msg {
        clock(model, now);
        return Vec::new();
    }
    model.dirty = true;
    let mut cmds = match msg {
        Msg::Clock(_) => Vec::new(),
        Msg::Resize(w, h) => {
            model.size = (w, h);
            Vec::new()
        }
        Msg::Key(key) => {
            model.key = Some(key);
            keys::key(model, key)
        }
        Msg::Paste(text) => keys::paste(model, &text),
        Msg::Edited(text) => keys::edited(model, text),
        Msg::Signed(me) => {
            model.me = Some(me);
            if matches!(model.list.reading, Reading::Failed(_)) { model.read(Fit::Again) } else { Vec::new() }
        }
        Msg::Trouble(sentence) => {
            model.trouble = sentence.map(|text| shown(&Untrusted::new(text)));
            Vec::new()
        }
        Msg::Lost(sentence) => {
            model.link = Link::Lost(shown(&Untrusted::new(sentence)));
            Vec::new()
        }
        Msg::Live => live(model),
        Msg::Changed(ids) => changed(model, &ids),
        Msg::Resync => {
            model.facts_asked = None;
            model.read(Fit::Again)
        }
        Msg::Listed { generation, fit, answer } => listed(model, generation, fit, answer),
        Msg::Counted { generation, total, all } => {
            if generation == model.list.generation {
                model.list.total = Some(total);
                model.list.all = all.or(model.list.all);
            }
            Vec::new()
        }
        Msg::Rows(rows) => rows_came(model, rows),
        Msg::Facts(id, answer) => {
            facts(model, id, answer);
            Vec::new()
        }
        Msg::Previewed { id, sha256, answer } => {
            previewed(model, id, &sha256, answer);
            Vec::new()
        }
        Msg::Done { command, answer } => done(model, command, answer),
        Msg::Note { ok, text } => {
            model.say(if ok { Tone::Good } else { Tone::Stop }, shown(&text));
            Vec::new()
        }
        Msg::Draft(draft) => {
            model.draft = draft;
            Vec::new()
        }
    };
    model.fit();
    cmds.extend(model.wanted());
    cmds
}

fn clock(model: &mut Model, now: DateTime<Utc>) {
    let before = std::mem::replace(&mut model.now, now);
    if model.toast.as_ref().is_some_and(|toast| toast.until <= now) {
        model.toast = None;
        model.dirty = true;
    }
    let minute = |at: DateTime<Utc>| (at.date_naive(), at.hour(), at.minute());
    let counting = model.list.current().and_then(model.tab().held).is_some_and(|until| until >= before);
    if minute(before) != minute(now) || (counting && before.timestamp() != now.timestamp()) {
        model.dirty = true;
    }
}

impl Model {
    /// Reads the list: a new question, or the same again.
    pub fn read(&mut self, fit: Fit) -> Vec<Cmd> {
        self.list.generation += 1;
        self.list.reading = Reading::Busy;
        self.stale = false;
        if fit == Fit::Start {
            self.list.total = None;
        }
        let page = match fit {
            Fit::Again => u32::try_from(self.list.rows().len().clamp(PAGE as usize, AGAIN)).unwrap_or(PAGE),
            _ => PAGE,
        };
        let (generation, filter) = (self.list.generation, self.checked.clone());
        let mut cmds = vec![
            Cmd::List { generation, fit, filter: filter.clone(), after: None, page },
            Cmd::Count { generation, filter },
        ];
        // The filter may no longer let a dialog's rows through: they are read by id, so that it learns of a change.
        let targets = self.dialog_targets();
        if !targets.is_empty() {
            cmds.push(Cmd::Rows(targets));
        }
        cmds
    }

    /// The rows an open decision is about.
    fn dialog_targets(&self) -> Vec<i64> {
        match self.layers.last() {
            Some(Layer::Decide(dialog)) => dialog.targets.iter().map(|target| target.id).collect(),
            _ => Vec::new(),
        }
    }

    /// What the new state needs to read: the next page, votes and comments, the next stretch of a preview.
    fn wanted(&mut self) -> Vec<Cmd> {
        let mut cmds = Vec::new();
        if self.list.wants_more() && self.list.reading == Reading::Done {
            self.list.reading = Reading::Busy;
            cmds.push(Cmd::List {
                generation: self.list.generation,
                fit: Fit::More,
                filter: self.checked.clone(),
                after: self.list.next.clone(),
                page: PAGE,
            });
        }
        let shows = self.layout().detail.h > 0;
        if let Some((id, version)) = self.list.current().map(|row| (row.id, row.version))
            && shows
            && self.facts_asked != Some((id, version))
        {
            self.facts_asked = Some((id, version));
            cmds.push(Cmd::Facts(id));
        }
        let height = self.preview_height;
        let here = self.preview_here();
        if let Some(preview) = &mut self.preview
            && here
            && let Some(offset) = preview.wants(height)
        {
            preview.loading = true;
            cmds.push(Cmd::Preview {
                id: preview.id,
                sha256: preview.sha256.clone(),
                offset,
                rows: PREVIEW_ROWS + height as u64,
            });
        }
        cmds
    }

    /// Opens the preview of a row: the first part is asked for.
    pub fn open_preview(&mut self, id: i64, sha256: String) -> Vec<Cmd> {
        self.preview = Some(Preview::asked(id, sha256.clone()));
        vec![Cmd::Preview { id, sha256, offset: 0, rows: PREVIEW_ROWS }]
    }
}

fn live(model: &mut Model) -> Vec<Cmd> {
    let before = std::mem::replace(&mut model.link, Link::Live);
    let mut cmds = Vec::new();
    if matches!(before, Link::Lost(_)) {
        for sent in &mut model.sent {
            cmds.extend(sent.again());
        }
    }
    cmds
}

impl Sent {
    /// The unanswered commands once more, under their own ids.
    fn again(&mut self) -> Option<Cmd> {
        let mut open = Vec::new();
        for (order, came) in &mut self.orders {
            if matches!(came, Came::Unanswered(_)) {
                *came = Came::Waiting;
                open.push(order.clone());
            }
        }
        if open.is_empty() {
            return None;
        }
        Some(match self.cmd.clone() {
            Cmd::Decide { verdict, comment, coverage, .. } => Cmd::Decide { verdict, orders: open, comment, coverage },
            other => other,
        })
    }
}

fn changed(model: &mut Model, ids: &[i64]) -> Vec<Cmd> {
    let targets = model.dialog_targets();
    let known: Vec<i64> =
        ids.iter().copied().filter(|id| model.list.get(*id).is_some() || targets.contains(id)).collect();
    let mut cmds = Vec::new();
    if model.facts_asked.is_some_and(|(id, _)| known.contains(&id)) {
        model.facts_asked = None;
    }
    if known.len() < ids.len() {
        if model.list.reading == Reading::Busy {
            model.stale = true;
        } else {
            cmds.extend(model.read(Fit::Again));
        }
    }
    if !known.is_empty() {
        cmds.push(Cmd::Rows(known));
    }
    cmds
}

type Listed = Result<(Vec<Row>, Option<crate::domain::page::Cursor>), String>;

fn listed(model: &mut Model, generation: u64, fit: Fit, answer: Listed) -> Vec<Cmd> {
    if generation != model.list.generation {
        return Vec::new();
    }
    match answer {
        Err(sentence) => model.list.reading = Reading::Failed(shown(&Untrusted::new(sentence))),
        Ok((rows, next)) => {
            close_outdated(model, &rows);
            model.list.reading = Reading::Done;
            model.list.next = next;
            match fit {
                Fit::Start => model.list.start(rows),
                Fit::Again => model.list.again(rows),
                Fit::More => model.list.more(rows),
            }
        }
    }
    if model.stale { model.read(Fit::Again) } else { Vec::new() }
}

fn rows_came(model: &mut Model, rows: Vec<Row>) -> Vec<Cmd> {
    let cmds = close_outdated(model, &rows);
    for row in rows {
        model.list.replace(&row);
    }
    cmds
}

/// Closes a dialog whose target moved on, and says why.
fn close_outdated(model: &mut Model, rows: &[Row]) -> Vec<Cmd> {
    let open = model.layers.iter().position(|layer| matches!(layer, Layer::Decide(_)));
    let Some((at, Layer::Decide(dialog))) = open.map(|at| (at, &model.layers[at])) else { return Vec::new() };
    let Some(row) = rows.iter().find(|row| dialog.outdated(row)) else { return Vec::new() };
    let name = (model.tab().name)(row);
    let what = match model.list.get(row.id) {
        Some(old) => (model.tab().changed)(old, row),
        None => "it changed".into(),
    };
    model.layers.remove(at);
    model.say(Tone::Warn, format!("Nothing was decided: meanwhile {what} ({name})."));
    model.explain = Some((row.id, name));
    model.facts_asked = None;
    vec![Cmd::Facts(row.id)]
}

fn facts(model: &mut Model, id: i64, answer: Result<Facts, String>) {
    match answer {
        Err(sentence) => model.say(Tone::Stop, shown(&Untrusted::new(sentence))),
        Ok(facts) => {
            if let Some((explained, name)) = model.explain.clone()
                && explained == id
            {
                model.explain = None;
                let others = facts.votes.iter().filter(|vote| vote.voter != model.login());
                if let Some(vote) = others.max_by_key(|vote| vote.at) {
                    let ago = super::acts::ago(model.now - vote.at);
                    let did = match vote.kind.as_str() {
                        "approve" => "approved it",
                        "reject" => "rejected it",
                        _ => "asked for changes",
                    };
                    let voter = shown(&Untrusted::new(vote.voter.clone()));
                    let said =
                        if vote.comment.is_empty() { String::new() } else { format!(": \"{}\"", shown(&vote.comment)) };
                    model.say(Tone::Warn, format!("Nothing was decided: {voter} {did} {ago} ago{said} ({name})."));
                }
            }
            if model.list.cursor == Some(id) {
                model.facts = Some((id, facts));
            }
        }
    }
}

fn previewed(model: &mut Model, id: i64, sha256: &str, answer: Result<super::preview::Part, String>) {
    let Some(preview) = model.preview.as_mut().filter(|preview| preview.id == id && preview.sha256 == sha256) else {
        return;
    };
    match answer {
        Ok(part) => preview.take(part),
        Err(sentence) => {
            preview.loading = false;
            preview.failed = Some(shown(&Untrusted::new(sentence)));
        }
    }
}

fn done(model: &mut Model, command: uuid::Uuid, answer: Result<Answer, String>) -> Vec<Cmd> {
    if let Some(cmds) = keys::comment_answered(model, command, &answer) {
        return cmds;
    }
    let came = match answer.map(Answer::into_result) {
        Ok(Ok(answer)) => Came::Done(shown(&Untrusted::new(answer.sentence))),
        Ok(Err(refusal)) => Came::Refused(refusal_shown(&refusal)),
        Err(sentence) => Came::Unanswered(shown(&Untrusted::new(sentence))),
    };
    let Some(at) = model.sent.iter().position(|sent| sent.orders.iter().any(|(order, _)| order.command == command))
    else {
        return Vec::new();
    };
    for (order, slot) in &mut model.sent[at].orders {
        if order.command == command {
            *slot = came.clone();
        }
    }
    let orders = &model.sent[at].orders;
    if orders.iter().any(|(_, came)| *came == Came::Waiting) {
        return Vec::new();
    }
    if let Some(Came::Unanswered(why)) =
        orders.iter().map(|(_, came)| came).find(|came| matches!(came, Came::Unanswered(_)))
    {
        let text = format!("No answer came: {why} It is sent again, under the same id, once the connection is back.");
        model.say(Tone::Stop, text);
        return Vec::new();
    }
    let sent = model.sent.remove(at);
    finished(model, &sent)
}

/// All answers are in: say them, take the marks of what was done away, go on to the next row.
fn finished(model: &mut Model, sent: &Sent) -> Vec<Cmd> {
    let mut ids: Vec<i64> = sent.orders.iter().map(|(order, _)| order.target.id).collect();
    ids.dedup();
    let mut lines = Vec::new();
    for (order, came) in &sent.orders {
        let (tone, text) = match came {
            Came::Done(sentence) => {
                model.list.marks.remove(&order.target.id);
                (Tone::Good, sentence.clone())
            }
            Came::Refused(sentence) | Came::Unanswered(sentence) => (Tone::Stop, sentence.clone()),
            Came::Waiting => continue,
        };
        lines.push((shown(&order.target.name), tone, text));
    }
    let good = lines.iter().filter(|(_, tone, _)| *tone == Tone::Good).count();
    if let [(_, tone, text)] = lines.as_slice() {
        model.say(*tone, text.clone());
    } else {
        let title = format!("{}: {good} of {} done", sent.verb, lines.len());
        model.layers.push(Layer::Results(Results { title, lines, top: 0 }));
    }
    let here = model.list.cursor.is_some_and(|id| ids.contains(&id));
    if good > 0 && here && matches!(sent.cmd, Cmd::Decide { .. }) {
        let (undecided, me) = (model.tab().undecided, model.login().to_owned());
        if let Some(next) = model.list.find(false, |row| !ids.contains(&row.id) && undecided(row, &me)) {
            model.list.cursor = Some(next);
            model.list.follow();
            model.detail_top = 0;
        }
    }
    vec![Cmd::Rows(ids)]
}
