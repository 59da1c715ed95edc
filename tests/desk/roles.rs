//! Who the desk is for: a requester is offered nothing that only reviewers do, an auditor reads and changes nothing, one
//! person may be steward and checker.

use exeat::domain::access::{AccessRequest, Grant, GrantState, RequestStatus};
use exeat::domain::refusal::Refusal;
use exeat::tui::app::actions::{ACTIONS, Action};
use exeat::tui::app::form::What;
use exeat::tui::app::help::{Help, Place};
use exeat::tui::app::keys::menu_entries;
use exeat::tui::app::layers::{Layer, Page};
use exeat::tui::app::msg::Me;
use exeat::tui::app::row::Kind;
use exeat::tui::app::{Cmd, Model, Msg, Row};

use super::access_rows::{asking, deeds, defaults, facts, grant, grants, list, request, steward};
use super::harness::{Desk, done, file, noon};

const ALL: [Kind; 3] = [Kind::Egress, Kind::Request, Kind::Grant];

/// Rows of a kind for a reader whom the database lets do nothing with them.
fn closed(kind: Kind) -> Row {
    let no = || Some(Refusal { code: "not_steward".into(), message: "Only data stewards may (steward1).".into() });
    match kind {
        Kind::Egress => {
            let mut item = file(1, "a.csv");
            for view in item.destinations.values_mut() {
                view.why_not.values_mut().for_each(|why| *why = no());
            }
            Row::from(item)
        }
        Kind::Request => {
            let mut item = AccessRequest { internal: None, ..request(1) };
            item.why_not.values_mut().for_each(|why| *why = no());
            Row::from(item)
        }
        Kind::Grant => {
            let mut item = Grant { internal: None, ..grant(25, -200, 160, GrantState::Active) };
            item.why_not.values_mut().for_each(|why| *why = no());
            Row::from(item)
        }
    }
}

/// A desk of who decides on nothing, on a tab with one row.
fn reader(asks: bool, kind: Kind, w: u16, h: u16) -> Desk {
    let mut desk = Desk::fresh(w, h);
    let (login, roles) = if asks { ("researcher1", "researcher of heart") } else { ("auditor1", "auditor") };
    let me = Me { login: login.into(), roles: roles.into(), asks, lacks: ALL.to_vec(), ..Me::default() };
    desk.say(Msg::Signed(me));
    desk.say(Msg::Live);
    let at = desk.model.tabs.iter().position(|tab| tab.kind == kind).unwrap();
    desk.press(&(at + 1).to_string());
    desk.rows(vec![closed(kind)]);
    desk
}

/// What key bar, menu, help and palette offer.
fn offered(model: &Model) -> Vec<Action> {
    let help = Help {
        place: Place::Page(Page::Table),
        field: exeat::tui::app::field::Field::default(),
        searching: false,
        top: 0,
    };
    let lines = model.help_lines(&help);
    let helped = ACTIONS.iter().filter(|entry| lines.iter().any(|line| line.text == entry.help));
    let found = model.found("").into_iter().map(|found| found.entry.action);
    let menu = menu_entries(model).into_iter().map(|(entry, _)| entry.action);
    helped.map(|entry| entry.action).chain(found).chain(menu).collect()
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
        for kind in ALL {
            for (w, h) in [(80, 24), (120, 40), (240, 40)] {
                let mut desk = reader(asks, kind, w, h);
                let offered = offered(&desk.model);
                for action in never {
                    assert!(!offered.contains(&action), "{action:?} on {kind:?}");
                }
                assert_eq!(offered.contains(&Action::Comment), kind == Kind::Egress, "{kind:?}");
                assert!(offered.contains(&Action::Ask) && offered.contains(&Action::Filter));
                let screen = desk.screen();
                let bar = screen.lines().last().unwrap();
                for word in
                    ["approve", "reject", "allow", "deny", "revoke", "edit", "extend", "note to them", "internal"]
                {
                    assert!(!bar.contains(word), "{word}: {bar}");
                }
                assert_eq!(bar.contains("+ ask for access"), kind != Kind::Egress, "{bar}");
                // The key itself says who could; nothing goes out.
                desk.press("a");
                assert!(desk.model.layers.is_empty(), "{kind:?}");
                desk.press("o");
                assert!(!desk.screen().contains("internal note"), "{}", desk.screen());
            }
        }
    }
}

#[test]
fn an_auditor_reads_all_and_no_key_changes_anything() {
    for kind in ALL {
        let mut desk = reader(false, kind, 120, 40);
        let home = if kind == Kind::Grant { "state:active,upcoming" } else { "" };
        assert_eq!(desk.model.filter, home, "nothing ever waits for an auditor: the first view has all");
        for entry in
            ACTIONS.iter().filter(|entry| !matches!(entry.action, Action::Quit | Action::Ask | Action::Refresh))
        {
            for key in entry.keys.iter().filter(|key| !key.starts_with(char::is_numeric) && **key != "Tab") {
                desk.press(key);
                desk.press("Tab y Enter y ctrl-s");
                while !desk.model.layers.is_empty() {
                    desk.press("Esc");
                }
            }
            if desk.model.list.rows().is_empty() {
                desk.rows(vec![closed(kind)]);
            }
        }
        let sent = desk.take(|cmd| {
            matches!(
                cmd,
                Cmd::Decide { .. }
                    | Cmd::Deed { .. }
                    | Cmd::Undo(_)
                    | Cmd::Claim { .. }
                    | Cmd::Comment { .. }
                    | Cmd::Download { .. }
            )
        });
        assert!(sent.is_empty(), "{sent:?}");
    }
}

#[test]
fn a_requesters_first_files_are_their_own() {
    let mut desk = Desk::fresh(120, 40);
    let me = Me { login: "researcher1".into(), roles: String::new(), asks: true, lacks: ALL.to_vec(), ..Me::default() };
    desk.say(Msg::Signed(me));
    assert_eq!(desk.model.filter, "by:researcher1");
    let asked = desk.take(|cmd| matches!(cmd, Cmd::List { .. }));
    let Some(Cmd::List { filter: exeat::tui::app::filter::Filter::Egress(filter), .. }) = asked.last() else {
        panic!("{asked:?}")
    };
    assert_eq!(filter.by, ["researcher1"]);
    desk.press("e m");
    assert_eq!(desk.model.filter, "by:researcher1", "and m comes back to them");
}

#[test]
fn a_steward_who_is_a_checker_too_decides_on_every_tab() {
    let mut desk = Desk::with(120, 40, vec![file(1, "a.csv")]);
    desk.say(Msg::Signed(Me { login: "both1".into(), roles: "checker of heart; steward".into(), ..Me::default() }));
    assert_eq!((desk.model.kind(), desk.model.filter.as_str()), (Kind::Egress, "is:mine"));
    desk.press("a y");
    assert_eq!(desk.decisions().len(), 1);
    desk.press("2");
    assert_eq!(desk.model.filter, "is:mine");
    desk.rows(vec![Row::from(request(1))]);
    desk.press("a y");
    assert_eq!(deeds(&mut desk).len(), 1);
    desk.press("3");
    desk.rows(vec![Row::from(grant(25, -200, 160, GrantState::Active))]);
    desk.press("x ctrl-n Enter y");
    assert_eq!(deeds(&mut desk).len(), 1);
}

/// On a small screen nothing was read for the table alone: the dialog and the timeline ask for it.
#[test]
fn what_remains_and_the_timeline_are_read_on_a_small_screen_too() {
    for keys in ["x", "p", "Enter p"] {
        let mut desk = grants(80, 24);
        desk.model.facts = None;
        desk.cmds.clear();
        desk.press("j k");
        assert!(desk.take(|cmd| matches!(cmd, Cmd::Facts(..))).is_empty(), "the table needs none");
        desk.press(keys);
        let asked = desk.take(|cmd| matches!(cmd, Cmd::Facts(..)));
        assert_eq!(asked.last(), Some(&Cmd::Facts(Kind::Grant, 25)), "{keys}");
        desk.say(Msg::Facts(Kind::Grant, 25, Ok(facts())));
        let screen = desk.screen();
        let says = if keys == "x" { "no access now; upcoming grants: 1" } else { "access now: yes, until 30 Apr 2027" };
        assert!(screen.contains(says), "{screen}");
    }
}

/// A grant of the pair that changed anywhere makes what is said of access be read again, on both tabs.
#[test]
fn another_grant_of_the_pair_changes_what_is_said_of_access() {
    for (mut desk, here, other) in
        [(steward(120, 40), Kind::Request, Kind::Grant), (grants(120, 40), Kind::Grant, Kind::Request)]
    {
        let id = desk.here();
        for kind in [here, other] {
            desk.cmds.clear();
            desk.say(Msg::Changed(kind, vec![4711]));
            let asked = desk.take(|cmd| matches!(cmd, Cmd::Facts(..)));
            assert_eq!(asked, [Cmd::Facts(here, id)], "{kind:?} changed while {here:?} is shown");
        }
        desk.say(Msg::Changed(Kind::Egress, vec![4711]));
        assert!(desk.take(|cmd| matches!(cmd, Cmd::Facts(..))).is_empty());
    }
}

#[test]
fn a_dataset_that_changes_or_goes_closes_the_dialog_and_says_so() {
    let changed = |change: fn(&mut AccessRequest)| {
        let mut desk = steward(120, 40);
        desk.press("a");
        assert!(matches!(desk.model.layers.last(), Some(Layer::Form(_))));
        let mut newer = AccessRequest { row_version: 5, ..request(1) };
        change(&mut newer);
        desk.say(Msg::Rows(vec![Row::from(newer)]));
        assert!(desk.model.layers.is_empty());
        let said = desk.model.toast.clone().map(|toast| toast.text).unwrap_or_default();
        desk.press("y");
        assert!(deeds(&mut desk).is_empty());
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
    desk.say(Msg::Defaults(super::access_rows::HEART.into(), Ok(defaults())));
    desk.text("For the paper.");
    desk.press("Tab Tab Enter y");
    let sent = deeds(&mut desk);
    let [Cmd::Deed { orders, .. }] = sent.as_slice() else { panic!("{sent:?}") };
    let mut gone = done("Dataset not found: nothing with that accession is offered here.");
    gone.ok = false;
    desk.say(Msg::Done { command: orders[0].command, answer: Ok(gone) });
    assert!(desk.screen().contains("Dataset not found: nothing with that accession"), "{}", desk.screen());
    assert!(!desk.cmds.contains(&Cmd::AskDraft(None)));
    desk.press("+");
    assert!(desk.screen().contains("For the paper."), "{}", desk.screen());
    let unknown = "Dataset not found: nothing with that accession is offered here.";
    desk.say(Msg::Defaults(super::access_rows::HEART.into(), Err(unknown.into())));
    assert!(desk.screen().contains(unknown), "and the field says it at once: {}", desk.screen());
}

/// What a form starts from is asked for again when a lost connection is back; until then nothing is said to be wrong.
#[test]
fn a_form_opened_while_the_connection_is_lost_goes_on_when_it_is_back() {
    let mut desk = asking(120, 40);
    desk.say(Msg::Lost("PostgreSQL does not answer.".into()));
    desk.press("+");
    desk.cmds.clear();
    desk.say(Msg::Live);
    let again = desk.take(|cmd| matches!(cmd, Cmd::Defaults(_) | Cmd::Datasets));
    assert_eq!(again, [Cmd::Datasets, Cmd::Defaults(super::access_rows::HEART.into())]);
    desk.say(Msg::Defaults(super::access_rows::HEART.into(), Ok(defaults())));
    desk.say(Msg::Lost("PostgreSQL does not answer.".into()));
    desk.say(Msg::Live);
    assert_eq!(desk.take(|cmd| matches!(cmd, Cmd::Defaults(_))), [], "what came stays");
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
        assert!(desk.model.layers.is_empty(), "{key}");
        assert_eq!(desk.model.toast.as_ref().map(|toast| toast.text.as_str()), Some("steward2 denied it."));
    }
    desk.press("i");
    desk.text(" later");
    desk.press("ctrl-s");
    let sent = deeds(&mut desk);
    let [Cmd::Deed { deed: exeat::tui::app::deeds::Deed::Edit(changes), .. }] = sent.as_slice() else {
        panic!("{sent:?}")
    };
    assert_eq!(changes.internal_note.as_deref(), Some("ask the committee later"));
}

/// The site's own reasons stand in place of the desk's, and can be changed before they are sent.
#[test]
fn reasons_at_hand_come_from_the_configuration_and_can_be_edited() {
    let mut desk = steward(120, 40);
    desk.model.canned.insert("deny".into(), vec!["No ethics vote.".into(), "Ask the PI.".into()]);
    desk.press("x ctrl-n ctrl-n");
    desk.text(" Please.");
    desk.press("Enter y");
    let sent = deeds(&mut desk);
    let [Cmd::Deed { deed: exeat::tui::app::deeds::Deed::Deny(reason), .. }] = sent.as_slice() else {
        panic!("{sent:?}")
    };
    assert_eq!(reason, "Ask the PI. Please.");
    desk.model.canned.insert("revoke".into(), vec!["Contract over.".into()]);
    desk.press("3");
    list(&mut desk, vec![Row::from(grant(25, -200, 160, GrantState::Active))]);
    desk.press("x ctrl-n");
    assert!(desk.screen().contains("Contract over."), "{}", desk.screen());
    assert!(!What::Deny.reasons().is_empty(), "and without a configuration there are some");
}
