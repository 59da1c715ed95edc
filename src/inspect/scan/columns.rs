//! What a scan remembers of the columns of a table, in bounded memory. Called by the scan of tables.

use std::collections::HashSet;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use crate::domain::egress::Place;
use crate::inspect::checks::{BIRTH_NAMES, Checks, is_total, words_of};
use crate::inspect::found::{self, Found, short};
use crate::inspect::values::{counted, is_date, is_hidden, is_missing, number};
use crate::text::Untrusted;

/// Columns remembered; cells further right are still looked at one by one.
const MOST: usize = 2000;
/// Different values remembered of a column.
const DISTINCT: u64 = 2000;
/// Small numbers remembered of a column.
const SMALLS: usize = 20;

/// What is known of one column.
#[derive(Default)]
#[expect(clippy::struct_excessive_bools, reason = "four independent answers about one column")]
pub(super) struct Column {
    name: String,
    pub counts: bool,
    pub midpoint6: bool,
    birth: bool,
    values: u64,
    numbers: u64,
    decimals: u64,
    dates: u64,
    /// Values of which `distinct` holds the hashes.
    seen: u64,
    distinct: HashSet<u64>,
    may_count: bool,
    total: bool,
    /// Rows and values of numbers that are small if the column counts people, and how many more there are.
    small: Vec<(u64, u64)>,
    more_small: u64,
    /// Cells that hide a count.
    hidden: u64,
}

/// The columns of a table.
#[derive(Default)]
pub(super) struct Columns {
    all: Vec<Column>,
    /// Row whose label says that it adds up the others.
    total_row: bool,
    /// Cells of the header, or of the first row where there is none.
    pub width: Option<usize>,
}

impl Columns {
    /// Takes the names of the columns and looks at them.
    pub(super) fn name(&mut self, names: &[String], checks: &Checks, found: &mut Found) {
        self.width = Some(names.len());
        for (index, name) in names.iter().enumerate().take(MOST) {
            let words = words_of(name);
            let midpoint6 = words.ends_with("midpoint6");
            let column = Column {
                name: short(name),
                counts: checks.is_count(&words) && !midpoint6,
                midpoint6,
                may_count: index > 0 && checks.may_count(&words),
                total: is_total(&words),
                birth: BIRTH_NAMES.contains(&words.as_str()),
                ..Column::default()
            };
            if checks.is_identifier(&words) {
                let sentence = || "The name of this column says that it identifies single people.".to_owned();
                found.add(found::IDENTIFIER, || Place::Column { column: called(&column.name, index) }, sentence);
            }
            self.all.push(column);
        }
    }

    pub(super) fn get(&self, index: usize) -> Option<&Column> {
        self.all.get(index)
    }

    /// The name of a column, or its number where it has none.
    pub(super) fn called(&self, index: usize) -> Untrusted {
        called(self.all.get(index).map_or("", |column| &column.name), index)
    }

    fn place(&self, index: usize) -> Place {
        Place::Column { column: self.called(index) }
    }

    /// Takes a whole row into account: what it hides can be had back if its total and everything else are there.
    pub(super) fn see_row(&mut self, texts: &[String], place: &dyn Fn() -> Place, found: &mut Found) {
        self.total_row |= texts.first().is_some_and(|label| is_total(&words_of(label)));
        let hidden = texts.iter().filter(|text| is_hidden(text)).count();
        let total =
            |(index, text): (usize, &String)| self.all.get(index).is_some_and(|c| c.total) && counted(text).is_some();
        if hidden == 1 && texts.iter().enumerate().any(total) {
            found.add(found::SECONDARY, place, || {
                "The one hidden count follows from the total and the other counts.".to_owned()
            });
        }
    }

    /// Takes a cell into account.
    pub(super) fn see(&mut self, index: usize, row: u64, text: &str, threshold: u64) {
        if index >= MOST {
            return;
        }
        if index >= self.all.len() {
            self.all.resize_with(index + 1, Column::default);
        }
        let text = text.trim();
        if is_missing(text) {
            return;
        }
        let column = &mut self.all[index];
        column.values += 1;
        column.hidden += u64::from(is_hidden(text));
        if column.may_count
            && !column.counts
            && !column.midpoint6
            && let Some(value) = counted(text).filter(|value| (1..threshold).contains(value))
        {
            if column.small.len() < SMALLS { column.small.push((row, value)) } else { column.more_small += 1 }
        }
        if let Some(value) = number(text) {
            column.numbers += 1;
            column.decimals += u64::from(value.fract() != 0.0);
        } else {
            column.dates += u64::from(is_date(text));
        }
        if column.seen < DISTINCT {
            column.seen += 1;
            let mut hasher = DefaultHasher::new();
            text.hash(&mut hasher);
            column.distinct.insert(hasher.finish());
        }
    }

    /// Small numbers in columns that may count people though their names do not say so: a table of categories against
    /// categories has its counts under the names of the categories.
    fn possible(&self, checks: &Checks, found: &mut Found) {
        let whole = |column: &Column| {
            column.numbers > 0 && column.numbers + column.hidden == column.values && column.decimals == 0
        };
        let numeric = |column: &&Column| column.numbers * 2 > column.values;
        // Where nothing at all is measured the table is one of counts.
        let only_counts = self.all.iter().skip(1).filter(numeric).all(whole);
        let rule = if only_counts { found::POSSIBLE } else { found::POSSIBLE_NOTE };
        for (index, column) in self.all.iter().enumerate().filter(|(_, column)| whole(column)) {
            for (row, value) in &column.small {
                let place = || Place::Row { row: *row, column: Some(self.called(index)) };
                found.add(rule, place, || format!("If this counts people: {value} is under {}.", checks.threshold));
            }
            found.more(rule, column.more_small);
        }
    }

    /// What the columns say as wholes.
    pub(super) fn finish(&self, rows: u64, checks: &Checks, found: &mut Found) {
        if rows < checks.many_rows {
            self.possible(checks, found);
        }
        for (index, column) in self.all.iter().enumerate() {
            if column.birth && column.dates > 0 {
                let sentence = || format!("{} dates of birth stand in this column.", column.dates);
                found.add(found::BIRTH, || self.place(index), sentence);
            }
            if self.total_row && column.hidden == 1 && column.numbers > 1 {
                let sentence = || "The one hidden count follows from the total row and the other counts.".to_owned();
                found.add(found::SECONDARY, || self.place(index), sentence);
            }
            if column.is_almost_unique(checks) {
                let (different, seen) = (column.distinct.len(), column.seen);
                let sentence =
                    || format!("{different} of the first {seen} values differ: the rows may be single people.");
                found.add(found::UNIQUE, || self.place(index), sentence);
            }
        }
    }
}

impl Column {
    fn is_almost_unique(&self, checks: &Checks) -> bool {
        // Estimates, times and counts differ from row to row by their nature; identifiers are words or whole numbers.
        let measured =
            self.decimals * 20 > self.numbers || self.dates * 2 > self.values || self.counts || self.midpoint6;
        #[allow(clippy::cast_precision_loss, reason = "at most 2,000")]
        let share = self.distinct.len() as f64 / self.seen.max(1) as f64;
        !measured && self.values >= checks.unique_values && share >= checks.unique_share
    }
}

fn called(name: &str, index: usize) -> Untrusted {
    if name.is_empty() { (index + 1).to_string().into() } else { name.into() }
}
