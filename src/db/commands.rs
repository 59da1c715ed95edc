//! The one way a person's command goes to the database. Called by `service::command`.

use serde_json::Value;
use uuid::Uuid;

use super::{AnswerRow, Db, DbError, on_connection};
use crate::domain::refusal::Answer;

impl Db {
    /// Carries a command out under an id of the client's making; a retry with the same one has the first answer.
    pub(crate) async fn carry_out(&self, id: Uuid, name: &str, request: &Value) -> Result<Answer, DbError> {
        let row: AnswerRow = on_connection!(self, |conn| {
            sqlx::query_as!(
            AnswerRow,
            r#"select ok as "ok!", code as "code!", sentence as "sentence!", version, data from exeat.command($1, $2, $3)"#,
            id,
            name,
            request
        )
        .fetch_one(conn)
        })?;
        Ok(row.into())
    }
}
