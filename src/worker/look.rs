//! One look at one object: its bytes once through the hash and the scanner. Called by `pass`.

use aws_lc_rs::digest;

use super::WorkerError;
use crate::db::IntakeEntry;
use crate::inspect::{Checks, Scanner};
use crate::objects::{Listed, ObjectsError, Store};

/// Reads the newest object at a key. None if it is gone meanwhile. What is larger than `largest` bytes is not read.
pub(super) async fn look(
    store: &Store,
    bucket: &str,
    listed: &Listed,
    largest: Option<u64>,
) -> Result<Option<IntakeEntry>, WorkerError> {
    let too_large = |size: u64| {
        let largest = largest.filter(|largest| size > *largest)?;
        Some(format!(
            "It has {size} bytes and the largest file this project lets out has {largest}: ask for less, or in parts."
        ))
    };
    if too_large(listed.size).is_some() {
        let head = match store.head(bucket, &listed.key, None).await {
            Ok(head) => head,
            Err(ObjectsError::NotFound(_)) => return Ok(None),
            Err(error) => return Err(error.into()),
        };
        let mut entry = entry(listed);
        (entry.version_id, entry.etag, entry.size, entry.modified_at) =
            (head.version_id, head.etag, head.size, head.modified_at);
        entry.blocked = too_large(head.size);
        if entry.blocked.is_some() {
            return Ok(Some(entry));
        }
    }
    let mut stream = match store.read(bucket, &listed.key, None, None, None).await {
        Ok(stream) => stream,
        Err(ObjectsError::NotFound(_)) => return Ok(None),
        Err(error) => return Err(error.into()),
    };
    let mut entry = entry(listed);
    entry.version_id.clone_from(&stream.head.version_id);
    entry.etag.clone_from(&stream.head.etag);
    entry.modified_at = stream.head.modified_at;
    entry.size = stream.head.size;
    entry.blocked = too_large(stream.head.size);
    if entry.blocked.is_some() {
        return Ok(Some(entry));
    }
    let name = String::from_utf8_lossy(&listed.key);
    let (mut hash, mut scanner) = (digest::Context::new(&digest::SHA256), Scanner::new(&name, &Checks::default()));
    while let Some(bytes) = stream.next().await? {
        hash.update(&bytes);
        scanner.feed(&bytes);
    }
    let scanned = scanner.finish();
    entry.size = scanned.bytes;
    entry.sha256 = Some(hex::encode(hash.finish()));
    entry.media_type = Some(scanned.media_type);
    entry.findings = scanned.findings;
    Ok(Some(entry))
}

/// What a listing says, before the bytes are read.
pub(super) fn entry(listed: &Listed) -> IntakeEntry {
    IntakeEntry {
        key_hex: hex::encode(&listed.key),
        version_id: None,
        etag: listed.etag.clone(),
        sha256: None,
        size: listed.size,
        media_type: None,
        modified_at: listed.modified_at,
        findings: Vec::new(),
        blocked: None,
        newest: true,
    }
}
