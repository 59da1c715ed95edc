//! Every state of the screen, from one table: at 80×24 and 120×40, without colour, in ASCII, on the smallest screen and on
//! screens that are too small. A snapshot has one state; runs of empty lines are counted, not shown.

use chrono::TimeDelta;
use exeat::domain::case::CaseState;
use exeat::domain::egress::{EgressItem, Severity};
use exeat::domain::refusal::Refusal;
use exeat::inspect::{Body, ColumnFacts, ColumnKind, Encoding, Line};
use exeat::text::Untrusted;
use exeat::tui::app::hints::Gone;
use exeat::tui::app::jobs::News;
use exeat::tui::app::layers::{CommentLine, Facts, HistoryLine, VoteLine};
use exeat::tui::app::model::Trouble;
use exeat::tui::app::row::Kind;
use exeat::tui::app::{Cmd, Msg};
use exeat::tui::ui::by_name;
use ratatui::style::Color;

use super::access_rows::{asking, grants, steward};
use super::harness::{Desk, columns, done, file, finding, noon, page};
use super::tasks::parts;

type Make = fn(u16, u16) -> Desk;

/// The states: a name, and a desk that is in it.
const STATES: &[(&str, Make)] = &[
    ("loading", |w, h| Desk::fresh(w, h)),
    ("unreachable", |w, h| {
        let mut desk = Desk::fresh(w, h);
        desk.say(Msg::Lost(
            "PostgreSQL does not answer at the socket /run/x/.s.PGSQL.5432: see whether it runs.".into(),
        ));
        desk
    }),
    ("connection_lost", |w, h| {
        let mut desk = files(w, h);
        desk.say(Msg::Lost("PostgreSQL closed the connection.".into()));
        desk
    }),
    ("nothing_needs_me", |w, h| Desk::with(w, h, Vec::new())),
    ("nothing_matches", |w, h| {
        let mut desk = files(w, h);
        desk.press("/ ctrl-u");
        desk.text("project:lungs");
        desk.list(Vec::new());
        desk.press("Enter");
        desk
    }),
    ("filter_wrong", |w, h| {
        let mut desk = files(w, h);
        desk.press("/");
        desk.text(" sie>10M");
        desk
    }),
    ("filter_offers", |w, h| {
        let mut desk = files(w, h);
        desk.press("/ ctrl-u");
        desk.text("state:pe");
        desk
    }),
    ("table", files),
    ("submissions", together),
    ("folded", |w, h| {
        let mut desk = together(w, h);
        desk.press("Z");
        desk
    }),
    ("marks", |w, h| {
        let mut desk = files(w, h);
        desk.press("Space Space");
        desk.list(list().into_iter().skip(1).collect());
        desk
    }),
    ("hints", |w, h| {
        let mut desk = files(w, h);
        desk.say(Msg::Hints(Gone::new()));
        desk
    }),
    ("no_worker", |w, h| {
        let mut desk = files(w, h);
        let why =
            "No worker is alive: nothing can be looked into, released or downloaded until one runs (exeat worker).";
        desk.say(Msg::Trouble(Some(Trouble { lacks: "no worker", why: why.into() })));
        desk
    }),
    ("held", |w, h| {
        let mut desk = files(w, h);
        desk.press("a y");
        let sent = desk.decisions();
        let [Cmd::Decide { orders, .. }] = sent.as_slice() else { panic!("{sent:?}") };
        desk.say(Msg::Done { command: orders[0].command, answer: Ok(done("You approved it for trusted.")) });
        let mut item = list().remove(0);
        item.row_version += 1;
        item.state = CaseState::Approved;
        let view = item.destinations.get_mut("trusted").unwrap();
        (view.state, view.count) = (CaseState::Approved, 2);
        view.by.push("checker1".into());
        view.held_until = Some(desk.model.now + TimeDelta::seconds(30));
        view.why_not.insert("undo".into(), None);
        desk.say(Msg::Rows(vec![item.into()]));
        desk
    }),
    ("detail", |w, h| {
        let mut desk = files(w, h);
        desk.press("Enter");
        csv(&mut desk);
        desk
    }),
    ("preview_opening", |w, h| looking(w, h)),
    ("preview_csv", |w, h| {
        let mut desk = looking(w, h);
        csv(&mut desk);
        desk
    }),
    ("preview_text", |w, h| {
        let mut desk = looking(w, h);
        let line = |number: Option<u64>, text: &str| Line { text: text.into(), continues: number.is_none(), number };
        let body = vec![
            line(Some(1), "Model   1: \u{1b}[31mred\u{202e} and \u{200b}hidden"),
            line(
                Some(2),
                "coef  0.812  a long line that goes on and on and on and on and on and on and on and on and on",
            ),
            line(None, "and on, for it is very long"),
            line(Some(3), "wörds übér ASCII: 漢字"),
        ];
        part(&mut desk, "text, 3 lines", Body::Lines { first_line: Some(1), lines: body, encoding: Encoding::Utf8 });
        desk
    }),
    ("preview_hex", |w, h| {
        let mut desk = looking(w, h);
        part(&mut desk, "binary", Body::Hex { offset: 0, bytes: (0..80).map(|n| n * 3).collect() });
        desk
    }),
    ("preview_nothing", |w, h| {
        let mut desk = looking(w, h);
        part(
            &mut desk,
            "PNG picture, 800 x 600",
            Body::Nothing { reason: "A picture cannot be shown in a terminal.".to_owned() },
        );
        desk
    }),
    ("preview_failed", |w, h| {
        let mut desk = looking(w, h);
        let why = "The store does not answer at http://127.0.0.1:9000: see whether it runs.".into();
        desk.say(Msg::Previewed { id: 1, sha256: "00000001".repeat(8), answer: Err(why) });
        desk
    }),
    ("preview_refused", |w, h| {
        let mut first = list().remove(0);
        let why = "The file is larger than the policy lets one look into (2.0 G).";
        let view = first.destinations.get_mut("trusted").unwrap();
        view.why_not.insert("preview".into(), Some(Refusal { code: "too_large".into(), message: why.into() }));
        let mut desk = Desk::with(w, h, vec![first]);
        desk.press("p");
        desk
    }),
    ("find_in_preview", |w, h| {
        let mut desk = looking(w, h);
        csv(&mut desk);
        desk.press("ctrl-f");
        desk.text("war");
        desk
    }),
    ("approve", |w, h| pressed(w, h, "a")),
    ("reject", |w, h| pressed(w, h, "x")),
    ("request_changes", |w, h| pressed(w, h, "X ctrl-n")),
    ("reject_several", |w, h| pressed(w, h, "Space Space x")),
    ("results", |w, h| {
        let mut desk = pressed(w, h, "Space Space a");
        desk.text("2");
        desk.press("Enter y");
        let sent = desk.decisions();
        let [Cmd::Decide { orders, .. }] = sent.as_slice() else { panic!("{sent:?} {}", desk.screen()) };
        desk.say(Msg::Done { command: orders[0].command, answer: Ok(done("You approved it for trusted.")) });
        let mut no = done("checker2 rejected it 4 s ago: \"counts in row 2\".");
        no.ok = false;
        desk.say(Msg::Done { command: orders[1].command, answer: Ok(no) });
        desk
    }),
    ("comment", |w, h| {
        let mut desk = pressed(w, h, "c");
        desk.text("please round");
        desk
    }),
    ("menu", |w, h| pressed(w, h, "o")),
    ("palette", |w, h| {
        let mut desk = pressed(w, h, ":");
        desk.text("nxu");
        desk
    }),
    ("history", |w, h| pressed(w, h, "v")),
    ("columns", |w, h| pressed(w, h, "C j Space")),
    ("help", |w, h| pressed(w, h, "?")),
    ("help_searched", |w, h| {
        let mut desk = pressed(w, h, "? /");
        desk.text("preview");
        desk
    }),
    ("tasks", |w, h| {
        let mut item = file(1, "a.csv");
        item.destinations.get_mut("trusted").unwrap().why_not.insert("download".into(), None);
        let mut desk = Desk::with(w, h, vec![item]);
        desk.press("d T");
        desk.say(Msg::Job(1, News::Far(450, 1000)));
        desk.say(Msg::Status(parts()));
        desk
    }),
    ("requests", steward),
    ("request", |w, h| {
        let mut desk = steward(w, h);
        desk.press("Enter");
        desk
    }),
    ("allow", |w, h| {
        let mut desk = steward(w, h);
        desk.press("a");
        desk
    }),
    ("deny", |w, h| {
        let mut desk = steward(w, h);
        desk.press("x");
        desk
    }),
    ("grants", grants),
    ("grant", |w, h| {
        let mut desk = grants(w, h);
        desk.press("Enter");
        desk
    }),
    ("revoke", |w, h| {
        let mut desk = grants(w, h);
        desk.press("x");
        desk
    }),
    ("my_requests", asking),
];

fn list() -> Vec<EgressItem> {
    let mut first = file(1, "tables/readmission_by_ward.csv");
    first.findings = vec![
        finding("small_count", Severity::Warn, "3 is under 10"),
        finding("small_count", Severity::Stop, "4 is under 10"),
    ];
    let mut hostile = file(2, "figures/\u{1b}[2J\u{202e}gpj.exe\u{200b}");
    hostile.purpose = Untrusted::new("line one\nline two \u{9b}31m");
    hostile.claimed_by = Some("checker2".into());
    hostile.claimed_until = Some(noon() + TimeDelta::hours(1));
    vec![first, hostile, released(3)]
}

/// A file that is out.
pub(super) fn released(id: i64) -> EgressItem {
    let mut item = file(id, "models/risk.rds");
    item.state = CaseState::Released;
    item.destinations.get_mut("trusted").unwrap().state = CaseState::Released;
    item
}

fn facts() -> Facts {
    let at = noon() - TimeDelta::hours(20);
    let vote = VoteLine {
        destination: "trusted".into(),
        voter: "checker2".into(),
        kind: "approve".into(),
        comment: Untrusted::new("fine by me"),
        at,
        counted: true,
    };
    let comment = CommentLine {
        author: "checker2".into(),
        body: Untrusted::new("is row 2 rounded?\nit does not look so"),
        internal: true,
        at,
    };
    let step = HistoryLine {
        at,
        who: "checker2".into(),
        did: Untrusted::new("approved it for trusted"),
        said: Untrusted::new("fine by me"),
        changed: true,
    };
    Facts { votes: vec![vote], comments: vec![comment], history: vec![step], access: None }
}

fn files(w: u16, h: u16) -> Desk {
    let mut desk = Desk::with(w, h, list());
    desk.model.promised = Some(TimeDelta::days(4));
    desk.say(Msg::Facts(Kind::Egress, 1, Ok(facts())));
    desk
}

fn together(w: u16, h: u16) -> Desk {
    let of = |submission, id, key: &str| EgressItem { submission, ..file(id, key) };
    let second = |id, key| EgressItem { turn: 2, purpose: Untrusted::new("Rounded as asked"), ..of(9, id, key) };
    let files = vec![
        of(7, 1, "tables/a.csv"),
        of(7, 2, "tables/b.csv"),
        of(7, 3, "tables/c.csv"),
        of(8, 4, "alone.csv"),
        second(5, "round/x.csv"),
        second(6, "round/y.csv"),
    ];
    Desk::with(w, h, files)
}

fn pressed(w: u16, h: u16, keys: &str) -> Desk {
    let mut desk = files(w, h);
    desk.press(keys);
    desk
}

/// On the preview: beside the table where there is room, else alone.
fn looking(w: u16, h: u16) -> Desk {
    pressed(w, h, "p")
}

fn part(desk: &mut Desk, fact: &str, body: Body) {
    desk.say(Msg::Previewed { id: 1, sha256: "00000001".repeat(8), answer: Ok(page(fact, body)) });
}

fn csv(desk: &mut Desk) {
    let cells = |row: &[&str]| row.iter().map(|cell| Untrusted::new(*cell)).collect::<Vec<_>>();
    let number = ColumnFacts { kind: ColumnKind::Number, values: 2, shortest: 1, longest: 4, ..ColumnFacts::default() };
    let text = ColumnFacts { kind: ColumnKind::Text, longest: 240, missing: 1, values: 1, ..number };
    let columns = [columns(["ward"], text), columns(["n", "deaths", "rate"], number)].concat();
    let rows = vec![cells(&["A", "120", "14", "11.7"]), cells(&["B \u{1b}]0;x\u{7}", "43", "3", "7.0"])];
    part(desk, "CSV, 4 columns", Body::Table { columns, rows, first_row: Some(1), header: true });
}

/// The screen, with each run of more than two empty lines as their number.
fn shown(desk: &Desk) -> String {
    let screen = desk.screen();
    let lines: Vec<&str> = screen.lines().collect();
    let mut text = String::new();
    for run in lines.chunk_by(|one, next| one.is_empty() && next.is_empty()) {
        if run.len() > 2 {
            text += &format!("({} empty lines)\n", run.len());
        } else {
            for line in run {
                text += &format!("{line}\n");
            }
        }
    }
    text
}

#[test]
fn each_state_at_each_size_and_in_ascii() {
    for (name, make) in STATES {
        let mut ascii = make(80, 24);
        ascii.ascii();
        let (narrow, wide) = (make(80, 24), make(120, 40));
        let text =
            format!("80 x 24\n{}\n120 x 40\n{}\n80 x 24, ASCII\n{}", shown(&narrow), shown(&wide), shown(&ascii));
        insta::assert_snapshot!(*name, text);
        let mut wide_ascii = make(120, 40);
        wide_ascii.ascii();
        for (desk, w) in [(&ascii, 80), (&wide_ascii, 120)] {
            let screen = desk.screen();
            assert!(screen.is_ascii(), "{name}: {screen}");
            assert!(screen.lines().all(|line| line.len() <= w), "{name}");
        }
    }
}

#[test]
fn no_state_needs_colour() {
    for (name, make) in STATES {
        for (w, h) in [(80, 24), (120, 40)] {
            let mut desk = make(w, h);
            let coloured = desk.screen();
            desk.look.theme = by_name("mono").unwrap();
            assert_eq!(desk.screen(), coloured, "{name}: the words are the same");
            for cell in &desk.buffer().content {
                assert_eq!((cell.fg, cell.bg), (Color::Reset, Color::Reset), "{name}: mono has no colour");
            }
        }
    }
}

#[test]
fn each_state_on_the_smallest_screen_and_on_smaller_ones() {
    let too_small = "exeat needs 40 columns and 10 rows.";
    for (name, make) in STATES {
        // What lies over the page may cover all of it but the key bar.
        let screen = make(40, 10).screen();
        let head = screen.lines().next().unwrap();
        assert!(head.starts_with(" exeat ") || head.contains('┌'), "{name}: {screen}");
        assert!(screen.lines().nth(9).unwrap().contains("help") || name.starts_with("help"), "{name}: {screen}");
        // Made where there was room, then made small: nothing panics, and one plain line says what is missing.
        for (w, h) in [(39, 9), (39, 24), (80, 9), (1, 1), (2, 50)] {
            let mut desk = make(80, 24);
            desk.say(Msg::Resize(w, h));
            let line = desk.screen();
            assert_eq!(line.lines().count(), usize::from(h), "{name}");
            let text = line.trim_end();
            assert!(text == too_small || w < 35 && text.lines().count() == 1, "{name} {w}x{h}: {line}");
            desk.press("j Esc q");
            desk.say(Msg::Resize(80, 24));
            assert!(desk.screen().starts_with(" exeat ") || desk.screen().starts_with('┌'), "{name}");
        }
    }
}
