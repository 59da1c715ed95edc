//! Commands: signed where they have to be, sent under the id the app made, the answer told as it is.

use super::shared::Shared;
use crate::domain::refusal::Answer;
use crate::service::ServiceError;
use crate::tui::app::Msg;
use crate::tui::app::msg::Order;

impl Shared {
    /// Has the person's SSH agent sign votes.
    pub(super) async fn sign(self, orders: Vec<Order>) {
        let Some(first) = orders.first().map(|order| order.id) else { return };
        let (commands, targets): (Vec<_>, Vec<_>) =
            orders.into_iter().map(|Order { id, command, target }| ((id, command), target)).unzip();
        let answer = match self.service.sign(commands).await {
            Ok(signed) => {
                let orders = signed.orders.into_iter().zip(targets);
                let orders = orders.map(|((id, command), target)| Order { id, command, target }).collect();
                Ok((orders, signed.unsigned))
            }
            Err(error) => Err(self.failed(&error)),
        };
        self.tell(Msg::KeyAnswered(first, answer));
    }

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
