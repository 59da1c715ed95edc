//! What was written and not sent. A draft belongs to a row and a kind, so that writing a second never touches the first;
//! `tui::runtime` keeps each on disk for this person and desk. Used by `dialogs` and `writing`.

use super::model::Model;
use super::msg::Cmd;
use super::state::draft::{Draft, Of, Words};

impl Model {
    /// What a draft on a row of the tab shown is of.
    pub(super) fn of(&self, id: i64, kind: &str) -> Of {
        // What belongs to no row is the desk's, from whichever tab it was opened.
        let area = if id == 0 { "" } else { self.area().id };
        Of { area: area.to_owned(), id, kind: kind.to_owned() }
    }

    /// The draft that was kept of something.
    pub(super) fn kept(&self, of: &Of) -> Option<&Words> {
        self.drafts.iter().find(|draft| draft.of == *of).map(|draft| &draft.words)
    }

    /// Keeps a draft in the place of the one there was; a blank one drops that. Nothing is to be done where it is as kept.
    pub(super) fn keep(&mut self, draft: Draft) -> Vec<Cmd> {
        let at = self.drafts.iter().position(|kept| kept.of == draft.of);
        match (at, draft.is_blank()) {
            (None, true) => return Vec::new(),
            (Some(at), _) if self.drafts[at] == draft => return Vec::new(),
            (Some(at), true) => _ = self.drafts.remove(at),
            (Some(at), false) => self.drafts[at] = draft.clone(),
            (None, false) => self.drafts.push(draft.clone()),
        }
        vec![Cmd::Keep(draft)]
    }

    /// Drops the draft of something: it was sent, or given up.
    pub(super) fn drop_draft(&mut self, of: Of) -> Vec<Cmd> {
        self.keep(Draft { of, words: Words::new() })
    }
}
