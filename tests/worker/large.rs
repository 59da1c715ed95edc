//! One very large journal row does not stop the worker's other tasks.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use exeat::domain::journal::{GENESIS, JournalEntry, entry_hash};

use super::site::{Site, until};
use crate::support::pg::{done, one};
use crate::support::s3::local;

/// Characters of the row's request.
const LARGE: usize = 100 << 20;

/// On one thread: what hashes on it stops everything, this test too.
#[tokio::test]
async fn a_row_of_a_hundred_megabytes_does_not_stop_the_others() {
    let site = Site::new(local(), true).await;
    let version = site.submit("t.csv", "a,10\n").await.to_string();
    let worker = site.start();
    let mut owner = site.database.owner().await;
    let waiting = "select count(*) from exeat.unsealed";
    until("the first seals", async || (one::<i64>(&mut site.database.owner().await, waiting).await == 0).then_some(()))
        .await;

    // What hashing it takes here, beside which the longest pause is measured.
    let entry = JournalEntry { request: Some("x".repeat(LARGE)), ..JournalEntry::default() };
    let begun = Instant::now();
    let _ = entry_hash(GENESIS, 1, &entry);
    let hashing = begun.elapsed();
    drop(entry);

    let sql = format!(
        "with large as (insert into exeat.journal (session_role, command, request, ok, code, sentence)
           values ('nobody', 'large', repeat('x', {LARGE}), true, 'done', 'Large.') returning id)
         insert into exeat.unsealed (journal_id) select id from large"
    );
    sqlx::raw_sql(sqlx::AssertSqlSafe(sql)).execute(&mut owner).await.unwrap();
    let over = Arc::new(AtomicBool::new(false));
    let ticker = tokio::spawn({
        let over = over.clone();
        async move {
            let (mut longest, mut last) = (Duration::ZERO, Instant::now());
            while !over.load(Ordering::Relaxed) {
                tokio::time::sleep(Duration::from_millis(5)).await;
                longest = longest.max(last.elapsed());
                last = Instant::now();
            }
            longest
        }
    });
    // Tickets are answered all the while.
    let mut checker = site.person("checker1").await;
    let sealed =
        "select count(*) from exeat.seals s join exeat.journal j on j.id = s.journal_id where j.command = 'large'";
    let (mut answered, begun) = (0, Instant::now());
    while one::<i64>(&mut owner, sealed).await == 0 {
        assert!(begun.elapsed() < Duration::from_mins(5), "never sealed");
        let asked =
            done(&mut checker, "ask_ticket", &[&version, "preview"]).await["ticket"].as_str().unwrap().to_owned();
        let sql = format!("select url from exeat.ticket_answer('{asked}')");
        let answer = async || one::<Option<String>>(&mut site.person("checker1").await, &sql).await;
        until("a ticket", answer).await;
        answered += 1;
    }
    over.store(true, Ordering::Relaxed);
    let longest = ticker.await.unwrap();
    println!("{answered} tickets, longest pause {longest:?}, hashing alone {hashing:?}");
    assert!(
        answered > 0 && longest < hashing / 2,
        "{answered} tickets, longest pause {longest:?}, hashing alone {hashing:?}"
    );
    let beats = "select count(*) from exeat.workers where seen_at > clock_timestamp() - interval '15 seconds'";
    assert_eq!(one::<i64>(&mut owner, beats).await, 1);
    worker.end().await;
}
