//! What becomes of a permit by itself: outputs are decided by the votes on their files, an analysis pauses at its end or
//! without a grant; and what was wanted and reported of workspaces.

use serde_json::{Value, json};
use sqlx::AssertSqlSafe;

use super::World;
use crate::support::pg::{WORKER, call, done, intake, one, sha, submitted};

async fn runs(world: &mut World, what: &str) -> i32 {
    one(world.person(WORKER).await, &format!("select exeat.{what}()")).await
}

async fn active(world: &mut World, grants: &str) -> i64 {
    let permit = world.issue(grants).await;
    for (login, what) in [
        ("manager1", "initiate_ingress"),
        ("manager1", "confirm_upload"),
        ("preparator1", "submit_preparation"),
        ("datareviewer1", "approve_preparation"),
        ("researcher1", "submit_setup"),
        ("setupreviewer1", "approve_setup"),
    ] {
        world.stepped(login, permit, what, "").await;
    }
    permit
}

async fn vote(world: &mut World, login: &str, version: i64, key: &str, kind: &str, words: &str) {
    let id = version.to_string();
    done(world.person(login).await, "cast_vote", &[&id, "trusted", kind, &sha(key), words]).await;
}

/// Votes on a first file, seen by name by whoever reads the project's files, and by nobody else.
async fn votes_by_name(world: &mut World, permit: i64, file: i64) {
    vote(world, "checker1", file, "paper/a.csv", "approve", "").await;
    let sql = format!("select item->'files' from exeat.read('permit', 'facts', '{{\"id\": {permit}}}')");
    for login in ["researcher1", "checker1"] {
        let files: Value = one(world.person(login).await, &sql).await;
        assert_eq!((files.as_array().unwrap().len(), &files[0]["version"]), (2, &json!(file)), "{login}");
        let votes = files[0]["votes"].as_array().unwrap();
        assert_eq!((votes.len(), &votes[0]["voter"], &votes[0]["kind"]), (1, &json!("checker1"), &json!("approve")));
        assert_eq!((&votes[0]["via"], &files[1]["votes"]), (&Value::Null, &json!([])));
    }
    for login in ["manager1", "preparator1", "holder1"] {
        let files: Value = one(world.person(login).await, &sql).await;
        assert_eq!(files, json!([]), "{login} reads no file of the project");
    }
}

#[tokio::test]
async fn votes_on_its_files_decide_an_output() {
    let mut world = World::new().await;
    let permit = active(&mut world, "null").await;
    let id = permit.to_string();
    let mut researcher = world.database.connect("researcher1").await;
    let mut worker = world.database.connect(WORKER).await;
    let one_file = submitted(&mut researcher, &mut worker, "heart", "trusted", "paper/a.csv").await;
    let other = submitted(&mut researcher, &mut worker, "heart", "trusted", "paper/b.csv").await;
    submitted(&mut researcher, &mut worker, "heart", "trusted", "papers/c.csv").await;
    let submit = ["permit", "paper/", "Tables of the paper"];
    let submit = [id.as_str(), submit[1], submit[2]];
    let refused = call(world.person("manager1").await, "submit_output", &submit).await;
    assert_eq!(refused.code, "not_on_team", "{refused:?}");
    done(&mut researcher, "submit_output", &submit).await;
    assert_eq!(call(&mut researcher, "submit_output", &submit).await.code, "key_taken", "a file is in one at most");
    let nothing = call(&mut researcher, "submit_output", &[&id, "nowhere", "x"]).await;
    assert_eq!(nothing.code, "not_found");
    let item = world.item("researcher1", permit).await.unwrap();
    assert_eq!(
        (&item["outputs"][0]["files"], &item["outputs"][0]["status"]),
        (&json!(2), &json!("EGRESS_REVIEW_PENDING"))
    );
    assert_eq!(world.step("manager1", permit, "archive", "").await.code, "output_pending");
    votes_by_name(&mut world, permit, one_file).await;
    // Somebody asks for changes of one file: all of it goes back, with their words.
    assert_eq!(runs(&mut world, "settle_outputs").await, 0, "votes are open");
    vote(&mut world, "checker1", other, "paper/b.csv", "changes", "Row 3 has a count of 2.").await;
    let since = world.last_message().await;
    assert_eq!((runs(&mut world, "settle_outputs").await, runs(&mut world, "settle_outputs").await), (1, 0));
    let item = world.item("researcher1", permit).await.unwrap();
    assert_eq!(item["outputs"][0]["status"], "EGRESS_REWORK");
    assert_eq!(item["outputs"][0]["reason"], "Row 3 has a count of 2.");
    assert_eq!(item["status"], "ANALYSIS_ACTIVE", "the permit stays where it is");
    assert_eq!(world.topics(since).await, ["permit.egress.rework_requested"]);
    // A changed file, and the output again as its next version.
    let changed = json!([{"key": "paper/b.csv", "sha256": sha("b, mended"), "size": 10}]).to_string();
    done(&mut researcher, "register_submission", &["heart", "trusted", "Mended", &changed]).await;
    let mended = intake(&mut worker, "heart", "paper/b.csv", &sha("b, mended"), 10).await.unwrap();
    let again = done(&mut researcher, "submit_output", &[&id, "paper", "Tables, mended", "1"]).await;
    assert_eq!((&again["output"], &again["version"]), (&json!(1), &json!(2)));
    vote(&mut world, "checker2", one_file, "paper/a.csv", "approve", "").await;
    for login in ["checker1", "checker2"] {
        let version = mended.to_string();
        let votes = [version.as_str(), "trusted", "approve", &sha("b, mended"), ""];
        done(world.person(login).await, "cast_vote", &votes).await;
    }
    assert_eq!(runs(&mut world, "settle_outputs").await, 0, "approved is not out yet");
    for version in [one_file, mended] {
        let sql = format!("update exeat.file_versions set state = 'released' where id = {version}");
        sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut world.owner).await.unwrap();
    }
    let since = world.last_message().await;
    assert_eq!(runs(&mut world, "settle_outputs").await, 1);
    assert_eq!(world.topics(since).await, ["permit.egress.approved"]);
    world.stepped("manager1", permit, "archive", "").await;
    let late = call(&mut researcher, "submit_output", &submit).await;
    assert_eq!(late.code, "not_pending", "outputs come out of an active analysis");
}

#[tokio::test]
async fn an_analysis_pauses_by_itself_and_resumes_only_when_the_cause_is_gone() {
    let mut world = World::new().await;
    let mut steward = world.database.connect("steward1").await;
    let give = ["researcher1", "HEART0001", "null", "2027-06-01"];
    let first = done(&mut steward, "add_grant", &give).await["grant"].as_str().unwrap().to_owned();
    let second = done(&mut steward, "add_grant", &give).await["grant"].as_str().unwrap().to_owned();
    let rests = active(&mut world, &format!("[{first}, {second}]")).await;
    let free = active(&mut world, "null").await;
    done(&mut steward, "revoke_grant", &[&first, "ended", "Over"]).await;
    assert_eq!(runs(&mut world, "pause_permits").await, 0, "one grant is live");
    done(&mut steward, "revoke_grant", &[&second, "ended", "Over"]).await;
    let since = world.last_message().await;
    assert_eq!((runs(&mut world, "pause_permits").await, runs(&mut world, "pause_permits").await), (1, 0));
    assert_eq!(world.topics(since).await, ["permit.analysis.paused", "permit.status.updated"]);
    let item = world.item("researcher1", rests).await.unwrap();
    assert_eq!((&item["status"], &item["paused_for"]), (&json!("ANALYSIS_PAUSED"), &json!("grants")));
    let workspace = item["workspaces"].as_array().unwrap().iter().find(|one| one["kind"] == "workspace").unwrap();
    assert_eq!((&workspace["state"], &workspace["volumes"][0]["path"]), (&json!("stopped"), &json!("/prepared_data")));
    assert_eq!(world.status(free).await, "ANALYSIS_ACTIVE", "what was issued on no grant is not paused by any");
    assert_eq!(world.step("manager1", rests, "resume", "").await.code, "no_grant");
    let sql =
        format!("update exeat.grants set revoked_at = null, revoked_by = null, revoke_class = null where id = {first}");
    sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut world.owner).await.unwrap();
    world.stepped("manager1", rests, "resume", "").await;
    // Its end is a cause of its own.
    let end =
        format!("update exeat.permits set valid_from = '2020-01-01', valid_until = '2021-01-01' where id = {free}");
    sqlx::raw_sql(AssertSqlSafe(end)).execute(&mut world.owner).await.unwrap();
    assert_eq!(runs(&mut world, "pause_permits").await, 1);
    assert_eq!(world.step("manager1", free, "resume", "").await.code, "permit_ended");
    let log: Vec<Value> = one(
        &mut world.owner,
        &format!("select array_agg(to_jsonb(s) order by id) from exeat.permit_states s where permit = {free}"),
    )
    .await;
    assert_eq!(log.last().unwrap()["actor"], Value::Null, "nobody paused it");
}

#[tokio::test]
async fn workspaces_are_what_the_stage_asks_for_and_reports_are_told_apart() {
    let mut world = World::new().await;
    let permit = active(&mut world, "null").await;
    let id = permit.to_string();
    let wanted = |item: &Value| {
        let all = item["workspaces"].as_array().unwrap();
        let one = all.iter().find(|one| one["kind"] == "workspace").unwrap().clone();
        (one["state"].clone(), one["generation"].as_i64().unwrap(), one)
    };
    let (state, generation, workspace) = wanted(&world.item("researcher1", permit).await.unwrap());
    assert_eq!((&state, &workspace["network"]), (&json!("running"), &json!("none")));
    let modes: Vec<&str> =
        workspace["volumes"].as_array().unwrap().iter().map(|one| one["mode"].as_str().unwrap()).collect();
    assert_eq!(modes, ["read-only", "writable"]);
    // The research team stops it and starts it; nobody else, and the status stays.
    assert_eq!(call(world.person("manager1").await, "switch_workspace", &[&id, "false"]).await.code, "not_on_team");
    done(world.person("researcher1").await, "switch_workspace", &[&id, "false"]).await;
    let (state, stopped, _) = wanted(&world.item("researcher1", permit).await.unwrap());
    assert_eq!((state, stopped), (json!("stopped"), generation + 1));
    let report =
        |generation: i64, state: &'static str| [id.clone(), "workspace".into(), generation.to_string(), state.into()];
    for (login, generation, state, code) in [
        ("researcher1", stopped, "stopped", "not_on_team"),
        ("engineer1", stopped + 1, "stopped", "invalid"),
        ("engineer1", stopped, "melted", "invalid"),
        ("engineer1", stopped, "stopped", "done"),
        ("engineer1", stopped - 1, "running", "superseded"),
    ] {
        let words = report(generation, state);
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        assert_eq!(call(world.person(login).await, "report_workspace", &words).await.code, code, "{login} {words:?}");
    }
    done(world.person("researcher1").await, "switch_workspace", &[&id, "true"]).await;
    let (_, running, workspace) = wanted(&world.item("researcher1", permit).await.unwrap());
    assert_eq!((&workspace["reported"]["generation"], running), (&json!(stopped), stopped + 1), "it is behind");
    // Revoked: everything there was stands still, with no data, as evidence.
    world.stepped("manager1", permit, "revoke", "why").await;
    world.stepped("manager2", permit, "revoke", "").await;
    let (state, _, workspace) = wanted(&world.item("researcher1", permit).await.unwrap());
    assert_eq!((state, &workspace["volumes"][0]["mode"]), (json!("stopped"), &json!("evidence")));
    let refused = call(world.person("researcher1").await, "switch_workspace", &[&id, "true"]).await;
    assert_eq!(refused.code, "not_pending", "{refused:?}");
}
