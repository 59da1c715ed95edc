//! What intake makes of locations as they are: hostile names, neighbours, many keys, files too large, files that go.

use exeat::objects::{Location, PutMode};
use futures::StreamExt as _;
use sqlx::AssertSqlSafe;

use super::contract::HOSTILE;
use super::site::Site;
use crate::support::pg::{done, one};
use crate::support::s3::{Who, local, moto, seaweed};

/// The keys the database has for `heart`, in hex.
async fn known(site: &Site) -> Vec<String> {
    let sql = "select encode(v.key, 'hex') from exeat.file_versions v join exeat.projects p on p.id = v.project
        where p.name = 'heart' and v.newest and v.gone_at is null order by 1";
    sqlx::query_scalar(AssertSqlSafe(sql)).fetch_all(&mut site.database.owner().await).await.unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_name_a_store_can_hold_is_registered_and_read() {
    for (s3, versioned) in [(seaweed(), true), (moto(), true), (local(), true), (local(), false)] {
        let site = Site::new(s3, versioned).await;
        let (store, bucket) = (site.site_store().await, site.buckets.candidates.as_str());
        for (name, ..) in HOSTILE {
            // what a store cannot hold it refuses; what it renames it renames
            let _ = store
                .put_bytes(bucket, format!("heart/{name}").as_bytes(), name.as_bytes().to_vec(), PutMode::Replace)
                .await;
        }
        let hand = site.hand().await;
        let report = hand.look().await;
        let mut listed = Vec::new();
        for entry in store.list(&Location::new(bucket, "heart"), None).await.unwrap().entries {
            if !(entry.size == 0 && entry.key.ends_with(b"/")) {
                listed.push(hex::encode(&entry.key["heart/".len()..]));
            }
        }
        listed.sort();
        assert_eq!(known(&site).await, listed, "{}", s3.name);
        assert!(listed.len() >= 17, "{}: {}", s3.name, listed.len());
        assert_eq!(report.failed, 0, "{}", s3.name);
        let unread = "select count(*) from exeat.file_versions where sha256 is null or blocked_reason is not null";
        assert_eq!(one::<i64>(&mut site.database.owner().await, unread).await, 0, "{}", s3.name);
        let versions = "select count(*) from exeat.file_versions where store_version is not null";
        let with_version = one::<i64>(&mut site.database.owner().await, versions).await;
        assert_eq!(with_version > 0, versioned, "{}", s3.name);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_neighbours_prefix_and_folder_markers_are_never_touched() {
    for s3 in [seaweed(), moto(), local()] {
        let site = Site::new(s3, false).await;
        let bucket = &site.buckets.candidates;
        for key in ["heart2/a.csv", "heart.csv", "hear/b.csv", "lungs/c.csv"] {
            site.s3.put(Who::Tools, bucket, key, b"x").await;
        }
        site.s3.put(Who::Tools, bucket, "heart/", b"").await;
        site.s3.put(Who::Tools, bucket, "heart/sub/", b"").await;
        site.write("sub/in.csv", "x").await;
        site.hand().await.look().await;
        assert_eq!(known(&site).await, [hex::encode("sub/in.csv")], "{}", s3.name);
        let keys: Vec<String> = site.held(bucket).await.into_iter().map(|(key, _)| key).collect();
        assert!(keys.contains(&"heart2/a.csv".to_owned()), "{}", s3.name);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ten_thousand_keys_are_registered_once_and_then_only_listed() {
    let site = Site::new(local(), true).await;
    let (store, bucket) = (site.site_store().await, site.buckets.candidates.as_str());
    futures::stream::iter(0..10_000)
        .map(|n| {
            let (store, key) = (&store, format!("heart/{:03}/{n:05}.csv", n % 100));
            async move { store.put_bytes(bucket, key.as_bytes(), key.clone().into_bytes(), PutMode::Replace).await.unwrap() }
        })
        .buffer_unordered(32)
        .collect::<Vec<()>>()
        .await;
    let hand = site.hand().await;
    let first = hand.look().await;
    assert_eq!((first.listed, first.read, first.registered, first.gone, first.failed), (10_000, 10_000, 10_000, 0, 0));
    store.delete(bucket, b"heart/042/00042.csv", None).await.unwrap();
    store.put_bytes(bucket, b"heart/007/00007.csv", b"new".to_vec(), PutMode::Replace).await.unwrap();
    let second = hand.look().await;
    assert_eq!((second.listed, second.read, second.registered, second.gone), (9_999, 1, 1, 1));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_file_that_goes_and_comes_back_starts_anew() {
    for s3 in [seaweed(), local()] {
        let site = Site::new(s3, false).await;
        let version = site.submit("a b/t.csv", "a,10\n").await;
        site.approve(version, "a,10\n").await;
        site.site_store().await.delete(&site.buckets.candidates, b"heart/a b/t.csv", None).await.unwrap();
        assert_eq!(site.hand().await.look().await.gone, 1, "{}", s3.name);
        assert_eq!(site.state(version).await, "altered", "{}", s3.name);
        site.write("a b/t.csv", "a,10\n").await;
        assert_eq!(site.hand().await.look().await.registered, 1, "{}", s3.name);
        let again = site.version("a b/t.csv").await.unwrap();
        assert!(again > version, "{}", s3.name);
        assert_eq!(site.state(version).await, "altered", "{}", s3.name);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_file_over_the_policys_largest_is_blocked_unread_until_the_policy_takes_it() {
    let site = Site::new(local(), true).await;
    let mut admin = site.person("admin1").await;
    let tight = r#"{"approvals": 2, "hold_seconds": 0, "largest_file": 100}"#;
    for destination in ["trusted", "world"] {
        let tight = if destination == "world" { tight.replace(": 2", ": 3") } else { tight.to_owned() };
        done(&mut admin, "set_policy", &["heart", destination, &tight]).await;
    }
    site.write("large.csv", &"x".repeat(101)).await;
    site.write("small.csv", &"x".repeat(100)).await;
    site.hand().await.look().await;
    let (large, small) = (site.version("large.csv").await.unwrap(), site.version("small.csv").await.unwrap());
    assert_eq!(site.state(large).await, "blocked");
    assert_eq!(site.state(small).await, "pending");
    let sql = format!("select blocked_reason from exeat.file_versions where id = {large} and sha256 is null");
    let why: String = one(&mut site.database.owner().await, &sql).await;
    assert!(why.contains("101 bytes") && why.contains("100"), "{why}");
    // nothing new in the next pass
    assert_eq!(site.hand().await.look().await.registered, 0);
    let sql = "update exeat.policies set largest_file = 1000 where state = 'active'";
    sqlx::raw_sql(sql).execute(&mut site.database.owner().await).await.unwrap();
    assert_eq!(site.hand().await.look().await.registered, 1);
    assert_eq!(site.state(site.version("large.csv").await.unwrap()).await, "pending");
}
