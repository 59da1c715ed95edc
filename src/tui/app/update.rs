//! One message in, the new state and the effects out.

use chrono::{DateTime, Timelike, Utc};

use super::answers::{done, facts, live, send_again};
use super::keys;
use super::layers::Layer;
use super::list::{PAGE, Reading};
use super::model::{Link, Model, Trouble};
use super::msg::{Cmd, Fit, Msg};
use super::preview::Preview;
use super::reading::{changed, listed, rows_came};
use super::typing;
use super::words::Tone;
use crate::domain::query::Known;
use crate::inspect::Page;
use crate::text::{Untrusted, shown};

/// Body lines of a preview asked for at a time, beyond what fits on the screen.
const PREVIEW_ROWS: u64 = 2000;

/// What a fresh desk does first.
#[must_use]
pub fn first(model: &mut Model) -> Vec<Cmd> {
    let mut cmds = vec![Cmd::Connect];
    cmds.extend(model.read(Fit::Start));
    cmds.extend([Cmd::ReadDrafts, Cmd::ReadHints]);
    cmds
}

/// Takes one message.
pub fn update(model: &mut Model, msg: Msg) -> Vec<Cmd> {
    if let Msg::Clock(now) = msg {
        return clock(model, now);
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
        Msg::Mouse(did, x, y) => super::mouse::mouse(model, did, x, y),
        Msg::Adapted { keymap, fault } => {
            model.keymap = *keymap;
            if fault.is_none() {
                model.say(Tone::Plain, "Keys and colours were read again.");
            }
            model.fault = fault.map(|text| shown(&Untrusted::new(text)));
            Vec::new()
        }
        Msg::Paste(text) => keys::paste(model, &text),
        Msg::Edited(text) => keys::edited(model, text),
        Msg::Signed(me) => model.signed(me),
        Msg::Trouble(trouble) => {
            model.trouble = trouble.map(|trouble| Trouble { why: shown(&Untrusted::new(trouble.why)), ..trouble });
            Vec::new()
        }
        Msg::Rules(rules) => {
            model.rules = rules;
            Vec::new()
        }
        Msg::Lost(sentence) => {
            model.link = Link::Lost(shown(&Untrusted::new(sentence)));
            Vec::new()
        }
        Msg::Live => live(model),
        Msg::Changed(area, ids) => changed(model, area, &ids),
        Msg::Resync => {
            model.here_mut().facts_asked = None;
            model.read(Fit::Again)
        }
        Msg::Listed { generation, fit, answer } => listed(model, generation, fit, answer),
        Msg::Counted { generation, total, all } => {
            if generation == model.here().list.generation {
                model.here_mut().list.total = Some(total);
                model.here_mut().list.all = all.or(model.here().list.all);
            }
            Vec::new()
        }
        Msg::Projects(projects) => {
            projects_came(model, projects);
            Vec::new()
        }
        Msg::Rows(rows) => rows_came(model, rows),
        Msg::Facts(area, id, answer) => {
            if area == model.area().word {
                facts(model, id, answer);
            }
            Vec::new()
        }
        Msg::Previewed { id, sha256, answer } => {
            previewed(model, id, &sha256, answer);
            Vec::new()
        }
        Msg::Job(id, news) => {
            model.job(id, news);
            Vec::new()
        }
        Msg::Status(parts) => {
            model.status = Some(parts);
            Vec::new()
        }
        Msg::Done { command, answer } => done(model, command, answer),
        Msg::KeyAnswered(of, answer) => model.key_answered(of, answer),
        Msg::Note { ok, text } => {
            model.say(if ok { Tone::Good } else { Tone::Stop }, shown(&text));
            Vec::new()
        }
        Msg::Hints(gone) => {
            model.hints = Some(gone);
            Vec::new()
        }
        Msg::Datasets(datasets) => model.datasets_came(&datasets),
        Msg::Defaults(dataset, answer) => model.defaults_came(&dataset, answer),
        Msg::Drafts(drafts) => {
            model.drafts = drafts;
            Vec::new()
        }
    };
    model.drop_stray();
    model.fit();
    model.looks();
    cmds.extend(model.wanted());
    cmds.extend(model.keep_seen(cmds.contains(&Cmd::Quit)));
    cmds
}

/// The projects one may see, for the filter line.
fn projects_came(model: &mut Model, projects: Vec<(String, Vec<String>)>) {
    for (project, destinations) in projects {
        Known::note(&mut model.known.projects, &project);
        for name in destinations {
            Known::note(&mut model.known.destinations, &name);
        }
    }
}

fn clock(model: &mut Model, now: DateTime<Utc>) -> Vec<Cmd> {
    let before = std::mem::replace(&mut model.now, now);
    if model.toast.as_ref().is_some_and(|toast| toast.until <= now) {
        model.toast = None;
        model.dirty = true;
    }
    let minute = |at: DateTime<Utc>| (at.date_naive(), at.hour(), at.minute());
    let counting =
        model.here().list.current().and_then(|row| model.tab().held(row)).is_some_and(|until| until >= before);
    if model.count_down(before) {
        model.dirty = true;
    }
    if minute(before) != minute(now) || (counting && before.timestamp() != now.timestamp()) {
        model.dirty = true;
    }
    model.count_seen();
    let mut cmds = send_again(model);
    cmds.extend(model.keep_seen(false));
    cmds.extend(typing::rested(model));
    cmds
}

impl Model {
    /// What the new state needs to read: the next page, votes and comments, the next stretch of a preview.
    fn wanted(&mut self) -> Vec<Cmd> {
        let mut cmds = Vec::new();
        if self.here().list.reading == Reading::Done {
            if self.here().list.wants_more() {
                cmds.push(self.page(Fit::More, self.here().list.next.clone(), PAGE));
            } else if self.here().list.wants_before()
                && let Some(first) = self.here().list.rows().first().and_then(|row| row.place.clone())
            {
                cmds.push(self.page(Fit::Before, Some(first), PAGE));
            }
        }
        let at = self.layout();
        // A dialog and the history rest on them too: what access there is, what remains, what happened.
        let layer = self.layers.iter().any(|layer| matches!(layer, Layer::History(_)));
        let layer = layer || self.dialog().is_some_and(|dialog| dialog.spec.facts);
        let shows = at.detail.h > 0 || layer || self.preview_here() || (self.tab().has_side() && at.preview.h > 0);
        if let Some((id, version)) = self.here().list.current().map(|row| (row.id, row.version))
            && shows
            && self.here().facts_asked != Some((id, version))
        {
            self.here_mut().facts_asked = Some((id, version));
            cmds.push(Cmd::Facts(self.area().word, id));
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

    /// The connection is back: what could not be opened without it is asked for again.
    pub(super) fn look_again(&mut self) -> Vec<Cmd> {
        let here = self.preview_here();
        let Some(preview) = self.preview.as_mut().filter(|preview| here && preview.failed.is_some()) else {
            return Vec::new();
        };
        preview.failed = None;
        if preview.doc.is_some() {
            return Vec::new();
        }
        let (id, sha256) = (preview.id, preview.sha256.clone());
        self.open_preview(id, sha256)
    }

    /// Opens the preview of a row: the first part is asked for.
    pub fn open_preview(&mut self, id: i64, sha256: String) -> Vec<Cmd> {
        self.preview = Some(Preview::asked(id, sha256.clone()));
        vec![Cmd::Preview { id, sha256, offset: 0, rows: PREVIEW_ROWS }]
    }
}

fn previewed(model: &mut Model, id: i64, sha256: &str, answer: Result<Page, String>) {
    let Some(preview) = model.preview.as_mut().filter(|preview| preview.id == id && preview.sha256 == sha256) else {
        return;
    };
    match answer {
        Ok(page) => {
            preview.take(page);
            model.looked(id);
            model.hunt();
        }
        Err(sentence) => {
            preview.loading = false;
            preview.failed = Some(shown(&Untrusted::new(sentence)));
        }
    }
}
