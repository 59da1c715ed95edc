//! Submitting files: their hashes are registered first, then the bytes go up through tickets, then intake binds them.
//! Called by `cli::egress`.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use futures::StreamExt as _;
use hyper::StatusCode;
use serde::Serialize;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use tokio::io::{AsyncReadExt as _, AsyncSeekExt as _};
use tokio_util::io::ReaderStream;
use uuid::Uuid;

use super::bytes::pause;
use super::http::{self, HttpError};
use super::tickets::number;
use super::{Result, Service, ServiceError};
use crate::domain::command::Command;
use crate::domain::egress::EgressItem;
use crate::domain::item::Item as _;
use crate::domain::page::Wanted;
use crate::text::{Untrusted, shown};

/// How long intake may take to bind what was uploaded.
const BIND: Duration = Duration::from_mins(10);
/// How often an upload is tried again after the store failed.
const TRIES: u32 = 4;
/// Bytes read at once.
const CHUNK: usize = 256 * 1024;

/// What a researcher asks for in one go.
#[derive(Clone, Debug)]
pub struct SubmitRequest {
    /// Made by the client; a retry with the same one has the first answer.
    pub command_id: Uuid,
    /// The project's id.
    pub project: String,
    /// Where the files should go.
    pub destination: String,
    /// What for.
    pub purpose: String,
    /// Files, and folders with everything below them.
    pub paths: Vec<PathBuf>,
    /// The folder their keys are below; none for the top.
    pub under: Option<String>,
}

/// How far it is.
#[derive(Clone, Debug)]
pub enum SubmitProgress<'a> {
    /// Reading a file to know its hash.
    Reading(&'a Untrusted),
    /// Uploading it: bytes sent so far, of how many.
    Sending(&'a Untrusted, u64, u64),
    /// Waiting for intake.
    Binding,
}

/// What became of it.
#[derive(Clone, Debug, Serialize)]
pub struct Submitted {
    /// The submission's id.
    pub submission: String,
    /// Its file versions, in the order of their keys.
    pub items: Vec<EgressItem>,
}

/// A file to submit.
struct Local {
    key: Untrusted,
    path: PathBuf,
    file: tokio::fs::File,
    size: u64,
    sha256: String,
}

impl Service {
    /// Submits files; returns once intake has bound every one of them.
    ///
    /// # Errors
    /// A file cannot be read or changed meanwhile; a refusal; no worker or store; see [`ServiceError`].
    pub async fn submit(
        &self,
        request: &SubmitRequest,
        progress: &(dyn Fn(SubmitProgress<'_>) + Send + Sync),
    ) -> Result<Submitted> {
        let mut files = Vec::new();
        for (key, path) in keys(&request.paths, request.under.as_deref())? {
            progress(SubmitProgress::Reading(&key));
            files.push(read(key, path).await?);
        }
        let register = Command::RegisterSubmission {
            project: request.project.clone(),
            destination: request.destination.clone(),
            purpose: request.purpose.clone(),
            files: files
                .iter()
                .map(|file| json!({"key": file.key.raw(), "sha256": file.sha256, "size": file.size}))
                .collect(),
        };
        let data = self.carry_out(request.command_id, &register).await?.into_result()?.data;
        let submission = number(&data, "submission").ok_or_else(|| unknown("submission"))?;
        let registrations =
            data.get("registrations").and_then(Value::as_array).ok_or_else(|| unknown("registrations"))?;
        for registration in registrations {
            if let Some(why) = registration.get("why_not").filter(|why| !why.is_null()) {
                return Err(refusal(why));
            }
            // The same bytes lie at that key already: there is nothing to send, and the worker binds them.
            if number(registration, "version").is_some() {
                continue;
            }
            let id = number(registration, "id").ok_or_else(|| unknown("registration"))?;
            let key = registration.get("key").and_then(Value::as_str).ok_or_else(|| unknown("key"))?;
            let file = files.iter_mut().find(|file| file.key.raw() == key).ok_or_else(|| unknown("key"))?;
            self.upload(id, file, progress).await?;
        }
        progress(SubmitProgress::Binding);
        let items = self.bound(request, submission, files.len()).await?;
        Ok(Submitted { submission: submission.to_string(), items })
    }

    /// Sends one file through a ticket.
    async fn upload(
        &self,
        registration: i64,
        file: &mut Local,
        progress: &(dyn Fn(SubmitProgress<'_>) + Send + Sync),
    ) -> Result<()> {
        let mut tries = 0;
        loop {
            let answer = self.carry_out(Uuid::new_v4(), &Command::AskUpload { registration }).await?;
            let ticket = self.ticket(&answer.into_result()?.data).await?;
            progress(SubmitProgress::Sending(&file.key, 0, file.size));
            let again = file.file.try_clone().await.map_err(|why| unreadable(&file.path, &why))?;
            let sent = self.put(&ticket.url, again, file).await;
            tries += 1;
            match sent {
                Ok(status) if status.is_success() => {
                    progress(SubmitProgress::Sending(&file.key, file.size, file.size));
                    return Ok(());
                }
                Ok(status) if status == StatusCode::BAD_REQUEST && tries > 1 => {
                    return Err(ServiceError::Usage(format!(
                        "The store did not take {} ({status}): if the file changed since it was registered, submit it again.",
                        shown(&file.key)
                    )));
                }
                Ok(status) if status == StatusCode::NOT_FOUND || status.is_client_error() && tries > 1 => {
                    return Err(ServiceError::Config(format!(
                        "The store refused {} with {status}: ask an administrator whether the project's bucket is there and what the worker's keys may write.",
                        shown(&file.key)
                    )));
                }
                Ok(status) if tries > TRIES => {
                    return Err(ServiceError::store(format!(
                        "The store at {} answers {status}: try again later or tell its administrator.",
                        http::place(&ticket.url)
                    )));
                }
                Err(why) if tries > TRIES || why.is_connect && tries > 1 => {
                    return Err(ServiceError::store(format!(
                        "The store does not answer at {} ({why}): see whether it runs and submit again.",
                        http::place(&ticket.url)
                    )));
                }
                _ => pause(tries).await,
            }
        }
    }

    async fn put(
        &self,
        address: &hyper::Uri,
        mut file: tokio::fs::File,
        facts: &Local,
    ) -> std::result::Result<StatusCode, HttpError> {
        let rewound = file.rewind().await;
        let start = futures::stream::iter(rewound.err().map(Err));
        // Never more than was hashed, so that a file still growing cannot break the request.
        let bytes = start.chain(ReaderStream::with_capacity(file.take(facts.size), CHUNK));
        let sum = crate::objects::checksum(&facts.sha256).unwrap_or_default();
        self.http().put(address, facts.size, &sum, bytes).await
    }

    /// Waits until intake has bound all files.
    async fn bound(&self, request: &SubmitRequest, submission: i64, count: usize) -> Result<Vec<EgressItem>> {
        let since = Instant::now();
        let sort = EgressItem::SORTS[0];
        let filter = json!({"submission": [submission]});
        loop {
            self.refresh(Uuid::new_v4(), Some(&request.project)).await?;
            let mut items = Vec::new();
            let mut after = None;
            loop {
                let page = self.page::<EgressItem>(&Wanted { filter: filter.clone(), sort, after, page: 200 }).await?;
                items.extend(page.items);
                after = page.next;
                if after.is_none() {
                    break;
                }
            }
            if items.len() >= count {
                items.sort_by(|one, other| one.key.cmp(&other.key));
                return Ok(items);
            }
            if since.elapsed() > BIND {
                return Err(ServiceError::Other(format!(
                    "Intake bound {} of {count} files of submission {submission}: see `exeat egress list submission:{submission}` and the worker's log.",
                    items.len()
                )));
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }
}

/// The keys of what was named: a file's own name; for a folder its name and the way below it; all of them below `under`.
fn keys(paths: &[PathBuf], under: Option<&str>) -> Result<Vec<(Untrusted, PathBuf)>> {
    let under = under.unwrap_or_default().trim_matches('/');
    if under.split('/').any(|part| matches!(part, "." | "..")) || under.contains("//") {
        return Err(ServiceError::Usage("--under takes a folder of the location, such as results/tables.".into()));
    }
    let mut found = Vec::new();
    for path in paths {
        let full = std::path::absolute(path).map_err(|why| unreadable(path, &why))?;
        let full =
            if full.file_name().is_none() { full.canonicalize().map_err(|why| unreadable(path, &why))? } else { full };
        let name =
            full.file_name().ok_or_else(|| ServiceError::Usage("The whole file system cannot be submitted.".into()))?;
        gather(&full, &Path::new(under).join(name), &mut found)?;
    }
    if found.is_empty() {
        return Err(ServiceError::Usage(
            "There is no file to submit: name files, or folders with files in them.".into(),
        ));
    }
    found.sort();
    if let Some(pair) = found.windows(2).find(|pair| pair[0].0 == pair[1].0) {
        return Err(ServiceError::Usage(format!(
            "Two of the files would have the key {}: rename one, or submit the folder they are both in.",
            shown(&pair[0].0)
        )));
    }
    Ok(found)
}

fn gather(path: &Path, name: &Path, found: &mut Vec<(Untrusted, PathBuf)>) -> Result<()> {
    let facts = std::fs::metadata(path).map_err(|why| unreadable(path, &why))?;
    if facts.is_dir() {
        let mut inside = std::fs::read_dir(path)
            .and_then(Iterator::collect::<std::io::Result<Vec<_>>>)
            .map_err(|why| unreadable(path, &why))?;
        inside.sort_by_key(std::fs::DirEntry::file_name);
        for entry in inside {
            // A link in a folder may lead anywhere, or around in a circle: what should go out is named itself.
            if !entry.file_type().map_err(|why| unreadable(path, &why))?.is_symlink() {
                gather(&entry.path(), &name.join(entry.file_name()), found)?;
            }
        }
        return Ok(());
    }
    if !facts.is_file() {
        return Err(ServiceError::Usage(format!("{} is no plain file: submit plain files only.", visible(path))));
    }
    let key = name
        .to_str()
        .ok_or_else(|| ServiceError::Usage(format!("The name of {} is not UTF-8: rename the file.", visible(path))))?;
    found.push((Untrusted::new(key), path.to_owned()));
    Ok(())
}

/// Opens a file and reads it through once for its hash.
async fn read(key: Untrusted, path: PathBuf) -> Result<Local> {
    let mut file = tokio::fs::File::open(&path).await.map_err(|why| unreadable(&path, &why))?;
    let mut hash = Sha256::new();
    let mut size = 0;
    let mut buffer = vec![0; CHUNK];
    loop {
        let n = file.read(&mut buffer).await.map_err(|why| unreadable(&path, &why))?;
        if n == 0 {
            break;
        }
        hash.update(&buffer[..n]);
        size += n as u64;
    }
    Ok(Local { key, path, file, size, sha256: hex::encode(hash.finalize()) })
}

fn unreadable(path: &Path, why: &std::io::Error) -> ServiceError {
    ServiceError::Usage(format!("Cannot read {}: {why}. Name files you may read.", visible(path)))
}

/// A path for a sentence: its name may have been chosen by anyone.
pub(super) fn visible(path: &Path) -> String {
    shown(&Untrusted::new(path.to_string_lossy()))
}

/// Why bytes that are there already cannot be submitted again.
fn refusal(why: &Value) -> ServiceError {
    let text = |name: &str| why.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
    ServiceError::refused(&text("code"), text("message"))
}

fn unknown(what: &str) -> ServiceError {
    ServiceError::Other(format!("The database's answer names no {what}: update exeat."))
}
