//! Signed votes on the command line: keys registered and confirmed, the session's agent asked, and what stays for `ssh-keygen`.

use serde_json::Value;

use crate::support::desk::{Desk, Ran, text};
use crate::support::ssh::{Key, SshAgent, verifies};

/// The program as a person whose session has this agent, or none.
fn run(desk: &Desk, login: &str, agent: Option<&SshAgent>, args: &[&str]) -> Ran {
    let mut command = desk.command(login, args);
    match agent {
        Some(agent) => command.env("SSH_AUTH_SOCK", agent.socket()),
        None => command.env_remove("SSH_AUTH_SOCK"),
    };
    Ran::of(&command.output().unwrap(), args)
}

#[test]
fn two_people_sign_and_ssh_keygen_alone_proves_their_votes() {
    let desk = Desk::up(true);
    desk.json("admin1", &["policies", "set", "heart", "trusted", "--signatures", "required"]);
    let shown = desk.json("admin1", &["policies", "show", "heart"]);
    let active = shown["items"].as_array().or(shown["policies"].as_array()).unwrap().iter();
    assert!(active.clone().any(|row| row["state"] == "active" && row["signatures"] == "required"), "{shown}");
    let keys = [Key::new("ed25519"), Key::new("ecdsa -b 256")];
    let item = desk.file();
    let (id, sha) = (text(&item["id"]), text(&item["sha256"]));
    let vote = [
        "egress",
        "approve",
        &id,
        "--destination",
        "trusted",
        "--sha256",
        &sha,
        "--unseen",
        "1",
        "--comment",
        "I looked",
        "--json",
    ];
    let none = run(&desk, "checker1", None, &vote);
    assert_eq!((none.exit, none.code().as_str()), (5, "no_agent"), "{none:?}");
    for (n, key) in keys.iter().enumerate() {
        let login = format!("checker{}", n + 1);
        let agent = SshAgent::with(key);
        let early = run(&desk, &login, Some(&agent), &vote);
        assert_eq!((early.exit, early.code().as_str()), (5, "key_missing"), "{early:?}");
        let private = desk.run(&login, &["people", "key", "add", key.file().to_str().unwrap(), "--json"]);
        assert_eq!(private.exit, 2, "{private:?}");
        let made = desk.json(&login, &["people", "key", "add", key.public_file().to_str().unwrap()]);
        let number = made["data"]["key"].to_string();
        let unconfirmed = run(&desk, &login, Some(&agent), &vote);
        assert_eq!(unconfirmed.code(), "key_unconfirmed", "{unconfirmed:?}");
        desk.json("admin1", &["people", "key", "confirm", &number, &key.fingerprint()]);
        let listed = desk.json(&login, &["people", "key", "list"]);
        let one = &listed["items"][0];
        assert_eq!(
            (&one["key"], &one["login"], &one["confirmed_by"]),
            (&number.into(), &login.as_str().into(), &"admin1".into())
        );
        let done = run(&desk, &login, Some(&agent), &vote);
        assert_eq!(done.exit, 0, "{done:?}");
    }
    desk.wait_for("checker1", &id, "released");
    let history = desk.json("checker1", &["egress", "history", &id]);
    let votes: Vec<&Value> = history["items"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|event| event["command"] == "cast_vote" && event["ok"] == true)
        .collect();
    assert_eq!(votes.len(), 2, "{history}");
    for (key, event) in keys.iter().zip(votes) {
        let login = text(&event["actor"]);
        let (signed, signature) = (text(&event["detail"]["signed"]), text(&event["detail"]["signature"]));
        assert!(verifies(&format!("{login} {}\n", key.public()), &login, &signed, &signature), "{event}");
        assert!(signed.contains(&format!(" sha256={sha} ")) && signed.contains(&format!(" version={id} ")), "{signed}");
    }
    let told = desk.run("checker1", &["egress", "history", &id]);
    assert!(told.out.contains("looked at the signature of a vote for trusted"), "{told:?}");
    // The key ends; it signs nothing any more.
    let agent = SshAgent::with(&keys[0]);
    let number = text(&desk.json("checker1", &["people", "key", "list"])["items"][0]["key"]);
    desk.json("checker1", &["people", "key", "end", &number]);
    let other = desk.file();
    let (id, sha) = (text(&other["id"]), text(&other["sha256"]));
    let vote = ["egress", "approve", &id, "--destination", "trusted", "--sha256", &sha, "--unseen", "1", "--json"];
    assert_eq!(run(&desk, "checker1", Some(&agent), &vote).code(), "key_ended");
}
