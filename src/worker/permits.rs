//! What becomes of permits by itself: an analysis pauses at the permit's end or when none of its grants is live, and outputs
//! whose votes are over are decided. The rules are in `assets/sql/49_permit_rules.sql` and `54_permit_outputs.sql`. A task of
//! its own. Run by the worker.

use super::WorkerError;
use super::task::Setup;

pub(super) async fn run(on: Setup) {
    let mut pace = on.pace();
    while pace.turn().await {
        let done = round(on.clone()).await;
        pace.took(done.map(|()| false));
    }
}

pub(super) async fn round(on: Setup) -> Result<(), WorkerError> {
    on.db.settle_outputs().await?;
    on.db.pause_permits().await?;
    Ok(())
}
