//! `exeat permits` and `workspaces` through the program: the whole walk from issuing to archiving, by everybody who makes a
//! step of it.

use serde_json::{Value, json};

use crate::support::desk::{desk, text, unique};

/// Issues a permit on the sample's desk; returns its id.
fn issued() -> String {
    let team = [
        "investigator:researcher1",
        "preparator:preparator1",
        "data_reviewer:datareviewer1",
        "setup_engineer:engineer1",
        "setup_reviewer:setupreviewer1",
        "data_holder:holder1",
    ];
    let mut args = vec!["permits", "issue", "--project", "heart", "--title", "A walk", "--until", "2099-01-01"];
    args.extend(["--dataset", "GHGAD00020260000001"]);
    args.extend(team.iter().flat_map(|member| ["--team", member]));
    let made = desk().json("manager1", &args);
    assert_eq!(made["row_version"], 1);
    text(&made["id"])
}

#[test]
fn the_whole_walk_by_five_people() {
    let (desk, id) = (desk(), issued());
    let walk: [(&str, &[&str], &str); 8] = [
        ("manager1", &["initiate-ingress", &id], "INGRESS_IN_PROGRESS"),
        ("holder1", &["confirm-upload", &id], "DATA_PREPARATION_PENDING"),
        ("preparator1", &["review", &id, "PREPARATION", "SUBMIT_FOR_REVIEW"], "DATA_PREPARATION_REVIEW_PENDING"),
        (
            "datareviewer1",
            &["review", &id, "preparation", "rework_requested", "--comments", "a column"],
            "DATA_PREPARATION_REWORK",
        ),
        ("preparator1", &["review", &id, "PREPARATION", "SUBMIT_FOR_REVIEW"], "DATA_PREPARATION_REVIEW_PENDING"),
        ("datareviewer1", &["review", &id, "PREPARATION", "APPROVED"], "WORKSPACE_SETUP_PENDING"),
        ("researcher1", &["submit-for-review", &id], "WORKSPACE_SETUP_REVIEW_PENDING"),
        ("setupreviewer1", &["review", &id, "SETUP", "APPROVED"], "ANALYSIS_ACTIVE"),
    ];
    walked(&id, &walk);
    approved_and_downloaded(&id);
    walked(&id, &[("manager1", &["pause", &id], "ANALYSIS_PAUSED"), ("manager2", &["archive", &id], "ARCHIVED")]);
    let life = desk.json("manager1", &["permits", "life", &id]);
    let moves: Vec<&str> =
        life["states"].as_array().unwrap().iter().map(|line| line["move"].as_str().unwrap()).collect();
    assert_eq!(moves.len(), 11);
    assert_eq!((moves[0], moves[10]), ("issue", "archive"));
    let told = desk.run("manager1", &["permits", "life", &id]).out;
    assert!(told.contains("rework_preparation") && told.contains("next: delete -> DELETED"), "{told}");
}

/// Steps, each by a person, with where the permit stands then.
fn walked(id: &str, steps: &[(&str, &[&str], &str)]) {
    let desk = desk();
    for (login, args, becomes) in steps {
        desk.json(login, &[&["permits"], *args].concat());
        let item = desk.json(login, &["permits", "show", id]);
        assert_eq!(item["status"], *becomes, "{login} {args:?}");
        for field in
            ["id", "reference", "status", "stage", "version", "teams", "datasets", "outputs", "workspaces", "why_not"]
        {
            assert!(!item[field].is_null(), "{field}: {item}");
        }
    }
}

/// What came out of the analysis: handed in by the researcher, approved by two checkers, let out by the worker, downloaded.
fn approved_and_downloaded(id: &str) {
    let (desk, folder, to) = (desk(), unique("out"), tempfile::tempdir().unwrap());
    let file = to.path().join("counts.csv");
    std::fs::write(&file, "ward,patients\nnorth,120\n").unwrap();
    let submit = ["egress", "submit", file.to_str().unwrap(), "--under", &folder, "--project", "heart"];
    let submit = [&submit[..], &["--destination", "trusted", "--purpose", "Counts"]].concat();
    let made = desk.json("researcher1", &submit)["items"][0].clone();
    let (version, sha) = (text(&made["id"]), text(&made["sha256"]));
    desk.json("researcher1", &["permits", "outputs", id, "--submit", &folder, "--description", "Counts by ward"]);
    let refused = desk.run("manager1", &["permits", "archive", id]);
    assert_eq!(refused.exit, 5, "its output is under review: {refused:?}");
    for login in ["checker1", "checker2"] {
        desk.json(
            login,
            &["egress", "approve", &version, "--destination", "trusted", "--sha256", &sha, "--unseen", "1"],
        );
    }
    desk.wait_for("researcher1", &version, "released");
    let since = std::time::Instant::now();
    loop {
        let outputs = desk.json("researcher1", &["permits", "outputs", id]);
        if outputs["items"][0]["status"] == "EGRESS_APPROVED" {
            let voters: Vec<&Value> =
                outputs["files"][0]["votes"].as_array().unwrap().iter().map(|vote| &vote["voter"]).collect();
            assert_eq!(voters, ["checker1", "checker2"], "{outputs}");
            break;
        }
        assert!(since.elapsed() < std::time::Duration::from_mins(1), "never approved: {outputs}");
        std::thread::sleep(std::time::Duration::from_millis(100));
    }
    let got = to.path().join("got");
    desk.json("researcher1", &["egress", "download", &version, "--to", got.to_str().unwrap()]);
    let files: Vec<_> = walk(&got);
    assert_eq!(files.len(), 1, "{files:?}");
    assert_eq!(std::fs::read(&files[0]).unwrap(), std::fs::read(&file).unwrap(), "the bytes that were approved");
}

/// The files below a folder.
fn walk(folder: &std::path::Path) -> Vec<std::path::PathBuf> {
    let inside = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    inside.flat_map(|path| if path.is_dir() { walk(&path) } else { vec![path] }).collect()
}

#[test]
fn refusals_have_the_exit_codes_of_their_class() {
    let (desk, id) = (desk(), issued());
    for (login, args, exit, code) in [
        ("researcher1", &["permits", "initiate-ingress", &id][..], 5, "not_on_team"),
        ("manager1", &["permits", "archive", &id], 6, "not_pending"),
        ("manager1", &["permits", "revoke", &id], 2, "reason_required"),
        ("researcher4", &["permits", "show", &id], 5, "not_found"),
        ("researcher4", &["permits", "revoke", &id, "--reason", "x"], 5, "not_found"),
        ("manager1", &["permits", "initiate-ingress", &id, "--row-version", "9"], 6, "changed"),
    ] {
        let ran = desk.run(login, &[args, &["--json"]].concat());
        let said = if ran.out.is_empty() { ran.code() } else { text(&ran.json()["results"][0]["code"]) };
        assert_eq!((ran.exit, said.as_str()), (exit, code), "{login} {ran:?}");
    }
    assert_eq!(desk.run("manager1", &["permits", "team", &id, "--add", "holder2"]).exit, 2, "ROLE:LOGIN");
    desk.json("manager1", &["permits", "team", &id, "--add", "data_holder:holder2"]);
    let team = desk.json("holder2", &["permits", "team", &id]);
    assert_eq!(team["items"].as_array().unwrap().len(), 8, "{team}");
    // Two persons, the first of whom takes it back.
    desk.json("manager1", &["permits", "revoke", &id, "--reason", "a mistake"]);
    assert_eq!(desk.json("manager2", &["permits", "show", &id])["second"]["by"], "manager1");
    desk.json("manager1", &["permits", "take-back", &id]);
    assert_eq!(desk.json("manager2", &["permits", "show", &id])["second"], Value::Null);
}

#[test]
fn lists_and_workspaces_of_the_sample_show_every_status() {
    let desk = desk();
    let all = desk.json("auditor1", &["permits", "list", "--limit", "1000"]);
    let mut statuses: Vec<&str> =
        all["items"].as_array().unwrap().iter().map(|item| item["status"].as_str().unwrap()).collect();
    statuses.sort_unstable();
    statuses.dedup();
    assert_eq!(statuses.len(), 12, "all but what is deleted: {statuses:?}");
    for query in ["is:second", "stage:setup is:late", "status:ANALYSIS_PAUSED", "waits:data_holder", "ends<60d"] {
        let found = desk.json("manager2", &["permits", "list", query]);
        assert!(!found["items"].as_array().unwrap().is_empty(), "{query}");
    }
    let failed = desk.run("engineer1", &["workspaces", "list", "long reads"]);
    assert!(failed.out.contains("failed"), "{failed:?}");
    // What strangers wrote is shown, and obeyed nowhere.
    let hostile = desk.run("manager1", &["permits", "list", "Registry linkage"]);
    assert!(hostile.out.contains("\\u{1b}[2J") && !hostile.out.contains('\u{1b}'), "{hostile:?}");
    let reported = json!("failed");
    let item = desk.json("engineer1", &["permits", "list", "long reads"])["items"][0].clone();
    let said = item["workspaces"].as_array().unwrap().iter().find(|one| one["kind"] == "workspace").unwrap();
    assert_eq!(said["reported"]["state"], reported);
}
