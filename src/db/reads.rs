//! How rows leave the database: `exeat.read`, the same four reads for every area (`assets/sql/59_read.sql`), or a service's
//! `exeat.read_for` a person. Called by `service::reads`.

use serde_json::{Value, json};

use super::connect::Acting;
use super::{Db, DbError, on_connection};
use crate::domain::facts::Facts;
use crate::domain::item::RawRow;
use crate::domain::page::{Cursor, Page, Total, Wanted};

/// Ids the database takes at once.
const MOST_IDS: usize = 1_000;

/// What a read gives for each row; a count has no id.
struct ReadRow {
    id: Option<i64>,
    item: String,
    cursor: Option<Value>,
}

impl From<ReadRow> for RawRow {
    fn from(row: ReadRow) -> Self {
        Self { id: row.id.unwrap_or_default(), item: row.item, cursor: row.cursor.map(Cursor) }
    }
}

impl Db {
    /// The rows of one read. The item comes as text, so that each is decoded by itself and only once.
    async fn read(&self, area: &str, what: &str, request: &Value) -> Result<Vec<ReadRow>, DbError> {
        match self.acts() {
            None => on_connection!(self, |conn| sqlx::query_as!(
                ReadRow,
                r#"select id, item::text as "item!", cursor from exeat.read($1, $2, $3)"#,
                area,
                what,
                request
            )
            .fetch_all(conn)),
            Some(Acting { login, credential }) => on_connection!(self, |conn| sqlx::query_as!(
                ReadRow,
                r#"select id, item::text as "item!", cursor from exeat.read_for($1, $2, $3, $4, $5)"#,
                login,
                area,
                what,
                request,
                credential.as_deref()
            )
            .fetch_all(conn)),
        }
    }

    /// One page of an area's list.
    pub(crate) async fn page(&self, area: &str, wanted: &Wanted) -> Result<Page<RawRow>, DbError> {
        // The database gives at most so many at once.
        let wanted = Wanted { page: wanted.page.clamp(1, 1_000), ..wanted.clone() };
        let request = serde_json::to_value(&wanted).map_err(|why| DbError::Asked(why.to_string()))?;
        let rows = self.read(area, "page", &request).await?;
        let items: Vec<RawRow> = rows.into_iter().map(RawRow::from).collect();
        let full = items.len() >= wanted.page as usize;
        let next = items.last().and_then(|row| row.cursor.clone()).filter(|_| full);
        Ok(Page { items, next })
    }

    /// How many rows of an area a filter matches.
    pub(crate) async fn count(&self, area: &str, filter: &Value) -> Result<Total, DbError> {
        let rows = self.read(area, "count", &json!({"filter": filter})).await?;
        let total = rows.first().map_or("", |row| row.item.as_str());
        serde_json::from_str(total).map_err(|why| DbError::Row(why.to_string()))
    }

    /// The rows of these ids that the reader may see, in their order; what is long is whole where it is one.
    pub(crate) async fn rows(&self, area: &str, ids: &[i64]) -> Result<Vec<RawRow>, DbError> {
        let mut rows = Vec::with_capacity(ids.len());
        for ids in ids.chunks(MOST_IDS) {
            rows.extend(self.read(area, "rows", &json!({"ids": ids})).await?.into_iter().map(RawRow::from));
        }
        Ok(rows)
    }

    /// What a detail shows beside a row; none for what the reader may not see.
    pub(crate) async fn facts(&self, area: &str, id: i64) -> Result<Option<Facts>, DbError> {
        let rows = self.read(area, "facts", &json!({"id": id})).await?;
        let facts = rows.first().map(|row| serde_json::from_str::<Value>(&row.item)).transpose();
        Ok(facts.map_err(|why| DbError::Row(why.to_string()))?.map(Facts::from))
    }
}
