//! A request for access being written, in a real terminal: it outlives a killed desk and a database that goes away, and is
//! sent once.

use std::path::PathBuf;

use nix::sys::signal::Signal;

use super::flow::wait;
use super::terminal::{Terminal, config, drafts};
use crate::support::pg::{Database, done, one};
use crate::support::slow::Slow;

fn site() -> (tempfile::TempDir, Database) {
    let database = wait(async {
        let database = Database::fresh().await;
        let list = r#"[{"accession": "AB001", "title": "First"}, {"accession": "AB002", "title": "Second"}]"#;
        done(&mut database.connect("admin1").await, "sync_datasets", &[list]).await;
        database
    });
    (tempfile::tempdir().unwrap(), database)
}

fn stored(database: &Database) -> i64 {
    wait(async {
        one(
            &mut database.owner().await,
            "select count(*) from exeat.access_requests where request_text like '%kestrel%'",
        )
        .await
    })
}

#[test]
fn a_request_being_written_outlives_kills_and_a_lost_database_and_is_sent_once() {
    let (dir, database) = site();
    let slow = Slow::before(Database::host());
    let file = config(dir.path(), slow.dir.path().to_str().unwrap(), &database.name, "researcher1");
    let home = tempfile::tempdir().unwrap();
    let env = [("HOME", home.path().to_str().unwrap())];
    let mut written = String::from("For the kestrel");
    for (n, signal) in [Signal::SIGKILL, Signal::SIGHUP, Signal::SIGTERM].into_iter().enumerate() {
        let mut terminal = Terminal::open_with(&file, 80, 24, &env);
        terminal.shows("live");
        terminal.send("2");
        terminal.shows("There are no requests that you may see yet.");
        terminal.send("+");
        terminal.shows("Ask for access");
        if n == 0 {
            terminal.send("AB001");
            // The dataset's own words and dates come, and what is typed goes behind them.
            terminal.shows("Request for access to First");
            terminal.send("\x1b[Z\x1b[Z\x1b[Z");
            terminal.send(&written);
        } else {
            terminal.shows("This is the draft you kept.");
            terminal.shows(&written);
            terminal.send(" again");
            written += " again";
        }
        terminal.shows(&written);
        let holds = |draft: &PathBuf| std::fs::read_to_string(draft).unwrap_or_default().contains(&written);
        let kept = || drafts(home.path()).iter().any(holds);
        terminal.until("the draft's file", |_| kept());
        terminal.signal(signal);
        terminal.ended();
        assert!(kept());
    }
    assert_eq!(stored(&database), 0, "nothing was sent");
    // The connection goes while it is written and while it is sent: the form stays, and the same request goes out again.
    let mut terminal = Terminal::open_with(&file, 80, 24, &env);
    terminal.shows("live");
    terminal.send("2+");
    terminal.shows(&written);
    slow.cut(true);
    terminal.send(" over all this");
    terminal.shows("over all this");
    terminal.send("\t\t");
    terminal.send_meant("\r");
    terminal.shows("Exactly this is sent");
    terminal.send_meant("y");
    terminal.shows("It is sent again");
    slow.cut(false);
    terminal.shows("Request 1 is sent");
    assert_eq!(stored(&database), 1);
    terminal.until("the draft's end", |_| drafts(home.path()).is_empty());
    terminal.send("q");
    assert!(terminal.ended().success());
}
