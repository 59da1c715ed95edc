//! Presigned requests: a URL that may do one thing for a short time. Called by the worker's tickets.
//! Signing is arithmetic on this machine; nothing is sent to the store.

use std::time::Duration;

use aws_sdk_s3::presigning::PresigningConfig;

use super::store::{key_text, named};
use super::{ObjectsError, Store};

impl Store {
    /// A URL that reads exactly this key and version (or, where the bucket keeps none, this key) until it expires.
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

    /// A URL that writes this key until it expires.
    ///
    /// # Errors
    /// As [`Store::presign_get`].
    pub async fn presign_put(&self, bucket: &str, key: &[u8], lifetime: Duration) -> Result<String, ObjectsError> {
        let request = self.client.put_object().bucket(bucket).key(key_text(key)?);
        let signed = request.presigned(expiry(lifetime)?).await;
        signed
            .map(|s| s.uri().into())
            .map_err(|e| self.failed(format!("a ticket for {}", named(bucket, key, None)), &e))
    }
}

fn expiry(lifetime: Duration) -> Result<PresigningConfig, ObjectsError> {
    PresigningConfig::expires_in(lifetime)
        .map_err(|e| ObjectsError::Setting(format!("a ticket cannot live so long: {e}")))
}
