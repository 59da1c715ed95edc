//! Removing: one version, everything at a key, or only what one release wrote. Called by `worker`.
//!
//! A release writes its id beside the bytes ([`MARK`]), and what is taken away again is known by it: an object with another
//! id, or with none, is somebody else's and stays whatever lies in it.

use super::store::{key_text, named};
use super::{Head, ListedVersion, ObjectsError, Store};

/// The user metadata that names the release that wrote an object: `x-amz-meta-exeat-release`.
pub const MARK: &str = "exeat-release";

/// How a release knows its own objects at a key.
#[derive(Clone, Copy, Debug)]
pub struct Own<'a> {
    /// The value of [`MARK`].
    pub release: &'a str,
    /// The store's id of what it wrote, where it was recorded: found even where the store cannot list it.
    pub version: Option<&'a str>,
    /// What an object without any id is.
    pub unmarked: Unmarked<'a>,
}

/// Whose an object without an id is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unmarked<'a> {
    /// Somebody else's.
    Foreign,
    /// The release's: its own id is in the key, and it is of a time before ids were written.
    Own,
    /// The same, if it is the recorded version, or where none was recorded if it has this SHA-256 (hex).
    OwnBytes(&'a str),
}

/// What was found and taken away.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Removed {
    /// Whether something went.
    pub any: bool,
    /// Whether somebody else's object lies there; it was not touched.
    pub foreign: bool,
}

impl Store {
    /// Deletes one version, or without one what a plain delete means (a delete marker, where versions are kept).
    /// Deleting what is not there is fine.
    ///
    /// # Errors
    /// What the store answered, as a sentence.
    pub async fn delete(&self, bucket: &str, key: &[u8], version: Option<&str>) -> Result<(), ObjectsError> {
        let request = self.client.delete_object().bucket(bucket).key(key_text(key)?);
        match request.set_version_id(version.map(Into::into)).send().await {
            Ok(_) => Ok(()),
            Err(e) => match self.failed(named(bucket, key, version), &e) {
                ObjectsError::NotFound(_) => Ok(()),
                other => Err(other),
            },
        }
    }

    /// Removes the bytes at a key for good, whosever they are: every version, and whatever is left where there are none.
    /// Whether anything was there. For places nobody else writes.
    ///
    /// # Errors
    /// What the store answered, as a sentence; [`ObjectsError::Denied`] also where it does not say which versions it keeps:
    /// then what could be seen is gone, and nobody knows what else there is.
    pub async fn remove(&self, bucket: &str, key: &[u8]) -> Result<bool, ObjectsError> {
        Ok(self.clear(bucket, key, None).await?.any)
    }

    /// Removes for good every version at a key that a release wrote, and no other.
    ///
    /// Where no versions are kept an object is looked at and then deleted. Nobody's release writes over it in between: each
    /// writes only where nothing is.
    ///
    /// # Errors
    /// As [`Store::remove`].
    pub async fn remove_own(&self, bucket: &str, key: &[u8], own: Own<'_>) -> Result<Removed, ObjectsError> {
        self.clear(bucket, key, Some(own)).await
    }

    /// Whether an object is the release's; `version` is how it was asked for.
    ///
    /// # Errors
    /// The bytes of an unmarked one could not be read.
    pub async fn is_own(
        &self,
        (bucket, key, version): (&str, &[u8], Option<&str>),
        head: &Head,
        own: Own<'_>,
    ) -> Result<bool, ObjectsError> {
        match (&head.mark, own.unmarked) {
            (Some(mark), _) => Ok(mark == own.release),
            (None, Unmarked::Foreign) => Ok(false),
            (None, Unmarked::Own) => Ok(true),
            (None, Unmarked::OwnBytes(_)) if own.version.is_some() => Ok(head.version_id.as_deref() == own.version),
            (None, Unmarked::OwnBytes(sha256)) => {
                let exact = version.or(head.version_id.as_deref());
                Ok(self.read(bucket, key, exact, None, None).await?.sha256().await?.0 == sha256)
            }
        }
    }

    /// The versions at a key; none where the bucket keeps none.
    ///
    /// # Errors
    /// What the store answered. Where it refuses to say whether it keeps versions, they are asked for all the same, and
    /// refused too they are an error: a store that says nothing is never taken for one that keeps nothing.
    pub async fn kept_versions(&self, bucket: &str, key: &[u8]) -> Result<Option<Vec<ListedVersion>>, ObjectsError> {
        match self.is_versioned(bucket).await {
            Ok(false) => return Ok(None),
            Ok(true) | Err(ObjectsError::Denied(_)) => {}
            Err(other) => return Err(other),
        }
        self.versions(bucket, key).await.map(Some)
    }

    async fn clear(&self, bucket: &str, key: &[u8], own: Option<Own<'_>>) -> Result<Removed, ObjectsError> {
        let mut removed = Removed::default();
        let (listed, unsure) = match self.kept_versions(bucket, key).await {
            Ok(listed) => (listed.unwrap_or_default(), None),
            Err(ObjectsError::NoBucket(_)) => return Ok(removed),
            // What can be seen goes, and then it is said that there may be more.
            Err(error @ ObjectsError::Denied(_)) => (Vec::new(), Some(error)),
            Err(other) => return Err(other),
        };
        let recorded = own.and_then(|own| own.version).filter(|id| listed.iter().all(|known| known.version_id != *id));
        for id in listed.iter().map(|known| known.version_id.as_str()).chain(recorded) {
            self.clear_one((bucket, key, Some(id)), own, &mut removed).await?;
        }
        // What a listing could not name, and all there is where no versions are kept.
        while self.clear_one((bucket, key, None), own, &mut removed).await? {}
        unsure.map_or(Ok(removed), Err)
    }

    /// Whether something was there and went.
    async fn clear_one(
        &self,
        (bucket, key, version): (&str, &[u8], Option<&str>),
        own: Option<Own<'_>>,
        removed: &mut Removed,
    ) -> Result<bool, ObjectsError> {
        let head = match self.head(bucket, key, version).await {
            Err(ObjectsError::NotFound(_)) => return Ok(false),
            other => other?,
        };
        if let Some(own) = own
            && !self.is_own((bucket, key, version), &head, own).await?
        {
            removed.foreign = true;
            return Ok(false);
        }
        self.delete(bucket, key, version.or(head.version_id.as_deref())).await?;
        removed.any = true;
        Ok(true)
    }
}
