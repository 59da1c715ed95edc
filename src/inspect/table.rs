//! Tables by the row, with facts about the columns. Used by the formats that are tables.

use super::decode::{Encoding, narrow};
use super::format::Window;
use super::lines::{Characters, listed, request_stands_alone, say_controls, say_encoding};
use super::page::{Body, Carried, Column, ColumnFacts, ColumnKind, Page};
use super::rows::{Row, Rows};
use super::values::{is_date, is_missing, number};
use crate::text::Untrusted;

/// Columns with facts; what has more is not read column by column.
const MOST_COLUMNS: usize = 2000;

pub(super) fn show(page: &mut Page, window: &Window, wanted: usize, carried: &Carried) {
    let text = Characters::of(window, carried.encoding);
    let at_end = window.at_end();
    let fresh = window.offset == 0;
    let mut rows: Vec<Row> = Vec::new();
    let mut reader = Rows::new(carried.delimiter);
    // One more than asked for: the header.
    let most = wanted + usize::from(fresh);
    let mut each = |row: Row| {
        rows.push(row);
        rows.len() < most
    };
    let mut all = reader.feed(text.bytes(), &mut each);
    if all && at_end {
        all = reader.finish(&mut each);
    }
    let mut used = usize::try_from(reader.done()).unwrap_or(usize::MAX).min(text.bytes().len());
    // Breaks behind the last row belong to no row; without this a page of nothing would follow.
    used += text.bytes()[used..].iter().take_while(|byte| matches!(byte, b'\n' | b'\r')).count();
    all |= used == text.bytes().len();
    if rows.is_empty() && !at_end {
        // Less than a row in the whole window (a smaller one than asked for): show what is there as it stands.
        super::lines::show(page, window, wanted, carried);
        return;
    }
    let shown = if all && at_end { window.bytes.len() as u64 } else { text.in_file(used) };
    say_encoding(page, window, carried.encoding, &text);
    if !fresh && request_stands_alone(carried) {
        page.note("The page begins in the middle of the file: its first row may be cut, and rows are not numbered.");
    }
    say_controls(page, &text.bytes()[..used]);
    lay_out(page, rows, fresh, carried, shown);
}

fn lay_out(page: &mut Page, rows: Vec<Row>, fresh: bool, carried: &Carried, shown: u64) {
    let mut notes = Notes { first: carried.before.map(|before| before + 1), ..Notes::default() };
    let mut cells: Vec<(Row, Vec<Untrusted>)> = Vec::new();
    let mut header = carried.header.clone();
    let mut rows = rows.into_iter().peekable();
    if fresh && rows.peek().is_some_and(is_header) {
        let row = rows.next().unwrap_or_default();
        header = Some(decode(&row, carried.encoding, &mut notes, None));
        if row.lone_quote {
            notes.lone.push("the header".to_owned());
        }
    }
    for (index, row) in rows.enumerate() {
        let texts = decode(&row, carried.encoding, &mut notes, Some(index));
        notes.see(&row, index, header.as_ref().map(Vec::len).or_else(|| cells.first().map(|(_, first)| first.len())));
        cells.push((row, texts));
    }
    let width = cells.iter().map(|(_, texts)| texts.len()).chain(header.as_ref().map(Vec::len)).max().unwrap_or(0);
    let columns = (0..width).map(|index| column(index, header.as_deref(), &cells)).collect();
    notes.say(page, header.is_some(), fresh);
    let count = cells.iter().filter(|(row, _)| row.first_column == 0).count() as u64;
    let first_row = carried.before.map(|before| before + 1);
    let next = Carried {
        before: carried.before.map(|before| before + count),
        header: header.clone(),
        inside: cells.last().is_some_and(|(row, _)| row.cut),
        ..carried.clone()
    };
    page.read_on(shown, next);
    let rows = cells.into_iter().map(|(_, texts)| texts).collect();
    page.body = Body::Table { columns, rows, first_row, header: header.is_some() };
}

/// Whether a first row names the columns: something in it, and no numbers or dates.
pub(super) fn is_header(row: &Row) -> bool {
    let texts: Vec<String> = row.cells.iter().map(|cell| narrow(cell, Encoding::Utf8).0).collect();
    texts.iter().any(|text| !text.trim().is_empty())
        && texts.iter().all(|text| !is_date(text) && (number(text).is_none() || is_missing(text)))
}

fn decode(row: &Row, encoding: Encoding, notes: &mut Notes, index: Option<usize>) -> Vec<Untrusted> {
    let mut foreign = None;
    let texts = row
        .cells
        .iter()
        .map(|cell| {
            let (text, other) = narrow(cell, encoding);
            foreign = foreign.or(other);
            text.into()
        })
        .collect();
    if let Some(other) = foreign {
        let place = index.map_or_else(|| "the header".to_owned(), |index| notes.row(index));
        notes.foreign.push(format!("{place} ({})", other.name()));
    }
    texts
}

fn column(index: usize, header: Option<&[Untrusted]>, cells: &[(Row, Vec<Untrusted>)]) -> Column {
    let name = header.and_then(|names| names.get(index)).cloned();
    let name = name.unwrap_or_else(|| format!("column {}", index + 1).into());
    let mut facts = ColumnFacts::default();
    if index >= MOST_COLUMNS {
        return Column { name, facts };
    }
    let (mut numbers, mut dates) = (0, 0);
    for (row, texts) in cells {
        let cell = if row.first_column == 0 { texts.get(index) } else { None };
        let Some(text) = cell.map(|cell| cell.raw().trim()).filter(|text| !is_missing(text)) else {
            facts.missing += u64::from(row.first_column == 0);
            continue;
        };
        let length = text.chars().count() as u64;
        facts.shortest = if facts.values == 0 { length } else { facts.shortest.min(length) };
        facts.longest = facts.longest.max(length);
        facts.values += 1;
        numbers += u64::from(number(text).is_some());
        dates += u64::from(is_date(text));
    }
    facts.kind = match facts.values {
        0 => ColumnKind::Empty,
        all if all == numbers => ColumnKind::Number,
        all if all == dates => ColumnKind::Date,
        _ => ColumnKind::Text,
    };
    Column { name, facts }
}

/// What of a page's rows is not as it should be.
#[derive(Default)]
struct Notes {
    first: Option<u64>,
    foreign: Vec<String>,
    lone: Vec<String>,
    uneven: Vec<String>,
    long: Vec<String>,
    breaks: Vec<String>,
}

impl Notes {
    fn row(&self, index: usize) -> String {
        match self.first {
            Some(first) => format!("row {}", first + index as u64),
            None => format!("row {} of this page", index + 1),
        }
    }

    fn see(&mut self, row: &Row, index: usize, width: Option<usize>) {
        let place = self.row(index);
        if row.lone_quote {
            self.lone.push(place.clone());
        }
        if row.cut || row.first_column > 0 {
            self.long.push(place.clone());
        } else if width.is_some_and(|width| width != row.cells.len()) {
            self.uneven.push(format!("{place} has {}", row.cells.len()));
        }
        if row.cells.iter().any(|cell| cell.iter().any(|byte| matches!(byte, b'\n' | b'\r'))) {
            self.breaks.push(place);
        }
    }

    fn say(self, page: &mut Page, header: bool, fresh: bool) {
        if fresh && !header {
            page.note("The first row does not look like names of columns and is shown as data.");
        }
        for (places, what) in [
            (self.lone, "A quote is never closed and shown as it stands"),
            (self.uneven, "Rows have another number of cells than the header"),
            (self.long, "Very long, shown in parts on lines of their own"),
            (self.breaks, "A cell holds line breaks"),
            (self.foreign, "Written in another encoding than the rest, and read so"),
        ] {
            if !places.is_empty() {
                page.note(format!("{what}: {}.", listed(&places)));
            }
        }
    }
}
