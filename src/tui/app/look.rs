//! Going about in a preview: by the line, to the next finding, to a text. What is not read yet is read on for it, a
//! stretch at a time; no key waits for that.

use super::field::Field;
use super::key::{Code, Key};
use super::layers::Layer;
use super::model::Model;
use super::msg::Cmd;
use super::preview::{Goal, Preview, Spot};
use super::sheet::Sheet;
use super::state::Page;
use super::tab::Found;
use super::words::Tone;
use crate::inspect::{Body, Line};
use crate::text::{Untrusted, human_size, shown, shown_line};

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
    pub(super) fn line_of(&self, number: u64) -> Option<usize> {
        match &self.doc.as_ref()?.body {
            Body::Table { rows, .. } => usize::try_from(number).ok()?.checked_sub(1).filter(|at| *at < rows.len()),
            Body::Lines { lines, .. } => lines.iter().position(|line| line.number == Some(number)),
            _ => None,
        }
    }

    /// The next place at or behind one that holds the text looked for, whatever the case, as it is shown.
    fn match_from(&self, from: Spot) -> Option<Spot> {
        self.matches().find(|spot| *spot >= from)
    }

    /// Every place read so far that holds the text looked for, in order: headings, then cells by rows; or lines.
    fn matches(&self) -> Box<dyn Iterator<Item = Spot> + '_> {
        let Some((find, doc)) = self.find.as_deref().zip(self.doc.as_ref()) else {
            return Box::new(std::iter::empty());
        };
        match &doc.body {
            Body::Lines { lines, .. } => {
                let holds = move |text: &Untrusted| shown_line(text).to_lowercase().contains(find);
                let spot = move |(at, line): (usize, &Line)| holds(&line.text).then(|| Spot::line(at));
                Box::new(lines.iter().enumerate().filter_map(spot))
            }
            Body::Table { columns, rows, .. } => {
                let holds = move |text: &Untrusted| shown(text).to_lowercase().contains(find);
                let heads = columns.iter().enumerate().filter(move |(_, column)| holds(&column.name));
                let cells = rows.iter().enumerate().flat_map(move |(row, cells)| {
                    let held = cells.iter().enumerate().filter(move |(_, cell)| holds(cell));
                    held.map(move |(column, _)| Spot { row: Some(row), column })
                });
                Box::new(heads.map(|(column, _)| Spot { row: None, column }).chain(cells))
            }
            _ => Box::new(std::iter::empty()),
        }
    }

    /// Goes to a place: its row near the top of the screen, its column on it.
    pub(super) fn go_to(&mut self, spot: Spot) {
        (self.hit, self.cell) = (spot.row, Some(spot.column));
        self.goal = None;
        self.top = spot.row.map_or(0, |row| row.saturating_sub(ABOVE));
        self.show_column(spot.column);
    }

    /// Brings a column on the screen if it is not there, or is cut though it need not be.
    pub(super) fn show_column(&mut self, column: usize) {
        if !self.has_column(column) {
            self.left = column.saturating_sub(1);
        }
    }

    /// Whether a column is on the screen, and not only a piece of it at the edge.
    pub(super) fn has_column(&self, column: usize) -> bool {
        Sheet::of(self, self.room.0, self.room.1, false).is_none_or(|sheet| {
            let end = sheet.columns.len().saturating_sub(usize::from(sheet.beyond > 0 && sheet.columns.len() > 2));
            sheet.columns[..end].iter().any(|placed| placed.column == column)
        })
    }

    /// Which of how many a place is, as far as was read: `3 of 24`, with the column where it is its heading.
    fn counted(&self, spot: Spot) -> String {
        let (mut at, mut all) = (0, 0);
        for found in self.matches() {
            all += 1;
            at += usize::from(found <= spot);
        }
        let so_far = if self.doc.as_ref().is_some_and(|doc| doc.next.is_some()) { " so far" } else { "" };
        let heading =
            if spot.row.is_none() { format!(": heading of column {}", spot.column + 1) } else { String::new() };
        format!("{at} of {all}{so_far}{heading}")
    }

    /// Goes to the goal if it is read; else says that it is not there, or that more must be read (nothing said).
    pub(super) fn hunt(&mut self) -> Option<(Tone, String)> {
        let goal = self.goal.clone()?;
        let doc = self.doc.as_ref()?;
        let (lines, over, most) = (doc.body.lines(), doc.next.is_none(), doc.read_bytes > self.hunted + HUNT);
        let found = match &goal {
            Goal::Line { number, column, .. } => {
                self.line_of(*number).map(|row| Spot { row: Some(row), column: self.column_of(column.as_deref()) })
            }
            Goal::Text(from) => self.match_from(*from),
        };
        if let Some(spot) = found {
            let counted = self.counted(spot);
            self.go_to(spot);
            return Some(match goal {
                Goal::Line { said, .. } => (Tone::Warn, said),
                Goal::Text(_) => (Tone::Plain, counted),
            });
        }
        if !over && !most && self.failed.is_none() {
            if let Goal::Text(from) = self.goal.as_mut()? {
                *from = (*from).max(Spot::line(lines));
            }
            return None;
        }
        self.goal = None;
        let read = self.doc.as_ref()?.read_bytes;
        self.hunted = read;
        if !over {
            let unit = self.unit();
            return Some((
                Tone::Plain,
                format!("Not in the first {} ({lines} {unit}); once more reads on.", human_size(read)),
            ));
        }
        match goal {
            Goal::Line { number, said, .. } => {
                Some((Tone::Warn, format!("There is no {number} here to go to. {said}")))
            }
            Goal::Text(_) => match self.match_from(Spot::default()) {
                Some(spot) => {
                    let counted = self.counted(spot);
                    self.go_to(spot);
                    Some((Tone::Plain, format!("From the top again: {counted}.")))
                }
                None => Some((Tone::Plain, "That is nowhere in it.".to_owned())),
            },
        }
    }

    /// The place of a column by its name; the first where there is none.
    pub(super) fn column_of(&self, name: Option<&str>) -> usize {
        let columns = match self.doc.as_ref().map(|doc| &doc.body) {
            Some(Body::Table { columns, .. }) => columns.as_slice(),
            _ => &[],
        };
        name.and_then(|name| columns.iter().position(|column| column.name.raw() == name)).unwrap_or(0)
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
        let height = if self.wraps { 1 } else { self.preview_height.max(1) };
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
                    (preview.hit, preview.cell) = (None, None);
                }
                // Headings stand above every row: they come first while the first row is on the screen.
                let top = self.preview.as_ref().map_or(0, |preview| preview.top);
                return self.look_for(if top == 0 { Spot::default() } else { Spot::line(top) });
            }
            _ => _ = field.key(key),
        }
        self.layers.push(Layer::Find(field));
        Vec::new()
    }

    fn look_for(&mut self, from: Spot) -> Vec<Cmd> {
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
        let here = match (preview.hit, preview.cell) {
            (None, None) => Spot::line(preview.top),
            (row, column) => Spot { row, column: column.unwrap_or(0) },
        };
        if !back {
            return self.look_for(Spot { column: here.column + 1, ..here });
        }
        match preview.matches().take_while(|spot| *spot < here).last() {
            Some(spot) => {
                let counted = preview.counted(spot);
                preview.go_to(spot);
                self.say_here(Tone::Plain, counted);
            }
            None => self.say(Tone::Plain, "It is not further up."),
        }
        Vec::new()
    }

    /// The next place a finding names, or the one before; opens the preview where it is not open.
    pub(super) fn next_finding(&mut self, back: bool) -> Vec<Cmd> {
        let mut places = self.here().list.current().map(|row| self.tab().places(row)).unwrap_or_default();
        places.retain(|place| place.stop);
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
        // Two columns of one row are one stop.
        let mut stops: Vec<u64> = places.iter().map(|place| place.number).collect();
        stops.dedup();
        let next = match (here, back) {
            (None, false) => 0,
            (None, true) => stops.len() - 1,
            (Some(here), false) => stops.iter().position(|stop| *stop > here).unwrap_or(0),
            (Some(here), true) => stops.iter().rposition(|stop| *stop < here).unwrap_or(stops.len() - 1),
        };
        let number = stops[next];
        let there: Vec<&Found> = places.iter().filter(|place| place.number == number).collect();
        let said: Vec<&str> = there.iter().map(|place| place.said.as_str()).collect();
        let said = format!("{} ({} of {})", said.join(" "), next + 1, stops.len());
        let column = there.first().and_then(|place| place.column.clone());
        preview.goal = Some(Goal::Line { number, column, said });
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
