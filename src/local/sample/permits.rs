//! The sample's data permits, through everybody's own commands: every status, each kind of waiting, a rework, a pause by each
//! cause, a revocation that waits for its second person, a failed workspace, hostile texts. Called by [`super::load`].
//!
//! As with files, the last step moves them into the past, so that some wait for long. The journal tells the truth.

use std::collections::HashMap;

use chrono::{TimeDelta, Utc};
use serde_json::{Value, json};
use sqlx::postgres::PgConnection;

use super::access_data::accession;
use super::command::{Result, SampleError, did};
use crate::config::Config;
use crate::domain::access::{GrantId, RevokeClass};
use crate::domain::command::Command;
use crate::domain::permit::{Move, PermitId};
use crate::service::Service;

/// The way to an active analysis: who makes which step.
const WAY: &[(&str, Move)] = &[
    ("manager1", Move::InitiateIngress),
    ("holder1", Move::ConfirmUpload),
    ("holder2", Move::ConfirmUpload),
    ("preparator1", Move::SubmitPreparation),
    ("datareviewer1", Move::ApprovePreparation),
    ("researcher1", Move::SubmitSetup),
    ("setupreviewer1", Move::ApproveSetup),
];

/// Who is on every permit, but for the hands that one lacks.
const TEAM: &[(&str, &str)] = &[
    ("investigator", "researcher1"),
    ("member", "researcher2"),
    ("preparator", "preparator1"),
    ("data_reviewer", "datareviewer1"),
    ("data_reviewer", "preparator1"),
    ("setup_engineer", "engineer1"),
    ("setup_reviewer", "setupreviewer1"),
    ("egress_reviewer", "checker1"),
    ("data_holder", "holder1"),
    ("data_holder", "holder2"),
];

/// What is done with a permit behind the steps of [`WAY`].
enum Then {
    Nothing,
    Move(&'static str, Move, &'static str),
    /// Two persons, one after the other.
    Both(Move, [&'static str; 2], &'static str),
    Output(&'static str, &'static str),
    Report(&'static str, i64, &'static str, &'static str),
    /// Its grant is revoked; the worker pauses it.
    NoGrant,
    /// It ended; the worker pauses it.
    Ended,
}

/// A permit: title, project, steps of the way, what then, days since its last step.
struct Sample(&'static str, &'static str, usize, Then, i32);

const HOSTILE: &str = "Registry linkage\u{1b}[2J\u{1b}[H \u{202e}DEVORPPA\u{202c} step 8 of 8\u{200b}";

const PERMITS: &[Sample] = &[
    Sample("Readmission after heart failure, by ward and season", "heart", 0, Then::Nothing, 1),
    Sample("Spirometry in primary care, ten years", "lungs", 0, Then::Nothing, 9),
    Sample("Genotypes and dose of anticoagulants", "heart", 1, Then::Nothing, 2),
    Sample("Inhaler technique and exacerbations", "lungs", 2, Then::Nothing, 12),
    Sample("Echocardiography with outcomes, external validation", "heart", 3, Then::Nothing, 3),
    Sample("Heart failure in primary care", "heart", 4, Then::Nothing, 1),
    Sample(
        "Cardiomyopathy trios, rare variants",
        "heart",
        4,
        Then::Move(
            "datareviewer1",
            Move::ReworkPreparation,
            "Postcodes are still in the file of visits. Please take the column out.",
        ),
        2,
    ),
    Sample("Atrial fibrillation, polygenic scores", "heart", 5, Then::Nothing, 4),
    Sample("Asthma in childhood, methylation over time", "lungs", 6, Then::Nothing, 6),
    Sample(
        "COPD metabolome, replication",
        "lungs",
        6,
        Then::Move(
            "setupreviewer1",
            Move::ReworkSetup,
            "The image has a mail client. Please remove it and submit again.",
        ),
        1,
    ),
    Sample(
        "Congenital heart disease, imaging and genotype",
        "heart",
        7,
        Then::Output("figures", "Figures of the first manuscript"),
        20,
    ),
    Sample(
        "Never smokers with lung cancer, long reads",
        "lungs",
        7,
        Then::Report("workspace", 3, "failed", "no node with 96 GB free; tried 4 times"),
        0,
    ),
    Sample("Ventricle atlas, single nuclei", "heart", 7, Then::Report("workspace", 3, "running", ""), 40),
    Sample(
        "Linkage of deaths and prescriptions",
        "heart",
        7,
        Then::Move("manager1", Move::Revoke, "The data holder reports that the linkage key was copied."),
        2,
    ),
    Sample(
        "Lung adenocarcinoma, tumour and normal pairs",
        "lungs",
        7,
        Then::Move("manager1", Move::Pause, "The ethics vote is renewed until the end of the month."),
        5,
    ),
    Sample("Newborn screening, pilot", "heart", 7, Then::NoGrant, 1),
    Sample("Winter pressure on wards, 2024", "heart", 7, Then::Ended, 3),
    Sample("Pulmonary fibrosis, single cells", "lungs", 7, Then::Move("manager1", Move::Archive, ""), 60),
    Sample(
        "Home oxygen and readmission",
        "lungs",
        5,
        Then::Both(Move::Revoke, ["manager1", "manager2"], "The consent does not cover the purpose."),
        30,
    ),
    Sample(HOSTILE, "heart", 6, Then::Nothing, 7),
];

struct Loading<'a> {
    config: &'a Config,
    people: HashMap<&'static str, Service>,
}

/// Loads all of it.
pub async fn load(config: &Config, owner: &mut PgConnection) -> Result<()> {
    let mut loading = Loading { config, people: HashMap::new() };
    for (n, sample) in PERMITS.iter().enumerate() {
        let permit = loading.issue(n, sample).await?;
        for (login, what) in &WAY[..sample.2] {
            loading.step(permit, login, *what, "").await?;
        }
        age(owner, permit, sample.4).await?;
        loading.then(owner, n, permit, &sample.3).await?;
    }
    Ok(())
}

impl Loading<'_> {
    async fn carry_out(&mut self, login: &'static str, command: &Command) -> Result<Value> {
        if !self.people.contains_key(login) {
            self.people.insert(login, Service::open(self.config.clone(), Some(login))?);
        }
        did(&self.people[login], command).await
    }

    /// Issues the n-th one, on a grant of its own given for it.
    async fn issue(&mut self, n: usize, Sample(title, project, ..): &Sample) -> Result<PermitId> {
        let until = Utc::now() + TimeDelta::days(20 + 40 * i64::try_from(n).unwrap_or(0));
        let dataset = accession(n % 7);
        let add = Command::AddGrant {
            login: "researcher1".to_owned(),
            dataset: dataset.clone(),
            from: None,
            until,
            iva: None,
        };
        let grant = self.carry_out("steward1", &add).await?;
        // The second one waits for a data holder to be named.
        let team = TEAM.iter().filter(|(role, _)| n != 1 || *role != "data_holder");
        let purpose = if *title == HOSTILE {
            HOSTILE.repeat(3)
        } else {
            format!("{title}: tables and figures for one paper; nothing leaves but through egress.")
        };
        let issue = Command::IssuePermit {
            project: (*project).to_owned(),
            title: Some((*title).to_owned()),
            purpose: Some(purpose),
            request: None,
            datasets: json!([dataset]),
            grants: json!([grant["grant"]]),
            team: team.map(|(role, login)| json!({"role": role, "login": login})).collect(),
            from: None,
            until: Some(until),
            reference: None,
        };
        let made = self.carry_out("manager1", &issue).await?;
        let id = made["permit"].as_str().and_then(|id| id.parse().ok());
        id.ok_or_else(|| SampleError::Said("a command did not name its permit.".to_owned()))
    }

    async fn step(&mut self, permit: PermitId, login: &'static str, what: Move, reason: &str) -> Result<()> {
        let reason = (!reason.is_empty()).then(|| reason.to_owned());
        let command = Command::MovePermit { permit, what, reason, seen_row_version: None };
        self.carry_out(login, &command).await.map(drop)
    }

    async fn then(&mut self, owner: &mut PgConnection, n: usize, permit: PermitId, then: &Then) -> Result<()> {
        match *then {
            Then::Nothing => {}
            Then::Move(login, what, reason) => self.step(permit, login, what, reason).await?,
            Then::Both(what, [first, second], reason) => {
                self.step(permit, first, what, reason).await?;
                self.step(permit, second, what, "").await?;
            }
            Then::Output(folder, description) => {
                let (folder, description) = (folder.to_owned(), description.to_owned());
                let submit = Command::SubmitOutput { permit, folder, description, output: None };
                self.carry_out("researcher1", &submit).await?;
            }
            Then::Report(kind, generation, state, detail) => {
                let (kind, state, detail) = (kind.to_owned(), state.to_owned(), Some(detail.to_owned()));
                let report = Command::ReportWorkspace { permit, kind, generation, state, detail };
                self.carry_out("engineer1", &report).await?;
            }
            Then::NoGrant => {
                let rests = "select min(grant_id) from exeat.permit_grants where permit = $1";
                let grant: i64 = sqlx::query_scalar(rests).bind(permit.0).fetch_one(&mut *owner).await?;
                let (grant, class) = (GrantId(grant), RevokeClass::Ended);
                let reason = format!("The consent of dataset {} was withdrawn.", accession(n % 7));
                let revoke = Command::RevokeGrant { grant, class, reason, seen_row_version: None };
                self.carry_out("steward1", &revoke).await?;
            }
            Then::Ended => {
                let end = "update exeat.permits set valid_from = clock_timestamp() - interval '400 days',
                    valid_until = clock_timestamp() - interval '1 minute' where id = $1";
                sqlx::query(end).bind(permit.0).execute(&mut *owner).await?;
            }
        }
        Ok(())
    }
}

/// Makes a permit look as old as it should: its last step so many days ago, those before it a day apart.
async fn age(owner: &mut PgConnection, permit: PermitId, days: i32) -> Result<()> {
    sqlx::query(
        "with moved as (
           update exeat.permit_states s set at = clock_timestamp() - make_interval(days => $2 + x.n::int - 1, hours => 3 * x.n::int)
           from (select id, row_number() over (order by id desc) as n from exeat.permit_states where permit = $1) x where x.id = s.id
           returning s.at)
         update exeat.permits p set status_since = (select max(at) from moved), created_at = (select min(at) from moved),
           valid_from = (select min(at) from moved) where p.id = $1",
    )
    .bind(permit.0)
    .bind(days)
    .execute(&mut *owner)
    .await?;
    Ok(())
}
