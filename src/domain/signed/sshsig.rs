//! SSHSIG, the signature `ssh-keygen -Y sign` writes (PROTOCOL.sshsig): what is signed, how it is written, and whether it is good.
//! `ssh-key` reads it, aws-lc-rs does the arithmetic.

use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED, ED25519, RSA_PKCS1_2048_8192_SHA512, RsaPublicKeyComponents, UnparsedPublicKey,
};
use base64::Engine as _;
use sha2::{Digest as _, Sha256, Sha512};
use ssh_key::public::KeyData;
use ssh_key::{Algorithm, HashAlg, Mpint, SshSig};

use super::{Flaw, VoterKey};

/// What the signatures are for: one made for files, mails or git is none.
pub const NAMESPACE: &str = "vote@exeat";
const MAGIC: &[u8] = b"SSHSIG";
const DIGEST: &str = "sha512";
/// The flag of a security key's signature that says that it was touched (user presence).
const TOUCHED: u8 = 1;
/// A security key's flags and counter, behind the signature itself.
const TRAILER: usize = 5;

fn string(into: &mut Vec<u8>, bytes: &[u8]) {
    into.extend(u32::try_from(bytes.len()).unwrap_or(u32::MAX).to_be_bytes());
    into.extend(bytes);
}

/// What a key signs for a text.
#[must_use]
pub fn to_sign(text: &str) -> Vec<u8> {
    let mut data = MAGIC.to_vec();
    for part in [NAMESPACE.as_bytes(), b"", DIGEST.as_bytes(), &Sha512::digest(text)] {
        string(&mut data, part);
    }
    data
}

/// The signature as a file has it, from what an agent answered; as `ssh-keygen -Y sign` writes it.
///
/// # Errors
/// The key cannot be written.
pub fn armored(key: &VoterKey, signature: &[u8]) -> Result<String, Flaw> {
    let mut data = MAGIC.to_vec();
    data.extend(1_u32.to_be_bytes());
    for part in [&key.blob()?, NAMESPACE.as_bytes(), b"", DIGEST.as_bytes(), signature] {
        string(&mut data, part);
    }
    let mut text = "-----BEGIN SSH SIGNATURE-----\n".to_owned();
    for line in base64::engine::general_purpose::STANDARD.encode(data).as_bytes().chunks(70) {
        text.extend(line.iter().copied().map(char::from));
        text.push('\n');
    }
    text.push_str("-----END SSH SIGNATURE-----\n");
    Ok(text)
}

/// Whose signature of a text this is. Who that key belongs to is not its business.
///
/// # Errors
/// It is no good signature of this text for [`NAMESPACE`].
pub fn signer(text: &str, armor: &str) -> Result<VoterKey, Flaw> {
    let signature = SshSig::from_pem(armor).map_err(|why| Flaw::Unreadable(why.to_string()))?;
    if signature.namespace() != NAMESPACE {
        return Err(Flaw::Namespace(signature.namespace().escape_default().to_string()));
    } else if signature.hash_alg() != HashAlg::Sha512 {
        return Err(Flaw::Digest);
    } else if signature.version() != SshSig::VERSION || !signature.reserved().is_empty() {
        return Err(Flaw::Unreadable("it is of another version".to_owned()));
    }
    let key = VoterKey::of(signature.public_key().clone())?;
    // A reader may be lenient; what is kept is what `ssh-keygen` takes.
    if written(&key, &signature)? != format!("{}\n", armor.trim_end()) {
        return Err(Flaw::Unreadable("it is not written as SSH writes it".to_owned()));
    }
    fits(&key.0, &signature.signature().algorithm(), signature.signature_bytes(), &to_sign(text))?;
    Ok(key)
}

/// A signature that was read, written again.
fn written(key: &VoterKey, signature: &SshSig) -> Result<String, Flaw> {
    let bytes = signature.signature_bytes();
    let trailer = match key.0 {
        KeyData::SkEd25519(_) | KeyData::SkEcdsaSha2NistP256(_) => TRAILER.min(bytes.len()),
        _ => 0,
    };
    let (itself, trailer) = bytes.split_at(bytes.len() - trailer);
    let mut whole = Vec::new();
    string(&mut whole, signature.algorithm().as_str().as_bytes());
    string(&mut whole, itself);
    whole.extend(trailer);
    armored(key, &whole)
}

fn fits(key: &KeyData, algorithm: &Algorithm, signature: &[u8], data: &[u8]) -> Result<(), Flaw> {
    match (key, algorithm) {
        (KeyData::Ed25519(key), Algorithm::Ed25519) => {
            UnparsedPublicKey::new(&ED25519, key.0).verify(data, signature).map_err(|_| Flaw::Wrong)
        }
        (KeyData::SkEd25519(key), Algorithm::SkEd25519) => {
            let (data, signature) = by_security_key(key.application(), data, signature)?;
            UnparsedPublicKey::new(&ED25519, key.public_key().0).verify(&data, signature).map_err(|_| Flaw::Wrong)
        }
        (KeyData::Ecdsa(key), Algorithm::Ecdsa { .. }) => p256(key.as_sec1_bytes(), data, signature),
        (KeyData::SkEcdsaSha2NistP256(key), Algorithm::SkEcdsaSha2NistP256) => {
            let (data, signature) = by_security_key(key.application(), data, signature)?;
            p256(key.ec_point().as_bytes(), &data, signature)
        }
        (KeyData::Rsa(key), Algorithm::Rsa { hash: Some(HashAlg::Sha512) }) => {
            let (n, e) = (key.n.as_positive_bytes(), key.e.as_positive_bytes());
            let key = n.zip(e).map(|(n, e)| RsaPublicKeyComponents { n, e }).ok_or(Flaw::Wrong)?;
            key.verify(&RSA_PKCS1_2048_8192_SHA512, data, signature).map_err(|_| Flaw::Wrong)
        }
        _ => Err(Flaw::Wrong),
    }
}

/// What a security key signed for some data, and the signature without its trailer (PROTOCOL.u2f). One that was not touched
/// verifies too, so its flag is asked first: a key made with `no-touch-required` signs for whoever reaches the agent.
fn by_security_key<'a>(application: &str, data: &[u8], signature: &'a [u8]) -> Result<(Vec<u8>, &'a [u8]), Flaw> {
    let at = signature.len().checked_sub(TRAILER).ok_or(Flaw::Wrong)?;
    let (signature, trailer) = signature.split_at(at);
    if trailer[0] & TOUCHED == 0 {
        return Err(Flaw::Untouched);
    }
    Ok(([&Sha256::digest(application)[..], trailer, &Sha256::digest(data)[..]].concat(), signature))
}

/// An ECDSA signature as SSH has it: two numbers, which aws-lc-rs takes at their full width.
fn p256(point: &[u8], data: &[u8], mut signature: &[u8]) -> Result<(), Flaw> {
    const WIDTH: usize = 32;
    let mut fixed = Vec::with_capacity(2 * WIDTH);
    for _ in 0..2 {
        let number = number(&mut signature).ok_or(Flaw::Wrong)?;
        let bytes = number.as_positive_bytes().filter(|bytes| bytes.len() <= WIDTH).ok_or(Flaw::Wrong)?;
        fixed.resize(fixed.len() + WIDTH - bytes.len(), 0);
        fixed.extend(bytes);
    }
    if !signature.is_empty() {
        return Err(Flaw::Wrong);
    }
    UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, point).verify(data, &fixed).map_err(|_| Flaw::Wrong)
}

/// The number a signature begins with; what is behind it stays.
fn number(signature: &mut &[u8]) -> Option<Mpint> {
    let (size, rest) = signature.split_first_chunk()?;
    let (number, rest) = rest.split_at_checked(u32::from_be_bytes(*size) as usize)?;
    *signature = rest;
    Mpint::from_bytes(number).ok()
}
