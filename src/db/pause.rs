//! Projects that stand still: paused by an administrator, or by a fault a worker found. Called by `service::admin` and `worker`.
//! What each may do is in `assets/sql/51_pause.sql`.

use uuid::Uuid;

use super::{Db, DbError, command, on_connection};
use crate::domain::refusal::Answer;

impl Db {
    /// Lets no bytes of a project move.
    pub(crate) async fn pause_project(&self, command_id: Uuid, project: &str, reason: &str) -> Result<Answer, DbError> {
        command!(self, "pause_project($1, $2, $3)", command_id, project, reason)
    }

    /// Lets them move again.
    pub(crate) async fn resume_project(
        &self,
        command_id: Uuid,
        project: &str,
        reason: &str,
    ) -> Result<Answer, DbError> {
        command!(self, "resume_project($1, $2, $3)", command_id, project, reason)
    }

    /// Says what keeps this worker from a project, or that nothing does; whether that is news.
    pub(crate) async fn project_fault(
        &self,
        project: &str,
        worker: &str,
        fault: Option<&str>,
        closes: bool,
    ) -> Result<bool, DbError> {
        on_connection!(self, |conn| sqlx::query_scalar!(
            r#"select exeat.project_fault($1, $2, $3, $4) as "news!""#,
            project,
            worker,
            fault,
            closes
        )
        .fetch_one(conn))
    }
}
