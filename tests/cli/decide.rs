//! approve, reject, request-changes, comment, claim, withdraw, undo, recall, restore.

use serde_json::{Value, json};

use crate::support::desk::{Desk, desk, text};

fn ids(item: &Value) -> (String, String) {
    (text(&item["id"]), text(&item["sha256"]))
}

/// The exit code and the refusal's code.
fn refused(desk: &Desk, login: &str, args: &[&str]) -> (i32, String) {
    let ran = desk.run(login, &[args, &["--json"]].concat());
    (ran.exit, ran.code())
}

#[test]
fn approving_needs_the_sha256_one_looked_at() {
    let desk = desk();
    let (id, sha) = ids(&desk.file());
    let other = "0".repeat(64);
    assert_eq!(
        refused(desk, "checker1", &["egress", "approve", &id, "--destination", "trusted"]),
        (6, "sha_missing".into())
    );
    let wrong = ["egress", "approve", &id, "--destination", "trusted", "--sha256", &other];
    assert_eq!(refused(desk, "checker1", &wrong), (6, "sha_differs".into()));
    let plain = desk.run("checker1", &wrong);
    assert!(plain.exit == 6 && plain.out.is_empty() && plain.err.trim_end().lines().count() == 1, "{plain:?}");
    let right = ["egress", "approve", &id, "--destination", "trusted", "--sha256", &sha, "--unseen", "1"];
    let done = desk.json("checker1", &right);
    assert_eq!((&done["results"][0]["id"], &done["results"][0]["ok"]), (&Value::from(id.as_str()), &Value::from(true)));
    // Twice is once.
    desk.json("checker1", &right);
    let case = &desk.item("checker1", &id)["destinations"]["trusted"];
    assert_eq!((case["count"].as_i64(), case["by"].to_string()), (Some(1), "[\"checker1\"]".to_owned()));
}

#[test]
fn who_may_not_is_told_why() {
    let desk = desk();
    let (id, sha) = ids(&desk.file());
    let vote = ["egress", "approve", &id, "--destination", "trusted", "--sha256", &sha, "--unseen", "1"];
    assert_eq!(refused(desk, "researcher1", &vote), (5, "not_checker".into()));
    // checker3 is a researcher of heart too: may not vote on what they submitted.
    let own = desk.submit("checker3", "heart", "trusted", &(crate::support::desk::unique("own") + ".txt"), b"mine");
    let (own, own_sha) = ids(&own);
    let vote = ["egress", "approve", &own, "--destination", "trusted", "--sha256", &own_sha, "--unseen", "1"];
    assert_eq!(refused(desk, "checker3", &vote), (5, "own_submission".into()));
    for command in ["reject", "request-changes"] {
        let bare = ["egress", command, &id, "--destination", "trusted", "--sha256", &sha];
        assert_eq!(refused(desk, "checker1", &bare), (2, "reason_required".into()), "{command}");
    }
    let mars = ["egress", "approve", &id, "--destination", "mars", "--sha256", &sha, "--unseen", "1"];
    assert_eq!(desk.run("checker1", &mars).exit, 5, "there is no such case");
}

#[test]
fn reject_and_request_changes_say_why() {
    let desk = desk();
    let (id, sha) = ids(&desk.file());
    let with = |command: &'static str, words: &'static str| {
        desk.json(
            "checker1",
            &[
                "egress",
                command,
                &id,
                "--destination",
                "trusted",
                "--sha256",
                &sha,
                "--unseen",
                "1",
                "--comment",
                words,
            ],
        )
    };
    with("approve", "good");
    let rejected = with("reject", "counts in row 2");
    assert!(text(&rejected["results"][0]["message"]).starts_with("Rejected with your reason"), "{rejected}");
    let view = &desk.item("checker2", &id)["destinations"]["trusted"];
    assert_eq!(view["count"], 0, "a rejection takes the approval back");
    assert_eq!(view["against"], json!(["checker1"]), "and the next checker sees it");
    let history = desk.run("checker2", &["egress", "history", &id]).out;
    for words in ["submitted it for trusted", "approved it for trusted", "rejected it for trusted", "counts in row 2"] {
        assert!(history.contains(words), "{words:?} in {history}");
    }
    with("request-changes", "round them");
    let item = desk.item("checker1", &id);
    assert_eq!(item["state"], "changes_requested");
    assert!(item["votes"].to_string().contains("round them"));
}

#[test]
fn several_ids_take_one_sha256_each_and_the_worst_exit_code_counts() {
    let desk = desk();
    let (one, one_sha) = ids(&desk.file());
    let (two, two_sha) = ids(&desk.file());
    let swapped = [
        "egress",
        "approve",
        &one,
        &two,
        "--destination",
        "trusted",
        "--sha256",
        &two_sha,
        "--unseen",
        "1",
        "--sha256",
        &one_sha,
    ];
    assert_eq!(desk.run("checker1", &swapped).exit, 6);
    let half = [
        "egress",
        "approve",
        &one,
        &two,
        "--destination",
        "trusted",
        "--sha256",
        &one_sha,
        "--sha256",
        &one_sha,
        "--unseen",
        "1",
        "--json",
    ];
    let ran = desk.run("checker1", &half);
    assert_eq!((ran.exit, ran.code().as_str()), (6, "sha_differs"));
    let results = &ran.json()["results"];
    assert_eq!((&results[0]["ok"], &results[1]["ok"]), (&Value::from(true), &Value::from(false)));
    let both = [
        "egress",
        "approve",
        &one,
        &two,
        "--destination",
        "trusted",
        "--sha256",
        &one_sha,
        "--sha256",
        &two_sha,
        "--unseen",
        "2",
    ];
    let ran = desk.run("checker2", &both);
    assert!(ran.exit == 0 && ran.out.lines().count() == 2 && ran.out.starts_with(&one), "one row each: {ran:?}");
}

#[test]
fn a_command_id_makes_a_retry_the_same_command() {
    let desk = desk();
    let (id, sha) = ids(&desk.file());
    let command = uuid::Uuid::new_v4().to_string();
    let vote = |comment: &str| {
        let args = [
            "egress",
            "approve",
            &id,
            "--destination",
            "trusted",
            "--sha256",
            &sha,
            "--unseen",
            "1",
            "--command-id",
            &command,
        ];
        desk.run("checker1", &[&args[..], &["--comment", comment, "--json"]].concat())
    };
    let first = vote("once");
    assert_eq!(first.exit, 0, "{first:?}");
    assert_eq!(first.json(), vote("once").json(), "the first answer again");
    let other = vote("another");
    assert_eq!((other.exit, other.code().as_str()), (6, "command_id_reused"));
    let history = desk.json("checker1", &["egress", "history", &id]);
    let done =
        history["items"].as_array().unwrap().iter().filter(|row| row["command"] == "cast_vote" && row["ok"] == true);
    assert_eq!(done.count(), 1, "carried out once");
}

#[test]
fn a_moved_row_is_a_conflict() {
    let desk = desk();
    let item = desk.file();
    let (id, sha) = ids(&item);
    let seen = item["row_version"].to_string();
    desk.json("checker2", &["egress", "approve", &id, "--destination", "trusted", "--sha256", &sha, "--unseen", "1"]);
    let late = [
        "egress",
        "approve",
        &id,
        "--destination",
        "trusted",
        "--sha256",
        &sha,
        "--unseen",
        "1",
        "--row-version",
        &seen,
    ];
    assert_eq!(refused(desk, "checker1", &late), (6, "changed".into()));
    let told = desk.run("checker1", &late).err;
    assert!(told.contains("checker2"), "who was first: {told}");
}

#[test]
fn comments_and_internal_notes_reach_whom_they_should() {
    let desk = desk();
    let (id, _) = ids(&desk.file());
    desk.json("checker1", &["egress", "comment", &id, "please round"]);
    desk.json("checker1", &["egress", "comment", &id, "looks like row level data", "--internal"]);
    desk.json("researcher1", &["egress", "comment", &id, "rounded"]);
    let checker = desk.item("checker2", &id)["comments"].to_string();
    let researcher = desk.item("researcher1", &id)["comments"].to_string();
    assert!(checker.contains("please round") && checker.contains("row level") && checker.contains("rounded"));
    assert!(researcher.contains("please round") && !researcher.contains("row level"));
    let internal = ["egress", "comment", &id, "x", "--internal"];
    assert_eq!(desk.run("researcher1", &internal).exit, 5);
    assert_eq!(desk.run("checker1", &["egress", "comment", &id, " "]).exit, 2, "nothing to say");
}

#[test]
fn claims_are_seen_by_the_others() {
    let desk = desk();
    let (id, _) = ids(&desk.file());
    desk.json("checker1", &["egress", "claim", &id]);
    assert_eq!(desk.item("checker2", &id)["claimed_by"], "checker1");
    assert_eq!(refused(desk, "checker2", &["egress", "claim", &id]), (6, "busy".into()));
    desk.json("checker1", &["egress", "unclaim", &id]);
    desk.json("checker2", &["egress", "claim", &id]);
    assert_eq!(desk.run("researcher1", &["egress", "claim", &id]).exit, 5);
}

#[test]
fn undo_and_withdraw_are_for_who_did_it() {
    let desk = desk();
    let (id, sha) = ids(&desk.file());
    let vote = ["egress", "approve", &id, "--destination", "trusted", "--sha256", &sha, "--unseen", "1"];
    assert_eq!(refused(desk, "checker1", &["egress", "undo", &id]), (5, "not_held".into()));
    desk.json("checker1", &vote);
    desk.json("checker1", &["egress", "undo", &id]);
    assert_eq!(desk.item("checker1", &id)["destinations"]["trusted"]["count"], 0);
    assert_eq!(refused(desk, "checker1", &["egress", "withdraw", &id]), (5, "not_submitter".into()));
    desk.json("researcher1", &["egress", "withdraw", &id]);
    assert_eq!(desk.item("checker1", &id)["state"], "withdrawn");
    assert_eq!(refused(desk, "checker1", &vote), (6, "not_pending".into()));
}

#[test]
fn a_release_can_be_recalled_and_restored_by_two() {
    let desk = desk();
    let (id, sha) = ids(&desk.released());
    assert_eq!(
        refused(
            desk,
            "checker1",
            &["egress", "approve", &id, "--destination", "trusted", "--sha256", &sha, "--unseen", "1"]
        ),
        (6, "released".into())
    );
    assert_eq!(refused(desk, "checker1", &["egress", "recall", &id]), (2, "reason_required".into()));
    desk.json("checker1", &["egress", "recall", &id, "--reason", "a name in row 3"]);
    let to = tempfile::tempdir().unwrap();
    let download = ["egress", "download", &id, "--to", to.path().to_str().unwrap()];
    assert_eq!(refused(desk, "researcher1", &download), (5, "recalled".into()));
    let restore = ["egress", "restore", &id, "--reason", "the name is a ward"];
    desk.json("checker1", &restore);
    assert_eq!(refused(desk, "checker1", &restore), (5, "second_person_needed".into()));
    desk.json("checker2", &restore);
    let again = desk.item("checker1", &id);
    assert_eq!((again["state"].as_str(), &again["destinations"]["trusted"]["count"]), (Some("pending"), &0.into()));
    for login in ["checker1", "checker2"] {
        desk.json(login, &["egress", "approve", &id, "--destination", "trusted", "--sha256", &sha, "--unseen", "1"]);
    }
    desk.wait_for("checker1", &id, "released");
    assert_eq!(desk.run("researcher1", &download).exit, 0);
}
