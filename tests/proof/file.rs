//! An export on another machine, with the heads and the public key alone; and entries that were received, against their seals.

use std::path::{Path, PathBuf};

use exeat::config::{Config, DatabaseConfig, JournalConfig};
use exeat::domain::verify::{BadEntry, Fault, Proof, Verified};
use exeat::service::{Checked, JournalFilter, Service, exported, verify_file};
use exeat::worker::SigningKey;
use exeat::worker::release::Progress;
use serde_json::json;
use sqlx::AssertSqlSafe;

use crate::support::s3::local;
use crate::worker::site::Site;

/// A site with a release, and an auditor who knows the worker's key.
pub(super) async fn site() -> (Site, Service, JournalConfig) {
    let site = Site::new(local(), false).await;
    let version = site.submit("t.csv", "a,10\n").await;
    site.approve(version, "a,10\n").await;
    assert_eq!(site.carry_through().await, Progress::Released);
    let key = SigningKey::read(&site.config.worker.signing_key).unwrap().public_key();
    let journal =
        JournalConfig { heads: site.config.worker.heads.clone(), public_key: Some(key), ..JournalConfig::default() };
    let mut config = Config::default();
    config.database = DatabaseConfig { user: Some("auditor1".into()), ..site.config.database.clone() };
    config.journal = JournalConfig { heads: None, ..journal.clone() };
    let auditor = Service::open(config, None).unwrap();
    let worker = site.start();
    auditor.verify_journal(None).await.unwrap().unwrap();
    worker.end().await;
    (site, auditor, journal)
}

/// As `journal export` writes it.
async fn export(auditor: &Service, folder: &Path) -> PathBuf {
    let mut lines: Vec<String> = auditor.sealed(0).await.unwrap().iter().map(|row| exported(row).to_string()).collect();
    lines.extend(auditor.heads().await.unwrap().iter().map(|head| json!({"head": head}).to_string()));
    let file = folder.join("export.jsonl");
    std::fs::write(&file, lines.join("\n") + "\n").unwrap();
    file
}

fn proved(file: &Path, journal: &JournalConfig) -> Result<Verified, BadEntry> {
    verify_file(file, journal).unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_export_is_proved_without_the_database() {
    let (site, auditor, journal) = Box::pin(site()).await;
    let file = export(&auditor, site.folder.path()).await;
    drop(auditor);
    let verified = proved(&file, &journal).unwrap();
    assert!(matches!(verified.proof, Proof::OutsideHeads(_)) && verified.releases.earned == 1, "{verified:?}");
    let stored = JournalConfig { heads: None, ..journal.clone() };
    assert!(matches!(proved(&file, &stored).unwrap().proof, Proof::StoredHeads(_)));
    assert_eq!(proved(&file, &JournalConfig::default()).unwrap().proof, Proof::Chain);

    let text = std::fs::read_to_string(&file).unwrap();
    let lines: Vec<&str> = text.lines().collect();
    let entries = lines.iter().filter(|line| !line.starts_with("{\"head\"")).count();
    let vote = lines.iter().position(|line| line.contains("cast_vote")).unwrap();
    let without = |gone: usize| lines.iter().enumerate().filter(|(n, _)| *n != gone).map(|(_, line)| *line).collect();
    let changed = |from: &str, to: &str| lines.iter().map(|line| line.replace(from, to)).collect::<Vec<_>>();
    let changed = changed("checker2", "checker4");
    let cut = lines.iter().enumerate().filter(|(n, _)| *n < entries - 3).map(|(_, line)| *line).collect();
    for (what, lines, fault) in [
        ("changed", changed.iter().map(String::as_str).collect(), Fault::Changed),
        ("a vote taken out", without(vote), Fault::SealGone),
        ("its end cut off", cut, Fault::Cut),
        ("a line that is none", vec!["{}"], Fault::Changed),
    ] {
        let lines: Vec<&str> = lines;
        std::fs::write(&file, lines.join("\n") + "\n").unwrap();
        let bad = proved(&file, &journal).unwrap_err();
        assert_eq!(bad.fault, fault, "{what}: {bad}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_received_is_held_against_its_seal() {
    let (site, auditor, _) = Box::pin(site()).await;
    let received = async || auditor.journal(&JournalFilter::default(), 0, 1_000).await.unwrap();
    let rows = received().await;
    let checked = auditor.check_received(&rows).await.unwrap();
    assert!(rows.len() > 20 && checked.iter().all(|checked| *checked == Checked::Head), "{checked:?}");
    // One that was written since waits for its seal.
    let id = site.version("t.csv").await.unwrap().to_string();
    crate::support::pg::call(&mut site.person("checker1").await, "claim", &[&id]).await;
    let rows = received().await;
    assert_eq!(auditor.check_received(&rows).await.unwrap().last(), Some(&Checked::NotYet));
    // A view in place of a table, a filter of rows, a changed function: what comes is not what is sealed.
    let mut forged = rows.clone();
    forged[7].command = "other".into();
    forged[9].seq = forged[8].seq;
    let checked = auditor.check_received(&forged).await.unwrap();
    let wrong: Vec<usize> = (0..forged.len()).filter(|n| checked[*n] == Checked::No).collect();
    assert!(wrong.contains(&7) && wrong.iter().all(|n| [7, 8, 9].contains(n)), "{wrong:?}");
    // The row changed where it lies: its whole stretch up to the next head cannot be shown to be what was sealed.
    let sql = format!(
        "set session_replication_role = replica; update exeat.journal set sentence = 'x' where id = {}",
        rows[7].id
    );
    sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut site.database.owner().await).await.unwrap();
    let rows = received().await;
    assert_eq!(auditor.check_received(&rows).await.unwrap()[7], Checked::No);
    // Others read their own rows, and no seals to hold them against.
    let mut config = Config::default();
    config.database = DatabaseConfig { user: Some("checker1".into()), ..site.config.database.clone() };
    let checker = Service::open(config, None).unwrap();
    let own = checker.journal(&JournalFilter::default(), 0, 10).await.unwrap();
    assert!(checker.check_received(&own).await.unwrap().iter().all(|checked| *checked == Checked::Unknown));
}
