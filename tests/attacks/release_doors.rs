//! Doors beside the release: what lies at a shared key and is somebody else's is never taken for the release's own, and
//! never removed with it. Two projects whose shared locations are nested, put in by the database's owner as old rows are,
//! have one key for two files here.

use exeat::worker::release::Progress;
use sqlx::AssertSqlSafe;

use crate::support::pg::{done, one, sha};
use crate::support::s3::{S3, Who, local, moto, seaweed};
use crate::worker::site::{Site, until};

fn kinds() -> [(&'static S3, bool); 6] {
    [(seaweed(), false), (seaweed(), true), (local(), false), (local(), true), (moto(), false), (moto(), true)]
}

/// Where both projects' files go: `heart` shares at the top of the bucket, the project `trusted` below `heart/`.
const KEY: &str = "heart/trusted/1/2/t.csv";

/// Two projects with one key: version 1 is heart's file `2/t.csv` for `trusted`, not approved yet; version 2 is the
/// neighbour's `t.csv` for `1`, released. Both have the same bytes if asked.
async fn neighbours(s3: &'static S3, versioned: bool, ours: &str, theirs: &str) -> Site {
    let site = Site::new(s3, versioned).await;
    assert_eq!(site.submit("2/t.csv", ours).await, 1);
    let nested = "update exeat.projects set name = 'trusted', shared_prefix = 'heart/' where name = 'lungs';
        update exeat.policies set destination = '1' where project = (select id from exeat.projects where name = 'trusted')";
    site.by_hand(nested).await;
    let files = serde_json::json!([{"key": "t.csv", "sha256": sha(theirs), "size": theirs.len()}]).to_string();
    let mut researcher = site.person("researcher2").await;
    done(&mut researcher, "register_submission", &["trusted", "1", "A table of the paper", &files]).await;
    site.s3.put(Who::Tools, &site.buckets.candidates, "lungs/t.csv", theirs.as_bytes()).await;
    site.hand().await.look().await;
    let mut checker = site.person("checker1").await;
    done(&mut checker, "cast_vote", &["2", "1", "approve", &sha(theirs), "fine"]).await;
    assert_eq!(site.carry_through().await, Progress::Released, "{}", s3.name);
    assert_theirs(&site, theirs).await;
    site
}

/// The neighbour's copy is there, whole, and the database says so.
async fn assert_theirs(site: &Site, body: &str) {
    let held = site.held(&site.buckets.shared).await;
    let found = held.iter().find(|(key, _)| key == KEY).map(|(_, body)| String::from_utf8_lossy(body).into_owned());
    assert_eq!(found.as_deref(), Some(body), "{}: {held:?}", site.s3.name);
    let sql = "select state from exeat.cases where version = 2 and destination = '1'";
    assert_eq!(one::<String>(&mut site.database.owner().await, sql).await, "released", "{}", site.s3.name);
}

/// The worker said that something lies at this release's key that is not its own: once, in the journal and as an event.
async fn assert_alarm(site: &Site) {
    let hex = hex::encode(KEY);
    for sql in [
        format!(
            "select count(*) from exeat.journal where command = 'foreign_object' and request like '%{hex}%' and subject = 'version:1'"
        ),
        format!("select count(*) from exeat.outbox where topic = 'egress.alarm' and payload->>'key_hex' = '{hex}'"),
    ] {
        assert_eq!(one::<i64>(&mut site.database.owner().await, &sql).await, 1, "{}: {sql}", site.s3.name);
    }
}

async fn chores(site: &Site) {
    let worker = site.start();
    let sql = "select case when exists (select from exeat.recalls where removed_at is null) then null else true end";
    until("the recall", async || one::<Option<bool>>(&mut site.database.owner().await, sql).await).await;
    worker.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn cleaning_up_leaves_another_projects_copy() {
    for (s3, versioned) in kinds() {
        // other bytes at the key, the same bytes at the key, and bytes that changed under the release
        for (ours, theirs, changed) in
            [("a,10\n", "b,20\n", false), ("a,10\n", "a,10\n", false), ("a,10\n", "b,20\n", true)]
        {
            let site = Box::pin(neighbours(s3, versioned, ours, theirs)).await;
            site.approve(1, ours).await;
            if changed {
                site.write("2/t.csv", "a,11\n").await;
            }
            let ended = site.carry_through().await;
            assert!(matches!(ended, Progress::Stopped(_)), "{}: {ended:?}", s3.name);
            assert_theirs(&site, theirs).await;
            assert_alarm(&site).await;
            assert_eq!(site.state(1).await, if changed { "altered" } else { "recalled" }, "{}", s3.name);
            assert_eq!(site.held(&site.buckets.staging).await, [], "{}", s3.name);
            assert!(site.hand().await.claim().await.is_none(), "{}: not tried again", s3.name);
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_recall_leaves_another_projects_copy() {
    for (s3, versioned) in kinds() {
        // released by this exeat, or by an older one that wrote no ids beside the bytes
        for old in [false, true] {
            let site = Box::pin(neighbours(s3, versioned, "a,10\n", "a,10\n")).await;
            let mut owner = site.database.owner().await;
            if old {
                let store = site.s3.store(Who::Worker).await;
                store.remove(&site.buckets.shared, KEY.as_bytes()).await.unwrap();
                site.s3.put(Who::Worker, &site.buckets.shared, KEY, b"a,10\n").await;
                let version = store.head(&site.buckets.shared, KEY.as_bytes(), None).await.unwrap().version_id;
                sqlx::query("update exeat.releases set shared_version = $1")
                    .bind(version)
                    .execute(&mut owner)
                    .await
                    .unwrap();
            }
            // What an older exeat left when it released heart's file too: it found the right bytes at its key.
            let sql = "insert into exeat.releases (case_id, version, project, destination, state, worker, lease_until, record, shared_bucket,
                  shared_key, shared_version, finished_at)
                select c.id, c.version, c.project, c.destination, 'done', 'old', clock_timestamp(), '{}', r.shared_bucket, r.shared_key, r.shared_version,
                  clock_timestamp() from exeat.cases c, exeat.releases r where c.version = 1 and r.version = 2;
                update exeat.cases set state = 'released' where version = 1; update exeat.file_versions set state = 'released' where id = 1";
            sqlx::raw_sql(sql).execute(&mut owner).await.unwrap();
            let unmarked = if old {
                "update exeat.releases set marked = false"
            } else {
                "update exeat.releases set marked = false where version = 1"
            };
            // an exeat without ids has no such column
            let _ = sqlx::raw_sql(unmarked).execute(&mut owner).await;
            done(&mut site.person("checker1").await, "recall", &["1", "trusted", "It names someone"]).await;
            chores(&site).await;
            assert_theirs(&site, "a,10\n").await;
            assert_alarm(&site).await;
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_an_older_exeat_released_is_recalled_still() {
    for (s3, versioned) in kinds() {
        let site = Site::new(s3, versioned).await;
        let version = site.submit("t.csv", "a,10\n").await;
        site.approve(version, "a,10\n").await;
        assert_eq!(site.carry_through().await, Progress::Released, "{}", s3.name);
        let (store, key) = (site.s3.store(Who::Worker).await, format!("heart/trusted/{version}/t.csv"));
        store.remove(&site.buckets.shared, key.as_bytes()).await.unwrap();
        site.s3.put(Who::Worker, &site.buckets.shared, &key, b"a,10\n").await;
        let kept = store.head(&site.buckets.shared, key.as_bytes(), None).await.unwrap().version_id;
        let sql = "update exeat.releases set marked = false, shared_version = $1";
        sqlx::query(sql).bind(kept).execute(&mut site.database.owner().await).await.unwrap();
        done(&mut site.person("checker1").await, "recall", &[&version.to_string(), "trusted", "It names someone"])
            .await;
        chores(&site).await;
        let held = site.held(&site.buckets.shared).await;
        assert!(held.len() == 1 && held[0].0.starts_with("_records/"), "{}: {held:?}", s3.name);
        assert_eq!(store.versions(&site.buckets.shared, key.as_bytes()).await.unwrap(), [], "{}", s3.name);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn other_bytes_without_an_id_are_not_what_an_older_exeat_released() {
    for (s3, _) in kinds() {
        let site = Site::new(s3, false).await;
        let version = site.submit("t.csv", "a,10\n").await;
        site.approve(version, "a,10\n").await;
        assert_eq!(site.carry_through().await, Progress::Released, "{}", s3.name);
        let (store, key) = (site.s3.store(Who::Worker).await, format!("heart/trusted/{version}/t.csv"));
        store.remove(&site.buckets.shared, key.as_bytes()).await.unwrap();
        site.s3.put(Who::Site, &site.buckets.shared, &key, b"b,20\n").await;
        let sql = "update exeat.releases set marked = false";
        sqlx::raw_sql(sql).execute(&mut site.database.owner().await).await.unwrap();
        done(&mut site.person("checker1").await, "recall", &[&version.to_string(), "trusted", "It names someone"])
            .await;
        chores(&site).await;
        let held = site.held(&site.buckets.shared).await;
        assert!(held.iter().any(|(at, body)| *at == key && body == b"b,20\n"), "{}: {held:?}", s3.name);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_voter_wrote_fails_no_release() {
    let site = Site::new(local(), true).await;
    let version = site.submit("t.csv", "a,10\n").await;
    let deep = format!("{}{}", "[".repeat(200), "]".repeat(200));
    site.approve(version, "a,10\n").await;
    // as a row from before nesting was bounded
    let sql = format!("update exeat.votes set coverage = '{{\"rows\": {deep}}}'");
    sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut site.database.owner().await).await.unwrap();
    assert_eq!(site.carry_through().await, Progress::Released);
    site.assert_shared(&[(version, "t.csv", "a,10\n")]).await;
    // The record can be read by anything, and holds what it was decided on as it was.
    let held = site.held(&site.buckets.shared).await;
    let (_, body) = held.iter().find(|(key, _)| key.starts_with("_records/")).unwrap();
    let record: serde_json::Value = serde_json::from_slice(body).unwrap();
    let decided: String = one(&mut site.database.owner().await, "select record::text from exeat.releases").await;
    assert_eq!(record["decided_on"].as_str(), Some(decided.as_str()));
    assert!(decided.contains(&"[".repeat(200)) && decided.contains("checker2"));
}
