//! Who one is and whether everything answers. Called by the desk's status line, `whoami` and `doctor`.

use std::time::Duration;

use super::{DeliveriesWaiting, Result, ServerLimits, Service, ServiceError, SystemStatus, WhoAmI};

/// Whether everything answers.
#[derive(Debug)]
pub struct Status {
    /// Who one is, as the database says.
    pub me: WhoAmI,
    /// Database and worker.
    pub system: SystemStatus,
    /// Why the store does not answer; none if it does or if none is configured.
    pub store: Option<String>,
}

impl Service {
    /// Who the database says one is.
    pub async fn whoami(&self) -> Result<WhoAmI> {
        self.db.whoami().await.map_err(|error| self.told(error))
    }

    /// How the database and the worker are.
    pub async fn system(&self) -> Result<SystemStatus> {
        self.db.system_status().await.map_err(|error| self.told(error))
    }

    /// Which messages wait to be delivered; nothing for those who do not look after them.
    pub async fn deliveries_waiting(&self) -> Result<Vec<DeliveriesWaiting>> {
        self.db.deliveries_waiting().await.map_err(|error| self.told(error))
    }

    /// What the server grants this login, and all of them.
    pub async fn limits(&self) -> Result<ServerLimits> {
        self.db.limits().await.map_err(|error| self.told(error))
    }

    /// Whether PostgreSQL lets this login into another database of the cluster.
    ///
    /// # Errors
    /// It could not be tried; see [`ServiceError`].
    pub async fn gets_into(&self, database: &str) -> Result<bool> {
        self.db.gets_into(database).await.map_err(|error| self.told(error))
    }

    /// Who one is and how everything is.
    ///
    /// # Errors
    /// The database does not answer; see [`ServiceError`].
    pub async fn status(&self) -> Result<Status> {
        let me = self.whoami().await?;
        let system = self.system().await?;
        let store = self.store().await.err().map(|error| error.to_string());
        Ok(Status { me, system, store })
    }

    /// Whether the store answers at all; fine where none is configured.
    ///
    /// # Errors
    /// It does not.
    pub async fn store(&self) -> Result<()> {
        let Some(endpoint) = &self.config.s3.endpoint else { return Ok(()) };
        let address =
            endpoint.parse().map_err(|_| ServiceError::Config("endpoint in [s3] is no address.".to_owned()))?;
        let sent = tokio::time::timeout(Duration::from_secs(8), self.http().get(&address, None)).await;
        // Any answer will do: without keys it is a refusal.
        let why = match sent {
            Ok(Ok(_)) => return Ok(()),
            Ok(Err(why)) => why.to_string(),
            Err(_) => "it went silent".to_owned(),
        };
        Err({
            ServiceError::store(format!(
                "The store does not answer at {endpoint} ({why}): see whether it runs, or correct endpoint in [s3]."
            ))
        })
    }
}
