//! Key streams: what keys do, and what they must never do.

use exeat::domain::case::CaseState;
use exeat::domain::refusal::Refusal;
use exeat::tui::app::layers::{Layer, Page};
use exeat::tui::app::model::Link;
use exeat::tui::app::msg::Fit;
use exeat::tui::app::row::Kind;
use exeat::tui::app::{Cmd, Code, Key, Msg, Row};

use super::harness::{Desk, done, file};

fn three() -> Desk {
    Desk::with(120, 40, vec![file(1, "a.csv"), file(2, "b.csv"), file(3, "c.csv")])
}

fn dialog_open(desk: &Desk) -> bool {
    matches!(desk.model.layers.last(), Some(Layer::Decide(_)))
}

#[test]
fn approving_asks_first_and_names_exactly_what_was_seen() {
    let mut desk = three();
    desk.press("j a");
    assert!(desk.decisions().is_empty(), "the key alone decides nothing");
    desk.press("y");
    let sent = desk.decisions();
    let [Cmd::Decide { orders, .. }] = sent.as_slice() else { panic!("{sent:?}") };
    assert_eq!(orders.len(), 1);
    let target = &orders[0].target;
    assert_eq!((target.id, target.seen, target.destination.as_str()), (2, 7, "trusted"));
    assert_eq!(target.sha256, "00000002".repeat(8));
    let command = orders[0].command;
    desk.say(Msg::Done { command, answer: Ok(done("You approved it for trusted.")) });
    assert_eq!(desk.here(), 3, "the cursor goes to the next undecided row");
    assert_eq!(desk.model.toast.as_ref().unwrap().text, "b.csv: You approved it for trusted.");
}

#[test]
fn no_is_where_the_focus_is() {
    let mut desk = three();
    desk.press("a Enter");
    assert!(!dialog_open(&desk));
    desk.press("a Right Enter");
    assert_eq!(desk.decisions().len(), 1);
    desk.press("a Esc a n");
    assert!(desk.decisions().is_empty());
}

#[test]
fn opener_repeat_paste_and_bursts_confirm_nothing() {
    let mut desk = three();
    desk.press("a a a a");
    let held = Key { repeat: true, ..Key::char('y') };
    desk.wait(500);
    desk.say(Msg::Key(held));
    desk.say(Msg::Paste("y\ny\n".into()));
    assert!(dialog_open(&desk) && desk.decisions().is_empty());
    desk.press("Esc");
    // A burst: typed ahead, or a paste by a terminal that does not mark pastes.
    desk.wait(500);
    for c in "ay".chars() {
        desk.wait(1);
        desk.say(Msg::Key(Key::char(c)));
    }
    assert!(dialog_open(&desk) && desk.decisions().is_empty());
    // Opened by Enter from the action menu: Enter is the opener and confirms nothing, on Yes neither.
    desk.press("Esc o");
    let Some(Layer::Menu(picker)) = desk.model.layers.last().cloned() else { panic!() };
    let entries = exeat::tui::app::keys::menu_entries(&desk.model);
    let at = entries.iter().position(|(entry, _)| entry.id == "approve").unwrap();
    for _ in picker.at..at {
        desk.press("j");
    }
    desk.press("Enter Right Enter Enter");
    assert!(dialog_open(&desk) && desk.decisions().is_empty());
    desk.press("y");
    assert_eq!(desk.decisions().len(), 1);
}

#[test]
fn a_rejection_needs_a_reason() {
    let mut desk = three();
    desk.press("x");
    desk.press("Enter y");
    assert!(dialog_open(&desk) && desk.decisions().is_empty());
    desk.text("counts in row 2, really y");
    desk.press("Enter y");
    let sent = desk.decisions();
    let [Cmd::Decide { comment, .. }] = sent.as_slice() else { panic!("{sent:?}") };
    assert_eq!(comment, "counts in row 2, really y");
}

#[test]
fn several_want_their_number_typed_and_each_gets_its_result() {
    let mut desk = three();
    desk.press("Space Space a");
    desk.press("Enter y");
    assert!(dialog_open(&desk) && desk.decisions().is_empty(), "without the number");
    desk.text("3");
    desk.press("Enter y");
    assert!(desk.decisions().is_empty(), "with another number");
    desk.press("Backspace 2 Enter y");
    let sent = desk.decisions();
    let [Cmd::Decide { orders, .. }] = sent.as_slice() else { panic!("{sent:?}") };
    assert_eq!(orders.iter().map(|order| order.target.id).collect::<Vec<_>>(), [1, 2]);
    let orders = orders.clone();
    desk.say(Msg::Done { command: orders[0].command, answer: Ok(done("You approved a.csv.")) });
    let mut no = done("checker2 rejected it 4 s ago.");
    no.ok = false;
    desk.say(Msg::Done { command: orders[1].command, answer: Ok(no) });
    let Some(Layer::Results(results)) = desk.model.layers.last() else { panic!() };
    assert_eq!(results.title, "approve: 1 of 2 done");
    assert_eq!(desk.model.list.marks.iter().copied().collect::<Vec<_>>(), [2], "what was done is no longer marked");
}

#[test]
fn a_push_closes_the_dialog_of_a_changed_row_and_says_who() {
    let mut desk = three();
    desk.press("a");
    let mut newer = file(1, "a.csv");
    newer.row_version = 8;
    let view = newer.destinations.get_mut("trusted").unwrap();
    view.by.push("checker3".into());
    desk.say(Msg::Changed(Kind::Egress, vec![1]));
    assert_eq!(desk.take(|cmd| matches!(cmd, Cmd::Rows(..))), [Cmd::Rows(Kind::Egress, vec![1])]);
    desk.say(Msg::Rows(vec![Row::from(newer)]));
    assert!(!dialog_open(&desk));
    let toast = desk.model.toast.clone().unwrap().text;
    assert_eq!(toast, "a.csv: nothing was decided, meanwhile checker3 approved it for trusted.");
    desk.press("y");
    assert!(desk.decisions().is_empty());
}

#[test]
fn pushes_never_move_the_cursor() {
    let mut desk = three();
    desk.press("j");
    desk.say(Msg::Changed(Kind::Egress, vec![9]));
    assert_eq!(desk.model.list.generation, 2);
    // A new row came first, another is gone, and the one under the cursor no longer fits the filter.
    desk.list(vec![file(9, "new.csv"), file(3, "c.csv")]);
    assert_eq!(desk.here(), 2);
    let ids: Vec<i64> = desk.model.list.rows().iter().map(|row| row.id).collect();
    assert_eq!(ids, [2, 9, 3]);
    assert!(matches!(desk.take(|cmd| matches!(cmd, Cmd::List { .. })).as_slice(), []));
}

#[test]
fn a_refused_key_says_why_and_a_hidden_mark_is_left_out_aloud() {
    let mut desk = three();
    desk.press("u");
    assert_eq!(desk.model.toast.as_ref().unwrap().text, "You have no vote here to undo.");
    desk.press("d");
    assert!(desk.model.toast.as_ref().unwrap().text.starts_with("It is not released"));
    desk.press("g Space /");
    desk.text(" b");
    desk.press("Enter");
    assert_eq!(desk.model.filter, "is:mine b");
    desk.list(vec![file(2, "b.csv"), file(4, "bb.csv")]);
    desk.press("Space a");
    let Some(Layer::Decide(dialog)) = desk.model.layers.last() else { panic!() };
    assert_eq!(dialog.targets.iter().map(|target| target.id).collect::<Vec<_>>(), [2]);
    assert_eq!(dialog.left_out, ["1 marked row is hidden by the filter: it is left out."]);
}

#[test]
fn a_filter_that_is_not_understood_points_at_the_word_and_changes_nothing() {
    let mut desk = three();
    let before = desk.model.list.generation;
    desk.press("/");
    desk.text(" colour");
    desk.wait(500);
    desk.text(":red");
    let Some(Layer::Filter(edit)) = desk.model.layers.last() else { panic!() };
    let (span, _) = edit.error.clone().unwrap();
    assert_eq!(&edit.field.text()[span], "colour:red");
    desk.press("Esc");
    assert_eq!(desk.model.filter, "is:mine");
    assert!(desk.model.list.generation > before, "the words before the mistake narrowed at once, and that was undone");
}

#[test]
fn a_lost_connection_says_so_and_an_unanswered_vote_goes_out_again_under_its_id() {
    let mut desk = three();
    desk.press("a y");
    let sent = desk.decisions();
    let [Cmd::Decide { orders, .. }] = sent.as_slice() else { panic!() };
    let command = orders[0].command;
    desk.say(Msg::Lost("PostgreSQL does not answer.".into()));
    desk.say(Msg::Done { command, answer: Err("PostgreSQL does not answer.".into()) });
    assert!(matches!(desk.model.link, Link::Lost(_)));
    assert!(desk.decisions().is_empty());
    desk.say(Msg::Live);
    let sent = desk.decisions();
    let [Cmd::Decide { orders, .. }] = sent.as_slice() else { panic!("{sent:?}") };
    assert_eq!(orders[0].command, command);
    desk.say(Msg::Resync);
    assert!(desk.cmds.iter().any(|cmd| matches!(cmd, Cmd::List { fit: Fit::Again, .. })));
}

#[test]
fn a_comment_keeps_its_draft_and_its_id_over_a_lost_connection() {
    let mut desk = three();
    desk.press("c");
    desk.text("please round");
    assert!(desk.cmds.iter().any(|cmd| matches!(cmd, Cmd::Draft(Some(draft)) if draft.text == "please round")));
    desk.press("ctrl-s");
    let sent = desk.take(|cmd| matches!(cmd, Cmd::Comment { .. }));
    let [Cmd::Comment { command, body, .. }] = sent.as_slice() else { panic!() };
    assert_eq!(body, "please round");
    desk.say(Msg::Done { command: *command, answer: Err("PostgreSQL does not answer.".into()) });
    assert!(matches!(desk.model.layers.last(), Some(Layer::Comment(edit)) if edit.complaint.is_some()));
    desk.press("ctrl-s");
    let again = desk.take(|cmd| matches!(cmd, Cmd::Comment { .. }));
    assert_eq!(again, sent, "the same command, so that it is said once");
    desk.say(Msg::Done { command: *command, answer: Ok(done("Your comment was added.")) });
    assert!(desk.model.layers.is_empty());
    assert!(desk.cmds.contains(&Cmd::Draft(None)));
}

#[test]
fn esc_goes_back_one_layer_and_opening_sends_no_command() {
    let mut desk = Desk::with(80, 24, vec![file(1, "a.csv")]);
    desk.press("Enter");
    assert_eq!(desk.model.page, Page::Detail);
    desk.press("p");
    assert_eq!(desk.model.page, Page::Preview);
    desk.press("Esc");
    assert_eq!(desk.model.page, Page::Table);
    let reads = |cmd: &Cmd| {
        matches!(
            cmd,
            Cmd::Preview { .. }
                | Cmd::Facts(..)
                | Cmd::Count { .. }
                | Cmd::List { .. }
                | Cmd::Connect
                | Cmd::ReadDraft
                | Cmd::ReadHints
        )
    };
    assert!(desk.cmds.iter().all(reads), "{:?}", desk.cmds);
}

#[test]
fn what_may_not_be_previewed_is_not_asked_for() {
    let mut one = file(1, "a.csv");
    let no = Refusal { code: "forbidden".into(), message: "Only checkers of heart look inside.".into() };
    one.destinations.get_mut("trusted").unwrap().why_not.insert("preview".into(), Some(no));
    let mut desk = Desk::with(120, 40, vec![one]);
    desk.press("p Enter");
    assert!(desk.take(|cmd| matches!(cmd, Cmd::Preview { .. })).is_empty());
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
    desk.model.dirty = false;
    desk.wait(1000);
    assert!(desk.model.dirty, "a second passed under a countdown");
    assert!(desk.screen().contains("approved, 29 s"));
    desk.press("u");
    assert_eq!(desk.take(|cmd| matches!(cmd, Cmd::Undo(_))).len(), 1);
}

#[test]
fn nothing_is_drawn_while_nothing_happens() {
    let mut desk = three();
    desk.model.toast = None;
    desk.model.dirty = false;
    desk.wait(30_000);
    assert!(!desk.model.dirty);
    assert_eq!(desk.model.next_change() - desk.model.now, chrono::TimeDelta::seconds(30), "the clock's next minute");
    desk.wait(30_000);
    assert!(desk.model.dirty);
}

#[test]
fn tiny_keys_do_no_harm_on_an_empty_desk() {
    let mut desk = Desk::fresh(1, 1);
    for code in [Code::Enter, Code::Esc, Code::Tab, Code::Home, Code::End, Code::PageDown] {
        desk.say(Msg::Key(Key::plain(code)));
    }
    desk.press("a x X c p J K d u y o Esc : Esc ? Esc / Esc j k g G n N Space");
    assert!(desk.decisions().is_empty());
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
