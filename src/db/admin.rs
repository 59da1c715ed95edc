//! People, roles, projects and policies: what administrators set up. Called by `service::admin`.

use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::Value;

use super::{Db, DbError, on_connection};
use crate::text::Untrusted;

/// One person.
#[derive(Clone, Debug, Serialize)]
pub struct PersonRow {
    /// The login the person is known by.
    pub login: String,
    /// Full name.
    pub full_name: Untrusted,
    /// Mail address.
    pub mail: Untrusted,
    /// The database roles that are this person.
    pub roles: Vec<String>,
    /// Since when.
    pub created_at: DateTime<Utc>,
    /// Gone since.
    pub removed_at: Option<DateTime<Utc>>,
}

/// One role of one person.
#[derive(Clone, Debug, Serialize)]
pub struct MembershipRow {
    /// Login.
    pub login: String,
    /// The project; all where it is absent.
    pub project: Option<String>,
    /// The role.
    pub role: String,
    /// From when.
    pub valid_from: DateTime<Utc>,
    /// Until when; without end where it is absent.
    pub valid_until: Option<DateTime<Utc>>,
    /// Whether it holds now.
    pub valid_now: bool,
}

/// One project.
#[derive(Clone, Debug, Serialize)]
pub struct ProjectRow {
    /// The id, such as `heart`.
    pub id: String,
    /// Its title.
    pub title: Untrusted,
    /// What it is for.
    pub purpose: Untrusted,
    /// Where its files lie, `s3://bucket/prefix/`.
    pub location: String,
    /// Where released ones go.
    pub shared_location: String,
    /// Destinations with a policy in force.
    pub destinations: Vec<String>,
    /// Since when.
    pub created_at: DateTime<Utc>,
    /// `proposed`, `open` or `closed`.
    pub standing: String,
    /// What one administrator proposed about it and another has to confirm: which change, by whom, since when. Empty where nothing waits.
    pub waits: Untrusted,
    /// Where no bytes of it move: since when, by whom and why. Empty where it is not paused.
    pub paused: Untrusted,
    /// Where a worker cannot work on it: since when and why. Empty where it can.
    pub fault: Untrusted,
}

/// A program that acts for people.
#[derive(Clone, Debug, Serialize)]
pub struct ServiceRow {
    /// Its name, which the journal has beside the person's.
    pub name: String,
    /// Its database role.
    pub role: String,
    /// Since when.
    pub since: DateTime<Utc>,
    /// Who added it.
    pub added_by: String,
    /// Ended since, for good.
    pub ended_at: Option<DateTime<Utc>>,
}

/// One version of the policy of a project for a destination.
#[derive(Clone, Debug, Serialize)]
pub struct PolicyRow {
    /// Its id, to confirm it by.
    pub policy: i64,
    /// The destination.
    pub destination: String,
    /// Which version, from 1.
    pub number: i32,
    /// `proposed`, `active` or what became of it.
    pub state: String,
    /// How many approvals a release needs.
    pub approvals: i32,
    /// The largest file in bytes.
    pub largest_file: i64,
    /// Seconds an approved file is held.
    pub hold_seconds: i32,
    /// Whether one rejection ends it.
    pub rejection_vetoes: bool,
    /// Whether a checker may download what is not released.
    pub inspection_downloads: bool,
    /// Whether approvals through services count.
    pub votes_via_services: bool,
    /// Whether votes are signed by their voters: `off`, `wanted` or `required`.
    pub signatures: String,
    /// What becomes of an approval of what was never opened: `ask`, `allow` or `refuse`.
    pub unseen: String,
    /// The numbers of the disclosure checks.
    pub checks: Value,
    /// Who proposed it.
    pub proposed_by: Option<String>,
    /// When.
    pub proposed_at: DateTime<Utc>,
    /// Who confirmed it.
    pub confirmed_by: Option<String>,
    /// In force since.
    pub active_from: Option<DateTime<Utc>>,
}

impl Db {
    /// Everybody the caller may know of.
    pub(crate) async fn list_people(&self) -> Result<Vec<PersonRow>, DbError> {
        on_connection!(self, |conn| sqlx::query_as!(
            PersonRow,
            r#"select login as "login!", full_name as "full_name!", coalesce(mail, '') as "mail!", roles as "roles!",
                    created_at as "created_at!", removed_at from exeat.list_people()"#
        )
        .fetch_all(conn))
    }

    /// The roles of a person, or of everybody.
    pub(crate) async fn list_memberships(&self, login: Option<&str>) -> Result<Vec<MembershipRow>, DbError> {
        on_connection!(self, |conn| sqlx::query_as!(
            MembershipRow,
            r#"select login as "login!", project, role as "role!", valid_from as "valid_from!", valid_until,
                    valid_now as "valid_now!" from exeat.list_memberships($1)"#,
            login
        )
        .fetch_all(conn))
    }

    /// The projects the caller may see.
    pub(crate) async fn list_projects(&self) -> Result<Vec<ProjectRow>, DbError> {
        on_connection!(self, |conn| {
            sqlx::query_as!(
            ProjectRow,
            r#"select id as "id!", title as "title!", purpose as "purpose!", location as "location!",
                    shared_location as "shared_location!", destinations as "destinations!", created_at as "created_at!",
                    standing as "standing!", coalesce(waits, '') as "waits!", coalesce(paused, '') as "paused!", coalesce(fault, '') as "fault!"
                from exeat.list_projects()"#
        )
        .fetch_all(conn)
        })
    }

    /// Every service there is or was.
    pub(crate) async fn list_services(&self) -> Result<Vec<ServiceRow>, DbError> {
        on_connection!(self, |conn| sqlx::query_as!(
            ServiceRow,
            r#"select name as "name!", role as "role!", since as "since!", added_by as "added_by!", ended_at
                from exeat.list_services()"#
        )
        .fetch_all(conn))
    }

    /// The policies of a project, all versions.
    pub(crate) async fn list_policies(&self, project: &str) -> Result<Vec<PolicyRow>, DbError> {
        on_connection!(self, |conn| sqlx::query_as!(
            PolicyRow,
            r#"select policy as "policy!", destination as "destination!", number as "number!", state as "state!",
                    approvals as "approvals!", largest_file as "largest_file!", hold_seconds as "hold_seconds!",
                    rejection_vetoes as "rejection_vetoes!", inspection_downloads as "inspection_downloads!",
                    votes_via_services as "votes_via_services!", signatures as "signatures!", unseen as "unseen!",
                    coalesce(checks, '{}') as "checks!", proposed_by, proposed_at as "proposed_at!", confirmed_by,
                    active_from from exeat.list_policies($1)"#,
            project
        )
        .fetch_all(conn))
    }
}
