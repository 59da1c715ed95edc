//! Rights that would outlive their end or reach too far: what a plan tells of hidden rows, the wall behind the first one,
//! tickets asked for before a right ended, literals read otherwise than they were written, rows of the feed committed late.

use serde_json::json;
use sqlx::{AssertSqlSafe, PgConnection, Row};

use super::sql::state_of;
use super::sql_reach::two_projects;
use crate::support::pg::{Database, WORKER, call, done, intake, one, sha, submitted};

/// Leakproof comparisons come before a policy's condition, and the plan says whether that was ever asked: a bit of any row
/// of any project for each statement, did people read tables at all.
#[tokio::test]
async fn no_plan_tells_of_a_row() {
    let (database, heart, lungs) = two_projects().await;
    for login in ["researcher2", "admin1", "auditor1", WORKER] {
        let mut own = database.connect(login).await;
        for (table, condition) in [
            ("comments", "body collate \"C\" >= 'for everyone'"),
            ("comments", "body collate \"C\" >= 'zzz'"),
            ("votes", "comment collate \"C\" >= 'fine'"),
            ("file_versions", "state = 'pending'"),
            ("cases", "state = 'pending'"),
            ("projects", "name = 'heart'"),
        ] {
            for statement in ["explain (analyze, costs off, timing off, summary off) ", "explain ", ""] {
                let sql = format!("{statement}select from exeat.{table} where {condition}");
                assert_eq!(state_of(&mut own, &sql).await.as_deref(), Some("42501"), "{login}: {sql}");
            }
        }
    }
    // Of a function the plan says how many rows came out, which its caller may know.
    let mut own = database.connect("researcher2").await;
    let mut plans = Vec::new();
    for id in [heart, lungs + 1_000_000] {
        let sql = format!(
            "explain (analyze, verbose, buffers off, costs off, timing off, summary off) select * from exeat.read('egress', 'facts', '{{\"id\": {id}}}')"
        );
        let lines = sqlx::query(AssertSqlSafe(sql)).persistent(false).fetch_all(&mut own).await.unwrap();
        let plan: Vec<String> = lines.iter().map(|line| line.get(0)).collect();
        plans.push(plan.join("\n").replace(&format!("\"id\": {id}"), "ID"));
    }
    assert_eq!(plans[0], plans[1]);
}

/// Should a site grant what it should not, the rows are walled off still.
#[tokio::test]
async fn row_security_stands_behind_a_grant() {
    let (database, heart, lungs) = two_projects().await;
    let mut owner = database.owner().await;
    sqlx::raw_sql(
        "grant select on exeat.projects, exeat.file_versions, exeat.cases, exeat.votes, exeat.comments to exeat_person",
    )
    .execute(&mut owner)
    .await
    .unwrap();
    let mut own = database.connect("researcher2").await;
    let found: Vec<i64> = one(&mut own, "select array_agg(id) from exeat.file_versions").await;
    assert_eq!(found, [lungs]);
    for nothing in ["exeat.votes", "exeat.comments", "exeat.projects where name <> 'lungs'"] {
        let rows: i64 = one(&mut own, &format!("select count(*) from {nothing}")).await;
        assert_eq!(rows, 0, "{nothing}");
    }
    // A function in a condition, which may fail and tell, runs on no hidden row.
    let leak = state_of(&mut own, &format!("select from exeat.file_versions where 1 / (id - {heart}) = 2")).await;
    assert_eq!(leak, None, "a condition of the caller's saw a hidden row");
}

/// The worker's answer to a ticket: whether it was given out.
async fn answered(worker: &mut PgConnection, ticket: &str) -> bool {
    let sql = format!(
        "select exeat.answer_ticket('{ticket}', 'http://store/secret', clock_timestamp() + interval '1 minute')"
    );
    one(worker, &sql).await
}

/// What the asker gets: an address, or why not.
async fn told(person: &mut PgConnection, ticket: &str) -> (Option<String>, Option<String>) {
    let sql = format!("select url, refused from exeat.ticket_answer('{ticket}')");
    sqlx::query_as(AssertSqlSafe(sql)).persistent(false).fetch_one(person).await.unwrap()
}

#[tokio::test]
pub(super) async fn a_ticket_ends_with_the_right_to_it() {
    let (database, heart, _) = two_projects().await;
    let id = heart.to_string();
    let mut worker = database.connect(WORKER).await;
    let mut admin = database.connect("admin1").await;
    let mut checker = database.connect("checker1").await;
    let mut early = database.connect("checker2").await;
    let given = done(&mut checker, "ask_ticket", &[&id, "preview"]).await["ticket"].as_str().unwrap().to_owned();
    assert!(answered(&mut worker, &given).await);
    assert!(told(&mut checker, &given).await.0.is_some());
    // Asked for while it was allowed, in a transaction that is committed when it no longer is.
    sqlx::raw_sql("begin").execute(&mut early).await.unwrap();
    let late = done(&mut early, "ask_ticket", &[&id, "preview"]).await["ticket"].as_str().unwrap().to_owned();
    let mut researcher = database.connect("researcher1").await;
    let files = json!([{"key": "later.csv", "sha256": sha("later"), "size": 1}]).to_string();
    let made = done(&mut researcher, "register_submission", &["heart", "trusted", "a paper", &files]).await;
    sqlx::raw_sql("begin").execute(&mut researcher).await.unwrap();
    let upload = done(&mut researcher, "ask_upload", &[&made["registrations"][0]["id"].to_string()]).await;
    let upload = upload["ticket"].as_str().unwrap().to_owned();
    for (login, role) in [("checker1", "checker"), ("checker2", "checker"), ("researcher1", "researcher")] {
        done(&mut admin, "end_membership", &[login, "heart", role]).await;
    }
    for (person, ticket) in [(&mut early, &late), (&mut researcher, &upload)] {
        sqlx::raw_sql("commit").execute(&mut *person).await.unwrap();
        assert!(!answered(&mut worker, ticket).await, "an address for who may no longer");
        let (url, refused) = told(person, ticket).await;
        assert!(url.is_none() && refused.is_some_and(|why| why.contains("Only researchers")));
    }
    let open: i64 = one(&mut worker, "select count(*) from exeat.open_tickets()").await;
    assert_eq!(open, 0, "what is refused is asked for no more");
    let (url, refused) = told(&mut checker, &given).await;
    assert!(url.is_none() && refused.is_some(), "an address given before is not told again");
}

#[tokio::test]
pub(super) async fn a_download_ends_with_the_recall() {
    let database = Database::fresh().await;
    let mut worker = database.connect(WORKER).await;
    let mut researcher = database.connect("researcher2").await;
    let id = submitted(&mut researcher, &mut worker, "lungs", "trusted", "a.csv").await.to_string();
    let mut checker = database.connect("checker1").await;
    done(&mut checker, "cast_vote", &[&id, "trusted", "approve", &sha("a.csv"), "fine"]).await;
    let finish = "select (exeat.finish_release(c.release, 'w', c.shared_key, 'v1', '_records/x', null)).code
        from exeat.claim_release('w', 60) c";
    assert_eq!(one::<String>(&mut worker, finish).await, "done");
    sqlx::raw_sql("begin").execute(&mut researcher).await.unwrap();
    let ticket = done(&mut researcher, "ask_ticket", &[&id, "download"]).await["ticket"].as_str().unwrap().to_owned();
    done(&mut checker, "recall", &[&id, "trusted", "the wrong table"]).await;
    sqlx::raw_sql("commit").execute(&mut researcher).await.unwrap();
    assert!(!answered(&mut worker, &ticket).await, "an address of what was recalled");
    let (url, refused) = told(&mut researcher, &ticket).await;
    assert!(url.is_none() && refused.is_some_and(|why| why.contains("recalled")));
}

/// A caller may change what a backslash means in a plain literal, and the functions' texts are read in the caller's session.
#[tokio::test]
pub(super) async fn literals_mean_what_they_say() {
    let database = Database::fresh().await;
    for setting in ["on", "off"] {
        let mut admin = database.connect("admin1").await;
        let set = format!("set escape_string_warning = off; set standard_conforming_strings = {setting}");
        sqlx::raw_sql(AssertSqlSafe(set)).execute(&mut admin).await.unwrap();
        for (mail, code) in [("ada@tre.example", "done"), ("ada@tre_example", "invalid"), ("ada@localhost", "invalid")]
        {
            let row = json!([{"login": "ada", "full_name": "Ada Example", "mail": mail}]).to_string();
            let answer = call(&mut admin, "sync_people", &[&row, "true"]).await;
            assert_eq!(answer.code, code, "{mail} where standard_conforming_strings is {setting}");
        }
    }
    let mut owner = database.owner().await;
    let plain: Vec<String> = one(
        &mut owner,
        r"select coalesce(array_agg(proname::text), '{}') from pg_proc where pronamespace = 'exeat'::regnamespace
            and regexp_replace(prosrc, 'E''[^'']*''', '', 'g') like '%' || chr(92) || '%'",
    )
    .await;
    assert_eq!(plain, Vec::<String>::new(), "a backslash outside of E'…'");
}

/// However late a change is committed, and however many others were before it, the feed brings it, and once.
#[tokio::test]
async fn no_late_change_is_lost() {
    let (database, heart, lungs) = two_projects().await;
    let mut worker = database.connect(WORKER).await;
    let mut late = database.connect("checker1").await;
    let mut reader = database.connect("checker2").await;
    let mut seen: Vec<i64> = Vec::new();
    let mut place: String = one(&mut reader, "select exeat.last_change()").await;
    sqlx::raw_sql("begin").execute(&mut late).await.unwrap();
    done(&mut late, "add_comment", &[&heart.to_string(), "late", "false"]).await;
    for n in 0..300 {
        intake(&mut worker, "lungs", &format!("{n}.csv"), &sha(&n.to_string()), 10).await.unwrap();
        if n == 299 {
            sqlx::raw_sql("commit").execute(&mut late).await.unwrap();
        }
        if n % 100 == 99 {
            let sql = format!(
                "select l.upto, array(select row_id from exeat.changes_since('{place}') where area = 'egress')
                 from (select exeat.last_change() as upto) l"
            );
            let (upto, rows): (String, Vec<i64>) =
                sqlx::query_as(AssertSqlSafe(sql)).persistent(false).fetch_one(&mut reader).await.unwrap();
            assert_eq!(rows.contains(&heart), n == 299, "after {n}");
            place = upto;
            seen.extend(rows);
        }
    }
    let mut once = seen.clone();
    once.sort_unstable();
    once.dedup();
    assert_eq!(once.len(), seen.len(), "nothing twice");
    assert_eq!(seen.len(), 301);
    assert!(!seen.contains(&lungs));
}

/// Counted is who could vote at this moment, at release too: not who was a checker, not who submitted it, not who may have put it there.
#[tokio::test]
pub(super) async fn votes_count_while_their_voters_may_vote() {
    let (database, heart, _) = two_projects().await;
    let id = heart.to_string();
    let hash = sha("heart.csv");
    let mut worker = database.connect(WORKER).await;
    let mut admin = database.connect("admin1").await;
    let vote = async |login: &str, id: &str, hash: &str| {
        call(&mut database.connect(login).await, "cast_vote", &[id, "trusted", "approve", hash, "fine"]).await
    };
    assert_eq!(vote("checker1", &id, &hash).await.data()["count"], 1, "twice checker1 is one");
    let claim = "select count(*) from exeat.claim_release('w', 60)";
    // Approved, and no longer when it is to be released.
    assert_eq!(vote("checker2", &id, &hash).await.data()["state"], "approved");
    done(&mut admin, "end_membership", &["checker2", "heart", "checker"]).await;
    assert_eq!(one::<i64>(&mut worker, claim).await, 0, "a former checker's vote released it");
    assert_eq!(vote("checker4", &id, &hash).await.data()["state"], "approved");
    let gone = json!([{"login": "checker4", "full_name": "Ida Checker", "active": false}]).to_string();
    done(&mut admin, "sync_people", &[&gone]).await;
    assert_eq!(one::<i64>(&mut worker, claim).await, 0, "the vote of somebody removed released it");
    // Who submitted it, made a checker since; who may have put it there.
    done(&mut admin, "add_membership", &["researcher1", "heart", "checker"]).await;
    assert_eq!(vote("researcher1", &id, &hash).await.code, "own_submission");
    let found = intake(&mut worker, "heart", "found.csv", &sha("found"), 10).await.unwrap().to_string();
    for (login, code) in [("checker3", "was_researcher"), ("researcher1", "was_researcher"), ("checker1", "done")] {
        assert_eq!(vote(login, &found, &sha("found")).await.code, code, "{login}");
    }
    assert_eq!(vote("checker5", &id, &hash).await.data()["count"], 2);
    assert_eq!(one::<i64>(&mut worker, claim).await, 1, "two who may");
}
