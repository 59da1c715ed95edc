//! Who sends without a pause is slowed down and stops nobody: reads in all the sessions of a login, refusals, notifications.

use std::time::Duration;

use sqlx::{AssertSqlSafe, PgConnection};
use tokio::task::JoinHandle;

use super::sql_reach::two_projects;
use crate::support::pg::{Database, call, done, one};
use crate::support::s3::local;
use crate::worker::site::{Site, until};

/// Sessions of a login that do this and nothing else until their task ends.
async fn sessions(database: &Database, login: &str, many: usize, statement: &str) -> Vec<JoinHandle<()>> {
    let mut tasks = Vec::new();
    for _ in 0..many {
        let (mut own, statement) = (database.connect(login).await, statement.to_owned());
        tasks.push(tokio::spawn(async move {
            sqlx::raw_sql(AssertSqlSafe(statement)).execute(&mut own).await.unwrap();
        }));
    }
    tasks
}

/// How many sessions of a login wait for this.
async fn waiting(owner: &mut PgConnection, login: &str, event: &str) -> i64 {
    let sql = format!(
        "select count(*) from pg_stat_activity where usename = '{login}' and datname = current_database()
           and (wait_event = '{event}' or wait_event_type = '{event}')"
    );
    one(owner, &sql).await
}

/// Whether any of so many reads at once, each as slow as a lock makes it, rests after its answer.
async fn rests(many: usize) -> bool {
    let (database, ..) = two_projects().await;
    let mut owner = database.owner().await;
    sqlx::raw_sql("begin; lock table exeat.file_versions").execute(&mut owner).await.unwrap();
    let reads = sessions(&database, "checker1", many, "select count(*) from exeat.read('egress', 'count')").await;
    while waiting(&mut owner, "checker1", "Lock").await < i64::try_from(many).unwrap() {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    // So long they rest afterwards: long enough to be seen.
    tokio::time::sleep(Duration::from_millis(500)).await;
    sqlx::raw_sql("commit").execute(&mut owner).await.unwrap();
    let mut seen = false;
    while !reads.iter().all(JoinHandle::is_finished) {
        seen |= waiting(&mut owner, "checker1", "PgSleep").await > 0;
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    for read in reads {
        read.await.unwrap();
    }
    seen
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_reads_in_many_sessions_rests_as_long_as_it_took() {
    assert!(rests(3).await, "three at once are a flood");
    assert!(!rests(2).await, "a desk and a command beside it are none");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_is_refused_again_and_again_is_slowed_down() {
    let (database, heart, _) = two_projects().await;
    let mut owner = database.owner().await;
    let flood = format!("select count((exeat.claim(gen_random_uuid(), {heart})).ok) from generate_series(1, 160)");
    let refused = sessions(&database, "researcher1", 1, &flood).await;
    let mut seen = false;
    while !refused[0].is_finished() {
        seen |= waiting(&mut owner, "researcher1", "PgSleep").await > 0;
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    assert!(seen, "nothing slowed it down");
    assert!(call(&mut database.connect("checker1").await, "claim", &[&heart.to_string()]).await.ok);
}

/// Each notification is work for whoever listens: the worker gives its ear up for a while and finds what there is by itself.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_worker_flooded_with_notifications_stops_listening_and_works_on() {
    let site = Site::new(local(), true).await;
    let version = site.submit("t.csv", "ward,count\na,20\n").await;
    let worker = site.start();
    let listener = "select pid from pg_stat_activity where application_name = 'exeat worker: listen' and datname = current_database()";
    let first = until("the worker listens", || async {
        sqlx::query_scalar::<_, i32>(listener).fetch_optional(&mut site.database.owner().await).await.unwrap()
    })
    .await;
    let mut loud = site.person("checker2").await;
    let flood = tokio::spawn(async move {
        loop {
            sqlx::raw_sql("select pg_notify('exeat', n::text) from generate_series(1, 2000) n")
                .execute(&mut loud)
                .await
                .unwrap();
        }
    });
    let gone = format!("select not exists ({listener} and pid = {first})");
    until("the listener to give up", || async {
        one::<bool>(&mut site.database.owner().await, &gone).await.then_some(())
    })
    .await;
    assert!(!flood.is_finished());
    let ticket = done(&mut site.person("checker1").await, "ask_ticket", &[&version.to_string(), "preview"]).await;
    let answered = format!("select url from exeat.ticket_answer('{}')", ticket["ticket"].as_str().unwrap());
    until("the answer to a ticket beside the flood", || async {
        one::<Option<String>>(&mut site.person("checker1").await, &answered).await
    })
    .await;
    flood.abort();
    worker.end().await;
}
