//! Every route, from the table the server is made of: what it answers to whom. And the description that is made from the same table.

use std::collections::BTreeSet;

use exeat::serve::routes::{Route, all};
use reqwest::RequestBuilder;
use serde_json::{Value, json};

use super::kit::{Credential, person, rights, served, told};
use crate::support::desk::desk;

/// The path with an id in every place.
fn path(route: &Route, id: &str) -> String {
    route.path.split('/').map(|part| if part.starts_with('{') { id } else { part }).collect::<Vec<_>>().join("/")
}

fn ask(who: &Credential, route: &Route, id: &str) -> RequestBuilder {
    // Whoever saw another version moves nothing.
    let request = served().ask_as(who, route.method.as_str(), &path(route, id)).header("if-match", "\"0\"");
    if route.body.is_empty() { request } else { request.json(&json!({})) }
}

/// Status and body; of what never ends only the status.
async fn answer(route: &Route, request: RequestBuilder) -> (u16, Value) {
    if route.path != "/api/events" {
        return told(request).await;
    }
    let answer = request.send().await.unwrap();
    if answer.status() == 200 { (200, Value::Null) } else { (answer.status().as_u16(), answer.json().await.unwrap()) }
}

/// The status of a missing right; contract A has no 403.
fn forbidden(route: &Route) -> u16 {
    if route.path.starts_with("/v1/") { 400 } else { 403 }
}

/// The sentence of a fault, wherever its contract has it.
fn sentence(body: &Value) -> &str {
    [&body["message"], &body["detail"], &body["error"]["message"]]
        .into_iter()
        .find_map(Value::as_str)
        .unwrap_or_default()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_gets_past_a_route_without_signing_in_and_its_right() {
    let (served, desk) = (served(), desk());
    let wrong = Credential { secret: "wrong".into(), ..served.all.clone() };
    let ended = served.credential(&["--for", "*", "--right", &rights()]);
    desk.json("admin1", &["credentials", "end", &ended.name]);
    let mut tried = 0;
    for route in all() {
        let plain = served.plain(route.method.as_str(), &path(route, "1"));
        for request in [plain, ask(&wrong, route, "1"), ask(&ended, route, "1")] {
            let (status, body) = told(request).await;
            assert_eq!(status, 401, "{} {}: {body}", route.method, route.path);
            assert!(!sentence(&body).is_empty(), "{body}");
            tried += 1;
        }
    }
    // Each right alone opens the routes of that right and no other.
    let login = person(&[]);
    for (right, _) in exeat::serve::rights::ALL {
        let one = served.credential(&["--login", &login, "--right", right]);
        for route in all().filter(|route| !route.right.is_empty()) {
            let (status, body) = answer(route, ask(&one, route, "999999")).await;
            let refused = status == forbidden(route) && sentence(&body).starts_with("This needs the right ");
            assert_eq!(refused, route.right != *right, "{right} {} {}: {status} {body}", route.method, route.path);
            assert!(status < 500 && status != 401, "{right} {} {}: {status} {body}", route.method, route.path);
            tried += 1;
        }
    }
    println!("{tried} requests of {} routes", all().count());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whatever_role_asks_for_what_is_not_theirs_gets_a_documented_no() {
    let served = served();
    let (_, document) = told(served.ask("GET", "/openapi.json")).await;
    let mut tried = 0;
    let ids = ["1", "999999", "x", "00000000-0000-4000-8000-000000000000"];
    for role in ["researcher@heart", "checker@heart", "steward", "permit_manager", "administrator", "auditor", ""] {
        let login = person(if role.is_empty() { vec![] } else { vec![role] }.as_slice());
        let who = served.credential(&["--login", &login, "--right", &rights()]);
        for route in all() {
            // The table's own methods; what changes things is asked for without its fields or on another version, and so changes nothing.
            for id in ids.iter().take(if route.path.contains('{') { ids.len() } else { 1 }) {
                let (status, body) = answer(route, ask(&who, route, id)).await;
                let known = &document["paths"][route.path][route.method.as_str().to_lowercase()]["responses"]
                    [status.to_string()];
                assert!(
                    known.is_object(),
                    "{role} {} {}: {status} is not documented: {body}",
                    route.method,
                    path(route, id)
                );
                assert!(status < 500 && status != 401, "{role} {} {}: {status} {body}", route.method, path(route, id));
                tried += 1;
            }
        }
    }
    println!("{tried} requests");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_description_has_every_route_and_is_for_who_is_signed_in() {
    let served = served();
    assert_eq!(told(served.plain("GET", "/openapi.json")).await.0, 401);
    let (status, document) = told(served.ask("GET", "/openapi.json")).await;
    assert_eq!((status, &document["openapi"]), (200, &json!("3.1.0")));
    let mut described = BTreeSet::new();
    for (path, methods) in document["paths"].as_object().unwrap() {
        for method in methods.as_object().unwrap().keys() {
            described.insert((method.to_uppercase(), path.clone()));
        }
    }
    let mut wanted: BTreeSet<_> = all().map(|route| (route.method.to_string(), route.path.to_owned())).collect();
    wanted.extend(["/health", "/ping", "/ready"].map(|path| ("GET".to_owned(), path.to_owned())));
    assert_eq!(described, wanted);
    for route in all() {
        assert!(route.right.is_empty() || exeat::serve::rights::is_known(route.right), "{}", route.right);
    }
}
