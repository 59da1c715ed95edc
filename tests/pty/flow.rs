//! Two checkers at one desk each on the same real database, and what a stranger's names may do to a terminal.

use exeat::text::{Untrusted, shown};

use super::terminal::{Terminal, config};
use crate::support::pg::{Database, submitted};

pub fn wait<T>(work: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(work)
}

/// A database where researcher1 asks for these files of heart to go to `trusted`.
pub fn asked(keys: &[&str]) -> (tempfile::TempDir, Database) {
    let database = wait(async {
        let database = Database::fresh().await;
        let mut researcher = database.connect("researcher1").await;
        let mut worker = database.connect(crate::support::pg::WORKER).await;
        for key in keys {
            submitted(&mut researcher, &mut worker, "heart", "trusted", key).await;
        }
        database
    });
    (tempfile::tempdir().unwrap(), database)
}

fn desk(dir: &tempfile::TempDir, database: &Database, role: &str, cols: u16, rows: u16) -> Terminal {
    Terminal::open(&config(dir.path(), Database::host(), &database.name, role), cols, rows)
}

#[test]
fn two_people_approve_and_each_sees_the_other() {
    let (dir, database) = asked(&["a.csv", "b.csv"]);
    let mut first = desk(&dir, &database, "checker1", 80, 24);
    let mut second = desk(&dir, &database, "checker2", 120, 40);
    for terminal in [&first, &second] {
        terminal.shows("a.csv");
        terminal.shows("0/2 trusted");
        terminal.shows("live");
    }
    // The second opens the dialog; the first is faster: the dialog closes and says who.
    second.send("a");
    second.shows("Approve for trusted");
    first.send("a");
    first.shows("[ No ]");
    first.send_meant("y");
    first.shows("1/2 trusted");
    second.shows("a.csv: nothing was decided");
    second.shows("checker1 approved it");
    second.shows("1/2 trusted");
    // Now with eyes open; hold is 0 s, the case goes on to approved without a worker.
    second.send("a");
    second.shows("with yours it has 2 of 2");
    second.send_meant("y");
    second.shows("approved");
    first.until("the second's vote", |terminal| terminal.screen().contains("approved"));
    // One's own file of somebody else's project stays unseen, and nothing was decided on b.csv.
    assert!(first.screen().contains("0/2 trusted"), "{}", first.screen());
    for terminal in [&mut first, &mut second] {
        terminal.send("q");
        assert!(terminal.ended().success());
    }
}

#[test]
fn a_rejection_carries_its_reason_to_the_other_desk() {
    let (dir, database) = asked(&["a.csv"]);
    let mut first = desk(&dir, &database, "checker1", 120, 40);
    let second = desk(&dir, &database, "checker2", 120, 40);
    for terminal in [&first, &second] {
        terminal.shows("a.csv");
        terminal.shows("live");
    }
    first.send("x");
    first.shows("Reject for trusted");
    first.send_meant("counts\r");
    first.send_meant("y");
    second.until("the reason", |terminal| terminal.screen().contains("counts"));
}

#[test]
fn a_comment_is_written_and_seen() {
    let (dir, database) = asked(&["a.csv"]);
    let mut first = desk(&dir, &database, "checker1", 120, 40);
    let second = desk(&dir, &database, "checker2", 120, 40);
    for terminal in [&first, &second] {
        terminal.shows("a.csv");
        terminal.shows("live");
    }
    first.send("c");
    first.shows("Read by the researcher too");
    first.send("round it");
    first.shows("round it");
    first.send("\x13");
    second.shows("round it");
}

/// Names that try what a name can try.
const HOSTILE: &[&str] = &[
    "esc\u{1b}[2J\u{1b}]0;owned\u{7}.csv",
    "c1\u{9b}31m\u{9d}52;c;YQ==\u{9c}.csv",
    "bidi\u{202e}vsc.exe\u{2066}.csv",
    "zero\u{200b}width\u{200d}\u{feff}.csv",
    "tag\u{e0041}\u{e0042}.csv",
    "line\nbreak\r\ttab.csv",
    "del\u{7f}back\u{8}slash\\.csv",
];

#[test]
fn hostile_names_are_shown_and_never_reach_the_terminal() {
    let (dir, database) = asked(HOSTILE);
    let mut terminal = desk(&dir, &database, "checker1", 160, 40);
    for name in HOSTILE {
        terminal.shows(&shown(&Untrusted::new(*name)));
    }
    // Everywhere a name is drawn: detail, dialog, comment, several at once, a filter without rows.
    for (keys, then) in [
        ("j\r", "sha256"),
        ("\x1b", "1 Egress Files"),
        // What is being opened is not decided yet: no worker answers here, so it is closed.
        ("p", "p looks inside"),
        ("a", "Approve for trusted"),
        ("\x1b", "Nothing was decided"),
        ("c", "Read by the researcher too"),
        ("\x1b", "FINDINGS"),
        ("   a", "Approve 3 files"),
        ("\x1b", "FINDINGS"),
        ("/", "Enter keep"),
        (" by:\u{202e}x", "Nothing matches"),
        ("\r", "filter"),
    ] {
        terminal.send(keys);
        terminal.shows(then);
        // A lone Esc and the next key must not arrive together: that would be another key.
        std::thread::sleep(std::time::Duration::from_millis(200));
    }
    terminal.signal(nix::sys::signal::Signal::SIGTERM);
    terminal.ended();
    nothing_of_strangers(terminal.raw());
}

/// Every byte the desk wrote is one of its own sequences, a line end or a character that shows.
pub fn nothing_of_strangers(raw: Vec<u8>) {
    let text = String::from_utf8(raw).expect("the desk writes UTF-8");
    let mut rest = text.as_str();
    while let Some(at) = rest.find('\u{1b}') {
        rest = own_sequence(&rest[at..]);
    }
    for c in text.chars() {
        let bad = matches!(c, '\u{0}'..='\u{1a}' | '\u{1c}'..='\u{1f}' | '\u{7f}'..='\u{9f}')
            && !matches!(c, '\r' | '\n')
            || matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
            || matches!(c, '\u{e0000}'..='\u{e007f}');
        assert!(!bad, "{c:?} was written to the terminal");
    }
}

/// What follows one of the desk's own sequences: colours, cursor, modes, erasing, moving of rows. Anything else is an escape that got out.
fn own_sequence(text: &str) -> &str {
    let body = text
        .strip_prefix("\u{1b}[")
        .unwrap_or_else(|| panic!("an escape of a stranger: {:?}", &text[..8.min(text.len())]));
    let end = body.find(|c: char| c.is_ascii_alphabetic()).expect("a sequence ends");
    let (parameters, last) = (&body[..end], &body[end..=end]);
    let numbers = parameters.trim_start_matches('?').chars().all(|c| c.is_ascii_digit() || c == ';');
    assert!(numbers && "mHJKhlCXLMr".contains(last), "a sequence of a stranger: {:?}", &body[..=end]);
    &body[end + 1..]
}
