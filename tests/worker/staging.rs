//! Staging is a place of its own: nobody but the worker reads or writes it.

use std::time::Duration;

use exeat::worker::WorkerError;
use sqlx::AssertSqlSafe;

use super::site::{Site, until};
use crate::support::s3::local;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_worker_does_not_start_with_staging_in_a_projects_location() {
    let mut site = Site::new(local(), false).await;
    let (candidates, shared) = (site.buckets.candidates.clone(), site.buckets.shared.clone());
    // Above it, below it, the same; the shared one has no prefix.
    let bad = [
        (&candidates, "", "egress"),
        (&candidates, "heart/s/", "egress"),
        (&candidates, "heart/", "egress"),
        (&shared, "s/", "shared"),
    ];
    for (bucket, prefix, what) in bad {
        site.config.worker.s3.staging = format!("s3://{bucket}/{prefix}");
        let run = exeat::worker::run(site.config.clone(), tokio::time::sleep(Duration::from_secs(20)));
        let ended = run.await;
        let Err(error @ WorkerError::Staging(_)) = ended else { panic!("{bucket}/{prefix}: {ended:?}") };
        assert!(error.to_string().contains(&format!("overlaps the {what} location")), "{error}");
        let once = Box::pin(exeat::worker::once(site.config.clone())).await;
        assert!(matches!(once, Err(WorkerError::Staging(_))), "{once:?}");
    }
    let mut real = site.process();
    let end = || {
        let ended = real.try_wait().unwrap();
        async move { ended }
    };
    let ended = until("its end", end).await;
    assert_eq!(ended.code(), Some(3), "{}", site.log());
    assert!(site.log().contains("overlaps the shared location"), "{}", site.log());
    // Beside them is fine.
    site.config.worker.s3.staging = format!("s3://{candidates}/heart2/");
    let worker = site.start();
    tokio::time::sleep(Duration::from_millis(200)).await;
    worker.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_worker_stops_when_a_project_moves_into_staging() {
    let site = Site::new(local(), false).await;
    let running = tokio::spawn(exeat::worker::run(site.config.clone(), std::future::pending()));
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert!(!running.is_finished());
    let sql =
        format!("update exeat.projects set bucket = '{}', prefix = 'x/' where name = 'lungs'", site.buckets.staging);
    sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut site.database.owner().await).await.unwrap();
    let ended = tokio::time::timeout(Duration::from_mins(1), running).await;
    ended.expect("it stops").unwrap().unwrap();
}
