//! Bringing a local desk up, asking how it is, taking it down: what the person's own process does. Called by `cli::local`,
//! `cli::demo` and the tests.

use std::path::Path;
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use nix::sys::signal::Signal;
use serde::Serialize;
use sqlx::Connection as _;

use super::desk::{Desk, State};
use super::owner::Owner;
use super::postgres::{Cluster, PostgresError, Programs, SUPERUSER};
use super::{LocalError, processes};

/// How long everything may take to come up.
const PATIENCE: Duration = Duration::from_mins(2);

/// How a local desk is.
#[derive(Clone, Debug, Serialize)]
#[expect(clippy::struct_excessive_bools, reason = "each answers a question of its own")]
pub struct Status {
    /// Whether everything answers.
    pub running: bool,
    /// Whether its supervisor lives.
    pub supervisor: bool,
    /// Whether PostgreSQL answers.
    pub database: bool,
    /// Whether the store answers.
    pub store: bool,
    /// Whether the worker was heard of within the last seconds.
    pub worker: bool,
    /// The folder.
    pub dir: String,
    /// The configuration to name with `--config`.
    pub config: String,
    /// Where the store answers.
    pub endpoint: Option<String>,
    /// The processes, by name.
    pub processes: State,
}

/// Brings the desk in `dir` up: returns when everything answers. A desk that runs is fine; what was killed is recovered.
/// The supervisor is a process of its own; with `held` it has this one's standard input and ends when that closes.
/// Started by root, this process is the desk's owner from here on.
///
/// # Errors
/// One sentence that says what is missing.
pub async fn up(dir: &Path, held: bool) -> Result<Desk, LocalError> {
    if Programs::find(None).is_none() {
        return Err(PostgresError::NotInstalled.into());
    }
    Cluster::at(Desk::at(dir)?.dir())?;
    Owner::enter(dir, true)?;
    let owner = Owner::choose(dir)?;
    owner.own_dir(dir)?;
    let desk = Desk::at(dir)?; // The folder is there now: by its real name.
    for name in ["run", "log", "store"] {
        owner.own_dir(&desk.file(name))?;
    }
    let mut child = if desk.is_supervised() { None } else { Some(start(&desk, held)?) };
    let begun = Instant::now();
    while begun.elapsed() < PATIENCE {
        let state = desk.state();
        if state.ready && desk.is_supervised() && status(&desk).await.running {
            return Ok(desk);
        }
        if let Some(started) = &mut child
            && let Ok(Some(ended)) = started.try_wait()
        {
            let state = desk.state();
            match state.error.filter(|_| state.supervisor == started.id()) {
                Some(error) => return Err(LocalError::Said(error)),
                None if ended.code().is_some_and(|code| code != 0) => {
                    let log = desk.file("log/supervisor.log");
                    return Err(LocalError::Said(format!("The local desk did not start; see {}.", log.display())));
                }
                // Another `up` was quicker: its supervisor keeps the desk, or, if that one is ending, ours comes next.
                None => {
                    tokio::time::sleep(Duration::from_millis(200)).await;
                    child = if desk.is_supervised() { None } else { Some(start(&desk, held)?) };
                }
            }
        } else if child.is_none() && !desk.is_supervised() {
            child = Some(start(&desk, held)?);
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    Err(LocalError::Said(format!(
        "The local desk in {} did not answer within {} seconds; see its folder log, or `exeat local down` and try again.",
        desk.dir().display(),
        PATIENCE.as_secs()
    )))
}

fn start(desk: &Desk, held: bool) -> Result<Child, LocalError> {
    let mut command = processes::own_program(desk.dir(), "supervisor")?;
    command.args(["local", "supervise", "--dir"]).arg(desk.dir());
    if held {
        command.arg("--while-stdin").stdin(Stdio::inherit());
    }
    command.spawn().map_err(|error| LocalError::io(desk.dir(), error))
}

/// How the desk is, asked of each server.
pub async fn status(desk: &Desk) -> Status {
    let state = desk.state();
    let supervisor = desk.is_supervised();
    let state = if supervisor { state } else { State::default() };
    let mut worker = false;
    let mut database = false;
    if desk.socket_dir().exists()
        && let Ok(Ok(mut admin)) = tokio::time::timeout(Duration::from_secs(2), desk.connect(SUPERUSER)).await
    {
        database = sqlx::query("select 1").execute(&mut admin).await.is_ok();
        let pid = state.worker.filter(|pid| processes::belongs(*pid, desk.dir()));
        worker = sqlx::query_scalar(
            "select exists (select from exeat.workers where pid = $1 and seen_at > clock_timestamp() - interval '15 s')",
        )
        .bind(pid.and_then(|pid| i32::try_from(pid).ok()))
        .fetch_one(&mut admin)
        .await
        .unwrap_or(false);
        admin.close().await.ok();
    }
    let store = match &state.endpoint {
        Some(endpoint) => answers(endpoint).await,
        None => false,
    };
    Status {
        running: supervisor && state.ready && database && store && worker,
        supervisor,
        database,
        store,
        worker,
        dir: desk.dir().display().to_string(),
        config: desk.config().display().to_string(),
        endpoint: state.endpoint.clone(),
        processes: state,
    }
}

/// Whether an HTTP server answers there, whatever it says.
async fn answers(endpoint: &str) -> bool {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    let Some(address) = endpoint.strip_prefix("http://") else { return false };
    let ask = async {
        let mut stream = tokio::net::TcpStream::connect(address).await?;
        let request = format!("GET / HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n\r\n");
        stream.write_all(request.as_bytes()).await?;
        let mut begin = [0; 5];
        stream.read_exact(&mut begin).await?;
        Ok::<bool, std::io::Error>(&begin == b"HTTP/")
    };
    matches!(tokio::time::timeout(Duration::from_secs(2), ask).await, Ok(Ok(true)))
}

/// Takes the desk down and returns when no process of it is left. A desk that is down is fine.
///
/// # Errors
/// If a process cannot be ended.
pub fn down(dir: &Path) -> Result<(), LocalError> {
    if !dir.exists() {
        return Err(LocalError::Said(format!(
            "There is no folder {}; name the local desk's with --dir.",
            dir.display()
        )));
    }
    Owner::enter(dir, false)?;
    let desk = Desk::at(dir)?;
    let supervisor = desk.state().supervisor;
    if processes::belongs(supervisor, desk.dir()) {
        processes::send(supervisor, Signal::SIGTERM);
        let begun = Instant::now();
        while begun.elapsed() < Duration::from_secs(30) && desk.is_supervised() {
            std::thread::sleep(Duration::from_millis(10));
        }
    }
    processes::end_all(desk.dir());
    Cluster::at(desk.dir())?.end_leftovers();
    if processes::of(desk.dir()).is_empty() {
        return Ok(());
    }
    Err(LocalError::Said(format!(
        "Processes of the local desk in {} do not end; are they another user's? Run this as the one who started it.",
        desk.dir().display()
    )))
}
