//! What portals of the field ask for in their own shapes (`assets/sql/64_portal_reads.sql`). Called by `service::portal`.

use chrono::{DateTime, Utc};
use serde_json::Value;
use uuid::Uuid;

use super::{Db, DbError, on_connection, rows, value};

/// A person as portals know them.
#[derive(Clone, Debug, PartialEq)]
pub struct PortalPerson {
    /// The login the person is known by here.
    pub login: String,
    /// The UUID portals know them by.
    pub ext_id: Uuid,
    /// Full name.
    pub full_name: String,
    /// Academic title; may be empty.
    pub title: String,
    /// Mail address; may be empty.
    pub mail: String,
    /// Whether they are still here.
    pub active: bool,
}

/// A file of a project.
#[derive(Clone, Debug)]
pub struct PortalFile {
    /// The file version.
    pub version: i64,
    /// Its key below the project's location.
    pub key: String,
    /// Bytes.
    pub size: i64,
    /// The approvals that count: `[{"user_id", "destination", "comment"?}]`, first ones first.
    pub approvals: Value,
}

/// Something that happened to a file of a project.
#[derive(Clone, Debug)]
pub struct PortalEvent {
    /// When.
    pub at: DateTime<Utc>,
    /// The file version.
    pub version: i64,
    /// Login of who did it.
    pub login: String,
    /// `Approval`, `Rejection` or `Download`; none of what portals have no word for.
    pub action: Option<String>,
    /// The destination it was about.
    pub destination: Option<String>,
    /// What they wrote.
    pub comment: Option<String>,
}

impl Db {
    /// For whom a service reads, and through which credential.
    fn reader(&self) -> (&str, Option<&str>) {
        self.acts().map_or(("", None), |acts| (&acts.login, acts.credential.as_deref()))
    }

    /// People by login or UUID, at most a thousand.
    pub(crate) async fn portal_people(&self, ids: &[String]) -> Result<Vec<PortalPerson>, DbError> {
        rows!(
            self,
            fetch_all,
            PortalPerson,
            r#"select login as "login!", ext_id as "ext_id!", full_name as "full_name!", title as "title!", mail as "mail!", active as "active!"
                from exeat.portal_people($1)"#,
            ids
        )
    }

    /// The roles the person holds now.
    pub(crate) async fn portal_roles(&self) -> Result<Value, DbError> {
        let (person, credential) = self.reader();
        value!(self, "portal_roles($1, $2)", person, credential)
    }

    /// Where a project's files lie; none where the person may not see them.
    pub(crate) async fn portal_location(&self, project: &str) -> Result<Option<String>, DbError> {
        let (person, credential) = self.reader();
        on_connection!(self, |conn| sqlx::query_scalar!(
            "select exeat.portal_location($1, $2, $3)",
            person,
            project,
            credential
        )
        .fetch_one(conn))
    }

    /// The files of a project with the approvals that count.
    pub(crate) async fn portal_files(&self, project: &str) -> Result<Vec<PortalFile>, DbError> {
        let (person, credential) = self.reader();
        rows!(
            self,
            fetch_all,
            PortalFile,
            r#"select version as "version!", key as "key!", size as "size!", approvals as "approvals!" from exeat.portal_files($1, $2, $3)"#,
            person,
            project,
            credential
        )
    }

    /// What happened to the files of a project, in the order of time.
    pub(crate) async fn portal_events(&self, project: &str) -> Result<Vec<PortalEvent>, DbError> {
        let (person, credential) = self.reader();
        rows!(
            self,
            fetch_all,
            PortalEvent,
            r#"select at as "at!", version as "version!", login as "login!", action, destination, comment from exeat.portal_events($1, $2, $3)"#,
            person,
            project,
            credential
        )
    }

    /// The file versions of an output of a permit.
    pub(crate) async fn portal_output(&self, permit: i64, output: i32) -> Result<Vec<i64>, DbError> {
        let (person, credential) = self.reader();
        value!(self, "portal_output($1, $2, $3, $4)", person, permit, output, credential)
    }

    /// What a form for a new request starts from; none where the dataset is not offered.
    pub(crate) async fn portal_defaults(&self, dataset: &str) -> Result<Option<Value>, DbError> {
        let (person, credential) = self.reader();
        on_connection!(self, |conn| sqlx::query_scalar!(
            "select exeat.portal_defaults($1, $2, $3)",
            person,
            dataset,
            credential
        )
        .fetch_one(conn))
    }

    /// The datasets somebody has access to now, each with its end.
    pub(crate) async fn portal_access(&self, login: &str) -> Result<Vec<(String, DateTime<Utc>)>, DbError> {
        struct Access {
            dataset: String,
            until: DateTime<Utc>,
        }
        let (person, credential) = self.reader();
        let found = rows!(
            self,
            fetch_all,
            Access,
            r#"select dataset as "dataset!", until as "until!" from exeat.portal_access($1, $2, $3)"#,
            person,
            login,
            credential
        )?;
        Ok(found.into_iter().map(|access| (access.dataset, access.until)).collect())
    }
}
