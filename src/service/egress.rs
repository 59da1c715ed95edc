//! Reading the list. Called by the desk and `cli::egress`.

use serde_json::Value;

use super::{CommentRow, HistoryRow, Result, Service, ServiceError, VoteRow};
use crate::domain::egress::{EgressItem, VersionId};
use crate::domain::filter::EgressFilter;
use crate::domain::page::{Cursor, Page, Sort, Total};

impl Service {
    /// One page of the list: at most `page` rows after the cursor.
    ///
    /// # Errors
    /// See [`ServiceError`].
    pub async fn list(
        &self,
        filter: &EgressFilter,
        sort: Sort,
        after: Option<&Cursor>,
        page: u32,
    ) -> Result<Page<EgressItem>> {
        let filter = filter_json(filter)?;
        self.db.list_egress(&filter, sort, after, page).await.map_err(|error| self.told(error))
    }

    /// How many rows a filter matches.
    ///
    /// # Errors
    /// See [`ServiceError`].
    pub async fn count(&self, filter: &EgressFilter) -> Result<Total> {
        let filter = filter_json(filter)?;
        self.db.count_egress(&filter).await.map_err(|error| self.told(error))
    }

    /// The rows of these ids that one may see, in the order of the ids.
    ///
    /// # Errors
    /// See [`ServiceError`].
    pub async fn rows(&self, ids: &[VersionId]) -> Result<Vec<EgressItem>> {
        let numbers: Vec<i64> = ids.iter().map(|id| id.0).collect();
        let mut items = self.db.egress_rows(&numbers).await.map_err(|error| self.told(error))?;
        items.sort_by_key(|item| ids.iter().position(|id| *id == item.id));
        Ok(items)
    }

    /// One file version.
    ///
    /// # Errors
    /// `not_found` also for what one may not see; else see [`ServiceError`].
    pub async fn show(&self, id: VersionId) -> Result<EgressItem> {
        self.rows(&[id]).await?.pop().ok_or_else(|| not_found(id))
    }

    /// The votes on a file version, in the order they were cast.
    ///
    /// # Errors
    /// See [`ServiceError`].
    pub async fn votes(&self, id: VersionId) -> Result<Vec<VoteRow>> {
        self.db.egress_votes(id).await.map_err(|error| self.told(error))
    }

    /// The comments on a file version that one may read.
    ///
    /// # Errors
    /// See [`ServiceError`].
    pub async fn comments(&self, id: VersionId) -> Result<Vec<CommentRow>> {
        self.db.egress_comments(id).await.map_err(|error| self.told(error))
    }

    /// The history of the file, all its versions, oldest first.
    ///
    /// # Errors
    /// See [`ServiceError`].
    pub async fn history(&self, id: VersionId) -> Result<Vec<HistoryRow>> {
        self.db.egress_history(id).await.map_err(|error| self.told(error))
    }
}

/// The answer about an id that is not there or not for these eyes: the same for both.
pub(super) fn not_found(id: VersionId) -> ServiceError {
    ServiceError::refused(
        "not_found",
        format!("There is no file {id} that you may see: look with `exeat egress list`."),
    )
}

fn filter_json(filter: &EgressFilter) -> Result<Value> {
    serde_json::to_value(filter).map_err(|why| ServiceError::Usage(format!("The filter cannot be sent ({why}).")))
}
