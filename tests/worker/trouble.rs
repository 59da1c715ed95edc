//! A store in trouble: no room, half a file, no right to say which versions it keeps. Nothing is lost, nothing is wrongly
//! released, the reason can be read, and it goes on when the trouble is over.

use hyper::Method;

use super::site::{Site, until};
use crate::support::gate::{Gate, Says};
use crate::support::pg::{done, one};
use crate::support::s3::{S3, Who, local, moto, seaweed};

fn stores() -> [&'static S3; 3] {
    [seaweed(), moto(), local()]
}

async fn failure(site: &Site) -> String {
    until("a failure", async || {
        one::<Option<String>>(
            &mut site.database.owner().await,
            "select max(failure) from exeat.releases where state = 'claimed'",
        )
        .await
    })
    .await
}

async fn again(site: &Site) {
    let sql = "update exeat.releases set next_try_at = clock_timestamp() - interval '1 s', failure = null where state = 'claimed'";
    sqlx::raw_sql(sql).execute(&mut site.database.owner().await).await.unwrap();
}

async fn released(site: &Site, version: i64) {
    until("the release", || async {
        sqlx::raw_sql(
            "update exeat.releases set next_try_at = least(next_try_at, clock_timestamp()) where state = 'claimed'",
        )
        .execute(&mut site.database.owner().await)
        .await
        .unwrap();
        (site.state(version).await == "released").then_some(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_store_without_room_costs_only_time() {
    for s3 in stores() {
        let gate = Gate::before(&s3.endpoint).await;
        let site = Site::at(s3, true, &gate.endpoint).await;
        let version = site.submit("t.csv", "a,10\n").await;
        let (staging, shared) = (format!("/{}/", site.buckets.staging), format!("/{}/", site.buckets.shared));
        gate.set(move |method, path| {
            (method == Method::PUT && path.starts_with(&staging)).then_some(Says::No(507, "InsufficientStorage"))
        });
        site.approve(version, "a,10\n").await;
        let worker = site.start();
        let said = failure(&site).await;
        assert!(said.contains("507") && said.contains("could not do"), "{}: {said}", s3.name);
        assert_eq!(site.held(&site.buckets.shared).await, [], "{}", s3.name);
        gate.set(move |method, path| {
            (method == Method::PUT && path.starts_with(&shared)).then_some(Says::No(503, "SlowDown"))
        });
        again(&site).await;
        let said = failure(&site).await;
        assert!(said.contains("503"), "{}: {said}", s3.name);
        assert_eq!(site.state(version).await, "releasing", "{}", s3.name);
        assert_eq!(site.held(&site.buckets.shared).await, [], "{}", s3.name);
        gate.open();
        released(&site, version).await;
        worker.end().await;
        site.assert_shared(&[(version, "t.csv", "a,10\n")]).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn half_a_file_is_never_a_file() {
    for s3 in stores() {
        let gate = Gate::before(&s3.endpoint).await;
        let site = Site::at(s3, true, &gate.endpoint).await;
        let body = "ward,n\n".repeat(400);
        let version = site.submit("t.csv", &body).await;
        site.approve(version, &body).await;
        let worker_of = site.start();
        // read from the project's location, from staging, and read back
        for bucket in [&site.buckets.candidates, &site.buckets.staging, &site.buckets.shared] {
            let object = format!("/{bucket}/");
            gate.set(move |method, path| {
                (method == Method::GET
                    && path.starts_with(&object)
                    && !path.contains("?versions")
                    && !path.contains("?uploads")
                    && path.len() > object.len() + 12)
                    .then_some(Says::Half)
            });
            again(&site).await;
            let said = failure(&site).await;
            assert!(said.contains("does not answer") && said.contains("reading"), "{}: {said}", s3.name);
            assert_eq!(site.state(version).await, "releasing", "{}", s3.name);
        }
        gate.open();
        released(&site, version).await;
        worker_of.end().await;
        site.assert_shared(&[(version, "t.csv", &body)]).await;
    }
}

/// Released with versions kept, then hidden behind a delete marker by the site, then recalled: a store that does not say
/// whether it keeps versions must not be believed that nothing is there.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_store_that_does_not_say_whether_it_keeps_versions_is_not_believed() {
    for s3 in stores() {
        for lists in [true, false] {
            let gate = Gate::before(&s3.endpoint).await;
            let site = Site::at(s3, true, &gate.endpoint).await;
            let version = site.submit("t.csv", "a,10\n").await;
            site.approve(version, "a,10\n").await;
            assert_eq!(site.carry_through().await, exeat::worker::release::Progress::Released);
            let (bucket, key) = (&site.buckets.shared, format!("heart/trusted/{version}/t.csv"));
            let store = site.site_store().await;
            store.delete(bucket, key.as_bytes(), None).await.unwrap();
            gate.set(move |_, path| {
                let asks = path.contains("?versioning") || !lists && path.contains("versions");
                asks.then_some(Says::No(403, "AccessDenied"))
            });
            // nor is the recorded version known
            let sql = "update exeat.releases set shared_version = null";
            sqlx::raw_sql(sql).execute(&mut site.database.owner().await).await.unwrap();
            done(&mut site.person("checker1").await, "recall", &[&version.to_string(), "trusted", "It names someone"])
                .await;
            let worker = site.start();
            if !lists {
                let tried = "select case when attempts > 1 then true end from exeat.recalls where removed_at is null";
                let asked = || async { one::<Option<bool>>(&mut site.database.owner().await, tried).await };
                until("an attempt", asked).await;
                assert!(!store.versions(bucket, key.as_bytes()).await.unwrap().is_empty(), "{}", s3.name);
                gate.open();
            }
            let gone =
                "select case when exists (select from exeat.recalls where removed_at is null) then null else true end";
            until("the recall", async || one::<Option<bool>>(&mut site.database.owner().await, gone).await).await;
            worker.end().await;
            assert_eq!(store.versions(bucket, key.as_bytes()).await.unwrap(), [], "{}", s3.name);
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_is_shared_that_could_not_be_taken_back() {
    for s3 in stores() {
        let gate = Gate::before(&s3.endpoint).await;
        let site = Site::at(s3, true, &gate.endpoint).await;
        let version = site.submit("t.csv", "a,10\n").await;
        gate.set(|_, path| path.contains("versions").then_some(Says::No(403, "AccessDenied")));
        site.approve(version, "a,10\n").await;
        let worker = site.start();
        let said = failure(&site).await;
        assert!(
            said.contains("versions of object") && said.contains("rights of the worker's key"),
            "{}: {said}",
            s3.name
        );
        assert_eq!(site.held(&site.buckets.shared).await, [], "{}", s3.name);
        gate.open();
        released(&site, version).await;
        worker.end().await;
        site.assert_shared(&[(version, "t.csv", "a,10\n")]).await;
    }
}

/// The same at SeaweedFS itself, with an identity that may read, write and list below `heart/` and ask nothing of the bucket.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn seaweeds_own_refusal_is_not_believed_either() {
    let (s3, bucket) = (seaweed(), "blind");
    let sdk = s3.sdk(Who::Site);
    let _ = sdk.create_bucket().bucket(bucket).send().await;
    let on = aws_sdk_s3::types::VersioningConfiguration::builder();
    let on = on.status(aws_sdk_s3::types::BucketVersioningStatus::Enabled).build();
    sdk.put_bucket_versioning().bucket(bucket).versioning_configuration(on).send().await.unwrap();
    let blind = s3.store(Who::Blind).await;
    let key = format!("heart/{}", std::process::id());
    s3.put(Who::Blind, bucket, &key, b"x").await;
    s3.store(Who::Site).await.delete(bucket, key.as_bytes(), None).await.unwrap();
    let asked = blind.is_versioned(bucket).await;
    assert!(matches!(asked, Err(exeat::objects::ObjectsError::Denied(_))), "{asked:?}");
    let removed = blind.remove(bucket, key.as_bytes()).await;
    let left = s3.store(Who::Site).await.versions(bucket, key.as_bytes()).await.unwrap();
    assert!(removed.is_err() || left.is_empty(), "{removed:?} and {left:?}");
}
