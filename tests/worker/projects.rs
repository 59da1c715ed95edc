//! A project that cannot be worked on stops itself only, and its people see why.

use exeat::worker::look_around;
use sqlx::AssertSqlSafe;

use super::running::wait_for;
use super::site::{Site, until};
use crate::support::pg::{call, done, one, sha};
use crate::support::s3::{Who, local, seaweed};

/// Announced by its researcher, written, found and approved in `lungs`: the version.
async fn approved_in_lungs(site: &Site, key: &str) -> i64 {
    let files = serde_json::json!([{"key": key, "sha256": sha(key), "size": key.len()}]).to_string();
    let mut researcher = site.person("researcher2").await;
    done(&mut researcher, "register_submission", &["lungs", "trusted", "A table", &files]).await;
    site.s3.put(Who::Tools, &site.buckets.candidates, &format!("lungs/{key}"), key.as_bytes()).await;
    site.hand().await.look().await;
    let version = site.version(key).await.unwrap();
    let vote = [&version.to_string(), "trusted", "approve", &sha(key), "fine"];
    done(&mut site.person("checker1").await, "cast_vote", &vote).await;
    version
}

async fn change(site: &Site, sql: &str) {
    sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut site.database.owner().await).await.unwrap();
}

/// What a person of both projects reads of one.
async fn fault(site: &Site, project: &str) -> Option<String> {
    let sql = format!("select fault from exeat.list_projects() where id = '{project}'");
    one(&mut site.person("checker1").await, &sql).await
}

async fn faulted(site: &Site, project: &str, words: &str) {
    let told = || async { fault(site, project).await.filter(|fault| fault.contains(words)) };
    until(&format!("{project}: {words}"), told).await;
}

async fn sound(site: &Site, project: &str) {
    until(&format!("{project} without a fault"), || async { fault(site, project).await.is_none().then_some(()) }).await;
}

/// A file of heart goes its whole way.
async fn heart_works(site: &Site, key: &str) {
    site.announce(key, "a,10\n").await;
    site.write(key, "a,10\n").await;
    done(&mut site.person("checker1").await, "ask_refresh", &[]).await;
    let version = until("the file of heart", || site.version(key)).await;
    site.approve(version, "a,10\n").await;
    wait_for(site, version, "released").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_project_that_overlaps_staging_stops_itself_only() {
    let mut site = Site::new(local(), false).await;
    site.by_hand("update exeat.projects set shared_prefix = name || '/'").await;
    let lungs = approved_in_lungs(&site, "l.csv").await;
    let right = site.config.worker.s3.staging.clone();
    // Above it, below it, the same.
    let cases = [
        (&site.buckets.candidates, "lungs/s/", "egress"),
        (&site.buckets.candidates, "lungs/", "egress"),
        (&site.buckets.shared, "lungs/s/", "shared"),
    ];
    let cases = cases.map(|(bucket, prefix, what)| (format!("s3://{bucket}/{prefix}"), what));
    for (n, (staging, what)) in cases.into_iter().enumerate() {
        site.config.worker.s3.staging = staging;
        let worker = site.start();
        faulted(&site, "lungs", &format!("overlaps the {what} location")).await;
        heart_works(&site, &format!("h{n}.csv")).await;
        assert_eq!(fault(&site, "heart").await, None);
        assert_eq!(site.state(lungs).await, "approved");
        let ticket = call(&mut site.person("checker1").await, "ask_ticket", &[&lungs.to_string(), "preview"]).await;
        assert!(ticket.code == "paused" && ticket.sentence.contains("overlaps"), "{ticket:?}");
        // Who asks for a look at all of theirs is answered without it.
        let asked = done(&mut site.person("checker1").await, "ask_refresh", &[]).await["refresh"].to_string();
        let sql = format!("select finished_at from exeat.refreshes where id = {asked} and finished_at is not null");
        let over =
            || async { one::<i64>(&mut site.database.owner().await, &format!("select count(*) from ({sql}) x")).await };
        until("the refresh", || async { (over().await == 1).then_some(()) }).await;
        worker.end().await;
    }
    let rows = "select count(*) from exeat.journal where command = 'project_fault'";
    assert_eq!(one::<i64>(&mut site.database.owner().await, rows).await, 3, "a row each time it changed");
    site.config.worker.s3.staging = right;
    let worker = site.start();
    wait_for(&site, lungs, "released").await;
    assert_eq!(fault(&site, "lungs").await, None);
    assert_eq!(one::<i64>(&mut site.database.owner().await, rows).await, 4);
    worker.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_project_that_moves_into_staging_stops_itself_only() {
    let site = Site::new(local(), false).await;
    let running = site.start();
    heart_works(&site, "a.csv").await;
    let into =
        format!("update exeat.projects set bucket = '{}', prefix = 'x/' where name = 'lungs'", site.buckets.staging);
    change(&site, &into).await;
    faulted(&site, "lungs", "overlaps").await;
    heart_works(&site, "b.csv").await;
    running.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_a_bucket_or_with_checks_nobody_can_read_the_others_go_on() {
    let site = Site::new(local(), false).await;
    let worker = site.start();
    let back = format!("update exeat.projects set bucket = '{}' where name = 'lungs'", site.buckets.candidates);
    let (deep, flat) = ("repeat('{\"a\":', 400) || '1' || repeat('}', 400)", "'{}'");
    let checks = |text: &str| {
        format!(
            "update exeat.policies set checks = ({text})::jsonb where project = (select id from exeat.projects where name = 'lungs')"
        )
    };
    let bucket = "update exeat.projects set bucket = 'no-such-bucket' where name = 'lungs'".to_owned();
    for (n, (broken, mended, words)) in
        [(bucket, back, "cannot be listed"), (checks(deep), checks(flat), "checks of its policy cannot be read")]
            .into_iter()
            .enumerate()
    {
        change(&site, &broken).await;
        done(&mut site.person("researcher2").await, "ask_refresh", &["lungs"]).await;
        faulted(&site, "lungs", words).await;
        heart_works(&site, &format!("h{n}.csv")).await;
        change(&site, &mended).await;
        sound(&site, "lungs").await;
        let key = format!("lungs/l{n}.csv");
        site.s3.put(Who::Tools, &site.buckets.candidates, &key, b"a,10\n").await;
        done(&mut site.person("researcher2").await, "ask_refresh", &["lungs"]).await;
        until("the file of lungs", || site.version(&key[6..])).await;
    }
    let rows = "select count(*) from exeat.journal where command = 'project_fault'";
    assert_eq!(one::<i64>(&mut site.database.owner().await, rows).await, 4);
    worker.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_location_the_worker_may_not_list_is_told_and_the_others_are_passed_over() {
    let site = Site::new(seaweed(), false).await;
    let bucket = site.buckets.candidates.replace("candidates", "private");
    site.s3.sdk(Who::Site).create_bucket().bucket(&bucket).send().await.unwrap();
    change(&site, &format!("update exeat.projects set bucket = '{bucket}' where name = 'heart'")).await;
    site.s3.put(Who::Tools, &site.buckets.candidates, "lungs/l.csv", b"a,10\n").await;
    // One round for a timer does the same as the worker that stays.
    let hand = site.hand().await;
    let reports = look_around(&hand.worker, &hand.db).await.unwrap();
    assert_eq!(reports.keys().collect::<Vec<_>>(), ["lungs"]);
    assert_eq!(reports["lungs"].registered, 1);
    let told = fault(&site, "heart").await.unwrap();
    assert!(told.contains("cannot be listed") && told.contains("the right to list"), "{told}");
}
