//! Messages about requests and grants: to whom, with which words, and never in the way of a decision.

use serde_json::{Value, json};
use sqlx::PgConnection;
use uuid::Uuid;

use super::{asked, day, edit, site};
use crate::support::pg::{call, done, one};

/// The messages of a topic, oldest first.
async fn messages(owner: &mut PgConnection, topic: &str) -> Vec<Value> {
    one(
        owner,
        &format!("select coalesce(array_agg(payload order by id), '{{}}') from exeat.outbox where topic = '{topic}'"),
    )
    .await
}

#[tokio::test]
async fn mail_goes_to_the_requests_address_and_carries_the_note() {
    let database = site().await;
    let mut researcher = database.connect("researcher1").await;
    let mut steward = database.connect("steward1").await;
    let mut admin = database.connect("admin1").await;
    let mut owner = database.owner().await;
    done(&mut admin, "set_setting", &["access.steward_mail", "\"stewards@example.org\""]).await;
    let bad = call(&mut admin, "set_setting", &["access.steward_mail", "\"nowhere\""]).await;
    assert!(!bad.ok && bad.sentence.contains("access.steward_mail"), "{bad:?}");
    let data = done(&mut researcher, "new_request", &["AB001", "Text", "null", "null", "lab@example.org"]).await;
    let id = data["request"].as_str().unwrap();
    let sent = &messages(&mut owner, "access.requested").await[0];
    assert_eq!(
        (&sent["mail_to"], &sent["steward_mail_to"], &sent["dac_mail_to"], &sent["dataset_id"], &sent["login"]),
        (
            &json!("lab@example.org"),
            &json!("stewards@example.org"),
            &json!("dac@example.org"),
            &json!("AB001"),
            &json!("researcher1")
        )
    );
    // Notes to the requester are sent, once for each wording; internal ones never.
    for changes in [
        json!({"internal_note": "only-among-stewards"}),
        json!({"note_to_requester": "Please send the vote."}),
        json!({"note_to_requester": "Please send the vote."}),
        json!({"internal_note": "only-among-stewards", "ticket_id": "T-1"}),
        json!({"note_to_requester": ""}),
    ] {
        assert!(edit(&mut steward, id, &changes).await.ok, "{changes}");
    }
    let noted = messages(&mut owner, "access.noted").await;
    assert_eq!(noted.len(), 1);
    assert_eq!((&noted[0]["mail_to"], &noted[0]["note"]), (&json!("lab@example.org"), &json!("Please send the vote.")));
    let allowed = done(&mut steward, "allow_request", &[id, "null", "null", "null", "Welcome."]).await;
    let grant = allowed["grant"].as_str().unwrap();
    assert_eq!(allowed["mail_to"], "lab@example.org", "the dialog says where the mail goes");
    let made = &messages(&mut owner, "grant.created").await[0];
    assert_eq!((&made["grant"], &made["mail_to"]), (&json!(grant), &Value::Null), "they are written to once");
    let told = &messages(&mut owner, "access.allowed").await[0];
    assert_eq!(
        (&told["mail_to"], &told["note"], &told["grant"]),
        (&json!("lab@example.org"), &json!("Welcome."), &json!(grant))
    );
    let shorter = day(160);
    done(&mut steward, "amend_grant", &[grant, &shorter, "Shorter"]).await;
    done(&mut steward, "revoke_grant", &[grant, "misuse", "only-among-stewards"]).await;
    for topic in ["grant.amended", "grant.revoked"] {
        let sent = &messages(&mut owner, topic).await[0];
        assert_eq!((&sent["mail_to"], &sent["dataset_id"]), (&json!("lab@example.org"), &json!("AB001")), "{topic}");
        assert_eq!(sent["valid_until"], shorter);
    }
    // By hand there is no request, and so the registered address.
    done(&mut steward, "add_grant", &["researcher2", "AB001", "null", &day(190)]).await;
    assert_eq!(messages(&mut owner, "grant.created").await[1]["mail_to"], "x@example.org");
    let all: String = one(&mut owner, "select string_agg(payload::text, E'\\n') from exeat.outbox").await;
    assert!(!all.contains("only-among-stewards"), "{all}");
    // Each of them has an id of its own, by which whoever gets it twice knows it.
    let ids: Vec<String> = one(&mut owner, "select array_agg(distinct payload->>'event_id') from exeat.outbox").await;
    assert_eq!(i64::try_from(ids.len()).unwrap(), one::<i64>(&mut owner, "select count(*) from exeat.outbox").await);
    assert!(ids.iter().all(|id| id.parse::<Uuid>().is_ok()));
}

#[tokio::test]
async fn undelivered_messages_and_a_stuck_delivery_never_delay_a_decision() {
    let database = site().await;
    let mut researcher = database.connect("researcher1").await;
    let mut steward = database.connect("steward1").await;
    let mut owner = database.owner().await;
    let ids = [asked(&mut researcher, "AB001").await, asked(&mut researcher, "AB002").await];
    // Whoever delivers hangs at a dead server, every message in hand.
    let mut stuck = database.owner().await;
    sqlx::raw_sql("begin; update exeat.outbox set delivered_at = null; select * from exeat.outbox for update")
        .execute(&mut stuck)
        .await
        .unwrap();
    // A command waits for no lock longer than this, so what follows would be refused if one were in its way.
    sqlx::raw_sql("set statement_timeout = '5s'").execute(&mut steward).await.unwrap();
    let allowed = done(&mut steward, "allow_request", &[&ids[0]]).await;
    done(&mut steward, "deny_request", &[&ids[1], "No."]).await;
    done(&mut steward, "revoke_grant", &[allowed["grant"].as_str().unwrap(), "ended", "Over"]).await;
    let waiting: Vec<String> =
        one(&mut owner, "select array_agg(topic order by id) from exeat.outbox where delivered_at is null").await;
    assert_eq!(
        waiting,
        ["access.requested", "access.requested", "grant.created", "access.allowed", "access.denied", "grant.revoked"],
        "they wait to be delivered"
    );
    sqlx::raw_sql("rollback").execute(&mut stuck).await.unwrap();
}
