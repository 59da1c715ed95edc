//! Who reads which permit: nobody one that is not theirs, by no way, and a data holder nothing of what is inside.

use serde_json::{Value, json};
use sqlx::AssertSqlSafe;

use super::{LIFE, TEAM, World};
use crate::support::pg::{call, one};

const READ_ALL: [&str; 5] = ["manager1", "manager2", "admin1", "admin2", "auditor1"];
const READ_NONE: [&str; 8] =
    ["researcher2", "checker2", "checker4", "steward1", "setupreviewer2", "nobody1", "stranger1", "checker5"];

#[tokio::test]
async fn nobody_reads_a_permit_that_is_not_theirs() {
    let mut world = World::new().await;
    let mine = world.issue("null").await;
    // Another one, on which only the investigator is.
    let team = r#"[{"login": "researcher1", "role": "investigator"}]"#;
    let other = ["heart", "Another", "", "null", r#"["HEART0001"]"#, "null", team, "null", "2099-01-01"];
    let made = crate::support::pg::done(world.person("manager1").await, "issue_permit", &other).await;
    let other: i64 = made["permit"].as_str().unwrap().parse().unwrap();
    let people = TEAM.iter().map(|(login, _)| (*login, vec![mine]));
    let people = people.map(|(login, ids)| (login, if login == "researcher1" { vec![mine, other] } else { ids }));
    let all = READ_ALL.iter().map(|login| (*login, vec![mine, other]));
    let none = READ_NONE.iter().map(|login| (*login, Vec::new()));
    for (login, theirs) in people.chain(all).chain(none) {
        for (what, request) in [
            ("page", json!({})),
            ("page", json!({"sort": "waits", "descending": false, "filter": {"words": ["a"]}})),
            ("rows", json!({"ids": [mine, other, 999_999]})),
        ] {
            let sql = format!(
                "select coalesce(array_agg(id order by id), '{{}}') from exeat.read('permit', '{what}', '{request}')"
            );
            let seen: Vec<i64> = one(world.person(login).await, &sql).await;
            assert_eq!(seen, theirs, "{login} {what} {request}");
        }
        let count: Value = one(world.person(login).await, "select item from exeat.read('permit', 'count')").await;
        assert_eq!(count["counted"], json!(theirs.len()), "{login}");
        for permit in [mine, other] {
            let sql = format!("select count(*) from exeat.read('permit', 'facts', '{{\"id\": {permit}}}')");
            let facts: i64 = one(world.person(login).await, &sql).await;
            assert_eq!(facts == 1, theirs.contains(&permit), "{login} {permit}");
            if !theirs.contains(&permit) && login != "stranger1" {
                hidden(&mut world, login, permit).await;
            }
        }
    }
}

/// What one may not see does not exist: every command answers as it does for an id there is not.
async fn hidden(world: &mut World, login: &str, permit: i64) {
    let before = world.print(permit).await;
    let commands: Vec<(&str, Vec<&str>)> = LIFE
        .iter()
        .map(|line| ("move_permit", vec![line.what, "why"]))
        .chain([
            ("take_back_permit", vec![]),
            ("add_to_team", vec!["nobody1", "member"]),
            ("end_in_team", vec!["researcher1", "investigator"]),
            ("submit_output", vec!["x", "y"]),
            ("switch_workspace", vec!["true"]),
            ("report_workspace", vec!["workspace", "1", "running"]),
        ])
        .collect();
    for (name, rest) in commands {
        let (id, unknown) = (permit.to_string(), "999999".to_owned());
        let there = call(world.person(login).await, name, &[&[id.as_str()], &rest[..]].concat()).await;
        let nowhere = call(world.person(login).await, name, &[&[unknown.as_str()], &rest[..]].concat()).await;
        assert_eq!(there.code, "not_found", "{login} {name}: {there:?}");
        assert_eq!(there.sentence.replace(&id, "N"), nowhere.sentence.replace(&unknown, "N"), "{login} {name}");
    }
    assert_eq!(world.print(permit).await, before, "{login}");
}

#[tokio::test]
async fn a_data_holder_hears_nothing_of_what_is_inside() {
    let mut world = World::new().await;
    let permit = world.issue("null").await;
    for (login, what) in
        [("manager1", "initiate_ingress"), ("manager1", "confirm_upload"), ("preparator1", "submit_preparation")]
    {
        world.stepped(login, permit, what, "").await;
    }
    assert_eq!(world.item("holder1", permit).await.unwrap()["workspaces"], json!([]));
    let inside = world.item("preparator1", permit).await.unwrap();
    assert!(inside["workspaces"].as_array().unwrap().len() > 1, "{inside}");
    // Who is no longer on the team no longer reads it, nor hears of it.
    let id = permit.to_string();
    crate::support::pg::done(world.person("manager1").await, "end_in_team", &[&id, "holder1", "data_holder"]).await;
    assert!(world.item("holder1", permit).await.is_none());
}

#[tokio::test]
async fn filters_find_what_they_ask_for() {
    let mut world = World::new().await;
    let permit = world.issue("null").await;
    world.stepped("manager1", permit, "initiate_ingress", "").await;
    for (filter, finds) in [
        (json!({"status": ["INGRESS_IN_PROGRESS"]}), true),
        (json!({"status": ["ARCHIVED"]}), false),
        (json!({"stage": ["ingress"]}), true),
        (json!({"stage": ["setup", "over"]}), false),
        (json!({"team": ["holder1"]}), true),
        (json!({"team": ["nobody1"]}), false),
        (json!({"by": ["manager1"]}), true),
        (json!({"dataset": ["HEART0001"]}), true),
        (json!({"waits": ["data_holder"]}), true),
        (json!({"waits": ["preparator"]}), false),
        (json!({"project": ["heart"], "words": ["PERMIT"]}), true),
        (json!({"project": ["lungs"]}), false),
        (json!({"late": true}), false),
        (json!({"second": true}), false),
        (json!({"ends_days": 30}), false),
        (json!({"ends_days": 100_000}), true),
        (json!({"mine": true}), false),
    ] {
        let sql = format!("select count(*) from exeat.read('permit', 'page', '{}')", json!({"filter": filter}));
        let found: i64 = one(world.person("auditor1").await, &sql).await;
        assert_eq!(found == 1, finds, "{filter}");
    }
    for (login, waits) in [("holder1", true), ("holder2", true), ("manager1", false), ("preparator1", false)] {
        let sql = "select count(*) from exeat.read('permit', 'page', '{\"filter\": {\"mine\": true}}')";
        let found: i64 = sqlx::query_scalar(AssertSqlSafe(sql)).fetch_one(world.person(login).await).await.unwrap();
        assert_eq!(found == 1, waits, "{login}");
    }
}

/// Every move mails whoever its row of contracts D says is told, and still holds that role; each once.
#[tokio::test]
async fn everybody_who_is_told_of_a_move_is_mailed() {
    let mut world = World::new().await;
    let sql = "update exeat.people set mail = login || '@example.org'";
    sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut world.owner).await.unwrap();
    let permit = world.issue("null").await;
    let mailed = "select coalesce(array_agg(split_part(d.address, '@', 1) order by d.address), '{}') from exeat.deliveries d
      where d.channel = 'mail' and d.message = (select max(o.id) from exeat.outbox o where o.topic = 'permit.status.updated')";
    let issued: Vec<String> = one(&mut world.owner, mailed).await;
    assert_eq!(issued, ["checker3", "holder1", "holder2", "researcher1"], "team and holders");
    let id = permit.to_string();
    crate::support::pg::done(world.person("manager1").await, "end_in_team", &[&id, "holder2", "data_holder"]).await;
    let admin = world.person("admin1").await;
    crate::support::pg::done(admin, "end_membership", &["datareviewer1", "null", "data_reviewer"]).await;
    for (login, what, told) in [
        ("manager1", "initiate_ingress", &["holder1"][..]),
        ("manager1", "confirm_upload", &["both1", "checker3", "preparator1", "researcher1"]),
        ("preparator1", "submit_preparation", &["both1"]),
    ] {
        world.stepped(login, permit, what, "").await;
        let mails: Vec<String> = one(&mut world.owner, mailed).await;
        assert_eq!(mails, told, "{what}");
    }
    for login in ["manager1", "manager2"] {
        world.stepped(login, permit, "revoke", "why").await;
    }
    let all: Vec<String> = one(&mut world.owner, mailed).await;
    let everybody = [
        "both1",
        "checker1",
        "checker3",
        "engineer1",
        "holder1",
        "manager1",
        "preparator1",
        "researcher1",
        "setupreviewer1",
    ];
    assert_eq!(all, everybody, "all who are on it");
}

#[tokio::test]
async fn who_left_a_team_is_told_that_and_nothing_after() {
    let mut world = World::new().await;
    let permit = world.issue("null").await;
    let id = permit.to_string();
    for login in ["preparator1", "researcher1"] {
        let told = |since: &str| {
            format!("select count(*) from exeat.changes_since('{since}') where area = 'permit' and row_id = {permit}")
        };
        let since: String = one(world.person(login).await, "select exeat.last_change()").await;
        let role = if login == "preparator1" { "preparator" } else { "investigator" };
        assert!(call(world.person("manager1").await, "end_in_team", &[&id, login, role]).await.ok, "{login}");
        assert_eq!(one::<i64>(world.person(login).await, &told(&since)).await, 1, "{login} is told that they left");
        let since: String = one(world.person(login).await, "select exeat.last_change()").await;
        let step = if login == "preparator1" { "initiate_ingress" } else { "confirm_upload" };
        world.stepped("manager1", permit, step, "go on").await;
        assert_eq!(one::<i64>(world.person(login).await, &told(&since)).await, 0, "{login} is told of a step");
        assert_eq!(one::<i64>(world.person("checker1").await, &told(&since)).await, 1, "who is on it is");
    }
}
