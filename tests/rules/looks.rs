//! What was opened, which the database knows, and what was seen, which programs declare: who may say and read what, and
//! what a destination does with an approval of what was never opened.

use serde_json::{Value, json};
use sqlx::PgConnection;

use crate::support::pg::{Database, WORKER, call, done, literal, one, sha, submitted};

const VERSION: &str = "1";

async fn with_a_file() -> Database {
    let database = Database::fresh().await;
    let (mut researcher, mut worker) = (database.connect("researcher1").await, database.connect(WORKER).await);
    let id = submitted(&mut researcher, &mut worker, "heart", "trusted", "a.csv").await;
    assert_eq!(id.to_string(), VERSION);
    database
}

async fn item(reader: &mut PgConnection) -> Value {
    one(reader, "select item from exeat.read('egress', 'rows', '{\"ids\": [1]}')").await
}

async fn note(person: &mut PgConnection, seen: &Value) -> Result<bool, String> {
    let sql = format!("select exeat.note_seen({VERSION}, {})", literal(&seen.to_string()));
    let asked = sqlx::query_scalar(sqlx::AssertSqlSafe(sql)).persistent(false).fetch_one(person).await;
    asked.map_err(|why: sqlx::Error| why.to_string())
}

fn half() -> Value {
    json!({"unit": "cells", "rows": 10, "columns": 4, "whole": true, "parts": [[0, 5, 0, 4]]})
}

#[tokio::test]
async fn seen_is_kept_for_who_opened_it_and_told_to_its_checkers() {
    let database = with_a_file().await;
    let mut checker = database.connect("checker1").await;
    assert_eq!((&item(&mut checker).await["opened"], &item(&mut checker).await["seen"]), (&json!(false), &Value::Null));
    assert_eq!(note(&mut checker, &half()).await, Ok(false), "who never opened it saw nothing");
    done(&mut checker, "ask_ticket", &[VERSION, "preview"]).await;
    assert_eq!(item(&mut checker).await["opened"], true);
    assert_eq!(note(&mut checker, &half()).await, Ok(true));
    assert_eq!(item(&mut checker).await["seen"], json!({"unit": "cells", "drawn": 20, "total": 40, "whole": true}));
    let looks = "select item->'looks' from exeat.read('egress', 'facts', '{\"id\": 1}')";
    let own: Value = one(&mut checker, looks).await;
    assert_eq!(own[0]["seen"], half());
    // The other checker reads how much, and not what; a researcher of the project reads nothing of others.
    let theirs: Value = one(&mut database.connect("checker2").await, looks).await;
    assert_eq!(
        (&theirs[0]["person"], &theirs[0]["share"]["drawn"], &theirs[0]["seen"]),
        (&json!("checker1"), &json!(20), &Value::Null)
    );
    assert_eq!(one::<Value>(&mut database.connect("researcher1").await, looks).await, json!([]));
    for (filter, found) in [("no", 0), ("part", 1), ("all", 0)] {
        let sql = format!(
            "select (item->>'counted')::int from exeat.read('egress', 'count', '{{\"filter\": {{\"seen\": [\"{filter}\"]}}}}')"
        );
        assert_eq!(one::<i32>(&mut checker, &sql).await, found, "{filter}");
    }
    let journalled: i64 =
        one(&mut database.owner().await, "select count(*) from exeat.journal where command = 'note_seen'").await;
    assert_eq!(journalled, 0, "what is declared is no command");
}

#[tokio::test]
async fn what_is_declared_has_a_shape_and_bounds_and_is_never_more_than_there_is() {
    let database = with_a_file().await;
    let mut checker = database.connect("checker1").await;
    done(&mut checker, "ask_ticket", &[VERSION, "preview"]).await;
    let with = |name: &str, value: Value| {
        let mut seen = half();
        seen[name] = value;
        seen
    };
    let many: Vec<[u64; 4]> = (0..257).map(|n| [n, n + 1, 0, 1]).collect();
    for wrong in [
        json!([]),
        with("unit", json!("rows")),
        with("parts", json!([[0, 5, 0]])),
        with("parts", json!([[0, 5, 0, -4]])),
        with("parts", json!([["0", 5, 0, 4]])),
        with("parts", json!(many)),
        with("rows", json!(1e30)),
        with("more", json!(1)),
        with("whole", Value::Null),
    ] {
        let said = note(&mut checker, &wrong).await.unwrap_err();
        assert!(said.contains("What was seen is {unit, rows, columns, whole, parts}"), "{wrong}: {said}");
    }
    let much = with("parts", json!([[0, 999_999, 0, 9999], [0, 10, 0, 4]]));
    assert_eq!(note(&mut checker, &much).await, Ok(true));
    assert_eq!(item(&mut checker).await["seen"]["drawn"], 40);
    // Rights are asked for at each time: who left the project declares nothing any more.
    let mut admin = database.connect("admin1").await;
    done(&mut admin, "end_membership", &["checker1", "heart", "checker"]).await;
    assert_eq!(note(&mut checker, &half()).await, Ok(false));
}

#[tokio::test]
async fn a_policy_that_refuses_the_unopened_answers_not_opened_until_it_is_opened() {
    let database = with_a_file().await;
    let mut admin = database.connect("admin1").await;
    let strict = done(&mut admin, "set_policy", &["heart", "trusted", r#"{"unseen": "refuse"}"#]).await;
    assert_eq!(strict["proposed"], false, "stricter is in force at once");
    let weaker = done(&mut admin, "set_policy", &["heart", "trusted", r#"{"unseen": "allow"}"#]).await;
    assert_eq!(weaker["proposed"], true, "weaker needs a second administrator");
    let wrong = call(&mut admin, "set_policy", &["heart", "trusted", r#"{"unseen": "never"}"#]).await;
    assert_eq!(wrong.code, "invalid");
    let mut checker = database.connect("checker1").await;
    let vote = [VERSION, "trusted", "approve", &sha("a.csv"), "fine"];
    let refused = call(&mut checker, "cast_vote", &vote).await;
    assert_eq!(refused.code, "not_opened", "{refused:?}");
    let view = item(&mut checker).await["destinations"]["trusted"].clone();
    assert_eq!((&view["unseen"], &view["why_not"]["approve"]["code"]), (&json!("refuse"), &json!("not_opened")));
    assert_eq!(view["why_not"]["reject"], Value::Null, "who says no need not look");
    // Declaring is no opening.
    assert_eq!(note(&mut checker, &half()).await, Ok(false));
    assert_eq!(call(&mut checker, "cast_vote", &vote).await.code, "not_opened");
    done(&mut checker, "ask_ticket", &[VERSION, "preview"]).await;
    done(&mut checker, "cast_vote", &vote).await;
}
