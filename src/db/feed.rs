//! The change feed: what changed since the last look. A desk looks twice a second, whatever happens: to be notified of each
//! change would wake every desk for each, and hold up whoever decides. Called by `service::changes`.

use std::time::Duration;

use sqlx::postgres::{PgListener, PgPoolOptions};
use tokio::time::Instant;

use super::{Db, DbError, value};

/// Between two looks. One was measured at 0.7 ms on a busy machine: two hundred desks take about a quarter of a processor.
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

/// A connection that hears when something changed: a hint, and no more.
pub struct Listener(PgListener);

/// A place in the feed.
pub struct Feed {
    /// The snapshot of the last look: what it did not see is news, however late it was committed.
    last: String,
    looked: Instant,
}

impl Db {
    /// A connection that listens from here on. Only the worker has one.
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

    /// Begins to follow, from the newest change on.
    pub(crate) async fn feed(&self) -> Result<Feed, DbError> {
        let last = value!(self, "last_change()")?;
        Ok(Feed { last, looked: Instant::now() })
    }
}

/// A place somebody names again: a snapshot of PostgreSQL's, as a look gave it.
impl std::str::FromStr for Feed {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let parts: Vec<&str> = text.split(':').collect();
        let number = |text: &str| text.parse::<u64>().ok().filter(|number| *number > 0 && number.to_string() == text);
        let [min, max, open] = parts.as_slice() else { return Err(()) };
        let (min, max) = (number(min).ok_or(())?, number(max).ok_or(())?);
        let open: Vec<u64> = match *open {
            "" => Vec::new(),
            open => open.split(',').map(number).collect::<Option<_>>().ok_or(())?,
        };
        let fine = min <= max && open.is_sorted_by(|a, b| a < b) && open.iter().all(|at| (min..max).contains(at));
        if fine && text.len() <= 10_000 { Ok(Self { last: text.to_owned(), looked: Instant::now() }) } else { Err(()) }
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
            tokio::time::sleep_until(self.looked + EVERY).await;
            let changes = gather(self.look(db).await?);
            self.looked = Instant::now();
            if !changes.is_empty() {
                return Ok(changes);
            }
        }
    }

    /// The place after the last look, as text.
    pub(crate) fn place(&self) -> &str {
        &self.last
    }

    /// Waits for the next look and what it tells, one by one; nothing where nothing changed.
    pub(crate) async fn wait(&mut self, db: &Db) -> Result<Vec<ChangeRow>, DbError> {
        tokio::time::sleep_until(self.looked + EVERY).await;
        let rows = self.look(db).await;
        self.looked = Instant::now();
        rows
    }

    /// The changes after the last look that the caller may see, and the place after them: one statement sees both. It is not
    /// tried again on a new connection, so that the desk says that the old one was lost.
    async fn look(&mut self, db: &Db) -> Result<Vec<ChangeRow>, DbError> {
        let mut held = db.hold().await?;
        let looked = async {
            match db.person() {
                None => {
                    let changes = sqlx::query_as!(
                        Looked,
                        r#"select l.upto as "upto!", c.area as "area?", c.row_id as "row_id?", c.what as "what?"
                        from (select exeat.last_change() as upto) l left join exeat.changes_since($1) c on true"#,
                        self.last
                    );
                    changes.fetch_all(held.connection()).await
                }
                Some(person) => {
                    let changes = sqlx::query_as!(
                        Looked,
                        r#"select l.upto as "upto!", c.area as "area?", c.row_id as "row_id?", c.what as "what?"
                        from (select exeat.last_change() as upto) l left join exeat.changes_since_for($1, $2) c on true"#,
                        person,
                        self.last
                    );
                    changes.fetch_all(held.connection()).await
                }
            }
        };
        let rows = tokio::time::timeout(db.patience(), looked).await.map_err(|_| db.silent())?;
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

/// The place after a look, beside each change; without one, alone.
struct Looked {
    upto: String,
    area: Option<String>,
    row_id: Option<i64>,
    what: Option<String>,
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
