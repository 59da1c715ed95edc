//! The one way a command goes to the database: a person's own, or a service's for a person. Called by `service::command`.

use serde_json::Value;
use uuid::Uuid;

use super::connect::Acting;
use super::{Db, DbError, answer};
use crate::domain::refusal::Answer;

impl Db {
    /// Carries a command out under an id of the client's making; a retry with the same one has the first answer.
    pub(crate) async fn carry_out(&self, id: Uuid, name: &str, request: &Value) -> Result<Answer, DbError> {
        match self.acts() {
            None => answer!(self, "command($1, $2, $3)", id, name, request),
            Some(Acting { login, credential }) => {
                answer!(self, "command_for($1, $2, $3, $4, $5)", login, id, name, request, credential.as_deref())
            }
        }
    }
}
