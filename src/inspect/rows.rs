//! Rows and cells from chunks of any size, with no row able to swallow the next ones. Called by the table preview and the
//! scanner, so that both see the same rows.
//!
//! A row is at most [`ROW_LIMIT`] bytes. A quote that is still open there (or at the end of the file) did not open a cell: its
//! line is read again as it stands, without quoting, and the reading goes on with the next line. A line longer than the limit
//! comes in parts.

use csv_core::{ReadRecordResult, Reader, ReaderBuilder};

/// Most bytes of one row, quoted line breaks included: also the window of a preview, so that one window always holds a row.
pub(super) const ROW_LIMIT: usize = 256 * 1024;
/// After so many lone quotes a file does not quote at all; the number keeps hostile files from being read over and over.
const LONE_QUOTES: u32 = 100;

/// One row or a part of a very long one.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Row {
    /// Bytes from the start of the stream up to behind it.
    pub end: u64,
    /// The cells' bytes, quotes taken off.
    pub cells: Vec<Vec<u8>>,
    /// Which column the first cell belongs to; not 0 only in the later parts of a long row.
    pub first_column: usize,
    /// More parts of the same row follow.
    pub cut: bool,
    /// It has a quote that never closes and is shown as it stands.
    pub lone_quote: bool,
}

/// Reads rows.
pub(super) struct Rows {
    delimiter: u8,
    core: Reader,
    /// The bytes of the row being read.
    pending: Vec<u8>,
    cells: Vec<u8>,
    ends: Vec<usize>,
    filled: usize,
    ended: usize,
    /// Bytes of finished rows.
    done: u64,
    /// Column where the next part of a long row goes on.
    column: Option<usize>,
    lone_quotes: u32,
}

impl Rows {
    pub(super) fn new(delimiter: u8) -> Self {
        Self {
            delimiter,
            core: core(delimiter, true),
            pending: Vec::new(),
            cells: vec![0; 1024],
            ends: vec![0; 64],
            filled: 0,
            ended: 0,
            done: 0,
            column: None,
            lone_quotes: 0,
        }
    }

    /// Takes more bytes and hands over the rows they complete; `false` from `each` stops (the rest is then not read).
    pub(super) fn feed(&mut self, bytes: &[u8], each: &mut impl FnMut(Row) -> bool) -> bool {
        // What a lone quote made us read again, the latest last.
        let mut work = vec![bytes.to_vec()];
        while let Some(stretch) = work.pop() {
            let mut input = stretch.as_slice();
            while !input.is_empty() {
                let room = ROW_LIMIT - self.pending.len();
                let (complete, read) = self.step(&input[..input.len().min(room)]);
                input = &input[read..];
                if complete {
                    if !self.emit(each) {
                        return false;
                    }
                } else if self.pending.len() == ROW_LIMIT {
                    let again = self.give_up(false, each);
                    if again.is_none() {
                        return false;
                    }
                    work.push(input.to_vec());
                    work.extend(again.filter(|rest| !rest.is_empty()));
                    break;
                }
            }
        }
        true
    }

    /// The end of the file: hands over what is left.
    pub(super) fn finish(&mut self, each: &mut impl FnMut(Row) -> bool) -> bool {
        while !self.pending.is_empty() {
            if self.unclosed() {
                let Some(rest) = self.give_up(true, each) else { return false };
                if !self.feed(&rest, each) {
                    return false;
                }
                continue;
            }
            return if self.step(&[]).0 { self.emit(each) } else { true };
        }
        true
    }

    /// Bytes of the rows handed over.
    pub(super) fn done(&self) -> u64 {
        self.done
    }

    /// Whether the row being read has a quote open over the end of a line.
    fn unclosed(&self) -> bool {
        let start = self.pending.iter().position(|byte| !is_break(*byte)).unwrap_or(self.pending.len());
        self.pending[start..].iter().any(|byte| is_break(*byte)) || self.quote_open()
    }

    /// Whether a quote is open now, found by asking the parser whether a line break would end the row.
    fn quote_open(&self) -> bool {
        let mut probe = self.core.clone();
        let (mut out, mut ends) = (vec![0; 4], vec![0; self.ends.len() + 2]);
        let (result, ..) = probe.read_record(b"\n", &mut out, &mut ends);
        self.pending.contains(&b'"') && !matches!(result, ReadRecordResult::Record)
    }

    fn step(&mut self, input: &[u8]) -> (bool, usize) {
        let mut read = 0;
        loop {
            let (result, took, wrote, ended) =
                self.core.read_record(&input[read..], &mut self.cells[self.filled..], &mut self.ends[self.ended..]);
            self.pending.extend_from_slice(&input[read..read + took]);
            read += took;
            self.filled += wrote;
            self.ended += ended;
            match result {
                ReadRecordResult::OutputFull => self.cells.resize(self.cells.len() * 2, 0),
                ReadRecordResult::OutputEndsFull => self.ends.resize(self.ends.len() * 2, 0),
                ReadRecordResult::Record => return (true, read),
                ReadRecordResult::InputEmpty | ReadRecordResult::End => return (false, read),
            }
        }
    }

    fn emit(&mut self, each: &mut impl FnMut(Row) -> bool) -> bool {
        let cells = split(&self.cells, &self.ends[..self.ended]);
        let length = self.pending.len() as u64;
        self.end_long_row();
        self.clear();
        self.hand_over(cells, length, false, false, each)
    }

    fn hand_over(
        &mut self,
        cells: Vec<Vec<u8>>,
        length: u64,
        cut: bool,
        lone_quote: bool,
        each: &mut impl FnMut(Row) -> bool,
    ) -> bool {
        self.done += length;
        let first_column = self.column.unwrap_or(0);
        // The last cell of a part may go on in the next one: both belong to the same column.
        self.column = cut.then(|| first_column + cells.len().saturating_sub(1));
        each(Row { end: self.done, cells, first_column, cut, lone_quote })
    }

    /// Reads the first line of what is pending as it stands; returns the lines behind it, to be read again.
    fn give_up(&mut self, at_end: bool, each: &mut impl FnMut(Row) -> bool) -> Option<Vec<u8>> {
        self.end_long_row();
        let pending = std::mem::take(&mut self.pending);
        let Some(start) = pending.iter().position(|byte| !is_break(*byte)) else {
            // Nothing but empty lines.
            self.done += pending.len() as u64;
            return Some(Vec::new());
        };
        let line = pending[start..].iter().position(|byte| is_break(*byte)).map(|at| start + at + 1);
        let cut = line.is_none() && !at_end;
        let quoted = pending[..line.unwrap_or(pending.len())].contains(&b'"');
        let (head, rest) = pending.split_at(line.unwrap_or(pending.len()));
        if line.is_some() || at_end {
            self.lone_quotes += 1;
        }
        let cells = plain(self.delimiter, head);
        self.core = core(self.delimiter, self.lone_quotes < LONE_QUOTES);
        self.clear();
        self.hand_over(cells, head.len() as u64, cut, quoted, each).then(|| rest.to_vec())
    }

    /// A long row whose last part ended right before its line break was complete.
    fn end_long_row(&mut self) {
        if self.pending.first().copied().is_some_and(is_break) {
            self.column = None;
        }
    }

    fn clear(&mut self) {
        self.pending.clear();
        (self.filled, self.ended) = (0, 0);
    }
}

fn core(delimiter: u8, quoting: bool) -> Reader {
    let mut core = ReaderBuilder::new().delimiter(delimiter).quoting(quoting).build();
    // The parser drops a byte order mark where it starts; only the caller knows where the file starts.
    let _ = core.read_record(b"\n", &mut [0; 1], &mut [0; 1]);
    core
}

/// The cells of a line as it stands.
fn plain(delimiter: u8, line: &[u8]) -> Vec<Vec<u8>> {
    let start = line.iter().position(|byte| !is_break(*byte)).unwrap_or(line.len());
    let end = line.iter().rposition(|byte| !is_break(*byte)).map_or(start, |at| at + 1);
    line[start..end.max(start)].split(|byte| *byte == delimiter).map(<[u8]>::to_vec).collect()
}

fn is_break(byte: u8) -> bool {
    matches!(byte, b'\r' | b'\n')
}

fn split(cells: &[u8], ends: &[usize]) -> Vec<Vec<u8>> {
    let mut start = 0;
    ends.iter()
        .map(|end| {
            let cell = cells[start..*end].to_vec();
            start = *end;
            cell
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn read(bytes: &[u8], chunk: usize) -> Vec<Row> {
        let mut rows = Rows::new(b',');
        let mut seen = Vec::new();
        for piece in bytes.chunks(chunk.max(1)) {
            rows.feed(piece, &mut |row| {
                seen.push(row);
                true
            });
        }
        rows.finish(&mut |row| {
            seen.push(row);
            true
        });
        assert!(rows.done() <= bytes.len() as u64 && rows.done() >= bytes.len() as u64 - trailing_breaks(bytes));
        seen
    }

    /// Breaks behind the last row's own belong to no row.
    fn trailing_breaks(bytes: &[u8]) -> u64 {
        let tail = bytes.iter().rev().take_while(|byte| is_break(**byte)).count();
        u64::try_from(tail).unwrap()
    }

    fn text(rows: &[Row]) -> Vec<Vec<String>> {
        rows.iter()
            .map(|row| row.cells.iter().map(|cell| String::from_utf8_lossy(cell).into_owned()).collect())
            .collect()
    }

    #[test]
    fn a_lone_quote_swallows_nothing() {
        let rows = read(b"ward,n\nA,\"12\nB,3\nC,4", 3);
        assert_eq!(text(&rows), [vec!["ward", "n"], vec!["A", "\"12"], vec!["B", "3"], vec!["C", "4"]]);
        assert!(rows[1].lone_quote && !rows[2].lone_quote);
    }

    #[test]
    fn quoted_line_breaks_and_carriage_returns_are_read() {
        assert_eq!(text(&read(b"a,b\r1,\"x\ny\"\r2,z", 1)), [vec!["a", "b"], vec!["1", "x\ny"], vec!["2", "z"]]);
    }

    #[test]
    fn a_row_longer_than_the_limit_comes_in_parts() {
        let long = format!("a,{}\nb,1\n", "1,".repeat(ROW_LIMIT));
        let rows = read(long.as_bytes(), 70_000);
        assert!(rows[0].cut && rows[1].first_column > 0 && rows.len() == 4, "{}", rows.len());
        assert_eq!(text(&rows[3..]), [vec!["b", "1"]]);
        assert_eq!(rows[3].first_column, 0);
    }

    proptest! {
        #[test]
        fn chunks_do_not_matter(bytes in proptest::collection::vec(prop_oneof![Just(b'"'), Just(b','), Just(b'\n'), Just(b'\r'), Just(b'a'), any::<u8>()], 0..400), chunk in 1..50_usize) {
            prop_assert_eq!(read(&bytes, chunk), read(&bytes, 1000));
        }
    }
}
