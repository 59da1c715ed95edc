//! The two tabs of access and the requester's side: key streams, and the drawn buffer at 80×24 and 120×40.

use exeat::domain::access::{AccessRequest, RequestStatus};
use exeat::text::Untrusted;
use exeat::tui::app::{Key, Msg, Row};
use exeat::tui::ui::by_name;
use ratatui::style::Modifier;
use serde_json::json;

use super::harness::access::{HEART, asking, defaults, four, grants, list, request, steward};

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
    assert_eq!(desk.focus(), "No");
    desk.press("Enter");
    assert!(desk.is_clear() && desk.sent().is_empty(), "the focus was on No");
    desk.press("a Tab Tab Tab ctrl-u");
    // From No over Yes to the start, then the end.
    desk.text("2026-11-20");
    assert!(desk.screen().contains("The end must be later than the start."), "{}", desk.screen());
    desk.press("Enter Tab");
    desk.press("y");
    assert_eq!(desk.sent(), [], "y is a letter in a field");
    desk.press("Esc a Tab Tab Tab ctrl-u");
    desk.text("2027-06-30");
    desk.press("Enter ctrl-n Enter y");
    let sent = desk.sent_one("allow_request");
    let request = json!({
        "request": 1, "seen_row_version": 4, "ends": "2027-06-30T23:59:59.999999Z",
        "note": "Please use the data only for the purpose you described.",
    });
    assert_eq!(sent.request, request);
    desk.answer(sent.id, "Allowed.");
    assert_eq!(desk.here(), 2, "on to the next that waits");
}

#[test]
fn several_are_checked_first_and_each_has_its_result() {
    let mut desk = steward(120, 40);
    desk.press("Space Space Space x");
    assert_eq!(desk.title().as_deref(), Some("Deny 2 requests"));
    assert!(desk.inside().contains("It is your own request: steward2 has to decide."), "{}", desk.screen());
    insta::assert_snapshot!("deny_several_at_120", desk.screen());
    desk.text("3");
    desk.press("Enter ctrl-n Enter y");
    assert_eq!(desk.sent(), [], "another number than there are");
    desk.press("ctrl-u 2 Enter Enter y");
    let sent = desk.sent();
    let reason = "The purpose does not say what the data is needed for; please ask again with more detail.";
    let denied = |id: i64| json!({ "request": id, "seen_row_version": 4, "reason": reason });
    let said: Vec<_> = sent.iter().map(|sent| (sent.command, sent.request.clone())).collect();
    assert_eq!(said, [("deny_request", denied(1)), ("deny_request", denied(2))]);
    desk.answer(sent[0].id, "Denied.");
    desk.refuse(sent[1].id, "Access request has already been processed: steward2 allowed it.");
    assert_eq!(desk.title().as_deref(), Some("deny: 1 of 2 done"));
    let screen = desk.screen();
    assert!(screen.contains("already been processed: steward2"), "{screen}");
}

#[test]
fn opener_repeat_burst_and_a_changed_row_decide_nothing() {
    let mut desk = steward(120, 40);
    desk.press("a a a");
    desk.wait(500);
    desk.say(Msg::Key(Key { repeat: true, ..Key::char('y') }));
    desk.wait(500);
    for c in "ay".chars() {
        desk.wait(1);
        desk.say(Msg::Key(Key::char(c)));
    }
    desk.say(Msg::Paste("y\ny".into()));
    assert_eq!(desk.sent(), []);
    assert_eq!(desk.title(), Some(format!("Allow request 1: researcher1 for {HEART}")));
    let newer = AccessRequest { row_version: 5, status: RequestStatus::Denied, ..request(1) };
    let mut newer = newer;
    newer.internal.as_mut().unwrap().changed_by = Some("steward2".into());
    newer.note_to_requester = Some(Untrusted::new("no ethics vote"));
    desk.read_again(vec![Row::from(newer)]);
    assert!(desk.is_clear());
    let said = desk.toast();
    assert!(said.contains("steward2 denied it: \"no ethics vote\""), "{said}");
}

/// Enter from the action menu, or from the stage before: it is the opener and confirms nothing, on Yes neither.
#[test]
fn the_enter_that_opened_it_confirms_nothing() {
    let mut allowing = steward(120, 40);
    allowing.press("o");
    let at = allowing.menu().iter().position(|(entry, _)| entry.id == "approve").unwrap();
    for _ in 0..at {
        allowing.press("j");
    }
    allowing.press("Enter");
    assert_eq!(allowing.title(), Some(format!("Allow request 1: researcher1 for {HEART}")));
    let mut asks = asking(80, 24);
    asks.press("+");
    asks.say(Msg::Defaults(HEART.into(), Ok(defaults())));
    asks.text("For the paper.");
    asks.press("Tab Tab Enter");
    assert_eq!(asks.title().as_deref(), Some("Exactly this is sent"));
    for (mut desk, command) in [(allowing, "allow_request"), (asks, "new_request")] {
        let before = desk.title();
        while desk.focus() != "Yes" {
            desk.press("Tab");
        }
        desk.press("Enter Enter");
        assert_eq!(desk.sent(), []);
        assert_eq!((desk.title(), desk.focus()), (before, "Yes".to_owned()));
        desk.press("y");
        desk.sent_one(command);
    }
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
    let sent = desk.sent_one("edit_request");
    assert_eq!(sent.request["changes"], json!({ "note_to_requester": "send the vote" }), "and nothing else");
    desk.silence(sent.id);
    desk.press("ctrl-s");
    // The same command, so that it is done once.
    desk.sent_again(&sent);
    desk.answer(sent.id, "Changed.");
    assert!(desk.is_clear());
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
    assert_eq!(desk.sent(), [], "a reason is needed");
    desk.text(" left");
    desk.press("BackTab Right Tab Enter y");
    let sent = desk.sent_one("revoke_grant");
    assert_eq!((sent.row, sent.text("class"), sent.text("reason")), (25, "mistake", "left"));
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
    assert!(desk.sent_one("amend_grant").text("until").starts_with("2027-12-31T"));
}

#[test]
fn each_tab_keeps_filter_cursor_and_marks_and_the_radar_goes_round() {
    let mut desk = steward(120, 40);
    desk.press("j Space 3");
    assert_eq!((desk.area(), desk.filter().as_str()), ("grants", "state:active,upcoming"));
    list(&mut desk, four().into_iter().map(Row::from).collect());
    for filter in ["expiring<90d", "expiring<30d", "expiring<7d", "state:active,upcoming"] {
        desk.press("D");
        assert_eq!(desk.filter(), filter);
    }
    desk.press("2");
    assert_eq!((desk.filter().as_str(), desk.here()), ("is:mine", 3));
    assert_eq!(desk.marks(), [2].into());
    desk.press("D");
    assert!(desk.toast().contains("not done with requests"));
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
    let of: Vec<_> = desk.asked("defaults").into_iter().map(|asked| asked.with).collect();
    assert_eq!(of, [json!(HEART)], "of the dataset under the cursor");
    desk.say(Msg::Defaults(HEART.into(), Ok(defaults())));
    // The text has the keys: what is typed goes behind what was prefilled.
    desk.text("For the paper.");
    let draft = desk.asked("keep_request_draft").pop().unwrap().with;
    assert_eq!((&draft["email"], &draft["ends"]), (&json!("rosa@example.org"), &json!("2027-11-21")));
    assert_eq!(draft["text"], "Request for access to Heart atlas.\n\nFor the paper.");
    insta::assert_snapshot!("ask_at_80", desk.screen());
    desk.press("BackTab BackTab ctrl-u");
    desk.text("2031-01-01");
    assert!(desk.screen().contains("That is longer than 730 days."), "{}", desk.screen());
    desk.press("ctrl-u");
    desk.text("2027-11-21");
    desk.press("Tab Tab Tab Tab Enter");
    assert_eq!(desk.sent(), [], "Continue sends nothing");
    let screen = desk.screen();
    for words in [
        "Exactly this is sent",
        "the moment it is sent",
        "the end of 21 Nov 2027",
        "rosa@example.org",
        "For the paper.",
        "Send request",
    ] {
        assert!(screen.contains(words), "{words}\n{screen}");
    }
    insta::assert_snapshot!("ask_preview_at_80", screen);
    desk.press("y");
    let sent = desk.sent_one("new_request");
    let text = "Request for access to Heart atlas.\n\nFor the paper.";
    let (email, ends) = ("rosa@example.org", "2027-11-21T23:59:59.999999Z");
    assert_eq!(sent.request, json!({ "dataset": HEART, "text": text, "email": email, "ends": ends }));
    // No answer: it goes out again under its id when the connection is back, and the draft stays till then.
    desk.lose();
    desk.silence(sent.id);
    assert!(desk.asked("keep_request_draft").iter().all(|kept| kept.with["text"] == text));
    desk.say(Msg::Live);
    desk.sent_again(&sent);
    assert_eq!(desk.asked("keep_request_draft"), []);
    desk.answer(sent.id, "Request 72 is sent.");
    let kept: Vec<_> = desk.asked("keep_request_draft").into_iter().map(|kept| kept.with).collect();
    assert_eq!(kept, [json!(null)]);
    desk.press("+");
    desk.shows_not("For the paper.");
}

#[test]
fn a_draft_of_a_request_comes_back() {
    let mut desk = asking(80, 24);
    desk.press("+");
    desk.text("half a sentence");
    desk.press("Esc");
    assert!(desk.is_clear());
    let kept = desk.asked("keep_request_draft").pop().unwrap().with;
    let mut later = asking(80, 24);
    later.left(kept);
    later.press("+");
    assert!(later.screen().contains("half a sentence"), "{}", later.screen());
}

#[test]
fn a_day_that_does_not_exist_is_said_to() {
    let mut desk = grants(80, 24);
    desk.press("E ctrl-u");
    desk.text("2026-02-30");
    assert!(desk.screen().contains("There is no 2026-02-30."), "{}", desk.screen());
    desk.press("ctrl-u");
    desk.text("2027-03-28");
    assert!(desk.screen().contains("the end of 28 Mar 2027"), "{}", desk.screen());
}
