//! Reading: head, streamed ranged reads of exactly one version. Called by `worker`.

use std::collections::HashMap;

use aws_lc_rs::digest;
use aws_sdk_s3::primitives::ByteStream;
use chrono::{DateTime, Utc};
use hyper::body::Bytes;

use super::error::status;
use super::list::{bare, time};
use super::store::{key_text, named};
use super::{MARK, ObjectsError, Store};

/// Bytes of the longest key S3 knows; some stores know longer ones.
const LONGEST_KEY: usize = 1_024;

/// What the store says of an object without its bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Head {
    /// The store's version id, where the bucket keeps versions.
    pub version_id: Option<String>,
    /// Without the quotes; a cache key, never proof.
    pub etag: Option<String>,
    /// Bytes.
    pub size: u64,
    /// When the store says it was written.
    pub modified_at: DateTime<Utc>,
    /// The id of the release that wrote it ([`MARK`]).
    pub mark: Option<String>,
}

/// The bytes of one version as they arrive.
#[derive(Debug)]
pub struct ObjectStream {
    body: ByteStream,
    what: String,
    endpoint: String,
    /// Bytes still promised by the store.
    left: u64,
    /// What was read of how much, and which version.
    pub head: Head,
}

impl ObjectStream {
    /// The next bytes; none at the end. A stream the store cuts short is an error, not an end.
    ///
    /// # Errors
    /// The connection broke or the stream ended early.
    pub async fn next(&mut self) -> Result<Option<Bytes>, ObjectsError> {
        match self.body.next().await {
            Some(Ok(bytes)) => {
                self.left = self.left.saturating_sub(bytes.len() as u64);
                Ok(Some(bytes))
            }
            None if self.left > 0 => Err(self.broken("the stream ended early")),
            None => Ok(None),
            Some(Err(e)) => Err(self.broken(&e.to_string())),
        }
    }

    fn broken(&self, why: &str) -> ObjectsError {
        ObjectsError::Unreachable { endpoint: self.endpoint.clone(), why: format!("{why}, reading {}", self.what) }
    }

    /// Reads to the end; the hex of the SHA-256 and the number of bytes.
    ///
    /// # Errors
    /// As [`ObjectStream::next`].
    pub async fn sha256(mut self) -> Result<(String, u64), ObjectsError> {
        let (mut hash, mut size) = (digest::Context::new(&digest::SHA256), 0);
        while let Some(bytes) = self.next().await? {
            hash.update(&bytes);
            size += bytes.len() as u64;
        }
        Ok((hex::encode(hash.finish()), size))
    }
}

impl Store {
    /// Facts of an object: the newest at the key, or the version named.
    ///
    /// # Errors
    /// [`ObjectsError::NotFound`] if there is none (also behind a delete marker), else what the store answered.
    pub async fn head(&self, bucket: &str, key: &[u8], version: Option<&str>) -> Result<Head, ObjectsError> {
        let answer = self
            .client
            .head_object()
            .bucket(bucket)
            .key(key_text(key)?)
            .set_version_id(version.map(Into::into))
            .send()
            .await
            .map_err(|e| match status(&e) {
                // without a word, as to other things; but at a key that no request can name nothing is
                Some(400) if key.len() > LONGEST_KEY => ObjectsError::NotFound(named(bucket, key, version)),
                _ => self.failed(named(bucket, key, version), &e),
            })?;
        Ok(Head {
            version_id: real_version(answer.version_id()),
            etag: answer.e_tag().map(bare),
            size: answer.content_length().and_then(|n| n.try_into().ok()).unwrap_or(0),
            modified_at: time(answer.last_modified()),
            mark: mark(answer.metadata()),
        })
    }

    /// Streams a version, or without one the newest bytes if they still have this ETag.
    ///
    /// # Errors
    /// [`ObjectsError::NotFound`], [`ObjectsError::Precondition`] if the ETag moved, else what the store answered.
    pub async fn read(
        &self,
        bucket: &str,
        key: &[u8],
        version: Option<&str>,
        etag: Option<&str>,
        range: Option<(u64, u64)>,
    ) -> Result<ObjectStream, ObjectsError> {
        let what = named(bucket, key, version);
        let answer = self
            .client
            .get_object()
            .bucket(bucket)
            .key(key_text(key)?)
            .set_version_id(version.map(Into::into))
            .set_if_match(etag.filter(|_| version.is_none()).map(|e| format!("\"{e}\"")))
            .set_range(range.map(|(from, to)| format!("bytes={from}-{to}")))
            .send()
            .await
            .map_err(|e| self.failed(what.clone(), &e))?;
        let size = answer.content_length().and_then(|n| n.try_into().ok()).unwrap_or(0);
        let head = Head {
            version_id: real_version(answer.version_id()),
            etag: answer.e_tag().map(bare),
            size,
            modified_at: time(answer.last_modified()),
            mark: mark(answer.metadata()),
        };
        Ok(ObjectStream { body: answer.body, what, endpoint: self.endpoint.clone(), left: size, head })
    }
}

/// Stores without versions say `null`, or nothing.
fn real_version(id: Option<&str>) -> Option<String> {
    id.filter(|v| !v.is_empty() && *v != "null").map(Into::into)
}

/// Stores give names of metadata back in small letters; who wrote another one by hand may not have.
fn mark(metadata: Option<&HashMap<String, String>>) -> Option<String> {
    metadata?.iter().find(|(name, _)| name.eq_ignore_ascii_case(MARK)).map(|(_, id)| id.clone())
}
