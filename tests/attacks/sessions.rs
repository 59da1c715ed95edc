//! What a person can hold with sessions of their own, and that the worker ends exactly those: rows and tables that others
//! wait for, by one session or by two that wait for each other; never who only stands in the queue.

use std::time::Duration;

use sqlx::{AssertSqlSafe, PgConnection};
use uuid::Uuid;

use super::sql_reach::two_projects;
use crate::support::pg::{Answer, Database, WORKER, call_with, done, one, sha};
use crate::support::s3::local;
use crate::worker::site::Site;

/// The worker's look: the roles it ended, when a transaction of so many seconds is too old, and one that waits itself.
async fn ended(worker: &mut PgConnection, seconds: f64, patience: f64) -> Vec<String> {
    let sql = format!(
        "select coalesce(array_agg(role order by role), '{{}}') from exeat.end_blocking_sessions({seconds}, {patience})"
    );
    one(worker, &sql).await
}

/// A session with its process id, and these statements run in it.
async fn session(database: &Database, role: &str, statements: &str) -> (PgConnection, i32) {
    let mut own = database.connect(role).await;
    sqlx::raw_sql(AssertSqlSafe(statements.to_owned())).execute(&mut own).await.unwrap();
    let pid = one(&mut own, "select pg_backend_pid()").await;
    (own, pid)
}

/// A statement that has to wait for a lock, as its own task; it waits when this returns.
async fn waits(
    owner: &mut PgConnection,
    (mut own, pid): (PgConnection, i32),
    sql: String,
) -> tokio::task::JoinHandle<Result<(), sqlx::Error>> {
    let task = tokio::spawn(async move { sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut own).await.map(drop) });
    let waiting =
        format!("select coalesce((select wait_event_type = 'Lock' from pg_stat_activity where pid = {pid}), false)");
    while !one::<bool>(owner, &waiting).await {
        assert!(!task.is_finished(), "it did not wait");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    task
}

fn claim(version: i64) -> String {
    format!("select exeat.claim(gen_random_uuid(), {version})")
}

/// Claims it again and again until it may: a command waits for its moment only.
fn insist(version: i64) -> String {
    format!(
        "do $$ begin for n in 1..40 loop exit when (exeat.claim(gen_random_uuid(), {version})).ok; end loop; end $$"
    )
}

async fn is_alive(owner: &mut PgConnection, pid: i32) -> bool {
    one(owner, &format!("select exists (select from pg_stat_activity where pid = {pid})")).await
}

/// The entries about ended sessions: subject, sentence, request.
async fn told(owner: &mut PgConnection) -> Vec<(Option<String>, String, String)> {
    let sql = "select subject, sentence, request from exeat.journal where command = 'end_session' order by id";
    sqlx::query_as(sql).fetch_all(owner).await.unwrap()
}

const FILES: usize = 23;
/// Eight others with five votes each, as they come to the files.
const VOTERS: [&str; 8] =
    ["checker2", "checker3", "checker4", "checker5", "researcher2", "steward2", "steward3", "nobody1"];

/// One person keeps every file locked, and takes them again as soon as a session of theirs is ended.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_persons_locks_stop_nobodys_vote() {
    everybody_votes_beside("select pg_sleep(600)").await;
}

/// No transaction is ever two seconds old, and the locks are taken back before anybody wakes: a login is looked at over several looks.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn letting_go_and_taking_again_at_once_is_holding() {
    let told = everybody_votes_beside("select pg_sleep(1.7); rollback").await;
    assert!(told.iter().any(|sentence| sentence.ends_with("again and again.")), "{told:?}");
}

/// One person locks every file and does so much while they are held; eight others vote five times each, and every vote comes through.
/// Returns what the journal says of the sessions that were ended.
async fn everybody_votes_beside(held: &'static str) -> Vec<String> {
    let mut site = Site::new(local(), false).await;
    site.config.worker.idle_seconds = 600;
    let mut admin = site.person("admin1").await;
    done(&mut admin, "set_policy", &["heart", "trusted", r#"{"approvals": 20}"#]).await;
    for login in &VOTERS[4..] {
        done(&mut admin, "add_membership", &[login, "heart", "checker"]).await;
    }
    for n in 0..FILES {
        site.announce(&format!("{n}.csv"), &format!("{n}")).await;
        site.write(&format!("{n}.csv"), &format!("{n}")).await;
    }
    site.hand().await.look().await;
    let mut versions = Vec::new();
    for n in 0..FILES {
        versions.push(site.version(&format!("{n}.csv")).await.unwrap());
    }
    let worker = site.start();
    let (database, targets) = (site.database.clone(), versions.clone());
    let attacker = tokio::spawn(async move {
        loop {
            let mut own = database.connect("checker1").await;
            let all = targets.iter().map(|version| claim(*version)).collect::<Vec<_>>().join("; ");
            let hold = format!("begin; set local lock_timeout = 0; {all}; {held}");
            while sqlx::raw_sql(AssertSqlSafe(hold.as_str())).execute(&mut own).await.is_ok() {}
        }
    });
    let mut owner = site.database.owner().await;
    while one::<i64>(
        &mut owner,
        "select count(*) from pg_stat_activity where wait_event = 'PgSleep' and datname = current_database()",
    )
    .await
        == 0
    {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    let voters = VOTERS.iter().enumerate().map(|(place, login)| {
        let (database, versions) = (site.database.clone(), versions.clone());
        tokio::spawn(async move {
            let mut own = database.connect(login).await;
            let mut most = 0;
            for n in (0..5).map(|n| (place * 3 + n * 4) % FILES) {
                let (id, hash) = (versions[n].to_string(), sha(&n.to_string()));
                most = most.max(vote(&mut own, &[&id, "null", "approve", &hash, "fine"]).await);
            }
            most
        })
    });
    let tries = futures::future::join_all(voters).await;
    attacker.abort();
    let votes: i64 = one(&mut owner, "select count(*) from exeat.votes where standing and kind = 'approve'").await;
    assert_eq!(votes, 40, "tries: {tries:?}");
    let told = told(&mut owner).await;
    assert!(!told.is_empty());
    for (subject, sentence, request) in &told {
        assert_eq!(subject.as_deref(), Some("person:checker1"), "{sentence} {request}");
        assert!(sentence.starts_with("Ended a session of checker1: it held rows that"), "{sentence}");
    }
    worker.end().await;
    told.into_iter().map(|(_, sentence, _)| sentence).collect()
}

/// Votes, with the same id again while somebody else holds the file; how often it was sent.
async fn vote(own: &mut PgConnection, arguments: &[&str]) -> usize {
    let id = Uuid::new_v4();
    for tries in 1..=10 {
        let answer: Answer = call_with(own, "cast_vote", id, arguments).await;
        if answer.code != "busy" {
            assert!(answer.ok, "{answer:?}");
            return tries;
        }
    }
    panic!("ten times busy");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_stands_in_the_queue_is_not_ended() {
    let (database, heart, _) = two_projects().await;
    let (mut owner, mut worker) = (database.owner().await, database.connect(WORKER).await);
    let open = "begin; set local lock_timeout = 0; select * from exeat.whoami(); select pg_sleep(0.3)";
    let (mut holder, holding) = session(&database, "checker1", "begin").await;
    sqlx::raw_sql(AssertSqlSafe(claim(heart))).execute(&mut holder).await.unwrap();
    // Both stand in the queue for the row: the one in front is named as a blocker of the one behind it.
    let honest = session(&database, "checker2", open).await;
    let waiting = honest.1;
    let honest = waits(&mut owner, honest, format!("{}; commit", insist(heart))).await;
    let behind = session(&database, "checker4", open).await;
    let behind = waits(&mut owner, behind, format!("{}; commit", insist(heart))).await;
    let before: bool =
        one(&mut owner, &format!("select bool_or({waiting} = any (pg_blocking_pids(pid))) from pg_stat_activity"))
            .await;
    assert!(before, "the honest one is in somebody's way");
    assert_eq!(ended(&mut worker, 3600.0, 3600.0).await, Vec::<String>::new(), "a young transaction");
    assert_eq!(ended(&mut worker, 0.2, 3600.0).await, ["checker1"]);
    assert!(sqlx::raw_sql("commit").execute(&mut holder).await.is_err());
    honest.await.unwrap().unwrap();
    behind.await.unwrap().unwrap();
    let told = told(&mut owner).await;
    assert_eq!(told.len(), 1);
    assert_eq!(told[0].0.as_deref(), Some("person:checker1"));
    assert!(told[0].1.contains("it held rows that one other session waited for"), "{}", told[0].1);
    let request: serde_json::Value = serde_json::from_str(&told[0].2).unwrap();
    assert_eq!(request["pid"], holding);
    assert_eq!(request["waiting"], serde_json::json!(["checker2"]));
}

/// A session that waits is left out for standing in the queue; nobody holds a file by waiting for ever, for a lock of their
/// own other session, say. (The administrator's stands for ever new ones of theirs here.)
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_holds_a_file_by_waiting() {
    let (database, heart, lungs) = two_projects().await;
    let (mut owner, mut worker) = (database.owner().await, database.connect(WORKER).await);
    let hold =
        format!("begin; select from exeat.file_versions where id = {lungs} for update; select pg_advisory_lock(1)");
    let _partner = session(&database, "exeat_admin", &hold).await;
    for (evasion, patience) in [(insist(lungs), 0.2), ("select pg_advisory_lock(1)".to_owned(), 3600.0)] {
        let begin = format!("begin; {}; select pg_sleep(0.3)", claim(heart));
        let evader = session(&database, "checker1", &begin).await;
        let evader = waits(&mut owner, evader, evasion.clone()).await;
        let other = session(&database, "checker2", "select 1").await;
        let other =
            waits(&mut owner, other, format!("{}; select exeat.unclaim(gen_random_uuid(), {heart})", insist(heart)))
                .await;
        if patience < 1.0 {
            assert_eq!(ended(&mut worker, 0.2, 3600.0).await, Vec::<String>::new(), "it may be honest");
        }
        let mut gone = Vec::new();
        while gone.is_empty() {
            // A moment between two waits belongs to nobody.
            gone = ended(&mut worker, 0.2, patience).await;
        }
        assert_eq!(gone, ["checker1"], "{evasion}");
        assert!(evader.await.unwrap().is_err());
        other.await.unwrap().unwrap();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_table_is_held_by_nobody_either() {
    let (database, ..) = two_projects().await;
    let (mut owner, mut worker) = (database.owner().await, database.connect(WORKER).await);
    let add = |name: &str| {
        format!("select exeat.add_project(gen_random_uuid(), '{name}', 'T', 'P', 's3://{name}/', 's3://{name}-out/')")
    };
    let (mut holder, _) = session(&database, "admin1", &format!("begin; {}; select pg_sleep(0.3)", add("held"))).await;
    let other = session(&database, "admin2", "select 1").await;
    let other = waits(&mut owner, other, add("free")).await;
    assert_eq!(ended(&mut worker, 0.2, 3600.0).await, ["admin1"]);
    assert!(sqlx::raw_sql("commit").execute(&mut holder).await.is_err());
    other.await.unwrap().unwrap();
    let there: Vec<String> = one(&mut owner, "select array_agg(name order by id) from exeat.projects").await;
    assert_eq!(there, ["heart", "lungs", "free"]);
    assert!(told(&mut owner).await[0].1.contains("it held a table that one other session waited for"));
}

/// Whoever is no person, or elsewhere, is none of its business; nor is an advisory lock, for nothing here takes any.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sessions_of_others_are_spared() {
    let (database, heart, lungs) = two_projects().await;
    let (elsewhere, theirs, _) = two_projects().await;
    let (mut owner, mut worker) = (database.owner().await, database.connect(WORKER).await);
    let mut there = elsewhere.owner().await;
    let lock = |version: i64| format!("begin; select from exeat.file_versions where id = {version} for update");
    let administrator = session(&database, "exeat_admin", &lock(heart)).await;
    let missing = "begin; select exeat.intake_missing('lungs', 9000000000000000, null, null, '{}')";
    let working = session(&database, WORKER, missing).await;
    let another = session(&elsewhere, "checker1", &format!("begin; {}", claim(theirs))).await;
    let advisory = session(&database, "checker1", "begin; select pg_advisory_lock(1)").await;
    let alone = session(&database, "researcher2", "begin; select * from exeat.whoami()").await;
    let mut waiting = Vec::new();
    for (database, role, sql) in [
        (&database, "checker2", claim(heart)),
        (&database, "checker2", claim(lungs)),
        (&elsewhere, "checker2", claim(theirs)),
        (&database, "checker2", "select pg_advisory_lock(1)".to_owned()),
    ] {
        let owner = if database.name == elsewhere.name { &mut there } else { &mut owner };
        waiting.push(waits(owner, session(database, role, "select 1").await, sql).await);
    }
    assert_eq!(ended(&mut worker, 0.0, 0.0).await, Vec::<String>::new());
    for (_, pid) in [&administrator, &working, &another, &advisory, &alone] {
        assert!(is_alive(&mut owner, *pid).await);
    }
    assert_eq!(told(&mut owner).await, []);
    waiting.iter().for_each(tokio::task::JoinHandle::abort);
}

/// Whoever left a transaction open is named in the journal too.
#[tokio::test]
async fn an_idle_session_is_journalled_with_its_login() {
    let (database, heart, _) = two_projects().await;
    let (mut owner, mut worker) = (database.owner().await, database.connect(WORKER).await);
    let _idle = session(&database, "checker1", &format!("begin; {}", claim(heart))).await;
    let _stranger = session(&database, crate::support::pg::STRANGER, "begin; select * from exeat.whoami()").await;
    assert_eq!(one::<i32>(&mut worker, "select exeat.end_idle_sessions(0)").await, 2);
    let mut told = told(&mut owner).await;
    told.sort();
    let subjects: Vec<Option<&str>> = told.iter().map(|(subject, ..)| subject.as_deref()).collect();
    assert_eq!(subjects, [None, Some("person:checker1")]);
    assert!(told[0].1.starts_with("Ended a session of stranger1: its transaction was left open"), "{}", told[0].1);
    assert!(told[1].1.starts_with("Ended a session of checker1: its transaction was left open"), "{}", told[1].1);
    assert!(told[1].2.contains(r#""role": "checker1""#), "{}", told[1].2);
}
