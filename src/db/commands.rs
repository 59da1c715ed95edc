//! The one way a person's command goes to the database. Called by `service::command`.

use serde_json::Value;
use uuid::Uuid;

use super::{Db, DbError, answer};
use crate::domain::refusal::Answer;

impl Db {
    /// Carries a command out under an id of the client's making; a retry with the same one has the first answer.
    pub(crate) async fn carry_out(&self, id: Uuid, name: &str, request: &Value) -> Result<Answer, DbError> {
        answer!(self, "command($1, $2, $3)", id, name, request)
    }
}
