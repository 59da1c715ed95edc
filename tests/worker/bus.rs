//! Events on a real RabbitMQ that goes away and comes back, and from workers that are killed: none is lost, those about one
//! thing keep their order, and who gets one twice knows it by its id.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use exeat::config::Secret;
use serde_json::{Value, json};

use super::doctor::{assert_one, doctor};
use super::running::Killed;
use super::site::{Site, until};
use crate::support::pg::{call, done, one};
use crate::support::rabbit::Rabbit;
use crate::support::s3::local;
use crate::support::smtp::Smtp;

/// The messages of a site that has no bus: kept for the one it gets, and in nobody's way until then.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_site_has_no_server_for_waits_until_it_has_one() {
    let mut site = Site::new(local(), true).await;
    let mut smtp = Smtp::down();
    smtp.start();
    site.config.mail = Some(smtp.config());
    let mut admin = site.person("admin1").await;
    let row =
        |name: &str| json!({"accession": name, "title": "Heart", "dac_alias": "DAC", "dac_email": "dac@example.org"});
    let rows = json!([row("AB001"), row("AB002"), row("AB003")]);
    done(&mut admin, "sync_datasets", &[&rows.to_string()]).await;
    let mut researcher = site.person("researcher1").await;
    for dataset in ["AB001", "AB002", "AB003"] {
        done(&mut researcher, "new_request", &[dataset, "For a paper", "null", "null", "lab@example.org"]).await;
    }
    assert_one(&doctor(&site), "bus", "note", "Without [bus] in the worker's configuration events are kept");
    exeat::worker::once(site.config.clone()).await.unwrap();
    let mut owner = site.database.owner().await;
    assert_eq!(smtp.mails().len(), 6, "{:?}", smtp.mails());
    let mailed = "select count(*) from exeat.deliveries where channel = 'mail' and delivered_at is null";
    assert_eq!((one::<i64>(&mut owner, mailed).await, one::<i64>(&mut owner, WAITING).await), (0, 3));
    let untouched = "select bool_and(attempt = 0 and last_error is null) from exeat.deliveries where channel = 'bus'";
    assert!(one::<bool>(&mut owner, untouched).await, "nobody tries to send them");

    let mut rabbit = Rabbit::new().await;
    site.config.bus = Some(rabbit.config());
    assert_one(&doctor(&site), "bus", "ok", "The server in [bus] answers the worker");
    exeat::worker::once(site.config.clone()).await.unwrap();
    let got: Vec<String> = rabbit.messages().await.iter().map(|kept| kept.body["event_id"].to_string()).collect();
    let sql =
        "select array_agg((payload->'event_id')::text order by id) from exeat.outbox where delivered_at is not null";
    assert_eq!(got, one::<Vec<String>>(&mut owner, sql).await, "all, in their order");
    assert_eq!(smtp.mails().len(), 6, "and no mail twice");

    let mut stranger = rabbit.config();
    (stranger.user, stranger.password) = (Some("nobody".into()), Some(Secret::new("hush")));
    site.config.bus = Some(stranger);
    let ran = doctor(&site);
    assert_one(&ran, "bus", "wrong", "does not take the worker");
    assert!(ran.exit != 0 && !format!("{ran:?}").contains("hush"), "{ran:?}");
    rabbit.kill();
    site.config.bus = Some(rabbit.config());
    assert_one(&doctor(&site), "bus", "wrong", "see whether it runs, or correct [bus]");
}

const WAITING: &str = "select count(*) from exeat.deliveries where channel = 'bus' and delivered_at is null";

async fn all_sent(site: &Site) {
    let sent = || async { (one::<i64>(&mut site.database.owner().await, WAITING).await == 0).then_some(()) };
    until("the events to be sent", sent).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_dead_bus_and_killed_workers_delay_events_and_lose_none() {
    let mut rabbit = Rabbit::new().await;
    let mut site = Site::new(local(), true).await;
    site.config.worker.lease_seconds = 4;
    site.config.bus = Some(rabbit.config());
    let mut admin = site.person("admin1").await;
    let rows = json!([{"accession": "AB001", "title": "Heart\r\nand\u{202e}", "dac_alias": "DAC", "dac_email": "dac@example.org"}]);
    done(&mut admin, "sync_datasets", &[&rows.to_string()]).await;
    rabbit.kill();

    let worker = site.start();
    let mut researcher = site.person("researcher1").await;
    let mut steward = site.person("steward1").await;
    sqlx::raw_sql("set statement_timeout = '5s'").execute(&mut steward).await.unwrap();
    let decide = async |researcher: &mut sqlx::PgConnection, steward: &mut sqlx::PgConnection| {
        let asked = done(researcher, "new_request", &["AB001", "For a paper"]).await;
        let id = asked["request"].as_str().unwrap();
        let edit = json!({"internal_note": "only-among-stewards", "note_to_requester": "Soon"}).to_string();
        assert!(call(steward, "edit_request", &[id, &edit]).await.ok);
        let allowed = done(steward, "allow_request", &[id]).await;
        done(steward, "revoke_grant", &[allowed["grant"].as_str().unwrap(), "misuse", "only-among-stewards"]).await;
    };
    for _ in 0..3 {
        decide(&mut researcher, &mut steward).await;
    }
    let version = site.submit("t.csv", "a,10\n").await;
    site.approve(version, "a,10\n").await;
    until("the release", || async { (site.state(version).await == "released").then_some(()) }).await;
    let tried = "select exists (select from exeat.deliveries where channel = 'bus' and last_error <> '')";
    until("a try", || async { one::<bool>(&mut site.database.owner().await, tried).await.then_some(()) }).await;
    rabbit.start().await;
    all_sent(&site).await;
    worker.end().await;
    for pause in [150, 300, 500, 800] {
        let killed = Killed(site.process());
        decide(&mut researcher, &mut steward).await;
        tokio::time::sleep(Duration::from_millis(pause)).await;
        drop(killed);
    }
    let worker = site.start();
    all_sent(&site).await;
    worker.end().await;
    // What it confirmed it has, whatever happens to it.
    rabbit.kill();
    rabbit.start().await;
    let got = rabbit.messages().await;

    let sql = "select array_agg(payload || jsonb_build_object('subject', subject) order by id) from exeat.outbox";
    let written: Vec<Value> = one(&mut site.database.owner().await, sql).await;
    let id = |event: &Value| event["event_id"].as_str().unwrap().to_owned();
    let subjects: BTreeMap<String, &Value> = written.iter().map(|event| (id(event), &event["subject"])).collect();
    assert!(subjects.len() >= 35, "{}", subjects.len());
    assert_eq!(got.iter().map(|kept| id(&kept.body)).collect::<BTreeSet<_>>(), subjects.keys().cloned().collect());
    for kept in &got {
        let mut event = written.iter().find(|event| id(event) == id(&kept.body)).unwrap().clone();
        event.as_object_mut().unwrap().remove("subject");
        assert_eq!(kept.body, event);
        assert_eq!(Some(kept.routing_key.as_str()), event["type"].as_str());
        assert_eq!(kept.properties.message_id(), Some(&id(&event)));
        assert_eq!(kept.properties.delivery_mode(), Some(2), "persistent");
        assert!(!kept.body.to_string().contains("only-among-stewards"), "{event}");
    }
    // Of each thing the first of every event comes in the order it was written.
    let mut first: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let mut seen = BTreeSet::new();
    for kept in got.iter().filter(|kept| seen.insert(id(&kept.body))) {
        first.entry(subjects[&id(&kept.body)].to_string()).or_default().push(id(&kept.body));
    }
    let mut wanted: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for event in &written {
        wanted.entry(event["subject"].to_string()).or_default().push(id(event));
    }
    assert_eq!(first, wanted);
}
