//! Taking a file: ranged, resumable, verified, never over another file and never out of the chosen folder. Called by the
//! desk and `cli::egress`.

use std::fs::File;
use std::io::{Read as _, Seek as _, Write as _};
use std::path::{Path, PathBuf};

use serde::Serialize;
use sha2::{Digest as _, Sha256};
use uuid::Uuid;

use super::bytes::pause;
use super::http;
use super::target::{Target, unwritable};
use super::{ObjectReader, Result, Service, ServiceError};
use crate::domain::command::{Command, TicketUse};
use crate::domain::egress::{CaseState, EgressItem, VersionId};

/// How often a broken connection is taken up again without a single byte in between.
const TRIES: u32 = 5;

/// How far it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// Bytes that are there.
    pub received: u64,
    /// Of how many.
    pub size: u64,
}

/// A file that is there, verified.
#[derive(Clone, Debug, Serialize)]
pub struct Downloaded {
    /// Where.
    pub path: PathBuf,
    /// Its size in bytes.
    pub bytes: u64,
    /// Its hash, the one that was approved.
    pub sha256: String,
    /// Whether it was there before.
    pub already: bool,
    /// Whether it is released; what is not, is for looking only.
    pub released: bool,
}

impl Service {
    /// Downloads a file version below a folder. Its start and its end are journalled apart; an interrupted download goes
    /// on where it broke off.
    ///
    /// # Errors
    /// `not_released` or another refusal; `too_large`; `exists` if another file is in the way; `altered` if the bytes are
    /// not the approved ones; see [`ServiceError`].
    pub async fn download(
        &self,
        command_id: Uuid,
        id: VersionId,
        folder: &Path,
        progress: &(dyn Fn(Progress) + Send + Sync),
    ) -> Result<Downloaded> {
        self.download_until(command_id, id, folder, progress, std::future::pending()).await
    }

    /// The same, until `stop` is ready: then the end is journalled as not complete, and what came is kept to go on from.
    ///
    /// # Errors
    /// As [`Service::download`]; `stopped` if it was.
    pub async fn download_until(
        &self,
        command_id: Uuid,
        id: VersionId,
        folder: &Path,
        progress: &(dyn Fn(Progress) + Send + Sync),
        stop: impl Future<Output = ()> + Send,
    ) -> Result<Downloaded> {
        let item = self.one::<EgressItem>(id.0).await?;
        if let Some(most) = self.config.desk.largest_download
            && item.size > most
        {
            return Err(ServiceError::refused(
                "too_large",
                format!(
                    "It has {} bytes and largest_download in [desk] allows {most}: raise that if you mean it.",
                    item.size
                ),
            ));
        }
        let reader = self.open_item(item, TicketUse::Download, command_id).await?;
        let fetched = tokio::select! {
            biased;
            () = stop => Err(ServiceError::refused(
                "stopped",
                "The download was stopped. What came is kept: download again to go on from there.".to_owned(),
            )),
            fetched = fetch(&reader, folder, progress) => fetched,
        };
        let ended = self.end_download(&reader.tickets(), fetched.as_ref().ok()).await;
        let done = fetched?;
        ended?;
        Ok(done)
    }

    /// Journals the end: what arrived belongs to the newest ticket, the ones before had expired.
    async fn end_download(&self, tickets: &[Uuid], done: Option<&Downloaded>) -> Result<()> {
        for (n, ticket) in tickets.iter().enumerate() {
            let done = done.filter(|_| n + 1 == tickets.len());
            let end = Command::EndDownload {
                ticket: *ticket,
                bytes: done.map_or(0, |done| i64::try_from(done.bytes).unwrap_or(i64::MAX)),
                sha256: done.map(|done| done.sha256.clone()),
                completed: done.is_some(),
            };
            self.carry_out(Uuid::new_v4(), &end).await?.into_result()?;
        }
        Ok(())
    }
}

async fn fetch(
    reader: &ObjectReader<'_>,
    folder: &Path,
    progress: &(dyn Fn(Progress) + Send + Sync),
) -> Result<Downloaded> {
    let item = reader.item();
    let sha256 = item.sha256.clone().ok_or_else(|| ServiceError::refused("blocked", "Its bytes were never read."))?;
    let released = item.destinations.values().any(|case| case.state == CaseState::Released);
    let target = Target::open(folder, &key_bytes(item)?)?;
    let done = |already| Downloaded {
        path: target.path().to_owned(),
        bytes: item.size,
        sha256: sha256.clone(),
        already,
        released,
    };
    if let Some(mut present) = target.present()? {
        let same = present.metadata().is_ok_and(|facts| facts.len() == item.size)
            && hash_of(&mut present, target.path())?.1 == sha256;
        return if same { Ok(done(true)) } else { Err(target.exists()) };
    }
    let mut part = target.part(item.id)?;
    let (mut have, _) = hash_of(&mut part, target.path())?;
    if have > item.size {
        part.set_len(0).map_err(|why| unwritable(target.path(), &why))?;
        have = 0;
    }
    target.room(item.size - have)?;
    let resumed = have > 0;
    let mut hash = receive(reader, &mut part, &target, progress).await?;
    if hash != sha256 && resumed {
        // What was there before may be what is wrong: once more from the start.
        part.set_len(0).map_err(|why| unwritable(target.path(), &why))?;
        hash = receive(reader, &mut part, &target, progress).await?;
    }
    if hash != sha256 {
        target.discard(item.id);
        return Err(reader.altered("what arrived has another sha256 than what was approved; it was thrown away"));
    }
    part.sync_all().map_err(|why| unwritable(target.path(), &why))?;
    target.finish(item.id)?;
    Ok(done(false))
}

/// Reads what is missing at the end of the part; returns the hash of the whole.
async fn receive(
    reader: &ObjectReader<'_>,
    part: &mut File,
    target: &Target,
    progress: &(dyn Fn(Progress) + Send + Sync),
) -> Result<String> {
    let size = reader.size();
    let (mut have, mut hash) = hasher_of(part, target.path())?;
    let mut tries = 0;
    while have < size {
        let mut response = reader.request(have..size).await?;
        loop {
            match http::next(&mut response).await {
                Ok(Some(chunk)) => {
                    if have + chunk.len() as u64 > size {
                        return Err(reader.altered("it is longer than it was"));
                    }
                    part.write_all(&chunk).map_err(|why| unwritable(target.path(), &why))?;
                    hash.update(&chunk);
                    have += chunk.len() as u64;
                    tries = 0;
                    progress(Progress { received: have, size });
                }
                Err(why) if tries >= TRIES => {
                    return Err(ServiceError::store(format!(
                        "The store broke off after {have} of {size} bytes ({why}): download again to go on from there."
                    )));
                }
                Ok(None) | Err(_) => break,
            }
        }
        if have < size {
            tries += 1;
            if tries > TRIES {
                return Err(ServiceError::store(format!(
                    "The store sends no more after {have} of {size} bytes: download again to go on from there."
                )));
            }
            pause(tries).await;
        }
    }
    Ok(hex::encode(hash.finalize()))
}

/// The length and hash of a file, read from its start; the file is at its end afterwards.
fn hash_of(file: &mut File, path: &Path) -> Result<(u64, String)> {
    let (length, hash) = hasher_of(file, path)?;
    Ok((length, hex::encode(hash.finalize())))
}

fn hasher_of(file: &mut File, path: &Path) -> Result<(u64, Sha256)> {
    let mut hash = Sha256::new();
    let mut length = 0;
    let mut buffer = vec![0; 256 * 1024];
    file.rewind().map_err(|why| unwritable(path, &why))?;
    loop {
        let n = file.read(&mut buffer).map_err(|why| unwritable(path, &why))?;
        if n == 0 {
            return Ok((length, hash));
        }
        hash.update(&buffer[..n]);
        length += n as u64;
    }
}

/// The key as the store knows it.
fn key_bytes(item: &EgressItem) -> Result<Vec<u8>> {
    match &item.key_hex {
        Some(digits) => {
            hex::decode(digits).map_err(|_| ServiceError::Other("The key's hex is broken: update exeat.".into()))
        }
        None => Ok(item.key.raw().as_bytes().to_vec()),
    }
}
