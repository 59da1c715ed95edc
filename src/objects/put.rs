//! Writing: small bodies at once, larger ones in parts, so that memory stays bounded and each request can be retried.
//! Called by the worker's release.

use aws_sdk_s3::error::ProvideErrorMetadata;
use aws_sdk_s3::primitives::ByteStream;
use aws_sdk_s3::types::{CompletedMultipartUpload, CompletedPart};

use super::error::unread_body;
use super::store::{key_text, named};
use super::{MARK, ObjectsError, Store};

/// Up to here a body goes in one request; above, in parts of at least this many bytes (S3 wants 5 MiB or more).
const PART: u64 = 16 << 20;
/// S3 takes at most 10,000 parts.
const MOST_PARTS: u64 = 9_000;

/// Whether a put may replace what is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PutMode {
    /// `If-None-Match: *`: never replaces anything.
    Create,
    /// Replaces.
    Replace,
}

/// A body being written. Nothing is visible at the key until [`Put::finish`].
#[derive(Debug)]
pub struct Put<'a> {
    store: &'a Store,
    bucket: &'a str,
    key: &'a [u8],
    mode: PutMode,
    mark: Option<String>,
    part_size: usize,
    buffer: Vec<u8>,
    upload: Option<String>,
    parts: Vec<CompletedPart>,
}

impl Store {
    /// Begins to write about `size` bytes (only the size of the parts depends on it).
    #[must_use]
    pub fn put<'a>(&'a self, bucket: &'a str, key: &'a [u8], size: u64, mode: PutMode) -> Put<'a> {
        let part_size = usize::try_from(PART.max(size.div_ceil(MOST_PARTS))).unwrap_or(usize::MAX);
        Put {
            store: self,
            bucket,
            key,
            mode,
            mark: None,
            part_size,
            buffer: Vec::new(),
            upload: None,
            parts: Vec::new(),
        }
    }

    /// Writes a small body whole.
    ///
    /// # Errors
    /// As [`Put::finish`].
    pub async fn put_bytes(&self, bucket: &str, key: &[u8], body: Vec<u8>, mode: PutMode) -> Result<(), ObjectsError> {
        let mut put = self.put(bucket, key, 0, mode);
        put.buffer = body;
        put.whole().await
    }

    /// Copies within the store.
    ///
    /// # Errors
    /// What the store answered, as a sentence.
    pub async fn copy(&self, from: (&str, &[u8], Option<&str>), to: (&str, &[u8])) -> Result<(), ObjectsError> {
        let version = from.2.map(|v| format!("?versionId={v}")).unwrap_or_default();
        let source = format!("{}/{}{version}", from.0, encode(key_text(from.1)?));
        let request = self.client.copy_object().copy_source(source).bucket(to.0).key(key_text(to.1)?);
        request.send().await.map(drop).map_err(|e| self.failed(named(to.0, to.1, None), &e))
    }

    /// Aborts uploads in parts that a crash left below a key: their parts cost space and are never seen.
    ///
    /// # Errors
    /// What the store answered, as a sentence.
    pub async fn abort_uploads(&self, bucket: &str, key: &[u8]) -> Result<(), ObjectsError> {
        let text = key_text(key)?;
        let what = || format!("the unfinished uploads of {}", named(bucket, key, None));
        let answer = self.client.list_multipart_uploads().bucket(bucket).prefix(text).send().await;
        let answer = match answer {
            // the local store cannot list them; it clears old ones away itself
            Err(e) if e.code() == Some("NotImplemented") => return Ok(()),
            other => other.map_err(|e| self.failed(what(), &e))?,
        };
        for upload in answer.uploads() {
            if upload.key() == Some(text) {
                self.abort(bucket, text, upload.upload_id()).await?;
            }
        }
        Ok(())
    }

    async fn abort(&self, bucket: &str, key: &str, id: Option<&str>) -> Result<(), ObjectsError> {
        let request = self.client.abort_multipart_upload().bucket(bucket).key(key);
        match request.set_upload_id(id.map(Into::into)).send().await {
            Ok(_) => Ok(()),
            Err(e) => {
                match self.failed(format!("the unfinished upload of {}", named(bucket, key.as_bytes(), None)), &e) {
                    ObjectsError::NotFound(_) => Ok(()),
                    other => Err(other),
                }
            }
        }
    }
}

impl Put<'_> {
    /// Writes the release's id beside the bytes, as [`MARK`].
    #[must_use]
    pub fn marked(mut self, release: &str) -> Self {
        self.mark = Some(release.into());
        self
    }

    /// Takes more bytes; sends a part when one is full.
    ///
    /// # Errors
    /// What the store answered, as a sentence.
    pub async fn write(&mut self, mut bytes: &[u8]) -> Result<(), ObjectsError> {
        while self.buffer.len() + bytes.len() > self.part_size {
            let (now, later) = bytes.split_at(self.part_size - self.buffer.len());
            self.buffer.extend_from_slice(now);
            bytes = later;
            let part = std::mem::take(&mut self.buffer);
            self.send_part(part).await?;
        }
        self.buffer.extend_from_slice(bytes);
        Ok(())
    }

    /// Makes the object visible, all of it at once.
    ///
    /// # Errors
    /// [`ObjectsError::Precondition`] if something is there already ([`PutMode::Create`]), else what the store answered.
    pub async fn finish(mut self) -> Result<(), ObjectsError> {
        if self.upload.is_none() {
            return self.whole().await;
        }
        let last = std::mem::take(&mut self.buffer);
        let answer = self.complete(last).await;
        if answer.is_err() {
            self.give_up().await?;
        }
        answer
    }

    /// Drops what was sent.
    ///
    /// # Errors
    /// What the store answered, as a sentence.
    pub async fn give_up(self) -> Result<(), ObjectsError> {
        match &self.upload {
            Some(id) => self.store.abort(self.bucket, key_text(self.key)?, Some(id)).await,
            None => Ok(()),
        }
    }

    async fn whole(self) -> Result<(), ObjectsError> {
        let request = self.store.client.put_object().bucket(self.bucket).key(key_text(self.key)?);
        let request = if self.mode == PutMode::Create { request.if_none_match("*") } else { request };
        let request = request.set_metadata(self.mark.map(|id| [(MARK.to_owned(), id)].into()));
        let answer = request.body(ByteStream::from(self.buffer)).send().await;
        answer.map(drop).map_err(|e| self.store.failed(named(self.bucket, self.key, None), &e))
    }

    async fn complete(&mut self, last: Vec<u8>) -> Result<(), ObjectsError> {
        self.send_part(last).await?;
        let parts = CompletedMultipartUpload::builder().set_parts(Some(std::mem::take(&mut self.parts))).build();
        let request = self.store.client.complete_multipart_upload().bucket(self.bucket).key(key_text(self.key)?);
        let request = if self.mode == PutMode::Create { request.if_none_match("*") } else { request };
        let request = request.set_upload_id(self.upload.clone()).multipart_upload(parts);
        match request.send().await {
            Err(e) if !unread_body(&e).contains("<CompleteMultipartUploadResponse") => {
                Err(self.store.failed(named(self.bucket, self.key, None), &e))
            }
            _ => Ok(()),
        }
    }

    async fn send_part(&mut self, body: Vec<u8>) -> Result<(), ObjectsError> {
        let (store, bucket, key) = (self.store, self.bucket, key_text(self.key)?);
        let what = || named(bucket, key.as_bytes(), None);
        if self.upload.is_none() {
            let request = store.client.create_multipart_upload().bucket(bucket).key(key);
            let request = request.set_metadata(self.mark.clone().map(|id| [(MARK.to_owned(), id)].into()));
            self.upload = request.send().await.map_err(|e| store.failed(what(), &e))?.upload_id;
        }
        let number = i32::try_from(self.parts.len() + 1).unwrap_or(i32::MAX);
        let request = store.client.upload_part().bucket(bucket).key(key).set_upload_id(self.upload.clone());
        let answer = request.part_number(number).body(ByteStream::from(body)).send().await;
        let etag = answer.map_err(|e| store.failed(what(), &e))?.e_tag;
        self.parts.push(CompletedPart::builder().part_number(number).set_e_tag(etag).build());
        Ok(())
    }
}

/// Percent-encodes a key for a copy source; the SDK sends that header as it is.
fn encode(key: &str) -> String {
    let plain = |b: u8| b.is_ascii_alphanumeric() || b"-_.~/".contains(&b);
    key.bytes().map(|b| if plain(b) { char::from(b).to_string() } else { format!("%{b:02X}") }).collect()
}
