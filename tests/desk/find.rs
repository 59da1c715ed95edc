//! Finding rows: the filter line, its mistakes, `n of m`, and why a list is empty.

use exeat::domain::page::Total;
use exeat::tui::app::{Msg, Row};
use ratatui::style::Modifier;

use super::harness::{Desk, file};

fn three(w: u16, h: u16) -> Desk {
    Desk::with(w, h, vec![file(1, "a.csv"), file(2, "b.csv"), file(3, "c.csv")])
}

#[test]
fn n_of_m_is_on_every_page_and_beside_every_filter() {
    for (w, h) in [(80, 24), (120, 40), (40, 10)] {
        let mut desk = three(w, h);
        assert!(desk.line(2).contains("3 of 4,310"), "{}", desk.screen());
        desk.press("Enter");
        assert!(desk.line(1).contains("3 of 4,310"), "{}", desk.screen());
        desk.press("p");
        assert!(desk.line(1).contains("3 of 4,310"), "{}", desk.screen());
        desk.press("Esc Esc /");
        desk.text(" a-long-word-that-fills-the-line-and-more and-a-second-one-for-the-wide-screen-as-well-of-course");
        assert!(desk.line(2).contains(" of 4,310"), "{}", desk.screen());
        assert!(desk.line(2).contains("course"), "what is being typed is in sight: {}", desk.screen());
    }
    let mut desk = three(80, 24);
    let total = Total { counted: 10_000, more: true };
    desk.counted(total, total);
    assert!(desk.line(2).contains("10,000+ of 10,000+"));
}

#[test]
fn a_change_is_counted_anew() {
    let mut desk = three(80, 24);
    desk.forget();
    desk.changed("egress", &[2]);
    assert!(!desk.asked("count").is_empty(), "{:?}", desk.out());
    desk.press("a y");
    let command = desk.sent_one("cast_vote").id;
    desk.forget();
    desk.answer(command, "You approved it.");
    assert!(!desk.asked("count").is_empty(), "{:?}", desk.out());
}

#[test]
fn a_mistake_is_marked_under_its_word_and_says_why() {
    for (w, h, name) in [(80, 24, "mistake_at_80"), (120, 40, "mistake_at_120")] {
        let mut desk = three(w, h);
        desk.press("/");
        desk.text(" ü state:pendng heart");
        insta::assert_snapshot!(name, desk.screen());
        let buffer = desk.buffer();
        let at = desk.line(2).chars().position(|c| c == 'p').unwrap() - "state:".len();
        for x in 0..w {
            let word = usize::from(x) >= at && usize::from(x) < at + "state:pendng".len();
            let cell = &buffer[(x, 2)];
            assert_eq!(cell.modifier.contains(Modifier::UNDERLINED), word, "{x}: {}", cell.symbol());
            assert_eq!(buffer[(x, 3)].symbol() == "^", word, "{x}");
        }
        // Where there is room for it beside the word, the sentence is there; else at the foot, whole.
        assert_eq!(desk.screen().matches("no such state").count(), 1);
        desk.press("Esc /");
        desk.text(" is:yours");
        assert!(desk.line(3).trim().ends_with("^^^^^^^^ Only is:mine and is:claimed are known."), "{}", desk.line(3));
        assert_eq!(desk.screen().matches("Only is:mine and is:claimed are known.").count(), 1);
        desk.press("Esc");
        assert!(desk.line(3).contains("FILE"), "the headings are back");
    }
}

#[test]
fn an_empty_list_names_the_filter_and_what_it_hides() {
    let mut desk = three(80, 24);
    desk.press("/ ctrl-u");
    desk.text("state:pending project:lungs");
    desk.press("Enter");
    desk.list(Vec::new());
    let says = |desk: &Desk, text: &str| {
        let screen = desk.screen().split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(screen.contains(text), "{screen}");
    };
    says(
        &desk,
        "Nothing matches state:pending project:lungs. 4,310 files are hidden by this filter; e shows everything, Esc the first view.",
    );
    let none = Total { counted: 0, more: false };
    desk.counted(none, Total { counted: 1, more: false });
    says(&desk, "1 of the files is hidden by this filter");
    desk.counted(none, none);
    says(&desk, "There are no other files that you may see.");
    desk.press("e");
    assert_eq!(desk.filter(), "");
    desk.press("Esc");
    assert_eq!(desk.filter(), "is:mine");
}

fn lists(desk: &mut Desk) -> usize {
    desk.asked("page").len()
}

#[test]
fn the_list_follows_the_hands_when_they_rest_and_late_answers_are_dropped() {
    let mut desk = three(80, 24);
    desk.forget();
    desk.press("/");
    desk.text(" ward");
    assert_eq!(lists(&mut desk), 0, "not a query a key");
    desk.wait(200);
    assert_eq!(lists(&mut desk), 1);
    let early = desk.number();
    desk.text("s of heart");
    desk.wait(200);
    assert_eq!(lists(&mut desk), 1);
    desk.page(early, "start", vec![Row::from(file(9, "late.csv"))], None);
    assert!(!desk.screen().contains("late.csv"), "the answer to what was asked before");
    desk.list(vec![file(4, "wards.csv")]);
    assert!(desk.screen().contains("wards.csv"));
    desk.press("Enter");
    assert_eq!((lists(&mut desk), desk.filter().as_str()), (0, "is:mine wards of heart"));
    // Enter does not wait, and Esc goes back at once.
    desk.press("/");
    desk.text(" x");
    desk.key("Enter");
    assert_eq!(lists(&mut desk), 1);
    desk.press("/");
    desk.text(" y");
    desk.press("Esc");
    assert_eq!((lists(&mut desk), desk.filter().as_str()), (2, "is:mine wards of heart x"));
    desk.press("/");
    desk.text("a");
    desk.key("Esc");
    assert_eq!(lists(&mut desk), 0, "nothing was asked yet, and nothing has to be asked again");
}

#[test]
fn fields_values_people_and_saved_filters_complete() {
    let mut desk = three(80, 24);
    desk.say(Msg::Projects(vec![("lungs".into(), vec!["world".into()])]));
    desk.saved(&[("egress", "stale", "state:pending age>3d"), ("grants", "s", "x")]);
    desk.press("/ ctrl-u");
    assert!(desk.offers().is_empty(), "nothing is begun");
    desk.text("st");
    assert_eq!(desk.offers(), ["stale", "state:"]);
    insta::assert_snapshot!("offers_at_80", desk.screen());
    desk.press("Down Down");
    let buffer = desk.buffer();
    let y =
        (0..24).find(|y| (0..80).map(|x| buffer[(x, *y)].symbol()).collect::<String>().contains(">state:")).unwrap();
    let x = (0..80).find(|x| buffer[(*x, y)].symbol() == "s").unwrap();
    assert!(buffer[(x, y)].modifier.contains(Modifier::REVERSED), "the chosen one is seen without colour twice");
    desk.press("Enter");
    assert_eq!(desk.filter(), "state:");
    assert_eq!(desk.offers()[..3], ["altered", "blocked", "pending"]);
    assert!(!desk.screen().contains("a value has to follow"), "it says so by offering values");
    desk.text("pe");
    desk.press("Tab");
    assert_eq!((desk.filter().as_str(), desk.offers().len()), ("state:pending", 0));
    desk.text(" project:");
    assert_eq!(desk.offers(), ["heart", "lungs"], "what is on screen, and what one may see");
    desk.text("l");
    desk.press("Tab");
    desk.text(" by:re");
    desk.press("Tab");
    desk.text(" dest:");
    assert_eq!(desk.offers(), ["trusted", "world"]);
    desk.press("Tab");
    assert_eq!(desk.filter(), "state:pending project:lungs by:researcher1 dest:trusted");
    desk.press("Enter");
    assert_eq!(desk.filter(), "state:pending project:lungs by:researcher1 dest:trusted");
    desk.press("/ ctrl-u Tab");
    assert_eq!(desk.offers()[..2], ["stale", "state:"], "asked without a beginning, everything is offered");
    desk.press("Enter");
    assert_eq!(desk.filter(), "", "Enter keeps what is typed as long as nothing is chosen");
    desk.press("/ ctrl-u");
    desk.text("stal");
    desk.press("Tab Enter");
    assert_eq!(desk.filter(), "state:pending age>3d");
    assert!(desk.is_clear());
}

#[test]
fn esc_leaves_the_offers_before_it_leaves_the_line() {
    let mut desk = three(120, 40);
    desk.press("/ ctrl-u Tab Down");
    let chosen = |desk: &Desk| desk.box_lines().iter().filter(|line| line.starts_with('>')).count();
    assert_eq!(chosen(&desk), 1, "{}", desk.screen());
    desk.press("Esc");
    assert!(!desk.is_clear() && chosen(&desk) == 0, "{}", desk.screen());
    desk.press("Esc");
    assert!(desk.is_clear());
    assert_eq!(desk.filter(), "is:mine");
}
