//! The local S3 store: a small backend on the `s3s` crate. Content files and an index that survives kill -9, keys as opaque
//! bytes, versions, ETag, ranges, conditional writes, URL-encoded listings in byte order, multipart, presigned requests, and
//! rights for each access key. Called by the supervisor (`exeat local store`) and by the tests.
//!
//! Which hostile keys it can hold, each kept apart from all others byte by byte:
//!
//! | key | held | why not |
//! |---|---|---|
//! | `../../x`, `..`, `.` , `/x` (absolute), `a//b`, `a/`, `/` | yes | |
//! | newline, tab, escape and other control characters, DEL | yes | listed with `encoding-type=url` only: XML 1.0 has no spelling for most |
//! | NUL | yes | as above |
//! | backslash, trailing space, `%`, `+`, `?`, `#`, quotes | yes | |
//! | bidi controls, zero-width, tag characters, unnormalised Unicode | yes | |
//! | 1,024 bytes | yes | |
//! | over 1,024 bytes | no | `KeyTooLongError`, as the protocol says |
//! | not UTF-8 | no | `InvalidURI`: `s3s` decodes the path to text before the backend sees it |
//!
//! Tagging, lifecycle, encryption, object lock, ACLs and website settings are not there: nothing in exeat uses them.

mod backend;
mod content;
mod index;
mod listing;
mod multipart;
mod objects;
mod rights;
mod server;
mod signed;

use std::collections::HashSet;
use std::path::Path;
use std::sync::Arc;

use content::Content;
use index::Index;
pub use rights::{AccessKey, Right, Rights};
use s3s::{S3Error, S3ErrorCode};
pub use server::{Server, serve};

/// Why the store could not do something.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The bucket is not there.
    #[error("there is no such bucket")]
    NoSuchBucket,
    /// The upload is not there.
    #[error("there is no such multipart upload: it was completed or aborted")]
    NoSuchUpload,
    /// A conditional write found something else.
    #[error("the object at this key is not what the condition asks for")]
    Precondition,
    /// The body broke off or did not match its signature.
    #[error("the body did not arrive whole: {0}")]
    Body(String),
    /// The index.
    #[error("the store's index cannot be used: {0}; if another process has it open, end that first")]
    Index(String),
    /// The disk.
    #[error("the store's folder cannot be used: {0}")]
    Io(#[from] std::io::Error),
}

macro_rules! from_redb {
    ($($error:ty),*) => {$(
        impl From<$error> for StoreError {
            fn from(error: $error) -> Self {
                Self::Index(error.to_string())
            }
        }
    )*};
}
from_redb!(redb::DatabaseError, redb::TransactionError, redb::TableError, redb::StorageError, redb::CommitError);

impl From<StoreError> for S3Error {
    fn from(error: StoreError) -> Self {
        let code = match &error {
            StoreError::NoSuchBucket => S3ErrorCode::NoSuchBucket,
            StoreError::NoSuchUpload => S3ErrorCode::NoSuchUpload,
            StoreError::Precondition => S3ErrorCode::PreconditionFailed,
            StoreError::Body(_) => S3ErrorCode::IncompleteBody,
            StoreError::Index(_) | StoreError::Io(_) => S3ErrorCode::InternalError,
        };
        if code == S3ErrorCode::InternalError {
            tracing::error!(%error, "the store could not answer");
        }
        Self::with_message(code, error.to_string())
    }
}

/// Runs blocking work on a thread of its own kind.
async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, StoreError> + Send + 'static,
) -> Result<T, StoreError> {
    tokio::task::spawn_blocking(work).await.map_err(|error| StoreError::Index(error.to_string()))?
}

/// The store; cheap to clone.
#[derive(Clone, Debug)]
pub struct Store {
    index: Arc<Index>,
    content: Arc<Content>,
    rights: Arc<Rights>,
}

impl Store {
    /// Opens the store in `dir`, or makes it, and clears away what a kill left half done. `durable` = flush to disk before
    /// answering (tests may do without). Blocks.
    ///
    /// # Errors
    /// If the folder cannot be used or another process has the store open.
    pub fn open(dir: &Path, keys: Vec<AccessKey>, durable: bool) -> Result<Self, StoreError> {
        std::fs::create_dir_all(dir)?;
        let index = Index::open(&dir.join("index.redb"))?;
        let content = Content::open(dir, durable)?;
        let mut named = HashSet::new();
        index.named_contents(|name| {
            named.insert(name);
        })?;
        content.sweep(&named)?;
        Ok(Self { index: Arc::new(index), content: Arc::new(content), rights: Arc::new(Rights::new(keys)) })
    }

    /// Makes a bucket if it is not there, without an access key; for the set-up of a local desk. Blocks.
    ///
    /// # Errors
    /// If the index cannot be written.
    pub fn ensure_bucket(&self, name: &str, versioned: bool) -> Result<(), StoreError> {
        if self.index.bucket(name)?.is_some() {
            return Ok(());
        }
        let versioning = if versioned { index::Versioning::Enabled } else { index::Versioning::Off };
        self.index.put_bucket(name, &index::Bucket { created: now(), versioning })
    }
}

/// Milliseconds since 1970, by this machine's clock.
fn now() -> i64 {
    chrono::Utc::now().timestamp_millis()
}
