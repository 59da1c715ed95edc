//! A released file on its way out over HTTP: compared with what was approved before its first byte leaves, then sent in pieces as fast
//! as they are taken, in constant memory. Its start and its end are journalled apart, a broken end too. Called by `serve`.

use std::ops::Range;
use std::sync::Arc;

use hyper::body::Bytes;
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

/// What is sent, to be awaited until its end is journalled.
pub struct Outgoing {
    /// The bytes.
    pub pieces: Pieces,
    /// Ends when the end is journalled.
    pub ended: oneshot::Receiver<()>,
}

impl Service {
    /// Opens a released file and compares its bytes with what was approved; then they come as pieces of the range.
    ///
    /// # Errors
    /// `not_released` or another refusal; `altered` if the bytes are not the approved ones; no worker; see [`ServiceError`].
    pub async fn outgoing(self: Arc<Self>, item: EgressItem, range: Range<u64>) -> Result<Outgoing> {
        let (send, pieces) = mpsc::channel(AHEAD);
        let (opened, whether) = oneshot::channel();
        let (over, ended) = oneshot::channel();
        tokio::spawn(async move {
            self.send_out(item, range, &send, opened).await;
            let _ = over.send(());
        });
        whether.await.unwrap_or_else(|_| Err(ServiceError::Other("The download broke off.".to_owned())))?;
        Ok(Outgoing { pieces, ended })
    }

    async fn send_out(
        &self,
        item: EgressItem,
        range: Range<u64>,
        to: &mpsc::Sender<std::io::Result<Bytes>>,
        opened: oneshot::Sender<Result<()>>,
    ) {
        let reader = match self.open_item(item, TicketUse::Download, Uuid::new_v4()).await {
            Ok(reader) => reader,
            Err(why) => return drop(opened.send(Err(why))),
        };
        if let Err(why) = compare(&reader).await {
            self.journal_end(&reader, 0, false).await;
            return drop(opened.send(Err(why)));
        }
        // Nobody waits any more: the client went while the bytes were compared.
        let mut sent = 0;
        let whole = opened.send(Ok(())).is_ok() && send(&reader, range.clone(), to, &mut sent).await;
        self.journal_end(&reader, sent, whole && range.end == reader.size()).await;
        if !whole {
            let _ = to.send(Err(std::io::Error::other("the file broke off"))).await;
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
                tracing::error!(%why, "the end of a download could not be journalled");
            }
        }
    }
}

/// Reads all bytes and compares their hash with the approved one.
async fn compare(reader: &ObjectReader<'_>) -> Result<()> {
    let mut hash = Sha256::new();
    let (mut have, size) = (0, reader.size());
    while have < size {
        let mut response = reader.request(have..size).await?;
        let before = have;
        while let Ok(Some(piece)) = http::next(&mut response).await {
            hash.update(&piece);
            have += piece.len() as u64;
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
async fn send(
    reader: &ObjectReader<'_>,
    range: Range<u64>,
    to: &mpsc::Sender<std::io::Result<Bytes>>,
    sent: &mut u64,
) -> bool {
    let whole = range == (0..reader.size());
    let (mut hash, mut at, mut held) = (Sha256::new(), range.start, None::<Bytes>);
    while at < range.end {
        let Ok(mut response) = reader.request(at..range.end).await else { return false };
        let before = at;
        while let Ok(Some(piece)) = http::next(&mut response).await {
            hash.update(&piece);
            at += piece.len() as u64;
            if let Some(piece) = held.replace(piece) {
                let length = piece.len() as u64;
                if to.send(Ok(piece)).await.is_err() {
                    return false;
                }
                *sent += length;
            }
        }
        if at == before {
            return false;
        }
    }
    if at != range.end || whole && Some(hex::encode(hash.finalize())) != reader.item().sha256 {
        return false;
    }
    let Some(piece) = held else { return true };
    let length = piece.len() as u64;
    let taken = to.send(Ok(piece)).await.is_ok();
    *sent += if taken { length } else { 0 };
    taken
}
