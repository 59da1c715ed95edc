//! What a local desk needs before it can run: keys, database, worker's role, configuration files. Each step does nothing
//! where it is done already. Called by the supervisor at every start.

use std::collections::BTreeMap;
use std::fs;

use sqlx::Connection as _;
use sqlx::Executor as _;

use super::LocalError;
use super::desk::{BUCKETS, DATABASE, Desk, REGION, StoreKeys, WORKER_ROLE};
use super::postgres::SUPERUSER;
use super::store::{AccessKey, Right};
use crate::config::{
    Config, DatabaseConfig, DeskConfig, JournalConfig, LocalConfig, S3Config, Secret, WorkerConfig, WorkerS3,
    WorkerSection,
};
use crate::worker::{SigningError, SigningKey};

/// The store's keys, made once.
pub fn store_keys(desk: &Desk) -> Result<(), LocalError> {
    if desk.file("store/keys.json").exists() {
        return Ok(());
    }
    let right = |(bucket, _): (&str, bool)| Right { bucket: bucket.to_owned(), prefix: String::new(), write: true };
    let key = |name: &str, rights| -> Result<AccessKey, LocalError> {
        Ok(AccessKey { access_key_id: format!("{name}{}", random(6)?), secret_access_key: random(30)?, rights })
    };
    let worker = key("WORKER", BUCKETS.map(right).to_vec())?;
    let loader = key("LOADER", BUCKETS.into_iter().filter(|(name, _)| *name == "candidates").map(right).collect())?;
    let keys = StoreKeys { port: 0, worker, loader };
    let text = serde_json::to_vec_pretty(&keys).map_err(|error| LocalError::Said(error.to_string()))?;
    desk.write("store/keys.json", &text)
}

fn random(bytes: usize) -> Result<String, LocalError> {
    let mut random = vec![0; bytes];
    aws_lc_rs::rand::fill(&mut random)
        .map_err(|_| LocalError::Said("The system gives no random numbers; keys cannot be made.".to_owned()))?;
    Ok(hex::encode_upper(random))
}

/// The key that signs the journal's heads, made once; returns its public half in hex.
pub fn signing_key(desk: &Desk) -> Result<String, LocalError> {
    let said = |error: SigningError| LocalError::Said(error.to_string());
    let (file, half) = (desk.file("signing.key"), desk.file("signing.key.new"));
    if !file.exists() {
        // In one step, so that a kill leaves no half key.
        fs::remove_file(&half).ok();
        SigningKey::create(&half).map_err(said)?;
        fs::rename(&half, &file).map_err(|error| LocalError::io(&file, error))?;
    }
    Ok(SigningKey::read(&file).map_err(said)?.public_key())
}

/// The database with its tables and functions, and the worker's role.
pub async fn database(desk: &Desk) -> Result<(), LocalError> {
    let mut cluster = desk.connect_to(SUPERUSER, "postgres").await?;
    let there: bool = sqlx::query_scalar("select exists (select from pg_database where datname = $1)")
        .bind(DATABASE)
        .fetch_one(&mut cluster)
        .await?;
    if !there {
        cluster.execute("create database exeat template template0").await?;
    }
    cluster.close().await?;
    let mut admin = desk.connect(SUPERUSER).await?;
    crate::db::schema::migrate(&mut admin).await.map_err(|error| LocalError::Said(error.to_string()))?;
    admin.close().await?;
    desk.make_login(WORKER_ROLE, "exeat_worker").await
}

/// `config.toml` and `worker.toml`; returns whether the worker's changed.
pub fn configuration(desk: &Desk, endpoint: &str) -> Result<bool, LocalError> {
    let keys = desk.store_keys()?;
    let database = DatabaseConfig {
        host: desk.socket_dir().to_string_lossy().into_owned(),
        name: DATABASE.to_owned(),
        ..DatabaseConfig::default()
    };
    let heads = desk.file("heads.jsonl");
    let config = Config {
        database: database.clone(),
        s3: S3Config { endpoint: Some(endpoint.to_owned()) },
        journal: JournalConfig {
            heads: Some(heads.clone()),
            public_key: Some(signing_key(desk)?),
            ..JournalConfig::default()
        },
        desk: DeskConfig { title: Some("local desk".to_owned()), promised_days: Some(5), ..DeskConfig::default() },
        local: Some(LocalConfig { dir: desk.dir().to_owned() }),
        file: None,
    };
    let worker = WorkerConfig::new(
        DatabaseConfig { user: Some(WORKER_ROLE.to_owned()), ..database },
        WorkerSection {
            name: None,
            signing_key: desk.file("signing.key"),
            heads: Some(heads),
            intake_seconds: 30,
            ticket_seconds: 60,
            lease_seconds: 60,
            idle_seconds: 60,
            allowed_signers: None,
            signed_approvals: BTreeMap::new(),
            renewals: Vec::new(),
            s3: WorkerS3 {
                endpoint: Some(endpoint.to_owned()),
                region: REGION.to_owned(),
                access_key_id: Some(keys.worker.access_key_id),
                secret_access_key: Some(Secret::new(keys.worker.secret_access_key)),
                path_style: true,
                staging: "s3://staging/".to_owned(),
            },
        },
    );
    let named = |error: toml::ser::Error| {
        LocalError::Said(format!(
            "The folder's name cannot be written to a configuration ({error}); choose another --dir."
        ))
    };
    let worker = worker.to_toml().map_err(named)?;
    // A site may have changed settings by hand: only what leads nowhere any more is written anew.
    let kept = fs::read_to_string(desk.config()).is_ok_and(|text| text.contains(endpoint));
    if !kept {
        desk.write("config.toml", config.to_toml().map_err(named)?.as_bytes())?;
    }
    let kept = fs::read_to_string(desk.file("worker.toml")).is_ok_and(|text| text.contains(endpoint));
    if !kept {
        desk.write("worker.toml", worker.as_bytes())?;
    }
    Ok(!kept)
}
