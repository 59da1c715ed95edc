//! What is done and read about access for dialogs and forms: sent under the id the app made, the answer told as it is.

use chrono_tz::Tz;
use serde_json::Value;

use super::tasks::Shared;
use crate::domain::refusal::Answer;
use crate::service::{AllowRequest, NewRequest, RequestChanges, ServiceError, SettingRow};
use crate::tui::app::Msg;
use crate::tui::app::deeds::{Changes, Deed};
use crate::tui::app::msg::Order;
use crate::tui::app::rules::SiteRules;

/// Datasets read for the form.
const DATASETS: u32 = 1000;

impl Shared {
    /// One target after the other, so that each has its own answer.
    pub(super) async fn deed(self, deed: Deed, orders: Vec<Order>) {
        for order in orders {
            let answer = self.one_deed(&deed, &order).await;
            self.done(order.command, answer);
        }
    }

    async fn one_deed(&self, deed: &Deed, order: &Order) -> Result<Answer, ServiceError> {
        let (service, command_id, seen) = (&self.service, order.command, Some(order.target.seen));
        let (request, grant) = (order.target.request_id(), order.target.grant_id());
        match deed.clone() {
            Deed::Allow { starts, ends, iva, note } => {
                let allow = AllowRequest { command_id, starts, ends, iva, note, seen_row_version: seen };
                service.allow_request(request, &allow).await
            }
            Deed::Deny(reason) => service.deny_request(command_id, request, &reason, seen).await,
            Deed::Edit(changes) => service.edit_request(command_id, request, &named(changes), seen).await,
            Deed::Comment(body) => service.comment_request(command_id, request, &body).await,
            Deed::Claim(true) => service.claim_request(command_id, request).await,
            Deed::Claim(false) => service.unclaim_request(command_id, request).await,
            Deed::Amend { until, reason } => service.amend_grant(command_id, grant, until, &reason, seen).await,
            Deed::Revoke { class, reason } => service.revoke_grant(command_id, grant, class, &reason, seen).await,
            Deed::Ask(asked) => {
                let new = NewRequest {
                    command_id,
                    dataset: asked.dataset,
                    text: asked.text,
                    starts: asked.starts,
                    ends: asked.ends,
                    email: (!asked.email.is_empty()).then_some(asked.email),
                    iva: None,
                };
                service.new_request(&new).await
            }
        }
    }

    pub(super) async fn datasets(self) {
        match self.service.datasets(&[], "", DATASETS).await {
            Ok(datasets) => self.tell(Msg::Datasets(datasets)),
            Err(error) => _ = self.failed(&error),
        }
    }

    pub(super) async fn defaults(self, dataset: String) {
        match self.service.request_defaults(&dataset).await {
            // That says nothing of the dataset: it is asked again once the connection is back.
            Err(error @ ServiceError::Unreachable { .. }) => _ = self.failed(&error),
            answer => self.tell(Msg::Defaults(dataset, answer.map_err(|error| error.to_string()))),
        }
    }

    /// The site's numbers; without them the usual ones stand, and the database judges by its own anyway.
    pub(super) async fn site_rules(&self) {
        if let Ok(settings) = self.service.settings().await {
            self.tell(Msg::Rules(rules(&settings)));
        }
    }
}

fn named(changes: Changes) -> RequestChanges {
    RequestChanges {
        iva_id: changes.iva,
        access_starts: changes.starts,
        access_ends: changes.ends,
        ticket_id: changes.ticket,
        internal_note: changes.internal_note,
        note_to_requester: changes.note_to_requester,
    }
}

fn rules(settings: &[SettingRow]) -> SiteRules {
    let value = |name: &str| settings.iter().find(|setting| setting.name == name).map(|setting| &setting.value);
    let number = |name: &str, usual: i64| value(name).and_then(Value::as_i64).unwrap_or(usual);
    let usual = SiteRules::default();
    SiteRules {
        zone: value("site.zone").and_then(Value::as_str).and_then(|zone| zone.parse().ok()).unwrap_or(Tz::UTC),
        lead_days: number("access.lead_days", usual.lead_days),
        shortest_days: number("access.shortest_days", usual.shortest_days),
        longest_days: number("access.longest_days", usual.longest_days),
        extension_factor: number("access.extension_factor", usual.extension_factor),
        turnaround_days: number("access.turnaround_days", usual.turnaround_days),
        text_limit: usize::try_from(number("access.text_limit", 1_100_000)).unwrap_or(usual.text_limit),
        iva_required: value("access.iva_required").and_then(Value::as_bool).unwrap_or(usual.iva_required),
    }
}
