//! What PostgreSQL itself tells a person's login beside exeat's functions: closed where this database can close it, and
//! otherwise no more than the list below, which the README repeats for sites.
//!
//! | channel | what it tells |
//! |---|---|
//! | `pg_stat_*`, sizes, `pg_locks`, positions in the log of writes | nothing: refused but to `pg_read_all_stats` |
//! | EXPLAIN's pages of one's own call | nothing of hidden rows (`sql_work`) |
//! | `pg_roles` | every login of the cluster, by name |
//! | `pg_class` | names of tables, and their rows to the nearest vacuum |
//! | transaction numbers, ids of one's own rows | how much is done in all, and when |
//! | NOTIFY on `exeat` | that somebody asked the worker for an address or a refresh |
//! | `pg_proc` | the rules, word for word; they are public |
//! | time | how long a call takes, with the machine's load; a locked file one may see answers `busy` |

use std::collections::BTreeSet;
use std::time::Duration;

use sqlx::postgres::PgListener;
use sqlx::{AssertSqlSafe, ConnectOptions as _};

use super::sql::state_of;
use super::sql_reach::two_projects;
use crate::support::desk::unique;
use crate::support::pg::{Database, STRANGER, done, one, sha};

/// Counts of rows, sizes, locks, sessions, bytes written: each tells what happens in projects one is not in.
const CLOSED: &[&str] = &[
    "select n_live_tup from pg_stat_user_tables where relname = 'internal_notes'",
    "select n_live_tup from pg_stat_all_tables limit 1",
    "select heap_blks_hit from pg_statio_user_tables limit 1",
    "select idx_scan from pg_stat_user_indexes limit 1",
    "select calls from pg_stat_user_functions limit 1",
    "select seq_tup_read from pg_stat_xact_all_tables limit 1",
    "select xact_commit from pg_stat_database limit 1",
    "select wal_bytes from pg_stat_wal",
    "select buffers_alloc from pg_stat_bgwriter",
    "select name from pg_stat_slru limit 1",
    "select pid from pg_stat_activity limit 1",
    "select pid from pg_stat_ssl limit 1",
    "select pid from pg_stat_progress_vacuum limit 1",
    "select pg_stat_get_live_tuples('exeat.internal_notes'::regclass)",
    "select pg_stat_get_tuples_inserted('exeat.votes'::regclass)",
    "select pg_stat_get_backend_idset()",
    "select pg_relation_size('exeat.internal_notes')",
    "select pg_relation_size('exeat.internal_notes', 'fsm')",
    "select pg_table_size('exeat.internal_notes')",
    "select pg_indexes_size('exeat.internal_notes')",
    "select pg_total_relation_size('exeat.internal_notes')",
    "select pg_database_size(current_database())",
    "select pg_tablespace_size('pg_default')",
    "select count(*) from pg_locks",
    "select pg_blocking_pids(1)",
    "select gid from pg_prepared_xacts",
    "select pg_current_wal_lsn()",
    "select pg_current_wal_insert_lsn()",
    "select pg_current_wal_flush_lsn()",
    "select next_xid from pg_control_checkpoint()",
    "select restart_lsn from pg_replication_slots",
    "select pg_notification_queue_usage()",
    "select last_value from exeat.votes_id_seq",
    "select pg_sequence_last_value('exeat.votes_id_seq')",
    "select count(*) from pg_statistic",
    "select rolpassword from pg_authid",
];

#[tokio::test]
async fn what_counts_others_work_is_not_told() {
    let (database, ..) = two_projects().await;
    let mut owner = database.owner().await;
    sqlx::raw_sql("vacuum analyze").execute(&mut owner).await.unwrap();
    for role in ["researcher2", "checker1", "admin1", STRANGER] {
        let mut own = database.connect(role).await;
        for sql in CLOSED {
            assert_eq!(state_of(&mut own, sql).await.as_deref(), Some("42501"), "{role}: {sql}");
        }
        for nothing in [
            "pg_stats where schemaname = 'exeat'",
            "pg_sequences where last_value is not null and schemaname = 'exeat'",
        ] {
            assert_eq!(one::<i64>(&mut own, &format!("select count(*) from {nothing}")).await, 0, "{role}: {nothing}");
        }
    }
    // Nobody but the owner and who watches the server may call any function of the statistics.
    let open: Vec<String> = one(
        &mut owner,
        "select coalesce(array_agg(oid::regprocedure::text), '{}') from pg_proc
         where proname ~ '^pg_stat_get_|_size$|^pg_lock_status$' and pronamespace = 'pg_catalog'::regnamespace
           and proname <> 'pg_column_size' and has_function_privilege('exeat_person', oid, 'execute')",
    )
    .await;
    assert_eq!(open, Vec::<String>::new());
}

/// Sites watch their servers: with PostgreSQL's own role for it.
#[tokio::test]
async fn who_watches_the_server_still_can() {
    let database = Database::fresh().await;
    let mut owner = database.owner().await;
    let watcher = unique("watcher");
    let make = format!(
        "create role {watcher} login in role pg_monitor; grant connect on database {} to {watcher}",
        database.name
    );
    sqlx::raw_sql(AssertSqlSafe(make)).execute(&mut owner).await.unwrap();
    let mut own = database.connect(&watcher).await;
    // exeat's schema and secrets stay closed to it; the views name the tables.
    let hidden = ["exeat.", "pg_statistic", "pg_authid"];
    for sql in CLOSED.iter().filter(|sql| !hidden.iter().any(|word| sql.contains(word))) {
        assert_eq!(state_of(&mut own, sql).await, None, "{sql}");
    }
}

/// Exactly this much is told, and sites are told so.
#[tokio::test]
async fn what_is_told_is_what_is_written_down() {
    let (database, heart, _) = two_projects().await;
    let mut owner = database.owner().await;
    let mut blind = database.connect("researcher2").await;
    let mut checker = database.connect("checker1").await;
    // Who has a login, whatever the project.
    assert!(one::<bool>(&mut blind, "select exists (select from pg_roles where rolname = 'checker1')").await);
    // How many rows a table has, as of the last vacuum.
    sqlx::raw_sql("vacuum analyze exeat.internal_notes").execute(&mut owner).await.unwrap();
    let rows = "select reltuples::bigint from pg_class where oid = 'exeat.internal_notes'::regclass";
    assert_eq!(one::<i64>(&mut blind, rows).await, 1);
    done(&mut checker, "add_comment", &[&heart.to_string(), "another between checkers", "true"]).await;
    assert_eq!(one::<i64>(&mut blind, rows).await, 1, "not at once");
    // That somebody does something: transactions are numbered.
    let next = "select pg_snapshot_xmax(pg_current_snapshot())::text::bigint";
    let before: i64 = one(&mut blind, next).await;
    done(&mut checker, "add_comment", &[&heart.to_string(), "and one more", "true"]).await;
    assert!(one::<i64>(&mut blind, next).await > before);
    // The rules themselves.
    assert!(
        one::<bool>(&mut blind, "select prosrc like '%the_case%' from pg_proc where proname = 'do_cast_vote'").await
    );
}

/// What is decided notifies nobody, so that it waits for no one's notifications and fails with no full queue of them. The worker
/// alone is woken, and told nothing: who, where and what is in the feed, under one's own rights.
#[tokio::test]
async fn only_the_worker_is_notified_and_of_nothing() {
    let (database, heart, _) = two_projects().await;
    let options = sqlx::postgres::PgConnectOptions::new_without_pgpass()
        .host(Database::host())
        .database(&database.name)
        .username("researcher2")
        .disable_statement_logging();
    let pool = sqlx::postgres::PgPoolOptions::new().max_connections(1).connect_with(options).await.unwrap();
    let mut listener = PgListener::connect_with(&pool).await.unwrap();
    listener.listen("exeat").await.unwrap();
    let mut checker = database.connect("checker1").await;
    let id = heart.to_string();
    done(&mut checker, "claim", &[&id]).await;
    done(&mut checker, "cast_vote", &[&id, "trusted", "approve", &sha("heart.csv"), ""]).await;
    done(&mut checker, "add_comment", &[&id, "seen"]).await;
    sqlx::raw_sql("notify exeat, 'after the decisions'").execute(&mut checker).await.unwrap();
    done(&mut checker, "ask_ticket", &[&id, "preview"]).await;
    // They come in the order of their commits.
    for expected in ["after the decisions", ""] {
        let told = tokio::time::timeout(Duration::from_secs(30), listener.recv()).await.unwrap().unwrap();
        assert_eq!(told.payload(), expected);
    }
}

/// Whatever a call fails with, its words are the caller's own or the program's.
#[tokio::test]
async fn error_texts_quote_nothing_hidden() {
    let (database, heart, _) = two_projects().await;
    let mut blind = database.connect("researcher2").await;
    let mut texts = BTreeSet::new();
    for sql in [
        "select * from exeat.read('egress', 'page', '[]')".to_owned(),
        "select * from exeat.read('egress', 'page', '{\"filter\": {\"size_min\": \"x\"}}')".to_owned(),
        "select * from exeat.read('egress', 'page', '{\"sort\": \"nonsense\"}')".to_owned(),
        "select * from exeat.read('egress', 'page', '{\"sort\": \"key\", \"after\": {\"x\": [1]}}')".to_owned(),
        "select * from exeat.read('journal', 'page', '{}')".to_owned(),
        "select * from exeat.changes_since('x')".to_owned(),
        "select * from exeat.read('request', 'facts', '{\"id\": \"x\"}')".to_owned(),
        format!("select * from exeat.read('request', 'facts', '{{\"id\": \"version:{heart}\"}}')"),
        format!("select 1 / (select count(*) from exeat.read('egress', 'rows', '{{\"ids\": [{heart}]}}'))"),
        format!(
            "select (exeat.cast_vote(gen_random_uuid(), {heart}, null, 'approve', 'x', '', 9223372036854775807)).sentence::int"
        ),
    ] {
        if let Err(error) = sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut blind).await {
            let error = error.as_database_error().unwrap();
            let error: &sqlx::postgres::PgDatabaseError = error.downcast_ref();
            texts.insert(format!("{} {:?} {:?}", error.message(), error.detail(), error.hint()));
        }
    }
    assert!(texts.len() >= 4, "{texts:?}");
    for text in &texts {
        for hidden in ["heart", "checker1", "secret note", "researcher1"] {
            assert!(!text.contains(hidden), "{hidden}: {text}");
        }
    }
}
