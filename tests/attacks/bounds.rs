//! Every bound of what one person may ask for, with its edge: the last that is taken and the first that is not.

use serde_json::{Value, json};
use sqlx::{AssertSqlSafe, PgConnection};

use super::sql_reach::two_projects;
use crate::rules::access::{asked, site};
use crate::support::pg::{Answer, Database, WORKER, call, done, one, sha};

/// How many rows a query about the journal finds, as its owner.
async fn journalled(database: &Database, condition: &str) -> i64 {
    one(&mut database.owner().await, &format!("select count(*) from exeat.journal where {condition}")).await
}

async fn commented(checker: &mut PgConnection, version: i64, body: &str) -> Answer {
    call(checker, "add_comment", &[&version.to_string(), body]).await
}

#[tokio::test]
pub(super) async fn nesting_ends_at_sixteen_levels() {
    let (database, heart, _) = two_projects().await;
    let mut checker = database.connect("checker2").await;
    for (levels, taken) in [(14, true), (15, false), (500, false)] {
        // The request is one level, the value in it the next.
        let nested = format!("{}{}", "[".repeat(levels + 1), "]".repeat(levels + 1));
        let vote =
            [&heart.to_string(), "trusted", "approve", &sha("heart.csv"), "fine", "null", &nested].map(str::to_owned);
        let answer = call(&mut checker, "cast_vote", &vote.each_ref().map(String::as_str)).await;
        assert_eq!(answer.code, if taken { "done" } else { "too_deep" }, "{levels}: {}", answer.sentence);
    }
    let kept: String = one(
        &mut database.owner().await,
        "select request from exeat.journal where code = 'too_deep' order by id desc limit 1",
    )
    .await;
    let kept: Value = serde_json::from_str(&kept).unwrap();
    assert_eq!(kept["sha256"].as_str().unwrap().len(), 64, "{kept}");
    assert!(kept["bytes"].as_i64().unwrap() > 1000, "{kept}");
}

#[tokio::test]
async fn a_command_has_128_kilobytes() {
    let (database, heart, _) = two_projects().await;
    let mut checker = database.connect("checker2").await;
    let around: i32 = one(
        &mut checker,
        &format!(
            "select octet_length(jsonb_build_object('version', {heart}::bigint, 'body', '', 'internal', null)::text)"
        ),
    )
    .await;
    let room = 131_072 - usize::try_from(around).unwrap();
    let fits = commented(&mut checker, heart, &"c".repeat(room)).await;
    assert!(fits.sentence.contains("10,000 characters"), "the rule of comments was asked: {}", fits.sentence);
    let over = commented(&mut checker, heart, &"c".repeat(room + 1)).await;
    assert_eq!(over.code, "too_large");
    assert!(over.sentence.contains("131073 bytes and may have 131072"), "{}", over.sentence);
    assert_eq!(journalled(&database, "octet_length(request) > 131072").await, 0);
}

/// Eight bytes can be 131,072 digits: a number is looked at before anything becomes text, and one beyond what readers take is none.
#[tokio::test]
pub(super) async fn a_number_has_forty_digits() {
    let (database, heart, _) = two_projects().await;
    let mut checker = database.connect("checker2").await;
    let list = |number: &str| format!("[{}]", vec![number; 5_000].join(","));
    for (coverage, code) in [
        ("9999999999999999999999999999999999999999".to_owned(), "done"),
        ("1e40".to_owned(), "out_of_range"),
        ("1e400".to_owned(), "out_of_range"),
        ("0e-41".to_owned(), "out_of_range"),
        (list("1e131071"), "out_of_range"),
        (list("0e-16383"), "out_of_range"),
    ] {
        let vote =
            [&heart.to_string(), "trusted", "approve", &sha("heart.csv"), "fine", "null", &coverage].map(str::to_owned);
        let answer = call(&mut checker, "cast_vote", &vote.each_ref().map(String::as_str)).await;
        assert_eq!(answer.code, code, "{}: {}", &coverage[..coverage.len().min(50)], answer.sentence);
    }
    assert_eq!(journalled(&database, "octet_length(request) > 1000").await, 0);
}

/// What waits is counted under a lock of the person's own: two open transactions are one after the other.
#[tokio::test]
async fn two_sessions_at_once_get_no_more_than_one() {
    let (database, heart, _) = two_projects().await;
    let ask = format!(
        "select count((exeat.ask_ticket(gen_random_uuid(), {heart}, 'preview')).ok) from generate_series(1, 40)"
    );
    let mut first = database.connect("researcher1").await;
    sqlx::raw_sql("begin").execute(&mut first).await.unwrap();
    let _: i64 = one(&mut first, &ask).await;
    let mut second = database.connect("researcher1").await;
    assert_eq!(call(&mut second, "ask_ticket", &[&heart.to_string(), "preview"]).await.code, "busy");
    sqlx::raw_sql("commit").execute(&mut first).await.unwrap();
    let _: i64 = one(&mut second, &ask).await;
    let open = "select count(*) from exeat.tickets where state = 'open'";
    assert_eq!(one::<i64>(&mut database.owner().await, open).await, 50);
}

#[tokio::test]
pub(super) async fn requests_have_four_times_the_longest_text_and_lists_sixteen_megabytes() {
    let database = site().await;
    let mut admin = database.connect("admin1").await;
    let mut own = database.connect("researcher1").await;
    done(&mut admin, "set_setting", &["access.text_limit", "50000"]).await;
    let text = |n: usize| "t".repeat(n);
    let long = call(&mut own, "new_request", &["AB001", &text(199_000)]).await;
    assert!(long.sentence.contains("longer than 50000 bytes"), "the rule of requests was asked: {}", long.sentence);
    let over = call(&mut own, "new_request", &["AB001", &text(200_001)]).await;
    assert!(over.sentence.contains("may have 200000"), "{}", over.sentence);
    done(&mut own, "new_request", &["AB001", &text(50_000)]).await;
    assert_eq!(
        journalled(&database, "not ok and octet_length(request) > 131072").await,
        0,
        "of a large refusal no text is kept"
    );

    let files = |n: usize, name: usize| -> String {
        let one = |i| json!({"key": format!("{i:06}{}", "k".repeat(name)), "sha256": sha("x"), "size": 1});
        Value::from((0..n).map(one).collect::<Vec<_>>()).to_string()
    };
    let list = call(&mut own, "register_submission", &["heart", "trusted", "a long list", &files(10_000, 800)]).await;
    assert!(list.ok, "{}", list.sentence);
    let over = call(&mut own, "register_submission", &["heart", "trusted", "a longer one", &files(10_000, 1700)]).await;
    assert!(over.sentence.contains("may have 16777216"), "{}", over.sentence);
}

#[tokio::test]
pub(super) async fn thirty_thousand_registrations_may_wait_for_their_bytes() {
    let database = Database::fresh().await;
    let mut own = database.connect("researcher1").await;
    let mut other = database.connect("checker3").await;
    let register = |turn: usize, n: usize| -> [String; 4] {
        let one = |i| json!({"key": format!("{turn}/{i}"), "sha256": sha("x"), "size": 1});
        let files = Value::from((0..n).map(one).collect::<Vec<_>>()).to_string();
        ["heart".into(), "trusted".into(), "many".into(), files]
    };
    let mut last = Value::Null;
    for turn in 0..3 {
        let arguments = register(turn, 10_000);
        last = done(&mut own, "register_submission", &arguments.each_ref().map(String::as_str)).await;
    }
    let more = register(3, 1);
    let more = more.each_ref().map(String::as_str);
    let answer = call(&mut own, "register_submission", &more).await;
    assert_eq!(answer.code, "too_many", "{answer:?}");
    assert!(answer.sentence.contains("egress withdraw --submission"), "{}", answer.sentence);
    done(&mut other, "register_submission", &more).await;
    let taken = done(&mut own, "withdraw_submission", &[&last["submission"].to_string()]).await;
    assert_eq!(taken["withdrawn"], 10_000);
    done(&mut own, "register_submission", &more).await;
    let theirs = call(&mut other, "withdraw_submission", &[&last["submission"].to_string()]).await;
    assert_eq!(theirs.code, "not_found", "nobody takes back what is another's");
}

#[tokio::test]
pub(super) async fn fifty_tickets_of_a_person_wait_at_once() {
    let (database, heart, _) = two_projects().await;
    let mut flooder = database.connect("researcher1").await;
    let flood = format!(
        "select count(*) filter (where (t).ok) from (select exeat.ask_ticket(gen_random_uuid(), {heart}, 'preview') as t from generate_series(1, 60)) x"
    );
    assert_eq!(one::<i64>(&mut flooder, &flood).await, 50);
    let over = call(&mut flooder, "ask_ticket", &[&heart.to_string(), "preview"]).await;
    assert_eq!(over.code, "too_many", "{over:?}");
    done(&mut database.connect("checker1").await, "ask_ticket", &[&heart.to_string(), "preview"]).await;
    let mut worker = database.connect(WORKER).await;
    let answer = "select count(*) filter (where exeat.answer_ticket(ticket, 'http://x', clock_timestamp() + interval '1 minute')) from exeat.open_tickets()";
    assert_eq!(one::<i64>(&mut worker, answer).await, 51);
    done(&mut flooder, "ask_ticket", &[&heart.to_string(), "preview"]).await;
}

/// A second refresh answers with the one that waits; once a pass has begun for that, a new one waits for a later pass.
#[tokio::test]
pub(super) async fn one_refresh_waits_and_eight_are_worked_on() {
    let database = Database::fresh().await;
    let mut own = database.connect("checker1").await;
    let mut worker = database.connect(WORKER).await;
    let mut ids = Vec::new();
    for _ in 0..8 {
        let asked = done(&mut own, "ask_refresh", &["heart"]).await["refresh"].as_i64().unwrap();
        for _ in 0..5 {
            assert_eq!(done(&mut own, "ask_refresh", &["heart"]).await["refresh"], asked);
        }
        let begun = format!("select exeat.refreshes_begun(array[{asked}::bigint])");
        sqlx::raw_sql(AssertSqlSafe(begun)).execute(&mut worker).await.unwrap();
        ids.push(asked);
    }
    ids.dedup();
    assert_eq!(ids.len(), 8);
    assert_eq!(call(&mut own, "ask_refresh", &["heart"]).await.code, "too_many");
    done(&mut own, "ask_refresh", &["lungs"]).await;
    done(&mut database.connect("checker2").await, "ask_refresh", &["heart"]).await;
    assert!(one::<bool>(&mut worker, &format!("select exeat.finish_refresh({}, 0)", ids[0])).await);
    done(&mut own, "ask_refresh", &["heart"]).await;
}

#[tokio::test]
pub(super) async fn a_hundred_requests_of_a_person_are_pending() {
    let database = site().await;
    let mut own = database.connect("researcher1").await;
    let mut steward = database.connect("steward1").await;
    let first = asked(&mut own, "AB001").await;
    for _ in 1..100 {
        asked(&mut own, "AB001").await;
    }
    assert_eq!(call(&mut own, "new_request", &["AB001", "one more"]).await.code, "too_many");
    asked(&mut database.connect("researcher2").await, "AB001").await;
    done(&mut steward, "deny_request", &[&first, "too many"]).await;
    asked(&mut own, "AB001").await;
}

#[tokio::test]
async fn a_hundred_refusals_in_ten_seconds_are_kept_and_the_rest_are_counted() {
    let (database, heart, _) = two_projects().await;
    let mut flooder = database.connect("researcher1").await;
    let flood = format!(
        "select count(*) filter (where (t).code = 'not_checker') from (select exeat.claim(gen_random_uuid(), {heart}) as t from generate_series(1, 350)) x"
    );
    assert_eq!(one::<i64>(&mut flooder, &flood).await, 350, "every one is answered");
    let theirs = "session_role = 'researcher1' and not ok";
    assert_eq!(journalled(&database, theirs).await, 100);
    let mut owner = database.owner().await;
    let commands = "select count(*) from exeat.commands where not (answer->>'ok')::bool";
    assert_eq!(one::<i64>(&mut owner, commands).await, 100, "what is not kept has no answer to repeat either");
    // What is done, and what others are refused, is kept as ever.
    done(&mut flooder, "add_comment", &[&heart.to_string(), "done all the same"]).await;
    assert_eq!(journalled(&database, "session_role = 'researcher1' and command = 'add_comment' and ok").await, 1);
    assert_eq!(
        call(&mut database.connect("checker3").await, "undo_vote", &[&heart.to_string()]).await.code,
        "not_held"
    );
    assert_eq!(journalled(&database, "session_role = 'checker3' and code = 'not_held'").await, 1);

    let keep = "select exeat.keep_refusals()";
    let mut worker = database.connect(WORKER).await;
    assert_eq!(one::<i32>(&mut worker, keep).await, 0, "the flood is not over");
    sqlx::raw_sql(AssertSqlSafe("update exeat.refused set until = until - interval '11 seconds'"))
        .execute(&mut owner)
        .await
        .unwrap();
    assert_eq!(one::<i32>(&mut worker, keep).await, 1);
    let kept: String = one(
        &mut owner,
        "select request from exeat.journal where command = 'refusals_counted' and subject = 'person:researcher1'",
    )
    .await;
    let kept: Value = serde_json::from_str(&kept).unwrap();
    assert_eq!(kept["codes"], json!({"not_checker": 250}), "{kept}");
    assert_eq!(one::<i32>(&mut worker, keep).await, 0);
}

/// Ten sessions of one login at once: the count waits for nobody, and every refusal is in the journal or counted.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn no_refusal_is_lost_where_many_are_refused_at_once() {
    let (database, heart, _) = two_projects().await;
    let flood = format!(
        "select count(*) from (select exeat.claim(gen_random_uuid(), {heart}) as t from generate_series(1, 100)) x where not (t).ok"
    );
    let floods: Vec<_> = (0..10)
        .map(|_| {
            let (database, flood) = (database.clone(), flood.clone());
            tokio::spawn(async move { one::<i64>(&mut database.connect("researcher1").await, &flood).await })
        })
        .collect();
    for flood in floods {
        assert_eq!(flood.await.unwrap(), 100);
    }
    let mut owner = database.owner().await;
    let counted: i64 = one(
        &mut owner,
        "select coalesce(sum(x.value::bigint), 0)::bigint from exeat.refused r, jsonb_each_text(r.codes) x",
    )
    .await;
    assert_eq!(counted + journalled(&database, "session_role = 'researcher1' and not ok").await, 1000);
}
