//! The processes of a local desk: each carries the desk's folder in its environment, so that they are found and ended
//! whatever was killed before, and never mistaken for others by a reused number. Called by the supervisor, `up` and `down`.

use std::fs;
use std::os::unix::ffi::OsStrExt as _;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use super::LocalError;
use super::desk::Desk;
use super::owner::Owner;

/// The environment variable that names the desk's folder.
const MARK: &str = "EXEAT_LOCAL_DESK";

/// A command of this same program for a desk: little environment, marked, its errors appended to a log.
///
/// # Errors
/// If the log cannot be opened.
pub fn own_program(desk: &Desk, log: &str, drop_to: Option<Owner>) -> Result<Command, LocalError> {
    let path = desk.file(&format!("log/{log}.log"));
    let opened = fs::OpenOptions::new().create(true).append(true).open(&path);
    let log = opened.map_err(|error| LocalError::io(&path, error))?;
    desk.owner().own(&path)?;
    // By the link of the running process: the program's own path may be closed to the desk's owner.
    let link = Path::new("/proc/self/exe");
    let program = if link.exists() { link.to_owned() } else { std::env::current_exe().unwrap_or_default() };
    let mut command = Command::new(program);
    std::os::unix::process::CommandExt::arg0(&mut command, "exeat");
    command.env_clear().env(MARK, desk.dir()).env("HOME", desk.dir()).env("LANG", "C.UTF-8");
    for kept in ["PATH", "EXEAT_LOG", "RUST_BACKTRACE", "TMPDIR"] {
        if let Some(value) = std::env::var_os(kept) {
            command.env(kept, value);
        }
    }
    command.current_dir("/").stdin(Stdio::null()).stdout(Stdio::null()).stderr(log);
    if let Some(owner) = drop_to {
        owner.applied(&mut command);
    }
    Ok(command)
}

/// Whether this process belongs to the desk in `dir`. A zombie does not.
#[must_use]
pub fn belongs(pid: u32, dir: &Path) -> bool {
    let Ok(environment) = fs::read(format!("/proc/{pid}/environ")) else { return false };
    let wanted = [MARK.as_bytes(), b"=", dir.as_os_str().as_bytes()].concat();
    environment.split(|byte| *byte == 0).any(|variable| variable == wanted)
}

/// The desk's own processes (supervisor, store, worker; PostgreSQL is found by its data folder), except this one.
#[must_use]
pub fn of(dir: &Path) -> Vec<u32> {
    let Ok(entries) = fs::read_dir("/proc") else { return Vec::new() };
    entries
        .flatten()
        .filter_map(|entry| entry.file_name().to_str()?.parse().ok())
        .filter(|pid| *pid != std::process::id() && belongs(*pid, dir))
        .collect()
}

/// Ends every process of the desk but this one: gently, then by force.
pub fn end_all(dir: &Path) {
    for (signal, patience) in [(Signal::SIGTERM, 5), (Signal::SIGKILL, 5)] {
        let left = of(dir);
        for pid in &left {
            send(*pid, signal);
        }
        let begun = Instant::now();
        while begun.elapsed() < Duration::from_secs(patience) && !of(dir).is_empty() {
            std::thread::sleep(Duration::from_millis(10));
        }
    }
}

/// Sends a signal; a process that is gone already is fine.
pub fn send(pid: u32, signal: Signal) {
    if let Ok(pid) = i32::try_from(pid) {
        kill(Pid::from_raw(pid), signal).ok();
    }
}
