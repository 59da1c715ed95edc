//! The worker's tasks as they run: tickets, uploads, refreshes, recalls, seals, and what they do when something goes away.

use std::os::unix::process::ExitStatusExt as _;
use std::process::Child;
use std::time::{Duration, Instant};

use exeat::domain::journal::{GENESIS, Head, JournalEntry, entry_hash};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use sqlx::postgres::PgConnection;

use super::site::{Site, until};
use crate::support::pg::{call, done, one, sha};
use crate::support::proxy::Proxy;
use crate::support::s3::{Who, local, moto, seaweed};

/// Asks for an address and waits for it.
pub async fn ticket(person: &mut PgConnection, command: &str, arguments: &[&str]) -> (String, f64) {
    let begun = Instant::now();
    let asked = done(person, command, arguments).await["ticket"].as_str().unwrap().to_owned();
    loop {
        let sql = format!("select coalesce(url, refused) from exeat.ticket_answer('{asked}')");
        if let Some(url) = one::<Option<String>>(person, &sql).await {
            return (url, begun.elapsed().as_secs_f64() * 1e3);
        }
        assert!(begun.elapsed() < Duration::from_secs(20), "no answer");
        tokio::time::sleep(Duration::from_micros(300)).await;
    }
}

pub async fn wait_for(site: &Site, version: i64, state: &str) {
    let seen = || async { (site.state(version).await == state).then_some(()) };
    until(&format!("version {version} {state}"), seen).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_file_goes_from_upload_to_release_and_is_recalled() {
    for (s3, versioned) in [(seaweed(), true), (local(), true), (moto(), false)] {
        let site = Site::new(s3, versioned).await;
        let worker = site.start();
        let mut researcher = site.person("researcher1").await;
        let (key, body) = ("up \u{202e}load\t.csv", "ward,n\na,10\n");
        let files = serde_json::json!([{"key": key, "sha256": sha(body), "size": body.len()}]).to_string();
        let made = done(&mut researcher, "register_submission", &["heart", "trusted", "Paper", &files]).await;
        let registration = made["registrations"][0]["id"].to_string().replace('"', "");
        let (put, _) = ticket(&mut researcher, "ask_upload", &[&registration]).await;
        let web = reqwest::Client::new();
        let sum = exeat::objects::checksum(&sha(body)).unwrap();
        let put = web.put(put).header(exeat::objects::CHECKSUM, sum).body(body);
        assert!(put.send().await.unwrap().status().is_success(), "{}", s3.name);
        done(&mut researcher, "ask_refresh", &["heart"]).await;
        let version = until("the file", || site.version(key)).await;

        let mut checker = site.person("checker1").await;
        let (get, _) = ticket(&mut checker, "ask_ticket", &[&version.to_string(), "preview"]).await;
        assert_eq!(web.get(&get).send().await.unwrap().text().await.unwrap(), body, "{}", s3.name);
        let opened = "select count(*) from exeat.journal where command = 'ask_ticket' and ok and person = 'checker1'";
        assert_eq!(one::<i64>(&mut site.database.owner().await, opened).await, 1);

        site.approve(version, body).await;
        wait_for(&site, version, "released").await;
        site.assert_shared(&[(version, key, body)]).await;
        let (get, _) = ticket(&mut researcher, "ask_ticket", &[&version.to_string(), "download"]).await;
        assert_eq!(web.get(&get).send().await.unwrap().text().await.unwrap(), body, "{}", s3.name);

        done(&mut checker, "recall", &[&version.to_string(), "trusted", "It names someone"]).await;
        let refused = call(&mut researcher, "ask_ticket", &[&version.to_string(), "download"]).await;
        assert_eq!(refused.code, "recalled", "{refused:?}");
        let gone = || async {
            let held = site.held(&site.buckets.shared).await;
            held.iter().all(|(key, _)| key.starts_with("_records/")).then_some(())
        };
        until("the shared copy to go", gone).await;
        assert_ne!(web.get(&get).send().await.unwrap().status().as_u16(), 200, "{}", s3.name);
        worker.end().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_ticket_serves_one_version_for_a_short_time() {
    let site = Site::new(seaweed(), true).await;
    let version = site.submit("t.csv", "first").await;
    let other = site.submit("u.csv", "other").await;
    let worker = site.start();
    let mut checker = site.person("checker1").await;
    let (get, _) = ticket(&mut checker, "ask_ticket", &[&version.to_string(), "preview"]).await;
    site.write("t.csv", "second").await;
    let web = reqwest::Client::new();
    let status = async |url: String| web.get(url).send().await.unwrap().status().as_u16();
    assert_eq!(web.get(&get).send().await.unwrap().text().await.unwrap(), "first");
    assert_eq!(status(get.replace("/t.csv", "/u.csv")).await, 403, "another file with the same address: {other}");
    assert_eq!(status(get.replace("versionId=", "versionId=0")).await, 403);
    assert_eq!(web.put(&get).body("x").send().await.unwrap().status().as_u16(), 403);
    assert_eq!(web.delete(&get).send().await.unwrap().status().as_u16(), 403);
    tokio::time::sleep(Duration::from_secs(3)).await;
    assert_eq!(status(get).await, 403, "it should have expired");
    // a person of another project gets nothing, and the ticket of one is not shown to another
    let refused = call(&mut site.person("researcher2").await, "ask_ticket", &[&version.to_string(), "preview"]).await;
    assert_eq!(refused.code, "not_found");
    worker.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn tickets_are_answered_at_once() {
    let site = Site::new(local(), true).await;
    let version = site.submit("t.csv", "first").await;
    let worker = site.start();
    let mut checker = site.person("checker1").await;
    let mut took = Vec::new();
    for _ in 0..100 {
        let (url, ms) = ticket(&mut checker, "ask_ticket", &[&version.to_string(), "preview"]).await;
        assert!(url.starts_with("http"), "{url}");
        took.push(ms);
    }
    took.sort_by(f64::total_cmp);
    println!(
        "ticket, from asking to address: median {:.1} ms, p95 {:.1} ms, max {:.1} ms",
        took[50], took[95], took[99]
    );
    worker.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn only_the_workers_key_writes_what_is_shared() {
    let site = Site::new(seaweed(), false).await;
    let buckets = &site.buckets;
    for who in [Who::Tools, Who::Reader] {
        for bucket in [&buckets.shared, &buckets.staging] {
            let sdk = site.s3.sdk(who);
            let put = sdk.put_object().bucket(bucket).key("heart/x").body(b"x".to_vec().into()).send().await;
            assert!(put.is_err(), "{who:?} wrote {bucket}");
            let deleted = sdk.delete_object().bucket(bucket).key("heart/x").send().await;
            assert!(deleted.is_err(), "{who:?} deleted in {bucket}");
        }
    }
    assert!(site.s3.sdk(Who::Tools).list_objects_v2().bucket(&buckets.shared).send().await.is_err());
    site.s3.put(Who::Worker, &buckets.shared, "heart/x", b"x").await;
    assert!(site.s3.sdk(Who::Reader).get_object().bucket(&buckets.shared).key("heart/x").send().await.is_ok());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_journal_is_sealed_and_its_heads_are_kept_outside() {
    let site = Site::new(local(), false).await;
    let heads = site.config.worker.heads.clone().unwrap();
    std::fs::write(&heads, "{\"torn").unwrap();
    let key = exeat::worker::SigningKey::read(&site.config.worker.signing_key).unwrap();
    let worker = site.start();
    site.submit("t.csv", "a,10\n").await;
    let mut owner = site.database.owner().await;
    let sealed = || async {
        let sql = "select case when exists (select from exeat.unsealed) then null else (select max(seq) from exeat.seals) end";
        one::<Option<i64>>(&mut site.database.owner().await, sql).await
    };
    until("the seals", sealed).await;
    worker.end().await;
    // the sealer's own function shows what is not sealed yet: all of it again, as the superuser
    sqlx::raw_sql("insert into exeat.unsealed select id from exeat.journal").execute(&mut owner).await.unwrap();
    let rows: Vec<JournalEntry> = sqlx::query_scalar("select to_json(u) from exeat.unsealed_journal(100000) u")
        .fetch_all(&mut owner)
        .await
        .unwrap()
        .into_iter()
        .map(|row: serde_json::Value| serde_json::from_value(row).unwrap())
        .collect();
    assert_eq!(rows.iter().filter(|row| row.command == "intake").count(), 1);
    let seals: Vec<(i64, String, i64)> = sqlx::query_as("select seq, hash, journal_id from exeat.seals order by seq")
        .fetch_all(&mut owner)
        .await
        .unwrap();
    let mut hash = GENESIS.to_owned();
    for ((seq, sealed, id), n) in seals.iter().zip(1..) {
        let row = rows.iter().find(|row| row.id == id.to_string()).unwrap();
        hash = entry_hash(&hash, n, row);
        assert_eq!((seq, sealed), (&n, &hash));
    }
    let text = std::fs::read_to_string(&heads).unwrap();
    let kept: Vec<Head> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let last = kept.last().unwrap();
    assert_eq!((last.seq, &last.hash), (i64::try_from(seals.len()).unwrap(), &hash));
    assert!(kept.iter().all(|head| head.is_signed_by(&hex::decode(key.public_key()).unwrap())));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sessions_idle_in_a_transaction_are_ended() {
    let site = Site::new(local(), false).await;
    let worker = site.start();
    let mut idle = site.person("checker1").await;
    sqlx::raw_sql("begin; select 1").execute(&mut idle).await.unwrap();
    let over = || async {
        let sql = "select count(*) from pg_stat_activity where usename = 'checker1' and state = 'idle in transaction' and datname = current_database()";
        (one::<i64>(&mut site.database.owner().await, sql).await == 0).then_some(())
    };
    until("the session to be ended", over).await;
    worker.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_store_that_goes_away_and_comes_back_costs_only_time() {
    let proxy = Proxy::start(&local().endpoint).await;
    let site = Site::at(local(), true, &proxy.endpoint).await;
    let worker = site.start();
    let mut researcher = site.person("researcher1").await;
    proxy.cut(true);
    site.announce("t.csv", "a,10\n").await;
    site.write("t.csv", "a,10\n").await;
    done(&mut researcher, "ask_refresh", &["heart"]).await;
    tokio::time::sleep(Duration::from_secs(3)).await;
    assert_eq!(site.version("t.csv").await, None);
    proxy.cut(false);
    let version = until("the file", || site.version("t.csv")).await;
    proxy.cut(true);
    site.approve(version, "a,10\n").await;
    wait_for(&site, version, "releasing").await;
    tokio::time::sleep(Duration::from_secs(1)).await;
    proxy.cut(false);
    wait_for(&site, version, "released").await;
    site.assert_shared(&[(version, "t.csv", "a,10\n")]).await;
    worker.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_database_that_ends_every_connection_costs_only_time() {
    let site = Site::new(local(), true).await;
    let worker = site.start();
    let version = site.submit("t.csv", "a,10\n").await;
    let mut owner = site.database.owner().await;
    for _ in 0..5 {
        let sql = "select count(pg_terminate_backend(pid)) from pg_stat_activity where usename = 'exeat_worker_login' and datname = current_database()";
        one::<i64>(&mut owner, sql).await;
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    let mut checker = site.person("checker1").await;
    let (url, _) = ticket(&mut checker, "ask_ticket", &[&version.to_string(), "preview"]).await;
    assert!(url.starts_with("http"), "{url}");
    site.approve(version, "a,10\n").await;
    wait_for(&site, version, "released").await;
    worker.end().await;
}

/// A process that is killed when the test ends, however it ends.
pub struct Killed(pub Child);

impl Drop for Killed {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl Killed {
    fn signal(&self, signal: Signal) {
        kill(Pid::from_raw(i32::try_from(self.0.id()).unwrap()), signal).unwrap();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_and_stopped_at_random_nothing_is_lost_and_nothing_wrong_is_released() {
    let mut site = Site::new(local(), true).await;
    site.config.worker.lease_seconds = 2;
    let seed =
        std::env::var("EXEAT_SEED").ok().and_then(|s| s.parse().ok()).unwrap_or_else(|| u64::from(std::process::id()));
    println!("EXEAT_SEED={seed}");
    let mut dice = Dice(seed);
    let (mut good, mut bad) = (Vec::new(), Vec::new());
    for n in 0..24 {
        let (key, body) = (format!("t{n:02}.csv"), format!("ward,n\na,{n}0\n"));
        let version = site.submit(&key, &body).await;
        site.approve(version, &body).await;
        // every fourth is overwritten between the approvals and the release
        if n % 4 == 3 {
            site.write(&key, &format!("ward,n\na,{n}1\n")).await;
            bad.push((version, key));
        } else {
            good.push((version, key, body));
        }
    }
    let mut workers = vec![Killed(site.process()), Killed(site.process())];
    let over = "select not exists (select from exeat.cases where state in ('approved', 'releasing'))";
    let begun = Instant::now();
    while !one::<bool>(&mut site.database.owner().await, over).await {
        assert!(begun.elapsed() < Duration::from_mins(3), "it should have been over: {}", site.log());
        tokio::time::sleep(Duration::from_millis(dice.below(250) + 20)).await;
        // after some chaos they are left in peace
        if begun.elapsed() < Duration::from_secs(25) {
            let which = usize::try_from(dice.below(2)).unwrap();
            match dice.below(3) {
                0 => workers[which].signal(Signal::SIGSTOP),
                1 => workers[which].signal(Signal::SIGCONT),
                _ => {
                    workers[which].signal(Signal::SIGKILL);
                    workers[which] = Killed(site.process());
                }
            }
        } else {
            for worker in &workers {
                worker.signal(Signal::SIGCONT);
            }
        }
    }
    for mut worker in workers {
        worker.signal(Signal::SIGCONT);
        worker.signal(Signal::SIGTERM);
        let ended = tokio::task::spawn_blocking(move || worker.0.wait().unwrap()).await.unwrap();
        // One that was started a moment ago may end before it listens to signals, as any process does then.
        assert!(ended.success() || ended.signal() == Some(Signal::SIGTERM as i32), "{ended}: {}", site.log());
    }
    for (version, _, _) in &good {
        assert_eq!(site.state(*version).await, "released", "{}", site.log());
    }
    for (version, _) in &bad {
        assert_eq!(site.state(*version).await, "altered", "{}", site.log());
    }
    let good: Vec<(i64, &str, &str)> = good.iter().map(|(v, k, b)| (*v, k.as_str(), b.as_str())).collect();
    site.assert_shared(&good).await;
}

/// Numbers from a seed: the state of a linear congruential generator (Knuth's MMIX).
struct Dice(u64);

impl Dice {
    fn below(&mut self, n: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % n
    }
}
