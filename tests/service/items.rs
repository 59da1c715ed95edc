//! The contract of every area: what SQL makes of a row is what the type is read from and writes again, field for field. In
//! production unknown fields are let through; here none may be, and none may be lost.

use chrono::{DateTime, FixedOffset};
use exeat::domain::access::{AccessCheck, AccessRequest, Grant};
use exeat::domain::egress::EgressItem;
use exeat::domain::facts::{Comment, Event, Look, Vote};
use exeat::domain::item::{Item, RawRow};
use exeat::domain::page::Wanted;
use exeat::domain::permit::{Message, OutputFile, Permit, StateLine};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::changes::service;
use crate::support::desk::desk;

/// The JSON with every moment spelled in one way: SQL and chrono write the same one differently.
fn spelled(value: Value) -> Value {
    match value {
        Value::String(text) => match DateTime::<FixedOffset>::parse_from_rfc3339(&text) {
            Ok(at) => at.to_utc().to_rfc3339().into(),
            Err(_) => text.into(),
        },
        Value::Array(values) => values.into_iter().map(spelled).collect(),
        Value::Object(fields) => fields.into_iter().map(|(name, value)| (name, spelled(value))).collect(),
        other => other,
    }
}

fn same(raw: Value, read: impl Serialize) {
    assert_eq!(spelled(serde_json::to_value(read).unwrap()), spelled(raw));
}

fn holds<T: Item>(row: &RawRow) {
    let raw: Value = serde_json::from_str(&row.item).unwrap();
    let read: T = row.read();
    assert_eq!(read.id(), row.id);
    same(raw, read);
}

fn each<T: Serialize + DeserializeOwned>(facts: &Value, name: &str) {
    for line in facts[name].as_array().into_iter().flatten() {
        same(line.clone(), serde_json::from_value::<T>(line.clone()).unwrap());
    }
}

/// The facts of a row as SQL makes them.
fn facts(login: &str, area: &str, id: i64) -> Value {
    let sql = format!(
        "set session authorization {login}; select item from exeat.read('{area}', 'facts', '{{\"id\": {id}}}')"
    );
    serde_json::from_str(&desk().psql(&sql)).unwrap()
}

/// Every row an area has for a login, in every order, whole and in lists; returns how many.
async fn rows<T: Item>(login: &str) -> usize {
    let service = service(login);
    let mut found = 0;
    for sort in T::SORTS {
        let mut wanted = Wanted { filter: json!({}), sort: *sort, after: None, page: 60 };
        loop {
            let page = service.page_of(T::AREA, &wanted).await.unwrap();
            page.items.iter().for_each(holds::<T>);
            found += page.items.len();
            for row in page.items.iter().step_by(7) {
                service.rows_of(T::AREA, &[row.id]).await.unwrap().iter().for_each(holds::<T>);
                let facts = facts(login, T::AREA, row.id);
                each::<Vote>(&facts, "votes");
                each::<Comment>(&facts, "comments");
                each::<Event>(&facts, "history");
                each::<AccessRequest>(&facts, "requests");
                each::<Grant>(&facts, "grants");
                each::<StateLine>(&facts, "states");
                each::<Message>(&facts, "messages");
                each::<OutputFile>(&facts, "files");
                each::<Look>(&facts, "looks");
                if !facts["check"].is_null() {
                    same(
                        facts["check"].clone(),
                        serde_json::from_value::<AccessCheck>(facts["check"].clone()).unwrap(),
                    );
                }
                let known = [
                    "votes", "comments", "history", "requests", "grants", "check", "text", "states", "messages",
                    "files", "looks",
                ];
                assert!(facts.as_object().unwrap().keys().all(|key| known.contains(&key.as_str())), "{facts}");
            }
            match page.next {
                Some(next) => wanted.after = Some(next),
                None => break,
            }
        }
    }
    found
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn files_are_the_same_on_both_sides() {
    for login in ["checker1", "researcher1"] {
        assert!(rows::<EgressItem>(login).await > 20, "{login}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn requests_are_the_same_on_both_sides() {
    for login in ["steward1", "researcher1"] {
        assert!(rows::<AccessRequest>(login).await > 5, "{login}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn grants_are_the_same_on_both_sides() {
    for login in ["steward1", "researcher6"] {
        assert!(rows::<Grant>(login).await > 5, "{login}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn permits_are_the_same_on_both_sides() {
    for login in ["manager1", "researcher1", "holder1"] {
        assert!(rows::<Permit>(login).await >= 16, "{login}");
    }
}

/// A migration under an open desk adds fields: no list fails.
#[test]
fn what_is_not_known_yet_is_let_through() {
    fn adds<T: Item>() {
        let mut item = serde_json::to_value(T::blank()).unwrap();
        item["of_tomorrow"] = json!({"any": "thing"});
        let row = RawRow { id: T::blank().id(), item: item.to_string(), cursor: None };
        assert_eq!(row.read::<T>(), T::blank());
    }
    adds::<EgressItem>();
    adds::<AccessRequest>();
    adds::<Grant>();
    adds::<Permit>();
}

/// One that is no longer understood says so itself, and keeps what is.
#[test]
fn what_cannot_be_read_is_said_in_the_row() {
    fn breaks<T: Item>(field: &str, kept: &str) {
        let mut item = serde_json::to_value(T::blank()).unwrap();
        item["id"] = "7".into();
        item["row_version"] = 3.into();
        item[kept] = "kept".into();
        item[field] = json!({"of": "tomorrow"});
        for (text, version) in [(item.to_string(), 3), (format!("{}{}", "[".repeat(200), "]".repeat(200)), 0)] {
            let read: T = RawRow { id: 7, item: text, cursor: None }.read();
            let told = serde_json::to_value(&read).unwrap();
            assert!(told[T::NOTE].as_str().unwrap().contains("cannot read the row whole"), "{told}");
            assert_eq!((read.id(), read.row_version(), told[kept] == "kept"), (7, version, version == 3), "{told}");
        }
    }
    breaks::<EgressItem>("state", "project");
    breaks::<EgressItem>("findings", "purpose");
    breaks::<AccessRequest>("status", "login");
    // Of what stewards see alone, too.
    breaks::<AccessRequest>("changed_by", "email");
    breaks::<Grant>("state", "login");
    breaks::<Grant>("created_by", "dataset_id");
}
