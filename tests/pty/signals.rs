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

#[test]
fn stopping_gives_the_terminal_back_and_going_on_takes_it_again() {
    let (_dir, mut terminal) = nowhere();
    terminal.send("\x1a");
    terminal.until("the stop", Terminal::stopped);
    sane(&terminal);
    terminal.signal(Signal::SIGCONT);
    terminal.until("the other screen", Terminal::alternate);
    terminal.shows("1 Egress Files");
    terminal.signal(Signal::SIGTSTP);
    terminal.until("the stop", Terminal::stopped);
    sane(&terminal);
    terminal.signal(Signal::SIGCONT);
    terminal.until("the other screen", Terminal::alternate);
    terminal.send("q");
    assert!(terminal.ended().success());
    sane(&terminal);
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
