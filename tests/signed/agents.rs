//! The session's agent in every state a person meets, real ones and false ones: one sentence each, and nothing is sent.

use std::ffi::OsString;
use std::time::Duration;

use exeat::domain::vote::VoteKind;
use exeat::service::ServiceError;
use uuid::Uuid;

use super::{file, person, registered, signatures, vote};
use crate::support::pg::{Database, done};
use crate::support::ssh::{FalseAgent, Key, SshAgent};

/// Code and sentence of an approval that could not be signed.
async fn told(database: &Database, version: i64, socket: Option<OsString>) -> (String, String) {
    let order = vec![(Uuid::new_v4(), vote(version, "a.csv", VoteKind::Approve))];
    let signed = person(database, "checker1").sign_with(order, socket, Duration::from_millis(300)).await;
    match signed.unwrap_err() {
        ServiceError::Refused(refusal) => (refusal.code, refusal.message),
        other => panic!("{other:?}"),
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_state_of_an_agent_has_its_sentence() {
    let database = Database::fresh().await;
    signatures(&database, "required").await;
    let version = file(&database, "a.csv").await;
    let (key, other) = (Key::new("ed25519"), Key::new("ed25519"));
    let number = registered(&database, "checker1", &key).await;
    let agent = SshAgent::with(&key);
    let good = person(&database, "checker1");
    let order = vec![(Uuid::new_v4(), vote(version, "a.csv", VoteKind::Approve))];
    good.sign_with(order, Some(agent.socket()), Duration::from_mins(1)).await.unwrap();

    let says = |told: (String, String), code: &str, words: &str| {
        assert!(told.0 == code && told.1.contains(words), "{code}: {told:?}");
    };
    says(told(&database, version, None).await, "no_agent", "has no SSH agent");
    says(told(&database, version, Some(OsString::new())).await, "no_agent", "has no SSH agent");
    says(told(&database, version, Some("/nowhere/agent".into())).await, "agent_gone", "is gone (/nowhere/agent");
    let gone = SshAgent::start();
    let socket = gone.socket();
    drop(gone);
    says(told(&database, version, Some(socket)).await, "agent_gone", "Connect anew");
    let empty = SshAgent::start();
    says(told(&database, version, Some(empty.socket())).await, "agent_empty", "locked or empty");
    agent.lock();
    says(told(&database, version, Some(agent.socket())).await, "agent_empty", "ssh-add -X");
    let strange = SshAgent::with(&other);
    says(told(&database, version, Some(strange.socket())).await, "key_missing", &key.fingerprint());
    // Confirmed by a person who says no; bound to a host.
    let asking = SshAgent::start();
    asking.add(&key, &["-c"]);
    says(told(&database, version, Some(asking.socket())).await, "agent_refused", "declined");
    done(&mut database.connect("checker1").await, "add_key", &[&other.public()]).await;
    says(told(&database, version, Some(strange.socket())).await, "key_unconfirmed", "waits for an administrator");
    done(&mut database.connect("checker1").await, "end_key", &[&number.to_string()]).await;
    let ended = SshAgent::with(&key);
    says(told(&database, version, Some(ended.socket())).await, "key_ended", "ended at");
    let nothing = SshAgent::with(&Key::new("ed25519"));
    says(told(&database, version, Some(nothing.socket())).await, "key_missing", "no key that signs votes");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_key_bound_to_hosts_refuses_and_says_so() {
    let database = Database::fresh().await;
    signatures(&database, "required").await;
    let version = file(&database, "a.csv").await;
    let (key, host) = (Key::new("ed25519"), Key::new("ed25519"));
    registered(&database, "checker1", &key).await;
    let agent = SshAgent::start();
    let known = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(known.path(), format!("tre.example {}\n", host.public())).unwrap();
    agent.add(&key, &["-H", known.path().to_str().unwrap(), "-h", "tre.example"]);
    let (code, sentence) = told(&database, version, Some(agent.socket())).await;
    assert!(code == "agent_refused" && sentence.contains("bound to certain hosts (ssh-add -h)"), "{sentence}");
}

fn framed(body: &[u8]) -> Vec<u8> {
    [&u32::try_from(body.len()).unwrap().to_be_bytes(), body].concat()
}

/// The answer that lists one key.
fn lists(key: &Key) -> Vec<u8> {
    use base64::Engine as _;
    let public = key.public();
    let blob = base64::engine::general_purpose::STANDARD.decode(public.split(' ').nth(1).unwrap()).unwrap();
    framed(&[b"\x0c\0\0\0\x01", &framed(&blob)[..], &framed(b"")].concat())
}

/// A signature of the right form, over nothing of ours.
fn signature(kind: &[u8], bytes: &[u8]) -> Vec<u8> {
    framed(&[b"\x0e", &framed(&[framed(kind), framed(bytes)].concat())[..]].concat())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn agents_that_hang_and_lie_end_in_a_sentence() {
    let database = Database::fresh().await;
    signatures(&database, "required").await;
    let version = file(&database, "a.csv").await;
    let key = Key::new("ed25519");
    registered(&database, "checker1", &key).await;
    let listed = lists(&key);
    let answers: Vec<(&str, Box<dyn Fn(&[u8]) -> Option<Vec<u8>> + Send>)> = vec![
        ("agent_silent", Box::new(|_| None)),
        (
            "agent_silent",
            Box::new({
                let listed = listed.clone();
                move |asked| (asked[0] == 11).then(|| listed.clone())
            }),
        ),
        ("agent_wrong", Box::new(|_| Some(vec![0, 0, 0, 0]))),
        ("agent_wrong", Box::new(|_| Some(vec![255; 4]))),
        ("agent_wrong", Box::new(|_| Some(framed(b"\x05")))),
        ("agent_wrong", Box::new(|_| Some(framed(b"\x0c\xff\xff\xff\xff")))),
        ("agent_wrong", Box::new(|_| Some(framed(b"\x0c\0\0\0\x01\xff\xff\xff\xff")))),
        ("agent_gone", Box::new(|_| Some(vec![0, 0, 0, 9, 12]))),
        ("agent_refused", both(&listed, framed(b"\x05"))),
        ("agent_wrong", both(&listed, framed(b"\x0e"))),
        ("agent_wrong", both(&listed, signature(b"ssh-ed25519", &[7; 64]))),
        ("agent_wrong", both(&listed, signature(b"ssh-ed25519", b""))),
        ("agent_wrong", both(&listed, signature(b"ssh-rsa", &[7; 384]))),
        ("agent_wrong", both(&listed, signature(b"sk-ssh-ed25519@openssh.com", &[7; 64]))),
    ];
    for (n, (code, answer)) in answers.into_iter().enumerate() {
        let agent = FalseAgent::start(answer);
        let said = told(&database, version, Some(agent.socket())).await;
        assert_eq!(said.0, code, "{n}: {said:?}");
    }
}

fn both(listed: &[u8], signed: Vec<u8>) -> Box<dyn Fn(&[u8]) -> Option<Vec<u8>> + Send> {
    let listed = listed.to_vec();
    Box::new(move |asked| Some(if asked[0] == 11 { listed.clone() } else { signed.clone() }))
}

/// Wanted is not required: the vote goes out, and why it is not signed is said. So does an objection.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_only_wanted_goes_out_unsigned_and_says_so() {
    let database = Database::fresh().await;
    let version = file(&database, "a.csv").await;
    let service = person(&database, "checker1");
    for (word, kind, note) in [
        ("off", VoteKind::Approve, false),
        ("wanted", VoteKind::Approve, true),
        ("wanted", VoteKind::Changes, true),
        ("required", VoteKind::Reject, true),
    ] {
        signatures(&database, word).await;
        let order = vec![(Uuid::new_v4(), vote(version, "a.csv", kind))];
        let signed = service.sign_with(order, None, Duration::from_secs(1)).await.unwrap();
        assert_eq!(signed.unsigned.is_some_and(|why| why.contains("no SSH agent")), note, "{word} {kind}");
        let (id, command) = &signed.orders[0];
        assert!(service.carry_out(*id, command).await.unwrap().ok, "{word} {kind}");
    }
}
