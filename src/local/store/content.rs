//! The store's bytes: one file for each version or part. A body is streamed into `incoming/`, flushed, and renamed into
//! `content/xx/`; only then may the index name it. Called by the store's operations.

use std::collections::HashSet;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use futures::StreamExt;
use s3s::checksum::ChecksumHasher;
use s3s::crypto::{Checksum as _, Md5};
use s3s::dto::{Checksum, StreamingBlob};
use tokio::io::AsyncWriteExt;

use super::StoreError;

/// The content folders.
#[derive(Debug)]
pub struct Content {
    incoming: PathBuf,
    kept: PathBuf,
    durable: bool,
}

/// A body that arrived whole and lies in its final place, not yet named by the index.
#[derive(Debug)]
pub struct Stored {
    /// Name of the content file.
    pub name: String,
    /// Bytes.
    pub size: u64,
    /// The MD5 of the bytes.
    pub md5: [u8; 16],
    /// The checksums asked for.
    pub checksums: Checksum,
}

impl Content {
    /// Opens the folders, or makes them. What lies in `incoming` belongs to nobody and goes.
    ///
    /// # Errors
    /// If the folders cannot be used.
    pub fn open(dir: &Path, durable: bool) -> io::Result<Self> {
        let (incoming, kept) = (dir.join("incoming"), dir.join("content"));
        if incoming.exists() {
            fs::remove_dir_all(&incoming)?;
        }
        fs::create_dir_all(&incoming)?;
        fs::create_dir_all(&kept)?;
        Ok(Self { incoming, kept, durable })
    }

    /// The file behind a name.
    #[must_use]
    pub fn path(&self, name: &str) -> PathBuf {
        self.kept.join(name.get(..2).unwrap_or("xx")).join(name)
    }

    /// Streams a body to disk, hashing on the way; `hasher` says which checksums beside the MD5.
    ///
    /// # Errors
    /// If the body breaks off or the disk refuses; then nothing is left behind.
    pub async fn store(&self, body: Option<StreamingBlob>, mut hasher: ChecksumHasher) -> Result<Stored, StoreError> {
        let name = uuid::Uuid::new_v4().simple().to_string();
        let half = self.incoming.join(&name);
        let guard = Half(Some(half.clone()));
        let mut file = tokio::fs::File::create(&half).await?;
        let (mut md5, mut size) = (Md5::new(), 0_u64);
        if let Some(mut body) = body {
            while let Some(chunk) = body.next().await {
                let chunk = chunk.map_err(|error| StoreError::Body(error.to_string()))?;
                md5.update(&chunk);
                hasher.update(&chunk);
                size += chunk.len() as u64;
                file.write_all(&chunk).await?;
            }
        }
        file.flush().await?;
        self.settle(file.into_std().await, half, name.clone()).await?;
        guard.done();
        Ok(Stored { name, size, md5: md5.finalize(), checksums: hasher.finalize() })
    }

    /// Joins stored files to a new one, in order. Blocks.
    ///
    /// # Errors
    /// If the disk refuses; then nothing is left behind.
    pub fn join(&self, names: &[String]) -> Result<(String, u64), StoreError> {
        let name = uuid::Uuid::new_v4().simple().to_string();
        let half = self.incoming.join(&name);
        let guard = Half(Some(half.clone()));
        let mut whole = fs::File::create(&half)?;
        let mut size = 0;
        for part in names {
            size += io::copy(&mut fs::File::open(self.path(part))?, &mut whole)?;
        }
        settle(&whole, &half, &self.path(&name), self.durable)?;
        guard.done();
        Ok((name, size))
    }

    async fn settle(&self, file: fs::File, half: PathBuf, name: String) -> Result<(), StoreError> {
        let (place, durable) = (self.path(&name), self.durable);
        super::blocking(move || Ok(settle(&file, &half, &place, durable)?)).await
    }

    /// Removes files nobody names any more; a reader that has one open goes on reading.
    pub fn remove(&self, names: &[String]) {
        for name in names {
            fs::remove_file(self.path(name)).ok();
        }
    }

    /// Removes every content file that is not in `named`: what a kill left between rename and commit.
    ///
    /// # Errors
    /// If the folders cannot be read.
    pub fn sweep(&self, named: &HashSet<String>) -> io::Result<()> {
        for folder in fs::read_dir(&self.kept)? {
            for file in fs::read_dir(folder?.path())? {
                let file = file?;
                if !file.file_name().to_str().is_some_and(|name| named.contains(name)) {
                    fs::remove_file(file.path())?;
                }
            }
        }
        Ok(())
    }
}

fn settle(file: &fs::File, half: &Path, place: &Path, durable: bool) -> io::Result<()> {
    if durable {
        file.sync_all()?;
    }
    let folder = place.parent().unwrap_or(place);
    fs::create_dir_all(folder)?;
    fs::rename(half, place)?;
    if durable {
        fs::File::open(folder)?.sync_all()?;
    }
    Ok(())
}

/// A half-written file, removed if the work on it ends early.
struct Half(Option<PathBuf>);

impl Half {
    fn done(mut self) {
        self.0 = None;
    }
}

impl Drop for Half {
    fn drop(&mut self) {
        if let Some(path) = &self.0 {
            fs::remove_file(path).ok();
        }
    }
}
