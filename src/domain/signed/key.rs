//! A voter's public key, of the kinds that sign votes.

use ssh_key::public::KeyData;
use ssh_key::{EcdsaCurve, HashAlg, PublicKey};

use super::Flaw;

/// Bytes of an RSA key's modulus at least: 3072 bits.
const RSA_BYTES: usize = 384;

/// A public key that may sign votes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VoterKey(pub(super) KeyData);

impl VoterKey {
    /// Reads the line of a `.pub` file; a comment is left out.
    ///
    /// # Errors
    /// It is none, or of a kind that signs no votes.
    pub fn parse(line: &str) -> Result<Self, Flaw> {
        let line = line.split_whitespace().take(2).collect::<Vec<_>>().join(" ");
        let key = PublicKey::from_openssh(&line).map_err(|why| Flaw::Key(format!("it cannot be read ({why})")))?;
        Self::of(key.into())
    }

    /// Reads a key as it stands in an agent's answer.
    ///
    /// # Errors
    /// As of [`VoterKey::parse`].
    pub fn of_blob(blob: &[u8]) -> Result<Self, Flaw> {
        let key = PublicKey::from_bytes(blob).map_err(|why| Flaw::Key(format!("it cannot be read ({why})")))?;
        Self::of(key.into())
    }

    pub(super) fn of(key: KeyData) -> Result<Self, Flaw> {
        match &key {
            KeyData::Ed25519(_) | KeyData::SkEd25519(_) | KeyData::SkEcdsaSha2NistP256(_) => {}
            KeyData::Ecdsa(ecdsa) if ecdsa.curve() == EcdsaCurve::NistP256 => {}
            KeyData::Rsa(rsa) if rsa.n.as_positive_bytes().is_some_and(|n| n.len() >= RSA_BYTES) => {}
            KeyData::Rsa(_) => return Err(Flaw::Key("an RSA key has to have 3072 bits or more".to_owned())),
            other => return Err(Flaw::Key(format!("{} is not among the kinds that do", other.algorithm()))),
        }
        Ok(Self(key))
    }

    /// As `ssh-keygen -l` has it: `SHA256:…`.
    #[must_use]
    pub fn fingerprint(&self) -> String {
        self.0.fingerprint(HashAlg::Sha256).to_string()
    }

    /// `ssh-ed25519 AAAA…`, without a comment.
    ///
    /// # Errors
    /// The key cannot be written.
    pub fn line(&self) -> Result<String, Flaw> {
        PublicKey::new(self.0.clone(), "").to_openssh().map_err(|why| Flaw::Key(why.to_string()))
    }

    /// The key as SSH sends it.
    ///
    /// # Errors
    /// The key cannot be written.
    pub fn blob(&self) -> Result<Vec<u8>, Flaw> {
        PublicKey::new(self.0.clone(), "").to_bytes().map_err(|why| Flaw::Key(why.to_string()))
    }

    /// Whether it is an RSA key: an agent has to be asked for sha2-512.
    #[must_use]
    pub fn is_rsa(&self) -> bool {
        matches!(self.0, KeyData::Rsa(_))
    }
}
