//! Buckets without versions: what a checker is shown is what was registered, or an error.

use exeat::config::{Config, DatabaseConfig};
use exeat::domain::egress::{EgressItem, VersionId};
use exeat::inspect::PreviewRequest;
use exeat::service::{Service, ServiceError};
use sha2::{Digest as _, Sha256};
use sqlx::AssertSqlSafe;

use crate::support::pg::done;
use crate::support::s3::{S3, Who, local, moto, seaweed};
use crate::worker::site::Site;

/// Two blocks of 128 bytes with one MD5 (Wang, Feng, Lai, Yu: Collisions for Hash Functions, 2004), and so one ETag.
const COLLISION: [&str; 2] = [
    "d131dd02c5e6eec4693d9a0698aff95c2fcab58712467eab4004583eb8fb7f8955ad340609f4b30283e488832571415a085125e8f7cdc99fd91dbdf280373c5b\
     d8823e3156348f5bae6dacd436c919c6dd53e2b487da03fd02396306d248cda0e99f33420f577ee8ce54b67080a80d1ec69821bcb6a8839396f9652b6ff72a70",
    "d131dd02c5e6eec4693d9a0698aff95c2fcab50712467eab4004583eb8fb7f8955ad340609f4b30283e4888325f1415a085125e8f7cdc99fd91dbd7280373c5b\
     d8823e3156348f5bae6dacd436c919c6dd53e23487da03fd02396306d248cda0e99f33420f577ee8ce54b67080280d1ec69821bcb6a8839396f965ab6ff72a70",
];

/// A site with a worker that runs, and one registered file.
pub async fn registered(s3: &'static S3, body: &[u8]) -> (Site, VersionId) {
    let site = Site::new(s3, false).await;
    let mut owner = site.database.owner().await;
    sqlx::raw_sql("update exeat.policies set largest_file = 100000000").execute(&mut owner).await.unwrap();
    let sum = hex::encode(Sha256::digest(body));
    let files = serde_json::json!([{"key": "t.bin", "sha256": sum, "size": body.len()}]).to_string();
    let mut researcher = site.person("researcher1").await;
    done(&mut researcher, "register_submission", &["heart", "trusted", "Paper", &files]).await;
    put(&site, body).await;
    site.hand().await.look().await;
    let version = site.version("t.bin").await.unwrap();
    (site, VersionId(version))
}

async fn put(site: &Site, body: &[u8]) {
    site.s3.put(Who::Tools, &site.buckets.candidates, "heart/t.bin", body).await;
}

pub fn checker(site: &Site) -> Service {
    let mut config = Config::default();
    config.database = DatabaseConfig { user: Some("checker1".into()), ..site.config.database.clone() };
    Service::open(config, None).unwrap()
}

fn is_altered<T>(answer: Result<T, ServiceError>, why: &str) -> bool {
    matches!(answer.err(), Some(ServiceError::Refused(refusal)) if refusal.code == "altered" && refusal.message.contains(why))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn other_bytes_with_the_same_etag_and_time_are_not_shown() {
    let [one, other] = COLLISION.map(|digits| hex::decode(digits).unwrap());
    for s3 in [seaweed(), local(), moto()] {
        let (site, id) = registered(s3, &one).await;
        let worker = site.start();
        let service = checker(&site);
        let shown = service.open_version(id).await.unwrap().read(0..128).await.unwrap();
        assert_eq!(shown, one, "{}", s3.name);
        put(&site, &other).await;
        // As if both had been written within the second that the store tells.
        let head = site.site_store().await.head(&site.buckets.candidates, b"heart/t.bin", None).await.unwrap();
        let sql = format!("update exeat.file_versions set modified_at = '{}' where id = {id}", head.modified_at);
        sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut site.database.owner().await).await.unwrap();
        assert_eq!(service.one::<EgressItem>(id.0).await.unwrap().etag, head.etag, "{}: they collide", s3.name);
        let reader = service.open_version(id).await.unwrap();
        assert!(is_altered(reader.read(0..128).await, "sha256"), "{}", s3.name);
        // A part of it as well: all of it is compared.
        let reader = service.open_version(id).await.unwrap();
        assert!(is_altered(reader.read(100..110).await, "sha256"), "{}", s3.name);
        assert!(is_altered(service.preview(id, 0, &PreviewRequest::default()).await, "sha256"), "{}", s3.name);
        worker.end().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_written_again_is_not_shown_before_intake_saw_it() {
    for s3 in [seaweed(), local(), moto()] {
        let (site, id) = registered(s3, b"ward,n\na,10\n").await;
        let worker = site.start();
        let service = checker(&site);
        tokio::time::sleep(std::time::Duration::from_millis(1100)).await;
        put(&site, b"ward,n\na,10\n").await;
        let reader = service.open_version(id).await.unwrap();
        assert!(is_altered(reader.read(0..12).await, "written again"), "{}", s3.name);
        site.hand().await.look().await;
        assert_eq!(service.open_version(id).await.unwrap().read(0..4).await.unwrap(), b"ward", "{}", s3.name);
        worker.end().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_too_large_to_compare_says_so() {
    let body = vec![7; (16 << 20) + 1];
    let (site, id) = registered(local(), &body).await;
    let worker = site.start();
    let page = checker(&site).preview(id, 0, &PreviewRequest::default()).await.unwrap();
    assert!(page.notes.iter().any(|note| note.raw().contains("keeps no versions")), "{:?}", page.notes);
    let (small, id) = registered(local(), b"ward,n\na,10\n").await;
    let other = small.start();
    let page = checker(&small).preview(id, 0, &PreviewRequest::default()).await.unwrap();
    assert!(page.notes.is_empty(), "{:?}", page.notes);
    worker.end().await;
    other.end().await;
}
