//! Reading the bytes of one file version in ranges, through tickets. Used by `preview`, `download` and the desk.

use std::ops::Range;
use std::time::Duration;

use chrono::DateTime;
use hyper::body::Incoming;
use hyper::header::{ETAG, LAST_MODIFIED};
use hyper::{Response, StatusCode, Uri};
use sha2::{Digest as _, Sha256};
use tokio::sync::{Mutex, OnceCell};
use uuid::Uuid;

use super::http::{self, HttpError, place};
use super::tickets::Ticket;
use super::{Result, Service, ServiceError};
use crate::domain::command::{Command, TicketUse};
use crate::domain::egress::{EgressItem, VersionId};

/// How often a read is tried again after the store failed.
const TRIES: u32 = 4;
/// Up to so many bytes, a file in a bucket without versions is read whole and shown from memory: two reads of it could
/// meet two different objects with one ETag (a collision of MD5 takes seconds to make).
const WHOLE: u64 = 16 << 20;

/// One file version, open for reading. The opening was journalled; an expired ticket is renewed by itself.
pub struct ObjectReader<'a> {
    service: &'a Service,
    item: EgressItem,
    purpose: TicketUse,
    ticket: Mutex<Ticket>,
    tickets: std::sync::Mutex<Vec<Uuid>>,
    /// The ETag every answer must have: the registered one, or for a download, which may come from the shared copy, that
    /// of the first answer.
    etag: std::sync::OnceLock<String>,
    /// All bytes, compared with the registered hash: of a file that the store cannot hold still.
    held: OnceCell<Vec<u8>>,
}

impl Service {
    /// Opens a file version for looking inside.
    ///
    /// # Errors
    /// `not_found`, or another refusal; no worker; see [`ServiceError`].
    pub async fn open_version(&self, id: VersionId) -> Result<ObjectReader<'_>> {
        let item = self.one::<EgressItem>(id.0).await?;
        self.open_item(item, TicketUse::Preview, Uuid::new_v4()).await
    }

    /// Opens a file version whose row is at hand.
    pub(super) async fn open_item(
        &self,
        item: EgressItem,
        purpose: TicketUse,
        command_id: Uuid,
    ) -> Result<ObjectReader<'_>> {
        let ticket = self.reading_ticket(item.id, purpose, command_id).await?;
        let etag = std::sync::OnceLock::new();
        if purpose == TicketUse::Preview
            && let Some(registered) = &item.etag
        {
            let _ = etag.set(registered.trim_matches('"').to_owned());
        }
        let tickets = std::sync::Mutex::new(vec![ticket.id]);
        Ok(ObjectReader {
            service: self,
            item,
            purpose,
            ticket: Mutex::new(ticket),
            tickets,
            etag,
            held: OnceCell::new(),
        })
    }

    async fn reading_ticket(&self, version: VersionId, purpose: TicketUse, command_id: Uuid) -> Result<Ticket> {
        let answer = self.carry_out(command_id, &Command::AskTicket { version, purpose }).await?;
        self.ticket(&answer.into_result()?.data).await
    }
}

impl ObjectReader<'_> {
    /// The file version's row, as it was when it was opened.
    #[must_use]
    pub fn item(&self) -> &EgressItem {
        &self.item
    }

    /// Bytes.
    #[must_use]
    pub fn size(&self) -> u64 {
        self.item.size
    }

    /// Every ticket it had, the newest last.
    pub(super) fn tickets(&self) -> Vec<Uuid> {
        self.tickets.lock().map(|tickets| tickets.clone()).unwrap_or_default()
    }

    /// The bytes of a range, cut at the end of the file.
    ///
    /// # Errors
    /// `altered` if other bytes lie there now; the store does not answer; see [`ServiceError`].
    pub async fn read(&self, range: Range<u64>) -> Result<Vec<u8>> {
        let range = range.start..range.end.min(self.item.size);
        if range.is_empty() {
            return Ok(Vec::new());
        }
        if self.may_move() && self.item.size <= WHOLE {
            let held = self.held.get_or_try_init(|| self.fetch(0..self.item.size)).await?;
            let [start, end] = [range.start, range.end].map(|at| usize::try_from(at).unwrap_or(usize::MAX));
            return Ok(held.get(start..end).unwrap_or_default().to_vec());
        }
        self.fetch(range).await
    }

    /// Whether the store may put other bytes under this ticket: the bucket keeps no versions, or no longer does (`null`).
    pub(super) fn may_move(&self) -> bool {
        self.purpose == TicketUse::Preview && matches!(self.item.version_id.as_deref(), None | Some("null"))
    }

    /// Whether what is shown is compared with the ETag and the time that were registered only, and not with the hash.
    pub(super) fn is_loose(&self) -> bool {
        self.may_move() && self.item.size > WHOLE
    }

    /// The bytes of a range from the store; those of the whole file are the registered ones or an error.
    async fn fetch(&self, range: Range<u64>) -> Result<Vec<u8>> {
        let all = range == (0..self.item.size) && self.purpose == TicketUse::Preview;
        let mut tries = 0;
        loop {
            match self.whole(range.clone()).await? {
                Ok(bytes) => {
                    let registered = self.item.sha256.as_deref().filter(|_| all);
                    if registered.is_some_and(|registered| hex::encode(Sha256::digest(&bytes)) != registered) {
                        return Err(self.altered("its bytes have another sha256 now"));
                    }
                    return Ok(bytes);
                }
                Err(why) if tries >= TRIES => {
                    return Err(ServiceError::store(format!("The store broke off in the middle ({why}): try again.")));
                }
                Err(_) => {
                    tries += 1;
                    pause(tries).await;
                }
            }
        }
    }

    /// All bytes of a range from one answer; the inner error is a broken connection.
    async fn whole(&self, range: Range<u64>) -> Result<std::result::Result<Vec<u8>, HttpError>> {
        let mut response = self.request(range.clone()).await?;
        let wanted = usize::try_from(range.end - range.start).unwrap_or(usize::MAX);
        let mut bytes = Vec::with_capacity(wanted.min(16 << 20));
        loop {
            match http::next(&mut response).await {
                Ok(Some(chunk)) if bytes.len() + chunk.len() <= wanted => bytes.extend_from_slice(&chunk),
                Ok(None) if bytes.len() == wanted => return Ok(Ok(bytes)),
                Ok(_) => return Err(self.altered("it is shorter or longer than it was")),
                Err(why) => return Ok(Err(why)),
            }
        }
    }

    /// A response whose body is exactly this (not empty) range, its headers checked.
    pub(super) async fn request(&self, range: Range<u64>) -> Result<Response<Incoming>> {
        let mut renewed = false;
        let mut tries = 0;
        loop {
            let url = self.ticket.lock().await.url.clone();
            let sent = self.service.http().get(&url, Some(range.clone())).await;
            let response = match sent {
                Ok(response) if !response.status().is_server_error() => response,
                Ok(response) if tries >= TRIES => {
                    return Err(ServiceError::store(format!(
                        "The store at {} answers {}: try again later or tell its administrator.",
                        place(&url),
                        response.status()
                    )));
                }
                Err(why) if tries >= TRIES || why.is_connect && tries >= 1 => {
                    return Err(ServiceError::store(format!(
                        "The store does not answer at {} ({why}): see whether it runs and try again.",
                        place(&url)
                    )));
                }
                _ => {
                    tries += 1;
                    pause(tries).await;
                    continue;
                }
            };
            match response.status() {
                StatusCode::PARTIAL_CONTENT => {}
                StatusCode::OK if range.start == 0 && range.end == self.item.size => {}
                StatusCode::FORBIDDEN if !renewed => {
                    // The ticket expired; asking for another is journalled and checked like the first.
                    renewed = true;
                    let fresh = self.service.reading_ticket(self.item.id, self.purpose, Uuid::new_v4()).await?;
                    if let Ok(mut tickets) = self.tickets.lock() {
                        tickets.push(fresh.id);
                    }
                    *self.ticket.lock().await = fresh;
                    continue;
                }
                status => return Err(self.refused(status, &url, response).await),
            }
            if let Some(now) = response.headers().get(ETAG).and_then(|tag| tag.to_str().ok()) {
                let now = now.trim_matches('"');
                if self.etag.get_or_init(|| now.to_owned()) != now {
                    return Err(self.altered("other bytes lie there now"));
                }
            }
            // Seconds: a header says no more.
            let written = response.headers().get(LAST_MODIFIED).and_then(|at| at.to_str().ok());
            let written = written.and_then(|at| DateTime::parse_from_rfc2822(at).ok());
            if self.may_move() && written.is_some_and(|at| at.timestamp() != self.item.modified_at.timestamp()) {
                return Err(self.altered("it was written again"));
            }
            return Ok(response);
        }
    }

    /// What a refusal of the store means.
    async fn refused(&self, status: StatusCode, url: &Uri, response: Response<Incoming>) -> ServiceError {
        let body = http::beginning(response).await;
        if body.contains("<Code>NoSuchBucket</Code>") {
            return ServiceError::Config(format!(
                "The bucket of project {} is not there: ask an administrator to correct the project's location.",
                self.item.project
            ));
        }
        match status {
            StatusCode::NOT_FOUND | StatusCode::RANGE_NOT_SATISFIABLE | StatusCode::PRECONDITION_FAILED => {
                self.altered("it is not there any more")
            }
            _ => ServiceError::Config(format!(
                "The store at {} refused a fresh ticket with {status}: ask an administrator whether the clocks agree and what the worker's keys may read.",
                place(url)
            )),
        }
    }

    pub(super) fn altered(&self, why: &str) -> ServiceError {
        ServiceError::refused(
            "altered",
            format!(
                "File {} changed in the store since it was registered ({why}): run `exeat egress refresh` and look at the newer version.",
                self.item.id
            ),
        )
    }
}

pub(super) async fn pause(tries: u32) {
    tokio::time::sleep(Duration::from_millis(100 << tries.min(5))).await;
}
