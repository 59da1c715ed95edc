//! Reading lists and rows, one method a read, whichever the area; and keeping what was seen of them. Called by the desk, the command line and HTTP.

use serde_json::Value;

use super::{Result, Service, ServiceError};
use crate::domain::egress::VersionId;
use crate::domain::facts::Facts;
use crate::domain::item::{Item, RawRow};
use crate::domain::page::{Page, Total, Wanted};
use crate::domain::seen::Seen;

#[expect(clippy::missing_errors_doc, reason = "every read ends in a ServiceError, which says what that may be")]
impl Service {
    /// One page of an area's list, each row as it left the database.
    pub async fn page_of(&self, area: &str, wanted: &Wanted) -> Result<Page<RawRow>> {
        self.asked(self.db.page(area, wanted).await)
    }

    /// One page of a list.
    pub async fn page<T: Item>(&self, wanted: &Wanted) -> Result<Page<T>> {
        let Page { items, next } = self.page_of(T::AREA, wanted).await?;
        Ok(Page { items: items.iter().map(RawRow::read).collect(), next })
    }

    /// How many rows of an area a filter matches.
    pub async fn count(&self, area: &str, filter: &Value) -> Result<Total> {
        self.asked(self.db.count(area, filter).await)
    }

    /// The rows of these ids that one may see, in the order of the ids; what is long is whole where it is one.
    pub async fn rows_of(&self, area: &str, ids: &[i64]) -> Result<Vec<RawRow>> {
        self.asked(self.db.rows(area, ids).await)
    }

    /// The same as their type.
    pub async fn rows<T: Item>(&self, ids: &[i64]) -> Result<Vec<T>> {
        Ok(self.rows_of(T::AREA, ids).await?.iter().map(RawRow::read).collect())
    }

    /// One row, whole.
    ///
    /// # Errors
    /// `not_found` also for what one may not see; else see [`ServiceError`].
    pub async fn one<T: Item>(&self, id: i64) -> Result<T> {
        self.rows(&[id]).await?.pop().ok_or_else(|| not_found::<T>(id))
    }

    /// Keeps what one's screens drew of a file version; false where one never opened it.
    pub async fn note_seen(&self, version: VersionId, seen: &Seen) -> Result<bool> {
        self.asked(self.db.note_seen(version.0, seen).await)
    }

    /// What a detail shows beside a row; none for what one may not see.
    pub async fn facts(&self, area: &str, id: i64) -> Result<Option<Facts>> {
        self.asked(self.db.facts(area, id).await)
    }

    /// The same of one row that must be there.
    ///
    /// # Errors
    /// `not_found` also for what one may not see; else see [`ServiceError`].
    pub async fn facts_of<T: Item>(&self, id: i64) -> Result<Facts> {
        self.facts(T::AREA, id).await?.ok_or_else(|| not_found::<T>(id))
    }
}

/// The answer about an id that is not there or not for these eyes: the same for both.
fn not_found<T: Item>(id: i64) -> ServiceError {
    let sentence = format!("There is no {} {id} that you may see: look with `{}`.", T::THING, T::LISTED_BY);
    ServiceError::refused("not_found", sentence)
}
