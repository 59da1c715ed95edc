//! Commands: sent under the id the app made, the answer told as it is.

use super::shared::Shared;
use crate::domain::refusal::Answer;
use crate::service::ServiceError;
use crate::tui::app::Msg;
use crate::tui::app::msg::Order;

impl Shared {
    /// One after the other, so that each has its own answer.
    pub(super) async fn send(self, orders: Vec<Order>) {
        for Order { id, command, .. } in orders {
            let answer = match self.service.carry_out(id, &command).await {
                Ok(answer) => Ok(answer),
                // Nothing is known about the outcome: the same command goes out again later.
                Err(error @ ServiceError::Unreachable { .. }) => Err(self.failed(&error)),
                Err(error) => Ok(Answer {
                    ok: false,
                    code: error.code().to_owned(),
                    sentence: error.to_string(),
                    version: None,
                    data: serde_json::Value::Null,
                }),
            };
            self.tell(Msg::Done { command: id, answer });
        }
    }
}
