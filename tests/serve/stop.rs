//! A server that stops finishes what it sends, a killed one loses and doubles nothing, and with two servers on one database nothing depends on which answers.

use std::time::{Duration, Instant};

use reqwest::RequestBuilder;
use serde_json::json;
use sha2::{Digest as _, Sha256};
use tokio::net::TcpStream;
use uuid::Uuid;

use super::egress::Project;
use super::kit::{Credential, Served, served, told};
use crate::support::desk::{desk, text};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_stops_finishes_its_downloads_and_takes_nothing_new() {
    let (project, server) = (Project::new(), served().another(""));
    let body = ("0123456789abcdef".repeat(64) + "\n").repeat(12_000);
    let id = project.released("large.txt", &body).await;
    let mut answer = project.download_from(&server, &id, &json!({"max_file_size": 100_000_000})).send().await.unwrap();
    assert_eq!(answer.status(), 200);
    let mut got = answer.chunk().await.unwrap().unwrap().to_vec();
    server.stop();
    let begun = Instant::now();
    while TcpStream::connect(server.url.strip_prefix("http://").unwrap()).await.is_ok() {
        assert!(begun.elapsed() < Duration::from_secs(30), "it still listens");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    while let Some(piece) = answer.chunk().await.unwrap() {
        got.extend_from_slice(&piece);
    }
    assert_eq!(Sha256::digest(&got), Sha256::digest(&body));
    server.ended();
    let end = desk().psql(&format!("select bytes || ' ' || completed from exeat.downloads where version = {id}"));
    assert_eq!(end, format!("{} true", body.len()), "its end was journalled before the server ended");
}

/// A comment of checker1's, under an id.
fn say(server: &Served, file: &str, key: Uuid) -> RequestBuilder {
    let request = server.ask("POST", "/exeat/commands/add_comment?as=checker1");
    request.header("idempotency-key", key.to_string()).json(&json!({"version": file, "body": key.to_string()}))
}

/// How many comments a file has.
async fn said(server: &Served, file: &str) -> usize {
    let (_, facts) = told(server.ask("GET", &format!("/exeat/egress/{file}/facts?as=checker1"))).await;
    facts["comments"].as_array().unwrap().len()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_killed_server_was_in_the_middle_of_is_done_once() {
    let (one, other) = (served(), served().another(""));
    let file = text(&desk().file()["id"]);
    let keys: Vec<Uuid> = (0..30).map(|_| Uuid::new_v4()).collect();
    let sent: Vec<_> = keys.iter().map(|key| tokio::spawn(say(&other, &file, *key).send())).collect();
    // Some are answered, some are worked on and some have not come yet.
    while said(one, &file).await == 0 {}
    other.kill();
    let mut broken = 0;
    for answer in sent {
        broken += usize::from(answer.await.unwrap().is_err());
    }
    println!("{broken} of {} were broken off", keys.len());
    for key in &keys {
        assert_eq!(told(say(one, &file, *key)).await.0, 200);
    }
    assert_eq!(said(one, &file).await, keys.len());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_depends_on_which_server_answers() {
    let (one, other) = (served(), served().another(""));
    let file = text(&desk().file()["id"]);
    let key = Uuid::new_v4();
    let (first, again) = (told(say(one, &file, key)).await, told(say(&other, &file, key)).await);
    assert_eq!((first.0, &first), (200, &again), "sent again elsewhere it has the first answer");
    assert_eq!((said(one, &file).await, said(&other, &file).await), (1, 1));
    // A credential that was good at both, ended, is good at neither.
    let credential = one.credential(&["--for", "*", "--right", "exeat:read"]);
    let status =
        async |server: &Served, who: &Credential| told(server.ask_as(who, "GET", "/exeat/whoami?as=checker1")).await.0;
    assert_eq!((status(one, &credential).await, status(&other, &credential).await), (200, 200));
    desk().json("admin1", &["credentials", "end", &credential.name]);
    assert_eq!((status(one, &credential).await, status(&other, &credential).await), (401, 401));
}
