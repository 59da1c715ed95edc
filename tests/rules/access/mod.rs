//! The rules of access requests and grants, tried through the database's functions as the people they are for.

mod check;
mod days;
mod decide;
mod directory;
mod messages;
mod period;
mod query;
mod race;
mod seen;

use serde_json::{Value, json};
use sqlx::PgConnection;

use crate::support::pg::{Answer, Database, call, done, literal, one};

/// A database with three stewards, two of them new, and the datasets `AB001`, `AB002` and `AB003`.
pub async fn site() -> Database {
    let database = Database::fresh().await;
    let mut admin = database.connect("admin1").await;
    for steward in ["steward2", "steward3"] {
        done(&mut admin, "add_membership", &[steward, "null", "steward"]).await;
    }
    let rows: Vec<Value> = (1..=3)
        .map(|n| json!({"accession": format!("AB00{n}"), "title": format!("Dataset {n}"), "dac_alias": "DAC", "dac_email": "dac@example.org"}))
        .collect();
    done(&mut admin, "sync_datasets", &[&Value::from(rows).to_string()]).await;
    database
}

/// The beginning of the day so many days from now, so that no test ages.
pub fn day(days: i64) -> String {
    (chrono::Utc::now() + chrono::TimeDelta::days(days)).format("%Y-%m-%dT00:00:00+00:00").to_string()
}

/// Asks for access to a dataset with the defaults; returns the request's id.
pub async fn asked(researcher: &mut PgConnection, dataset: &str) -> String {
    let data = done(researcher, "new_request", &[dataset, "For a paper"]).await;
    data["request"].as_str().unwrap().to_owned()
}

/// One request as its reader sees it.
pub async fn request(reader: &mut PgConnection, id: &str) -> Value {
    one(reader, &format!("select item from exeat.read('request', 'rows', '{{\"ids\": [{id}]}}')")).await
}

/// One grant as its reader sees it.
pub async fn grant(reader: &mut PgConnection, id: &str) -> Value {
    one(reader, &format!("select item from exeat.read('grant', 'rows', '{{\"ids\": [{id}]}}')")).await
}

/// `edit_request` with these changes.
pub async fn edit(steward: &mut PgConnection, id: &str, changes: &Value) -> Answer {
    call(steward, "edit_request", &[id, &changes.to_string()]).await
}

/// The code of a command that must have been refused.
pub fn refused(answer: &Answer) -> &str {
    assert!(!answer.ok, "{answer:?}");
    &answer.code
}

/// Makes a request's dates what they are not allowed to become, as the database's owner.
pub async fn set_dates(owner: &mut PgConnection, id: &str, starts: &str, ends: &str) {
    let (starts, ends) = (literal(starts), literal(ends));
    let sql = format!(
        "update exeat.access_requests set access_starts = {starts}, access_ends = {ends} where id = {id} returning 1"
    );
    let _: i32 = one(owner, &sql).await;
}
