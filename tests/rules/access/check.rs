//! "Has this person access now, until when, and if not, why not" against an independent model of intervals.

use std::collections::BTreeSet;

use chrono::{DateTime, SubsecRound as _, TimeDelta, Utc};
use serde_json::Value;
use sqlx::PgConnection;

use super::{day, site};
use crate::rules::random::Rng;
use crate::support::pg::{call, done, one};

/// What a grant is to the model: an interval with both ends in it, cut at its revocation.
#[derive(Clone, Debug)]
struct Interval {
    id: String,
    from: DateTime<Utc>,
    until: DateTime<Utc>,
    revoked: Option<DateTime<Utc>>,
}

impl Interval {
    fn valid(&self, at: DateTime<Utc>) -> bool {
        self.from <= at && at <= self.until && self.revoked.is_none_or(|revoked| at < revoked)
    }
}

/// Which grants give access at a moment, and until when the longest of them lasts.
fn expected(grants: &[Interval], at: DateTime<Utc>) -> (Option<DateTime<Utc>>, BTreeSet<String>) {
    let valid: Vec<&Interval> = grants.iter().filter(|grant| grant.valid(at)).collect();
    (valid.iter().map(|grant| grant.until).max(), valid.iter().map(|grant| grant.id.clone()).collect())
}

/// What the database says; the code is there exactly when there is no access.
async fn said(
    reader: &mut PgConnection,
    dataset: &str,
    at: DateTime<Utc>,
) -> (Option<DateTime<Utc>>, BTreeSet<String>, Option<String>) {
    let sql = format!(
        "select jsonb_build_object('access', access, 'until', until, 'code', code, 'grants', grants)
         from exeat.access_check('researcher1', '{dataset}', '{}')",
        at.to_rfc3339()
    );
    let row: Value = one(reader, &sql).await;
    let until: Option<DateTime<Utc>> = serde_json::from_value(row["until"].clone()).unwrap();
    assert_eq!(row["access"], until.is_some(), "{row}");
    let grants = row["grants"].as_array().unwrap().iter().map(ToString::to_string).collect();
    (until, grants, row["code"].as_str().map(str::to_owned))
}

async fn moment(connection: &mut PgConnection, sql: &str) -> DateTime<Utc> {
    one(connection, sql).await
}

/// Adds a grant, and moves its beginning into the past where it should lie there, which no command can.
async fn add(
    steward: &mut PgConnection,
    owner: &mut PgConnection,
    dataset: &str,
    from: DateTime<Utc>,
    until: DateTime<Utc>,
) -> Interval {
    let data = done(steward, "add_grant", &["researcher1", dataset, "null", &day(3_000)]).await;
    let id = data["grant"].as_str().unwrap().to_owned();
    let sql = format!(
        "update exeat.grants set valid_from = '{}', valid_until = '{}' where id = {id} returning 1",
        from.to_rfc3339(),
        until.to_rfc3339()
    );
    let _: i32 = one(owner, &sql).await;
    Interval { id, from, until, revoked: None }
}

#[tokio::test]
async fn the_answer_is_the_interval_models() {
    let database = site().await;
    let mut steward = database.connect("steward1").await;
    let mut owner = database.owner().await;
    let seed = std::env::var("EXEAT_SEED")
        .ok()
        .and_then(|seed| seed.parse().ok())
        .unwrap_or_else(|| u64::try_from(uuid::Uuid::new_v4().as_u128() >> 64).unwrap());
    println!("EXEAT_SEED={seed} replays it");
    let mut random = Rng(seed);
    let hours = |random: &mut Rng, from: i64, to: i64| {
        TimeDelta::hours(from + i64::try_from(random.below(usize::try_from(to - from).unwrap())).unwrap())
    };
    let now = Utc::now().trunc_subsecs(3);
    for dataset in ["AB001", "AB002", "AB003"] {
        let mut grants: Vec<Interval> = Vec::new();
        for step in 0..60 {
            match random.below(10) {
                0..=4 => {
                    let from = now + hours(&mut random, -40, 40);
                    let until = from + hours(&mut random, 1, 60);
                    grants.push(add(&mut steward, &mut owner, dataset, from, until).await);
                }
                5..=6 if !grants.is_empty() => {
                    let at = random.below(grants.len());
                    let until = now + hours(&mut random, -20, 60);
                    let arguments = [grants[at].id.clone(), until.to_rfc3339(), "because".to_owned()];
                    let answer = call(&mut steward, "amend_grant", &arguments.each_ref().map(String::as_str)).await;
                    let may = grants[at].revoked.is_none()
                        && grants[at].until > now
                        && until > now
                        && until > grants[at].from
                        && until != grants[at].until;
                    assert_eq!(answer.ok, may, "{:?} to {until}: {answer:?}", grants[at]);
                    if answer.ok {
                        grants[at].until = until;
                    }
                }
                7 if !grants.is_empty() => {
                    let at = random.below(grants.len());
                    let id = grants[at].id.clone();
                    let answer = call(&mut steward, "revoke_grant", &[&id, "ended", "because"]).await;
                    assert_eq!(
                        answer.ok,
                        grants[at].revoked.is_none() && grants[at].until > now,
                        "{:?}: {answer:?}",
                        grants[at]
                    );
                    if answer.ok {
                        let revoked =
                            moment(&mut owner, &format!("select revoked_at from exeat.grants where id = {id}")).await;
                        grants[at].revoked = Some(revoked);
                        // What the revoker is told is what a check at that moment says.
                        let (until, ids) = expected(&grants, revoked);
                        let remaining = &answer.data()["remaining"];
                        assert_eq!(remaining["access"], until.is_some(), "seed {seed}, step {step}: {remaining}");
                        let told: BTreeSet<String> = remaining["grants"]
                            .as_array()
                            .unwrap()
                            .iter()
                            .map(|id| id.as_str().unwrap().to_owned())
                            .collect();
                        assert_eq!(told, ids);
                        let told: Option<DateTime<Utc>> = serde_json::from_value(remaining["until"].clone()).unwrap();
                        assert_eq!(told, until);
                    }
                }
                _ => {}
            }
            // Any moment, and every edge with its neighbours.
            let mut moments = vec![Utc::now().trunc_subsecs(6), now + hours(&mut random, -70, 100)];
            if !grants.is_empty() {
                let grant = &grants[random.below(grants.len())];
                for edge in [Some(grant.from), Some(grant.until), grant.revoked].into_iter().flatten() {
                    moments.extend([-1, 0, 1].map(|by| edge + TimeDelta::microseconds(by)));
                }
            }
            for at in moments {
                let (until, ids) = expected(&grants, at);
                let (said_until, said_ids, code) = said(&mut steward, dataset, at).await;
                assert_eq!(
                    (said_until, said_ids),
                    (until, ids),
                    "seed {seed}, step {step}, {dataset} at {at}: {grants:?}"
                );
                assert_eq!(code.is_none(), until.is_some());
                match code.as_deref() {
                    None => {}
                    Some("no_grant") => assert!(grants.is_empty()),
                    Some("upcoming") => assert!(grants.iter().any(|grant| at < grant.from)),
                    Some("revoked") => {
                        assert!(grants.iter().any(|grant| grant.revoked.is_some_and(|revoked| revoked <= at)));
                    }
                    Some("expired") => assert!(
                        grants.iter().all(|grant| at > grant.until && grant.revoked.is_none_or(|revoked| at < revoked))
                    ),
                    Some(other) => panic!("{other}"),
                }
            }
        }
    }
}

#[tokio::test]
async fn with_a_thousand_overlapping_grants_check_and_list_agree_after_each_revoke() {
    let database = site().await;
    let mut steward = database.connect("steward1").await;
    let mut owner = database.owner().await;
    let first = done(&mut steward, "add_grant", &["researcher1", "AB001", "null", &day(1_500)]).await;
    let first: i64 = first["grant"].as_str().unwrap().parse().unwrap();
    let sql = format!(
        "with made as (insert into exeat.grants (person, dataset, valid_from, valid_until, created_by)
            select g.person, g.dataset, g.valid_from - n * interval '1 hour', g.valid_until + ((n * 7919) % 1000) * interval '1 hour', g.created_by
            from exeat.grants g, generate_series(1, 999) n where g.id = {first} returning 1) select count(*) from made"
    );
    assert_eq!(one::<i64>(&mut owner, &sql).await, 999);
    let active = "select coalesce(array_agg(id order by id), '{}') from exeat.read('grant', 'page', '{\"filter\": {\"state\": [\"active\"], \"by\": [\"researcher1\"], \"dataset\": [\"AB001\"]}, \"page\": 1000}')";
    let checked = "select coalesce((select array_agg(g order by g) from unnest(c.grants) g), '{}') from exeat.access_check('researcher1', 'AB001') c";
    let mut left: Vec<i64> = one(&mut steward, active).await;
    assert_eq!(left.len(), 1000);
    let mut random = Rng(20);
    while !left.is_empty() {
        let id = left.swap_remove(random.below(left.len()));
        // All of them would say no more than one in forty and the last ten do.
        if !left.len().is_multiple_of(40) && left.len() > 10 {
            let sql = format!(
                "update exeat.grants set revoked_at = now(), revoked_by = created_by, revoke_class = 'ended' where id = {id} returning 1"
            );
            let _: i32 = one(&mut owner, &sql).await;
            continue;
        }
        let answer = call(&mut steward, "revoke_grant", &[&id.to_string(), "ended", "One less"]).await;
        let remaining = &answer.data()["remaining"];
        let mut told: Vec<i64> =
            remaining["grants"].as_array().unwrap().iter().map(|id| id.as_str().unwrap().parse().unwrap()).collect();
        told.sort_unstable();
        let mut wanted = left.clone();
        wanted.sort_unstable();
        assert_eq!(told, wanted);
        assert_eq!(one::<Vec<i64>>(&mut steward, active).await, wanted);
        assert_eq!(one::<Vec<i64>>(&mut steward, checked).await, wanted);
        assert_eq!(remaining["access"], !left.is_empty());
    }
    let why: Option<String> = one(&mut steward, "select (exeat.access_check('researcher1', 'AB001')).code").await;
    assert_eq!(why.as_deref(), Some("revoked"));
}
