//! The mouse moves and scrolls, and decides nothing.

use exeat::tui::app::Msg;
use exeat::tui::app::layers::Layer;
use exeat::tui::app::mouse::Did;

use super::harness::{Desk, file};

#[test]
fn a_press_goes_to_the_row_and_the_wheel_moves_three() {
    let mut desk = Desk::with(80, 24, (1..=40).map(|id| file(id, "a.csv")).collect());
    desk.say(Msg::Mouse(Did::Press, 10, 4 + 5));
    assert_eq!(desk.here(), 6);
    desk.say(Msg::Mouse(Did::WheelDown, 10, 10));
    assert_eq!(desk.here(), 9);
    desk.say(Msg::Mouse(Did::WheelUp, 10, 10));
    assert_eq!(desk.here(), 6);
    for (x, y) in [(10, 0), (10, 2), (10, 23), (200, 200)] {
        desk.say(Msg::Mouse(Did::Press, x, y));
        desk.say(Msg::Mouse(Did::WheelDown, x, y));
    }
    assert_eq!(desk.here(), 6, "beside the table nothing happens");
}

#[test]
fn over_a_dialog_it_does_nothing() {
    let mut desk = Desk::with(80, 24, vec![file(1, "a.csv"), file(2, "b.csv")]);
    desk.press("a");
    let before = desk.model.layers.clone();
    for y in 0..24 {
        for x in 0..80 {
            desk.wait(400);
            for did in [Did::Press, Did::WheelUp, Did::WheelDown] {
                desk.say(Msg::Mouse(did, x, y));
            }
        }
    }
    assert_eq!(desk.model.layers, before);
    assert!(desk.decisions().is_empty());
    desk.press("Esc o");
    desk.say(Msg::Mouse(Did::WheelDown, 10, 10));
    assert!(matches!(desk.model.layers.last(), Some(Layer::Menu(picker)) if picker.at == 1));
}
