//! Votes signed by the voter: the signatures of the real OpenSSH, its agents and false ones, and what who holds the database can do.

mod agents;
mod attacks;
mod release;
mod rules;
mod text;
mod vectors;

use exeat::config::{Config, DatabaseConfig};
use exeat::domain::command::Command;
use exeat::domain::egress::VersionId;
use exeat::domain::vote::VoteKind;
use exeat::service::Service;
use sqlx::postgres::PgConnection;
use uuid::Uuid;

use crate::support::pg::{Database, done, sha, submitted};
use crate::support::ssh::Key;

/// The way in of a person, as the command line and the desk have it.
fn person(database: &Database, login: &str) -> Service {
    let database = DatabaseConfig {
        host: Database::host().into(),
        name: database.name.clone(),
        user: Some(login.into()),
        ..DatabaseConfig::default()
    };
    Service::open(Config { database, ..Config::default() }, None).unwrap()
}

/// A person's key, registered and confirmed; its number.
async fn registered(database: &Database, login: &str, key: &Key) -> i64 {
    let made = done(&mut database.connect(login).await, "add_key", &[&key.public()]).await;
    let number = made["key"].as_i64().unwrap();
    let mut admin = database.connect("admin1").await;
    done(&mut admin, "confirm_key", &[&number.to_string(), &key.fingerprint()]).await;
    number
}

/// `heart` asks for signatures for `trusted`.
async fn signatures(database: &Database, word: &str) {
    let values = format!("{{\"signatures\": \"{word}\"}}");
    done(&mut database.connect("admin1").await, "set_policy", &["heart", "trusted", &values]).await;
}

/// A file of `heart` for `trusted` whose bytes are its key; its version.
async fn file(database: &Database, key: &str) -> i64 {
    let mut researcher = database.connect("researcher1").await;
    let mut worker = database.connect(crate::support::pg::WORKER).await;
    submitted(&mut researcher, &mut worker, "heart", "trusted", key).await
}

/// A vote on such a file.
fn vote(version: i64, key: &str, kind: VoteKind) -> Command {
    Command::CastVote {
        version: VersionId(version),
        destination: Some("trusted".into()),
        kind,
        sha256: Some(sha(key)),
        comment: Some("I looked".into()),
        seen_row_version: None,
        coverage: None,
        signed: None,
        signature: None,
    }
}

/// The line of such an approval, as its voter signs it.
async fn line(owner: &mut PgConnection, login: &str, command: Uuid, version: i64, key: &str) -> String {
    let sql = format!(
        "select exeat.signed_head(exeat.site_id(), '{login}', 'approve', 'heart', 'trusted', (select number from exeat.policies
            where state = 'active' and destination = 'trusted' and project = (select id from exeat.projects where name = 'heart')))
         || exeat.signed_rest('{command}', {version}, decode('{}', 'hex'), 'I looked') || chr(10)",
        sha(key)
    );
    crate::support::pg::one(owner, &sql).await
}
