//! `config.toml`: what the desk and the command line need to know. Read by [`super::load`], written by `local`.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::{ConfigError, examples, read};

/// The desk's configuration. Every part has a default: without a file the desk speaks to the system's PostgreSQL on its
/// usual socket, as the operating system's user.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// How to reach PostgreSQL.
    pub database: DatabaseConfig,
    /// Where the tickets lead; only asked whether it answers.
    pub s3: S3Config,
    /// What `journal verify` compares with.
    pub journal: JournalConfig,
    /// The desk's looks and habits.
    pub desk: DeskConfig,
    /// Present on a local desk only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub local: Option<LocalConfig>,
    /// The file it was read from; none for the defaults.
    #[serde(skip)]
    pub file: Option<PathBuf>,
}

/// `[database]`: how to reach PostgreSQL.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct DatabaseConfig {
    /// A folder with the socket (it starts with `/`), or a host name or address.
    pub host: String,
    /// The port, also part of the socket's name.
    pub port: u16,
    /// The database.
    pub name: String,
    /// The database role; the operating system's user where it is absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user: Option<String>,
    /// A file with the password, readable by its owner only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub password_file: Option<PathBuf>,
    /// Whether the password is in the kernel's keyring (service `exeat`, user = the role).
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub keyring: bool,
    /// Whether TCP connections are encrypted; sockets never are.
    pub tls: TlsMode,
    /// PEM file of the authority that signed the server's certificate; the system's authorities where it is absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub root_certificate: Option<PathBuf>,
    /// PEM file of a personal certificate.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub client_certificate: Option<PathBuf>,
    /// PEM file of its key.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub client_key: Option<PathBuf>,
    /// Seconds to wait for a connection.
    pub connect_seconds: u32,
    /// Seconds to wait for an answer before the connection is taken for lost; PostgreSQL itself gives up after 60.
    pub answer_seconds: u32,
}

impl Default for DatabaseConfig {
    fn default() -> Self {
        Self {
            host: "/var/run/postgresql".to_owned(),
            port: 5432,
            name: "exeat".to_owned(),
            user: None,
            password_file: None,
            keyring: false,
            tls: TlsMode::default(),
            root_certificate: None,
            client_certificate: None,
            client_key: None,
            connect_seconds: 5,
            answer_seconds: 75,
        }
    }
}

impl DatabaseConfig {
    /// Whether `host` is a socket's folder.
    #[must_use]
    pub fn is_socket(&self) -> bool {
        self.host.starts_with('/')
    }

    /// Where it is, as a sentence names it: `the socket /run/x` or `db.site:5432`.
    #[must_use]
    pub fn place(&self) -> String {
        if self.is_socket() {
            format!("the socket {}/.s.PGSQL.{}", self.host, self.port)
        } else {
            format!("{}:{}", self.host, self.port)
        }
    }
}

/// Whether and how a TCP connection to PostgreSQL is encrypted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TlsMode {
    /// Not encrypted; for a server on the same host.
    Disable,
    /// Encrypted, the server's name not checked.
    Require,
    /// Encrypted and the server's certificate and name checked.
    #[default]
    VerifyFull,
}

/// `[s3]`: the store the tickets lead to. People hold no keys.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct S3Config {
    /// Such as `http://127.0.0.1:9000`; asked by `doctor` and the status line only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub endpoint: Option<String>,
}

/// `[journal]`: heads kept outside the database, which prove a rewritten or cut tail.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct JournalConfig {
    /// The file of signed heads the worker appends to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub heads: Option<PathBuf>,
    /// Hex of the ed25519 public key the heads are signed with.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub public_key: Option<String>,
    /// The file of the keys that votes may be signed with, as `ssh-keygen` has it, kept outside the database. Without it the key a
    /// release's record names is believed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub allowed_signers: Option<PathBuf>,
    /// Numbers of the renewals (`exeat journal renewals`) one takes two administrators' word for: a key that was lost, a backup that
    /// was restored. Others change nothing, for who rewrites a journal can write such an entry too.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub renewals: Vec<i64>,
}

/// `[desk]`: looks and habits.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct DeskConfig {
    /// A theme's name: `dark`, `light`, `high-contrast`, `mono`, or a file `themes/NAME.toml` in the configuration's
    /// folder; `dark` where it is absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub theme: Option<String>,
    /// Whether the mouse moves and scrolls; it never decides anything. The terminal's own selecting then needs Shift.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub mouse: bool,
    /// A file with other keys for the same actions; `keymap.toml` in the configuration's folder where it is absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub keymap: Option<PathBuf>,
    /// The time zone dates are shown in, such as `Europe/Berlin`; UTC where it is absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub time_zone: Option<String>,
    /// Where `d` puts files; the folder `exeat` in the home folder where it is absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub downloads: Option<PathBuf>,
    /// Bytes a download may have at most.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub largest_download: Option<u64>,
    /// What the top line calls this desk, such as the TRE's name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// Reasons at hand in a dialog, by the command they are for, such as `reject`; those of the desk where a command is
    /// not named.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub reasons: BTreeMap<String, Vec<String>>,
    /// Days within which a submission is decided, as the site promises it; what waits longer is marked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub promised_days: Option<u32>,
    /// The columns a tab's table shows, by tab, in order and by their headings in small letters; all that fit where a tab
    /// is not named.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub columns: BTreeMap<String, Vec<String>>,
    /// Saved filters by tab, each with the name it is offered under. Which tabs there are the desk knows, and says.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub filters: BTreeMap<String, BTreeMap<String, String>>,
}

/// `[local]`: only a local desk has it, and only with it `--as` chooses the person.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LocalConfig {
    /// The local desk's folder.
    pub dir: PathBuf,
}

impl Config {
    /// Reads a file.
    ///
    /// # Errors
    /// The file cannot be read, or says something a configuration may not say; the error names the line.
    pub fn read(file: &Path) -> Result<Self, ConfigError> {
        let text = read::text(file)?;
        Self::parse(&text, file)
    }

    /// Reads a configuration's text; `file` is where it came from, for the sentences.
    ///
    /// # Errors
    /// The text says something a configuration may not say.
    pub fn parse(text: &str, file: &Path) -> Result<Self, ConfigError> {
        let mut config: Self = read::parse(text, file, examples::DESK)?;
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

    /// What is wrong, as the path of the setting and a sentence.
    fn check(&self) -> Result<(), (&'static [&'static str], String)> {
        check_database(&self.database)?;
        if let Some(endpoint) = &self.s3.endpoint {
            read::check_endpoint(endpoint).map_err(|sentence| (["s3", "endpoint"].as_slice(), sentence))?;
        }
        if let Some(key) = &self.journal.public_key
            && hex::decode(key).map(|bytes| bytes.len()) != Ok(32)
        {
            return Err((&["journal", "public_key"], "public_key must be 64 hex digits, an ed25519 key.".to_owned()));
        }
        if self.journal.heads.is_some() && self.journal.public_key.is_none() {
            let sentence = "heads prove nothing without public_key, the worker's: name both, or public_key alone.";
            return Err((&["journal", "heads"], sentence.to_owned()));
        }
        if let Some(zone) = &self.desk.time_zone
            && zone.parse::<chrono_tz::Tz>().is_err()
        {
            return Err((
                &["desk", "time_zone"],
                format!("{zone:?} is no time zone; write a name such as \"Europe/Berlin\" or \"UTC\"."),
            ));
        }
        if self.desk.promised_days.is_some_and(|days| !(1..=3650).contains(&days)) {
            return Err((&["desk", "promised_days"], "promised_days must be between 1 and 3650.".to_owned()));
        }
        if let Some(local) = &self.local
            && !local.dir.is_absolute()
        {
            return Err((&["local", "dir"], "dir must be an absolute path.".to_owned()));
        }
        Ok(())
    }
}

/// The same questions for the desk's and the worker's `[database]`.
pub(super) fn check_database(database: &DatabaseConfig) -> Result<(), (&'static [&'static str], String)> {
    if database.host.is_empty() {
        return Err((&["database", "host"], "host must name the socket's folder or a host.".to_owned()));
    }
    if database.name.is_empty() {
        return Err((&["database", "name"], "name must name a database.".to_owned()));
    }
    if database.port == 0 {
        return Err((&["database", "port"], "port must be between 1 and 65535.".to_owned()));
    }
    if database.connect_seconds == 0 || database.connect_seconds > 600 {
        return Err((&["database", "connect_seconds"], "connect_seconds must be between 1 and 600.".to_owned()));
    }
    if database.answer_seconds == 0 || database.answer_seconds > 3600 {
        return Err((&["database", "answer_seconds"], "answer_seconds must be between 1 and 3600.".to_owned()));
    }
    // The kernel's limit on a socket's name is 107 bytes; PostgreSQL adds `/.s.PGSQL.<port>`.
    if database.is_socket() && database.host.len() + "/.s.PGSQL.".len() + 5 > 107 {
        return Err((
            &["database", "host"],
            "the socket's folder is too long a name (at most 92 bytes); use a shorter one.".to_owned(),
        ));
    }
    if database.client_certificate.is_some() != database.client_key.is_some() {
        return Err((
            &["database", "client_certificate"],
            "client_certificate and client_key belong together; name both or neither.".to_owned(),
        ));
    }
    Ok(())
}
