//! Long lists: read both ways as one scrolls, never more held than a little, `G` at the true end; other orders.

use exeat::domain::page::{Cursor, Sort, SortField, Total};
use exeat::tui::app::list::PAGE;
use exeat::tui::app::msg::Fit;
use exeat::tui::app::tab::By;
use exeat::tui::app::window::HELD;
use exeat::tui::app::{Cmd, Key, Msg, Row};

use super::harness::{Desk, file};

/// Rows behind the list: their ids are their places in it, from 1.
const LONG: i64 = 1_000_000;

fn row(id: i64) -> Row {
    Row { place: Some(Cursor(serde_json::json!(id))), ..Row::from(file(id, &format!("{id}.csv"))) }
}

/// Answers what was asked, as the database would, until nothing more is asked.
fn serve(desk: &mut Desk) {
    while let Some(Cmd::List { generation, fit, after, page, .. }) =
        desk.take(|cmd| matches!(cmd, Cmd::List { .. })).pop()
    {
        let (after, page) = (after.and_then(|after| after.0.as_i64()), i64::from(page));
        let (first, last) = match fit {
            Fit::Start | Fit::Again | Fit::More => (after.unwrap_or(0) + 1, (after.unwrap_or(0) + page).min(LONG)),
            Fit::Before => ((after.unwrap() - page).max(1), after.unwrap() - 1),
            Fit::End => (LONG - page + 1, LONG),
        };
        let back = matches!(fit, Fit::Before | Fit::End);
        let full = last + 1 - first >= page;
        let next = full.then(|| Cursor(serde_json::json!(if back { first } else { last })));
        desk.say(Msg::Listed { generation, fit, answer: Ok(((first..=last).map(row).collect(), next)) });
        desk.say(Msg::Counted {
            generation,
            total: Total { counted: 10_000, more: true },
            all: Some(Total { counted: 10_000, more: true }),
        });
    }
}

fn long() -> Desk {
    let mut desk = Desk::with(80, 24, Vec::new());
    desk.say(Msg::Resync);
    serve(&mut desk);
    desk
}

fn key(desk: &mut Desk, name: &str) {
    desk.say(Msg::Key(Key::parse(name).unwrap()));
    serve(desk);
}

fn sound(desk: &Desk) {
    let list = &desk.model.list;
    assert!(list.rows().len() <= HELD + 4 * PAGE as usize, "{} rows held", list.rows().len());
    assert!(list.rows().windows(2).all(|two| two[0].id + 1 == two[1].id), "no row is left out, none twice");
    let line = list.line();
    assert!(line >= list.top && line < list.top + list.height, "the cursor is on the screen");
}

#[test]
fn each_row_comes_once_all_the_way_down_and_up() {
    let mut desk = long();
    for at in 1..=3_000 {
        assert_eq!(desk.here(), at);
        key(&mut desk, "j");
        sound(&desk);
    }
    assert!(desk.model.list.start.is_some(), "what lies far above is no longer held");
    for at in (1..=3_001).rev() {
        assert_eq!(desk.here(), at);
        key(&mut desk, "k");
        sound(&desk);
    }
    assert_eq!((desk.here(), desk.model.list.start.clone()), (1, None));
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
    let (here, line) = (desk.here(), desk.model.list.line() - desk.model.list.top);
    let held = desk.model.list.rows().len();
    desk.say(Msg::Resync);
    serve(&mut desk);
    assert_eq!((desk.here(), desk.model.list.line() - desk.model.list.top), (here, line));
    assert_eq!(desk.model.list.rows().len(), held, "what is held is read again, from where it begins");
    sound(&desk);
    // A marked row is held however far one goes: a decision on it is on what is in the list.
    for _ in 0..1_000 {
        key(&mut desk, "j");
    }
    assert_eq!((desk.model.list.marked().len(), desk.model.list.hidden_marks()), (1, 0));
}

#[test]
fn an_answer_that_was_overtaken_by_the_end_is_dropped() {
    let mut desk = long();
    let generation = desk.model.list.generation;
    desk.press("G");
    desk.say(Msg::Listed { generation, fit: Fit::More, answer: Ok((vec![row(101)], None)) });
    serve(&mut desk);
    assert_eq!(desk.here(), LONG);
    sound(&desk);
}

#[test]
fn the_order_is_chosen_turned_and_said() {
    for (w, h) in [(80, 24), (120, 40)] {
        let mut desk = Desk::with(w, h, vec![file(1, "a.csv")]);
        desk.cmds.clear();
        let asked = |desk: &mut Desk| {
            let asked = desk.take(|cmd| matches!(cmd, Cmd::List { .. }));
            let Some(Cmd::List { sort, fit: Fit::Start, .. }) = asked.last() else { panic!("{asked:?}") };
            egress(*sort)
        };
        desk.press("s");
        assert_eq!((asked(&mut desk).field, asked_descending(&desk)), (SortField::Size, true));
        assert!(desk.screen().contains("largest first"), "{}", desk.screen());
        desk.press("R");
        let sort = asked(&mut desk);
        assert_eq!((sort.field, sort.descending), (SortField::Size, false));
        assert!(desk.screen().contains("smallest first"));
        desk.press("s");
        assert_eq!(asked(&mut desk).field, SortField::Key);
        desk.press("s s");
        assert_eq!(asked(&mut desk).field, SortField::Waits);
        desk.press(":");
        desk.text("turn order");
        desk.press("Enter");
        assert!(!asked(&mut desk).descending);
        assert!(desk.screen().contains("newest first"));
    }
}

fn asked_descending(desk: &Desk) -> bool {
    egress(desk.model.sort()).descending
}

fn egress(by: By) -> Sort {
    let By::Egress(sort) = by else { panic!("{by:?}") };
    sort
}
