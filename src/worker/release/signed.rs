//! Whether the votes a release rests on are signed, asked once more before the first byte. Called by `Release::check`.

use chrono::Utc;

use super::{Failure, Release};
use crate::domain::signed::{Decided, Released};
use crate::worker::signatures;

impl Release {
    /// Nothing where signatures are not required, or enough of the counted approvals are signed.
    pub(super) fn signed(&self) -> Result<(), Failure> {
        let section = &self.worker.config.worker;
        let record = Decided::read(&self.job.record);
        let own = section.signed_approvals(&self.job.project, &self.job.destination) as usize;
        let required = record.required.unwrap_or(1).max(own);
        let allowed =
            signatures::allowed(section.allowed_signers.as_deref()).map_err(crate::worker::WorkerError::from)?;
        let released = Released {
            project: &self.job.project,
            destination: &self.job.destination,
            version: self.job.version,
            sha256: &self.job.sha256,
        };
        let signers = released.signers(&record, allowed.as_ref(), Utc::now());
        if record.standing(&signers) >= required && signers.len() >= own {
            return Ok(());
        }
        let signers = signers.len();
        let sentence = format!(
            "{signers} of the {required} approvals it needs are signed by their voters in a way that can be proved; nothing was copied."
        );
        Err(Failure::Ends("unsigned", sentence))
    }
}
