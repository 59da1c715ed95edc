//! The timeline of a person's grants on a dataset, drawn in cells: one line a grant, each state with a sign of its own, so
//! that nothing rests on colour.

use chrono::{DateTime, Datelike as _, TimeDelta, Utc};
use chrono_tz::Tz;

use super::super::access::{access_now, day, state_tone, until};
use super::super::words::{count, safe, wrapped};
use crate::domain::access::{Grant, GrantState, PairFacts};
use crate::text::shown;
use crate::tui::app::state::facts::Facts;
use crate::tui::app::words::{Line, Span, Tone};

/// Cells of the label before a bar.
const LABEL: usize = 12;
/// Cells of the words behind it.
const WORDS: usize = 21;
/// First letters of the months.
const MONTHS: &[u8; 12] = b"JFMAMJJASOND";

/// The pane's lines.
pub fn side(item: &Grant, facts: Option<&Facts>, now: DateTime<Tz>, width: u16) -> Vec<Line> {
    let width = usize::from(width);
    let access = facts.and_then(|facts| facts.more::<PairFacts>());
    let mut lines = Vec::new();
    let whose = format!("{} on {} {}", safe(&item.login), safe(&item.dataset_id), shown(&item.dataset_title));
    lines.extend(wrapped(&whose, width).into_iter().take(2).map(|line| vec![Span::new(Tone::Title, line)]));
    let check = access_now(access, now.timezone());
    let text = format!("access {}", check.text);
    lines.extend(wrapped(&text, width).into_iter().map(|line| vec![Span::new(check.tone, line)]));
    lines.push(Vec::new());
    let only = [item.clone()];
    let grants: &[Grant] = access.map_or(&only, |access: &PairFacts| &access.grants);
    lines.extend(drawn(grants, item.id.0, now, width));
    lines
}

/// What is now first, then what comes, then what is over.
fn order(state: GrantState) -> u8 {
    match state {
        GrantState::Active => 0,
        GrantState::Upcoming => 1,
        GrantState::Revoked => 2,
        GrantState::Expired => 3,
    }
}

/// When a grant was over, whatever ended it.
fn over(grant: &Grant) -> DateTime<Utc> {
    grant
        .revoked_at
        .map_or(grant.valid_until, |at| at.clamp(grant.valid_from.min(grant.valid_until), grant.valid_until))
}

struct Scale {
    from: DateTime<Utc>,
    seconds: i64,
    cells: usize,
    zone: Tz,
}

impl Scale {
    /// From the first start to the last end, today always among them, with a little room on both sides.
    fn of(grants: &[&Grant], now: DateTime<Tz>, cells: usize) -> Self {
        let today = now.to_utc();
        let first = grants.iter().map(|grant| grant.valid_from).min().unwrap_or(today).min(today);
        let last = grants.iter().map(|grant| grant.valid_until).max().unwrap_or(today).max(today);
        let room = ((last - first) / 20).max(TimeDelta::days(1));
        let (from, until) = (first - room, last + room);
        Self { from, seconds: (until - from).num_seconds().max(1), cells, zone: now.timezone() }
    }

    fn cell(&self, at: DateTime<Utc>) -> usize {
        let cells = i64::try_from(self.cells).unwrap_or(1);
        let at = (at - self.from).num_seconds().clamp(0, self.seconds);
        usize::try_from(i128::from(at) * i128::from(cells) / i128::from(self.seconds)).unwrap_or(0).min(self.cells - 1)
    }

    fn start_of(&self, cell: usize) -> DateTime<Utc> {
        let (cell, cells) = (i64::try_from(cell).unwrap_or(0), i64::try_from(self.cells).unwrap_or(1));
        self.from + TimeDelta::seconds(self.seconds / cells * cell + self.seconds % cells * cell / cells)
    }

    /// The line of years, and the line of months where each month has a cell of its own.
    fn axis(&self) -> (String, Option<String>) {
        let month = |cell: usize| {
            let at = self.start_of(cell).with_timezone(&self.zone);
            (at.year(), at.month0())
        };
        let (mut years, mut months) = (vec![' '; self.cells], vec![' '; self.cells]);
        let (mut free, mut fits) = (0, true);
        for cell in 1..self.cells {
            let (before, here) = (month(cell - 1), month(cell));
            if here == before {
                continue;
            }
            let steps = i64::from(here.0 - before.0) * 12 + i64::from(here.1) - i64::from(before.1);
            fits &= steps == 1;
            months[cell] = char::from(MONTHS[usize::try_from(here.1).unwrap_or(0) % 12]);
            if here.0 != before.0 && cell >= free && cell + 4 <= self.cells {
                for (n, digit) in format!("{:04}", here.0).chars().take(4).enumerate() {
                    years[cell + n] = digit;
                }
                free = cell + 5;
            }
        }
        if free == 0 && self.cells >= 4 {
            for (n, digit) in format!("{:04}", month(0).0).chars().take(4).enumerate() {
                years[n] = digit;
            }
        }
        (years.into_iter().collect(), fits.then(|| months.into_iter().collect()))
    }
}

/// The axis and a line for each grant.
fn drawn(grants: &[Grant], here: i64, now: DateTime<Tz>, width: usize) -> Vec<Line> {
    let mut grants: Vec<&Grant> = grants.iter().collect();
    // The one under the cursor first: with many of them the others may be pages away.
    grants.sort_by_key(|grant| (grant.id.0 != here, order(grant.state), std::cmp::Reverse(over(grant)), grant.id));
    let cells = width.saturating_sub(LABEL + WORDS + 1).max(12);
    let scale = Scale::of(&grants, now, cells);
    let today = scale.cell(now.to_utc());
    let indent = " ".repeat(LABEL);
    let mut lines = Vec::new();
    let (years, months) = scale.axis();
    let mark = if today + 5 <= cells { format!("{}today", " ".repeat(today)) } else { format!("{:>cells$}", "today") };
    lines.push(vec![Span::new(Tone::Title, format!("{indent}{mark}"))]);
    lines.push(vec![Span::new(Tone::Dim, format!("{indent}{years}"))]);
    lines.extend(months.map(|months| vec![Span::new(Tone::Dim, format!("{indent}{months}"))]));
    for grant in &grants {
        lines.push(line(grant, grant.id.0 == here, &scale, today));
    }
    lines.push(Vec::new());
    let live = grants.iter().filter(|grant| matches!(grant.state, GrantState::Active | GrantState::Upcoming)).count();
    let text = format!("{}, {live} of them valid now or later", count(grants.len(), "grant"));
    lines.push(vec![Span::new(Tone::Dim, text)]);
    lines.push(vec![Span::new(Tone::Dim, "─ active  ╌ upcoming  ∙ expired  ═ until revoked ╡")]);
    lines
}

fn line(grant: &Grant, here: bool, scale: &Scale, today: usize) -> Line {
    let (from, until) = (scale.cell(grant.valid_from), scale.cell(grant.valid_until));
    let end = scale.cell(over(grant));
    let sign = match grant.state {
        GrantState::Active => '─',
        GrantState::Upcoming => '╌',
        GrantState::Expired => '∙',
        GrantState::Revoked => '═',
    };
    let mut bar = String::new();
    for cell in 0..scale.cells {
        let inside = (from..=end.max(from)).contains(&cell);
        bar.push(match grant.state {
            GrantState::Revoked if cell == end => '╡',
            // What it would have been valid for.
            GrantState::Revoked if cell > end && cell <= until && cell != today => ' ',
            _ if inside && cell == today => '┼',
            _ if inside => sign,
            _ if cell == today => '│',
            _ => ' ',
        });
    }
    let label = match grant.request {
        Some(request) => format!("{} r{request}", grant.id),
        None => format!("{} hand", grant.id),
    };
    let pointer = if here { '>' } else { ' ' };
    let label: String = format!("{pointer}{label}").chars().take(LABEL - 1).collect();
    let tone = state_tone(grant.state);
    vec![
        Span::new(if here { Tone::Key } else { Tone::Plain }, format!("{label:<LABEL$}")),
        Span::new(tone, bar),
        Span::new(tone, format!(" {}", words(grant, scale.zone))),
    ]
}

fn words(grant: &Grant, zone: Tz) -> String {
    match grant.state {
        GrantState::Active => format!("until {}", until(grant.valid_until, grant.last_day, zone)),
        GrantState::Upcoming => format!("from {}", day(grant.valid_from, zone)),
        GrantState::Expired => format!("expired {}", until(grant.valid_until, grant.last_day, zone)),
        GrantState::Revoked => format!("revoked {}", day(over(grant), zone)),
    }
}
