//! The life of a permit through the real program: everybody who makes a step of it sits at a desk of their own, in a terminal
//! each, on a desk with worker and store. What the tab has no dialog for (issuing, handing in an output) goes by command line.

use super::terminal::{Terminal, config};
use crate::support::desk::{Desk, desk, text, unique};

/// One permit, and the terminals of those who work on it.
struct Walk {
    desk: &'static Desk,
    folder: tempfile::TempDir,
    reference: String,
}

impl Walk {
    /// The person's desk, on the Permits tab, with this permit alone.
    fn sits(&self, login: &str) -> Terminal {
        let host = self.desk.dir.join("socket");
        let file = config(self.folder.path(), host.to_str().unwrap(), "exeat", login);
        let home = self.folder.path().to_str().unwrap();
        let mut terminal = Terminal::open_with(&file, 120, 40, &[("HOME", home)]);
        terminal.shows("live");
        terminal.send("4");
        terminal.send("e/");
        terminal.shows("Enter keep");
        terminal.send(&format!("{}\r", self.reference));
        terminal.shows(&format!("{}: A walk", self.reference));
        terminal
    }

    /// A step: the keys, and what the screen then says of it.
    fn step(&self, login: &str, keys: &[&str], becomes: &str) {
        let mut terminal = self.sits(login);
        for key in keys {
            terminal.send_meant(key);
        }
        terminal.shows(becomes);
        let screen = terminal.screen();
        let line = screen.lines().find(|line| line.contains(becomes)).unwrap_or_default().trim();
        eprintln!("{login:<15}{:<22}{line}", keys.join(" ").replace('\r', "Enter"));
        terminal.send("q");
        assert!(terminal.ended().success(), "{login}");
    }
}

/// The detail at the left, its wrapped lines as one.
fn left(terminal: &Terminal) -> String {
    let screen = terminal.screen();
    let lines = screen.lines().filter_map(|line| line.split_once('│')).map(|(left, _)| left.trim());
    lines.collect::<Vec<_>>().join(" ")
}

/// Issued by the permit manager, with everybody of the walk on its teams.
fn issued() -> (Walk, String) {
    let desk = desk();
    let reference = unique("walk").replace('_', "-");
    let mut args = vec!["permits", "issue", "--project", "heart", "--title", "A walk", "--until", "2099-01-01"];
    args.extend(["--reference", &reference, "--dataset", "GHGAD00020260000001"]);
    for member in [
        "investigator:researcher1",
        "preparator:preparator1",
        "data_reviewer:datareviewer1",
        "setup_reviewer:setupreviewer1",
        "egress_reviewer:checker1",
        "egress_reviewer:checker2",
        "data_holder:holder1",
    ] {
        args.extend(["--team", member]);
    }
    let id = text(&desk.json("manager1", &args)["id"]);
    (Walk { desk, folder: tempfile::tempdir().unwrap(), reference }, id)
}

#[test]
fn a_permit_is_walked_from_issuing_to_archiving_at_a_desk_each() {
    let (walk, id) = issued();
    let (desk, name) = (walk.desk, &walk.reference);
    let now = |status: &str| format!("{name} is now {status}.");
    walk.step("manager1", &["a", "y"], &now("ingress in progress"));
    walk.step("holder1", &["a", "y"], &now("data preparation pending"));
    walk.step("preparator1", &["a", "y"], &now("data preparation review pending"));
    walk.step("datareviewer1", &["X", "a column is missing\r", "y"], &now("data preparation rework"));
    walk.step("preparator1", &["a", "y"], &now("data preparation review pending"));
    walk.step("datareviewer1", &["a", "y"], &now("workspace setup pending"));
    walk.step("researcher1", &["a", "y"], &now("workspace setup review pending"));
    walk.step("setupreviewer1", &["a", "y"], &now("analysis active"));
    // An output: the researcher hands in a file and names its folder; two checkers come to it from the permit and approve it.
    let file = walk.folder.path().join("counts.csv");
    std::fs::write(&file, "ward,patients\nnorth,120\nsouth,88\n").unwrap();
    let submit = ["egress", "submit", file.to_str().unwrap(), "--under", name, "--project", "heart"];
    let submit = [&submit[..], &["--destination", "trusted", "--purpose", "Counts of the walk"]].concat();
    let version = text(&desk.json("researcher1", &submit)["items"][0]["id"]);
    let made = ["permits", "outputs", &id, "--submit", name, "--description", "Counts by ward"];
    desk.json("researcher1", &made);
    walk.step("manager1", &[], "archive: Output 1 is still under review.");
    for (login, counts) in [("checker1", "1 of 2 approvals for trusted"), ("checker2", "2 of 2 approvals for trusted")]
    {
        let mut terminal = walk.sits(login);
        terminal.send("\r");
        terminal.until("its file", |terminal| left(terminal).contains("counts.csv, pending: "));
        terminal.send("\r");
        terminal.shows("/ id:");
        // The row is there before a key is about it.
        terminal.until("its row", |terminal| left(terminal).contains("Counts of the walk"));
        terminal.send("a");
        terminal.shows("Approve for trusted");
        // Nobody looked inside, and says so.
        terminal.send_meant("unseen\r");
        terminal.shows("[ No ]");
        terminal.send_meant("y");
        terminal.shows(counts);
        // And back to the permit it came from, where the vote stands by name.
        terminal.send("\x1b");
        terminal.until("the vote by name", |terminal| left(terminal).contains(&format!("{login} approved")));
        eprintln!("{login:<15}{:<22}{counts}", "Enter Enter a unseen Enter y Esc");
    }
    desk.wait_for("researcher1", &version, "released");
    // What became of it comes to the desk by itself.
    let mut terminal = walk.sits("researcher1");
    terminal.send("\r");
    let approved = "1 v1 approved, 1 of 1 file approved: Counts by ward";
    terminal.until("the output", |terminal| left(terminal).contains(approved));
    terminal.until("its file", |terminal| left(terminal).contains("counts.csv, released: checker1 approved"));
    terminal.send("\r");
    terminal.shows("/ id:");
    terminal.until("its row", |terminal| left(terminal).contains("Counts of the walk"));
    terminal.send("d");
    terminal.shows("downloaded and checked");
    eprintln!("researcher1    Enter Enter d         downloaded");
    terminal.send("q");
    assert!(terminal.ended().success());
    walk.step("manager1", &["E", "\x1b[C", "y"], &now("archived"));
    let life = desk.json("auditor1", &["permits", "life", &id]);
    let moves: Vec<String> = life["states"].as_array().unwrap().iter().map(|line| text(&line["move"])).collect();
    assert_eq!(
        moves.join(" "),
        "issue initiate_ingress confirm_upload submit_preparation rework_preparation submit_preparation approve_preparation submit_setup approve_setup archive"
    );
}
