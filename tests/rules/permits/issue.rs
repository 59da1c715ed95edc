//! A permit issued from an access request that was allowed: what it takes over, and from which requests there is none.

use serde_json::json;

use super::World;
use crate::support::pg::{call, done};

#[tokio::test]
async fn an_allowed_request_gives_a_permit_its_data_its_grant_its_end_and_its_investigator() {
    let mut world = World::new().await;
    let ask = ["HEART0001", "For a paper"];
    let asked = done(world.person("researcher1").await, "new_request", &ask).await;
    let request = asked["request"].as_str().unwrap().to_owned();
    let issue = ["heart", "null", "null", &request];
    let pending = call(world.person("manager1").await, "issue_permit", &issue).await;
    assert_eq!(pending.code, "not_found", "it is not allowed yet: {pending:?}");
    let allowed = done(world.person("steward1").await, "allow_request", &[&request]).await;
    let grant = allowed["grant"].as_str().unwrap().to_owned();
    let stranger = call(world.person("researcher1").await, "issue_permit", &issue).await;
    assert_eq!(stranger.code, "not_on_team");
    let made = done(world.person("manager1").await, "issue_permit", &issue).await;
    let permit: i64 = made["permit"].as_str().unwrap().parse().unwrap();
    let item = world.item("researcher1", permit).await.unwrap();
    assert_eq!((&item["request"], &item["title"]), (&json!(request), &json!("Heart atlas")));
    assert_eq!(
        (&item["datasets"][0]["id"], &item["datasets"][0]["grants"][0]["id"]),
        (&json!("HEART0001"), &json!(grant))
    );
    let team: Vec<_> =
        item["teams"].as_array().unwrap().iter().map(|one| (one["login"].as_str(), one["role"].as_str())).collect();
    assert_eq!(team, [(Some("researcher1"), Some("investigator")), (Some("manager1"), Some("manager"))]);
    let sql = format!("select item->>'access_ends' from exeat.read('request', 'rows', '{{\"ids\": [{request}]}}')");
    let ends: Option<String> = crate::support::pg::one(world.person("steward1").await, &sql).await;
    assert_eq!(item["valid_until"].as_str(), ends.as_deref(), "it ends when the access does");
    // It rests on that grant: who leaves the grant's owner out of the team cannot rest it there.
    let team = r#"[{"login": "checker3", "role": "investigator"}]"#;
    let without = ["heart", "null", "null", &request, "null", "null", team];
    let refused = call(world.person("manager1").await, "issue_permit", &without).await;
    assert_eq!(refused.code, "not_found", "{refused:?}");
    // A denied one gives none.
    let asked = done(world.person("researcher1").await, "new_request", &ask).await;
    let denied = asked["request"].as_str().unwrap().to_owned();
    done(world.person("steward1").await, "deny_request", &[&denied, "no"]).await;
    let refused = call(world.person("manager1").await, "issue_permit", &["heart", "null", "null", &denied]).await;
    assert_eq!(refused.code, "not_found");
}
