//! Keys of the local S3 store: hostile ones, many, in order, folded.

use std::time::Duration;

use aws_sdk_s3::error::ProvideErrorMetadata as _;
use aws_sdk_s3::types::EncodingType;
use exeat::local::store::Store;

use super::{Desk, decoded, desk, get, keys, listed, put};

fn hostile_keys() -> Vec<String> {
    let mut keys: Vec<String> = [
        "../../x",
        "..",
        ".",
        "/",
        "/etc/passwd",
        "a//b",
        "a/",
        "a",
        "a\\b",
        "back\\slash\\",
        "trailing ",
        " leading",
        "new\nline",
        "cr\rlf\r\n",
        "tab\t",
        "esc\u{1b}[31mred",
        "nul\0byte",
        "del\u{7f}",
        "c1\u{9b}",
        "bidi\u{202e}fdp.exe",
        "zero\u{200b}width",
        "tag\u{e0041}",
        "ä",
        "a\u{308}",
        "日本語.csv",
        "percent%41",
        "percentA",
        "plus+ space",
        "q?x=1#y",
        "quote\"'<>&",
        "heart/../lungs/x",
        "./x",
        "x/.",
        "%2e%2e/x",
        "\u{fffd}",
        "emoji 🫀",
    ]
    .map(str::to_owned)
    .to_vec();
    keys.push("k".repeat(1024));
    keys.push("é".repeat(512));
    keys
}

#[tokio::test]
async fn holds_every_hostile_key_apart() {
    let Desk { s3, server: _server, dir: _dir } = desk().await;
    let keys = hostile_keys();
    for key in &keys {
        put(&s3, key, key.as_bytes()).await;
    }
    for key in &keys {
        assert_eq!(get(&s3, key, None).await, key.as_bytes(), "{key:?}");
    }
    let mut sorted = keys.clone();
    sorted.sort();
    assert_eq!(listed(&s3, "", 1000).await, sorted);
    assert_eq!(listed(&s3, "", 3).await, sorted);
    let mut seen = Vec::new();
    let (mut key, mut id) = (None, None);
    loop {
        let page = s3.list_object_versions().bucket("files").encoding_type(EncodingType::Url).max_keys(5);
        let page = page.set_key_marker(key).set_version_id_marker(id).send().await.unwrap();
        seen.extend(page.versions().iter().map(|version| decoded(version.key().unwrap())));
        (key, id) = (page.next_key_marker.map(|key| decoded(&key)), page.next_version_id_marker);
        if page.is_truncated != Some(true) {
            break;
        }
    }
    assert_eq!(seen, sorted);
    let long = s3.put_object().bucket("files").key("k".repeat(1025)).send().await.unwrap_err();
    assert_eq!(long.code(), Some("KeyTooLongError"));
    for key in &keys {
        s3.delete_object().bucket("files").key(key).send().await.unwrap();
    }
    assert!(listed(&s3, "", 10).await.is_empty());
}

#[tokio::test]
async fn folds_by_delimiter_across_pages() {
    let Desk { s3, server: _server, dir: _dir } = desk().await;
    for key in ["a/1", "a/2", "b", "c/1", "c/2/3", "d"] {
        put(&s3, key, b"").await;
    }
    let mut seen = Vec::new();
    let mut token = None;
    loop {
        let page = s3.list_objects_v2().bucket("files").delimiter("/").max_keys(1).set_continuation_token(token);
        let page = page.send().await.unwrap();
        seen.extend(page.common_prefixes().iter().map(|prefix| prefix.prefix().unwrap().to_owned()));
        seen.extend(page.contents().iter().map(|object| object.key().unwrap().to_owned()));
        token = page.next_continuation_token;
        if token.is_none() {
            break;
        }
    }
    assert_eq!(seen, ["a/", "b", "c/", "d"]);
}

/// Reads on, page by page, in a bucket of many keys; the time is printed, not asserted.
#[tokio::test]
async fn many_keys_are_listed_in_order() {
    let Desk { s3, server, dir } = desk().await;
    let mut puts = tokio::task::JoinSet::new();
    for part in 0..8 {
        let s3 = s3.clone();
        puts.spawn(async move {
            for n in 0..250 {
                put(&s3, &format!("heart/{n:05}-{part}"), b"").await;
            }
        });
    }
    puts.join_all().await;
    let begun = std::time::Instant::now();
    let all = listed(&s3, "", 1000).await;
    println!("2 pages of 1000: {:?}", begun.elapsed());
    assert_eq!(all.len(), 2000);
    assert!(all.is_sorted());
    drop(server);
    let begun = std::time::Instant::now();
    while Store::open(dir.path(), keys(), false).is_err() {
        assert!(begun.elapsed() < Duration::from_secs(20), "the index is given back when the server ends");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}
