//! A superuser's hand in the releases and cases; what no verify finds, for only signatures end it; and mixtures.

use super::Site;
use super::kit::Found::{At, OnlySignedVotes, Row};
use super::kit::{Approve, Claim, Entry, Release, Sql, Vote, Way};
use super::kit_forged::{COUNTED, FORGED, VOTE};
use crate::rules::random::Rng;

const RELEASED_ROW: &str = "insert into exeat.releases (case_id, version, project, destination, state, worker, lease_until, record, shared_bucket, shared_key)
    select id, version, project, destination, 'done', 'w1', clock_timestamp(), '{}', 'shared', 'x' from exeat.cases where id = {case}";

const RELEASES: &[Way] = &[
    ("a release put in", &[Sql(RELEASED_ROW)], Row("with no sealed claim")),
    (
        "a case set released",
        &[Sql("update exeat.cases set state = 'released'")],
        Row("is released for trusted in the database with no sealed finish"),
    ),
    (
        "a case set releasing",
        &[Sql("update exeat.cases set state = 'releasing'")],
        Row("is releasing for trusted in the database with no sealed claim"),
    ),
    (
        "a case set recalled",
        &[Sql("update exeat.cases set state = 'recalled'")],
        Row("is recalled for trusted in the database with no sealed recall"),
    ),
    (
        "a claim finished by hand",
        &[Approve(&["checker1", "checker2"]), Claim, Sql("update exeat.releases set state = 'done'")],
        Row("with no sealed finish"),
    ),
    (
        "another record",
        &[
            Approve(&["checker1", "checker2"]),
            Release,
            Sql("update exeat.releases set record = record || '{\"purpose\": \"other\"}'"),
        ],
        Row("with another record than"),
    ),
    (
        "another place afterwards",
        &[Approve(&["checker1", "checker2"]), Release, Sql("update exeat.releases set shared_key = 'x'")],
        Row("with another place than"),
    ),
    (
        "another bucket afterwards",
        &[Approve(&["checker1", "checker2"]), Release, Sql("update exeat.releases set shared_bucket = 'mine'")],
        Row("with another place than"),
    ),
    (
        "another version afterwards",
        &[Approve(&["checker1", "checker2"]), Release, Sql("update exeat.releases set version = 99")],
        Row("with another version or destination"),
    ),
    (
        "another record key",
        &[Approve(&["checker1", "checker2"]), Release, Sql("update exeat.releases set record_key = 'x'")],
        Row("another place of its record"),
    ),
];

/// Whole histories in the name of people who could have: nothing contradicts them.
const WHOLE: &[Way] = &[
    (
        "votes entered whole, in table and journal",
        &[
            Entry(Some("checker1"), "checker1", "cast_vote", "version:{v}", VOTE, COUNTED),
            Vote("checker1", "approve"),
            // The second cast by the command itself, in a session the superuser made that person's.
            Sql(
                "set session authorization checker2; select exeat.cast_vote(gen_random_uuid(), {v}, 'trusted', 'approve', '{sha}', 'x'); reset session authorization",
            ),
            Release,
        ],
        OnlySignedVotes,
    ),
    (
        "a checker entered whole, in table and journal",
        &[
            Sql(
                "insert into exeat.memberships (id, person, project, role) overriding system value select 99, id, 1, 'checker' from exeat.people where login = 'nobody1'",
            ),
            Entry(
                Some("admin1"),
                "admin1",
                "add_membership",
                "person:nobody1",
                r#"{"login": "nobody1", "project": "heart", "role": "checker"}"#,
                r#"{"membership": 99, "valid_from": "2020-01-01T00:00:00.000000Z", "valid_until": null}"#,
            ),
            Approve(&["checker1", "nobody1"]),
            Release,
        ],
        OnlySignedVotes,
    ),
    (
        "a weaker policy entered whole, in table and journal",
        &[
            Sql(
                "update exeat.policies set state = 'replaced' where project = 1 and destination = 'trusted'; insert into exeat.policies (id, project, destination, number, approvals, largest_file, hold_seconds, rejection_vetoes, inspection_downloads, checks, state) overriding system value values (98, 1, 'trusted', 9, 1, 1000000, 0, false, false, '{}', 'active')",
            ),
            Entry(
                Some("admin1"),
                "admin1",
                "set_policy",
                "project:heart",
                r#"{"project": "heart", "destination": "trusted"}"#,
                r#"{"policy": 98, "proposed": true, "values": {"approvals": 1, "largest_file": 1000000, "hold_seconds": 0, "rejection_vetoes": false, "inspection_downloads": false}}"#,
            ),
            Entry(
                Some("admin2"),
                "admin2",
                "confirm_policy",
                "project:heart",
                r#"{"policy": 98}"#,
                r#"{"policy": 98}"#,
            ),
            Approve(&["checker1"]),
            Release,
        ],
        OnlySignedVotes,
    ),
];

#[tokio::test]
async fn releases_put_into_the_tables_are_found() {
    Site::try_all(RELEASES).await;
}

#[tokio::test]
async fn what_only_signed_votes_end() {
    Site::try_all(WHOLE).await;
}

/// Two or three ways at once, without an honest step between them: one may hide another, never all of them.
#[tokio::test]
async fn fifty_mixtures_are_found() {
    let seed = std::env::var("EXEAT_SEED")
        .ok()
        .and_then(|seed| seed.parse().ok())
        .unwrap_or(uuid::Uuid::new_v4().as_u64_pair().0);
    println!("EXEAT_SEED={seed}");
    let mut rng = Rng(seed | 1);
    let by_hand = |way: &&Way| way.1.iter().all(|step| matches!(step, Sql(_) | Entry(..)));
    let ways: Vec<&Way> = RELEASES.iter().chain(FORGED).filter(by_hand).collect();
    assert!(ways.len() > 20);
    for n in 0..50 {
        let mut site = Site::new().await;
        let version = site.submit("a.csv").await;
        let mut names = Vec::new();
        for _ in 0..=1 + rng.below(2) {
            let way = ways[rng.below(ways.len())];
            if names.contains(&way.0) {
                continue;
            }
            names.push(way.0);
            for step in way.1 {
                site.step(version, *step).await.unwrap();
            }
        }
        let bad = site.verify().await.expect_err(&format!("seed {seed}, number {n}: {names:?}"));
        let words = |way: &Way| match way.2 {
            At(_, words) | Row(words) => words,
            OnlySignedVotes => "",
        };
        let told: Vec<&str> = [&bad].into_iter().chain(&bad.more).map(|bad| bad.sentence.as_str()).collect();
        let named = ways
            .iter()
            .filter(|way| names.contains(&way.0))
            .any(|way| told.iter().any(|told| told.contains(words(way))));
        assert!(named, "seed {seed}, number {n}: {names:?} {told:?}");
    }
}
