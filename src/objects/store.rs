//! The connection to a store: made once from the worker's settings, cheap to clone.

use std::time::Duration;

use aws_sdk_s3::Client;
use aws_sdk_s3::config::http::HttpResponse;
use aws_sdk_s3::config::retry::RetryConfig;
use aws_sdk_s3::config::timeout::TimeoutConfig;
use aws_sdk_s3::config::{
    BehaviorVersion, Builder, Credentials, Region, RequestChecksumCalculation, ResponseChecksumValidation,
};
use aws_sdk_s3::error::{ProvideErrorMetadata, SdkError};

use super::ObjectsError;
use super::error::{status, unread_body};
use crate::config::WorkerS3;
use crate::text::{Untrusted, shown};

/// A store, as one set of credentials sees it.
#[derive(Clone, Debug)]
pub struct Store {
    pub(super) client: Client,
    pub(super) endpoint: String,
}

impl Store {
    /// Prepares the client; nothing is sent to the store yet. Without keys, the site's default credential chain is asked.
    pub async fn open(site: &WorkerS3) -> Self {
        let region = Region::new(site.region.clone());
        let mut base = if let (Some(id), Some(secret)) = (&site.access_key_id, &site.secret_access_key) {
            Builder::new()
                .behavior_version(BehaviorVersion::latest())
                .region(region)
                .credentials_provider(Credentials::new(id, secret.expose(), None, None, "exeat worker settings"))
        } else {
            let chain = aws_config::defaults(BehaviorVersion::latest()).region(region).load().await;
            Builder::from(&chain)
        };
        base.set_endpoint_url(site.endpoint.clone());
        let timeouts = TimeoutConfig::builder()
            .connect_timeout(Duration::from_secs(3))
            // until the answer begins; a body that stalls later is caught by the SDK's stalled stream protection
            .read_timeout(Duration::from_mins(1))
            .build();
        let settings = base
            .force_path_style(site.path_style)
            .timeout_config(timeouts)
            .retry_config(RetryConfig::standard().with_max_attempts(3))
            // other stores than AWS know few of the newer checksum headers; we hash everything ourselves
            .request_checksum_calculation(RequestChecksumCalculation::WhenRequired)
            .response_checksum_validation(ResponseChecksumValidation::WhenRequired)
            .build();
        let endpoint = site.endpoint.clone().unwrap_or_else(|| "the region's endpoint".into());
        Self { client: Client::from_conf(settings), endpoint }
    }

    /// The endpoint, for sentences.
    #[must_use]
    pub fn endpoint(&self) -> &str {
        &self.endpoint
    }

    /// Asks whether the bucket can be seen.
    ///
    /// # Errors
    /// What the store answered, as a sentence.
    pub async fn check_bucket(&self, bucket: &str) -> Result<(), ObjectsError> {
        let answer = self.client.head_bucket().bucket(bucket).send().await;
        answer.map(drop).map_err(|e| self.failed(format!("bucket {bucket}"), &e))
    }

    /// Whether the bucket keeps versions now (a suspended one no longer makes new ones, but keeps the old).
    ///
    /// # Errors
    /// What the store answered; only one that does not know the question keeps none. [`ObjectsError::Denied`] says nothing
    /// about versions: see [`Store::kept_versions`].
    pub async fn is_versioned(&self, bucket: &str) -> Result<bool, ObjectsError> {
        match self.client.get_bucket_versioning().bucket(bucket).send().await {
            Ok(answer) => Ok(answer.status().is_some()),
            Err(e) if unread_body(&e).contains("<GetBucketVersioningResponse") => {
                Ok(unread_body(&e).contains("<Status>"))
            }
            Err(e) if matches!(status(&e), Some(405 | 501)) => Ok(false),
            Err(e) => Err(self.failed(format!("to say whether bucket {bucket} keeps versions"), &e)),
        }
    }

    pub(super) fn failed<E>(&self, what: String, error: &SdkError<E, HttpResponse>) -> ObjectsError
    where
        E: ProvideErrorMetadata + std::error::Error + Send + Sync + 'static,
    {
        ObjectsError::from_sdk(&self.endpoint, what, error)
    }
}

/// Characters of a key in a sentence.
const LONGEST_SHOWN: usize = 80;

/// The key as the SDK wants it.
pub(super) fn key_text(key: &[u8]) -> Result<&str, ObjectsError> {
    std::str::from_utf8(key).map_err(|_| ObjectsError::KeyNotText(shown_key(key)))
}

/// The key as a sentence may hold it: its beginning where it is long, so that the rest of the sentence is read too.
pub(super) fn shown_key(key: &[u8]) -> String {
    let all = shown(&Untrusted::new(String::from_utf8_lossy(key)));
    match all.char_indices().nth(LONGEST_SHOWN) {
        Some((end, _)) => format!("{}…", &all[..end]),
        None => all,
    }
}

/// Names an object in a sentence.
pub(super) fn named(bucket: &str, key: &[u8], version: Option<&str>) -> String {
    let version = version.map(|v| format!(" version {}", shown(&Untrusted::new(v)))).unwrap_or_default();
    format!("object {bucket}/{}{version}", shown_key(key))
}
