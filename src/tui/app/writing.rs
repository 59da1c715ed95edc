//! The editor of a text that is sent by itself: a comment, a note. What it is and who reads it the tab says as data; texts
//! for different readers never look alike. Opened by `acts`; drawn by `ui::writing`.

use uuid::Uuid;

use super::actions::{Action, refusal_shown};
use super::key::Key;
use super::layers::Layer;
use super::model::{Model, Reply, Sent};
use super::msg::{Cmd, Order};
use super::state::draft::Draft;
use super::state::writing::{Outcome, READER, TEXT, Text, Writing};
use super::words::Tone;
use crate::domain::refusal::Answer;
use crate::text::{Untrusted, shown};

impl Model {
    /// Opens the editor on the row under the cursor, with the draft that was kept or the text there is.
    pub(super) fn write(&mut self, action: Action, spec: &'static Text) -> Vec<Cmd> {
        let tab = self.tab();
        let Some(row) = self.here().list.current() else { return Vec::new() };
        let Some(target) = tab.targets(row, spec.command).into_iter().next() else { return Vec::new() };
        let before = (spec.before)(row);
        let kept = self.kept(&self.of(row.id, spec.noun));
        let of = |name: &str| kept.and_then(|words| words.get(name));
        let readers = (spec.readers)(row);
        let reader = of(READER).and_then(|reader| reader.parse().ok()).filter(|at| *at < readers.len()).unwrap_or(0);
        let text = of(TEXT).unwrap_or(&before).clone();
        let writing = Writing {
            spec,
            action,
            target,
            name: tab.name(row),
            title: (spec.title)(row),
            readers,
            reader,
            text: text.clone(),
            before,
            seen: (spec.seen)(row, self.local()),
            order: None,
            sending: false,
            moved_on: false,
            complaint: None,
        };
        self.layers.push(Layer::Writing(Box::new(writing)));
        vec![Cmd::Edit(text)]
    }

    /// A key for the editor on top, which was taken off the layers.
    pub(super) fn writing_key(&mut self, mut writing: Box<Writing>, key: Key) -> Vec<Cmd> {
        let cmds = match writing.key(key) {
            Outcome::Close => return self.close_writing(&writing),
            Outcome::Stay => Vec::new(),
            Outcome::Turned => self.keep_writing(&writing),
            Outcome::Send => self.send_writing(&mut writing),
            Outcome::Write => vec![Cmd::EditKey(key)],
        };
        self.layers.push(Layer::Writing(writing));
        cmds
    }

    /// What went out and has no answer is waited for without the editor, as a dialog's command is.
    fn close_writing(&mut self, writing: &Writing) -> Vec<Cmd> {
        let cmds = self.keep_writing(writing);
        let noun = writing.spec.noun;
        if let Some(order) = writing.order.clone() {
            let draft = Draft { of: self.of(writing.target.id, noun), words: writing.words() };
            let reply = if writing.sending { Reply::Waiting } else { Reply::Unanswered(String::new()) };
            let orders = vec![(order, reply)];
            let area = self.area().word;
            let mut sent =
                Sent { verb: noun, area, decides: false, draft: Some(draft), orders, missed: 0, again: None };
            if !writing.sending {
                sent.missed(self.now);
            }
            self.sent.push(sent);
            let already = if writing.sending { "is on its way" } else { "is sent again until an answer comes" };
            self.say(Tone::Plain, format!("The {noun} {already}."));
        } else if self.kept(&self.of(writing.target.id, noun)).is_some() {
            let key = self.keymap.key(writing.action);
            self.say(Tone::Plain, format!("The {noun} is kept as a draft; {key} goes on with it."));
        }
        cmds
    }

    fn keep_writing(&mut self, writing: &Writing) -> Vec<Cmd> {
        self.keep(Draft { of: self.of(writing.target.id, writing.spec.noun), words: writing.words() })
    }

    fn send_writing(&mut self, writing: &mut Writing) -> Vec<Cmd> {
        let text = writing.text.trim_end().to_owned();
        if text.is_empty() && writing.before.is_empty() {
            writing.complaint = Some("There is nothing to send yet.".into());
            return Vec::new();
        }
        // Told that it moved on, the person's next try is about what it is now.
        if std::mem::take(&mut writing.moved_on)
            && let Some(row) = self.here().list.get(writing.target.id)
        {
            writing.target.seen = row.version;
        }
        writing.complaint = None;
        writing.sending = true;
        let order = writing.order.take().unwrap_or_else(|| Order {
            id: self.new_id(),
            command: (writing.spec.command_of)(text, writing.reader, &writing.target),
            target: writing.target.clone(),
        });
        writing.order = Some(order.clone());
        vec![Cmd::Send(vec![order])]
    }

    /// The text, as the editor has it now.
    pub(super) fn written(&mut self, text: String) -> Vec<Cmd> {
        let Some(Layer::Writing(mut writing)) = self.layers.pop() else { return Vec::new() };
        let mut cmds = Vec::new();
        if writing.text != text {
            writing.text = text;
            // Another text is another command: the id is bound to what it sent.
            writing.order = None;
            cmds = self.keep_writing(&writing);
        }
        self.layers.push(Layer::Writing(writing));
        cmds
    }

    /// The answer to a text, if it was one: the editor closes, or says what went wrong and keeps the text.
    pub(super) fn writing_answered(&mut self, command: Uuid, answer: &Result<Answer, String>) -> Option<Vec<Cmd>> {
        let sends = |layer: &Layer| matches!(layer, Layer::Writing(one) if one.sending && one.order.as_ref().is_some_and(|order| order.id == command));
        let at = self.layers.iter().position(sends)?;
        let Layer::Writing(writing) = &mut self.layers[at] else { return None };
        writing.sending = false;
        match answer {
            Ok(answer) if answer.ok => {
                let (id, noun, name) = (writing.target.id, writing.spec.noun, writing.name.clone());
                self.layers.remove(at);
                self.here_mut().facts_asked = None;
                self.say(Tone::Good, format!("{name}: {}", shown(&Untrusted::new(answer.sentence.clone()))));
                let mut cmds = self.drop_draft(self.of(id, noun));
                cmds.push(Cmd::Rows(self.area().word, vec![id]));
                return Some(cmds);
            }
            Ok(answer) => {
                writing.order = None;
                writing.moved_on = answer.code == "changed";
                writing.complaint = answer.clone().into_result().err().as_ref().map(refusal_shown);
            }
            Err(sentence) => {
                writing.complaint =
                    Some(format!("{} ctrl-s sends it again.", shown(&Untrusted::new(sentence.clone()))));
            }
        }
        Some(Vec::new())
    }
}
