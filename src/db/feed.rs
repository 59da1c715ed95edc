//! The change feed: what changed since the last look. A lost notification costs a moment and a forged one
//! nothing, because only the feed itself is believed. Called by `service::changes`; the worker only listens.

use std::time::Duration;

use sqlx::postgres::{PgListener, PgPoolOptions};

use super::{Db, DbError, on_connection, value};

/// How long to wait for a notification before looking anyway.
const LOOK_ANYWAY: Duration = Duration::from_secs(5);
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

/// A connection that hears when something changed: a hint, and no more.
pub struct Listener(PgListener);

/// A place in the feed.
pub struct Feed {
    listener: Listener,
    /// The snapshot of the last look: what it did not see is news, however late it was committed.
    last: String,
}

impl Db {
    /// A connection that listens from here on.
    pub(crate) async fn listen(&self, application: &str) -> Result<Listener, DbError> {
        let pool = PgPoolOptions::new()
            .max_connections(1)
            .max_lifetime(None)
            .idle_timeout(None)
            .acquire_timeout(Duration::from_secs(self.config().connect_seconds.into()))
            .connect_lazy_with(self.options(application)?);
        let mut listener = PgListener::connect_with(&pool).await.map_err(|error| self.explain(error))?;
        listener.ignore_pool_close_event(true);
        listener.eager_reconnect(false);
        listener.listen("exeat").await.map_err(|error| self.explain(error))?;
        Ok(Listener(listener))
    }

    /// Begins to listen, from the newest change on.
    pub(crate) async fn feed(&self) -> Result<Feed, DbError> {
        // The first call says exactly what is wrong; the listener's pool would only say that time ran out.
        self.last_change().await?;
        let listener = self.listen("exeat feed").await?;
        // Asked again after listening began, so that nothing falls between.
        let last = self.last_change().await?;
        Ok(Feed { listener, last })
    }

    /// Where the feed ends now.
    pub(crate) async fn last_change(&self) -> Result<String, DbError> {
        value!(self, "last_change()")
    }

    /// The changes after a place in the feed that the caller may see, and the place after them: one statement sees both.
    pub(crate) async fn changes_since(&self, after: &str) -> Result<(Vec<ChangeRow>, String), DbError> {
        let rows = on_connection!(self, |conn| {
            sqlx::query!(
                r#"select l.upto as "upto!", c.area as "area?", c.row_id as "row_id?", c.what as "what?"
                from (select exeat.last_change() as upto) l left join exeat.changes_since($1) c on true"#,
                after
            )
            .fetch_all(conn)
        })?;
        let upto = rows.first().map_or(after, |row| row.upto.as_str()).to_owned();
        let changes = rows
            .into_iter()
            .filter_map(|row| Some(ChangeRow { area: row.area?, row_id: row.row_id?, what: row.what? }));
        Ok((changes.collect(), upto))
    }
}

impl Listener {
    /// Waits until something changed, or so long: a connection that is silent is asked whether it lives. False if it was lost.
    pub(crate) async fn heard(&mut self, db: &Db, within: Duration) -> Result<bool, DbError> {
        match tokio::time::timeout(within, self.0.try_recv()).await {
            Err(_) => Ok(true),
            Ok(heard) => heard.map(|notified| notified.is_some()).map_err(|error| db.explain(error)),
        }
    }
}

impl Feed {
    /// Waits for the next changes; an error means the connection is lost.
    ///
    /// # Errors
    /// The connection is lost: make a new feed.
    pub(crate) async fn next(&mut self, db: &Db) -> Result<Vec<Change>, DbError> {
        loop {
            // Nobody notified, or someone did: the feed says which.
            if !self.listener.heard(db, LOOK_ANYWAY).await? {
                return Err(DbError::Unreachable("The connection to PostgreSQL was lost.".to_owned()));
            }
            // A burst of notifications is one look.
            while let Ok(Ok(Some(_))) = tokio::time::timeout(Duration::ZERO, self.listener.0.try_recv()).await {}
            let (rows, upto) = db.changes_since(&self.last).await?;
            self.last = upto;
            let changes = gather(rows);
            if !changes.is_empty() {
                return Ok(changes);
            }
        }
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
