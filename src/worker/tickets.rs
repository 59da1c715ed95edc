//! Addresses for those who want to read or upload. The database has checked and journalled each ticket before it shows it
//! here; signing is arithmetic on this machine, so an answer takes two statements. One of the worker's tasks.

use std::time::Duration;

use chrono::{TimeDelta, Utc};

use super::task::Setup;
use super::{Worker, WorkerError};
use crate::db::{Db, OpenTicket};
use crate::objects::ObjectsError;

/// Between two looks at forgotten addresses.
const EXPIRY: Duration = Duration::from_secs(5);

pub(super) async fn run(on: Setup) {
    let mut pace = on.woken().at_once();
    let mut swept = tokio::time::Instant::now();
    while pace.turn().await {
        pace.took(round(on.clone()).await.map(|()| false));
        if swept.elapsed() > EXPIRY {
            swept = tokio::time::Instant::now();
            if let Err(error) = on.db.expire_tickets().await {
                tracing::debug!(%error, "old tickets were not forgotten");
            }
        }
    }
}

/// Answers every open ticket; one that cannot be answered is refused with a sentence and does not stop the others.
pub(super) async fn round(on: Setup) -> Result<(), WorkerError> {
    let (worker, db) = (&on.worker, &on.db);
    let mut result = Ok(());
    let open = db.open_tickets().await?.into_iter();
    let (downloads, others): (Vec<_>, Vec<_>) = open.partition(|ticket| ticket.kind == "download");
    let downloads = match worker.downloads_proved(db, downloads).await {
        Ok(downloads) => downloads,
        Err(error) => {
            result = Err(error);
            Vec::new()
        }
    };
    for (ticket, why_not) in others.into_iter().map(|ticket| (ticket, None)).chain(downloads) {
        if let Some(why) = why_not {
            if let Err(error) = unproved(db, &ticket, &why).await {
                result = Err(error);
            }
            continue;
        }
        let answered = match address(worker, &ticket).await {
            Ok(url) => {
                let until = Utc::now() + TimeDelta::seconds(worker.config.worker.ticket_seconds.into());
                db.answer_ticket(ticket.ticket, &url, until).await
            }
            Err(why) => db.refuse_ticket(ticket.ticket, &format!("There is no address for this file: {why}.")).await,
        };
        if let Err(error) = answered {
            result = Err(error.into());
        }
    }
    result
}

/// A released copy that no sealed entry lets out: nobody gets it, and people are told.
async fn unproved(db: &Db, ticket: &OpenTicket, why: &str) -> Result<(), WorkerError> {
    tracing::error!(ticket = %ticket.ticket, version = ticket.version, why, "nobody was given the address of a released file");
    db.unproved(ticket.release, ticket.version.unwrap_or_default(), why).await?;
    let sentence =
        format!("It was released, and this is not proved: {why} An administrator has to look: exeat journal verify.");
    Ok(db.refuse_ticket(ticket.ticket, &sentence).await?)
}

async fn address(worker: &Worker, ticket: &OpenTicket) -> Result<String, ObjectsError> {
    let life = Duration::from_secs(worker.config.worker.ticket_seconds.into());
    match ticket.kind.as_str() {
        "upload" => {
            let bytes = (ticket.sha256.as_deref().unwrap_or_default(), u64::try_from(ticket.size).unwrap_or(0));
            worker.store.presign_put(&ticket.bucket, &ticket.key, bytes, life).await
        }
        _ => worker.store.presign_get(&ticket.bucket, &ticket.key, ticket.version_id.as_deref(), life).await,
    }
}
