//! Deciding, editing, claiming, and what a decision does all at once.

use serde_json::{Value, json};
use uuid::Uuid;

use super::{asked, day, edit, grant, refused, request, set_dates, site};
use crate::support::pg::{call, call_with, done, one};

#[tokio::test]
async fn a_decision_is_request_grant_events_and_messages_at_once() {
    let database = site().await;
    let mut researcher = database.connect("researcher1").await;
    let mut steward = database.connect("steward1").await;
    let mut owner = database.owner().await;
    let id =
        done(&mut researcher, "new_request", &["AB001", "Text", "null", "null", "me@example.org"]).await["request"]
            .as_str()
            .unwrap()
            .to_owned();
    // Where the last part of it fails, nothing of it is there.
    let run = async |owner: &mut sqlx::PgConnection, sql: &'static str| {
        sqlx::raw_sql(sql).execute(owner).await.unwrap();
    };
    run(&mut owner, "alter table exeat.outbox add constraint no check (topic <> 'access.allowed')").await;
    let sql = format!("select exeat.allow_request(gen_random_uuid(), {id})");
    assert!(sqlx::query(sqlx::AssertSqlSafe(sql.as_str())).execute(&mut steward).await.is_err());
    run(&mut owner, "alter table exeat.outbox drop constraint no").await;
    assert_eq!(request(&mut steward, &id).await["status"], "pending");
    assert_eq!(one::<i64>(&mut owner, "select count(*) from exeat.grants").await, 0);
    assert_eq!(one::<i64>(&mut owner, "select count(*) from exeat.outbox").await, 1);
    let command = Uuid::new_v4();
    let (from, until) = (day(40), day(190));
    let arguments = [id.as_str(), &from, &until, "null", "Welcome."];
    let answer = call_with(&mut steward, "allow_request", command, &arguments).await;
    assert!(answer.ok, "{answer:?}");
    let item = request(&mut steward, &id).await;
    assert_eq!(item["status"], "allowed");
    assert_eq!(item["changed_by"], "steward1");
    assert_eq!(item["note_to_requester"], "Welcome.");
    let given = grant(&mut steward, item["grant"].as_str().unwrap()).await;
    assert_eq!(given["valid_from"], from);
    assert_eq!(given["valid_until"], until);
    assert_eq!(given["request"], id.as_str());
    assert_eq!(given["state"], "upcoming");
    // Every message has an id of its own.
    let messages: Vec<Value> = one(
        &mut owner,
        "select array_agg(payload || jsonb_build_object('topic', topic) order by id) from exeat.outbox",
    )
    .await;
    let topics: Vec<&str> = messages.iter().map(|message| message["topic"].as_str().unwrap()).collect();
    assert_eq!(topics, ["access.requested", "grant.created", "access.allowed"]);
    assert_eq!(messages[2]["mail_to"], "me@example.org", "the request's address, not the account's");
    assert_eq!(messages[2]["note"], "Welcome.");
    let mut ids: Vec<&str> = messages.iter().map(|message| message["event_id"].as_str().unwrap()).collect();
    ids.dedup();
    assert_eq!(ids.len(), 3);
    assert!(ids.iter().all(|id| id.parse::<Uuid>().is_ok()));
    // The same command again is the same answer, and nothing twice.
    assert_eq!(call_with(&mut steward, "allow_request", command, &arguments).await, answer);
    assert_eq!(one::<i64>(&mut owner, "select count(*) from exeat.outbox").await, 3);
    assert_eq!(one::<i64>(&mut owner, "select count(*) from exeat.grants").await, 1);
}

#[tokio::test]
async fn denying_and_noting_work_whatever_the_dates() {
    let database = site().await;
    let mut researcher = database.connect("researcher1").await;
    let mut steward = database.connect("steward1").await;
    let mut owner = database.owner().await;
    for (starts, ends) in [
        ("2020-01-01", "2020-02-01"),
        ("2020-01-01", "2990-01-01"),
        ("2700-01-01", "2800-01-01"),
        ("2026-01-01", "2026-01-02"),
    ] {
        let id = asked(&mut researcher, "AB001").await;
        set_dates(&mut owner, &id, starts, ends).await;
        let before = request(&mut steward, &id).await;
        for changes in [
            json!({"note_to_requester": "Wait a little."}),
            json!({"internal_note": "Ask the DAC."}),
            json!({"ticket_id": "T-1"}),
            json!({"note_to_requester": "", "ticket_id": ""}),
        ] {
            assert!(edit(&mut steward, &id, &changes).await.ok, "{starts} {changes}");
        }
        let after = request(&mut steward, &id).await;
        for name in ["access_starts", "access_ends", "status", "iva_id"] {
            assert_eq!(before[name], after[name], "a note moved {name}");
        }
        let allowed = call(&mut steward, "allow_request", &[&id]).await;
        assert!(
            ["ends_invalid", "too_long", "ends_before_start"].contains(&refused(&allowed)) || starts == "2020-01-01",
            "{allowed:?}"
        );
        assert_eq!(refused(&call(&mut steward, "deny_request", &[&id, "  "]).await), "reason_required");
        assert!(call(&mut steward, "deny_request", &[&id, "Too late."]).await.ok, "{starts}");
        let denied = request(&mut researcher, &id).await;
        assert_eq!(denied["status"], "denied");
        assert_eq!(denied["note_to_requester"], "Too late.");
    }
    assert_eq!(one::<i64>(&mut owner, "select count(*) from exeat.grants").await, 0);
}

#[tokio::test]
async fn only_named_fields_change_and_empty_ones_clear() {
    let database = site().await;
    let mut researcher = database.connect("researcher1").await;
    let mut steward = database.connect("steward1").await;
    let id = asked(&mut researcher, "AB001").await;
    let set = json!({"ticket_id": "T-1", "internal_note": "In", "note_to_requester": "Out"});
    assert!(edit(&mut steward, &id, &set).await.ok);
    // null leaves, '' clears, absent leaves.
    assert!(edit(&mut steward, &id, &json!({"ticket_id": "", "internal_note": null})).await.ok);
    let item = request(&mut steward, &id).await;
    assert_eq!(
        (&item["ticket_id"], &item["internal_note"], &item["note_to_requester"]),
        (&Value::Null, &json!("In"), &json!("Out"))
    );
    assert!(edit(&mut steward, &id, &json!({"internal_note": ""})).await.ok);
    let item = request(&mut steward, &id).await;
    assert_eq!((&item["internal_note"], &item["note_to_requester"]), (&Value::Null, &json!("Out")));
    for changes in [
        json!({"status": "allowed"}),
        json!({"email": "x@example.org"}),
        json!({"ticket_id": "T", "request_text": "Another"}),
        json!({}),
        json!({"ticket_id": null}),
        json!(["ticket_id"]),
        json!("ticket_id"),
        json!(5),
        json!({"ticket_id": 5}),
        json!({"note_to_requester": {"a": 1}}),
        json!({"iva_id": ""}),
        json!({"iva_id": "no uuid"}),
        json!({"iva_id": Uuid::new_v4()}),
        json!({"access_starts": "soon"}),
        json!({"access_ends": ""}),
        // As strict as a field of a command: no time that is another one tomorrow.
        json!({"access_ends": "tomorrow"}),
        json!({"access_starts": "now"}),
    ] {
        assert_eq!(refused(&edit(&mut steward, &id, &changes).await), "invalid", "{changes}");
    }
    for changes in [json!({"ticket_id": "x".repeat(101)}), json!({"internal_note": "x".repeat(10_001)})] {
        assert_eq!(refused(&edit(&mut steward, &id, &changes).await), "too_large");
    }
    let starts = json!({"access_starts": day(70), "access_ends": day(40)});
    assert_eq!(refused(&edit(&mut steward, &id, &starts).await), "ends_before_start");
    assert_eq!(request(&mut steward, &id).await, item, "nothing of what was refused is there");
    // A steward may extend beyond what may be asked for, to five times the longest.
    assert!(edit(&mut steward, &id, &json!({"access_ends": day(3_640)})).await.ok);
    assert_eq!(refused(&edit(&mut steward, &id, &json!({"access_ends": day(3_660)})).await), "too_long");
    // After the decision only the bookkeeping stays open.
    done(&mut steward, "deny_request", &[&id, "No."]).await;
    // The row says beforehand what is open and what is not.
    let item = request(&mut steward, &id).await;
    assert_eq!((&item["why_not"]["note"], &item["why_not"]["edit"]["code"]), (&Value::Null, &json!("decided")));
    assert!(edit(&mut steward, &id, &json!({"ticket_id": "T-9", "internal_note": "Closed"})).await.ok);
    assert_eq!(refused(&edit(&mut steward, &id, &json!({"note_to_requester": "Yes"})).await), "decided");
}

#[tokio::test]
async fn nobody_decides_their_own_and_the_sentence_says_who_can() {
    let database = site().await;
    let mut steward = database.connect("steward1").await;
    let id = asked(&mut steward, "AB001").await;
    let answers = [
        call(&mut steward, "allow_request", &[&id]).await,
        call(&mut steward, "deny_request", &[&id, "No"]).await,
        edit(&mut steward, &id, &json!({"internal_note": "mine"})).await,
        call(&mut steward, "claim_request", &[&id]).await,
        call(&mut steward, "add_grant", &["steward1", "AB001", &day(40), &day(190)]).await,
    ];
    for answer in answers {
        assert_eq!(refused(&answer), "own_request");
        assert!(answer.sentence.contains("steward2 or steward3"), "{}", answer.sentence);
    }
    let item = request(&mut steward, &id).await;
    assert_eq!(item["why_not"]["allow"]["code"], "own_request", "the list says the same");
    // By another login of the same person neither.
    let mut admin = database.connect("admin1").await;
    let mut owner = database.owner().await;
    let _: i64 = one(
        &mut owner,
        "with gone as (delete from exeat.logins where role = 'nobody1' returning 1) select count(*) from gone",
    )
    .await;
    done(&mut admin, "add_login", &["nobody1", "steward1"]).await;
    let mut other = database.connect("nobody1").await;
    assert_eq!(refused(&call(&mut other, "allow_request", &[&id]).await), "own_request");
    let mut second = database.connect("steward2").await;
    let allowed = done(&mut second, "allow_request", &[&id]).await;
    // Nor does one extend one's own grant; one may give it back.
    let given = allowed["grant"].as_str().unwrap();
    let longer = day(400);
    let amend = [given, &longer, "Longer"];
    assert_eq!(refused(&call(&mut steward, "amend_grant", &amend).await), "own_request");
    assert!(call(&mut steward, "revoke_grant", &[given, "ended", "Not needed any more"]).await.ok);
}

#[tokio::test]
async fn decided_requests_keep_the_datasets_words_and_pending_ones_follow() {
    let database = site().await;
    let mut researcher = database.connect("researcher1").await;
    let mut steward = database.connect("steward1").await;
    let mut admin = database.connect("admin1").await;
    let (kept, follows) = (asked(&mut researcher, "AB001").await, asked(&mut researcher, "AB001").await);
    let granted = done(&mut steward, "allow_request", &[&kept]).await["grant"].as_str().unwrap().to_owned();
    let renamed = json!([{"accession": "AB001", "title": "Renamed", "description": "New", "dac_alias": "DAC2", "dac_email": "dac2@example.org"}]);
    let dry = done(&mut admin, "sync_datasets", &[&renamed.to_string(), "true"]).await;
    assert_eq!(dry["changed"], json!(["AB001"]));
    assert_eq!(request(&mut steward, &follows).await["dataset_title"], "Dataset 1", "a dry run changes nothing");
    done(&mut admin, "sync_datasets", &[&renamed.to_string()]).await;
    assert_eq!(request(&mut steward, &kept).await["dataset_title"], "Dataset 1");
    let pending = request(&mut steward, &follows).await;
    assert_eq!((&pending["dataset_title"], &pending["dac_alias"]), (&json!("Renamed"), &json!("DAC2")));
    // Someone who looked before that is told, and can look again.
    assert_eq!(
        refused(&call(&mut steward, "allow_request", &[&follows, "null", "null", "null", "null", "1"]).await),
        "changed"
    );
    let again = done(&mut admin, "sync_datasets", &[&renamed.to_string()]).await;
    assert_eq!(again["unchanged"], json!(["AB001"]));
    // A removed dataset: no new requests, no allowing; denying stays, grants stay and are marked.
    let removed = json!([{"accession": "AB001", "title": "Renamed", "active": false}]);
    assert_eq!(done(&mut admin, "sync_datasets", &[&removed.to_string()]).await["removed"], json!(["AB001"]));
    assert_eq!(refused(&call(&mut researcher, "new_request", &["AB001", "Text"]).await), "not_found");
    assert_eq!(refused(&call(&mut steward, "allow_request", &[&follows]).await), "dataset_removed");
    assert!(call(&mut steward, "deny_request", &[&follows, "It is gone."]).await.ok);
    assert_eq!(grant(&mut steward, &granted).await["dataset_removed"], true);
}

#[tokio::test]
async fn claims_say_who_looks_and_decide_nothing() {
    let database = site().await;
    let mut researcher = database.connect("researcher1").await;
    let mut first = database.connect("steward1").await;
    let mut second = database.connect("steward2").await;
    let id = asked(&mut researcher, "AB001").await;
    assert!(call(&mut first, "claim_request", &[&id]).await.ok);
    let busy = call(&mut second, "claim_request", &[&id]).await;
    assert_eq!(refused(&busy), "busy");
    assert!(busy.sentence.contains("steward1"), "{}", busy.sentence);
    assert_eq!(refused(&call(&mut second, "unclaim_request", &[&id]).await), "not_held");
    assert_eq!(request(&mut second, &id).await["claimed_by"], "steward1");
    assert!(request(&mut researcher, &id).await.get("claimed_by").is_none());
    // is:claimed finds it for who may know, and tells whoever asked nothing.
    let claimed = r#"select count(*) from exeat.read('request', 'page', '{"filter": {"claimed": true}}')"#;
    assert_eq!(one::<i64>(&mut second, claimed).await, 1);
    assert_eq!(one::<i64>(&mut researcher, claimed).await, 0);
    // It lapses by itself.
    let mut owner = database.owner().await;
    let lapse =
        format!("update exeat.access_requests set claimed_until = clock_timestamp() where id = {id} returning 1");
    let _: i32 = one(&mut owner, &lapse).await;
    assert_eq!(request(&mut second, &id).await["claimed_by"], Value::Null);
    assert_eq!(one::<i64>(&mut second, claimed).await, 0);
    assert!(call(&mut second, "claim_request", &[&id]).await.ok);
    assert!(call(&mut second, "unclaim_request", &[&id]).await.ok);
    assert!(call(&mut first, "claim_request", &[&id]).await.ok);
    assert!(call(&mut first, "unclaim_request", &[&id]).await.ok);
    assert!(call(&mut second, "claim_request", &[&id]).await.ok);
    assert!(
        call(&mut first, "allow_request", &[&id, "null", "null", "null", "null", "1"]).await.ok,
        "a claim stops nobody"
    );
    assert_eq!(request(&mut second, &id).await["claimed_by"], Value::Null);
}

#[tokio::test]
async fn a_site_that_requires_an_iva_gets_one() {
    let database = site().await;
    let mut researcher = database.connect("researcher1").await;
    let mut steward = database.connect("steward1").await;
    let mut admin = database.connect("admin1").await;
    done(&mut admin, "set_setting", &["access.iva_required", "true"]).await;
    let id = asked(&mut researcher, "AB001").await;
    let answer = call(&mut steward, "allow_request", &[&id]).await;
    assert_eq!(refused(&answer), "iva_missing");
    assert!(answer.sentence.starts_with("Access request is missing an IVA"), "{}", answer.sentence);
    let iva = |data: Value| data["iva"].as_str().unwrap().to_owned();
    let theirs = iva(done(&mut admin, "set_iva", &["researcher1", "phone", "false"]).await);
    let others = iva(done(&mut admin, "set_iva", &["researcher2", "phone", "true"]).await);
    assert_eq!(refused(&call(&mut steward, "allow_request", &[&id, "null", "null", &others]).await), "invalid");
    assert!(call(&mut steward, "allow_request", &[&id, "null", "null", &theirs]).await.ok);
    // The grant is there; access begins when the IVA is verified.
    let check = "select (exeat.access_check('researcher1', 'AB001')).code";
    assert_eq!(one::<Option<String>>(&mut steward, check).await.as_deref(), Some("iva_missing"));
    done(&mut admin, "set_iva", &["researcher1", "phone", "true", &theirs]).await;
    assert_eq!(one::<Option<String>>(&mut steward, check).await, None);
}
