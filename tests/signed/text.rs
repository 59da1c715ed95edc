//! The signed text is composed twice, in SQL and in Rust, and is the same.

use exeat::domain::signed::SignedVote;
use sqlx::AssertSqlSafe;
use uuid::Uuid;

use crate::support::pg::{Database, literal, sha};

#[tokio::test]
async fn the_database_and_the_program_compose_the_same_text() {
    let database = Database::empty().await;
    let mut owner = database.owner().await;
    for (n, comment) in
        ["", "fine", "two\nlines\r\n", "it's 100 % \\ ünïcødé 🔒", "version=7 \t kind=reject"].into_iter().enumerate()
    {
        let (site, command, sha256) = (Uuid::new_v4(), Uuid::new_v4(), sha(comment));
        let vote = SignedVote {
            site,
            person: "Fay.Checker+1@tre",
            kind: ["approve", "reject", "changes"][n % 3],
            project: "heart-2",
            destination: "world",
            policy: 3,
            command,
            version: i64::MAX - n as i64,
            sha256: &sha256,
            comment,
        };
        let sql = format!(
            "select exeat.signed_head('{site}', 'Fay.Checker+1@tre', '{}', 'heart-2', 'world', 3), exeat.signed_rest('{command}', {}, decode('{sha256}', 'hex'), {})",
            vote.kind,
            vote.version,
            literal(comment)
        );
        let (head, rest): (String, String) = sqlx::query_as(AssertSqlSafe(sql)).fetch_one(&mut owner).await.unwrap();
        assert_eq!((vote.head(), vote.line()), (head.clone(), head + &rest));
        assert!(vote.is_in(&format!("{}\n", vote.line())) && !vote.is_in(&vote.line()[1..]), "{comment}");
        // A value that would pass for several is in no text, not even in its own.
        let forged = SignedVote { project: "heart destination=trusted", ..vote.clone() };
        assert!(!forged.is_in(&format!("{}\n", forged.line())));
    }
}

#[tokio::test]
async fn fingerprints_are_those_of_ssh_keygen() {
    let database = Database::empty().await;
    let mut owner = database.owner().await;
    for kind in ["ed25519", "ecdsa -b 256", "rsa -b 3072"] {
        let key = crate::support::ssh::Key::new(kind);
        let print: String = crate::support::pg::one(
            &mut owner,
            &format!("select exeat.fingerprint(exeat.key_blob('{}'))", key.public()),
        )
        .await;
        assert_eq!(print, key.fingerprint(), "{kind}");
        let named = format!("select exeat.fingerprint(exeat.key_of_signature({}))", literal(&key.sign("text")));
        assert_eq!(crate::support::pg::one::<String>(&mut owner, &named).await, print, "{kind}");
    }
}
