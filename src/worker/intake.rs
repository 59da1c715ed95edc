//! When which project's location is passed over: every `intake_seconds`, and at once when someone asked. One of the worker's tasks.
//!
//! Who asked for a refresh is answered by a pass that began after it was seen; a pass that failed answers nobody, the next one
//! does. Passes run beside each other in lanes: one for the schedule and one for each person who asked, so that whoever asks
//! for hundreds waits behind nobody but themselves. A pass that takes long keeps no place from others of its lane, and all
//! passes share the database and the scanners piece by piece, in the order they came.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;
use std::time::Duration;

use futures::FutureExt as _;
use tokio::sync::Mutex;
use tokio::task::{Id, JoinError, JoinSet};
use tokio::time::Instant;

use super::faults::{Fault, tell};
use super::pass::{Fresh, PassReport, pass};
use super::task::{Setup, Turns};
use super::{Worker, WorkerError, look_around};
use crate::db::{Db, IntakeProject};

/// Passes of one lane at once, not counting those that are no longer young.
const AT_ONCE: usize = 3;
/// A pass that runs longer is of a large location, or of a slow one.
const YOUNG: Duration = Duration::from_secs(10);
/// Passes of one lane in all: each holds the keys of its location and what is being read of it.
const MOST: usize = 6;
/// Connections the passes share.
const CONNECTIONS: usize = 3;
/// After a pass that failed, and while nothing else asks.
const AFTER_FAILURE: Duration = Duration::from_secs(3);

/// Whose turn a pass is: a person's by number in the database, or the schedule's.
type Lane = Option<i32>;

/// A refresh and what it still waits for.
#[derive(Debug)]
struct Refresh {
    person: i32,
    waits_for: HashSet<String>,
    found: u64,
}

/// A pass under way.
#[derive(Debug)]
struct Under {
    task: Id,
    lane: Lane,
    since: Instant,
}

/// What is known of a project between its passes.
#[derive(Debug, Default)]
struct Known {
    under: Option<Under>,
    next: Option<Instant>,
    fresh: Arc<Mutex<Fresh>>,
    failing: bool,
    /// What the database was told last; none: that nothing is wrong, or nothing yet.
    told: Option<Fault>,
}

/// A pass that ended: its project and the refreshes seen before it began.
type Ended = (IntakeProject, Vec<i64>, Result<PassReport, WorkerError>);

pub(super) fn run(on: Setup) -> Turns {
    let shared = (0..CONNECTIONS).map(|_| Ok(on.beside()?.db)).collect::<Result<_, WorkerError>>()?;
    Ok(vec![turns(on, shared).boxed()])
}

/// One pass over everything.
pub(super) async fn round(on: Setup) -> Result<(), WorkerError> {
    look_around(&on.worker, &on.db).await.map(drop)
}

async fn turns(on: Setup, shared: Vec<Arc<Db>>) {
    let mut pace = on.woken();
    let mut intake = Intake {
        worker: on.worker,
        db: on.db,
        shared,
        begun: 0,
        projects: Vec::new(),
        known: HashMap::new(),
        refreshes: BTreeMap::new(),
        passes: JoinSet::new(),
    };
    loop {
        tokio::select! {
            go = pace.turn() => {
                if !go {
                    break;
                }
                pace.took(intake.look().await.map(|()| false));
            },
            Some(ended) = intake.passes.join_next() => {
                match ended {
                    Ok(ended) => intake.end(ended).await,
                    Err(fault) => intake.broke(&fault),
                }
                intake.begin();
            },
        }
    }
    while intake.passes.join_next().await.is_some() {}
}

struct Intake {
    worker: Arc<Worker>,
    db: Arc<Db>,
    /// What the passes ask the database by; each call waits for the one before it, whosever it is.
    shared: Vec<Arc<Db>>,
    begun: usize,
    /// Those that can be passed over, as they were when last asked for.
    projects: Vec<IntakeProject>,
    known: HashMap<String, Known>,
    refreshes: BTreeMap<i64, Refresh>,
    passes: JoinSet<Ended>,
}

impl Intake {
    /// Asks what there is to do, and begins it.
    async fn look(&mut self) -> Result<(), WorkerError> {
        let (mut sound, mut told) = (Vec::new(), true);
        for project in self.db.intake_projects().await? {
            let fault = self.worker.fault_of(&project);
            let known = self.known.entry(project.project.clone()).or_default();
            if let Some(fault) = fault {
                known.next = None;
                if known.told.as_ref() != Some(&fault) || !project.faulted {
                    match tell(&self.worker, &self.db, &project, Some(&fault)).await {
                        Ok(()) => known.told = Some(fault),
                        Err(error) => {
                            tracing::warn!(project = project.project, %error, "a fault is told in the next turn");
                            told = false;
                        }
                    }
                }
            } else {
                sound.push(project);
            }
        }
        self.projects = sound;
        if told {
            self.worker.checked.cancel();
        }
        let known: HashSet<i64> = self.refreshes.keys().copied().collect();
        for open in self.db.open_refreshes().await? {
            // Seen for the first time, with all its rows together: what a pass is over for is never waited for again.
            if !known.contains(&open.id) {
                let refresh = self.refreshes.entry(open.id).or_insert_with(|| Refresh {
                    person: open.person,
                    waits_for: HashSet::new(),
                    found: 0,
                });
                refresh.waits_for.extend(open.project);
            }
        }
        self.answer().await;
        self.begin();
        Ok(())
    }

    /// Begins the passes that are due and have a place.
    fn begin(&mut self) {
        let now = Instant::now();
        let mut wanted: Vec<(Lane, IntakeProject)> = Vec::new();
        for refresh in self.refreshes.values() {
            let asked = self.projects.iter().filter(|project| refresh.waits_for.contains(&project.project));
            let asked = asked.filter(|project| self.known.get(&project.project).is_none_or(|known| !known.failing));
            wanted.extend(asked.map(|project| (Some(refresh.person), project.clone())));
        }
        let next = |project: &IntakeProject| self.known.get(&project.project).and_then(|known| known.next);
        let mut due: Vec<&IntakeProject> =
            self.projects.iter().filter(|project| next(project).is_none_or(|next| next <= now)).collect();
        due.sort_by_key(|project| next(project));
        wanted.extend(due.into_iter().map(|project| (None, project.clone())));
        for (lane, project) in wanted {
            let runs = self.known.get(&project.project).is_some_and(|known| known.under.is_some());
            if !runs && self.has_place(lane, now) {
                self.start(lane, project, now);
            }
        }
    }

    fn has_place(&self, lane: Lane, now: Instant) -> bool {
        let of_lane = self.known.values().filter_map(|known| known.under.as_ref()).filter(|under| under.lane == lane);
        let ages: Vec<Duration> = of_lane.map(|under| now - under.since).collect();
        ages.len() < MOST && ages.iter().filter(|age| **age < YOUNG).count() < AT_ONCE
    }

    fn start(&mut self, lane: Lane, project: IntakeProject, now: Instant) {
        let waits = |refresh: &Refresh| refresh.waits_for.contains(&project.project);
        let asked = self.refreshes.iter().filter(|(_, refresh)| waits(refresh)).map(|(id, _)| *id).collect();
        let db = self.shared[self.begun % self.shared.len()].clone();
        self.begun += 1;
        let known = self.known.entry(project.project.clone()).or_default();
        let work = one(self.worker.clone(), db, project, known.fresh.clone(), asked);
        known.under = Some(Under { task: self.passes.spawn(work).id(), lane, since: now });
    }

    /// A pass broke off by a fault of ours: the project is passed over again, the others never noticed.
    fn broke(&mut self, fault: &JoinError) {
        for (project, known) in &mut self.known {
            if known.under.as_ref().is_some_and(|under| under.task == fault.id()) {
                tracing::error!(project, %fault, "a pass broke off; please report it");
                (known.under, known.failing) = (None, true);
                known.next = Some(Instant::now() + AFTER_FAILURE);
            }
        }
    }

    /// A pass is over: tells those who waited for it, and the project's people if it cannot be made.
    async fn end(&mut self, (project, asked, ended): Ended) {
        let known = self.known.entry(project.project.clone()).or_default();
        known.under = None;
        let period = Duration::from_secs(self.worker.config.worker.intake_seconds.into());
        let fault = ended.as_ref().err().and_then(|error| Fault::of_pass(&project, error));
        match &ended {
            Ok(report) => {
                if known.failing || report.registered + report.gone + report.failed > 0 {
                    tracing::info!(project = project.project, ?report, "passed over the location");
                }
                known.failing = false;
                known.next = Some(Instant::now() + period);
                for id in asked {
                    if let Some(refresh) = self.refreshes.get_mut(&id) {
                        refresh.waits_for.remove(&project.project);
                        refresh.found += report.registered;
                    }
                }
            }
            Err(error) => {
                if !known.failing {
                    tracing::warn!(project = project.project, %error, "the location cannot be passed over; it is tried again");
                }
                known.failing = true;
                known.next = Some(Instant::now() + AFTER_FAILURE.min(period));
            }
        }
        // Whether the store is away says nothing of the project: what was told stays.
        if ended.is_ok() && (project.faulted || known.told.is_some()) || fault.is_some() && known.told != fault {
            match tell(&self.worker, &self.db, &project, fault.as_ref()).await {
                Ok(()) => known.told = fault,
                Err(error) => tracing::debug!(%error, "a fault is told later"),
            }
        }
        self.answer().await;
    }

    /// Answers the refreshes that wait for nothing any more. What cannot be passed over now is not waited for: its people
    /// see why.
    async fn answer(&mut self) {
        let stopped: Vec<&String> =
            self.known.iter().filter(|(_, known)| known.told.is_some()).map(|(name, _)| name).collect();
        for refresh in self.refreshes.values_mut() {
            refresh.waits_for.retain(|name| !stopped.contains(&name));
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

/// One pass, unless the worker is to stop.
async fn one(
    worker: Arc<Worker>,
    db: Arc<Db>,
    project: IntakeProject,
    fresh: Arc<Mutex<Fresh>>,
    asked: Vec<i64>,
) -> Ended {
    let work = async {
        if !asked.is_empty() {
            // Who asks from now on waits for a later pass.
            db.refreshes_begun(&asked).await?;
        }
        pass(&worker, &db, &project, &mut *fresh.lock().await).await
    };
    let ended = tokio::select! {
        ended = work => ended,
        () = worker.stop.cancelled() => Ok(PassReport::default()),
    };
    (project, asked, ended)
}
