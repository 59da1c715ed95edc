//! The two tabs of access and the requester's side: key streams, and the drawn buffer at 80×24 and 120×40.

use exeat::domain::access::{AccessRequest, RequestStatus};
use exeat::text::Untrusted;
use exeat::tui::app::deeds::{Changes, Deed};
use exeat::tui::app::form::What;
use exeat::tui::app::layers::Layer;
use exeat::tui::app::row::Kind;
use exeat::tui::app::{Cmd, Msg, Row};
use exeat::tui::ui::by_name;
use ratatui::style::Modifier;

use super::access_rows::{HEART, asking, deeds, defaults, four, grants, list, request, steward};
use super::harness::done;

#[test]
fn requests_drawn() {
    insta::assert_snapshot!("requests_at_120", steward(120, 40).screen());
    let mut desk = steward(80, 24);
    insta::assert_snapshot!("requests_at_80", desk.screen());
    desk.press("Enter");
    insta::assert_snapshot!("request_at_80", desk.screen());
}

#[test]
fn the_timeline_needs_no_colour_no_width_and_no_unicode() {
    insta::assert_snapshot!("grants_at_120", grants(120, 40).screen());
    let mut desk = grants(80, 24);
    desk.press("p");
    insta::assert_snapshot!("timeline_at_80", desk.screen());
    desk.ascii();
    desk.look.theme = by_name("mono").unwrap();
    let screen = desk.screen();
    assert!(screen.is_ascii());
    insta::assert_snapshot!("timeline_ascii", screen);
    // The states' signs are four different ones, and the line of each says its state in words too.
    let line = |word: &str| {
        screen.lines().find(|line| line.contains(word)).unwrap_or_else(|| panic!("{word}\n{screen}")).to_owned()
    };
    for (word, sign) in [("25 hand", '-'), ("31 hand", '~'), ("18 r68", '='), ("12 r62", '.')] {
        assert!(line(word).matches(sign).count() > 3, "{word}");
    }
    desk.look.theme = by_name("dark").unwrap();
    let buffer = desk.buffer();
    let styled = |word: &str| {
        let y = screen.lines().position(|line| line.contains(word)).unwrap();
        let x = screen.lines().nth(y).unwrap().find(word).unwrap();
        buffer[(u16::try_from(x).unwrap(), u16::try_from(y).unwrap())].style()
    };
    assert_ne!(styled("revoked ").fg, styled("expired ").fg, "with colour the states differ by it too");
    assert!(!styled("expired ").add_modifier.contains(Modifier::REVERSED));
}

#[test]
fn allowing_shows_dates_mail_and_events_and_sends_only_what_was_changed() {
    let mut desk = steward(120, 40);
    desk.press("a");
    let screen = desk.screen();
    for words in [
        "a new one, 300 days",
        "now (the start asked for has passed)",
        "to rosa@lab.example.org: allowed",
        "access.allowed, grant.created",
    ] {
        assert!(screen.contains(words), "{words}\n{screen}");
    }
    insta::assert_snapshot!("allow_at_120", screen);
    desk.press("Enter");
    assert!(desk.model.layers.is_empty() && deeds(&mut desk).is_empty(), "the focus was on No");
    desk.press("a Tab Tab Tab ctrl-u");
    // From No over Yes to the start, then the end.
    desk.text("2026-11-20");
    assert!(desk.screen().contains("The end must be later than the start."), "{}", desk.screen());
    desk.press("Enter Tab");
    desk.press("y");
    assert!(deeds(&mut desk).is_empty(), "y is a letter in a field");
    desk.press("Esc a Tab Tab Tab ctrl-u");
    desk.text("2027-06-30");
    desk.press("Enter ctrl-n Enter y");
    let sent = deeds(&mut desk);
    let [Cmd::Deed { deed: Deed::Allow { starts, ends, iva, note }, orders }] = sent.as_slice() else {
        panic!("{sent:?}")
    };
    assert_eq!((*starts, *iva), (None, None));
    assert_eq!(*ends, Some("2027-06-30T00:00:00Z".parse().unwrap()));
    assert_eq!(note.as_deref(), Some(What::Allow.reasons()[0]));
    assert_eq!((orders[0].target.id, orders[0].target.seen), (1, 4));
    desk.say(Msg::Done { command: orders[0].command, answer: Ok(done("Allowed.")) });
    assert_eq!(desk.here(), 2, "on to the next that waits");
}

#[test]
fn several_are_checked_first_and_each_has_its_result() {
    let mut desk = steward(120, 40);
    desk.press("Space Space Space x");
    let Some(Layer::Form(form)) = desk.model.layers.last() else { panic!() };
    assert_eq!(form.targets.iter().map(|target| target.id).collect::<Vec<_>>(), [1, 2]);
    assert!(form.left_out[0].ends_with("It is your own request: steward2 has to decide."), "{:?}", form.left_out);
    insta::assert_snapshot!("deny_several_at_120", desk.screen());
    desk.text("3");
    desk.press("Enter ctrl-n Enter y");
    assert!(deeds(&mut desk).is_empty(), "another number than there are");
    desk.press("ctrl-u 2 Enter Enter y");
    let sent = deeds(&mut desk);
    let [Cmd::Deed { deed: Deed::Deny(reason), orders }] = sent.as_slice() else { panic!("{sent:?}") };
    assert_eq!(reason, What::Deny.reasons()[0]);
    desk.say(Msg::Done { command: orders[0].command, answer: Ok(done("Denied.")) });
    let mut no = done("Access request has already been processed: steward2 allowed it.");
    no.ok = false;
    desk.say(Msg::Done { command: orders[1].command, answer: Ok(no) });
    let Some(Layer::Results(results)) = desk.model.layers.last() else { panic!() };
    assert_eq!(results.title, "deny: 1 of 2 done");
    let screen = desk.screen();
    assert!(screen.contains("already been processed: steward2"), "{screen}");
}

#[test]
fn opener_repeat_burst_and_a_changed_row_decide_nothing() {
    let mut desk = steward(120, 40);
    desk.press("a a a");
    desk.wait(500);
    desk.say(Msg::Key(exeat::tui::app::Key { repeat: true, ..exeat::tui::app::Key::char('y') }));
    desk.wait(500);
    for c in "ay".chars() {
        desk.wait(1);
        desk.say(Msg::Key(exeat::tui::app::Key::char(c)));
    }
    desk.say(Msg::Paste("y\ny".into()));
    assert!(deeds(&mut desk).is_empty() && matches!(desk.model.layers.last(), Some(Layer::Form(_))));
    let newer = AccessRequest { row_version: 5, status: RequestStatus::Denied, ..request(1) };
    let mut newer = newer;
    newer.internal.as_mut().unwrap().changed_by = Some("steward2".into());
    newer.note_to_requester = Some(Untrusted::new("no ethics vote"));
    desk.say(Msg::Rows(vec![Row::from(newer)]));
    assert!(desk.model.layers.is_empty());
    let said = desk.model.toast.clone().unwrap().text;
    assert!(said.contains("steward2 denied it: \"no ethics vote\""), "{said}");
}

#[test]
fn the_two_notes_never_look_alike_and_go_to_their_own_field() {
    let mut desk = steward(80, 24);
    desk.press("i");
    let internal = desk.screen();
    assert!(internal.contains("Internal note") && internal.contains("Only stewards and auditors read this."));
    assert!(internal.contains("ask the committee"), "the note there is");
    assert!(!internal.contains("What researcher1 sees"));
    insta::assert_snapshot!("internal_note_at_80", internal);
    desk.press("Esc w");
    desk.text("send the vote");
    let theirs = desk.screen();
    assert!(theirs.contains("NOTE TO researcher1: THEY READ IT") && theirs.contains("What researcher1 sees"));
    assert!(!theirs.contains("ask the committee"), "what they see holds nothing internal");
    insta::assert_snapshot!("note_to_requester_at_80", theirs);
    desk.press("ctrl-s");
    let sent = deeds(&mut desk);
    let note = Changes { note_to_requester: Some("send the vote".into()), ..Changes::default() };
    let [Cmd::Deed { deed, orders }] = sent.as_slice() else { panic!("{sent:?}") };
    assert_eq!(*deed, Deed::Edit(note));
    desk.say(Msg::Done { command: orders[0].command, answer: Err("PostgreSQL does not answer.".into()) });
    desk.press("ctrl-s");
    assert_eq!(deeds(&mut desk), sent, "the same command, so that it is done once");
    desk.say(Msg::Done { command: orders[0].command, answer: Ok(done("Changed.")) });
    assert!(desk.model.layers.is_empty());
}

#[test]
fn revoking_names_person_and_dataset_and_what_remains() {
    let mut desk = grants(120, 40);
    desk.press("x");
    let screen = desk.screen();
    for words in ["Rosa Ek (researcher1)", HEART, "no access now; upcoming grants: 1", "grant.revoked, ended"] {
        assert!(screen.contains(words), "{words}\n{screen}");
    }
    insta::assert_snapshot!("revoke_at_120", screen);
    desk.press("Enter y");
    assert!(deeds(&mut desk).is_empty(), "a reason is needed");
    desk.text(" left");
    desk.press("BackTab Right Tab Enter y");
    let sent = deeds(&mut desk);
    let [Cmd::Deed { deed: Deed::Revoke { class, reason }, .. }] = sent.as_slice() else { panic!("{sent:?}") };
    assert_eq!((class.word(), reason.as_str()), ("mistake", "left"));
}

#[test]
fn a_grants_end_moves_only_to_another_day_to_come() {
    let mut desk = grants(120, 40);
    desk.press("E ctrl-u");
    desk.text("2026-11-01");
    assert!(desk.screen().contains("That has passed: revoke the grant to end it now."));
    desk.press("ctrl-u");
    desk.text("2027-12-31");
    desk.press("Tab ctrl-n Enter y");
    let sent = deeds(&mut desk);
    assert!(matches!(sent.as_slice(), [Cmd::Deed { deed: Deed::Amend { .. }, .. }]), "{sent:?}");
}

#[test]
fn each_tab_keeps_filter_cursor_and_marks_and_the_radar_goes_round() {
    let mut desk = steward(120, 40);
    desk.press("j Space 3");
    assert_eq!((desk.model.kind(), desk.model.filter.as_str()), (Kind::Grant, "state:active,upcoming"));
    list(&mut desk, four().into_iter().map(Row::from).collect());
    for filter in ["expiring<90d", "expiring<30d", "expiring<7d", "state:active,upcoming"] {
        desk.press("D");
        assert_eq!(desk.model.filter, filter);
    }
    desk.press("2");
    assert_eq!((desk.model.filter.as_str(), desk.here()), ("is:mine", 3));
    assert_eq!(desk.model.list.marks.iter().copied().collect::<Vec<_>>(), [2]);
    desk.press("D");
    assert!(desk.model.toast.as_ref().unwrap().text.contains("not done with requests"));
}

#[test]
fn a_requester_sees_their_own_and_nothing_internal() {
    let desk = asking(120, 40);
    let screen = desk.screen();
    assert!(screen.contains("2 My Requests") && screen.contains("3 My Grants"));
    assert!(!screen.contains("ask the committee") && !screen.contains("What researcher1 sees"));
    insta::assert_snapshot!("my_requests_at_120", screen);
}

#[test]
fn a_request_is_previewed_exactly_and_sent_only_then() {
    let mut desk = asking(80, 24);
    desk.press("+");
    assert!(desk.cmds.contains(&Cmd::Defaults(HEART.into())), "of the dataset under the cursor");
    desk.say(Msg::Defaults(HEART.into(), Ok(defaults())));
    // The text has the keys: what is typed goes behind what was prefilled.
    desk.text("For the paper.");
    let draft = desk.model.ask_draft.clone().unwrap();
    assert_eq!((draft.email.as_str(), draft.ends.as_str()), ("rosa@example.org", "2027-11-21"));
    assert_eq!(draft.text, "Request for access to Heart atlas.\n\nFor the paper.");
    insta::assert_snapshot!("ask_at_80", desk.screen());
    desk.press("BackTab BackTab ctrl-u");
    desk.text("2031-01-01");
    assert!(desk.screen().contains("That is longer than 730 days."), "{}", desk.screen());
    desk.press("ctrl-u");
    desk.text("2027-11-21");
    desk.press("Tab Tab Tab Tab Enter");
    assert!(deeds(&mut desk).is_empty(), "Continue sends nothing");
    let screen = desk.screen();
    for words in [
        "Exactly this is sent",
        "the moment it is sent",
        "2027-11-21 00:00:00 UTC",
        "rosa@example.org",
        "For the paper.",
        "Send request",
    ] {
        assert!(screen.contains(words), "{words}\n{screen}");
    }
    insta::assert_snapshot!("ask_preview_at_80", screen);
    desk.press("y");
    let sent = deeds(&mut desk);
    let [Cmd::Deed { deed: Deed::Ask(asked), orders }] = sent.as_slice() else { panic!("{sent:?}") };
    assert_eq!(asked.text, "Request for access to Heart atlas.\n\nFor the paper.");
    assert_eq!(asked.starts, None);
    // No answer: it goes out again under its id when the connection is back, and the draft stays till then.
    desk.say(Msg::Lost("PostgreSQL does not answer.".into()));
    desk.say(Msg::Done { command: orders[0].command, answer: Err("PostgreSQL does not answer.".into()) });
    assert!(desk.model.ask_draft.is_some());
    desk.say(Msg::Live);
    let again = deeds(&mut desk);
    assert_eq!(again, sent);
    desk.say(Msg::Done { command: orders[0].command, answer: Ok(done("Request 72 is sent.")) });
    assert!(desk.cmds.contains(&Cmd::AskDraft(None)) && desk.model.ask_draft.is_none());
}

#[test]
fn a_draft_of_a_request_comes_back() {
    let mut desk = asking(80, 24);
    desk.press("+");
    desk.text("half a sentence");
    desk.press("Esc");
    assert!(desk.model.layers.is_empty());
    let kept = desk.model.ask_draft.clone();
    let mut later = asking(80, 24);
    later.say(Msg::AskDraft(kept));
    later.press("+");
    assert!(later.screen().contains("half a sentence"), "{}", later.screen());
}
