//! exeat's own routes say what the command line says, and the journal names who came through what.

use serde_json::{Value, json};
use uuid::Uuid;

use super::kit::{served, told};
use crate::rules::commands::COMMANDS;
use crate::support::desk::{desk, text};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn lists_and_rows_are_those_of_the_command_line() {
    let (served, desk) = (served(), desk());
    for (area, who, query) in [
        ("egress", "checker1", "state:released project:lungs"),
        ("requests", "steward1", "status:denied"),
        ("grants", "steward1", "state:revoked"),
        ("permits", "manager1", "stage:over"),
    ] {
        let own = desk.json(who, &[area, "list", query, "--limit", "3"]);
        let path = format!("/exeat/{area}?as={who}&limit=3&query={}", query.replace(' ', "+"));
        let (status, body) = told(served.ask("GET", &path)).await;
        assert_eq!(status, 200, "{body}");
        assert_eq!(body["total"], own["total"], "{area}");
        let ids =
            |list: &Value| list["items"].as_array().unwrap().iter().map(|item| text(&item["id"])).collect::<Vec<_>>();
        assert_eq!(ids(&body), ids(&own), "{area}");
        assert_eq!(body["next"], own["next"]);
        for id in ids(&body) {
            let answer = served.ask("GET", &format!("/exeat/{area}/{id}?as={who}")).send().await.unwrap();
            let tag = answer.headers()["etag"].to_str().unwrap().to_owned();
            let item: Value = answer.json().await.unwrap();
            assert_eq!((text(&item["id"]), tag), (id.clone(), format!("\"{}\"", item["row_version"])));
            let (status, facts) = told(served.ask("GET", &format!("/exeat/{area}/{id}/facts?as={who}"))).await;
            assert!(status == 200 && facts["history"].is_array(), "{facts}");
        }
    }
    for path in ["/exeat/egress/9999999", "/exeat/egress/x", "/exeat/nothing", "/exeat/egress/01", "/nowhere"] {
        assert_eq!(told(served.ask("GET", &format!("{path}?as=checker1"))).await.0, 404, "{path}");
    }
    for query in ["query=colour:red", "sort=colour", "limit=0", "limit=1001", "after=x", "x=1", "limit=1&limit=2"] {
        let (status, body) = told(served.ask("GET", &format!("/exeat/egress?as=checker1&{query}"))).await;
        assert_eq!(status, 400, "{query}: {body}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn commands_are_carried_out_once_and_the_journal_names_person_service_and_credential() {
    let (served, desk) = (served(), desk());
    let id = text(&desk.file()["id"]);
    let key = Uuid::new_v4();
    let comment = |body: &str| {
        let request =
            served.ask("POST", "/exeat/commands/add_comment?as=checker1").header("idempotency-key", key.to_string());
        told(request.json(&json!({"version": id, "body": body})))
    };
    let (status, first) = comment("looks fine").await;
    assert_eq!((status, text(&first["message"])), (200, "Noted.".into()), "{first}");
    assert_eq!(comment("looks fine").await, (200, first));
    let (status, body) = comment("something else").await;
    assert_eq!((status, text(&body["error"]["code"])), (409, "command_id_reused".into()));
    let sql = format!("select count(*), min(person), min(via) from exeat.journal where command_id = '{key}' and ok");
    assert_eq!(desk.psql(&sql), format!("1|checker1|{}/{}", served.service, served.all.name));

    let ask =
        |name: &str, body: Value| told(served.ask("POST", &format!("/exeat/commands/{name}?as=checker1")).json(&body));
    for (name, body, status, code) in [
        ("add_comment", json!({"version": id}), 400, "invalid"),
        ("add_comment", json!({"version": id, "body": "x", "colour": "red"}), 400, "invalid"),
        ("no_such_command", json!({}), 400, "invalid"),
        ("add_comment", json!({"version": "999999", "body": "x"}), 404, "not_found"),
        ("cast_vote", json!({"version": id, "kind": "approve"}), 403, "not_by_service"),
        ("add_person", json!({"login": "x", "full_name": "X"}), 403, "not_by_service"),
        ("undo_vote", json!({"version": id}), 403, "not_held"),
    ] {
        let (got, body) = ask(name, body).await;
        assert_eq!((got, text(&body["error"]["code"])), (status, code.to_owned()), "{name}: {body}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_saw_an_older_version_is_told_so_by_its_etag() {
    let (served, desk) = (served(), desk());
    let dataset = text(&desk.json("steward1", &["datasets", "list"])["items"][0]["accession"]);
    let made = told(
        served
            .ask("POST", "/exeat/commands/new_request?as=researcher1")
            .json(&json!({"dataset": dataset, "text": "For a test of ETags", "email": "r@example.org"})),
    )
    .await;
    let request = text(&made.1["data"]["request"]);
    let edit = |seen: &str, note: &str| {
        let edit = served.ask("POST", "/exeat/commands/edit_request?as=steward1").header("if-match", seen);
        edit.json(&json!({"request": request, "changes": {"internal_note": note}})).send()
    };
    let first = edit("\"1\"", "one").await.unwrap();
    assert_eq!((first.status().as_u16(), first.headers()["etag"].to_str().unwrap()), (200, "\"2\""));
    desk.json("steward2", &["requests", "edit", &request, "--internal-note", "two"]);
    assert_eq!(edit("\"2\"", "three").await.unwrap().status().as_u16(), 412);
    assert_eq!(edit("W/x", "three").await.unwrap().status().as_u16(), 412);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn health_is_open_and_ids_go_in_and_come_out() {
    let served = served();
    assert_eq!(told(served.plain("GET", "/health")).await, (200, json!({"status": "OK"})));
    assert_eq!(told(served.plain("GET", "/ready")).await, (200, json!({"status": "OK"})));
    assert_eq!(told(served.plain("GET", "/ping")).await.0, 200);
    let answer = served.plain("GET", "/health").header("x-request-id", "abc-1").send().await.unwrap();
    assert_eq!(answer.headers()["x-request-id"], "abc-1");
    let answer = served.plain("GET", "/health").header("x-correlation-id", "c.2").send().await.unwrap();
    assert_eq!(
        (&answer.headers()["x-request-id"], &answer.headers()["x-correlation-id"]),
        (&"c.2".parse().unwrap(), &"c.2".parse().unwrap())
    );
    let answer = served.plain("GET", "/health").header("x-request-id", "no spaces").send().await.unwrap();
    assert!(answer.headers()["x-request-id"].to_str().unwrap().parse::<Uuid>().is_ok());
    let (status, body) = told(served.ask("DELETE", "/exeat/egress")).await;
    assert_eq!((status, text(&body["error"]["code"])), (405, "method".into()));
}

/// What sets up a site stays for people with logins of their own; everything else is reached, and judged as it is elsewhere.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_command_is_reached_or_refused_as_the_list_says() {
    let served = served();
    for line in COMMANDS {
        let words: Vec<&str> = line.split(' ').collect();
        let (name, wanted) = match words[..] {
            [name, "person", ..] => (name, (403, "not_by_service")),
            [name, "both", ..] => (name, (400, "invalid")),
            _ => panic!("{line}"),
        };
        // No command has this field, so that nothing is carried out.
        let request = served.ask("POST", &format!("/exeat/commands/{name}?as=admin1"));
        let (status, body) = told(request.json(&json!({"no_such_field": 1}))).await;
        assert_eq!((status, text(&body["error"]["code"]).as_str()), wanted, "{name}: {body}");
    }
    for name in ["confirm_project", "renew_proof", "confirm_renewal", "move_permit", "take_back_permit"] {
        assert!(COMMANDS.iter().any(|line| line.starts_with(&format!("{name} "))), "{name} is in the list");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_portals_form_starts_from_what_the_site_bounds() {
    let (served, desk) = (served(), desk());
    let dataset = text(&desk.json("steward1", &["datasets", "list"])["items"][0]["accession"]);
    let ask = |query: String| told(served.ask("GET", &format!("/exeat/access/defaults?as=researcher1{query}")));
    let (status, form) = ask(format!("&dataset={dataset}")).await;
    assert_eq!((status, &form["dataset_id"], &form["shortest_days"]), (200, &json!(dataset), &json!(7)), "{form}");
    assert!(text(&form["email"]).contains('@') && text(&form["request_text"]).contains(&dataset), "{form}");
    // What it starts from can be sent as it is.
    let wanted = json!({"dataset": dataset, "text": form["request_text"], "email": form["email"],
        "starts": form["access_starts"], "ends": form["access_ends"]});
    let made = told(served.ask("POST", "/exeat/commands/new_request?as=researcher1").json(&wanted)).await;
    assert_eq!(made.0, 200, "{made:?}");
    assert_eq!(ask("&dataset=NONE000".into()).await.0, 404);
    assert_eq!(ask(String::new()).await.0, 400);
}
