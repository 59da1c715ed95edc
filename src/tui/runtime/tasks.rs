//! Effects on the world beyond the terminal: each is a task that sends a message back; none is waited for.
//!
//! Reading follows the newest wish of its kind, so that a fast hand never queues questions nobody wants answered any more.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use tokio::sync::mpsc::{UnboundedSender, unbounded_channel};
use tokio::sync::{oneshot, watch};
use tokio::task::JoinHandle;
use uuid::Uuid;

use super::preview::{self, Wanted};
use super::read::Page;
use super::shared::Shared;
use super::{draft, hints};
use crate::domain::id::VersionId;
use crate::service::Service;
use crate::tui::app::filter::Filter;
use crate::tui::app::state::draft::Draft;
use crate::tui::app::{Cmd, Msg};

/// The tasks of a desk.
pub struct Tasks {
    shared: Shared,
    pages: watch::Sender<Option<Page>>,
    counts: watch::Sender<Option<(u64, Filter)>>,
    facts: watch::Sender<Option<(&'static str, i64)>>,
    previews: watch::Sender<Option<Wanted>>,
    drafts: UnboundedSender<Draft>,
    keeper: JoinHandle<()>,
    hints: Option<JoinHandle<std::io::Result<()>>>,
    /// What is being kept of what was seen.
    noting: Vec<JoinHandle<()>>,
    following: Option<JoinHandle<()>>,
    draft_folder: Option<PathBuf>,
    /// What waits for the person's key.
    signing: Option<JoinHandle<()>>,
    /// What stops each download.
    stops: HashMap<u64, oneshot::Sender<()>>,
}

impl Tasks {
    /// Starts what waits for wishes; nothing is asked of anyone yet.
    #[must_use]
    pub fn new(service: Arc<Service>, told: UnboundedSender<Msg>) -> Self {
        let shared = Shared { service, told, trying: Arc::new(AtomicBool::new(false)) };
        let (pages, wanted) = watch::channel(None);
        tokio::spawn(shared.clone().list(wanted));
        let (counts, wanted) = watch::channel(None);
        tokio::spawn(shared.clone().count(wanted));
        let (facts, wanted) = watch::channel(None);
        tokio::spawn(shared.clone().facts(wanted));
        let (previews, wanted) = watch::channel(None);
        tokio::spawn(preview::serve(Arc::clone(&shared.service), wanted, shared.told.clone()));
        let database = &shared.service.config().database;
        let place = format!("{} at {}", database.name, database.place());
        let draft_folder = draft::folder(&place, shared.service.role());
        let (drafts, wanted) = unbounded_channel();
        let teller = shared.clone();
        let keeper = tokio::spawn(draft::keep_all(draft_folder.clone(), wanted, move |text| teller.note(false, text)));
        Self {
            shared,
            pages,
            counts,
            facts,
            previews,
            drafts,
            keeper,
            hints: None,
            noting: Vec::new(),
            following: None,
            draft_folder,
            signing: None,
            stops: HashMap::new(),
        }
    }

    /// Starts an effect.
    pub fn start(&mut self, cmd: Cmd) {
        let shared = self.shared.clone();
        match cmd {
            Cmd::Connect => {
                if let Some(before) = self.following.take() {
                    before.abort();
                }
                self.following = Some(tokio::spawn(shared.clone().follow()));
                tokio::spawn(shared.connect());
            }
            Cmd::List { generation, fit, filter, sort, after, page } => {
                self.pages.send_replace(Some(Page { generation, fit, filter, sort, after, rows: page }));
            }
            Cmd::Count { generation, filter } => _ = self.counts.send_replace(Some((generation, filter))),
            Cmd::Facts(area, id) => _ = self.facts.send_replace(Some((area, id))),
            Cmd::Preview { id, sha256, offset, rows } => {
                self.previews.send_replace(Some(Wanted { id, sha256, offset, rows }));
            }
            Cmd::Rows(area, ids) => _ = tokio::spawn(shared.rows(area, ids)),
            Cmd::NoteSeen(area, id, seen) => {
                self.noting.retain(|noting| !noting.is_finished());
                self.noting.push(tokio::spawn(shared.note_seen(area, id, seen)));
            }
            Cmd::Send(orders) => _ = tokio::spawn(shared.send(orders)),
            Cmd::Sign(orders) => self.signing = Some(tokio::spawn(shared.sign(orders))),
            Cmd::StopSigning => {
                if let Some(signing) = self.signing.take() {
                    signing.abort();
                }
            }
            Cmd::Datasets => _ = tokio::spawn(shared.datasets()),
            Cmd::Defaults(dataset) => _ = tokio::spawn(shared.defaults(dataset)),
            // No receiver: the person has no folder in which it could be kept.
            Cmd::Keep(draft) => _ = self.drafts.send(draft),
            Cmd::ReadDrafts => {
                shared.tell(Msg::Drafts(self.draft_folder.as_deref().map_or_else(Vec::new, draft::read)));
            }
            Cmd::ReadHints => {
                shared.tell(Msg::Hints(hints::file().map_or_else(Default::default, |file| hints::read(&file))));
            }
            // What cannot be kept is only said again.
            Cmd::Hints(gone) => {
                self.hints = hints::file().map(|file| tokio::task::spawn_blocking(move || hints::add(&file, &gone)));
            }
            Cmd::Refresh => _ = tokio::spawn(shared.refresh()),
            Cmd::Download { job, id } => {
                let (stop, stopped) = oneshot::channel();
                self.stops.retain(|_, stop: &mut oneshot::Sender<()>| !stop.is_closed());
                self.stops.insert(job, stop);
                tokio::spawn(shared.download(job, VersionId(id), stopped));
            }
            Cmd::Stop(job) => {
                if let Some(stop) = self.stops.remove(&job) {
                    // No receiver: it is over by itself.
                    let _ = stop.send(());
                }
            }
            Cmd::Status => _ = tokio::spawn(shared.status()),
            Cmd::Quit
            | Cmd::Suspend
            | Cmd::ReadSettings
            | Cmd::Redraw
            | Cmd::Copy(_)
            | Cmd::Edit(_)
            | Cmd::EditKey(_)
            | Cmd::EditPaste(_) => {}
        }
    }

    /// Waits for what must not be lost: the drafts, and a moment for what was seen.
    pub async fn end(self) {
        drop(self.drafts);
        if let Some(hints) = self.hints {
            let _ = tokio::time::timeout(Duration::from_secs(1), hints).await;
        }
        for noting in self.noting {
            let _ = tokio::time::timeout(Duration::from_millis(300), noting).await;
        }
        let _ = tokio::time::timeout(Duration::from_secs(1), self.keeper).await;
    }
}

impl Shared {
    async fn refresh(self) {
        match self.service.refresh(Uuid::new_v4(), None).await {
            Ok(0) => self.note(true, "Nothing new lies in the locations."),
            Ok(1) => self.note(true, "1 new file version was found."),
            Ok(found) => self.note(true, format!("{found} new file versions were found.")),
            Err(error) => {
                let sentence = self.failed(&error);
                self.note(false, sentence);
            }
        }
    }
}
