//! `exeat doctor --worker`: what the worker needs, asked with the worker's own rights, and what its store lets through that a
//! store should not. Called by `cli::doctor`.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use nix::unistd::{AccessFlags, access};

use super::super::args::Global;
use super::super::config::worker_file;
use super::super::exit;
use super::{Finding, How, channels, nested};
use crate::config::WorkerConfig;
use crate::db::schema::SCHEMA_NUMBER;
use crate::db::{Db, DbError, IntakeProject};
use crate::objects::{Location, ObjectsError, Store};
use crate::service::ServiceError;
use crate::text::capital;
use crate::worker::SigningKey;

/// Everything the worker needs.
pub(super) async fn findings(global: &Global) -> Result<Vec<Finding>, ServiceError> {
    let file = worker_file(global)?;
    let config = match WorkerConfig::read(file) {
        Ok(config) => config,
        Err(error) => return Ok(vec![Finding::config("configuration", error.to_string())]),
    };
    let mut found = vec![
        Finding::well("configuration", format!("{} is right, and its owner's alone.", file.display())),
        signing_key(&config),
        heads(config.worker.heads.as_deref()),
    ];
    let projects = database(&config, &mut found).await.unwrap_or_default();
    let store = Store::open(&config.worker.s3).await;
    match config.worker.s3.staging.parse::<Location>() {
        Err(error) => found.push(Finding::config("staging", error.to_string())),
        Ok(staging) => {
            found.push(apart(&staging, &projects));
            let answers = buckets(&store, &staging, &projects, &mut found).await;
            if answers {
                found.extend(tickets(&store, &staging).await);
            }
        }
    }
    let shared = projects.iter().map(|of| (of.project.as_str(), Location::new(&of.shared_bucket, &of.shared_prefix)));
    found.extend(nested(&shared.collect::<Vec<_>>()));
    found.extend(channels::servers(&config).await);
    Ok(found)
}

fn signing_key(config: &WorkerConfig) -> Finding {
    match SigningKey::read(&config.worker.signing_key) {
        Ok(key) => Finding::well("signing key", format!("It can sign; its public half is {}.", key.public_key())),
        Err(error) => Finding::config("signing key", format!("{}.", capital(&error.to_string()))),
    }
}

/// Whether the next head can be kept. The file is made by the worker, so where there is none yet its folder counts.
fn heads(file: Option<&Path>) -> Finding {
    const WHAT: &str = "heads";
    let Some(file) = file else {
        return Finding::note(
            WHAT,
            "No file keeps the signed heads, so that a superuser could cut the journal's end unseen: set heads in [worker], on another machine's disk.",
        );
    };
    let place = if file.exists() { file } else { file.parent().unwrap_or(file) };
    match access(place, AccessFlags::W_OK) {
        Ok(()) => Finding::well(WHAT, format!("{} can be written.", file.display())),
        Err(why) => Finding::config(
            WHAT,
            format!(
                "{} cannot be written ({}): correct heads in [worker] or the rights of {}.",
                file.display(),
                why.desc(),
                place.display()
            ),
        ),
    }
}

/// The projects, where the database answers the worker's role.
async fn database(config: &WorkerConfig, found: &mut Vec<Finding>) -> Option<Vec<IntakeProject>> {
    let place = config.database.place();
    let asked = async {
        let db = Db::for_worker(&config.database, "doctor")?;
        db.check_schema().await?;
        Ok::<_, DbError>((db.role().to_owned(), db.intake_projects().await?))
    };
    match asked.await {
        Ok((role, projects)) => {
            let count = projects.len();
            found.push(Finding::well(
                "database",
                format!("PostgreSQL answers {role} at {place}, with {count} projects."),
            ));
            found.push(Finding::well("schema", format!("{SCHEMA_NUMBER}, which is the one this exeat needs.")));
            Some(projects)
        }
        Err(error) => {
            found.push(Finding::failed("database", &ServiceError::from(error)));
            None
        }
    }
}

/// A project's egress and shared locations, in words.
fn places(project: &IntakeProject) -> [(&'static str, Location); 2] {
    [
        ("egress", Location::new(&project.bucket, &project.prefix)),
        ("shared", Location::new(&project.shared_bucket, &project.shared_prefix)),
    ]
}

/// Staging is where releases are put together: nobody but the worker may read or write there.
fn apart(staging: &Location, projects: &[IntakeProject]) -> Finding {
    const WHAT: &str = "staging";
    let places = projects.iter().flat_map(|of| places(of).map(|(what, place)| (of, what, place)));
    let over: Vec<String> = places
        .filter(|(_, _, place)| staging.overlaps(place))
        .map(|(of, what, place)| format!("the {what} location {place} of {}", of.project))
        .collect();
    if over.is_empty() {
        return Finding::well(WHAT, format!("{staging} is a place of its own."));
    }
    Finding::config(
        WHAT,
        format!(
            "{staging} overlaps {}: name another staging in [worker.s3], a bucket of its own at best.",
            over.join(", ")
        ),
    )
}

/// Each bucket once: whether it can be seen, and whether it keeps versions where that helps. True if staging's can.
async fn buckets(store: &Store, staging: &Location, projects: &[IntakeProject], found: &mut Vec<Finding>) -> bool {
    let mut uses: BTreeMap<String, BTreeSet<&str>> = BTreeMap::new();
    uses.entry(staging.bucket.clone()).or_default().insert("staging");
    for (what, place) in projects.iter().flat_map(places) {
        uses.entry(place.bucket).or_default().insert(what);
    }
    let mut staging_answers = false;
    for (bucket, uses) in uses {
        let used = uses.iter().copied().collect::<Vec<_>>().join(" and ");
        let seen = async {
            store.check_bucket(&bucket).await?;
            store.is_versioned(&bucket).await
        };
        found.push(match seen.await {
            Err(error) => failed("bucket", &error),
            Ok(versioned) => {
                staging_answers |= bucket == staging.bucket;
                if versioned || uses.len() == 1 && uses.contains("staging") {
                    Finding::well("bucket", format!("{bucket} ({used}) can be seen{}.", if versioned { " and keeps versions" } else { "" }))
                } else {
                    Finding::note(
                        "bucket",
                        format!("{bucket} ({used}) keeps no versions: what is overwritten there is lost, and no one can look at what was decided on. Let it keep them."),
                    )
                }
            }
        });
    }
    staging_answers
}

/// What the store takes from one who has an upload ticket, tried in staging.
async fn tickets(store: &Store, staging: &Location) -> Vec<Finding> {
    let tried = match store.try_tickets(staging).await {
        Ok(tried) => tried,
        Err(error) => return vec![failed("tickets", &error)],
    };
    let header = if tried.unsigned_header {
        Finding(
            "tickets",
            How::Wrong(exit::FAILURE),
            "The store takes headers that are not signed: with x-amz-copy-source an upload ticket reads any file the worker's key may read, pending ones of other projects too. Put a proxy before it that refuses x-amz-copy-source without an Authorization header, or use another store.".to_owned(),
        )
    } else {
        Finding::well("tickets", "The store refuses what is added to an upload ticket.")
    };
    let bytes = if tried.other_bytes {
        Finding::note(
            "bytes",
            "The store takes other bytes than those an upload ticket is for. Nothing wrong goes out by that, for intake hashes what lies there; but a person learns of a broken upload later.",
        )
    } else {
        Finding::well("bytes", "The store refuses other bytes than those an upload ticket is for.")
    };
    vec![header, bytes]
}

fn failed(what: &'static str, error: &ObjectsError) -> Finding {
    let exit = if matches!(error, ObjectsError::Unreachable { .. }) { exit::UNREACHABLE } else { exit::FAILURE };
    Finding(what, How::Wrong(exit), format!("{}.", capital(&error.to_string())))
}
