//! After a revocation the tab, `exeat access check` and the command's own answer agree on what remains.

use chrono::{TimeDelta, Utc};
use exeat::domain::access::{AccessCheck, Grant, GrantId, RevokeClass};
use exeat::domain::command::Command;
use exeat::domain::page::{Sort, Wanted};
use exeat::tui::app::Row;
use uuid::Uuid;

use super::changes::service;
use crate::desk::harness::access::about;
use crate::desk::harness::{Desk, steward_me};
use crate::support::desk::{desk, text, unique};

/// A steward's desk with the cursor on a grant, all about its person and dataset read.
fn shown(grants: &[Grant], check: &AccessCheck, id: GrantId, h: u16) -> Desk {
    let mut desk = Desk::at(Utc::now(), 100, h);
    desk.sign(steward_me("steward1"));
    desk.press("3");
    desk.rows(vec![Row::from(grants.iter().find(|grant| grant.id == id).unwrap().clone())]);
    desk.facts("grants", id.0, about(grants.to_vec(), check.clone()));
    desk
}

/// What the dialog says remains, and then what the detail says there is.
fn said(grants: &[Grant], check: &AccessCheck, id: GrantId) -> (String, String) {
    let mut desk = shown(grants, check, id, 60);
    // A grant that is no longer live is not revoked again: then there is no dialog.
    desk.press("x");
    let remains = desk.said_of("Remains").unwrap_or_default();
    desk.press("Esc Enter");
    (remains, desk.said_of("Access").unwrap_or_else(|| panic!("{}", desk.screen())))
}

/// All grants of a person on a dataset, the last to end first.
fn theirs(login: &str, dataset: &str) -> Wanted {
    let filter = serde_json::json!({"by": [login], "dataset": [dataset]});
    Wanted { filter, sort: Sort::new("ends", true), after: None, page: 1000 }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn tab_and_check_agree_on_what_remains() {
    let steward = service("steward1");
    let found = steward.datasets(&[], "", 100).await.unwrap();
    let dataset = found.iter().rev().find(|one| !one.removed).unwrap().accession.clone();
    let login = "auditor1";
    for days in [40, 10, 90, 20] {
        let new = Command::AddGrant {
            login: login.into(),
            dataset: dataset.clone(),
            from: None,
            until: Utc::now() + TimeDelta::days(days),
            iva: None,
        };
        assert!(steward.carry_out(Uuid::new_v4(), &new).await.unwrap().ok);
    }
    let read = || async {
        let grants = steward.page::<Grant>(&theirs(login, &dataset)).await.unwrap().items;
        let check = steward.access_check(login, &dataset, None).await.unwrap();
        (grants, check)
    };
    let mut revoked = 0;
    loop {
        let (grants, check) = read().await;
        // Always the one that lasts longest, so that each revocation changes the answer.
        let Some(id) = check.grants.first().copied() else { break };
        let (remains, _) = said(&grants, &check, id);
        let (class, reason) = (RevokeClass::Ended, "a test".to_owned());
        let revoke = Command::RevokeGrant { grant: id, class, reason, seen_row_version: None };
        let answer = steward.carry_out(Uuid::new_v4(), &revoke).await.unwrap();
        assert!(answer.ok, "{answer:?}");
        revoked += 1;
        let (after, now) = read().await;
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
        let (_, access) = said(&after, &now, id);
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

/// A thousand at once: after each revocation tab, command line and the command's own answer say the same, and the timeline
/// has a line for every one of them.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn with_a_thousand_overlapping_grants_too() {
    const ALL: usize = 1000;
    let (desk, steward) = (desk(), service("steward1"));
    let login = unique("many");
    desk.json("admin1", &["people", "add", &login, "--name", "Many Grants"]);
    let dataset = "GHGAD00020260000024";
    let new = Command::AddGrant {
        login: login.clone(),
        dataset: dataset.into(),
        from: None,
        until: Utc::now() + TimeDelta::days(1500),
        iva: None,
    };
    assert!(steward.carry_out(Uuid::new_v4(), &new).await.unwrap().ok);
    desk.psql(&format!(
        "insert into exeat.grants (person, dataset, valid_from, valid_until, created_by)
         select g.person, g.dataset, g.valid_from - n * interval '1 hour',
           g.valid_until + ((n * 7919) % 1000) * interval '1 hour', g.created_by
         from exeat.grants g join exeat.people p on p.id = g.person, generate_series(1, {}) n where p.login = '{login}'",
        ALL - 1
    ));
    let mut left = ALL;
    for round in 0..12 {
        let grants = steward.page::<Grant>(&theirs(&login, dataset)).await.unwrap().items;
        let check = steward.access_check(&login, dataset, None).await.unwrap();
        assert_eq!((grants.len(), check.grants.len()), (ALL, left), "round {round}");
        let id = check.grants[0];
        let (remains, _) = said(&grants, &check, id);
        let mut tall = shown(&grants, &check, id, 1100);
        tall.press("p");
        let screen = tall.screen();
        assert!(screen.lines().filter(|line| !line.is_empty()).count() > ALL, "{screen}");
        tall.shows(&format!("{ALL} grants, {left} of them valid now or later"));
        let (class, reason) = (RevokeClass::Ended, "a test".to_owned());
        let revoke = Command::RevokeGrant { grant: id, class, reason, seen_row_version: None };
        let answer = steward.carry_out(Uuid::new_v4(), &revoke).await.unwrap();
        assert!(answer.ok, "{answer:?}");
        left -= 1;
        let command = desk.json("steward1", &["access", "check", "--person", &login, "--dataset", dataset]);
        assert_eq!(answer.data["remaining"]["grants"], command["grants"]);
        if left == 0 {
            assert_eq!((remains.as_str(), &command["access"]), ("no access", &false.into()));
        } else {
            let until: chrono::DateTime<Utc> = text(&command["until"]).parse().unwrap();
            assert_eq!(text(&answer.data["remaining"]["until"]).parse(), Ok(until));
            assert!(remains.starts_with(&format!("access until {}", until.format("%Y-%m-%d %H:%M:%S"))), "{remains}");
        }
        // Some more go, so that the thousand come down to a few.
        let gone = [80, left.saturating_sub(1), 0][usize::from(round >= 10) + usize::from(round > 10)];
        desk.psql(&format!(
            "update exeat.grants set revoked_at = now(), revoked_by = created_by, revoke_class = 'ended' where id in
               (select g.id from exeat.grants g join exeat.people p on p.id = g.person
                where p.login = '{login}' and g.revoked_at is null order by g.valid_until desc limit {gone})"
        ));
        left -= gone;
    }
    assert_eq!(left, 0, "down to the last");
}
