//! `exeat doctor --worker`: what the worker needs and what its store lets through, on each store.

use std::fs::{Permissions, set_permissions, write};
use std::os::unix::fs::PermissionsExt as _;
use std::process::Command;

use exeat::objects::Location;
use serde_json::Value;
use sqlx::AssertSqlSafe;

use super::site::Site;
use crate::support::desk::{EXEAT, Ran, text};
use crate::support::s3::{Who, local, moto, seaweed};
use crate::support::smtp::Smtp;

pub fn doctor(site: &Site) -> Ran {
    let file = site.folder.path().join("doctor.toml");
    write(&file, site.config.to_toml().unwrap()).unwrap();
    set_permissions(&file, Permissions::from_mode(0o600)).unwrap();
    let args = ["doctor", "--worker", "--json", "--config"];
    Ran::of(&Command::new(EXEAT).args(args).arg(file).output().unwrap(), &args)
}

/// Level and sentence of every finding of a name.
fn found(ran: &Ran, what: &str) -> Vec<(String, String)> {
    let findings = ran.json()["findings"].clone();
    let of = |found: &&Value| found["what"] == what;
    let told = |found: &Value| (text(&found["level"]), text(&found["message"]));
    let found: Vec<_> = findings.as_array().unwrap().iter().filter(of).map(told).collect();
    assert!(found.iter().all(|(_, sentence)| sentence.ends_with('.')), "{found:?}");
    found
}

pub fn assert_one(ran: &Ran, what: &str, level: &str, part: &str) {
    let all = found(ran, what);
    assert!(matches!(all.as_slice(), [(l, s)] if l == level && s.contains(part)), "{what}: {all:?} in {ran:?}");
}

#[tokio::test]
async fn a_worker_that_can_work_is_found_well() {
    for s3 in [seaweed(), local(), moto()] {
        let site = Site::new(s3, true).await;
        let ran = doctor(&site);
        for (what, part) in [
            ("configuration", "is right"),
            ("signing key", "It can sign"),
            ("heads", "heads.jsonl can be written"),
            ("database", "answers exeat_worker_login at"),
            ("schema", "which is the one this exeat needs"),
            ("staging", "a place of its own"),
        ] {
            assert_one(&ran, what, "ok", part);
        }
        let buckets = found(&ran, "bucket");
        assert!(buckets.len() == 3 && buckets.iter().all(|(level, _)| level == "ok"), "{}: {buckets:?}", s3.name);
        // The store is judged by what it does.
        if s3.name == "moto" {
            assert_eq!(ran.exit, 1, "{ran:?}");
            assert_one(&ran, "tickets", "wrong", "Put a proxy before it");
            assert_one(&ran, "bytes", "note", "intake hashes what lies there");
        } else {
            assert_eq!(ran.exit, 0, "{}: {ran:?}", s3.name);
            assert_one(&ran, "tickets", "ok", "refuses what is added");
            assert_one(&ran, "bytes", "ok", "refuses other bytes");
        }
        let store = s3.store(Who::Worker).await;
        let left = store.list(&Location::new(&site.buckets.staging, ""), None).await.unwrap();
        assert!(left.entries.is_empty(), "{}: {left:?}", s3.name);
        assert!(!site.folder.path().join("heads.jsonl").exists(), "looking makes no file");
    }
}

#[tokio::test]
async fn servers_messages_leave_to_are_asked_and_get_none() {
    let mut site = Site::new(local(), true).await;
    let mut smtp = Smtp::down();
    site.config.mail = Some(smtp.config());
    let ran = doctor(&site);
    assert_one(&ran, "mail", "wrong", "see whether it runs, or correct [mail]");
    assert_eq!(ran.exit, 7, "{ran:?}");
    smtp.start();
    let ran = doctor(&site);
    assert_one(&ran, "mail", "ok", "The server in [mail] answers the worker");
    assert_eq!((ran.exit, smtp.mails().len()), (0, 0), "{ran:?}");
    site.config.mail = None;
    let ran = doctor(&site);
    assert_one(&ran, "mail", "note", "Without [mail] in the worker's configuration mails are kept");
    assert_eq!(ran.exit, 0, "a site may have none: {ran:?}");
}

#[tokio::test]
async fn what_the_worker_lacks_is_named_with_what_to_do() {
    let mut site = Site::new(local(), false).await;
    let ran = doctor(&site);
    let buckets = found(&ran, "bucket");
    let notes = buckets.iter().filter(|(level, sentence)| level == "note" && sentence.contains("keeps no versions"));
    assert_eq!((ran.exit, notes.count()), (0, 2), "staging needs none: {buckets:?}");

    // Heart's releases would lie in the folder others read as all of theirs; lungs and a third share one place.
    let sql = format!(
        "update exeat.projects set shared_prefix = case name when 'heart' then 'out/heart/' else 'out/' end;
         insert into exeat.projects (name, title, bucket, prefix, shared_bucket, shared_prefix, opened_at)
         values ('third', 'Third', '{}', 'third/', '{}', 'out/', now())",
        site.buckets.candidates, site.buckets.shared
    );
    sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut site.database.owner().await).await.unwrap();
    let ran = doctor(&site);
    let nested = found(&ran, "shared places");
    let [(level, sentence)] = nested.as_slice() else { panic!("{ran:?}") };
    assert!(level == "note" && sentence.matches("/out/heart/ in ").count() == 2, "{sentence}");
    assert_eq!(sentence.matches("'s s3://").count(), 4, "equal ones are fine: {sentence}");

    site.config.worker.s3.staging = format!("s3://{}/out/", site.buckets.shared);
    let ran = doctor(&site);
    assert_one(&ran, "staging", "wrong", "overlaps the shared location");
    assert_eq!(ran.exit, 3, "{ran:?}");
    site.config.worker.s3.staging = "s3://no-such-bucket/".into();
    site.config.worker.heads = Some("/nonexistent/heads.jsonl".into());
    let ran = doctor(&site);
    assert!(found(&ran, "bucket").iter().any(|(level, said)| level == "wrong" && said.contains("no-such-bucket")));
    assert!(found(&ran, "tickets").is_empty(), "nothing is tried where it cannot be");
    assert_one(&ran, "heads", "wrong", "correct heads in [worker]");
    site.config.worker.s3.endpoint = Some("http://127.0.0.1:9".into());
    site.config.database.host = "/nonexistent".into();
    let ran = doctor(&site);
    assert_one(&ran, "database", "wrong", "does not answer");
    assert_eq!(ran.exit, 7, "{ran:?}");

    let bare = Command::new(EXEAT).args(["doctor", "--worker"]).env_remove("EXEAT_CONFIG").output().unwrap();
    let ran = Ran::of(&bare, &[]);
    assert!(ran.exit == 2 && ran.err.contains("--config worker.toml"), "{ran:?}");
}
