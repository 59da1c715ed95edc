//! A migration while others work: reading and voting go on where nothing changes, reading goes on while it waits, and
//! whoever is in its way is named.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use exeat::db::schema::{self, Blocker, SchemaError};
use sqlx::{AssertSqlSafe, Connection as _, Executor as _, PgConnection};

use crate::attacks::sql_reach::two_projects;
use crate::support::pg::{Database, call, done, one, sha};

/// The locks its session holds on exeat's tables that a vote or a list would wait for.
const HELD: &str = "select coalesce(array_agg(distinct relation::regclass::text || ' ' || mode), '{}') from pg_locks
    where pid = $1 and locktype = 'relation' and relation in (select oid from pg_class where relnamespace = 'exeat'::regnamespace)
      and mode not in ('AccessShareLock', 'RowShareLock', 'RowExclusiveLock')";

/// Everything a migration does again, in a transaction that stays open; its process id.
async fn held_open(database: &Database) -> (PgConnection, i32) {
    let mut owner = database.owner().await;
    sqlx::raw_sql("begin; set local client_min_messages = warning").execute(&mut owner).await.unwrap();
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/assets/sql");
    let mut areas: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    areas.sort();
    for area in areas {
        let sql = std::fs::read_to_string(&area).unwrap();
        sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut owner).await.unwrap();
    }
    let pid = one(&mut owner, "select pg_backend_pid()").await;
    (owner, pid)
}

#[tokio::test]
async fn reading_and_voting_go_on_while_nothing_changes() {
    let (database, heart, _) = two_projects().await;
    let mut owner = database.owner().await;
    // The settings of a database are not copied with it.
    schema::migrate(&mut owner).await.unwrap();
    let (mut migrating, pid) = held_open(&database).await;
    let held: Vec<String> = sqlx::query_scalar(HELD).bind(pid).fetch_one(&mut owner).await.unwrap();
    assert_eq!(held, Vec::<String>::new());
    let mut checker = database.connect("checker2").await;
    sqlx::raw_sql("set lock_timeout = '1s'; set statement_timeout = '20s'").execute(&mut checker).await.unwrap();
    assert_eq!(one::<i64>(&mut checker, "select count(*) from exeat.read('egress', 'page')").await, 2);
    assert!(!one::<String>(&mut checker, "select exeat.last_change()").await.is_empty());
    let vote = [&heart.to_string(), "trusted", "approve", &sha("heart.csv"), "fine"];
    assert!(call(&mut checker, "cast_vote", &vote).await.ok);
    assert_eq!(
        one::<i64>(&mut checker, "select (item->>'counted')::bigint from exeat.read('egress', 'count')").await,
        2
    );
    migrating.execute("commit").await.unwrap();
    assert!(call(&mut checker, "undo_vote", &[&heart.to_string(), "trusted"]).await.ok);
}

/// What the fourth migration made is taken away again: it is to be made anew.
async fn without_the_fourth(owner: &mut PgConnection) {
    let undo = "drop index exeat.file_versions_open, exeat.file_versions_open_everywhere, exeat.access_requests_waiting; delete from _sqlx_migrations where version = 4";
    sqlx::raw_sql(undo).execute(owner).await.unwrap();
}

/// Runs a migration that says whom it waits for.
async fn told(database: &Database, patience: Duration) -> (Result<(), SchemaError>, Vec<Blocker>) {
    let heard = Arc::new(Mutex::new(Vec::new()));
    let mut owner = database.owner().await;
    let hear = heard.clone();
    let done = schema::migrate_within(&mut owner, patience, move |blockers| {
        hear.lock().unwrap().extend_from_slice(blockers);
    });
    let done = done.await.map(drop);
    (done, heard.lock().unwrap().clone())
}

/// Whoever writes, or reads what is to change, is named; everybody else reads on; at the end nothing was changed.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_is_in_the_way_is_named_and_nobody_else_waits() {
    let (database, heart, _) = two_projects().await;
    let mut owner = database.owner().await;
    without_the_fourth(&mut owner).await;
    let mut holder = database.connect("checker1").await;
    let hold = format!("set application_name = 'my psql'; begin; select exeat.claim(gen_random_uuid(), {heart})");
    sqlx::raw_sql(AssertSqlSafe(hold)).execute(&mut holder).await.unwrap();
    // A reader is not in the way of indexes.
    let mut reading = database.connect("researcher1").await;
    sqlx::raw_sql("begin; select * from exeat.read('egress', 'page')").execute(&mut reading).await.unwrap();
    let reader = database.clone();
    let reads = tokio::spawn(async move {
        let mut own = reader.connect("checker2").await;
        sqlx::raw_sql("set statement_timeout = '20s'").execute(&mut own).await.unwrap();
        loop {
            assert_eq!(one::<i64>(&mut own, "select count(*) from exeat.read('egress', 'page')").await, 2);
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    });
    let (failed, heard) = told(&database, Duration::from_secs(2)).await;
    let error = failed.unwrap_err();
    assert!(matches!(error, SchemaError::InTheWay { .. }), "{error}");
    let sentence = error.to_string();
    assert!(sentence.contains("for checker1 (my psql, process "), "{sentence}");
    assert!(sentence.contains("in a transaction since 20") && !sentence.contains("researcher1"), "{sentence}");
    assert!(!heard.is_empty() && heard.iter().all(|blocker| blocker.role == "checker1"), "{heard:?}");
    let open = "select count(*) from pg_class where relname = 'file_versions_open'";
    assert_eq!(one::<i64>(&mut owner, open).await, 0, "rolled back");
    assert!(!reads.is_finished(), "reading went on");
    // Once the way is free it is done, the reader notwithstanding.
    let free = tokio::spawn(async move {
        tokio::time::sleep(Duration::from_millis(700)).await;
        holder.execute("commit").await.unwrap();
    });
    told(&database, Duration::from_mins(1)).await.0.unwrap();
    free.await.unwrap();
    assert_eq!(one::<i64>(&mut owner, open).await, 1);
    reads.abort();
    assert!(reads.await.unwrap_err().is_cancelled());
    reading.close().await.unwrap();
}

/// A table that changes waits for its readers too, and says who they are.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn readers_of_what_changes_are_named() {
    let (database, ..) = two_projects().await;
    let mut owner = database.owner().await;
    let undo = "alter table exeat.changes drop column xid; delete from _sqlx_migrations where version = 3";
    sqlx::raw_sql(undo).execute(&mut owner).await.unwrap();
    let mut reading = database.connect("researcher1").await;
    let read =
        "begin; select count(*) from exeat.read('request', 'facts', '{\"id\": 1}'); select exeat.submission_state(1)";
    sqlx::raw_sql(read).execute(&mut reading).await.unwrap();
    let mut elsewhere = database.owner().await;
    sqlx::raw_sql("set application_name = ''; begin; select count(*) from exeat.changes")
        .execute(&mut elsewhere)
        .await
        .unwrap();
    let (failed, _) = told(&database, Duration::ZERO).await;
    let sentence = failed.unwrap_err().to_string();
    assert!(sentence.contains("exeat_admin (a program without a name, process "), "{sentence}");
    elsewhere.execute("rollback").await.unwrap();
    told(&database, Duration::from_mins(1)).await.0.unwrap();
}

/// Two at once come one after the other; one that stays is named.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_migrations_come_one_after_the_other() {
    let database = Database::empty().await;
    let mut all = tokio::task::JoinSet::new();
    for _ in 0..3 {
        let database = database.clone();
        all.spawn(async move { told(&database, Duration::from_mins(1)).await.0.map_err(|error| error.to_string()) });
    }
    while let Some(done) = all.join_next().await {
        assert_eq!(done.unwrap(), Ok(()));
    }
    let mut other = database.owner().await;
    let stay =
        "set application_name = 'exeat db'; begin; lock table pg_catalog.pg_namespace in share update exclusive mode";
    sqlx::raw_sql(stay).execute(&mut other).await.unwrap();
    let sentence = told(&database, Duration::ZERO).await.0.unwrap_err().to_string();
    assert!(sentence.contains("exeat_admin (exeat db, process "), "{sentence}");
}

/// The lock sqlx would take by itself is anybody's to hold.
#[tokio::test]
async fn no_advisory_lock_stops_a_migration() {
    let database = Database::fresh().await;
    let mut attacker = database.connect("nobody1").await;
    // sqlx: the CRC-32 of the database's name, by a number of its own.
    let crc = database.name.bytes().fold(u32::MAX, |crc, byte| {
        (0..8).fold(crc ^ u32::from(byte), |crc, _| (crc >> 1) ^ (0xEDB8_8320 & (crc & 1).wrapping_neg()))
    });
    let id = 0x3d32_ad9e_i64 * i64::from(!crc);
    sqlx::query("select pg_advisory_lock($1)").bind(id).execute(&mut attacker).await.unwrap();
    sqlx::query("select pg_advisory_lock_shared(n) from generate_series(1, 500) n")
        .execute(&mut attacker)
        .await
        .unwrap();
    let mut owner = database.owner().await;
    sqlx::raw_sql("set statement_timeout = '20s'").execute(&mut owner).await.unwrap();
    assert!(schema::migrate(&mut owner).await.unwrap().is_current());
    // Nor does what a person may take of the catalogue.
    sqlx::raw_sql(
        "begin; lock table pg_catalog.pg_namespace, pg_catalog.pg_proc, pg_catalog.pg_class in access share mode",
    )
    .execute(&mut attacker)
    .await
    .unwrap();
    assert!(schema::migrate_within(&mut owner, Duration::ZERO, |_| {}).await.unwrap().is_current());
    let stronger = "lock table pg_catalog.pg_namespace in share update exclusive mode";
    assert_eq!(
        crate::attacks::sql::state_of(&mut database.connect("nobody1").await, stronger).await.as_deref(),
        Some("42501")
    );
}

/// What somebody granted, dropped or switched off is put right again.
#[tokio::test]
async fn what_is_missing_is_mended() {
    let database = Database::fresh().await;
    let mut owner = database.owner().await;
    let mut admin = database.connect("admin1").await;
    done(&mut admin, "add_person", &["zoe", "Zoe"]).await;
    let print = "select md5(concat((select string_agg(p.oid::regprocedure || coalesce(p.proacl::text, ''), ',' order by p.oid::regprocedure::text) from pg_proc p
            where pronamespace = 'exeat'::regnamespace or proname ~ '^lo_|^pg_stat_get'),
        (select string_agg(relname || coalesce(relacl, acldefault(case relkind when 'S' then 's' else 'r' end::\"char\", relowner))::text || relrowsecurity, ',' order by relname)
            from pg_class where relnamespace = 'exeat'::regnamespace), (select string_agg(pg_get_viewdef(oid), ',' order by relname) from pg_class where relnamespace = 'exeat'::regnamespace and relkind = 'v'),
        (select string_agg(p::text, ',' order by tablename) from pg_policies p), (select string_agg(tgrelid::regclass || tgname || tgenabled::text, ',' order by tgrelid::regclass::text)
            from pg_trigger where not tgisinternal)))";
    let before: String = one(&mut owner, print).await;
    for harm in [
        "grant execute on function exeat.tally(bigint) to public",
        "grant execute on function exeat.claim_release(text, int) to exeat_person",
        "grant execute on function exeat.whoami() to exeat_person with grant option",
        "revoke execute on function exeat.whoami() from exeat_person",
        "grant select on exeat.votes to exeat_person",
        "grant usage on sequence exeat.votes_id_seq to public",
        "alter table exeat.votes disable row level security",
        "drop policy members on exeat.votes",
        "drop policy members on exeat.votes; create policy members on exeat.votes for select to exeat_person using (true)",
        "drop policy members on exeat.votes; create policy members on exeat.votes using (project = any ((select exeat.my_projects())::int[]))",
        "drop trigger append_only on exeat.journal",
        "alter table exeat.journal disable trigger append_only",
        "create or replace view exeat.held_memberships as select * from exeat.memberships",
        "grant execute on function pg_catalog.lo_create(oid) to public",
    ] {
        sqlx::raw_sql(AssertSqlSafe(harm)).execute(&mut owner).await.unwrap();
        assert_ne!(one::<String>(&mut owner, print).await, before, "{harm}");
        schema::migrate(&mut owner).await.unwrap();
        assert_eq!(one::<String>(&mut owner, print).await, before, "{harm}");
    }
    sqlx::raw_sql("grant select (body) on exeat.votes to exeat_person").execute(&mut owner).await.unwrap_err();
    sqlx::raw_sql("grant select (comment) on exeat.votes to exeat_person").execute(&mut owner).await.unwrap();
    schema::migrate(&mut owner).await.unwrap();
    let may = "select has_column_privilege('exeat_person', 'exeat.votes', 'comment', 'select')";
    assert!(!one::<bool>(&mut owner, may).await);
}
