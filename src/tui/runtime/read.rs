//! Reading rows, counts and facts, each kind of rows from its own part of the service. Tasks of `tui::runtime`.

use std::time::Duration;

use tokio::sync::watch;

use super::history::line;
use super::tasks::Shared;
use crate::domain::access::{AccessSort, AccessSortField, GrantFilter, GrantId, RequestFilter, RequestId};
use crate::domain::egress::VersionId;
use crate::domain::history::words;
use crate::domain::page::{Cursor, Page as Listed, Total};
use crate::service::{AccessCommentRow, AccessHistoryRow, ServiceError};
use crate::text::Untrusted;
use crate::tui::app::filter::Filter;
use crate::tui::app::layers::{AccessFacts, CommentLine, Facts, HistoryLine, VoteLine};
use crate::tui::app::msg::Fit;
use crate::tui::app::row::Kind;
use crate::tui::app::tab::By;
use crate::tui::app::{Msg, Row};

/// How long the cursor rests before votes and comments are read.
const REST: Duration = Duration::from_millis(60);

/// The most requests and grants of one person and dataset that are read; the database gives no more at once.
const ALL: u32 = 1000;

/// A page of the list that is wanted.
#[derive(Clone, Debug)]
pub(super) struct Page {
    pub generation: u64,
    pub fit: Fit,
    pub filter: Filter,
    pub sort: By,
    pub after: Option<Cursor>,
    pub rows: u32,
}

type Rows = (Vec<Row>, Option<Cursor>);

/// The kind of an area of the change feed; none for one that no tab shows.
pub(super) fn kind(area: &str) -> Option<Kind> {
    match area {
        "egress" => Some(Kind::Egress),
        "request" => Some(Kind::Request),
        "grant" => Some(Kind::Grant),
        _ => None,
    }
}

fn history_line(row: AccessHistoryRow) -> HistoryLine {
    let text = |name: &str| row.detail.get(name).and_then(serde_json::Value::as_str).unwrap_or_default();
    let refused = format!("was refused ({}): {}", row.command.replace('_', " "), row.sentence.raw());
    let said = ["reason", "note", "body"].into_iter().map(text).find(|said| !said.is_empty()).unwrap_or_default();
    HistoryLine {
        at: row.at,
        changed: row.ok && !matches!(row.command.as_str(), "claim_request" | "unclaim_request" | "comment_request"),
        did: Untrusted::new(if row.ok { words(&row.command, &row.detail) } else { refused }),
        said: Untrusted::new(if row.ok { said } else { "" }),
        who: row.actor.unwrap_or_default(),
    }
}

fn comment_line(row: AccessCommentRow) -> CommentLine {
    CommentLine { author: row.author, body: row.body, internal: true, at: row.at }
}

fn rows_of<T>(items: Vec<T>) -> Vec<Row>
where
    Row: From<T>,
{
    items.into_iter().map(Row::from).collect()
}

/// A page's rows with their places, in the list's order also where it was read from the other end.
fn rows_at<T>(page: Listed<T>, back: bool) -> Rows
where
    Row: From<T>,
{
    let places = page.places.into_iter().chain(std::iter::repeat(None));
    let mut rows: Vec<Row> =
        page.items.into_iter().map(Row::from).zip(places).map(|(row, place)| Row { place, ..row }).collect();
    if back {
        rows.reverse();
    }
    (rows, page.next)
}

impl Shared {
    pub(super) async fn list(self, mut wanted: watch::Receiver<Option<Page>>) {
        while wanted.changed().await.is_ok() {
            let Some(wish) = wanted.borrow_and_update().clone() else { continue };
            let answer = self.page(&wish).await.map_err(|error| self.failed(&error));
            self.tell(Msg::Listed { generation: wish.generation, fit: wish.fit, answer });
        }
    }

    async fn page(&self, wish: &Page) -> Result<Rows, ServiceError> {
        let (after, rows) = (wish.after.as_ref(), wish.rows);
        let back = matches!(wish.fit, Fit::Before | Fit::End);
        let sort = if back { wish.sort.turned() } else { wish.sort };
        match (&wish.filter, sort) {
            (Filter::Egress(filter), By::Egress(sort)) => {
                Ok(rows_at(self.service.list(filter, sort, after, rows).await?, back))
            }
            (Filter::Request(filter), By::Access(sort)) => {
                Ok(rows_at(self.service.requests(filter, sort, after, rows).await?, back))
            }
            (Filter::Grant(filter), By::Access(sort)) => {
                Ok(rows_at(self.service.grants(filter, sort, after, rows).await?, back))
            }
            // A tab's orders are of its kind of rows; a test reads them.
            (Filter::Egress(_), By::Access(_)) | (Filter::Request(_) | Filter::Grant(_), By::Egress(_)) => {
                Ok((Vec::new(), None))
            }
        }
    }

    pub(super) async fn count(self, mut wanted: watch::Receiver<Option<(u64, Filter)>>) {
        let mut before = None;
        while wanted.changed().await.is_ok() {
            // The rows go first; and what only changed here and there is counted once for many changes.
            let same = wanted.borrow().as_ref().map(|(_, filter)| filter) == before.as_ref();
            tokio::time::sleep(if same { 5 * REST } else { REST / 2 }).await;
            let Some((generation, filter)) = wanted.borrow_and_update().clone() else { continue };
            before = Some(filter.clone());
            // A count that fails leaves the old number away; the list says why.
            let Ok(total) = self.counted(&filter).await else { continue };
            self.tell(Msg::Counted { generation, total, all: None });
            let Ok(all) = self.counted(&Filter::everything(filter.kind())).await else { continue };
            self.tell(Msg::Counted { generation, total, all: Some(all) });
        }
    }

    async fn counted(&self, filter: &Filter) -> Result<Total, ServiceError> {
        match filter {
            Filter::Egress(filter) => self.service.count(filter).await,
            Filter::Request(filter) => self.service.count_requests(filter).await,
            Filter::Grant(filter) => self.service.count_grants(filter).await,
        }
    }

    pub(super) async fn rows(self, kind: Kind, ids: Vec<i64>) {
        let rows = match kind {
            Kind::Egress => {
                let ids: Vec<VersionId> = ids.into_iter().map(VersionId).collect();
                self.service.rows(&ids).await.map(rows_of)
            }
            Kind::Request => {
                let ids: Vec<RequestId> = ids.into_iter().map(RequestId).collect();
                self.service.request_rows(&ids).await.map(rows_of)
            }
            Kind::Grant => {
                let ids: Vec<GrantId> = ids.into_iter().map(GrantId).collect();
                self.service.grant_rows(&ids).await.map(rows_of)
            }
        };
        match rows {
            Ok(rows) => self.tell(Msg::Rows(rows)),
            Err(error) => _ = self.failed(&error),
        }
    }

    pub(super) async fn facts(self, mut wanted: watch::Receiver<Option<(Kind, i64)>>) {
        while wanted.changed().await.is_ok() {
            tokio::time::sleep(REST).await;
            let Some((kind, id)) = *wanted.borrow_and_update() else { continue };
            let facts = match kind {
                Kind::Egress => self.file_facts(VersionId(id)).await,
                Kind::Request => self.request_facts(RequestId(id)).await,
                Kind::Grant => self.grant_facts(GrantId(id)).await,
            };
            self.tell(Msg::Facts(kind, id, facts.map_err(|error| self.failed(&error))));
        }
    }

    async fn file_facts(&self, id: VersionId) -> Result<Facts, ServiceError> {
        let vote = |vote: crate::service::VoteRow| VoteLine {
            destination: vote.destination,
            voter: vote.voter,
            kind: vote.kind,
            comment: vote.comment,
            at: vote.at,
            counted: vote.counted,
        };
        let comment = |comment: crate::service::CommentRow| CommentLine {
            author: comment.author,
            body: comment.body,
            internal: comment.internal,
            at: comment.at,
        };
        let votes = self.service.votes(id).await?.into_iter().map(vote).collect();
        let comments = self.service.comments(id).await?.into_iter().map(comment).collect();
        let history = self.service.history(id).await?.into_iter().map(line).collect();
        Ok(Facts { votes, comments, history, access: None })
    }

    async fn request_facts(&self, id: RequestId) -> Result<Facts, ServiceError> {
        let request = self.service.request(id).await?;
        let history = self.service.request_history(id).await?;
        let comments = self.service.request_comments(id).await?.into_iter().map(comment_line).collect();
        let mut access = self.pair_facts(&request.login, &request.dataset_id).await?;
        access.text = Some(request.request_text);
        let history = history.into_iter().map(history_line).collect();
        Ok(Facts { comments, history, access: Some(Box::new(access)), ..Facts::default() })
    }

    async fn grant_facts(&self, id: GrantId) -> Result<Facts, ServiceError> {
        let grant = self.service.access_grant(id).await?;
        let history = self.service.grant_history(id).await?;
        let access = self.pair_facts(&grant.login, &grant.dataset_id).await?;
        let history = history.into_iter().map(history_line).collect();
        Ok(Facts { history, access: Some(Box::new(access)), ..Facts::default() })
    }

    /// All requests and grants of a person and a dataset, and whether there is access now.
    async fn pair_facts(&self, login: &str, dataset: &str) -> Result<AccessFacts, ServiceError> {
        let (by, of) = (vec![login.to_owned()], vec![dataset.to_owned()]);
        let requests = RequestFilter { by: by.clone(), dataset: of.clone(), ..RequestFilter::default() };
        let requests = self.service.requests(&requests, AccessSort::default(), None, ALL).await?.items;
        let grants = GrantFilter { by, dataset: of, ..GrantFilter::default() };
        let sort = AccessSort { field: AccessSortField::Ends, descending: true };
        let grants = self.service.grants(&grants, sort, None, ALL).await?.items;
        let check = match self.service.access_check(login, dataset, None).await {
            Ok(check) => Ok(check),
            Err(error @ ServiceError::Unreachable { .. }) => return Err(error),
            Err(error) => Err(error.to_string()),
        };
        Ok(AccessFacts { requests, grants, check: Some(check), ..AccessFacts::default() })
    }
}
