//! The mouse moves and scrolls, and decides nothing.

use exeat::tui::app::Msg;
use exeat::tui::app::key::Mouse;

use super::harness::{Desk, file};

#[test]
fn a_press_goes_to_the_row_and_the_wheel_moves_three() {
    let mut desk = Desk::with(80, 24, (1..=40).map(|id| file(id, "a.csv")).collect());
    desk.say(Msg::Mouse(Mouse::Press, 10, 4 + 5));
    assert_eq!(desk.here(), 6);
    assert!(desk.line(4 + 5).starts_with('>'), "the row that was pressed: {}", desk.screen());
    desk.say(Msg::Mouse(Mouse::WheelDown, 10, 10));
    assert_eq!(desk.here(), 9);
    desk.say(Msg::Mouse(Mouse::WheelUp, 10, 10));
    assert_eq!(desk.here(), 6);
    for (x, y) in [(10, 0), (10, 2), (10, 23), (200, 200)] {
        desk.say(Msg::Mouse(Mouse::Press, x, y));
        desk.say(Msg::Mouse(Mouse::WheelDown, x, y));
    }
    assert_eq!(desk.here(), 6, "beside the table nothing happens");
}

#[test]
fn over_a_dialog_it_does_nothing() {
    let mut desk = Desk::with(80, 24, vec![file(1, "a.csv"), file(2, "b.csv")]);
    desk.press("a");
    let (dialog, before) = (desk.dialog(), desk.screen());
    for y in 0..24 {
        for x in 0..80 {
            desk.wait(400);
            for did in [Mouse::Press, Mouse::WheelUp, Mouse::WheelDown] {
                desk.say(Msg::Mouse(did, x, y));
            }
        }
    }
    assert_eq!(desk.dialog(), dialog);
    // The clock alone went on.
    let below = |screen: &str| screen.lines().skip(1).map(str::to_owned).collect::<Vec<_>>();
    assert_eq!(below(&desk.screen()), below(&before));
    assert_eq!(desk.sent(), []);
    desk.press("Esc o");
    desk.say(Msg::Mouse(Mouse::WheelDown, 10, 10));
    let second = desk.menu()[1].0.help;
    assert!(desk.inside().contains(second), "the second action is chosen: {}", desk.screen());
}
