//! Looking inside: one ranged read for each page. Called by `cli::egress`; the desk keeps its own reader open and pages
//! through it.

use super::{ObjectReader, Result, Service};
use crate::domain::egress::{CaseState, EgressItem, VersionId};
use crate::inspect::{Body, Preview, PreviewRequest, Window, preview, window_of};

/// Rows of one page that is only passed over.
const SKIPPED_AT_ONCE: u32 = 100_000;

impl Service {
    /// One page of what is inside, after so many rows or lines; the opening is journalled.
    ///
    /// # Errors
    /// A refusal; no worker or store; see [`super::ServiceError`].
    pub async fn preview(&self, id: VersionId, skip: u64, request: &PreviewRequest) -> Result<Preview> {
        let reader = self.open_version(id).await?;
        let mut request = request.clone();
        let (rows, mut skip) = (request.rows, skip);
        while skip > 0 {
            request.rows = u32::try_from(skip).unwrap_or(SKIPPED_AT_ONCE).min(SKIPPED_AT_ONCE);
            let passed = reader.preview(&request).await?;
            // Past the end there is nothing: the page then begins there.
            request.offset = passed.next.unwrap_or(passed.total_bytes);
            skip = if passed.next.is_some() { skip.saturating_sub(passed.body.rows()) } else { 0 };
            request.carried = passed.carried;
        }
        request.rows = rows;
        reader.preview(&request).await
    }
}

impl ObjectReader<'_> {
    /// One page of what is inside.
    ///
    /// # Errors
    /// See [`ObjectReader::read`].
    pub async fn preview(&self, request: &PreviewRequest) -> Result<Preview> {
        let media_type = self.item().media_type.as_deref();
        let range = window_of(media_type, request, self.size());
        let window = Window { offset: range.start, bytes: self.read(range).await?, total: self.size() };
        let mut page = preview(&window, request, media_type);
        page.sha256.clone_from(&self.item().sha256);
        if self.is_loose() {
            page.notes.push(
                "The bucket keeps no versions and the file is too large to be compared whole: what is shown has the ETag and the \
                 time of the file that was registered, its sha256 is compared at the release."
                    .to_owned()
                    .into(),
            );
        }
        if matches!(page.body, Body::Hex { .. })
            && let Some(note) = how_to_look(self.item())
        {
            page.notes.push(note.into());
        }
        Ok(page)
    }
}

/// What a checker can do about bytes that are not drawn.
fn how_to_look(item: &EgressItem) -> Option<String> {
    let may =
        |command: &str| item.destinations.values().any(|case| case.why_not.get(command).is_some_and(Option::is_none));
    if may("download") {
        let released = item.destinations.values().any(|case| case.state == CaseState::Released);
        let only = if released { "" } else { ", for looking only: it is not released" };
        return Some(format!("d, or `exeat egress download {} --to DIR`, fetches it{only}.", item.id));
    }
    // Of no use to who checks nothing here.
    let (destination, case) = item.destinations.first_key_value()?;
    let checks = case.why_not.get("approve").is_none_or(|why| why.as_ref().is_none_or(|why| why.code != "not_checker"));
    checks.then(|| {
        format!(
            "An administrator can let checkers fetch such files for looking: `exeat policies set {} {destination} --inspection-downloads true`.",
            item.project
        )
    })
}
