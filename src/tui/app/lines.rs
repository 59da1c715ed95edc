//! The lines of a table: rows, and the groups they were asked for in. Rows of one group that stand together have a line
//! above them, or are folded into it.

use std::ops::Range;

use super::list::List;
use super::row::Row;

/// One line of the table. Places are those in [`List::rows`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Line {
    /// Above the rows of a group.
    Head(Range<usize>),
    /// A row.
    Row(usize),
    /// A whole group.
    Fold(Range<usize>),
}

impl Line {
    fn has(&self, place: usize) -> bool {
        match self {
            Self::Head(_) => false,
            Self::Row(at) => *at == place,
            Self::Fold(rows) => rows.contains(&place),
        }
    }

    /// The row the cursor goes to on this line.
    const fn row(&self) -> Option<usize> {
        match self {
            Self::Head(_) => None,
            Self::Row(at) => Some(*at),
            Self::Fold(rows) => Some(rows.start),
        }
    }
}

impl List {
    /// The lines, from the first row that was read to the last.
    #[must_use]
    pub fn lines(&self) -> Vec<Line> {
        let mut lines = Vec::with_capacity(self.rows.len() + 16);
        let mut place = 0;
        for run in self.rows.chunk_by(|one, next| one.group.is_some() && one.group == next.group) {
            let all = place..place + run.len();
            place = all.end;
            let folded = run[0].group.is_some_and(|group| self.folded.contains(&group));
            match run.len() {
                1 => lines.push(Line::Row(all.start)),
                _ if folded => lines.push(Line::Fold(all)),
                _ => {
                    lines.push(Line::Head(all.clone()));
                    lines.extend(all.map(Line::Row));
                }
            }
        }
        lines
    }

    /// The line of the cursor.
    #[must_use]
    pub fn line(&self) -> usize {
        let at = self.at().unwrap_or(0);
        self.lines().iter().position(|line| line.has(at)).unwrap_or(0)
    }

    /// The folded group under the cursor.
    #[must_use]
    pub fn fold(&self) -> Option<&[Row]> {
        self.folded.contains(&self.current()?.group?).then_some(())?;
        match self.lines().into_iter().nth(self.line())? {
            Line::Fold(rows) => Some(&self.rows[rows]),
            _ => None,
        }
    }

    /// The rows that stand together with the one under the cursor.
    #[must_use]
    pub fn together(&self) -> &[Row] {
        let Some(at) = self.at() else { return &[] };
        let same = |row: &&Row| row.group.is_some() && row.group == self.rows[at].group;
        let before = self.rows[..at].iter().rev().take_while(same).count();
        let after = self.rows[at..].iter().take_while(same).count().max(1);
        &self.rows[at - before..at + after]
    }

    /// Moves the cursor by so many lines; a line above a group is passed over.
    pub fn step(&mut self, by: isize) {
        let lines = self.lines();
        let to = self.line().saturating_add_signed(by).min(lines.len().saturating_sub(1));
        let back = || lines[..to].iter().rev().find_map(Line::row);
        let on = || lines.get(to..)?.iter().find_map(Line::row);
        let row =
            if by < 0 && lines.get(to).is_some_and(|line| line.row().is_none()) { back().or_else(on) } else { on() };
        if let Some(row) = row {
            self.cursor = self.rows.get(row).map(|row| row.id);
        }
        self.follow();
    }

    /// Puts the cursor on a line of the screen, if a row is there; false if none is.
    pub fn point(&mut self, line: usize) -> bool {
        let Some(row) = self.lines().get(self.top + line).and_then(Line::row) else { return false };
        self.cursor = self.rows.get(row).map(|row| row.id);
        true
    }

    /// Scrolls so that the cursor is on the screen, with the line above its group where it is the group's first row.
    pub fn follow(&mut self) {
        let lines = self.lines();
        let at = self.line();
        let height = self.height.max(1);
        let head = at.checked_sub(1).filter(|above| height > 1 && matches!(lines.get(*above), Some(Line::Head(_))));
        let first = head.unwrap_or(at);
        if first < self.top {
            self.top = first;
        } else if at >= self.top + height {
            self.top = at + 1 - height;
        }
        self.top = self.top.min(lines.len().saturating_sub(1));
    }

    /// Place of the first row on the screen.
    #[must_use]
    pub fn first_row(&self) -> usize {
        self.lines().get(self.top).map_or(0, |line| match line {
            Line::Row(at) => *at,
            Line::Head(rows) | Line::Fold(rows) => rows.start,
        })
    }

    /// Place of the last row on the screen.
    #[must_use]
    pub fn last_row(&self) -> usize {
        let lines = self.lines();
        let last = (self.top + self.height).min(lines.len());
        lines[..last].last().map_or(0, |line| match line {
            Line::Row(at) => *at,
            Line::Head(rows) | Line::Fold(rows) => rows.end,
        })
    }

    /// Folds or unfolds the group under the cursor, which stays where it is.
    pub fn turn_fold(&mut self) {
        let Some(group) = self.current().and_then(|row| row.group) else { return };
        if !self.folded.remove(&group) {
            self.folded.insert(group);
        }
        self.follow();
    }

    /// Folds every group, or unfolds all if one is folded.
    pub fn turn_folds(&mut self) {
        if self.folded.is_empty() {
            self.folded = self.rows.iter().filter_map(|row| row.group).collect();
        } else {
            self.folded.clear();
        }
        self.follow();
    }

    /// Marks all rows that stand together with the one under the cursor; takes the marks away where all have one.
    pub fn mark_together(&mut self) {
        let ids: Vec<i64> = self.together().iter().map(|row| row.id).collect();
        if ids.iter().all(|id| self.marks.contains(id)) {
            self.marks.retain(|id| !ids.contains(id));
        } else {
            self.marks.extend(ids);
        }
    }
}
