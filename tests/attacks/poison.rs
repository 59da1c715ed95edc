//! What one person wrote, or once could write, fails nobody else's list, history or page: it is bounded, or says that it cannot be read.

use std::path::PathBuf;

use exeat::config::{Config, DatabaseConfig};
use exeat::domain::egress::{EgressItem, VersionId};
use exeat::domain::item::Item;
use exeat::domain::page::Wanted;
use exeat::service::Service;
use serde_json::{Value, json};
use sqlx::AssertSqlSafe;

use super::sql_reach::two_projects;
use crate::support::pg::{Database, WORKER, call, done, one, sha};

/// The service as a person has it, over a test's own database.
pub fn service(database: &Database, login: &str) -> Service {
    let database = DatabaseConfig {
        host: PathBuf::from(Database::host()).display().to_string(),
        name: database.name.clone(),
        user: Some(login.into()),
        ..DatabaseConfig::default()
    };
    Service::open(Config { database, ..Config::default() }, None).unwrap()
}

/// 6,900 repeats of one registration ended the file list for everybody, for good.
#[tokio::test]
async fn a_registration_repeated_for_ever_is_one_asking() {
    let (database, heart, _) = two_projects().await;
    let mut researcher = database.connect("researcher1").await;
    let mut worker = database.connect(WORKER).await;
    let files = json!([{"key": "heart.csv", "sha256": sha("heart.csv"), "size": 10}]).to_string();
    let purpose = "p".repeat(10_000);
    let flood = format!(
        "select count((exeat.register_submission(gen_random_uuid(), 'heart', 'trusted', '{purpose}', '{files}')).ok) from generate_series(1, 400)"
    );
    assert_eq!(one::<i64>(&mut researcher, &flood).await, 400);
    while one::<i32>(&mut worker, "select exeat.bind_registrations()").await > 0 {}
    let mut checker = database.connect("checker1").await;
    let row = format!(
        "select item->'destinations'->'trusted'->'asked' from exeat.read('egress', 'rows', '{{\"ids\": [{heart}]}}')"
    );
    let asked: Value = one(&mut checker, &row).await;
    assert_eq!(asked.as_array().unwrap().len(), 1, "each person's newest asking");
    assert!(asked.to_string().len() < 3_000);
    // The history tells of them within its bounds, and reads none of the lists.
    let history = format!(
        "select octet_length(item->>'history')::bigint from exeat.read('egress', 'facts', '{{\"id\": {heart}}}')"
    );
    assert!(one::<i64>(&mut checker, &history).await < 2 << 20);
}

/// JSON nested 200 levels deep, as it could once be written: readers of JSON give up at 128.
fn deep() -> String {
    format!("{}{}", "[".repeat(200), "]".repeat(200))
}

#[tokio::test]
async fn one_line_that_cannot_be_read_ends_no_history_and_no_page() {
    let (database, heart, _) = two_projects().await;
    let mut owner = database.owner().await;
    let request = format!("{{\"version\": {heart}, \"kind\": \"approve\", \"changes\": {}}}", deep());
    let sql = format!(
        "insert into exeat.journal (person, session_role, command, subject, project, request, ok, code, sentence)
         values ('checker2', 'checker2', 'cast_vote', 'version:{heart}', 'heart', '{request}', true, 'done', 'a line of before'),
           ('checker2', 'checker2', 'cast_vote', 'version:{heart}', 'heart', '{{\"coverage2\": 1e400}}', false, 'invalid', 'a number of before');
         alter table exeat.policies disable trigger all;
         update exeat.policies set checks = '{{\"x\": {}}}' where project = 1 and destination = 'world'",
        deep()
    );
    sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut owner).await.unwrap();
    let checker = service(&database, "checker1");
    let lines = checker.facts_of::<EgressItem>(heart).await.unwrap().history;
    let line = lines.iter().find(|line| line.sentence.raw() == "a line of before").unwrap();
    assert!(line.detail["unreadable"].as_str().unwrap().contains("nested too deep"), "{:?}", line.detail);
    let number = lines.iter().find(|line| line.sentence.raw() == "a number of before").unwrap();
    assert!(number.detail["unreadable"].is_string(), "{:?}", number.detail);
    assert!(lines.iter().any(|line| line.command == "intake"), "the rest goes on");
    let policies = checker.policies("heart").await.unwrap();
    assert_eq!(policies.iter().filter(|policy| policy.checks.get("unreadable").is_some()).count(), 1);
}

/// The first page of an area as it usually comes.
fn everything<T: Item>() -> Wanted {
    Wanted { filter: json!({}), sort: T::SORTS[0], after: None, page: 100 }
}

#[tokio::test]
async fn one_row_that_cannot_be_read_says_so_and_the_list_goes_on() {
    let (database, heart, lungs) = two_projects().await;
    let sql = format!("update exeat.file_versions set findings = '{{\"none\": \"of\"}}' where id = {heart}");
    sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut database.owner().await).await.unwrap();
    let checker = service(&database, "checker1");
    let page = checker.page::<EgressItem>(&everything::<EgressItem>()).await.unwrap();
    let find = |id| page.items.iter().find(|item| item.id == VersionId(id)).unwrap();
    let why = find(heart).blocked_reason.as_ref().unwrap().raw().to_owned();
    assert!(why.contains("cannot read the row whole"), "{why}");
    assert!(find(lungs).blocked_reason.is_none());
}

/// The journal is indexed by what an entry is about, and an index takes some 2,700 bytes: a name nobody knows is about nothing.
#[tokio::test]
pub(super) async fn a_name_of_a_hundred_kilobytes_is_refused_and_journalled() {
    let database = Database::fresh().await;
    let mut admin = database.connect("admin1").await;
    let name = (0..12_000).map(|n| format!("{n:08x}")).collect::<String>();
    let answer = call(&mut admin, "add_project", &[&name, "t", "p", "s3://candidates/x/", "s3://shared/"]).await;
    assert_eq!(answer.code, "invalid", "{}", answer.sentence);
    let kept = "select count(*) from exeat.journal where command = 'add_project' and octet_length(request) > 90000";
    assert_eq!(one::<i64>(&mut database.owner().await, kept).await, 1);
    let researcher = &mut database.connect("researcher1").await;
    let gone = call(researcher, "register_submission", &[&name, "trusted", "p", "[]"]).await;
    assert_eq!(gone.code, "not_found", "{}", gone.sentence);
    assert!(gone.sentence.len() < 500);
}

/// A name that could not lie where released files go is refused when it is registered, and blocked where it was put all the same.
#[tokio::test]
pub(super) async fn a_key_too_long_for_the_shared_place_is_never_decided_on() {
    let database = Database::fresh().await;
    let (mut worker, mut researcher) = (database.connect(WORKER).await, database.connect("researcher1").await);
    // 1,024 less project (heart), the longest destination (63), the longest version (19) and three slashes.
    let most = 1024 - 5 - 63 - 19 - 3;
    for (length, taken) in [(most, true), (most + 1, false)] {
        let key = "k".repeat(length);
        let files = json!([{"key": key, "sha256": sha(&key), "size": 10}]).to_string();
        let answer = call(&mut researcher, "register_submission", &["heart", "trusted", "long", &files]).await;
        assert_eq!(answer.ok, taken, "{}", answer.sentence);
        assert!(taken || answer.sentence.contains(&format!("may have {most} in this project")), "{}", answer.sentence);
        let id = crate::support::pg::intake(&mut worker, "heart", &key, &sha(&key), 10).await.unwrap();
        let state = format!(
            "select (item->>'state') || coalesce(': ' || (item->>'blocked_reason'), '') from exeat.read('egress', 'rows', '{{\"ids\": [{id}]}}')"
        );
        let state: String = one(&mut researcher, &state).await;
        assert!(if taken { state == "pending" } else { state.starts_with("blocked: Its name has") }, "{state}");
    }
    done(&mut researcher, "ask_refresh", &["heart"]).await;
}
