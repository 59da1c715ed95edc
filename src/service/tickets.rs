//! Waiting for the worker: tickets and refreshes. Used by `bytes`, `submit` and `download`.

use std::time::{Duration, Instant};

use serde_json::Value;
use uuid::Uuid;

use super::{Result, Service, ServiceError};
use crate::domain::command::Command;

/// How long a worker that is alive may take for a ticket.
const TICKET: Duration = Duration::from_secs(20);
/// How long it may take for an intake pass.
const PASS: Duration = Duration::from_mins(10);
/// After this long without an answer it is asked whether a worker is alive at all.
const ASK: Duration = Duration::from_millis(800);

/// A ticket the worker answered: good for a short time, for one version.
#[derive(Clone)]
pub(super) struct Ticket {
    pub id: Uuid,
    pub url: hyper::Uri,
}

impl Service {
    /// Waits for the worker's answer to the ticket that a command's data names.
    pub(super) async fn ticket(&self, data: &Value) -> Result<Ticket> {
        let id = data.get("ticket").and_then(Value::as_str).and_then(|text| text.parse::<Uuid>().ok());
        let id =
            id.ok_or_else(|| ServiceError::Other("The database's answer names no ticket: update exeat.".into()))?;
        let mut wait = Wait::new(TICKET);
        loop {
            let answer = self.db.ticket_answer(id).await.map_err(|error| self.told(error))?;
            if let Some(why) = answer.refused {
                return Err(ServiceError::refused("ticket_refused", why));
            }
            if let Some(url) = answer.url {
                let url = url
                    .parse()
                    .map_err(|why| ServiceError::Other(format!("The worker's ticket is no address ({why}).")))?;
                return Ok(Ticket { id, url });
            }
            wait.a_little(self, "a ticket").await?;
        }
    }

    /// The address a ticket leads to, for programs that fetch or send the bytes themselves; `data` is what the command said.
    ///
    /// # Errors
    /// As reading bytes ends.
    pub async fn ticket_address(&self, data: &Value) -> Result<String> {
        Ok(self.ticket(data).await?.url.to_string())
    }

    /// Asks for an intake pass that begins later than now and waits for its end: how many new versions it found.
    ///
    /// # Errors
    /// A refusal; no worker; see [`ServiceError`].
    pub async fn refresh(&self, command_id: Uuid, project: Option<&str>) -> Result<i32> {
        let ask = Command::AskRefresh { project: project.map(str::to_owned) };
        let data = self.carry_out(command_id, &ask).await?.into_result()?.data;
        let refresh = number(&data, "refresh")
            .ok_or_else(|| ServiceError::Other("The database's answer names no refresh: update exeat.".into()))?;
        let mut wait = Wait::new(PASS);
        loop {
            if let Some(found) = self.db.refresh_answer(refresh).await.map_err(|error| self.told(error))? {
                return Ok(found);
            }
            wait.a_little(self, "the intake pass").await?;
        }
    }
}

/// A number in a command's data, written as a number or as text.
pub(super) fn number(data: &Value, name: &str) -> Option<i64> {
    let value = data.get(name)?;
    value.as_i64().or_else(|| value.as_str()?.parse().ok())
}

/// Waiting with growing steps, until a deadline, or until it is known that no worker lives.
struct Wait {
    since: Instant,
    step: Duration,
    asked: Duration,
    most: Duration,
}

impl Wait {
    fn new(most: Duration) -> Self {
        Self { since: Instant::now(), step: Duration::from_millis(2), asked: ASK, most }
    }

    async fn a_little(&mut self, service: &Service, what: &str) -> Result<()> {
        let waited = self.since.elapsed();
        let late = waited > self.most;
        if late || waited > self.asked {
            self.asked = waited * 2;
            let status = service.db.system_status().await.map_err(|error| service.told(error))?;
            if late || !status.worker_alive {
                return Err(no_worker(service, what, status.worker_alive));
            }
        }
        tokio::time::sleep(self.step).await;
        self.step = (self.step * 3 / 2).min(Duration::from_millis(250));
        Ok(())
    }
}

fn no_worker(service: &Service, what: &str, alive: bool) -> ServiceError {
    let sentence = match (&service.config.local, alive) {
        (_, true) => format!("The worker is alive but did not answer about {what} in time: see its log."),
        (Some(local), false) => {
            format!("No worker is alive to answer about {what}: run `exeat local up --dir {}`.", local.dir.display())
        }
        (None, false) => {
            format!("No worker is alive to answer about {what}: ask an administrator to start `exeat worker`.")
        }
    };
    ServiceError::Unreachable { what: "the worker".to_owned(), sentence }
}
