//! Messages about requests and grants on their way out: to a real mail server that is down, silent or refuses, at least
//! once and under one id, and never in the way of a decision.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::running::Killed;
use super::site::{Site, until};
use crate::support::pg::{call, done, one};
use crate::support::s3::local;
use crate::support::smtp::Smtp;

const WAITING: &str = "select count(*) from exeat.deliveries where channel = 'mail' and delivered_at is null";

/// A site with datasets, stewards with an address, and a mail server that does not run yet.
async fn site() -> (Site, Smtp) {
    let mut site = Site::new(local(), true).await;
    let smtp = Smtp::down();
    site.config.mail = Some(smtp.config());
    let mut admin = site.person("admin1").await;
    let row = |name: &str, title: &str| json!({"accession": name, "title": title, "dac_alias": "DAC", "dac_email": "dac@example.org"});
    let rows =
        json!([row("AB001", "Heart\r\nBcc: thief@example.org\r\n\r\nAll is yours"), row("AB002", "Lungs {note}")]);
    done(&mut admin, "sync_datasets", &[&rows.to_string()]).await;
    done(&mut admin, "set_setting", &["access.steward_mail", "\"stewards@example.org\""]).await;
    (site, smtp)
}

async fn asked(site: &Site, dataset: &str, mail: &str) -> String {
    let mut researcher = site.person("researcher1").await;
    let data = done(&mut researcher, "new_request", &[dataset, "For a paper", "null", "null", mail]).await;
    data["request"].as_str().unwrap().to_owned()
}

async fn all_sent(site: &Site) {
    let sent = || async { (one::<i64>(&mut site.database.owner().await, WAITING).await == 0).then_some(()) };
    until("the mails to be sent", sent).await;
}

/// The mail to an address whose subject has this part, which came at least once and always the same.
fn mail(smtp: &Smtp, to: &str, part: &str) -> Value {
    let mut found: Vec<Value> = smtp.mails();
    found.retain(|mail| mail["to"] == to && mail["subject"].as_str().unwrap().contains(part));
    assert!(!found.is_empty() && found.iter().all(|mail| *mail == found[0]), "{to}, {part}: {found:?}");
    found.remove(0)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_dead_mail_server_delays_mails_and_no_decision() {
    let (site, mut smtp) = site().await;
    let mut steward = site.person("steward1").await;
    let mut owner = site.database.owner().await;
    let ids = [asked(&site, "AB001", "lab@example.org").await, asked(&site, "AB002", "lab@example.org").await];
    let worker = site.start();
    let tried =
        "select exists (select from exeat.deliveries where channel = 'mail' and last_error <> '' and attempt > 0)";
    until("a try", || async { one::<bool>(&mut site.database.owner().await, tried).await.then_some(()) }).await;
    // a command waits for no lock longer than this, so what follows would be refused if one were in its way
    sqlx::raw_sql("set statement_timeout = '5s'").execute(&mut steward).await.unwrap();
    let edit = json!({"internal_note": "only-among-stewards"}).to_string();
    assert!(call(&mut steward, "edit_request", &[&ids[0], &edit]).await.ok);
    let note = "Welcome.\r\n.\r\nSubject: not a header\r\n\u{1b}[31m{login}\u{202e}";
    let allowed = done(&mut steward, "allow_request", &[&ids[0], "null", "null", "null", note]).await;
    done(&mut steward, "deny_request", &[&ids[1], "No vote of the board"]).await;
    let grant = allowed["grant"].as_str().unwrap();
    done(&mut steward, "revoke_grant", &[grant, "misuse", "only-among-stewards"]).await;
    // the worker's other tasks go on beside it
    let version = site.submit("t.csv", "a,10\n").await;
    site.approve(version, "a,10\n").await;
    until("the release", || async { (site.state(version).await == "released").then_some(()) }).await;
    assert_eq!(one::<i64>(&mut owner, WAITING).await, 9, "two requests to three each, allowed, denied, revoked");
    assert_eq!(smtp.mails(), Vec::<Value>::new());

    smtp.start();
    all_sent(&site).await;
    worker.end().await;
    let told = mail(&smtp, "lab@example.org", &format!("Access request {} for AB001 was allowed", ids[0]));
    let id: String =
        one(&mut owner, "select payload->>'event_id' from exeat.outbox where topic = 'access.allowed'").await;
    assert_eq!(told["id"], format!("<{id}.requester@tre.example>"));
    let text = told["text"].as_str().unwrap();
    for line in ["> Welcome.", "> .", "> Subject: not a header", "> \\u{1b}[31m{login}\\u{202e}"] {
        assert!(text.lines().any(|has| has == line), "{line}: {text}");
    }
    assert!(text.contains("Access until: 20") && text.contains("Dataset: Heart\\r\\nBcc: thief@example.org"), "{text}");
    let denied = mail(&smtp, "lab@example.org", "was denied");
    assert!(denied["text"].as_str().unwrap().lines().any(|line| line == "> No vote of the board"), "{denied}");
    assert!(denied["text"].as_str().unwrap().contains("Dataset: Lungs {note}"), "filled in once: {denied}");
    mail(&smtp, "lab@example.org", "AB001 was revoked");
    mail(&smtp, "lab@example.org", &format!("Access request {} for AB002 was sent", ids[1]));
    for to in ["stewards@example.org", "dac@example.org"] {
        mail(&smtp, to, &format!("Access request {} for AB002", ids[1]));
    }
    for mail in smtp.mails() {
        assert!(!mail.to_string().contains("only-among-stewards"), "{mail}");
        assert_eq!((&mail["envelope_to"], &mail["type"]), (&json!([mail["to"]]), &json!("text/plain")), "{mail}");
        assert_eq!(mail["from"], "exeat@tre.example");
        let headers: BTreeSet<&str> = mail["headers"].as_array().unwrap().iter().filter_map(Value::as_str).collect();
        assert!(!headers.contains("bcc") && headers.contains("auto-submitted"), "{headers:?}");
        assert!(!mail["subject"].as_str().unwrap().contains("Heart"), "no stranger's word: {mail}");
    }
    // The answer never comes before what it answers.
    let subjects: Vec<String> = smtp
        .mails()
        .iter()
        .filter(|mail| mail["to"] == "lab@example.org")
        .map(|mail| mail["subject"].as_str().unwrap().to_owned())
        .collect();
    let at = |part: &str| subjects.iter().position(|subject| subject.contains(part)).unwrap();
    assert!(at("for AB001 was sent") < at("for AB001 was allowed"), "{subjects:?}");
    let open = "select count(*) from exeat.outbox where delivered_at is not null";
    assert_eq!(one::<i64>(&mut owner, open).await, 0, "the bus has not had them");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_worker_killed_before_it_marks_a_mail_sends_it_again_under_its_id() {
    let (mut site, mut smtp) = site().await;
    site.config.worker.lease_seconds = 4;
    smtp.start();
    smtp.silent(true);
    let request = asked(&site, "AB001", "lab@example.org").await;
    // The server has the mail and has not said so.
    let worker = Killed(site.process());
    until("a mail", || async { (!smtp.mails().is_empty()).then_some(()) }).await;
    drop(worker);
    assert_eq!(one::<i64>(&mut site.database.owner().await, WAITING).await, 3);
    done(&mut site.person("steward1").await, "deny_request", &[&request, "No"]).await;
    smtp.silent(false);
    let worker = Killed(site.process());
    all_sent(&site).await;
    drop(worker);
    let mails = smtp.mails();
    let ids: BTreeSet<&str> = mails.iter().filter_map(|mail| mail["id"].as_str()).collect();
    assert_eq!(ids.len(), 4, "{mails:?}");
    let first: Vec<&Value> = mails.iter().filter(|mail| mail["id"] == mails[0]["id"]).collect();
    assert!(first.len() >= 2 && first.iter().all(|mail| *mail == first[0]), "twice and the same: {mails:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_refused_address_waits_by_itself_and_those_in_charge_read_why() {
    let (site, mut smtp) = site().await;
    smtp.start();
    let worker = site.start();
    let refused = asked(&site, "AB001", "refused@example.org").await;
    let fine = asked(&site, "AB002", "lab@example.org").await;
    let mut steward = site.person("steward1").await;
    for id in [&refused, &fine] {
        done(&mut steward, "deny_request", &[id, "No"]).await;
    }
    let left = || async { (one::<i64>(&mut site.database.owner().await, WAITING).await == 2).then_some(()) };
    until("the others' mails", left).await;
    mail(&smtp, "lab@example.org", "was denied");
    let again =
        "select max(attempt) >= 3 and min(attempt) = 0 from exeat.deliveries where address = 'refused@example.org'";
    until("more tries, the later mail behind the first", || async {
        one::<bool>(&mut site.database.owner().await, again).await.then_some(())
    })
    .await;
    worker.end().await;
    let why = "select coalesce((select waiting || ' ' || last_error from exeat.deliveries_waiting() where channel = 'mail'), 'nothing')";
    let told: String = one(&mut steward, why).await;
    assert!(told.starts_with("2 ") && told.contains("nobody here has that name"), "{told}");
    assert_eq!(one::<String>(&mut site.person("researcher1").await, why).await, "nothing");
}
