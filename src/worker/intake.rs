//! When which project's location is passed over: every `intake_seconds`, and at once when someone asked. Run by the worker.
//!
//! Projects are passed beside each other, so that one large location does not hold up the rest. Who asked for a refresh is
//! answered by a pass that began after it was seen; a pass that failed answers nobody, the next one does.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{Mutex, Semaphore};
use tokio::task::JoinSet;
use tokio::time::Instant;

use super::pace::{Pace, Wake};
use super::pass::{Fresh, PassReport, pass};
use super::{Worker, WorkerError};
use crate::db::{Db, IntakeProject};

/// Projects passed over at once.
const AT_ONCE: usize = 3;
/// After a pass that failed, and while nothing else asks.
const AFTER_FAILURE: Duration = Duration::from_secs(3);

/// A refresh and whom it still waits for.
#[derive(Debug, Default)]
struct Refresh {
    waits_for: HashSet<String>,
    found: u64,
}

/// What is known of a project between its passes.
#[derive(Debug, Default)]
struct Known {
    running: bool,
    task: Option<tokio::task::Id>,
    next: Option<Instant>,
    fresh: Arc<Mutex<Fresh>>,
    failing: bool,
}

/// A pass that ended: its project and the refreshes seen before it began.
type Ended = (String, Vec<i64>, Result<PassReport, WorkerError>);

pub(super) async fn run(worker: Arc<Worker>, db: Db, wake: Wake) {
    let mut pace = Pace::new("intake", &worker, Some(wake), Duration::from_secs(1));
    let mut intake = Intake {
        worker: worker.clone(),
        db,
        at_once: Arc::new(Semaphore::new(AT_ONCE)),
        projects: HashMap::new(),
        refreshes: BTreeMap::new(),
        passes: JoinSet::new(),
    };
    loop {
        tokio::select! {
            go = pace.turn() => {
                if !go {
                    break;
                }
                match intake.begin().await {
                    // A project was added or moved: nothing may be put together there from now on.
                    Err(error @ WorkerError::Staging(_)) => {
                        tracing::error!(%error, "the worker stops");
                        worker.stop.cancel();
                        break;
                    }
                    begun => pace.took(begun.map(|()| false)),
                }
            },
            Some(ended) = intake.passes.join_next() => match ended {
                Ok(ended) => intake.end(ended).await,
                Err(fault) => intake.broke(&fault),
            },
        }
    }
    while intake.passes.join_next().await.is_some() {}
}

struct Intake {
    worker: Arc<Worker>,
    db: Db,
    at_once: Arc<Semaphore>,
    projects: HashMap<String, Known>,
    refreshes: BTreeMap<i64, Refresh>,
    passes: JoinSet<Ended>,
}

impl Intake {
    /// Begins the passes that are due.
    async fn begin(&mut self) -> Result<(), WorkerError> {
        let projects = self.db.intake_projects().await?;
        self.worker.check_staging(&projects)?;
        for (id, of) in self.db.open_refreshes().await? {
            self.refreshes.entry(id).or_insert_with(|| {
                let names = projects.iter().map(|p| p.project.clone());
                let waits_for = names.filter(|name| of.as_ref().is_none_or(|of| of == name)).collect();
                Refresh { waits_for, found: 0 }
            });
        }
        for project in projects {
            let known = self.projects.entry(project.project.clone()).or_default();
            let asked: Vec<i64> = self
                .refreshes
                .iter()
                .filter(|(_, refresh)| refresh.waits_for.contains(&project.project))
                .map(|(id, _)| *id)
                .collect();
            let due = known.next.is_none_or(|next| next <= Instant::now());
            if known.running || !(due || (!asked.is_empty() && !known.failing)) {
                continue;
            }
            // Before the pass begins: who asks from now on waits for a later one.
            if !asked.is_empty() {
                self.db.refreshes_begun(&asked).await?;
            }
            known.running = true;
            let work = one(self.worker.clone(), self.at_once.clone(), project, known.fresh.clone(), asked);
            known.task = Some(self.passes.spawn(work).id());
        }
        Ok(())
    }

    /// A pass broke off by a fault of ours: the project is passed over again, the others never noticed.
    fn broke(&mut self, fault: &tokio::task::JoinError) {
        for (project, known) in &mut self.projects {
            if known.task == Some(fault.id()) {
                tracing::error!(project, %fault, "a pass broke off; please report it");
                (known.running, known.failing) = (false, true);
                known.next = Some(Instant::now() + AFTER_FAILURE);
            }
        }
    }

    /// A pass is over: tells those who waited for it.
    async fn end(&mut self, (project, asked, ended): Ended) {
        let known = self.projects.entry(project.clone()).or_default();
        known.running = false;
        let period = Duration::from_secs(self.worker.config.worker.intake_seconds.into());
        match ended {
            Ok(report) => {
                if known.failing || report.registered + report.gone + report.failed > 0 {
                    tracing::info!(project, ?report, "passed over the location");
                }
                known.failing = false;
                known.next = Some(Instant::now() + period);
                for id in asked {
                    if let Some(refresh) = self.refreshes.get_mut(&id) {
                        refresh.waits_for.remove(&project);
                        refresh.found += report.registered;
                    }
                }
            }
            Err(error) => {
                if !known.failing {
                    tracing::warn!(project, %error, "the location cannot be passed over; it is tried again");
                }
                known.failing = true;
                known.next = Some(Instant::now() + AFTER_FAILURE.min(period));
            }
        }
        let over = self.refreshes.extract_if(.., |_, refresh| refresh.waits_for.is_empty()).collect::<Vec<_>>();
        for (id, refresh) in over {
            if let Err(error) = self.db.finish_refresh(id, i32::try_from(refresh.found).unwrap_or(i32::MAX)).await {
                // it is still open in the database, so the next turn takes it up again
                tracing::debug!(%error, "a refresh was not answered yet");
            }
        }
    }
}

async fn one(
    worker: Arc<Worker>,
    at_once: Arc<Semaphore>,
    project: IntakeProject,
    fresh: Arc<Mutex<Fresh>>,
    asked: Vec<i64>,
) -> Ended {
    let name = project.project.clone();
    let work = async {
        // closed never; without a permit the pass would only run beside more others
        let _permit = at_once.acquire().await;
        let db = worker.db("intake")?;
        pass(&worker, &db, &project, &mut *fresh.lock().await).await
    };
    let ended = tokio::select! {
        ended = work => ended,
        () = worker.stop.cancelled() => Ok(PassReport::default()),
    };
    (name, asked, ended)
}
