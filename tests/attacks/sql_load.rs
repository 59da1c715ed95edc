//! What a person can fill or hold with plain SQL: the journal, a page of it, a file's lock, the queue of notifications, the
//! disk, the connections.

use std::time::Duration;

use serde_json::json;
use sqlx::postgres::PgConnectOptions;
use sqlx::{AssertSqlSafe, ConnectOptions as _, PgConnection};

use super::sql::state_of;
use super::sql_reach::two_projects;
use crate::support::desk::{desk, text, unique};
use crate::support::pg::{Database, WORKER, call, done, one};

const MB: usize = 1 << 20;

#[tokio::test]
pub(super) async fn a_command_has_a_size() {
    let (database, heart, _) = two_projects().await;
    let mut admin = database.connect("admin1").await;
    done(&mut admin, "sync_datasets", &[&json!([{"accession": "AB001", "title": "Hearts"}]).to_string()]).await;
    let mut own = database.connect("researcher1").await;
    // The texts of requests that sites have seen.
    let megabyte = "A line of a text.\n".repeat(MB / 18);
    assert!(call(&mut own, "new_request", &["AB001", &megabyte]).await.ok);
    let huge = "x".repeat(3 * MB);
    for (name, arguments) in [
        ("add_comment", vec![heart.to_string(), huge.clone()]),
        ("withdraw", vec![heart.to_string(), "null".into(), huge.clone()]),
        ("new_request", vec!["AB001".into(), huge.clone()]),
        ("cast_vote", vec![heart.to_string(), "null".into(), "approve".into(), huge.clone(), String::new()]),
        ("recall", vec![heart.to_string(), huge.clone(), "why".into()]),
        ("ask_refresh", vec![huge.clone()]),
    ] {
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        let answer = call(&mut own, name, &arguments).await;
        assert_eq!(answer.code, "too_large", "{name}");
        assert!(answer.sentence.len() < 200, "{name}");
    }
    // Whose login belongs to nobody, too.
    let mut stranger = database.connect(crate::support::pg::STRANGER).await;
    assert_eq!(call(&mut stranger, "ask_refresh", &[&huge]).await.code, "too_large");
    let kept: i64 = one(
        &mut admin,
        "select max(octet_length(request))::bigint from exeat.journal_page(page => 1000) where code = 'too_large'",
    )
    .await;
    assert!(kept < 100, "{kept} bytes of what was too large");
    let sizes: i64 = one(
        &mut admin,
        "select count(*) from exeat.journal_page(page => 1000) where code = 'too_large' and (request::jsonb->>'bytes')::int > 3145728",
    )
    .await;
    assert_eq!(sizes, 7, "journalled with its size");
    // A submission may have 10,000 files.
    let files: Vec<_> = (0..10_000)
        .map(|n| json!({"key": format!("{}{n}", "deep/".repeat(60)), "sha256": "0".repeat(64), "size": 1}))
        .collect();
    let files = json!(files).to_string();
    assert!(files.len() > 3 * MB);
    assert!(call(&mut own, "register_submission", &["heart", "trusted", "a paper", &files]).await.ok);
}

#[tokio::test]
pub(super) async fn sentences_quote_a_beginning() {
    let (database, heart, _) = two_projects().await;
    let long = "x".repeat(MB);
    let mut admin = database.connect("admin1").await;
    let mut own = database.connect("researcher1").await;
    let id = heart.to_string();
    for (name, arguments) in [
        ("ask_refresh", vec![long.as_str()]),
        ("register_submission", vec![long.as_str(), "trusted", "a paper", "[]"]),
        ("register_submission", vec!["heart", long.as_str(), "a paper", "[]"]),
        ("withdraw", vec![&id, long.as_str()]),
    ] {
        let answer = call(&mut own, name, &arguments).await;
        assert!(!answer.ok && answer.sentence.len() < 500, "{name}: {} bytes", answer.sentence.len());
    }
    let policy = json!({ long.as_str(): 1 }).to_string();
    for (name, arguments) in [
        ("add_login", vec!["role", long.as_str()]),
        ("add_membership", vec!["checker1", long.as_str(), "checker"]),
        ("add_membership", vec!["checker1", "heart", long.as_str()]),
        ("end_membership", vec!["checker1", "heart", long.as_str()]),
        ("set_policy", vec!["heart", "trusted", &policy]),
        ("set_setting", vec![long.as_str(), "1"]),
    ] {
        let answer = call(&mut admin, name, &arguments).await;
        assert!(!answer.ok && answer.sentence.len() < 1000, "{name}: {} bytes", answer.sentence.len());
    }
}

/// Pages of the journal are bounded by what they weigh: sixteen million-byte rows are no page of 2,000.
#[tokio::test]
async fn a_page_of_the_journal_has_a_size() {
    let (database, heart, _) = two_projects().await;
    let mut owner = database.owner().await;
    // As refused commands were once kept.
    let large = format!(
        "with made as (insert into exeat.journal (person, session_role, command, subject, project, request, ok, code, sentence)
           select 'researcher1', 'researcher1', 'add_comment', 'version:{heart}', 'heart', '\"' || repeat('y', {MB}) || '\"', false, 'too_large', 'no'
           from generate_series(1, 16) returning id)
         insert into exeat.unsealed select id from made"
    );
    sqlx::raw_sql(AssertSqlSafe(large)).execute(&mut owner).await.unwrap();
    let all: i64 = one(&mut owner, "select count(*) from exeat.journal").await;
    let mut auditor = database.connect("auditor1").await;
    let mut after = 0_i64;
    let mut seen = 0;
    loop {
        let sql = format!(
            "select count(*), coalesce(sum(octet_length(request)), 0), coalesce(max(id), 0) from exeat.journal_page(after => {after}, page => 1000)"
        );
        let (rows, bytes, last): (i64, i64, i64) = row(&mut auditor, &sql).await;
        assert!(bytes < 10 << 20, "{bytes} bytes in a page");
        if rows == 0 {
            break;
        }
        (after, seen) = (last, seen + rows);
    }
    assert_eq!(seen, all);
    // Sealed page by page, as the sealer does.
    let mut worker = database.connect(WORKER).await;
    let mut pages = 0;
    loop {
        let sql =
            "select count(*), coalesce(sum(octet_length(request)), 0), 0::bigint from exeat.unsealed_journal(2000)";
        let (rows, bytes, _) = row(&mut worker, sql).await;
        assert!(bytes < 10 << 20, "{bytes} bytes for the sealer");
        if rows == 0 {
            break;
        }
        pages += 1;
        let seal = "select exeat.add_seals(jsonb_agg(jsonb_build_object('seq', coalesce((select seq from exeat.last_seal()), 0) + n, 'journal_id', id::bigint,
                'hash', repeat('0', 64)) order by n)) from (select id, row_number() over () as n from exeat.unsealed_journal(2000)) x";
        assert_eq!(i64::from(one::<i32>(&mut worker, seal).await), rows);
    }
    assert!(pages >= 2, "{pages} pages");
    let (mut after, mut seen) = (-1_i64, 0);
    loop {
        let sql = format!(
            "select count(*), coalesce(sum(octet_length(request)), 0), coalesce(max(seq), 0) from exeat.journal_rows({after}, 5000)"
        );
        let (rows, bytes, last): (i64, i64, i64) = row(&mut auditor, &sql).await;
        assert!(bytes < 10 << 20, "{bytes} bytes to verify at once");
        if rows == 0 {
            break;
        }
        (after, seen) = (last, seen + rows);
    }
    assert_eq!(seen, all);
}

async fn row(connection: &mut PgConnection, sql: &str) -> (i64, i64, i64) {
    sqlx::query_as(AssertSqlSafe(sql)).persistent(false).fetch_one(connection).await.unwrap()
}

/// Runs the worker's chore until it has ended as many sessions, or for ten seconds; how many it ended.
async fn ended(worker: &mut PgConnection, chore: &str, wanted: i32) -> i32 {
    let mut ended = 0;
    for _ in 0..100 {
        ended += one::<i32>(worker, &format!("select {chore}")).await;
        if ended >= wanted {
            break;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    ended
}

/// A statement that runs and runs, as its own task; it has begun when this returns.
async fn busy(
    database: &Database,
    login: &str,
    first: &str,
    owner: &mut PgConnection,
) -> tokio::task::JoinHandle<bool> {
    let mut own = database.connect(login).await;
    // Apart: together they would be one transaction.
    for statement in first.split("; ") {
        sqlx::raw_sql(AssertSqlSafe(statement.to_owned())).execute(&mut own).await.unwrap();
    }
    let pid: i32 = one(&mut own, "select pg_backend_pid()").await;
    let task = tokio::spawn(async move { sqlx::raw_sql("select pg_sleep(600)").execute(&mut own).await.is_ok() });
    let asleep =
        format!("select coalesce((select wait_event = 'PgSleep' from pg_stat_activity where pid = {pid}), false)");
    while !one::<bool>(owner, &asleep).await {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    task
}

/// Who holds a file's lock is ended whatever they do meanwhile; who only reads has ten times as long.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_holds_a_file_by_being_busy() {
    let (database, heart, _) = two_projects().await;
    let mut owner = database.owner().await;
    let mut worker = database.connect(WORKER).await;
    let claim = format!("begin; select exeat.claim(gen_random_uuid(), {heart})");
    let holder = busy(&database, "checker1", &claim, &mut owner).await;
    let reader = busy(&database, "researcher1", "begin; select * from exeat.whoami()", &mut owner).await;
    let working = busy(
        &database,
        WORKER,
        "begin; select exeat.worker_beat('other', 'here', 1, 's3://staging/', null)",
        &mut owner,
    )
    .await;
    let administering = busy(&database, "exeat_admin", "begin; create table public.mine ()", &mut owner).await;
    let mut other = database.connect("checker2").await;
    assert_eq!(call(&mut other, "claim", &[&heart.to_string()]).await.code, "busy");
    assert_eq!(ended(&mut worker, "exeat.end_idle_sessions(1)", 1).await, 1);
    assert!(!holder.await.unwrap(), "the statement was ended");
    assert!(call(&mut other, "claim", &[&heart.to_string()]).await.ok);
    assert_eq!(ended(&mut worker, "exeat.end_idle_sessions(0)", 1).await, 1);
    assert!(!reader.await.unwrap());
    for spared in [working, administering] {
        assert!(!spared.is_finished());
        spared.abort();
    }
}

/// Young transactions, the worker's, the administrator's and those of other databases of the cluster are none of its business.
#[tokio::test]
async fn only_old_sessions_of_people_here_are_ended() {
    let (database, ..) = two_projects().await;
    let elsewhere = Database::fresh().await;
    let mut worker = database.connect(WORKER).await;
    let mut idle = Vec::new();
    for (place, role) in
        [(&elsewhere, "checker1"), (&database, WORKER), (&database, "exeat_admin"), (&database, "checker1")]
    {
        let mut own = place.connect(role).await;
        sqlx::raw_sql("begin; select * from exeat.whoami()").execute(&mut own).await.unwrap();
        idle.push(own);
    }
    assert_eq!(one::<i32>(&mut worker, "select exeat.end_idle_sessions(600)").await, 0);
    for own in &mut idle {
        assert_eq!(one::<i32>(own, "select 1").await, 1, "a young one lives");
    }
    assert_eq!(one::<i32>(&mut worker, "select exeat.end_idle_sessions(0)").await, 1);
    let mut here = idle.pop().unwrap();
    assert!(sqlx::raw_sql("select 1").execute(&mut here).await.is_err());
    for own in &mut idle {
        assert_eq!(one::<i32>(own, "select 1").await, 1);
    }
}

/// A refusal leaves no lock behind, however long its transaction is kept open.
#[tokio::test]
async fn a_refusal_holds_no_lock() {
    let (database, heart, _) = two_projects().await;
    let id = heart.to_string();
    let mut refused = database.connect("researcher1").await;
    sqlx::raw_sql("begin").execute(&mut refused).await.unwrap();
    for (name, arguments, code) in [
        ("cast_vote", vec![id.as_str(), "trusted", "approve", "00", ""], "not_checker"),
        ("claim", vec![&id], "not_checker"),
        ("undo_vote", vec![&id], "not_held"),
        ("recall", vec![&id, "null", "why"], "not_checker"),
    ] {
        assert_eq!(call(&mut refused, name, &arguments).await.code, code, "{name}");
        let mut other = database.connect("checker2").await;
        assert!(call(&mut other, "claim", &[&id]).await.ok, "after a refused {name}");
        assert!(call(&mut other, "unclaim", &[&id]).await.ok);
    }
    sqlx::raw_sql("commit").execute(&mut refused).await.unwrap();
    let mut admin = database.connect("admin1").await;
    let kept: i64 =
        one(&mut admin, "select count(*) from exeat.journal_page('{\"person\": \"researcher1\", \"ok\": false}')")
            .await;
    assert_eq!(kept, 4, "the refusals are journalled");
}

/// The queue of notifications empties as far as its slowest listener has read.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_fills_the_queue_of_notifications() {
    let (database, ..) = two_projects().await;
    let mut owner = database.owner().await;
    let mut worker = database.connect(WORKER).await;
    let slow = busy(&database, "researcher2", "listen mine; begin; select 1", &mut owner).await;
    let mut loud = database.connect("researcher1").await;
    for n in 0..200 {
        sqlx::raw_sql(AssertSqlSafe(format!("select pg_notify('mine', '{n}' || repeat('x', 7900))")))
            .execute(&mut loud)
            .await
            .unwrap();
    }
    let used = "select pg_notification_queue_usage()";
    assert!(one::<f64>(&mut owner, used).await > 0.0001);
    // A minute would be its due; while the queue fills, seconds are.
    assert_eq!(ended(&mut worker, "exeat.end_idle_sessions(1)", 0).await, 0);
    assert_eq!(ended(&mut worker, "exeat.end_idle_sessions(1, 0.0001)", 1).await, 1);
    assert!(!slow.await.unwrap());
}

#[tokio::test]
async fn nobody_fills_the_disk_beside_the_commands() {
    let database = Database::fresh().await;
    let mut owner = database.owner().await;
    // Settings of a database are not copied from its template.
    exeat::db::schema::migrate(&mut owner).await.unwrap();
    for role in ["checker1", "admin1", WORKER] {
        let mut own = database.connect(role).await;
        assert_eq!(one::<String>(&mut own, "show temp_file_limit").await, "1GB");
        for sql in [
            "set temp_file_limit = -1",
            "select lo_creat(-1)",
            "select lo_create(0)",
            "select lo_from_bytea(0, 'x')",
            "select lo_put(1, 0, 'x')",
            "select lowrite(0, 'x')",
            "select lo_open(1, 131072)",
            "select lo_truncate(0, 0)",
            "select lo_truncate64(0, 0)",
            "select lo_import('/etc/passwd')",
            "select lo_export(1, '/tmp/exeat-attack')",
            "select pg_logical_emit_message(false, 'x', 'x')",
            "select pg_logical_emit_message(true, 'x', 'x'::bytea)",
        ] {
            assert_eq!(state_of(&mut own, sql).await.as_deref(), Some("42501"), "{role}: {sql}");
        }
    }
}

/// Twenty connections of one person: most are refused, and everybody else comes in.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_takes_every_connection() {
    let login = unique("greedy");
    let name = login.clone();
    let made =
        tokio::task::spawn_blocking(move || desk().json("admin1", &["people", "add", &name, "--name", "Greedy"]))
            .await
            .unwrap();
    assert!(text(&made["sql"]).contains("connection limit 4"), "{made}");
    let mut held = Vec::new();
    let socket = desk().dir.join("socket").display().to_string();
    for _ in 0..20 {
        let options = PgConnectOptions::new_without_pgpass().host(&socket).username(&login).database("exeat");
        match options.connect().await {
            Ok(connection) => held.push(connection),
            Err(error) => assert!(error.as_database_error().unwrap().code().unwrap() == "53300", "{error}"),
        }
    }
    assert_eq!(held.len(), 4);
    let told = login.clone();
    let refused = tokio::task::spawn_blocking(move || desk().run(&told, &["egress", "list"])).await.unwrap();
    assert_eq!(refused.exit, 7, "{refused:?}");
    let other = tokio::task::spawn_blocking(|| desk().run("checker1", &["egress", "list", "--json"])).await.unwrap();
    assert_eq!(other.exit, 0, "{other:?}");
}
