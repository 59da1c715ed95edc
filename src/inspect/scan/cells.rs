//! Scans a table row by row. Used by the formats that are tables.

use super::columns::Columns;
use super::texts;
use crate::domain::egress::Place;
use crate::inspect::checks::{Checks, words_of};
use crate::inspect::decode::{Encoding, narrow};
use crate::inspect::format::{Scan, Scope};
use crate::inspect::found::{self, Found};
use crate::inspect::rows::{Row, Rows};
use crate::inspect::table::is_header;
use crate::inspect::values::{counted, is_missing, number};
use crate::text::Untrusted;

/// A scan of a table.
pub struct CellScan {
    rows: Option<Rows>,
    look: Look,
}

/// What looks at the rows.
struct Look {
    checks: Checks,
    encoding: Encoding,
    delimiter: u8,
    columns: Columns,
    first: bool,
    /// Data rows so far.
    row: u64,
}

impl CellScan {
    /// A table whose cells are parted as its first rows show.
    pub fn new(scope: &Scope) -> Self {
        let (delimiter, encoding) = (scope.head.delimiter(), scope.head.encoding);
        let columns = Columns::default();
        let look = Look { checks: scope.checks.clone(), encoding, delimiter, columns, first: true, row: 0 };
        Self { rows: Some(Rows::new(delimiter)), look }
    }
}

impl Scan for CellScan {
    fn feed(&mut self, bytes: &[u8], found: &mut Found) {
        if let Some(rows) = &mut self.rows {
            let look = &mut self.look;
            rows.feed(bytes, &mut |row| {
                look.row(&row, found);
                true
            });
        }
    }

    fn finish(mut self: Box<Self>, found: &mut Found) {
        if let Some(mut rows) = self.rows.take() {
            let look = &mut self.look;
            rows.finish(&mut |row| {
                look.row(&row, found);
                true
            });
        }
        self.look.finish(found);
    }
}

impl Look {
    fn row(&mut self, row: &Row, found: &mut Found) {
        let header = std::mem::take(&mut self.first) && is_header(row);
        if !header && self.columns.width.is_none() {
            self.columns.width = Some(row.cells.len());
            let sentence =
                || "The first row does not name the columns: counts cannot be told from other numbers.".to_owned();
            found.add(found::NO_HEADER, || Place::Row { row: 1, column: None }, sentence);
        }
        if !header && row.first_column == 0 {
            self.row += 1;
        }
        let mut foreign = None;
        let texts: Vec<String> = row
            .cells
            .iter()
            .map(|cell| {
                let (text, other) = narrow(cell, self.encoding);
                foreign = foreign.or(other);
                text
            })
            .collect();
        if header {
            self.columns.name(&texts, &self.checks, found);
        }
        let number = self.row;
        let at = |column| if header { Place::Header { column } } else { Place::Row { row: number, column } };
        let line = || at(None);
        self.shape(row, header, found, &line);
        if let Some(other) = foreign {
            found.add(found::MIXED, line, || format!("This is written in {}, unlike the rest.", other.name()));
        }
        if !header && row.first_column == 0 && !row.cut {
            self.columns.see_row(&texts, &line, found);
        }
        let counts = !header && texts.first().is_some_and(|label| self.checks.is_count(&words_of(label)));
        for (n, text) in texts.iter().enumerate() {
            let index = row.first_column + n;
            self.cell(index, text, header, counts, found, &at);
        }
    }

    fn shape(&self, row: &Row, header: bool, found: &mut Found, line: &dyn Fn() -> Place) {
        if row.lone_quote {
            let sentence =
                || "A quote opens here and never closes: other programs read what follows as one cell.".to_owned();
            found.add(found::LONE_QUOTE, line, sentence);
        }
        if row.cut && row.first_column == 0 {
            let sentence = || "The row is longer than 256 K: hardly anybody reads such a row to its end.".to_owned();
            found.add(found::LONG, line, sentence);
        }
        if let Some(width) = self.columns.width
            && !header
            && !row.cut
            && row.first_column == 0
            && width != row.cells.len()
        {
            let sentence = || format!("The row has {} cells, the table {width} columns.", row.cells.len());
            found.add(found::UNEVEN, line, sentence);
        }
    }

    fn cell(
        &mut self,
        index: usize,
        text: &str,
        header: bool,
        counts: bool,
        found: &mut Found,
        at: &dyn Fn(Option<Untrusted>) -> Place,
    ) {
        if !header {
            self.columns.see(index, self.row, text, self.checks.threshold);
        }
        let columns = &self.columns;
        let place = || at(Some(columns.called(index)));
        texts::check(text, found, &place);
        if is_formula(text) {
            let sentence = || "A spreadsheet program would run this cell as a formula.".to_owned();
            found.add(found::FORMULA, place, sentence);
        }
        let breaks = text.bytes().filter(|byte| matches!(byte, b'\n' | b'\r')).count();
        if breaks > 0 && text.as_bytes().contains(&self.delimiter) {
            let sentence = || format!("The cell holds {} lines that look like rows.", breaks + 1);
            found.add(found::HIDDEN_ROWS, place, sentence);
        }
        if !header {
            let column = columns.get(index);
            let counts = counts && index > 0 || column.is_some_and(|column| column.counts);
            self.count(text, counts, column.is_some_and(|column| column.midpoint6), found, &place);
        }
    }

    fn count(&self, text: &str, counts: bool, midpoint6: bool, found: &mut Found, place: &dyn Fn() -> Place) {
        if !counts && !midpoint6 || is_missing(text) {
            return;
        }
        let Some(value) = counted(text) else {
            if midpoint6 && number(text).is_some() {
                let sentence = || "The column says midpoint 6, which this number is not.".to_owned();
                found.add(found::NOT_ROUNDED, place, sentence);
            }
            return;
        };
        // Midpoint 6: 0 stays, 1 to 6 become 3, 7 to 12 become 9, and so on (OpenSAFELY, rounding counts).
        if midpoint6 {
            if value != 0 && value % 6 != 3 {
                let sentence = || format!("The column says midpoint 6, but {value} is not such a value.");
                found.add(found::NOT_ROUNDED, place, sentence);
            }
            return;
        }
        let threshold = self.checks.threshold;
        if value == 0 && self.checks.zeros {
            found.add(found::ZERO, place, || "A count of zero: nobody of this group is in it.".to_owned());
        } else if value > 0 && value < threshold {
            found.add(found::SMALL, place, || format!("Small count: {value} is under {threshold}."));
        } else if self.checks.round_base > 1 && value % self.checks.round_base != 0 {
            let base = self.checks.round_base;
            found.add(found::NOT_ROUNDED, place, || format!("{value} is not a multiple of {base}."));
        }
    }

    fn finish(self, found: &mut Found) {
        self.columns.finish(self.row, &self.checks, found);
        if self.row >= self.checks.many_rows {
            let sentence = || format!("The table has {} rows: tables of groups are seldom so long.", self.row);
            found.add(found::MANY_ROWS, || Place::Whole, sentence);
        }
    }
}

/// Whether a spreadsheet program would take a cell for a formula: the starts OWASP lists under CSV injection, less numbers,
/// ranges of numbers and signs that stand alone.
fn is_formula(text: &str) -> bool {
    let Some(first) = text.chars().next() else { return false };
    match first {
        '\t' | '\r' => text.trim().starts_with(['=', '+', '-', '@']) && is_formula(text.trim()),
        '=' | '@' | '＝' | '＠' => text.chars().count() > 1,
        '+' | '-' | '＋' | '－' => {
            !is_missing(text) && text.chars().skip(1).any(char::is_alphanumeric) && !is_plain_range(text)
        }
        _ => false,
    }
}

/// `-1.5`, `-1.5 (-2.0, 0.3)`, `-3 to 4`, `+44 20 1234`: digits and the signs between numbers, and no reckoning.
fn is_plain_range(text: &str) -> bool {
    let words = text.replace(" to ", " ");
    if number(&words).is_some() {
        return true;
    }
    let signs = words.bytes().all(|byte| byte.is_ascii_digit() || b" .,;:()[]%+-".contains(&byte));
    // `-1+2` is reckoning; a sign inside has to stand behind a blank, a bracket or a comma.
    let reckons = words
        .as_bytes()
        .windows(2)
        .any(|pair| matches!(pair[1], b'+') && !matches!(pair[0], b' ' | b'(' | b'[' | b','));
    signs && !reckons
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formulas_are_told_from_negative_numbers() {
        for text in ["=1+1", "@SUM(A1)", "+A1", "-2+3", "-cmd|'/C calc'!A0", "\t=1", "＝1+1", "=HYPERLINK(\"x\")"] {
            assert!(is_formula(text), "{text}");
        }
        for text in
            ["-3", "-3.5", "+2", "-1,234", "-", "--", "-1.5 (-2.0, 0.3)", "-3 to 4", "a=b", "", "=", "-0.5%", "-1e-5"]
        {
            assert!(!is_formula(text), "{text}");
        }
    }
}
