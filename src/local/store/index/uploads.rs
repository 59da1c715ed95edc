//! Multipart uploads under way in the store's index. Called by the store's multipart operations.

use std::collections::BTreeMap;

use redb::{ReadableDatabase, ReadableTable};
use serde::{Deserialize, Serialize};

use super::{Facts, Index, PARTS, UPLOADS, packed, unpacked};
use crate::local::store::StoreError;

/// A multipart upload under way.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Upload {
    /// Where it goes.
    pub bucket: String,
    /// The key's bytes.
    pub key: Vec<u8>,
    /// What was said at its begin.
    pub facts: Facts,
}

/// One uploaded part.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Part {
    /// Name of the content file.
    pub content: String,
    /// Bytes.
    pub size: u64,
    /// Hex of the MD5.
    pub md5: String,
    /// When it came, milliseconds since 1970.
    pub modified: i64,
}

/// An upload and its parts by number.
pub type UnderWay = (Upload, BTreeMap<u32, Part>);

impl Index {
    /// Begins a multipart upload.
    ///
    /// # Errors
    /// If the index cannot be written.
    pub fn put_upload(&self, id: &str, upload: &Upload) -> Result<(), StoreError> {
        self.write(|write| {
            write.open_table(UPLOADS)?.insert(id, packed(upload)?.as_slice())?;
            Ok(())
        })
    }

    /// A multipart upload and its parts in order.
    ///
    /// # Errors
    /// If the index cannot be read.
    pub fn upload(&self, id: &str) -> Result<Option<UnderWay>, StoreError> {
        let read = self.database.begin_read()?;
        let uploads = read.open_table(UPLOADS)?;
        let Some(upload) = uploads.get(id)? else { return Ok(None) };
        let mut parts = BTreeMap::new();
        for entry in read.open_table(PARTS)?.range((id, 0)..=(id, u32::MAX))? {
            let (at, part) = entry?;
            parts.insert(at.value().1, unpacked(part.value())?);
        }
        Ok(Some((unpacked(upload.value())?, parts)))
    }

    /// Notes a part. Returns the content file of the one whose place it takes.
    ///
    /// # Errors
    /// If the upload is gone, or the index cannot be written.
    pub fn put_part(&self, id: &str, number: u32, part: &Part) -> Result<Option<String>, StoreError> {
        self.write(|write| {
            if write.open_table(UPLOADS)?.get(id)?.is_none() {
                return Err(StoreError::NoSuchUpload);
            }
            let mut table = write.open_table(PARTS)?;
            let old = table.insert((id, number), packed(part)?.as_slice())?;
            old.map(|old| unpacked::<Part>(old.value()).map(|old| old.content)).transpose()
        })
    }

    /// Forgets an upload. Returns the content files of its parts.
    ///
    /// # Errors
    /// If the index cannot be written.
    pub fn remove_upload(&self, id: &str) -> Result<Vec<String>, StoreError> {
        self.write(|write| {
            write.open_table(UPLOADS)?.remove(id)?;
            let mut unnamed = Vec::new();
            for entry in write.open_table(PARTS)?.extract_from_if((id, 0)..=(id, u32::MAX), |_, _| true)? {
                unnamed.push(unpacked::<Part>(entry?.1.value())?.content);
            }
            Ok(unnamed)
        })
    }
}
