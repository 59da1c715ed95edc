//! Doors beside the door: a shared location inside another, a recalled file on old votes, a withdrawal of what others asked for,
//! a membership that begins again when the clock goes back.

use serde_json::json;
use sqlx::{AssertSqlSafe, PgConnection};

use crate::support::pg::{Database, WORKER, call, done, one, sha, submitted};

/// Claims the one release that is due and finishes it as a worker does whose copy is in place.
async fn release(owner: &mut PgConnection, worker: &mut PgConnection) -> i64 {
    let (id, version): (uuid::Uuid, i64) = sqlx::query_as("select release, version from exeat.claim_release('w', 60)")
        .fetch_one(&mut *worker)
        .await
        .unwrap();
    let key: String =
        one(owner, &format!("select encode(shared_key, 'hex') from exeat.releases where id = '{id}'")).await;
    let finish = format!("(exeat.finish_release('{id}', 'w', '\\x{key}', null, '_records/x', null)).ok");
    assert!(one::<bool>(worker, &format!("select {finish}")).await);
    version
}

async fn state_of_case(owner: &mut PgConnection, version: i64) -> (String, i32) {
    let sql = "select c.state, (exeat.tally(c.id)).count from exeat.cases c where c.version = $1 and c.destination = 'trusted'";
    sqlx::query_as(sql).bind(version).fetch_one(owner).await.unwrap()
}

#[tokio::test]
async fn a_shared_location_inside_another_is_refused_and_the_same_one_is_not() {
    let database = Database::fresh().await;
    let mut admin = database.connect("admin1").await;
    // heart and lungs share s3://shared/ from the beginning; files of a project `heart` lie below shared/heart/ there.
    for (id, shared, taken) in [
        ("deep", "s3://shared/heart/", false),
        ("deeper", "s3://shared/heart/trusted/", false),
        ("same", "s3://shared/", true),
        ("apart", "s3://elsewhere/a/", true),
        ("above", "s3://elsewhere/", false),
        ("beside", "s3://elsewhere/ab/", true),
        ("inside", "s3://elsewhere/a/b/", false),
        ("again", "s3://elsewhere/a/", true),
    ] {
        let from = format!("s3://candidates/{id}/");
        let answer = call(&mut admin, "add_project", &[id, id, "For the tests", &from, shared]).await;
        assert_eq!(answer.ok, taken, "{shared}: {answer:?}");
        assert!(taken || answer.sentence.contains("overlaps with one of"), "{answer:?}");
    }
}

/// What was recalled goes out again only through votes cast since, and neither its submitter nor two administrators open it.
#[tokio::test]
pub(super) async fn a_recall_ends_every_vote() {
    let database = Database::fresh().await;
    let (mut owner, mut worker) = (database.owner().await, database.connect(WORKER).await);
    // checker3 is a researcher of heart too, and put it there.
    let mut submitter = database.connect("checker3").await;
    let id = submitted(&mut submitter, &mut worker, "heart", "trusted", "table.csv").await;
    let version = id.to_string();
    let mut people = Vec::new();
    for login in ["checker1", "checker2", "admin1", "admin2"] {
        people.push(database.connect(login).await);
    }
    let [first, second, admin1, admin2] = people.as_mut_slice() else { panic!() };
    let vote = [version.as_str(), "trusted", "approve", &sha("table.csv"), "fine"];
    done(first, "cast_vote", &vote).await;
    done(second, "cast_vote", &vote).await;
    assert_eq!(release(&mut owner, &mut worker).await, id);
    let recall = [version.as_str(), "trusted", "a mistake"];
    done(first, "recall", &recall).await;
    assert_eq!(state_of_case(&mut owner, id).await, ("recalled".into(), 0));
    sqlx::raw_sql("update exeat.recalls set removed_at = clock_timestamp()").execute(&mut owner).await.unwrap();

    let own = call(&mut submitter, "restore", &recall).await;
    assert_eq!(own.code, "own_submission", "{own:?}");
    done(admin1, "restore", &recall).await;
    let both = call(admin2, "restore", &recall).await;
    assert_eq!(both.code, "second_person_needed", "two administrators and no checker: {both:?}");
    done(second, "restore", &recall).await;
    assert_eq!(state_of_case(&mut owner, id).await, ("pending".into(), 0), "no vote of before counts");
    let claims = "select count(*) from exeat.claim_release('w', 60)";
    assert_eq!(one::<i64>(&mut worker, claims).await, 0);
    let _: i32 = one(&mut worker, "select exeat.lapse_votes()").await;
    done(first, "cast_vote", &vote).await;
    assert_eq!(state_of_case(&mut owner, id).await, ("pending".into(), 1), "one of the two it needs");
    assert_eq!(one::<i64>(&mut worker, claims).await, 0);
    done(second, "cast_vote", &vote).await;
    assert_eq!(release(&mut owner, &mut worker).await, id);
}

#[tokio::test]
pub(super) async fn one_takes_back_what_one_asked_for_oneself() {
    let database = Database::fresh().await;
    let (mut owner, mut worker) = (database.owner().await, database.connect(WORKER).await);
    let mut researcher = database.connect("researcher1").await;
    let mut copycat = database.connect("checker3").await;
    let mut checker = database.connect("checker1").await;
    let id = submitted(&mut researcher, &mut worker, "heart", "trusted", "theirs.csv").await;
    let version = id.to_string();
    done(&mut checker, "cast_vote", &[&version, "trusted", "approve", &sha("theirs.csv"), "fine"]).await;
    let files = json!([{"key": "theirs.csv", "sha256": sha("theirs.csv"), "size": 10}]).to_string();
    for _ in 0..3 {
        done(&mut copycat, "register_submission", &["heart", "trusted", "I have them too", &files]).await;
        assert_eq!(one::<i32>(&mut worker, "select exeat.bind_registrations()").await, 1);
    }
    done(&mut copycat, "withdraw", &[&version]).await;
    assert_eq!(state_of_case(&mut owner, id).await, ("pending".into(), 1), "another still asks, and the vote stands");
    let again = call(&mut copycat, "withdraw", &[&version]).await;
    assert_eq!(again.code, "not_submitter", "{again:?}");
    // Having put the same bytes there is not undone by taking the asking back.
    let vote = call(&mut copycat, "cast_vote", &[&version, "trusted", "approve", &sha("theirs.csv"), "mine"]).await;
    assert_eq!(vote.code, "own_submission");
    done(&mut researcher, "withdraw", &[&version]).await;
    assert_eq!(state_of_case(&mut owner, id).await.0, "withdrawn");
}

/// Whoever named bytes as theirs votes on them neither before the worker has bound anything nor after taking it back, whoever else
/// named them too.
#[tokio::test]
pub(super) async fn own_is_who_named_the_bytes_from_that_moment_on() {
    let database = Database::fresh().await;
    let mut worker = database.connect(WORKER).await;
    let (mut researcher, mut both) = (database.connect("researcher1").await, database.connect("checker3").await);
    let there = submitted(&mut researcher, &mut worker, "heart", "trusted", "there.csv").await;
    let file = |key: &str| json!([{"key": key, "sha256": sha(key), "size": 10}]).to_string();
    done(&mut both, "register_submission", &["heart", "world", "mine too", &file("there.csv")]).await;
    let vote = |id: i64, key: &str| [id.to_string(), "trusted".into(), "approve".into(), sha(key), "mine".into()];
    let early = call(&mut both, "cast_vote", &vote(there, "there.csv").each_ref().map(String::as_str)).await;
    assert_eq!(early.code, "own_submission", "{early:?}");

    // Named, a place to upload to asked for, taken back; then the bytes come, and another has named them as well.
    let mine = done(&mut both, "register_submission", &["heart", "trusted", "mine", &file("later.csv")]).await;
    done(&mut both, "ask_upload", &[&mine["registrations"][0]["id"].to_string()]).await;
    done(&mut researcher, "register_submission", &["heart", "trusted", "theirs", &file("later.csv")]).await;
    done(&mut both, "withdraw_submission", &[&mine["submission"].to_string()]).await;
    let later = crate::support::pg::intake(&mut worker, "heart", "later.csv", &sha("later.csv"), 10).await.unwrap();
    let late = call(&mut both, "cast_vote", &vote(later, "later.csv").each_ref().map(String::as_str)).await;
    assert_eq!(late.code, "own_submission", "{late:?}");
}

/// The worker is at it while somebody takes it back: what was taken back is not bound, and what is being taken back stops nothing else.
#[tokio::test]
async fn what_is_taken_back_is_not_bound() {
    let database = Database::fresh().await;
    let (mut owner, mut worker) = (database.owner().await, database.connect(WORKER).await);
    let mut researcher = database.connect("researcher1").await;
    submitted(&mut researcher, &mut worker, "heart", "trusted", "a.csv").await;
    let files = json!([{"key": "a.csv", "sha256": sha("a.csv"), "size": 10}]).to_string();
    let register = ["heart", "world", "again", &files];
    let back = done(&mut researcher, "register_submission", &register).await["submission"].to_string();
    let mut holder = database.connect("researcher1").await;
    let hold = format!("begin; select exeat.withdraw_submission(gen_random_uuid(), {back})");
    sqlx::raw_sql(AssertSqlSafe(hold)).execute(&mut holder).await.unwrap();
    assert_eq!(one::<i32>(&mut worker, "select exeat.bind_registrations()").await, 0, "it waits for nobody");
    done(&mut researcher, "register_submission", &register).await;
    assert_eq!(
        one::<i32>(&mut worker, "select exeat.bind_registrations()").await,
        1,
        "the other one is bound all the same"
    );
    sqlx::raw_sql("commit").execute(&mut holder).await.unwrap();
    assert_eq!(one::<i32>(&mut worker, "select exeat.bind_registrations()").await, 0);
    let both = "select count(*) from exeat.registrations where version is not null and bound_at > withdrawn_at";
    assert_eq!(one::<i64>(&mut owner, both).await, 0);
}

/// Asking again and again for the same bytes is no news for who decides on them: their votes name the row they saw.
#[tokio::test]
pub(super) async fn asking_again_moves_nobodys_row() {
    let database = Database::fresh().await;
    let mut worker = database.connect(WORKER).await;
    let mut researcher = database.connect("researcher1").await;
    let id = submitted(&mut researcher, &mut worker, "heart", "trusted", "a.csv").await.to_string();
    let mut checker = database.connect("checker1").await;
    let seen: i64 = one(
        &mut checker,
        &format!("select (item->>'row_version')::bigint from exeat.read('egress', 'rows', '{{\"ids\": [{id}]}}')"),
    )
    .await;
    let files = json!([{"key": "a.csv", "sha256": sha("a.csv"), "size": 10}]).to_string();
    for _ in 0..20 {
        done(&mut researcher, "register_submission", &["heart", "trusted", "again", &files]).await;
    }
    while one::<i32>(&mut worker, "select exeat.bind_registrations()").await > 0 {}
    done(&mut checker, "cast_vote", &[&id, "trusted", "approve", &sha("a.csv"), "fine", &seen.to_string()]).await;
}

/// The first who asked goes and another stays: it is shown under who asks still.
#[tokio::test]
pub(super) async fn what_others_ask_for_is_shown_under_them() {
    let database = Database::fresh().await;
    let mut worker = database.connect(WORKER).await;
    let (mut first, mut second) = (database.connect("researcher1").await, database.connect("checker3").await);
    let id = submitted(&mut first, &mut worker, "heart", "trusted", "both.csv").await;
    let files = json!([{"key": "both.csv", "sha256": sha("both.csv"), "size": 10}]).to_string();
    done(&mut second, "register_submission", &["heart", "trusted", "mine as well", &files]).await;
    assert_eq!(one::<i32>(&mut worker, "select exeat.bind_registrations()").await, 1);
    let by = format!(
        "select item->>'submitted_by' || ': ' || (item->>'purpose') from exeat.read('egress', 'rows', '{{\"ids\": [{id}]}}')"
    );
    assert_eq!(one::<String>(&mut first, &by).await, "researcher1: A table of the paper");
    done(&mut first, "withdraw", &[&id.to_string()]).await;
    assert_eq!(one::<String>(&mut first, &by).await, "checker3: mine as well");
    let mine = "select (item->>'counted')::bigint from exeat.read('egress', 'count', '{\"filter\": {\"mine\": true}}')";
    assert_eq!(one::<i64>(&mut first, mine).await, 0);
    assert_eq!(one::<i64>(&mut second, mine).await, 1);
}

/// The clock of the database cannot be put back here, so that what it is compared with is put forward: the same to every rule.
#[tokio::test]
async fn a_membership_that_ended_stays_ended_when_the_clock_goes_back() {
    let database = Database::fresh().await;
    let (mut owner, mut worker) = (database.owner().await, database.connect(WORKER).await);
    let mut admin = database.connect("admin1").await;
    let soon: String = one(&mut owner, "select (clock_timestamp() + interval '0.3 s')::text").await;
    done(&mut admin, "add_membership", &["nobody1", "heart", "checker", "null", &soon]).await;
    done(&mut admin, "add_membership", &["nobody1", "lungs", "checker"]).await;
    done(&mut admin, "end_membership", &["nobody1", "lungs", "checker"]).await;
    done(&mut admin, "add_membership", &["nobody1", "heart", "researcher", "2190-01-01"]).await;
    done(&mut admin, "end_membership", &["nobody1", "heart", "researcher"]).await;
    let held = "select coalesce(string_agg(m.role, ' '), 'none') from exeat.memberships m join exeat.people p on p.id = m.person
        where p.login = 'nobody1' and exeat.has_role(p.id, m.project, m.role)";
    while one::<String>(&mut owner, held).await != "none" {
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    let _: i32 = one(&mut worker, "select exeat.lapse_votes()").await;
    let back = "update exeat.memberships m set valid_until = valid_until + interval '5 hours', valid_from = least(valid_from, clock_timestamp())
        from exeat.people p where p.id = m.person and p.login = 'nobody1'";
    sqlx::raw_sql(AssertSqlSafe(back)).execute(&mut owner).await.unwrap();
    assert_eq!(one::<String>(&mut owner, held).await, "none");
    let mut own = database.connect("nobody1").await;
    assert_eq!(one::<i32>(&mut own, "select cardinality(exeat.my_projects())").await, 0);
    let mut auditor = database.connect("auditor1").await;
    let told = "select count(*) from exeat.journal_page('{\"command\": \"membership_ended\", \"subject\": \"person:nobody1\"}')";
    assert_eq!(one::<i64>(&mut auditor, told).await, 1, "that it came to its end is in the journal");
}
