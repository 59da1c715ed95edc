//! Pausing a project is one administrator's, at once, and stops every byte of it; resuming is another's.

use sqlx::PgConnection;

use crate::support::pg::{Answer, Database, WORKER, call, done, one, sha, submitted};

/// Approved by two for `trusted`, to be released at once.
async fn approved(database: &Database, key: &str) -> i64 {
    let mut worker = database.connect(WORKER).await;
    let mut researcher = database.connect("researcher1").await;
    let version = submitted(&mut researcher, &mut worker, "heart", "trusted", key).await;
    for login in ["checker1", "checker2"] {
        vote(&mut database.connect(login).await, version, key).await;
    }
    version
}

async fn vote(checker: &mut PgConnection, version: i64, key: &str) {
    done(checker, "cast_vote", &[&version.to_string(), "trusted", "approve", &sha(key), "fine"]).await;
}

/// The version of a release this worker may do now.
async fn claimed(database: &Database, name: &str) -> Option<i64> {
    let sql = format!("select (select version from exeat.claim_release('{name}', 30))");
    one(&mut database.connect(WORKER).await, &sql).await
}

async fn told(database: &Database, login: &str) -> (Option<String>, Option<String>) {
    sqlx::query_as("select paused, fault from exeat.list_projects() where id = 'heart'")
        .fetch_one(&mut database.connect(login).await)
        .await
        .unwrap()
}

fn refused(answer: &Answer, code: &str, words: &str) {
    assert!(!answer.ok && answer.code == code && answer.sentence.contains(words), "{code}, {words}: {answer:?}");
}

#[tokio::test]
async fn paused_no_byte_of_a_project_moves_until_another_administrator_resumes_it() {
    let database = Database::fresh().await;
    let (mut admin, mut second) = (database.connect("admin1").await, database.connect("admin2").await);
    let mut checker = database.connect("checker1").await;
    let mut researcher = database.connect("researcher1").await;
    let mut worker = database.connect(WORKER).await;
    let first = approved(&database, "first.csv").await;
    assert_eq!(claimed(&database, "w1").await, Some(first));
    let other = approved(&database, "other.csv").await;
    let open = submitted(&mut researcher, &mut worker, "heart", "trusted", "open.csv").await;
    let files = format!(r#"[{{"key": "up.csv", "sha256": "{}", "size": 10}}]"#, sha("up"));
    let made = done(&mut researcher, "register_submission", &["heart", "trusted", "Paper", &files]).await;
    let registration = made["registrations"][0]["id"].to_string();
    let preview = done(&mut checker, "ask_ticket", &[&open.to_string(), "preview"]).await["ticket"].to_string();
    let preview = preview.trim_matches('"');
    let answer =
        format!("select exeat.answer_ticket('{preview}', 'http://store/x', clock_timestamp() + interval '1 minute')");
    assert!(one::<bool>(&mut worker, &answer).await);
    let upload = done(&mut researcher, "ask_upload", &[&registration]).await["ticket"].to_string();
    assert_eq!(told(&database, "researcher1").await, (None, None));

    for login in ["checker1", "researcher1", "auditor1", "steward1"] {
        let mut own = database.connect(login).await;
        refused(&call(&mut own, "pause_project", &["heart", "why"]).await, "forbidden", "administrators");
        refused(&call(&mut own, "resume_project", &["heart", "why"]).await, "forbidden", "administrators");
    }
    refused(&call(&mut admin, "pause_project", &["mars", "why"]).await, "not_found", "mars");
    refused(&call(&mut admin, "pause_project", &["heart", " \t"]).await, "reason_required", "Say why");
    refused(&call(&mut admin, "pause_project", &["heart", "null"]).await, "reason_required", "Say why");
    refused(&call(&mut admin, "pause_project", &["heart", &"é".repeat(10_001)]).await, "too_large", "10,000");
    refused(&call(&mut admin, "resume_project", &["heart", "why"]).await, "not_pending", "not paused");
    done(&mut admin, "pause_project", &["heart", &format!("A name in table 3{}", "é".repeat(9_983))]).await;
    refused(
        &call(&mut second, "pause_project", &["heart", "me too"]).await,
        "not_pending",
        "than admin1 resumes it: A name",
    );

    // Nothing is claimed, held on to or tried again, whatever was approved before.
    assert_eq!(claimed(&database, "w2").await, None);
    let renew = "select exeat.renew_lease(id, 'w1', 30) from exeat.releases";
    assert!(!one::<bool>(&mut database.owner().await, renew).await, "the release under way lets go");
    sqlx::raw_sql("update exeat.releases set lease_until = clock_timestamp()")
        .execute(&mut database.owner().await)
        .await
        .unwrap();
    assert_eq!(claimed(&database, "w2").await, None);
    // No address, neither a new one nor an old one; the reason is told.
    let words = "heart is paused since";
    let id = open.to_string();
    refused(&call(&mut checker, "ask_ticket", &[&id, "preview"]).await, "paused", words);
    refused(&call(&mut researcher, "ask_upload", &[&registration]).await, "paused", words);
    for (own, ticket) in [(&mut checker, preview), (&mut researcher, upload.trim_matches('"'))] {
        let sql = format!("select coalesce(url, refused) from exeat.ticket_answer('{ticket}')");
        let answer: String = one(own, &sql).await;
        assert!(answer.contains(words) && answer.contains("than admin1 resumes it: A name in table 3"), "{answer}");
    }
    assert_eq!(one::<i64>(&mut worker, "select count(*) from exeat.open_tickets()").await, 0);
    let (paused, fault) = told(&database, "researcher1").await;
    assert!(paused.is_some_and(|paused| paused.contains("by admin1: A name in table 3")) && fault.is_none());
    // People go on deciding and writing.
    vote(&mut checker, open, "open.csv").await;
    done(&mut checker, "add_comment", &[&id, "while it is paused", "false"]).await;
    // A file of another project moves as ever.
    let mut neighbour = database.connect("researcher2").await;
    let free = submitted(&mut neighbour, &mut worker, "lungs", "trusted", "free.csv").await;
    done(&mut checker, "ask_ticket", &[&free.to_string(), "preview"]).await;

    refused(&call(&mut admin, "resume_project", &["heart", "fine"]).await, "second_person_needed", "Another");
    refused(&call(&mut second, "resume_project", &["heart", ""]).await, "reason_required", "Say why");
    done(&mut second, "resume_project", &["heart", "It was no name"]).await;
    assert_eq!(told(&database, "researcher1").await, (None, None));
    assert_eq!(claimed(&database, "w2").await, Some(first), "what was under way is taken up");
    assert_eq!(claimed(&database, "w2").await, Some(other));
    done(&mut checker, "ask_ticket", &[&id, "preview"]).await;
    let said = "select string_agg(command || ' ' || ok::text, ', ' order by id) from exeat.journal where subject = 'project:heart' and (ok or code = 'second_person_needed') and command like '%_project' and command not in ('add_project', 'confirm_project')";
    let said: String = one(&mut database.owner().await, said).await;
    assert_eq!(said, "pause_project true, resume_project false, resume_project true");
}

#[tokio::test]
async fn a_fault_a_worker_tells_is_shown_once_and_goes_with_that_worker() {
    let database = Database::fresh().await;
    let mut worker = database.connect(WORKER).await;
    let version = approved(&database, "t.csv").await;
    let mut checker = database.connect("checker1").await;
    let tell = |name: &str, fault: &str, closes: bool| {
        let fault = crate::support::pg::literal(fault);
        format!("select exeat.project_fault('heart', '{name}', {fault}, {closes})")
    };
    one::<()>(&mut worker, "select exeat.worker_beat('w1', 'host', 1, 's3://staging/', null)").await;
    assert!(one::<bool>(&mut worker, &tell("w1", "There is no bucket.", false)).await);
    for _ in 0..3 {
        assert!(!one::<bool>(&mut worker, &tell("w1", "There is no bucket.", false)).await, "no news");
    }
    assert_eq!(claimed(&database, "w1").await, None);
    // What lies there may still be looked at.
    done(&mut checker, "ask_ticket", &[&version.to_string(), "preview"]).await;
    assert!(one::<bool>(&mut worker, &tell("w1", "Staging overlaps.", true)).await);
    let ticket = call(&mut checker, "ask_ticket", &[&version.to_string(), "preview"]).await;
    refused(&ticket, "paused", "heart stands still until an administrator has mended it: Staging overlaps.");
    let (paused, fault) = told(&database, "researcher1").await;
    assert!(paused.is_none() && fault.is_some_and(|fault| fault.contains("Staging overlaps.")));
    // Another worker finds nothing wrong: the first one's word holds as long as it lives.
    assert!(!one::<bool>(&mut worker, &tell("w2", "null", false)).await);
    assert_eq!(claimed(&database, "w2").await, None);
    sqlx::raw_sql("update exeat.workers set seen_at = clock_timestamp() - interval '2 minutes'")
        .execute(&mut database.owner().await)
        .await
        .unwrap();
    assert!(one::<bool>(&mut worker, &tell("w2", "null", false)).await);
    assert_eq!(told(&database, "researcher1").await, (None, None));
    assert_eq!(claimed(&database, "w2").await, Some(version));
    let rows = "select count(*) from exeat.journal where command = 'project_fault' and subject = 'project:heart'";
    assert_eq!(one::<i64>(&mut database.owner().await, rows).await, 3);
    assert!(!one::<bool>(&mut worker, "select exeat.project_fault('mars', 'w', 'no', false)").await);
}
