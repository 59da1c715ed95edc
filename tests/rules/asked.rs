//! What is asked with a part that is none is a mistake by its name: it would silently show too much, or end deep inside.

use serde_json::Value;
use sqlx::PgConnection;

use crate::support::pg::{Database, done, one};

async fn mistake(connection: &mut PgConnection, sql: &str) -> String {
    let asked = sqlx::query(sqlx::AssertSqlSafe(sql)).persistent(false).fetch_all(connection).await;
    asked.err().map_or_else(|| panic!("{sql} was answered"), |why| why.to_string())
}

#[tokio::test]
async fn a_part_that_is_none_is_named() {
    let database = Database::fresh().await;
    let mut auditor = database.connect("auditor1").await;
    for (sql, said) in [
        ("select * from exeat.journal_page('{\"persno\": \"x\"}')", "unknown or malformed part: persno"),
        ("select * from exeat.journal_page('{\"ok\": \"perhaps\"}')", "unknown or malformed part: ok"),
        ("select * from exeat.journal_page('[]')", "has to be a JSON object"),
        ("select * from exeat.changes_since('abc')", "no place in the change feed"),
        ("select * from exeat.changes_since('5:1:')", "no place in the change feed"),
    ] {
        let why = mistake(&mut auditor, sql).await;
        assert!(why.contains(said), "{sql}: {why}");
    }
    let rows: i64 =
        one(&mut auditor, "select count(*) from exeat.journal_page('{\"ok\": true, \"person\": null}')").await;
    assert!(rows > 0, "what is null is not asked for");
}

#[tokio::test]
async fn a_cursor_of_another_order_is_no_place() {
    let database = Database::fresh().await;
    let (mut researcher, mut worker) =
        (database.connect("researcher1").await, database.connect(crate::support::pg::WORKER).await);
    for key in ["a.csv", "b.csv"] {
        crate::support::pg::submitted(&mut researcher, &mut worker, "heart", "trusted", key).await;
    }
    let page = |after: &str, sort: &str| {
        format!("select cursor from exeat.read('egress', 'page', '{{\"sort\": \"{sort}\"{after}}}') limit 1")
    };
    let mut checker = database.connect("checker1").await;
    let cursor: Value = one(&mut checker, &page("", "waits")).await;
    let after = format!(", \"after\": {cursor}");
    let _: Value = one(&mut checker, &page(&after, "waits")).await;
    let why = mistake(&mut checker, &page(&after, "submitted_at")).await;
    assert!(why.contains("no place in the order by submitted_at"), "{why}");
}

#[tokio::test]
async fn roles_in_the_whole_site_are_no_news_to_others() {
    let database = Database::fresh().await;
    let mut other = database.connect("researcher1").await;
    let before: String = one(&mut other, "select exeat.last_change()").await;
    done(&mut database.connect("admin1").await, "add_membership", &["researcher2", "null", "auditor"]).await;
    let told: i64 = one(&mut other, &format!("select count(*) from exeat.changes_since('{before}')")).await;
    assert_eq!(told, 0);
    let own: i64 = one(
        &mut database.connect("researcher2").await,
        &format!("select count(*) from exeat.changes_since('{before}') where area = 'membership'"),
    )
    .await;
    assert!(own > 0);
}
