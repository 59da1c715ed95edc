//! Attacks on access requests, grants, the directory and the settings with a person's own login: values of odd shapes and
//! sizes, times out of this world, command ids used again, what is told after a role has ended.

use serde_json::json;
use sqlx::{AssertSqlSafe, Row};
use uuid::Uuid;

use super::sql_reach::two_projects;
use crate::rules::access::{asked, day, edit, grant, site};
use crate::support::pg::{WORKER, call, call_with, done, one, sha};

/// A whole number may be written with a fraction of nothing, in JSON; it is one still, and stays usable.
#[tokio::test]
pub(super) async fn a_whole_number_is_one_however_written() {
    let database = site().await;
    let mut admin = database.connect("admin1").await;
    let mut own = database.connect("researcher1").await;
    for (name, value) in [("lead_days", "180.0"), ("longest_days", "7.30e2"), ("turnaround_days", "5.000")] {
        done(&mut admin, "set_setting", &[&format!("access.{name}"), value]).await;
    }
    asked(&mut own, "AB001").await;
    assert_eq!(one::<i64>(&mut own, "select count(*) from exeat.read('request', 'page')").await, 1);
    let kept: String =
        one(&mut own, "select value::text from exeat.list_settings() where name = 'access.lead_days'").await;
    assert_eq!(kept, "180");
    let values = r#"{"approvals": 3.0, "hold_seconds": 1.0, "largest_file": 1000.0}"#;
    done(&mut admin, "set_policy", &["heart", "trusted", values]).await;
    let files = json!([{"key": "a.csv", "sha256": sha("a"), "size": 10.0}]).to_string();
    done(&mut own, "register_submission", &["heart", "trusted", "a paper", &files]).await;
}

/// Every function that takes JSON answers whatever JSON it is given: none fails, and none does half of it.
#[tokio::test]
pub(super) async fn json_of_any_shape_gets_an_answer() {
    let database = site().await;
    let mut admin = database.connect("admin1").await;
    let mut steward = database.connect("steward1").await;
    let mut own = database.connect("researcher1").await;
    let id = asked(&mut own, "AB001").await;
    let deep = format!("{}1{}", "[".repeat(1000), "]".repeat(1000));
    let mut shapes: Vec<String> =
        ["null", "1", "true", "\"x\"", "[]", "{}", "[null]", "[1, \"x\", []]", "[[{}]]", "1e300"]
            .map(str::to_owned)
            .to_vec();
    shapes.push(deep.clone());
    shapes.push(format!("[{deep}]"));
    for member in [
        "login",
        "full_name",
        "mail",
        "title",
        "active",
        "accession",
        "description",
        "dac_email",
        "key",
        "sha256",
        "size",
    ] {
        for value in ["null", "1", "-1e40", "true", "[]", "{\"x\": 1}", "\"\"", "\"\\n\"", &deep] {
            shapes.push(format!(
                r#"[{{"login": "some1", "full_name": "Some One", "accession": "AB777", "title": "T", "key": "k", "sha256": "{}", "size": 1, "{member}": {value}}}]"#,
                sha("k")
            ));
        }
    }
    for changes in [
        "iva_id",
        "access_starts",
        "access_ends",
        "ticket_id",
        "internal_note",
        "note_to_requester",
        "status",
        "changed_by",
    ] {
        for value in ["null", "1", "[]", "{}", "true", "\"infinity\"", "\"294276-12-31\"", "\"x\"", "\"now\"", &deep] {
            shapes.push(format!(r#"{{"{changes}": {value}}}"#));
        }
    }
    for shape in &shapes {
        for (name, arguments) in [
            ("sync_people", vec![shape.as_str(), "true"]),
            ("sync_datasets", vec![shape.as_str(), "true"]),
            ("set_setting", vec!["access.lead_days", shape.as_str()]),
            ("set_policy", vec!["heart", "trusted", shape.as_str()]),
            ("register_submission", vec!["heart", "trusted", "p", shape.as_str()]),
            ("edit_request", vec![id.as_str(), shape.as_str()]),
        ] {
            let connection = match name {
                "register_submission" => &mut own,
                "edit_request" => &mut steward,
                _ => &mut admin,
            };
            if name == "set_setting" && shape == "1" {
                continue;
            }
            // `call` ends the test where the function fails. "null" is SQL's null there; JSON's is written out.
            let arguments: Vec<&str> = arguments.iter().map(|a| if *a == "null" { " null" } else { a }).collect();
            let answer = call(connection, name, &arguments).await;
            assert!(answer.sentence.len() < 1000, "{name} {shape}");
        }
    }
    let status: String =
        one(&mut steward, &format!("select item->>'status' from exeat.read('request', 'rows', '{{\"ids\": [{id}]}}')"))
            .await;
    assert_eq!(status, "pending");
    let days: i32 =
        one(&mut own, "select (value#>>'{}')::int from exeat.list_settings() where name = 'access.lead_days'").await;
    assert_eq!(days, 180);
}

/// Infinity, the years before Christ and the last ones PostgreSQL knows are refused, in a sentence, and nothing is stored.
#[tokio::test]
pub(super) async fn times_out_of_this_world_are_refused() {
    let database = site().await;
    let mut admin = database.connect("admin1").await;
    let mut steward = database.connect("steward1").await;
    let mut own = database.connect("researcher1").await;
    let id = asked(&mut own, "AB001").await;
    let (soon, later) = (day(1), day(90));
    let given = done(&mut steward, "add_grant", &["researcher1", "AB001", &soon, &later]).await;
    let given = given["grant"].as_str().unwrap().to_owned();
    for far in ["infinity", "-infinity", "294276-12-31", "4713-01-01 BC", "12026-11-21", "3000-01-01"] {
        let past = far.contains("BC") || far.starts_with('-');
        for (starts, ends) in [(far, "null"), (far, far), ("null", far), (&soon, far)] {
            // A past start becomes now, whatever it was.
            if !(past && ends == "null") {
                let answer = call(&mut own, "new_request", &["AB002", "For a paper", starts, ends]).await;
                assert!(!answer.ok, "asked from {starts} until {ends}: {answer:?}");
                let answer = call(&mut steward, "allow_request", &[&id, starts, ends]).await;
                assert!(!answer.ok, "allowed from {starts} until {ends}: {answer:?}");
                let answer = call(&mut steward, "add_grant", &["researcher2", "AB002", starts, ends]).await;
                assert!(!answer.ok, "granted from {starts} until {ends}: {answer:?}");
            }
        }
        assert!(!call(&mut steward, "amend_grant", &[&given, far, "why"]).await.ok, "amended to {far}");
        for name in ["access_starts", "access_ends"] {
            let answer = edit(&mut steward, &id, &json!({name: far, "access_ends": far})).await;
            assert!(!answer.ok, "edited to {far}: {answer:?}");
        }
        if far != "3000-01-01" {
            for (starts, ends) in [(far, "null"), ("null", far)] {
                let answer = call(&mut admin, "add_membership", &["nobody1", "heart", "checker", starts, ends]).await;
                assert!(!answer.ok, "a member from {starts} until {ends}: {answer:?}");
            }
        }
        let check = format!("select (exeat.access_check('researcher1', 'AB001', '{far}')).access");
        assert!(!one::<bool>(&mut own, &check).await, "at {far}");
    }
    let mut owner = database.owner().await;
    for (table, wanted) in [("access_requests", 1), ("grants", 1)] {
        assert_eq!(one::<i64>(&mut owner, &format!("select count(*) from exeat.{table}")).await, wanted, "{table}");
    }
    let members: i64 = one(
        &mut owner,
        "select count(*) from exeat.memberships m join exeat.people p on p.id = m.person where login = 'nobody1'",
    )
    .await;
    assert_eq!(members, 0);
}

/// A command id belongs to one person and one set of arguments, whatever zone the session tells its times in.
#[tokio::test]
pub(super) async fn a_command_id_means_one_command() {
    let database = site().await;
    let mut own = database.connect("researcher1").await;
    let mut steward = database.connect("steward1").await;
    let mut colleague = database.connect("steward2").await;
    let request = asked(&mut own, "AB001").await;
    let (starts, ends) = (day(1), day(100));
    let id = Uuid::new_v4();
    let arguments = [request.as_str(), starts.as_str(), ends.as_str()];
    let first = call_with(&mut steward, "allow_request", id, &arguments).await;
    assert!(first.ok, "{first:?}");
    for zone in ["Pacific/Kiritimati", "America/St_Johns"] {
        sqlx::raw_sql(AssertSqlSafe(format!("set timezone = '{zone}'"))).execute(&mut steward).await.unwrap();
        assert_eq!(call_with(&mut steward, "allow_request", id, &arguments).await, first, "{zone}");
    }
    let other = day(101);
    for (name, arguments) in [
        ("allow_request", vec![request.as_str(), starts.as_str(), other.as_str()]),
        ("allow_request", vec![request.as_str()]),
        ("deny_request", vec![request.as_str(), "why"]),
        ("add_grant", vec!["researcher2", "AB001", starts.as_str(), ends.as_str()]),
        ("comment_request", vec![request.as_str(), "hello"]),
    ] {
        assert_eq!(call_with(&mut steward, name, id, &arguments).await.code, "command_id_reused", "{name}");
    }
    // Another's id is free, and tells nothing of theirs.
    assert_eq!(call_with(&mut colleague, "allow_request", id, &arguments).await.code, "decided");
    let mut owner = database.owner().await;
    assert_eq!(one::<i64>(&mut owner, "select count(*) from exeat.grants").await, 1);
}

/// Who was a steward is told no more what happens to requests, and a recall is news to its project only.
#[tokio::test]
async fn the_feed_ends_with_the_role() {
    let database = site().await;
    let mut admin = database.connect("admin1").await;
    let mut own = database.connect("researcher1").await;
    let mut former = database.connect("steward2").await;
    let mut steward = database.connect("steward1").await;
    let place: String = one(&mut former, "select exeat.last_change()").await;
    done(&mut admin, "end_membership", &["steward2", "null", "steward"]).await;
    let id = asked(&mut own, "AB001").await;
    done(&mut steward, "deny_request", &[&id, "no"]).await;
    let told = format!("select count(*) from exeat.changes_since('{place}') where area = 'request'");
    assert_eq!(one::<i64>(&mut former, &told).await, 0);
    assert_eq!(one::<i64>(&mut steward, &told).await, 2);
    assert_eq!(one::<i64>(&mut own, &told).await, 2);
    assert_eq!(one::<i64>(&mut former, "select count(*) from exeat.read('request', 'page')").await, 0);
    for (name, arguments) in
        [("deny_request", vec![id.as_str(), "no"]), ("comment_request", vec![&id, "x"]), ("claim_request", vec![&id])]
    {
        assert_eq!(call(&mut former, name, &arguments).await.code, "not_found", "{name}");
    }
}

#[tokio::test]
async fn a_recall_is_news_to_its_project_only() {
    let (database, _, lungs) = two_projects().await;
    let id = lungs.to_string();
    let mut worker = database.connect(WORKER).await;
    let mut checker = database.connect("checker1").await;
    done(&mut checker, "cast_vote", &[&id, "trusted", "approve", &sha("lungs.csv"), "fine"]).await;
    let finish = "select (exeat.finish_release(c.release, 'w', c.shared_key, 'v1', '_records/x', null)).code
        from exeat.claim_release('w', 60) c";
    assert_eq!(one::<String>(&mut worker, finish).await, "done");
    let place: String = one(&mut worker, "select exeat.last_change()").await;
    done(&mut checker, "recall", &[&id, "trusted", "the wrong table"]).await;
    let told = format!("select count(*) from exeat.changes_since('{place}')");
    for (login, wanted) in [("researcher1", 0), ("steward1", 0), ("researcher2", 2), (WORKER, 2)] {
        let mut reader = database.connect(login).await;
        assert_eq!(one::<i64>(&mut reader, &told).await, wanted, "{login}");
    }
}

/// What a list shows for each row is bounded where it comes in.
#[tokio::test]
async fn texts_of_the_directory_have_a_size() {
    let database = site().await;
    let mut admin = database.connect("admin1").await;
    let long = "d".repeat(1 << 20);
    for (member, text) in [("description", long.as_str()), ("dac_alias", &long), ("title", &long), ("dac_email", &long)]
    {
        let row = json!([{"accession": "AB001", "title": "T", member: text}]).to_string();
        let answer = call(&mut admin, "sync_datasets", &[&row]).await;
        assert_eq!(answer.code, "invalid", "{member}");
        assert!(answer.sentence.len() < 300, "{member}");
    }
    for (member, text) in [("full_name", long.as_str()), ("title", &long), ("mail", &long), ("login", &long)] {
        let row = json!([{"login": "some1", "full_name": "Some", member: text}]).to_string();
        let answer = call(&mut admin, "sync_people", &[&row]).await;
        assert_eq!(answer.code, "invalid", "{member}");
        assert!(answer.sentence.len() < 500, "{member}: {} bytes", answer.sentence.len());
    }
}

#[tokio::test]
pub(super) async fn what_a_vote_declares_and_a_restore_says_have_a_size() {
    let (database, heart, _) = two_projects().await;
    let mut checker = database.connect("checker2").await;
    let shown = json!({"shown": "x".repeat(1 << 20)}).to_string();
    let arguments = [&heart.to_string(), "trusted", "approve", &sha("heart.csv"), "", "null", &shown];
    assert_eq!(call(&mut checker, "cast_vote", &arguments).await.code, "too_large");
}

/// Mail goes to one address: what is written there cannot add another, nor a line to a header.
#[tokio::test]
pub(super) async fn a_mail_address_is_one_wherever_it_comes_in() {
    let database = site().await;
    let mut admin = database.connect("admin1").await;
    let mut own = database.connect("researcher1").await;
    for mail in [
        "ada@tre.example\nBcc: eve@evil.example",
        "ada@tre.example, eve@evil.example",
        "ada@tre.example;eve@evil.example",
        "<ada@tre.example>",
        "\"ada\"@tre.example",
        "ada@tre.example\u{85}x",
        "ada@tre.example\u{2028}x",
        "ada @tre.example",
        "ada@@tre.example",
        "ada",
        "",
    ] {
        let list = json!([{"login": "eve1", "full_name": "Eve", "mail": mail}]).to_string();
        let dataset =
            json!([{"accession": "AB009", "title": "T", "dac_email": if mail.is_empty() { "x" } else { mail }}]);
        let mut answers = vec![
            call(&mut admin, "add_person", &["eve1", "Eve", mail]).await,
            call(&mut admin, "sync_people", &[&list]).await,
            call(&mut admin, "sync_datasets", &[&dataset.to_string()]).await,
            call(&mut own, "new_request", &["AB001", "For a paper", "null", "null", mail]).await,
        ];
        if !mail.is_empty() {
            answers.push(call(&mut admin, "set_setting", &["access.steward_mail", &json!(mail).to_string()]).await);
        }
        for answer in answers {
            assert_eq!(answer.code, "invalid", "{mail:?}: {answer:?}");
        }
    }
}

/// Of their own grant a steward reads what anybody does: not who took it away, nor why.
#[tokio::test]
pub(super) async fn a_stewards_own_grant_names_nobody() {
    let database = site().await;
    let mut first = database.connect("steward1").await;
    let mut second = database.connect("steward2").await;
    let (starts, ends) = (day(0), day(90));
    let data = done(&mut first, "add_grant", &["steward2", "AB001", &starts, &ends]).await;
    let id = data["grant"].as_str().unwrap().to_owned();
    done(&mut first, "revoke_grant", &[&id, "misuse", "seen in the wrong place"]).await;
    let item = grant(&mut second, &id).await.to_string();
    assert!(item.contains("It was revoked at"), "{item}");
    let history: String =
        one(&mut second, &format!("select item->>'history' from exeat.read('grant', 'facts', '{{\"id\": {id}}}')"))
            .await;
    let again = call(&mut second, "revoke_grant", &[&id, "ended", "why"]).await;
    for text in [item, history, again.sentence] {
        for word in ["steward1", "misuse", "wrong place"] {
            assert!(!text.contains(word), "{word}: {text}");
        }
    }
}

/// Every message carries an id to know it again by, of files as of access; none carries what was said between stewards.
#[tokio::test]
async fn every_message_has_an_id() {
    let (database, heart, lungs) = two_projects().await;
    let mut worker = database.connect(WORKER).await;
    let mut checker = database.connect("checker1").await;
    let mut colleague = database.connect("checker2").await;
    let hash = sha("lungs.csv");
    done(&mut checker, "cast_vote", &[&heart.to_string(), "trusted", "changes", &sha("heart.csv"), "round it"]).await;
    done(&mut checker, "cast_vote", &[&lungs.to_string(), "trusted", "approve", &hash, "fine"]).await;
    let finish = "select (exeat.finish_release(c.release, 'w', c.shared_key, 'v1', '_records/x', null)).code
        from exeat.claim_release('w', 60) c";
    assert_eq!(one::<String>(&mut worker, finish).await, "done");
    done(&mut colleague, "recall", &[&lungs.to_string(), "trusted", "the wrong table"]).await;
    let mut owner = database.owner().await;
    let rows = sqlx::query("select topic, payload from exeat.outbox order by id").fetch_all(&mut owner).await.unwrap();
    let topics: Vec<String> = rows.iter().map(|row| row.get("topic")).collect();
    assert_eq!(topics, ["egress.changes_requested", "egress.approved", "egress.released", "egress.recalled"]);
    let mut ids: Vec<String> = Vec::new();
    for row in &rows {
        let payload: serde_json::Value = row.get("payload");
        assert_eq!(payload["type"], row.get::<String, _>("topic"));
        assert!(payload["occurred_at"].is_string());
        ids.push(payload["event_id"].as_str().unwrap().to_owned());
    }
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), topics.len());
}
