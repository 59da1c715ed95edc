//! What who can write every table can do where votes have to be signed: each way ends before the first byte.

use exeat::worker::release::Progress;
use sqlx::AssertSqlSafe;
use uuid::Uuid;

use super::release::{approve, site};
use crate::support::s3::local;
use crate::support::ssh::Key;
use crate::worker::site::Site;

async fn root(site: &Site, sql: &str) {
    sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut site.database.owner().await).await.unwrap();
}

/// Everything the database asks of a release, so that it is claimed: votes that were found good, a case that waits for nothing.
async fn pressed(site: &Site, version: i64) {
    root(
        site,
        &format!(
            "update exeat.vote_signatures set checked_at = clock_timestamp(), good = true, trust = 'allowed_signers', why = null;
             update exeat.cases set state = 'approved', approved_at = clock_timestamp(), held_until = clock_timestamp() where version = {version}"
        ),
    )
    .await;
}

/// How a release ends whose claim somebody pressed through.
async fn ends(site: &Site, version: i64) -> String {
    pressed(site, version).await;
    match site.carried().await {
        None => "not claimed".into(),
        Some(Ok(Progress::Stopped(why))) => why,
        Some(Ok(other)) => format!("{other:?}"),
        Some(Err(unproved)) => unproved.to_string(),
    }
}

/// Two votes put into the table, with whatever was signed.
async fn forged(site: &Site, version: i64, signed: &[(&str, &Key, Option<&Key>)]) {
    for (login, key, by) in signed {
        let command = Uuid::new_v4();
        let text = super::line(&mut site.database.owner().await, login, command, version, "a,10\n").await;
        let signature = by.map_or_else(String::new, |by| by.sign(&text));
        root(
            site,
            &format!(
                "with v as (insert into exeat.votes (case_id, version, project, voter, kind, comment, sha256, policy)
                   select c.id, c.version, c.project, p.id, 'approve', 'I looked', f.sha256, o.id from exeat.cases c join exeat.file_versions f on f.id = c.version
                   join exeat.people p on p.login = '{login}' join exeat.policies o on o.project = c.project and o.destination = c.destination and o.state = 'active'
                   where c.version = {version} returning id, voter)
                 insert into exeat.vote_signatures (vote, person, command_id, key, signed, signature)
                 select v.id, v.voter, '{command}', k.id, '{text}', '{signature}' from v join exeat.signing_keys k on k.public_key = '{}'",
                key.public()
            ),
        )
        .await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn votes_and_verdicts_put_into_the_tables_release_nothing() {
    let (site, keys) = site(local(), &[0, 1]).await;
    let own = Key::new("ed25519");
    let (first, second) = (&keys[0], &keys[1]);
    for (n, (why, votes)) in [
        ("no signature", vec![("checker1", first, None), ("checker2", second, None)]),
        ("by another key", vec![("checker1", first, Some(&own)), ("checker2", second, Some(&own))]),
        ("one good one", vec![("checker1", first, Some(first)), ("checker2", second, Some(first))]),
        ("crossed", vec![("checker1", first, Some(second)), ("checker2", second, Some(first))]),
    ]
    .into_iter()
    .enumerate()
    {
        let version = site.submit(&format!("{n}.csv"), "a,10\n").await;
        forged(&site, version, &votes).await;
        let end = ends(&site, version).await;
        assert!(end.contains("of the 2 approvals it needs are signed"), "{why}: {end}");
        assert_eq!(site.state(version).await, "recalled", "{why}");
        site.assert_shared(&[]).await;
    }
}

/// A key of one's own in place of a checker's, in every table: the file outside says whose keys sign.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_key_put_into_the_database_signs_nothing() {
    let (site, _) = site(local(), &[0, 1]).await;
    let own = [Key::new("ed25519"), Key::new("ed25519")];
    for (n, key) in own.iter().enumerate() {
        root(
            &site,
            &format!(
                "update exeat.signing_keys set public_key = '{}', fingerprint = '{}' where person = (select id from exeat.people where login = 'checker{}')",
                key.public(), key.fingerprint(), n + 1
            ),
        )
        .await;
    }
    let version = site.submit("a.csv", "a,10\n").await;
    forged(&site, version, &[("checker1", &own[0], Some(&own[0])), ("checker2", &own[1], Some(&own[1]))]).await;
    let end = ends(&site, version).await;
    assert!(end.starts_with("0 of the 2 approvals"), "{end}");
    site.assert_shared(&[]).await;
}

/// Good signatures of other votes, moved to where they do not belong.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn good_signatures_of_other_votes_release_nothing() {
    let (site, keys) = site(local(), &[0, 1]).await;
    let (good, wanted) = (site.submit("a.csv", "a,10\n").await, site.submit("b.csv", "b,10\n").await);
    for (n, key) in keys.iter().enumerate() {
        approve(&site, &format!("checker{}", n + 1), key, good, "a,10\n").await;
    }
    root(
        &site,
        &format!(
            "update exeat.votes set version = {wanted}, case_id = (select id from exeat.cases where version = {wanted}),
               sha256 = (select sha256 from exeat.file_versions where id = {wanted}) where version = {good}"
        ),
    )
    .await;
    let end = ends(&site, wanted).await;
    assert!(end.starts_with("0 of the 2 approvals"), "{end}");
    // Nor does one person's vote count for two, nor one policy's for another.
    for change in [
        "update exeat.votes set voter = (select id from exeat.people where login = 'checker4') where voter = (select id from exeat.people where login = 'checker1')",
        "update exeat.votes set policy = (select min(id) from exeat.policies where destination = 'trusted' and project = 1)",
        "update exeat.votes set comment = 'I looked away'",
        "update exeat.site set id = gen_random_uuid()",
    ] {
        let version = site.submit(&format!("{}.csv", Uuid::new_v4()), "a,10\n").await;
        for (n, key) in keys.iter().enumerate() {
            approve(&site, &format!("checker{}", n + 1), key, version, "a,10\n").await;
        }
        root(&site, change).await;
        let end = ends(&site, version).await;
        let stopped = end.contains("of the 2 approvals it needs are signed") || end == "not claimed";
        assert!(stopped, "{change}: {end}");
    }
    site.assert_shared(&[]).await;
}

/// Two administrators' commands, run by who can become them: the policy asks for nothing any more. What the worker's own file asks
/// for stays.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_policy_set_to_nothing_does_not_lower_the_workers_own_number() {
    let (mut site, keys) = site(local(), &[0, 1]).await;
    root(&site, "update exeat.policies set signatures = 'off', approvals = 1 where destination = 'trusted'").await;
    let version = site.submit("a.csv", "a,10\n").await;
    forged(&site, version, &[("checker1", &keys[0], None)]).await;
    let end = ends(&site, version).await;
    assert!(end.contains("checker1 has no sealed vote that stands"), "only the database said so: {end}");
    site.config.worker.signed_approvals = [("heart/*".to_owned(), 2), ("*/world".to_owned(), 3)].into();
    for signed in [None, Some(None), Some(Some(&keys[0]))] {
        let version = site.submit(&format!("{}.csv", Uuid::new_v4()), "a,10\n").await;
        match signed {
            // Cast as the policy lets one, unsigned.
            None => assert!(site.vote("checker1", version, "a,10\n").await.ok),
            Some(by) => forged(&site, version, &[("checker1", &keys[0], by)]).await,
        }
        let end = ends(&site, version).await;
        assert!(end.contains("of the 2 approvals it needs are signed"), "{end}");
    }
}
