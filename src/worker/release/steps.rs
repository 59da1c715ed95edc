//! What each step of a release does. Called by `Release::advance`.

use aws_lc_rs::digest;
use chrono::Utc;
use serde_json::{Value, json};

use super::{Failure, Progress, Release, Step};
use crate::objects::{ObjectsError, PutMode};
use crate::text::{Untrusted, shown};
use crate::worker::WorkerError;

impl Release {
    pub(super) async fn check(&mut self) -> Result<Progress, Failure> {
        self.signed()?;
        let (job, store) = (&self.job, &self.worker.store);
        if let Some(why) = self.worker.release_why_not(&self.db, job).await? {
            self.db.unproved(Some(job.release), job.version, &why).await?;
            return Err(WorkerError::Unproved(why).into());
        }
        let head = match store.head(&job.bucket, &job.key, None).await {
            Err(ObjectsError::NotFound(_)) => return Err(missing()),
            other => other?,
        };
        if i64::try_from(head.size) != Ok(job.size) {
            return Err(altered());
        }
        // What could not be taken back for good is not put there: a store that does not say what it keeps is asked again.
        self.at_shared(store.kept_versions(&job.shared_bucket, &job.shared_key).await)?;
        store.kept_versions(&self.worker.staging.bucket, &self.staged_key()).await?;
        // a newer version with the same bytes is the same file; Stage compares them
        self.source = head.version_id;
        Ok(Progress::Next(Step::Stage))
    }

    pub(super) async fn stage(&mut self) -> Result<Progress, Failure> {
        let (job, store) = (&self.job, &self.worker.store);
        let (bucket, key) = (self.worker.staging.bucket.as_str(), self.staged_key());
        store.abort_uploads(bucket, &key).await?;
        let mut stream = match store.read(&job.bucket, &job.key, self.source.as_deref(), None, None).await {
            Err(ObjectsError::NotFound(_)) => return Err(missing()),
            other => other?,
        };
        let mut hash = digest::Context::new(&digest::SHA256);
        let mut put = store.put(bucket, &key, stream.head.size, PutMode::Replace).marked(&self.mark);
        while let Some(bytes) = stream.next().await? {
            hash.update(&bytes);
            put.write(&bytes).await?;
        }
        if hex::encode(hash.finish()) != job.sha256 {
            put.give_up().await?;
            return Err(altered());
        }
        put.finish().await?;
        Ok(Progress::Next(Step::Share))
    }

    pub(super) async fn share(&mut self) -> Result<Progress, Failure> {
        let (job, store) = (&self.job, &self.worker.store);
        match store.head(&job.shared_bucket, &job.shared_key, None).await {
            // an earlier attempt wrote it, or somebody else: Verify reads what is there
            Ok(_) => return Ok(Progress::Next(Step::Verify)),
            Err(ObjectsError::NotFound(_)) => {}
            Err(error) => return self.at_shared(Err(error)),
        }
        self.at_shared(store.abort_uploads(&job.shared_bucket, &job.shared_key).await)?;
        let mut stream = store.read(&self.worker.staging.bucket, &self.staged_key(), None, None, None).await?;
        let put = store.put(&job.shared_bucket, &job.shared_key, stream.head.size, PutMode::Create);
        let mut put = put.marked(&self.mark);
        while let Some(bytes) = stream.next().await? {
            self.at_shared(put.write(&bytes).await)?;
        }
        match put.finish().await {
            Ok(()) | Err(ObjectsError::Precondition(_)) => Ok(Progress::Next(Step::Verify)),
            Err(error) => self.at_shared(Err(error)),
        }
    }

    pub(super) async fn verify(&mut self) -> Result<Progress, Failure> {
        let (job, store) = (&self.job, &self.worker.store);
        let stream = store.read(&job.shared_bucket, &job.shared_key, None, None, None).await?;
        let head = stream.head.clone();
        let at = (job.shared_bucket.as_str(), job.shared_key.as_slice(), head.version_id.as_deref());
        if !store.is_own(at, &head, self.own_copy()).await? {
            return Err(self.foreign());
        }
        let (hash, _) = stream.sha256().await?;
        if hash != job.sha256 {
            return Err(Failure::Ends(
                "altered",
                "The copy in the shared location did not hold the approved bytes and was removed.".into(),
            ));
        }
        self.shared_version = head.version_id;
        store.remove(&self.worker.staging.bucket, &self.staged_key()).await?;
        Ok(Progress::Next(Step::Record))
    }

    pub(super) async fn write_record(&mut self) -> Result<Progress, Failure> {
        let (job, store) = (&self.job, &self.worker.store);
        let head = self.db.last_head().await?;
        // Voters wrote into it: what no reader of JSON would take (nested too deep, too large a number) is kept as its text.
        let decided_on = serde_json::from_str(&job.record).unwrap_or_else(|_| Value::String(job.record.clone()));
        let record = json!({
            "release": job.release,
            "decided_on": decided_on,
            "sha256": job.sha256,
            "read_back_sha256": job.sha256,
            "size": job.size,
            "shared": {"bucket": job.shared_bucket, "key_hex": hex::encode(&job.shared_key), "version_id": self.shared_version},
            "source": {"bucket": job.bucket, "key_hex": hex::encode(&job.key), "version_id": self.source},
            "journal_head": head,
            "tool": {"name": env!("CARGO_PKG_NAME"), "version": env!("CARGO_PKG_VERSION")},
            "worker": self.worker.name,
            "attempt": job.attempt,
            "at": Utc::now(),
        });
        let body = serde_json::to_vec_pretty(&record).unwrap_or_default();
        let (bucket, key) = (job.shared_bucket.as_str(), self.record_key());
        match store.head(bucket, key.as_bytes(), None).await {
            Ok(there) if !store.is_own((bucket, key.as_bytes(), None), &there, self.own_record()).await? => {
                return Err(self.foreign());
            }
            Ok(_) | Err(ObjectsError::NotFound(_)) => {}
            Err(error) => return self.at_shared(Err(error)),
        }
        let mut put = store.put(bucket, key.as_bytes(), 0, PutMode::Replace).marked(&self.mark);
        self.at_shared(put.write(&body).await)?;
        self.at_shared(put.finish().await)?;
        self.record = Some(record);
        Ok(Progress::Next(Step::Finish))
    }

    pub(super) async fn finish(&mut self) -> Result<Progress, Failure> {
        let head = self.record.as_ref().map_or(Value::Null, |record| record["journal_head"].clone());
        let (holder, version) = (&self.worker.holder, self.shared_version.as_deref());
        let answer = self.db.finish_release(&self.job, holder, version, &self.record_key(), &head).await?;
        if answer.ok { Ok(Progress::Released) } else { Err(WorkerError::LeaseLost.into()) }
    }

    /// What the store answered at the shared place: it ends the release where asking again cannot help, or has not for a day.
    fn at_shared<T>(&self, answer: Result<T, ObjectsError>) -> Result<T, Failure> {
        answer.map_err(|error| {
            let denied = matches!(error, ObjectsError::Denied(_)) && self.job.long_denied;
            if denied || error.is_final() {
                Failure::Ends("impossible", format!("It cannot be released: {error}."))
            } else {
                error.into()
            }
        })
    }

    fn foreign(&self) -> Failure {
        let job = &self.job;
        let at = shown(&Untrusted::new(String::from_utf8_lossy(&job.shared_key)));
        let sentence = "Something this release did not write lies at its place; it was left there";
        Failure::Ends("foreign", format!("{sentence}: {}/{at}.", job.shared_bucket))
    }
}

fn missing() -> Failure {
    Failure::Ends("missing", "The file is no longer in the project's location.".into())
}

fn altered() -> Failure {
    Failure::Ends("altered", "The bytes at the key are not those that were approved. Nothing was copied.".into())
}
