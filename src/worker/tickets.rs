//! Addresses for those who want to read or upload. The database has checked and journalled each ticket before it shows it
//! here; signing is arithmetic on this machine, so an answer takes two statements. One of the worker's tasks.

use std::time::Duration;

use chrono::{TimeDelta, Utc};

use super::tasks::Setup;
use super::{Worker, WorkerError};
use crate::db::OpenTicket;
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
    for ticket in db.open_tickets().await? {
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
