//! Addresses to upload to: nobody replaces what someone else submitted and waits for.

use sqlx::postgres::PgConnection;

use crate::support::pg::{Database, WORKER, call, done, sha, submitted};

async fn registration(researcher: &mut PgConnection, key: &str, bytes: &str) -> String {
    let files = serde_json::json!([{"key": key, "sha256": sha(bytes), "size": 10}]).to_string();
    let made = done(researcher, "register_submission", &["heart", "trusted", "Paper", &files]).await;
    made["registrations"][0]["id"].to_string()
}

#[tokio::test]
async fn a_key_with_someone_elses_open_file_is_theirs() {
    let database = Database::fresh().await;
    let (mut one, mut other) = (database.connect("researcher1").await, database.connect("checker3").await);
    let mut worker = database.connect(WORKER).await;
    let version = submitted(&mut one, &mut worker, "heart", "trusted", "t.csv").await.to_string();
    let mine = registration(&mut other, "t.csv", "other bytes").await;
    let refused = call(&mut other, "ask_upload", &[&mine]).await;
    assert_eq!(refused.code, "key_taken", "{refused:?}");
    assert!(refused.sentence.contains("another name") && refused.sentence.contains("Dora"), "{refused:?}");
    // The submitter's own newer bytes are a newer version, and another name is free.
    let newer = registration(&mut one, "t.csv", "newer bytes").await;
    done(&mut one, "ask_upload", &[&newer]).await;
    let free = registration(&mut other, "u.csv", "other bytes").await;
    done(&mut other, "ask_upload", &[&free]).await;
    // Once it is decided the name is free too.
    done(&mut one, "withdraw", &[&version, "trusted"]).await;
    done(&mut other, "ask_upload", &[&mine]).await;
}

#[tokio::test]
async fn one_file_is_one_file() {
    let database = Database::fresh().await;
    let mut researcher = database.connect("researcher1").await;
    for (count, words) in [(1, "Registered 1 file for"), (2, "Registered 2 files for")] {
        let file = |n| serde_json::json!({"key": format!("{n}"), "sha256": sha("x"), "size": 1});
        let files = (0..count).map(file).collect::<serde_json::Value>().to_string();
        let answer = call(&mut researcher, "register_submission", &["heart", "trusted", "Paper", &files]).await;
        assert!(answer.ok && answer.sentence.starts_with(words), "{answer:?}");
    }
}
