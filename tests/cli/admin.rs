//! people, projects, policies, and what others may not.

use crate::support::desk::{desk, text, unique};

#[test]
fn an_administrator_adds_people_and_they_can_sign_in() {
    let desk = desk();
    let login = unique("person");
    let made = desk.json("admin1", &["people", "add", &login, "--name", "Nele New", "--mail", "nele@example.org"]);
    let sql = format!("create role \"{login}\" login connection limit 4 in role \"exeat_person\";");
    assert_eq!(text(&made["sql"]), sql);
    assert_eq!(desk.json(&login, &["whoami"])["login"].as_str(), Some(login.as_str()));
    assert_eq!(desk.json(&login, &["egress", "list"])["total"], 0, "no project, no files");
    desk.json("admin1", &["people", "grant", &login, "checker", "--project", "lungs"]);
    assert!(desk.json(&login, &["egress", "list"])["total"].as_u64().unwrap() > 0);
    let shown = desk.json("admin1", &["people", "show", &login]);
    assert_eq!(
        (shown["full_name"].as_str(), shown["memberships"][0]["role"].as_str()),
        (Some("Nele New"), Some("checker"))
    );
    desk.json("admin1", &["people", "end", &login, "checker", "--project", "lungs"]);
    assert_eq!(desk.json(&login, &["egress", "list"])["total"], 0);
    assert_eq!(desk.run("admin1", &["people", "add", &login, "--name", "Again"]).exit, 2);
    assert_eq!(desk.run("admin1", &["people", "grant", "admin1", "auditor"]).exit, 5, "not to oneself");
}

#[test]
fn projects_show_their_locations_and_weaker_policies_need_two() {
    let desk = desk();
    let list = desk.json("admin1", &["project", "list"]);
    let heart = list["items"].as_array().unwrap().iter().find(|project| project["id"] == "heart").unwrap().clone();
    assert!(text(&heart["location"]).starts_with("s3://candidates/heart/"), "{heart}");
    let project = unique("p");
    let location = format!("s3://candidates/{project}/");
    let add =
        ["projects", "add", &project, "--title", "A new one", "--location", &location, "--shared", "s3://shared/"];
    desk.of_two(&add);
    let set =
        |approvals: &str| desk.json("admin1", &["policies", "set", &project, "trusted", "--approvals", approvals]);
    let first = set("1")["data"]["policy"].to_string();
    desk.json("admin2", &["policies", "confirm", &first]);
    set("3");
    let in_force = || {
        let shown = desk.json("admin2", &["projects", "show", &project]);
        let active =
            shown["policies"].as_array().unwrap().iter().find(|policy| policy["state"] == "active").unwrap().clone();
        active["approvals"].as_i64().unwrap()
    };
    assert_eq!(in_force(), 3, "stricter is at once");
    let weaker = set("2");
    assert_eq!(in_force(), 3, "weaker waits");
    let id = weaker["data"]["policy"].to_string();
    let confirm = ["policies", "confirm", &id];
    assert_eq!(desk.run("admin1", &confirm).exit, 5, "not the one who proposed it");
    desk.json("admin2", &confirm);
    assert_eq!(in_force(), 2);
}

#[test]
fn nobody_else_administers() {
    let desk = desk();
    for args in [
        &["people", "add", "x1", "--name", "X"][..],
        &["people", "add-login", "checker1", "x1"],
        &["people", "grant", "checker1", "administrator"],
        &["people", "end", "checker2", "checker", "--project", "heart"],
        &["projects", "add", "x1", "--title", "X", "--location", "s3://a-b/c/", "--shared", "s3://d-e/"],
        &["policies", "set", "heart", "trusted", "--approvals", "1"],
        &["policies", "confirm", "1"],
    ] {
        for login in ["checker1", "researcher1", "auditor1", "steward1"] {
            let ran = desk.run(login, &[args, &["--json"]].concat());
            assert_eq!(ran.exit, 5, "{login}: {ran:?}");
            assert!(!ran.code().is_empty());
        }
    }
}

#[test]
fn a_project_is_paused_by_one_administrator_and_resumed_by_another() {
    let desk = desk();
    let project = unique("p");
    let location = format!("s3://candidates/{project}/");
    let add = ["projects", "add", &project, "--title", "Paused", "--location", &location, "--shared", "s3://shared/"];
    desk.of_two(&add);
    let of = |login: &str| {
        let list = desk.json(login, &["projects", "list"]);
        list["items"].as_array().unwrap().iter().find(|row| row["id"] == project.as_str()).unwrap().clone()
    };
    assert_eq!((of("admin1")["paused"].as_str(), of("admin1")["fault"].as_str()), (Some(""), Some("")));
    assert_eq!(desk.run("checker1", &["projects", "pause", &project, "--reason", "no"]).exit, 5);
    assert_eq!(desk.run("admin1", &["projects", "pause", &project]).exit, 2, "a reason is needed");
    assert_eq!(desk.run("admin1", &["projects", "pause", &project, "--reason", " "]).exit, 2);
    desk.json("admin1", &["projects", "pause", &project, "--reason", "A name \u{1b}[31m in a table"]);
    let paused = text(&of("auditor1")["paused"]);
    assert!(paused.contains("by admin1: A name"), "{paused}");
    let said = desk.run("admin2", &["projects", "list"]).out;
    assert!(said.contains(&format!("{project} is paused since ")) && !said.contains('\u{1b}'), "{said}");
    let said = desk.run("admin2", &["doctor", "--no-ticket"]).out;
    assert!(said.contains(&format!("{project} is paused since ")), "{said}");
    assert_eq!(desk.run("admin1", &["projects", "resume", &project, "--reason", "over"]).exit, 5, "another has to");
    desk.json("admin2", &["projects", "resume", &project, "--reason", "It was none"]);
    assert_eq!(of("admin1")["paused"].as_str(), Some(""));
    assert_eq!(desk.run("admin2", &["projects", "resume", &project, "--reason", "again"]).exit, 6);
}

#[test]
fn a_policy_takes_no_check_that_is_none_and_shows_those_it_has() {
    let desk = desk();
    let set = |checks: &str| desk.run("admin1", &["policies", "set", "heart", "trusted", "--checks", checks, "--json"]);
    for (checks, said) in [
        (r#"{"treshold": 5}"#, "There is no check \"treshold\""),
        (r#"{"threshold": "five"}"#, "The check threshold takes something as 10."),
        ("[]", "takes a JSON object"),
    ] {
        let ran = set(checks);
        assert!(ran.exit == 2 && ran.err.contains(said.replace('"', "\\\"").as_str()), "{checks}: {}", ran.err);
    }
    let shown = desk.run("auditor1", &["policies", "show", "heart"]).out;
    assert!(shown.contains("UNSEEN") && shown.contains("CHECKS"), "{shown}");
}

#[test]
fn a_project_waits_visibly_for_the_second_administrator_and_is_moved_and_closed_by_two() {
    let desk = desk();
    let (project, place) = (unique("p"), |name: &str| format!("s3://candidates/{}/", unique(name)));
    let (from, other) = (place("from"), place("other"));
    let add = ["projects", "add", &project, "--title", "Two", "--location", &from, "--shared", "s3://shared/"];
    let change = desk.json("admin1", &add)["data"]["change"].to_string();
    let said = desk.run("admin2", &["projects", "list"]).out;
    assert!(
        said.contains(&format!("{project} waits for another administrator to confirm change {change} by admin1")),
        "{said}"
    );
    desk.json("admin2", &["projects", "take-back", &change]);
    assert_eq!(desk.run("admin2", &["projects", "confirm", &change]).exit, 6, "it was taken back");
    desk.of_two(&add);
    desk.of_two(&["projects", "move", &project, "--location", &other, "--reason", "a new place"]);
    let shown = desk.json("admin1", &["projects", "show", &project]);
    assert_eq!((shown["location"].as_str(), shown["standing"].as_str()), (Some(other.as_str()), Some("open")));
    desk.of_two(&["projects", "close", &project, "--reason", "over"]);
    assert_eq!(desk.json("admin1", &["projects", "show", &project])["standing"], "closed");
}
