//! Every field of the filters of requests and grants, against a scan of all there are: the database finds exactly those.

use std::collections::BTreeSet;

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::Value;

use crate::support::desk::{Desk, text};

fn all(desk: &Desk, what: &str, query: &str) -> Vec<Value> {
    let page = desk.json("steward1", &[what, "list", query, "--limit", "500"]);
    assert!(page["next"].is_null(), "all on one page");
    page["items"].as_array().unwrap().clone()
}

fn ids(items: &[Value]) -> BTreeSet<String> {
    items.iter().map(|item| text(&item["id"])).collect()
}

fn at(item: &Value, name: &str) -> DateTime<Utc> {
    text(&item[name]).parse().unwrap()
}

fn is(item: &Value, name: &str, value: &str) -> bool {
    item[name].as_str() == Some(value)
}

fn begin(days: i64) -> (String, DateTime<Utc>) {
    let day = (Utc::now() + TimeDelta::days(days)).date_naive();
    (day.to_string(), day.and_hms_opt(0, 0, 0).unwrap().and_utc())
}

type Fits = Box<dyn Fn(&Value) -> bool>;

/// A filter, what it means, and whether some of the sample must be in it.
fn case(query: impl Into<String>, fits: impl Fn(&Value) -> bool + 'static) -> (String, Fits) {
    (query.into(), Box::new(fits))
}

fn compare(desk: &Desk, what: &str, cases: Vec<(String, Fits)>) {
    let every = all(desk, what, "");
    for (query, fits) in cases {
        let wanted: Vec<Value> = every.iter().filter(|item| fits(item)).cloned().collect();
        let found = ids(&all(desk, what, &query));
        assert_eq!(found, ids(&wanted), "{what} {query}");
        assert!(
            !found.is_empty() && found.len() < every.len(),
            "{query} tells nothing: {} of {}",
            found.len(),
            every.len()
        );
    }
}

#[test]
fn every_field_finds_exactly_what_it_says() {
    let desk = Desk::up(true);
    let requests = all(&desk, "requests", "");
    let ticket = requests.iter().find_map(|item| item["ticket_id"].as_str()).unwrap().to_owned();
    let one = text(&requests[7]["id"]);
    let (day, since) = begin(-20);
    let (mid, from) = begin(60);
    let (far, until) = begin(500);
    let title = |item: &Value, word: &str| text(&item["dataset_title"]).to_lowercase().contains(word);
    let mut cases = Vec::new();
    for status in ["pending", "allowed", "denied"] {
        cases.push(case(format!("status:{status}"), move |item| is(item, "status", status)));
    }
    cases.extend([
        case("status:allowed,denied", |item| !is(item, "status", "pending")),
        case("dataset:GHGAD00020260000001", |item| is(item, "dataset_id", "GHGAD00020260000001")),
        case("by:researcher1", |item| is(item, "login", "researcher1")),
        case("person:researcher1,researcher2", |item| {
            is(item, "login", "researcher1") || is(item, "login", "researcher2")
        }),
        case("dac:DAC-HEART", |item| is(item, "dac_alias", "DAC-HEART")),
        case(format!("ticket:{ticket}"), move |item| is(item, "ticket_id", &ticket)),
        case(format!("created>{day}"), move |item| at(item, "request_created") >= since),
        case(format!("created<{day}"), move |item| at(item, "request_created") < since),
        case(format!("created>{day} status:pending"), move |item| {
            at(item, "request_created") >= since && is(item, "status", "pending")
        }),
        case(format!("starts<{mid}"), move |item| at(item, "access_starts") <= from),
        case(format!("ends>{far}"), move |item| at(item, "access_ends") >= until),
        case(format!("id:{one}"), move |item| is(item, "id", &one)),
        case("heart atlas", move |item| title(item, "heart") && title(item, "atlas")),
        case("is:overdue", |item| is(item, "status", "pending") && at(item, "due") < Utc::now()),
        case("is:mine", |item| is(item, "status", "pending") && !is(item, "login", "steward1")),
    ]);
    compare(&desk, "requests", cases);

    let mut cases = Vec::new();
    for state in ["active", "upcoming", "expired", "revoked"] {
        cases.push(case(format!("state:{state}"), move |item| is(item, "state", state)));
    }
    for days in [90, 30, 7] {
        cases.push(case(format!("expiring<{days}d"), move |item| {
            is(item, "state", "active") && at(item, "valid_until") <= Utc::now() + TimeDelta::days(days)
        }));
    }
    let request = all(&desk, "grants", "").iter().find_map(|item| item["request"].as_str().map(str::to_owned)).unwrap();
    cases.extend([
        case("dataset:GHGAD00020260000001", |item| is(item, "dataset_id", "GHGAD00020260000001")),
        case("by:researcher1", |item| is(item, "login", "researcher1")),
        case("by:researcher1 state:active", |item| is(item, "login", "researcher1") && is(item, "state", "active")),
        case("dac:DAC-HEART", |item| is(item, "dac_alias", "DAC-HEART")),
        case(format!("starts<{}", begin(-30).0), |item| at(item, "valid_from") <= begin(-30).1),
        case(format!("ends>{far}"), move |item| at(item, "valid_until") >= until),
        case(format!("request:{request}"), move |item| is(item, "request", &request)),
        case("heart atlas", move |item| title(item, "heart") && title(item, "atlas")),
    ]);
    compare(&desk, "grants", cases);
}
