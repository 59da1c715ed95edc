//! A local desk with a server: brought up with it, mended by the supervisor, gone with the desk.

use std::time::{Duration, Instant};

use serde_json::Value;

use super::kit::Credential;
use crate::support::desk::{Desk, EXEAT, text};

async fn answers(address: &str, credential: &Credential, me: &str) {
    let begun = Instant::now();
    loop {
        let ask = reqwest::Client::new().get(format!("{address}/exeat/whoami?as={me}"));
        let ask = ask.basic_auth(&credential.name, Some(&credential.secret));
        if ask.send().await.is_ok_and(|answer| answer.status() == 200) {
            return;
        }
        assert!(begun.elapsed() < Duration::from_secs(30), "it never answered");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_local_desk_serves_and_is_mended() {
    let desk = Desk::up(false);
    let me = nix::unistd::User::from_uid(nix::unistd::Uid::current()).unwrap().unwrap().name;
    let up = || {
        let out = std::process::Command::new(EXEAT)
            .args(["local", "up", "--serve", "--json", "--dir"])
            .arg(&desk.dir)
            .output()
            .unwrap();
        assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
        serde_json::from_slice::<Value>(&out.stdout).unwrap()
    };
    let address = text(&up()["http"]);
    let credential = Credential::add(&desk, &me, "gateway", &["--for", "*", "--right", "exeat:read"]);
    answers(&address, &credential, &me).await;
    assert_eq!(text(&up()["http"]), address, "it stays where it was");
    // Killed, it comes back at its address.
    let pid = desk_pid(&desk);
    std::process::Command::new("kill").args(["-9", &pid.to_string()]).status().unwrap();
    let begun = Instant::now();
    while desk_pid(&desk) == pid || desk_pid(&desk) == 0 {
        assert!(begun.elapsed() < Duration::from_secs(30), "it was not started again");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    answers(&address, &credential, &me).await;
    let status = std::process::Command::new(EXEAT).args(["local", "status", "--dir"]).arg(&desk.dir).output().unwrap();
    assert!(String::from_utf8_lossy(&status.stdout).contains("http "), "{status:?}");
}

fn desk_pid(desk: &Desk) -> u64 {
    let state: Value = serde_json::from_slice(&std::fs::read(desk.dir.join("run/state.json")).unwrap()).unwrap();
    state["serve"].as_u64().unwrap_or(0)
}
