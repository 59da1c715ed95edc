//! Contract C, row by row: the claims repository as the services of the field ask it.

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};

use super::kit::{Credential, ext_id, person, served, told};
use crate::support::desk::{desk, text};

fn datasets() -> Vec<String> {
    let all = desk().psql("select accession from exeat.datasets where removed_at is null order by accession limit 2");
    all.lines().map(str::to_owned).collect()
}

/// The access request service: it writes, and is a steward of its own.
fn writer() -> Credential {
    let login = person(&["steward"]);
    served().credential(&["--login", &login, "--right", "claims:write"])
}

/// The download controller: it reads.
fn reader() -> Credential {
    let login = person(&["auditor"]);
    served().credential(&["--login", &login, "--right", "claims:read"])
}

/// A user with a verified IVA: their UUID and its.
fn user() -> (String, String, String) {
    let login = person(&[]);
    let made = desk().json("admin1", &["people", "iva", &login, "--kind", "in_person", "--verified"]);
    (login.clone(), ext_id(&login), text(&made["data"]["iva"]))
}

async fn ask(who: &Credential, method: &str, path: &str, body: Value) -> (u16, Value) {
    let request = served().ask_as(who, method, &format!("/download-access{path}"));
    told(if body.is_null() { request } else { request.json(&body) }).await
}

fn moment(value: &Value) -> DateTime<Utc> {
    text(value).parse().unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn access_is_granted_checked_listed_and_revoked() {
    let (writer, reader, (login, id, iva)) = (writer(), reader(), user());
    let datasets = datasets();
    let (one, two) = (&datasets[0], &datasets[1]);
    let now = Utc::now();
    let period = |from: i64, until: i64| json!({"valid_from": now + TimeDelta::days(from), "valid_until": now + TimeDelta::days(until)});
    let path = format!("/users/{id}/ivas/{iva}/datasets/{one}");
    let mut made = Vec::new();
    // Kept as given: a start in the past, and longer than any request may ask for.
    for (from, until) in [(-3, 30), (-1, 4_000), (50, 60)] {
        let (status, body) = ask(&writer, "POST", &path, period(from, until)).await;
        assert_eq!(status, 201, "{body}");
        made.push(text(&body["id"]));
    }
    let check = |dataset: &str| {
        let path = format!("/users/{id}/datasets/{dataset}");
        let reader = reader.clone();
        async move { ask(&reader, "GET", &path, Value::Null).await }
    };
    let (status, until) = check(one).await;
    assert!(status == 200 && (moment(&until) - now - TimeDelta::days(4_000)).abs() < TimeDelta::seconds(1), "{until}");
    assert_eq!(check(two).await, (200, Value::Null));
    assert_eq!(check("ABC999999").await, (200, Value::Null), "an unknown accession");
    let (status, all) = ask(&reader, "GET", &format!("/users/{id}/datasets"), Value::Null).await;
    assert_eq!((status, all), (200, json!({one.as_str(): until})));
    let (status, grants) = ask(&reader, "GET", &format!("/grants?user_id={id}&iva_id={iva}"), Value::Null).await;
    assert_eq!((status, grants.as_array().unwrap().len()), (200, 3));
    let first = grants.as_array().unwrap().iter().find(|grant| grant["id"] == made[0].as_str()).unwrap();
    assert_eq!((&first["user_id"], &first["iva_id"], &first["dataset_id"]), (&json!(id), &json!(iva), &json!(one)));
    assert!((moment(&first["valid_from"]) - now + TimeDelta::days(3)).abs() < TimeDelta::seconds(1), "{first}");
    for (query, many) in [("valid=true", 2), ("valid=false", 1), (&*format!("dataset_id={two}"), 0)] {
        let (_, grants) = ask(&reader, "GET", &format!("/grants?user_id={id}&{query}"), Value::Null).await;
        assert_eq!(grants.as_array().unwrap().len(), many, "{query}");
    }
    let end = |id: String| {
        let writer = writer.clone();
        async move { ask(&writer, "DELETE", &format!("/grants/{id}"), Value::Null).await.0 }
    };
    assert_eq!(end(made[1].clone()).await, 204);
    assert_eq!(end(made[1].clone()).await, 404, "already revoked");
    let until = check(one).await.1;
    assert!((moment(&until) - now - TimeDelta::days(30)).abs() < TimeDelta::seconds(1), "{until}");
    let kept = desk().psql(&format!("select revoked_at is not null from exeat.grants where id = {}", made[1]));
    assert_eq!(kept, "t", "the row stays");
    // Access needs an active person.
    desk().psql(&format!("update exeat.people set removed_at = now() where login = '{login}'"));
    assert_eq!(check(one).await.0, 404);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_not_there_is_404_and_what_makes_no_sense_is_422() {
    let (writer, reader, (_, id, iva), (_, other, _)) = (writer(), reader(), user(), user());
    let one = datasets()[0].clone();
    let nobody = "00000000-0000-4000-8000-000000000000";
    let period = json!({"valid_from": Utc::now(), "valid_until": Utc::now() + TimeDelta::days(10)});
    let path = |user: &str, iva: &str, dataset: &str| format!("/users/{user}/ivas/{iva}/datasets/{dataset}");
    for (path, status, words) in [
        (path(nobody, &iva, &one), 404, "The user was not found."),
        (path(&id, nobody, &one), 404, "The IVA was not found."),
        (path(&other, &iva, &one), 404, "The IVA was not found."),
        (path(&id, &iva, "ABC999999"), 404, "Dataset not found"),
        (path("x", &iva, &one), 422, "UUID"),
        (path(&id, "x", &one), 422, "UUID"),
        (path(&id, &iva, "abc"), 422, "accession"),
    ] {
        let (got, body) = ask(&writer, "POST", &path, period.clone()).await;
        assert!(got == status && text(&body["detail"]).contains(words), "{path}: {got} {body}");
    }
    let path = path(&id, &iva, &one);
    for body in [
        json!({"valid_from": Utc::now(), "valid_until": Utc::now() - TimeDelta::days(1)}),
        json!({"valid_from": "2026-11-28T09:00:00", "valid_until": "2027-11-28T09:00:00Z"}),
        json!({"valid_until": Utc::now()}),
        json!({"valid_from": Utc::now(), "valid_until": Utc::now() + TimeDelta::days(1), "colour": 1}),
    ] {
        assert_eq!(ask(&writer, "POST", &path, body.clone()).await.0, 422, "{body}");
    }
    // The older service's path, where the site requires no IVA.
    let older = json!({"access_starts": Utc::now(), "access_ends": Utc::now() + TimeDelta::days(10)});
    let required = desk()
        .psql("select coalesce((select value::text from exeat.settings where name = 'access.iva_required'), 'false')");
    let (status, body) = ask(&writer, "POST", &format!("/users/{id}/datasets/{one}"), older).await;
    assert_eq!((status, body.is_null()), if required == "true" { (422, false) } else { (204, true) });
    // POST is for one service, GET for the other.
    assert_eq!(ask(&reader, "POST", &path, period.clone()).await.0, 403);
    assert_eq!(ask(&writer, "GET", &format!("/users/{id}/datasets"), Value::Null).await.0, 403);
    assert_eq!(told(served().plain("GET", &format!("/download-access/users/{id}/datasets"))).await.0, 401);
    for path in [format!("/users/{nobody}/datasets"), "/grants/x".to_owned()] {
        let method = if path.starts_with("/grants") { "DELETE" } else { "GET" };
        let who = if method == "GET" { &reader } else { &writer };
        assert_eq!(ask(who, method, &path, Value::Null).await.0, 404, "{path}");
    }
    // A person's own creator: the journal and the grant name who the service is.
    let (_, made) = ask(&writer, "POST", &path, period).await;
    let by = desk().psql(&format!(
        "select p.login like 'person%' from exeat.grants g join exeat.people p on p.id = g.created_by where g.id = {}",
        text(&made["id"])
    ));
    assert_eq!(by, "t");
}

/// The site's bounds are not in its way, so that no other right opens it, by no other door; and no date it takes is one nobody can read.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn taking_grants_over_needs_its_own_right_and_dates_that_can_be_read() {
    let (login, _, iva) = user();
    let steward = person(&["steward"]);
    let dataset = &datasets()[0];
    let of = |rights: &str| served().credential(&["--login", &steward, "--right", rights]);
    let (other, own) = (of("exeat:write"), of("exeat:write,claims:write"));
    let sent =
        |from: &str, until: &str| json!({"login": login, "dataset": dataset, "from": from, "until": until, "iva": iva});
    let register = async |who: &Credential, body: Value| {
        told(served().ask_as(who, "POST", "/exeat/commands/register_grant").json(&body)).await
    };
    let good = sent("2020-01-01T00:00:00Z", "2090-01-01T00:00:00Z");
    let (status, said) = register(&other, good.clone()).await;
    assert!(status == 403 && said.to_string().contains("claims:write"), "{status} {said}");
    for (from, until) in [
        ("1899-12-31T23:59:59Z", "2090-01-01T00:00:00Z"),
        ("2020-01-01T00:00:00Z", "10000-01-01T00:00:00Z"),
        ("2020-01-01T00:00:00Z", "infinity"),
        ("2090-01-01T00:00:00Z", "2020-01-01T00:00:00Z"),
    ] {
        let (status, said) = register(&own, sent(from, until)).await;
        assert!((400..500).contains(&status), "{from} to {until}: {status} {said}");
    }
    let kept =
        format!("select count(*) from exeat.grants g join exeat.people p on p.id = g.person where p.login = '{login}'");
    assert_eq!(desk().psql(&kept), "0");
    assert_eq!(register(&own, good).await.0, 200);
    assert_eq!(desk().psql(&kept), "1");
}
