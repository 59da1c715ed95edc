//! After a revocation the tab, `exeat access check` and the command's own answer agree on what remains.

use chrono::{TimeDelta, Utc};
use exeat::domain::access::{AccessSort, GrantFilter, GrantId, RevokeClass};
use exeat::service::NewGrant;
use exeat::tui::app::Row;
use exeat::tui::app::form::What;
use exeat::tui::app::layers::AccessFacts;
use exeat::tui::app::rules::SiteRules;
use exeat::tui::app::tab::Plan;
use exeat::tui::screens::TABS;
use uuid::Uuid;

use super::changes::service;
use crate::support::desk::desk;

/// What the dialog says remains, and then what the detail says there is.
fn said(facts: &AccessFacts, id: GrantId) -> (String, String) {
    let grant = facts.grants.iter().find(|grant| grant.id == id).unwrap();
    let row = Row::from(grant.clone());
    let tab = TABS.iter().find(|tab| tab.kind == row.kind()).unwrap();
    let deed = exeat::tui::app::deeds::Deed::Revoke { class: RevokeClass::Ended, reason: String::new() };
    let now = Utc::now().with_timezone(&chrono_tz::Tz::UTC);
    let rules = SiteRules::default();
    let plan =
        Plan { row: &row, what: What::Revoke, deed: Some(&deed), facts: Some(facts), rules: &rules, now, short: false };
    let remains = (tab.plan)(&plan).into_iter().find(|fact| fact.label == "Remains").unwrap().text;
    let facts = exeat::tui::app::layers::Facts { access: Some(Box::new(facts.clone())), ..Default::default() };
    let detail = (tab.detail)(&row, Some(&facts), now);
    (remains, detail.into_iter().find(|fact| fact.label == "Access").unwrap().text)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn tab_and_check_agree_on_what_remains() {
    let steward = service("steward1");
    let found = steward.datasets(&[], "", 100).await.unwrap();
    let dataset = found.iter().rev().find(|one| !one.removed).unwrap().accession.clone();
    let login = "auditor1";
    for days in [40, 10, 90, 20] {
        let new = NewGrant {
            command_id: Uuid::new_v4(),
            login: login.into(),
            dataset: dataset.clone(),
            from: None,
            until: Utc::now() + TimeDelta::days(days),
            iva: None,
        };
        assert!(steward.add_grant(&new).await.unwrap().ok);
    }
    let read = || async {
        let filter = GrantFilter { by: vec![login.into()], dataset: vec![dataset.clone()], ..GrantFilter::default() };
        let grants = steward.grants(&filter, AccessSort::default(), None, 1000).await.unwrap().items;
        let check = steward.access_check(login, &dataset, None).await.unwrap();
        AccessFacts { grants, check: Some(Ok(check)), ..AccessFacts::default() }
    };
    let mut revoked = 0;
    loop {
        let facts = read().await;
        let Some(Ok(check)) = facts.check.clone() else { panic!() };
        // Always the one that lasts longest, so that each revocation changes the answer.
        let Some(id) = check.grants.first().copied() else { break };
        let (remains, _) = said(&facts, id);
        let answer = steward.revoke_grant(Uuid::new_v4(), id, RevokeClass::Ended, "a test", None).await.unwrap();
        assert!(answer.ok, "{answer:?}");
        revoked += 1;
        let after = read().await;
        let Some(Ok(now)) = after.check.clone() else { panic!() };
        let command = desk().json("steward1", &["access", "check", "--person", login, "--dataset", &dataset]);
        assert_eq!(command["access"], now.access, "{command}");
        let mut told = answer.data["remaining"].clone();
        let mut own = serde_json::to_value(&now).unwrap();
        // The sentence of a no names the grant; the moments were milliseconds apart.
        for value in [&mut told, &mut own] {
            value["why_not"] = value["why_not"]["code"].clone();
            value["until"] = value["until"].is_string().into();
        }
        assert_eq!(told, own);
        let (_, access) = said(&after, id);
        if now.access {
            let until = now.until.unwrap();
            assert!(remains.starts_with(&format!("access until {}", until.format("%Y-%m-%d %H:%M:%S"))), "{remains}");
            assert!(access.starts_with(&format!("now: yes, until {}", until.format("%-d %b %Y"))), "{access}");
        } else {
            assert_eq!(remains, "no access");
            assert!(access.starts_with("now: no: Grant"), "{access}");
        }
    }
    assert!(revoked >= 4, "{revoked}");
}
