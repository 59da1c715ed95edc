//! `s3://bucket/prefix/`: a place in a store. Used by `worker` for egress, staging and shared locations.

use std::str::FromStr;

use super::ObjectsError;

/// A bucket and a prefix that is empty or ends in `/`, so that `heart/` never matches `heart2/`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Location {
    /// The bucket.
    pub bucket: String,
    /// The prefix, empty or ending in `/`.
    pub prefix: String,
}

impl Location {
    /// A location; a missing `/` at the end of the prefix is added.
    #[must_use]
    pub fn new(bucket: impl Into<String>, prefix: impl Into<String>) -> Self {
        let mut prefix = prefix.into();
        if !prefix.is_empty() && !prefix.ends_with('/') {
            prefix.push('/');
        }
        Self { bucket: bucket.into(), prefix }
    }

    /// Whether an object may lie in both.
    #[must_use]
    pub fn overlaps(&self, other: &Self) -> bool {
        self.bucket == other.bucket
            && (self.prefix.starts_with(&other.prefix) || other.prefix.starts_with(&self.prefix))
    }

    /// The whole key of `below`.
    #[must_use]
    pub fn key(&self, below: &[u8]) -> Vec<u8> {
        [self.prefix.as_bytes(), below].concat()
    }
}

impl FromStr for Location {
    type Err = ObjectsError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let wrong = || ObjectsError::Setting(format!("{text:?} is not a location: write it as s3://bucket/prefix/"));
        let (bucket, prefix) =
            text.strip_prefix("s3://").map(|rest| rest.split_once('/').unwrap_or((rest, ""))).ok_or_else(wrong)?;
        let good = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
        if bucket.is_empty() || !bucket.chars().all(good) || prefix.starts_with('/') {
            return Err(wrong());
        }
        Ok(Self::new(bucket, prefix))
    }
}

impl std::fmt::Display for Location {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "s3://{}/{}", self.bucket, self.prefix)
    }
}
