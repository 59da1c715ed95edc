//! Going about in a preview: by the line, to the next finding, to a text. What is not read yet is read on for it, a
//! stretch at a time; no key waits for that.

use super::field::Field;
use super::key::{Code, Key};
use super::layers::Layer;
use super::model::Model;
use super::msg::Cmd;
use super::preview::{Goal, Preview};
use super::state::Page;
use super::words::Tone;
use crate::inspect::Body;
use crate::text::{shown, shown_line};

/// Bytes read on for one search; then the person is asked whether to go on.
const HUNT: u64 = 8 << 20;
/// Lines above a place that was gone to.
const ABOVE: usize = 2;

impl Preview {
    /// The number of a body line: its row, or its line in the file; none within a long line or in bytes.
    #[must_use]
    pub fn number(&self, at: usize) -> Option<u64> {
        match &self.doc.as_ref()?.body {
            Body::Table { .. } => Some(at as u64 + 1),
            Body::Lines { lines, .. } => lines.get(at)?.number,
            _ => None,
        }
    }

    /// The body line of a number.
    fn line_of(&self, number: u64) -> Option<usize> {
        match &self.doc.as_ref()?.body {
            Body::Table { rows, .. } => usize::try_from(number).ok()?.checked_sub(1).filter(|at| *at < rows.len()),
            Body::Lines { lines, .. } => lines.iter().position(|line| line.number == Some(number)),
            _ => None,
        }
    }

    /// Whether a body line holds the text looked for, whatever the case, as it is shown.
    #[must_use]
    pub fn holds(&self, at: usize) -> bool {
        let Some(find) = self.find.as_deref() else { return false };
        let in_it = |text: &crate::text::Untrusted| shown(text).to_lowercase().contains(find);
        match self.doc.as_ref().map(|doc| &doc.body) {
            Some(Body::Lines { lines, .. }) => {
                lines.get(at).is_some_and(|line| shown_line(&line.text).to_lowercase().contains(find))
            }
            Some(Body::Table { rows, .. }) => rows.get(at).is_some_and(|row| row.iter().any(in_it)),
            _ => false,
        }
    }

    fn go_to(&mut self, at: usize) {
        self.hit = Some(at);
        self.goal = None;
        self.top = at.saturating_sub(ABOVE);
    }

    /// Goes to the goal if it is read; else says that it is not there, or that more must be read (nothing said).
    pub(super) fn hunt(&mut self) -> Option<(Tone, String)> {
        let goal = self.goal.clone()?;
        let doc = self.doc.as_ref()?;
        let (lines, over, most) = (doc.body.lines(), doc.next.is_none(), doc.read_bytes > self.hunted + HUNT);
        let found = match &goal {
            Goal::Line(number, _) => self.line_of(*number),
            Goal::Text(from) => (*from..lines).find(|at| self.holds(*at)),
        };
        if let Some(at) = found {
            self.go_to(at);
            return match goal {
                Goal::Line(_, said) => Some((Tone::Warn, said)),
                Goal::Text(_) => None,
            };
        }
        if !over && !most && self.failed.is_none() {
            if let Goal::Text(from) = &mut self.goal.as_mut()? {
                *from = lines.max(*from);
            }
            return None;
        }
        self.goal = None;
        self.hunted = self.doc.as_ref()?.read_bytes;
        if !over {
            return Some((Tone::Plain, format!("Not in the first {lines} {}; once more reads on.", self.unit())));
        }
        match goal {
            Goal::Line(number, said) => Some((Tone::Warn, format!("There is no {number} here to go to. {said}"))),
            Goal::Text(_) => match (0..lines).find(|at| self.holds(*at)) {
                Some(at) => {
                    self.go_to(at);
                    Some((Tone::Plain, "From the top again.".to_owned()))
                }
                None => Some((Tone::Plain, "That is nowhere in it.".to_owned())),
            },
        }
    }

    fn unit(&self) -> &'static str {
        self.doc.as_ref().map_or("lines", |doc| doc.body.unit())
    }
}

impl Model {
    /// Whether the keys of moving go to the preview.
    pub(super) fn reads(&self) -> bool {
        self.here().page == Page::Preview && self.preview_here()
    }

    /// Scrolls the preview by lines.
    pub(super) fn lines(&mut self, by: isize) -> Vec<Cmd> {
        let height = self.preview_height.max(1);
        if let Some(preview) = &mut self.preview {
            preview.top = preview.top.saturating_add_signed(by).min(preview.lines().saturating_sub(height));
        }
        Vec::new()
    }

    /// Opens the field for a text to look for in the preview.
    pub(super) fn find_field(&mut self) -> Vec<Cmd> {
        let text = self.preview.as_ref().and_then(|preview| preview.find.clone()).unwrap_or_default();
        self.layers.push(Layer::Find(Field::with(text)));
        Vec::new()
    }

    /// A key for that field.
    pub(super) fn find_key(&mut self, mut field: Field, key: Key) -> Vec<Cmd> {
        match key.code {
            Code::Esc => return Vec::new(),
            Code::Enter => {
                if let Some(preview) = &mut self.preview {
                    preview.find = (!field.text().is_empty()).then(|| field.text().to_lowercase());
                    preview.hit = None;
                }
                let from = self.preview.as_ref().map_or(0, |preview| preview.top);
                return self.look_for(from);
            }
            _ => _ = field.key(key),
        }
        self.layers.push(Layer::Find(field));
        Vec::new()
    }

    fn look_for(&mut self, from: usize) -> Vec<Cmd> {
        if let Some(preview) = self.preview.as_mut().filter(|preview| preview.find.is_some()) {
            preview.goal = Some(Goal::Text(from));
        }
        self.hunt();
        Vec::new()
    }

    /// Whether `n` and `N` are about a text in the preview.
    pub(super) fn finding(&self) -> bool {
        self.reads() && self.preview.as_ref().is_some_and(|preview| preview.find.is_some())
    }

    /// The next line with the text looked for, or the one before.
    pub(super) fn find_next(&mut self, back: bool) -> Vec<Cmd> {
        let Some(preview) = &mut self.preview else { return Vec::new() };
        let at = preview.hit.unwrap_or(preview.top);
        if !back {
            return self.look_for(at + 1);
        }
        match (0..at).rev().find(|at| preview.holds(*at)) {
            Some(at) => preview.go_to(at),
            None => self.say(Tone::Plain, "It is not further up."),
        }
        Vec::new()
    }

    /// The next place a finding names, or the one before; opens the preview where it is not open.
    pub(super) fn next_finding(&mut self, back: bool) -> Vec<Cmd> {
        let places = self.here().list.current().map(|row| self.tab().places(row)).unwrap_or_default();
        if places.is_empty() {
            return Vec::new();
        }
        let mut cmds = Vec::new();
        if !self.preview_here() {
            cmds = self.show_preview();
        }
        let Some(preview) = self.preview.as_mut() else { return cmds };
        if self.tabs[self.at].page == Page::Table && self.layers.is_empty() && self.size.0 < 110 {
            self.tabs[self.at].page = Page::Preview;
        }
        let here = preview.hit.and_then(|at| preview.number(at));
        let next = match (here, back) {
            (None, false) => 0,
            (None, true) => places.len() - 1,
            (Some(here), false) => places.iter().position(|(number, _)| *number > here).unwrap_or(0),
            (Some(here), true) => places.iter().rposition(|(number, _)| *number < here).unwrap_or(places.len() - 1),
        };
        let number = places[next].0;
        let said: Vec<&str> = places.iter().filter(|(at, _)| *at == number).map(|(_, said)| said.as_str()).collect();
        preview.goal = Some(Goal::Line(number, format!("{} ({} of {})", said.join(" "), next + 1, places.len())));
        self.hunt();
        cmds
    }

    /// Goes on towards the goal with what is read by now.
    pub(super) fn hunt(&mut self) {
        if let Some((tone, text)) = self.preview.as_mut().and_then(Preview::hunt) {
            self.say_here(tone, text);
        }
    }
}
