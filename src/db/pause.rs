//! Projects that stand still: paused by an administrator, or by a fault a worker found. Called by `service::admin` and `worker`.
//! What each may do is in `assets/sql/51_pause.sql`.

use super::{Db, DbError, value};

impl Db {
    /// Says what keeps this worker from a project, or that nothing does; whether that is news.
    pub(crate) async fn project_fault(
        &self,
        project: &str,
        worker: &str,
        fault: Option<&str>,
        closes: bool,
    ) -> Result<bool, DbError> {
        value!(self, "project_fault($1, $2, $3, $4)", project, worker, fault, closes)
    }
}
