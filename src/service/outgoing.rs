//! A released file on its way out over HTTP: compared with what was approved before its first byte leaves, then sent in pieces as fast
//! as they are taken, in constant memory. Its start and its end are journalled apart, a broken end too. Called by `serve`.

use std::ops::Range;
use std::sync::Arc;
use std::time::Duration;

use hyper::Response;
use hyper::body::{Bytes, Incoming};
use sha2::{Digest as _, Sha256};
use tokio::sync::{mpsc, oneshot};
use uuid::Uuid;

use super::http;
use super::{ObjectReader, Result, Service, ServiceError};
use crate::domain::command::{Command, TicketUse};
use crate::domain::egress::EgressItem;

/// Pieces that wait for a slow client; the store is read no further.
const AHEAD: usize = 4;

/// The bytes, piece by piece; an error breaks the answer off, so that nobody takes a part for the whole.
pub type Pieces = mpsc::Receiver<std::io::Result<Bytes>>;

/// What is to be sent.
pub struct Outgoing<H> {
    /// The released file.
    pub item: EgressItem,
    /// Its bytes that are asked for.
    pub range: Range<u64>,
    /// How long a client may take no piece before it counts as gone.
    pub patience: Duration,
    /// What the download holds: dropped when its end is journalled, and not when the client goes.
    pub held: H,
}

impl Service {
    /// Opens a released file and compares its bytes with what was approved; then they come as pieces of the range.
    ///
    /// # Errors
    /// `not_released` or another refusal; `altered` if the bytes are not the approved ones; no worker; see [`ServiceError`].
    pub async fn outgoing<H: Send + 'static>(self: Arc<Self>, what: Outgoing<H>) -> Result<Pieces> {
        let Outgoing { item, range, patience, held } = what;
        let (send, pieces) = mpsc::channel(AHEAD);
        let (opened, whether) = oneshot::channel();
        tokio::spawn(async move {
            self.send_out(item, range, &Client { to: send, patience }, opened).await;
            drop(held);
        });
        whether.await.unwrap_or_else(|_| Err(broke_off()))?;
        Ok(pieces)
    }

    async fn send_out(&self, item: EgressItem, range: Range<u64>, to: &Client, opened: oneshot::Sender<Result<()>>) {
        let reader = match self.open_item(item, TicketUse::Download, Uuid::new_v4()).await {
            Ok(reader) => reader,
            Err(why) => return drop(opened.send(Err(why))),
        };
        if let Err(why) = compare(&reader, to).await {
            self.journal_end(&reader, 0, false).await;
            return drop(opened.send(Err(why)));
        }
        // Nobody waits any more: the client went while the bytes were compared.
        let mut sent = 0;
        let whole = opened.send(Ok(())).is_ok() && send(&reader, range.clone(), to, &mut sent).await;
        self.journal_end(&reader, sent, whole && range.end == reader.size()).await;
        if !whole {
            to.takes(Err(std::io::Error::other("the file broke off"))).await;
        }
    }

    async fn journal_end(&self, reader: &ObjectReader<'_>, sent: u64, completed: bool) {
        let tickets = reader.tickets();
        for (n, ticket) in tickets.iter().enumerate() {
            let last = n + 1 == tickets.len();
            let end = Command::EndDownload {
                ticket: *ticket,
                bytes: if last { i64::try_from(sent).unwrap_or(i64::MAX) } else { 0 },
                sha256: reader.item().sha256.clone().filter(|_| last && sent == reader.size()),
                completed: last && completed,
            };
            if let Err(why) = self.carry_out(Uuid::new_v4(), &end).await {
                // As a text the log escapes it: it may quote what others wrote.
                let why = why.to_string();
                tracing::error!(why, "the end of a download could not be journalled");
            }
        }
    }
}

/// Who takes the pieces.
struct Client {
    to: mpsc::Sender<std::io::Result<Bytes>>,
    patience: Duration,
}

impl Client {
    /// Whether a piece is taken; a client that takes none for so long is gone.
    async fn takes(&self, piece: std::io::Result<Bytes>) -> bool {
        self.to.send_timeout(piece, self.patience).await.is_ok()
    }

    /// Whether nobody waits for pieces any more.
    fn is_gone(&self) -> bool {
        self.to.is_closed()
    }

    /// The store's next piece; none at its end, where the store breaks off, and when the client goes.
    async fn next(&self, response: &mut Response<Incoming>) -> Option<Bytes> {
        tokio::select! {
            biased;
            () = self.to.closed() => None,
            piece = http::next(response) => piece.ok().flatten(),
        }
    }
}

fn broke_off() -> ServiceError {
    ServiceError::Other("The download broke off.".to_owned())
}

/// Reads all bytes and compares their hash with the approved one, while somebody waits for them.
async fn compare(reader: &ObjectReader<'_>, to: &Client) -> Result<()> {
    let mut hash = Sha256::new();
    let (mut have, size) = (0, reader.size());
    while have < size {
        // A question to the store is never broken off: it may renew the ticket, and each ticket's end is journalled.
        let mut response = reader.request(have..size).await?;
        let before = have;
        while let Some(piece) = to.next(&mut response).await {
            hash.update(&piece);
            have += piece.len() as u64;
        }
        if to.is_gone() {
            return Err(broke_off());
        }
        if have == before {
            return Err(ServiceError::store("The store sends no more of the file: try again."));
        }
    }
    if have != size || Some(hex::encode(hash.finalize())) != reader.item().sha256 {
        return Err(reader.altered("its bytes are not those that were approved"));
    }
    Ok(())
}

/// Sends the range; whether all of it was taken. The last piece of a whole file is held back until the hash of all is the approved one.
async fn send(reader: &ObjectReader<'_>, range: Range<u64>, to: &Client, sent: &mut u64) -> bool {
    let whole = range == (0..reader.size());
    let (mut hash, mut at, mut held) = (Sha256::new(), range.start, None::<Bytes>);
    while at < range.end {
        let Ok(mut response) = reader.request(at..range.end).await else { return false };
        let before = at;
        while let Some(piece) = to.next(&mut response).await {
            hash.update(&piece);
            at += piece.len() as u64;
            if let Some(piece) = held.replace(piece) {
                let length = piece.len() as u64;
                if !to.takes(Ok(piece)).await {
                    return false;
                }
                *sent += length;
            }
        }
        if at == before || to.is_gone() {
            return false;
        }
    }
    if at != range.end || whole && Some(hex::encode(hash.finalize())) != reader.item().sha256 {
        return false;
    }
    let Some(piece) = held else { return true };
    let length = piece.len() as u64;
    let taken = to.takes(Ok(piece)).await;
    *sent += if taken { length } else { 0 };
    taken
}
