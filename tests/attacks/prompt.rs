//! Files that are slow to scan are nobody's business but their own: who asks for an address gets it meanwhile.

use crate::support::pg::{done, one};
use crate::support::s3::{Who, local};
use crate::worker::running::{Killed, ticket};
use crate::worker::site::{Site, until};

/// Tables of rows of two bytes: the dearest kind there is.
const TABLES: usize = 8;
const BYTES: usize = 1 << 20;
const TICKETS: usize = 20;

fn median(took: &mut [f64]) -> f64 {
    took.sort_by(f64::total_cmp);
    took[took.len() / 2]
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn tickets_are_answered_while_odd_tables_are_scanned() {
    let site = Site::new(local(), false).await;
    let mut owner = site.database.owner().await;
    sqlx::raw_sql("update exeat.policies set largest_file = 100000000").execute(&mut owner).await.unwrap();
    let version = site.submit("t.csv", "first").await.to_string();
    let _worker = Killed(site.process());
    let mut checker = site.person("checker1").await;
    let mut quiet = Vec::new();
    for _ in 0..TICKETS {
        quiet.push(ticket(&mut checker, "ask_ticket", &[&version, "preview"]).await.1);
    }
    let odd = format!("a,b\n\"{}", "x\n".repeat(BYTES / 2));
    for n in 0..TABLES {
        let key = format!("{}/odd{n}.csv", if n % 2 == 0 { "heart" } else { "lungs" });
        site.s3.put(Who::Tools, &site.buckets.candidates, &key, odd.as_bytes()).await;
    }
    // The first one that is read says that the others are being read.
    site.s3.put(Who::Tools, &site.buckets.candidates, "heart/a.csv", b"a,b\n1,2\n").await;
    let asked = done(&mut checker, "ask_refresh", &[]).await["refresh"].to_string();
    until("the first file", || site.version("a.csv")).await;
    let over = format!("select finished_at is not null from exeat.refreshes where id = {asked}");
    let mut during = Vec::new();
    while !one::<bool>(&mut owner, &over).await {
        during.push(ticket(&mut checker, "ask_ticket", &[&version, "preview"]).await.1);
    }
    println!(
        "ticket: quiet {:.1} ms, while {TABLES} odd tables are scanned {:.1} ms (medians of {TICKETS} and {})",
        median(&mut quiet),
        median(&mut during),
        during.len()
    );
    // One after the other: a ticket that waits for a table to be scanned leaves no time for so many.
    assert!(during.len() >= TICKETS, "only {} tickets were answered while the tables were scanned", during.len());
    let scanned =
        "select count(*) from exeat.file_versions where convert_from(key, 'UTF8') like 'odd%' and sha256 is not null";
    assert_eq!(one::<i64>(&mut owner, scanned).await, i64::try_from(TABLES).unwrap(), "{}", site.log());
}
