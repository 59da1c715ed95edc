//! The desk with a worker and a real store behind it: a store that does not answer in time, a recall and what follows.

use super::terminal::{Terminal, config};
use crate::support::pg::Database;
use crate::support::proxy::Proxy;
use crate::support::s3::local;
use crate::support::slow::FOR_EVER;
use crate::worker::site::{Site, until};

/// A person's desk on a site.
fn desk(dir: &tempfile::TempDir, site: &Site, login: &str, cols: u16, rows: u16) -> Terminal {
    Terminal::open(&config(dir.path(), Database::host(), &site.database.name, login), cols, rows)
}

/// Keys one after the other, each with what it shows.
fn press(terminal: &mut Terminal, steps: &[(&str, &str)]) {
    for (keys, then) in steps {
        terminal.send_meant(keys);
        terminal.shows(then);
    }
}

async fn released(site: &Site, version: i64) {
    until("the release", || async { (site.state(version).await == "released").then_some(()) }).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_key_waits_for_an_answer_of_the_store() {
    let s3 = local();
    let way = Proxy::start(&s3.endpoint).await;
    let site = Site::at(s3, true, &way.endpoint).await;
    let body = "ward,n\nnorth,120\nsouth,88\n";
    for key in ["a.csv", "b.csv"] {
        site.submit(key, body).await;
    }
    let out = site.submit("out.csv", "ward,n\nwest,40\n").await;
    let worker = site.start();
    site.approve(out, "ward,n\nwest,40\n").await;
    released(&site, out).await;
    let dir = tempfile::tempdir().unwrap();
    let mut terminal = desk(&dir, &site, "checker1", 120, 40);
    terminal.shows("b.csv");
    terminal.shows("live");
    // Nothing the store says arrives any more: whatever a key shows now, it shows without.
    way.slow(FOR_EVER);
    let steps = [
        ("p", "Opening"),
        ("j", "p looks inside"),
        ("p", "Opening"),
        // What is being opened is not decided before it is there; what is not being opened is.
        ("a", "It is being opened"),
        ("p", "p looks inside"),
        ("a", "Approve for trusted"),
        ("\x1b", "Nothing was decided"),
        ("x", "Reject for trusted"),
        ("\x0e", "usual reason 1 of"),
        ("\x1b", "Nothing was decided"),
        ("c", "Read by the researcher too"),
        ("round it", "round it"),
        ("\x13", "b.csv: "),
        ("T", "Tasks and status"),
        ("\x1b", "FINDINGS"),
        ("e", "out.csv"),
        ("G", "Needs"),
        ("/", "Enter keep"),
        (" out\r", "1 of 3"),
        ("d", "Downloading out.csv"),
        ("v", "History of out.csv"),
        ("\x1b", "FINDINGS"),
        ("m", "b.csv"),
    ];
    press(&mut terminal, &steps);
    // Two seconds an answer: the vote does not wait behind the file that is being opened.
    way.slow(2000);
    press(&mut terminal, &[("g", "a.csv"), ("p", "Opening"), ("p", "p looks inside"), ("a", "Approve for trusted")]);
    terminal.send_meant("y");
    terminal.shows("a.csv: 1 of 2 approvals for trusted.");
    way.slow(0);
    press(&mut terminal, &[("g", "a.csv"), ("p", "north")]);
    terminal.send("q");
    assert!(terminal.ended().success());
    worker.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_released_file_is_recalled_and_two_people_restore_it_from_their_desks() {
    let site = Site::new(local(), true).await;
    let body = "ward,n\nnorth,120\n";
    let version = site.submit("a.csv", body).await;
    let worker = site.start();
    site.approve(version, body).await;
    released(&site, version).await;
    let dir = tempfile::tempdir().unwrap();
    let mut first = desk(&dir, &site, "checker1", 120, 40);
    let mut second = desk(&dir, &site, "checker2", 80, 24);
    for terminal in [&mut first, &mut second] {
        terminal.shows("live");
        press(terminal, &[("e", "released tr")]);
    }
    press(&mut first, &[(":", "Find an action"), ("recall", "asks first"), ("\r", "Recall for trusted")]);
    press(&mut first, &[("names someone", "names someone"), ("\r", "[ No ]"), ("y", "a.csv: Recalled from trusted.")]);
    second.shows("recalled tr");
    let restore = [(":", "Find an action"), ("restore", "asks first"), ("\r", "Restore for trusted")];
    press(&mut second, &restore);
    second.shows("you propose it for trusted");
    press(&mut second, &[("\x0e\r", "[ No ]"), ("y", "a.csv: Proposed.")]);
    // Once more by the same person: refused, with who has to.
    press(&mut second, &[(":", "Find an action"), ("restore\r", "A second person has to confirm")]);
    first.shows("checker2 wants it");
    press(&mut first, &restore);
    first.shows("checker2 proposed it and you are the second");
    press(&mut first, &[("\x0e\r", "[ No ]"), ("y", "a.csv: Restored.")]);
    // None of the votes of before the recall counts.
    second.shows("0/2 trusted");
    site.approve(version, body).await;
    released(&site, version).await;
    second.shows("released tr");
    press(&mut second, &[("v", "History of a.csv"), ("G", "submitted it")]);
    press(&mut second, &[("g", "checker1 recalled it for trusted: names someone")]);
    for terminal in [&mut first, &mut second] {
        terminal.send("\x1b");
        std::thread::sleep(std::time::Duration::from_millis(150));
        terminal.send("q");
        assert!(terminal.ended().success());
    }
    worker.end().await;
}
