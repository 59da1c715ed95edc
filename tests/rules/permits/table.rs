//! Every pair of status, move and person: what contracts D allows is done and has the consequences written there, every other
//! pair is refused with nothing changed.

use serde_json::json;

use super::{LIFE, STATUSES, TEAM, TWO, World, roles};
use crate::support::pg::{BOTH_AGAIN, done, one};

fn everybody() -> Vec<&'static str> {
    let mut all: Vec<&str> = TEAM.iter().map(|(login, _)| *login).collect();
    all.extend(["manager1", "admin1", "auditor1", "steward1", "nobody1"]);
    all
}

#[tokio::test]
async fn every_pair_of_status_move_and_person() {
    let mut world = World::new().await;
    let permit = world.issue("null").await;
    let mut done = 0;
    // Of a hundred refusals in ten seconds the rest would be counted: what was refused at one status is long ago at the next.
    let age = "set session_replication_role = replica; update exeat.journal set at = at - interval '1 minute'; reset session_replication_role";
    for status in STATUSES {
        sqlx::raw_sql(age).execute(&mut world.owner).await.unwrap();
        for line in LIFE {
            for login in everybody() {
                world.put(permit, status).await;
                let before = (world.print(permit).await, world.last_message().await);
                let journal: i64 = one(&mut world.owner, "select count(*) from exeat.journal").await;
                let held = roles(login);
                let may = line.from.contains(&status) && line.who.iter().any(|role| held.contains(role));
                // Who prepares the data is never who approves it.
                let may = may && !(line.what == "approve_preparation" && held.contains(&"preparator"));
                let answer = world.step(login, permit, line.what, "because").await;
                let what = format!("{login} {} from {status}: {answer:?}", line.what);
                assert_eq!(answer.ok, may, "{what}");
                let kept: i64 = one(&mut world.owner, "select count(*) from exeat.journal").await;
                assert_eq!(kept, journal + 1, "one row of the journal: {what}");
                if !may {
                    assert_eq!(world.print(permit).await, before.0, "{what}");
                    let conflict = line.who.iter().any(|role| held.contains(role)) && !line.from.contains(&status);
                    assert_eq!(answer.code == "not_pending", conflict, "{what}");
                    continue;
                }
                done += 1;
                // One of two holders, and the first of two persons, do not move it yet.
                let waits = TWO.contains(&line.what) || line.what == "confirm_upload" && held.contains(&"data_holder");
                let topics = world.topics(before.1).await;
                if waits {
                    assert_eq!((world.status(permit).await.as_str(), topics.len()), (status, 0), "{what}");
                    assert_eq!(answer.data()["waiting"], json!(true), "{what}");
                } else {
                    assert_eq!(world.status(permit).await, line.to, "{what}");
                    assert_eq!(topics, [line.events, &["permit.status.updated"]].concat(), "{what}");
                }
            }
        }
    }
    assert_eq!(done, 35, "pairs that are allowed");
}

#[tokio::test]
async fn a_reason_is_needed_where_it_is_written() {
    let mut world = World::new().await;
    let permit = world.issue("null").await;
    for line in LIFE {
        let who = match line.who[0] {
            "permit_manager" => "manager1",
            "administrator" => "admin1",
            "data_reviewer" => "datareviewer1",
            "setup_reviewer" => "setupreviewer1",
            "data_holder" => "holder1",
            "preparator" => "preparator1",
            _ => "researcher1",
        };
        world.put(permit, line.from[0]).await;
        let answer = world.step(who, permit, line.what, " \n").await;
        assert_eq!(answer.code == "reason_required", line.reason, "{}: {answer:?}", line.what);
    }
}

#[tokio::test]
async fn every_event_says_what_the_platform_asks_for() {
    let mut world = World::new().await;
    let permit = world.issue("null").await;
    world.stepped("manager1", permit, "initiate_ingress", "go").await;
    let told: serde_json::Value = one(
        &mut world.owner,
        "select payload from exeat.outbox where topic = 'permit.status.updated' order by id desc limit 1",
    )
    .await;
    let manager: String = one(&mut world.owner, "select ext_id::text from exeat.people where login = 'manager1'").await;
    assert_eq!(told["permit_id"], json!(permit.to_string()));
    assert_eq!(
        (&told["previous_status"], &told["new_status"]),
        (&json!("AWAITING_INGRESS"), &json!("INGRESS_IN_PROGRESS"))
    );
    assert_eq!((&told["actor_id"], &told["reason"], &told["version"]), (&json!(manager), &json!("go"), &json!(2)));
    assert!(told["event_id"].is_string() && told["occurred_at"].is_string(), "{told}");
    // In order, for each permit is one subject.
    let topics: Vec<String> = one(
        &mut world.owner,
        &format!("select array_agg(topic order by id) from exeat.outbox where subject = 'permit:{permit}'"),
    )
    .await;
    assert_eq!(
        topics,
        ["permit.created", "permit.status.updated", "permit.ingress.initiated", "permit.status.updated"]
    );
}

#[tokio::test]
async fn two_persons_wait_for_each_other_and_the_first_may_take_it_back() {
    let mut world = World::new().await;
    let permit = world.issue("null").await;
    let id = permit.to_string();
    world.stepped("manager1", permit, "revoke", "The key was copied").await;
    assert_eq!(world.item("manager2", permit).await.unwrap()["second"]["by"], "manager1", "it is seen");
    assert_eq!(world.step("manager1", permit, "revoke", "again").await.code, "second_person_needed");
    for login in ["manager2", "researcher1"] {
        let back = crate::support::pg::call(world.person(login).await, "take_back_permit", &[&id]).await;
        assert_eq!(back.code, "forbidden", "only the first takes it back");
    }
    done(world.person("manager1").await, "take_back_permit", &[&id]).await;
    assert_eq!(world.item("manager2", permit).await.unwrap()["second"], json!(null));
    // A first person who no longer manages permits is none: the next one asks first.
    world.stepped("manager1", permit, "revoke", "The key was copied").await;
    done(world.person("admin1").await, "end_membership", &["manager1", "null", "permit_manager"]).await;
    world.stepped("manager2", permit, "revoke", "I say so too").await;
    assert_eq!(world.status(permit).await, "AWAITING_INGRESS");
    done(world.person("admin1").await, "add_membership", &["manager1", "null", "permit_manager"]).await;
    world.stepped("manager1", permit, "revoke", "").await;
    assert_eq!(world.status(permit).await, "REVOKED");
    let said: String = one(&mut world.owner, "select reason from exeat.permit_states order by id desc limit 1").await;
    assert_eq!(said, "I say so too", "the reason is the first person's");
    // Deleting takes two administrators, and its time.
    done(world.person("admin1").await, "set_setting", &["permits.retention_days", "30"]).await;
    assert_eq!(world.step("admin1", permit, "delete", "").await.code, "retention");
    done(world.person("admin1").await, "set_setting", &["permits.retention_days", "0"]).await;
    world.stepped("admin1", permit, "delete", "").await;
    assert_eq!(world.step("admin1", permit, "delete", "").await.code, "second_person_needed");
    world.stepped("admin2", permit, "delete", "").await;
    assert_eq!(world.status(permit).await, "DELETED");
}

#[tokio::test]
async fn four_eyes_are_of_people_whatever_their_logins_and_roles_become() {
    let mut world = World::new().await;
    let permit = world.issue("null").await;
    let id = permit.to_string();
    world.stepped("manager1", permit, "initiate_ingress", "").await;
    world.stepped("manager1", permit, "confirm_upload", "").await;
    world.stepped("both1", permit, "submit_preparation", "").await;
    assert_eq!(world.step("both1", permit, "approve_preparation", "").await.code, "own_submission");
    assert_eq!(world.step(BOTH_AGAIN, permit, "approve_preparation", "").await.code, "own_submission", "another login");
    // No longer its preparator, nor one at all: the hand they had in it stays.
    done(world.person("manager1").await, "end_in_team", &[&id, "both1", "preparator"]).await;
    done(world.person("admin1").await, "end_membership", &["both1", "null", "data_preparator"]).await;
    assert_eq!(world.step("both1", permit, "approve_preparation", "").await.code, "own_submission");
    world.stepped("datareviewer1", permit, "rework_preparation", "once more").await;
    world.stepped("preparator1", permit, "submit_preparation", "").await;
    assert_eq!(world.step("both1", permit, "approve_preparation", "").await.code, "own_submission");
    world.stepped("datareviewer1", permit, "approve_preparation", "").await;
    // Who handed a workspace in is no reviewer of it, in whatever role they come.
    done(world.person("manager1").await, "add_to_team", &[&id, "engineer1", "setup_engineer"]).await;
    done(world.person("admin1").await, "add_membership", &["engineer1", "null", "setup_reviewer"]).await;
    done(world.person("manager1").await, "add_to_team", &[&id, "engineer1", "setup_reviewer"]).await;
    world.stepped("engineer1", permit, "submit_setup", "").await;
    assert_eq!(world.step("engineer1", permit, "approve_setup", "").await.code, "own_submission");
    // A team names nobody who has not the role, and nobody themselves.
    let own = world.person("manager1").await;
    for (login, role, code) in
        [("nobody1", "setup_reviewer", "not_held"), ("manager1", "manager", "second_person_needed")]
    {
        assert_eq!(crate::support::pg::call(own, "add_to_team", &[&id, login, role]).await.code, code);
    }
    // A role that ended in the directory is none on the permit.
    done(world.person("admin1").await, "end_membership", &["setupreviewer1", "null", "setup_reviewer"]).await;
    let refused = world.step("setupreviewer1", permit, "approve_setup", "").await;
    assert_eq!(refused.code, "not_found", "nor do they see it any more: {refused:?}");
}
