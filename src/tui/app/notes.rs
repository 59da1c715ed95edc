//! The editors of a request's notes: one that only stewards read, one that the requester reads, and comments among
//! stewards. They never look alike, and the one for the requester shows what the requester will see.

use uuid::Uuid;

use super::actions::refusal_shown;
use super::key::{Code, Key};
use super::layers::Layer;
use super::model::Model;
use super::msg::{Cmd, Draft, DraftOf, Order};
use super::row::{Item, Target};
use super::tab::{Fact, Tone};
use crate::domain::command::{Command, RequestChanges};
use crate::domain::refusal::Answer;
use crate::text::{Untrusted, shown};

/// Who reads what is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Audience {
    /// A note: the stewards.
    Stewards,
    /// A note: the requester.
    Requester,
    /// A comment: the stewards.
    Comment,
}

impl Audience {
    /// The command whose why-not the row answers.
    fn command(self) -> &'static str {
        match self {
            Self::Stewards => "note",
            Self::Requester => "edit",
            Self::Comment => "comment",
        }
    }

    fn draft(self) -> DraftOf {
        match self {
            Self::Stewards => DraftOf::InternalNote,
            Self::Requester => DraftOf::NoteToRequester,
            Self::Comment => DraftOf::RequestComment,
        }
    }
}

/// A note being written; its text lives in the editor of `tui::ui`, its last reading here.
#[derive(Clone, Debug, PartialEq)]
pub struct NoteEdit {
    /// Who reads it.
    pub audience: Audience,
    /// The request, as seen.
    pub target: Target,
    /// Who asked, safe to draw.
    pub login: String,
    /// What to call the request, safe to draw.
    pub name: String,
    /// The text so far.
    pub text: String,
    /// The note as it was.
    pub before: String,
    /// What the requester sees beside the note.
    pub seen: Vec<Fact>,
    /// The id this text goes out under; a retry keeps it.
    pub command: Option<Uuid>,
    /// It is on its way.
    pub sending: bool,
    /// What went wrong the last time.
    pub complaint: Option<String>,
}

impl Model {
    /// Opens an editor on the request under the cursor, with the note there is or the draft that was kept.
    pub(super) fn write_note(&mut self, audience: Audience) -> Vec<Cmd> {
        let tab = self.tab();
        let Some(row) = self.here().list.current() else { return Vec::new() };
        let Item::Request(item) = &row.item else { return Vec::new() };
        let before = match audience {
            Audience::Stewards => item.internal.as_ref().and_then(|inside| inside.internal_note.clone()),
            Audience::Requester => item.note_to_requester.clone(),
            Audience::Comment => None,
        };
        let before = before.map_or_else(String::new, |note| note.raw().to_owned());
        let kept = self.draft.as_ref().filter(|draft| draft.id == row.id && draft.of == audience.draft());
        let text = kept.map_or_else(|| before.clone(), |draft| draft.text.clone());
        let Some(target) = tab.targets(row, audience.command()).pop() else { return Vec::new() };
        let edit = NoteEdit {
            audience,
            target,
            login: shown(&Untrusted::new(item.login.as_str())),
            name: tab.name(row),
            text: text.clone(),
            before,
            seen: tab.seen_by_owner(row, self.local()),
            command: None,
            sending: false,
            complaint: None,
        };
        self.layers.push(Layer::Note(Box::new(edit)));
        vec![Cmd::Edit(text)]
    }

    /// A key for the note on top, which was taken off the layers.
    pub(super) fn note_key(&mut self, mut edit: Box<NoteEdit>, key: Key) -> Vec<Cmd> {
        let cmds = match key.code {
            Code::Esc if edit.text == edit.before => {
                self.draft = None;
                return vec![Cmd::Draft(None)];
            }
            Code::Esc => {
                let draft = draft_of(&edit);
                self.draft = Some(draft.clone());
                self.say(Tone::Plain, "Nothing was saved; what you wrote is kept as a draft.");
                return vec![Cmd::Draft(Some(draft))];
            }
            _ if edit.sending => Vec::new(),
            Code::Char('s') if key.ctrl => self.send_note(&mut edit),
            _ => vec![Cmd::EditKey(key)],
        };
        self.layers.push(Layer::Note(edit));
        cmds
    }

    fn send_note(&mut self, edit: &mut NoteEdit) -> Vec<Cmd> {
        let text = edit.text.trim_end().to_owned();
        if text.is_empty() && (edit.audience == Audience::Comment || edit.before.is_empty()) {
            edit.complaint = Some("There is nothing to save yet.".into());
            return Vec::new();
        }
        // Told once that it moved on, the person's next try is about what it is now.
        if edit.complaint.take().is_some()
            && let Some(row) = self.here().list.get(edit.target.id)
            && edit.target.seen != row.version
        {
            edit.target.seen = row.version;
            edit.command = None;
        }
        let command = edit.command.unwrap_or_else(|| self.new_id());
        edit.command = Some(command);
        edit.sending = true;
        let (request, seen_row_version) = (edit.target.request_id(), Some(edit.target.seen));
        let edited = |changes| Command::EditRequest { request, changes, seen_row_version };
        let none = RequestChanges::default();
        let said = match edit.audience {
            Audience::Stewards => edited(RequestChanges { internal_note: Some(text), ..none }),
            Audience::Requester => edited(RequestChanges { note_to_requester: Some(text), ..none }),
            Audience::Comment => Command::CommentRequest { request, body: text },
        };
        vec![Cmd::Send(vec![Order { id: command, command: said, target: edit.target.clone() }])]
    }

    /// The note's text, as the editor has it now.
    pub(super) fn note_text(&mut self, text: String) -> Vec<Cmd> {
        let Some(Layer::Note(edit)) = self.layers.last_mut() else { return Vec::new() };
        if edit.text == text {
            return Vec::new();
        }
        edit.text = text;
        edit.command = None;
        vec![Cmd::Draft(Some(draft_of(edit)))]
    }

    /// The answer to a note, if it was one: the editor closes, or says what went wrong and keeps the text.
    pub(super) fn note_answered(&mut self, command: Uuid, answer: &Result<Answer, String>) -> Option<Vec<Cmd>> {
        let sends = |layer: &Layer| matches!(layer, Layer::Note(edit) if edit.sending && edit.command == Some(command));
        let at = self.layers.iter().position(sends)?;
        let Layer::Note(edit) = &mut self.layers[at] else { return None };
        edit.sending = false;
        match answer {
            Ok(answer) if answer.ok => {
                let (id, name) = (edit.target.id, edit.name.clone());
                self.layers.remove(at);
                self.draft = None;
                self.here_mut().facts_asked = None;
                self.say(Tone::Good, format!("{name}: {}", shown(&Untrusted::new(answer.sentence.clone()))));
                return Some(vec![Cmd::Draft(None), Cmd::Rows(self.kind(), vec![id])]);
            }
            Ok(answer) => {
                edit.command = None;
                edit.complaint = answer.clone().into_result().err().as_ref().map(refusal_shown);
            }
            Err(sentence) => {
                edit.complaint = Some(format!("{} ctrl-s sends it again.", shown(&Untrusted::new(sentence.clone()))));
            }
        }
        Some(Vec::new())
    }
}

fn draft_of(edit: &NoteEdit) -> Draft {
    Draft {
        id: edit.target.id,
        internal: edit.audience != Audience::Requester,
        text: edit.text.clone(),
        of: edit.audience.draft(),
    }
}
