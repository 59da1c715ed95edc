//! The worker's ed25519 key and the file of signed heads, both outside the database: they are what a superuser who rewrites
//! the journal does not have. Used by `seal`; the local desk makes its key here.

use std::fs::{File, OpenOptions};
use std::io::{Read as _, Seek as _, SeekFrom, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use aws_lc_rs::encoding::{AsDer, Pkcs8V1Der};
use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair as _};
use base64::Engine as _;

use crate::domain::journal::{Head, head_text};
use crate::domain::verify::trust::handover_text;

/// Why nothing can be signed or kept.
#[derive(Debug, thiserror::Error)]
pub enum SigningError {
    /// The key's file cannot be used.
    #[error(
        "the signing key {0} cannot be used ({1}): signing_key in [worker] must name an ed25519 key in PKCS#8, readable by the worker only"
    )]
    Key(PathBuf, String),
    /// The heads file cannot be written.
    #[error("the file of signed heads {0} cannot be written ({1}): correct heads in [worker]")]
    Heads(PathBuf, std::io::Error),
}

/// The key heads are signed with.
pub struct SigningKey(Ed25519KeyPair);

impl std::fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("SigningKey").field(&self.public_key()).finish()
    }
}

impl SigningKey {
    /// Makes a new key and keeps it in a file only its owner may read. Refuses to replace one.
    ///
    /// # Errors
    /// The file is there already or cannot be written.
    pub fn create(path: &Path) -> Result<Self, SigningError> {
        let wrong = |why: String| SigningError::Key(path.to_owned(), why);
        let pair = Ed25519KeyPair::generate().map_err(|e| wrong(e.to_string()))?;
        let secret: Pkcs8V1Der<'_> = pair.as_der().map_err(|e| wrong(e.to_string()))?;
        let made = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path);
        let kept = made.and_then(|mut file| file.write_all(secret.as_ref()).and_then(|()| file.sync_all()));
        kept.map_err(|e| wrong(e.to_string()))?;
        Ok(Self(pair))
    }

    /// Reads a key: PKCS#8, as it is (DER) or as PEM.
    ///
    /// # Errors
    /// The file cannot be read, others may read it, or it holds no such key.
    pub fn read(path: &Path) -> Result<Self, SigningError> {
        use std::os::unix::fs::PermissionsExt as _;
        let wrong = |why: String| SigningError::Key(path.to_owned(), why);
        let mut file = File::open(path).map_err(|e| wrong(e.to_string()))?;
        let mode = file.metadata().map_err(|e| wrong(e.to_string()))?.permissions().mode();
        if mode & 0o077 != 0 {
            return Err(wrong(format!("others may read it: chmod 600 {}", path.display())));
        }
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes).map_err(|e| wrong(e.to_string()))?;
        if bytes.starts_with(b"-----BEGIN") {
            let text = String::from_utf8_lossy(&bytes).lines().filter(|l| !l.starts_with("-----")).collect::<String>();
            bytes = base64::engine::general_purpose::STANDARD.decode(text).map_err(|e| wrong(e.to_string()))?;
        }
        Ed25519KeyPair::from_pkcs8_maybe_unchecked(&bytes).map(Self).map_err(|e| wrong(e.to_string()))
    }

    /// The public half, in hex.
    #[must_use]
    pub fn public_key(&self) -> String {
        hex::encode(self.0.public_key())
    }

    /// The public half.
    pub(super) fn public_bytes(&self) -> &[u8] {
        self.0.public_key().as_ref()
    }

    /// Signs that this key hands over to another, whose public half in hex is given.
    pub(super) fn hands_over(&self, new: &str) -> String {
        hex::encode(self.0.sign(handover_text(&self.public_key(), new).as_bytes()))
    }

    /// Signs the end of the chain as it is at a moment.
    #[must_use]
    pub fn head(&self, seq: i64, hash: &str, at: &str) -> Head {
        let signature = self.0.sign(head_text(seq, hash, at).as_bytes());
        Head { seq, hash: hash.into(), at: at.into(), signature: hex::encode(signature), public_key: self.public_key() }
    }
}

/// Appends a head to the file, one JSON object a line, and waits until the disk has it. A line a crash tore is cut off first.
pub(super) fn append(path: &Path, head: &Head) -> Result<(), SigningError> {
    let write = || -> std::io::Result<()> {
        let mut file = OpenOptions::new().read(true).write(true).create(true).truncate(false).mode(0o640).open(path)?;
        let end = whole_lines(&mut file)?;
        file.set_len(end)?;
        file.seek(SeekFrom::Start(end))?;
        let mut line = serde_json::to_string(head)?;
        line.push('\n');
        file.write_all(line.as_bytes())?;
        file.sync_all()
    };
    write().map_err(|e| SigningError::Heads(path.to_owned(), e))
}

/// The heads in the file; none where there is no file yet. What is no head is left to `exeat journal verify` to tell.
pub(super) fn read(path: &Path) -> Result<Vec<Head>, SigningError> {
    match std::fs::read_to_string(path) {
        Ok(text) => Ok(text.lines().filter_map(|line| serde_json::from_str(line).ok()).collect()),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(Vec::new()),
        Err(error) => Err(SigningError::Heads(path.to_owned(), error)),
    }
}

/// Where the last whole line ends.
fn whole_lines(file: &mut File) -> std::io::Result<u64> {
    let mut end = file.seek(SeekFrom::End(0))?;
    let mut byte = [0];
    while end > 0 {
        file.seek(SeekFrom::Start(end - 1))?;
        file.read_exact(&mut byte)?;
        if byte == *b"\n" {
            break;
        }
        end -= 1;
    }
    Ok(end)
}
