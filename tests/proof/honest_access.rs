//! Honest histories of people, roles and migrations: each is proved, none gives a false alarm.

use exeat::db::schema;
use sqlx::{AssertSqlSafe, Executor as _};

use super::Site;
use crate::support::pg::{Database, done, sha};

/// Whatever a release rests on and somebody is just changing holds it up until that is over: so the order of the entries is
/// the order in which they came.
#[tokio::test]
async fn what_ends_beside_a_claim_comes_before_or_after_it() {
    let list = r#"[{"login": "checker2", "full_name": "Gus Checker", "active": false}]"#;
    let beside = [
        ("admin1", "exeat.end_membership(gen_random_uuid(), 'checker2', 'heart', 'checker')".to_owned(), true),
        ("admin1", format!("exeat.sync_people(gen_random_uuid(), '{list}', false, false)"), true),
        ("admin1", "exeat.set_policy(gen_random_uuid(), 'heart', 'trusted', '{\"approvals\": 3}')".to_owned(), true),
        ("admin1", "exeat.add_membership(gen_random_uuid(), 'checker2', 'heart', 'researcher')".to_owned(), false),
        (
            "checker3",
            format!(
                "exeat.register_submission(gen_random_uuid(), 'heart', 'trusted', 'mine', '[{{\"key\": \"a.csv\", \"sha256\": \"{}\", \"size\": 10}}]')",
                sha("a.csv")
            ),
            true,
        ),
    ];
    for (login, step, stops) in beside {
        let mut site = Site::new().await;
        let version = site.submit("a.csv").await;
        let voters = if login == "checker3" { ["checker1", "checker3"] } else { ["checker1", "checker2"] };
        site.approve(&voters, version, "a.csv").await;
        let mut other = site.database.connect(login).await;
        let begin = format!("begin; select {step}");
        sqlx::raw_sql(AssertSqlSafe(begin)).execute(&mut other).await.unwrap();
        assert_eq!(site.claim().await, None, "{step}");
        other.execute("commit").await.unwrap();
        site.lapse().await;
        if stops {
            assert_eq!(site.claim().await, None, "{step}");
            site.approve(&["checker4", "checker5"], version, "a.csv").await;
        }
        site.release().await;
        site.assert_earned(1).await;
    }
}

#[tokio::test]
async fn people_come_and_go_and_change_their_names() {
    let mut site = Site::new().await;
    let (a, b) = (site.submit("a.csv").await, site.submit("b.csv").await);
    site.done("admin1", "add_membership", &["nobody1", "heart", "checker", "2020-01-01", "2190-01-01"]).await;
    site.approve(&["checker1", "nobody1"], a, "a.csv").await;
    site.release().await;
    site.approve(&["checker1", "nobody1"], b, "b.csv").await;
    site.done("admin1", "end_membership", &["nobody1", "heart", "checker"]).await;
    // One that is over by the clock, which the worker writes down.
    site.done("admin1", "add_membership", &["nobody1", "heart", "checker", "2020-01-01", "2020-02-01"]).await;
    site.lapse().await;
    assert_eq!(site.claim().await, None);
    for list in [
        r#"[{"login": "checker2", "full_name": "Gus Married Otherwise"}, {"login": "checker4", "full_name": "Ida Checker", "active": false}]"#,
        r#"[{"login": "checker4", "full_name": "Ida Checker"}]"#,
    ] {
        site.done("admin1", "sync_people", &[list, "false", "false"]).await;
    }
    site.approve(&["checker2", "checker4"], b, "b.csv").await;
    site.release().await;
    site.assert_earned(2).await;
}

#[tokio::test]
async fn votes_through_a_service_that_the_policy_counts() {
    let mut site = Site::new().await;
    let made = site.done("admin1", "set_policy", &["heart", "trusted", r#"{"votes_via_services": true}"#]).await;
    site.done("admin2", "confirm_policy", &[&made["policy"].to_string()]).await;
    let version = site.submit("a.csv").await;
    site.vote_via("checker1", version, "a.csv").await;
    site.approve(&["checker2"], version, "a.csv").await;
    site.release().await;
    site.done("admin1", "end_service", &["portal"]).await;
    site.assert_earned(1).await;
}

#[tokio::test]
async fn a_lapsed_vote_that_counts_again_begins_the_hold_anew() {
    let mut site = Site::new().await;
    site.done("admin1", "set_policy", &["heart", "trusted", r#"{"hold_seconds": 1}"#]).await;
    let version = site.submit("a.csv").await;
    site.approve(&["checker1", "checker2"], version, "a.csv").await;
    site.done("admin1", "end_membership", &["checker2", "heart", "checker"]).await;
    site.lapse().await;
    site.done("admin1", "add_membership", &["checker2", "heart", "checker"]).await;
    site.lapse().await;
    tokio::time::sleep(std::time::Duration::from_millis(1_050)).await;
    site.release().await;
    site.assert_earned(1).await;
}

/// A database that an exeat without proofs was at: what it released is not proved, what comes after is.
#[tokio::test]
async fn a_migration_takes_over_what_there_was() {
    let mut site = Site::new().await;
    let released = site.submit("released.csv").await;
    site.approve(&["checker1", "checker2"], released, "released.csv").await;
    site.release().await;
    let claimed = site.submit("claimed.csv").await;
    site.approve(&["checker1", "checker2"], claimed, "claimed.csv").await;
    let under_way = site.claim().await.unwrap();
    let (voted, half) = (site.submit("voted.csv").await, site.find("half.csv").await);
    site.approve(&["checker4", "checker5"], voted, "voted.csv").await;
    site.approve(&["checker4"], half, "half.csv").await;
    // What that exeat did not write, and memberships that somebody had imported.
    site.sql(
        "delete from exeat.unsealed where journal_id in (select id from exeat.journal where command = 'migrate');
         delete from exeat.journal where command in ('migrate', 'add_membership');
         delete from exeat.unsealed where journal_id not in (select id from exeat.journal);
         update exeat.journal set request = (request::jsonb - array['key_sha256', 'origin_unknown', 'registered_by'])::text where command = 'intake';
         update exeat.journal set data = case when command <> 'claim_release' then (data::jsonb - array['approved_at', 'policy', 'values'])::text end",
    )
    .await;
    let bad = site.verify().await.unwrap_err();
    assert!(bad.sentence.contains("from when on releases are proved"), "{bad}");
    schema::migrate(&mut site.database.owner().await).await.unwrap();
    assert!(site.finish_as("w1", &under_way).await.ok);
    site.release().await;
    assert_eq!(site.vote("checker3", half, "half.csv", "approve").await.code, "was_researcher");
    site.approve(&["checker1"], half, "half.csv").await;
    site.release().await;
    // A second migration has nothing to say.
    schema::migrate(&mut site.database.owner().await).await.unwrap();
    let verified = site.verify().await.unwrap_or_else(|bad| panic!("{bad}; {:?}", bad.more));
    assert_eq!((verified.releases.earned, verified.releases.unproved), (2, 2));
    assert!(verified.releases.sentence().contains("Not proved: 2"), "{}", verified.releases.sentence());
}

/// Many at once: whatever order their steps take, nothing that the database let out is called unearned.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn many_at_once_give_no_false_alarm() {
    let mut site = Site::new().await;
    let mut versions = Vec::new();
    for n in 0..12 {
        let key = format!("f{n}.csv");
        versions.push((site.submit(&key).await, key));
    }
    let mut tasks = Vec::new();
    for login in ["checker1", "checker2", "checker3", "checker4", "checker5"] {
        let (database, versions) = (site.database.clone(), versions.clone());
        tasks.push(tokio::spawn(async move {
            let mut own = database.connect(login).await;
            for round in 0..3 {
                for (n, (version, key)) in versions.iter().enumerate() {
                    let kind = if (n + round) % 5 == 4 { "changes" } else { "approve" };
                    let arguments = [&version.to_string(), "trusted", kind, &sha(key), "a reason"];
                    crate::support::pg::call(&mut own, "cast_vote", &arguments).await;
                    if login == "checker3" && n % 4 == round {
                        let files = format!(r#"[{{"key": "{key}", "sha256": "{}", "size": 10}}]"#, sha(key));
                        crate::support::pg::call(
                            &mut own,
                            "register_submission",
                            &["heart", "trusted", "mine", &files],
                        )
                        .await;
                    }
                }
            }
        }));
    }
    let database: Database = site.database.clone();
    tasks.push(tokio::spawn(async move {
        let mut admin = database.connect("admin1").await;
        for n in 1..16 {
            let login = format!("checker{}", 1 + n % 5);
            crate::support::pg::call(&mut admin, "end_membership", &[&login, "heart", "checker"]).await;
            crate::support::pg::call(&mut admin, "add_membership", &[&login, "heart", "checker"]).await;
        }
        done(&mut admin, "set_policy", &["heart", "trusted", r#"{"approvals": 3}"#]).await;
    }));
    let mut claimed = 0;
    while tasks.iter().any(|task| !task.is_finished()) || site.claim_once().await.is_some() {
        site.lapse().await;
        if site.claim_once().await.is_some() {
            claimed += 1;
        }
    }
    for task in tasks {
        task.await.unwrap();
    }
    let verified = site.verify().await.unwrap_or_else(|bad| panic!("{bad}; {:?}", bad.more));
    assert!(claimed > 0 && verified.releases.earned >= claimed, "{claimed} {verified:?}");
}

impl Site {
    /// A claim that is finished at once; one that meets a lock is none.
    async fn claim_once(&mut self) -> Option<String> {
        let claim = "select (select release::text from exeat.claim_release('w1', 60))";
        let claimed: Result<Option<String>, _> = sqlx::query_scalar(claim).fetch_one(&mut self.worker).await;
        let release = claimed.ok().flatten()?;
        assert!(self.finish_as("w1", &release).await.ok);
        Some(release)
    }
}
