//! The states a screen can be in, each a desk that was brought there by keys and messages. Drawn by `states`.

use chrono::TimeDelta;
use exeat::domain::case::CaseState;
use exeat::domain::egress::{EgressItem, Severity};
use exeat::domain::refusal::Refusal;
use exeat::inspect::{Body, ColumnFacts, Encoding, Line};
use exeat::text::Untrusted;
use exeat::tui::app::Msg;
use exeat::tui::app::model::Trouble;
use exeat::tui::app::msg::Gone;
use exeat::tui::app::state::job::News;

use super::harness::access::{asking, grants, steward};
use super::harness::rows::{numbers, released, spoken_of, texts};
use super::harness::{Desk, columns, file, finding, noon, page};
use super::tasks::parts;

type Make = fn(u16, u16) -> Desk;

/// The states: a name, and a desk that is in it.
pub const STATES: &[(&str, Make)] = &[
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
        let sent = desk.sent_one("cast_vote");
        desk.answer(sent.id, "You approved it for trusted.");
        let mut item = list().remove(0);
        item.row_version += 1;
        item.state = CaseState::Approved;
        let view = item.destinations.get_mut("trusted").unwrap();
        (view.state, view.count) = (CaseState::Approved, 2);
        view.by.push("checker1".into());
        view.held_until = Some(desk.now() + TimeDelta::seconds(30));
        view.why_not.insert("undo".into(), None);
        desk.read_again(vec![item.into()]);
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
        let sent = desk.sent();
        assert_eq!(sent.len(), 2, "{}", desk.screen());
        desk.answer(sent[0].id, "You approved it for trusted.");
        desk.refuse(sent[1].id, "checker2 rejected it 4 s ago: \"counts in row 2\".");
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

fn files(w: u16, h: u16) -> Desk {
    let mut desk = Desk::with(w, h, list());
    desk.promise(TimeDelta::days(4));
    desk.facts("egress", 1, spoken_of());
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
    let number = ColumnFacts { shortest: 1, longest: 4, ..numbers(2) };
    let text = ColumnFacts { shortest: 1, longest: 240, missing: 1, ..texts(1) };
    let columns = [columns(["ward"], text), columns(["n", "deaths", "rate"], number)].concat();
    let rows = vec![cells(&["A", "120", "14", "11.7"]), cells(&["B \u{1b}]0;x\u{7}", "43", "3", "7.0"])];
    part(desk, "CSV, 4 columns", Body::Table { columns, rows, first_row: Some(1), header: true });
}
