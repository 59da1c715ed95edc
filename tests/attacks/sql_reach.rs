//! What a person can try to reach or to stop with plain SQL: other projects' rows, ids that exist but are invisible, other
//! people's tickets, locks, notifications, numbers out of range, hostile filters.

use std::time::{Duration, Instant};

use serde_json::Value;
use sqlx::{AssertSqlSafe, PgConnection};
use uuid::Uuid;

use super::sql::state_of;
use crate::support::pg::{Answer, Database, WORKER, call, call_with, done, intake, literal, one, sha, submitted};

/// A database where `heart` has one file (version, with votes and comments) and `lungs` another.
pub async fn two_projects() -> (Database, i64, i64) {
    let database = Database::fresh().await;
    let mut worker = database.connect(WORKER).await;
    let mut researcher = database.connect("researcher1").await;
    let heart = submitted(&mut researcher, &mut worker, "heart", "trusted", "heart.csv").await;
    let mut other = database.connect("researcher2").await;
    let lungs = submitted(&mut other, &mut worker, "lungs", "trusted", "lungs.csv").await;
    let mut checker = database.connect("checker1").await;
    let id = heart.to_string();
    done(&mut checker, "cast_vote", &[&id, "null", "approve", &sha("heart.csv"), "fine"]).await;
    done(&mut checker, "add_comment", &[&id, "for everyone", "false"]).await;
    done(&mut checker, "add_comment", &[&id, "secret note between checkers", "true"]).await;
    (database, heart, lungs)
}

#[tokio::test]
async fn other_projects_rows_are_in_no_answer() {
    let (database, heart, lungs) = two_projects().await;
    let mut own = database.connect("researcher2").await;
    for (what, wanted) in [
        ("select array_agg(id) from exeat.read('egress', 'page')", vec![lungs]),
        (
            "select array_agg(id) from exeat.read('egress', 'page', '{\"filter\": {\"project\": [\"heart\", \"lungs\"]}, \"sort\": \"key\", \"descending\": false}')",
            vec![lungs],
        ),
        (
            "select array_agg(id) from exeat.read('egress', 'page', '{\"filter\": {\"words\": [\".csv\"]}, \"sort\": \"size\", \"descending\": true}')",
            vec![lungs],
        ),
        (
            "select array_agg(id) from exeat.read('egress', 'page', '{\"filter\": {\"by\": [\"researcher1\", \"researcher2\"]}, \"sort\": \"state\"}')",
            vec![lungs],
        ),
        (
            "select array_agg(id) from exeat.read('egress', 'rows', jsonb_build_object('ids', array(select generate_series(0, 50))))",
            vec![lungs],
        ),
        ("select array_agg((item->>'counted')::bigint) from exeat.read('egress', 'count')", vec![1]),
        ("select array_agg(row_id) from exeat.changes_since('1:1:') where area = 'egress'", vec![lungs]),
    ] {
        let mut found: Vec<i64> = one(&mut own, what).await;
        found.dedup();
        assert_eq!(found, wanted, "{what}");
    }
    for nothing in [
        format!("exeat.read('egress', 'facts', '{{\"id\": {heart}}}')"),
        "exeat.list_policies('heart')".into(),
        "exeat.submission_state(1)".into(),
        "exeat.list_projects() where id <> 'lungs'".into(),
        "exeat.list_people() where login <> 'researcher2'".into(),
        "exeat.list_memberships() where login <> 'researcher2'".into(),
        "exeat.journal_page() where person is distinct from 'researcher2'".into(),
        "exeat.read('egress', 'page', '{\"filter\": {\"project\": [\"heart\"]}}')".into(),
        format!("exeat.read('egress', 'page', '{{\"filter\": {{\"id\": [{heart}]}}}}')"),
        format!("exeat.read('egress', 'page', '{{\"filter\": {{\"sha256\": [\"{}\"]}}}}')", sha("heart.csv")),
        "exeat.read('egress', 'page', '{\"filter\": {\"submission\": [1]}}')".into(),
    ] {
        let rows: i64 = one(&mut own, &format!("select count(*) from {nothing}")).await;
        assert_eq!(rows, 0, "{nothing}");
    }
}

#[tokio::test]
pub(super) async fn internal_notes_are_between_checkers() {
    let (database, heart, _) = two_projects().await;
    for (login, sees) in [("checker2", true), ("researcher1", false), ("auditor1", false)] {
        let mut own = database.connect(login).await;
        let all: String = one(
            &mut own,
            &format!(
                "select (item->>'comments') || (item->>'history') from exeat.read('egress', 'facts', '{{\"id\": {heart}}}')"
            ),
        )
        .await;
        assert_eq!(all.contains("secret note"), sees, "{login}: {all}");
        assert!(all.contains("for everyone"), "{login}");
    }
}

/// What one may not see does not exist: the same answer to the letter.
#[tokio::test]
pub(super) async fn an_invisible_id_answers_as_an_unknown_one() {
    let (database, heart, _) = two_projects().await;
    let unknown = heart + 1_000_000;
    let mut own = database.connect("researcher2").await;
    let mut admin = database.connect("admin1").await;
    done(&mut admin, "set_policy", &["heart", "trusted", r#"{"approvals": 1}"#]).await;
    let hash = sha("heart.csv");
    for (name, rest) in [
        ("cast_vote", vec!["null", "approve", hash.as_str(), "fine"]),
        ("cast_vote", vec!["trusted", "reject", hash.as_str(), "", "1"]),
        ("cast_vote", vec!["mars", "nonsense", "ff", ""]),
        ("undo_vote", vec!["null"]),
        ("withdraw", vec!["null", "a reason"]),
        ("claim", vec![]),
        ("unclaim", vec![]),
        ("add_comment", vec!["hello", "true"]),
        ("ask_ticket", vec!["preview"]),
        ("ask_ticket", vec!["nonsense"]),
        ("recall", vec!["null", "a reason"]),
        ("restore", vec!["null", "a reason"]),
    ] {
        let mut answers = Vec::new();
        for id in [heart, unknown] {
            let text = id.to_string();
            let arguments: Vec<&str> = std::iter::once(text.as_str()).chain(rest.iter().copied()).collect();
            let answer = call(&mut own, name, &arguments).await;
            answers.push(Answer { sentence: answer.sentence.replace(&text, "ID"), ..answer });
        }
        assert_eq!(answers[0].code, "not_found", "{name}");
        assert_eq!(answers[0], answers[1], "{name}");
    }
    for (name, arguments) in [
        ("register_submission", ["heart", "mars"].map(|p| vec![p, "trusted", "for a paper", "[]"])),
        ("ask_refresh", ["heart", "mars"].map(|p| vec![p])),
        ("ask_upload", ["1", "99999"].map(|p| vec![p])),
        ("confirm_policy", ["4", "99999"].map(|p| vec![p])),
    ] {
        let mut answers = Vec::new();
        for arguments in arguments {
            let answer = call(&mut own, name, &arguments).await;
            answers.push(Answer { sentence: answer.sentence.replace(arguments[0], "ID"), ..answer });
        }
        assert!(!answers[0].ok);
        assert_eq!(answers[0], answers[1], "{name}");
    }
}

#[tokio::test]
pub(super) async fn tickets_downloads_and_refreshes_are_ones_own() {
    let (database, heart, _) = two_projects().await;
    let mut checker = database.connect("checker1").await;
    let mut colleague = database.connect("checker2").await;
    let mut worker = database.connect(WORKER).await;
    let data = done(&mut checker, "ask_ticket", &[&heart.to_string(), "preview"]).await;
    let ticket = data["ticket"].as_str().unwrap().to_owned();
    let answered: bool = one(
        &mut worker,
        &format!(
            "select exeat.answer_ticket('{ticket}', 'http://store/secret', clock_timestamp() + interval '1 minute')"
        ),
    )
    .await;
    assert!(answered);
    let of = format!("select count(*) from exeat.ticket_answer('{ticket}') where url is not null");
    assert_eq!(one::<i64>(&mut checker, &of).await, 1);
    assert_eq!(one::<i64>(&mut colleague, &of).await, 0, "another's address");
    let end = call(&mut colleague, "end_download", &[&ticket, "10", &sha("heart.csv"), "true"]).await;
    assert_eq!(end.code, "not_found");
    let refresh = done(&mut checker, "ask_refresh", &["heart"]).await["refresh"].as_i64().unwrap();
    let of = format!("select count(*) from exeat.refresh_answer({refresh})");
    assert_eq!(one::<i64>(&mut colleague, &of).await, 0);
    // An id another person used is free for oneself, and tells nothing.
    let id = Uuid::new_v4();
    let first = call_with(&mut checker, "add_comment", id, &[&heart.to_string(), "mine", "false"]).await;
    let second = call_with(&mut colleague, "add_comment", id, &[&heart.to_string(), "mine too", "false"]).await;
    assert!(first.ok && second.ok && first.data != second.data);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_open_transaction_stops_nobody() {
    let (database, heart, _) = two_projects().await;
    let mut worker = database.connect(WORKER).await;
    let mut researcher = database.connect("researcher1").await;
    let free = submitted(&mut researcher, &mut worker, "heart", "trusted", "free.csv").await;
    let mut holder = database.connect("checker1").await;
    let mut other = database.connect("checker2").await;
    let mut admin = database.connect("admin1").await;
    let vote = |id: i64, key: &str| [id.to_string(), "null".into(), "approve".into(), sha(key), "fine".into()];
    let approve = vote(heart, "heart.csv");
    let approve: Vec<&str> = approve.iter().map(String::as_str).collect();
    let command = Uuid::new_v4();
    // Every lock a person can get, held open.
    sqlx::raw_sql(
        "begin; set local lock_timeout = '1h'; set local idle_in_transaction_session_timeout = 0;
         select pg_advisory_lock(n) from generate_series(1, 500) n; listen exeat",
    )
    .execute(&mut holder)
    .await
    .unwrap();
    assert!(call(&mut holder, "cast_vote", &approve).await.ok);
    let begun = Instant::now();
    let waited = call_with(&mut other, "cast_vote", command, &approve).await;
    assert_eq!(waited.code, "busy");
    assert!(begun.elapsed() < Duration::from_secs(30), "the wait ends by itself");
    let journalled: i64 = one(&mut admin, "select count(*) from exeat.journal_page('{\"person\": \"checker2\", \"command\": \"cast_vote\"}') where code = 'busy'").await;
    assert_eq!(journalled, 1, "a refusal for a lock is journalled too");
    // One who may not see the file is not made to wait for it either: that would tell.
    let mut blind = database.connect("researcher2").await;
    assert_eq!(call(&mut blind, "claim", &[&heart.to_string()]).await.code, "not_found");
    // Everything else goes on.
    let approve_free = vote(free, "free.csv");
    let approve_free: Vec<&str> = approve_free.iter().map(String::as_str).collect();
    assert!(call(&mut other, "cast_vote", &approve_free).await.ok);
    assert!(call(&mut other, "add_comment", &[&heart.to_string(), "still here", "false"]).await.ok);
    assert!(call(&mut other, "ask_ticket", &[&heart.to_string(), "preview"]).await.ok);
    assert!(call(&mut admin, "set_policy", &["heart", "trusted", r#"{"approvals": 3}"#]).await.ok);
    assert!(call(&mut admin, "end_membership", &["checker5", "heart", "checker"]).await.ok);
    assert!(intake(&mut worker, "heart", "new.csv", &sha("new"), 10).await.is_some());
    assert_eq!(
        intake(&mut worker, "heart", "heart.csv", &sha("newer"), 10).await,
        None,
        "the locked one waits for the next pass"
    );
    let _: i32 = one(&mut worker, "select exeat.lapse_votes()").await;
    let _: Option<i64> = one(&mut worker, "select (select version from exeat.claim_release('w', 60))").await;
    // The worker ends it, though the person asked not to be.
    let mut ended: i32 = 0;
    for _ in 0..100 {
        ended += one::<i32>(&mut worker, "select exeat.end_idle_sessions(0)").await;
        if ended > 0 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert_eq!(ended, 1);
    let mut answer = call_with(&mut other, "cast_vote", command, &approve).await;
    while answer.code == "busy" {
        answer = call_with(&mut other, "cast_vote", command, &approve).await;
    }
    assert!(answer.ok, "the same command again: {answer:?}");
    assert_eq!(answer.data()["count"], 2, "checker1's earlier vote stands, the open transaction's is gone");
}

#[tokio::test]
pub(super) async fn forged_notifications_and_ids_change_nothing() {
    let (database, ..) = two_projects().await;
    let mut own = database.connect("researcher2").await;
    let last: String = one(&mut own, "select exeat.last_change()").await;
    sqlx::raw_sql("notify exeat, '999999999'; select pg_notify('exeat', 'rubbish')").execute(&mut own).await.unwrap();
    for after in [last.as_str(), "999999998:999999998:", "9223372036854775807:9223372036854775807:"] {
        let rows: i64 = one(&mut own, &format!("select count(*) from exeat.changes_since('{after}')")).await;
        assert_eq!(rows, 0, "{after}");
    }
    for rubbish in ["", "0", "-1:1:", "1", "x"] {
        assert!(state_of(&mut own, &format!("select from exeat.changes_since('{rubbish}')")).await.is_some());
    }
    for id in ["-1", "0", "9223372036854775807", "-9223372036854775808", "null"] {
        let answer = call(&mut own, "cast_vote", &[id, "null", "approve", &sha("x"), ""]).await;
        assert_eq!(answer.code, if id == "null" { "invalid" } else { "not_found" }, "{id}");
    }
    let sql = "select (exeat.claim(null, 1)).code";
    assert_eq!(one::<String>(&mut own, sql).await, "invalid", "no command id");
}

#[tokio::test]
pub(super) async fn numbers_and_texts_out_of_range_are_answers() {
    let database = Database::fresh().await;
    let mut admin = database.connect("admin1").await;
    for values in [
        r#"{"approvals": 0}"#,
        r#"{"approvals": -1}"#,
        r#"{"approvals": 1e30}"#,
        r#"{"approvals": 2.5}"#,
        r#"{"approvals": "2"}"#,
        r#"{"approvals": null}"#,
        r#"{"largest_file": -1}"#,
        r#"{"largest_file": 9223372036854775808}"#,
        r#"{"hold_seconds": -1}"#,
        r#"{"hold_seconds": 1e300}"#,
        r#"{"rejection_vetoes": 1}"#,
        r#"{"unknown": 1}"#,
        r#"{"checks": []}"#,
        "[]",
        "1",
        "null",
    ] {
        let answer = call(&mut admin, "set_policy", &["heart", "trusted", values]).await;
        let wanted = if values.contains("1e300") { "out_of_range" } else { "invalid" };
        assert_eq!(answer.code, wanted, "{values}: {answer:?}");
    }
    for (project, place, shared) in [
        ("heart2", "s3://candidates/heart/", "s3://shared/"),
        ("heart2", "s3://candidates/heart/inner/", "s3://shared/"),
        ("heart2", "s3://candidates/", "s3://shared/"),
        ("heart2", "s3://candidates/heart2", "s3://shared/"),
        ("heart2", "s3://shared/heart/", "s3://shared/"),
        ("heart2", "s3://shared/x/", "s3://other/"),
        ("heart2", "s3://fresh/", "s3://candidates/"),
        ("heart2", "s3://fresh/", "s3://fresh/released/"),
        ("heart2", "http://candidates/x/", "s3://shared/"),
        ("heart2", "s3://candidates//x/", "s3://shared/"),
        ("../x", "s3://fresh/", "s3://shared/"),
        ("heart", "s3://fresh/", "s3://shared/"),
    ] {
        let answer = call(&mut admin, "add_project", &[project, "T", "P", place, shared]).await;
        assert_eq!(answer.code, "invalid", "{project} {place} {shared}: {answer:?}");
    }
    done(&mut admin, "add_project", &["heart2", "T", "P", "s3://candidates/heart2/", "s3://shared/"]).await;
    let mut researcher = database.connect("researcher1").await;
    let long = "k".repeat(1020);
    let hash = sha("x");
    for (file, code) in [
        (serde_json::json!({"key": "a", "sha256": hash, "size": -1}), "invalid"),
        (serde_json::json!({"key": "a", "sha256": hash, "size": 1e30}), "invalid"),
        (serde_json::json!({"key": "a", "sha256": hash, "size": 0.5}), "invalid"),
        (serde_json::json!({"key": "a", "sha256": hash, "size": "10"}), "invalid"),
        (serde_json::json!({"key": "a", "sha256": hash}), "invalid"),
        (serde_json::json!({"key": "a", "sha256": "zz", "size": 1}), "invalid"),
        (serde_json::json!({"key": "", "sha256": hash, "size": 1}), "invalid"),
        (serde_json::json!({"sha256": hash, "size": 1}), "invalid"),
        (serde_json::json!({"key": long, "sha256": hash, "size": 1}), "invalid"),
        (serde_json::json!({"key": "a", "sha256": hash, "size": 1_000_001}), "too_large"),
        (serde_json::json!("a"), "invalid"),
        (serde_json::json!({"key": "\u{1b}]52;c;x\u{7}\n\\ ../../x", "sha256": hash, "size": 1}), "done"),
    ] {
        let files = serde_json::json!([file]).to_string();
        let answer = call(&mut researcher, "register_submission", &["heart", "trusted", "a paper", &files]).await;
        assert_eq!(answer.code, code, "{files}: {answer:?}");
    }
}

#[tokio::test]
async fn hostile_filters_stay_values() {
    let (database, ..) = two_projects().await;
    let mut own = database.connect("researcher2").await;
    let hostile = [
        "' or true --",
        "%",
        "_",
        "\\",
        "!",
        "') or (1=1",
        "$1",
        "\u{202e}",
        "x' union select * from exeat.internal_notes --",
    ];
    for word in hostile {
        for field in ["words", "project", "destination", "by", "kind", "state"] {
            let filter = serde_json::json!({ field: [word] });
            let n = count(&mut own, "egress", &filter, "submitted_at").await.unwrap();
            assert!(n <= 1, "{filter}");
            if field != "words" || word != "\\" {
                assert_eq!(n, 0, "{filter}");
            }
        }
        for filter in [
            serde_json::json!({ "sha256": [word] }),
            serde_json::json!({ word: ["x"] }),
            serde_json::json!({"id": [word]}),
        ] {
            assert!(count(&mut own, "egress", &filter, "submitted_at").await.is_err(), "{filter}");
        }
        assert!(count(&mut own, "egress", &serde_json::json!({}), word).await.is_err(), "sorted by {word}");
        for field in ["state", "dataset", "by", "dac", "ticket", "request", "id", "words"] {
            let filter = serde_json::json!({ field: [word] });
            let area = if field == "request" { "grant" } else { "request" };
            match count(&mut own, area, &filter, "created").await {
                Ok(n) => assert_eq!(n, 0, "{filter}"),
                Err(error) => assert!(["request", "id"].contains(&field), "{filter}: {error}"),
            }
        }
        assert!(count(&mut own, "request", &serde_json::json!({}), word).await.is_err(), "sorted by {word}");
    }
}

async fn count(connection: &mut PgConnection, area: &str, filter: &Value, sort: &str) -> Result<i64, sqlx::Error> {
    let request = serde_json::json!({ "filter": filter, "sort": sort }).to_string();
    let sql = format!("select count(*) from exeat.read('{area}', 'page', {})", literal(&request));
    sqlx::query_scalar(AssertSqlSafe(sql)).fetch_one(connection).await
}
