//! One person's flood of words at a file or a request: it neither fills the desks of those who open it nor hides what others wrote.

use serde_json::json;
use sqlx::{AssertSqlSafe, PgConnection};

use super::sql_reach::two_projects;
use crate::rules::access::{asked, edit, site};
use crate::support::pg::{WORKER, call, done, one, sha};

const MB: i64 = 1 << 20;

/// How many bytes a query's rows have as text, and all of them in one.
async fn read(own: &mut PgConnection, query: &str) -> (i64, String) {
    let sql =
        format!("select sum(octet_length(x::text))::bigint, string_agg(left(x::text, 2000), E'\\n') from ({query}) x");
    sqlx::query_as(AssertSqlSafe(sql)).persistent(false).fetch_one(own).await.unwrap()
}

/// The lines of one kind beside a row.
fn beside(area: &str, id: &str, lines: &str) -> String {
    format!("select json_array_elements(item->'{lines}') from exeat.read('{area}', 'facts', '{{\"id\": {id}}}')")
}

#[tokio::test]
async fn a_flood_at_a_file_is_no_flood_at_its_readers() {
    let (database, heart, _) = two_projects().await;
    let id = heart.to_string();
    let mut flooder = database.connect("researcher1").await;
    let mut checker = database.connect("checker2").await;
    let huge = "z".repeat(1_500_000);
    for _ in 0..8 {
        let vote = call(&mut flooder, "cast_vote", &[&id, "trusted", "reject", &sha("heart.csv"), &huge]).await;
        assert_eq!(vote.code, "too_large");
    }
    let long = "y".repeat(10_000);
    let flood =
        format!("select count((exeat.add_comment(gen_random_uuid(), {id}, '{long}')).ok) from generate_series(1, 300)");
    assert_eq!(one::<i64>(&mut flooder, &flood).await, 300);
    done(&mut checker, "add_comment", &[&id, "and after it", "true"]).await;
    for login in ["checker1", "researcher1"] {
        let mut own = database.connect(login).await;
        let (bytes, history) = read(&mut own, &beside("egress", &id, "history")).await;
        assert!(bytes < 2 * MB, "{login}: {bytes} bytes of history");
        assert!(history.contains("fine"), "what others did is there");
        assert!(history.contains("earlier_entries") && history.contains("of them are left out here"), "{login}");
        let (bytes, comments) = read(&mut own, &beside("egress", &id, "comments")).await;
        assert!(bytes < 2 * MB, "{login}: {bytes} bytes of comments");
        assert!(comments.contains("for everyone"), "{login}");
        assert_eq!(comments.contains("secret note") && comments.contains("and after it"), login == "checker1");
    }
    // Nothing is lost: the journal has it.
    let mut auditor = database.connect("auditor1").await;
    let kept = "select count(*) from exeat.journal_page('{\"person\": \"researcher1\", \"command\": \"add_comment\"}', page => 1000)";
    assert_eq!(one::<i64>(&mut auditor, kept).await, 300);
}

#[tokio::test]
async fn a_flood_at_a_request_is_no_flood_at_the_stewards() {
    let database = site().await;
    let mut own = database.connect("researcher1").await;
    let mut steward = database.connect("steward1").await;
    let mut second = database.connect("steward2").await;
    let id = asked(&mut own, "AB001").await;
    assert!(edit(&mut steward, &id, &json!({"ticket_id": "T-77"})).await.ok);
    let huge = json!({"ticket_id": "z".repeat(1_500_000)});
    for _ in 0..8 {
        assert!(!edit(&mut own, &id, &huge).await.ok);
    }
    done(&mut steward, "comment_request", &[&id, "a word of another"]).await;
    let long = "y".repeat(10_000);
    let flood = format!(
        "select count((exeat.comment_request(gen_random_uuid(), {id}, '{long}')).ok) from generate_series(1, 200)"
    );
    assert_eq!(one::<i64>(&mut second, &flood).await, 200);
    let (bytes, history) = read(&mut steward, &beside("request", &id, "history")).await;
    assert!(bytes < 2 * MB, "{bytes} bytes of history");
    for word in ["T-77", "a word of another", "earlier_entries", "new_request"] {
        assert!(history.contains(word), "{word}");
    }
    let (bytes, comments) = read(&mut steward, &beside("request", &id, "comments")).await;
    assert!(bytes < 2 * MB && comments.contains("a word of another"), "{bytes} bytes of comments");
}

/// The worker takes tickets by turns: who asks for as many as may wait delays nobody, and neither does who keeps one locked.
#[tokio::test]
async fn nobody_waits_behind_anothers_tickets() {
    let (database, heart, _) = two_projects().await;
    let mut worker = database.connect(WORKER).await;
    let mut flooder = database.connect("researcher1").await;
    let mut checker = database.connect("checker1").await;
    let flood = format!(
        "select count(*) filter (where (t).ok) from (select exeat.ask_ticket(gen_random_uuid(), {heart}, 'preview') as t from generate_series(1, 500)) x"
    );
    assert_eq!(one::<i64>(&mut flooder, &flood).await, 50);
    let ticket = done(&mut checker, "ask_ticket", &[&heart.to_string(), "preview"]).await;
    let ticket = ticket["ticket"].as_str().unwrap().to_owned();
    let open: Vec<uuid::Uuid> =
        one(&mut worker, "select array_agg(ticket order by n) from exeat.open_tickets() with ordinality x (ticket, use, bucket, key, version_id, sha256, size, media_type, etag, n)").await;
    assert_eq!(open.len(), 51);
    let place = open.iter().position(|id| id.to_string() == ticket);
    assert!(place.is_some_and(|place| place < 2), "{place:?}");
    let mut holder = database.owner().await;
    let lock = format!("begin; select from exeat.tickets where id = '{ticket}' for update");
    sqlx::raw_sql(AssertSqlSafe(lock)).execute(&mut holder).await.unwrap();
    sqlx::raw_sql("set statement_timeout = '1s'").execute(&mut worker).await.unwrap();
    let answer = format!("select exeat.answer_ticket('{ticket}', 'http://x', clock_timestamp() + interval '1 minute')");
    assert!(!one::<bool>(&mut worker, &answer).await, "it is not waited for");
    sqlx::raw_sql("rollback").execute(&mut holder).await.unwrap();
    assert!(one::<bool>(&mut worker, &answer).await);
}
