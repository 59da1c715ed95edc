//! The desk's link to the database: signing in, following changes, coming back after a loss, the state of worker and store.

use std::sync::atomic::Ordering;
use std::time::Duration;

use futures::StreamExt as _;

use super::shared::Shared;
use crate::service::{Change, WhoAmI};
use crate::text::{Untrusted, shown};
use crate::tui::app::Msg;
use crate::tui::app::model::Trouble;
use crate::tui::app::msg::Me;
use crate::tui::tabs::TABS;

/// How often the worker's and the store's state is asked for.
const STATUS: Duration = Duration::from_secs(30);
/// The longest wait before a lost connection is tried again.
const LONGEST: Duration = Duration::from_secs(10);

impl Shared {
    pub(super) async fn try_again(self) {
        let mut pause = Duration::from_millis(250);
        loop {
            tokio::time::sleep(pause).await;
            pause = (pause * 2).min(LONGEST);
            if let Ok(me) = self.service.whoami().await {
                self.trying.store(false, Ordering::SeqCst);
                self.tell(Msg::Signed(words(&me)));
                self.tell(Msg::Live);
                self.tell(Msg::Resync);
                return;
            }
        }
    }

    pub(super) async fn connect(self) {
        match self.service.whoami().await {
            // Live it is when the changes are followed.
            Ok(me) => {
                self.tell(Msg::Signed(words(&me)));
                self.site_rules().await;
                self.projects().await;
            }
            Err(error) => {
                let sentence = self.failed(&error);
                self.tell(Msg::Lost(sentence));
            }
        }
    }

    /// The projects one may see, for the filter line; without them it offers what is on screen.
    async fn projects(&self) {
        if let Ok(projects) = self.service.projects().await {
            self.tell(Msg::Projects(projects.into_iter().map(|project| (project.id, project.destinations)).collect()));
        }
    }

    /// Follows the changes, and every while asks how worker and store are. The two are polled side by side: between two
    /// changes the stream may hold the connection, and whoever waited for the status inside its loop would wait for ever.
    pub(super) async fn follow(self) {
        tokio::join!(self.follow_changes(), self.watch_status());
    }

    async fn follow_changes(&self) {
        let mut changes = std::pin::pin!(self.service.follow());
        while let Some(change) = changes.next().await {
            match change {
                Change::Rows { area, ids } => {
                    // One that no tab shows is nobody's here.
                    if let Some(tab) = TABS.iter().find(|tab| tab.area().word == area) {
                        self.tell(Msg::Changed(tab.area().word, ids));
                    }
                }
                Change::Resync => {
                    self.tell(Msg::Live);
                    self.tell(Msg::Resync);
                }
                Change::Lost(why) => self.tell(Msg::Lost(why)),
            }
        }
    }

    async fn watch_status(&self) {
        let mut said = None;
        let mut status = tokio::time::interval(STATUS);
        status.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            status.tick().await;
            let trouble = self.trouble().await;
            if said.as_ref() != Some(&trouble) {
                self.tell(Msg::Trouble(trouble.clone()));
                said = Some(trouble);
            }
        }
    }

    /// What is wrong beside the database, if anything.
    async fn trouble(&self) -> Option<Trouble> {
        let system = self.service.system().await.ok()?;
        if !system.worker_alive {
            let why =
                "No worker is alive: nothing can be looked into, released or downloaded until one runs (exeat worker).";
            return Some(Trouble { lacks: "no worker", why: why.to_owned() });
        }
        if let Some(fault) = &system.fault {
            let why = shown(&Untrusted::new(format!(
                "Nothing leaves, for {fault} An administrator has to look: exeat doctor."
            )));
            return Some(Trouble { lacks: "no proof", why });
        }
        let error = self.service.store().await.err()?;
        Some(Trouble { lacks: "no store", why: error.to_string() })
    }
}

/// Who I am, in words: `checker of heart, lungs`.
fn words(me: &WhoAmI) -> Me {
    let mut roles: Vec<(String, Vec<String>)> = Vec::new();
    for entry in me.roles.as_array().into_iter().flatten() {
        let text = |name: &str| entry.get(name).and_then(serde_json::Value::as_str).map(str::to_owned);
        let (Some(role), project) = (text("role"), text("project")) else { continue };
        let role = role.replace('_', " ");
        match roles.iter_mut().find(|(have, _)| *have == role) {
            Some((_, projects)) => projects.extend(project),
            None => roles.push((role, project.into_iter().collect())),
        }
    }
    let one = |(role, projects): (String, Vec<String>)| {
        if projects.is_empty() { role } else { format!("{role} of {}", projects.join(", ")) }
    };
    let has = |role: &str| roles.iter().any(|(have, _)| have == role);
    let asks = roles.iter().all(|(role, _)| role == "researcher");
    let areas = || TABS.iter().map(|tab| tab.area());
    let any = |roles: &[&str]| roles.iter().any(|role| has(role));
    let begins = areas().find(|area| (area.comes_first)(&has)).map(|area| area.word);
    let lacks = areas().filter(|area| !any(area.who_decides)).map(|area| area.word).collect();
    let reads = areas().filter(|area| any(area.who_reads)).map(|area| area.word).collect();
    let roles = roles.into_iter().map(one).collect::<Vec<_>>().join("; ");
    Me { login: me.login.clone(), roles, asks, begins, lacks, reads }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::words;
    use crate::service::WhoAmI;
    use crate::text::Untrusted;

    fn begins(roles: &[&str]) -> Option<&'static str> {
        let roles = roles.iter().map(|role| json!({"role": role, "project": "heart"})).collect();
        words(&WhoAmI { login: "ada".into(), full_name: Untrusted::new("Ada"), roles, schema_number: 0 }).begins
    }

    #[test]
    fn one_begins_where_ones_work_is() {
        for role in
            ["permit_manager", "data_preparator", "data_reviewer", "setup_engineer", "setup_reviewer", "data_holder"]
        {
            assert_eq!(begins(&[role]), Some("permit"), "{role}");
            assert_eq!(begins(&[role, "checker"]), None, "{role}");
        }
        assert_eq!(begins(&["setup_reviewer", "steward"]), Some("request"));
        assert_eq!(begins(&["researcher"]), None);
        assert_eq!(begins(&["administrator"]), None);
    }
}
