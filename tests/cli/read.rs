//! list, show, preview, history, whoami, doctor.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::support::desk::{desk, text, unique};

#[test]
fn a_list_has_the_promised_shape() {
    let desk = desk();
    let list = desk.json("checker1", &["egress", "list"]);
    let items = list["items"].as_array().unwrap();
    assert!(items.len() >= 60, "the sample fills the first view");
    assert!(list["total"].as_u64().unwrap() >= 60);
    for item in items {
        for name in [
            "id",
            "row_version",
            "submission",
            "project",
            "key",
            "version_id",
            "etag",
            "sha256",
            "size",
            "media_type",
            "modified_at",
            "submitted_by",
            "purpose",
            "state",
            "destinations",
        ] {
            assert!(item.get(name).is_some(), "{name} is missing: {item}");
        }
        assert!(item["id"].is_string() && item["submission"].is_string() && item["row_version"].is_i64());
        for case in item["destinations"].as_object().unwrap().values() {
            for name in ["state", "required", "count", "by", "held_until", "why_not"] {
                assert!(case.get(name).is_some(), "{name} is missing: {case}");
            }
            let why = &case["why_not"];
            for command in [
                "approve", "reject", "changes", "undo", "withdraw", "comment", "claim", "download", "recall", "preview",
            ] {
                let why = why.get(command).unwrap_or_else(|| panic!("{command} is missing: {case}"));
                assert!(why.is_null() || (why["code"].is_string() && why["message"].is_string()), "{why}");
            }
        }
    }
    let times: Vec<String> = items.iter().map(|item| text(&item["submitted_at"])).collect();
    assert!(times.windows(2).all(|pair| pair[0] >= pair[1]), "newest first");
}

#[test]
fn pages_go_on_where_the_one_before_ended() {
    let desk = desk();
    // Only the sample's: other tests submit meanwhile.
    let query = ["egress", "list", "project:heart", "by:researcher2", "--sort", "key"];
    let all = desk.json("checker1", &query);
    let ids = |page: &Value| page["items"].as_array().unwrap().iter().map(|item| text(&item["id"])).collect::<Vec<_>>();
    let mut seen = Vec::new();
    let mut after: Option<String> = None;
    loop {
        let mut args = query.to_vec();
        args.extend(["--limit", "7"]);
        if let Some(after) = &after {
            args.extend(["--after", after]);
        }
        let page = desk.json("checker1", &args);
        assert!(ids(&page).len() <= 7);
        seen.extend(ids(&page));
        match &page["next"] {
            Value::Null => break,
            next => after = Some(text(next)),
        }
    }
    assert_eq!(seen, ids(&all));
    assert_eq!(seen.iter().collect::<BTreeSet<_>>().len(), seen.len());
    let keys: Vec<String> = all["items"].as_array().unwrap().iter().map(|item| text(&item["key"])).collect();
    assert!(keys.windows(2).all(|pair| pair[0].as_bytes() <= pair[1].as_bytes()), "in the order of the keys' bytes");
}

#[test]
fn filters_narrow_and_options_may_follow() {
    let desk = desk();
    let states = |args: &[&str]| -> BTreeSet<String> {
        desk.json("checker1", args)["items"].as_array().unwrap().iter().map(|item| text(&item["state"])).collect()
    };
    assert_eq!(states(&["egress", "list", "state:pending"]), BTreeSet::from(["pending".to_owned()]));
    let rest = states(&["egress", "list", "-state:pending", "-state:approved"]);
    assert!(!rest.is_empty() && !rest.contains("pending") && !rest.contains("approved"), "{rest:?}");
    let none = desk.json("checker1", &["egress", "list", "words", "nobody", "wrote", "anywhere"]);
    assert_eq!(
        (none["items"].as_array().unwrap().len(), &none["total"], &none["next"]),
        (0, &Value::from(0), &Value::Null)
    );
    let sizes: Vec<u64> = desk.json("checker1", &["egress", "list", "size>1K", "--sort", "-size"])["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|item| item["size"].as_u64().unwrap())
        .collect();
    assert!(
        !sizes.is_empty() && sizes.windows(2).all(|pair| pair[0] >= pair[1]) && sizes.iter().all(|size| *size > 1000)
    );
    // People see what is theirs to see and nothing of the rest.
    let theirs = desk.json("researcher1", &["egress", "list"]);
    let projects: BTreeSet<String> =
        theirs["items"].as_array().unwrap().iter().map(|item| text(&item["project"])).collect();
    let mine = desk.json("researcher1", &["whoami"]);
    let roles: BTreeSet<String> = mine["roles"].as_array().unwrap().iter().map(|role| text(&role["project"])).collect();
    assert!(projects.is_subset(&roles), "{projects:?} of {roles:?}");
}

#[test]
fn show_prints_one_item_and_the_same_no_for_unseen_and_unknown() {
    let desk = desk();
    let item = desk.file();
    let id = text(&item["id"]);
    let shown = desk.item("checker1", &id);
    assert_eq!((&shown["id"], &shown["sha256"], &shown["key"]), (&item["id"], &item["sha256"], &item["key"]));
    let plain = desk.run("checker1", &["egress", "show", &id]);
    assert!(plain.exit == 0 && plain.out.contains(&text(&item["sha256"])));
    let lungs = desk.json("checker1", &["egress", "list", "project:lungs", "--limit", "1"]);
    let unseen = text(&lungs["items"][0]["id"]);
    let who = "checker3"; // of heart only
    for command in ["show", "preview", "history", "claim", "withdraw", "undo"] {
        let there = desk.run(who, &["egress", command, &unseen, "--json"]);
        let nowhere = desk.run(who, &["egress", command, "999999999", "--json"]);
        assert_eq!((there.exit, nowhere.exit), (5, 5), "{there:?} {nowhere:?}");
        assert_eq!((there.code(), nowhere.code()), ("not_found".to_owned(), "not_found".to_owned()));
        assert_eq!(there.err.replace(&unseen, "N"), nowhere.err.replace("999999999", "N"));
    }
}

#[test]
fn a_finding_says_where_in_words_and_for_programs() {
    let name = unique("small") + ".csv";
    let item = desk().submit("researcher1", "heart", "trusted", &name, b"ward,n\nA,12\nB,3\n");
    let shown = desk().json("checker1", &["egress", "show", &text(&item["id"])]);
    let finding = &shown["findings"][0];
    assert_eq!(finding["place"], "row 2, column n", "{shown}");
    assert_eq!(finding["at"], json!({"in": "row", "row": 2, "column": "n"}), "{shown}");
}

#[test]
fn a_preview_shows_rows_and_says_what_was_read() {
    let desk = desk();
    let mut csv = String::from("ward,n\n");
    for n in 0..500 {
        csv.push_str(&format!("w{n},{}\n", 10 + n));
    }
    let item = desk.submit("researcher1", "heart", "trusted", &(unique("table") + ".csv"), csv.as_bytes());
    let id = text(&item["id"]);
    let page = desk.json("checker1", &["egress", "preview", &id, "--rows", "20"]);
    assert_eq!(page["sha256"], item["sha256"]);
    assert_eq!((page["total_bytes"].as_u64(), page["body"]["type"].as_str()), (Some(csv.len() as u64), Some("table")));
    assert_eq!(page["body"]["rows"].as_array().unwrap().len(), 20);
    let next = page["next"].as_u64().unwrap().to_string();
    let more = desk.json("checker1", &["egress", "preview", &id, "--rows", "20", "--byte", &next]);
    assert!(more["body"].to_string().contains("w20"), "{more}");
    let names = ["egress", "preview", &id, "--rows", "2", "--offset", "498"];
    let last = desk.json("checker1", &names);
    assert_eq!(last["body"]["rows"], json!([["w498", "508"], ["w499", "509"]]));
    assert_eq!((&last["body"]["columns"][0]["name"], &last["body"]["first_row"]), (&json!("ward"), &json!(499)));
    let past = desk.json("checker1", &["egress", "preview", &id, "--offset", "5000"]);
    assert_eq!(past["body"].get("rows").and_then(Value::as_array).map_or(0, Vec::len), 0, "{past}");
    let plain = desk.run("checker1", &["egress", "preview", &id]);
    assert!(plain.exit == 0 && plain.out.contains("w0") && plain.out.contains(&text(&item["sha256"])), "{plain:?}");
    assert!(plain.out.contains("columns: ward text; n number\n"), "{plain:?}");
    // Who is neither checker nor researcher of the project may not look; that somebody looked is in the history.
    assert_eq!(desk.run("steward1", &["egress", "preview", &id]).exit, 5);
    let history = desk.json("checker1", &["egress", "history", &id]);
    assert!(
        history["items"]
            .as_array()
            .unwrap()
            .iter()
            .any(|row| row["command"] == "ask_ticket" && row["actor"] == "checker1")
    );
}

#[test]
fn hostile_names_are_shown_visibly_and_escaped_in_json() {
    let desk = desk();
    let name = format!("{}\u{1b}]52;c;x\u{7}\u{202e}\u{200b}\nend", unique("evil"));
    let item = desk.submit("researcher1", "heart", "trusted", &name, b"\x1b[2J text \x9b31m\n");
    assert_eq!(text(&item["key"]), name, "JSON carries the true string");
    let id = text(&item["id"]);
    for args in [
        &["egress", "show", &id][..],
        &["egress", "list", &format!("id:{id}")],
        &["egress", "preview", &id],
        &["egress", "history", &id],
    ] {
        let ran = desk.run("checker1", args);
        assert_eq!(ran.exit, 0, "{ran:?}");
        for bad in ['\u{1b}', '\u{7}', '\u{202e}', '\u{200b}', '\u{9b}'] {
            assert!(!ran.out.contains(bad) && !ran.err.contains(bad), "{bad:?} in {ran:?}");
        }
    }
}

#[test]
fn whoami_and_doctor_say_who_and_how() {
    let desk = desk();
    let me = desk.json("checker1", &["whoami"]);
    assert_eq!(me["login"], "checker1");
    let doctor = desk.json("checker1", &["doctor"]);
    let findings = doctor["findings"].as_array().unwrap();
    assert!(findings.len() >= 10 && findings.iter().all(|found| found["ok"] == true), "{doctor}");
    // A global option may stand before the command too.
    let config = desk.config.to_str().unwrap();
    let out = std::process::Command::new(crate::support::desk::EXEAT)
        .args(["--as", "auditor1", "--config", config, "whoami", "--json"])
        .output()
        .unwrap();
    assert!(String::from_utf8(out.stdout).unwrap().contains("auditor1"));
}
