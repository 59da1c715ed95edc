//! The worker: one process beside the database and the store, with the only keys that can write the shared location.
//! Run by `cli::worker` and by the local desk's supervisor.
//!
//! It decides nothing. The database says what there is to do ([`crate::db`], `assets/sql`), the worker moves bytes and says
//! what it saw:
//!
//! | task | file | when |
//! |---|---|---|
//! | addresses for those who want to read or upload | `tickets` | at once, and five times a second |
//! | what lies in the projects' locations | `intake`, `pass`, `look`, `faults` | every `intake_seconds`, and when asked |
//! | approved files to the shared location | `release` | each second |
//! | recalled files out of it, registrations of bytes that are there, lapsed votes, counted refusals, the beat | `chores` | every few seconds |
//! | sessions of people that others wait for, or that keep a transaction open | `sessions` | every half second |
//! | signatures of votes | `signatures` | four times a second |
//! | messages to their servers, such as mails and events | `deliver`, `channels` | each second |
//! | the journal's seals and signed heads | `seal`, `signing` | about once a second |
//! | whether what leaves was earned, by the sealed entries alone | `prove` | each second, before each release and each released copy |
//!
//! Their list is `tasks`. Each task has a connection of its own, so that none waits for another; an error in one is logged, and that task tries
//! again at a slower pace. Reading strangers' files is work for the processor and is done on threads of its own, so that no file
//! delays a task. A project that cannot be worked on is left out and says so; the others go on. Several workers may run beside
//! each other: what must happen once is decided by the database.

pub mod channels;
mod chores;
mod deliver;
mod faults;
mod intake;
mod look;
mod pace;
mod pass;
mod permits;
mod prove;
pub mod release;
mod seal;
mod sessions;
mod signatures;
mod signing;
mod task;
mod tasks;
mod tickets;

use std::collections::BTreeMap;
use std::future::Future;
use std::path::Path;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use tokio::sync::{Mutex, Semaphore};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::config::{ConfigError, WorkerConfig};
use crate::db::{Db, DbError};
use crate::domain::journal::Head;
use crate::objects::{Location, ObjectsError, Store};

use faults::Fault;
pub use pass::PassReport;
use prove::Proof;
pub use signing::{SigningError, SigningKey};
use task::Setup;
pub use task::Task;
pub use tasks::TASKS;

/// Pieces of files that are scanned at once.
const SCANNERS: usize = 2;
/// How long the tasks may take to come to an end when asked to.
const GRACE: Duration = Duration::from_secs(8);

/// Why the worker cannot do something.
#[derive(Debug, thiserror::Error)]
pub enum WorkerError {
    /// A setting.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The database.
    #[error(transparent)]
    Db(#[from] DbError),
    /// The store.
    #[error(transparent)]
    Objects(#[from] ObjectsError),
    /// The signing key or the heads file.
    #[error(transparent)]
    Signing(#[from] SigningError),
    /// The database holds a release for another worker.
    #[error("another worker took the release over")]
    LeaseLost,
    /// Somebody sends notifications without a pause.
    #[error(
        "somebody floods the channel exeat with notifications: what waits is looked for less promptly for a few seconds"
    )]
    Flooded,
    /// What a release rests on is not what is sealed.
    #[error("it is not proved: {0}")]
    Unproved(String),
    /// A mail or an event did not leave; it waits.
    #[error("messages wait: {0}")]
    Delivery(String),
}

/// What every task of one worker shares.
#[derive(Debug)]
pub struct Worker {
    /// Its settings.
    pub config: WorkerConfig,
    /// The name it beats under.
    pub name: String,
    /// The name it holds leases under: of this process only, so that a forgotten one cannot renew them.
    pub holder: String,
    /// The store, with the worker's own keys.
    pub store: Store,
    /// Where releases are put together.
    pub staging: Location,
    pub(crate) stop: CancellationToken,
    pub(crate) key: SigningKey,
    /// The newest head this process signed.
    sealed: Mutex<Option<Head>>,
    proof: Mutex<Proof>,
    /// Why the journal proves nothing; empty as long as it does.
    broken: OnceLock<String>,
    /// Cancelled once every project was compared with staging: nothing is released before.
    pub(crate) checked: CancellationToken,
    /// A place for each piece of a file that is scanned at once.
    scanners: Arc<Semaphore>,
}

impl Worker {
    /// Prepares a worker; neither the database nor the store is asked yet.
    ///
    /// # Errors
    /// A setting cannot work.
    pub async fn new(config: WorkerConfig) -> Result<Arc<Self>, WorkerError> {
        let key = SigningKey::read(&config.worker.signing_key)?;
        let staging = config.worker.s3.staging.parse()?;
        let name = config.worker.name.clone().unwrap_or_else(|| format!("{}-{}", host(), std::process::id()));
        let holder = format!("{name}/{}", uuid::Uuid::new_v4());
        let store = Store::open(&config.worker.s3).await;
        let (stop, checked) = (CancellationToken::new(), CancellationToken::new());
        let scanners = Arc::new(Semaphore::new(SCANNERS));
        let (sealed, proof, broken) = (Mutex::new(None), Mutex::new(Proof::default()), OnceLock::new());
        Ok(Arc::new(Self { config, name, holder, store, staging, stop, key, sealed, proof, broken, checked, scanners }))
    }

    /// A connection for one task.
    ///
    /// # Errors
    /// There is no role to connect as.
    pub fn db(&self, task: &str) -> Result<Db, WorkerError> {
        Ok(Db::for_worker(&self.config.database, task)?)
    }
}

/// Works until `shutdown` is ready; then lets the tasks come to an end.
///
/// # Errors
/// A setting cannot work. What happens later (the database or the store goes away) is logged and tried again; what is wrong with
/// a project is told to its people.
pub async fn run(config: WorkerConfig, shutdown: impl Future<Output = ()>) -> Result<(), WorkerError> {
    let worker = Worker::new(config).await?;
    let (waker, wake) = pace::wake();
    let mut tasks = JoinSet::new();
    for task in TASKS {
        let db = Arc::new(worker.db(task.name)?);
        let on = Setup { task, worker: worker.clone(), db, wake: wake.clone() };
        (task.run)(on)?.into_iter().for_each(|turns| drop(tasks.spawn(turns)));
    }
    tasks.spawn(pace::listen(worker.clone(), worker.db("listen")?, waker));
    tracing::info!(worker = worker.name, store = worker.store.endpoint(), "the worker works");
    tokio::select! {
        () = shutdown => {}
        ended = tasks.join_next() => tracing::error!(?ended, "a task of the worker ended by itself; the worker stops"),
    }
    worker.stop.cancel();
    let rest = async { while tasks.join_next().await.is_some() {} };
    if tokio::time::timeout(GRACE, rest).await.is_err() {
        tracing::warn!("some work did not come to an end in time; what it left is taken up after its lease");
    }
    Ok(())
}

/// One pass over each project's location; what each did. A project that cannot be worked on is left out, and the database told
/// why.
///
/// # Errors
/// The database or a listing failed for another reason: of the first project it did for; the others were passed over.
pub async fn look_around(worker: &Worker, db: &Db) -> Result<BTreeMap<String, PassReport>, WorkerError> {
    let (mut reports, mut failed) = (BTreeMap::new(), None);
    for project in faults::sound(worker, db).await? {
        let passed = pass::pass(worker, db, &project, &mut pass::Fresh::new()).await;
        let fault = passed.as_ref().err().and_then(|error| Fault::of_pass(&project, error));
        if fault.is_some() || passed.is_ok() && project.faulted {
            faults::tell(worker, db, &project, fault.as_ref()).await?;
        }
        match passed {
            Ok(report) => drop(reports.insert(project.project, report)),
            Err(error) if fault.is_none() => failed = failed.or(Some(error)),
            Err(_) => {}
        }
    }
    failed.map_or(Ok(reports), Err)
}

/// One round of everything, then the end: for sites that run the worker by a timer, and for scripts.
///
/// # Errors
/// Whatever did not work.
pub async fn once(config: WorkerConfig) -> Result<(), WorkerError> {
    let worker = Worker::new(config).await?;
    let (db, (_, wake)) = (Arc::new(worker.db("once")?), pace::wake());
    for task in TASKS {
        let on = Setup { task, worker: worker.clone(), db: db.clone(), wake: wake.clone() };
        (task.once)(on).await?;
    }
    Ok(())
}

/// Makes another signing key in a new file and lets the configuration's hand over to it; the new one's public half, in hex. The
/// old one signs heads until the worker is started with the new one, and both count.
///
/// # Errors
/// The file is there already, or the database does not take the entry: then nothing is left.
pub async fn change_key(config: &WorkerConfig, file: &Path) -> Result<String, WorkerError> {
    let worker = Worker::new(config.clone()).await?;
    let db = worker.db("key")?;
    db.check_schema().await?;
    let new = SigningKey::create(file)?.public_key();
    if let Err(error) = db.change_key(&worker.key.public_key(), &new, &worker.key.hands_over(&new)).await {
        // It signed nothing yet.
        let _ = std::fs::remove_file(file);
        return Err(error.into());
    }
    Ok(new)
}

/// This machine's name.
fn host() -> String {
    nix::unistd::gethostname().ok().and_then(|name| name.into_string().ok()).unwrap_or_else(|| "worker".into())
}
