//! The projects one sees: which stand still, and why. That one does is no fault of this desk. Called by [`super::servers`].

use super::super::projects::standing;
use super::Finding;
use crate::service::Service;
use crate::text::shown;

const WHAT: &str = "projects";

/// A remark for each project that is paused or that a worker leaves out.
pub(super) async fn findings(service: &Service) -> Vec<Finding> {
    match service.projects().await {
        Ok(projects) => {
            let told = standing(&projects).map(|(id, how, why)| format!("{id} {how} {}", shown(why)));
            told.map(|sentence| Finding::note(WHAT, sentence)).collect()
        }
        Err(error) => vec![Finding::failed(WHAT, &error)],
    }
}
