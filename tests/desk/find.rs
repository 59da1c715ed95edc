//! Finding rows: the filter line, its mistakes, `n of m`, and why a list is empty.

use exeat::domain::page::Total;
use exeat::tui::app::{Cmd, Msg};
use ratatui::style::Modifier;

use super::harness::{Desk, file};

fn three(w: u16, h: u16) -> Desk {
    Desk::with(w, h, vec![file(1, "a.csv"), file(2, "b.csv"), file(3, "c.csv")])
}

fn line(desk: &Desk, y: usize) -> String {
    desk.screen().lines().nth(y).unwrap_or_default().to_owned()
}

#[test]
fn n_of_m_is_on_every_page_and_beside_every_filter() {
    for (w, h) in [(80, 24), (120, 40), (40, 10)] {
        let mut desk = three(w, h);
        assert!(line(&desk, 2).contains("3 of 4,310"), "{}", desk.screen());
        desk.press("Enter");
        assert!(line(&desk, 1).contains("3 of 4,310"), "{}", desk.screen());
        desk.press("p");
        assert!(line(&desk, 1).contains("3 of 4,310"), "{}", desk.screen());
        desk.press("Esc Esc /");
        desk.text(" a-long-word-that-fills-the-line-and-more and-a-second-one-for-the-wide-screen-as-well-of-course");
        assert!(line(&desk, 2).contains(" of 4,310"), "{}", desk.screen());
        assert!(line(&desk, 2).contains("course"), "what is being typed is in sight: {}", desk.screen());
    }
    let mut desk = three(80, 24);
    let generation = desk.model.list.generation;
    let total = Total { counted: 10_000, more: true };
    desk.say(Msg::Counted { generation, total, all: Some(total) });
    assert!(line(&desk, 2).contains("10,000+ of 10,000+"));
}

#[test]
fn a_change_is_counted_anew() {
    let mut desk = three(80, 24);
    desk.cmds.clear();
    desk.say(Msg::Changed(exeat::tui::app::row::Kind::Egress, vec![2]));
    assert!(desk.cmds.iter().any(|cmd| matches!(cmd, Cmd::Count { .. })), "{:?}", desk.cmds);
    desk.press("a y");
    let sent = desk.decisions();
    let [Cmd::Decide { orders, .. }] = sent.as_slice() else { panic!("{sent:?}") };
    let command = orders[0].command;
    desk.cmds.clear();
    desk.say(Msg::Done { command, answer: Ok(super::harness::done("You approved it.")) });
    assert!(desk.cmds.iter().any(|cmd| matches!(cmd, Cmd::Count { .. })), "{:?}", desk.cmds);
}

#[test]
fn a_mistake_is_marked_under_its_word_and_says_why() {
    for (w, h, name) in [(80, 24, "mistake_at_80"), (120, 40, "mistake_at_120")] {
        let mut desk = three(w, h);
        desk.press("/");
        desk.text(" ü state:pendng heart");
        insta::assert_snapshot!(name, desk.screen());
        let buffer = desk.buffer();
        let at = line(&desk, 2).chars().position(|c| c == 'p').unwrap() - "state:".len();
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
        assert!(line(&desk, 3).trim().ends_with("^^^^^^^^ Only is:mine is known."), "{}", line(&desk, 3));
        assert_eq!(desk.screen().matches("Only is:mine is known.").count(), 1);
        desk.press("Esc");
        assert!(line(&desk, 3).contains("FILE"), "the headings are back");
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
    says(&desk, "Nothing matches state:pending project:lungs. 4,310 files are hidden by this filter; Esc clears it.");
    let generation = desk.model.list.generation;
    let none = Total { counted: 0, more: false };
    desk.say(Msg::Counted { generation, total: none, all: Some(Total { counted: 1, more: false }) });
    says(&desk, "1 of the files is hidden by this filter");
    desk.say(Msg::Counted { generation, total: none, all: Some(none) });
    says(&desk, "There are no other files that you may see.");
    desk.press("Esc");
    assert_eq!(desk.model.filter, "");
}
