//! Reading a file for the preview pane: ranges through one ticket, kept while the same file is looked at, made into pages
//! by `inspect` and handed to the app as its own data.

use std::sync::Arc;

use tokio::sync::mpsc::UnboundedSender;
use tokio::sync::watch;

use crate::domain::egress::VersionId;
use crate::inspect::{self, Carried, PreviewRequest};
use crate::service::{ObjectReader, Service, ServiceError};
use crate::text::Untrusted;
use crate::tui::app::Msg;
use crate::tui::app::preview::{Body, Line, Part};

/// A page asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wanted {
    /// The file version.
    pub id: i64,
    /// Its hash, echoed.
    pub sha256: String,
    /// Where to start.
    pub offset: u64,
    /// Rows or lines.
    pub rows: u64,
}

/// A file being looked at.
struct Open<'a> {
    reader: ObjectReader<'a>,
    /// Where the next page starts, and what it needs from the one before.
    next: Option<(u64, Carried)>,
    /// Bytes read from the first window's start to the furthest end.
    from: u64,
    to: u64,
}

/// Answers the newest wish, again and again. While wishes are for one file its ticket is kept. A wish that comes while
/// another is being answered takes its place: a store that is slow with one file does not hold up the next.
pub async fn serve(service: Arc<Service>, mut wishes: watch::Receiver<Option<Wanted>>, told: UnboundedSender<Msg>) {
    let mut open: Option<Open<'_>> = None;
    while wishes.changed().await.is_ok() {
        let Some(wish) = wishes.borrow_and_update().clone() else { continue };
        if wish.offset == 0 || open.as_ref().is_some_and(|open| open.reader.item().id.0 != wish.id) {
            open = None;
        }
        let came = tokio::select! {
            answer = answer(&service, &mut open, &wish) => Some(answer),
            Ok(()) = wishes.changed() => None,
        };
        if let Some(answer) = came {
            let answer = answer.map_err(|error| error.to_string());
            let _ = told.send(Msg::Previewed { id: wish.id, sha256: wish.sha256, answer });
        } else {
            // What was half read is of no use; the newer wish is seen anew above.
            open = None;
            wishes.mark_changed();
        }
    }
}

async fn answer<'a>(service: &'a Service, open: &mut Option<Open<'a>>, wish: &Wanted) -> Result<Part, ServiceError> {
    let open = if let Some(open) = open {
        open
    } else {
        let reader = service.open_version(VersionId(wish.id)).await?;
        open.insert(Open { reader, next: None, from: 0, to: 0 })
    };
    let sha256 = open.reader.item().sha256.clone().unwrap_or_default();
    let carried = open.next.take().filter(|(at, _)| *at == wish.offset).map(|(_, carried)| carried);
    let request = PreviewRequest { rows: u32::try_from(wish.rows).unwrap_or(u32::MAX), offset: wish.offset, carried };
    let page = open.reader.preview(&request).await?;
    if open.to == 0 {
        open.from = page.offset;
    }
    open.to = open.to.max(page.offset + page.read_bytes);
    open.next = page.next.zip(page.carried.clone());
    Ok(part(page, open.to - open.from, sha256))
}

fn part(page: inspect::Preview, read: u64, sha256: String) -> Part {
    let mut facts = vec![Untrusted::new(page.media_type)];
    facts.extend(page.facts.into_iter().map(|fact| Untrusted::new(format!("{} {}", fact.name, fact.value.raw()))));
    facts.extend(page.notes);
    let total = matches!(page.body, inspect::Body::Hex { .. }).then_some(page.total_bytes);
    let body = match page.body {
        inspect::Body::Lines { first_line, lines, .. } => {
            // Where the page goes on inside a line, the first number is that line's.
            let inside = lines.first().is_some_and(|line| line.continues);
            let mut next = first_line.unwrap_or(1) + u64::from(inside);
            let mut numbered = |line: inspect::Line| {
                let number = (!line.continues).then_some(next);
                next += u64::from(!line.continues);
                Line { text: line.text, number }
            };
            Body::Lines(lines.into_iter().map(&mut numbered).collect())
        }
        inspect::Body::Table { columns, rows, .. } => {
            Body::Table { header: columns.into_iter().map(|column| column.name).collect(), rows }
        }
        inspect::Body::Hex { offset, bytes } => Body::Hex { offset, bytes },
        inspect::Body::Nothing { reason } => Body::Nothing(Untrusted::new(reason)),
    };
    Part { facts, read, of: page.total_bytes, sha256, body, next: page.next, total }
}
