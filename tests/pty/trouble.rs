//! What is away or wrong when the desk opens: the first frame comes all the same, one sentence says what to do, and `r`
//! tries again.

use super::terminal::{Terminal, config};
use crate::support::pg::Database;

fn fresh() -> Database {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(Database::fresh())
}

#[test]
fn a_bad_configuration_is_said_and_read_again() {
    let database = fresh();
    let dir = tempfile::tempdir().unwrap();
    let file = config(dir.path(), Database::host(), &database.name, "checker1");
    let good = std::fs::read_to_string(&file).unwrap();
    // A file that is replaced is never seen half written.
    let write = |text: &str| {
        std::fs::write(dir.path().join("next"), text).unwrap();
        std::fs::rename(dir.path().join("next"), &file).unwrap();
    };
    write(&good.replace("host", "hots"));
    let mut terminal = Terminal::open(&file, 80, 24);
    terminal.shows("1 Egress Files");
    terminal.shows("no setting hots here");
    terminal.shows("r tries again");
    write(&good.replace("host", "hosd"));
    terminal.send("r");
    terminal.shows("no setting hosd here");
    write(&good);
    terminal.send("r");
    terminal.shows("live");
    terminal.send("q");
    assert!(terminal.ended().success());
}

#[test]
fn leaving_a_bad_configuration_says_it_once_more_and_fails() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("no.toml");
    let mut terminal = Terminal::open(&file, 80, 24);
    terminal.shows("Cannot read the configuration");
    terminal.send("q");
    assert_eq!(terminal.ended().exit_code(), 3);
    assert!(!terminal.alternate());
    terminal.shows("Cannot read the configuration");
}

#[test]
fn a_database_without_the_tables_names_the_command_that_makes_them() {
    let dir = tempfile::tempdir().unwrap();
    fresh();
    let mut terminal = Terminal::open(&config(dir.path(), Database::host(), "postgres", "checker1"), 80, 24);
    terminal.shows("exeat db migrate");
    terminal.send("q");
    assert!(terminal.ended().success());
}

#[test]
fn without_a_worker_it_says_what_cannot_be_done() {
    let database = fresh();
    let dir = tempfile::tempdir().unwrap();
    let mut terminal = Terminal::open(&config(dir.path(), Database::host(), &database.name, "checker1"), 80, 24);
    terminal.shows("No worker is alive");
    terminal.send("q");
    assert!(terminal.ended().success());
}
