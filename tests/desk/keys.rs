//! Key streams: what keys do, and what they must never do.

use exeat::domain::case::CaseState;
use exeat::domain::refusal::Refusal;
use exeat::tui::app::{Code, Key, Msg, Row};
use serde_json::json;

use super::harness::{Desk, file};

fn three() -> Desk {
    Desk::with(120, 40, vec![file(1, "a.csv"), file(2, "b.csv"), file(3, "c.csv")])
}

/// That the dialog of approving a file is open, and nothing went out.
#[track_caller]
fn asks_only(desk: &mut Desk) {
    assert_eq!(desk.title().as_deref(), Some("Approve for trusted"));
    assert_eq!(desk.sent(), []);
}

#[test]
fn approving_asks_first_and_names_exactly_what_was_seen() {
    let mut desk = three();
    desk.press("j a");
    assert_eq!(desk.sent(), [], "the key alone decides nothing");
    assert_eq!(desk.said_of("File").as_deref().map(|said| said.starts_with("b.csv")), Some(true), "{}", desk.screen());
    desk.press("y");
    let sent = desk.sent_one("cast_vote");
    let (sha256, seen) = ("00000002".repeat(8), 7);
    let request = json!({
        "version": 2, "destination": "trusted", "kind": "approve", "sha256": sha256, "seen_row_version": seen,
    });
    assert_eq!((sent.row, sent.seen, sent.request), (2, 7, request));
    desk.answer(sent.id, "You approved it for trusted.");
    assert_eq!(desk.here(), 3, "the cursor goes to the next undecided row");
    assert!(desk.row_under_cursor().contains("c.csv"));
    assert_eq!(desk.toast(), "b.csv: You approved it for trusted.");
}

#[test]
fn no_is_where_the_focus_is() {
    let mut desk = three();
    desk.press("a");
    assert_eq!(desk.focus(), "No");
    desk.press("Enter");
    assert!(desk.is_clear());
    assert_eq!(desk.sent(), []);
    desk.press("a Right");
    assert_eq!(desk.focus(), "Yes");
    desk.press("Enter");
    desk.sent_one("cast_vote");
    desk.press("a Esc a n");
    assert!(desk.is_clear());
    assert_eq!(desk.sent(), []);
}

#[test]
fn opener_repeat_paste_and_bursts_confirm_nothing() {
    let mut desk = three();
    desk.press("a a a a");
    let held = Key { repeat: true, ..Key::char('y') };
    desk.wait(500);
    desk.say(Msg::Key(held));
    desk.say(Msg::Paste("y\ny\n".into()));
    asks_only(&mut desk);
    desk.press("Esc");
    // A burst: typed ahead, or a paste by a terminal that does not mark pastes.
    desk.wait(500);
    for c in "ay".chars() {
        desk.wait(1);
        desk.say(Msg::Key(Key::char(c)));
    }
    asks_only(&mut desk);
    // Opened by Enter from the action menu: Enter is the opener and confirms nothing, on Yes neither.
    desk.press("Esc o");
    let at = desk.menu().iter().position(|(entry, _)| entry.id == "approve").unwrap();
    for _ in 0..at {
        desk.press("j");
    }
    desk.press("Enter Right Enter Enter");
    assert_eq!(desk.focus(), "Yes");
    asks_only(&mut desk);
    desk.press("y");
    desk.sent_one("cast_vote");
}

#[test]
fn a_rejection_needs_a_reason() {
    let mut desk = three();
    desk.press("x");
    desk.press("Enter y");
    assert_eq!(desk.title().as_deref(), Some("Reject for trusted"));
    assert_eq!(desk.sent(), []);
    desk.shows("To reject needs a reason.");
    desk.text("counts in row 2, really y");
    desk.press("Enter y");
    let sent = desk.sent_one("cast_vote");
    assert_eq!((sent.text("kind"), sent.text("comment")), ("reject", "counts in row 2, really y"));
}

#[test]
fn several_want_their_number_typed_and_each_gets_its_result() {
    let mut desk = three();
    desk.press("Space Space a");
    desk.press("Enter y");
    assert_eq!(desk.title().as_deref(), Some("Approve 2 files"));
    assert_eq!(desk.sent(), [], "without the number");
    desk.text("3");
    desk.press("Enter y");
    assert_eq!(desk.sent(), [], "with another number");
    desk.press("Backspace 2 Enter y");
    let sent = desk.sent();
    let said: Vec<_> = sent.iter().map(|sent| (sent.command, sent.text("kind"), sent.row, sent.seen)).collect();
    assert_eq!(said, [("cast_vote", "approve", 1, 7), ("cast_vote", "approve", 2, 7)]);
    desk.answer(sent[0].id, "You approved a.csv.");
    desk.refuse(sent[1].id, "checker2 rejected it 4 s ago.");
    assert_eq!(desk.title().as_deref(), Some("approve: 1 of 2 done"));
    desk.shows("a.csv: You approved a.csv.");
    desk.shows("b.csv: checker2 rejected it 4 s ago.");
    assert_eq!(desk.marks(), [2].into(), "what was done is no longer marked");
}

#[test]
fn a_push_closes_the_dialog_of_a_changed_row_and_says_who() {
    let mut desk = three();
    desk.press("a");
    let mut newer = file(1, "a.csv");
    newer.row_version = 8;
    let view = newer.destinations.get_mut("trusted").unwrap();
    view.by.push("checker3".into());
    desk.changed("egress", &[1]);
    let asked = desk.asked("rows");
    assert_eq!(asked.iter().map(|asked| (asked.area, &asked.with)).collect::<Vec<_>>(), [("egress", &json!([1]))]);
    desk.read_again(vec![Row::from(newer)]);
    assert!(desk.is_clear());
    assert_eq!(desk.toast(), "a.csv: nothing was decided, meanwhile checker3 approved it for trusted.");
    desk.press("y");
    assert_eq!(desk.sent(), []);
}

#[test]
fn pushes_never_move_the_cursor() {
    let mut desk = three();
    desk.press("j");
    desk.changed("egress", &[9]);
    assert_eq!(desk.number(), 2);
    // A new row came first, another is gone, and the one under the cursor no longer fits the filter.
    desk.list(vec![file(9, "new.csv"), file(3, "c.csv")]);
    assert_eq!(desk.here(), 2);
    assert!(desk.row_under_cursor().contains("b.csv"));
    assert_eq!(desk.ids(), [2, 9, 3]);
    assert_eq!(desk.asked("page"), []);
}

#[test]
fn a_refused_key_says_why_and_a_hidden_mark_is_left_out_aloud() {
    let mut desk = three();
    desk.press("u");
    assert_eq!(desk.toast(), "You have no vote here to undo.");
    desk.press("d");
    assert!(desk.toast().starts_with("It is not released"), "{}", desk.toast());
    desk.press("g Space /");
    desk.text(" b");
    desk.press("Enter");
    assert_eq!(desk.filter(), "is:mine b");
    desk.list(vec![file(2, "b.csv"), file(4, "bb.csv")]);
    desk.press("Space a");
    assert_eq!(desk.title().as_deref(), Some("Approve for trusted"), "for one");
    assert!(desk.inside().contains("File b.csv") || desk.said_of("File").unwrap().starts_with("b.csv"));
    assert_eq!(desk.inside().matches("left out").count(), 1);
    desk.shows("1 marked row is hidden by the filter: it is left out.");
    desk.press("y");
    assert_eq!(desk.sent_one("cast_vote").row, 2);
}

#[test]
fn a_filter_that_is_not_understood_points_at_the_word_and_changes_nothing() {
    let mut desk = three();
    let before = desk.number();
    desk.press("/");
    desk.text(" colour");
    desk.wait(500);
    desk.text(":red");
    let (typed, marks) = (desk.line(2), desk.line(3));
    let at = typed.chars().take(typed.find("colour:red").unwrap()).count();
    let under: Vec<_> = marks.chars().enumerate().filter(|(_, c)| *c == '^').map(|(x, _)| x).collect();
    assert_eq!(under, (at..at + "colour:red".len()).collect::<Vec<_>>(), "{}", desk.screen());
    desk.press("Esc");
    assert_eq!(desk.filter(), "is:mine");
    assert!(desk.number() > before, "the words before the mistake narrowed at once, and that was undone");
}

#[test]
fn a_lost_connection_says_so_and_an_unanswered_vote_goes_out_again_under_its_id() {
    let mut desk = three();
    desk.press("a y");
    let sent = desk.sent_one("cast_vote");
    desk.lose();
    desk.silence(sent.id);
    assert_eq!(desk.link(), "not connected");
    assert_eq!(desk.sent(), []);
    desk.say(Msg::Live);
    desk.sent_again(&sent);
    desk.say(Msg::Resync);
    assert!(desk.asked("page").iter().any(|page| page.with["fit"] == "again"));
}

#[test]
fn a_comment_keeps_its_draft_and_its_id_over_a_lost_connection() {
    let mut desk = three();
    desk.press("c");
    desk.text("please round");
    assert!(desk.asked("keep_draft").iter().any(|kept| kept.with["text"] == "please round"));
    desk.press("ctrl-s");
    let sent = desk.sent_one("add_comment");
    assert_eq!(sent.request, json!({ "version": 1, "body": "please round", "internal": false }));
    desk.silence(sent.id);
    assert_eq!(desk.title().as_deref(), Some("Comment"));
    desk.shows("PostgreSQL does not answer. ctrl-s sends it again.");
    desk.press("ctrl-s");
    // The same command, so that it is said once.
    desk.sent_again(&sent);
    desk.answer(sent.id, "Your comment was added.");
    assert!(desk.is_clear());
    assert!(desk.asked("keep_draft").iter().any(|kept| kept.with.is_null()));
}

#[test]
fn esc_goes_back_one_layer_and_opening_sends_no_command() {
    let mut desk = Desk::with(80, 24, vec![file(1, "a.csv")]);
    desk.press("Enter");
    assert_eq!(desk.page_name(), "detail");
    desk.press("p");
    assert_eq!(desk.page_name(), "preview");
    desk.press("Esc");
    assert_eq!(desk.page_name(), "table");
    let reads = ["preview", "facts", "count", "page", "connect", "read_drafts", "read_hints"];
    assert!(desk.out().iter().all(|out| reads.contains(out)), "{:?}", desk.out());
}

#[test]
fn what_may_not_be_previewed_is_not_asked_for() {
    let mut one = file(1, "a.csv");
    let no = Refusal { code: "forbidden".into(), message: "Only checkers of heart look inside.".into() };
    one.destinations.get_mut("trusted").unwrap().why_not.insert("preview".into(), Some(no));
    let mut desk = Desk::with(120, 40, vec![one]);
    desk.press("p Enter");
    assert_eq!(desk.asked("preview"), []);
}

#[test]
fn every_action_has_words_and_a_way_to_reach_it() {
    use exeat::tui::app::actions::ACTIONS;
    use exeat::tui::app::keymap::Keymap;
    let keymap = Keymap::default();
    let mut ids: Vec<&str> = ACTIONS.iter().map(|entry| entry.id).collect();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), ACTIONS.len(), "ids are unique");
    for entry in ACTIONS {
        assert!(entry.help.ends_with('.') && !entry.label.is_empty(), "{}", entry.id);
        for name in entry.keys {
            let key = Key::parse(name).unwrap();
            assert_eq!(keymap.action(key), Some(entry.action), "{name} means one thing");
        }
        let found = exeat::tui::app::palette::found(entry.id);
        assert_eq!(found.first().map(|first| first.entry.id), Some(entry.id));
    }
}

#[test]
fn a_held_row_counts_down_and_u_takes_the_vote_back() {
    let mut held = file(1, "a.csv");
    held.state = CaseState::Approved;
    let view = held.destinations.get_mut("trusted").unwrap();
    view.state = CaseState::Approved;
    view.held_until = Some(super::harness::noon() + chrono::TimeDelta::seconds(30));
    view.why_not.insert("undo".into(), None);
    let mut desk = Desk::with(120, 40, vec![held]);
    assert!(desk.screen().contains("approved, 30 s"));
    desk.has_changed();
    desk.wait(1000);
    assert!(desk.has_changed(), "a second passed under a countdown");
    assert!(desk.screen().contains("approved, 29 s"));
    desk.press("u");
    let sent = desk.sent_one("undo_vote");
    assert_eq!((sent.seen, sent.request), (7, json!({ "version": 1, "destination": "trusted" })));
}

#[test]
fn nothing_is_drawn_while_nothing_happens() {
    let mut desk = three();
    desk.hush();
    desk.has_changed();
    desk.wait(30_000);
    assert!(!desk.has_changed());
    assert_eq!(desk.stays(), chrono::TimeDelta::seconds(30), "the clock's next minute");
    desk.wait(30_000);
    assert!(desk.has_changed());
}

#[test]
fn tiny_keys_do_no_harm_on_an_empty_desk() {
    let mut desk = Desk::fresh(1, 1);
    for code in [Code::Enter, Code::Esc, Code::Tab, Code::Home, Code::End, Code::PageDown] {
        desk.say(Msg::Key(Key::plain(code)));
    }
    desk.press("a x X c p J K d u y o Esc : Esc ? Esc / Esc j k g G n N Space");
    assert_eq!(desk.sent(), []);
    desk.screen();
}

/// The file beside the program says what the table says; `UPDATE_KEYMAP=1` writes it anew.
#[test]
fn the_keymap_file_is_the_action_table() {
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/assets/keymap.toml");
    let text = exeat::tui::app::actions::keymap_file();
    if std::env::var_os("UPDATE_KEYMAP").is_some() {
        std::fs::write(file, &text).unwrap();
    }
    assert_eq!(std::fs::read_to_string(file).unwrap(), text);
    text.parse::<toml::Table>().unwrap();
}

/// README's table says what the table says; `UPDATE_KEYMAP=1` writes it anew.
#[test]
fn the_readme_has_the_keys() {
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/README.md");
    let readme = std::fs::read_to_string(file).unwrap();
    let (before, rest) = readme.split_once("<!-- keys: made from the action table -->\n").unwrap();
    let (table, after) = rest.split_once("<!-- end of keys -->").unwrap();
    let wanted = exeat::tui::app::actions::markdown();
    if std::env::var_os("UPDATE_KEYMAP").is_some() {
        let text = format!("{before}<!-- keys: made from the action table -->\n{wanted}<!-- end of keys -->{after}");
        std::fs::write(file, text).unwrap();
    } else {
        assert_eq!(table, wanted);
    }
}
