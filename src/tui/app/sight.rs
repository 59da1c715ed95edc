//! What of the open preview is on the screen, for how long, and what of each file was seen so: drawn uncut for a moment with
//! nothing over it. It is kept in the database and goes with a vote; no rule rests on it. Called by `update` and `layout`.

use chrono::{DateTime, TimeDelta, Utc};
use unicode_width::UnicodeWidthStr as _;

use super::layers::Layer;
use super::layout::preview_head;
use super::model::Model;
use super::msg::Cmd;
use super::preview::{LEFT_STEP, Preview, Spot};
use super::sheet::{Sheet, chopped};
use super::state::Page;
use crate::domain::seen::{Rect, Seen, Unit};
use crate::inspect::{self, Body};
use crate::text::{drawn, shown_line};

/// How long it has to stand there to be seen: what passes while a key is held down is not.
const MOMENT: TimeDelta = TimeDelta::milliseconds(300);
/// How often what was seen is kept while the preview stays open.
const KEPT_EVERY: TimeDelta = TimeDelta::seconds(10);

/// What is on the screen: as long as nothing of it changes it is one look.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Look {
    id: i64,
    place: (usize, usize),
    lines: usize,
    room: (u16, u16),
    wrapped: bool,
    /// What is shown whole over it: which, and from which line on.
    over: Option<(Spot, bool, usize)>,
}

/// What was seen of a file, and what of that is not kept yet.
#[derive(Clone, Debug)]
pub struct Looked {
    /// What was seen.
    pub seen: Seen,
    /// Something of it is new since it was kept.
    news: bool,
    kept: DateTime<Utc>,
}

impl Looked {
    /// What was seen by now and is kept.
    #[must_use]
    pub const fn of(seen: Seen, kept: DateTime<Utc>) -> Self {
        Self { seen, news: false, kept }
    }
}

impl Preview {
    /// How much there is to see: the unit, rows (as many as the whole file will have, from what was read), columns, and
    /// whether that is all.
    fn there_is(&self) -> Option<Seen> {
        let doc = self.doc.as_ref()?;
        let whole = doc.next.is_none();
        let (unit, columns) = match &doc.body {
            Body::Table { columns, .. } => (Unit::Cells, columns.len() as u64),
            Body::Lines { .. } => (Unit::Lines, 1),
            Body::Hex { .. } | Body::Nothing { .. } => (Unit::Facts, 0),
        };
        let read = self.lines() as u64;
        let rows = if whole { read } else { guessed(read, doc) };
        Some(Seen { unit, rows, columns, whole, ..Seen::default() })
    }

    /// What is whole on a screen of that room, as rows and columns of the file.
    fn whole_on(&self, (w, h): (u16, u16), ascii: bool, wraps: bool) -> Vec<Rect> {
        match self.doc.as_ref().map(|doc| &doc.body) {
            Some(Body::Table { .. }) => {
                Sheet::of(self, w, h, ascii).map_or_else(Vec::new, |sheet| sheet.whole(self.top))
            }
            Some(Body::Lines { lines, .. }) if wraps => {
                let mut used = 0;
                let row = |at: usize| Rect::from([at as u64, at as u64 + 1, 0, 1]);
                let count = lines.iter().skip(self.top).take_while(|line| {
                    used += chopped(&drawn(&shown_line(&line.text), ascii), w).len();
                    used <= usize::from(h)
                });
                (self.top..).zip(count).map(|(at, _)| row(at)).collect()
            }
            Some(Body::Lines { lines, .. }) => {
                // Its last character is on the screen: not behind the edge, nor before where the screen begins.
                let ends = |line: &inspect::Line| {
                    let text = drawn(&shown_line(&line.text), ascii);
                    let there: String = text.chars().skip(self.left * LEFT_STEP).collect();
                    there.width() <= usize::from(w) && (text.is_empty() || !there.is_empty())
                };
                let on = lines.iter().enumerate().skip(self.top).take(usize::from(h));
                let row = |(at, _): (usize, _)| Rect::from([at as u64, at as u64 + 1, 0, 1]);
                on.filter(|(_, line)| ends(line)).map(row).collect()
            }
            _ => Vec::new(),
        }
    }
}

/// Rows of the whole file, from the bytes those read took.
fn guessed(read: u64, doc: &inspect::Page) -> u64 {
    let all = u128::from(read) * u128::from(doc.total_bytes) / u128::from(doc.read_bytes.max(1));
    u64::try_from(all).unwrap_or(u64::MAX).max(read + 1)
}

impl Model {
    /// What of the preview is on the screen and uncovered; none where nothing is.
    fn look(&self) -> Option<Look> {
        let at = self.layout().preview;
        let over = match self.layers.as_slice() {
            [Layer::Whole(whole)] => Some((whole.spot, whole.row, whole.top)),
            _ => None,
        };
        let covered = over.is_none() && self.layers.iter().any(|layer| !matches!(layer, Layer::Find(_)));
        let preview = self.preview.as_ref().filter(|_| self.preview_here() && at.h > 0 && !self.tiny() && !covered)?;
        preview.doc.as_ref()?;
        let (w, h) = (at.w.saturating_sub(2), at.h.saturating_sub(preview_head(self, at.w)));
        let room = (w.saturating_sub(preview.gutter(h)), h);
        let place = (preview.top, preview.left);
        Some(Look { id: preview.id, place, lines: preview.lines(), room, wrapped: self.wraps, over })
    }

    /// Another look begins where something on the screen changed.
    pub(super) fn looks(&mut self) {
        let look = self.look();
        if self.sight.as_ref().map(|(look, ..)| look) != look.as_ref() {
            self.sight = look.map(|look| (look, self.now, false));
        }
    }

    /// When a look becomes one that counts, or what was seen is to be kept.
    pub(super) fn next_look(&self) -> Option<DateTime<Utc>> {
        let counts = self.sight.as_ref().filter(|(.., counted)| !counted).map(|(_, since, _)| *since + MOMENT);
        let keeps = self.seen.values().filter(|looked| looked.news).map(|looked| looked.kept + KEPT_EVERY);
        counts.into_iter().chain(keeps).min()
    }

    /// Time passed: what stood there long enough was seen.
    pub(super) fn count_seen(&mut self) {
        let Some((look, since, false)) = self.sight.clone() else { return };
        let Some(preview) = self.preview.as_ref().filter(|_| self.now - since >= MOMENT) else { return };
        let Some(there) = preview.there_is() else { return };
        let parts = match look.over {
            None => preview.whole_on(look.room, self.ascii, look.wrapped),
            Some(_) => self.read_whole(there.columns).into_iter().collect(),
        };
        self.sight = Some((look.clone(), since, true));
        let looked = self.looked(look.id);
        let before = looked.seen.share();
        let mut seen = Seen { parts: std::mem::take(&mut looked.seen.parts), ..there };
        let mut news = before != seen.share();
        for part in parts {
            news |= seen.parts.add(part);
        }
        looked.seen = seen;
        looked.news |= news;
        self.dirty |= news;
    }

    /// A page of what is shown whole was read: what of the file that is, once it is all of it.
    fn read_whole(&mut self, columns: u64) -> Option<Rect> {
        let Some(Layer::Whole(mut whole)) = self.layers.last().cloned() else { return None };
        let lines = self.whole_lines(&whole).1.len();
        if whole.top <= whole.read {
            whole.read = whole.read.max(whole.top + usize::from(self.whole_room().1));
        }
        if let Some(Layer::Whole(held)) = self.layers.last_mut() {
            *held = whole;
        }
        (whole.read >= lines).then(|| whole.rect(columns))
    }

    /// What was seen of a file that was opened.
    pub(super) fn looked(&mut self, id: i64) -> &mut Looked {
        // The first look is kept at once.
        let kept = self.now - KEPT_EVERY;
        self.seen.entry(id).or_insert_with(|| Looked::of(Seen::default(), kept))
    }

    /// What was seen of a version earlier was read: it goes on from there.
    pub(super) fn seen_before(&mut self, id: i64, earlier: &Seen) {
        let looked = self.looked(id);
        if looked.seen == Seen::default() {
            looked.seen = earlier.clone();
        } else {
            looked.seen.add_all(earlier);
        }
    }

    /// What is to be kept now: of a preview that is closed, after a while of one that is open, all where one leaves or votes.
    pub(super) fn keep_seen(&mut self, all: bool) -> Vec<Cmd> {
        let here = self.preview_here() && self.layout().preview.h > 0;
        let (now, open) = (self.now, self.preview.as_ref().filter(|_| here).map(|preview| preview.id));
        let due = |id: i64, looked: &Looked| all || Some(id) != open || now - looked.kept >= KEPT_EVERY;
        let Some(area) = self.tabs.iter().map(|state| state.tab.area()).find(|area| area.preview) else {
            return Vec::new();
        };
        let mut cmds = Vec::new();
        for (id, looked) in self.seen.iter_mut().filter(|(id, looked)| looked.news && due(**id, looked)) {
            (looked.news, looked.kept) = (false, now);
            cmds.push(Cmd::NoteSeen(area.word, *id, looked.seen.clone()));
        }
        cmds
    }

    /// How much of a file was seen, in words: `seen 40 of 212 rows x 5 of 5 columns: 18%`.
    #[must_use]
    pub fn seen_words(&self, id: i64) -> Option<String> {
        self.seen.get(&id).map(|looked| format!("seen {}", looked.seen.words()))
    }

    /// Whether the preview fills the screen, so that after a verdict the next file opens.
    pub(super) fn fills(&self) -> bool {
        self.here().page == Page::Preview && self.preview_here()
    }
}
