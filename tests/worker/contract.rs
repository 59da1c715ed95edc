//! What exeat needs of a store, run against each of them, and a table of the hostile keys each can hold.

use std::time::Duration;

use exeat::objects::{Location, ObjectsError, Own, PutMode, Store, Unmarked};

use crate::support::s3::{S3, Who, local, moto, seaweed};

fn stores() -> Vec<&'static S3> {
    vec![seaweed(), moto(), local()]
}

async fn keys(store: &Store, location: &Location) -> Vec<Vec<u8>> {
    let (mut found, mut next) = (Vec::new(), None);
    loop {
        let page = store.list(location, next).await.unwrap();
        found.extend(page.entries.into_iter().map(|e| e.key));
        next = page.next;
        if next.is_none() {
            return found;
        }
    }
}

async fn text(store: &Store, bucket: &str, key: &[u8], version: Option<&str>) -> Vec<u8> {
    let mut stream = store.read(bucket, key, version, None, None).await.unwrap();
    let mut all = Vec::new();
    while let Some(bytes) = stream.next().await.unwrap() {
        all.extend_from_slice(&bytes);
    }
    all
}

#[tokio::test]
async fn a_listing_pages_and_stays_inside_its_prefix() {
    for s3 in stores() {
        let (store, buckets) = (s3.store(Who::Worker).await, s3.buckets(false).await);
        let bucket = buckets.candidates.as_str();
        let names: Vec<String> = (0..1_203).map(|n| format!("heart/{n:05}.csv")).collect();
        for chunk in names.chunks(16) {
            let puts = chunk.iter().map(|k| store.put_bytes(bucket, k.as_bytes(), vec![b'x'], PutMode::Replace));
            futures::future::try_join_all(puts).await.unwrap();
        }
        for other in ["heart2/a", "hear", "lungs/b"] {
            store.put_bytes(bucket, other.as_bytes(), vec![b'x'], PutMode::Replace).await.unwrap();
        }
        let found =
            keys(&store, &"s3://x/heart".parse::<Location>().map(|l| Location::new(bucket, l.prefix)).unwrap()).await;
        let mut found: Vec<String> = found.into_iter().map(|k| String::from_utf8(k).unwrap()).collect();
        found.sort();
        assert_eq!(found, names, "{}", s3.name);
    }
}

#[tokio::test]
async fn create_never_replaces_and_parts_arrive_whole() {
    for s3 in stores() {
        let (store, buckets) = (s3.store(Who::Worker).await, s3.buckets(false).await);
        let bucket = buckets.shared.as_str();
        store.put_bytes(bucket, b"a", b"first".to_vec(), PutMode::Create).await.unwrap();
        let again = store.put_bytes(bucket, b"a", b"second".to_vec(), PutMode::Create).await;
        assert!(matches!(again, Err(ObjectsError::Precondition(_))), "{}: {again:?}", s3.name);
        assert_eq!(text(&store, bucket, b"a", None).await, b"first", "{}", s3.name);

        let big: Vec<u8> = (0..(17_u32 << 20) / 4).flat_map(u32::to_le_bytes).collect();
        let mut put = store.put(bucket, b"big", big.len() as u64, PutMode::Create);
        for piece in big.chunks(1_000_003) {
            put.write(piece).await.unwrap();
        }
        put.finish().await.unwrap();
        assert!(text(&store, bucket, b"big", None).await == big, "{}: the parts differ", s3.name);

        let mut put = store.put(bucket, b"big", big.len() as u64, PutMode::Create);
        put.write(&big).await.unwrap();
        let again = put.finish().await;
        assert!(matches!(again, Err(ObjectsError::Precondition(_))), "{}: {again:?}", s3.name);
        store.abort_uploads(bucket, b"big").await.unwrap();

        let mut part = store.read(bucket, b"big", None, None, Some((4, 11))).await.unwrap();
        assert_eq!(part.next().await.unwrap().unwrap().as_ref(), [1_u32.to_le_bytes(), 2_u32.to_le_bytes()].concat());
    }
}

#[tokio::test]
async fn each_version_is_read_as_itself_and_removal_leaves_none() {
    for s3 in stores() {
        let (store, buckets) = (s3.store(Who::Worker).await, s3.buckets(true).await);
        let bucket = buckets.shared.as_str();
        assert!(store.is_versioned(bucket).await.unwrap(), "{}", s3.name);
        assert!(!store.is_versioned(&buckets.staging).await.unwrap(), "{}", s3.name);
        for body in ["one", "two"] {
            store.put_bytes(bucket, b"p/k", body.into(), PutMode::Replace).await.unwrap();
        }
        store.put_bytes(bucket, b"p/k longer", b"x".to_vec(), PutMode::Replace).await.unwrap();
        let versions = store.versions(bucket, b"p/k").await.unwrap();
        assert_eq!(versions.iter().map(|v| v.newest).collect::<Vec<_>>(), [true, false], "{}", s3.name);
        assert_eq!(text(&store, bucket, b"p/k", Some(&versions[0].version_id)).await, b"two", "{}", s3.name);
        assert_eq!(text(&store, bucket, b"p/k", Some(&versions[1].version_id)).await, b"one", "{}", s3.name);
        let head = store.head(bucket, b"p/k", None).await.unwrap();
        assert_eq!(head.version_id.as_ref(), Some(&versions[0].version_id), "{}", s3.name);

        assert!(store.remove(bucket, b"p/k").await.unwrap(), "{}", s3.name);
        assert_eq!(store.versions(bucket, b"p/k").await.unwrap(), [], "{}", s3.name);
        assert!(!store.remove(bucket, b"p/k").await.unwrap(), "{}", s3.name);
        let gone = store.read(bucket, b"p/k", Some(&versions[1].version_id), None, None).await;
        assert!(matches!(gone, Err(ObjectsError::NotFound(_))), "{}: {gone:?}", s3.name);
        assert_eq!(text(&store, bucket, b"p/k longer", None).await, b"x", "{}", s3.name);
    }
}

#[tokio::test]
async fn only_what_carries_the_id_is_removed() {
    for s3 in stores() {
        let (store, buckets) = (s3.store(Who::Worker).await, s3.buckets(true).await);
        // the second is one that SeaweedFS and moto cannot name in a listing of versions
        for key in [b"p/k".as_slice(), b"p/tab\tx"] {
            let bucket = buckets.shared.as_str();
            for (body, mark) in
                [("own", Some("r1")), ("other's", Some("r2")), ("own again", Some("r1")), ("nobody's", None)]
            {
                let put = store.put(bucket, key, 0, PutMode::Replace);
                let mut put = if let Some(mark) = mark { put.marked(mark) } else { put };
                put.write(body.as_bytes()).await.unwrap();
                put.finish().await.unwrap();
                let head = store.head(bucket, key, None).await.unwrap();
                assert_eq!(head.mark.as_deref(), mark, "{}: {body}", s3.name);
            }
            let own = Own { release: "r1", version: None, unmarked: Unmarked::Foreign };
            let removed = store.remove_own(bucket, key, own).await.unwrap();
            assert!(removed.foreign, "{}: {removed:?}", s3.name);
            assert_eq!(text(&store, bucket, key, None).await, b"nobody's", "{}", s3.name);
            if key == b"p/k" {
                let mut left = Vec::new();
                for version in store.versions(bucket, key).await.unwrap() {
                    left.push(store.head(bucket, key, Some(&version.version_id)).await.unwrap().mark);
                }
                assert_eq!(left, [None, Some("r2".to_owned())], "{}", s3.name);
            }
            // Where a listing cannot name it, the recorded version is found all the same.
            let put = store.put(bucket, key, 0, PutMode::Replace).marked("r1");
            put.finish().await.unwrap();
            let version = store.head(bucket, key, None).await.unwrap().version_id.unwrap();
            store.put_bytes(bucket, key, b"over it".to_vec(), PutMode::Replace).await.unwrap();
            let own = Own { version: Some(&version), ..own };
            assert!(store.remove_own(bucket, key, own).await.unwrap().any, "{}", s3.name);
            let gone = store.head(bucket, key, Some(&version)).await;
            assert!(matches!(gone, Err(ObjectsError::NotFound(_))), "{}: {gone:?}", s3.name);
            assert_eq!(text(&store, bucket, key, None).await, b"over it", "{}", s3.name);
        }
    }
}

#[tokio::test]
async fn without_versions_an_etag_that_moved_stops_the_read() {
    for s3 in stores() {
        let (store, buckets) = (s3.store(Who::Worker).await, s3.buckets(false).await);
        let bucket = buckets.candidates.as_str();
        store.put_bytes(bucket, b"k", b"one".to_vec(), PutMode::Replace).await.unwrap();
        let etag = store.head(bucket, b"k", None).await.unwrap().etag;
        assert!(store.read(bucket, b"k", None, etag.as_deref(), None).await.is_ok(), "{}", s3.name);
        store.put_bytes(bucket, b"k", b"two".to_vec(), PutMode::Replace).await.unwrap();
        let stale = store.read(bucket, b"k", None, etag.as_deref(), None).await;
        assert!(matches!(stale, Err(ObjectsError::Precondition(_))), "{}: {stale:?}", s3.name);
    }
}

#[tokio::test]
async fn failures_are_sentences_that_say_what_to_do() {
    let s3 = seaweed();
    let buckets = s3.buckets(false).await;
    let reader = s3.store(Who::Reader).await;
    let refused = reader.put_bytes(&buckets.shared, b"x", b"x".to_vec(), PutMode::Replace).await.unwrap_err();
    assert!(matches!(refused, ObjectsError::Denied(_)), "{refused:?}");
    assert!(refused.to_string().contains("check the rights"), "{refused}");
    for s3 in stores() {
        let store = s3.store(Who::Site).await;
        let lost = store.head(&buckets.staging, b"none", None).await;
        assert!(matches!(lost, Err(ObjectsError::NotFound(_))), "{}: {lost:?}", s3.name);
        let nowhere = store.list(&Location::new("no-such-bucket", ""), None).await;
        assert!(matches!(nowhere, Err(ObjectsError::NoBucket(_))), "{}: {nowhere:?}", s3.name);
    }
    let mut nobody = s3.site(Who::Worker);
    nobody.endpoint = Some("http://127.0.0.1:9".into());
    let silent = Store::open(&nobody).await.check_bucket("b").await.unwrap_err();
    assert!(matches!(silent, ObjectsError::Unreachable { .. }), "{silent:?}");
    assert!(silent.to_string().contains("http://127.0.0.1:9") && silent.to_string().contains("check"), "{silent}");
}

#[tokio::test]
async fn a_presigned_address_does_one_thing_for_a_short_time() {
    for s3 in stores() {
        let (store, buckets) = (s3.store(Who::Worker).await, s3.buckets(true).await);
        let bucket = buckets.candidates.as_str();
        let web = reqwest::Client::new();
        let (key, sum) = (b"heart/up load.csv", crate::support::pg::sha("first"));
        let put = store.presign_put(bucket, key, (&sum, 5), Duration::from_secs(30)).await.unwrap();
        let sent = |sum: String, body: &'static str| {
            let header = exeat::objects::checksum(&sum).unwrap();
            let request = web.put(&put).header(exeat::objects::CHECKSUM, header).body(body);
            async move { request.send().await.unwrap().status().as_u16() }
        };
        // The address is for bytes of one hash and length: every store that checks signatures refuses other headers…
        if s3.name != "moto" {
            let bare = web.put(&put).body("first").send().await.unwrap();
            assert_eq!(bare.status().as_u16(), 403, "{}", s3.name);
            assert_eq!(sent(crate::support::pg::sha("other"), "other").await, 403, "{}", s3.name);
            assert_eq!(sent(sum.clone(), "longer").await, 403, "{}", s3.name);
        }
        // …and other bytes under the right headers, but for moto, which believes what it is told.
        let other = sent(sum.clone(), "fake!").await;
        assert_eq!(other, if s3.name == "moto" { 200 } else { 400 }, "{}", s3.name);
        assert_eq!(sent(sum, "first").await, 200, "{}", s3.name);
        let first = store.head(bucket, b"heart/up load.csv", None).await.unwrap().version_id;
        store.put_bytes(bucket, b"heart/up load.csv", b"second".to_vec(), PutMode::Replace).await.unwrap();
        let get =
            store.presign_get(bucket, b"heart/up load.csv", first.as_deref(), Duration::from_secs(2)).await.unwrap();
        let answer = web.get(&get).header("range", "bytes=1-3").send().await.unwrap();
        assert_eq!((answer.status().as_u16(), answer.text().await.unwrap().as_str()), (206, "irs"), "{}", s3.name);
        if s3.name == "moto" {
            continue; // it checks no signatures
        }
        for other in [get.replace("load", "loan"), get.replace(&first.unwrap(), "null")] {
            assert_eq!(web.get(other).send().await.unwrap().status().as_u16(), 403, "{}", s3.name);
        }
        assert_eq!(web.put(&get).body("x").send().await.unwrap().status().as_u16(), 403, "{}", s3.name);
        tokio::time::sleep(Duration::from_secs(3)).await;
        assert_eq!(web.get(&get).send().await.unwrap().status().as_u16(), 403, "{}: it should have expired", s3.name);
    }
}

/// What became of a key: kept as it is, kept under another name, or refused.
#[derive(Debug, PartialEq, Eq)]
pub enum Held {
    Same,
    As(&'static str),
    No,
}

/// The hostile keys and what SeaweedFS and moto make of them (below `heart/`). The local store holds every one.
pub const HOSTILE: &[(&str, Held, Held)] = &[
    ("a b", Held::Same, Held::Same),
    ("a+b", Held::Same, Held::Same),
    ("a%20b", Held::Same, Held::Same),
    ("a&b<c>\"d'", Held::Same, Held::Same),
    ("trailing space ", Held::Same, Held::Same),
    ("tab\tx", Held::Same, Held::Same),
    ("cr\rx", Held::Same, Held::Same),
    ("newline\nx", Held::Same, Held::No),
    ("start\u{1}x", Held::Same, Held::Same),
    ("nul\0x", Held::No, Held::Same),
    ("esc\u{1b}[31mred\u{7}", Held::Same, Held::Same),
    ("bidi\u{202e}fdp.exe", Held::Same, Held::Same),
    ("zero\u{200b}width", Held::Same, Held::Same),
    ("tag\u{e0041}", Held::Same, Held::Same),
    ("cyrillic \u{430}", Held::Same, Held::Same),
    ("composed \u{e9}", Held::Same, Held::Same),
    ("decomposed e\u{301}", Held::Same, Held::Same),
    ("back\\slash", Held::As("back/slash"), Held::Same),
    ("double//slash", Held::As("double/slash"), Held::Same),
    ("../../up", Held::No, Held::Same),
    ("./here", Held::No, Held::Same),
];

#[tokio::test]
async fn hostile_keys_are_listed_as_the_table_says() {
    for (index, s3) in stores().into_iter().enumerate() {
        let (store, buckets) = (s3.store(Who::Worker).await, s3.buckets(false).await);
        let bucket = buckets.candidates.as_str();
        for (name, weed, moto) in HOSTILE {
            let expected = [weed, moto, &Held::Same][index];
            let key = format!("heart/{name}");
            let put = store.put_bytes(bucket, key.as_bytes(), key.clone().into_bytes(), PutMode::Replace).await;
            let listed = keys(&store, &Location::new(bucket, "heart")).await;
            let found = match (put, listed.as_slice()) {
                (Err(_), []) => Held::No,
                (Ok(()), [one]) if *one == key.as_bytes() => Held::Same,
                (Ok(()), [one]) => {
                    let Held::As(other) = expected else { panic!("{}: {name:?} became {one:?}", s3.name) };
                    assert_eq!(String::from_utf8_lossy(one), format!("heart/{other}"));
                    Held::As(other)
                }
                other => panic!("{}: {name:?}: {other:?}", s3.name),
            };
            assert_eq!(found, *expected, "{}: {name:?}", s3.name);
            for key in listed {
                assert!(text(&store, bucket, &key, None).await.starts_with(b"heart/"), "{}: {name:?}", s3.name);
                assert!(store.remove(bucket, &key).await.unwrap(), "{}: {name:?}", s3.name);
            }
        }
        let longest = format!("heart/{}", "k".repeat(1_018 - 4));
        let put = store.put_bytes(bucket, longest.as_bytes(), b"x".to_vec(), PutMode::Replace).await;
        // SeaweedFS wants shorter names between two slashes
        assert_eq!(put.is_ok(), s3.name != "SeaweedFS", "{}: {put:?}", s3.name);
    }
}
