//! Reading a file for the preview pane: ranges through one ticket, kept while the same file is looked at, made into pages
//! by `inspect` and handed to the app; and keeping what was seen of it.

use std::sync::Arc;

use tokio::sync::mpsc::UnboundedSender;
use tokio::sync::watch;

use super::shared::Shared;
use crate::domain::id::VersionId;
use crate::domain::seen::Seen;
use crate::inspect::{Page, PreviewRequest};
use crate::service::{ObjectReader, Service, ServiceError};
use crate::tui::app::Msg;

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
    /// What asks for the next page.
    next: Option<PreviewRequest>,
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

async fn answer<'a>(service: &'a Service, open: &mut Option<Open<'a>>, wish: &Wanted) -> Result<Page, ServiceError> {
    let open = if let Some(open) = open {
        open
    } else {
        let reader = service.open_version(VersionId(wish.id)).await?;
        open.insert(Open { reader, next: None })
    };
    let rows = u32::try_from(wish.rows).unwrap_or(u32::MAX);
    let alone = PreviewRequest { rows, offset: wish.offset, carried: None };
    let request = open.next.take().filter(|next| next.offset == wish.offset).unwrap_or(alone);
    let page = open.reader.preview(&PreviewRequest { rows, ..request }).await?;
    open.next = page.next_request(rows);
    Ok(page)
}

impl Shared {
    /// Keeps what was seen of a file, and reads its row again, for its list says how much that is.
    pub(super) async fn note_seen(self, area: &'static str, id: i64, seen: Seen) {
        match self.service.note_seen(VersionId(id), &seen).await {
            Ok(_) => self.rows(area, vec![id]).await,
            Err(error) => _ = self.failed(&error),
        }
    }
}
