//! How things look, which snapshots do not have: in every theme of the house, in sixteen colours and without any. What a
//! thing is to look like is written here by its tone; what the tones are is the themes' own test.

use chrono::TimeDelta;
use exeat::domain::egress::Severity;
use exeat::tui::app::Msg;
use exeat::tui::app::model::Trouble;
use exeat::tui::app::words::Tone::{self, Dim, Good, Key, Plain, Stop, Title, Warn};
use exeat::tui::ui::{Depth, Theme, of_house};
use ratatui::style::{Color, Modifier, Style};

use super::harness::access::{grants, steward};
use super::harness::rows::released;
use super::harness::{Desk, file, finding, noon};

/// The themes of the house for terminals of many colours, of sixteen, of none.
fn themes() -> Vec<(String, Theme)> {
    let mut all = Vec::new();
    for (name, depths) in [
        ("dark", &[Depth::Full, Depth::Indexed, Depth::Sixteen][..]),
        ("light", &[Depth::Full, Depth::Indexed, Depth::Sixteen]),
        ("high-contrast", &[Depth::Full, Depth::Indexed, Depth::Sixteen]),
        ("mono", &[Depth::Mono]),
    ] {
        for depth in depths.iter().copied() {
            all.push((format!("{name}, {depth:?}"), of_house(name, depth).unwrap()));
        }
    }
    all
}

/// Four files: one late with a finding that stops and a mark, one claimed under the cursor, one with a warning, one over.
fn files() -> Desk {
    let mut late = file(1, "late.csv");
    late.findings = vec![finding("small_count", Severity::Stop, "4 is under 10")];
    let mut claimed = file(2, "claimed.csv");
    claimed.claimed_by = Some("checker2".into());
    claimed.claimed_until = Some(noon() + TimeDelta::hours(1));
    let mut warned = file(3, "warned.csv");
    warned.findings = vec![finding("odd_name", Severity::Warn, "x"), finding("note", Severity::Note, "y")];
    let mut desk = Desk::with(120, 40, vec![late, claimed, warned, released(4)]);
    desk.promise(TimeDelta::hours(97));
    desk.press("Space");
    desk
}

/// Where a text stands on a line of the screen.
fn at(desk: &Desk, y: u16, text: &str) -> u16 {
    let screen = desk.screen();
    let line = screen.lines().nth(usize::from(y)).unwrap();
    let (before, _) = line.split_once(text).unwrap_or_else(|| panic!("{text} in {line:?} of\n{screen}"));
    u16::try_from(before.chars().count()).unwrap()
}

/// The line a text stands on.
fn on(desk: &Desk, text: &str) -> u16 {
    let screen = desk.screen();
    let y = screen.lines().position(|line| line.contains(text));
    u16::try_from(y.unwrap_or_else(|| panic!("{text} in\n{screen}"))).unwrap()
}

/// That a text has the look of a tone, with what lies over it, in every theme.
fn looks(desk: &mut Desk, y: u16, text: &str, tone: Tone, over: impl Fn(&Theme) -> Style) {
    let x = at(desk, y, text);
    for (name, theme) in themes() {
        desk.look.theme = theme.clone();
        let want = theme.tone(Plain).patch(theme.tone(tone)).patch(over(&theme));
        let buffer = desk.buffer();
        for x in x..x + u16::try_from(text.trim_end().chars().count()).unwrap() {
            let cell = &buffer[(x, y)];
            let none = |color: Option<Color>| color.unwrap_or(Color::Reset);
            assert_eq!((cell.fg, cell.bg), (none(want.fg), none(want.bg)), "{name}: {text} at {x},{y}");
            assert_eq!(cell.modifier, want.add_modifier - want.sub_modifier, "{name}: {text} at {x},{y}");
        }
    }
}

fn nothing(_: &Theme) -> Style {
    Style::default()
}

fn cursor(theme: &Theme) -> Style {
    theme.cursor
}

#[test]
fn rows_have_the_look_of_their_cursor_marks_findings_and_states() {
    let mut desk = files();
    let plain = Style::default();
    for (y, text, tone) in [
        (4, "*", Key),
        (4, "!", Stop),
        (4, "late.csv", Plain),
        (4, "small count", Stop),
        (6, "odd name", Warn),
        (6, "1/2 trusted", Plain),
        (7, "models/risk.rds", Dim),
        (7, "released", Dim),
    ] {
        looks(&mut desk, y, text, tone, |_| plain);
    }
    for (text, tone) in [(">", Key), ("claimed.csv", Plain), ("checker2", Warn), ("1/2 trusted", Plain)] {
        looks(&mut desk, 5, text, tone, cursor);
    }
    // The mark stays to be seen under the cursor.
    desk.press("k");
    looks(&mut desk, 4, ">*", Key, cursor);
    looks(&mut desk, 4, "!", Stop, cursor);
}

#[test]
fn the_frame_of_the_desk_has_the_looks_of_what_it_says() {
    let mut desk = files();
    looks(&mut desk, 0, "exeat", Title, nothing);
    looks(&mut desk, 0, "live", Good, nothing);
    looks(&mut desk, 1, "1 Egress Files", Title, |_| Style::default().add_modifier(Modifier::UNDERLINED));
    looks(&mut desk, 1, "2 Access Requests", Dim, nothing);
    looks(&mut desk, 2, "/", Key, nothing);
    looks(&mut desk, 2, "is:mine", Plain, nothing);
    looks(&mut desk, 2, "4 of 4,310 files", Dim, nothing);
    looks(&mut desk, 3, "FINDINGS", Dim, nothing);
    let rule = on(&desk, "───");
    looks(&mut desk, rule, "───", Plain, |theme| theme.rule);
    looks(&mut desk, rule, "claimed.csv", Title, nothing);
    for (label, text, tone) in [
        ("Purpose", "Readmission rates", Plain),
        ("You may", "approve", Good),
        ("Not yet", "download: It is not released", Dim),
    ] {
        let y = on(&desk, label);
        looks(&mut desk, y, label, Dim, nothing);
        looks(&mut desk, y, text, tone, nothing);
    }
    for (text, tone) in [("a ", Key), ("approve", Dim), ("? ", Key), ("1 marked", Title)] {
        looks(&mut desk, 39, text, tone, nothing);
    }
    desk.say(Msg::Trouble(Some(Trouble { lacks: "no worker", why: "No worker is alive.".into() })));
    looks(&mut desk, 0, "live, no worker", Warn, nothing);
    looks(&mut desk, 38, "No worker is alive.", Warn, nothing);
    desk.say(Msg::Lost("It is gone.".into()));
    looks(&mut desk, 0, "not connected", Stop, nothing);
    looks(&mut desk, 38, "It is gone.", Stop, nothing);
}

#[test]
fn a_dialog_has_its_focus_and_its_warnings() {
    let mut desk = files();
    desk.press("k Space a");
    let y = on(&desk, "[ No ]");
    looks(&mut desk, y, "[ No ]", Plain, cursor);
    looks(&mut desk, y, "y Yes, approve", Plain, nothing);
    desk.press("Right");
    looks(&mut desk, y, "[ y Yes, approve ]", Plain, cursor);
    let y = on(&desk, "Approve ");
    looks(&mut desk, y, "┌", Plain, |theme| theme.rule);
    desk.press("Esc /");
    desk.text(" sie>1");
    let y = on(&desk, "^^^");
    looks(&mut desk, y, "^^^", Stop, nothing);
    looks(&mut desk, 2, "sie>1", Stop, |_| Style::default().add_modifier(Modifier::UNDERLINED));
}

#[test]
fn requests_and_grants_have_the_looks_of_their_states() {
    let mut desk = steward(120, 40);
    looks(&mut desk, 4, "researcher1", Plain, cursor);
    looks(&mut desk, 5, "pending", Plain, nothing);
    let y = on(&desk, "You may");
    looks(&mut desk, y, "allow", Good, nothing);
    let mut desk = grants(120, 40);
    for (state, tone) in [("active", Good), ("upcoming", Plain), ("revoked", Stop), ("expired", Dim)] {
        let screen = desk.screen();
        let Some(y) = (5..12).find(|y| screen.lines().nth(*y).is_some_and(|line| line.contains(state))) else {
            assert!(screen.lines().nth(4).unwrap().contains(state), "{state} in\n{screen}");
            looks(&mut desk, 4, state, tone, cursor);
            continue;
        };
        looks(&mut desk, u16::try_from(y).unwrap(), state, tone, nothing);
    }
}

/// Colour only repeats what is there without it: what must be seen first differs from the rest in every theme.
#[test]
fn what_matters_differs_from_the_rest_in_every_theme() {
    for (name, theme) in themes() {
        for tone in [Title, Key, Stop, Warn] {
            assert_ne!(theme.tone(tone), theme.tone(Plain), "{name}: {tone:?}");
        }
        assert_ne!(theme.tone(Stop), theme.tone(Warn), "{name}");
        let seen = theme.cursor.add_modifier.contains(Modifier::REVERSED) || theme.cursor.bg.is_some();
        assert!(seen, "{name}: the cursor");
        let colours = !name.starts_with("mono");
        assert_eq!(
            theme.tone(Good) != theme.tone(Plain) && theme.tone(Good).fg.is_some_and(|c| c != Color::Reset),
            colours,
            "{name}"
        );
    }
}
