//! Puts the sample on a fresh local desk through the commands everybody uses, each as the person who would. Called by
//! `local::people` when the desk is up and its worker lives.
//!
//! One thing no command does: the files came seconds ago, and a desk where everything waits for seconds shows nothing. So the
//! last step moves the times at which file versions and submissions came back ([`Loading::age`]), as the cluster's superuser.
//! The journal is left alone and tells the truth.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use futures::{StreamExt as _, TryStreamExt as _};
use serde_json::{Value, json};
use sqlx::postgres::PgConnection;
use sqlx::{Connection as _, Row as _};
use uuid::Uuid;

use super::command::{Result, SampleError, did};
use super::decisions::{Decision, OTHERS, RECALL, RECALL_BY, RELEASED, What};
use super::people::{BUCKET, FIRST, HOLD, LARGEST, PEOPLE, PROJECTS, SHARED};
use super::{Batch, first_turn, second_turn};
use crate::config::Config;
use crate::domain::command::Command;
use crate::domain::egress::VersionId;
use crate::domain::vote::VoteKind;
use crate::local::LocalError;
use crate::local::desk::Desk;
use crate::local::postgres::SUPERUSER;
use crate::service::Service;

/// How long the releases may take.
const RELEASES: Duration = Duration::from_secs(45);
/// Objects put at once.
const PUTS: usize = 8;
/// The group of people's database roles.
const GROUP: &str = crate::db::roles::PEOPLE;

/// Fills a fresh local desk.
///
/// # Errors
/// If the desk is not fresh, or a server does not answer.
pub async fn load(desk: &Desk) -> std::result::Result<(), LocalError> {
    fill(desk).await.map_err(|error| match error {
        SampleError::Local(error) => error,
        other => LocalError::Said(format!("The sample data cannot be loaded: {other}")),
    })
}

async fn fill(desk: &Desk) -> Result<()> {
    let mut loading = Loading {
        desk,
        config: Config::read(&desk.config())?,
        people: HashMap::new(),
        admin: desk.connect(SUPERUSER).await?,
    };
    loading.set_up().await?;
    super::access::load(&loading.config, &mut loading.admin).await?;
    // What will be released comes first: its hold passes while the rest is loaded.
    let released = |batch: &Batch| RELEASED.iter().any(|decision| batch.has(decision.1, decision.2));
    let (early, late): (Vec<_>, Vec<_>) = first_turn().into_iter().partition(released);
    loading.submit(&early).await?;
    loading.decide(RELEASED).await?;
    loading.submit(&late).await?;
    loading.decide(OTHERS).await?;
    let second = second_turn();
    loading.submit(&second).await?;
    loading.recall().await?;
    super::permits::load(&loading.config, &mut loading.admin).await?;
    for (batches, turn) in [(&early, 1), (&late, 1), (&second, 2)] {
        for batch in batches {
            loading.age(batch, turn).await?;
        }
    }
    Ok(loading.admin.close().await?)
}

struct Loading<'a> {
    desk: &'a Desk,
    config: Config,
    people: HashMap<&'static str, Service>,
    admin: PgConnection,
}

impl Loading<'_> {
    /// The way in of a person.
    fn as_person(&mut self, login: &'static str) -> Result<&Service> {
        use std::collections::hash_map::Entry;
        Ok(match self.people.entry(login) {
            Entry::Occupied(there) => there.into_mut(),
            Entry::Vacant(place) => place.insert(Service::open(self.config.clone(), Some(login))?),
        })
    }

    /// People with their database roles, memberships, projects and policies.
    async fn set_up(&mut self) -> Result<()> {
        let logins = PEOPLE.iter().chain([&FIRST]).map(|person| person.login);
        for login in logins.chain(super::access::logins()) {
            self.desk.make_login(login, GROUP).await?;
        }
        sqlx::query("select exeat.bootstrap_admin($1, $2)")
            .bind(FIRST.login)
            .bind(FIRST.name)
            .execute(&mut self.admin)
            .await?;
        let admin = self.as_person(FIRST.login)?;
        for project in PROJECTS {
            let new = Command::AddProject {
                id: project.id.to_owned(),
                title: project.title.to_owned(),
                purpose: project.purpose.to_owned(),
                location: project.location(),
                shared_location: SHARED.to_owned(),
            };
            did(admin, &new).await?;
            for (destination, approvals) in project.destinations {
                let values = json!({"approvals": approvals, "largest_file": LARGEST, "hold_seconds": HOLD, "rejection_vetoes": false});
                let (project, destination) = (project.id.to_owned(), (*destination).to_owned());
                did(admin, &Command::SetPolicy { project, destination, values }).await?;
            }
        }
        for person in PEOPLE {
            let login = || person.login.to_owned();
            let mail = Some(format!("{}@example.org", person.login));
            did(admin, &Command::AddPerson { login: login(), full_name: person.name.to_owned(), mail }).await?;
            did(admin, &Command::AddLogin { role: login(), login: login() }).await?;
            for (role, project) in person.roles {
                let membership = Command::AddMembership {
                    login: login(),
                    project: project.map(str::to_owned),
                    role: (*role).to_owned(),
                    valid_from: None,
                    valid_until: None,
                };
                did(admin, &membership).await?;
            }
        }
        self.confirm().await
    }

    /// The second administrator opens the projects and their ways out.
    async fn confirm(&mut self) -> Result<()> {
        let changes: Vec<i64> =
            sqlx::query_scalar("select id from exeat.project_changes where state = 'proposed' order by id")
                .fetch_all(&mut self.admin)
                .await?;
        let policies: Vec<i64> =
            sqlx::query_scalar("select id from exeat.policies where state = 'proposed' order by id")
                .fetch_all(&mut self.admin)
                .await?;
        let second = self.as_person(PEOPLE[0].login)?;
        for change in changes {
            did(second, &Command::ConfirmProject { change }).await?;
        }
        for policy in policies {
            did(second, &Command::ConfirmPolicy { policy }).await?;
        }
        Ok(())
    }

    /// Registers what is announced, then puts everything, then lets intake bind it all in one pass.
    async fn submit(&mut self, batches: &[Batch]) -> Result<()> {
        for batch in batches {
            if let Some(login) = batch.by {
                let files: Value = batch
                    .files
                    .iter()
                    .map(|file| json!({"key": file.key, "sha256": file.sha256(), "size": file.bytes.len()}))
                    .collect();
                let (project, destination) = (batch.project.to_owned(), batch.destination.to_owned());
                let register =
                    Command::RegisterSubmission { project, destination, purpose: batch.purpose.clone(), files };
                did(self.as_person(login)?, &register).await?;
            }
        }
        let client = self.desk.loader()?;
        let puts = batches.iter().flat_map(|batch| batch.files.iter().map(move |file| (batch.project, file)));
        futures::stream::iter(puts)
            .map(|(project, file)| {
                let put = client.put_object().bucket(BUCKET).key(format!("{project}/{}", file.key));
                async move { put.body(file.bytes.clone().into()).send().await }
            })
            .buffer_unordered(PUTS)
            .try_for_each(|_| async { Ok(()) })
            .await
            .map_err(|why| {
                SampleError::Said(format!(
                    "the store refused a file ({}).",
                    aws_sdk_s3::error::DisplayErrorContext(why)
                ))
            })?;
        self.as_person(FIRST.login)?.refresh(Uuid::new_v4(), None).await?;
        Ok(())
    }

    /// The newest version at a key, with its hash.
    async fn version(&mut self, project: &str, key: &str) -> Result<(VersionId, String)> {
        let found = sqlx::query(
            "select v.id, encode(v.sha256, 'hex') from exeat.file_versions v join exeat.projects p on p.id = v.project
             where p.name = $1 and v.key = $2 and v.newest",
        )
        .bind(project)
        .bind(key.as_bytes())
        .fetch_optional(&mut self.admin)
        .await?;
        let found = found
            .ok_or_else(|| SampleError::Said(format!("intake did not find {key} of {project}; see log/worker.log.")))?;
        Ok((VersionId(found.try_get(0)?), found.try_get(1)?))
    }

    async fn decide(&mut self, decisions: &[Decision]) -> Result<()> {
        for Decision(login, project, key, what) in decisions {
            let (version, sha256) = self.version(project, key).await?;
            let vote = |kind, comment: &str| Command::CastVote {
                version,
                destination: None,
                kind,
                sha256: Some(sha256.clone()),
                comment: (!comment.is_empty()).then(|| comment.to_owned()),
                seen_row_version: None,
                coverage: None,
                signed: None,
                signature: None,
            };
            let comment = |body: &str, internal| Command::AddComment { version, body: body.to_owned(), internal };
            let command = match *what {
                What::Approve(text) => vote(VoteKind::Approve, text),
                What::Reject(text) => vote(VoteKind::Reject, text),
                What::Changes(text) => vote(VoteKind::Changes, text),
                What::Withdraw(text) => Command::Withdraw { version, destination: None, reason: Some(text.to_owned()) },
                What::Comment(text) => comment(text, false),
                What::Note(text) => comment(text, true),
                What::Claim => Command::Claim { version },
            };
            did(self.as_person(login)?, &command).await?;
        }
        Ok(())
    }

    /// Waits until the worker has released what was approved, then takes one of them back.
    async fn recall(&mut self) -> Result<()> {
        let since = Instant::now();
        while sqlx::query_scalar("select exists (select from exeat.cases where state in ('approved', 'releasing'))")
            .fetch_one(&mut self.admin)
            .await?
        {
            if since.elapsed() > RELEASES {
                return Err(SampleError::Said("the worker releases nothing; see log/worker.log.".to_owned()));
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        let (version, _) = self.version(RECALL.1, RECALL.2).await?;
        let (login, reason) = RECALL_BY;
        let recall = Command::Recall { version, destination: None, reason: Some(reason.to_owned()) };
        did(self.as_person(login)?, &recall).await?;
        Ok(())
    }

    /// Makes a batch look as old as it should: the files half a minute apart, their submission with the first of them.
    async fn age(&mut self, batch: &Batch, turn: i32) -> Result<()> {
        let keys: Vec<&[u8]> = batch.files.iter().map(|file| file.key.as_bytes()).collect();
        sqlx::query(
            "with moved as (
               update exeat.file_versions v set submitted_at = clock_timestamp() - make_interval(mins => $1) + make_interval(secs => 30 * k.n)
               from unnest($2::bytea[]) with ordinality k (key, n), exeat.projects p
               where p.name = $3 and v.project = p.id and v.key = k.key and v.number = $4
               returning v.submission)
             update exeat.submissions s set created_at = clock_timestamp() - make_interval(mins => $1)
             where s.id in (select submission from moved) and s.submitted_by is not null",
        )
        .bind(batch.minutes)
        .bind(keys)
        .bind(batch.project)
        .bind(turn)
        .execute(&mut self.admin)
        .await?;
        Ok(())
    }
}
