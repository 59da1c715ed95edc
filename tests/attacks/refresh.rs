//! Looks at the store that one person asks for, however many, and locations that take for ever delay nobody else's look.

use sqlx::{AssertSqlSafe, PgConnection};

use crate::support::pg::{done, one};
use crate::support::proxy::Proxy;
use crate::support::s3::{Who, local};
use crate::worker::site::{Site, until};

/// Projects of researcher1 alone, before `heart` and `lungs` in the order of names.
async fn projects(site: &Site, names: &[String]) {
    let mut owner = site.database.owner().await;
    for name in names {
        let sql = format!(
            "with made as (insert into exeat.projects (name, title, bucket, prefix, shared_bucket, shared_prefix, opened_at)
                values ('{name}', 'One of many', '{}', '{name}/', '{}', '', now()) returning id)
             insert into exeat.memberships (person, project, role)
             select p.id, made.id, 'researcher' from made, exeat.people p where p.login = 'researcher1'",
            site.buckets.candidates, site.buckets.shared
        );
        sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut owner).await.unwrap();
    }
}

async fn asked(own: &mut PgConnection, project: &str) -> String {
    done(own, "ask_refresh", &[project]).await["refresh"].to_string()
}

/// Waits until a refresh is answered.
async fn answered(site: &Site, id: &str) {
    let sql = format!("select count(*) from exeat.refreshes where id = {id} and finished_at is not null");
    let over = || async { one::<i64>(&mut site.database.owner().await, &sql).await };
    until("the refresh", || async { (over().await == 1).then_some(()) }).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_flood_of_refreshes_delays_nobody_elses() {
    const MANY: i64 = 60;
    let proxy = Proxy::start(&local().endpoint).await;
    let site = Site::at(local(), true, &proxy.endpoint).await;
    let names: Vec<String> = (0..MANY).map(|n| format!("a{n:02}")).collect();
    projects(&site, &names).await;
    let worker = site.start();
    let (mut flooder, mut other) = (site.person("researcher1").await, site.person("researcher2").await);
    let all = asked(&mut flooder, "null").await;
    answered(&site, &all).await;
    proxy.slow(300);
    for name in &names {
        asked(&mut flooder, name).await;
    }
    asked(&mut flooder, "null").await;
    let own = asked(&mut other, "lungs").await;
    answered(&site, &own).await;
    let left = "select count(*) from exeat.refreshes r join exeat.people p on p.id = r.person where p.login = 'researcher1' and r.finished_at is null";
    let left: i64 = one(&mut site.database.owner().await, left).await;
    println!("{left} of the {} refreshes of another person were still open", MANY + 1);
    assert!(left > MANY / 2, "it waited behind another person's: only {left} are left");
    proxy.slow(0);
    worker.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn locations_that_take_for_ever_keep_no_place_from_others() {
    let proxy = Proxy::start(&local().endpoint).await;
    let site = Site::at(local(), true, &proxy.endpoint).await;
    let names: Vec<String> = (0..5).map(|n| format!("a{n}")).collect();
    projects(&site, &names).await;
    let large = vec![b'x'; 16 << 20];
    for name in &names {
        let key = format!("{name}/huge.txt");
        site.s3.put(Who::Tools, &site.buckets.candidates, &key, &large).await;
    }
    site.write("t.csv", "a,10\n").await;
    proxy.slow(1000);
    let worker = site.start();
    let (mut first, mut other) = (site.person("researcher1").await, site.person("researcher2").await);
    for name in &names {
        asked(&mut first, name).await;
    }
    // Neither who asks waits for them, nor what nobody asked for.
    let own = asked(&mut other, "lungs").await;
    answered(&site, &own).await;
    until("the file of heart", || site.version("t.csv")).await;
    assert_eq!(site.version("huge.txt").await, None, "the large ones are still being read");
    worker.end().await;
}
