//! The processes of a local desk: each runs this program as the desk's owner and carries the desk's folder in its
//! environment, so that they are found and ended whatever was killed before, and never mistaken for others, neither by a
//! reused number nor by a mark that anybody can set. Called by the supervisor, `up`, `down` and `postgres`.

use std::fs;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill};
use nix::unistd::{Pid, Uid};

use super::LocalError;
use super::owner::Owner;

/// The environment variable that names the desk's folder.
const MARK: &str = "EXEAT_LOCAL_DESK";

/// The name of this program's file, also in the hands of the tests, which are another.
const PROGRAM: &str = "exeat";

/// A command of this same program for the desk in `dir`: little environment, marked, its errors appended to a log.
///
/// # Errors
/// If the log cannot be opened.
pub fn own_program(dir: &Path, log: &str) -> Result<Command, LocalError> {
    let path = dir.join(format!("log/{log}.log"));
    let opened = fs::OpenOptions::new().create(true).append(true).open(&path);
    let log = opened.map_err(|error| LocalError::io(&path, error))?;
    let mut command = Command::new(own_file());
    std::os::unix::process::CommandExt::arg0(&mut command, "exeat");
    command.env_clear().env(MARK, dir).env("HOME", dir).env("LANG", "C.UTF-8");
    for kept in ["PATH", "EXEAT_LOG", "RUST_BACKTRACE", "TMPDIR"] {
        if let Some(value) = std::env::var_os(kept) {
            command.env(kept, value);
        }
    }
    command.current_dir("/").stdin(Stdio::null()).stdout(Stdio::null()).stderr(log);
    Ok(command)
}

/// The file of this program, by the link of the running process: its own path may be closed to the desk's owner.
#[must_use]
pub fn own_file() -> PathBuf {
    let link = Path::new("/proc/self/exe");
    if link.exists() { link.to_owned() } else { std::env::current_exe().unwrap_or_default() }
}

/// Whether a process is this user's and runs a program of one of these names. Its file may have been replaced since.
#[must_use]
pub(super) fn runs(pid: u32, uid: Uid, names: &[&str]) -> bool {
    let process = Path::new("/proc").join(pid.to_string());
    let theirs = fs::metadata(&process).is_ok_and(|found| found.uid() == uid.as_raw());
    let file = fs::read_link(process.join("exe")).unwrap_or_default();
    let name = file.file_name().unwrap_or_default().to_string_lossy();
    theirs && names.contains(&name.trim_end_matches(" (deleted)"))
}

/// Whether this process belongs to the desk in `dir`. A zombie does not.
#[must_use]
pub fn belongs(pid: u32, dir: &Path) -> bool {
    let Ok(environment) = fs::read(format!("/proc/{pid}/environ")) else { return false };
    let Ok(owner) = Owner::choose(dir) else { return false };
    let own = std::env::current_exe().unwrap_or_default();
    let own = own.file_name().unwrap_or_default().to_string_lossy();
    if !runs(pid, owner.uid(), &[PROGRAM, own.trim_end_matches(" (deleted)")]) {
        return false;
    }
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
        for pid in of(dir) {
            // Once more: looking through all of them took a while.
            if belongs(pid, dir) {
                send(pid, signal);
            }
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
