//! What `exeat doctor` says of the projects one sees: which stand still, and why. Called by `cli::doctor`.

use super::projects::standing;
use crate::service::{Service, ServiceError};
use crate::text::shown;

/// A sentence for each project that is paused or that a worker leaves out. That they stand still is no fault of this desk.
pub(super) async fn standing_still(service: &Service) -> Result<Vec<String>, ServiceError> {
    let projects = service.projects().await?;
    Ok(standing(&projects).map(|(id, how, why)| format!("{id} {how} {}", shown(why))).collect())
}
