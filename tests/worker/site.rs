//! A site for one test: a database with everybody in it, buckets of its own in a real store, and a worker's settings.

use std::collections::BTreeMap;
use std::os::unix::fs::OpenOptionsExt as _;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use exeat::config::{DatabaseConfig, WorkerConfig, WorkerSection};
use exeat::db::Db;
use exeat::db::schema::SCHEMA_NUMBER;
use exeat::objects::{Location, Store};
use exeat::worker::release::{Progress, Release};
use exeat::worker::{SigningKey, Worker, look_around};
use sqlx::AssertSqlSafe;
use sqlx::postgres::PgConnection;

use crate::support::pg::{Database, WORKER, call, done, one, sha};
use crate::support::s3::{Buckets, S3, Who};

pub struct Site {
    pub database: Database,
    pub s3: &'static S3,
    pub buckets: Buckets,
    pub config: WorkerConfig,
    pub folder: tempfile::TempDir,
}

impl Site {
    pub async fn new(s3: &'static S3, versioned: bool) -> Self {
        Self::at(s3, versioned, &s3.endpoint).await
    }

    /// The same, with the store behind another address.
    pub async fn at(s3: &'static S3, versioned: bool, endpoint: &str) -> Self {
        let (database, buckets) = (Database::fresh().await, s3.buckets(versioned).await);
        let places = format!(
            "update exeat.projects set bucket = '{}', shared_bucket = '{}'",
            buckets.candidates, buckets.shared
        );
        let folder = tempfile::tempdir().unwrap();
        let signing_key = folder.path().join("worker.key");
        SigningKey::create(&signing_key).unwrap();
        let mut site = s3.site(Who::Worker);
        site.endpoint = Some(endpoint.into());
        site.staging = format!("s3://{}/", buckets.staging);
        let config = WorkerConfig::new(
            DatabaseConfig {
                host: Database::host().into(),
                name: database.name.clone(),
                user: Some(WORKER.into()),
                ..DatabaseConfig::default()
            },
            WorkerSection {
                name: None,
                signing_key,
                heads: Some(folder.path().join("heads.jsonl")),
                intake_seconds: 3600,
                ticket_seconds: 2,
                lease_seconds: 30,
                idle_seconds: 1,
                allowed_signers: None,
                signed_approvals: BTreeMap::new(),
                renewals: Vec::new(),
                s3: site,
            },
        );
        let site = Self { database, s3, buckets, config, folder };
        site.by_hand(&places).await;
        site
    }

    /// What the database's owner changes by hand, as sites of an older exeat have it: the journal begins anew, and the proof
    /// of releases with what there is then. No worker may be running.
    pub async fn by_hand(&self, sql: &str) {
        let sql = format!(
            "begin; set local session_replication_role = replica; {sql};
             delete from exeat.heads; delete from exeat.seals; delete from exeat.unsealed;
             delete from exeat.journal where command in ('migrate', 'take_over'); select exeat.migrated({SCHEMA_NUMBER});
             insert into exeat.unsealed select id from exeat.journal on conflict do nothing; commit"
        );
        sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut self.database.owner().await).await.unwrap();
        let _ = std::fs::remove_file(self.folder.path().join("heads.jsonl"));
    }

    /// A worker whose steps the test takes itself.
    pub async fn hand(&self) -> Hand {
        let worker = Worker::new(self.config.clone()).await.unwrap();
        let db = Arc::new(worker.db("test").unwrap());
        Hand { worker, db }
    }

    /// The worker's tasks, in this process.
    pub fn start(&self) -> Running {
        let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
        let config = self.config.clone();
        let task = tokio::spawn(async move {
            exeat::worker::run(config, async { drop(stopped.await) }).await.unwrap();
        });
        Running { stop, task }
    }

    /// The real program, which a test may kill.
    pub fn process(&self) -> Child {
        let file = self.folder.path().join("worker.toml");
        if !file.exists() {
            use std::io::Write as _;
            let mut open = std::fs::OpenOptions::new();
            let mut made = open.write(true).create_new(true).mode(0o600).open(&file).unwrap();
            made.write_all(self.config.to_toml().unwrap().as_bytes()).unwrap();
        }
        let log = std::fs::File::options().create(true).append(true).open(self.folder.path().join("log")).unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_exeat"));
        command.args(["worker", "--config"]).arg(file).stdin(Stdio::null()).stdout(Stdio::null()).stderr(log);
        command.spawn().unwrap()
    }

    /// What the real program said.
    pub fn log(&self) -> String {
        std::fs::read_to_string(self.folder.path().join("log")).unwrap_or_default()
    }

    pub async fn person(&self, login: &str) -> PgConnection {
        self.database.connect(login).await
    }

    /// A researcher's tools write an object below `heart/`.
    pub async fn write(&self, key: &str, body: &str) {
        self.s3.put(Who::Tools, &self.buckets.candidates, &format!("heart/{key}"), body.as_bytes()).await;
    }

    /// Announces a file for `trusted`.
    pub async fn announce(&self, key: &str, body: &str) {
        let files = serde_json::json!([{"key": key, "sha256": sha(body), "size": body.len()}]).to_string();
        let mut researcher = self.person("researcher1").await;
        done(&mut researcher, "register_submission", &["heart", "trusted", "A table of the paper", &files]).await;
    }

    /// Announced, written and found: the file version.
    pub async fn submit(&self, key: &str, body: &str) -> i64 {
        self.announce(key, body).await;
        self.write(key, body).await;
        self.hand().await.look().await;
        self.version(key).await.unwrap()
    }

    /// The newest version at a key.
    pub async fn version(&self, key: &str) -> Option<i64> {
        let hex = hex::encode(key);
        let sql = format!("select max(id) from exeat.file_versions where newest and encode(key, 'hex') = '{hex}'");
        one(&mut self.database.owner().await, &sql).await
    }

    /// Two people approve the bytes they saw.
    pub async fn approve(&self, version: i64, body: &str) {
        for login in ["checker1", "checker2"] {
            let id = version.to_string();
            done(&mut self.person(login).await, "cast_vote", &[&id, "trusted", "approve", &sha(body), "fine"]).await;
        }
    }

    pub async fn vote(&self, login: &str, version: i64, body: &str) -> crate::support::pg::Answer {
        let id = version.to_string();
        call(&mut self.person(login).await, "cast_vote", &[&id, "trusted", "approve", &sha(body), "fine"]).await
    }

    /// The state of the case for `trusted`.
    pub async fn state(&self, version: i64) -> String {
        let sql = format!("select state from exeat.cases where version = {version} and destination = 'trusted'");
        one(&mut self.database.owner().await, &sql).await
    }

    /// Lets every lease run out now.
    pub async fn leases_run_out(&self) {
        let sql = "update exeat.releases set lease_until = clock_timestamp() where state = 'claimed'";
        sqlx::raw_sql(sql).execute(&mut self.database.owner().await).await.unwrap();
    }

    /// A new worker claims what there is and carries it through.
    pub async fn carry_through(&self) -> Progress {
        self.carried().await.expect("a release to claim").unwrap()
    }

    /// The same, where it may be stopped or there may be nothing to claim.
    pub async fn carried(&self) -> Option<Result<Progress, exeat::worker::WorkerError>> {
        self.leases_run_out().await;
        let mut release = self.hand().await.claim().await?;
        loop {
            match release.advance().await {
                Ok(Progress::Next(_)) => {}
                end => return Some(end),
            }
        }
    }

    pub async fn site_store(&self) -> Store {
        self.s3.store(Who::Site).await
    }

    /// Every key in a bucket with its bytes.
    pub async fn held(&self, bucket: &str) -> Vec<(String, Vec<u8>)> {
        let store = self.site_store().await;
        let (mut all, mut next) = (Vec::new(), None);
        loop {
            let page = store.list(&Location::new(bucket, ""), next).await.unwrap();
            for entry in page.entries {
                // it may go while this looks
                let Ok(mut stream) = store.read(bucket, &entry.key, None, None, None).await else { continue };
                let mut body = Vec::new();
                while let Some(bytes) = stream.next().await.unwrap() {
                    body.extend_from_slice(&bytes);
                }
                all.push((String::from_utf8(entry.key).unwrap(), body));
            }
            next = page.next;
            if next.is_none() {
                all.sort();
                return all;
            }
        }
    }

    /// What was released: exactly these keys of `heart` for `trusted`, each with its record, and nothing in staging.
    pub async fn assert_shared(&self, expected: &[(i64, &str, &str)]) {
        let (mut records, mut files) = (0, Vec::new());
        for (key, body) in self.held(&self.buckets.shared).await {
            if key.starts_with("_records/") {
                records += 1;
            } else {
                files.push((key, String::from_utf8(body).unwrap()));
            }
        }
        let mut wanted: Vec<(String, String)> = expected
            .iter()
            .map(|(version, key, body)| (format!("heart/trusted/{version}/{key}"), (*body).to_owned()))
            .collect();
        wanted.sort();
        assert_eq!(files, wanted, "{}", self.s3.name);
        assert_eq!(records, expected.len(), "{}", self.s3.name);
        assert_eq!(self.held(&self.buckets.staging).await, [], "{}", self.s3.name);
    }

    /// No version of anything is left in the shared bucket, not even behind a delete marker.
    pub async fn assert_nothing_shared(&self, version: i64, key: &str) {
        self.assert_shared(&[]).await;
        let key = format!("heart/trusted/{version}/{key}");
        let versions = self.site_store().await.versions(&self.buckets.shared, key.as_bytes()).await.unwrap();
        assert_eq!(versions, [], "{}", self.s3.name);
    }
}

/// A worker in the test's hands.
pub struct Hand {
    pub worker: Arc<Worker>,
    pub db: Arc<Db>,
}

impl Hand {
    /// One pass over every project.
    pub async fn look(&self) -> exeat::worker::PassReport {
        look_around(&self.worker, &self.db).await.unwrap()["heart"].clone()
    }

    pub async fn claim(&self) -> Option<Release> {
        Release::claim(&self.worker, &self.db).await.unwrap()
    }
}

/// The worker's tasks.
pub struct Running {
    stop: tokio::sync::oneshot::Sender<()>,
    task: tokio::task::JoinHandle<()>,
}

impl Running {
    pub async fn end(self) {
        drop(self.stop);
        self.task.await.unwrap();
    }
}

/// Asks again until the answer is there.
pub async fn until<T, F: Future<Output = Option<T>>>(what: &str, mut ask: impl FnMut() -> F) -> T {
    let begun = Instant::now();
    loop {
        if let Some(answer) = ask().await {
            return answer;
        }
        assert!(begun.elapsed() < Duration::from_mins(1), "waited in vain for {what}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}
