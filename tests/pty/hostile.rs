//! Requests, grants and names of strangers in the desk's other tabs: as a steward sees them, and as who asked.

use exeat::text::{Untrusted, shown};
use serde_json::json;

use super::flow::nothing_of_strangers;
use super::terminal::{Terminal, config};
use crate::rules::access::{edit, site};
use crate::support::pg::{Database, call, done, sha};

/// Takes the clipboard, colours, hides, turns round, ends the line: whatever draws it.
const HOSTILE: &str = "A\u{1b}]52;c;aGFja2Vk\u{7}\u{9b}31m\u{202e}\u{200b}\u{e0041}\r\u{8}\u{7f}Z";

async fn filled() -> Database {
    let database = site().await;
    let mut admin = database.connect("admin1").await;
    let mut own = database.connect("researcher1").await;
    let mut steward = database.connect("steward1").await;
    let mut colleague = database.connect("steward2").await;
    let people: Vec<_> = ["researcher1", "steward1", "steward2"]
        .iter()
        .map(|login| json!({"login": login, "full_name": HOSTILE, "title": HOSTILE}))
        .collect();
    done(&mut admin, "sync_people", &[&json!(people).to_string()]).await;
    let datasets = json!([{"accession": "AB001", "title": HOSTILE, "description": HOSTILE, "dac_alias": HOSTILE}]);
    done(&mut admin, "sync_datasets", &[&datasets.to_string()]).await;
    for n in 0..3 {
        let data = done(&mut own, "new_request", &["AB001", &format!("{HOSTILE}\n{HOSTILE}")]).await;
        let id = data["request"].as_str().unwrap().to_owned();
        let words = json!({"ticket_id": HOSTILE, "internal_note": HOSTILE, "note_to_requester": HOSTILE});
        assert!(edit(&mut steward, &id, &words).await.ok);
        assert!(call(&mut colleague, "comment_request", &[&id, HOSTILE]).await.ok);
        if n > 0 {
            let data = done(&mut steward, "allow_request", &[&id, "null", "null", "null", HOSTILE]).await;
            if n > 1 {
                done(&mut steward, "revoke_grant", &[data["grant"].as_str().unwrap(), "misuse", HOSTILE]).await;
            }
        }
    }
    let files = json!([{"key": HOSTILE, "sha256": sha("x"), "size": 1}]).to_string();
    done(&mut own, "register_submission", &["heart", "trusted", HOSTILE, &files]).await;
    database
}

/// Every place of both tabs that draws such words: table, detail, whole text, dialogs, editors, filters, palette, help.
fn walk(role: &str, cols: u16, rows: u16) -> Terminal {
    let dir = tempfile::tempdir().unwrap();
    let database = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(filled());
    let mut terminal = Terminal::open(&config(dir.path(), Database::host(), &database.name, role), cols, rows);
    terminal.shows("live");
    for tab in ["2", "3", "1"] {
        terminal.send(tab);
        pause();
        for keys in [
            "/",
            "state:allowed,denied,pending,active,revoked \u{202e}",
            "\x1b",
            "/",
            "\r",
            "\r",
            "J",
            "p",
            "K",
            "\x1b",
            "\x1b",
            "a",
            "\t",
            "\x1b",
            "x",
            "\x1b",
            "c",
            "\x1b",
            "E",
            "\x1b",
            "w",
            "\x1b",
            "i",
            "\x1b",
            "h",
            "\x1b",
            "j",
            "  a",
            "\x1b",
            "\x1b",
            "o",
            "\x1b",
            ":",
            "\x1b",
            "?",
            "\x1b",
        ] {
            terminal.send(keys);
            pause();
        }
    }
    terminal.signal(nix::sys::signal::Signal::SIGTERM);
    terminal.ended();
    terminal
}

/// A lone Esc and the next key must not arrive together: that would be another key.
fn pause() {
    std::thread::sleep(std::time::Duration::from_millis(120));
}

#[test]
fn what_strangers_ask_never_reaches_a_stewards_terminal() {
    for (cols, rows) in [(160, 45), (80, 24)] {
        let terminal = walk("steward2", cols, rows);
        let text = String::from_utf8_lossy(&terminal.raw()).into_owned();
        let visible = shown(&Untrusted::new(&HOSTILE[..20]));
        assert!(text.contains(&visible[..10]), "they were drawn, visibly");
        nothing_of_strangers(terminal.raw());
    }
}

#[test]
fn what_stewards_write_never_reaches_a_requesters_terminal() {
    nothing_of_strangers(walk("researcher1", 120, 40).raw());
}
