//! `exeat local up|status|down` with the real program: everything comes up, everything killed is recovered, nothing stays.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use exeat::local::desk::Desk;
use exeat::local::processes;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use serde_json::Value;

struct Local {
    _above: tempfile::TempDir,
    dir: PathBuf,
}

impl Local {
    fn new() -> Self {
        let above = tempfile::tempdir().unwrap();
        let dir = above.path().join("desk");
        Self { _above: above, dir }
    }

    fn run(&self, args: &[&str]) -> Output {
        Command::new(env!("CARGO_BIN_EXE_exeat")).args(args).arg("--dir").arg(&self.dir).output().unwrap()
    }

    fn up(&self) -> Value {
        let done = self.run(&["local", "up", "--json"]);
        assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
        serde_json::from_slice(&done.stdout).unwrap()
    }

    fn status(&self) -> Value {
        serde_json::from_slice(&self.run(&["local", "status", "--json"]).stdout).unwrap()
    }

    fn down(&self) {
        let done = self.run(&["local", "down"]);
        assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    }
}

impl Drop for Local {
    fn drop(&mut self) {
        self.run(&["local", "down"]);
    }
}

fn pid(status: &Value, name: &str) -> Pid {
    Pid::from_raw(i32::try_from(status["processes"][name].as_i64().unwrap()).unwrap())
}

/// Processes of the desk or working in its folder, those of PostgreSQL included.
fn left(dir: &Path) -> Vec<u32> {
    let data = dir.join("postgres");
    let numbers =
        std::fs::read_dir("/proc").unwrap().flatten().filter_map(|entry| entry.file_name().to_str()?.parse().ok());
    let works = numbers.filter(|pid: &u32| std::fs::read_link(format!("/proc/{pid}/cwd")).is_ok_and(|cwd| cwd == data));
    processes::of(dir).into_iter().chain(works).collect()
}

#[test]
fn comes_up_twice_and_goes_down_leaving_nothing() {
    let local = Local::new();
    assert_eq!(local.run(&["local", "status"]).status.code(), Some(7));
    let first = local.up();
    assert_eq!(first["running"], true);
    let second = local.up();
    assert_eq!(first["processes"], second["processes"], "a desk that runs is left alone");
    for name in ["config.toml", "worker.toml", "signing.key", "store/keys.json"] {
        use std::os::unix::fs::MetadataExt;
        assert_eq!(std::fs::metadata(local.dir.join(name)).unwrap().mode() & 0o777, 0o600, "{name}");
    }
    let config = std::fs::read_to_string(local.dir.join("config.toml")).unwrap();
    let keys = Desk::at(&local.dir).unwrap().store_keys().unwrap();
    assert!(!config.contains(&keys.worker.secret_access_key), "people hold no keys");
    let kept = std::fs::read(local.dir.join("signing.key")).unwrap();
    local.down();
    assert!(left(&local.dir).is_empty());
    assert_eq!(local.status()["running"], false);
    local.down();
    let third = local.up();
    assert_eq!(third["endpoint"], first["endpoint"], "the address stays");
    assert_eq!(std::fs::read(local.dir.join("signing.key")).unwrap(), kept, "the signing key is made once");
}

#[test]
fn recovers_from_kill_nine_of_anything() {
    let local = Local::new();
    let mut status = local.up();
    for name in ["supervisor", "postgres", "store", "worker"] {
        kill(pid(&status, name), Signal::SIGKILL).unwrap();
        let after = local.up();
        assert_eq!(after["running"], true, "{name}");
        assert_ne!(pid(&after, name), pid(&status, name), "{name} was started anew");
        status = after;
    }
    for name in ["supervisor", "postgres", "store", "worker"] {
        kill(pid(&status, name), Signal::SIGKILL).unwrap();
    }
    status = local.up();
    assert_eq!(status["running"], true, "all at once");
    kill(pid(&status, "supervisor"), Signal::SIGKILL).unwrap();
    local.down();
    assert!(left(&local.dir).is_empty(), "down ends what a killed supervisor left");
}

#[test]
fn the_supervisor_alone_mends_what_dies() {
    let local = Local::new();
    let status = local.up();
    for name in ["store", "postgres", "worker"] {
        kill(pid(&status, name), Signal::SIGKILL).unwrap();
    }
    let begun = Instant::now();
    while local.status()["running"] != true || pid(&local.status(), "worker") == pid(&status, "worker") {
        assert!(begun.elapsed() < Duration::from_mins(1), "{}", local.status());
        std::thread::sleep(Duration::from_millis(50));
    }
    assert_eq!(pid(&local.status(), "supervisor"), pid(&status, "supervisor"));
}

#[test]
fn several_at_once_share_one_desk() {
    let local = Local::new();
    let statuses: Vec<Value> = std::thread::scope(|scope| {
        let ups: Vec<_> = (0..4).map(|_| scope.spawn(|| local.up())).collect();
        ups.into_iter().map(|up| up.join().unwrap()).collect()
    });
    assert!(statuses.iter().all(|status| status["processes"]["supervisor"] == statuses[0]["processes"]["supervisor"]));
}

#[test]
fn says_what_is_wrong_with_the_folder() {
    let long = PathBuf::from(format!("/tmp/{}", "d".repeat(90)));
    let done = Command::new(env!("CARGO_BIN_EXE_exeat")).args(["local", "up", "--dir"]).arg(&long).output().unwrap();
    assert!(String::from_utf8_lossy(&done.stderr).contains("shorter --dir"));
    assert!(!done.status.success());
    assert!(!long.exists(), "nothing is made where nothing can run");
}

/// Every write the store has answered is there after kill -9, whole, and half-written ones leave no file.
#[tokio::test(flavor = "multi_thread")]
async fn the_store_keeps_what_it_answered() {
    let local = Local::new();
    let status = local.up();
    let store = Desk::at(&local.dir).unwrap().loader().unwrap();
    let killed = Arc::new(AtomicBool::new(false));
    let mut writers = tokio::task::JoinSet::new();
    for writer in 0..4_u8 {
        let (store, killed) = (store.clone(), killed.clone());
        writers.spawn(async move {
            let mut answered = Vec::new();
            for n in 0_u32.. {
                let key = format!("heart/{writer}/{n}");
                let put = store.put_object().bucket("candidates").key(&key).body(key.repeat(500).into_bytes().into());
                // Once: the first failure is the kill, and a retry would find the store that came after it.
                let once = aws_sdk_s3::config::retry::RetryConfig::disabled();
                let once = aws_sdk_s3::config::Config::builder().retry_config(once);
                match put.customize().config_override(once).send().await {
                    Ok(_) if !killed.load(Ordering::Relaxed) => answered.push(key),
                    _ => return answered,
                }
            }
            answered
        });
    }
    tokio::time::sleep(Duration::from_millis(700)).await;
    kill(pid(&status, "store"), Signal::SIGKILL).unwrap();
    killed.store(true, Ordering::Relaxed);
    let answered: Vec<String> = writers.join_all().await.into_iter().flatten().collect();
    assert!(!answered.is_empty(), "nothing was written before the kill");
    local.up();
    let store = Desk::at(&local.dir).unwrap().loader().unwrap();
    for key in &answered {
        let got = store.get_object().bucket("candidates").key(key).send().await.unwrap();
        assert_eq!(got.body.collect().await.unwrap().to_vec(), key.repeat(500).into_bytes(), "{key}");
    }
    let mut listed = 0;
    let mut pages = store.list_objects_v2().bucket("candidates").into_paginator().send();
    while let Some(page) = pages.next().await {
        listed += page.unwrap().contents().len();
    }
    let folders = std::fs::read_dir(local.dir.join("store/content")).unwrap();
    let files: usize = folders.map(|folder| std::fs::read_dir(folder.unwrap().path()).unwrap().count()).sum();
    assert_eq!(files, listed, "one file an object, none without");
    assert!((answered.len()..=answered.len() + 4).contains(&listed), "only an unanswered write may be there too");
}
