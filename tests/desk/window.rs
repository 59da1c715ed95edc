//! Long lists: read both ways as one scrolls, never more held than a little, `G` at the true end; other orders.

use exeat::domain::page::{Cursor, Total};
use exeat::tui::app::list::PAGE;
use exeat::tui::app::window::HELD;
use exeat::tui::app::{Msg, Row};
use serde_json::json;

use super::harness::{Desk, file};

/// Rows behind the list: their ids are their places in it, from 1.
const LONG: i64 = 1_000_000;

fn row(id: i64) -> Row {
    Row::from(file(id, &format!("{id}.csv"))).at(Some(Cursor(json!(id))))
}

/// Answers what was asked, as the database would, until nothing more is asked.
fn serve(desk: &mut Desk) {
    while let Some(asked) = desk.asked("page").pop().map(|asked| asked.with) {
        let (after, page) = (asked["after"].as_i64(), asked["rows"].as_i64().unwrap());
        let (number, fit) = (asked["number"].as_u64().unwrap(), asked["fit"].as_str().unwrap());
        let (first, last) = match fit {
            "before" => ((after.unwrap() - page).max(1), after.unwrap() - 1),
            "end" => (LONG - page + 1, LONG),
            _ => (after.unwrap_or(0) + 1, (after.unwrap_or(0) + page).min(LONG)),
        };
        let back = matches!(fit, "before" | "end");
        let full = last + 1 - first >= page;
        let next = full.then(|| Cursor(json!(if back { first } else { last })));
        desk.page(number, fit, (first..=last).map(row).collect(), next);
        let many = Total { counted: 10_000, more: true };
        desk.counted(many, many);
    }
}

fn long() -> Desk {
    let mut desk = Desk::with(80, 24, Vec::new());
    desk.say(Msg::Resync);
    serve(&mut desk);
    desk
}

fn key(desk: &mut Desk, name: &str) {
    desk.key(name);
    serve(desk);
}

fn sound(desk: &Desk) {
    let ids = desk.ids();
    assert!(ids.len() <= HELD + 4 * PAGE as usize, "{} rows held", ids.len());
    assert!(ids.windows(2).all(|two| two[0] + 1 == two[1]), "no row is left out, none twice");
    let at = desk.window();
    assert!(at.line >= at.top && at.line < at.top + at.height, "the cursor is on the screen");
}

#[test]
fn each_row_comes_once_all_the_way_down_and_up() {
    let mut desk = long();
    for at in 1..=3_000 {
        assert_eq!(desk.here(), at);
        key(&mut desk, "j");
        sound(&desk);
    }
    assert!(!desk.window().begins, "what lies far above is no longer held");
    for at in (1..=3_001).rev() {
        assert_eq!(desk.here(), at);
        key(&mut desk, "k");
        sound(&desk);
    }
    assert_eq!((desk.here(), desk.window().begins), (1, true));
}

#[test]
fn the_last_key_goes_to_the_true_end_and_the_first_back() {
    let mut desk = long();
    key(&mut desk, "G");
    assert_eq!(desk.here(), LONG);
    assert!(desk.screen().contains(&format!("{LONG}.csv")) && desk.screen().contains("10,000+ of 10,000+"));
    for at in (LONG - 900..=LONG).rev() {
        assert_eq!(desk.here(), at);
        key(&mut desk, "k");
        sound(&desk);
    }
    for _ in 0..200 {
        key(&mut desk, "ctrl-d");
        sound(&desk);
    }
    assert_eq!(desk.here(), LONG);
    key(&mut desk, "g");
    assert_eq!(desk.here(), 1);
    sound(&desk);
}

#[test]
fn a_push_in_the_middle_moves_nothing_and_marks_stay() {
    let mut desk = long();
    for _ in 0..1_500 {
        key(&mut desk, "j");
    }
    key(&mut desk, "Space");
    let on_screen = |desk: &Desk| desk.screen().lines().position(|line| line.starts_with('>')).unwrap();
    let (here, line, shown) = (desk.here(), on_screen(&desk), desk.row_under_cursor());
    let held = desk.ids().len();
    desk.say(Msg::Resync);
    serve(&mut desk);
    assert_eq!((desk.here(), on_screen(&desk), desk.row_under_cursor()), (here, line, shown));
    assert_eq!(desk.ids().len(), held, "what is held is read again, from where it begins");
    sound(&desk);
    // A marked row is held however far one goes: a decision on it is on what is in the list.
    for _ in 0..1_000 {
        key(&mut desk, "j");
    }
    assert_eq!((desk.marks().len(), desk.hidden_marks()), (1, 0));
}

#[test]
fn an_answer_that_was_overtaken_by_the_end_is_dropped() {
    let mut desk = long();
    let number = desk.number();
    desk.press("G");
    desk.page(number, "more", vec![row(101)], None);
    serve(&mut desk);
    assert_eq!(desk.here(), LONG);
    sound(&desk);
}

#[test]
fn the_order_is_chosen_turned_and_said() {
    for (w, h) in [(80, 24), (120, 40)] {
        let mut desk = Desk::with(w, h, vec![file(1, "a.csv")]);
        desk.forget();
        let asked = |desk: &mut Desk| {
            let page = desk.asked("page").pop().unwrap();
            assert_eq!((page.area, &page.with["fit"]), ("egress", &json!("start")));
            page.with["sort"].clone()
        };
        desk.press("s");
        assert_eq!(asked(&mut desk), json!({ "field": "size", "descending": true }));
        assert!(desk.screen().contains("largest first"), "{}", desk.screen());
        desk.press("R");
        assert_eq!(asked(&mut desk), json!({ "field": "size", "descending": false }));
        assert!(desk.screen().contains("smallest first"));
        desk.press("s");
        assert_eq!(asked(&mut desk)["field"], "key");
        desk.press("s s");
        assert_eq!(asked(&mut desk)["field"], "waits");
        desk.press(":");
        desk.text("turn order");
        desk.press("Enter");
        assert_eq!(asked(&mut desk)["descending"], false);
        assert!(desk.screen().contains("newest first"));
    }
}
