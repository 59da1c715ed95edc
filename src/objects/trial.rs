//! What a store makes of a ticket that somebody adds to: tried with throw-away objects in staging, which go afterwards.
//! Called by `cli::doctor`; `tests/worker/tickets.rs` says what each store we know does.

use std::time::Duration;

use super::{CHECKSUM, Location, ObjectsError, PutMode, Store, checksum};

/// What the ticket is for, what is sent instead (as many bytes), and what lies beside it.
const OWN: &str = "the bytes registered";
const OTHER: &str = "bytes of another kin";
const BESIDE: &str = "what nobody may read";
/// How long the store may take for each answer.
const PATIENCE: Duration = Duration::from_secs(20);

/// What the store takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Trial {
    /// A header that is not signed: an upload ticket with `x-amz-copy-source` reads any file the worker's key may read.
    pub unsigned_header: bool,
    /// Bytes that are not those of the signed checksum. Intake hashes what lies there in any case.
    pub other_bytes: bool,
}

impl Store {
    /// Tries both on upload tickets for keys below `place`, where nobody but the worker writes.
    ///
    /// # Errors
    /// What the store answered to what it has to do, as a sentence.
    pub async fn try_tickets(&self, place: &Location) -> Result<Trial, ObjectsError> {
        let below = format!("_doctor/{}", uuid::Uuid::new_v4());
        let keys = ["beside", "header", "bytes"].map(|name| place.key(format!("{below}/{name}").as_bytes()));
        let tried = self.tried(&place.bucket, &keys).await;
        for key in &keys {
            self.remove(&place.bucket, key).await?;
        }
        tried
    }

    async fn tried(&self, bucket: &str, [beside, header, bytes]: &[Vec<u8>; 3]) -> Result<Trial, ObjectsError> {
        self.put_bytes(bucket, beside, BESIDE.into(), PutMode::Create).await?;
        let source = format!("{bucket}/{}", String::from_utf8_lossy(beside));
        self.upload(bucket, header, OWN, Some(&source)).await?;
        self.upload(bucket, bytes, OTHER, None).await?;
        Ok(Trial {
            unsigned_header: self.holds(bucket, header, BESIDE).await?,
            other_bytes: self.holds(bucket, bytes, OTHER).await?,
        })
    }

    /// Sends a body through a ticket for [`OWN`]. Whether it was taken is seen by what lies there.
    async fn upload(
        &self,
        bucket: &str,
        key: &[u8],
        body: &'static str,
        source: Option<&str>,
    ) -> Result<(), ObjectsError> {
        let silent = |why: reqwest::Error| ObjectsError::Unreachable {
            endpoint: self.endpoint.clone(),
            why: why.without_url().to_string(),
        };
        let sha256 = hex::encode(aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, OWN.as_bytes()));
        let address = self.presign_put(bucket, key, (&sha256, OWN.len() as u64), PATIENCE).await?;
        let client = reqwest::Client::builder().no_proxy().redirect(reqwest::redirect::Policy::none());
        let client = client.timeout(PATIENCE).build().map_err(silent)?;
        let mut request = client.put(address).header(CHECKSUM, checksum(&sha256).unwrap_or_default());
        if let Some(source) = source {
            request = request.header("x-amz-copy-source", source);
        }
        request.body(body).send().await.map(drop).map_err(silent)
    }

    async fn holds(&self, bucket: &str, key: &[u8], bytes: &str) -> Result<bool, ObjectsError> {
        let mut stream = match self.read(bucket, key, None, None, None).await {
            Ok(stream) => stream,
            Err(ObjectsError::NotFound(_)) => return Ok(false),
            Err(other) => return Err(other),
        };
        let mut found = Vec::new();
        while let Some(part) = stream.next().await? {
            found.extend_from_slice(&part);
        }
        Ok(found == bytes.as_bytes())
    }
}
