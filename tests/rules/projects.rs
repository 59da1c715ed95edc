//! What opens a project, moves its places, closes it or opens a way out of it needs two administrators, and waits visibly for the second.

use crate::support::pg::{Answer, Database, WORKER, call, done, one, open_project, policy_of_two, sha, submitted};

fn refused(answer: &Answer, code: &str, words: &str) {
    assert!(!answer.ok && answer.code == code && answer.sentence.contains(words), "{code}, {words}: {answer:?}");
}

/// What `projects list` says of a project: how it stands, what waits.
async fn told(database: &Database, login: &str, project: &str) -> Option<(String, Option<String>)> {
    sqlx::query_as("select standing, waits from exeat.list_projects() where id = $1")
        .bind(project)
        .fetch_optional(&mut database.connect(login).await)
        .await
        .unwrap()
}

const NEW: &[&str] = &["kidneys", "Kidneys", "For the tests", "s3://candidates/kidneys/", "s3://shared/"];

#[tokio::test]
async fn a_project_is_opened_by_two_and_until_then_nothing_of_it_is_worked_on() {
    let database = Database::fresh().await;
    let (mut admin, mut second) = (database.connect("admin1").await, database.connect("admin2").await);
    let mut worker = database.connect(WORKER).await;
    let change = done(&mut admin, "add_project", NEW).await["change"].to_string();
    let (standing, waits) = told(&database, "admin1", "kidneys").await.unwrap();
    assert_eq!(standing, "proposed");
    assert!(waits.unwrap().starts_with(&format!("change {change} by admin1 since ")));
    let looked = "select count(*) from exeat.intake_projects() where project = 'kidneys'";
    assert_eq!(one::<i64>(&mut worker, looked).await, 0);
    done(&mut admin, "add_membership", &["researcher1", "kidneys", "researcher"]).await;
    let files = format!(r#"[{{"key": "a.csv", "sha256": "{}", "size": 1}}]"#, sha("a"));
    let submit = ["kidneys", "trusted", "Paper", &files];
    let mut researcher = database.connect("researcher1").await;
    refused(&call(&mut researcher, "register_submission", &submit).await, "paused", "not open yet");
    refused(&call(&mut admin, "pause_project", &["kidneys", "x"]).await, "paused", "not open yet");
    refused(&call(&mut admin, "confirm_project", &[&change]).await, "second_person_needed", "Two administrators");
    refused(&call(&mut researcher, "confirm_project", &[&change]).await, "forbidden", "administrators");
    let values = r#"{"approvals": 1, "hold_seconds": 0}"#;
    let policy = done(&mut admin, "set_policy", &["kidneys", "trusted", values]).await;
    assert_eq!(policy["proposed"], true);
    let opened = call(&mut second, "confirm_project", &[&change]).await;
    let number = policy["policy"].to_string();
    assert!(
        opened.ok && opened.sentence.contains(&format!("wait to be confirmed too: {number} for trusted")),
        "{opened:?}"
    );
    assert_eq!(told(&database, "admin1", "kidneys").await, Some(("open".into(), None)));
    refused(&call(&mut researcher, "register_submission", &submit).await, "invalid", "no destination yet");
    done(&mut second, "confirm_policy", &[&number]).await;
    assert!(call(&mut researcher, "register_submission", &submit).await.ok);
    refused(&call(&mut second, "confirm_project", &[&change]).await, "not_pending", "nothing to confirm");
    refused(&call(&mut admin, "add_project", NEW).await, "invalid", "There is a project kidneys already");
}

/// A proposal says what it is; a second one takes the first one's place, and anybody of them takes one back.
#[tokio::test]
async fn what_is_confirmed_is_what_was_seen() {
    let database = Database::fresh().await;
    let (mut admin, mut second) = (database.connect("admin1").await, database.connect("admin2").await);
    let first = done(&mut admin, "add_project", NEW).await["change"].to_string();
    let mut other = NEW.to_vec();
    other[4] = "s3://mine/";
    let changed = done(&mut admin, "add_project", &other).await["change"].to_string();
    refused(&call(&mut second, "confirm_project", &[&first]).await, "not_pending", "is dropped");
    done(&mut second, "drop_project_change", &[&changed]).await;
    refused(&call(&mut second, "confirm_project", &[&changed]).await, "not_pending", "is dropped");
    // Whoever proposed it is an administrator still.
    let again = done(&mut admin, "add_project", NEW).await["change"].to_string();
    done(&mut second, "end_membership", &["admin1", "null", "administrator"]).await;
    refused(&call(&mut second, "confirm_project", &[&again]).await, "second_person_needed", "is one still");
    let nobody = call(&mut second, "confirm_project", &["9999"]).await;
    assert_eq!(nobody.code, "not_found", "{nobody:?}");
}

/// Places are free when they are asked for and when they are confirmed; where workers put releases together is none of them.
#[tokio::test]
async fn no_project_lies_where_a_worker_or_another_project_does() {
    let database = Database::fresh().await;
    let (mut admin, mut second) = (database.connect("admin1").await, database.connect("admin2").await);
    let mut worker = database.connect(WORKER).await;
    one::<()>(&mut worker, "select exeat.worker_beat('w1', 'host', 1, 's3://staging/exeat/', null)").await;
    for (from, to) in [
        ("s3://staging/", "s3://out/"),
        ("s3://staging/exeat/in/", "s3://out/"),
        ("s3://fresh/", "s3://staging/exeat/"),
        ("s3://candidates/heart/", "s3://out/"),
    ] {
        let asked = ["kidneys", "Kidneys", "p", from, to];
        refused(&call(&mut admin, "add_project", &asked).await, "invalid", "overlaps with");
        let asked = ["lungs", from, to, "why"];
        refused(&call(&mut admin, "move_project", &asked).await, "invalid", "overlaps with");
    }
    let change =
        done(&mut admin, "move_project", &["lungs", "s3://fresh/", "null", "a new bucket"]).await["change"].to_string();
    one::<()>(&mut worker, "select exeat.worker_beat('w1', 'host', 1, 's3://fresh/', null)").await;
    refused(
        &call(&mut second, "confirm_project", &[&change]).await,
        "invalid",
        "where the worker puts releases together",
    );
    one::<()>(&mut worker, "select exeat.worker_beat('w1', 'host', 1, 's3://staging/', null)").await;
    assert!(call(&mut second, "confirm_project", &[&change]).await.ok);
    let there: String = one(&mut admin, "select location from exeat.list_projects() where id = 'lungs'").await;
    assert_eq!(there, "s3://fresh/");
}

#[tokio::test]
async fn files_that_wait_keep_their_project_where_it_is_and_a_closed_one_stays_closed() {
    let database = Database::fresh().await;
    let (mut admin, mut second) = (database.connect("admin1").await, database.connect("admin2").await);
    let (mut worker, mut researcher) = (database.connect(WORKER).await, database.connect("researcher1").await);
    let version = submitted(&mut researcher, &mut worker, "heart", "trusted", "a.csv").await;
    refused(
        &call(&mut admin, "move_project", &["heart", "s3://fresh/", "null", "why"]).await,
        "not_pending",
        "Of heart, 1 file is undecided or on the way",
    );
    let shared = done(&mut admin, "move_project", &["heart", "null", "s3://out/", "why"]).await["change"].to_string();
    assert!(call(&mut second, "confirm_project", &[&shared]).await.ok, "what waits goes to the new place");
    for login in ["checker1", "checker2"] {
        let vote = [&version.to_string(), "trusted", "approve", &sha("a.csv"), "fine"];
        done(&mut database.connect(login).await, "cast_vote", &vote).await;
    }
    let close = done(&mut admin, "close_project", &["heart", "the study ended"]).await["change"].to_string();
    let claim = "select (select shared_bucket from exeat.claim_release('w1', 30))";
    assert_eq!(one::<Option<String>>(&mut worker, claim).await.as_deref(), Some("out"));
    assert!(call(&mut second, "confirm_project", &[&close]).await.ok);
    assert_eq!(told(&database, "researcher1", "heart").await.unwrap().0, "closed");
    assert_eq!(one::<Option<String>>(&mut worker, claim).await, None);
    let ticket = call(&mut database.connect("checker1").await, "ask_ticket", &[&version.to_string(), "preview"]).await;
    refused(&ticket, "paused", "is closed since");
    for (name, arguments) in [
        ("resume_project", &["heart", "again"][..]),
        ("close_project", &["heart", "again"]),
        ("move_project", &["heart", "s3://fresh/", "null", "again"]),
    ] {
        refused(&call(&mut admin, name, arguments).await, "paused", "is closed since");
    }
}

/// What goes out beside a move goes to the place that is sealed before it: the claim waits for whoever is moving the project.
#[tokio::test]
async fn nothing_is_claimed_beside_a_move_that_is_just_confirmed() {
    let database = Database::fresh().await;
    let (mut admin, mut second) = (database.connect("admin1").await, database.connect("admin2").await);
    let (mut worker, mut researcher) = (database.connect(WORKER).await, database.connect("researcher1").await);
    let version = submitted(&mut researcher, &mut worker, "heart", "trusted", "a.csv").await;
    for login in ["checker1", "checker2"] {
        let vote = [&version.to_string(), "trusted", "approve", &sha("a.csv"), "fine"];
        done(&mut database.connect(login).await, "cast_vote", &vote).await;
    }
    let moved = done(&mut admin, "move_project", &["heart", "null", "s3://out/", "why"]).await["change"].to_string();
    sqlx::raw_sql("begin").execute(&mut second).await.unwrap();
    done(&mut second, "confirm_project", &[&moved]).await;
    let claim = "select (select shared_bucket from exeat.claim_release('w1', 30))";
    assert_eq!(one::<Option<String>>(&mut worker, claim).await, None);
    sqlx::raw_sql("commit").execute(&mut second).await.unwrap();
    assert_eq!(one::<Option<String>>(&mut worker, claim).await.as_deref(), Some("out"));
}

/// One administrator opens no way out: not by a project, not by a first policy for another destination, empty or not.
#[tokio::test]
async fn one_administrator_opens_no_way_out() {
    let database = Database::fresh().await;
    let (mut admin, mut second) = (database.connect("admin1").await, database.connect("admin2").await);
    open_project(&mut admin, &mut second, NEW).await;
    let first = done(&mut admin, "set_policy", &["kidneys", "press", r#"{"approvals": 20}"#]).await;
    assert_eq!(first["proposed"], true, "however strict it is");
    let ways: i32 =
        one(&mut admin, "select cardinality(destinations) from exeat.list_projects() where id = 'kidneys'").await;
    assert_eq!(ways, 0);
    policy_of_two(&mut admin, &mut second, &["kidneys", "press", r#"{"approvals": 2}"#]).await;
    let stricter = done(&mut admin, "set_policy", &["kidneys", "press", r#"{"approvals": 3}"#]).await;
    assert_eq!(stricter["proposed"], false);
}
