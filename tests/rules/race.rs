//! Many connections on one case at once: exact counts, one winner, nothing twice.

use serde_json::Value;
use sqlx::{AssertSqlSafe, PgConnection};
use uuid::Uuid;

use super::random::Rng;
use crate::support::pg::{Answer, Database, SECOND, WORKER, call, call_with, done, one, sha, submitted};

/// Sends a command until it is not `busy`; the same id each time, as a client does.
async fn insist(connection: &mut PgConnection, name: &str, id: Uuid, arguments: &[&str]) -> Answer {
    loop {
        let answer = call_with(connection, name, id, arguments).await;
        if answer.code != "busy" {
            return answer;
        }
    }
}

async fn with_file(database: &Database, key: &str) -> i64 {
    let mut researcher = database.connect("researcher1").await;
    let mut worker = database.connect(WORKER).await;
    submitted(&mut researcher, &mut worker, "heart", "trusted", key).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn votes_retries_and_undos_at_once_count_exactly() {
    let database = Database::fresh().await;
    let version = with_file(&database, "a.csv").await;
    let mut owner = database.owner().await;
    // Enough approvals that it never leaves pending or approved by itself.
    sqlx::raw_sql("update exeat.policies set approvals = 3").execute(&mut owner).await.unwrap();
    let logins = ["checker1", SECOND, "checker2", "checker2", "checker3", "checker4", "checker4", "checker5"];
    let mut tasks = Vec::new();
    for (n, login) in logins.into_iter().enumerate() {
        let database = database.clone();
        tasks.push(tokio::spawn(async move {
            let mut own = database.connect(login).await;
            let mut rng = Rng(n as u64);
            let id = version.to_string();
            for _ in 0..40 {
                let command = Uuid::new_v4();
                let hash = sha("a.csv");
                let (name, arguments) = if rng.below(3) > 0 {
                    ("cast_vote", vec![id.as_str(), "trusted", "approve", hash.as_str(), "fine"])
                } else {
                    ("undo_vote", vec![id.as_str(), "trusted"])
                };
                let first = insist(&mut own, name, command, &arguments).await;
                assert!(["done", "not_held"].contains(&first.code.as_str()), "{first:?}");
                if rng.one_in(2) {
                    let again = insist(&mut own, name, command, &arguments).await;
                    assert_eq!(again, first, "a retry has the first answer");
                }
            }
        }));
    }
    for task in tasks {
        task.await.unwrap();
    }
    // Each journal row was written under the version's lock, so their order is the order of the commands.
    let expected: Vec<String> = one(
        &mut owner,
        &format!(
            "select array_agg(person order by person) from (select distinct on (person) person, command from exeat.journal
             where subject = 'version:{version}' and ok and command in ('cast_vote', 'undo_vote') order by person, id desc) x where command = 'cast_vote'"
        ),
    )
    .await;
    let mut counted: Vec<String> =
        one(&mut owner, &format!("select (exeat.tally(id)).by from exeat.cases where version = {version}")).await;
    counted.sort();
    assert_eq!(counted, expected);
    let moves: i64 =
        one(&mut owner, &format!("select row_version from exeat.file_versions where id = {version}")).await;
    let commands: i64 = one(
        &mut owner,
        &format!("select count(*) from exeat.journal where subject = 'version:{version}' and ok and command in ('cast_vote', 'undo_vote')"),
    )
    .await;
    assert_eq!(moves - 2, commands, "every command moved it once");
    let twice: i64 = one(
        &mut owner,
        "select count(*) from (select command_id from exeat.journal where code <> 'busy' and command_id is not null group by person, command_id having count(*) > 1) x",
    )
    .await;
    assert_eq!(twice, 0, "a command ran twice");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_two_checkers_deciding_at_once_the_second_is_told() {
    let database = Database::fresh().await;
    let mut owner = database.owner().await;
    sqlx::raw_sql("update exeat.policies set approvals = 1, rejection_vetoes = true, hold_seconds = 3600")
        .execute(&mut owner)
        .await
        .unwrap();
    let (mut one_of, mut other) = (database.connect("checker1").await, database.connect("checker2").await);
    let mut won = [0, 0];
    for round in 0..60 {
        let key = format!("{round}.csv");
        let version = with_file(&database, &key).await;
        let (id, hash) = (version.to_string(), sha(&key));
        let seen: i64 = one(&mut owner, &format!("select row_version from exeat.file_versions where id = {id}")).await;
        let seen = seen.to_string();
        let approve = [id.as_str(), "trusted", "approve", hash.as_str(), "fine", seen.as_str()];
        let reject = [id.as_str(), "trusted", "reject", hash.as_str(), "counts in row 2", seen.as_str()];
        let (approved, rejected) = tokio::join!(
            insist(&mut one_of, "cast_vote", Uuid::new_v4(), &approve),
            insist(&mut other, "cast_vote", Uuid::new_v4(), &reject)
        );
        assert!(approved.ok != rejected.ok, "round {round}: {approved:?} {rejected:?}");
        let state: String = one(&mut owner, &format!("select state from exeat.cases where version = {id}")).await;
        if approved.ok {
            won[0] += 1;
            assert_eq!((state.as_str(), rejected.code.as_str()), ("approved", "changed"));
            assert!(rejected.sentence.contains("checker1"), "{rejected:?}");
        } else {
            won[1] += 1;
            assert_eq!((state.as_str(), approved.code.as_str()), ("rejected", "decided"));
            assert!(approved.sentence.contains("checker2"), "{approved:?}");
        }
    }
    println!("approve won {}, reject won {}", won[0], won[1]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn one_command_sent_four_times_at_once_runs_once() {
    let database = Database::fresh().await;
    let mut owner = database.owner().await;
    for round in 0..20 {
        let key = format!("{round}.csv");
        let version = with_file(&database, &key).await;
        let command = Uuid::new_v4();
        let tasks: Vec<_> = (0..4)
            .map(|n| {
                let (database, key) = (database.clone(), key.clone());
                tokio::spawn(async move {
                    let mut own = database.connect(if n % 2 == 0 { "checker1" } else { SECOND }).await;
                    let (id, hash) = (version.to_string(), sha(&key));
                    insist(&mut own, "cast_vote", command, &[&id, "trusted", "approve", &hash, "fine"]).await
                })
            })
            .collect();
        let mut answers = Vec::new();
        for task in tasks {
            answers.push(task.await.unwrap());
        }
        assert!(answers.iter().all(|answer| answer.ok && *answer == answers[0]), "{answers:?}");
        let rows: i64 = one(&mut owner, &format!("select count(*) from exeat.votes where version = {version}")).await;
        assert_eq!(rows, 1);
    }
}

/// Claims a release on a connection; the version or none.
async fn claimed(worker: &mut PgConnection, name: &str) -> Option<i64> {
    let sql = format!("select version from exeat.claim_release('{name}', 60)");
    sqlx::query_scalar(AssertSqlSafe(sql)).fetch_optional(worker).await.unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_release_and_whoever_stops_it_have_one_winner() {
    let database = Database::fresh().await;
    let mut owner = database.owner().await;
    let (mut first, mut second) = (database.connect(WORKER).await, database.connect(WORKER).await);
    let mut checker = database.connect("checker1").await;
    let mut colleague = database.connect("checker2").await;
    let mut admin = database.connect("admin1").await;
    for round in 0..60 {
        let key = format!("{round}.csv");
        let version = with_file(&database, &key).await;
        let (id, hash) = (version.to_string(), sha(&key));
        let approve = [id.as_str(), "trusted", "approve", hash.as_str(), "fine"];
        done(&mut checker, "cast_vote", &approve).await;
        done(&mut colleague, "cast_vote", &approve).await;
        let undo = [id.as_str(), "trusted"];
        let (a, b, stopped) = if round % 2 == 0 {
            tokio::join!(claimed(&mut first, "one"), claimed(&mut second, "two"), async {
                insist(&mut checker, "undo_vote", Uuid::new_v4(), &undo).await.ok
            })
        } else {
            // The membership of a voter ends at that very moment.
            let (a, b, ended) = tokio::join!(claimed(&mut first, "one"), claimed(&mut second, "two"), async {
                call(&mut admin, "end_membership", &["checker1", "heart", "checker"]).await.ok
            });
            assert!(ended);
            done(&mut admin, "add_membership", &["checker1", "heart", "checker"]).await;
            (a, b, false)
        };
        assert!(!(a.is_some() && b.is_some()), "round {round}: released twice");
        let out = a.is_some() || b.is_some();
        let state: String = one(&mut owner, &format!("select state from exeat.cases where version = {id}")).await;
        if stopped {
            assert!(!out && state == "pending", "round {round}: undone and released: {state}");
        } else if round % 2 == 0 {
            assert!(out || state == "approved", "round {round}: {state}");
        }
        if out {
            let record: Value =
                one(&mut owner, &format!("select record from exeat.releases where version = {id}")).await;
            assert_eq!(record["count"], 2, "the record was made with the votes that counted: {record}");
            assert_eq!(state, "releasing");
        }
        // Whatever is left is over, so that the next round is about its own file.
        sqlx::raw_sql("update exeat.cases set state = 'withdrawn' where state <> 'withdrawn'; update exeat.releases set state = 'failed'")
            .execute(&mut owner)
            .await
            .unwrap();
    }
}
