//! Bearer tokens (JWT) of the issuers that are configured, read as RFC 8725 has it: the algorithm is the configuration's and never
//! the token's choice, nothing critical is passed over, and a token says for whom it was made. Called by `auth`.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::Utc;
use jsonwebtoken::errors::{Error, ErrorKind};
use jsonwebtoken::jwk::JwkSet;
use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode};
use serde_json::{Map, Value};

use super::input::strict;
use crate::config::{self, TokenConfig, settings_text};

/// Bytes a token may have.
const LONGEST: usize = 16 << 10;
/// How long an issuer's keys are believed without asking again.
const FRESH: Duration = Duration::from_mins(10);
/// Between two questions to an issuer, however many unknown keys are named.
const PAUSE: Duration = Duration::from_secs(10);
/// How long an issuer may take, and bytes its keys may have.
const ANSWER: Duration = Duration::from_secs(5);
const LARGEST: usize = 256 << 10;

/// What a good token says.
#[derive(Debug)]
pub struct Token {
    /// A login, or the UUID portals know the person by.
    pub subject: String,
    /// What may be asked with it.
    pub rights: Vec<String>,
}

/// The issuers.
pub struct Tokens(Vec<Arc<Issuer>>);

struct Issuer {
    config: TokenConfig,
    algorithm: Algorithm,
    own: Option<DecodingKey>,
    /// The keys it published, and when it was asked for them.
    published: Mutex<Option<(JwkSet, Instant)>>,
    /// When it was last asked, however that ended; held while it is being asked, and for nothing else.
    tried: tokio::sync::Mutex<Option<Instant>>,
}

impl Tokens {
    /// Reads the keys that are files.
    ///
    /// # Errors
    /// One cannot be read or is no public key of the algorithm.
    pub fn new(configs: &[TokenConfig]) -> anyhow::Result<Self> {
        configs.iter().map(|config| Issuer::new(config).map(Arc::new)).collect::<anyhow::Result<_>>().map(Self)
    }

    /// What a token says; else why it is not good, which only the log is told.
    ///
    /// # Errors
    /// It is not good.
    pub async fn read(&self, token: &str) -> Result<Token, String> {
        let (header, claims) = parts(token)?;
        if header.contains_key("crit") {
            return Err("it has a header that must be understood, and none is".to_owned());
        }
        let issuer = claims.get("iss").and_then(Value::as_str);
        let algorithm = header.get("alg").and_then(Value::as_str).unwrap_or_default();
        let kid = header.get("kid").and_then(Value::as_str);
        let fits =
            |of: &&Arc<Issuer>| of.config.issuer.as_deref() == issuer && format!("{:?}", of.algorithm) == algorithm;
        let mut why = "no issuer here makes such tokens".to_owned();
        for issuer in self.0.iter().filter(fits) {
            match issuer.read(token, kid).await {
                Ok(token) => return Ok(token),
                Err(no) => why = no,
            }
        }
        Err(why)
    }
}

type Part = Map<String, Value>;

/// Header and claims, nothing of them believed yet.
fn parts(token: &str) -> Result<(Part, Part), String> {
    if token.len() > LONGEST {
        return Err("it is too long".to_owned());
    }
    let words: Vec<&str> = token.split('.').collect();
    let [header, claims, _] = words.as_slice() else { return Err("it has not three parts".to_owned()) };
    let read = |word: &str| match URL_SAFE_NO_PAD.decode(word).ok().and_then(|json| strict(&json).ok()) {
        Some(Value::Object(part)) => Ok(part),
        _ => Err("a part of it is no JSON object".to_owned()),
    };
    Ok((read(header)?, read(claims)?))
}

impl Issuer {
    fn new(config: &TokenConfig) -> anyhow::Result<Self> {
        let algorithm = match config.algorithm {
            config::Algorithm::RS256 => Algorithm::RS256,
            config::Algorithm::ES256 => Algorithm::ES256,
        };
        let own = config.public_key.as_ref().map(|file| {
            let wrong = |why: &dyn std::fmt::Display| {
                anyhow::anyhow!("{} is no public key of {algorithm:?} ({why}): name its PEM file.", file.display())
            };
            let pem = settings_text(file).map_err(|why| wrong(&why))?;
            let key = match algorithm {
                Algorithm::RS256 => DecodingKey::from_rsa_pem(pem.as_bytes()),
                _ => DecodingKey::from_ec_pem(pem.as_bytes()),
            };
            key.map_err(|why| wrong(&why))
        });
        let (published, tried) = (Mutex::default(), tokio::sync::Mutex::default());
        Ok(Self { config: config.clone(), algorithm, own: own.transpose()?, published, tried })
    }

    /// With the keys that are known; the issuer is asked, and waited for, only where they do not do.
    async fn read(self: &Arc<Self>, token: &str, kid: Option<&str>) -> Result<Token, String> {
        let (published, is_fresh) = self.published(kid);
        let known = self.with_one_of(token, self.own.iter().chain(&published));
        if known.is_ok() && !is_fresh && self.may_be_asked() {
            // What it published is good until it is heard otherwise: nobody waits for that.
            let issuer = Arc::clone(self);
            tokio::spawn(async move { issuer.ask().await });
        }
        if known.is_ok() || is_fresh && !published.is_empty() {
            return known;
        }
        self.ask().await;
        let (published, _) = self.published(kid);
        if published.is_empty() { known } else { self.with_one_of(token, &published) }
    }

    fn with_one_of<'a>(&self, token: &str, keys: impl IntoIterator<Item = &'a DecodingKey>) -> Result<Token, String> {
        let mut why = "its key is not known".to_owned();
        for key in keys {
            match self.checked(token, key) {
                Ok(token) => return Ok(token),
                Err(no) => why = no,
            }
        }
        Err(why)
    }

    fn checked(&self, token: &str, key: &DecodingKey) -> Result<Token, String> {
        let mut wanted = Validation::new(self.algorithm);
        wanted.leeway = self.config.leeway_seconds;
        wanted.validate_nbf = true;
        wanted.set_required_spec_claims(&["exp"]);
        // Without an audience here a token that names one is another's.
        if let Some(audience) = &self.config.audience {
            wanted.set_audience(&[audience]);
            wanted.required_spec_claims.insert("aud".to_owned());
        }
        if let Some(issuer) = &self.config.issuer {
            wanted.set_issuer(&[issuer]);
            wanted.required_spec_claims.insert("iss".to_owned());
        }
        let claims = decode::<Map<String, Value>>(token, key, &wanted).map_err(|why| words(&why).to_owned())?.claims;
        let latest = Utc::now().timestamp().saturating_add_unsigned(self.config.leeway_seconds);
        if claims.get("iat").is_some_and(|at| at.as_i64().is_none_or(|at| at > latest)) {
            return Err("its iat is in the future, or no whole number of seconds".to_owned());
        }
        if let Some(missing) = self.config.required.iter().find(|name| !claims.contains_key(*name)) {
            return Err(format!("it has no claim {missing}"));
        }
        let subject = claims.get(&self.config.subject).and_then(Value::as_str).filter(|subject| !subject.is_empty());
        let subject = subject.ok_or_else(|| format!("it has no claim {}", self.config.subject))?.to_owned();
        Ok(Token { subject, rights: self.config.rights.clone() })
    }

    /// The published keys a token of that `kid` may be signed with, and whether they need not be asked for anew.
    fn published(&self, kid: Option<&str>) -> (Vec<DecodingKey>, bool) {
        let published = self.published.lock().unwrap_or_else(PoisonError::into_inner);
        match &*published {
            Some((set, at)) => (self.of_set(set, kid), at.elapsed() <= FRESH),
            None => (Vec::new(), false),
        }
    }

    /// Whether it publishes keys, is not being asked, and was not just asked.
    fn may_be_asked(&self) -> bool {
        self.config.jwks.is_some() && self.tried.try_lock().is_ok_and(|tried| rested(*tried))
    }

    /// Asks for its keys, unless that was just done; whoever comes meanwhile waits for what the first one hears.
    async fn ask(&self) {
        let Some(address) = &self.config.jwks else { return };
        let mut tried = self.tried.lock().await;
        if !rested(*tried) {
            return;
        }
        *tried = Some(Instant::now());
        match ask(address).await {
            Ok(set) => {
                let mut published = self.published.lock().unwrap_or_else(PoisonError::into_inner);
                *published = Some((set, Instant::now()));
            }
            Err(why) => {
                // As a text the log escapes it: it quotes what the issuer answered.
                let why = why.to_string();
                tracing::warn!(target: "exeat::serve", why, "an issuer's keys cannot be had");
            }
        }
    }

    /// Those of a set that sign with this issuer's algorithm.
    fn of_set(&self, set: &JwkSet, kid: Option<&str>) -> Vec<DecodingKey> {
        let fits = |key: &&jsonwebtoken::jwk::Jwk| {
            let own = key.common.key_algorithm.is_none_or(|of| of.to_string() == format!("{:?}", self.algorithm));
            let signs =
                key.common.public_key_use.as_ref().is_none_or(|of| *of == jsonwebtoken::jwk::PublicKeyUse::Signature);
            own && signs && kid.is_none_or(|kid| key.common.key_id.as_deref() == Some(kid))
        };
        set.keys.iter().filter(fits).take(8).filter_map(|key| DecodingKey::from_jwk(key).ok()).collect()
    }
}

/// Whether an issuer may be asked again.
fn rested(tried: Option<Instant>) -> bool {
    tried.is_none_or(|at| at.elapsed() > PAUSE)
}

/// Why a token is not good, in words of this program: the library's quote the token.
fn words(why: &Error) -> &'static str {
    match why.kind() {
        ErrorKind::InvalidSignature => "its signature is not of that key",
        ErrorKind::ExpiredSignature => "it has expired",
        ErrorKind::ImmatureSignature => "it is not good yet",
        ErrorKind::InvalidIssuer => "another issuer made it",
        ErrorKind::InvalidAudience => "it was made for another audience",
        ErrorKind::MissingRequiredClaim(_) => "it has no exp, aud or iss",
        ErrorKind::InvalidClaimFormat(_) => "exp, nbf, aud or iss is of another kind",
        _ => "it is not understood",
    }
}

/// An issuer's keys as it publishes them.
async fn ask(address: &str) -> anyhow::Result<JwkSet> {
    let client = reqwest::Client::builder().timeout(ANSWER).redirect(reqwest::redirect::Policy::none()).build()?;
    let mut answer = client.get(address).send().await?.error_for_status()?;
    let mut bytes = Vec::new();
    while let Some(chunk) = answer.chunk().await? {
        bytes.extend_from_slice(&chunk);
        anyhow::ensure!(bytes.len() <= LARGEST, "they have more than {LARGEST} bytes");
    }
    Ok(serde_json::from_slice(&bytes)?)
}
