//! Requests no program of ours would send, at every command: each is answered by name, none is an exception that would leave no
//! journal row, and none is taken for something else than it says.

use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::sql_reach::two_projects;
use crate::rules::access::{asked, site};
use crate::rules::commands::{COMMANDS, Field, command, meant, raw};
use crate::support::pg::{Database, one};

/// Values that are not of a type.
fn wrong(kind: &str) -> Vec<Value> {
    let mut values = vec![json!([[1]]), json!({"x": {"y": 1}})];
    values.extend(match kind {
        "int" => vec![
            json!(true),
            json!("x"),
            json!(""),
            json!(" 1"),
            json!("0x1"),
            json!("1.0"),
            json!(1.5),
            json!("9223372036854775808"),
            json!(9_223_372_036_854_775_808_u64),
            json!("99999999999999999999"),
            json!(1e30),
        ],
        "text" => vec![json!(1), json!(true)],
        "bool" => vec![json!("x"), json!("true"), json!(1)],
        "time" | "end" => vec![
            json!(1),
            json!(true),
            json!(""),
            json!("x"),
            json!("now"),
            json!("10000000000000-01-01"),
            json!("294277-01-01"),
            json!("2026-13-45"),
            json!("2026-11-21T25:00:00Z"),
            json!("2026-11-21T10:00:00 Mars/Base"),
            json!("2026-11-21T10:00:00+99:99"),
        ],
        "uuid" => vec![
            json!(1),
            json!(""),
            json!("x"),
            json!("1b4e28ba2fa141d2883f0016d3cca42z"),
            json!("{1b4e28ba-2fa1-41d2-883f-0016d3cca427}"),
        ],
        "list" | "object" => vec![json!(1), json!("x"), json!(false)],
        _ => Vec::new(),
    });
    values.retain(|value| {
        !(kind == "json" || kind == "list" && value.is_array() || kind == "object" && value.is_object())
    });
    values
}

/// A fresh database in which thousands of refusals cost no pause each: what the pause is for is tested among the bounds.
async fn without_pauses() -> Database {
    let database = Database::fresh().await;
    let none = "create or replace function exeat.slow_down() returns void language sql volatile
        security definer set search_path = exeat, pg_catalog, pg_temp as ''";
    sqlx::raw_sql(none).execute(&mut database.owner().await).await.unwrap();
    database
}

/// A request with every field, each well formed.
fn whole(fields: &[Field]) -> Map<String, Value> {
    fields.iter().map(|field| (field.name.to_owned(), meant(field.kind))).collect()
}

fn with(request: &Map<String, Value>, name: &str, value: Value) -> String {
    let mut request = request.clone();
    request.insert(name.to_owned(), value);
    Value::Object(request).to_string()
}

#[tokio::test]
pub(super) async fn every_field_of_a_wrong_type_is_refused_by_name() {
    let database = without_pauses().await;
    let mut own = database.connect("admin1").await;
    for line in COMMANDS {
        let (name, fields) = command(line);
        let request = whole(&fields);
        for field in &fields {
            for value in wrong(field.kind) {
                let sent = with(&request, field.name, value);
                let answer = raw(&mut own, name, &sent).await;
                assert_eq!(answer.code, "invalid", "{name} {sent}: {answer:?}");
                assert!(answer.sentence.contains(field.name), "{name} {sent}: {}", answer.sentence);
            }
        }
    }
}

#[tokio::test]
pub(super) async fn what_is_missing_or_unknown_is_refused_by_name() {
    let database = without_pauses().await;
    let mut own = database.connect("admin1").await;
    for line in COMMANDS {
        let (name, fields) = command(line);
        let request = whole(&fields);
        for field in fields.iter().filter(|field| field.needed) {
            let mut without = request.clone();
            without.remove(field.name);
            for sent in [Value::Object(without).to_string(), with(&request, field.name, Value::Null)] {
                let answer = raw(&mut own, name, &sent).await;
                let code = if field.name == "reason" { "reason_required" } else { "invalid" };
                assert_eq!(answer.code, code, "{name} {sent}: {answer:?}");
                assert!(answer.sentence.contains(field.name), "{name} {sent}: {}", answer.sentence);
            }
        }
        for unknown in ["intrenal", "", "Version", "release", "command_id", "via", "person", "do_cast_vote"] {
            let answer = raw(&mut own, name, &with(&request, unknown, json!(true))).await;
            assert_eq!(answer.code, "invalid", "{name} with {unknown}: {answer:?}");
            assert!(answer.sentence.contains(&format!("no field {unknown}")), "{name}: {}", answer.sentence);
        }
        for nothing in ["null", "[]", "[[]]", "1", "true", "\"x\"", "\"{}\""] {
            let nothing = if nothing == "null" { " null" } else { nothing };
            assert!(!raw(&mut own, name, nothing).await.ok || fields.iter().all(|field| !field.needed), "{name}");
            assert!(!raw(&mut own, name, nothing).await.ok || nothing == " null", "{name} {nothing}");
        }
        let sql = format!("select (exeat.command(gen_random_uuid(), '{name}', null)).ok");
        assert!(!one::<bool>(&mut own, &sql).await || fields.iter().all(|field| !field.needed), "{name}");
    }
}

#[tokio::test]
pub(super) async fn what_is_deep_huge_or_out_of_range_is_refused() {
    let database = without_pauses().await;
    let mut own = database.connect("admin1").await;
    let deep = serde_json::from_str::<Value>(&format!("{}{}", "[".repeat(60), "]".repeat(60))).unwrap();
    for line in COMMANDS {
        let (name, fields) = command(line);
        let request = whole(&fields);
        for field in &fields {
            let answer = raw(&mut own, name, &with(&request, field.name, deep.clone())).await;
            assert_eq!(answer.code, "too_deep", "{name} {}: {answer:?}", field.name);
            let sent = with(&request, field.name, json!("NUMBER")).replace("\"NUMBER\"", "1e131071");
            assert_eq!(raw(&mut own, name, &sent).await.code, "out_of_range", "{name} {}", field.name);
        }
        let room = match line.split(' ').nth(2) {
            Some("list") => 16_777_216,
            Some("text") => 4_400_000,
            _ => 131_072,
        };
        let answer = raw(&mut own, name, &with(&request, fields[0].name, json!("x".repeat(room)))).await;
        assert_eq!(answer.code, "too_large", "{name}: {}", answer.sentence);
        assert!(answer.sentence.contains(&format!("may have {room}")), "{name}: {}", answer.sentence);
    }
}

#[tokio::test]
pub(super) async fn only_what_is_listed_runs() {
    let database = Database::fresh().await;
    let mut own = database.connect("admin1").await;
    let long = "x".repeat(100_000);
    for name in ["", "nothing", "Cast_vote", " cast_vote", "cast_vote ", "do_cast_vote", "run", "a\nb", "both", &long] {
        let answer = raw(&mut own, name, "{}").await;
        assert_eq!(answer.code, "invalid", "{name}: {answer:?}");
        assert!(answer.sentence.contains("no command") && answer.sentence.len() < 1000, "{}", answer.sentence);
    }
    let sql = "select (exeat.command(gen_random_uuid(), null, '{}')).sentence";
    assert!(one::<String>(&mut own, sql).await.contains("no command"));
    let kept = "select count(*) from exeat.journal where person = 'admin1' and not ok and octet_length(command) < 1000";
    assert_eq!(one::<i64>(&mut database.owner().await, kept).await, 11, "each refusal is in the journal");
}

/// Lists and objects inside a request have checks of their own; none of them raises.
#[tokio::test]
pub(super) async fn what_is_inside_a_list_is_refused_too() {
    let database = without_pauses().await;
    let mut admin = database.connect("admin1").await;
    let mut own = database.connect("researcher1").await;
    let (hash, nest) = ("0".repeat(64), json!({"x": [1]}));
    let mut lists = vec![json!([1]), json!(["x"]), json!([null]), json!([[]]), json!([{}]), json!([{"x": 1}])];
    let good = json!({"login": "some1", "full_name": "Some One", "active": true});
    let data = json!({"accession": "AB001", "title": "T", "active": true});
    let file = json!({"key": "k", "sha256": hash, "size": 1});
    for value in [json!(1), json!(true), json!([]), nest, json!(1e30), json!(null), json!("")] {
        for name in
            ["login", "full_name", "mail", "title", "active", "accession", "description", "key", "sha256", "size"]
        {
            for base in [&good, &data, &file] {
                let mut row = base.clone();
                row[name] = value.clone();
                lists.push(json!([row]));
            }
        }
    }
    for list in lists {
        for name in ["sync_people", "sync_datasets"] {
            let answer = raw(&mut admin, name, &json!({"rows": list, "dry_run": true}).to_string()).await;
            let row = &list[0];
            let odd = |field: &str| row.get(field).is_some_and(|value| !(value.is_string() || value.is_null()));
            let texts = ["login", "full_name", "mail", "title", "accession", "description"];
            assert!(!answer.ok || !texts.into_iter().any(odd), "{name} {list}: {answer:?}");
        }
        let request = json!({"project": "heart", "destination": "trusted", "purpose": "p", "files": list});
        let answer = raw(&mut own, "register_submission", &request.to_string()).await;
        assert!(!answer.ok || list[0]["key"].is_string(), "{list}: {answer:?}");
    }
}

/// A note for checkers whose `internal` is misspelt was once published to everybody.
#[tokio::test]
pub(super) async fn a_misspelt_internal_publishes_nothing() {
    let (database, heart, _) = two_projects().await;
    let mut checker = database.connect("checker2").await;
    for sent in [
        json!({"version": heart, "body": "for checkers only", "intrenal": true}),
        json!({"version": heart, "body": "for checkers only", "Internal": true}),
        json!({"version": heart, "body": "for checkers only", "internal": "true"}),
    ] {
        let answer = raw(&mut checker, "add_comment", &sent.to_string()).await;
        assert!(!answer.ok, "{sent}: {answer:?}");
    }
    let read = format!("select count(*) from exeat.comments where version = {heart} and body = 'for checkers only'");
    assert_eq!(one::<i64>(&mut database.owner().await, &read).await, 0);
}

/// A null field is an absent one, and an id the same as text or number: a retry is the same command however it is written.
#[tokio::test]
async fn a_retry_may_be_written_another_way() {
    let (database, heart, _) = two_projects().await;
    let mut checker = database.connect("checker2").await;
    let id = Uuid::new_v4();
    let mut answers = Vec::new();
    for sent in [
        json!({"version": heart, "body": "once"}),
        json!({"version": heart.to_string(), "body": "once"}),
        json!({"version": heart, "body": "once", "internal": null}),
    ] {
        let sql = format!("select (exeat.command('{id}', 'add_comment', '{sent}')).data::text");
        answers.push(one::<String>(&mut checker, &sql).await);
    }
    let sql = format!("select (exeat.add_comment('{id}', {heart}, 'once')).data::text");
    answers.push(one::<String>(&mut checker, &sql).await);
    answers.dedup();
    assert_eq!(answers.len(), 1, "{answers:?}");
    let kept = format!("select request from exeat.journal where command_id = '{id}'");
    let kept: Value = serde_json::from_str(&one::<String>(&mut database.owner().await, &kept).await).unwrap();
    assert_eq!(kept, json!({"version": heart, "body": "once"}), "what was not said is not journalled");
}

/// A read that makes no sense is refused by the name of the part that does not, whatever the area: nothing was cast before.
#[tokio::test]
async fn reads_that_make_no_sense_are_refused_by_name() {
    let (database, ..) = two_projects().await;
    let mut checker = database.connect("checker1").await;
    let deep = format!("{{\"filter\": {{\"words\": {}{}}}}}", "[".repeat(40), "]".repeat(40));
    let mut asked = vec![
        ("journal", "page", "{}".to_owned(), "no area journal"),
        ("egress_page", "x", "{}".to_owned(), "no area egress_page"),
        ("egress", "page(1)", "{}".to_owned(), "no read page(1)"),
        ("grant", "page", r#"{"sort": "waits"}"#.to_owned(), "no order by waits"),
        ("egress", "rows", "{}".to_owned(), "names no id"),
        ("egress", "facts", r#"{"id": null}"#.to_owned(), "names no id"),
        ("egress", "page", deep, "16 levels"),
        ("egress", "rows", r#"{"ids": [1e131071]}"#.to_owned(), "40 digits"),
        ("egress", "page", format!(r#"{{"filter": {{"words": ["{}"]}}}}"#, "w".repeat(200_000)), "bytes and may have"),
    ];
    for area in ["egress", "request", "grant", "permit"] {
        for request in ["[]", "1", "\"x\"", r#"{"filter": []}"#, r#"{"filter": "x"}"#] {
            asked.push((area, "page", request.to_owned(), "JSON objects"));
        }
        for (part, kind) in
            [("page", "int"), ("descending", "bool"), ("sort", "text"), ("ids", "list"), ("misspelt", "")]
        {
            let values = wrong(kind).into_iter().filter(|value| !kind.is_empty() || value.is_array());
            asked.extend(values.map(|value| (area, "page", json!({ part: value }).to_string(), part)));
        }
        for (part, kind) in [("after", "time"), ("words", "list"), ("id", "list"), ("mine", "bool"), ("misspelt", "")] {
            for value in wrong(kind).into_iter().chain([json!([null]), json!([[1]])]) {
                asked.push((area, "count", json!({"filter": { part: value }}).to_string(), part));
            }
        }
        for id in wrong("int") {
            asked.push((area, "rows", json!({"ids": [id]}).to_string(), "ids"));
            asked.push((area, "facts", json!({ "id": id }).to_string(), "id"));
        }
        for place in [
            json!("x"),
            json!([]),
            json!({}),
            json!({"id": 1, "v": "x"}),
            json!({"id": 1, "v": []}),
            json!({"id": 1, "v": ["yesterday"]}),
            json!({"id": "x", "v": ["2026-11-21T09:00:00Z"]}),
        ] {
            asked.push((area, "page", json!({ "after": place }).to_string(), "no place"));
        }
    }
    for (area, what, request, named) in asked {
        let read = sqlx::query("select id from exeat.read($1, $2, $3::jsonb)").bind(area).bind(what).bind(&request);
        let error = read.fetch_all(&mut checker).await.expect_err(&request);
        let error = error.as_database_error().unwrap();
        assert_eq!(error.code().as_deref(), Some("22023"), "{area} {what} {request}: {error}");
        assert!(error.message().contains(named), "{area} {what} {request}: {error}");
    }
}

/// A decision that comes with changes, as portals send it, is read as strictly as an edit: nothing in it raises.
#[tokio::test]
async fn what_decides_a_request_is_read_as_strictly_as_what_edits_it() {
    let database = site().await;
    let mut researcher = database.connect("researcher1").await;
    let mut steward = database.connect("steward1").await;
    let id = asked(&mut researcher, "AB001").await;
    for changes in [
        json!({"access_ends": "x"}),
        json!({"access_starts": 1}),
        json!({"access_ends": "2026-02-30"}),
        json!({"iva_id": "x"}),
        json!({"note_to_requester": ["x"]}),
        json!({"status": "allowed"}),
    ] {
        for status in ["allowed", "denied"] {
            let sent = json!({"request": id, "status": status, "changes": changes});
            let answer = raw(&mut steward, "patch_request", &sent.to_string()).await;
            assert_eq!(answer.code, "invalid", "{sent}: {answer:?}");
        }
    }
}
