//! Nobody's session can stop the others: twice a second those of people that hold what others wait for are ended, and
//! journalled. Which ones is `exeat.end_blocking_sessions` (`assets/sql/72_sessions.sql`). A task of its own, for the chores may be
//! busy with the store. Run by the worker.
//!
//! Measured with one person's locks on 23 files and eight others voting: with a look every half second every vote came
//! through, with one a second 22 of 26.

use std::sync::Arc;
use std::time::Duration;

use super::pace::Pace;
use super::{Worker, WorkerError};
use crate::db::Db;

pub(super) async fn run(worker: Arc<Worker>, db: Db) {
    let mut pace = Pace::new("sessions", &worker, None, Duration::from_millis(500));
    while pace.turn().await {
        let done = round(&db).await;
        pace.took(done.map(|()| false));
    }
}

pub(super) async fn round(db: &Db) -> Result<(), WorkerError> {
    for ended in db.end_blocking_sessions().await? {
        let person = ended.person.as_deref().unwrap_or("nobody");
        tracing::warn!(ended.pid, ended.role, person, "a session that held what others waited for was ended");
    }
    Ok(())
}
