//! A local desk as others see it: where its files are, how to reach its database and its store, what its supervisor says.
//! Called by the supervisor, `up`, the sample, the command line and the tests.

use std::fs;
use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use sqlx::ConnectOptions as _;
use sqlx::postgres::{PgConnectOptions, PgConnection};

use super::LocalError;
use super::postgres::SUPERUSER;
use super::store::AccessKey;
use crate::db::roles;

/// The name of a local desk's database.
pub const DATABASE: &str = "exeat";
/// The worker's database role.
pub const WORKER_ROLE: &str = "exeat_worker_login";
/// The buckets of a local desk and whether they keep versions: what waits, what is being released, what is out.
pub const BUCKETS: [(&str, bool); 3] = [("candidates", true), ("staging", false), ("shared", true)];
/// The region named in signatures.
pub const REGION: &str = "us-east-1";

/// A local desk's folder.
#[derive(Clone, Debug)]
pub struct Desk {
    dir: PathBuf,
}

/// What the store is started with; `DIR/store/keys.json`.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct StoreKeys {
    /// The port of last time; 0 before the first.
    pub port: u16,
    /// The worker's key: everything in the three buckets.
    pub worker: AccessKey,
    /// A key that puts files where researchers' tools would: the candidates' bucket only.
    pub loader: AccessKey,
}

/// What the supervisor last said; `DIR/run/state.json`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct State {
    /// The supervisor's process id.
    pub supervisor: u32,
    /// PostgreSQL's, while it runs.
    pub postgres: Option<u32>,
    /// The store's.
    pub store: Option<u32>,
    /// The worker's.
    pub worker: Option<u32>,
    /// The server's of HTTP; none where the desk has none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub serve: Option<u32>,
    /// Where the store answers.
    pub endpoint: Option<String>,
    /// Whether everything has answered.
    pub ready: bool,
    /// Why it gave up.
    pub error: Option<String>,
}

impl Desk {
    /// The desk in `dir`; nothing is touched.
    ///
    /// # Errors
    /// If this process has no working folder to name it from.
    pub fn at(dir: &Path) -> Result<Self, LocalError> {
        let dir = std::path::absolute(dir).map_err(|error| LocalError::io(dir, error))?;
        // One spelling, whatever links lead there: processes are found by it.
        let dir = fs::canonicalize(&dir).unwrap_or(dir);
        Ok(Self { dir })
    }

    /// The folder.
    #[must_use]
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// A file in the folder.
    #[must_use]
    pub fn file(&self, name: &str) -> PathBuf {
        self.dir.join(name)
    }

    /// The desk's configuration file.
    #[must_use]
    pub fn config(&self) -> PathBuf {
        self.file("config.toml")
    }

    /// The host to connect to.
    #[must_use]
    pub fn socket_dir(&self) -> PathBuf {
        self.file("socket")
    }

    /// Connects to the desk's database as this role; on a local desk that is all it takes.
    ///
    /// # Errors
    /// If the database does not answer or does not know the role.
    pub async fn connect(&self, role: &str) -> Result<PgConnection, LocalError> {
        self.connect_to(role, DATABASE).await
    }

    /// Connects as the superuser, to any database of the cluster.
    ///
    /// # Errors
    /// If the database does not answer.
    pub async fn connect_to(&self, role: &str, database: &str) -> Result<PgConnection, LocalError> {
        let options = PgConnectOptions::new_without_pgpass().host(&self.socket_dir().to_string_lossy());
        Ok(options.port(5432).username(role).database(database).connect().await?)
    }

    /// Makes the login role of a person (or of the worker, in `exeat_worker`), if it is not there.
    ///
    /// # Errors
    /// If the database refuses.
    pub async fn make_login(&self, role: &str, group: &str) -> Result<(), LocalError> {
        let mut admin = self.connect(SUPERUSER).await?;
        Ok(roles::make(&mut admin, role, group).await?)
    }

    /// The store's keys; made once.
    ///
    /// # Errors
    /// If the file cannot be read.
    pub fn store_keys(&self) -> Result<StoreKeys, LocalError> {
        let file = self.file("store/keys.json");
        let text = fs::read_to_string(&file).map_err(|error| LocalError::io(&file, error))?;
        serde_json::from_str(&text).map_err(|error| LocalError::io(&file, error.into()))
    }

    /// A client of the desk's store that puts files where researchers' tools would.
    ///
    /// # Errors
    /// If the keys cannot be read or the store has never run.
    pub fn loader(&self) -> Result<aws_sdk_s3::Client, LocalError> {
        use aws_sdk_s3::config::{BehaviorVersion, Credentials, Region};
        let StoreKeys { port, loader: key, .. } = self.store_keys()?;
        let config = aws_sdk_s3::Config::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::new(REGION))
            .endpoint_url(format!("http://127.0.0.1:{port}"))
            .credentials_provider(Credentials::new(key.access_key_id, key.secret_access_key, None, None, "local"))
            .force_path_style(true)
            .build();
        Ok(aws_sdk_s3::Client::from_conf(config))
    }

    /// What the supervisor last said; nothing if there never was one.
    #[must_use]
    pub fn state(&self) -> State {
        let text = fs::read_to_string(self.file("run/state.json")).unwrap_or_default();
        serde_json::from_str(&text).unwrap_or_default()
    }

    /// Whether a supervisor of this desk lives.
    #[must_use]
    pub fn is_supervised(&self) -> bool {
        super::processes::belongs(self.state().supervisor, &self.dir)
    }

    /// Writes a file of the desk in one step, 0600. Only the desk's owner does this ([`super::owner::Owner::enter`]).
    ///
    /// # Errors
    /// If the disk refuses.
    pub fn write(&self, name: &str, bytes: &[u8]) -> Result<(), LocalError> {
        let file = self.file(name);
        let half = self.file(&format!("{name}.new"));
        let write = || {
            fs::remove_file(&half).or_else(|error| match error.kind() {
                std::io::ErrorKind::NotFound => Ok(()),
                _ => Err(error),
            })?;
            let mut new = fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(&half)?;
            new.write_all(bytes)?;
            new.sync_all()?;
            fs::rename(&half, &file)
        };
        write().map_err(|error| LocalError::io(&file, error))
    }
}
