//! Whose heads count: a key that hands over, one that is lost, a backup that was restored; with the real worker and its files.

use exeat::config::{Config, DatabaseConfig, JournalConfig};
use exeat::domain::verify::{BadEntry, Fault, Proof, Verified};
use exeat::service::Service;
use exeat::worker::release::Progress;
use exeat::worker::{SigningKey, change_key};

use super::file::site;
use crate::support::pg::{call, done, one};
use crate::worker::site::Site;

/// Proves as somebody who keeps the heads and the first public key outside.
fn auditor(site: &Site, journal: &JournalConfig) -> Service {
    let database = DatabaseConfig { user: Some("auditor1".into()), ..site.config.database.clone() };
    Service::open(Config { database, journal: journal.clone(), ..Config::default() }, None).unwrap()
}

async fn proved(site: &Site, journal: &JournalConfig) -> Result<Verified, BadEntry> {
    let worker = site.start();
    let proved = auditor(site, journal).verify_journal(None).await.unwrap();
    worker.end().await;
    proved
}

/// One more release, of the worker as it is configured now.
async fn released(site: &Site, key: &str) {
    let version = site.submit(key, "a,10\n").await;
    site.approve(version, "a,10\n").await;
    assert_eq!(site.carry_through().await, Progress::Released);
}

/// Whoever may write every table, triggers or not.
async fn superuser(site: &Site, sql: &str) {
    let sql = format!("begin; set local session_replication_role = replica; {sql}; commit");
    sqlx::raw_sql(sqlx::AssertSqlSafe(sql)).execute(&mut site.database.owner().await).await.unwrap();
}

/// What two administrators say; the configuration of who takes their word for it.
async fn renewed(site: &Site, journal: &JournalConfig, why: &str, key: &str) -> JournalConfig {
    let mut first = site.person("admin1").await;
    let renewal = done(&mut first, "renew_proof", &[why, key, "so it is"]).await["renewal"].to_string();
    assert_eq!(call(&mut first, "confirm_renewal", &[&renewal]).await.code, "second_person_needed");
    done(&mut site.person("admin2").await, "confirm_renewal", &[&renewal]).await;
    // Who can write the journal can write this too: it changes nothing until the reader takes their word.
    let bad = proved(site, journal).await.unwrap_err();
    assert!(bad.sentence.contains("admin1 and admin2 said in entry"), "{bad}");
    JournalConfig { renewals: vec![renewal.parse().unwrap()], ..journal.clone() }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_key_hands_over_to_another_and_both_are_proved_with_the_first() {
    let (mut site, _, journal) = Box::pin(site()).await;
    let file = site.folder.path().join("new.key");
    let new = change_key(&site.config, &file).await.unwrap();
    site.config.worker.signing_key = file;
    released(&site, "after.csv").await;
    let verified = proved(&site, &journal).await.unwrap();
    let shown = auditor(&site, &journal);
    let rows = shown.journal(&exeat::service::JournalFilter::default(), 0, 1_000).await.unwrap();
    let checked = shown.check_received(&rows).await.unwrap();
    assert!(checked.iter().all(|checked| *checked == exeat::service::Checked::Head), "{checked:?}");
    assert!(matches!(verified.proof, Proof::OutsideHeads(n) if n == verified.entries), "{verified:?}");
    assert_eq!((verified.releases.earned, verified.notes.as_slice()), (2, &[][..]));
    // Who knows the new key alone is told of the old one's heads, which later ones cover.
    let verified = proved(&site, &JournalConfig { public_key: Some(new), ..journal }).await.unwrap();
    assert!(verified.notes[0].contains("are not signed with the worker's key"), "{:?}", verified.notes);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_key_that_nobody_handed_over_to_proves_nothing() {
    let (mut site, _, journal) = Box::pin(site()).await;
    let file = site.folder.path().join("foreign.key");
    let foreign = SigningKey::create(&file).unwrap().public_key();
    // A superuser writes the entry too; the signature is what they do not have.
    let old = journal.public_key.clone().unwrap();
    let hand = format!("select exeat.change_key('{old}', '{foreign}', '{}')", "ab".repeat(64));
    one::<()>(&mut site.person(crate::support::pg::WORKER).await, &hand).await;
    site.config.worker.signing_key = file;
    let bad = proved(&site, &journal).await.unwrap_err();
    assert_eq!(bad.fault, Fault::ForgedHead, "{bad}");
    // Nor does a forged head hide an edit.
    superuser(
        &site,
        "update exeat.journal set sentence = 'edited' where id = (select journal_id from exeat.seals where seq = 9)",
    )
    .await;
    let bad = proved(&site, &journal).await.unwrap_err();
    assert_eq!((bad.fault, bad.seq), (Fault::Changed, 9), "{bad}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn where_a_key_is_lost_two_administrators_put_another_in_its_place() {
    let (mut site, _, journal) = Box::pin(site()).await;
    let file = site.folder.path().join("new.key");
    let new = SigningKey::create(&file).unwrap().public_key();
    site.config.worker.signing_key = file;
    done(&mut site.person("admin1").await, "add_person", &["later1", "Later"]).await;
    assert_eq!(proved(&site, &journal).await.unwrap_err().fault, Fault::ForgedHead);
    let journal = renewed(&site, &journal, "lost_key", &new).await;
    released(&site, "after.csv").await;
    let verified = proved(&site, &journal).await.unwrap();
    let words = "the proof rests on admin1 and admin2, who said in entry";
    assert!(verified.notes[0].contains(words) && verified.notes[0].contains(&new), "{:?}", verified.notes);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_restored_backup_is_proved_on_the_word_of_two_administrators() {
    let (site, _, journal) = Box::pin(site()).await;
    let mut owner = site.database.owner().await;
    for login in ["new1", "new2", "new3", "new4"] {
        done(&mut site.person("admin1").await, "add_person", &[login, "New"]).await;
        proved(&site, &journal).await.unwrap();
    }
    let kept: i64 = one(&mut owner, "select max(seq) - 4 from exeat.seals").await;
    // The database as it was four entries ago, and what people did since.
    superuser(
        &site,
        &format!(
            "delete from exeat.heads where seq > {kept};
         delete from exeat.journal where id in (select journal_id from exeat.seals where seq > {kept});
         delete from exeat.seals where seq > {kept}"
        ),
    )
    .await;
    done(&mut site.person("admin1").await, "add_person", &["later1", "Later"]).await;
    let bad = proved(&site, &journal).await.unwrap_err();
    assert!(matches!(bad.fault, Fault::Cut | Fault::Rewritten), "{bad}");
    let journal = renewed(&site, &journal, "restored", "null").await;
    let verified = proved(&site, &journal).await.unwrap_or_else(|bad| panic!("{bad}; {:?}", bad.more));
    let from = format!("From entry {} on the proof rests on admin1 and admin2", kept + 1);
    assert!(verified.notes[0].starts_with(&from) && verified.notes[0].contains("a backup"), "{:?}", verified.notes);
    // What is rewritten after that is found as before.
    let last: i64 = one(&mut owner, "select max(seq) from exeat.seals").await;
    superuser(
        &site,
        &format!(
            "delete from exeat.heads where seq >= {last};
         delete from exeat.journal where id in (select journal_id from exeat.seals where seq = {last});
         delete from exeat.seals where seq = {last}"
        ),
    )
    .await;
    done(&mut site.person("admin1").await, "add_person", &["later2", "Later"]).await;
    let bad = proved(&site, &journal).await.unwrap_err();
    assert!(matches!(bad.fault, Fault::Cut | Fault::Rewritten), "{bad}");
}
