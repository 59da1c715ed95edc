//! One object: put, get, head, copy, delete. Called by the backend.

use std::collections::BTreeMap;

use futures::TryStreamExt;
use s3s::checksum::ChecksumHasher;
use s3s::dto::{
    CopyObjectInput, CopyObjectOutput, CopyObjectResult, CopySource, DeleteObjectInput, DeleteObjectOutput,
    DeletedObject, ETag, ETagCondition, GetObjectInput, GetObjectOutput, HeadObjectInput, HeadObjectOutput,
    PutObjectInput, PutObjectOutput, Range, StreamingBlob, Timestamp,
};
use s3s::header::{IF_MATCH, IF_NONE_MATCH};
use s3s::{S3Error, S3ErrorCode, S3Request, S3Response, S3Result, TrailingHeaders, s3_error};
use tokio::io::{AsyncReadExt, AsyncSeekExt};
use tokio_util::io::ReaderStream;

use super::content::Stored;
use super::index::{Condition, Facts, Version, Versioning};
use super::rights::Wish;
use super::{Store, StoreError, blocking, now};

/// Bytes read from disk at once while answering.
const CHUNK: usize = 64 * 1024;

/// The checksums that came with a body: in the headers, or in a trailer that the headers announce.
pub struct Claims {
    headers: BTreeMap<&'static str, String>,
    trailer: Option<TrailingHeaders>,
    announced: Vec<&'static str>,
}

const CHECKSUMS: [&str; 5] = ["crc32", "crc32c", "crc64nvme", "sha1", "sha256"];

impl Claims {
    /// Reads the claims of a request.
    pub fn of<T>(req: &S3Request<T>) -> Self {
        let header = |name: &str| Some(req.headers.get(name)?.to_str().ok()?.to_owned());
        let headers = CHECKSUMS.into_iter().filter_map(|name| Some((name, header(&format!("x-amz-checksum-{name}"))?)));
        let trailer = header("x-amz-trailer").unwrap_or_default();
        let announced = trailer.split(',').filter_map(|word| {
            let name = word.trim().strip_prefix("x-amz-checksum-")?;
            CHECKSUMS.into_iter().find(|known| *known == name)
        });
        Self { headers: headers.collect(), announced: announced.collect(), trailer: req.trailing_headers.clone() }
    }

    fn hasher(&self) -> ChecksumHasher {
        let wanted = |name| self.headers.contains_key(name) || self.announced.contains(&name);
        ChecksumHasher {
            crc32: wanted("crc32").then(s3s::crypto::Checksum::new),
            crc32c: wanted("crc32c").then(s3s::crypto::Checksum::new),
            crc64nvme: wanted("crc64nvme").then(s3s::crypto::Checksum::new),
            sha1: wanted("sha1").then(s3s::crypto::Checksum::new),
            sha256: wanted("sha256").then(s3s::crypto::Checksum::new),
        }
    }

    /// The confirmed checksums, or the name of one that is wrong or was announced and never came.
    fn confirm(self, stored: &Stored) -> Result<BTreeMap<String, String>, &'static str> {
        let found = &stored.checksums;
        let computed = BTreeMap::from([
            ("crc32", &found.checksum_crc32),
            ("crc32c", &found.checksum_crc32c),
            ("crc64nvme", &found.checksum_crc64nvme),
            ("sha1", &found.checksum_sha1),
            ("sha256", &found.checksum_sha256),
        ]);
        let mut claimed = self.headers;
        for name in self.announced {
            let said = self.trailer.as_ref().and_then(|trailer| {
                trailer.read(|headers| Some(headers.get(format!("x-amz-checksum-{name}"))?.to_str().ok()?.to_owned()))
            });
            claimed.insert(name, said.flatten().ok_or(name)?);
        }
        for (name, said) in &claimed {
            if computed.get(name).is_none_or(|sum| sum.as_ref() != Some(said)) {
                return Err(name);
            }
        }
        Ok(claimed.into_iter().map(|(name, sum)| (name.to_owned(), sum)).collect())
    }
}

impl Store {
    /// Streams a body to its final place and checks what the client claimed about it.
    pub(super) async fn receive(
        &self,
        body: Option<StreamingBlob>,
        length: Option<i64>,
        content_md5: Option<String>,
        claims: Claims,
    ) -> S3Result<(Stored, BTreeMap<String, String>)> {
        use base64::Engine as _;
        let stored = self.content.store(body, claims.hasher()).await?;
        let wrong = if length.is_some_and(|length| u64::try_from(length) != Ok(stored.size)) {
            Some(s3_error!(IncompleteBody))
        } else if content_md5.is_some_and(|md5| base64::engine::general_purpose::STANDARD.encode(stored.md5) != md5) {
            Some(s3_error!(BadDigest, "the Content-MD5 is not that of the bytes that arrived"))
        } else {
            None
        };
        let confirmed = match wrong {
            Some(error) => Err(error),
            None => claims
                .confirm(&stored)
                .map_err(|name| s3_error!(BadDigest, "the {} checksum is not that of the bytes that arrived", name)),
        };
        match confirmed {
            Ok(checksums) => Ok((stored, checksums)),
            Err(error) => {
                self.content.remove(&[stored.name]);
                Err(error)
            }
        }
    }

    /// Names a content file in the index under a key, removing it again if the condition does not hold.
    pub(super) async fn commit(
        &self,
        bucket: String,
        key: String,
        version: Version,
        condition: Condition,
    ) -> Result<Version, StoreError> {
        let store = self.clone();
        blocking(move || {
            let content = version.content.clone();
            match store.index.put_version(&bucket, key.as_bytes(), version, &condition) {
                Ok((version, unnamed)) => {
                    store.content.remove(&unnamed);
                    Ok(version)
                }
                Err(error) => {
                    store.content.remove(content.as_slice());
                    Err(error)
                }
            }
        })
        .await
    }

    async fn lookup(&self, bucket: &str, key: &str, id: Option<String>) -> S3Result<Version> {
        let (store, bucket, key) = (self.clone(), bucket.to_owned(), key.to_owned());
        let asked = id.clone();
        let (known, found) = blocking(move || {
            Ok((store.index.bucket(&bucket)?.is_some(), store.index.version(&bucket, key.as_bytes(), id.as_deref())?))
        })
        .await?;
        match found {
            Some(version) if version.content.is_some() => Ok(version),
            Some(marker) => {
                let mut error = if asked.is_some() { s3_error!(MethodNotAllowed) } else { s3_error!(NoSuchKey) };
                let mut headers = hyper::HeaderMap::new();
                headers.insert("x-amz-delete-marker", hyper::header::HeaderValue::from_static("true"));
                headers.extend(
                    hyper::header::HeaderValue::from_str(&marker.id)
                        .ok()
                        .map(|id| (hyper::header::HeaderName::from_static("x-amz-version-id"), id)),
                );
                error.set_headers(headers);
                Err(error)
            }
            None if !known => Err(StoreError::NoSuchBucket.into()),
            None if asked.is_some() => Err(s3_error!(NoSuchVersion)),
            None => Err(s3_error!(NoSuchKey)),
        }
    }

    pub(super) async fn put(&self, req: S3Request<PutObjectInput>) -> S3Result<S3Response<PutObjectOutput>> {
        let claims = Claims::of(&req);
        let input = req.input;
        self.rights.check(req.credentials.as_ref(), &input.bucket, input.key.as_bytes(), Wish::Write)?;
        self.must_have(&input.bucket).await?;
        let condition = condition(input.if_match.as_ref(), input.if_none_match.as_ref())?;
        let (stored, checksums) = self.receive(input.body, input.content_length, input.content_md5, claims).await?;
        let facts = facts(input.content_type, input.metadata, checksums);
        let version = new_version(&stored.name, stored.size, hex::encode(stored.md5), facts);
        let version = self.commit(input.bucket, input.key, version, condition).await?;
        let sums = &version.facts.checksums;
        Ok(S3Response::new(PutObjectOutput {
            e_tag: Some(ETag::Strong(version.etag.clone())),
            checksum_crc32: sums.get("crc32").cloned(),
            checksum_crc32c: sums.get("crc32c").cloned(),
            checksum_crc64nvme: sums.get("crc64nvme").cloned(),
            checksum_sha1: sums.get("sha1").cloned(),
            checksum_sha256: sums.get("sha256").cloned(),
            version_id: shown_id(&version),
            ..Default::default()
        }))
    }

    pub(super) async fn get(&self, req: S3Request<GetObjectInput>) -> S3Result<S3Response<GetObjectOutput>> {
        let input = req.input;
        self.rights.check(req.credentials.as_ref(), &input.bucket, input.key.as_bytes(), Wish::Read)?;
        // A newer write may take the file away between the index and the opening: then ask the index again.
        let mut tries = 0;
        let (version, mut file) = loop {
            let version = self.lookup(&input.bucket, &input.key, input.version_id.clone()).await?;
            match tokio::fs::File::open(self.content.path(version.content.as_deref().unwrap_or_default())).await {
                Ok(file) => break (version, file),
                Err(error) if error.kind() == std::io::ErrorKind::NotFound && tries < 5 => tries += 1,
                Err(error) => return Err(StoreError::Io(error).into()),
            }
        };
        check_read(&version, input.if_match.as_ref(), input.if_none_match.as_ref())?;
        let (begin, length, content_range) = part_of(input.range.as_ref(), version.size)?;
        file.seek(std::io::SeekFrom::Start(begin)).await.map_err(StoreError::Io)?;
        let body = ReaderStream::with_capacity(file.take(length), CHUNK).map_err(std::io::Error::other);
        let whole = content_range.is_none() && input.checksum_mode.is_some_and(|mode| mode.as_str() == "ENABLED");
        let sums = if whole { version.facts.checksums.clone() } else { BTreeMap::new() };
        Ok(S3Response::new(GetObjectOutput {
            accept_ranges: Some("bytes".to_owned()),
            body: Some(StreamingBlob::wrap(body)),
            content_length: i64::try_from(length).ok(),
            content_range,
            content_type: version.facts.content_type.clone(),
            e_tag: Some(ETag::Strong(version.etag.clone())),
            last_modified: Some(timestamp(version.modified)),
            metadata: Some(version.facts.metadata.clone().into_iter().collect()),
            checksum_crc32: sums.get("crc32").cloned(),
            checksum_crc32c: sums.get("crc32c").cloned(),
            checksum_crc64nvme: sums.get("crc64nvme").cloned(),
            checksum_sha1: sums.get("sha1").cloned(),
            checksum_sha256: sums.get("sha256").cloned(),
            version_id: shown_id(&version),
            ..Default::default()
        }))
    }

    pub(super) async fn head(&self, req: S3Request<HeadObjectInput>) -> S3Result<S3Response<HeadObjectOutput>> {
        let input = req.input;
        self.rights.check(req.credentials.as_ref(), &input.bucket, input.key.as_bytes(), Wish::Read)?;
        let version = self.lookup(&input.bucket, &input.key, input.version_id).await?;
        check_read(&version, input.if_match.as_ref(), input.if_none_match.as_ref())?;
        let (_, length, content_range) = part_of(input.range.as_ref(), version.size)?;
        Ok(S3Response::new(HeadObjectOutput {
            accept_ranges: Some("bytes".to_owned()),
            content_length: i64::try_from(length).ok(),
            content_range,
            content_type: version.facts.content_type.clone(),
            e_tag: Some(ETag::Strong(version.etag.clone())),
            last_modified: Some(timestamp(version.modified)),
            metadata: Some(version.facts.metadata.clone().into_iter().collect()),
            version_id: shown_id(&version),
            ..Default::default()
        }))
    }

    pub(super) async fn copy(&self, req: S3Request<CopyObjectInput>) -> S3Result<S3Response<CopyObjectOutput>> {
        // `s3s` does not carry these two into the input; the store answers them as the protocol says.
        let read = |name| req.headers.get(name).map(|value| ETagCondition::parse_http_header(value.as_bytes()));
        let invalid = |_| s3_error!(InvalidArgument, "the condition is neither * nor an ETag");
        let if_match = read(IF_MATCH).transpose().map_err(invalid)?;
        let if_none_match = read(IF_NONE_MATCH).transpose().map_err(invalid)?;
        let condition = condition(if_match.as_ref(), if_none_match.as_ref())?;
        let who = req.credentials;
        let input = req.input;
        let CopySource::Bucket { bucket, key, version_id } = input.copy_source else {
            return Err(s3_error!(NotImplemented, "only bucket/key can be copied from"));
        };
        self.rights.check(who.as_ref(), &bucket, key.as_bytes(), Wish::Read)?;
        self.rights.check(who.as_ref(), &input.bucket, input.key.as_bytes(), Wish::Write)?;
        self.must_have(&input.bucket).await?;
        let source = self.lookup(&bucket, &key, version_id.map(String::from)).await?;
        check_read(&source, input.copy_source_if_match.as_ref(), input.copy_source_if_none_match.as_ref())?;
        let content = self.content.clone();
        let names = Vec::from_iter(source.content.clone());
        let (name, size) = blocking(move || content.join(&names)).await?;
        let replace = input.metadata_directive.is_some_and(|directive| directive.as_str() == "REPLACE");
        let facts = if replace {
            facts(input.content_type, input.metadata, source.facts.checksums.clone())
        } else {
            source.facts.clone()
        };
        let version = new_version(&name, size, source.etag.clone(), facts);
        let version = self.commit(input.bucket, input.key, version, condition).await?;
        Ok(S3Response::new(CopyObjectOutput {
            copy_object_result: Some(CopyObjectResult {
                e_tag: Some(ETag::Strong(version.etag.clone())),
                last_modified: Some(timestamp(version.modified)),
                ..Default::default()
            }),
            copy_source_version_id: shown_id(&source),
            version_id: shown_id(&version),
            ..Default::default()
        }))
    }

    pub(super) async fn delete(&self, req: S3Request<DeleteObjectInput>) -> S3Result<S3Response<DeleteObjectOutput>> {
        let input = req.input;
        self.rights.check(req.credentials.as_ref(), &input.bucket, input.key.as_bytes(), Wish::Write)?;
        let done = self.delete_one(&input.bucket, input.key, input.version_id).await?;
        Ok(S3Response::new(DeleteObjectOutput {
            delete_marker: done.delete_marker,
            version_id: done.delete_marker_version_id.or(done.version_id),
            ..Default::default()
        }))
    }

    /// Removes a version for good, or hides the key behind a delete marker; on a bucket without versions removes the object.
    pub(super) async fn delete_one(&self, bucket: &str, key: String, id: Option<String>) -> S3Result<DeletedObject> {
        let versioning = self.must_have(bucket).await?;
        let mut done = DeletedObject { key: Some(key.clone()), version_id: id.clone(), ..Default::default() };
        if let Some(id) = id.or_else(|| (versioning == Versioning::Off).then(|| super::index::NULL_VERSION.to_owned()))
        {
            let (store, bucket) = (self.clone(), bucket.to_owned());
            let removed = blocking(move || {
                let removed = store.index.remove_version(&bucket, key.as_bytes(), &id)?;
                store
                    .content
                    .remove(removed.iter().filter_map(|gone| gone.content.clone()).collect::<Vec<_>>().as_slice());
                Ok(removed)
            })
            .await?;
            if removed.is_some_and(|gone| gone.content.is_none()) {
                done.delete_marker = Some(true);
            }
        } else {
            let marker = Version { content: None, ..new_version("", 0, String::new(), Facts::default()) };
            let marker = self.commit(bucket.to_owned(), key, marker, Condition::None).await?;
            done.delete_marker = Some(true);
            done.delete_marker_version_id = Some(marker.id);
        }
        Ok(done)
    }

    /// The bucket's versioning.
    pub(super) async fn must_have(&self, bucket: &str) -> S3Result<Versioning> {
        let (store, bucket) = (self.clone(), bucket.to_owned());
        let found = blocking(move || store.index.bucket(&bucket)).await?;
        Ok(found.ok_or(StoreError::NoSuchBucket)?.versioning)
    }
}

pub(super) fn new_version(content: &str, size: u64, etag: String, facts: Facts) -> Version {
    Version { sequence: 0, id: String::new(), content: Some(content.to_owned()), size, etag, modified: now(), facts }
}

pub(super) fn facts(
    content_type: Option<String>,
    metadata: Option<s3s::dto::Metadata>,
    checksums: BTreeMap<String, String>,
) -> Facts {
    Facts { content_type, metadata: metadata.unwrap_or_default().into_iter().collect(), checksums }
}

/// Version ids are shown where the bucket keeps versions.
pub(super) fn shown_id(version: &Version) -> Option<String> {
    (version.id != super::index::NULL_VERSION).then(|| version.id.clone())
}

pub(super) fn timestamp(millis: i64) -> Timestamp {
    let since = std::time::Duration::from_millis(u64::try_from(millis).unwrap_or(0));
    Timestamp::from(std::time::SystemTime::UNIX_EPOCH + since)
}

pub(super) fn condition(
    if_match: Option<&ETagCondition>,
    if_none_match: Option<&ETagCondition>,
) -> S3Result<Condition> {
    match (if_match, if_none_match) {
        (None, None) => Ok(Condition::None),
        (None, Some(ETagCondition::Any)) => Ok(Condition::Absent),
        (Some(ETagCondition::Any), None) => Ok(Condition::Present),
        (Some(ETagCondition::ETag(etag)), None) => Ok(Condition::Matches(etag.value().to_owned())),
        _ => Err(s3_error!(NotImplemented, "for writes: If-Match, or If-None-Match: *")),
    }
}

fn check_read(
    version: &Version,
    if_match: Option<&ETagCondition>,
    if_none_match: Option<&ETagCondition>,
) -> S3Result<()> {
    let is = |condition: &ETagCondition| condition.as_etag().is_none_or(|etag| etag.value() == version.etag);
    if if_match.is_some_and(|condition| !is(condition)) {
        return Err(S3Error::new(S3ErrorCode::PreconditionFailed));
    }
    if if_none_match.is_some_and(is) {
        return Err(S3Error::new(S3ErrorCode::NotModified));
    }
    Ok(())
}

/// Where a range begins, how long it is, and its `Content-Range`.
fn part_of(range: Option<&Range>, size: u64) -> S3Result<(u64, u64, Option<String>)> {
    let Some(range) = range else { return Ok((0, size, None)) };
    let part = range.check(size)?;
    let length = part.end - part.start;
    Ok((part.start, length, Some(format!("bytes {}-{}/{size}", part.start, part.end.saturating_sub(1)))))
}
