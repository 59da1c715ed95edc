//! Sample data for a local desk: people, projects, policies, and files of many kinds with problems planted in them. All of it
//! is made here, the same on every machine and every day. Called by the supervisor for `local up --sample` and `demo`.

mod access;
mod access_data;
mod batches;
mod binaries;
mod command;
mod decisions;
mod figures;
mod hostile;
mod load;
mod numbers;
pub mod people;
mod rows;
mod tables;
mod texts;

#[cfg(test)]
mod tests;

pub use batches::{first_turn, second_turn};
pub use load::load;
use sha2::{Digest as _, Sha256};

/// A file of the sample.
#[derive(Clone, Debug)]
pub struct SampleFile {
    /// Its key below the project's location.
    pub key: String,
    /// What is in it.
    pub bytes: Vec<u8>,
}

impl SampleFile {
    fn new(key: &str, bytes: Vec<u8>) -> Self {
        Self { key: key.to_owned(), bytes }
    }

    fn text(key: &str, text: String) -> Self {
        Self::new(key, text.into_bytes())
    }

    /// Its sha256 in hexadecimal digits.
    #[must_use]
    pub fn sha256(&self) -> String {
        hex::encode(Sha256::digest(&self.bytes))
    }
}

/// Files that came together.
#[derive(Clone, Debug)]
pub struct Batch {
    /// Who submits them; none: they are only put there, and nobody knows by whom.
    pub by: Option<&'static str>,
    /// The project's id.
    pub project: &'static str,
    /// Where they should go.
    pub destination: &'static str,
    /// How many minutes ago it shall look to have been.
    pub minutes: i32,
    /// What for.
    pub purpose: String,
    /// The files.
    pub files: Vec<SampleFile>,
}

impl Batch {
    /// Whether a file of the project with this key is in it.
    #[must_use]
    pub fn has(&self, project: &str, key: &str) -> bool {
        self.project == project && self.files.iter().any(|file| file.key == key)
    }
}
