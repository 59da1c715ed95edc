//! Downloads beside the work, and the page of tasks and status.

use exeat::text::Untrusted;
use exeat::tui::app::Msg;
use exeat::tui::app::state::job::{News, Part};
use serde_json::{Value, json};

use super::harness::{Desk, file};

/// A desk whose files may be downloaded.
fn desk(w: u16, h: u16) -> Desk {
    let released = |id, key: &str| {
        let mut item = file(id, key);
        item.destinations.get_mut("trusted").unwrap().why_not.insert("download".into(), None);
        item
    };
    Desk::with(w, h, vec![released(1, "a.csv"), released(2, "b.csv")])
}

/// The downloads that were started.
fn started(desk: &mut Desk) -> Vec<Value> {
    desk.asked("download").into_iter().map(|asked| asked.with).collect()
}

#[test]
fn a_download_tells_how_far_it_is_while_the_work_goes_on() {
    let mut desk = desk(120, 40);
    desk.press("d d j d");
    assert_eq!(started(&mut desk), [json!({ "job": 1, "id": 1 }), json!({ "job": 2, "id": 2 })], "each once");
    assert_eq!(desk.asked("stop"), []);
    desk.say(Msg::Job(2, News::Far(450, 1000)));
    assert!(desk.screen().contains("Downloading b.csv: 45 %, 450 B of 1000 B, and 1 more"), "{}", desk.screen());
    desk.press("k");
    assert_eq!(desk.here(), 1);
    desk.say(Msg::Job(2, News::Over(true, Untrusted::new("downloaded and checked, /x/b.csv (1000 bytes)."))));
    assert!(desk.screen().contains("b.csv: downloaded and checked, /x/b.csv"), "{}", desk.screen());
    assert!(desk.screen().contains("Downloading a.csv: asking for it"), "{}", desk.screen());
}

#[test]
fn a_download_is_stopped_from_the_page_and_can_be_started_again() {
    let mut desk = desk(80, 24);
    desk.press("d T");
    started(&mut desk);
    desk.press("x x");
    let stopped: Vec<_> = desk.asked("stop").into_iter().map(|asked| asked.with).collect();
    assert_eq!((stopped, started(&mut desk)), (vec![json!(1)], Vec::new()), "once");
    assert!(desk.screen().contains("a.csv: stopping"), "{}", desk.screen());
    desk.say(Msg::Job(1, News::Over(false, Untrusted::new("The download was stopped."))));
    desk.press("Esc d");
    assert_eq!(started(&mut desk), [json!({ "job": 2, "id": 1 })]);
}

pub(super) fn parts() -> Vec<Part> {
    let part = |name, ok, text: &str| Part { name, ok, text: Untrusted::new(text) };
    vec![
        part("database", true, "answers in 2 ms at the socket /run/x/.s.PGSQL.5432; signed in as checker1, schema 2"),
        part(
            "worker",
            false,
            "none is alive (never seen): nothing is released or opened until one runs (exeat worker)",
        ),
        part("store", true, "answers at http://127.0.0.1:9000"),
    ]
}

#[test]
fn tasks_and_status_at_both_sizes() {
    for (w, h) in [(80, 24), (120, 40)] {
        let mut desk = desk(w, h);
        desk.press("d j d T");
        assert_eq!(desk.asked("status").len(), 1);
        assert!(desk.screen().contains("Asking database, worker and store"));
        desk.say(Msg::Status(parts()));
        desk.say(Msg::Job(
            1,
            News::Over(true, Untrusted::new("downloaded and checked, /x/a\u{1b}[2J.csv (12 bytes).")),
        ));
        desk.say(Msg::Job(2, News::Far(450, 1000)));
        insta::assert_snapshot!(format!("tasks_at_{w}"), desk.screen());
    }
}
