//! Requests, grants and desks with them, for the tests of the access tabs.

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::TimeDelta;
use exeat::domain::access::{
    AccessCheck, AccessRequest, Grant, GrantId, GrantInternals, GrantState, PairFacts, RequestDefaults, RequestId,
    RequestInternals, RequestStatus,
};
use exeat::domain::page::Total;
use exeat::domain::refusal::Refusal;
use exeat::text::Untrusted;
use exeat::tui::app::Row;
use exeat::tui::app::state::facts::Facts;

use super::{Desk, history, noon, reader, steward_me};

pub const HEART: &str = "GHGAD00020260000001";

pub fn request(id: i64) -> AccessRequest {
    let may = ["allow", "deny", "edit", "note", "claim", "comment"].map(|command| (command.to_owned(), None));
    AccessRequest {
        id: RequestId(id),
        row_version: 4,
        user_id: uuid::Uuid::nil(),
        login: "researcher1".into(),
        full_user_name: Untrusted::new("Dr. Rosa Ek"),
        iva_id: None,
        dataset_id: HEART.into(),
        dataset_title: Untrusted::new("Heart atlas \u{1b}[31m\u{202e}"),
        dataset_description: Untrusted::new("412 ventricles"),
        dataset_removed: false,
        dac_alias: Untrusted::new("DAC-HEART"),
        dac_email: Untrusted::new("dac@example.org"),
        email: Untrusted::new("rosa@lab.example.org"),
        request_text: Untrusted::new("Why we need it\nsecond line"),
        request_text_length: 26,
        access_starts: noon() - TimeDelta::days(1),
        access_ends: noon() + TimeDelta::days(300),
        last_day: None,
        request_created: noon() - TimeDelta::days(9) + TimeDelta::hours(id),
        due: noon() - TimeDelta::days(4) + TimeDelta::hours(id),
        status: RequestStatus::Pending,
        status_changed: None,
        ticket_id: Some(Untrusted::new("TRE-12")),
        note_to_requester: None,
        grant: None,
        internal: Some(RequestInternals {
            changed_by: None,
            internal_note: Some(Untrusted::new("ask the committee")),
            claimed_by: None,
            claimed_until: None,
            ivas: Vec::new(),
        }),
        why_not: BTreeMap::from(may),
    }
}

pub fn grant(id: i64, from: i64, until: i64, state: GrantState) -> Grant {
    let revoked = (state == GrantState::Revoked).then(|| noon() - TimeDelta::days(70));
    Grant {
        id: GrantId(id),
        row_version: 2,
        user_id: uuid::Uuid::nil(),
        login: "researcher1".into(),
        user_name: Untrusted::new("Rosa Ek"),
        user_email: Some(Untrusted::new("rosa@example.org")),
        user_title: None,
        user_removed: false,
        iva_id: None,
        dataset_id: HEART.into(),
        dataset_title: Untrusted::new("Heart atlas"),
        dataset_removed: false,
        dac_alias: Untrusted::new("DAC-HEART"),
        dac_email: Untrusted::new("dac@example.org"),
        created: noon() + TimeDelta::days(from),
        valid_from: noon() + TimeDelta::days(from),
        valid_until: noon() + TimeDelta::days(until),
        last_day: None,
        state,
        request: (id % 2 == 0).then_some(RequestId(id + 50)),
        request_status: (id % 2 == 0).then_some(RequestStatus::Allowed),
        revoked_at: revoked,
        internal: Some(GrantInternals {
            created_by: "steward2".into(),
            revoked_by: revoked.map(|_| "steward1".into()),
            revoke_class: None,
            revoke_reason: None,
        }),
        why_not: BTreeMap::from([("amend".to_owned(), None), ("revoke".to_owned(), None)]),
    }
}

/// Four that overlap: what each state looks like.
pub fn four() -> Vec<Grant> {
    vec![
        grant(25, -200, 160, GrantState::Active),
        grant(31, 30, 220, GrantState::Upcoming),
        grant(18, -320, -20, GrantState::Revoked),
        grant(12, -400, -250, GrantState::Expired),
    ]
}

pub fn facts() -> Facts {
    let check = AccessCheck {
        access: true,
        until: Some(noon() + TimeDelta::days(160)),
        last_day: None,
        why_not: None,
        grants: vec![GrantId(25)],
    };
    let history = vec![history(TimeDelta::days(9), "researcher1", "asked for access", "")];
    let access = PairFacts {
        text: Some(Untrusted::new("Why we need it\nsecond line")),
        requests: vec![request(1), AccessRequest { status: RequestStatus::Denied, ..request(70) }],
        grants: four(),
        check: Some(check),
    };
    Facts { history, more: Some(Arc::new(access)), ..Facts::default() }
}

/// All about the person and dataset of a grant, as it was read.
pub fn about(grants: Vec<Grant>, check: AccessCheck) -> Facts {
    let access = PairFacts { grants, check: Some(check), ..PairFacts::default() };
    Facts { more: Some(Arc::new(access)), ..Facts::default() }
}

pub fn list(desk: &mut Desk, rows: Vec<Row>) {
    let counted = rows.len() as u64;
    desk.page(desk.number(), "start", rows, None);
    desk.counted(Total { counted, more: false }, Total { counted: 64, more: false });
}

pub fn steward(w: u16, h: u16) -> Desk {
    let mut desk = Desk::fresh(w, h);
    desk.sign(steward_me("steward1"));
    assert_eq!(desk.area(), "requests", "a steward begins with the requests");
    let mut own = request(3);
    "steward1".clone_into(&mut own.login);
    let mine =
        Refusal { code: "own_request".into(), message: "It is your own request: steward2 has to decide.".into() };
    own.why_not.insert("allow".into(), Some(mine.clone()));
    own.why_not.insert("deny".into(), Some(mine));
    list(&mut desk, vec![request(1), request(2), own].into_iter().map(Row::from).collect());
    desk.facts("requests", 1, facts());
    desk
}

pub fn grants(w: u16, h: u16) -> Desk {
    let mut desk = steward(w, h);
    desk.press("3");
    list(&mut desk, four().into_iter().map(Row::from).collect());
    desk.facts("grants", 25, facts());
    desk
}

pub fn asking(w: u16, h: u16) -> Desk {
    let mut desk = Desk::fresh(w, h);
    desk.sign(reader("researcher1", "researcher of heart", true));
    desk.press("2");
    assert_eq!(desk.filter(), "", "everything of one's own");
    list(&mut desk, vec![Row::from(AccessRequest { internal: None, ..request(1) })]);
    desk
}

pub fn defaults() -> RequestDefaults {
    RequestDefaults {
        dataset_id: HEART.into(),
        dataset_title: Untrusted::new("Heart atlas"),
        request_text: Untrusted::new("Request for access to Heart atlas.\n\n"),
        email: Untrusted::new("rosa@example.org"),
        access_starts: noon(),
        access_ends: "2027-11-21T23:59:59.999999Z".parse().unwrap(),
        latest_start: noon() + TimeDelta::days(180),
        shortest_days: 7,
        longest_days: 730,
        text_limit: 1_100_000,
        zone: "UTC".into(),
    }
}
