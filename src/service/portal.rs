//! What a server for portals asks beside commands and lists: its credentials, people by the UUIDs portals know them by, and the
//! shapes of the field's contracts. Called by `serve`, and by `cli::credentials`.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use serde_json::Value;
use uuid::Uuid;

use super::{Credential, CredentialRow, PortalEvent, PortalFile, PortalPerson, Result, Service, ServiceError};
use crate::domain::refusal::Answer;

impl Service {
    /// Carries out what came as JSON, by the command's name; the database judges it.
    pub async fn carry_out_raw(&self, id: Uuid, name: &str, request: &Value) -> Result<Answer> {
        self.asked(self.db.carry_out(id, name, request).await)
    }

    /// The service's live credential of that name.
    pub async fn credential(&self, name: &str) -> Result<Option<Credential>> {
        self.asked(self.db.credential(name).await)
    }

    /// Every credential there is or was; nothing for who is no administrator or auditor.
    pub async fn credentials(&self) -> Result<Vec<CredentialRow>> {
        self.asked(self.db.list_credentials().await)
    }

    /// The person of a login or of a UUID; none where there is nobody, those who left among them.
    pub async fn person(&self, id: &str) -> Result<Option<PortalPerson>> {
        Ok(self.asked(self.db.portal_people(&[id.to_owned()]).await)?.into_iter().find(|person| person.active))
    }

    /// The UUIDs of logins.
    pub async fn ext_ids(&self, mut logins: Vec<String>) -> Result<HashMap<String, Uuid>> {
        logins.sort();
        logins.dedup();
        let mut known = HashMap::new();
        for logins in logins.chunks(1_000) {
            let people = self.asked(self.db.portal_people(logins).await)?;
            known.extend(people.into_iter().map(|person| (person.login, person.ext_id)));
        }
        Ok(known)
    }

    /// Whether the person holds the role in all projects.
    pub async fn holds(&self, role: &str) -> Result<bool> {
        let roles = self.roles().await?;
        Ok(roles.as_array().into_iter().flatten().any(|held| held["role"] == role && held["project"].is_null()))
    }

    /// The roles the person holds now: `[{"role", "project"}]`, project null for all.
    pub async fn roles(&self) -> Result<Value> {
        self.asked(self.db.portal_roles().await)
    }

    /// Where a project's files lie, `s3://bucket/prefix/`; none where the person may not see them.
    pub async fn location(&self, project: &str) -> Result<Option<String>> {
        self.asked(self.db.portal_location(project).await)
    }

    /// The files of a project, in the order of their keys.
    pub async fn portal_files(&self, project: &str) -> Result<Vec<PortalFile>> {
        self.asked(self.db.portal_files(project).await)
    }

    /// What happened to the files of a project, in the order of time.
    pub async fn portal_events(&self, project: &str) -> Result<Vec<PortalEvent>> {
        self.asked(self.db.portal_events(project).await)
    }

    /// The file versions of an output of a permit that the person may see.
    pub async fn output_files(&self, permit: i64, output: i32) -> Result<Vec<i64>> {
        self.asked(self.db.portal_output(permit, output).await)
    }

    /// What a portal's form for a new request starts from, and its bounds.
    ///
    /// # Errors
    /// `not_found` where the dataset is not offered; else see [`ServiceError`].
    pub async fn portal_defaults(&self, dataset: &str) -> Result<Value> {
        let found = self.asked(self.db.portal_defaults(dataset).await)?;
        found.ok_or_else(|| ServiceError::not_found("Dataset not found"))
    }

    /// The datasets somebody has access to now, each with the latest end among their valid grants.
    pub async fn portal_access(&self, login: &str) -> Result<Vec<(String, DateTime<Utc>)>> {
        self.asked(self.db.portal_access(login).await)
    }
}

impl ServiceError {
    /// The same refusal with words of its own.
    #[must_use]
    pub fn not_found(sentence: &str) -> Self {
        Self::refused("not_found", sentence)
    }
}
