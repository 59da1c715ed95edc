//! Messages on their way out. Called by `worker::deliver` and, for how many wait, by `service::status`; the rules of their
//! order and of trying again are in `assets/sql/80_deliver.sql`.

use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::Value;

use super::{Db, DbError, call, rows};
use crate::text::Untrusted;

/// A message whose turn it is.
#[derive(Clone, Debug)]
pub struct Delivery {
    /// Its number.
    pub delivery: i64,
    /// The event's name, such as `access.allowed`.
    pub topic: String,
    /// To whom, such as `requester`; empty where only the channel's server is addressed.
    pub recipient: String,
    /// The address, where the route names one.
    pub address: String,
    /// The event, with its `event_id`.
    pub payload: Value,
}

/// How many messages of a channel wait.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct DeliveriesWaiting {
    /// Its name in routes.
    pub channel: String,
    /// How many.
    pub waiting: i64,
    /// When the oldest was written.
    pub since: DateTime<Utc>,
    /// What the server last said about one of them; empty where none was tried.
    pub last_error: Untrusted,
}

impl Db {
    /// Takes the message of a channel whose turn it is; it is this holder's for the lease, in seconds.
    pub(crate) async fn take_delivery(
        &self,
        channel: &str,
        holder: &str,
        lease: i32,
    ) -> Result<Option<Delivery>, DbError> {
        rows!(
            self,
            fetch_optional,
            Delivery,
            r#"select delivery as "delivery!", topic as "topic!", recipient as "recipient!", address as "address!",
                payload as "payload!" from exeat.take_delivery($1, $2, $3)"#,
            channel,
            holder,
            lease
        )
    }

    /// It was delivered.
    pub(crate) async fn finish_delivery(&self, delivery: i64) -> Result<(), DbError> {
        call!(self, "finish_delivery($1)", delivery)
    }

    /// It was not, and is tried again later: after `most` seconds at the latest.
    pub(crate) async fn fail_delivery(&self, delivery: i64, holder: &str, why: &str, most: i32) -> Result<(), DbError> {
        call!(self, "fail_delivery($1, $2, $3, $4)", delivery, holder, why, most)
    }

    /// What waits to be delivered, for stewards, auditors and administrators.
    pub(crate) async fn deliveries_waiting(&self) -> Result<Vec<DeliveriesWaiting>, DbError> {
        rows!(
            self,
            fetch_all,
            DeliveriesWaiting,
            r#"select channel as "channel!", waiting as "waiting!", since as "since!", coalesce(last_error, '') as "last_error!"
                from exeat.deliveries_waiting()"#
        )
    }
}
