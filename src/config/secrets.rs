//! Secrets: where a password may come from, and what a file with one must look like. Called by `db::connect` and the
//! worker's configuration.

use std::io::Read as _;
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _};
use std::path::Path;

use keyring_core::api::CredentialStoreApi as _;
use serde::{Deserialize, Serialize};

use super::{ConfigError, DatabaseConfig};

/// A secret; it does not show itself in debug output.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Secret(String);

impl Secret {
    /// Takes a secret.
    pub fn new(secret: impl Into<String>) -> Self {
        Self(secret.into())
    }

    /// The secret itself, for the one who needs it.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("(secret)")
    }
}

impl DatabaseConfig {
    /// The password: from `EXEAT_DATABASE_PASSWORD`, else the password file, else the keyring; none where no source is
    /// named (peer authentication, personal certificate).
    ///
    /// # Errors
    /// The named source has none or is not kept safely.
    pub fn password(&self, role: &str) -> Result<Option<Secret>, ConfigError> {
        if let Ok(password) = std::env::var("EXEAT_DATABASE_PASSWORD") {
            return Ok(Some(Secret(password)));
        }
        if let Some(file) = &self.password_file {
            let text = read_private_file(file, "the password")?;
            return Ok(Some(Secret(text.trim_end_matches(['\r', '\n']).to_owned())));
        }
        if self.keyring {
            return from_keyring(role).map(Some);
        }
        Ok(None)
    }
}

fn from_keyring(role: &str) -> Result<Secret, ConfigError> {
    let found = linux_keyutils_keyring_store::Store::new()
        .and_then(|store| store.build("exeat", role, None))
        .and_then(|entry| entry.get_password());
    found.map(Secret).map_err(|why| {
        ConfigError::Secret(format!(
            "The keyring has no password of {role} for exeat ({why}): set EXEAT_DATABASE_PASSWORD or name a password_file."
        ))
    })
}

/// The text of a file only its owner may read; `what` names its content in the sentence.
///
/// # Errors
/// It cannot be read, is no plain file, or group or others have any right on it.
pub fn read_private_file(file: &Path, what: &str) -> Result<String, ConfigError> {
    let unreadable = |why| ConfigError::Unreadable { file: file.to_owned(), why };
    // O_NONBLOCK: opening a named pipe must not hang.
    let mut opened = std::fs::OpenOptions::new()
        .read(true)
        .custom_flags(nix::fcntl::OFlag::O_NONBLOCK.bits())
        .open(file)
        .map_err(unreadable)?;
    let facts = opened.metadata().map_err(unreadable)?;
    if !facts.is_file() {
        return Err(ConfigError::Secret(format!("{} is not a plain file: keep {what} in one.", file.display())));
    }
    if facts.mode() & 0o077 != 0 {
        return Err(ConfigError::Secret(format!(
            "{} holds {what} and others may read it: run chmod 600 {}.",
            file.display(),
            file.display()
        )));
    }
    let mut text = String::new();
    opened.read_to_string(&mut text).map_err(unreadable)?;
    Ok(text)
}
