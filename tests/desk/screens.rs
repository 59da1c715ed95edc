//! The drawn buffer at the usual sizes, and its styles.

use chrono::TimeDelta;
use exeat::domain::case::CaseState;
use exeat::domain::egress::Severity;
use exeat::text::Untrusted;
use exeat::tui::app::Msg;
use exeat::tui::app::layers::{Facts, HistoryLine, VoteLine};
use exeat::tui::app::preview::{Body, Part};
use exeat::tui::app::row::Kind;
use exeat::tui::ui::by_name;
use ratatui::style::Modifier;

use super::harness::{Desk, file, finding, noon};

fn desk(w: u16, h: u16) -> Desk {
    let mut first = file(1, "tables/readmission_by_ward.csv");
    first.findings = vec![
        finding("small_count", Severity::Warn, "3 is under 10"),
        finding("small_count", Severity::Stop, "4 is under 10"),
    ];
    let mut hostile = file(2, "figures/\u{1b}[2J\u{202e}gpj.exe\u{200b}");
    hostile.purpose = Untrusted::new("line one\nline two \u{9b}31m");
    let mut released = file(3, "models/risk.rds");
    released.state = CaseState::Released;
    released.destinations.get_mut("trusted").unwrap().state = CaseState::Released;
    let mut desk = Desk::with(w, h, vec![first, hostile, released]);
    let vote = VoteLine {
        destination: "trusted".into(),
        voter: "checker2".into(),
        kind: "approve".into(),
        comment: Untrusted::new("fine by me"),
        at: noon() - TimeDelta::hours(20),
        counted: true,
    };
    let history = vec![HistoryLine {
        at: noon() - TimeDelta::hours(20),
        who: "checker2".into(),
        did: Untrusted::new("approved it for trusted"),
        said: Untrusted::new("fine by me"),
        changed: true,
    }];
    desk.say(Msg::Facts(Kind::Egress, 1, Ok(Facts { votes: vec![vote], comments: Vec::new(), history, access: None })));
    desk
}

fn csv(desk: &mut Desk) {
    let cells = |row: &[&str]| row.iter().map(|cell| Untrusted::new(*cell)).collect::<Vec<_>>();
    let part = Part {
        facts: vec![Untrusted::new("CSV, 4 columns")],
        read: 4096,
        of: 12_431,
        sha256: "00000001".repeat(8),
        body: Body::Table {
            header: cells(&["ward", "n", "deaths", "rate"]),
            rows: vec![cells(&["A", "120", "14", "11.7"]), cells(&["B \u{1b}]0;x\u{7}", "43", "3", "7.0"])],
        },
        next: None,
        total: Some(2),
    };
    desk.say(Msg::Previewed { id: 1, sha256: "00000001".repeat(8), answer: Ok(part) });
}

#[test]
fn table_at_80() {
    insta::assert_snapshot!(desk(80, 24).screen());
}

#[test]
fn table_at_120() {
    insta::assert_snapshot!(desk(120, 40).screen());
}

#[test]
fn preview_at_120() {
    let mut desk = desk(120, 40);
    desk.press("p");
    csv(&mut desk);
    insta::assert_snapshot!(desk.screen());
}

#[test]
fn detail_and_preview_at_80() {
    let mut desk = desk(80, 24);
    desk.press("Enter");
    csv(&mut desk);
    insta::assert_snapshot!("detail_at_80", desk.screen());
    desk.press("p");
    insta::assert_snapshot!("preview_at_80", desk.screen());
}

#[test]
fn approve_dialog_at_80() {
    let mut desk = desk(80, 24);
    desk.press("a");
    insta::assert_snapshot!(desk.screen());
}

#[test]
fn bulk_rejection_at_120() {
    let mut desk = desk(120, 40);
    desk.press("Space Space Space x");
    insta::assert_snapshot!(desk.screen());
}

#[test]
fn menu_help_palette_and_comment_at_80() {
    let mut desk = desk(80, 24);
    desk.press("o");
    insta::assert_snapshot!("menu_at_80", desk.screen());
    desk.press("Esc ?");
    insta::assert_snapshot!("help_at_80", desk.screen());
    desk.press("Esc :");
    desk.text("re");
    insta::assert_snapshot!("palette_at_80", desk.screen());
    desk.press("Esc c");
    desk.text("please round");
    insta::assert_snapshot!("comment_at_80", desk.screen());
}

#[test]
fn ascii_and_mono() {
    let mut desk = desk(120, 40);
    desk.press("p");
    csv(&mut desk);
    desk.look.ascii = true;
    desk.look.theme = by_name("mono").unwrap();
    let screen = desk.screen();
    assert!(screen.is_ascii());
    insta::assert_snapshot!(screen);
}

#[test]
fn nobody_there() {
    let mut desk = Desk::fresh(80, 24);
    insta::assert_snapshot!("first_frame", desk.screen());
    let sentence = "PostgreSQL does not answer at the socket /run/x/.s.PGSQL.5432: see whether it runs.";
    desk.say(Msg::Lost(sentence.into()));
    insta::assert_snapshot!("unreachable", desk.screen());
    let mut desk = Desk::with(80, 24, Vec::new());
    insta::assert_snapshot!("nothing_mine", desk.screen());
    desk.press("/");
    desk.text(" project:lungs");
    desk.list(Vec::new());
    desk.press("Enter");
    insta::assert_snapshot!("nothing_matches", desk.screen());
}

#[test]
fn too_small_is_one_plain_line() {
    assert_eq!(desk(39, 24).screen().trim_end(), "exeat needs 40 columns and 10 rows.");
    assert_eq!(desk(40, 9).screen().trim_end(), "exeat needs 40 columns and 10 rows.");
    assert!(desk(40, 10).screen().contains("exeat"));
    for (w, h) in [(1, 1), (2, 50), (300, 2), (41, 11), (110, 28)] {
        desk(w, h).screen();
    }
}

#[test]
fn the_cursor_is_seen_without_colour_and_findings_with_it() {
    let mut desk = desk(120, 40);
    let buffer = desk.buffer();
    assert_eq!(buffer[(0, 4)].symbol(), ">");
    assert!(buffer[(10, 4)].modifier.contains(Modifier::REVERSED));
    assert!(!buffer[(10, 5)].modifier.contains(Modifier::REVERSED));
    desk.look.theme = by_name("mono").unwrap();
    let buffer = desk.buffer();
    assert!(buffer[(10, 4)].modifier.contains(Modifier::REVERSED));
    for cell in &buffer.content {
        assert_eq!(
            (cell.fg, cell.bg),
            (ratatui::style::Color::Reset, ratatui::style::Color::Reset),
            "mono has no colour"
        );
    }
}
