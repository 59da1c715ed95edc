//! What a person can try with their own database login and plain SQL (field notes 2.8; design, section 2): writing,
//! becoming somebody else, replacing code. Reading and stopping others are in `sql_reach`.

use sqlx::{AssertSqlSafe, Connection, PgConnection, Row};

use crate::support::pg::{Database, SECOND, SERVICE, STRANGER, WORKER, call, done, intake, one, sha, submitted};

/// The SQLSTATE a statement ends with, or nothing; what it did is rolled back.
pub async fn state_of(connection: &mut PgConnection, sql: &str) -> Option<String> {
    let mut transaction = connection.begin().await.unwrap();
    let result = sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut *transaction).await;
    transaction.rollback().await.unwrap();
    result.err().map(|error| error.as_database_error().unwrap().code().unwrap().into_owned())
}

const DENIED: Option<&str> = Some("42501");

#[tokio::test]
async fn nobody_reads_or_writes_a_table() {
    let database = Database::fresh().await;
    let mut owner = database.owner().await;
    let tables: Vec<String> = one(
        &mut owner,
        "select array_agg(tablename::text order by tablename) from pg_tables where schemaname = 'exeat'",
    )
    .await;
    assert!(tables.len() >= 25);
    for role in ["checker1", "admin1", "auditor1", STRANGER, SERVICE, WORKER] {
        let mut own = database.connect(role).await;
        for table in &tables {
            let column: String = one(
                &mut owner,
                &format!(
                    "select attname::text from pg_attribute where attrelid = 'exeat.{table}'::regclass and attnum > 0 and attidentity = '' order by attnum limit 1"
                ),
            )
            .await;
            for sql in [
                format!("insert into exeat.{table} default values"),
                format!("update exeat.{table} set {column} = {column}"),
                format!("delete from exeat.{table}"),
                format!("truncate exeat.{table} cascade"),
                format!("alter table exeat.{table} disable trigger all"),
                format!("drop table exeat.{table}"),
                format!("lock table exeat.{table} in exclusive mode"),
                format!("select from exeat.{table}"),
                format!("select from exeat.{table} for update"),
                format!("select from exeat.{table} for key share"),
                format!("create trigger mine before insert on exeat.{table} execute function exeat.append_only()"),
                format!("create policy mine on exeat.{table} using (true)"),
                // Of who may read this grants nothing, with a warning.
                format!("grant all on exeat.{table} to {role}; delete from exeat.{table}"),
                format!("copy exeat.{table} from '/dev/null'"),
            ] {
                assert_eq!(state_of(&mut own, &sql).await.as_deref(), DENIED, "{role}: {sql}");
            }
        }
    }
}

#[tokio::test]
async fn nobody_becomes_another_or_replaces_code() {
    let database = Database::fresh().await;
    for role in ["checker1", "admin1", STRANGER, SERVICE, WORKER] {
        let mut own = database.connect(role).await;
        for sql in [
            "set role exeat_owner",
            "set role exeat_admin",
            "set role checker2",
            "set session authorization checker2",
            "alter role checker1 superuser",
            "create role more login",
            "grant exeat_owner to current_user",
            "grant pg_execute_server_program to current_user",
            // For the worker a grant of nothing, with a warning.
            "grant execute on function exeat.claim_release(text, int) to exeat_person;
             do $$ begin if not has_function_privilege('exeat_person', 'exeat.claim_release(text, int)', 'execute') then raise insufficient_privilege; end if; end $$",
            "create or replace function exeat.me() returns exeat.caller language sql as 'select null::exeat.caller'",
            "create function exeat.mine() returns int language sql as 'select 1'",
            "create function public.mine() returns int language sql as 'select 1'",
            "create function pg_temp.mine() returns int language sql as 'select 1'",
            "alter function exeat.tally(bigint) owner to current_user",
            "alter function exeat.tally(bigint) reset all",
            "drop function exeat.tally(bigint) cascade",
            "create temporary table memberships (person int)",
            "create schema mine",
            "create schema authorization current_user",
            "create table public.memberships (person int)",
            "create view public.mine as select 1",
            "create extension dblink",
            "create event trigger mine on ddl_command_start execute function exeat.append_only()",
            "create operator public.= (leftarg = int, rightarg = int, function = int4ne)",
            "copy (select 1) to program 'true'",
            "copy (select 1) to '/tmp/exeat-attack'",
            "select pg_read_file('/etc/passwd')",
            "select pg_terminate_backend(pid) from pg_stat_activity where usename = 'exeat_admin'",
            "select pg_reload_conf()",
            "set session_replication_role = replica",
            "set log_statement = 'none'",
            "alter database postgres set search_path = pg_temp",
            "alter default privileges for role exeat_owner grant execute on functions to public",
            "reassign owned by exeat_owner to current_user",
            "security label on table exeat.votes is 'mine'",
        ] {
            let state = state_of(&mut own, sql).await;
            // 42501 denied; 22023: no security label provider is loaded, so there is nothing to misuse.
            assert!(matches!(state.as_deref(), Some("42501" | "22023")), "{role}: {sql}: {state:?}");
        }
        // This one runs in no transaction.
        let system = sqlx::raw_sql("alter system set fsync = off").execute(&mut own).await.unwrap_err();
        assert_eq!(system.as_database_error().unwrap().code().as_deref(), DENIED);
    }
}

/// Even where a site lets people make temporary tables, none takes a real table's, function's or operator's place.
#[tokio::test]
async fn temporary_things_take_nothings_place() {
    let database = Database::fresh().await;
    let mut owner = database.owner().await;
    let grant = format!("grant temporary on database {} to public", database.name);
    sqlx::raw_sql(AssertSqlSafe(grant)).execute(&mut owner).await.unwrap();
    let mut worker = database.connect(WORKER).await;
    let mut researcher = database.connect("researcher1").await;
    let version = submitted(&mut researcher, &mut worker, "heart", "trusted", "a.csv").await.to_string();
    sqlx::raw_sql(
        "create temp table memberships as select 4 as person, 1 as project, 'checker' as role, now() - interval '1 day' as valid_from, null::timestamptz as valid_until;
         create temp table logins as select 'researcher1'::text as role, 6 as person;
         create temp table people as select 6 as id, 'checker1'::text as login, null::timestamptz as removed_at;
         create function pg_temp.me() returns exeat.answer language sql as 'select null::exeat.answer';
         create function pg_temp.lower(text) returns text language sql as 'select null::text';
         set search_path = pg_temp, exeat, public",
    )
    .execute(&mut researcher)
    .await
    .unwrap();
    let who: String = one(&mut researcher, "select login from exeat.whoami()").await;
    assert_eq!(who, "researcher1");
    let vote = call(&mut researcher, "cast_vote", &[&version, "trusted", "approve", &sha("a.csv"), "fine"]).await;
    assert_eq!(vote.code, "not_checker");
}

/// Settings any session may change do not change an answer.
#[tokio::test]
async fn settings_change_no_answer() {
    let database = Database::fresh().await;
    let mut worker = database.connect(WORKER).await;
    let mut researcher = database.connect("researcher1").await;
    let version = submitted(&mut researcher, &mut worker, "heart", "trusted", "it's \\ odd%.csv").await.to_string();
    for setting in [
        "standard_conforming_strings = off",
        "row_security = off",
        "transform_null_equals = on",
        "array_nulls = off",
        "datestyle = 'German, DMY'",
        "intervalstyle = 'iso_8601'",
        "timezone = 'Pacific/Kiritimati'",
        "bytea_output = 'escape'",
        "extra_float_digits = -15",
        "lock_timeout = '1h'",
        "plan_cache_mode = force_custom_plan",
        "enable_indexscan = off",
        "default_transaction_deferrable = on",
        "client_encoding = 'SQL_ASCII'",
        "quote_all_identifiers = on",
        "backslash_quote = on",
    ] {
        for (login, code) in [("researcher1", "not_checker"), ("checker1", "done"), ("checker1", "done")] {
            let mut own = database.connect(login).await;
            sqlx::raw_sql(AssertSqlSafe(format!("set escape_string_warning = off; set {setting}")))
                .execute(&mut own)
                .await
                .unwrap();
            let hash = sha("it's \\ odd%.csv");
            let vote = call(&mut own, "cast_vote", &[&version, "trusted", "approve", &hash, "fine"]).await;
            assert_eq!(vote.code, code, "{setting}");
            let found: i64 = one(
                &mut own,
                "select count(*) from exeat.read('egress', 'page', '{\"filter\": {\"words\": [\"odd%\"]}}')",
            )
            .await;
            assert_eq!(found, 1, "{setting}");
            let none: i64 = one(
                &mut own,
                "select count(*) from exeat.read('egress', 'page', '{\"filter\": {\"words\": [\"o%d\"]}}')",
            )
            .await;
            assert_eq!(none, 0, "{setting}");
        }
    }
}

/// An old snapshot still sees a membership that has ended; an old transaction has an old `now()`.
#[tokio::test]
async fn an_old_transaction_gives_no_old_rights() {
    let database = Database::fresh().await;
    let mut worker = database.connect(WORKER).await;
    let mut researcher = database.connect("researcher1").await;
    let version = submitted(&mut researcher, &mut worker, "heart", "trusted", "a.csv").await.to_string();
    let hash = sha("a.csv");
    let vote = [version.as_str(), "trusted", "approve", hash.as_str(), "fine"];
    let mut early = database.connect("checker1").await;
    let mut frozen = database.connect("checker1").await;
    sqlx::raw_sql("begin; select * from exeat.whoami()").execute(&mut early).await.unwrap();
    sqlx::raw_sql("begin isolation level repeatable read; select * from exeat.whoami()")
        .execute(&mut frozen)
        .await
        .unwrap();
    let mut admin = database.connect("admin1").await;
    done(&mut admin, "end_membership", &["checker1", "heart", "checker"]).await;
    assert_eq!(call(&mut early, "cast_vote", &vote).await.code, "not_found");
    assert_eq!(call(&mut frozen, "cast_vote", &vote).await.code, "invalid");
    for level in ["repeatable read", "serializable"] {
        let mut own = database.connect("checker2").await;
        sqlx::raw_sql(AssertSqlSafe(format!("set default_transaction_isolation = '{level}'")))
            .execute(&mut own)
            .await
            .unwrap();
        assert_eq!(call(&mut own, "cast_vote", &vote).await.code, "invalid", "{level}");
    }
}

#[tokio::test]
pub(super) async fn one_person_under_two_logins_is_one_vote() {
    let database = Database::fresh().await;
    let mut worker = database.connect(WORKER).await;
    let mut researcher = database.connect("researcher1").await;
    let version = submitted(&mut researcher, &mut worker, "heart", "trusted", "a.csv").await.to_string();
    for login in ["checker1", SECOND, "checker1", SECOND] {
        let mut own = database.connect(login).await;
        let answer = call(&mut own, "cast_vote", &[&version, "trusted", "approve", &sha("a.csv"), login]).await;
        assert_eq!(answer.data()["count"], 1, "{login}");
        assert_eq!(answer.data()["state"], "pending");
    }
    let mut admin = database.connect("admin1").await;
    for (role, login, code) in [
        (SECOND, "checker2", "invalid"),
        ("checker1", "checker2", "invalid"),
        (&"x".repeat(64), "checker1", "invalid"),
        ("new", "nobody at all", "not_found"),
    ] {
        // Read as text: a longer name would be cut before exeat sees it.
        let cut = role.len() > 63;
        let answer = call(&mut admin, "add_login", &[role, login]).await;
        assert!(answer.code == code || cut && answer.ok, "{role}: {answer:?}");
    }
}

#[tokio::test]
async fn every_function_is_called_by_every_role() {
    let database = Database::fresh().await;
    let mut owner = database.owner().await;
    sqlx::raw_sql("do $$ begin create role outsider1 login; exception when duplicate_object then null; end $$")
        .execute(&mut owner)
        .await
        .unwrap();
    // The database does not even let a role of no group in; let it, to see what the functions say.
    let grant = format!("grant connect on database {} to outsider1", database.name);
    sqlx::raw_sql(AssertSqlSafe(grant)).execute(&mut owner).await.unwrap();
    let functions = sqlx::query(
        "select p.proname::text as name, (select coalesce(string_agg('null::' || format_type(t, null), ', ' order by n), '') from unnest(p.proargtypes) with ordinality x(t, n)) as arguments,
            has_function_privilege('exeat_person', p.oid, 'execute') as person, has_function_privilege('exeat_worker', p.oid, 'execute') as worker,
            has_function_privilege('exeat_service', p.oid, 'execute') as service
         from pg_proc p where pronamespace = 'exeat'::regnamespace and prorettype <> 'trigger'::regtype",
    )
    .fetch_all(&mut owner)
    .await
    .unwrap();
    for role in ["checker1", "researcher1", "admin1", "auditor1", "nobody1", STRANGER, SERVICE, WORKER, "outsider1"] {
        let mut own = database.connect(role).await;
        for function in &functions {
            let (name, arguments): (String, String) = (function.get("name"), function.get("arguments"));
            let may: bool = match role {
                WORKER => function.get("worker"),
                SERVICE => function.get("service"),
                "outsider1" => false,
                _ => function.get("person"),
            };
            let state = state_of(&mut own, &format!("select exeat.{name}({arguments})")).await;
            // Types nobody may use are refused as well (42501), so every internal function is.
            assert_eq!(state.as_deref() == DENIED, !may, "{role} calls {name}({arguments}): {state:?}");
        }
    }
}

#[tokio::test]
async fn who_is_nobody_here_does_and_reads_nothing() {
    let database = Database::fresh().await;
    let mut worker = database.connect(WORKER).await;
    let mut researcher = database.connect("researcher1").await;
    let version = submitted(&mut researcher, &mut worker, "heart", "trusted", "a.csv").await.to_string();
    intake(&mut worker, "lungs", "b.csv", &sha("b"), 10).await.unwrap();
    for login in [STRANGER, "nobody1"] {
        let mut own = database.connect(login).await;
        let nobody = login == STRANGER;
        let vote = call(&mut own, "cast_vote", &[&version, "trusted", "approve", &sha("a.csv"), ""]).await;
        assert_eq!(vote.code, if nobody { "not_signed_in" } else { "not_found" });
        for read in [
            "read('egress', 'page')",
            "read('egress', 'rows', '{\"ids\": [1, 2]}')",
            "read('egress', 'facts', '{\"id\": 1}')",
            "read('egress', 'count') where item->>'counted' <> '0'",
            "read('request', 'page')",
            "read('grant', 'page')",
            "list_projects()",
            "list_policies('heart')",
            "submission_state(1)",
            "journal_rows(0)",
            "journal_heads()",
            "journal_unsealed()",
        ] {
            let rows: i64 = one(&mut own, &format!("select count(*) from exeat.{read}")).await;
            assert_eq!(rows, 0, "{login}: {read}");
        }
        for table in ["projects", "file_versions", "cases", "votes", "comments"] {
            let sql = format!("select count(*) from exeat.{table}");
            assert_eq!(state_of(&mut own, &sql).await.as_deref(), DENIED, "{login}: {table}");
        }
    }
}
