//! A day named as an end is all of that day, in the site's zone, and is said as that day.

use serde_json::{Value, json};
use sqlx::PgConnection;

use super::{edit, grant, request, site};
use crate::support::pg::{Answer, Database, call, done, literal, one};

/// A command as a program sends it, with its fields as JSON.
async fn send(connection: &mut PgConnection, name: &str, request: &Value) -> Answer {
    let request = literal(&request.to_string());
    let sql =
        format!("select ok, code, sentence, version, data from exeat.command(gen_random_uuid(), '{name}', {request})");
    sqlx::query_as(sqlx::AssertSqlSafe(sql)).persistent(false).fetch_one(connection).await.unwrap()
}

async fn in_berlin() -> Database {
    let database = site().await;
    done(&mut database.connect("admin1").await, "set_setting", &["site.zone", "\"Europe/Berlin\""]).await;
    database
}

#[tokio::test]
async fn an_end_named_as_a_day_is_the_end_of_that_day() {
    let database = in_berlin().await;
    let mut steward = database.connect("steward1").await;
    // The clocks go forward on 28 March 2027: the day has 23 hours and ends two hours before that of London.
    let add = json!({"login": "researcher1", "dataset": "AB001", "until": "2027-03-28"});
    let answer = send(&mut steward, "add_grant", &add).await;
    assert!(answer.ok && answer.sentence.contains("until 2027-03-28."), "{answer:?}");
    let id = answer.data.unwrap()["grant"].as_str().unwrap().to_owned();
    let item = grant(&mut steward, &id).await;
    assert_eq!(
        (&item["valid_until"], &item["last_day"]),
        (&json!("2027-03-28T21:59:59.999999+00:00"), &json!("2027-03-28"))
    );
    let mut owner = database.owner().await;
    for (at, state) in [("2027-03-28 21:59:59.999999+00", "active"), ("2027-03-28 22:00:00+00", "expired")] {
        let sql = format!("select exeat.grant_state(g, '{at}') from exeat.grants g where g.id = {id}");
        assert_eq!(one::<String>(&mut owner, &sql).await, state, "{at}");
    }
    let why = "select message from exeat.access_check('researcher1', 'AB001', '2027-03-29 12:00:00+00')";
    assert_eq!(one::<String>(&mut steward, why).await, format!("Grant {id} expired at the end of 2027-03-28."));
    let amend = json!({"grant": id, "until": "2027-05-01", "reason": "Longer"});
    let answer = send(&mut steward, "amend_grant", &amend).await;
    assert_eq!(answer.sentence, "Extended: it now ends at the end of 2027-05-01.");
    let message: Value = one(&mut owner, "select payload from exeat.outbox where topic = 'grant.amended'").await;
    assert_eq!(message["last_day"], "2027-05-01");
    // A moment stays one, whatever it is near to.
    let exact = json!({"grant": id, "until": "2027-06-01T21:00:00Z", "reason": "Longer"});
    assert!(send(&mut steward, "amend_grant", &exact).await.sentence.ends_with("at 2027-06-01 21:00:00 UTC."));
    assert_eq!(grant(&mut steward, &id).await["last_day"], Value::Null);
}

#[tokio::test]
async fn a_change_of_a_request_names_days_as_the_command_does() {
    let database = in_berlin().await;
    let (mut researcher, mut steward) = (database.connect("researcher1").await, database.connect("steward1").await);
    let id = super::asked(&mut researcher, "AB001").await;
    let day: String = one(&mut steward, "select (current_date + 90)::text").await;
    assert!(edit(&mut steward, &id, &json!({"access_starts": day, "access_ends": day})).await.ok);
    let item = request(&mut steward, &id).await;
    assert_eq!(item["last_day"], json!(day), "{item}");
    let hours = "select floor(extract(epoch from access_ends - access_starts))::int from exeat.access_requests";
    assert_eq!(one::<i32>(&mut database.owner().await, hours).await, 86_399, "one whole day, to its last microsecond");
    let none = edit(&mut steward, &id, &json!({"access_ends": "2026-02-30"})).await;
    assert!(!none.ok && none.sentence.contains("not a time"), "{none:?}");
}

#[tokio::test]
async fn whole_days_are_counted_as_the_calendar_does() {
    let database = in_berlin().await;
    let mut owner = database.owner().await;
    let judge = |from: &str, to: &str, steward: bool| {
        format!(
            "select coalesce((exeat.period_why_not(exeat.day_begins('{from}'), exeat.day_ends('{to}'),
              exeat.day_begins('2026-11-21'), {steward})).code, '-')"
        )
    };
    for (from, to, code) in [
        ("2026-11-21", "2026-11-26", "too_short"),
        ("2026-11-21", "2026-11-27", "-"),
        ("2026-11-21", "2028-11-20", "-"),
        ("2026-11-21", "2028-11-21", "too_long"),
    ] {
        assert_eq!(one::<String>(&mut owner, &judge(from, to, false)).await, code, "{from} to {to}");
    }
    assert_eq!(one::<String>(&mut owner, &judge("2026-11-21", "2026-11-21", true)).await, "-");
    let mut admin = database.connect("admin1").await;
    let until = "2999-01-01 00:00:00+00";
    let membership = call(&mut admin, "add_membership", &["researcher2", "heart", "researcher", "null", until]).await;
    assert!(membership.ok, "a moment is one in a function for psql");
}
