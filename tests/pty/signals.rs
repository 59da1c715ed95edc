//! A sane terminal however the desk ends, and a first frame whatever is away.

use nix::sys::signal::Signal;

use super::terminal::{Terminal, config};

fn nowhere() -> (tempfile::TempDir, Terminal) {
    let dir = tempfile::tempdir().unwrap();
    let file = config(dir.path(), "/nowhere/at/all", "exeat", "checker1");
    let terminal = Terminal::open(&file, 80, 24);
    terminal.shows("1 Egress Files");
    (dir, terminal)
}

fn sane(terminal: &Terminal) {
    terminal.until("the old screen", |terminal| !terminal.alternate());
    assert!(!terminal.cursor_hidden(), "the cursor is shown again");
    terminal.until("line editing", Terminal::cooked);
}

#[test]
fn the_first_frame_comes_without_a_database_and_r_tries_again() {
    let (_dir, mut terminal) = nowhere();
    terminal.shows("PostgreSQL does not answer");
    terminal.shows("not connected");
    assert!(!terminal.cooked());
    terminal.send("r");
    terminal.shows("r tries again");
    terminal.send("q");
    assert!(terminal.ended().success());
    sane(&terminal);
}

#[test]
fn signals_give_the_terminal_back() {
    for signal in [Signal::SIGTERM, Signal::SIGHUP, Signal::SIGINT] {
        let (_dir, mut terminal) = nowhere();
        terminal.signal(signal);
        terminal.ended();
        sane(&terminal);
    }
}

/// The desk below a shell whose script says how it came back to it.
fn below(flags: &str, script: &str) -> (tempfile::TempDir, Terminal) {
    let dir = tempfile::tempdir().unwrap();
    let file = config(dir.path(), "/nowhere/at/all", "exeat", "checker1");
    let terminal = Terminal::from_shell(flags, script, &file, 80, 24);
    terminal.shows("1 Egress Files");
    (dir, terminal)
}

#[test]
fn stopping_gives_the_terminal_back_and_going_on_takes_it_again() {
    let script = r#""$0" --config "$1"; echo stopped $?; read _; fg >/dev/null; echo stopped $?; read _; fg >/dev/null; echo over $?"#;
    let (_dir, mut terminal) = below("-mc", script);
    for by_key in [true, false] {
        if by_key {
            terminal.send("\x1a");
        } else {
            let (shell, path) = (terminal.pid(), |pid| format!("/proc/{pid}/task/{pid}/children"));
            let child = std::fs::read_to_string(path(shell)).unwrap().trim().parse().unwrap();
            nix::sys::signal::kill(nix::unistd::Pid::from_raw(child), Signal::SIGTSTP).unwrap();
        }
        terminal.shows("stopped 1");
        sane(&terminal);
        terminal.send("\n");
        terminal.until("the other screen", Terminal::alternate);
        terminal.shows("1 Egress Files");
    }
    terminal.send("q");
    terminal.shows("over 0");
    assert!(terminal.ended().success());
    sane(&terminal);
}

#[test]
fn a_script_between_shell_and_desk_stops_with_it() {
    // As `make demo` does: the shell that knows about jobs is not the desk's own parent.
    let script =
        r#"sh -c '"$0" --config "$1"; echo left $?' "$0" "$1"; echo stopped $?; read _; fg >/dev/null; echo over $?"#;
    let (_dir, mut terminal) = below("-mc", script);
    terminal.send("\x1a");
    terminal.shows("stopped 1");
    sane(&terminal);
    terminal.send("\n");
    terminal.until("the other screen", Terminal::alternate);
    terminal.shows("1 Egress Files");
    terminal.send("q");
    terminal.shows("left 0");
    terminal.shows("over 0");
    assert!(terminal.ended().success());
}

#[test]
fn where_nobody_could_bring_it_back_it_does_not_stop() {
    let alone = nowhere();
    let script = below("-c", r#""$0" --config "$1"; echo over $?"#);
    let deaf = below("-mc", r#"trap '' TSTP; "$0" --config "$1"; echo over $?"#);
    for (_dir, mut terminal) in [alone, script, deaf] {
        terminal.send("\x1a");
        terminal.shows("no shell with job control behind the desk");
        assert!(terminal.alternate() && !terminal.stopped());
        terminal.send("?");
        terminal.shows("Help for");
        terminal.send("qq");
        assert!(terminal.ended().success());
        sane(&terminal);
    }
}

#[test]
fn an_idle_desk_writes_nothing() {
    let (_dir, terminal) = nowhere();
    terminal.shows("PostgreSQL does not answer");
    // The clock's minute may turn in one of the looks, a try to connect again may end in another; not in all of them.
    let quiet = (0..5).any(|_| {
        std::thread::sleep(std::time::Duration::from_millis(300));
        let before = terminal.raw().len();
        std::thread::sleep(std::time::Duration::from_millis(1500));
        terminal.raw().len() == before
    });
    assert!(quiet);
}
