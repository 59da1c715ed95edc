//! Nobody's session can stop the others: twice a second those of people that hold what others wait for, or keep a transaction
//! open too long, are ended, and journalled. Which ones is said in `assets/sql/72_sessions.sql`. A task of its own,
//! for the chores may be busy with the store. Run by the worker.
//!
//! Measured with one person's locks on 23 files and eight others voting: with a look every half second every vote came
//! through, with one a second 22 of 26.

use super::WorkerError;
use super::task::Setup;

pub(super) async fn run(on: Setup) {
    let mut pace = on.pace();
    while pace.turn().await {
        let done = round(on.clone()).await;
        pace.took(done.map(|()| false));
    }
}

pub(super) async fn round(on: Setup) -> Result<(), WorkerError> {
    for ended in on.db.end_blocking_sessions().await? {
        let person = ended.person.as_deref().unwrap_or("nobody");
        tracing::warn!(ended.pid, ended.role, person, "a session that held what others waited for was ended");
    }
    let idle = i32::try_from(on.worker.config.worker.idle_seconds).unwrap_or(i32::MAX);
    let ended = on.db.end_idle_sessions(idle).await?;
    if ended > 0 {
        tracing::warn!(ended, "sessions of people that kept a transaction open too long were ended");
    }
    Ok(())
}
