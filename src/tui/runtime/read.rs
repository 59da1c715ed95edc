//! Reading rows, counts and facts, whichever the area. Tasks of `tui::runtime`.

use std::time::Duration;

use tokio::sync::watch;

use super::tasks::Shared;
use crate::domain::access::PairFacts;
use crate::domain::facts::{self, Comment, Event, Vote};
use crate::domain::page::{Cursor, Sort, Wanted};
use crate::service::ServiceError;
use crate::text::Untrusted;
use crate::tui::app::filter::Filter;
use crate::tui::app::layers::{AccessFacts, CommentLine, Facts, HistoryLine, VoteLine};
use crate::tui::app::msg::Fit;
use crate::tui::app::row::Kind;
use crate::tui::app::{Msg, Row};

/// How long the cursor rests before votes and comments are read.
const REST: Duration = Duration::from_millis(60);

/// A page of the list that is wanted.
#[derive(Clone, Debug)]
pub(super) struct Page {
    pub generation: u64,
    pub fit: Fit,
    pub filter: Filter,
    pub sort: Sort,
    pub after: Option<Cursor>,
    pub rows: u32,
}

type Rows = (Vec<Row>, Option<Cursor>);

/// A journalled command in words; what people gave with it, or else what the worker or a refusal said.
fn history_line(kind: Kind, event: &Event) -> HistoryLine {
    let worker = (kind == Kind::Egress && event.actor.is_none()).then_some("the worker");
    HistoryLine {
        at: event.at,
        changed: event.changed(),
        did: Untrusted::new(event.did()),
        said: if event.ok && worker.is_none() { event.said() } else { event.sentence.clone() },
        who: event.actor.clone().or(worker.map(str::to_owned)).unwrap_or_default(),
    }
}

fn vote_line(vote: Vote) -> VoteLine {
    let Vote { destination, voter, kind, comment, at, counted, .. } = vote;
    VoteLine { destination, voter, kind, comment, at, counted }
}

fn comment_line(comment: Comment) -> CommentLine {
    let Comment { author, body, internal, at, .. } = comment;
    CommentLine { author, body, internal, at }
}

fn lines(kind: Kind, facts: facts::Facts) -> Facts {
    let pair = || {
        let PairFacts { text, requests, grants, check } = PairFacts::of(&facts.more);
        Box::new(AccessFacts { text, requests, grants, check: check.map(Ok) })
    };
    Facts {
        access: (kind != Kind::Egress).then(pair),
        history: facts.history.iter().map(|event| history_line(kind, event)).collect(),
        votes: facts.votes.into_iter().map(vote_line).collect(),
        comments: facts.comments.into_iter().map(comment_line).collect(),
    }
}

impl Shared {
    pub(super) async fn list(self, mut wanted: watch::Receiver<Option<Page>>) {
        while wanted.changed().await.is_ok() {
            let Some(wish) = wanted.borrow_and_update().clone() else { continue };
            let (generation, fit) = (wish.generation, wish.fit);
            let answer = self.page(wish).await.map_err(|error| self.failed(&error));
            self.tell(Msg::Listed { generation, fit, answer });
        }
    }

    /// A page's rows with their places, in the list's order also where it was read from the other end.
    async fn page(&self, wish: Page) -> Result<Rows, ServiceError> {
        let back = matches!(wish.fit, Fit::Before | Fit::End);
        let sort = if back { wish.sort.turned() } else { wish.sort };
        let Filter { kind, asks } = wish.filter;
        let wanted = Wanted { filter: asks, sort, after: wish.after, page: wish.rows };
        let page = self.service.page_of(kind.area(), &wanted).await?;
        let mut rows: Vec<Row> = page.items.iter().map(|raw| Row::read(kind, raw)).collect();
        if back {
            rows.reverse();
        }
        Ok((rows, page.next))
    }

    pub(super) async fn count(self, mut wanted: watch::Receiver<Option<(u64, Filter)>>) {
        let mut before = None;
        while wanted.changed().await.is_ok() {
            // The rows go first; and what only changed here and there is counted once for many changes.
            let same = wanted.borrow().as_ref().map(|(_, filter)| filter) == before.as_ref();
            tokio::time::sleep(if same { 5 * REST } else { REST / 2 }).await;
            let Some((generation, filter)) = wanted.borrow_and_update().clone() else { continue };
            before = Some(filter.clone());
            let area = filter.kind.area();
            // A count that fails leaves the old number away; the list says why.
            let Ok(total) = self.service.count(area, &filter.asks).await else { continue };
            self.tell(Msg::Counted { generation, total, all: None });
            let Ok(all) = self.service.count(area, &Filter::everything(filter.kind).asks).await else { continue };
            self.tell(Msg::Counted { generation, total, all: Some(all) });
        }
    }

    pub(super) async fn rows(self, kind: Kind, ids: Vec<i64>) {
        match self.service.rows_of(kind.area(), &ids).await {
            Ok(rows) => self.tell(Msg::Rows(rows.iter().map(|raw| Row::read(kind, raw)).collect())),
            Err(error) => _ = self.failed(&error),
        }
    }

    pub(super) async fn facts(self, mut wanted: watch::Receiver<Option<(Kind, i64)>>) {
        while wanted.changed().await.is_ok() {
            tokio::time::sleep(REST).await;
            let Some((kind, id)) = *wanted.borrow_and_update() else { continue };
            let facts = match self.service.facts(kind.area(), id).await {
                Ok(facts) => Ok(facts.map_or_else(Facts::default, |facts| lines(kind, facts))),
                Err(error) => Err(self.failed(&error)),
            };
            self.tell(Msg::Facts(kind, id, facts));
        }
    }
}
