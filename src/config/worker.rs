//! `worker.toml`: what the worker needs to know, keys included, so the file must be private. Read by `cli::worker`,
//! written by `local`.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::channels::{Section, Wrong};
use super::{
    BusConfig, ConfigError, DatabaseConfig, MailConfig, Secret, desk::check_database, examples, read, secrets,
};

/// The worker's configuration.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WorkerConfig {
    /// How to reach PostgreSQL, as the worker's own role.
    #[serde(default)]
    pub database: DatabaseConfig,
    /// The worker's habits, signing key and store.
    pub worker: WorkerSection,
    /// The server mails go through; without one they are kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mail: Option<MailConfig>,
    /// The message bus events go to; without one they are kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bus: Option<BusConfig>,
    /// The file it was read from.
    #[serde(skip)]
    pub file: Option<PathBuf>,
}

/// `[worker]`: habits and signing key.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WorkerSection {
    /// This worker's name in leases and the journal; the host's name and process id where it is absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The file with the ed25519 signing key (PKCS#8), readable by its owner only.
    pub signing_key: PathBuf,
    /// The file signed heads are appended to; it should be on another machine's disk.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub heads: Option<PathBuf>,
    /// The file that says whose SSH keys sign votes, as `ssh-keygen` has it; without one the keys in the database are believed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub allowed_signers: Option<PathBuf>,
    /// Seconds between two intake passes nobody asked for.
    #[serde(default = "intake_seconds")]
    pub intake_seconds: u32,
    /// Seconds a ticket's address is good for.
    #[serde(default = "ticket_seconds")]
    pub ticket_seconds: u32,
    /// Seconds a release's lease lasts before another worker may take it over.
    #[serde(default = "lease_seconds")]
    pub lease_seconds: u32,
    /// Seconds a person's session may stay idle in a transaction, or in one that has written, before the worker ends it;
    /// in one that only reads, ten times as long.
    #[serde(default = "idle_seconds")]
    pub idle_seconds: u32,
    /// How many approvals have to be signed for a release, by `project/destination`, `*` for any, whatever the database's policy says:
    /// who can write every table cannot lower it.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub signed_approvals: BTreeMap<String, u32>,
    /// Numbers of the renewals (`exeat journal renewals`) that were asked of both administrators; others change nothing.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub renewals: Vec<i64>,
    /// The store.
    pub s3: WorkerS3,
}

impl WorkerSection {
    /// How many signed approvals a release to a destination needs, whatever the policy says: the most that fits.
    #[must_use]
    pub fn signed_approvals(&self, project: &str, destination: &str) -> u32 {
        let fits = |pattern: &str, name: &str| pattern == "*" || pattern == name;
        let meant = self.signed_approvals.iter().filter(|(place, _)| {
            place.split_once('/').is_some_and(|(of, to)| fits(of, project) && fits(to, destination))
        });
        meant.map(|(_, many)| *many).max().unwrap_or_default()
    }
}

fn intake_seconds() -> u32 {
    30
}

fn ticket_seconds() -> u32 {
    60
}

fn lease_seconds() -> u32 {
    60
}

fn idle_seconds() -> u32 {
    60
}

/// `[worker.s3]`: the store and the only keys that can write the shared location. Without keys the site's own are used
/// (environment, profile, instance role), as aws-sdk-s3 finds them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WorkerS3 {
    /// Such as `http://127.0.0.1:9000`; absent for AWS itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub endpoint: Option<String>,
    /// The region, for the signatures.
    #[serde(default = "region")]
    pub region: String,
    /// The access key's id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub access_key_id: Option<String>,
    /// The access key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub secret_access_key: Option<Secret>,
    /// Whether the bucket is in the path (`http://host/bucket/key`) and not in the host's name.
    #[serde(default = "path_style")]
    pub path_style: bool,
    /// Where releases are put together before they are shared: `s3://bucket/prefix/`.
    pub staging: String,
}

fn region() -> String {
    "us-east-1".to_owned()
}

fn path_style() -> bool {
    true
}

impl WorkerConfig {
    /// One that brings messages nowhere.
    #[must_use]
    pub fn new(database: DatabaseConfig, worker: WorkerSection) -> Self {
        Self { database, worker, mail: None, bus: None, file: None }
    }

    /// Reads a file; it holds keys, so it must be readable by its owner only.
    ///
    /// # Errors
    /// The file cannot be read, others may read it, or it says something a configuration may not say.
    pub fn read(file: &Path) -> Result<Self, ConfigError> {
        let text = secrets::read_private_file(file, "the worker's configuration")?;
        Self::parse(&text, file)
    }

    /// Reads a configuration's text; `file` is where it came from, for the sentences.
    ///
    /// # Errors
    /// The text says something a configuration may not say.
    pub fn parse(text: &str, file: &Path) -> Result<Self, ConfigError> {
        let mut config: Self = read::parse(text, file, examples::WORKER)?;
        config.file = Some(file.to_owned());
        config.check().map_err(|(path, sentence)| read::wrong(text, file, path, sentence))?;
        Ok(config)
    }

    /// The configuration as the text of a file, keys included.
    ///
    /// # Errors
    /// A path in it is not UTF-8.
    pub fn to_toml(&self) -> Result<String, toml::ser::Error> {
        toml::to_string_pretty(self)
    }

    /// The same, fit to be shown.
    #[must_use]
    pub fn without_secrets(mut self) -> Self {
        let hidden = || Secret::new("(not shown)");
        self.channels().into_iter().flatten().filter_map(Section::secret).for_each(|secret| *secret = hidden());
        self.worker.s3.secret_access_key = self.worker.s3.secret_access_key.map(|_| hidden());
        self
    }

    /// The channels' sections. Everything is named, so that the next one is not forgotten.
    fn channels(&mut self) -> [Option<&mut dyn Section>; 2] {
        let Self { mail, bus, database: _, worker: _, file: _ } = self;
        [mail.as_mut().map(|it| it as _), bus.as_mut().map(|it| it as _)]
    }

    fn check(&mut self) -> Result<(), Wrong> {
        check_database(&self.database)?;
        self.channels().into_iter().flatten().try_for_each(|section| section.check())?;
        let worker = &self.worker;
        if let Some(endpoint) = &worker.s3.endpoint {
            read::check_endpoint(endpoint).map_err(|sentence| (["worker", "s3", "endpoint"].as_slice(), sentence))?;
        }
        if worker.s3.access_key_id.is_some() != worker.s3.secret_access_key.is_some() {
            return Err((
                &["worker", "s3", "access_key_id"],
                "access_key_id and secret_access_key belong together; name both, or neither to use the site's own."
                    .to_owned(),
            ));
        }
        let staging = worker.s3.staging.strip_prefix("s3://").and_then(|rest| rest.split_once('/'));
        if !staging.is_some_and(|(bucket, prefix)| !bucket.is_empty() && (prefix.is_empty() || prefix.ends_with('/'))) {
            return Err((
                &["worker", "s3", "staging"],
                "staging must look like s3://bucket/ or s3://bucket/prefix/, with the slash at the end.".to_owned(),
            ));
        }
        if let Some(place) = worker.signed_approvals.keys().find(|place| place.split('/').count() != 2) {
            return Err((
                &["worker", "signed_approvals"],
                format!("{place} must be project/destination, such as heart/world or */world."),
            ));
        }
        for (path, seconds, name) in [
            (&["worker", "intake_seconds"], worker.intake_seconds, "intake_seconds"),
            (&["worker", "ticket_seconds"], worker.ticket_seconds, "ticket_seconds"),
            (&["worker", "lease_seconds"], worker.lease_seconds, "lease_seconds"),
            (&["worker", "idle_seconds"], worker.idle_seconds, "idle_seconds"),
        ] {
            if seconds == 0 || seconds > 86_400 {
                return Err((path, format!("{name} must be between 1 and 86400 seconds.")));
            }
        }
        Ok(())
    }
}
