//! What each store makes of a ticket that somebody adds to: a table, so that a change of a store shows.

use std::time::Duration;

use exeat::objects::{CHECKSUM, Location, PutMode, Trial, checksum};

use crate::support::pg::sha;
use crate::support::s3::{S3, Who, local, moto, seaweed};

/// The status a PUT through a ticket ends with where a header is added that is not signed, and whether the store then holds
/// the bytes the header names.
const UNSIGNED: &[(&str, [(u16, bool); 3])] = &[
    // header, SeaweedFS, moto, local
    ("x-amz-copy-source", [(403, false), (200, true), (403, false)]),
    ("x-amz-meta-added", [(403, false), (200, false), (403, false)]),
    // the hash of the body itself; SeaweedFS excepts it
    ("x-amz-content-sha256", [(200, false), (200, false), (403, false)]),
];

/// Headers beside the `x-amz-…` ones may be added anywhere.
const FREE: &[(&str, &str)] = &[("content-type", "text/plain"), ("cache-control", "no-store"), ("x-other", "1")];

fn stores() -> [&'static S3; 3] {
    [seaweed(), moto(), local()]
}

#[tokio::test]
async fn a_header_outside_the_signature_is_taken_as_the_table_says() {
    let own = "the bytes registered";
    for (index, s3) in stores().into_iter().enumerate() {
        let (store, buckets) = (s3.store(Who::Worker).await, s3.buckets(true).await);
        let bucket = buckets.candidates.as_str();
        let hidden = format!("{bucket}/lungs/hidden");
        store.put_bytes(bucket, b"lungs/hidden", b"of another".to_vec(), PutMode::Create).await.unwrap();
        let send = async |name: &str, value: &str, key: &str| {
            let sum = sha(own);
            let size = own.len() as u64;
            let ticket =
                store.presign_put(bucket, key.as_bytes(), (&sum, size), Duration::from_secs(30)).await.unwrap();
            let request = reqwest::Client::new().put(ticket).header(CHECKSUM, checksum(&sum).unwrap());
            request.header(name, value).body(own).send().await.unwrap().status().as_u16()
        };
        for (name, expected) in UNSIGNED {
            let key = format!("heart/{name}");
            let value = match *name {
                "x-amz-copy-source" => hidden.clone(),
                "x-amz-content-sha256" => sha(own),
                _ => "x".to_owned(),
            };
            let status = send(name, &value, &key).await;
            let held = match store.read(bucket, key.as_bytes(), None, None, None).await {
                Ok(stream) => stream.sha256().await.unwrap().0 == sha("of another"),
                Err(_) => false,
            };
            assert_eq!((status, held), expected[index], "{}: {name}", s3.name);
        }
        for (name, value) in FREE {
            assert_eq!(send(name, value, &format!("heart/{name}")).await, 200, "{}: {name}", s3.name);
        }
    }
}

/// What `exeat doctor --worker` says of each store; nothing stays behind.
#[tokio::test]
async fn the_trial_finds_what_a_store_takes_and_leaves_nothing() {
    for s3 in stores() {
        let (store, buckets) = (s3.store(Who::Worker).await, s3.buckets(true).await);
        for place in [Location::new(&buckets.staging, ""), Location::new(&buckets.shared, "some/where")] {
            let tried = store.try_tickets(&place).await.unwrap();
            let taken = s3.name == "moto";
            assert_eq!(tried, Trial { unsigned_header: taken, other_bytes: taken }, "{}", s3.name);
            let left = store.list(&Location::new(&place.bucket, ""), None).await.unwrap();
            assert!(left.entries.is_empty(), "{}: {left:?}", s3.name);
        }
        let nowhere = store.try_tickets(&Location::new("no-such-bucket", "")).await;
        assert!(nowhere.is_err(), "{}: {nowhere:?}", s3.name);
    }
}
