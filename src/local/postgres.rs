//! A private PostgreSQL: finding the installed server programs, making a cluster, starting and stopping it.
//! The one place that starts PostgreSQL; called by the supervisor and by the tests.

use std::fs;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use super::owner::{Owner, OwnerError};
use super::processes;
pub use super::programs::{OLDEST, Programs};
use crate::db::roles::PEOPLE;

/// The bootstrap superuser of a private cluster.
pub const SUPERUSER: &str = "exeat_admin";
/// Bytes a unix socket's path may have (the system's limit is 107; one number for all systems).
const LONGEST_SOCKET: usize = 100;
/// Settings of a cluster that is thrown away: nothing waits for the disk. It is vacuumed as others are, for thousands of steps leave
/// more dead rows than live ones.
const QUICK: [&str; 5] =
    ["fsync=off", "synchronous_commit=off", "full_page_writes=off", "checkpoint_timeout=1h", "max_wal_size=4GB"];

/// Why the private PostgreSQL does not run.
#[derive(Debug, thiserror::Error)]
pub enum PostgresError {
    /// No server programs on this machine.
    #[error(
        "PostgreSQL's server programs (initdb, postgres; version {OLDEST} or newer) are not installed: install the package `postgresql` (Debian: `apt-get install postgresql`; Fedora: `dnf install postgresql-server`)"
    )]
    NotInstalled,
    /// Only programs that cannot run this cluster.
    #[error(
        "{dir} was made by PostgreSQL {wanted}, which is not installed: install the package `postgresql-{wanted}`, or choose another --dir"
    )]
    OtherVersion {
        /// The cluster's folder.
        dir: String,
        /// Its major version.
        wanted: u32,
    },
    /// The folder's name is too long for a socket in it.
    #[error("the socket path {path} is over {LONGEST_SOCKET} bytes: choose a shorter --dir")]
    LongSocket {
        /// The path.
        path: String,
    },
    /// The folder cannot be used.
    #[error(transparent)]
    Folder(#[from] OwnerError),
    /// A program failed.
    #[error("{program} failed: {said}")]
    Program {
        /// Its name.
        program: &'static str,
        /// The last it said.
        said: String,
    },
    /// The server did not become ready.
    #[error("PostgreSQL did not start: {said} (see {log})")]
    NotStarted {
        /// The last line of its log.
        said: String,
        /// The log.
        log: String,
    },
    /// The system refused.
    #[error("cannot use {path}: {source}")]
    Io {
        /// What was touched.
        path: String,
        /// What the system said.
        source: std::io::Error,
    },
}

fn io_error(path: &Path) -> impl Fn(std::io::Error) -> PostgresError + '_ {
    move |source| PostgresError::Io { path: path.display().to_string(), source }
}

/// Makes the folders and, where there is none, the cluster: beside its place and then renamed, so that a killed `initdb`
/// leaves nothing half done. A shell does this and starts the server with the owner's rights: root touches nothing in here.
const MAKE: &str = r#"set -e
umask 077
cd "$1"; hba=$2; shift 2
mkdir -p socket log
chmod 700 socket log
if [ ! -e postgres/PG_VERSION ]; then
  if [ -e postgres ]; then rmdir postgres; fi
  rm -rf postgres.new
  "$@" -D "$PWD/postgres.new" >/dev/null
  mv postgres.new postgres
fi
printf %s "$hba" >postgres/pg_hba.conf.new
mv postgres/pg_hba.conf.new postgres/pg_hba.conf"#;

/// Starts the server in the shell's place. A killed server that nobody has waited for yet still counts as alive by its
/// number, and the system may have given the number to someone else: its lock files must go.
const START: &str = r#"umask 077
cd "$1"; shift
rm -f postgres/postmaster.pid socket/.s.PGSQL.5432 socket/.s.PGSQL.5432.lock
exec 2>>log/postgres.log
cd /
exec "$@""#;

/// A private cluster in a folder: `postgres/` holds the data, `socket/` the unix socket, `log/` the log.
#[derive(Clone, Debug)]
pub struct Cluster {
    dir: PathBuf,
    owner: Owner,
    durable: bool,
    people_in: Option<&'static str>,
}

impl Cluster {
    /// A cluster in `dir`, made or still to be made. Nothing is touched yet.
    ///
    /// # Errors
    /// If the folder cannot hold one.
    pub fn at(dir: &Path) -> Result<Self, PostgresError> {
        let dir = std::path::absolute(dir).map_err(io_error(dir))?;
        let socket = dir.join("socket/.s.PGSQL.5432");
        if socket.as_os_str().len() > LONGEST_SOCKET {
            return Err(PostgresError::LongSocket { path: socket.display().to_string() });
        }
        Ok(Self { owner: Owner::choose(&dir)?, dir, durable: true, people_in: None })
    }

    /// For tests: no flushing to disk, so that thousands of small transactions are quick.
    #[must_use]
    pub fn without_fsync(mut self) -> Self {
        self.durable = false;
        self
    }

    /// People get into this database and no other: NOTIFY's queue is one for all databases of a cluster, and from another
    /// one a person could fill it and stop every ticket. (A test program has many databases and does without.)
    #[must_use]
    pub fn with_people_only_in(mut self, database: &'static str) -> Self {
        self.people_in = Some(database);
        self
    }

    /// Who gets in, line by line; the first that fits decides. A superuser is no member of a group here.
    fn hba(&self) -> String {
        let people = self.people_in.map(|database| format!("local {database} all trust\nlocal all +{PEOPLE} reject\n"));
        let people = people.unwrap_or_default();
        format!(
            "# The socket's folder is open to one uid only; the rules are in the database.\n{people}local all all trust\n"
        )
    }

    /// The folder to name as the host when connecting.
    #[must_use]
    pub fn socket_dir(&self) -> PathBuf {
        self.dir.join("socket")
    }

    /// The data folder.
    #[must_use]
    pub fn data_dir(&self) -> PathBuf {
        self.dir.join("postgres")
    }

    fn log(&self) -> PathBuf {
        self.dir.join("log/postgres.log")
    }

    fn programs(&self) -> Result<Programs, PostgresError> {
        match fs::read_to_string(self.data_dir().join("PG_VERSION")) {
            Ok(major) => {
                let wanted = major.trim().parse().unwrap_or(0);
                Programs::find(Some(wanted))
                    .ok_or_else(|| PostgresError::OtherVersion { dir: self.dir.display().to_string(), wanted })
            }
            Err(_) => Programs::find(None).ok_or(PostgresError::NotInstalled),
        }
    }

    /// Makes the cluster if there is none, ends what an earlier owner left behind, and starts it as a child of this
    /// process. Returns once it takes connections. Blocks for about half a second the first time, 50 ms later.
    ///
    /// # Errors
    /// If PostgreSQL is missing, the folder unusable, or the server does not start.
    pub fn start(&self) -> Result<Running, PostgresError> {
        let programs = self.programs()?;
        self.owner.own_dir(&self.dir)?;
        self.make(&programs)?;
        self.end_leftovers();
        self.launch(&programs)
    }

    /// A shell that does this in the cluster's folder, with the owner's rights and little environment. The caller's locale,
    /// time zone and `PG…` settings must not decide how the cluster behaves.
    fn shell(&self, script: &str) -> Command {
        let mut command = Command::new("/bin/sh");
        command.args(["-c", script, "sh"]).arg(&self.dir).current_dir("/").stdin(Stdio::null()).stdout(Stdio::null());
        command.env_clear().env("LANG", "C").env("TZ", "UTC").env("PATH", std::env::var_os("PATH").unwrap_or_default());
        self.owner.applied(&mut command);
        command
    }

    fn make(&self, programs: &Programs) -> Result<(), PostgresError> {
        let mut command = self.shell(MAKE);
        command.arg(self.hba()).arg(programs.bin.join("initdb"));
        command.args(["-U", SUPERUSER, "-A", "trust", "-E", "UTF8", "--locale=C", "--no-instructions"]);
        if !self.durable {
            command.arg("--no-sync");
        }
        let done = command.stderr(Stdio::piped()).output().map_err(io_error(Path::new("/bin/sh")))?;
        if done.status.success() {
            return Ok(());
        }
        let said = last_line(&String::from_utf8_lossy(&done.stderr));
        Err(PostgresError::Program { program: "making the database's folder", said })
    }

    fn launch(&self, programs: &Programs) -> Result<Running, PostgresError> {
        let mut command = self.shell(START);
        command.arg(programs.bin.join("postgres")).arg("-D").arg(self.data_dir()).arg("-k").arg(self.socket_dir());
        command.args(["-c", "listen_addresses=", "-c", "unix_socket_permissions=0700", "-c", "log_destination=stderr"]);
        if !self.durable {
            for quick in QUICK {
                command.args(["-c", quick]);
            }
        }
        let child = command.stderr(Stdio::null()).process_group(0).spawn().map_err(io_error(&programs.bin))?;
        let mut running = Running { child, cluster: self.clone(), over: false };
        let begun = Instant::now();
        while begun.elapsed() < Duration::from_mins(1) {
            if matches!(running.child.try_wait(), Ok(Some(_))) {
                running.over = true;
                break;
            }
            if self.ready_pid() == Some(running.pid()) {
                return Ok(running);
            }
            std::thread::sleep(Duration::from_millis(5));
        }
        let log = fs::read_to_string(self.log()).unwrap_or_default();
        let fatal = log.lines().rev().take(20).find(|line| line.contains("FATAL:"));
        let said = fatal
            .and_then(|line| line.split_once("FATAL:"))
            .map_or_else(|| last_line(&log), |(_, said)| said.trim().to_owned());
        Err(PostgresError::NotStarted { said, log: self.log().display().to_string() })
    }

    /// The server's own word that it takes connections: the last line of its pid file (what `pg_ctl -w` reads too).
    fn ready_pid(&self) -> Option<u32> {
        let text = fs::read_to_string(self.data_dir().join("postmaster.pid")).ok()?;
        let mut lines = text.lines();
        let pid = lines.next()?.trim().parse().ok()?;
        (lines.nth(6)?.trim() == "ready").then_some(pid)
    }

    /// Ends every server that still works in this data folder, left behind by a killed supervisor.
    pub fn end_leftovers(&self) {
        for signal in [Signal::SIGINT, Signal::SIGQUIT, Signal::SIGKILL] {
            for pid in self.leftovers() {
                // Once more: looking through all of them took a while.
                if self.is_left(pid) {
                    processes::send(pid, signal);
                }
            }
            let begun = Instant::now();
            while begun.elapsed() < Duration::from_secs(5) && !self.leftovers().is_empty() {
                std::thread::sleep(Duration::from_millis(10));
            }
        }
    }

    fn leftovers(&self) -> Vec<u32> {
        let Ok(entries) = fs::read_dir("/proc") else { return Vec::new() };
        let numbers = entries.flatten().filter_map(|entry| entry.file_name().to_str()?.parse().ok());
        numbers.filter(|pid| self.is_left(*pid)).collect()
    }

    /// Whether this is a PostgreSQL of the owner's whose working folder is the data folder: the postmaster and its backends
    /// change into it.
    fn is_left(&self, pid: u32) -> bool {
        let Ok(data) = fs::canonicalize(self.data_dir()) else { return false };
        let works_here = fs::read_link(format!("/proc/{pid}/cwd")).is_ok_and(|cwd| cwd == data);
        works_here && processes::runs(pid, self.owner.uid(), &["postgres"])
    }
}

fn last_line(text: &str) -> String {
    text.lines().rev().find(|line| !line.trim().is_empty()).unwrap_or("it said nothing").trim().to_owned()
}

/// A running server, a child of this process; dropping it stops it.
#[derive(Debug)]
pub struct Running {
    child: Child,
    cluster: Cluster,
    over: bool,
}

impl Running {
    /// The server's process id.
    #[must_use]
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// The folder to name as the host when connecting.
    #[must_use]
    pub fn socket_dir(&self) -> PathBuf {
        self.cluster.socket_dir()
    }

    /// Whether it still runs.
    pub fn is_alive(&mut self) -> bool {
        let alive = !self.over && matches!(self.child.try_wait(), Ok(None));
        self.over |= !alive;
        alive
    }

    /// Stops it: fast (open transactions are rolled back), and by force if that takes over ten seconds.
    pub fn stop(&mut self) {
        for (signal, patience) in [(Signal::SIGINT, 10), (Signal::SIGQUIT, 5), (Signal::SIGKILL, 5)] {
            if !self.is_alive() {
                return;
            }
            if let Ok(pid) = i32::try_from(self.pid()) {
                kill(Pid::from_raw(pid), signal).ok();
            }
            let begun = Instant::now();
            while self.is_alive() && begun.elapsed() < Duration::from_secs(patience) {
                std::thread::sleep(Duration::from_millis(5));
            }
        }
    }

    /// Ties the server's life to this process, however that ends: a small shell waits for a pipe from here to close and
    /// then stops the server. For test programs, which end without dropping what they keep in statics.
    ///
    /// # Errors
    /// If the shell cannot be started.
    pub fn end_with_this_process(&self) -> Result<Child, PostgresError> {
        let script = format!("read _; kill -QUIT {}", self.pid());
        Command::new("/bin/sh")
            .args(["-c", &script])
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .process_group(0)
            .spawn()
            .map_err(io_error(Path::new("/bin/sh")))
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.stop();
    }
}
