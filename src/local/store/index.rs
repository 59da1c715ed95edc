//! The store's ordered index on `redb`: buckets, versions of every key, multipart uploads and their parts.
//! A commit is on the disk when it returns, so what the store has answered survives kill -9. Called by the store's operations,
//! always from a blocking thread.

mod uploads;

pub use uploads::{Part, Upload};

use std::collections::BTreeMap;
use std::path::Path;

use redb::{Database, ReadableDatabase, ReadableTable, TableDefinition, WriteTransaction};
use serde::{Deserialize, Serialize};

use super::StoreError;

/// Bucket name → [`Bucket`].
const BUCKETS: TableDefinition<&str, &[u8]> = TableDefinition::new("buckets");
/// (bucket, key, `u64::MAX` − sequence) → [`Version`]: keys in byte order, the newest version of each first.
const VERSIONS: TableDefinition<(&str, &[u8], u64), &[u8]> = TableDefinition::new("versions");
/// Upload id → [`Upload`].
const UPLOADS: TableDefinition<&str, &[u8]> = TableDefinition::new("uploads");
/// (upload id, part number) → [`Part`].
const PARTS: TableDefinition<(&str, u32), &[u8]> = TableDefinition::new("parts");
/// One number a name; `sequence` orders versions.
const NUMBERS: TableDefinition<&str, u64> = TableDefinition::new("numbers");

/// The version id of an object written while its bucket kept no versions.
pub const NULL_VERSION: &str = "null";

/// Whether a bucket keeps versions.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Versioning {
    /// Never did: each write takes the place of the last.
    #[default]
    Off,
    /// Each write adds a version.
    Enabled,
    /// Did once: older versions stay, new writes have the version `null`.
    Suspended,
}

/// A bucket.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Bucket {
    /// When it was made, milliseconds since 1970.
    pub created: i64,
    /// Whether it keeps versions.
    pub versioning: Versioning,
}

/// What the client said about an object beside its bytes.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Facts {
    /// `Content-Type`.
    pub content_type: Option<String>,
    /// User metadata (`x-amz-meta-…`).
    pub metadata: BTreeMap<String, String>,
    /// Checksums the client sent and the store confirmed, by header name; given back with the whole object.
    pub checksums: BTreeMap<String, String>,
}

/// One version of one key, or a delete marker.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Version {
    /// Its place in time: later writes have larger numbers.
    pub sequence: u64,
    /// The store's id for it, or `null`.
    pub id: String,
    /// Name of the content file; none for a delete marker.
    pub content: Option<String>,
    /// Bytes.
    pub size: u64,
    /// Hex of the MD5, with the number of parts behind a hyphen for multipart objects.
    pub etag: String,
    /// When it was written, milliseconds since 1970.
    pub modified: i64,
    /// The rest.
    pub facts: Facts,
}

/// What a write needs to be true of the key at the moment of the commit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Condition {
    /// Nothing.
    None,
    /// No object there (`If-None-Match: *`).
    Absent,
    /// The newest object has this ETag (`If-Match`).
    Matches(String),
    /// An object is there (`If-Match: *`).
    Present,
}

/// The index; cheap to share.
#[derive(Debug)]
pub struct Index {
    database: Database,
}

fn packed<T: Serialize>(value: &T) -> Result<Vec<u8>, StoreError> {
    serde_json::to_vec(value).map_err(|error| StoreError::Index(error.to_string()))
}

fn unpacked<T: for<'de> Deserialize<'de>>(bytes: &[u8]) -> Result<T, StoreError> {
    serde_json::from_slice(bytes).map_err(|error| StoreError::Index(error.to_string()))
}

impl Index {
    /// Opens the index, or makes it; after a kill it repairs itself here.
    ///
    /// # Errors
    /// If the file cannot be opened, or another process has it.
    pub fn open(path: &Path) -> Result<Self, StoreError> {
        let database = Database::create(path)?;
        let write = database.begin_write()?;
        write.open_table(BUCKETS)?;
        write.open_table(VERSIONS)?;
        write.open_table(UPLOADS)?;
        write.open_table(PARTS)?;
        write.open_table(NUMBERS)?;
        write.commit()?;
        Ok(Self { database })
    }

    fn write<T>(&self, work: impl FnOnce(&WriteTransaction) -> Result<T, StoreError>) -> Result<T, StoreError> {
        let mut write = self.database.begin_write()?;
        write.set_quick_repair(true);
        let done = work(&write)?;
        write.commit()?;
        Ok(done)
    }

    /// A bucket, if there is one.
    ///
    /// # Errors
    /// If the index cannot be read.
    pub fn bucket(&self, name: &str) -> Result<Option<Bucket>, StoreError> {
        let table = self.database.begin_read()?.open_table(BUCKETS)?;
        table.get(name)?.map(|found| unpacked(found.value())).transpose()
    }

    /// All buckets, by name.
    ///
    /// # Errors
    /// If the index cannot be read.
    pub fn buckets(&self) -> Result<Vec<(String, Bucket)>, StoreError> {
        let table = self.database.begin_read()?.open_table(BUCKETS)?;
        let mut found = Vec::new();
        for entry in table.iter()? {
            let (name, bucket) = entry?;
            found.push((name.value().to_owned(), unpacked(bucket.value())?));
        }
        Ok(found)
    }

    /// Makes a bucket or changes it.
    ///
    /// # Errors
    /// If the index cannot be written.
    pub fn put_bucket(&self, name: &str, bucket: &Bucket) -> Result<(), StoreError> {
        self.write(|write| {
            write.open_table(BUCKETS)?.insert(name, packed(bucket)?.as_slice())?;
            Ok(())
        })
    }

    /// Removes an empty bucket; false if something is in it.
    ///
    /// # Errors
    /// If the index cannot be written.
    pub fn remove_bucket(&self, name: &str) -> Result<bool, StoreError> {
        self.write(|write| {
            let versions = write.open_table(VERSIONS)?;
            if let Some(first) = versions.range((name, &[][..], 0)..)?.next()
                && first?.0.value().0 == name
            {
                return Ok(false);
            }
            write.open_table(BUCKETS)?.remove(name)?;
            Ok(true)
        })
    }

    /// The newest version of a key, or the one with this id; delete markers included.
    ///
    /// # Errors
    /// If the index cannot be read.
    pub fn version(&self, bucket: &str, key: &[u8], id: Option<&str>) -> Result<Option<Version>, StoreError> {
        let table = self.database.begin_read()?.open_table(VERSIONS)?;
        find(&table, bucket, key, id)
    }

    /// Adds a version; on a bucket that keeps none it takes the place of the `null` one.
    /// Returns the version as stored and the content files nobody names any more.
    ///
    /// # Errors
    /// [`StoreError::Precondition`] if `condition` does not hold, or if the index cannot be written.
    pub fn put_version(
        &self,
        bucket: &str,
        key: &[u8],
        mut version: Version,
        condition: &Condition,
    ) -> Result<(Version, Vec<String>), StoreError> {
        self.write(|write| {
            let versioning = {
                let buckets = write.open_table(BUCKETS)?;
                let found = buckets.get(bucket)?.ok_or(StoreError::NoSuchBucket)?;
                unpacked::<Bucket>(found.value())?.versioning
            };
            let mut table = write.open_table(VERSIONS)?;
            let newest = find(&table, bucket, key, None)?.filter(|newest| newest.content.is_some());
            let holds = match condition {
                Condition::None => true,
                Condition::Absent => newest.is_none(),
                Condition::Present => newest.is_some(),
                Condition::Matches(etag) => newest.is_some_and(|newest| newest.etag == *etag),
            };
            if !holds {
                return Err(StoreError::Precondition);
            }
            let mut numbers = write.open_table(NUMBERS)?;
            version.sequence = numbers.get("sequence")?.map_or(0, |last| last.value()) + 1;
            numbers.insert("sequence", version.sequence)?;
            let mut unnamed = Vec::new();
            if versioning == Versioning::Enabled {
                // The sequence in front lets a listing go on behind a version that was removed meanwhile.
                version.id = format!("{:016x}{:016x}", version.sequence, uuid::Uuid::new_v4().as_u64_pair().0);
            } else {
                NULL_VERSION.clone_into(&mut version.id);
                if let Some(old) = find(&table, bucket, key, Some(NULL_VERSION))? {
                    table.remove((bucket, key, u64::MAX - old.sequence))?;
                    unnamed.extend(old.content);
                }
            }
            table.insert((bucket, key, u64::MAX - version.sequence), packed(&version)?.as_slice())?;
            Ok((version, unnamed))
        })
    }

    /// Removes one version for good. Returns it, if it was there.
    ///
    /// # Errors
    /// If the index cannot be written.
    pub fn remove_version(&self, bucket: &str, key: &[u8], id: &str) -> Result<Option<Version>, StoreError> {
        self.write(|write| {
            let mut table = write.open_table(VERSIONS)?;
            let found = find(&table, bucket, key, Some(id))?;
            if let Some(found) = &found {
                table.remove((bucket, key, u64::MAX - found.sequence))?;
            }
            Ok(found)
        })
    }

    /// Walks a bucket's versions in order from (`key`, `below`) on, `below` being the sequence the first may not reach
    /// (`None` = all versions of the key). `visit` says how to go on.
    ///
    /// # Errors
    /// If the index cannot be read.
    pub fn walk(
        &self,
        bucket: &str,
        key: &[u8],
        below: Option<u64>,
        mut visit: impl FnMut(&[u8], Version) -> Step,
    ) -> Result<(), StoreError> {
        let table = self.database.begin_read()?.open_table(VERSIONS)?;
        let mut from = (key.to_vec(), below.map_or(0, |sequence| u64::MAX - sequence + 1));
        'again: loop {
            for entry in table.range((bucket, from.0.as_slice(), from.1)..)? {
                let (at, value) = entry?;
                let (in_bucket, key, _) = at.value();
                if in_bucket != bucket {
                    return Ok(());
                }
                match visit(key, unpacked(value.value())?) {
                    Step::Next => {}
                    Step::Behind(prefix) => match behind(&prefix) {
                        Some(next) => {
                            from = (next, 0);
                            continue 'again;
                        }
                        None => return Ok(()),
                    },
                    Step::Stop => return Ok(()),
                }
            }
            return Ok(());
        }
    }

    /// Calls `visit` with every content file some version or part names.
    ///
    /// # Errors
    /// If the index cannot be read.
    pub fn named_contents(&self, mut visit: impl FnMut(String)) -> Result<(), StoreError> {
        let read = self.database.begin_read()?;
        for entry in read.open_table(VERSIONS)?.iter()? {
            unpacked::<Version>(entry?.1.value())?.content.map(&mut visit);
        }
        for entry in read.open_table(PARTS)?.iter()? {
            visit(unpacked::<Part>(entry?.1.value())?.content);
        }
        Ok(())
    }
}

/// How a walk goes on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// With the next version.
    Next,
    /// With the first key behind all that begin with these bytes.
    Behind(Vec<u8>),
    /// Not at all.
    Stop,
}

/// The smallest byte string behind all that begin with `prefix`; none if there is none.
fn behind(prefix: &[u8]) -> Option<Vec<u8>> {
    let last = prefix.iter().rposition(|byte| *byte != u8::MAX)?;
    let mut next = prefix.get(..=last)?.to_vec();
    *next.last_mut()? += 1;
    Some(next)
}

fn find(
    table: &impl ReadableTable<(&'static str, &'static [u8], u64), &'static [u8]>,
    bucket: &str,
    key: &[u8],
    id: Option<&str>,
) -> Result<Option<Version>, StoreError> {
    for entry in table.range((bucket, key, 0)..=(bucket, key, u64::MAX))? {
        let version: Version = unpacked(entry?.1.value())?;
        if id.is_none_or(|id| version.id == id) {
            return Ok(Some(version));
        }
    }
    Ok(None)
}
