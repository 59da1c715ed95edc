//! The database against the program, as a finding of its own: what a superuser adds, takes away or changes so that answers
//! change, and what a site may do for itself without an alarm.
//!
//! `UPDATE_CATALOGUE=1` writes `assets/catalogue.txt` anew, after tables or functions have changed.

use exeat::domain::verify::Fault;
use sqlx::AssertSqlSafe;

use super::Site;
use crate::support::pg::Database;

const FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/assets/catalogue.txt");

#[tokio::test]
async fn the_catalogue_is_what_a_migration_makes() {
    let database = Database::empty().await;
    let mut owner = database.owner().await;
    sqlx::raw_sql("set search_path = pg_catalog, pg_temp").execute(&mut owner).await.unwrap();
    let mut lines: Vec<String> = sqlx::query_file_scalar!("assets/catalogue.sql").fetch_all(&mut owner).await.unwrap();
    lines.sort();
    let made = lines.join("\n") + "\n";
    if std::env::var_os("UPDATE_CATALOGUE").is_some() {
        std::fs::write(FILE, &made).unwrap();
    }
    let kept = std::fs::read_to_string(FILE).unwrap();
    let differs = lines.iter().find(|line| !kept.lines().any(|known| known == *line));
    assert!(made == kept, "UPDATE_CATALOGUE=1 writes it anew; first: {differs:?}");
}

/// What a superuser does, and what of it is told.
const CHANGES: &[(&str, &str)] = &[
    ("create table public.more () inherits (exeat.votes)", "inheritance: public.more of exeat.votes"),
    ("alter table exeat.votes force row level security", "relation votes:"),
    ("alter table exeat.journal enable row level security", "relation journal:"),
    ("create policy hides on exeat.votes as restrictive using (id > 5)", "row security on votes: hides"),
    ("create rule quiet as on insert to exeat.journal do instead nothing", "rule on journal: quiet"),
    (
        "create function public.f() returns trigger language plpgsql as 'begin return null; end'; create trigger t before insert on exeat.votes for each row execute function public.f()",
        "trigger on votes: t",
    ),
    ("alter table exeat.journal disable trigger append_only", "trigger on journal: append_only, enabled D"),
    ("alter table exeat.votes disable trigger all", "constraint switched off on votes"),
    ("alter table exeat.votes alter column standing set default false", "column votes.standing"),
    ("alter table exeat.votes add column also int", "column votes.also"),
    ("alter table exeat.cases drop constraint cases_state_check", "constraint cases_state_check"),
    (
        "create or replace view exeat.held_memberships as select * from exeat.memberships where false",
        "view held_memberships",
    ),
    ("alter function exeat.tally(bigint) set search_path = public, exeat", "function tally(p_case bigint)"),
    ("alter function exeat.tally(bigint) security invoker", "function tally(p_case bigint)"),
    ("alter function exeat.tally(bigint) leakproof", "function tally(p_case bigint)"),
    ("alter function exeat.tally(bigint) owner to exeat_admin", "function tally(p_case bigint)"),
    ("grant execute on function exeat.claim_release to public", "right on function claim_release"),
    ("grant select on exeat.votes to exeat_person", "right on relation votes: exeat_person SELECT"),
    ("grant update (standing) on exeat.votes to exeat_person", "right on column votes.standing: exeat_person UPDATE"),
    ("grant create on schema exeat to exeat_person", "right on schema exeat: exeat_person CREATE"),
    ("grant exeat_owner to stranger1", "member of exeat_owner: stranger1"),
    (
        "create function pg_catalog.encode(text, text) returns text language sql as 'select $1'",
        "added to pg_catalog: function encode(text,text)",
    ),
    (
        "create function pg_catalog.same(text, int) returns bool language sql as 'select true'; create operator pg_catalog.= (leftarg = text, rightarg = int, function = pg_catalog.same)",
        "operator =(text,integer)",
    ),
    (
        "create function public.as_text(int) returns text language sql as 'select $1::varchar'; create cast (int as text) with function public.as_text(int) as implicit",
        "cast from integer to text",
    ),
    (
        "create or replace function pg_catalog.encode(bytea, text) returns text language plpgsql as 'begin return null; end'",
        "changed in pg_catalog: function encode(bytea,text)",
    ),
    (
        "do $$ begin execute format('alter database %I set search_path = public', current_database()); end $$",
        "setting of the database: search_path=public",
    ),
    (
        "do $$ begin execute format('alter role stranger1 in database %I set session_replication_role = replica', current_database()); end $$",
        "setting of stranger1: session_replication_role=replica",
    ),
];

#[tokio::test]
async fn whatever_changes_an_answer_is_told() {
    let mut wrong = Vec::new();
    for (change, words) in CHANGES {
        let mut site = Site::new().await;
        site.seal().await;
        let sql = format!("set allow_system_table_mods = on; {change}");
        sqlx::raw_sql(AssertSqlSafe(sql))
            .execute(&mut site.owner)
            .await
            .unwrap_or_else(|why| panic!("{change}: {why}"));
        match site.auditor.verify_journal(None).await.unwrap() {
            Ok(_) => wrong.push(format!("{change}: nothing was told")),
            Err(bad) => {
                let told = [&bad].into_iter().chain(&bad.more);
                if !told.into_iter().any(|bad| bad.fault.finding() == "database" && bad.sentence.contains(words)) {
                    wrong.push(format!("{change}: {bad}"));
                }
            }
        }
        // Roles are the whole cluster's.
        sqlx::raw_sql("revoke exeat_owner from stranger1").execute(&mut site.owner).await.unwrap();
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[tokio::test]
async fn a_site_may_have_its_own_indexes_roles_and_settings() {
    let mut site = Site::new().await;
    sqlx::raw_sql(
        "create index own on exeat.journal (command); create index by_words on exeat.votes ((lower(comment)));
         create role reporting_of_the_site; grant usage on schema exeat to reporting_of_the_site; grant select on exeat.votes to reporting_of_the_site;
         create schema site; create table site.notes (version bigint references exeat.file_versions); create view site.counts as select count(*) from exeat.votes;
         do $$ begin execute format('alter database %I set work_mem = ''8MB''', current_database()); end $$;
         alter role reporting_of_the_site set statement_timeout = '1min'; analyze exeat.journal",
    )
    .execute(&mut site.owner)
    .await
    .unwrap();
    let verified = site.verify().await;
    sqlx::raw_sql("drop owned by reporting_of_the_site; drop role reporting_of_the_site")
        .execute(&mut site.owner)
        .await
        .unwrap();
    verified.unwrap_or_else(|bad| panic!("{bad} {:?}", bad.more));
}

/// Two findings: a foreign database, and a journal that was changed as well.
#[tokio::test]
async fn a_foreign_database_hides_no_fault_of_the_journal() {
    let mut site = Site::new().await;
    site.seal().await;
    site.sql("update exeat.journal set sentence = 'x' where id = 9; alter table exeat.votes add column also int").await;
    let bad = site.verify().await.unwrap_err();
    assert_eq!((bad.fault, bad.fault.finding(), bad.seq), (Fault::Changed, "journal", 9), "{bad}");
    let more: Vec<_> =
        bad.more.iter().map(|bad| (bad.fault.finding(), bad.sentence.contains("column votes.also"))).collect();
    assert_eq!(more, [("database", true)], "{:?}", bad.more);
}
