//! Looking inside: one ranged read for each page. Called by `cli::egress`; the desk keeps its own reader open and pages
//! through it.

use super::{ObjectReader, Result, Service};
use crate::domain::egress::VersionId;
use crate::inspect::{Preview, PreviewRequest, Window, preview, window_of};

impl Service {
    /// One page of what is inside; the opening is journalled.
    ///
    /// # Errors
    /// A refusal; no worker or store; see [`super::ServiceError`].
    pub async fn preview(&self, id: VersionId, request: &PreviewRequest) -> Result<Preview> {
        self.open_version(id).await?.preview(request).await
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
        Ok(page)
    }
}
