//! Who may do what in the store: access keys and their rights, a prefix of a bucket each. Called by every operation.

use std::collections::HashMap;

use s3s::auth::{Credentials, S3Auth, SecretKey};
use s3s::{S3Result, s3_error};
use serde::{Deserialize, Serialize};

/// An access key with its secret and what it may do.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct AccessKey {
    /// The public half.
    pub access_key_id: String,
    /// The secret half.
    pub secret_access_key: String,
    /// What it may do; nothing else.
    pub rights: Vec<Right>,
}

/// A right on the keys of one bucket that begin with a prefix.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Right {
    /// The bucket; `*` for all, and then also to make and remove buckets.
    pub bucket: String,
    /// Keys that begin with this; empty for all.
    #[serde(default)]
    pub prefix: String,
    /// Whether it may write and delete; it may always read and list.
    #[serde(default)]
    pub write: bool,
}

impl AccessKey {
    /// A key that may do everything.
    #[must_use]
    pub fn all(access_key_id: &str, secret_access_key: &str) -> Self {
        let rights = vec![Right { bucket: "*".to_owned(), prefix: String::new(), write: true }];
        Self { access_key_id: access_key_id.to_owned(), secret_access_key: secret_access_key.to_owned(), rights }
    }
}

/// What an operation wants to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wish {
    /// Read or list.
    Read,
    /// Write or delete.
    Write,
}

/// All access keys.
#[derive(Clone, Debug, Default)]
pub struct Rights(HashMap<String, AccessKey>);

impl Rights {
    /// The rights of these keys.
    #[must_use]
    pub fn new(keys: Vec<AccessKey>) -> Self {
        Self(keys.into_iter().map(|key| (key.access_key_id.clone(), key)).collect())
    }

    /// Whether the caller may do this to every key of the bucket that begins with `prefix` (a whole key, for one object).
    ///
    /// # Errors
    /// `AccessDenied` if not.
    pub fn check(&self, who: Option<&Credentials>, bucket: &str, prefix: &[u8], wish: Wish) -> S3Result<()> {
        let key = who.and_then(|who| self.0.get(&who.access_key));
        let may = key.is_some_and(|key| {
            key.rights.iter().any(|right| {
                (right.bucket == "*" || right.bucket == bucket)
                    && prefix.starts_with(right.prefix.as_bytes())
                    && (wish == Wish::Read || right.write)
            })
        });
        if may { Ok(()) } else { Err(s3_error!(AccessDenied, "this access key may not do that here")) }
    }

    /// Whether the caller has any right on a bucket (to ask whether it is there), or with `all` on all buckets.
    ///
    /// # Errors
    /// `AccessDenied` if not.
    pub fn check_bucket(&self, who: Option<&Credentials>, bucket: &str, wish: Wish) -> S3Result<()> {
        let key = who.and_then(|who| self.0.get(&who.access_key));
        let may = key.is_some_and(|key| {
            key.rights.iter().any(|right| {
                right.bucket == "*" && (wish == Wish::Read || right.write)
                    || right.bucket == bucket && wish == Wish::Read
            })
        });
        if may { Ok(()) } else { Err(s3_error!(AccessDenied, "this access key has no right on the bucket")) }
    }
}

#[async_trait::async_trait]
impl S3Auth for Rights {
    async fn get_secret_key(&self, access_key: &str) -> S3Result<SecretKey> {
        match self.0.get(access_key) {
            Some(key) => Ok(SecretKey::from(key.secret_access_key.clone())),
            None => Err(s3_error!(InvalidAccessKeyId)),
        }
    }
}
