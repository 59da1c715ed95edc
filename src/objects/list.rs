//! Listing a location page by page. Called by the worker's intake and tests.
//!
//! Keys come from `ListObjectsV2` with `encoding-type=url`, which every store tried answers exactly. `ListObjectVersions`
//! is asked for one key at a time and only to learn version ids: SeaweedFS and moto ignore its `encoding-type`, SeaweedFS
//! then writes U+FFFD for control characters, and moto breaks the XML.

use aws_sdk_s3::types::{EncodingType, Object};
use chrono::{DateTime, Utc};

use super::store::{key_text, named, shown_key};
use super::{Location, ObjectsError, Store};

/// The newest object at a key, as a listing shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    /// The whole key, prefix included; not necessarily UTF-8.
    pub key: Vec<u8>,
    /// Why the name could not be decoded, where it could not; `key` then holds what the listing said.
    pub undecoded: Option<String>,
    /// Without the quotes.
    pub etag: Option<String>,
    /// Bytes.
    pub size: u64,
    /// When the store says it was written.
    pub modified_at: DateTime<Utc>,
}

/// One version of one key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListedVersion {
    /// The store's version id.
    pub version_id: String,
    /// Without the quotes.
    pub etag: Option<String>,
    /// Bytes.
    pub size: u64,
    /// When the store says it was written.
    pub modified_at: DateTime<Utc>,
    /// Whether it is the newest at its key.
    pub newest: bool,
}

/// One page of a listing.
#[derive(Clone, Debug)]
pub struct Page {
    /// In the store's order.
    pub entries: Vec<Listed>,
    /// Asks for the next page; none at the end.
    pub next: Option<String>,
}

impl Store {
    /// One page of at most 1,000 objects of a location. Entries outside the prefix, which a store should never send,
    /// are dropped.
    ///
    /// # Errors
    /// What the store answered, as a sentence.
    pub async fn list(&self, location: &Location, next: Option<String>) -> Result<Page, ObjectsError> {
        let answer = self
            .client
            .list_objects_v2()
            .bucket(&location.bucket)
            .prefix(&location.prefix)
            .encoding_type(EncodingType::Url)
            .set_continuation_token(next)
            .send()
            .await
            .map_err(|e| self.failed(format!("the listing of {location}"), &e))?;
        let encoded = answer.encoding_type() == Some(&EncodingType::Url);
        let entries = answer.contents().iter().map(|object| listed(object, encoded));
        let entries =
            entries.filter(|e| e.undecoded.is_some() || e.key.starts_with(location.prefix.as_bytes())).collect();
        let more = answer.is_truncated() == Some(true);
        Ok(Page { entries, next: answer.next_continuation_token.filter(|_| more) })
    }

    /// The versions of exactly one key, newest first; delete markers are left out. Empty where the store cannot name
    /// this key in a version listing (SeaweedFS and moto: control characters).
    ///
    /// # Errors
    /// What the store answered, as a sentence.
    pub async fn versions(&self, bucket: &str, key: &[u8]) -> Result<Vec<ListedVersion>, ObjectsError> {
        let text = key_text(key)?;
        let (mut found, mut marker, mut version_marker) = (Vec::new(), None, None);
        loop {
            let answer = self
                .client
                .list_object_versions()
                .bucket(bucket)
                .prefix(text)
                .encoding_type(EncodingType::Url)
                .set_key_marker(marker)
                .set_version_id_marker(version_marker)
                .send()
                .await
                .map_err(|e| self.failed(format!("to list the versions of {}", named(bucket, key, None)), &e))?;
            let encoded = answer.encoding_type() == Some(&EncodingType::Url);
            let same = |listed: &str| decode(listed, encoded).is_ok_and(|k| k == key);
            let mut past = false;
            for version in answer.versions() {
                if !same(version.key().unwrap_or_default()) {
                    past = true;
                } else if let Some(id) = version.version_id() {
                    found.push(ListedVersion {
                        version_id: id.into(),
                        etag: version.e_tag().map(bare),
                        size: version.size().and_then(|n| n.try_into().ok()).unwrap_or(0),
                        modified_at: time(version.last_modified()),
                        newest: version.is_latest() == Some(true),
                    });
                }
            }
            // the exact key sorts before every longer one that begins with it
            if past || answer.is_truncated() != Some(true) {
                return Ok(found);
            }
            marker = answer.next_key_marker().map(|m| decoded_text(m, encoded));
            version_marker = answer.next_version_id_marker().map(Into::into);
            if marker.is_none() {
                return Ok(found);
            }
        }
    }
}

fn listed(object: &Object, encoded: bool) -> Listed {
    let name = object.key().unwrap_or_default();
    let (key, undecoded) = match decode(name, encoded) {
        Ok(key) => (key, None),
        Err(why) => (name.as_bytes().to_vec(), Some(why)),
    };
    Listed {
        key,
        undecoded,
        etag: object.e_tag().map(bare),
        size: object.size().and_then(|n| n.try_into().ok()).unwrap_or(0),
        modified_at: time(object.last_modified()),
    }
}

/// The bytes of a name in a listing; `+` is a space, as AWS and SeaweedFS write it.
fn decode(name: &str, encoded: bool) -> Result<Vec<u8>, String> {
    if !encoded {
        return Ok(name.as_bytes().to_vec());
    }
    let wrong = || format!("the listing names {}, which is not a valid URL encoding", shown_key(name.as_bytes()));
    let mut key = Vec::with_capacity(name.len());
    let mut rest = name.bytes();
    while let Some(byte) = rest.next() {
        key.push(match byte {
            b'+' => b' ',
            b'%' => {
                let pair = [rest.next().ok_or_else(wrong)?, rest.next().ok_or_else(wrong)?];
                hex::decode(pair).map_err(|_| wrong())?[0]
            }
            other => other,
        });
    }
    Ok(key)
}

fn decoded_text(name: &str, encoded: bool) -> String {
    decode(name, encoded).ok().and_then(|key| String::from_utf8(key).ok()).unwrap_or_else(|| name.into())
}

pub(super) fn bare(etag: &str) -> String {
    etag.trim_matches('"').into()
}

pub(super) fn time(at: Option<&aws_sdk_s3::primitives::DateTime>) -> DateTime<Utc> {
    at.and_then(|t| DateTime::from_timestamp(t.secs(), t.subsec_nanos())).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::decode;

    #[test]
    fn names_are_decoded_to_bytes_or_refused_with_a_reason() {
        assert_eq!(decode("a+b%2Bc%00%FF", true), Ok(b"a b+c\0\xff".to_vec()));
        assert_eq!(decode("a+b%2B", false), Ok(b"a+b%2B".to_vec()));
        for wrong in ["%", "%4", "%zz", "a%+1"] {
            assert!(decode(wrong, true).is_err_and(|why| why.contains("not a valid URL encoding")), "{wrong}");
        }
    }
}
