//! People, roles, projects and policies. Called by `cli`; the database lets administrators only.

use chrono::{DateTime, Utc};
use serde_json::Value;
use uuid::Uuid;

use super::{Result, Service};
use crate::db::{MembershipRow, NewProject, PersonRow, PolicyRow, ProjectRow};
use crate::domain::refusal::Answer;

/// A role given.
#[derive(Clone, Debug)]
pub struct GrantRequest {
    /// Made by the client; a retry with the same one has the first answer.
    pub command_id: Uuid,
    /// Who.
    pub login: String,
    /// In which project; in all where it is absent.
    pub project: Option<String>,
    /// What.
    pub role: String,
    /// From when; now where it is absent.
    pub valid_from: Option<DateTime<Utc>>,
    /// Until when; without end where it is absent.
    pub valid_until: Option<DateTime<Utc>>,
}

impl Service {
    /// Everybody, or oneself for who is no administrator or auditor.
    ///
    /// # Errors
    /// See [`super::ServiceError`].
    pub async fn people(&self) -> Result<Vec<PersonRow>> {
        self.db.list_people().await.map_err(|error| self.told(error))
    }

    /// The roles of a person, or of everybody.
    ///
    /// # Errors
    /// See [`super::ServiceError`].
    pub async fn memberships(&self, login: Option<&str>) -> Result<Vec<MembershipRow>> {
        self.db.list_memberships(login).await.map_err(|error| self.told(error))
    }

    /// The projects one may see.
    ///
    /// # Errors
    /// See [`super::ServiceError`].
    pub async fn projects(&self) -> Result<Vec<ProjectRow>> {
        self.db.list_projects().await.map_err(|error| self.told(error))
    }

    /// The policies of a project, all versions.
    ///
    /// # Errors
    /// See [`super::ServiceError`].
    pub async fn policies(&self, project: &str) -> Result<Vec<PolicyRow>> {
        self.db.list_policies(project).await.map_err(|error| self.told(error))
    }

    /// Adds a person. A refusal is an answer.
    ///
    /// # Errors
    /// See [`super::ServiceError`].
    pub async fn add_person(
        &self,
        command_id: Uuid,
        login: &str,
        full_name: &str,
        mail: Option<&str>,
    ) -> Result<Answer> {
        self.db.add_person(command_id, login, full_name, mail).await.map_err(|error| self.told(error))
    }

    /// Says that a database role is a person. A refusal is an answer.
    ///
    /// # Errors
    /// See [`super::ServiceError`].
    pub async fn add_login(&self, command_id: Uuid, role: &str, login: &str) -> Result<Answer> {
        self.db.add_login(command_id, role, login).await.map_err(|error| self.told(error))
    }

    /// Gives a role. A refusal is an answer.
    ///
    /// # Errors
    /// See [`super::ServiceError`].
    pub async fn grant(&self, grant: &GrantRequest) -> Result<Answer> {
        self.db
            .add_membership(
                grant.command_id,
                &grant.login,
                grant.project.as_deref(),
                &grant.role,
                grant.valid_from,
                grant.valid_until,
            )
            .await
            .map_err(|error| self.told(error))
    }

    /// Ends a role. A refusal is an answer.
    ///
    /// # Errors
    /// See [`super::ServiceError`].
    pub async fn end_grant(&self, command_id: Uuid, login: &str, project: Option<&str>, role: &str) -> Result<Answer> {
        self.db.end_membership(command_id, login, project, role).await.map_err(|error| self.told(error))
    }

    /// Adds a project. A refusal is an answer.
    ///
    /// # Errors
    /// See [`super::ServiceError`].
    pub async fn add_project(&self, command_id: Uuid, project: &NewProject) -> Result<Answer> {
        self.db.add_project(command_id, project).await.map_err(|error| self.told(error))
    }

    /// Pauses a project: no bytes of it move until another administrator resumes it. A refusal is an answer.
    ///
    /// # Errors
    /// See [`super::ServiceError`].
    pub async fn pause_project(&self, command_id: Uuid, project: &str, reason: &str) -> Result<Answer> {
        self.db.pause_project(command_id, project, reason).await.map_err(|error| self.told(error))
    }

    /// Resumes a project that another administrator paused. A refusal is an answer.
    ///
    /// # Errors
    /// See [`super::ServiceError`].
    pub async fn resume_project(&self, command_id: Uuid, project: &str, reason: &str) -> Result<Answer> {
        self.db.resume_project(command_id, project, reason).await.map_err(|error| self.told(error))
    }

    /// Proposes a policy; a stricter one, and a project's first, is in force at once. A refusal is an answer.
    ///
    /// # Errors
    /// See [`super::ServiceError`].
    pub async fn set_policy(
        &self,
        command_id: Uuid,
        project: &str,
        destination: &str,
        values: &Value,
    ) -> Result<Answer> {
        self.db.set_policy(command_id, project, destination, values).await.map_err(|error| self.told(error))
    }

    /// Confirms, as the second administrator, a weaker policy. A refusal is an answer.
    ///
    /// # Errors
    /// See [`super::ServiceError`].
    pub async fn confirm_policy(&self, command_id: Uuid, policy: i64) -> Result<Answer> {
        self.db.confirm_policy(command_id, policy).await.map_err(|error| self.told(error))
    }
}
