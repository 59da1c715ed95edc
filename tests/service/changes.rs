//! The change feed as a desk follows it.

use std::sync::Arc;
use std::time::Duration;

use exeat::config::Config;
use exeat::service::{Change, Service};
use futures::StreamExt as _;
use sqlx::postgres::PgConnectOptions;
use sqlx::{AssertSqlSafe, ConnectOptions as _};
use tokio::time::timeout;

use crate::support::desk::{desk, text};

/// The service as a person of the shared desk.
pub fn service(login: &str) -> Arc<Service> {
    let config = Config::read(&desk().config).unwrap();
    Arc::new(Service::open(config, Some(login)).unwrap())
}

const SOON: Duration = Duration::from_secs(20);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_may_see_a_row_hears_of_its_changes() {
    let id = text(&desk().file()["id"]);
    let number: i64 = id.parse().unwrap();
    let mut checker = Box::pin(service("checker1").follow());
    let mut stranger = Box::pin(service("steward1").follow());
    let hear = tokio::spawn(async move {
        loop {
            if let Some(Change::Rows { area, ids }) = checker.next().await
                && ids.contains(&number)
            {
                return area;
            }
        }
    });
    // A moment, so that both listen.
    tokio::time::sleep(Duration::from_secs(1)).await;
    let commented = id.clone();
    tokio::task::spawn_blocking(move || desk().json("checker2", &["egress", "comment", &commented, "hello"]))
        .await
        .unwrap();
    let area = timeout(SOON, hear).await.unwrap().unwrap();
    assert_eq!(area, "egress");
    // Who is in no project hears nothing of it.
    let heard = timeout(Duration::from_millis(500), async {
        while let Some(change) = stranger.next().await {
            if matches!(&change, Change::Rows { area, ids } if area == "egress" && ids.contains(&number)) {
                return;
            }
        }
    });
    assert!(heard.await.is_err());
}

/// However many others changed something in the meantime.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_change_committed_late_is_heard() {
    let id: i64 = text(&desk().file()["id"]).parse().unwrap();
    let socket = desk().dir.join("socket").display().to_string();
    let options = PgConnectOptions::new_without_pgpass().host(&socket).username("checker1").database("exeat");
    let mut late = options.connect().await.unwrap();
    let mut feed = Box::pin(service("checker2").follow());
    assert_eq!(feed.next().await, Some(Change::Resync));
    let comment = format!("begin; select exeat.add_comment(gen_random_uuid(), {id}, 'late')");
    sqlx::raw_sql(AssertSqlSafe(comment)).execute(&mut late).await.unwrap();
    // Three hundred and one other changes, each heard of before the late one is committed.
    let other = text(&desk().file()["id"]);
    let noise = format!(
        "select exeat.changed(project, null, 'egress', {other}, 'noise') from exeat.file_versions, generate_series(1, 300) where id = {other}"
    );
    tokio::task::spawn_blocking(move || desk().psql(&noise)).await.unwrap();
    let other: i64 = other.parse().unwrap();
    let hear = async |feed: &mut std::pin::Pin<Box<_>>, wanted: i64| {
        while let Some(change) = futures::StreamExt::next(feed).await {
            if matches!(&change, Change::Rows { ids, .. } if ids.contains(&wanted)) {
                return;
            }
        }
    };
    timeout(SOON, hear(&mut feed, other)).await.unwrap();
    tokio::time::sleep(Duration::from_secs(1)).await;
    sqlx::raw_sql("commit").execute(&mut late).await.unwrap();
    timeout(SOON, hear(&mut feed, id)).await.expect("the late change is heard of");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_forged_notification_is_worth_nothing() {
    let mut feed = Box::pin(service("auditor1").follow());
    let first = tokio::spawn(async move { timeout(Duration::from_secs(3), feed.next()).await });
    tokio::time::sleep(Duration::from_millis(500)).await;
    tokio::task::spawn_blocking(|| {
        desk().psql("select pg_notify('exeat', '999999999'), pg_notify('exeat', 'nonsense')")
    })
    .await
    .unwrap();
    // Other tests change things meanwhile; nothing that is not in the feed comes out of it.
    if let Ok(Some(Change::Rows { ids, .. })) = first.await.unwrap() {
        assert!(!ids.contains(&999_999_999));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_lost_connection_is_told_and_followed_by_a_resync() {
    let login = crate::support::desk::unique("follower");
    let name = login.clone();
    tokio::task::spawn_blocking(move || desk().json("admin1", &["people", "add", &name, "--name", "Follower"]))
        .await
        .unwrap();
    let mut feed = Box::pin(service(&login).follow());
    let heard = tokio::spawn(async move {
        let mut lost = false;
        assert_eq!(feed.next().await, Some(Change::Resync), "what came before the feed has to be read again");
        loop {
            match feed.next().await.unwrap() {
                Change::Lost(why) => {
                    assert!(!why.is_empty() && !lost, "told once");
                    lost = true;
                }
                Change::Resync => {
                    assert!(lost, "a resync follows a loss");
                    return;
                }
                Change::Rows { .. } => {}
            }
        }
    });
    tokio::time::sleep(Duration::from_secs(1)).await;
    let sql = format!("select pg_terminate_backend(pid) from pg_stat_activity where usename = '{login}'");
    let cut = tokio::task::spawn_blocking(move || desk().psql(&sql)).await.unwrap();
    assert!(cut.lines().count() <= 2, "at most two connections a desk: {cut}");
    timeout(SOON, heard).await.unwrap().unwrap();
}
