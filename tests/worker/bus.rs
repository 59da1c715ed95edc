//! Events on a real RabbitMQ that goes away and comes back, and from workers that are killed: none is lost, those about one
//! thing keep their order, and who gets one twice knows it by its id.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use serde_json::{Value, json};

use super::running::Killed;
use super::site::{Site, until};
use crate::support::pg::{call, done, one};
use crate::support::rabbit::Rabbit;
use crate::support::s3::local;

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
