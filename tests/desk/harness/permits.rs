//! Permits and desks with them, for the tests of the Permits tab.

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::TimeDelta;
use exeat::domain::access::GrantState;
use exeat::domain::permit::{
    Delivery, FileVote, Member, Message, Move, Output, OutputFile, Permit, PermitDataset, PermitFacts, PermitGrant,
    PermitId, Reported, Second, Stage, StateLine, Status, Step, Way, Workspace,
};
use exeat::domain::refusal::Refusal;
use exeat::text::Untrusted;
use exeat::tui::app::Row;
use exeat::tui::app::msg::Me;
use exeat::tui::app::state::facts::Facts;
use serde_json::json;

use super::access::list;
use super::{Desk, history, me, noon};

/// A permit whose workspace waits for its reviewer; the reader is one.
pub fn permit(id: i64) -> Permit {
    let who = |role: &str, says: &str, login: &str| Member {
        role: role.into(),
        says: says.into(),
        login: login.into(),
        name: Untrusted::new("Rosa Ek"),
        holds: true,
        since: noon() - TimeDelta::days(30),
        confirmed_at: (role == "data_holder").then(|| noon() - TimeDelta::days(20)),
    };
    Permit {
        id: PermitId(id),
        reference: format!("PRM-2026-{id:03}"),
        row_version: 8,
        version: 8,
        status: Status::SetupReviewPending,
        stage: Stage::Setup,
        short: "setup review".into(),
        status_since: noon() - TimeDelta::hours(28 + id),
        project: "heart".into(),
        title: Untrusted::new("Heart failure in primary care \u{1b}[31m\u{202e}"),
        purpose: Untrusted::new("Tables and figures for one paper."),
        created: noon() - TimeDelta::days(30),
        created_by: "manager1".into(),
        valid_from: noon() - TimeDelta::days(30),
        valid_until: noon() + TimeDelta::days(400),
        last_day: None,
        waits_for: vec!["setup_reviewer".into()],
        due: Some(noon() + TimeDelta::days(3)),
        teams: vec![
            who("investigator", "principal investigator", "researcher1"),
            who("manager", "manager", "manager1"),
            who("preparator", "data preparator", "preparator1"),
            who("setup_reviewer", "setup reviewer", "setupreviewer1"),
            who("data_holder", "data holder", "holder1"),
        ],
        datasets: vec![PermitDataset {
            id: super::access::HEART.into(),
            title: Untrusted::new("Heart atlas"),
            removed: false,
            grants: vec![PermitGrant {
                id: "25".into(),
                login: "researcher1".into(),
                state: GrantState::Active,
                until: noon() + TimeDelta::days(160),
                last_day: None,
            }],
        }],
        workspaces: vec![Workspace {
            kind: "workspace".into(),
            state: "frozen".into(),
            network: "none".into(),
            volumes: Vec::new(),
            generation: 2,
            reported: Some(Reported {
                state: "frozen".into(),
                generation: 2,
                detail: Untrusted::new(""),
                at: noon() - TimeDelta::minutes(20),
            }),
        }],
        next: steps(),
        why_not: why_not(),
        ..Permit::default()
    }
}

fn steps() -> Vec<Step> {
    let step = |what, becomes, says: &str| Step {
        what,
        becomes,
        way: match what {
            Move::ReworkSetup => Way::Back,
            Move::Revoke => Way::End,
            _ => Way::On,
        },
        says: says.into(),
        short: says.split(" the ").next().unwrap().split(" of").next().unwrap().into(),
        reason: what != Move::ApproveSetup,
        persons: if what == Move::Revoke { 2 } else { 1 },
        roles: vec![if what == Move::Revoke { "permit_manager".into() } else { "setup_reviewer".into() }],
        told: vec![if what == Move::Revoke { "all".into() } else { "investigator".into() }],
        events: vec!["permit.status.updated".into()],
        who: if what == Move::Revoke { "manager1 or manager2".into() } else { "setupreviewer1".into() },
        wants: match what {
            Move::ApproveSetup => vec![json!({"kind": "workspace", "state": "running", "network": "none", "volumes": [
                {"path": "/prepared_data", "mode": "read-only"}, {"path": "/outputs", "mode": "writable"}]})],
            Move::ReworkSetup => {
                vec![json!({"kind": "workspace", "state": "running", "network": "proxied", "volumes": []})]
            }
            _ => Vec::new(),
        },
    };
    vec![
        step(Move::ApproveSetup, Status::AnalysisActive, "approve the workspace"),
        step(Move::ReworkSetup, Status::SetupRework, "request rework of the workspace"),
        step(Move::Revoke, Status::Revoked, "revoke the permit"),
    ]
}

fn why_not() -> BTreeMap<String, Option<Refusal>> {
    let no = |message: &str| Some(Refusal { code: "not_on_team".into(), message: message.into() });
    let others = Move::ALL.iter().map(|what| (what.word().to_owned(), no("It is workspace setup review pending.")));
    let mut all: BTreeMap<_, _> = others.collect();
    all.insert("approve_setup".into(), None);
    all.insert("rework_setup".into(), None);
    all.insert(
        "revoke".into(),
        no("Only the permit manager of this permit may revoke the permit (manager1 or manager2)."),
    );
    all.insert("take_back".into(), no("Nothing waits for a second person."));
    all
}

/// The same as a second permit manager finds it: another asked to revoke it.
pub fn asked(id: i64) -> Permit {
    let mut permit = permit(id);
    permit.second = Some(Second {
        what: Move::Revoke,
        by: "manager1".into(),
        at: noon() - TimeDelta::hours(1),
        reason: Untrusted::new("The key was copied."),
    });
    permit.why_not.insert("revoke".into(), None);
    permit
}

/// What is beside it.
pub fn facts() -> Facts {
    let moved = |days, previous: Option<Status>, status, what: &str, who: &str| StateLine {
        at: noon() - TimeDelta::days(days),
        previous,
        status,
        what: what.into(),
        actor: Some(who.into()),
        second: None,
        reason: Untrusted::new(""),
        version: 1,
    };
    let more = PermitFacts {
        states: vec![
            moved(30, None, Status::AwaitingIngress, "issue", "manager1"),
            moved(28, Some(Status::AwaitingIngress), Status::IngressInProgress, "initiate_ingress", "manager1"),
            moved(2, Some(Status::SetupPending), Status::SetupReviewPending, "submit_setup", "researcher1"),
        ],
        messages: vec![Message {
            topic: "permit.status.updated".into(),
            at: noon() - TimeDelta::hours(28),
            deliveries: vec![
                Delivery {
                    channel: "bus".into(),
                    attempt: 1,
                    delivered_at: Some(noon() - TimeDelta::hours(28)),
                    next_try_at: noon(),
                },
                Delivery { channel: "mail".into(), attempt: 1, delivered_at: None, next_try_at: noon() },
            ],
        }],
        files: Vec::new(),
    };
    let history = vec![history(TimeDelta::days(30), "manager1", "issued it", "")];
    Facts { history, more: Some(Arc::new(more)), ..Facts::default() }
}

/// A desk of who may decide these permits, on their tab.
pub fn permits(w: u16, h: u16, rows: Vec<Permit>) -> Desk {
    let mut desk = Desk::fresh(w, h);
    desk.sign(Me { roles: "setup reviewer".into(), ..me("setupreviewer1") });
    desk.press("4");
    assert_eq!((desk.area(), desk.filter().as_str()), ("permits", "is:mine"));
    let first = rows[0].id.0;
    list(&mut desk, rows.into_iter().map(Row::from).collect());
    desk.facts("permits", first, facts());
    desk
}

/// A permit under analysis with an output whose votes wait.
pub fn analysing(id: i64) -> Permit {
    Permit {
        status: Status::AnalysisActive,
        stage: Stage::Analysis,
        short: "analysis".into(),
        outputs: vec![Output {
            number: 1,
            version: 2,
            status: "EGRESS_REVIEW_PENDING".into(),
            folder: Untrusted::new("paper/"),
            description: Untrusted::new("Tables of the paper"),
            submitted_by: "researcher1".into(),
            submitted_at: noon() - TimeDelta::hours(3),
            decided_at: None,
            reason: Untrusted::new(""),
            files: 2,
            approved: 0,
        }],
        ..permit(id)
    }
}

/// What is beside it: its files, one of which has a vote.
pub fn with_files() -> Facts {
    let file = |version, name: &str, votes| OutputFile {
        output: 1,
        version,
        name: Untrusted::new(name),
        state: "pending".into(),
        votes,
    };
    let vote = FileVote {
        voter: "checker1".into(),
        kind: "approve".into(),
        at: noon() - TimeDelta::hours(1),
        via: Some("portal".into()),
    };
    let files = vec![file(7, "paper/a.csv", vec![vote]), file(8, "paper/b\u{1b}.csv", Vec::new())];
    Facts { more: Some(Arc::new(PermitFacts { files, ..PermitFacts::default() })), ..facts() }
}
