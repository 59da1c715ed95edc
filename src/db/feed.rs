//! The change feed: what changed since the last look. A desk looks twice a second, whatever happens: to be notified of each
//! change would wake every desk for each, and hold up whoever decides. Called by `service::changes`.

use std::time::Duration;

use tokio::time::Instant;

use super::{Db, DbError, on_connection};

/// Between two looks. One costs PostgreSQL about 0.2 ms, so that two hundred desks take a tenth of a processor.
const EVERY: Duration = Duration::from_millis(500);
/// More changes at once than this are a resync.
const MOST: usize = 2_000;

/// One row of the feed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChangeRow {
    /// What kind of row changed, such as `egress`.
    pub area: String,
    /// Which row.
    pub row_id: i64,
    /// What happened, such as `vote`.
    pub what: String,
}

/// What a follower is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// These rows of an area changed: fetch them again.
    Rows {
        /// Such as `egress`.
        area: String,
        /// The rows' ids.
        ids: Vec<i64>,
    },
    /// Something may have been missed: fetch everything on screen again.
    Resync,
    /// The connection is lost, and why; a [`Change::Resync`] follows when it is back.
    Lost(String),
}

/// A place in the feed.
pub struct Feed {
    /// The snapshot of the last look: what it did not see is news, however late it was committed.
    last: String,
    looked: Instant,
}

impl Db {
    /// Begins to follow, from the newest change on.
    pub(crate) async fn feed(&self) -> Result<Feed, DbError> {
        let last = on_connection!(self, |conn| {
            sqlx::query_scalar!(r#"select exeat.last_change() as "last!""#).fetch_one(conn)
        })?;
        Ok(Feed { last, looked: Instant::now() })
    }
}

impl Feed {
    /// Waits for the next changes; an error means the connection is lost.
    ///
    /// # Errors
    /// The connection is lost: make a new feed.
    pub(crate) async fn next(&mut self, db: &Db) -> Result<Vec<Change>, DbError> {
        loop {
            tokio::time::sleep_until(self.looked + EVERY).await;
            let changes = gather(self.look(db).await?);
            self.looked = Instant::now();
            if !changes.is_empty() {
                return Ok(changes);
            }
        }
    }

    /// The changes after the last look that the caller may see, and the place after them: one statement sees both. It is not
    /// tried again on a new connection, so that the desk says that the old one was lost.
    async fn look(&mut self, db: &Db) -> Result<Vec<ChangeRow>, DbError> {
        let mut held = db.hold().await?;
        let rows = sqlx::query!(
            r#"select l.upto as "upto!", c.area as "area?", c.row_id as "row_id?", c.what as "what?"
            from (select exeat.last_change() as upto) l left join exeat.changes_since($1) c on true"#,
            self.last
        )
        .fetch_all(held.connection());
        let rows = tokio::time::timeout(db.patience(), rows).await.map_err(|_| db.silent())?;
        let rows = rows.map_err(|error| db.explain(error))?;
        held.give_back();
        if let Some(row) = rows.first() {
            self.last.clone_from(&row.upto);
        }
        let changes = rows
            .into_iter()
            .filter_map(|row| Some(ChangeRow { area: row.area?, row_id: row.row_id?, what: row.what? }));
        Ok(changes.collect())
    }
}

/// The rows by area.
fn gather(rows: Vec<ChangeRow>) -> Vec<Change> {
    if rows.len() > MOST {
        return vec![Change::Resync];
    }
    let mut areas: Vec<(String, Vec<i64>)> = Vec::new();
    for row in rows {
        match areas.iter_mut().find(|(area, _)| *area == row.area) {
            Some((_, ids)) if ids.contains(&row.row_id) => {}
            Some((_, ids)) => ids.push(row.row_id),
            None => areas.push((row.area, vec![row.row_id])),
        }
    }
    areas.into_iter().map(|(area, ids)| Change::Rows { area, ids }).collect()
}
