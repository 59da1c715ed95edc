//! Downloads as tasks that tell how far they are and can be stopped; and how database, worker and store are.

use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use tokio::sync::oneshot;
use uuid::Uuid;

use super::shared::Shared;
use crate::domain::id::VersionId;
use crate::service::Progress;
use crate::text::Untrusted;
use crate::tui::app::Msg;
use crate::tui::app::state::job::{News, Part};

/// Steps of the progress that are told: a percent each.
const STEPS: u64 = 100;

impl Shared {
    pub(super) async fn download(self, job: u64, id: VersionId, stopped: oneshot::Receiver<()>) {
        let over = |ok, text: String| self.tell(Msg::Job(job, News::Over(ok, Untrusted::new(text))));
        let Some(folder) = self.folder() else {
            return over(
                false,
                "there is no folder to download to: set downloads in [desk] of the configuration.".into(),
            );
        };
        let told = AtomicU64::new(u64::MAX);
        let progress = |far: Progress| {
            let step = (u128::from(far.received) * u128::from(STEPS)).checked_div(u128::from(far.size));
            let step = step.and_then(|step| u64::try_from(step).ok()).unwrap_or(STEPS);
            if told.swap(step, Ordering::Relaxed) != step {
                self.tell(Msg::Job(job, News::Far(far.received, far.size)));
            }
        };
        let stop = async {
            // The desk forgot it without stopping it: it goes on.
            if stopped.await.is_err() {
                std::future::pending::<()>().await;
            }
        };
        match self.service.download_until(Uuid::new_v4(), id, &folder, &progress, stop).await {
            Ok(got) => {
                let only = if got.released { "" } else { " Not released: for looking only." };
                over(true, format!("downloaded and checked, {} ({} bytes).{only}", got.path.display(), got.bytes));
            }
            Err(error) => over(false, self.failed(&error)),
        }
    }

    /// The configured folder, else `exeat` in the home folder.
    fn folder(&self) -> Option<PathBuf> {
        let configured = self.service.config().desk.downloads.clone();
        configured.or_else(|| Some(directories::UserDirs::new()?.home_dir().join("exeat")))
    }

    pub(super) async fn status(self) {
        let mut parts = Vec::new();
        let mut add = |name, ok, text: String| parts.push(Part { name, ok, text: Untrusted::new(text) });
        let config = self.service.config();
        let since = Instant::now();
        match self.service.whoami().await {
            Ok(me) => add(
                "database",
                true,
                format!(
                    "answers in {} ms at {}; signed in as {}, schema {}",
                    since.elapsed().as_millis(),
                    config.database.place(),
                    me.login,
                    me.schema_number
                ),
            ),
            Err(error) => add("database", false, error.to_string()),
        }
        match self.service.system().await {
            Ok(system) => {
                let load =
                    format!("{} tickets wait, {} journal entries are not sealed yet", system.waiting, system.unsealed);
                let seen = system.worker_seen.map_or_else(
                    || "never seen".to_owned(),
                    |at| format!("seen last at {}", at.format("%d %b %H:%M:%S UTC")),
                );
                let dead =
                    format!("none is alive ({seen}): nothing is released or opened until one runs (exeat worker)");
                add("worker", system.worker_alive, if system.worker_alive { format!("alive; {load}") } else { dead });
            }
            Err(error) => add("worker", false, error.to_string()),
        }
        match (&config.s3.endpoint, self.service.store().await) {
            (None, _) => add("store", true, "not asked: no endpoint is configured in [s3]".to_owned()),
            (Some(endpoint), Ok(())) => add("store", true, format!("answers at {endpoint}")),
            (Some(_), Err(error)) => add("store", false, error.to_string()),
        }
        self.tell(Msg::Status(parts));
    }
}
