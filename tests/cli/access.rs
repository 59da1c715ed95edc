//! requests, grants, access check, datasets, people sync, settings: the real program on a local desk with the sample.

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};

use crate::support::desk::{Desk, desk, text, unique};

/// The day so many days from now, so that no test ages.
fn day(days: i64) -> String {
    (Utc::now() + TimeDelta::days(days)).format("%Y-%m-%d").to_string()
}

/// The exit code and the refusal's code.
fn refused(desk: &Desk, login: &str, args: &[&str]) -> (i32, String) {
    let ran = desk.run(login, &[args, &["--json"]].concat());
    (ran.exit, ran.code())
}

/// The sample's datasets, and none that another test adds.
fn datasets(desk: &Desk) -> Vec<String> {
    let list = desk.json("researcher1", &["datasets", "list", "GHGAD"]);
    list["items"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|item| item["removed"] == false)
        .map(|item| text(&item["accession"]))
        .collect()
}

/// A new request of a person for a dataset; its id.
fn asked(desk: &Desk, login: &str, dataset: &str) -> String {
    let made = desk.json(login, &["requests", "new", "--dataset", dataset, "--text", "For a test"]);
    assert_eq!(made["row_version"], 1);
    text(&made["id"])
}

#[test]
fn the_sample_has_every_state_and_the_list_its_shape() {
    let desk = desk();
    // An auditor's requests are nobody's here: a steward's own one would lack what requesters never see.
    let list = desk.json("auditor1", &["requests", "list", "--limit", "7"]);
    assert_eq!(list["items"].as_array().unwrap().len(), 7);
    assert!(list["total"].as_u64().unwrap() >= 60, "{}", list["total"]);
    let item = &list["items"][0];
    for name in [
        "id",
        "user_id",
        "iva_id",
        "dataset_id",
        "dataset_title",
        "dataset_description",
        "dac_alias",
        "dac_email",
        "email",
        "request_text",
        "access_starts",
        "access_ends",
        "full_user_name",
        "request_created",
        "status",
        "status_changed",
        "changed_by",
        "ticket_id",
        "internal_note",
        "note_to_requester",
        "login",
        "row_version",
        "why_not",
        "grant",
        "claimed_by",
    ] {
        assert!(item.get(name).is_some(), "{name} in {item}");
    }
    // Page by page, each row once, the newest first.
    let mut seen = Vec::new();
    let mut next = Value::Null;
    loop {
        let mut args = vec!["requests", "list", "--limit", "25"];
        let after = next.as_str().unwrap_or_default().to_owned();
        if !after.is_empty() {
            args.extend(["--after", &after]);
        }
        let page = desk.json("auditor1", &args);
        seen.extend(page["items"].as_array().unwrap().iter().map(|item| {
            let created: DateTime<Utc> = text(&item["request_created"]).parse().unwrap();
            (created, text(&item["id"]).parse::<i64>().unwrap())
        }));
        next = page["next"].clone();
        if next.is_null() {
            break;
        }
    }
    assert!(seen.len() >= 60);
    assert!(seen.windows(2).all(|pair| pair[0] > pair[1]), "{seen:?}");
    for status in ["pending", "allowed", "denied"] {
        let list = desk.json("steward1", &["requests", "list", &format!("status:{status}")]);
        let items = list["items"].as_array().unwrap();
        assert!(items.len() >= 5, "{status}: {}", items.len());
        assert!(items.iter().all(|item| item["status"] == status));
    }
    for state in ["active", "upcoming", "expired", "revoked"] {
        let list = desk.json("steward1", &["grants", "list", &format!("state:{state}")]);
        let items = list["items"].as_array().unwrap();
        assert!(items.len() >= 5, "{state}: {}", items.len());
        assert!(items.iter().all(|item| item["state"] == state));
    }
    // The states are apart and all of them are in the list that asks for none.
    let total = |query: &str| desk.json("steward1", &["grants", "list", query])["total"].as_u64().unwrap();
    assert!(total("state:expired,revoked") + total("state:active,upcoming") >= 80);
    assert!(desk.json("steward1", &["grants", "list"])["total"].as_u64().unwrap() >= 80);
    for query in
        ["is:overdue", "is:mine", "dac:DAC-HEART status:pending", "by:researcher3 created>2020-01-01", "age>20d"]
    {
        assert!(desk.json("steward1", &["requests", "list", query])["total"].as_u64().unwrap() > 0, "{query}");
    }
    for query in
        ["expiring<7d", "expiring<30d", "by:researcher1 state:active", "ends<2020-01-01 id:1", "starts<2099-01-01"]
    {
        let ran = desk.run("steward1", &["grants", "list", query, "--json"]);
        assert!(ran.exit == if query.starts_with("ends<") { 2 } else { 0 }, "{query}: {ran:?}");
    }
    // Hostile texts are written out for people and true in JSON, which is ASCII.
    let plain = desk.run("steward1", &["requests", "list", "--limit", "100"]);
    assert!(plain.out.contains("(no longer offered)"), "the dataset that is gone is marked");
    assert!(!plain.out.contains('\u{1b}') && !plain.out.contains('\u{202e}'));
    let large = desk.run("steward1", &["requests", "list", "Section protocol", "--json"]);
    assert!(large.out.is_ascii());
    let large = &large.json()["items"][0];
    assert!(
        large["request_text_length"].as_u64().unwrap() > 1_000_000
            && large["request_text"].as_str().unwrap().len() == 500
    );
    let whole = desk.json("steward1", &["requests", "show", &text(&large["id"])]);
    assert!(whole["request_text"].as_str().unwrap().len() > 1_000_000);
}

#[test]
fn a_request_is_asked_for_edited_allowed_checked_and_revoked() {
    let desk = desk();
    let dataset = &datasets(desk)[20];
    let id = asked(desk, "researcher6", dataset);
    let edit = |args: &[&str]| desk.json("steward1", &[&["requests", "edit", &id][..], args].concat());
    edit(&["--internal-note", "Among us", "--note", "To you", "--ticket", "T-1"]);
    let (start, later, longer) = (day(70), day(71), day(500));
    edit(&["--ticket", "", "--starts", &start]);
    let item = desk.json("steward1", &["requests", "show", &id]);
    assert_eq!(
        (&item["ticket_id"], &item["internal_note"], &item["access_starts"]),
        (&Value::Null, &json!("Among us"), &json!(start.clone() + "T00:00:00Z"))
    );
    // The requester's own view.
    let own = desk.json("researcher6", &["requests", "show", &id]);
    assert!(
        own.get("internal_note").is_none() && own.get("changed_by").is_none() && own.get("comments").is_none(),
        "{own}"
    );
    assert_eq!(own["note_to_requester"], "To you");
    // Others: as if it were not there.
    let (theirs, unknown) =
        (desk.run("researcher1", &["requests", "show", &id]), desk.run("researcher1", &["requests", "show", "987654"]));
    assert_eq!((theirs.exit, theirs.err.replace(&id, "X")), (5, unknown.err.replace("987654", "X")));
    assert_eq!(unknown.exit, 5);
    assert_eq!(refused(desk, "researcher6", &["requests", "allow", &id]), (5, "not_steward".into()));
    assert_eq!(refused(desk, "steward1", &["requests", "deny", &id]), (2, "reason_required".into()));
    assert_eq!(refused(desk, "steward2", &["requests", "allow", &id, "--row-version", "1"]), (6, "changed".into()));
    assert_eq!(desk.json("steward1", &["requests", "allow", &id])["results"][0]["ok"], true);
    desk.json("steward1", &["requests", "comment", &id, "One more word"]);
    let late = desk.run("steward2", &["requests", "deny", &id, "--reason", "No", "--json"]);
    assert_eq!((late.exit, late.code()), (6, "decided".into()));
    assert!(late.err.contains("Access request has already been processed: steward1 allowed it at"), "{}", late.err);
    let grant = text(&desk.json("steward1", &["requests", "show", &id])["grant"]);
    let given = desk.json("researcher6", &["grants", "show", &grant]);
    for name in [
        "id",
        "user_id",
        "iva_id",
        "dataset_id",
        "created",
        "valid_from",
        "valid_until",
        "user_name",
        "user_email",
        "user_title",
        "dataset_title",
        "dac_alias",
        "dac_email",
        "state",
    ] {
        assert!(given.get(name).is_some(), "{name} in {given}");
    }
    assert!(given.get("created_by").is_none());
    let check = |at: &[&str]| {
        desk.json("steward2", &[&["access", "check", "--person", "researcher6", "--dataset", dataset][..], at].concat())
    };
    let now = check(&[]);
    let then = check(&["--at", &later]);
    assert_eq!(then["access"], true, "{then}");
    assert!(then["grants"].as_array().unwrap().contains(&json!(grant)));
    assert_eq!(then.as_object().unwrap().keys().collect::<Vec<_>>(), ["access", "until", "why_not", "grants"]);
    if now["access"] == false {
        assert_eq!(now["why_not"]["code"], "upcoming");
    }
    let amended = desk.json("steward2", &["grants", "amend", &grant, "--until", &longer, "--reason", "Longer"]);
    assert_eq!(amended["results"][0]["ok"], true);
    assert_eq!(desk.json("researcher6", &["grants", "show", &grant])["valid_until"], longer + "T23:59:59.999999Z");
    assert_eq!(desk.run("steward2", &["grants", "revoke", &grant, "--class", "bored", "--reason", "x"]).exit, 2);
    assert_eq!(
        refused(desk, "steward2", &["grants", "revoke", &grant, "--class", "ended"]),
        (2, "reason_required".into())
    );
    let revoked = desk.json("steward2", &["grants", "revoke", &grant, "--class", "ended", "--reason", "Over"]);
    let remaining = &revoked["results"][0]["data"]["remaining"];
    let checked = check(&[]);
    assert_eq!((&remaining["access"], &remaining["grants"]), (&checked["access"], &checked["grants"]));
    for who in ["steward1", "researcher6"] {
        let history = desk.json(who, &["requests", "history", &id]).to_string();
        assert_eq!(history.contains("Among us"), who == "steward1", "{history}");
        assert_eq!(history.contains("\"steward1\""), who == "steward1", "{history}");
        assert!(desk.json(who, &["grants", "history", &grant])["items"].as_array().unwrap().len() >= 3);
    }
}

#[test]
fn several_ids_are_one_result_each_and_the_worst_exit_code() {
    let desk = desk();
    let dataset = &datasets(desk)[21];
    let (first, second, own) =
        (asked(desk, "researcher5", dataset), asked(desk, "researcher5", dataset), asked(desk, "steward1", dataset));
    desk.json("steward2", &["requests", "deny", &second, "--reason", "No"]);
    let ran = desk.run("steward1", &["requests", "allow", &first, &second, &own, "987654", "--json"]);
    let codes: Vec<String> = ran.json()["results"].as_array().unwrap().iter().map(|row| text(&row["code"])).collect();
    assert_eq!(codes, ["done", "decided", "own_request", "not_found"]);
    assert_eq!(ran.exit, 6);
    let claimed = desk.json("steward2", &["requests", "claim", &own]);
    assert_eq!(claimed["results"][0]["ok"], true);
    assert_eq!(desk.json("steward2", &["requests", "show", &own])["claimed_by"], "steward2");
    desk.json("steward2", &["requests", "unclaim", &own]);
    // The same command again has the first answer.
    let id = uuid::Uuid::new_v4().to_string();
    let deny = ["requests", "deny", &own, "--reason", "No", "--command-id", &id];
    assert_eq!(desk.json("steward2", &deny), desk.json("steward2", &deny));
}

#[test]
fn what_makes_no_sense_is_one_sentence_that_names_it() {
    let desk = desk();
    let dataset = datasets(desk)[0].clone();
    let large = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(large.path(), "x".repeat(1_100_001)).unwrap();
    let large = large.path().to_str().unwrap();
    let new = ["requests", "new", "--dataset"];
    let asked = ["--text", "A text"];
    for (args, exits, named) in [
        (vec!["heart", asked[0], asked[1]], vec![2], "accession"),
        (vec!["GHGAD99999999999999", asked[0], asked[1]], vec![5], "Dataset not found"),
        (vec![&dataset, "--text", ""], vec![2], "text"),
        (vec![&dataset], vec![2], "--text"),
        (vec![&dataset, "--text-file", large], vec![5], "text"),
        (vec![&dataset, asked[0], asked[1], "--email", "nobody"], vec![2], "mail"),
        (vec![&dataset, asked[0], asked[1], "--starts", &day(70), "--ends", &day(40)], vec![5], "end date"),
        (vec![&dataset, asked[0], asked[1], "--starts", &day(40), "--ends", &day(41)], vec![5], "at least 7 days"),
        (vec![&dataset, asked[0], asked[1], "--ends", "12026-01-01T00:00:00Z"], vec![2, 5], ""),
        (vec![&dataset, asked[0], asked[1], "--starts", "9999-01-01"], vec![5], "start date"),
        (vec![&dataset, asked[0], asked[1], "--starts", "soon"], vec![2], "time"),
        (vec![&dataset, asked[0], asked[1], "--shoe-size", "43"], vec![2], "--shoe-size"),
    ] {
        let before = desk.psql("select count(*) from exeat.access_requests where person = (select id from exeat.people where login = 'manager1')");
        let ran = desk.run("manager1", &[&new[..], &args].concat());
        assert!(exits.contains(&ran.exit) && ran.out.is_empty() && ran.err.contains(named), "{args:?}: {ran:?}");
        let after = desk.psql("select count(*) from exeat.access_requests where person = (select id from exeat.people where login = 'manager1')");
        assert_eq!(before, after);
    }
    for (args, named) in [
        (["requests", "list", "status:maybe"], "pending"),
        (["requests", "list", "shoe:43"], "dataset"),
        (["grants", "list", "expiring>3d"], "expiring<30d"),
        (["grants", "list", "status:pending"], "active"),
    ] {
        let ran = desk.run("steward1", &args);
        assert!(ran.exit == 2 && ran.err.contains(named) && ran.err.trim_end().lines().count() == 1, "{ran:?}");
    }
    let check = |person: &str, dataset: &str| {
        refused(desk, "steward1", &["access", "check", "--person", person, "--dataset", dataset])
    };
    assert_eq!(check("nobody9", &dataset), (5, "not_found".into()));
    assert_eq!(check("researcher1", "GHGAD99999999999999"), (5, "not_found".into()));
    assert_eq!(
        refused(desk, "researcher1", &["access", "check", "--person", "researcher2", "--dataset", &dataset]),
        (5, "not_found".into())
    );
    let own = desk.json("researcher1", &["access", "check", "--person", "researcher1", "--dataset", &dataset]);
    assert_eq!(own["access"], true, "the sample's overlapping grants: {own}");
}

#[test]
fn lists_of_people_and_datasets_are_taken_over_after_a_dry_run() {
    let desk = desk();
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| {
        let path = folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let login = unique("p").replace('-', "_");
    let people = write("people.csv", &format!("login,name,mail,title\n{login},Pat of the list,pat@example.org,Dr.\n"));
    assert_eq!(refused(desk, "steward1", &["people", "sync", &people]), (5, "forbidden".into()));
    let sync = |args: &[&str]| desk.json("admin1", args)["data"].clone();
    assert_eq!(sync(&["people", "sync", &people, "--dry-run"])["added"], json!([login]));
    assert_eq!(desk.run("admin1", &["people", "show", &login]).exit, 5, "nothing is written yet");
    assert_eq!(sync(&["people", "sync", &people])["added"], json!([login]));
    assert_eq!(sync(&["people", "sync", &people])["unchanged"], json!([login]));
    let changed = write("people.json", &json!([{"login": login, "full_name": "Pat", "active": false}]).to_string());
    assert_eq!(sync(&["people", "sync", &changed])["removed"], json!([login]));
    let accession = "EXE".to_owned() + &(1_000 + std::process::id()).to_string();
    let list = write(
        "datasets.json",
        &json!({"datasets": [{"accession": accession, "title": "Listed", "dac": "DAC-X"}]}).to_string(),
    );
    assert_eq!(sync(&["datasets", "sync", &list])["added"], json!([accession]));
    assert_eq!(desk.json("researcher1", &["datasets", "list", "listed"])["items"][0]["dac_alias"], "DAC-X");
    assert_eq!(desk.json("researcher1", &["datasets", "show", &accession])["title"], "Listed");
    assert_eq!(refused(desk, "researcher1", &["datasets", "show", "EXE001"]), (5, "not_found".into()));
    // A complete list would take everybody else away; the dry run says so, and says it of nobody in an incomplete one.
    let complete = write("complete.csv", "login,name\nadmin1,Ada\n");
    let would = sync(&["people", "sync", &complete, "--complete", "--dry-run"]);
    assert!(would["removed"].as_array().unwrap().contains(&json!("steward1")), "{would}");
    assert_eq!(sync(&["people", "sync", &complete, "--dry-run"])["removed"], json!([]));
    let without = desk.run("admin1", &["people", "sync", &people, "--complete"]);
    assert!(without.exit == 2 && without.err.contains("lacks you yourself"), "{without:?}");
    // How an identity was verified; everybody reads their own.
    let iva = desk.json("admin1", &["people", "iva", "researcher6", "--kind", "phone", "--verified"]);
    let own = desk.json("researcher6", &["people", "show", "researcher6"]);
    assert!(own["ivas"].as_array().unwrap().iter().any(|row| row["id"] == iva["data"]["iva"]), "{own}");
    for (name, text, named) in [
        ("a.csv", "login,shoe\na,43\n", "shoe"),
        ("b.csv", "login,name,mail\nx y,Name,a@example.org\n", "x y"),
        ("c.json", "[{\"login\": \"a\", \"full_name\": \"A\", \"mail\": \"no mail\"}]", "mail"),
        ("d.json", "[{\"login\": \"a\", \"full_name\": \"A\"}, {\"login\": \"a\", \"full_name\": \"B\"}]", "twice"),
    ] {
        let ran = desk.run("admin1", &["people", "sync", &write(name, text)]);
        assert!(ran.exit == 2 && ran.err.contains(named), "{ran:?}");
    }
    assert_eq!(desk.run("admin1", &["people", "sync", "/nowhere"]).exit, 2);
}

#[test]
fn settings_are_listed_by_all_and_set_by_administrators() {
    let desk = desk();
    let value = |name: &str| {
        let list = desk.json("researcher1", &["settings", "list"]);
        list["items"].as_array().unwrap().iter().find(|row| row["name"] == name).unwrap()["value"].clone()
    };
    assert_eq!(value("access.shortest_days"), 7);
    assert_eq!(refused(desk, "steward1", &["settings", "set", "access.turnaround_days", "6"]), (5, "forbidden".into()));
    assert_eq!(refused(desk, "admin1", &["settings", "set", "access.turnaround_days", "-6"]), (2, "invalid".into()));
    desk.json("admin1", &["settings", "set", "access.turnaround_days", "6"]);
    assert_eq!(value("access.turnaround_days"), 6);
    desk.json("admin1", &["settings", "set", "access.turnaround_days", "5"]);
}
