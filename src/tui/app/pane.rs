//! What the detail and the head of a preview say, in lines of a width: update needs their number to scroll no further than
//! there is something, drawing draws them.

use chrono::TimeDelta;

use super::model::Model;
use super::row::Row;
use super::words::{Fact, Tone};
use crate::inspect::Page;
use crate::text::{Untrusted, day_time, drawn, shown, waited, wrap};

/// Cells of the label column of the detail.
pub const LABEL: u16 = 10;

/// Most lines the notes about a file take above its preview.
const NOTES: usize = 6;

/// A line of the detail: its label where it is the first of a fact, its text, and how to read it.
pub type Labelled = (&'static str, String, Tone);

/// Facts as lines of a width, each with its label on its first line.
#[must_use]
pub fn laid_out(facts: &[Fact], width: u16, ascii: bool) -> Vec<Labelled> {
    let mut lines = Vec::new();
    for fact in facts {
        for (n, line) in wrap(&drawn(&fact.text, ascii), usize::from(width)).into_iter().enumerate() {
            lines.push((if n == 0 { fact.label } else { "" }, line, fact.tone));
        }
    }
    lines
}

impl Model {
    /// By how much a row waits longer than promised, if it does.
    #[must_use]
    pub fn late(&self, row: &Row) -> Option<TimeDelta> {
        let due = self.tab().due(row, self.promised)?;
        Some(self.now - due).filter(|late| *late > TimeDelta::zero())
    }

    /// The lines of the detail of the row under the cursor, or of the whole group where that is folded; `width` is that of
    /// the pane.
    #[must_use]
    pub fn detail_lines(&self, width: u16) -> Vec<Labelled> {
        let facts = self.here().list.current().map(|row| self.said(row)).unwrap_or_default();
        laid_out(&facts, width.saturating_sub(LABEL + 3), self.ascii)
    }

    fn said(&self, row: &Row) -> Vec<Fact> {
        if let (Some(_), Some(rows)) = (self.tab().group(), self.here().list.fold()) {
            return self.tab().group_look(rows, self.local());
        }
        let facts = self.here().facts.as_ref().filter(|(id, _)| *id == row.id).map(|(_, facts)| facts);
        let mut lines = self.tab().detail(row, facts, self.local());
        if let Some(due) = self.tab().due(row, self.promised) {
            let by = day_time(due, self.now, self.zone);
            let (text, tone) = match self.late(row) {
                Some(late) => (format!("by {by}: late by {}", waited(late)), Tone::Stop),
                None => (format!("by {by}: {} left", waited(due - self.now)), Tone::Plain),
            };
            lines.insert(lines.len().min(2), Fact::new("Promised", text).tone(tone));
        }
        lines
    }

    /// What stands above the body of the open preview, in lines of the pane's width: what was read of which bytes, what the
    /// file is, what stopped the reading.
    #[must_use]
    pub fn preview_notes(&self, width: u16) -> Vec<(Tone, String)> {
        let Some((preview, doc)) = self.preview.as_ref().and_then(|preview| Some((preview, preview.doc.as_ref()?)))
        else {
            return Vec::new();
        };
        let facts = doc.facts.iter().map(|fact| format!("{} {}", fact.name, shown(&fact.value)));
        let said = [shown(&Untrusted::new(doc.media_type.as_str()))].into_iter().chain(facts);
        let facts = said.chain(doc.notes.iter().map(shown)).collect::<Vec<_>>().join(" · ");
        let (tone, facts) = match (&preview.failed, preview.loading) {
            (Some(why), _) => (Tone::Stop, why.clone()),
            (None, true) => (Tone::Dim, format!("{facts} · reading on ...")),
            (None, false) => (Tone::Dim, facts),
        };
        let room = usize::from(width.saturating_sub(2));
        let lines = |tone, text: &str| wrap(&drawn(text, self.ascii), room).into_iter().map(move |line| (tone, line));
        let mut notes: Vec<_> = lines(Tone::Dim, &read_of(doc)).chain(lines(tone, &facts)).collect();
        notes.truncate(NOTES);
        // One line however long it gets, for nothing below may move while one reads; on wide screens the rule above has it.
        let seen = self.seen_words(preview.id).unwrap_or_else(|| "seen nothing of it yet".into());
        notes.splice(0..0, Some((Tone::Dim, seen)).filter(|_| !self.wide()));
        notes
    }
}

/// What was read of which bytes.
fn read_of(doc: &Page) -> String {
    let hash = doc.sha256.as_deref().unwrap_or_default();
    let hash = hash.get(..12).unwrap_or(hash);
    format!("read {} of {} bytes · sha256 {hash}…", doc.read_bytes, doc.total_bytes)
}
