//! Whether somebody can bring a stopped desk back: only a shell with job control does. Called before the desk stops.
//!
//! In a process group that POSIX calls orphaned (every parent of its members is in the group too, or in another session)
//! nobody is told of the stop: the terminal would stay with a program that sleeps for ever. The kernel ignores a terminal's
//! stop there for the same reason.

use std::fs::read_to_string;

use nix::sys::signal::{Signal, kill};
use nix::unistd::{Pid, getpgid, getpgrp, getppid, getsid};

/// Why the desk does not stop.
pub const WHY_NOT: &str = "There is no shell with job control behind the desk that could bring it back: q leaves.";

/// Whether the process that started this one set terminal stops to be ignored, as who cannot handle them does. Asked
/// before the desk takes the signals for itself.
pub fn ignores_stops() -> bool {
    let status = read_to_string("/proc/self/status").unwrap_or_default();
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:")).map(str::trim);
    let mask = mask.and_then(|mask| u64::from_str_radix(mask, 16).ok()).unwrap_or(0);
    mask & (1 << (Signal::SIGTSTP as i32 - 1)) != 0
}

/// Whether a parent in the same session, but outside the group, watches over it.
fn is_watched() -> bool {
    let (group, session) = (getpgrp(), getsid(None).ok());
    let mut parent = getppid();
    // Those between a shell and the desk (make, sudo, a script) are in the desk's group and stop with it.
    for _ in 0..64 {
        let (Ok(of), Ok(in_session)) = (getpgid(Some(parent)), getsid(Some(parent))) else { return false };
        if of != group {
            return Some(in_session) == session;
        }
        let Some(above) = parent_of(parent) else { return false };
        parent = above;
    }
    false
}

fn parent_of(process: Pid) -> Option<Pid> {
    let stat = read_to_string(format!("/proc/{process}/stat")).ok()?;
    // Behind the name, which may hold anything: state, then the parent.
    let above = stat.rsplit_once(") ")?.1.split_whitespace().nth(1)?.parse().ok()?;
    (above > 0).then(|| Pid::from_raw(above))
}

/// Whether the desk may stop.
pub fn brings_back(ignores: bool) -> bool {
    !ignores && is_watched()
}

/// Stops the desk and those between it and the shell, as the terminal would.
pub fn stop() -> nix::Result<()> {
    kill(Pid::from_raw(0), Signal::SIGSTOP)
}
