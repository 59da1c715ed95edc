//! Presigned requests: a URL that may do one thing for a short time. Called by the worker's tickets.
//! Signing is arithmetic on this machine; nothing is sent to the store.

use std::time::Duration;

use aws_sdk_s3::presigning::PresigningConfig;
use base64::Engine as _;

use super::store::{key_text, named};
use super::{ObjectsError, Store};

impl Store {
    /// A URL that reads exactly this key and version until it expires. Where the bucket keeps none it reads whatever lies
    /// at the key when it is used: the reader compares what comes (`service::bytes`).
    ///
    /// # Errors
    /// The key is not UTF-8, the lifetime is over a week, or no credentials could be had.
    pub async fn presign_get(
        &self,
        bucket: &str,
        key: &[u8],
        version: Option<&str>,
        lifetime: Duration,
    ) -> Result<String, ObjectsError> {
        let request = self.client.get_object().bucket(bucket).key(key_text(key)?);
        let request = request.set_version_id(version.map(Into::into));
        let signed = request.presigned(expiry(lifetime)?).await;
        signed
            .map(|s| s.uri().into())
            .map_err(|e| self.failed(format!("a ticket for {}", named(bucket, key, version)), &e))
    }

    /// A URL that writes this key until it expires, with the headers `content-length` and [`CHECKSUM`] as they are signed:
    /// these many bytes with this SHA-256 and no others.
    ///
    /// A request with other headers has another signature and is refused. Whether the bytes are those of the headers is the
    /// store's to check: S3, SeaweedFS and the local store do; moto checks neither (`tests/worker/contract.rs`). Intake
    /// hashes whatever lies there in any case.
    ///
    /// # Errors
    /// As [`Store::presign_get`]; or the hash is not hex.
    pub async fn presign_put(
        &self,
        bucket: &str,
        key: &[u8],
        (sha256, size): (&str, u64),
        lifetime: Duration,
    ) -> Result<String, ObjectsError> {
        let sum = checksum(sha256).ok_or_else(|| ObjectsError::Setting("the registered sha256 is not hex".into()))?;
        let request = self.client.put_object().bucket(bucket).key(key_text(key)?).checksum_sha256(sum);
        let request = request.content_length(i64::try_from(size).unwrap_or(i64::MAX));
        let signed = request.presigned(expiry(lifetime)?).await;
        signed
            .map(|s| s.uri().into())
            .map_err(|e| self.failed(format!("a ticket for {}", named(bucket, key, None)), &e))
    }
}

/// The header that names the bytes a presigned upload is for.
pub const CHECKSUM: &str = "x-amz-checksum-sha256";

/// The value of [`CHECKSUM`] for a hash in hex; none if it is not hex.
#[must_use]
pub fn checksum(sha256: &str) -> Option<String> {
    hex::decode(sha256).ok().map(|bytes| base64::engine::general_purpose::STANDARD.encode(bytes))
}

fn expiry(lifetime: Duration) -> Result<PresigningConfig, ObjectsError> {
    PresigningConfig::expires_in(lifetime)
        .map_err(|e| ObjectsError::Setting(format!("a ticket cannot live so long: {e}")))
}
