//! `journal verify` against a superuser who leaves the journal as it is and replaces what shows it.

use exeat::config::{Config, DatabaseConfig};
use exeat::domain::verify::{BadEntry, Fault, Verified};
use exeat::service::Service;
use sqlx::{AssertSqlSafe, PgConnection};

use crate::support::pg::one;
use crate::support::s3::local;
use crate::worker::site::Site;

async fn verify(service: &Service) -> Result<Verified, BadEntry> {
    service.verify_journal(None).await.unwrap()
}

async fn sql(superuser: &mut PgConnection, text: &str) {
    sqlx::raw_sql(AssertSqlSafe(text)).execute(superuser).await.unwrap_or_else(|why| panic!("{text}: {why}"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_replaced_function_is_named() {
    let site = Site::new(local(), false).await;
    site.submit("t.csv", "a,10\n").await;
    let worker = site.start();
    let mut config = Config::default();
    config.database = DatabaseConfig { user: Some("auditor1".into()), ..site.config.database.clone() };
    let auditor = Service::open(config, None).unwrap();
    let verified = verify(&auditor).await.unwrap();
    assert!(verified.entries > 20, "{verified:?}");

    let mut superuser = site.database.owner().await;
    for (name, from, to) in [
        // What is verified, what is shown, a file's history, and a rule.
        ("sealed_rows", "j.sentence", "coalesce(j.sentence, j.sentence)"),
        ("journal_page", "j.sentence", "replace(j.sentence, 'Added', 'Took away')"),
        ("egress_history", "select", "select "),
        ("do_cast_vote", "begin", "begin perform 1;"),
    ] {
        let definition = |proc: &str| {
            format!(
                "select pg_get_functiondef(oid) from pg_proc where pronamespace = 'exeat'::regnamespace and proname = '{proc}'"
            )
        };
        let real: String = one(&mut superuser, &definition(name)).await;
        let (head, body) = real.split_once("AS $").unwrap();
        assert!(body.contains(from), "{name}: {body}");
        sql(&mut superuser, &format!("{head}AS ${}", body.replacen(from, to, 1))).await;
        let bad = verify(&auditor).await.unwrap_err();
        assert_eq!(bad.fault, Fault::Code, "{name}: {bad}");
        assert!(bad.sentence.contains(&format!("exeat.{name} ")), "{name}: {bad}");
        sql(&mut superuser, &real).await;
        verify(&auditor).await.unwrap();
    }
    // One more of the same name that would be called instead, and one that is gone.
    sql(
        &mut superuser,
        "create function exeat.journal_page(jsonb, bigint, bigint) returns int language sql as 'select 1'",
    )
    .await;
    assert!(verify(&auditor).await.unwrap_err().sentence.contains("exeat.journal_page "));
    sql(&mut superuser, "drop function exeat.journal_page(jsonb, bigint, bigint); alter function exeat.lapse_votes() rename to old_votes").await;
    let bad = verify(&auditor).await.unwrap_err();
    assert!(bad.sentence.contains("exeat.lapse_votes") && bad.sentence.contains("is gone"), "{bad}");
    sql(&mut superuser, "alter function exeat.old_votes() rename to lapse_votes").await;
    verify(&auditor).await.unwrap();
    worker.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_shown_is_compared_with_what_is_sealed() {
    let site = Site::new(local(), false).await;
    site.submit("t.csv", "a,10\n").await;
    let worker = site.start();
    let mut config = Config::default();
    config.database = DatabaseConfig { user: Some("auditor1".into()), ..site.config.database.clone() };
    let auditor = Service::open(config, None).unwrap();
    verify(&auditor).await.unwrap();
    let mut superuser = site.database.owner().await;
    // The same code over another table: its path leads elsewhere.
    let lies = [
        (
            "select id, at, person, session_role, via, command, command_id, subject, project, request, ok, code, case when id = 5 then 'Nothing.' else sentence end as sentence, data from exeat.journal",
            "otherwise",
        ),
        ("select * from exeat.journal where id <> 5", "leaves it out"),
    ];
    for (lie, how) in lies {
        sql(&mut superuser, &format!("create schema lies; create view lies.journal as {lie}; grant usage on schema lies to public; grant select on lies.journal to public")).await;
        let function = "exeat.journal_page(jsonb, bigint, int)";
        sql(&mut superuser, &format!("alter function {function} set search_path = lies, exeat, pg_catalog, pg_temp"))
            .await;
        let bad = verify(&auditor).await.unwrap_err();
        assert_eq!((bad.fault, bad.id.as_deref()), (Fault::Shown, Some("5")), "{bad}");
        assert!(bad.sentence.contains(how), "{bad}");
        sql(
            &mut superuser,
            &format!(
                "alter function {function} set search_path = exeat, pg_catalog, pg_temp; drop schema lies cascade"
            ),
        )
        .await;
        verify(&auditor).await.unwrap();
    }
    worker.end().await;
}
