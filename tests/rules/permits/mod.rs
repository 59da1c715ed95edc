//! The life of a data permit. What moves it, who may and what follows is typed here from the platform's interface
//! (contracts D), and never read from the database's own table.

mod issue;
mod outputs;
mod races;
mod random;
mod seen;
mod table;

use std::collections::HashMap;

use serde_json::{Value, json};
use sqlx::{AssertSqlSafe, PgConnection};

use crate::support::pg::{Answer, BOTH_AGAIN, Database, PERMIT_PEOPLE, call, done, literal, one};

/// Where a permit can stand.
pub const STATUSES: [&str; 13] = [
    "AWAITING_INGRESS",
    "INGRESS_IN_PROGRESS",
    "DATA_PREPARATION_PENDING",
    "DATA_PREPARATION_REVIEW_PENDING",
    "DATA_PREPARATION_REWORK",
    "WORKSPACE_SETUP_PENDING",
    "WORKSPACE_SETUP_REVIEW_PENDING",
    "WORKSPACE_SETUP_REWORK",
    "ANALYSIS_ACTIVE",
    "ANALYSIS_PAUSED",
    "ARCHIVED",
    "REVOKED",
    "DELETED",
];

/// A row of contracts D: the move, from where, to where, who, whether a reason is needed, the events beside the status's.
#[derive(Clone, Copy)]
pub struct Line {
    pub what: &'static str,
    pub from: &'static [&'static str],
    pub to: &'static str,
    pub who: &'static [&'static str],
    pub reason: bool,
    pub events: &'static [&'static str],
}

const fn line(
    what: &'static str,
    from: &'static [&'static str],
    to: &'static str,
    who: &'static [&'static str],
    events: &'static [&'static str],
) -> Line {
    Line { what, from, to, who, reason: false, events }
}

const fn with_reason(line: Line) -> Line {
    Line { reason: true, ..line }
}

const LIVE: &[&str] = STATUSES.split_at(10).0;

/// Rows 2 to 13 of contracts D.
#[rustfmt::skip]
pub const LIFE: &[Line] = &[
    line("initiate_ingress", &["AWAITING_INGRESS"], "INGRESS_IN_PROGRESS", &["permit_manager"], &["permit.ingress.initiated"]),
    line("confirm_upload", &["INGRESS_IN_PROGRESS"], "DATA_PREPARATION_PENDING", &["data_holder", "permit_manager"], &["permit.ingress.confirmed"]),
    line("submit_preparation", &["DATA_PREPARATION_PENDING", "DATA_PREPARATION_REWORK"], "DATA_PREPARATION_REVIEW_PENDING", &["preparator"], &[]),
    line("approve_preparation", &["DATA_PREPARATION_REVIEW_PENDING"], "WORKSPACE_SETUP_PENDING", &["data_reviewer"], &["permit.preparation.approved"]),
    with_reason(line("rework_preparation", &["DATA_PREPARATION_REVIEW_PENDING"], "DATA_PREPARATION_REWORK", &["data_reviewer"], &["permit.preparation.rework_requested"])),
    line("submit_setup", &["WORKSPACE_SETUP_PENDING", "WORKSPACE_SETUP_REWORK"], "WORKSPACE_SETUP_REVIEW_PENDING", &["investigator", "member", "setup_engineer"], &[]),
    line("approve_setup", &["WORKSPACE_SETUP_REVIEW_PENDING"], "ANALYSIS_ACTIVE", &["setup_reviewer"], &["permit.setup.approved", "permit.analysis.approved"]),
    with_reason(line("rework_setup", &["WORKSPACE_SETUP_REVIEW_PENDING"], "WORKSPACE_SETUP_REWORK", &["setup_reviewer"], &["permit.setup.rework_requested"])),
    line("pause", &["ANALYSIS_ACTIVE"], "ANALYSIS_PAUSED", &["permit_manager"], &["permit.analysis.paused"]),
    line("resume", &["ANALYSIS_PAUSED"], "ANALYSIS_ACTIVE", &["permit_manager"], &["permit.analysis.resumed"]),
    line("archive", &["ANALYSIS_ACTIVE", "ANALYSIS_PAUSED"], "ARCHIVED", &["permit_manager"], &["permit.archived"]),
    with_reason(line("revoke", LIVE, "REVOKED", &["permit_manager"], &["permit.revoked"])),
    line("delete", &["ARCHIVED", "REVOKED"], "DELETED", &["administrator"], &["permit.deleted"]),
];

/// Moves that take two persons.
pub const TWO: [&str; 2] = ["revoke", "delete"];

/// Everybody who has to do with the permit of a test, with what they are on it. both1 prepares, and reviews what others do.
pub const TEAM: &[(&str, &[&str])] = &[
    ("researcher1", &["investigator"]),
    ("checker3", &["member"]),
    ("preparator1", &["preparator"]),
    ("both1", &["preparator", "data_reviewer"]),
    ("datareviewer1", &["data_reviewer"]),
    ("engineer1", &["setup_engineer"]),
    ("setupreviewer1", &["setup_reviewer"]),
    ("checker1", &["egress_reviewer"]),
    ("holder1", &["data_holder"]),
    ("holder2", &["data_holder"]),
];

/// What a person is beside the team: who manages permits, and who administers.
pub fn roles(login: &str) -> Vec<&'static str> {
    let mut roles: Vec<&str> =
        TEAM.iter().filter(|(who, _)| *who == login).flat_map(|(_, roles)| *roles).copied().collect();
    roles.extend(login.starts_with("manager").then_some("permit_manager"));
    roles.extend(login.starts_with("admin").then_some("administrator"));
    roles
}

/// A database with everybody of permits in it, and their connections.
pub struct World {
    pub database: Database,
    pub owner: PgConnection,
    people: HashMap<String, PgConnection>,
}

impl World {
    pub async fn new() -> Self {
        let database = Database::fresh().await;
        let mut admin = database.connect("admin1").await;
        for (login, role) in PERMIT_PEOPLE {
            done(&mut admin, "add_person", &[login, login, "x@example.org"]).await;
            done(&mut admin, "add_login", &[login, login]).await;
            done(&mut admin, "add_membership", &[login, "null", role]).await;
        }
        done(&mut admin, "add_login", &[BOTH_AGAIN, "both1"]).await;
        done(&mut admin, "add_membership", &["both1", "null", "data_reviewer"]).await;
        let datasets = json!([{"accession": "HEART0001", "title": "Heart atlas"}]).to_string();
        done(&mut admin, "sync_datasets", &[&datasets]).await;
        done(&mut admin, "set_setting", &["permits.retention_days", "0"]).await;
        let owner = database.owner().await;
        Self { database, owner, people: HashMap::new() }
    }

    /// The connection of a login.
    pub async fn person(&mut self, login: &str) -> &mut PgConnection {
        if !self.people.contains_key(login) {
            let own = self.database.connect(login).await;
            self.people.insert(login.to_owned(), own);
        }
        self.people.get_mut(login).unwrap()
    }

    /// Issues a permit with everybody of [`TEAM`] on it, resting on these grants.
    pub async fn issue(&mut self, grants: &str) -> i64 {
        let team =
            TEAM.iter().flat_map(|(login, roles)| roles.iter().map(move |role| json!({"login": login, "role": role})));
        let team = team.collect::<Value>().to_string();
        let arguments = [
            "heart",
            "A permit",
            "For the tests",
            "null",
            r#"["HEART0001"]"#,
            grants,
            &team,
            "null",
            "2099-01-01",
            "null",
        ];
        let made = done(self.person("manager1").await, "issue_permit", &arguments).await;
        made["permit"].as_str().unwrap().parse().unwrap()
    }

    /// A move as a person.
    pub async fn step(&mut self, login: &str, permit: i64, what: &str, reason: &str) -> Answer {
        call(self.person(login).await, "move_permit", &[&permit.to_string(), what, reason]).await
    }

    /// The same, which must be done.
    pub async fn stepped(&mut self, login: &str, permit: i64, what: &str, reason: &str) {
        let answer = self.step(login, permit, what, reason).await;
        assert!(answer.ok, "{login} {what}: {answer:?}");
    }

    /// Puts a permit where a test wants it, as no command does, with nothing of what was there before.
    pub async fn put(&mut self, permit: i64, status: &str) {
        let sql = format!(
            "update exeat.permits set status = '{status}', paused_for = null, second_move = null, second_by = null, second_at = null, second_reason = null
             where id = {permit};
             update exeat.permit_team set confirmed_at = null where permit = {permit};
             delete from exeat.permit_states where permit = {permit} and previous is not null"
        );
        sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut self.owner).await.unwrap();
    }

    pub async fn status(&mut self, permit: i64) -> String {
        one(&mut self.owner, &format!("select status from exeat.permits where id = {permit}")).await
    }

    /// What is known of it that a refusal must leave as it was: the row, the log, the messages, the workspaces.
    pub async fn print(&mut self, permit: i64) -> String {
        let sql = format!(
            "select concat_ws('|', (select p from exeat.permits p where p.id = {permit}), (select count(*) from exeat.permit_states where permit = {permit}),
              (select count(*) from exeat.outbox), (select string_agg(w::text, ',' order by kind) from exeat.permit_workspaces w where permit = {permit}),
              (select string_agg(t::text, ',' order by t.id) from exeat.permit_team t where permit = {permit}))"
        );
        one(&mut self.owner, &sql).await
    }

    /// The topics written since a message.
    pub async fn topics(&mut self, since: i64) -> Vec<String> {
        let sql = format!("select coalesce(array_agg(topic order by id), '{{}}') from exeat.outbox where id > {since}");
        one(&mut self.owner, &sql).await
    }

    pub async fn last_message(&mut self) -> i64 {
        one(&mut self.owner, "select coalesce(max(id), 0) from exeat.outbox").await
    }

    /// The permit as a person reads it; none where they do not.
    pub async fn item(&mut self, login: &str, permit: i64) -> Option<Value> {
        let ids = literal(&json!({"ids": [permit]}).to_string());
        let sql = format!("select item from exeat.read('permit', 'rows', {ids})");
        sqlx::query_scalar(AssertSqlSafe(sql)).persistent(false).fetch_optional(self.person(login).await).await.unwrap()
    }
}
