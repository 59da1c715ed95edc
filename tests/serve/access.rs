//! Contract B, row by row: requests and grants as GHGA's portals ask for them.

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};

use super::kit::{Credential, ext_id, person, served, told};
use crate::support::desk::{desk, text};

/// A portal for one person: what a person's own token would be.
struct Portal {
    of: Credential,
    login: String,
    id: String,
}

impl Portal {
    fn new(roles: &[&str]) -> Self {
        let login = person(roles);
        let rights = "requests:read,requests:write,grants:read,grants:write";
        let of = served().credential(&["--login", &login, "--right", rights]);
        Self { of, id: ext_id(&login), login }
    }

    async fn ask(&self, method: &str, path: &str, body: Value) -> (u16, Value) {
        let request = served().ask_as(&self.of, method, path);
        told(if body.is_null() { request } else { request.json(&body) }).await
    }

    async fn get(&self, path: &str) -> (u16, Value) {
        self.ask("GET", path, Value::Null).await
    }

    fn wanted(&self) -> Value {
        let now = Utc::now();
        json!({"user_id": self.id, "iva_id": null, "dataset_id": dataset(), "email": "me@example.org",
            "request_text": "F\u{fc}r eine Studie", "access_starts": now, "access_ends": now + TimeDelta::days(90)})
    }

    /// A new request's id.
    async fn asked(&self) -> String {
        let (status, id) = self.ask("POST", "/access-requests", self.wanted()).await;
        assert_eq!(status, 201, "{id}");
        text(&id)
    }

    async fn patch(&self, id: &str, body: Value) -> (u16, Value) {
        self.ask("PATCH", &format!("/access-requests/{id}"), body).await
    }
}

fn dataset() -> String {
    desk().psql("select accession from exeat.datasets where removed_at is null order by accession limit 1")
}

fn detail(answer: &(u16, Value)) -> (u16, &str) {
    (answer.0, answer.1["detail"].as_str().unwrap_or_default())
}

fn moment(value: &Value) -> DateTime<Utc> {
    text(value).parse().unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_request_is_made_listed_allowed_and_its_grant_revoked() {
    let (user, steward, other) = (Portal::new(&[]), Portal::new(&["steward"]), Portal::new(&[]));
    let first = user.asked().await;
    let second = user.asked().await;
    let (status, listed) = user.get("/access-requests").await;
    let ids = |list: &Value| list.as_array().unwrap().iter().map(|row| text(&row["id"])).collect::<Vec<_>>();
    assert_eq!((status, ids(&listed)), (200, vec![second.clone(), first.clone()]), "newest first");
    let row = &listed[1];
    assert_eq!((&row["user_id"], &row["status"], &row["iva_id"]), (&json!(user.id), &json!("pending"), &Value::Null));
    assert_eq!(
        (&row["full_user_name"], &row["request_text"]),
        (&json!("A person of a test"), &json!("F\u{fc}r eine Studie"))
    );
    for name in ["dataset_title", "dataset_description", "dac_alias", "dac_email", "request_created", "access_starts"] {
        assert!(row[name].is_string(), "{name}: {row}");
    }
    for (query, many) in
        [("status=pending", 2), ("state=pending", 2), ("status=denied", 0), (&*format!("dataset_id={}", dataset()), 2)]
    {
        assert_eq!(ids(&user.get(&format!("/access-requests?{query}")).await.1).len(), many, "{query}");
    }
    let (_, mine) = steward.get(&format!("/access-requests?user_id={}", user.id)).await;
    assert_eq!(ids(&mine), [second.clone(), first.clone()], "a steward sees all");
    assert_eq!(other.get("/access-requests").await, (200, json!([])));
    // An auditor reads all in a desk: this contract knows users and stewards.
    let one = format!("/access-requests/{first}");
    for (who, status) in [(&user, 200), (&steward, 200), (&other, 404), (&Portal::new(&["auditor"]), 404)] {
        assert_eq!(who.get(&one).await.0, status, "{}", who.login);
    }

    // One PATCH is one transaction: it edits and decides.
    let until = Utc::now() + TimeDelta::days(400);
    let decision = json!({"status": "allowed", "access_ends": until, "ticket_id": "T-1", "internal_note": "known", "note_to_requester": "welcome"});
    assert_eq!(steward.patch(&first, decision.clone()).await, (204, Value::Null));
    let (_, seen) = steward.get(&format!("/access-requests/{first}")).await;
    assert_eq!(
        (&seen["status"], &seen["changed_by"], &seen["internal_note"]),
        (&json!("allowed"), &json!(steward.id), &json!("known"))
    );
    assert_eq!((&seen["ticket_id"], &seen["note_to_requester"]), (&json!("T-1"), &json!("welcome")));
    assert!((moment(&seen["access_ends"]) - until).abs() < TimeDelta::milliseconds(1));
    for own in [user.get(&format!("/access-requests/{first}")).await.1, user.get("/access-requests").await.1[1].clone()]
    {
        let object = own.as_object().unwrap();
        assert!(!object.contains_key("internal_note") && !object.contains_key("changed_by"), "{own}");
    }
    assert_eq!(detail(&steward.patch(&first, decision).await), (422, "Access request has already been processed"));
    assert_eq!(detail(&steward.patch(&first, json!({"status": "denied", "note_to_requester": "x"})).await).0, 422);

    let (status, grants) = user.get("/access-grants").await;
    assert_eq!((status, grants.as_array().unwrap().len()), (200, 1));
    let grant = &grants[0];
    assert_eq!(
        (&grant["user_id"], &grant["user_name"], &grant["user_email"]),
        (&json!(user.id), &json!("A person of a test"), &json!("p@example.org"))
    );
    for name in ["id", "dataset_id", "created", "valid_from", "valid_until", "dataset_title", "dac_alias", "dac_email"]
    {
        assert!(grant[name].is_string(), "{name}: {grant}");
    }
    assert_eq!(steward.get(&format!("/access-grants?user_id={}&valid=true", user.id)).await.1, grants);
    assert_eq!(user.get("/access-grants?valid=false").await.1, json!([]));
    let path = format!("/access-grants/{}", text(&grant["id"]));
    assert_eq!(user.ask("DELETE", &path, Value::Null).await.0, 403);
    assert_eq!(steward.ask("DELETE", &path, Value::Null).await, (204, Value::Null));
    assert_eq!(detail(&steward.ask("DELETE", &path, Value::Null).await), (404, "Access grant not found"));
    assert_eq!(detail(&steward.ask("DELETE", "/access-grants/x", Value::Null).await).0, 404);
    assert_eq!(user.get("/access-grants").await.1, json!([]), "revoked grants are in no list");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_wrong_with_a_new_request_is_said_in_the_words_portals_know() {
    let (user, steward) = (Portal::new(&[]), Portal::new(&["steward"]));
    let now = Utc::now();
    let days = |days| json!(now + TimeDelta::days(days));
    for (name, value, status, words) in [
        ("user_id", json!(steward.id), 403, ""),
        ("user_id", json!("00000000-0000-4000-8000-000000000000"), 403, ""),
        ("user_id", json!("x"), 422, "UUID"),
        ("dataset_id", json!("ABC999999"), 404, "Dataset not found"),
        ("dataset_id", json!("abc1"), 422, "accession"),
        ("email", json!("no address"), 422, "mail"),
        ("request_text", json!(" "), 422, "empty"),
        ("iva_id", json!("00000000-0000-4000-8000-000000000000"), 422, "IVA"),
        ("access_starts", days(181), 422, "Access start date is invalid"),
        ("access_starts", json!("2026-11-28T09:00:00"), 422, ""),
        ("access_ends", days(6), 422, "Access end date is invalid"),
        ("access_ends", days(731), 422, "Access end date is invalid"),
        ("access_ends", days(-1), 422, "Access end date is invalid"),
        ("colour", json!("red"), 422, "colour"),
    ] {
        let mut body = user.wanted();
        body[name] = value.clone();
        if name == "access_starts" {
            body["access_ends"] = days(300);
        }
        let answer = user.ask("POST", "/access-requests", body).await;
        assert_eq!(answer.0, status, "{name} {value}: {answer:?}");
        assert!(detail(&answer).1.contains(words), "{name} {value}: {answer:?}");
    }
    // A start in the past becomes now; the older epic leaves both out.
    let mut past = user.wanted();
    past["access_starts"] = days(-30);
    let (status, id) = user.ask("POST", "/access-requests", past).await;
    assert_eq!(status, 201);
    let (_, row) = user.get(&format!("/access-requests/{}", text(&id))).await;
    assert!(moment(&row["access_starts"]) >= now, "{row}");
    let mut bare = user.wanted();
    for name in ["access_starts", "access_ends", "iva_id"] {
        bare.as_object_mut().unwrap().remove(name);
    }
    assert_eq!(user.ask("POST", "/access-requests", bare).await.0, 201);
    let (status, body) = told(served().plain("POST", "/access-requests").json(&user.wanted())).await;
    assert_eq!((status, body["detail"].is_string()), (401, true));
    for query in ["status=x", "dataset_id=x", "user_id=x", "colour=red", "status=denied&state=pending"] {
        assert_eq!(user.get(&format!("/access-requests?{query}")).await.0, 422, "{query}");
    }
    assert_eq!(user.get(&format!("/access-requests?user_id={}", steward.id)).await.0, 403);
    assert_eq!(user.get(&format!("/access-grants?user_id={}", steward.id)).await.0, 403);
    for query in ["valid=maybe", "iva_id=x", "dataset_id=x"] {
        assert_eq!(user.get(&format!("/access-grants?{query}")).await.0, 422, "{query}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_may_not_see_or_decide_is_told_so_and_nothing_half_is_done() {
    let (user, other, steward) = (Portal::new(&[]), Portal::new(&[]), Portal::new(&["steward"]));
    let id = user.asked().await;
    let path = format!("/access-requests/{id}");
    assert_eq!(detail(&other.get(&path).await), (404, "Access request not found"));
    for unknown in ["999999", "x", "0", &format!("0{id}")] {
        assert_eq!(detail(&steward.get(&format!("/access-requests/{unknown}")).await).0, 404, "{unknown}");
        assert_eq!(detail(&steward.patch(unknown, json!({"ticket_id": "T"})).await).0, 404, "{unknown}");
    }
    assert_eq!(user.patch(&id, json!({"status": "allowed"})).await.0, 403);
    assert_eq!(other.patch(&id, json!({"status": "allowed"})).await.0, 403);
    for body in [json!({}), json!({"status": null, "ticket_id": null}), json!({"status": "pending"})] {
        assert_eq!(steward.patch(&id, body).await, (204, Value::Null));
    }
    let (_, before) = steward.get(&path).await;
    for (body, words) in [
        (json!({"status": "released"}), ""),
        (json!({"colour": "red"}), "colour"),
        (
            json!({"ticket_id": "T-2", "status": "allowed", "access_ends": Utc::now() + TimeDelta::days(3_651)}),
            "Access duration is too long",
        ),
        (
            json!({"access_ends": Utc::now() - TimeDelta::days(2)}),
            "Access end date must be later than access start date",
        ),
        (json!({"ticket_id": "T-2", "status": "denied"}), "reason"),
    ] {
        let answer = steward.patch(&id, body.clone()).await;
        assert!(answer.0 == 422 && detail(&answer).1.contains(words), "{body}: {answer:?}");
    }
    assert_eq!(steward.get(&path).await.1, before, "what was refused changed nothing, its ticket neither");
    assert_eq!(steward.patch(&id, json!({"ticket_id": "T-3", "note_to_requester": "soon"})).await.0, 204);
    assert_eq!(steward.patch(&id, json!({"ticket_id": "", "note_to_requester": null})).await.0, 204);
    let (_, after) = steward.get(&path).await;
    assert_eq!((&after["ticket_id"], &after["note_to_requester"]), (&Value::Null, &json!("soon")));
    assert_eq!(after["access_starts"], before["access_starts"], "a note does not move the start");
    // A denial with no words of its own has those the requester has already.
    assert_eq!(steward.patch(&id, json!({"status": "denied"})).await, (204, Value::Null));
    // A steward's own request is another's to decide.
    let own = steward.asked().await;
    assert_eq!(steward.patch(&own, json!({"status": "allowed"})).await.0, 403);
    assert!(!steward.login.is_empty());
}
