//! `releasing` has a way out: what can never succeed ends with its reason, what fails for now stands behind fresh work and
//! may be recalled, and both say why.

use exeat::worker::release::{Progress, Step};
use hyper::Method;
use sqlx::AssertSqlSafe;

use super::site::{Site, until};
use crate::support::gate::{Gate, Says};
use crate::support::pg::{WORKER, call, done, one};
use crate::support::s3::{local, moto, seaweed};

/// Why nobody can decide it, as a checker's list has it.
async fn why(site: &Site, version: i64) -> String {
    let sql = format!(
        "select item->'destinations'->'trusted'->'why_not'->'approve'->>'message' from exeat.read('egress', 'rows', '{{\"ids\": [{version}]}}')"
    );
    one::<Option<String>>(&mut site.person("checker1").await, &sql).await.unwrap_or_default()
}

async fn sql(site: &Site, sql: &str) {
    sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut site.database.owner().await).await.unwrap();
}

async fn wait_for(site: &Site, version: i64, state: &str) {
    until(&format!("version {version} {state}"), || async { (site.state(version).await == state).then_some(()) }).await;
}

/// Two people bring back what could not be released.
async fn restore(site: &Site, version: i64) {
    for login in ["checker1", "checker4"] {
        done(&mut site.person(login).await, "restore", &[&version.to_string(), "trusted", "Mended"]).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_release_that_can_never_succeed_ends_with_its_reason() {
    // a key that is too long (moto takes any, so something else says so for it and for SeaweedFS), and no bucket at all
    let all = [seaweed(), moto(), local()];
    for (s3, fault) in all.into_iter().flat_map(|s3| [(s3, "key"), (s3, "bucket")]) {
        let gate = Gate::before(&s3.endpoint).await;
        let site = Site::at(s3, true, &gate.endpoint).await;
        // almost as long as a key may be, so too long below a longer prefix
        let long = format!("{}/{}", "d".repeat(200), ["k".repeat(175).as_str(); 4].join("/"));
        let key = if fault == "key" { format!("{long}/e.csv") } else { "t.csv".into() };
        if fault == "key" && s3.name != "local" {
            let shared = format!("/{}/", site.buckets.shared);
            gate.set(move |method, path| {
                (method == Method::PUT && path.starts_with(&shared)).then_some(Says::No(400, "KeyTooLongError"))
            });
        }
        let version = site.submit(&key, "a,10\n").await;
        site.approve(version, "a,10\n").await;
        let broken = match fault {
            "key" => "update exeat.projects set shared_prefix = repeat('s', 200) || '/'",
            _ => "update exeat.projects set shared_bucket = 'shared-that-nobody-made'",
        };
        site.by_hand(broken).await;
        let ended = site.carry_through().await;
        assert!(
            matches!(&ended, Progress::Stopped(why) if why.starts_with("It cannot be released: ")),
            "{}: {ended:?}",
            s3.name
        );
        assert_eq!(site.state(version).await, "recalled", "{}", s3.name);
        let why = why(&site, version).await;
        assert!(why.starts_with("It could not be released (") && why.contains("for votes again"), "{}: {why}", s3.name);
        let reason = if fault == "key" { "KeyTooLongError" } else { "no bucket for" };
        assert!(why.contains(reason) || s3.name == "SeaweedFS" && why.contains("bucket"), "{}: {why}", s3.name);
        assert_eq!(site.held(&site.buckets.staging).await, [], "{}", s3.name);
        assert!(site.hand().await.claim().await.is_none(), "{}: it is over", s3.name);
        // Mended, two people bring it back and it is decided anew.
        site.by_hand(&format!(
            "update exeat.projects set shared_prefix = '', shared_bucket = '{}'",
            site.buckets.shared
        ))
        .await;
        gate.open();
        restore(&site, version).await;
        if site.state(version).await == "pending" {
            site.approve(version, "a,10\n").await;
        }
        assert_eq!(site.carry_through().await, Progress::Released, "{}", s3.name);
        site.assert_shared(&[(version, &key, "a,10\n")]).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_store_that_denies_for_a_day_ends_the_release_and_not_before() {
    for s3 in [seaweed(), moto(), local()] {
        let gate = Gate::before(&s3.endpoint).await;
        let site = Site::at(s3, true, &gate.endpoint).await;
        let shared = format!("/{}/", site.buckets.shared);
        gate.set(move |method, path| {
            (method == Method::PUT && path.starts_with(&shared)).then_some(Says::No(403, "AccessDenied"))
        });
        let version = site.submit("t.csv", "a,10\n").await;
        site.approve(version, "a,10\n").await;
        let worker = site.start();
        let seen = || async {
            let why = why(&site, version).await;
            why.contains("refused object").then_some(why)
        };
        let said = until("the reason", seen).await;
        assert!(
            said.contains("check the rights of the worker's key") && said.contains("recall"),
            "{}: {said}",
            s3.name
        );
        assert_eq!(site.state(version).await, "releasing", "{}", s3.name);
        sql(&site, "update exeat.releases set next_try_at = clock_timestamp() - interval '1 s', refused_since = refused_since - interval '23 hours'").await;
        until("another try", || async {
            (one::<i32>(&mut site.database.owner().await, "select attempt from exeat.releases").await > 2).then_some(())
        })
        .await;
        assert_eq!(site.state(version).await, "releasing", "{}", s3.name);
        sql(&site, "update exeat.releases set next_try_at = clock_timestamp() - interval '1 s', refused_since = refused_since - interval '2 hours'").await;
        wait_for(&site, version, "recalled").await;
        worker.end().await;
        site.assert_nothing_shared(version, "t.csv").await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_fails_stands_behind_fresh_work() {
    let site = Site::new(local(), false).await;
    let mut worker = site.person(WORKER).await;
    let claim = "select version from exeat.claim_release('w', 600)";
    let failed = |version: i64| {
        format!(
            "select (exeat.fail_release(r.id, 'w', 'retry', 'The store has no room.')).code from exeat.releases r where r.version = {version} and r.state = 'claimed'"
        )
    };
    let (mut tired, mut owner) = (Vec::new(), site.database.owner().await);
    for n in 0..3 {
        let version = site.submit(&format!("tired{n}.csv"), "a,10\n").await;
        site.approve(version, "a,10\n").await;
        assert_eq!(one::<i64>(&mut worker, claim).await, version);
        tired.push(version);
    }
    // the first failed three times, the second twice, the third once
    for (version, times) in tired.iter().zip([3, 2, 1]) {
        sql(&site, &format!("update exeat.releases set attempt = {times} where version = {version}")).await;
        assert_eq!(one::<String>(&mut owner, &failed(*version)).await, "done");
    }
    sql(&site, "update exeat.releases set next_try_at = clock_timestamp() - interval '1 s', lease_until = clock_timestamp() - interval '1 s'").await;
    let lost = site.submit("lost.csv", "b,20\n").await;
    site.approve(lost, "b,20\n").await;
    let fresh = site.submit("fresh.csv", "c,30\n").await;
    site.approve(fresh, "c,30\n").await;
    // A worker that died over its first attempt left work that nobody has tried yet: it comes first.
    sql(&site, &format!("insert into exeat.releases (case_id, version, project, destination, state, worker, lease_until, record, shared_bucket, shared_key)
        select id, version, project, destination, 'claimed', 'dead', clock_timestamp() - interval '1 s', '{{}}', 'shared', 'x' from exeat.cases where version = {lost};
        update exeat.cases set state = 'releasing' where version = {lost}")).await;
    let mut order = Vec::new();
    for _ in 0..5 {
        order.push(one::<i64>(&mut worker, claim).await);
    }
    assert_eq!(order, [lost, fresh, tired[2], tired[1], tired[0]]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_nobody_works_on_can_be_recalled_and_leaves_nothing() {
    for (s3, versioned) in [(seaweed(), true), (seaweed(), false), (local(), true), (moto(), true)] {
        let site = Site::new(s3, versioned).await;
        for done_steps in [1, 3, 5] {
            let key = format!("t{done_steps}.csv");
            let version = site.submit(&key, "a,10\n").await;
            site.approve(version, "a,10\n").await;
            let mut release = site.hand().await.claim().await.unwrap();
            for _ in 0..done_steps {
                assert!(matches!(release.advance().await.unwrap(), Progress::Next(_)));
            }
            let (id, mut checker) = (version.to_string(), site.person("checker1").await);
            let held = call(&mut checker, "recall", &[&id, "trusted", "It names someone"]).await;
            assert_eq!(held.code, "not_released", "{}: {held:?}", s3.name);
            site.leases_run_out().await;
            done(&mut checker, "recall", &[&id, "trusted", "It names someone"]).await;
            assert_eq!(site.state(version).await, "recalled", "{}", s3.name);
            assert!(site.hand().await.claim().await.is_none(), "{}", s3.name);
            let worker = site.start();
            let open =
                "select case when exists (select from exeat.recalls where removed_at is null) then null else true end";
            until("the recall", async || one::<Option<bool>>(&mut site.database.owner().await, open).await).await;
            worker.end().await;
            // The worker that had it, let go on now, does nothing more and leaves nothing either.
            let late = release.advance().await.unwrap_err();
            assert!(late.to_string().contains("took the release over"), "{}: {late}", s3.name);
            site.assert_nothing_shared(version, &key).await;
        }
        // Restored, it is decided anew and goes out.
        let version = site.version("t5.csv").await.unwrap();
        restore(&site, version).await;
        if site.state(version).await == "pending" {
            site.approve(version, "a,10\n").await;
        }
        assert_eq!(site.carry_through().await, Progress::Released, "{}", s3.name);
        site.assert_shared(&[(version, "t5.csv", "a,10\n")]).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_copy_in_the_way_at_each_step_is_found_and_left() {
    for (s3, versioned) in [(seaweed(), false), (local(), true), (moto(), true)] {
        for step in [Step::Share, Step::Record] {
            let site = Site::new(s3, versioned).await;
            let version = site.submit("t.csv", "a,10\n").await;
            site.approve(version, "a,10\n").await;
            let mut release = site.hand().await.claim().await.unwrap();
            while release.step() != step {
                assert!(matches!(release.advance().await.unwrap(), Progress::Next(_)));
            }
            let place = match step {
                Step::Share => format!("heart/trusted/{version}/t.csv"),
                _ => format!("_records/{}.json", release.job().release),
            };
            site.s3.put(crate::support::s3::Who::Site, &site.buckets.shared, &place, b"a,10\n").await;
            let ended = loop {
                match release.advance().await.unwrap() {
                    Progress::Next(_) => {}
                    end => break end,
                }
            };
            assert!(
                matches!(&ended, Progress::Stopped(why) if why.contains("it was left there")),
                "{}: {ended:?}",
                s3.name
            );
            assert_eq!(site.held(&site.buckets.shared).await, [(place, b"a,10\n".to_vec())], "{}", s3.name);
            assert_eq!(site.state(version).await, "recalled", "{}", s3.name);
        }
    }
}
