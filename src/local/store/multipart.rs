//! Multipart uploads: begin, parts, complete, abort. Called by the backend.

use s3s::crypto::{Checksum as _, Md5};
use s3s::dto::{
    AbortMultipartUploadInput, AbortMultipartUploadOutput, CompleteMultipartUploadInput, CompleteMultipartUploadOutput,
    CreateMultipartUploadInput, CreateMultipartUploadOutput, ETag, ListPartsInput, ListPartsOutput, UploadPartInput,
    UploadPartOutput,
};
use s3s::{S3Request, S3Response, S3Result, s3_error};
use std::collections::BTreeMap;

use super::index::{Facts, Part, Upload};
use super::objects::{Claims, condition, facts, new_version, shown_id, timestamp};
use super::rights::Wish;
use super::{Store, StoreError, blocking, now};

/// Part numbers go from 1 to this.
const MOST_PARTS: u32 = 10_000;
/// Bytes every part but the last has at least.
const SMALLEST_PART: u64 = 5 * 1024 * 1024;

impl Store {
    async fn known_upload(&self, id: &str, bucket: &str, key: &str) -> S3Result<(Upload, BTreeMap<u32, Part>)> {
        let (store, id) = (self.clone(), id.to_owned());
        let found = blocking(move || store.index.upload(&id)).await?;
        let same = |upload: &Upload| upload.bucket == bucket && upload.key == key.as_bytes();
        Ok(found.filter(|(upload, _)| same(upload)).ok_or(StoreError::NoSuchUpload)?)
    }

    pub(super) async fn begin_upload(
        &self,
        req: S3Request<CreateMultipartUploadInput>,
    ) -> S3Result<S3Response<CreateMultipartUploadOutput>> {
        let input = req.input;
        self.rights.check(req.credentials.as_ref(), &input.bucket, input.key.as_bytes(), Wish::Write)?;
        self.must_have(&input.bucket).await?;
        let id = uuid::Uuid::new_v4().simple().to_string();
        let facts: Facts = facts(input.content_type, input.metadata, BTreeMap::new());
        let upload = Upload { bucket: input.bucket.clone(), key: input.key.clone().into_bytes(), facts };
        let (store, new) = (self.clone(), id.clone());
        blocking(move || store.index.put_upload(&new, &upload)).await?;
        Ok(S3Response::new(CreateMultipartUploadOutput {
            bucket: Some(input.bucket),
            key: Some(input.key),
            upload_id: Some(id),
            ..Default::default()
        }))
    }

    pub(super) async fn take_part(&self, req: S3Request<UploadPartInput>) -> S3Result<S3Response<UploadPartOutput>> {
        let claims = Claims::of(&req);
        let input = req.input;
        self.rights.check(req.credentials.as_ref(), &input.bucket, input.key.as_bytes(), Wish::Write)?;
        let number = u32::try_from(input.part_number).ok().filter(|number| (1..=MOST_PARTS).contains(number));
        let number = number.ok_or_else(|| s3_error!(InvalidArgument, "part numbers go from 1 to 10000"))?;
        self.known_upload(&input.upload_id, &input.bucket, &input.key).await?;
        let (stored, sums) = self.receive(input.body, input.content_length, input.content_md5, claims).await?;
        let md5 = hex::encode(stored.md5);
        let part = Part { content: stored.name.clone(), size: stored.size, md5: md5.clone(), modified: now() };
        let (store, id) = (self.clone(), input.upload_id);
        blocking(move || match store.index.put_part(&id, number, &part) {
            Ok(old) => {
                store.content.remove(old.as_slice());
                Ok(())
            }
            Err(error) => {
                store.content.remove(&[stored.name]);
                Err(error)
            }
        })
        .await?;
        Ok(S3Response::new(UploadPartOutput {
            e_tag: Some(ETag::Strong(md5)),
            checksum_crc32: sums.get("crc32").cloned(),
            checksum_crc32c: sums.get("crc32c").cloned(),
            checksum_crc64nvme: sums.get("crc64nvme").cloned(),
            checksum_sha1: sums.get("sha1").cloned(),
            checksum_sha256: sums.get("sha256").cloned(),
            ..Default::default()
        }))
    }

    pub(super) async fn complete_upload(
        &self,
        req: S3Request<CompleteMultipartUploadInput>,
    ) -> S3Result<S3Response<CompleteMultipartUploadOutput>> {
        let input = req.input;
        self.rights.check(req.credentials.as_ref(), &input.bucket, input.key.as_bytes(), Wish::Write)?;
        let condition = condition(input.if_match.as_ref(), input.if_none_match.as_ref())?;
        let (upload, parts) = self.known_upload(&input.upload_id, &input.bucket, &input.key).await?;
        let named = input.multipart_upload.and_then(|named| named.parts).unwrap_or_default();
        let mut chosen: Vec<&Part> = Vec::new();
        let mut last = 0;
        for part in &named {
            let number = part.part_number.and_then(|number| u32::try_from(number).ok()).unwrap_or(0);
            if number <= last {
                return Err(s3_error!(InvalidPartOrder));
            }
            last = number;
            let found =
                parts.get(&number).filter(|found| part.e_tag.as_ref().is_none_or(|etag| etag.value() == found.md5));
            chosen.push(found.ok_or_else(|| s3_error!(InvalidPart))?);
        }
        let (Some(_), Some((_, before))) = (chosen.first(), chosen.split_last()) else {
            return Err(s3_error!(MalformedXML, "name at least one part"));
        };
        if before.iter().any(|part| part.size < SMALLEST_PART) {
            return Err(s3_error!(EntityTooSmall));
        }
        let mut md5 = Md5::new();
        for part in &chosen {
            md5.update(&hex::decode(&part.md5).unwrap_or_default());
        }
        let etag = format!("{}-{}", hex::encode(md5.finalize()), chosen.len());
        let pieces: Vec<String> = chosen.iter().map(|part| part.content.clone()).collect();
        let content = self.content.clone();
        let (name, size) = blocking(move || content.join(&pieces)).await?;
        let version = new_version(&name, size, etag, upload.facts);
        let version = self.commit(input.bucket.clone(), input.key.clone(), version, condition).await?;
        let (store, id) = (self.clone(), input.upload_id);
        blocking(move || {
            let unnamed = store.index.remove_upload(&id)?;
            store.content.remove(&unnamed);
            Ok(())
        })
        .await?;
        Ok(S3Response::new(CompleteMultipartUploadOutput {
            bucket: Some(input.bucket),
            key: Some(input.key),
            e_tag: Some(ETag::Strong(version.etag.clone())),
            version_id: shown_id(&version),
            ..Default::default()
        }))
    }

    pub(super) async fn abort_upload(
        &self,
        req: S3Request<AbortMultipartUploadInput>,
    ) -> S3Result<S3Response<AbortMultipartUploadOutput>> {
        let input = req.input;
        self.rights.check(req.credentials.as_ref(), &input.bucket, input.key.as_bytes(), Wish::Write)?;
        self.known_upload(&input.upload_id, &input.bucket, &input.key).await?;
        let store = self.clone();
        blocking(move || {
            let unnamed = store.index.remove_upload(&input.upload_id)?;
            store.content.remove(&unnamed);
            Ok(())
        })
        .await?;
        Ok(S3Response::new(AbortMultipartUploadOutput::default()))
    }

    pub(super) async fn parts(&self, req: S3Request<ListPartsInput>) -> S3Result<S3Response<ListPartsOutput>> {
        let input = req.input;
        self.rights.check(req.credentials.as_ref(), &input.bucket, input.key.as_bytes(), Wish::Read)?;
        let (_, parts) = self.known_upload(&input.upload_id, &input.bucket, &input.key).await?;
        let after = input.part_number_marker.and_then(|number| u32::try_from(number).ok()).unwrap_or(0);
        let page = input.max_parts.and_then(|number| usize::try_from(number).ok()).unwrap_or(1000).min(1000);
        let left: Vec<_> = parts.range(after + 1..).collect();
        let shown = left.get(..page.min(left.len())).unwrap_or_default();
        let listed = shown.iter().map(|(number, part)| s3s::dto::Part {
            part_number: i32::try_from(**number).ok(),
            e_tag: Some(ETag::Strong(part.md5.clone())),
            size: i64::try_from(part.size).ok(),
            last_modified: Some(timestamp(part.modified)),
            ..Default::default()
        });
        Ok(S3Response::new(ListPartsOutput {
            parts: Some(listed.collect()),
            is_truncated: Some(shown.len() < left.len()),
            next_part_number_marker: shown.last().and_then(|(number, _)| i32::try_from(**number).ok()),
            bucket: Some(input.bucket),
            key: Some(input.key),
            upload_id: Some(input.upload_id),
            ..Default::default()
        }))
    }
}
