//! `exeat egress preview`: a page of what is inside, as text.

use super::args::PreviewArgs;
use super::{exit, output};
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
    }
    Ok(exit::OK)
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
