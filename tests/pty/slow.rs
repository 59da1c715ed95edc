//! A database that does not answer in time: every key is carried out all the same, and what it asked for comes later.

use std::path::PathBuf;

use super::flow::asked;
use super::terminal::{Terminal, config, drafts};
use crate::support::pg::Database;
use crate::support::slow::{FOR_EVER, Slow};

/// The line with the cursor.
fn here(terminal: &Terminal) -> String {
    terminal.screen().lines().find(|line| line.starts_with('>')).unwrap_or_default().to_owned()
}

/// Keys of every kind, each with what it shows. None of it needs an answer; where one is asked for, it is not waited for.
fn keys(terminal: &mut Terminal) {
    for (keys, then) in [
        ("j", "b.csv"),
        ("a", "Approve for trusted"),
        ("\x1b", "Nothing was decided"),
        ("x", "Reject for trusted"),
        ("\x0e", "usual reason 1 of"),
        ("\x1b", "Nothing was decided"),
        ("p", "Opening"),
        ("?", "Help for"),
        ("\x1b", "filter"),
        ("c", "Read by the researcher too"),
        ("round it", "round it"),
        ("\x13", "Sending"),
        ("\x1b", "Waiting for the answer to: comment"),
        ("/", "Enter keep"),
        (" a.csv\r", "is:mine a.csv"),
        ("\x1b", "filter"),
    ] {
        terminal.send(keys);
        terminal.shows(then);
        // A lone Esc and the next key must not arrive together: that would be another key.
        std::thread::sleep(std::time::Duration::from_millis(150));
    }
}

#[test]
fn no_key_waits_for_an_answer_of_the_database() {
    let (dir, database) = asked(&["a.csv", "b.csv"]);
    let slow = Slow::before(Database::host());
    let file = config(dir.path(), slow.dir.path().to_str().unwrap(), &database.name, "checker1");
    let mut terminal = Terminal::open(&file, 120, 40);
    terminal.shows("a.csv");
    terminal.shows("live");
    // Nothing is answered any more: whatever a key shows now, it shows without.
    slow.set(FOR_EVER);
    keys(&mut terminal);
    slow.set(0);
    terminal.send("m");
    terminal.shows("b.csv");
    // Two seconds an answer: a vote is on its way while other keys are pressed, and arrives.
    slow.set(2000);
    terminal.send("gj");
    terminal.until("the second row", |terminal| here(terminal).contains("b.csv"));
    terminal.send("a");
    terminal.shows("Approve for trusted");
    terminal.send_meant("y");
    terminal.shows("Waiting for the answer to: approve b.csv");
    terminal.send("g");
    terminal.until("the first row", |terminal| here(terminal).contains("a.csv"));
    assert!(terminal.screen().contains("Waiting for the answer to: approve b.csv"), "{}", terminal.screen());
    slow.set(0);
    terminal.shows("b.csv: 1 of 2 approvals for trusted.");
    terminal.send("q");
    assert!(terminal.ended().success());
}

#[test]
fn a_comment_being_written_outlives_a_kill_and_a_dropped_connection() {
    use nix::sys::signal::Signal;
    use std::os::unix::fs::PermissionsExt as _;
    let (dir, database) = asked(&["a.csv"]);
    let file = config(dir.path(), Database::host(), &database.name, "checker1");
    let home = tempfile::tempdir().unwrap();
    let env = [("HOME", home.path().to_str().unwrap())];
    let mut written = String::new();
    for (signal, more) in
        [(Signal::SIGKILL, "please round"), (Signal::SIGHUP, " to the nearest 5"), (Signal::SIGTERM, ".")]
    {
        let mut terminal = Terminal::open_with(&file, 120, 40, &env);
        terminal.shows("a.csv");
        terminal.shows("live");
        terminal.send("c");
        terminal.shows("Read by the researcher too");
        terminal.until("what was written before", |terminal| terminal.screen().contains(&written));
        terminal.send(more);
        written.push_str(more);
        terminal.shows(&written);
        let holds = |draft: &PathBuf| std::fs::read_to_string(draft).unwrap_or_default().contains(&written);
        let kept = || drafts(home.path()).iter().any(holds);
        terminal.until("the draft's file", |_| kept());
        terminal.signal(signal);
        terminal.ended();
        assert!(kept());
        let all = drafts(home.path());
        assert_eq!(all.len(), 1, "{all:?}");
        assert_eq!(std::fs::metadata(&all[0]).unwrap().permissions().mode() & 0o777, 0o600);
    }
}
