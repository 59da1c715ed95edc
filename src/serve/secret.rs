//! Secrets of credentials: how they are made, hashed (argon2id) and compared. Used by `auth` and `cli::credentials`.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use argon2::password_hash::{PasswordHash, PasswordHasher as _, PasswordVerifier as _, SaltString};
use argon2::{Algorithm, Argon2, Params, Version};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest as _, Sha256};
use tokio::sync::Semaphore;

/// Bytes of a secret: 256 bits, which nobody guesses from its hash either.
const BYTES: usize = 32;
/// Comparisons that are remembered; all are forgotten when it is full.
const REMEMBERED: usize = 1_024;

/// A new secret.
pub struct Made {
    /// What the program keeps.
    pub secret: String,
    /// What the database keeps: a PHC string.
    pub hash: String,
}

/// argon2id as OWASP recommends it: 19 MiB, two passes, one lane.
fn argon2() -> Argon2<'static> {
    Argon2::new(Algorithm::Argon2id, Version::V0x13, Params::default())
}

/// Makes a secret.
///
/// # Errors
/// The system gives no random numbers.
pub fn make() -> anyhow::Result<Made> {
    let mut bytes = [0; BYTES];
    aws_lc_rs::rand::fill(&mut bytes).map_err(|_| no_random())?;
    let secret = URL_SAFE_NO_PAD.encode(bytes);
    let hash = hash(&secret)?;
    Ok(Made { secret, hash })
}

fn hash(secret: &str) -> anyhow::Result<String> {
    let mut salt = [0; 16];
    aws_lc_rs::rand::fill(&mut salt).map_err(|_| no_random())?;
    let salt = SaltString::encode_b64(&salt).map_err(|why| anyhow::anyhow!("The secret cannot be hashed ({why})."))?;
    let hash = argon2().hash_password(secret.as_bytes(), &salt);
    Ok(hash.map_err(|why| anyhow::anyhow!("The secret cannot be hashed ({why})."))?.to_string())
}

fn no_random() -> anyhow::Error {
    anyhow::anyhow!("The system gives no random numbers: a secret cannot be made. Try again.")
}

/// Compares secrets with hashes. One that was good is remembered by its digest with the hash it fitted: the hash comes from the
/// database with every request, so that a rotated or ended credential is worth nothing at once.
pub struct Secrets {
    /// What a name nobody has is compared with: it costs what a wrong secret costs.
    nobody: String,
    good: Mutex<HashMap<[u8; 32], String>>,
    /// A comparison takes 19 MiB: two at once.
    places: Semaphore,
}

impl Secrets {
    /// Remembers nothing yet.
    ///
    /// # Errors
    /// The system gives no random numbers.
    pub fn new() -> anyhow::Result<Self> {
        Ok(Self { nobody: make()?.hash, good: Mutex::default(), places: Semaphore::new(2) })
    }

    /// Whether the secret was found to be the one behind the hash before.
    pub fn remembers(&self, name: &str, secret: &str, hash: Option<&str>) -> bool {
        hash.is_some_and(|hash| self.good().get(&digest(name, secret)).is_some_and(|good| good == hash))
    }

    /// Whether the secret is the one behind the hash; without a hash it never is, and takes as long.
    pub async fn fits(&self, name: &str, secret: &str, hash: Option<&str>) -> bool {
        let digest = digest(name, secret);
        let Ok(_place) = self.places.acquire().await else { return false };
        let (secret, compared) = (secret.to_owned(), hash.unwrap_or(&self.nobody).to_owned());
        let fits = tokio::task::spawn_blocking(move || {
            let hash = PasswordHash::new(&compared);
            hash.is_ok_and(|hash| argon2().verify_password(secret.as_bytes(), &hash).is_ok())
        });
        let fits = fits.await.unwrap_or(false);
        let Some(hash) = hash.filter(|_| fits) else { return false };
        let mut good = self.good();
        if good.len() >= REMEMBERED {
            good.clear();
        }
        good.insert(digest, hash.to_owned());
        true
    }

    fn good(&self) -> std::sync::MutexGuard<'_, HashMap<[u8; 32], String>> {
        self.good.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn digest(name: &str, secret: &str) -> [u8; 32] {
    Sha256::digest(format!("{name}\0{secret}")).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_secret_fits_its_own_hash_only_whatever_is_remembered() {
        let (one, other, secrets) = (make().unwrap(), make().unwrap(), Secrets::new().unwrap());
        assert!(one.secret.len() == 43 && one.hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{}", one.hash);
        for before in [false, true] {
            assert_eq!(secrets.remembers("portal", &one.secret, Some(&one.hash)), before);
            assert!(!secrets.remembers("portal", &one.secret, Some(&other.hash)));
            assert!(secrets.fits("portal", &one.secret, Some(&one.hash)).await);
            assert!(!secrets.fits("portal", &one.secret, Some(&other.hash)).await, "it was rotated");
            assert!(!secrets.fits("portal", &one.secret, None).await, "it has ended");
            assert!(!secrets.fits("portal", &other.secret, Some(&one.hash)).await);
        }
    }
}
