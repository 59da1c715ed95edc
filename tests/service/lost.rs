//! A connection lost at any moment: the call is tried again under the same command id and counts once.

use std::sync::Arc;

use exeat::domain::command::Command;
use exeat::domain::egress::{EgressItem, VersionId};
use exeat::domain::item::Item as _;
use exeat::domain::vote::VoteKind;
use uuid::Uuid;

use super::changes::service;
use crate::support::desk::{desk, text};

fn vote(version: VersionId, sha256: &str) -> Command {
    Command::CastVote {
        version,
        destination: Some("trusted".to_owned()),
        kind: VoteKind::Approve,
        sha256: Some(sha256.to_owned()),
        comment: None,
        seen_row_version: None,
        coverage: None,
    }
}

#[tokio::test]
async fn a_call_after_the_connection_was_cut_goes_through() {
    let desk = desk();
    let service = service("auditor1");
    for _ in 0..5 {
        service.count(EgressItem::AREA, &serde_json::json!({})).await.unwrap();
        desk.psql("select pg_terminate_backend(pid) from pg_stat_activity where usename = 'auditor1'");
    }
    service.whoami().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn votes_count_once_while_connections_are_cut() {
    let desk = desk();
    let item = desk.file();
    let (id, sha) = (text(&item["id"]).parse::<VersionId>().unwrap(), text(&item["sha256"]));
    // A person of its own, so that nobody else's sessions are cut.
    let login = crate::support::desk::unique("cut");
    desk.json("admin1", &["people", "add", &login, "--name", "Cut Often"]);
    desk.json("admin1", &["people", "grant", &login, "checker", "--project", "heart"]);
    let service = service(&login);
    let stop = Arc::new(std::sync::atomic::AtomicBool::new(false));
    let cutter = std::thread::spawn({
        let (stop, login) = (Arc::clone(&stop), login.clone());
        move || {
            while !stop.load(std::sync::atomic::Ordering::Relaxed) {
                desk.psql(&format!("select pg_terminate_backend(pid) from pg_stat_activity where usename = '{login}'"));
            }
        }
    });
    let mut done = 0;
    for n in 0..20 {
        let undo = Command::UndoVote { version: id, destination: Some("trusted".to_owned()) };
        let (command, request) = (Uuid::new_v4(), if n % 2 == 0 { vote(id, &sha) } else { undo });
        // Cut twice in one call it says so; the person tries again, under the same id.
        let answer = loop {
            if let Ok(answer) = service.carry_out(command, &request).await {
                break answer;
            }
        };
        assert!(answer.ok, "{n}: {answer:?}");
        done += 1;
    }
    stop.store(true, std::sync::atomic::Ordering::Relaxed);
    cutter.join().unwrap();
    let history = service.facts_of::<EgressItem>(id.0).await.unwrap().history;
    let carried_out = history.iter().filter(|row| row.ok && ["cast_vote", "undo_vote"].contains(&row.command.as_str()));
    assert_eq!(carried_out.count(), done, "each once");
    assert_eq!(service.one::<EgressItem>(id.0).await.unwrap().destinations["trusted"].count, 0, "the last was an undo");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_same_command_from_many_sides_is_one() {
    let desk = desk();
    let item = desk.file();
    let (id, sha) = (text(&item["id"]).parse::<VersionId>().unwrap(), text(&item["sha256"]));
    let (command, request) = (Uuid::new_v4(), vote(id, &sha));
    let calls = (0..8).map(|_| {
        let request = request.clone();
        tokio::spawn(async move { service("checker2").carry_out(command, &request).await.unwrap() })
    });
    let answers = futures::future::join_all(calls).await;
    for answer in answers {
        let answer = answer.unwrap();
        assert!(answer.ok || answer.code == "busy", "{answer:?}");
    }
    let item = service("checker2").one::<EgressItem>(id.0).await.unwrap();
    assert_eq!((item.destinations["trusted"].count, item.destinations["trusted"].by.len()), (1, 1));
}
