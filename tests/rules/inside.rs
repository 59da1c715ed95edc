//! The three words of a file's inside, as the database says them and finds files by them.

use serde_json::{Value, json};

use crate::support::pg::{Database, literal, one, submitted};

fn found(rule: &str, severity: &str) -> Value {
    json!({"rule": rule, "place": "row 2", "sentence": "s", "severity": severity, "state": "open"})
}

#[tokio::test]
async fn clean_found_and_not_checked_are_told_by_bytes_and_findings() {
    let database = Database::fresh().await;
    let mut owner = database.owner().await;
    let waived = json!({"rule": "small_count", "severity": "warn", "state": "waived"});
    for (findings, media, read, state, why) in [
        (json!([]), "text/csv; charset=utf-8", true, "clean", Value::Null),
        (json!([found("zero_count", "note")]), "text/csv", true, "clean", Value::Null),
        (json!([waived]), "text/csv", true, "clean", Value::Null),
        (json!([found("small_count", "warn")]), "text/csv", true, "findings", Value::Null),
        (json!([found("not_scanned", "warn")]), "text/csv", true, "not_checked", json!("the rules could not read it")),
        (json!([found("metadata", "note")]), "image/png", true, "not_checked", json!("a picture")),
        (json!([found("data_after_end", "stop")]), "image/png", true, "findings", json!("a picture")),
        (json!([]), "application/json", true, "not_checked", json!("only identifiers")),
        (json!([]), "text/plain", true, "not_checked", json!("only identifiers")),
        (
            json!([found("cannot_be_checked", "warn")]),
            "application/x-r-data",
            true,
            "not_checked",
            json!("an R object"),
        ),
        (
            json!([found("cannot_be_checked", "warn")]),
            "application/x-hdf5",
            true,
            "not_checked",
            json!("no rule reads it"),
        ),
        (json!([]), "text/csv", false, "not_checked", json!("it was never read")),
    ] {
        let sql = format!("select exeat.inside({}, {}, {read})", literal(&findings.to_string()), literal(media));
        let inside: Value = one(&mut owner, &sql).await;
        assert_eq!((&inside["state"], &inside["why"]), (&json!(state), &why), "{findings} {media}");
    }
}

#[tokio::test]
async fn files_are_found_by_the_word_and_by_the_rule() {
    let database = Database::fresh().await;
    let mut researcher = database.connect("researcher1").await;
    let mut worker = database.connect(crate::support::pg::WORKER).await;
    let mut ids = Vec::new();
    for key in ["a.csv", "b.csv", "c.csv"] {
        ids.push(submitted(&mut researcher, &mut worker, "heart", "trusted", key).await);
    }
    let findings = json!([found("small_count", "warn")]).to_string();
    let mark = format!("update exeat.file_versions set findings = {} where id = {}", literal(&findings), ids[0]);
    let mut owner = database.owner().await;
    sqlx::raw_sql(sqlx::AssertSqlSafe(mark)).execute(&mut owner).await.unwrap();
    let png = format!("update exeat.file_versions set media_type = 'image/png' where id = {}", ids[1]);
    sqlx::raw_sql(sqlx::AssertSqlSafe(png)).execute(&mut owner).await.unwrap();
    let mut checker = database.connect("checker1").await;
    for (filter, found) in [
        (json!({"inside": ["findings"]}), vec![ids[0]]),
        (json!({"inside": ["not_checked"]}), vec![ids[1]]),
        (json!({"inside": ["clean"]}), vec![ids[2]]),
        (json!({"inside": ["clean", "findings"]}), vec![ids[0], ids[2]]),
        (json!({"finding": ["small_count"]}), vec![ids[0]]),
        (json!({"finding": ["email"]}), vec![]),
    ] {
        let asked = json!({"filter": filter, "sort": "key", "page": 10}).to_string();
        let sql = format!(
            "select coalesce(array_agg(id order by id), '{{}}') from exeat.read('egress', 'page', {})",
            literal(&asked)
        );
        let ids: Vec<i64> = one(&mut checker, &sql).await;
        assert_eq!(ids, found, "{asked}");
    }
}
