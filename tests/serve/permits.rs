//! Contract D: the moves of a permit as the platform asks for them.

use serde_json::{Value, json};

use super::kit::{Credential, ext_id, person, served, told};
use crate::support::desk::{desk, text};

/// Somebody of the platform.
struct Someone {
    of: Credential,
    id: String,
}

impl Someone {
    fn new(roles: &[&str]) -> Self {
        let login = person(roles);
        let of = served().credential(&["--login", &login, "--right", "permits:read,permits:write"]);
        Self { of, id: ext_id(&login) }
    }

    async fn ask(&self, method: &str, path: &str, body: Value) -> (u16, Value) {
        let request = served().ask_as(&self.of, method, &format!("/api{path}"));
        told(if body.is_null() { request } else { request.json(&body) }).await
    }

    async fn post(&self, path: &str, body: Value) -> (u16, Value) {
        self.ask("POST", path, body).await
    }
}

fn review(stage: &str, decision: &str) -> Value {
    json!({"stage": stage, "decision": decision, "comments": "as discussed"})
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_permit_lives_its_whole_life() {
    let manager = Someone::new(&["permit_manager"]);
    let other = Someone::new(&["permit_manager"]);
    let roles = [
        ("data_preparator", "preparator"),
        ("data_reviewer", "data_reviewer"),
        ("setup_engineer", "setup_engineer"),
        ("setup_reviewer", "setup_reviewer"),
        ("data_holder", "data_holder"),
        ("researcher@heart", "investigator"),
    ];
    let people: Vec<_> = roles.iter().map(|(held, _)| Someone::new(&[held])).collect();
    let [preparator, reviewer, engineer, setup_reviewer, holder, investigator] = &people[..] else { panic!() };
    let team: Vec<_> =
        roles.iter().zip(&people).map(|((_, role), who)| json!({"userId": who.id, "role": role})).collect();
    let dataset =
        desk().psql("select accession from exeat.datasets where removed_at is null order by accession limit 1");
    let wanted = json!({"projectId": "heart", "title": "Over HTTP", "purpose": "A test", "datasets": [dataset], "team": team,
        "validUntil": chrono::Utc::now() + chrono::TimeDelta::days(100)});
    assert_eq!(investigator.post("/permits", wanted.clone()).await.0, 403);
    let (status, made) = manager.post("/permits", wanted).await;
    assert_eq!(status, 201, "{made}");
    let permit = &made["permit"];
    assert_eq!(
        (&permit["status"], &permit["createdBy"], &permit["projectId"]),
        (&json!("AWAITING_INGRESS"), &json!(manager.id), &json!("heart"))
    );
    let path = format!("/permits/{}", text(&permit["id"]));
    let at = |rest: &str| format!("{path}/{rest}");
    for (who, rest, body, status) in [
        (investigator, "initiate-ingress", Value::Null, "403"),
        (&manager, "initiate-ingress", Value::Null, "INGRESS_IN_PROGRESS"),
        (&manager, "initiate-ingress", Value::Null, "409"),
        (preparator, "review", review("PREPARATION", "SUBMIT_FOR_REVIEW"), "409"),
        (holder, "confirm-upload", Value::Null, "DATA_PREPARATION_PENDING"),
        (preparator, "review", review("COLOUR", "SUBMIT_FOR_REVIEW"), "400"),
        (preparator, "review", review("PREPARATION", "MAYBE"), "400"),
        (preparator, "review", review("PREPARATION", "SUBMIT_FOR_REVIEW"), "DATA_PREPARATION_REVIEW_PENDING"),
        (preparator, "review", review("PREPARATION", "APPROVED"), "403"),
        (reviewer, "review", json!({"stage": "PREPARATION", "decision": "REWORK_REQUESTED"}), "400"),
        (reviewer, "review", review("PREPARATION", "REWORK_REQUESTED"), "DATA_PREPARATION_REWORK"),
        (preparator, "review", review("PREPARATION", "SUBMIT_FOR_REVIEW"), "DATA_PREPARATION_REVIEW_PENDING"),
        (reviewer, "review", review("PREPARATION", "APPROVED"), "WORKSPACE_SETUP_PENDING"),
        (engineer, "workspace/submit-for-review", Value::Null, "WORKSPACE_SETUP_REVIEW_PENDING"),
        (setup_reviewer, "review", review("SETUP", "APPROVED"), "ANALYSIS_ACTIVE"),
        (&manager, "pause", json!({"reason": "a break"}), "ANALYSIS_PAUSED"),
        (&manager, "resume", json!({"reason": "it goes on"}), "ANALYSIS_ACTIVE"),
    ] {
        let (got, answer) = who.post(&at(rest), body.clone()).await;
        let told = if got == 200 { text(&answer["permit"]["status"]) } else { got.to_string() };
        assert_eq!(told, status, "{rest} {body}: {answer}");
        if got != 200 {
            assert_eq!((&answer["statusCode"], answer["error"].is_string()), (&json!(got), true), "{answer}");
        }
        assert!(answer["message"].is_string(), "{answer}");
    }
    let run = async |rest: &str, who: &Someone| who.post(&at(rest), Value::Null).await;
    assert_eq!(run("workspace/stop", &manager).await.0, 403, "the research team only");
    let (status, stopped) = run("workspace/stop", investigator).await;
    assert_eq!((status, &stopped["status"]), (200, &json!("stopped")), "{stopped}");
    assert_eq!(run("workspace/start", investigator).await.1["status"], "running");
    assert_eq!(
        investigator.ask("GET", &at("workspace/status"), Value::Null).await,
        (200, json!({"status": "running"}))
    );
    assert_eq!(investigator.ask("GET", &at("outputs"), Value::Null).await.1["summary"]["total"], 0);
    assert_eq!(
        investigator.post(&at("outputs"), json!({"folderPath": "nothing/here", "description": "x"})).await.0,
        404
    );
    assert_eq!(investigator.post(&at("outputs"), json!({"folderPath": "nothing/here"})).await.0, 400);
    // Two persons.
    assert_eq!(manager.post(&at("revoke"), json!({})).await.0, 400, "it needs a reason");
    let (status, asked) = manager.post(&at("revoke"), json!({"reason": "misuse"})).await;
    assert_eq!((status, &asked["permit"]["status"]), (202, &json!("ANALYSIS_ACTIVE")), "{asked}");
    assert_eq!(asked["permit"]["second"]["userId"], json!(manager.id));
    let (status, gone) = other.post(&at("revoke"), json!({"reason": "misuse"})).await;
    assert_eq!((status, &gone["permit"]["status"]), (200, &json!("REVOKED")), "{gone}");

    let (status, log) = manager.ask("GET", &at("activity?limit=3"), Value::Null).await;
    assert_eq!((status, log["actions"].as_array().unwrap().len(), &log["pagination"]["limit"]), (200, 3, &json!(3)));
    assert_eq!(
        (&log["actions"][0]["actorId"], &log["actions"][0]["action"]),
        (&json!(other.id), &json!("move_permit"))
    );
    for limit in ["0", "101", "x"] {
        assert_eq!(manager.ask("GET", &at(&format!("activity?limit={limit}")), Value::Null).await.0, 400, "{limit}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn lists_are_by_status_and_what_one_may_not_see_is_not_there() {
    let (manager, nobody) = (Someone::new(&["permit_manager"]), Someone::new(&[]));
    let (status, all) = manager.ask("GET", "/permits", Value::Null).await;
    let all = all["permits"].as_array().unwrap().clone();
    assert!(status == 200 && all.len() > 5, "{}", all.len());
    let (_, active) = manager.ask("GET", "/permits?status=ANALYSIS_ACTIVE", Value::Null).await;
    let active = active["permits"].as_array().unwrap();
    assert!(!active.is_empty() && active.iter().all(|permit| permit["status"] == "ANALYSIS_ACTIVE"));
    assert_eq!(nobody.ask("GET", "/permits", Value::Null).await, (200, json!({"permits": []})));
    let id = text(&all[0]["id"]);
    assert_eq!(manager.ask("GET", &format!("/permits/{id}"), Value::Null).await.1["permit"]["id"], json!(id));
    assert_eq!(nobody.ask("GET", &format!("/permits/{id}"), Value::Null).await.0, 404);
    for path in ["/permits/999999", "/permits/x", "/permits/x/activity"] {
        let (status, body) = manager.ask("GET", path, Value::Null).await;
        assert_eq!((status, &body["statusCode"], &body["error"]), (404, &json!(404), &json!("Not Found")), "{path}");
    }
    assert_eq!(manager.ask("GET", "/permits?status=COLOUR", Value::Null).await.0, 400);
    let (status, body) = told(served().plain("GET", "/api/permits")).await;
    assert_eq!((status, &body["statusCode"]), (401, &json!(401)));
}
