//! proof: releases replayed from the sealed entries, on a real database through the real commands, and over made-up streams.

mod commands;
mod database;
mod file;
mod honest;
mod honest_access;
mod kit;
mod kit_forged;
mod kit_places;
mod kit_releases;
mod kit_rows;
mod model;
mod shared;
mod streams;
mod trust;

use exeat::config::{Config, DatabaseConfig};
use exeat::domain::journal::{GENESIS, JournalEntry, entry_hash};
use exeat::domain::verify::{BadEntry, Verified};
use exeat::service::Service;
use serde_json::json;
use sqlx::{AssertSqlSafe, PgConnection};

use crate::support::pg::{Answer, Database, SERVICE, WORKER, call, done, intake, literal, one, sha, submitted};

type Columns = (
    String,
    String,
    Option<String>,
    String,
    Option<String>,
    String,
    Option<String>,
    Option<String>,
    Option<String>,
    Option<String>,
    String,
    String,
    String,
    Option<String>,
);

/// A database with everybody, whose worker is in the test's hands.
pub struct Site {
    pub database: Database,
    pub worker: PgConnection,
    pub owner: PgConnection,
    auditor: Service,
}

impl Site {
    pub async fn new() -> Self {
        Self::of(Database::fresh().await).await
    }

    pub async fn of(database: Database) -> Self {
        let own = DatabaseConfig {
            host: Database::host().into(),
            name: database.name.clone(),
            user: Some("auditor1".into()),
            ..DatabaseConfig::default()
        };
        let config = Config { database: own, ..Config::default() };
        let auditor = Service::open(config, None).unwrap();
        Self { worker: database.connect(WORKER).await, owner: database.owner().await, database, auditor }
    }

    /// A person's command.
    pub async fn call(&self, login: &str, name: &str, arguments: &[&str]) -> Answer {
        call(&mut self.database.connect(login).await, name, arguments).await
    }

    /// A person's command that must succeed.
    pub async fn done(&self, login: &str, name: &str, arguments: &[&str]) -> serde_json::Value {
        done(&mut self.database.connect(login).await, name, arguments).await
    }

    /// A file of researcher1 in heart for `trusted`.
    pub async fn submit(&mut self, key: &str) -> i64 {
        let mut researcher = self.database.connect("researcher1").await;
        submitted(&mut researcher, &mut self.worker, "heart", "trusted", key).await
    }

    /// A file that nobody announced.
    pub async fn find(&mut self, key: &str) -> i64 {
        intake(&mut self.worker, "heart", key, &sha(key), 10).await.unwrap()
    }

    pub async fn vote(&self, login: &str, version: i64, key: &str, kind: &str) -> Answer {
        self.call(login, "cast_vote", &[&version.to_string(), "trusted", kind, &sha(key), "a reason"]).await
    }

    /// An approval through the service `portal`, which is added where nobody has yet.
    pub async fn vote_via(&self, login: &str, version: i64, key: &str) {
        self.call("admin1", "add_service", &["portal", SERVICE]).await;
        let request = json!({"version": version, "destination": "trusted", "kind": "approve", "sha256": sha(key)});
        let vote = format!(
            "select (c).ok from exeat.command_for('{login}', gen_random_uuid(), 'cast_vote', {}) c",
            literal(&request.to_string())
        );
        assert!(one::<bool>(&mut self.database.connect(SERVICE).await, &vote).await, "{login}");
    }

    pub async fn approve(&self, logins: &[&str], version: i64, key: &str) {
        for login in logins {
            let answer = self.vote(login, version, key, "approve").await;
            assert!(answer.ok, "{login}: {answer:?}");
        }
    }

    /// The worker's round.
    pub async fn lapse(&mut self) {
        let _: i32 = one(&mut self.worker, "select exeat.lapse_votes()").await;
    }

    /// Claims a release, if there is one: its id.
    pub async fn claim(&mut self) -> Option<String> {
        self.claim_as("w1").await
    }

    pub async fn claim_as(&mut self, name: &str) -> Option<String> {
        let claim = format!("select (select release::text from exeat.claim_release('{name}', 60))");
        one(&mut self.worker, &claim).await
    }

    pub async fn finish_as(&mut self, name: &str, release: &str) -> Answer {
        let sql = format!("select (f).ok, (f).code, (f).sentence, (f).version, (f).data from exeat.finish_release('{release}', '{name}',
            (select shared_key from exeat.releases where id = '{release}'), null, '_records/{release}.json', '{{}}') f");
        // The key is the worker's own knowledge; here it is looked up.
        sqlx::query_as(AssertSqlSafe(sql)).persistent(false).fetch_one(&mut self.owner).await.unwrap()
    }

    /// Claims and finishes what there is: its id.
    pub async fn release(&mut self) -> String {
        let release = self.claim().await.expect("a release to claim");
        let answer = self.finish_as("w1", &release).await;
        assert!(answer.ok, "{answer:?}");
        release
    }

    /// The superuser, with triggers off.
    pub async fn sql(&mut self, text: &str) {
        let text = format!("set session_replication_role = replica; {text}; set session_replication_role = origin");
        sqlx::raw_sql(AssertSqlSafe(text.as_str()))
            .execute(&mut self.owner)
            .await
            .unwrap_or_else(|why| panic!("{text}: {why}"));
    }

    /// Seals what is written, as the worker does.
    pub async fn seal(&mut self) {
        loop {
            let rows: Vec<Columns> =
                sqlx::query_as("select * from exeat.unsealed_journal(2000)").fetch_all(&mut self.worker).await.unwrap();
            if rows.is_empty() {
                return;
            }
            let last: Option<(i64, String)> = sqlx::query_as("select seq, hash from exeat.last_seal()")
                .fetch_optional(&mut self.worker)
                .await
                .unwrap();
            let (mut seq, mut hash) = last.unwrap_or((0, GENESIS.into()));
            let mut seals = Vec::new();
            for row in rows {
                let entry = entry(row);
                seq += 1;
                hash = entry_hash(&hash, seq, &entry);
                seals.push(json!({"seq": seq, "journal_id": entry.id.parse::<i64>().unwrap(), "hash": hash}));
            }
            let add = format!("select exeat.add_seals({})", literal(&json!(seals).to_string()));
            let _: i32 = one(&mut self.worker, &add).await;
        }
    }

    /// Seals and verifies.
    pub async fn verify(&mut self) -> Result<Verified, BadEntry> {
        self.seal().await;
        self.auditor.verify_journal(None).await.unwrap()
    }

    /// Nothing is wrong, and so many releases were earned.
    pub async fn assert_earned(&mut self, earned: u64) {
        let verified = self.verify().await.unwrap_or_else(|bad| panic!("{bad}; {:?}", bad.more));
        assert_eq!((verified.releases.earned, verified.releases.unproved), (earned, 0));
    }

    /// The seal of the newest done entry of a command.
    pub async fn seq_of(&mut self, command: &str) -> i64 {
        let sql = format!(
            "select coalesce(max(s.seq), -1) from exeat.seals s join exeat.journal j on j.id = s.journal_id where j.command = '{command}' and j.ok"
        );
        one(&mut self.owner, &sql).await
    }
}

fn entry(row: Columns) -> JournalEntry {
    let (id, at, person, session_role, via, command, command_id, subject, project, request, ok, code, sentence, data) =
        row;
    JournalEntry {
        id,
        at,
        person,
        session_role,
        via,
        command,
        command_id,
        subject,
        project,
        request,
        ok,
        code,
        sentence,
        data,
    }
}
