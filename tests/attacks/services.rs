//! What a service can try that acts for people: by itself, for people who are gone, as a person, for what is kept for people, with
//! votes; and what a person can try to pass for one. That it may nothing its person may not is in `through_a_service`.

use serde_json::{Value, json};
use sqlx::{AssertSqlSafe, PgConnection};
use uuid::Uuid;

use super::sql::state_of;
use super::sql_reach::two_projects;
use crate::support::pg::{Answer, Database, SERVICE, WORKER, call, call_with, done, one, sha, submitted};

/// Asks through the service for a person.
async fn for_person(service: &mut PgConnection, login: &str, id: Uuid, name: &str, request: &Value) -> Answer {
    sqlx::query_as("select ok, code, sentence, version, data from exeat.command_for($1, $2, $3, $4)")
        .bind(login)
        .bind(id)
        .bind(name)
        .bind(request)
        .fetch_one(service)
        .await
        .unwrap()
}

pub(super) async fn asked(service: &mut PgConnection, login: &str, name: &str, request: Value) -> Answer {
    for_person(service, login, Uuid::new_v4(), name, &request).await
}

/// Two projects, the service added, and its connection.
pub(super) async fn portal() -> (Database, i64, PgConnection) {
    let (database, heart, _) = two_projects().await;
    let mut admin = database.connect("admin1").await;
    done(&mut admin, "add_service", &["portal", SERVICE]).await;
    let service = database.connect(SERVICE).await;
    (database, heart, service)
}

pub(super) fn comment(version: i64) -> Value {
    json!({"version": version, "body": "through the portal"})
}

fn approval(version: i64) -> Value {
    json!({"version": version, "destination": "trusted", "kind": "approve", "sha256": sha("heart.csv")})
}

#[tokio::test]
async fn a_service_is_nobody_by_itself() {
    let (database, heart, mut service) = portal().await;
    for sql in [
        format!("select exeat.command(gen_random_uuid(), 'claim', '{{\"version\": {heart}}}')"),
        format!("select exeat.claim(gen_random_uuid(), {heart})"),
        "select exeat.whoami()".into(),
        "select exeat.me()".into(),
        "select exeat.acting('checker1')".into(),
        "select exeat.run(null, gen_random_uuid(), 'claim', '{}')".into(),
        "select exeat.do_claim(null, '{}')".into(),
        "select exeat.read('egress', 'count', '{}')".into(),
        "select exeat.list_people()".into(),
        "select exeat.journal_rows(0)".into(),
        "select exeat.open_tickets()".into(),
        "select exeat.claim_release('w', 60)".into(),
        "select from exeat.services".into(),
        "select from exeat.people".into(),
        "set role checker1".into(),
        "set session authorization checker1".into(),
    ] {
        assert_eq!(state_of(&mut service, &sql).await.as_deref(), Some("42501"), "{sql}");
    }
    // Nobody, nobody of that name, the service's own names, a person's full name or other login, one who was removed.
    let mut owner = database.owner().await;
    sqlx::raw_sql("update exeat.people set removed_at = clock_timestamp() where login = 'checker5'")
        .execute(&mut owner)
        .await
        .unwrap();
    for login in ["", "nobody at all", "portal", SERVICE, "Fay Checker", "checker1_second", "CHECKER1", "checker5"] {
        let answer = asked(&mut service, login, "add_comment", comment(heart)).await;
        assert_eq!(answer.code, "not_signed_in", "{login}: {answer:?}");
    }
    let null: String =
        one(&mut service, "select (exeat.command_for(null, gen_random_uuid(), 'claim', '{\"version\": 1}')).code")
            .await;
    assert_eq!(null, "not_signed_in");
    let kept = "select count(*) from exeat.journal where via = 'portal' and person is null and not ok";
    assert_eq!(one::<i64>(&mut owner, kept).await, 9, "each is in the journal, with the service's name");
    let kept = "select count(*) from exeat.comments where body = 'through the portal'";
    assert_eq!(one::<i64>(&mut owner, kept).await, 0);
}

#[tokio::test]
async fn what_is_kept_for_people_no_service_does_for_them() {
    let (database, _, mut service) = portal().await;
    for (name, request) in [
        ("add_person", json!({"login": "x", "full_name": "X"})),
        ("add_login", json!({"role": "x", "login": "checker1"})),
        ("add_membership", json!({"login": "nobody1", "role": "checker", "project": "heart"})),
        ("add_service", json!({"name": "more", "role": "more"})),
        ("end_service", json!({"name": "portal"})),
        ("set_policy", json!({"project": "heart", "destination": "trusted", "values": {"approvals": 1}})),
        ("confirm_policy", json!({"policy": 1})),
        ("set_setting", json!({"name": "access.iva_required", "value": false})),
        ("resume_project", json!({"project": "heart", "reason": "go on"})),
    ] {
        let answer = asked(&mut service, "admin1", name, request).await;
        assert_eq!(answer.code, "not_by_service", "{name}: {answer:?}");
        assert!(answer.sentence.contains("login of their own"), "{}", answer.sentence);
    }
    let kept =
        "select count(*) from exeat.journal where via = 'portal' and person = 'admin1' and code = 'not_by_service'";
    assert_eq!(one::<i64>(&mut database.owner().await, kept).await, 9);
}

/// Both names are in the journal, and no field nor setting forges either.
#[tokio::test]
async fn the_journal_has_both_names() {
    let (database, heart, mut service) = portal().await;
    sqlx::raw_sql("set exeat.via = 'another'; set application_name = 'another'; set exeat.person = 'checker2'")
        .execute(&mut service)
        .await
        .unwrap();
    assert!(asked(&mut service, "checker1", "add_comment", comment(heart)).await.ok);
    for field in ["via", "person", "session_role"] {
        let mut forged = comment(heart);
        forged[field] = "checker2".into();
        assert_eq!(asked(&mut service, "checker1", "add_comment", forged).await.code, "invalid");
    }
    let mut owner = database.owner().await;
    let entry: (String, String, String) = sqlx::query_as(
        "select person, session_role, via from exeat.journal where request like '%through the portal%' and ok",
    )
    .fetch_one(&mut owner)
    .await
    .unwrap();
    assert_eq!(entry, ("checker1".into(), SERVICE.into(), "portal".into()));
    // Who comes by their own login comes through nobody.
    done(&mut database.connect("checker1").await, "add_comment", &[&heart.to_string(), "by myself"]).await;
    let own = "select count(*) from exeat.journal where request like '%by myself%' and via is null";
    assert_eq!(one::<i64>(&mut owner, own).await, 1);
    for (login, sql) in [
        ("checker1", "select exeat.command_for('checker2', gen_random_uuid(), 'claim', '{}')"),
        ("admin1", "select exeat.command_for('checker2', gen_random_uuid(), 'claim', '{}')"),
        (WORKER, "select exeat.command_for('checker2', gen_random_uuid(), 'claim', '{}')"),
    ] {
        assert_eq!(state_of(&mut database.connect(login).await, sql).await.as_deref(), Some("42501"), "{login}");
    }
}

/// A service's login is nobody's own and a person's no service's, whichever came first and however a role is in a group.
#[tokio::test]
async fn nobody_is_a_person_and_a_service() {
    let (database, heart, mut service) = portal().await;
    let (mut owner, mut admin) = (database.owner().await, database.connect("admin1").await);
    sqlx::raw_sql(
        "do $$ begin create role both_groups login in role exeat_person, exeat_service; create role under_people in role exeat_person;
           create role inherits_people login in role under_people; create role under_services in role exeat_service;
           create role inherits_services login in role under_services noinherit;
         exception when duplicate_object then null; end $$",
    )
    .execute(&mut owner)
    .await
    .unwrap();
    for role in ["checker1", "checker1_second", "both_groups", "inherits_people", "exeat_admin", WORKER, SERVICE] {
        assert_eq!(call(&mut admin, "add_service", &["more", role]).await.code, "invalid", "{role}");
    }
    for role in [SERVICE, "both_groups", "inherits_services"] {
        assert_eq!(call(&mut admin, "add_login", &[role, "checker1"]).await.code, "invalid", "{role}");
    }
    // What the database's administrator mixes afterwards is nobody at either door.
    sqlx::raw_sql(
        "insert into exeat.logins select 'both_groups', id from exeat.people where login = 'checker1';
         insert into exeat.services (name, role, added_by) select 'mixed', 'inherits_people', id from exeat.people where login = 'admin1';
         grant exeat_service to inherits_people",
    )
    .execute(&mut owner)
    .await
    .unwrap();
    let claim = format!("select (exeat.claim(gen_random_uuid(), {heart})).code");
    assert_eq!(one::<String>(&mut database.connect("both_groups").await, &claim).await, "not_signed_in");
    let mut mixed = database.connect("inherits_people").await;
    assert_eq!(asked(&mut mixed, "checker1", "add_comment", comment(heart)).await.code, "not_signed_in");
    // One that has ended acts for nobody, and its name and login begin nothing new.
    done(&mut admin, "end_service", &["portal"]).await;
    assert_eq!(asked(&mut service, "checker1", "add_comment", comment(heart)).await.code, "not_signed_in");
    assert_eq!(call(&mut admin, "end_service", &["portal"]).await.code, "not_found");
    assert_eq!(call(&mut admin, "add_service", &["portal", "other"]).await.code, "invalid");
    assert_eq!(call(&mut admin, "add_service", &["other", SERVICE]).await.code, "invalid");
    assert_eq!(call(&mut admin, "add_login", &[SERVICE, "checker1"]).await.code, "invalid");
    let mut auditor = database.connect("auditor1").await;
    let seen = "select count(*) from exeat.list_services() where name = 'portal' and ended_at is not null";
    assert_eq!(one::<i64>(&mut auditor, seen).await, 1);
    assert_eq!(
        one::<i64>(&mut database.connect("checker1").await, "select count(*) from exeat.list_services()").await,
        0
    );
    for login in ["checker1", "auditor1", "steward1"] {
        let mut own = database.connect(login).await;
        assert_eq!(call(&mut own, "add_service", &["more", "more"]).await.code, "forbidden", "{login}");
        assert_eq!(call(&mut own, "end_service", &["mixed"]).await.code, "forbidden", "{login}");
    }
}

async fn tally(owner: &mut PgConnection, version: i64) -> (i32, i32) {
    let sql = "select (t).count, cardinality((t).changes) from (select exeat.tally(c.id) as t from exeat.cases c where c.version = $1) x";
    sqlx::query_as(sql).bind(version).fetch_one(owner).await.unwrap()
}

/// A vote through a service is one where the policy says so, which takes two administrators to say; and where it does no longer, an
/// approval counts no more while an objection stands.
#[tokio::test]
async fn a_vote_through_a_service_counts_where_the_policy_says_so() {
    let (database, heart, mut service) = portal().await;
    let (mut owner, mut admin) = (database.owner().await, database.connect("admin1").await);
    let policy =
        |value: &str| ["heart".to_owned(), "trusted".to_owned(), format!("{{\"votes_via_services\": {value}}}")];
    // checker1 approved with a login of their own.
    for (name, request) in [
        ("cast_vote", approval(heart)),
        ("cast_vote", json!({"version": heart, "kind": "reject", "comment": "no"})),
        ("undo_vote", json!({"version": heart})),
    ] {
        for login in ["checker1", "checker2"] {
            let answer = asked(&mut service, login, name, request.clone()).await;
            let none = name == "undo_vote" && login == "checker2";
            assert_eq!(answer.code, if none { "not_held" } else { "not_by_service" }, "{login} {name}: {answer:?}");
        }
    }
    assert_eq!(tally(&mut owner, heart).await, (1, 0));
    let yes = policy("true");
    let proposed = done(&mut admin, "set_policy", &yes.each_ref().map(String::as_str)).await;
    assert_eq!(proposed["proposed"], true, "one administrator alone does not say so");
    assert_eq!(asked(&mut service, "checker2", "cast_vote", approval(heart)).await.code, "not_by_service");
    let mut second = database.connect("admin2").await;
    done(&mut second, "confirm_policy", &[&proposed["policy"].to_string()]).await;
    let vote = asked(&mut service, "checker2", "cast_vote", approval(heart)).await;
    assert_eq!(vote.data()["count"], 2, "{vote:?}");
    let changes = json!({"version": heart, "kind": "changes", "comment": "round the cells"});
    assert!(asked(&mut service, "checker4", "cast_vote", changes).await.ok);
    assert_eq!(tally(&mut owner, heart).await, (2, 1));
    let via: Vec<Option<String>> = one(
        &mut owner,
        &format!("select array_agg(via order by id) from exeat.votes where version = {heart} and standing"),
    )
    .await;
    assert_eq!(via, [None, Some("portal".to_owned()), Some("portal".to_owned())]);
    let record = format!("select exeat.release_record(id) from exeat.cases where version = {heart}");
    let record: Value = one(&mut owner, &record).await;
    assert_eq!((&record["votes"][0]["via"], &record["votes"][1]["via"]), (&Value::Null, &json!("portal")));
    let no = policy("false");
    let strict = done(&mut admin, "set_policy", &no.each_ref().map(String::as_str)).await;
    assert_eq!(strict["proposed"], false, "stricter is at once");
    assert_eq!(tally(&mut owner, heart).await, (1, 1), "the approval counts no more, the objection does");
    assert_eq!(asked(&mut service, "checker4", "undo_vote", json!({"version": heart})).await.code, "not_by_service");
    // Nor does what was cast before the policy said so count once it does.
    let proposed = done(&mut admin, "set_policy", &yes.each_ref().map(String::as_str)).await;
    done(&mut second, "confirm_policy", &[&proposed["policy"].to_string()]).await;
    assert_eq!(tally(&mut owner, heart).await, (2, 1), "it was cast while the policy said so, and does again");
}

/// A command's id is its person's, whatever the door: a retry through the other one has the first answer.
#[tokio::test]
async fn a_retry_through_the_other_door_is_the_same_command() {
    let (database, heart, mut service) = portal().await;
    let mut own = database.connect("checker1").await;
    let id = Uuid::new_v4();
    let first = for_person(&mut service, "checker1", id, "add_comment", &comment(heart)).await;
    let retry = call_with(&mut own, "add_comment", id, &[&heart.to_string(), "through the portal"]).await;
    assert_eq!((&first.data, first.ok), (&retry.data, true));
    let other = call_with(&mut own, "add_comment", id, &[&heart.to_string(), "something else"]).await;
    assert_eq!(other.code, "command_id_reused");
    let other =
        for_person(&mut service, "checker1", id, "add_comment", &json!({"version": heart, "body": "else"})).await;
    assert_eq!(other.code, "command_id_reused");
    // Another person's id is free.
    assert!(for_person(&mut service, "checker2", id, "add_comment", &comment(heart)).await.ok);
}

/// One person's flood through a service leaves what others are refused in the journal.
#[tokio::test]
async fn a_flood_through_a_service_is_its_persons() {
    let (database, heart, mut service) = portal().await;
    let flood = format!(
        "select count(*) filter (where (t).code = 'not_checker') from (select exeat.command_for('researcher1', gen_random_uuid(), 'claim',
           '{{\"version\": {heart}}}') as t from generate_series(1, 250)) x"
    );
    assert_eq!(one::<i64>(&mut service, &flood).await, 250);
    assert_eq!(asked(&mut service, "checker3", "undo_vote", json!({"version": heart})).await.code, "not_held");
    let mut owner = database.owner().await;
    for (person, wanted) in [("researcher1", 100), ("checker3", 1)] {
        let kept =
            format!("select count(*) from exeat.journal where via = 'portal' and person = '{person}' and not ok");
        assert_eq!(one::<i64>(&mut owner, &kept).await, wanted, "{person}");
    }
    let counted = "select (codes->>'not_checker')::bigint from exeat.refused where person = 'researcher1'";
    assert_eq!(one::<i64>(&mut owner, counted).await, 150);
}

/// A session of a service that holds what others wait for is ended as a person's is.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_service_that_holds_a_file_is_ended() {
    let (database, heart, mut service) = portal().await;
    sqlx::raw_sql(AssertSqlSafe(format!(
        "begin; select exeat.command_for('checker2', gen_random_uuid(), 'claim', '{{\"version\": {heart}}}')"
    )))
    .execute(&mut service)
    .await
    .unwrap();
    let waiting = tokio::spawn({
        let database = database.clone();
        async move {
            let mut own = database.connect("checker1").await;
            let mut answer = call(&mut own, "claim", &[&heart.to_string()]).await;
            while answer.code == "busy" && !answer.sentence.contains("looking at it") {
                answer = call(&mut own, "claim", &[&heart.to_string()]).await;
            }
            answer
        }
    });
    let mut worker = database.connect(WORKER).await;
    let mut ended = 0;
    for _ in 0..600 {
        ended += one::<i64>(&mut worker, "select count(*) from exeat.end_blocking_sessions(0, 0.2)").await;
        if ended > 0 {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    assert!(ended > 0, "the service's session is one that can be ended");
    assert!(waiting.await.unwrap().ok, "and the file is free");
    let mut researcher = database.connect("researcher1").await;
    submitted(&mut researcher, &mut worker, "heart", "trusted", "next.csv").await;
}
