//! The process that keeps a local desk running: PostgreSQL, the store and the worker are its children, and what dies is
//! started again. Started by `up` in a session of its own; told to end by SIGTERM. Called by `cli::local`.

use std::fs::File;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use nix::fcntl::{Flock, FlockArg};
use nix::sys::signal::Signal;
use nix::sys::stat::Mode;
use tokio::signal::unix::{SignalKind, signal};

use super::desk::{BUCKETS, DATABASE, Desk, State};
use super::owner::Owner;
use super::postgres::{Cluster, Running, SUPERUSER};
use super::store::{Store, serve};
use super::{LocalError, gateway, prepare, processes};

/// How often the children are looked at.
const LOOK: Duration = Duration::from_millis(100);
/// How long the first start of everything may take.
const START: Duration = Duration::from_secs(90);

/// Runs a desk's servers until told to end. With `with_stdin` also when standard input closes (a demo's desk ends with it).
///
/// # Errors
/// What kept the desk from coming up; `up` reads it from the state file.
pub fn supervise(dir: &Path, with_stdin: bool) -> Result<(), LocalError> {
    nix::unistd::setsid().ok();
    nix::sys::stat::umask(Mode::from_bits_truncate(0o077));
    Owner::enter(dir, true)?;
    let desk = Desk::at(dir)?;
    let Some(_lock) = lock(&desk)? else {
        return Ok(()); // Another supervisor was quicker; it keeps the desk.
    };
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build();
    let runtime = runtime.map_err(|error| LocalError::io(dir, error))?;
    let ended = runtime.block_on(keep(&desk, with_stdin));
    runtime.shutdown_background();
    if with_stdin {
        // A demo's folder goes with it, also when the demo itself was killed.
        std::fs::remove_dir_all(desk.dir()).ok();
        desk.dir().parent().map(std::fs::remove_dir);
        return ended;
    }
    if let Err(error) = &ended {
        let state = State { supervisor: std::process::id(), error: Some(error.to_string()), ..State::default() };
        tell(&desk, &state)?;
    }
    ended
}

/// Only one supervisor a desk; the lock goes with the process, however it ends.
fn lock(desk: &Desk) -> Result<Option<Flock<File>>, LocalError> {
    let path = desk.file("run/lock");
    let file = File::options().create(true).append(true).open(&path).map_err(|error| LocalError::io(&path, error))?;
    match Flock::lock(file, FlockArg::LockExclusiveNonblock) {
        Ok(lock) => Ok(Some(lock)),
        Err((_, nix::errno::Errno::EWOULDBLOCK)) => Ok(None),
        Err((_, errno)) => Err(LocalError::io(&path, errno.into())),
    }
}

fn tell(desk: &Desk, state: &State) -> Result<(), LocalError> {
    let text = serde_json::to_vec_pretty(state).map_err(|error| LocalError::Said(error.to_string()))?;
    desk.write("run/state.json", &text)
}

/// The servers of a desk.
struct Servers {
    desk: Desk,
    cluster: Cluster,
    postgres: Option<Running>,
    store: Option<Child>,
    worker: Option<Child>,
    serve: Option<Child>,
    endpoint: Option<String>,
    worker_pause: Duration,
    worker_begun: Option<Instant>,
}

async fn keep(desk: &Desk, with_stdin: bool) -> Result<(), LocalError> {
    let stop = |kind| signal(kind).map_err(|error| LocalError::io(desk.dir(), error));
    let (mut term, mut int) = (stop(SignalKind::terminate())?, stop(SignalKind::interrupt())?);
    let mut hangup = stop(SignalKind::hangup())?;
    tell(desk, &State { supervisor: std::process::id(), ..State::default() })?;
    // What an earlier supervisor left behind when it was killed.
    processes::end_all(desk.dir());
    let mut servers = Servers {
        desk: desk.clone(),
        cluster: Cluster::at(desk.dir())?.with_people_only_in(DATABASE),
        postgres: None,
        store: None,
        worker: None,
        serve: None,
        endpoint: None,
        worker_pause: Duration::from_millis(200),
        worker_begun: None,
    };
    let ended = tokio::select! {
        ended = servers.run() => ended,
        _ = term.recv() => Ok(()),
        _ = int.recv() => Ok(()),
        () = closed(with_stdin) => Ok(()),
        () = async { loop { hangup.recv().await; } } => Ok(()),
    };
    servers.end().await;
    tell(desk, &State { supervisor: 0, ..State::default() })?;
    ended
}

/// Waits for standard input to close.
async fn closed(watched: bool) {
    if !watched {
        return std::future::pending().await;
    }
    // A thread of its own: it may wait there for days and must not hold up the end.
    let (sender, receiver) = tokio::sync::oneshot::channel();
    std::thread::spawn(move || {
        std::io::copy(&mut std::io::stdin(), &mut std::io::sink()).ok();
        sender.send(()).ok();
    });
    receiver.await.ok();
}

impl Servers {
    /// Brings everything up and keeps it up; ends only by an error that starting again cannot mend.
    async fn run(&mut self) -> Result<(), LocalError> {
        let begun = Instant::now();
        let (mut first, mut ready, mut ever_ready) = (true, false, false);
        let mut told = State::default();
        loop {
            if self.bury() {
                ready = false;
                told = self.state(false);
                tell(&self.desk, &told)?;
            }
            match self.mend().await {
                Ok(()) => first = false,
                // At the first start the person waits for a sentence; later the desk goes on trying.
                Err(error) if first => return Err(error),
                Err(error) => {
                    tracing::error!(%error, "the local desk could not start something again");
                    tokio::time::sleep(Duration::from_secs(1)).await;
                }
            }
            ready = ready || self.worker_answers().await;
            ever_ready |= ready;
            if !ever_ready && begun.elapsed() > START {
                let log = self.desk.file("log/worker.log");
                return Err(LocalError::Said(format!("The worker does not come up; see {}.", log.display())));
            }
            let state = self.state(ready);
            if state != told {
                tell(&self.desk, &state)?;
                told = state;
            }
            tokio::time::sleep(if ever_ready { LOOK } else { Duration::from_millis(10) }).await;
        }
    }

    /// Forgets what died; true if anything did.
    fn bury(&mut self) -> bool {
        let mut died = false;
        if self.postgres.as_mut().is_some_and(|postgres| !postgres.is_alive()) {
            self.postgres = None;
            died = true;
        }
        for child in [&mut self.store, &mut self.worker, &mut self.serve] {
            if child.as_mut().is_some_and(|child| !matches!(child.try_wait(), Ok(None))) {
                *child = None;
                died = true;
            }
        }
        died
    }

    /// What there is to tell.
    fn state(&self, ready: bool) -> State {
        State {
            supervisor: std::process::id(),
            postgres: self.postgres.as_ref().map(Running::pid),
            store: self.store.as_ref().map(Child::id),
            worker: self.worker.as_ref().map(Child::id),
            serve: self.serve.as_ref().map(Child::id),
            endpoint: self.endpoint.clone(),
            ready,
            error: None,
        }
    }

    /// Starts what does not run.
    async fn mend(&mut self) -> Result<(), LocalError> {
        if self.postgres.is_none() {
            let cluster = self.cluster.clone();
            let started = tokio::task::spawn_blocking(move || cluster.start()).await;
            self.postgres = Some(started.map_err(|error| LocalError::Said(error.to_string()))??);
            prepare::database(&self.desk).await?;
        }
        if self.store.is_none() {
            let endpoint = self.start_store().await?;
            let changed = prepare::configuration(&self.desk, &endpoint)?;
            self.endpoint = Some(endpoint);
            if changed && let Some(worker) = &self.worker {
                processes::send(worker.id(), Signal::SIGTERM);
            }
        }
        if self.worker.is_none() {
            self.start_worker().await?;
        }
        if self.serve.is_none() && gateway::is_wanted(&self.desk) {
            let mut command = processes::own_program(self.desk.dir(), "serve")?;
            command.arg("serve").arg("--config").arg(gateway::config(&self.desk));
            self.serve = Some(command.spawn().map_err(|error| LocalError::io(self.desk.dir(), error))?);
        }
        Ok(())
    }

    /// Starts the store and waits for its address.
    async fn start_store(&mut self) -> Result<String, LocalError> {
        use std::io::BufRead as _;
        prepare::store_keys(&self.desk)?;
        let mut command = processes::own_program(self.desk.dir(), "store")?;
        command.args(["local", "store", "--dir"]).arg(self.desk.dir()).stdout(Stdio::piped());
        let mut child = command.spawn().map_err(|error| LocalError::io(self.desk.dir(), error))?;
        let out = child.stdout.take();
        self.store = Some(child);
        let said = tokio::task::spawn_blocking(move || {
            let mut line = String::new();
            out.map(|out| std::io::BufReader::new(out).read_line(&mut line));
            line
        });
        let said = said.await.unwrap_or_default();
        let endpoint = said.trim();
        if endpoint.is_empty() {
            let log = self.desk.file("log/store.log");
            return Err(LocalError::Said(format!("The local store did not start; see {}.", log.display())));
        }
        Ok(endpoint.to_owned())
    }

    /// Starts the worker, slower each time it dies early.
    async fn start_worker(&mut self) -> Result<(), LocalError> {
        let lasted = self.worker_begun.take().map(|begun| begun.elapsed());
        if lasted.is_some_and(|lasted| lasted < Duration::from_secs(10)) {
            tokio::time::sleep(self.worker_pause).await;
            self.worker_pause = (self.worker_pause * 2).min(Duration::from_secs(5));
        } else {
            self.worker_pause = Duration::from_millis(200);
        }
        let mut command = processes::own_program(self.desk.dir(), "worker")?;
        command.arg("worker").arg("--config").arg(self.desk.file("worker.toml"));
        self.worker = Some(command.spawn().map_err(|error| LocalError::io(self.desk.dir(), error))?);
        self.worker_begun = Some(Instant::now());
        Ok(())
    }

    /// Whether the worker has told the database that it is there.
    async fn worker_answers(&mut self) -> bool {
        let Some(pid) = self.worker.as_ref().and_then(|worker| i32::try_from(worker.id()).ok()) else { return false };
        let Ok(mut admin) = self.desk.connect(SUPERUSER).await else { return false };
        sqlx::query_scalar(
            "select exists (select from exeat.workers where pid = $1 and seen_at >= pg_postmaster_start_time())",
        )
        .bind(pid)
        .fetch_one(&mut admin)
        .await
        .unwrap_or(false)
    }

    /// Ends everything, the server and the worker first so that they can finish what they hold.
    async fn end(mut self) {
        for child in [self.serve.take(), self.worker.take(), self.store.take()].into_iter().flatten() {
            tokio::task::spawn_blocking(move || end(child)).await.ok();
        }
        let (postgres, dir) = (self.postgres.take(), self.desk.dir().to_owned());
        let last = tokio::task::spawn_blocking(move || {
            if let Some(mut postgres) = postgres {
                postgres.stop();
            }
            processes::end_all(&dir);
        });
        last.await.ok();
    }
}

fn end(mut child: Child) {
    for (signal, patience) in [(Signal::SIGTERM, 10), (Signal::SIGKILL, 5)] {
        processes::send(child.id(), signal);
        let begun = Instant::now();
        while begun.elapsed() < Duration::from_secs(patience) {
            if !matches!(child.try_wait(), Ok(None)) {
                return;
            }
            std::thread::sleep(Duration::from_millis(5));
        }
    }
}

/// The store's process: opens the desk's store, serves it where it was last time, and prints its address.
///
/// # Errors
/// If the store cannot be opened or no address is free.
pub async fn run_store(dir: &Path) -> Result<(), LocalError> {
    Owner::enter(dir, true)?;
    let desk = Desk::at(dir)?;
    let mut keys = desk.store_keys()?;
    let store = Store::open(&desk.file("store"), vec![keys.worker.clone(), keys.loader.clone()], true)?;
    for (bucket, versioned) in BUCKETS {
        store.ensure_bucket(bucket, versioned)?;
    }
    let at = |port| SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    let server = match serve(store.clone(), at(keys.port)).await {
        Ok(server) => Ok(server),
        Err(_) => serve(store, at(0)).await,
    };
    let mut server = server.map_err(|error| LocalError::io(dir, error))?;
    if server.address().port() != keys.port {
        keys.port = server.address().port();
        let text = serde_json::to_vec_pretty(&keys).map_err(|error| LocalError::Said(error.to_string()))?;
        desk.write("store/keys.json", &text)?;
    }
    {
        use std::io::Write as _;
        let mut out = std::io::stdout().lock();
        writeln!(out, "{}", server.endpoint())
            .and_then(|()| out.flush())
            .map_err(|error| LocalError::io(dir, error))?;
    }
    server.ended().await;
    Ok(())
}
