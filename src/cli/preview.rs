//! `exeat egress preview`: a page of what is inside, as text.

use std::io::IsTerminal as _;

use unicode_width::UnicodeWidthStr as _;

use super::args::PreviewArgs;
use super::{exit, output};
use crate::domain::egress::{EgressItem, VersionId};
use crate::domain::seen::{Cells, Rect, Seen, Unit};
use crate::inspect::{Body, HEX_WIDTH, Page, PreviewRequest, hex_line};
use crate::service::Service;
use crate::text::{Untrusted, fit, human_size, shown};

/// Cells wider than this are cut, and say so.
const CELL: usize = 40;

/// Runs it.
pub async fn run(service: &Service, args: &PreviewArgs) -> anyhow::Result<u8> {
    let request = PreviewRequest { rows: args.rows, offset: args.byte, carried: None };
    let page = service.preview(args.id, args.offset, &request).await?;
    if args.output.json {
        let mut value = serde_json::to_value(&page)?;
        value["id"] = args.id.to_string().into();
        output::json(&value)?;
    } else {
        output::line(&text(&page))?;
        // What went into a file or a pipe nobody has seen by that.
        if let Some(seen) = printed(&page).filter(|_| std::io::stdout().is_terminal()) {
            note(service, args.id, seen).await?;
        }
    }
    Ok(exit::OK)
}

/// What a printed page shows whole, by its place in the file; none where that is not known or there is nothing to count.
fn printed(page: &Page) -> Option<Seen> {
    let (unit, first, columns, parts) = match &page.body {
        // Further on a line that came in pieces would shift them.
        Body::Lines { first_line, lines, .. } => {
            (Unit::Lines, first_line.filter(|first| *first == 1), 1, vec![[0, lines.len() as u64, 0, 1]])
        }
        Body::Table { first_row, columns, rows, .. } => {
            let whole = |cell: &Untrusted| shown(cell).width() <= CELL;
            let cell = |row: u64, column: u64| [row, row + 1, column, column + 1];
            let of_row = |(row, cells): (u64, &Vec<Untrusted>)| {
                let kept = (0..columns.len()).filter(|at| cells.get(*at).is_none_or(whole));
                kept.map(|at| cell(row, at as u64)).collect::<Vec<_>>()
            };
            (Unit::Cells, *first_row, columns.len() as u64, (0..).zip(rows).flat_map(of_row).collect())
        }
        _ => return Some(Seen { unit: Unit::Facts, whole: page.next.is_none(), ..Seen::default() }),
    };
    let before = first?.checked_sub(1)?;
    let moved = |[top, bottom, left, right]: [u64; 4]| Rect::from([before + top, before + bottom, left, right]);
    let read = before + page.body.lines() as u64;
    let more = u64::from(page.next.is_some());
    let parts = Cells::from(parts.into_iter().map(moved).collect::<Vec<_>>());
    Some(Seen { unit, rows: read + more, columns, whole: page.next.is_none(), parts })
}

/// Keeps it with what was seen of the file before.
async fn note(service: &Service, id: VersionId, mut seen: Seen) -> anyhow::Result<()> {
    let facts = service.facts_of::<EgressItem>(id.0).await?;
    if let Some(earlier) = facts.looks.iter().find_map(|look| look.seen.as_ref()) {
        seen.add_all(earlier);
    }
    service.note_seen(id, &seen).await?;
    Ok(())
}

fn text(page: &Page) -> String {
    let mut lines = vec![format!(
        "{}, {}; read {} from byte {} of {}",
        shown(&Untrusted::new(page.media_type.as_str())),
        human_size(page.total_bytes),
        human_size(page.read_bytes),
        page.offset,
        page.total_bytes
    )];
    lines.push(format!("sha256 {}", page.sha256.as_deref().unwrap_or("unknown")));
    lines.extend(page.facts.iter().map(|fact| format!("{}: {}", fact.name, shown(&fact.value))));
    if let Body::Table { columns, .. } = &page.body
        && page.body.headings() > 1
    {
        let facts: Vec<_> = columns.iter().map(|one| format!("{} {}", shown(&one.name), one.facts)).collect();
        lines.push(format!("columns: {}", facts.join("; ")));
    }
    lines.extend(page.notes.iter().map(|note| format!("note: {}", shown(note))));
    lines.push(String::new());
    match &page.body {
        Body::Lines { lines: body, .. } => {
            for line in body {
                // What a piece goes on from is marked, so that it does not pass for a line of its own.
                let mark = if line.continues { "> " } else { "" };
                lines.push(format!("{mark}{}", shown(&line.text)));
            }
        }
        Body::Table { columns, rows, .. } => {
            let cell = |text: &Untrusted| fit(&shown(text), CELL);
            let names: Vec<String> = columns.iter().map(|column| cell(&column.name)).collect();
            let headings: Vec<&str> = names.iter().map(String::as_str).collect();
            let cells: Vec<Vec<String>> = rows.iter().map(|row| row.iter().map(cell).collect()).collect();
            lines.push(output::table(&headings, &cells));
        }
        Body::Hex { offset, bytes } => {
            let mut at = *offset;
            for chunk in bytes.chunks(HEX_WIDTH) {
                lines.push(hex_line(at, chunk));
                at += chunk.len() as u64;
            }
        }
        Body::Nothing { reason } => lines.push(reason.clone()),
    }
    if let Some(next) = page.next {
        lines.push(format!("\nmore with --byte {next}"));
    }
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::inspect::{Column, ColumnFacts};

    fn page(body: Body, next: Option<u64>) -> Page {
        Page {
            media_type: String::new(),
            kind: String::new(),
            facts: Vec::new(),
            body,
            offset: 0,
            read_bytes: 10,
            total_bytes: 20,
            next,
            carried: None,
            sha256: None,
            notes: Vec::new(),
        }
    }

    #[test]
    fn a_printed_page_is_seen_where_it_was_not_cut_and_its_rows_are_known() {
        let column = || Column { name: Untrusted::new("a"), facts: ColumnFacts::default() };
        let row = |text: &str| vec![Untrusted::new("1"), Untrusted::new(text)];
        let table = |first_row| Body::Table {
            columns: vec![column(), column()],
            rows: vec![row("short"), row(&"long ".repeat(20))],
            first_row,
            header: true,
        };
        let seen = printed(&page(table(Some(41)), Some(10))).unwrap();
        assert_eq!((seen.rows, seen.columns, seen.whole, seen.drawn()), (43, 2, false, 3));
        assert!(seen.parts.has(40, 0) && seen.parts.has(40, 1) && seen.parts.has(41, 0) && !seen.parts.has(41, 1));
        assert_eq!(printed(&page(table(None), None)), None, "in the middle of a file no row has a number");
        let nothing = Body::Nothing { reason: "It is a picture.".into() };
        assert_eq!(printed(&page(nothing, None)).unwrap().share().to_string(), "facts");
    }
}
