//! What a service reads and is answered for a person: what the person is, to the letter, and nothing for nobody.

use serde_json::json;
use sqlx::AssertSqlSafe;

use super::services::{asked, comment, portal};
use super::sql::state_of;
use crate::support::pg::{WORKER, call, done, intake, one, open_project, sha};

/// What a service reads for a person is what the person reads, to the letter; for nobody it reads nothing.
#[tokio::test]
async fn a_service_reads_what_its_person_reads() {
    let (database, heart, mut service) = portal().await;
    let mut owner = database.owner().await;
    for login in ["checker1", "researcher1", "researcher2", "admin1", "auditor1", "steward1", "nobody1"] {
        let mut own = database.connect(login).await;
        for (area, what, request) in [
            ("egress", "page", json!({"filter": {}, "sort": "submitted_at", "page": 100})),
            ("egress", "count", json!({"filter": {}})),
            ("egress", "rows", json!({"ids": [heart.to_string(), (heart + 1).to_string()]})),
            ("egress", "facts", json!({"id": heart.to_string()})),
            ("request", "count", json!({"filter": {}})),
            ("grant", "count", json!({"filter": {}})),
        ] {
            let all = |call: &str| format!("select coalesce(string_agg(r::text, '|'), '') from {call} r");
            let by_self: String = one(&mut own, &all(&format!("exeat.read('{area}', '{what}', '{request}')"))).await;
            let via = all(&format!("exeat.read_for('{login}', '{area}', '{what}', '{request}')"));
            assert_eq!(one::<String>(&mut service, &via).await, by_self, "{login} {area} {what}");
        }
    }
    sqlx::raw_sql("update exeat.people set removed_at = clock_timestamp() where login = 'checker5'")
        .execute(&mut owner)
        .await
        .unwrap();
    for login in ["checker5", "portal", "", "nobody at all"] {
        let read = format!("select count(*) from exeat.read_for('{login}', 'egress', 'page', '{{\"filter\": {{}}}}')");
        let error = sqlx::query(AssertSqlSafe(read)).fetch_one(&mut service).await.unwrap_err().to_string();
        assert!(error.contains("There is no active person"), "{login}: {error}");
    }
    assert!(state_of(&mut service, "select exeat.read('egress', 'page', '{}')").await.is_some());
}

/// What is asked for is answered to who asked, whichever door either came through; the news are one's own too.
#[tokio::test]
async fn a_service_is_answered_what_its_person_is() {
    let (database, heart, mut service) = portal().await;
    let mut owner = database.owner().await;
    let before: String = one(&mut service, "select exeat.last_change()").await;
    let unreleased = json!({"version": heart, "use": "preview"});
    assert_eq!(asked(&mut service, "checker1", "ask_ticket", unreleased).await.code, "not_by_service");
    let ticket = call(&mut database.connect("checker1").await, "ask_ticket", &[&heart.to_string(), "preview"]).await;
    let refresh = asked(&mut service, "checker1", "ask_refresh", json!({"project": "heart"})).await;
    let submission: i64 = one(&mut owner, "select min(id) from exeat.submissions").await;
    assert!(asked(&mut service, "checker1", "add_comment", comment(heart)).await.ok);
    sqlx::raw_sql("update exeat.tickets set state = 'refused', refused = 'said to who asked'")
        .execute(&mut owner)
        .await
        .unwrap();
    let asked_for = [
        ("ticket_answer", ticket.data()["ticket"].to_string().replace('"', "'")),
        ("refresh_answer", refresh.data()["refresh"].to_string().replace('"', "")),
        ("submission_state", submission.to_string()),
        ("changes_since", format!("'{before}'")),
    ];
    let mut answered = Vec::new();
    for login in ["checker1", "checker2", "researcher2", "nobody1", "nobody at all"] {
        let mut own = database.connect(if login == "nobody at all" { "nobody1" } else { login }).await;
        for (name, what) in &asked_for {
            let all = |call: &str| format!("select coalesce(string_agg(r::text, '|'), '') from {call} r");
            let via = all(&format!("exeat.{name}_for('{login}', {what})"));
            if login == "nobody at all" {
                assert!(sqlx::query(AssertSqlSafe(via)).fetch_one(&mut service).await.is_err(), "{name} for nobody");
                continue;
            }
            let via: String = one(&mut service, &via).await;
            assert_eq!(via, one::<String>(&mut own, &all(&format!("exeat.{name}({what})"))).await, "{login} {name}");
            answered.push((login, *name, !via.is_empty()));
        }
    }
    for (name, _) in &asked_for {
        assert!(answered.contains(&("checker1", name, true)), "{name} is answered");
        let others = matches!(*name, "submission_state" | "changes_since");
        assert!(answered.contains(&("checker2", name, others)), "{name} of checker1");
        assert!(answered.contains(&("nobody1", name, false)), "{name} of nobody's");
    }
}

/// A file for which nobody decides anything yet is not released either.
#[tokio::test]
async fn bytes_without_a_case_are_not_looked_at_through_a_service() {
    let (database, _, mut service) = portal().await;
    let mut admin = database.connect("admin1").await;
    let mut worker = database.connect(WORKER).await;
    let places = ["bare", "A project without a policy", "For the test", "s3://bare/", "s3://shared-bare/"];
    open_project(&mut admin, &mut database.connect("admin2").await, &places).await;
    done(&mut admin, "add_membership", &["checker1", "bare", "checker"]).await;
    let loose = intake(&mut worker, "bare", "loose.csv", &sha("loose.csv"), 9).await.unwrap();
    let cases = format!("select count(*) from exeat.cases where version = {loose}");
    assert_eq!(one::<i64>(&mut database.owner().await, &cases).await, 0);
    let preview = json!({"version": loose, "use": "preview"});
    let refused = asked(&mut service, "checker1", "ask_ticket", preview).await;
    assert_eq!(refused.code, "not_by_service", "{refused:?}");
    assert!(call(&mut database.connect("checker1").await, "ask_ticket", &[&loose.to_string(), "preview"]).await.ok);
}

/// More than a thousand of anything is refused by name, and never cut in silence.
#[tokio::test]
async fn a_list_has_at_most_a_thousand_entries() {
    let (database, heart, _) = portal().await;
    let mut own = database.connect("checker1").await;
    for (many, fits) in [(1_000, true), (1_001, false)] {
        let ids = vec![heart.to_string(); many];
        for (what, request) in [("rows", json!({"ids": ids})), ("page", json!({"filter": {"id": ids}}))] {
            let read = format!("select count(*) from exeat.read('egress', '{what}', '{request}')");
            match sqlx::query(AssertSqlSafe(read)).fetch_one(&mut own).await {
                Ok(_) => assert!(fits, "{what} of {many}"),
                Err(error) => {
                    assert!(!fits && error.to_string().contains("malformed part"), "{what} of {many}: {error}");
                }
            }
        }
    }
}
