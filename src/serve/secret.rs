//! Secrets of credentials: how they are made, hashed (argon2id) and compared. Used by `auth` and `cli::credentials`.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

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
/// Comparisons at once: each takes 19 MiB.
const AT_ONCE: usize = 2;
/// Comparisons that are begun or wait; half of the requests a server works on at once if nobody sets it otherwise, so that however many
/// guess, whoever is remembered is answered.
const WAITING: usize = 32;

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
    places: Arc<Semaphore>,
    waiting: Semaphore,
}

impl Secrets {
    /// Remembers nothing yet.
    ///
    /// # Errors
    /// The system gives no random numbers.
    pub fn new() -> anyhow::Result<Self> {
        let (places, waiting) = (Arc::new(Semaphore::new(AT_ONCE)), Semaphore::new(WAITING));
        Ok(Self { nobody: make()?.hash, good: Mutex::default(), places, waiting })
    }

    /// Whether the secret was good at some time, whatever it is worth now.
    pub fn knows(&self, name: &str, secret: &str) -> bool {
        self.good().contains_key(&digest(name, secret))
    }

    /// Whether the secret was found to be the one behind the hash before.
    pub fn remembers(&self, name: &str, secret: &str, hash: Option<&str>) -> bool {
        hash.is_some_and(|hash| self.good().get(&digest(name, secret)).is_some_and(|good| good == hash))
    }

    /// Whether the secret is the one behind the hash; without a hash it never is, and takes as long. None where too many wait already.
    pub async fn fits(&self, name: &str, secret: &str, hash: Option<&str>) -> Option<bool> {
        let _waits = self.waiting.try_acquire().ok()?;
        let place = Arc::clone(&self.places).acquire_owned().await.ok()?;
        // Of many that come with one secret the first is compared.
        if self.remembers(name, secret, hash) {
            return Some(true);
        }
        let digest = digest(name, secret);
        let (secret, compared) = (secret.to_owned(), hash.unwrap_or(&self.nobody).to_owned());
        let fits = tokio::task::spawn_blocking(move || {
            let hash = PasswordHash::new(&compared);
            let fits = hash.is_ok_and(|hash| argon2().verify_password(secret.as_bytes(), &hash).is_ok());
            // Only now: a client that goes does not end what is begun.
            drop(place);
            fits
        });
        let fits = fits.await.unwrap_or(false);
        let mut good = self.good();
        let Some(hash) = hash.filter(|_| fits) else {
            good.remove(&digest);
            return Some(false);
        };
        if good.len() >= REMEMBERED {
            good.clear();
        }
        good.insert(digest, hash.to_owned());
        Some(true)
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
            let fits = async |secret, hash| secrets.fits("portal", secret, hash).await;
            assert_eq!(fits(&one.secret, Some(&other.hash)).await, Some(false), "it was rotated");
            assert_eq!(fits(&one.secret, None).await, Some(false), "it has ended");
            assert_eq!(fits(&other.secret, Some(&one.hash)).await, Some(false));
            assert!(!secrets.knows("portal", &one.secret), "what no longer fits is forgotten");
            assert_eq!(fits(&one.secret, Some(&one.hash)).await, Some(true));
            assert!(secrets.knows("portal", &one.secret) && !secrets.knows("other", &one.secret));
        }
    }

    #[tokio::test]
    async fn who_comes_when_too_many_wait_is_told_at_once() {
        let (one, secrets) = (make().unwrap(), Secrets::new().unwrap());
        let waiting = secrets.waiting.try_acquire_many(u32::try_from(WAITING).unwrap()).unwrap();
        assert_eq!(secrets.fits("portal", &one.secret, Some(&one.hash)).await, None);
        drop(waiting);
        assert_eq!(secrets.fits("portal", &one.secret, Some(&one.hash)).await, Some(true));
        assert!(secrets.remembers("portal", &one.secret, Some(&one.hash)));
    }
}
