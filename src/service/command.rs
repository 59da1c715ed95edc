//! Deciding: the one way a command goes out. Called by the desk's runtime, `cli` and the worker's tests.

use uuid::Uuid;

use super::{Result, Service, ServiceError};
use crate::domain::command::Command;
use crate::domain::refusal::Answer;

impl Service {
    /// Carries a command out. A refusal is an answer, never an error; a retry under the same id has the first answer.
    ///
    /// # Errors
    /// `Unreachable` where nothing is known about the outcome: the same command may go out again under the same id.
    pub async fn carry_out(&self, id: Uuid, command: &Command) -> Result<Answer> {
        let (name, request) =
            command.parts().map_err(|why| ServiceError::Usage(format!("The command cannot be sent ({why}).")))?;
        self.db.carry_out(id, &name, &request).await.map_err(|error| self.told(error))
    }
}
