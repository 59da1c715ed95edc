//! The commands that decide or say something: sent under the id the app made, the answer told as it is.

use uuid::Uuid;

use super::tasks::Shared;
use crate::domain::refusal::Answer;
use crate::service::{CaseRequest, ServiceError, VoteKind, VoteRequest};
use crate::tui::app::Msg;
use crate::tui::app::actions::Verdict;
use crate::tui::app::msg::Order;

impl Shared {
    pub(super) fn done(&self, command: Uuid, answer: Result<Answer, ServiceError>) {
        let answer = match answer {
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
        self.tell(Msg::Done { command, answer });
    }

    pub(super) async fn decide(
        self,
        verdict: Verdict,
        orders: Vec<Order>,
        comment: String,
        coverage: Vec<(i64, String)>,
    ) {
        for order in orders {
            let (command, target) = (order.command, order.target);
            let kind = match verdict {
                Verdict::Approve => VoteKind::Approve,
                Verdict::Reject => VoteKind::Reject,
                Verdict::Changes => VoteKind::Changes,
                Verdict::Withdraw | Verdict::Recall | Verdict::Restore => {
                    let case = CaseRequest {
                        command_id: command,
                        id: target.version_id(),
                        destination: Some(target.destination),
                        reason: (!comment.is_empty()).then(|| comment.clone()),
                    };
                    let answer = match verdict {
                        Verdict::Recall => self.service.recall(&case).await,
                        Verdict::Restore => self.service.restore(&case).await,
                        _ => self.service.withdraw(&case).await,
                    };
                    self.done(command, answer);
                    continue;
                }
            };
            let seen = coverage.iter().find(|(id, _)| *id == target.id);
            let vote = VoteRequest {
                command_id: command,
                id: target.version_id(),
                destination: Some(target.destination),
                kind,
                sha256: (!target.sha256.is_empty()).then_some(target.sha256),
                comment: comment.clone(),
                seen_row_version: Some(target.seen),
                coverage: seen.map(|(_, seen)| serde_json::json!({ "shown": seen })),
            };
            self.done(command, self.service.vote(&vote).await);
        }
    }

    pub(super) async fn undo(self, order: Order) {
        let case = CaseRequest {
            command_id: order.command,
            id: order.target.version_id(),
            destination: Some(order.target.destination),
            reason: None,
        };
        self.done(order.command, self.service.undo(&case).await);
    }

    pub(super) async fn claim(self, order: Order, take: bool) {
        let id = order.target.version_id();
        let answer = if take {
            self.service.claim(order.command, id).await
        } else {
            self.service.unclaim(order.command, id).await
        };
        self.done(order.command, answer);
    }
}
