//! What a requester may read, through every function a person may call: never an internal note, never who decided.

use std::fmt::Write as _;

use serde_json::json;
use sqlx::{AssertSqlSafe, Row};

use super::{asked, day, edit, refused, request, site};
use crate::support::pg::{Database, call, done, one};

const SECRET: &str = "only-among-stewards";

/// Requests of researcher1 in every state, with internal notes and comments, all by steward3, who then stops being one,
/// so that nothing names them as somebody who could decide.
async fn handled() -> (Database, Vec<String>, Vec<String>) {
    let database = site().await;
    let mut researcher = database.connect("researcher1").await;
    let mut steward = database.connect("steward3").await;
    let (mut requests, mut grants) = (Vec::new(), Vec::new());
    for n in 0..4 {
        let id = asked(&mut researcher, "AB001").await;
        assert!(edit(&mut steward, &id, &json!({"internal_note": SECRET, "note_to_requester": "Hello"})).await.ok);
        assert!(call(&mut steward, "comment_request", &[&id, SECRET]).await.ok);
        assert!(call(&mut steward, "claim_request", &[&id]).await.ok);
        match n {
            0 => {}
            1 => drop(done(&mut steward, "deny_request", &[&id, "No"]).await),
            _ => {
                let data = done(&mut steward, "allow_request", &[&id]).await;
                grants.push(data["grant"].as_str().unwrap().to_owned());
            }
        }
        requests.push(id);
    }
    done(&mut steward, "revoke_grant", &[&grants[0], "misuse", SECRET]).await;
    done(&mut steward, "amend_grant", &[&grants[1], &day(160), SECRET]).await;
    let mut admin = database.connect("admin1").await;
    done(&mut admin, "end_membership", &["steward3", "null", "steward"]).await;
    (database, requests, grants)
}

/// Every read of every area that could lead to an id.
fn reads(id: &str) -> Vec<String> {
    let mut reads = Vec::new();
    for area in ["egress", "request", "grant"] {
        for (what, request) in [
            ("count", "{}".to_owned()),
            ("page", "{\"page\": 1000}".to_owned()),
            ("rows", format!("{{\"ids\": [{id}]}}")),
            ("facts", format!("{{\"id\": {id}}}")),
        ] {
            reads.push(format!("'{area}', '{what}', '{request}'"));
        }
    }
    reads
}

#[tokio::test]
async fn nothing_a_requester_reads_says_more_than_it_should() {
    let (database, requests, grants) = handled().await;
    let mut researcher = database.connect("researcher1").await;
    let mut owner = database.owner().await;
    // Every function people may call, with arguments that could lead there; commands by someone who may not.
    let functions = sqlx::query(
        "select p.proname::text as name, p.pronargs::int as arguments, p.pronargdefaults::int as defaults,
            array(select format_type(t, null) from unnest(p.proargtypes) with ordinality x (t, n) order by n) as types
         from pg_proc p where p.pronamespace = 'exeat'::regnamespace and has_function_privilege('exeat_person', p.oid, 'execute') order by 1",
    )
    .fetch_all(&mut owner)
    .await
    .unwrap();
    assert!(functions.len() > 50, "{}", functions.len());
    let mut read = String::new();
    let mut called = 0;
    for function in &functions {
        let (name, types): (String, Vec<String>) = (function.get("name"), function.get("types"));
        for id in requests.iter().chain(&grants) {
            let mut arguments: Vec<String> = types
                .iter()
                .map(|kind| match kind.as_str() {
                    "uuid" => "gen_random_uuid()".to_owned(),
                    "bigint" => id.clone(),
                    "bigint[]" => format!("array[{id}::bigint]"),
                    "integer" => "1000".to_owned(),
                    "boolean" => "true".to_owned(),
                    "jsonb" => "'{}'::jsonb".to_owned(),
                    "timestamp with time zone" => "clock_timestamp()".to_owned(),
                    "text[]" => "'{}'::text[]".to_owned(),
                    "text" if name == "access_check" => {
                        "'researcher1'".to_owned() // the first; the second is the dataset
                    }
                    _ => "'AB001'".to_owned(),
                })
                .collect();
            if name == "access_check" {
                "'AB001'".clone_into(&mut arguments[1]);
            }
            for arguments in if name == "read" { reads(id) } else { vec![arguments.join(", ")] } {
                let sql = format!("select x::text from exeat.{name}({arguments}) x");
                // Some refuse such arguments with an error; what they say then is read too.
                match sqlx::query_scalar::<_, Option<String>>(AssertSqlSafe(sql.as_str()))
                    .persistent(false)
                    .fetch_all(&mut researcher)
                    .await
                {
                    Ok(rows) => {
                        called += 1;
                        for row in rows.into_iter().flatten() {
                            writeln!(read, "{name}: {row}").unwrap();
                        }
                    }
                    Err(error) => writeln!(read, "{name}: {error}").unwrap(),
                }
            }
        }
    }
    assert!(called > 200, "{called} calls were answered");
    assert!(read.contains("note_to_requester") && read.contains("Hello"), "what they may read is there");
    for line in read.lines() {
        for never in
            [SECRET, "internal_note", "changed_by", "created_by", "revoked_by", "claimed_by", "steward3", "misuse"]
        {
            assert!(!line.contains(never), "{never} in {line}");
        }
    }
    // The tables themselves are closed.
    for table in [
        "access_requests",
        "request_internal_notes",
        "request_comments",
        "grants",
        "grant_events",
        "journal",
        "outbox",
        "ivas",
        "settings",
    ] {
        let sql = format!("select count(*) from exeat.{table}");
        let error = sqlx::query(AssertSqlSafe(sql.as_str())).fetch_one(&mut researcher).await.unwrap_err().to_string();
        assert!(error.contains("permission denied"), "{table}: {error}");
    }
}

#[tokio::test]
async fn a_steward_is_a_requester_too_where_it_is_their_own() {
    let (database, ..) = handled().await;
    let mut own = database.connect("steward1").await;
    let mut second = database.connect("steward2").await;
    let id = asked(&mut own, "AB002").await;
    assert!(edit(&mut second, &id, &json!({"internal_note": SECRET})).await.ok);
    assert!(call(&mut second, "comment_request", &[&id, SECRET]).await.ok);
    done(&mut second, "allow_request", &[&id]).await;
    let item = request(&mut own, &id).await.to_string();
    let beside = format!("from exeat.read('request', 'facts', '{{\"id\": {id}}}')");
    let facts: String = one(&mut own, &format!("select item::text {beside}")).await;
    let comments: i32 = one(&mut own, &format!("select json_array_length(item->'comments') {beside}")).await;
    let rows: Option<String> =
        one(&mut own, "select string_agg(item::text, ' ') from exeat.read('request', 'page', '{\"filter\": {\"by\": [\"steward1\"]}}')").await;
    assert_eq!(comments, 0);
    for text in [item, facts, rows.unwrap()] {
        assert!(!text.contains(SECRET) && !text.contains("internal_note") && !text.contains("changed_by"), "{text}");
    }
}

#[tokio::test]
async fn others_requests_do_not_exist_and_stewards_commands_are_stewards() {
    let (database, requests, grants) = handled().await;
    let mut other = database.connect("researcher2").await;
    let (request, grant) = (requests[0].as_str(), grants[1].as_str());
    let longer = day(370);
    for (name, rest) in [
        ("allow_request", vec![]),
        ("deny_request", vec!["No"]),
        ("edit_request", vec!["{\"ticket_id\": \"T\"}"]),
        ("claim_request", vec![]),
        ("unclaim_request", vec![]),
        ("comment_request", vec!["Hello"]),
        ("amend_grant", vec![longer.as_str(), "Longer"]),
        ("revoke_grant", vec!["ended", "Gone"]),
    ] {
        let real = if name.ends_with("grant") { grant } else { request };
        let mut answers = Vec::new();
        for id in [real, "987654"] {
            let mut arguments = vec![id];
            arguments.extend(&rest);
            let answer = call(&mut other, name, &arguments).await;
            assert_eq!(refused(&answer), "not_found", "{name}");
            answers.push((answer.code, answer.sentence.replace(id, "ID"), answer.version, answer.data));
        }
        assert_eq!(answers[0], answers[1], "{name} tells what is there");
        // The one whose it is may see it and still not do it.
        let mut owner_of_it = database.connect("researcher1").await;
        let mut arguments = vec![real];
        arguments.extend(&rest);
        let code = refused(&call(&mut owner_of_it, name, &arguments).await).to_owned();
        assert!(code == "not_steward" || name == "unclaim_request" && code == "not_held", "{name}: {code}");
        // An auditor reads everything and changes nothing.
        let mut auditor = database.connect("auditor1").await;
        let code = refused(&call(&mut auditor, name, &arguments).await).to_owned();
        assert!(code == "not_steward" || name == "unclaim_request" && code == "not_held", "{name}: {code}");
    }
    assert_eq!(
        refused(&call(&mut other, "add_grant", &["researcher2", "AB001", &day(40), &day(190)]).await),
        "not_steward"
    );
    for name in ["sync_people", "sync_datasets"] {
        assert_eq!(refused(&call(&mut other, name, &["[]"]).await), "forbidden");
    }
    let rows: i64 =
        one(&mut other, &format!("select count(*) from exeat.read('request', 'rows', '{{\"ids\": [{request}]}}')"))
            .await;
    let history: i64 =
        one(&mut other, &format!("select count(*) from exeat.read('request', 'facts', '{{\"id\": {request}}}')")).await;
    let listed: i64 = one(
        &mut other,
        "select count(*) from exeat.read('request', 'page', '{\"filter\": {\"by\": [\"researcher1\"]}}')",
    )
    .await;
    let counted: i64 = one(&mut other, "select (item->>'counted')::bigint from exeat.read('grant', 'count', '{\"filter\": {\"by\": [\"researcher1\"]}}')").await;
    assert_eq!((rows, history, listed, counted), (0, 0, 0, 0));
    let check = |who: &str| format!("select (exeat.access_check('{who}', 'AB001')).message");
    let there: Option<String> = one(&mut other, &check("researcher1")).await;
    let unknown: Option<String> = one(&mut other, &check("unknown9")).await;
    assert_eq!(there.map(|text| text.replace("researcher1", "X")), unknown.map(|text| text.replace("unknown9", "X")));
}
