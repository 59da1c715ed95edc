//! Who the desk is for: a requester is offered nothing that only reviewers do, an auditor reads and changes nothing, one
//! person may be steward and checker.

use exeat::domain::access::{AccessRequest, Grant, GrantState, RequestStatus};
use exeat::domain::refusal::Refusal;
use exeat::tui::app::actions::{ACTIONS, Action};
use exeat::tui::app::msg::Me;
use exeat::tui::app::{Msg, Row};
use serde_json::json;

use super::harness::access::{HEART, asking, defaults, facts, grant, grants, list, request, steward};
use super::harness::{AREAS, Desk, file, me, noon, reader};

/// Rows of an area for a reader whom the database lets do nothing with them.
fn closed(area: &str) -> Row {
    let no = || Some(Refusal { code: "not_steward".into(), message: "Only data stewards may (steward1).".into() });
    match area {
        "egress" => {
            let mut item = file(1, "a.csv");
            for view in item.destinations.values_mut() {
                view.why_not.values_mut().for_each(|why| *why = no());
            }
            Row::from(item)
        }
        "requests" => {
            let mut item = AccessRequest { internal: None, ..request(1) };
            item.why_not.values_mut().for_each(|why| *why = no());
            Row::from(item)
        }
        _ => {
            let mut item = Grant { internal: None, ..grant(25, -200, 160, GrantState::Active) };
            item.why_not.values_mut().for_each(|why| *why = no());
            Row::from(item)
        }
    }
}

/// A desk of who decides on nothing, on a tab with one row.
fn reading(asks: bool, area: &str, w: u16, h: u16) -> Desk {
    let mut desk = Desk::fresh(w, h);
    let (login, roles) = if asks { ("researcher1", "researcher of heart") } else { ("auditor1", "auditor") };
    desk.sign(reader(login, roles, asks));
    let at = AREAS.iter().position(|name| *name == area).unwrap();
    desk.press(&(at + 1).to_string());
    assert_eq!(desk.area(), area);
    desk.rows(vec![closed(area)]);
    desk
}

/// The rows whose facts were asked for, each with its area.
fn facts_asked(desk: &mut Desk) -> Vec<(&'static str, i64)> {
    desk.asked("facts").iter().map(|asked| (asked.area, asked.with.as_i64().unwrap())).collect()
}

/// What key bar, menu, help and palette offer.
fn offered(desk: &Desk) -> Vec<Action> {
    let mut helped = desk.again();
    helped.press("?");
    let lines = helped.help();
    let helped = ACTIONS.iter().filter(|entry| lines.iter().any(|(_, text, _)| text == entry.help));
    let menu = desk.menu().into_iter().map(|(entry, _)| entry.action);
    helped.map(|entry| entry.action).chain(desk.palette()).chain(menu).collect()
}

#[test]
fn who_decides_on_nothing_is_offered_no_decision() {
    let never = [
        Action::Approve,
        Action::Reject,
        Action::Changes,
        Action::Claim,
        Action::Edit,
        Action::InternalNote,
        Action::NoteToRequester,
    ];
    for asks in [true, false] {
        for area in AREAS {
            for (w, h) in [(80, 24), (120, 40), (240, 40)] {
                let mut desk = reading(asks, area, w, h);
                let offered = offered(&desk);
                for action in never {
                    assert!(!offered.contains(&action), "{action:?} on {area}");
                }
                assert_eq!(offered.contains(&Action::Comment), area == "egress", "{area}");
                assert!(offered.contains(&Action::Ask) && offered.contains(&Action::Filter));
                let bar = desk.bar();
                for word in
                    ["approve", "reject", "allow", "deny", "revoke", "edit", "extend", "note to them", "internal"]
                {
                    assert!(!bar.contains(word), "{word}: {bar}");
                }
                assert_eq!(bar.contains("+ ask for access"), area != "egress", "{bar}");
                // The key itself says who could; nothing goes out.
                desk.press("a");
                assert!(desk.is_clear() && desk.sent().is_empty(), "{area}");
                desk.press("o");
                assert!(!desk.screen().contains("internal note"), "{}", desk.screen());
            }
        }
    }
}

#[test]
fn an_auditor_reads_all_and_no_key_changes_anything() {
    for area in AREAS {
        let mut desk = reading(false, area, 120, 40);
        let home = if area == "grants" { "state:active,upcoming" } else { "" };
        assert_eq!(desk.filter(), home, "nothing ever waits for an auditor: the first view has all");
        for entry in
            ACTIONS.iter().filter(|entry| !matches!(entry.action, Action::Quit | Action::Ask | Action::Refresh))
        {
            for key in entry.keys.iter().filter(|key| !key.starts_with(char::is_numeric) && **key != "Tab") {
                desk.press(key);
                desk.press("Tab y Enter y ctrl-s");
                while !desk.is_clear() {
                    desk.press("Esc");
                }
            }
            if desk.ids().is_empty() {
                desk.rows(vec![closed(area)]);
            }
        }
        assert_eq!(desk.sent(), []);
        assert_eq!(desk.asked("download"), []);
    }
}

#[test]
fn a_requesters_first_files_are_their_own() {
    let mut desk = Desk::fresh(120, 40);
    desk.say(Msg::Signed(reader("researcher1", "", true)));
    assert_eq!(desk.filter(), "by:researcher1");
    let asked = desk.asked("page").pop().unwrap();
    assert_eq!((asked.area, &asked.with["filter"]), ("egress", &json!({ "by": ["researcher1"] })));
    desk.press("e m");
    assert_eq!(desk.filter(), "by:researcher1", "and m comes back to them");
}

#[test]
fn a_steward_who_is_a_checker_too_decides_on_every_tab() {
    let mut desk = Desk::with(120, 40, vec![file(1, "a.csv")]);
    desk.say(Msg::Signed(Me { roles: "checker of heart; steward".into(), ..me("both1") }));
    assert_eq!((desk.area(), desk.filter().as_str()), ("egress", "is:mine"));
    desk.press("a y");
    desk.sent_one("cast_vote");
    desk.press("2");
    assert_eq!(desk.filter(), "is:mine");
    desk.rows(vec![Row::from(request(1))]);
    desk.press("a y");
    desk.sent_one("allow_request");
    desk.press("3");
    desk.rows(vec![Row::from(grant(25, -200, 160, GrantState::Active))]);
    desk.press("x ctrl-n Enter y");
    desk.sent_one("revoke_grant");
}

/// On a small screen nothing was read for the table alone: the dialog and the timeline ask for it.
#[test]
fn what_remains_and_the_timeline_are_read_on_a_small_screen_too() {
    for keys in ["x", "p", "Enter p"] {
        let mut desk = grants(80, 24);
        desk.forget_facts();
        desk.forget();
        desk.press("j k");
        assert_eq!(facts_asked(&mut desk), [], "the table needs none");
        desk.press(keys);
        assert_eq!(facts_asked(&mut desk).last(), Some(&("grants", 25)), "{keys}");
        desk.facts("grants", 25, facts());
        let screen = desk.screen();
        let says = if keys == "x" { "no access now; upcoming grants: 1" } else { "access now: yes, until 30 Apr 2027" };
        assert!(screen.contains(says), "{screen}");
    }
}

/// A grant of the pair that changed anywhere makes what is said of access be read again, on both tabs.
#[test]
fn another_grant_of_the_pair_changes_what_is_said_of_access() {
    for (mut desk, here, other) in [(steward(120, 40), "requests", "grants"), (grants(120, 40), "grants", "requests")] {
        let id = desk.here();
        for area in [here, other] {
            desk.forget();
            desk.changed(area, &[4711]);
            assert_eq!(facts_asked(&mut desk), [(here, id)], "{area} changed while {here} is shown");
        }
        desk.changed("egress", &[4711]);
        assert_eq!(facts_asked(&mut desk), []);
    }
}

#[test]
fn a_dataset_that_changes_or_goes_closes_the_dialog_and_says_so() {
    let changed = |change: fn(&mut AccessRequest)| {
        let mut desk = steward(120, 40);
        desk.press("a");
        assert!(desk.title().is_some_and(|title| title.starts_with("Allow ")), "{:?}", desk.title());
        let mut newer = AccessRequest { row_version: 5, ..request(1) };
        change(&mut newer);
        desk.read_again(vec![Row::from(newer)]);
        assert!(desk.is_clear());
        let said = desk.toast();
        desk.press("y");
        assert_eq!(desk.sent(), []);
        said
    };
    let gone = changed(|item| item.dataset_removed = true);
    assert!(gone.contains(": nothing was done, meanwhile its dataset is no longer offered"), "{gone}");
    let other = changed(|item| item.dataset_title = exeat::text::Untrusted::new("Heart atlas, second edition"));
    assert!(other.contains(": nothing was done, meanwhile its dataset was changed"), "{other}");
}

/// The same for who is just asking for it: nothing is lost, and the answer names the dataset.
#[test]
fn a_dataset_that_goes_while_it_is_asked_for_keeps_the_draft() {
    let mut desk = asking(120, 40);
    desk.press("+");
    desk.say(Msg::Defaults(HEART.into(), Ok(defaults())));
    desk.text("For the paper.");
    desk.press("Tab Tab Enter y");
    let sent = desk.sent_one("new_request");
    desk.refuse(sent.id, "Dataset not found: nothing with that accession is offered here.");
    assert!(desk.screen().contains("Dataset not found: nothing with that accession"), "{}", desk.screen());
    assert!(desk.asked("keep_request_draft").iter().all(|kept| !kept.with.is_null()));
    desk.press("+");
    assert!(desk.screen().contains("For the paper."), "{}", desk.screen());
    let unknown = "Dataset not found: nothing with that accession is offered here.";
    desk.say(Msg::Defaults(HEART.into(), Err(unknown.into())));
    assert!(desk.screen().contains(unknown), "and the field says it at once: {}", desk.screen());
}

/// What a form starts from is asked for again when a lost connection is back; until then nothing is said to be wrong.
#[test]
fn a_form_opened_while_the_connection_is_lost_goes_on_when_it_is_back() {
    let mut desk = asking(120, 40);
    desk.lose();
    desk.press("+");
    desk.forget();
    desk.say(Msg::Live);
    let again: Vec<_> = desk.asked("defaults").into_iter().map(|asked| asked.with).collect();
    assert_eq!((desk.asked("datasets").len(), again), (1, vec![json!(HEART)]));
    desk.say(Msg::Defaults(HEART.into(), Ok(defaults())));
    desk.lose();
    desk.say(Msg::Live);
    assert_eq!(desk.asked("defaults"), [], "what came stays");
}

/// On what was decided nothing is open but what stewards say among themselves.
#[test]
fn a_decided_request_takes_an_internal_note_and_no_other() {
    let mut desk = steward(120, 40);
    let mut item = AccessRequest { status: RequestStatus::Denied, status_changed: Some(noon()), ..request(1) };
    let why = Refusal { code: "decided".into(), message: "steward2 denied it.".into() };
    for command in ["allow", "deny", "edit", "claim"] {
        item.why_not.insert(command.into(), Some(why.clone()));
    }
    desk.press("e");
    desk.rows(vec![Row::from(item)]);
    assert!(desk.screen().contains("You may   internal note · comment"), "{}", desk.screen());
    for key in ["a", "x", "E", "w", "t"] {
        desk.press(key);
        assert!(desk.is_clear(), "{key}");
        assert_eq!(desk.toast(), "steward2 denied it.");
    }
    desk.press("i");
    desk.text(" later");
    desk.press("ctrl-s");
    let sent = desk.sent_one("edit_request");
    assert_eq!(sent.request["changes"], json!({ "internal_note": "ask the committee later" }));
}

/// The site's own reasons stand in place of the desk's, and can be changed before they are sent.
#[test]
fn reasons_at_hand_come_from_the_configuration_and_can_be_edited() {
    let mut desk = steward(120, 40);
    desk.usual("deny", &["No ethics vote.", "Ask the PI."]);
    desk.press("x ctrl-n ctrl-n");
    desk.text(" Please.");
    desk.press("Enter y");
    assert_eq!(desk.sent_one("deny_request").text("reason"), "Ask the PI. Please.");
    desk.usual("revoke", &["Contract over."]);
    desk.press("3");
    list(&mut desk, vec![Row::from(grant(25, -200, 160, GrantState::Active))]);
    desk.press("x ctrl-n");
    assert!(desk.screen().contains("Contract over."), "{}", desk.screen());
    let mut desk = steward(120, 40);
    desk.press("x");
    desk.shows("usual reasons");
    desk.press("ctrl-n Enter y");
    assert!(!desk.sent_one("deny_request").text("reason").is_empty(), "and without a configuration there are some");
}
