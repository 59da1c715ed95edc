//! What someone new needs of the screen: names that can be read, keys that tell of the others, ways back, and words that
//! are the same everywhere.

use chrono::TimeDelta;
use exeat::domain::egress::{EgressItem, Severity};
use exeat::inspect::{Body, ColumnFacts, Page};
use exeat::text::Untrusted;
use exeat::tui::app::model::Trouble;
use exeat::tui::app::msg::Me;
use exeat::tui::app::{Action, Msg};

use super::harness::rows::texts;
use super::harness::{AREAS, Desk, columns, file, finding, noon, page, reads_only};

fn files() -> Vec<EgressItem> {
    let mut first = file(1, "tables/readmission_by_ward_and_quarter_midpoint6.csv");
    first.findings = vec![finding("small_count", Severity::Warn, "3 is under 10")];
    vec![first, file(2, "figures/km_curve.png"), file(3, "models/risk.rds")]
}

/// Where each heading begins, from the line of headings.
fn heading(desk: &Desk, title: &str) -> usize {
    desk.line(3).find(title).unwrap_or_else(|| panic!("{title}: {}", desk.screen()))
}

#[test]
fn the_name_has_thirty_cells_and_wider_screens_are_for_votes_and_findings_too() {
    let mut claimed = files();
    claimed[1].claimed_by = Some("checker2".into());
    claimed[1].claimed_until = Some(noon() + TimeDelta::hours(1));
    let mut before = (0, 0);
    for w in [80, 90, 100, 120, 160, 200] {
        for files in [files(), claimed.clone()] {
            let desk = Desk::with(w, 40, files);
            let next = if w < 100 { "VOTES" } else { "SIZE" };
            let (file, next) = (heading(&desk, "FILE"), heading(&desk, next));
            assert!(next > file + 30, "{w}: {}", desk.screen());
        }
        let desk = Desk::with(w, 40, files());
        let votes = heading(&desk, "FINDINGS") - heading(&desk, "VOTES");
        let findings = usize::from(w) - heading(&desk, "FINDINGS");
        assert!(w == 100 || votes >= before.0 && findings >= before.1, "{w}: {votes} {findings} after {before:?}");
        before = (votes, findings);
    }
    assert!(before.0 >= 26 && before.1 >= 30, "{before:?}");
    // The narrower the screen, the more gives way to the name; it never does.
    for w in 40..80 {
        let desk = Desk::with(w, 10, claimed.clone());
        let name: String = desk.line(4).chars().skip(heading(&desk, "FILE")).take(15).collect();
        assert!(name.starts_with("table") && name.contains('…'), "{w}: {}", desk.screen());
    }
}

#[test]
fn help_filter_and_actions_are_on_the_key_bar_whatever_else_fits() {
    for w in 40..170 {
        let mut desk = Desk::with(w, 30, files());
        for keys in ["g", "Enter", "p", "Esc Esc"] {
            desk.press(keys);
            let slash = if desk.page_name() == "preview" { "/ find" } else { "/ filter" };
            for pinned in [slash, "o actions", "? help"] {
                assert!(desk.bar().contains(pinned), "{w} {keys}: {pinned} in {}", desk.bar());
            }
        }
        if w >= 60 {
            desk.press("Space Space");
            assert!(desk.bar().ends_with("2 marked"), "{}", desk.bar());
            assert!(desk.bar().contains("/ filter  o actions") && desk.bar().contains("? help"), "{}", desk.bar());
        }
    }
    assert!(Desk::with(80, 24, files()).bar().contains("a approve  x reject"));
}

#[test]
fn esc_goes_back_to_what_needs_me_and_everything_says_its_order() {
    let mut desk = Desk::with(120, 40, files());
    assert!(desk.line(2).ends_with("longest waiting first"), "{}", desk.line(2));
    desk.press("e");
    desk.list(files());
    assert_eq!(desk.filter(), "");
    assert!(desk.line(2).ends_with("oldest first"), "not all of them wait: {}", desk.line(2));
    desk.press("R");
    desk.list(files());
    assert!(desk.line(2).ends_with("newest first"), "{}", desk.line(2));
    desk.press("R Esc");
    assert_eq!(desk.filter(), "is:mine");
    desk.list(files());
    desk.forget();
    desk.press("Esc");
    assert_eq!(desk.filter(), "is:mine", "there is no view before the first one");
    assert_eq!(desk.asked("page"), []);
    assert!(desk.screen().contains("This is the first view; e shows everything, q leaves."), "{}", desk.screen());
}

fn opened(desk: &mut Desk, part: Page) {
    desk.press("p");
    desk.say(Msg::Previewed { id: 1, sha256: "00000001".repeat(8), answer: Ok(part) });
}

fn wide_table() -> Page {
    let row = |n: usize| (0..12).map(|column| Untrusted::new(format!("v{n}c{column}"))).collect();
    let facts = ColumnFacts { shortest: 4, longest: 6, ..texts(40) };
    let names: Vec<String> = (0..12).map(|n| format!("column{n}")).collect();
    let body = Body::Table {
        columns: columns(names.iter().map(String::as_str), facts),
        rows: (0..40).map(row).collect(),
        first_row: Some(1),
        header: true,
    };
    Page {
        notes: ["separator is a semicolon", "encoding is Windows-1252", "column 7 is empty", "the end"]
            .map(Untrusted::new)
            .into(),
        read_bytes: 1_234_567,
        total_bytes: 1_234_567_890,
        ..page("CSV, 12 columns", body)
    }
}

#[test]
fn the_notes_of_a_preview_wrap_and_none_is_cut() {
    for (w, h) in [(80, 24), (110, 30), (120, 40), (160, 50)] {
        for ascii in [false, true] {
            let mut desk = Desk::with(w, h, files());
            if ascii {
                desk.ascii();
            }
            opened(&mut desk, wide_table());
            let screen = desk.screen();
            for words in ["encoding", "Windows-1252", "empty", "the end", "1234567890", "000000010000"] {
                assert!(screen.contains(words), "{w} {ascii}: {words} in {screen}");
            }
            // What the notes take, the body has not: the rows that count as seen are those on the screen.
            let rows = (0..40).filter(|n| screen.contains(&format!("v{n}c0"))).count();
            assert_eq!(rows, desk.preview_height(), "{w} {ascii}: {screen}");
            desk.wait(400);
            let seen = desk.seen(1);
            assert!(seen.starts_with(&format!("seen {rows} of 40 rows x ")), "{w} {ascii}: {seen}");
        }
    }
}

#[test]
fn what_a_wide_screen_has_more_is_for_the_preview() {
    let width = |w: u16| Desk::with(w, 50, files()).preview_at().w;
    assert!(width(160) >= 90 && width(200) >= 130, "{} {}", width(160), width(200));
}

#[test]
fn the_first_column_stays_while_one_goes_to_the_right() {
    for (w, h) in [(80, 24), (120, 40)] {
        let mut desk = Desk::with(w, h, files());
        opened(&mut desk, wide_table());
        assert!(desk.screen().contains("column0") && desk.screen().contains("column1 "));
        desk.press("L L L");
        let screen = desk.screen();
        let heads = screen.lines().find(|line| line.contains("column0")).unwrap();
        let row = screen.lines().find(|line| line.contains("v0c0")).unwrap();
        assert!(!heads.contains("column1 ") && !heads.contains("column3") && heads.contains("column4"), "{screen}");
        let at = |line: &str, text: &str| line.split_once(text).unwrap().0.chars().count();
        assert_eq!(at(heads, "column4"), at(row, "v0c4"), "under its heading: {screen}");
        for _ in 0..20 {
            desk.press("L");
        }
        let screen = desk.screen();
        assert!(screen.contains("column0") && screen.contains("column11"), "the last one: {screen}");
        desk.press("H");
        assert!(desk.screen().contains("column10"), "and one step back is one column back");
    }
}

#[test]
fn a_detail_is_not_scrolled_further_than_it_goes() {
    for ascii in [false, true] {
        let mut first = files().remove(0);
        first.findings =
            (0..30).map(|n| finding(&format!("rule_{n}"), Severity::Warn, &format!("« {n} » is under ten"))).collect();
        let mut desk = Desk::with(80, 24, vec![first, file(2, "b.csv")]);
        if ascii {
            desk.ascii();
        }
        desk.press("Enter");
        desk.close_preview();
        for _ in 0..60 {
            desk.press("ctrl-d");
        }
        let full = |desk: &Desk| desk.screen().lines().skip(2).take(20).filter(|line| !line.is_empty()).count();
        assert_eq!(full(&desk), 20, "{}", desk.screen());
        assert!(desk.screen().contains("sha256"), "its end is in sight: {}", desk.screen());
        let before = desk.screen();
        desk.press("ctrl-u");
        assert_ne!(desk.screen(), before, "and the first step back is one");
    }
}

#[test]
fn a_claim_is_called_a_claim_everywhere() {
    let mut claimed = files();
    claimed[1].claimed_by = Some("checker2".into());
    claimed[1].claimed_until = Some(noon() + TimeDelta::hours(1));
    let mut desk = Desk::with(120, 40, claimed);
    assert!(desk.line(3).contains("CLAIMED") && desk.line(5).contains("checker2"), "{}", desk.screen());
    desk.press("j");
    assert!(desk.screen().contains("Claimed   checker2 is looking at it"), "{}", desk.screen());
    desk.press("/ ctrl-u");
    desk.text("is:cl");
    desk.press("Tab Enter");
    assert_eq!(desk.filter(), "is:claimed");
    let asked = desk.asked("page").pop().unwrap();
    assert_eq!((asked.area, &asked.with["filter"]), ("egress", &serde_json::json!({ "claimed": true })));
    desk.press("o");
    assert!(desk.screen().contains(" t       claim "), "{}", desk.screen());
}

#[test]
fn live_without_a_worker_says_so() {
    let mut desk = Desk::with(80, 24, files());
    assert!(desk.line(0).contains(" live  09:41 UTC"), "{}", desk.line(0));
    desk.say(Msg::Trouble(Some(Trouble { lacks: "no worker", why: "No worker is alive.".into() })));
    assert!(desk.line(0).contains(" live, no worker  09:41 UTC"), "{}", desk.line(0));
    desk.say(Msg::Trouble(None));
    assert!(desk.line(0).contains(" live  09:41 UTC"), "{}", desk.line(0));
}

#[test]
fn an_empty_list_says_why_to_who_has_no_part_in_it() {
    let say = |me: Me, tab: &str, all: u64| {
        let mut desk = Desk::fresh(80, 24);
        desk.sign(me);
        desk.press(tab);
        desk.list(Vec::new());
        let total = |counted| exeat::domain::page::Total { counted, more: false };
        desk.counted(total(0), total(all));
        desk.hush();
        desk.screen().lines().skip(4).take(8).map(str::trim).collect::<Vec<_>>().join(" ").trim().to_owned()
    };
    let me = |roles: &str, lacks: &[&str], reads: &[&str]| reads_only("one", roles, lacks, reads);
    assert_eq!(
        say(me("manager of heart", &AREAS, &[]), "g", 0),
        "There are no files that you may see yet. You are manager of heart: files are read by the checkers and researchers of \
         their project, by auditors and administrators."
    );
    let none = "There are no files that you may see yet.";
    assert_eq!(say(me("auditor", &AREAS, &["egress"]), "g", 0), none, "who may read them is told no more");
    let checker = me("checker of heart", &["requests", "grants"], &["egress"]);
    assert_eq!(
        say(checker.clone(), "g", 95),
        "Nothing needs you now. 95 files are hidden by is:mine; e shows everything."
    );
    assert!(say(checker, "2", 0).ends_with(
        "You are checker of heart: requests are read by data stewards, auditors, administrators and whoever made them."
    ));
}

#[test]
fn keys_for_what_there_is_not_are_not_shown() {
    let mut one = Desk::of_one_tab(80, 24);
    let shown = |desk: &mut Desk| {
        desk.press("?");
        let keys = desk.help().into_iter().filter_map(|(keys, ..)| keys).collect::<Vec<_>>();
        desk.press("Esc");
        keys
    };
    let keys = shown(&mut one);
    assert!(!keys.iter().any(|key| ["1", "2", "3", "4", "Tab"].contains(&key.as_str())), "{keys:?}");
    let mut all = Desk::with(80, 24, files());
    let keys = shown(&mut all);
    for key in ["1", "2", "3", "4", "Tab", "]"] {
        assert!(keys.iter().any(|have| have == key), "{key} in {keys:?}");
    }
    assert!(!keys.iter().any(|key| key == "5"), "there are four: {keys:?}");
    // No finding, no way to the next one.
    assert!(all.why_not(Action::NextFinding).is_none());
    all.press("j");
    assert!(all.why_not(Action::NextFinding).is_some() && !all.bar().contains("finding"), "{}", all.bar());
    all.press("2");
    let keys = shown(&mut all);
    assert!(!keys.iter().any(|key| ["]", "[", "ctrl-f", "L", "H"].contains(&key.as_str())), "{keys:?}");
    assert!(keys.iter().any(|key| key == "J"), "the pane is scrolled");
}
