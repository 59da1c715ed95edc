//! Lists: objects and versions of a bucket, in byte order of their keys, page by page from the ordered index.
//! Called by the backend.

use s3s::dto::{
    CommonPrefix, DeleteMarkerEntry, ETag, EncodingType, ListObjectVersionsInput, ListObjectVersionsOutput,
    ListObjectsV2Input, ListObjectsV2Output, Object, ObjectStorageClass, ObjectVersion, ObjectVersionStorageClass,
};
use s3s::{S3Request, S3Response, S3Result, s3_error};

use super::index::{Step, Version};
use super::objects::timestamp;
use super::rights::Wish;
use super::{Store, StoreError, blocking};

/// Entries on a page at the most, as the protocol says.
const PAGE: i32 = 1000;

/// What a page is asked for.
struct Wanted {
    bucket: String,
    prefix: Vec<u8>,
    delimiter: Vec<u8>,
    /// Begin behind this key (all of its versions), or, with a sequence, behind that version of it.
    after: Option<(Vec<u8>, Option<u64>)>,
    page: usize,
    /// Every version and marker, or only the newest objects.
    all_versions: bool,
}

/// An entry of a page.
enum Entry {
    Version { key: Vec<u8>, version: Version, newest: bool },
    Prefix(Vec<u8>),
}

/// The prefix a key is folded under.
fn folded(key: &[u8], prefix: &[u8], delimiter: &[u8]) -> Option<Vec<u8>> {
    if delimiter.is_empty() {
        return None;
    }
    let rest = key.get(prefix.len()..)?;
    let at = rest.windows(delimiter.len()).position(|window| window == delimiter)?;
    key.get(..prefix.len() + at + delimiter.len()).map(<[u8]>::to_vec)
}

impl Store {
    /// One page, and whether there is more.
    fn page(&self, wanted: &Wanted) -> Result<(Vec<Entry>, bool), StoreError> {
        let mut entries = Vec::new();
        let mut more = false;
        let mut seen: Option<Vec<u8>> = None;
        let (from, below) = match &wanted.after {
            Some((key, Some(sequence))) => {
                seen = Some(key.clone());
                (key.clone(), Some(*sequence))
            }
            Some((key, None)) if !wanted.delimiter.is_empty() && key.ends_with(&wanted.delimiter) => {
                (key.clone(), None)
            }
            Some((key, None)) => (key.iter().copied().chain([0]).collect(), None),
            None => (Vec::new(), None),
        };
        let (from, below) = if from < wanted.prefix { (wanted.prefix.clone(), None) } else { (from, below) };
        // A page that ended with a folded prefix goes on behind everything under it.
        let under = wanted
            .after
            .as_ref()
            .filter(|(key, id)| id.is_none() && !wanted.delimiter.is_empty() && key.ends_with(&wanted.delimiter));
        self.index.walk(&wanted.bucket, &from, below, |key, version| {
            if !key.starts_with(&wanted.prefix) {
                return Step::Stop;
            }
            if let Some((after, _)) = under
                && key.starts_with(after)
            {
                return Step::Behind(after.clone());
            }
            let newest = seen.as_deref() != Some(key);
            if newest {
                seen = Some(key.to_vec());
            }
            if !wanted.all_versions && (!newest || version.content.is_none()) {
                return Step::Next;
            }
            if entries.len() >= wanted.page {
                more = true;
                return Step::Stop;
            }
            if let Some(prefix) = folded(key, &wanted.prefix, &wanted.delimiter) {
                entries.push(Entry::Prefix(prefix.clone()));
                return Step::Behind(prefix);
            }
            entries.push(Entry::Version { key: key.to_vec(), version, newest });
            Step::Next
        })?;
        Ok((entries, more))
    }

    async fn page_of(&self, wanted: Wanted) -> S3Result<(Vec<Entry>, bool)> {
        let store = self.clone();
        Ok(blocking(move || store.page(&wanted)).await?)
    }

    pub(super) async fn list_objects(
        &self,
        req: S3Request<ListObjectsV2Input>,
    ) -> S3Result<S3Response<ListObjectsV2Output>> {
        let input = req.input;
        let prefix = input.prefix.clone().unwrap_or_default();
        self.rights.check(req.credentials.as_ref(), &input.bucket, prefix.as_bytes(), Wish::Read)?;
        self.must_have(&input.bucket).await?;
        let after = match (&input.continuation_token, &input.start_after) {
            (Some(token), _) => {
                Some(hex::decode(token).map_err(|_| s3_error!(InvalidArgument, "not a token of this store"))?)
            }
            (None, Some(after)) => Some(after.clone().into_bytes()),
            (None, None) => None,
        };
        let page = page_size(input.max_keys)?;
        let wanted = Wanted {
            bucket: input.bucket.clone(),
            prefix: prefix.clone().into_bytes(),
            delimiter: input.delimiter.clone().unwrap_or_default().into_bytes(),
            after: after.map(|key| (key, None)),
            page,
            all_versions: false,
        };
        let (entries, more) = self.page_of(wanted).await?;
        let spelling = Spelling::of(input.encoding_type.as_ref());
        let next = entries.last().filter(|_| more).map(|last| hex::encode(last.key()));
        let mut contents = Vec::new();
        let mut prefixes = Vec::new();
        let count = i32::try_from(entries.len()).ok();
        for entry in entries {
            match entry {
                Entry::Prefix(prefix) => prefixes.push(CommonPrefix { prefix: Some(spelling.bytes(&prefix)) }),
                Entry::Version { key, version, .. } => contents.push(Object {
                    key: Some(spelling.bytes(&key)),
                    e_tag: Some(ETag::Strong(version.etag)),
                    size: i64::try_from(version.size).ok(),
                    last_modified: Some(timestamp(version.modified)),
                    storage_class: Some(ObjectStorageClass::from_static(ObjectStorageClass::STANDARD)),
                    ..Default::default()
                }),
            }
        }
        Ok(S3Response::new(ListObjectsV2Output {
            name: Some(input.bucket),
            prefix: Some(spelling.bytes(prefix.as_bytes())),
            delimiter: input.delimiter.map(|text| spelling.bytes(text.as_bytes())),
            start_after: input.start_after.map(|text| spelling.bytes(text.as_bytes())),
            max_keys: i32::try_from(page).ok(),
            key_count: count,
            continuation_token: input.continuation_token,
            is_truncated: Some(more),
            next_continuation_token: next,
            contents: Some(contents),
            common_prefixes: Some(prefixes),
            encoding_type: input.encoding_type,
            ..Default::default()
        }))
    }

    pub(super) async fn list_versions(
        &self,
        req: S3Request<ListObjectVersionsInput>,
    ) -> S3Result<S3Response<ListObjectVersionsOutput>> {
        let input = req.input;
        let prefix = input.prefix.clone().unwrap_or_default();
        self.rights.check(req.credentials.as_ref(), &input.bucket, prefix.as_bytes(), Wish::Read)?;
        self.must_have(&input.bucket).await?;
        let after = match (&input.key_marker, &input.version_id_marker) {
            (Some(key), Some(id)) if !key.is_empty() && !id.is_empty() => {
                Some((key.clone().into_bytes(), Some(self.sequence_of(&input.bucket, key, id).await?)))
            }
            (Some(key), _) if !key.is_empty() => Some((key.clone().into_bytes(), None)),
            _ => None,
        };
        let page = page_size(input.max_keys)?;
        let wanted = Wanted {
            bucket: input.bucket.clone(),
            prefix: prefix.clone().into_bytes(),
            delimiter: input.delimiter.clone().unwrap_or_default().into_bytes(),
            after,
            page,
            all_versions: true,
        };
        let (entries, more) = self.page_of(wanted).await?;
        let spelling = Spelling::of(input.encoding_type.as_ref());
        let last = entries.last().filter(|_| more);
        let next_key = last.map(|last| spelling.bytes(last.key()));
        let next_id = last.and_then(|last| match last {
            Entry::Version { version, .. } => Some(version.id.clone()),
            Entry::Prefix(_) => None,
        });
        let (mut versions, mut markers, mut prefixes) = (Vec::new(), Vec::new(), Vec::new());
        for entry in entries {
            match entry {
                Entry::Prefix(prefix) => prefixes.push(CommonPrefix { prefix: Some(spelling.bytes(&prefix)) }),
                Entry::Version { key, version, newest } if version.content.is_none() => {
                    markers.push(DeleteMarkerEntry {
                        key: Some(spelling.bytes(&key)),
                        version_id: Some(version.id),
                        is_latest: Some(newest),
                        last_modified: Some(timestamp(version.modified)),
                        ..Default::default()
                    });
                }
                Entry::Version { key, version, newest } => versions.push(ObjectVersion {
                    key: Some(spelling.bytes(&key)),
                    version_id: Some(version.id),
                    is_latest: Some(newest),
                    e_tag: Some(ETag::Strong(version.etag)),
                    size: i64::try_from(version.size).ok(),
                    last_modified: Some(timestamp(version.modified)),
                    storage_class: Some(ObjectVersionStorageClass::from_static(ObjectVersionStorageClass::STANDARD)),
                    ..Default::default()
                }),
            }
        }
        Ok(S3Response::new(ListObjectVersionsOutput {
            name: Some(input.bucket),
            prefix: Some(spelling.bytes(prefix.as_bytes())),
            delimiter: input.delimiter.map(|text| spelling.bytes(text.as_bytes())),
            key_marker: input.key_marker.map(|text| spelling.bytes(text.as_bytes())),
            version_id_marker: input.version_id_marker,
            max_keys: i32::try_from(page).ok(),
            is_truncated: Some(more),
            next_key_marker: next_key,
            next_version_id_marker: next_id,
            versions: Some(versions),
            delete_markers: Some(markers),
            common_prefixes: Some(prefixes),
            encoding_type: input.encoding_type,
            ..Default::default()
        }))
    }

    /// The sequence behind a version id: written in it, except for `null`. One that is gone counts from the key's begin,
    /// so that a page repeats rather than leaves out.
    async fn sequence_of(&self, bucket: &str, key: &str, id: &str) -> S3Result<u64> {
        if id != super::index::NULL_VERSION {
            let digits = id.get(..16).and_then(|digits| u64::from_str_radix(digits, 16).ok());
            return digits.ok_or_else(|| s3_error!(InvalidArgument, "not a version id of this store"));
        }
        let (store, bucket, key) = (self.clone(), bucket.to_owned(), key.to_owned());
        let found =
            blocking(move || store.index.version(&bucket, key.as_bytes(), Some(super::index::NULL_VERSION))).await?;
        Ok(found.map_or(u64::MAX, |version| version.sequence))
    }
}

impl Entry {
    fn key(&self) -> &[u8] {
        match self {
            Self::Version { key, .. } | Self::Prefix(key) => key,
        }
    }
}

fn page_size(asked: Option<i32>) -> S3Result<usize> {
    let asked = asked.unwrap_or(PAGE).min(PAGE);
    usize::try_from(asked).map_err(|_| s3_error!(InvalidArgument, "max-keys is negative"))
}

/// How keys are spelled in the answer.
#[derive(Clone, Copy)]
struct Spelling {
    url: bool,
}

impl Spelling {
    fn of(asked: Option<&EncodingType>) -> Self {
        Self { url: asked.is_some_and(|asked| asked.as_str() == EncodingType::URL) }
    }

    /// With `encoding-type=url` everything but unreserved characters and `/` as %XX; a space is `%20`, never `+`,
    /// so that clients of either habit read the same key.
    fn bytes(self, key: &[u8]) -> String {
        use std::fmt::Write as _;
        if !self.url {
            return String::from_utf8_lossy(key).into_owned();
        }
        let mut spelled = String::with_capacity(key.len());
        for byte in key {
            if byte.is_ascii_alphanumeric() || b"-_.~/".contains(byte) {
                spelled.push(char::from(*byte));
            } else {
                write!(spelled, "%{byte:02X}").ok();
            }
        }
        spelled
    }
}
