//! What a requester reads on the command line, in text and in JSON: never an internal note, never who decided.

use crate::support::desk::{desk, text};

const SECRET: &str = "only-among-stewards";

#[test]
fn no_command_tells_a_requester_what_stewards_say_among_themselves() {
    let desk = desk();
    let new = ["requests", "new", "--dataset", "GHGAD00020260000023", "--text", "A word that is mine: kestrel"];
    let ask = || text(&desk.json("researcher4", &new)["id"]);
    let (waits, denied, allowed) = (ask(), ask(), ask());
    for id in [&waits, &denied, &allowed] {
        desk.json("steward1", &["requests", "edit", id, "--internal-note", SECRET, "--note", "Hello from us"]);
        desk.json("steward1", &["requests", "comment", id, SECRET]);
        desk.json("steward1", &["requests", "claim", id]);
    }
    desk.json("steward1", &["requests", "deny", &denied, "--reason", "Hello, and no"]);
    desk.json("steward1", &["requests", "allow", &allowed]);
    let grant = text(&desk.json("steward1", &["requests", "show", &allowed])["grant"]);
    desk.json("steward1", &["grants", "revoke", &grant, "--class", "misuse", "--reason", SECRET]);
    let commands: Vec<Vec<&str>> = vec![
        vec!["requests", "list"],
        vec!["requests", "list", "kestrel", "--sort", "waits"],
        vec!["requests", "list", "is:mine"],
        vec!["requests", "list", SECRET],
        vec!["requests", "show", &waits],
        vec!["requests", "show", &denied],
        vec!["requests", "show", &allowed],
        vec!["requests", "history", &waits],
        vec!["requests", "history", &denied],
        vec!["requests", "history", &allowed],
        vec!["requests", "edit", &waits, "--internal-note", "mine"],
        vec!["requests", "allow", &waits],
        vec!["requests", "deny", &denied, "--reason", "mine"],
        vec!["requests", "claim", &waits],
        vec!["requests", "unclaim", &waits],
        vec!["requests", "comment", &waits, "mine"],
        vec!["grants", "list"],
        vec!["grants", "show", &grant],
        vec!["grants", "history", &grant],
        vec!["grants", "revoke", &grant, "--class", "ended", "--reason", "mine"],
        vec!["access", "check", "--person", "researcher4", "--dataset", "GHGAD00020260000023"],
        vec!["datasets", "list"],
        vec!["datasets", "show", "GHGAD00020260000023"],
        vec!["settings", "list"],
        vec!["people", "list"],
        vec!["people", "show", "researcher4"],
        vec!["journal", "show"],
        vec!["whoami"],
    ];
    let mut greeted = 0;
    for command in &commands {
        for json in [false, true] {
            let mut args = command.clone();
            args.extend(json.then_some("--json"));
            let ran = desk.run("researcher4", &args);
            let said = format!("{}{}", ran.out, ran.err);
            assert!(!said.is_empty(), "{args:?}");
            // The stewards' names are in no secret: a refusal says who may decide. That one of them did is.
            for never in [
                SECRET,
                "internal_note\":",
                "changed_by\":",
                "created_by\":",
                "revoked_by\":",
                "claimed_by\":",
                "misuse",
                "by steward",
                "\"actor\":\"steward",
            ] {
                assert!(!said.contains(never), "{never} in {args:?}: {said}");
            }
            greeted += usize::from(said.contains("Hello"));
        }
    }
    assert!(greeted >= 8, "the note to the requester is there: {greeted}");
    // The same for a steward where it is their own: steward2 is a requester in the sample.
    let own = desk.json("steward2", &["requests", "list", "by:steward2"]);
    let own = own["items"].as_array().unwrap();
    assert!(own.len() >= 5);
    assert!(own.iter().all(|item| item.get("internal_note").is_none() && item.get("changed_by").is_none()));
    // And what stewards read has all of it.
    let theirs = desk.run("steward2", &["requests", "show", &denied]);
    assert!(theirs.out.contains(SECRET) && theirs.out.contains("steward1"), "{}", theirs.out);
}
