//! `serve.toml`: what the server of HTTP needs to know. Read by `cli::serve`, written by `local`.

use std::net::{IpAddr, SocketAddr};
use std::path::{Path, PathBuf};

use ipnet::IpNet;
use serde::{Deserialize, Serialize};

use super::channels::Wrong;
use super::{ConfigError, DatabaseConfig, desk::check_database, examples, read};

/// The server's configuration.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ServeConfig {
    /// How to reach PostgreSQL, as a service's role (`exeat services add`).
    #[serde(default)]
    pub database: DatabaseConfig,
    /// Where it listens and what it lets through.
    #[serde(default)]
    pub serve: ServeSection,
    /// Whose tokens are good, one section an issuer; none where only credentials are.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tokens: Vec<TokenConfig>,
    /// The file it was read from.
    #[serde(skip)]
    pub file: Option<PathBuf>,
}

/// `[serve]`: where it listens and what it lets through.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ServeSection {
    /// Address and port.
    pub listen: SocketAddr,
    /// The site's own address, which names datasets in visas.
    pub site: String,
    /// Bytes the body of a request may have.
    pub largest_body: usize,
    /// Seconds a client has for the headers of a request, and again for its body.
    pub read_seconds: u64,
    /// Seconds an answer may take, but for downloads.
    pub answer_seconds: u64,
    /// Requests that are worked on at the same moment; what comes beyond is told to come again.
    pub at_once: usize,
    /// Downloads at the same moment.
    pub downloads_at_once: usize,
    /// Answers at the same moment that tell what changes.
    pub listeners_at_once: usize,
    /// Requests a second that one credential, or one person with a token, may go on with.
    pub per_second: u32,
    /// Requests they may make at once before that counts.
    pub burst: u32,
    /// Wrong secrets a minute that may come from one address.
    pub wrong_per_minute: u32,
    /// Proxies (addresses or networks) whose `X-Forwarded-For` says where a request comes from; of others it says nothing.
    pub trusted_proxies: Vec<Network>,
    /// Its certificate with what leads to its issuer (PEM); without one it speaks plain HTTP. Read again when it changes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub certificate: Option<PathBuf>,
    /// The certificate's key (PEM), which only the server may read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub private_key: Option<PathBuf>,
    /// Address and port of `/metrics` (Prometheus), for who watches the server and nobody else; none without it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub metrics: Option<SocketAddr>,
    /// Seconds a stop waits for what is being answered.
    pub stop_seconds: u64,
    /// Origins whose pages a browser lets ask; none.
    pub origins: Vec<String>,
    /// What a denial says that comes without a note (older portals); such a one is refused where it is absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub denial_reason: Option<String>,
}

impl Default for ServeSection {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from(([127, 0, 0, 1], 8080)),
            site: "https://exeat.invalid".to_owned(),
            largest_body: 1 << 20,
            read_seconds: 20,
            answer_seconds: 60,
            at_once: 64,
            downloads_at_once: 200,
            listeners_at_once: 100,
            per_second: 100,
            burst: 500,
            wrong_per_minute: 30,
            trusted_proxies: Vec::new(),
            certificate: None,
            private_key: None,
            metrics: None,
            stop_seconds: 30,
            origins: Vec::new(),
            denial_reason: None,
        }
    }
}

/// An address, or a network such as `10.0.0.0/8`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Network(IpNet);

impl Network {
    /// Whether an address is in it.
    #[must_use]
    pub fn contains(&self, at: &IpAddr) -> bool {
        self.0.contains(at)
    }
}

impl TryFrom<String> for Network {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let found = text.parse().or_else(|_| text.parse::<IpAddr>().map(IpNet::from));
        found.map(Self).map_err(|_| format!("{text} is no address and no network: write 10.0.0.1 or 10.0.0.0/8"))
    }
}

impl From<Network> for String {
    fn from(of: Network) -> Self {
        of.0.to_string()
    }
}

/// `[[tokens]]`: whose bearer tokens are good (RFC 7519, RFC 8725), and what they say.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TokenConfig {
    /// `iss` must be this; a token without one where it is absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub issuer: Option<String>,
    /// `aud` must have this; a token without one where it is absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub audience: Option<String>,
    /// PEM file of the one public key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub public_key: Option<PathBuf>,
    /// Where the issuer's keys are (JWKS); one of the two has to be named, and of both either is good.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub jwks: Option<String>,
    /// `RS256` or `ES256`.
    pub algorithm: Algorithm,
    /// The claim that says who it is: a login, or a UUID portals know the person by.
    #[serde(default = "subject")]
    pub subject: String,
    /// Claims that must be there beside it and `exp`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub required: Vec<String>,
    /// Seconds the clocks may differ.
    #[serde(default = "leeway")]
    pub leeway_seconds: u64,
    /// What may be asked with such a token, as rights of credentials.
    pub rights: Vec<String>,
}

/// How a token may be signed. With a public key only: a shared secret would let everybody who can check one make one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Algorithm {
    /// RSA with SHA-256.
    RS256,
    /// The curve P-256 with SHA-256.
    ES256,
}

fn subject() -> String {
    "sub".to_owned()
}

fn leeway() -> u64 {
    30
}

impl ServeConfig {
    /// Reads a file.
    ///
    /// # Errors
    /// The file cannot be read, or says something a configuration may not say; the error names the line.
    pub fn read(file: &Path) -> Result<Self, ConfigError> {
        Self::parse(&read::text(file)?, file)
    }

    /// Reads a configuration's text; `file` is where it came from, for the sentences.
    ///
    /// # Errors
    /// The text says something a configuration may not say.
    pub fn parse(text: &str, file: &Path) -> Result<Self, ConfigError> {
        let mut config: Self = read::parse(text, file, examples::SERVE)?;
        config.file = Some(file.to_owned());
        config.check().map_err(|(path, sentence)| read::wrong(text, file, path, sentence))?;
        Ok(config)
    }

    /// The configuration as the text of a file.
    ///
    /// # Errors
    /// A path in it is not UTF-8.
    pub fn to_toml(&self) -> Result<String, toml::ser::Error> {
        toml::to_string_pretty(self)
    }

    fn check(&self) -> Result<(), Wrong> {
        check_database(&self.database)?;
        let serve = &self.serve;
        for (name, path, value) in [
            ("read_seconds", &["serve", "read_seconds"], serve.read_seconds),
            ("answer_seconds", &["serve", "answer_seconds"], serve.answer_seconds),
            ("stop_seconds", &["serve", "stop_seconds"], serve.stop_seconds),
            ("at_once", &["serve", "at_once"], serve.at_once as u64),
            ("downloads_at_once", &["serve", "downloads_at_once"], serve.downloads_at_once as u64),
            ("listeners_at_once", &["serve", "listeners_at_once"], serve.listeners_at_once as u64),
            ("wrong_per_minute", &["serve", "wrong_per_minute"], serve.wrong_per_minute.into()),
        ] {
            if !(1..=3_600).contains(&value) {
                return Err((path, format!("{name} must be between 1 and 3600.")));
            }
        }
        for (name, path, value) in
            [("per_second", &["serve", "per_second"], serve.per_second), ("burst", &["serve", "burst"], serve.burst)]
        {
            if !(1..=1_000_000).contains(&value) {
                return Err((path, format!("{name} must be between 1 and 1000000.")));
            }
        }
        if serve.certificate.is_some() != serve.private_key.is_some() {
            let sentence = "certificate and private_key go together: name both, or none for plain HTTP.";
            return Err((&["serve", "certificate"], sentence.to_owned()));
        }
        if !(1 << 10..=64 << 20).contains(&serve.largest_body) {
            return Err((
                &["serve", "largest_body"],
                "largest_body must be between 1024 and 67108864 bytes.".to_owned(),
            ));
        }
        read::check_endpoint(&serve.site)
            .map_err(|_| (["serve", "site"].as_slice(), "site must look like https://tre.example.".to_owned()))?;
        for origin in &serve.origins {
            if read::check_endpoint(origin).is_err() || origin.matches('/').count() != 2 {
                let sentence = format!("{origin} is no origin: write https://portal.example, without a path.");
                return Err((&["serve", "origins"], sentence));
            }
        }
        for token in &self.tokens {
            if token.public_key.is_none() && token.jwks.is_none() {
                let sentence = "a token's issuer needs public_key or jwks: name one of the two, or both.";
                return Err((&["tokens"], sentence.to_owned()));
            }
            if let Some(jwks) = &token.jwks {
                read::check_endpoint(jwks)
                    .map_err(|_| (["tokens"].as_slice(), "jwks must be an address of HTTP.".to_owned()))?;
            }
        }
        Ok(())
    }
}
