//! What dialogs about access rest on: datasets, the defaults of a request, the site's numbers.

use chrono_tz::Tz;
use serde_json::Value;

use super::shared::Shared;
use crate::service::{ServiceError, SettingRow};
use crate::tui::app::Msg;
use crate::tui::app::rules::SiteRules;

/// Datasets read for the form.
const DATASETS: u32 = 1000;

impl Shared {
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
