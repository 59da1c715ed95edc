//! The release stopped at each of its steps, and bytes that change under it.

use exeat::objects::{MARK, PutMode};
use exeat::worker::release::{Progress, Release, Step};

use super::site::Site;
use crate::support::s3::{S3, Who, local, moto, seaweed};

const STEPS: [Step; 6] = [Step::Check, Step::Stage, Step::Share, Step::Verify, Step::Record, Step::Finish];

/// A copy of a release's own arrives at the shared key, as if its request had been on its way all the time.
async fn arrives(site: &Site, release: &Release, key: &str) {
    let store = site.s3.store(Who::Worker).await;
    let put = store.put(&site.buckets.shared, key.as_bytes(), 5, PutMode::Create);
    let mut put = put.marked(&release.job().release.to_string());
    put.write(b"a,10\n").await.unwrap();
    put.finish().await.unwrap();
}

fn kinds() -> Vec<(&'static S3, bool)> {
    vec![(seaweed(), false), (seaweed(), true), (local(), false), (local(), true), (moto(), true)]
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn stopped_after_any_step_another_worker_finishes_it() {
    for (s3, versioned) in kinds() {
        let site = Site::new(s3, versioned).await;
        let mut released = Vec::new();
        for done in 0..STEPS.len() {
            let (key, body) = (format!("t{done}.csv"), format!("ward,n\na,{done}0\n"));
            let version = site.submit(&key, &body).await;
            site.approve(version, &body).await;
            let first = site.hand().await;
            let mut release = first.claim().await.unwrap();
            assert_eq!(site.state(version).await, "releasing");
            for step in &STEPS[..done] {
                assert_eq!(release.step(), *step);
                assert!(matches!(release.advance().await.unwrap(), Progress::Next(_)));
            }
            drop(release);
            assert_eq!(site.state(version).await, "releasing", "{}: after {done} steps", s3.name);
            assert_eq!(site.carry_through().await, Progress::Released, "{}: after {done} steps", s3.name);
            assert_eq!(site.state(version).await, "released");
            released.push((version, key, body));
        }
        let released: Vec<(i64, &str, &str)> = released.iter().map(|(v, k, b)| (*v, k.as_str(), b.as_str())).collect();
        site.assert_shared(&released).await;
        assert!(site.hand().await.claim().await.is_none());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn stopped_after_any_step_and_then_overwritten_nothing_stays() {
    for (s3, versioned) in kinds() {
        let site = Site::new(s3, versioned).await;
        for done in 0..STEPS.len() {
            let key = format!("t{done}.csv");
            let version = site.submit(&key, "ward,n\na,10\n").await;
            site.approve(version, "ward,n\na,10\n").await;
            let mut release = site.hand().await.claim().await.unwrap();
            for _ in 0..done {
                assert!(matches!(release.advance().await.unwrap(), Progress::Next(_)));
            }
            drop(release);
            site.write(&key, "ward,n\na,11\n").await;
            let ended = site.carry_through().await;
            assert!(matches!(ended, Progress::Stopped(_)), "{}: after {done} steps {ended:?}", s3.name);
            assert_eq!(site.state(version).await, "altered", "{}: after {done} steps", s3.name);
            site.assert_nothing_shared(version, &key).await;
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_worker_that_slept_through_its_lease_does_nothing_more() {
    let site = Site::new(seaweed(), false).await;
    let version = site.submit("t.csv", "a,10\n").await;
    site.approve(version, "a,10\n").await;
    let sleeper = site.hand().await;
    let mut old = sleeper.claim().await.unwrap();
    assert_eq!(old.advance().await.unwrap(), Progress::Next(Step::Stage));
    assert_eq!(old.advance().await.unwrap(), Progress::Next(Step::Share));
    site.write("t.csv", "a,11\n").await;
    assert!(matches!(site.carry_through().await, Progress::Stopped(_)));
    let late = old.advance().await.unwrap_err();
    assert!(late.to_string().contains("took the release over"), "{late}");
    site.assert_nothing_shared(version, "t.csv").await;
    assert_eq!(site.state(version).await, "altered");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_copy_that_arrives_after_the_clean_up_is_removed_by_whoever_sent_it() {
    let site = Site::new(seaweed(), false).await;
    let version = site.submit("t.csv", "a,10\n").await;
    site.approve(version, "a,10\n").await;
    let mut old = site.hand().await.claim().await.unwrap();
    for next in [Step::Stage, Step::Share, Step::Verify] {
        assert_eq!(old.advance().await.unwrap(), Progress::Next(next));
    }
    site.write("t.csv", "a,11\n").await;
    assert!(matches!(site.carry_through().await, Progress::Stopped(_)));
    // as if the first one's request had been on its way all the time
    let shared = format!("heart/trusted/{version}/t.csv");
    arrives(&site, &old, &shared).await;
    let late = old.advance().await.unwrap_err();
    assert!(late.to_string().contains("took the release over"), "{late}");
    site.assert_nothing_shared(version, "t.csv").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_copy_that_arrives_after_a_recall_is_removed_by_whoever_sent_it() {
    for s3 in [seaweed(), local()] {
        let site = Site::new(s3, false).await;
        let version = site.submit("t.csv", "a,10\n").await;
        site.approve(version, "a,10\n").await;
        let mut old = site.hand().await.claim().await.unwrap();
        for next in [Step::Stage, Step::Share, Step::Verify] {
            assert_eq!(old.advance().await.unwrap(), Progress::Next(next));
        }
        assert_eq!(site.carry_through().await, Progress::Released);
        let id = version.to_string();
        let mut checker = site.person("checker1").await;
        crate::support::pg::done(&mut checker, "recall", &[&id, "trusted", "It names someone"]).await;
        // The chores of some worker take the copy away…
        let store = site.site_store().await;
        let shared = format!("heart/trusted/{version}/t.csv");
        store.remove(&site.buckets.shared, shared.as_bytes()).await.unwrap();
        let sql = "select exeat.finish_recall(id, true) from exeat.recalls";
        sqlx::raw_sql(sql).execute(&mut site.database.owner().await).await.unwrap();
        // …and then the first worker's request arrives, which was on its way all the time.
        arrives(&site, &old, &shared).await;
        let late = old.advance().await.unwrap_err();
        assert!(late.to_string().contains("took the release over"), "{late}");
        let held = site.held(&site.buckets.shared).await;
        assert!(held.len() == 1 && held[0].0.starts_with("_records/"), "{}: {held:?}", s3.name);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn bytes_overwritten_after_both_approvals_are_never_released() {
    for (s3, versioned) in kinds() {
        // with and without a pass between the overwriting and the release; gone altogether
        for case in ["found", "unseen", "gone"] {
            let site = Site::new(s3, versioned).await;
            let (old, new) = ("ward,n\na,10\n", "ward,n\na,11\n");
            let version = site.submit("t.csv", old).await;
            site.approve(version, old).await;
            if case == "gone" {
                let bucket = &site.buckets.candidates;
                site.site_store().await.delete(bucket, b"heart/t.csv", None).await.unwrap();
            } else {
                site.write("t.csv", new).await;
            }
            let hand = site.hand().await;
            if case == "found" {
                hand.look().await;
                assert!(hand.claim().await.is_none(), "{}", s3.name);
                let newer = site.version("t.csv").await.unwrap();
                assert!(newer > version, "{}", s3.name);
                assert_eq!(site.state(newer).await, "pending", "{}", s3.name);
            } else {
                let ended = site.carry_through().await;
                assert!(matches!(ended, Progress::Stopped(_)), "{} {case}: {ended:?}", s3.name);
            }
            assert_eq!(site.state(version).await, "altered", "{} {case}", s3.name);
            site.assert_nothing_shared(version, "t.csv").await;
            for checker in ["checker1", "checker2"] {
                let sql =
                    format!("select item->>'state' from exeat.read('egress', 'rows', '{{\"ids\": [{version}]}}')");
                let seen: String = crate::support::pg::one(&mut site.person(checker).await, &sql).await;
                assert_eq!(seen, "altered", "{} {case}: {checker}", s3.name);
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn bytes_overwritten_between_preview_and_vote_are_never_released() {
    for (s3, versioned) in kinds() {
        let site = Site::new(s3, versioned).await;
        let (old, new) = ("ward,n\na,10\n", "ward,n\na,11\n");
        let version = site.submit("t.csv", old).await;
        site.write("t.csv", new).await;
        let hand = site.hand().await;
        // nobody has seen the new bytes yet: the votes are on the old ones
        assert!(site.vote("checker1", version, old).await.ok);
        assert_eq!(site.vote("checker2", version, new).await.code, "sha_differs");
        hand.look().await;
        let late = site.vote("checker2", version, old).await;
        assert!(!late.ok && late.code == "altered", "{}: {late:?}", s3.name);
        assert!(hand.claim().await.is_none());
        site.assert_nothing_shared(version, "t.csv").await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_same_bytes_written_again_are_the_same_file() {
    for (s3, versioned) in kinds() {
        let site = Site::new(s3, versioned).await;
        let version = site.submit("t.csv", "a,10\n").await;
        site.approve(version, "a,10\n").await;
        site.write("t.csv", "a,10\n").await;
        assert_eq!(site.carry_through().await, Progress::Released, "{}", s3.name);
        site.assert_shared(&[(version, "t.csv", "a,10\n")]).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn other_bytes_at_the_shared_key_stop_the_release_and_stay() {
    let site = Site::new(seaweed(), false).await;
    let version = site.submit("t.csv", "a,10\n").await;
    site.approve(version, "a,10\n").await;
    let planted = format!("heart/trusted/{version}/t.csv");
    site.s3.put(Who::Site, &site.buckets.shared, &planted, b"a,99\n").await;
    let ended = site.carry_through().await;
    assert!(matches!(&ended, Progress::Stopped(why) if why.contains("did not write")), "{ended:?}");
    assert_eq!(site.held(&site.buckets.shared).await, [(planted, b"a,99\n".to_vec())]);
    assert_eq!(site.held(&site.buckets.staging).await, []);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn everything_a_release_writes_carries_its_id() {
    for (s3, versioned) in kinds() {
        let site = Site::new(s3, versioned).await;
        let sdk = site.s3.sdk(Who::Site);
        // in one piece, and in parts
        for body in ["a,10\n".to_owned(), "\0".repeat(17 << 20)] {
            if body.len() > 5 {
                site.by_hand("update exeat.policies set largest_file = 100000000").await;
            }
            let key = format!("t{}.csv", body.len());
            let version = site.submit(&key, &body).await;
            site.approve(version, &body).await;
            let mut release = site.hand().await.claim().await.unwrap();
            let id = release.job().release.to_string();
            let (shared, record) = (format!("heart/trusted/{version}/{key}"), format!("_records/{id}.json"));
            let marked = async |bucket: &str, key: &str| {
                let head = sdk.head_object().bucket(bucket).key(key).send().await.unwrap();
                head.metadata().and_then(|all| all.get(MARK).cloned())
            };
            while release.step() != Step::Share {
                release.advance().await.unwrap();
            }
            assert_eq!(marked(&site.buckets.staging, &id).await.as_ref(), Some(&id), "{}", s3.name);
            while matches!(release.advance().await.unwrap(), Progress::Next(_)) {}
            for at in [shared, record] {
                assert_eq!(marked(&site.buckets.shared, &at).await.as_ref(), Some(&id), "{}: {at}", s3.name);
            }
            assert_eq!(site.state(version).await, "released", "{}", s3.name);
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_record_says_what_it_was_decided_on() {
    let site = Site::new(local(), true).await;
    let version = site.submit("t.csv", "a,10\n").await;
    site.approve(version, "a,10\n").await;
    assert_eq!(site.carry_through().await, Progress::Released);
    let held = site.held(&site.buckets.shared).await;
    let (_, body) = held.iter().find(|(key, _)| key.starts_with("_records/")).unwrap();
    let record: serde_json::Value = serde_json::from_slice(body).unwrap();
    let votes = record["decided_on"]["votes"].as_array().unwrap();
    assert_eq!(votes.iter().map(|v| v["voter"].as_str().unwrap()).collect::<Vec<_>>(), ["checker1", "checker2"]);
    assert_eq!(record["decided_on"]["policy"]["approvals"], 2);
    assert_eq!(record["sha256"], crate::support::pg::sha("a,10\n"));
    assert_eq!(record["tool"]["version"], env!("CARGO_PKG_VERSION"));
    assert!(record["shared"]["version_id"].is_string());
}
