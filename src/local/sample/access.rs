//! The sample's access requests and grants, through everybody's own commands. Called by [`super::load`].
//!
//! As with files, one thing no command does: they were all made a second ago. The last step moves requests and grants into
//! the past, so that some are overdue, expired, or about to end. The journal is left alone and tells the truth.

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::Value;
use sqlx::postgres::PgConnection;

use super::access_data::{PEOPLE, REQUESTERS, accession, dataset, datasets, people, text};
use super::command::{Result, SampleError, did};
use crate::config::Config;
use crate::domain::access::{GrantId, RequestId, RevokeClass};
use crate::domain::command::{Command, RequestChanges};
use crate::service::{ListOf, Service};

/// How many requests.
const REQUESTS: usize = 64;
/// How many grants by hand, besides those of allowed requests.
const BY_HAND: usize = 64;
/// How many of the people who ask sign in.
const LOGINS: usize = 4;

/// What is moved into the past: ids, and days from now for each moment.
#[derive(Default)]
struct Past {
    ids: Vec<i64>,
    created: Vec<i32>,
    from: Vec<i32>,
    until: Vec<i32>,
    ended: Vec<i32>,
}

impl Past {
    fn push(&mut self, id: i64, created: i32, from: i32, until: i32, ended: i32) {
        self.ids.push(id);
        self.created.push(created);
        self.from.push(from);
        self.until.push(until);
        self.ended.push(ended);
    }
}

/// The people who sign in besides the sample's own, for the loader to make their database roles.
pub(super) fn logins() -> impl Iterator<Item = &'static str> {
    PEOPLE[..LOGINS].iter().map(|(login, ..)| *login)
}

/// Loads all of it.
pub async fn load(config: &Config, owner: &mut PgConnection) -> Result<()> {
    let open = |login: &str| Service::open(config.clone(), Some(login));
    let admin = open("admin1")?;
    did(&admin, &ListOf::Datasets.sync(datasets(false), false, false)).await?;
    did(&admin, &ListOf::People.sync(people(), false, false)).await?;
    for login in logins() {
        did(&admin, &Command::AddLogin { role: login.to_owned(), login: login.to_owned() }).await?;
    }
    for (login, kind, verified) in
        [("researcher1", "in_person", true), ("researcher1", "phone", false), ("researcher3", "postal_address", true)]
    {
        let (login, kind) = (login.to_owned(), kind.to_owned());
        did(&admin, &Command::SetIva { login, kind, verified, iva: None }).await?;
    }
    let stewards = [open("steward1")?, open("steward2")?];
    let requesters = REQUESTERS.iter().map(|login| open(login)).collect::<std::result::Result<Vec<_>, _>>()?;
    let mut past = Past::default();
    let mut grants = Past::default();
    for n in 0..REQUESTS {
        let id = ask(&requesters[n % requesters.len()], n).await?;
        decide(&stewards, n, id, &mut past, &mut grants).await?;
    }
    // Whoever asked for this one still waits, and nobody can allow it any more.
    did(&admin, &ListOf::Datasets.sync(datasets(true), false, false)).await?;
    for n in 0..BY_HAND {
        give(&stewards[n % 2], n, &mut grants).await?;
    }
    age(owner, &past, &grants).await
}

async fn ask(requester: &Service, n: usize) -> Result<RequestId> {
    let start = n.is_multiple_of(5).then(|| Utc::now() + TimeDelta::days(30 + 2 * days(n)));
    let new = Command::NewRequest {
        dataset: accession(dataset(n)),
        text: text(n),
        starts: start,
        ends: n.is_multiple_of(3).then(|| Utc::now() + TimeDelta::days(300 + 5 * days(n))),
        email: n.is_multiple_of(4).then(|| format!("group{n}@lab.example.org")),
        iva: None,
    };
    let data = did(requester, &new).await?;
    id_of(&data, "request").map(RequestId)
}

/// What stewards do with the n-th request: half of them wait, some noted, claimed or commented.
async fn decide(
    stewards: &[Service; 2],
    n: usize,
    request: RequestId,
    past: &mut Past,
    grants: &mut Past,
) -> Result<()> {
    // The second steward is a requester too, and never decides their own.
    let steward = &stewards[if REQUESTERS[n % REQUESTERS.len()] == "steward2" { 0 } else { n % 2 }];
    let ago = i32::try_from(n * 5 % 41).unwrap_or(0);
    let changes = match n % 9 {
        2 => RequestChanges {
            internal_note: Some("The committee meets on Thursday; ask them for the vote.".to_owned()),
            ..Default::default()
        },
        4 => RequestChanges { ticket_id: Some(format!("TRE-{}", 4_100 + n)), ..Default::default() },
        6 => RequestChanges {
            note_to_requester: Some("Please send us the ethics vote.".to_owned()),
            ..Default::default()
        },
        _ => RequestChanges::default(),
    };
    if changes != RequestChanges::default() {
        did(steward, &Command::EditRequest { request, changes, seen_row_version: None }).await?;
    }
    if n % 11 == 3 {
        let body = "Compare with their request of last year.".to_owned();
        did(steward, &Command::CommentRequest { request, body }).await?;
    }
    let decided = match n % 8 {
        _ if n < 12 => false,
        4 | 5 | 7 => {
            let note = n.is_multiple_of(2).then(|| "Welcome. Outputs leave through egress only.".to_owned());
            let (starts, ends, iva, seen_row_version) = (None, None, None, None);
            let allow = Command::AllowRequest { request, starts, ends, iva, note, seen_row_version };
            let grant = id_of(&did(steward, &allow).await?, "grant")?;
            if n % 8 == 7 {
                revoke(steward, grant, n, "Told by the project's leader.").await?;
            }
            let until = if n % 16 == 4 { -3 } else { 20 * i32::try_from(n).unwrap_or(0) };
            grants.push(grant, -ago - 60, -ago - 60, until, -1 - ago / 2);
            true
        }
        6 => {
            let reason = "The consent of this dataset does not cover the purpose.".to_owned();
            did(steward, &Command::DenyRequest { request, reason, seen_row_version: None }).await?;
            true
        }
        _ => false,
    };
    if !decided && n % 13 == 10 {
        did(steward, &Command::ClaimRequest { request }).await?;
    }
    // One that waits has an end that passed meanwhile.
    let until = if n == 7 { -1 } else { 0 };
    past.push(request.0, if decided { -ago - 62 } else { -ago }, 0, until, if decided { -ago - 60 } else { 0 });
    Ok(())
}

/// A grant by hand, in one of the states a steward meets. The first eight overlap, of one person on one dataset.
async fn give(steward: &Service, n: usize, grants: &mut Past) -> Result<()> {
    let (login, of) = if n < 8 { ("researcher1", 0) } else { (PEOPLE[n % PEOPLE.len()].0, n * 5 % 24) };
    let upcoming = n % 8 == 3;
    let from = upcoming.then(|| Utc::now() + TimeDelta::days(10 + days(n)));
    let add = Command::AddGrant {
        login: login.to_owned(),
        dataset: accession(of),
        from,
        until: Utc::now() + TimeDelta::days(400),
        iva: None,
    };
    let grant = id_of(&did(steward, &add).await?, "grant")?;
    if n % 8 == 5 {
        let until = Utc::now() + TimeDelta::days(250);
        let reason = "The project was extended.".to_owned();
        did(steward, &Command::AmendGrant { grant: GrantId(grant), until, reason, seen_row_version: None }).await?;
    }
    if n % 8 == 7 {
        revoke(steward, grant, n, "The analysis is done.").await?;
    }
    let n = i32::try_from(n).unwrap_or(0);
    let until = match n % 8 {
        0 => 5,       // ends within a week
        1 => 25,      // a month
        2 => 80,      // a quarter
        4 => -10 - n, // is over
        6 => 700,     // goes on
        _ => 200 + 2 * n,
    };
    let begun = if upcoming { 10 + n } else { -100 - 4 * n };
    grants.push(grant, -100 - 4 * n, begun, until.max(begun + 1), -2 - n / 4);
    Ok(())
}

async fn revoke(steward: &Service, grant: i64, n: usize, reason: &str) -> Result<()> {
    let (grant, class, reason) = (GrantId(grant), RevokeClass::ALL[n / 8 % 3], reason.to_owned());
    did(steward, &Command::RevokeGrant { grant, class, reason, seen_row_version: None }).await.map(drop)
}

/// Moves it all to where it should lie.
async fn age(owner: &mut PgConnection, past: &Past, grants: &Past) -> Result<()> {
    let now: DateTime<Utc> = Utc::now();
    sqlx::query(
        "update exeat.access_requests r set created_at = $6 + make_interval(days => x.created),
            access_ends = case when x.until < 0 then $6 + make_interval(days => x.until) else access_ends end,
            access_starts = case when x.until < 0 or (x.ended < 0 and access_starts < $6) then $6 + make_interval(days => x.created) else access_starts end,
            status_changed = case when status_changed is not null then $6 + make_interval(days => x.ended) end
         from unnest($1::bigint[], $2::int[], $3::int[], $4::int[], $5::int[]) x (id, created, begun, until, ended) where r.id = x.id",
    )
    .bind(&past.ids)
    .bind(&past.created)
    .bind(&past.from)
    .bind(&past.until)
    .bind(&past.ended)
    .bind(now)
    .execute(&mut *owner)
    .await?;
    sqlx::query(
        "update exeat.grants g set created_at = $6 + make_interval(days => x.created), valid_from = $6 + make_interval(days => x.begun),
            valid_until = $6 + make_interval(days => x.until),
            revoked_at = case when revoked_at is not null then $6 + make_interval(days => x.ended) end
         from unnest($1::bigint[], $2::int[], $3::int[], $4::int[], $5::int[]) x (id, created, begun, until, ended) where g.id = x.id",
    )
    .bind(&grants.ids)
    .bind(&grants.created)
    .bind(&grants.from)
    .bind(&grants.until)
    .bind(&grants.ended)
    .bind(now)
    .execute(&mut *owner)
    .await?;
    Ok(())
}

fn days(n: usize) -> i64 {
    i64::try_from(n).unwrap_or(0)
}

fn id_of(data: &Value, what: &str) -> Result<i64> {
    let id = data[what].as_str().and_then(|id| id.parse().ok());
    id.ok_or_else(|| SampleError::Said(format!("a command did not name its {what}.")))
}
