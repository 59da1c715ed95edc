//! `exeat local up --sample` with the real program: what its people find there, through the program too.

use std::path::PathBuf;
use std::process::Command;

use exeat::local::desk::Desk;
use serde_json::Value;

struct Sample {
    _above: tempfile::TempDir,
    dir: PathBuf,
}

impl Sample {
    fn up() -> Self {
        let above = tempfile::tempdir().unwrap();
        let sample = Self { dir: above.path().join("desk"), _above: above };
        sample.bring_up();
        sample
    }

    fn bring_up(&self) {
        let done = exeat().args(["local", "up", "--sample", "--dir"]).arg(&self.dir).output().unwrap();
        assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    }

    /// What the program answers a person.
    fn ask(&self, login: &str, args: &[&str]) -> Value {
        let config = self.dir.join("config.toml");
        let done = exeat().args(args).args(["--json", "--as", login, "--config"]).arg(config).output().unwrap();
        assert!(done.status.success(), "{args:?}: {}", String::from_utf8_lossy(&done.stderr));
        serde_json::from_slice(&done.stdout).unwrap()
    }

    fn list(&self, login: &str, filter: &str) -> Vec<Value> {
        let answer = self.ask(login, &["egress", "list", "--limit", "500", filter]);
        answer["items"].as_array().unwrap().clone()
    }
}

impl Drop for Sample {
    fn drop(&mut self) {
        exeat().args(["local", "down", "--dir"]).arg(&self.dir).output().unwrap();
    }
}

fn exeat() -> Command {
    Command::new(env!("CARGO_BIN_EXE_exeat"))
}

fn days(item: &Value) -> i64 {
    let since: chrono::DateTime<chrono::Utc> = item["submitted_at"].as_str().unwrap().parse().unwrap();
    (chrono::Utc::now() - since).num_days()
}

#[test]
fn the_sample_shows_every_state_to_those_who_may_see_it() {
    let sample = Sample::up();
    let first_view = sample.list("checker1", "is:mine");
    assert!(first_view.len() >= 60, "{} rows", first_view.len());
    for item in &first_view {
        let open = item["destinations"].as_object().unwrap().values();
        let mut votable = open.filter(|case| case["state"] == "pending" && case["why_not"]["approve"].is_null());
        assert!(votable.next().is_some(), "{item}");
    }
    assert_eq!(first_view.iter().map(days).max(), Some(5), "something waits for days");
    assert_eq!(first_view.iter().map(days).min(), Some(0), "something has just come");

    for (state, least) in [
        ("released", 4),
        ("recalled", 1),
        ("changes_requested", 3),
        ("withdrawn", 2),
        ("superseded", 1),
        ("altered", 1),
    ] {
        let found = sample.list("checker1", &format!("state:{state}")).len();
        assert!(found >= least, "{found} {state}");
    }
    let half = |item: &&Value| {
        item["destinations"]["trusted"]["count"] == 1 && item["destinations"]["trusted"]["required"] == 2
    };
    assert!(first_view.iter().filter(half).count() >= 5, "one of two");
    assert!(first_view.iter().any(|item| item["destinations"]["world"]["count"] == 2), "two of three");
    assert!(first_view.iter().any(|item| item["claimed_by"] == "checker2"));
    assert!(first_view.iter().any(|item| item["submitted_by"].is_null()), "unannounced");

    // checker3 is a researcher of heart too: what nobody announced is not theirs to decide, and lungs does not exist.
    let heart = sample.list("checker3", "state:pending");
    assert!(heart.iter().all(|item| item["project"] == "heart"));
    let unknown = heart.iter().find(|item| item["submitted_by"].is_null()).unwrap();
    assert_eq!(unknown["destinations"]["trusted"]["why_not"]["approve"]["code"], "was_researcher");

    // The times of the files were moved; the journal is as it was written, and whole.
    let verified = sample.ask("auditor1", &["journal", "verify"]);
    assert!(verified["count"].as_u64().unwrap() > 150, "{verified}");

    // Once is enough.
    sample.bring_up();
    assert_eq!(sample.list("checker1", "is:mine").len(), first_view.len());
    assert!(Desk::at(&sample.dir).unwrap().is_supervised());
}
