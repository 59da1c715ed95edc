//! People, roles, services, projects and policies as they are. Called by `cli`; most of it is for administrators.

use super::{Result, Service};
use crate::db::{MembershipRow, PersonRow, PolicyRow, ProjectRow, ServiceRow};

impl Service {
    /// Everybody, or oneself for who is no administrator or auditor.
    pub async fn people(&self) -> Result<Vec<PersonRow>> {
        self.db.list_people().await.map_err(|error| self.told(error))
    }

    /// The roles of a person, or of everybody.
    pub async fn memberships(&self, login: Option<&str>) -> Result<Vec<MembershipRow>> {
        self.db.list_memberships(login).await.map_err(|error| self.told(error))
    }

    /// The projects one may see.
    pub async fn projects(&self) -> Result<Vec<ProjectRow>> {
        self.db.list_projects().await.map_err(|error| self.told(error))
    }

    /// Every service there is or was; nothing for who is no administrator or auditor.
    pub async fn services(&self) -> Result<Vec<ServiceRow>> {
        self.db.list_services().await.map_err(|error| self.told(error))
    }

    /// The policies of a project, all versions.
    pub async fn policies(&self, project: &str) -> Result<Vec<PolicyRow>> {
        self.db.list_policies(project).await.map_err(|error| self.told(error))
    }
}
