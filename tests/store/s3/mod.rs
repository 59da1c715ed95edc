//! The local S3 store, spoken to by the AWS SDK: everything exeat asks of a store.

mod keys;
mod requests;

use aws_sdk_s3::Client;
use aws_sdk_s3::config::{BehaviorVersion, Credentials, Region};
use aws_sdk_s3::error::ProvideErrorMetadata as _;
use aws_sdk_s3::primitives::ByteStream;
use aws_sdk_s3::types::{
    BucketVersioningStatus, CompletedMultipartUpload, CompletedPart, EncodingType, VersioningConfiguration,
};
use exeat::local::store::{AccessKey, Right, Server, Store, serve};

fn client(server: &Server, key: &str, secret: &str) -> Client {
    let config = aws_sdk_s3::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new("us-east-1"))
        .endpoint_url(server.endpoint())
        .credentials_provider(Credentials::new(key, secret, None, None, "test"))
        .force_path_style(true)
        .build();
    Client::from_conf(config)
}

struct Desk {
    dir: tempfile::TempDir,
    server: Server,
    s3: Client,
}

fn keys() -> Vec<AccessKey> {
    let right = |prefix: &str, write| Right { bucket: "files".to_owned(), prefix: prefix.to_owned(), write };
    vec![
        AccessKey::all("ALL", "all-secret"),
        AccessKey {
            access_key_id: "HEART".to_owned(),
            secret_access_key: "heart-secret".to_owned(),
            rights: vec![right("heart/", true), right("shared/", false)],
        },
    ]
}

async fn desk() -> Desk {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open(dir.path(), keys(), false).unwrap();
    let server = serve(store, "127.0.0.1:0".parse().unwrap()).await.unwrap();
    let s3 = client(&server, "ALL", "all-secret");
    s3.create_bucket().bucket("files").send().await.unwrap();
    Desk { dir, server, s3 }
}

async fn keep_versions(s3: &Client) {
    let enabled = VersioningConfiguration::builder().status(BucketVersioningStatus::Enabled).build();
    s3.put_bucket_versioning().bucket("files").versioning_configuration(enabled).send().await.unwrap();
}

async fn put(s3: &Client, key: &str, body: &[u8]) -> Option<String> {
    let body = ByteStream::from(body.to_vec());
    s3.put_object().bucket("files").key(key).body(body).send().await.unwrap().version_id
}

async fn get(s3: &Client, key: &str, version: Option<&str>) -> Vec<u8> {
    let got = s3.get_object().bucket("files").key(key).set_version_id(version.map(str::to_owned)).send().await.unwrap();
    got.body.collect().await.unwrap().to_vec()
}

fn decoded(key: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = key.as_bytes();
    while let Some((first, tail)) = rest.split_first() {
        if *first == b'%' {
            bytes.extend(hex::decode(&tail[..2]).unwrap());
            rest = &tail[2..];
        } else {
            bytes.push(*first);
            rest = tail;
        }
    }
    String::from_utf8(bytes).unwrap()
}

async fn listed(s3: &Client, prefix: &str, page: i32) -> Vec<String> {
    let mut found = Vec::new();
    let mut token = None;
    loop {
        let got = s3.list_objects_v2().bucket("files").prefix(prefix).encoding_type(EncodingType::Url).max_keys(page);
        let got = got.set_continuation_token(token).send().await.unwrap();
        assert!(got.contents().len() <= usize::try_from(page).unwrap());
        found.extend(got.contents().iter().map(|object| decoded(object.key().unwrap())));
        token = got.next_continuation_token;
        if token.is_none() {
            return found;
        }
    }
}

#[tokio::test]
async fn bytes_ranges_metadata_and_conditions() {
    let Desk { s3, dir, server: _server } = desk().await;
    let body: Vec<u8> = (0..300_000_u32).flat_map(u32::to_le_bytes).collect();
    let done = s3.put_object().bucket("files").key("a/b.bin").body(ByteStream::from(body.clone()));
    let done = done.content_type("application/x-thing").metadata("who", "someone").send().await.unwrap();
    assert_eq!(done.version_id, None, "this bucket keeps no versions");
    let head = s3.head_object().bucket("files").key("a/b.bin").send().await.unwrap();
    assert_eq!(head.content_length, Some(1_200_000));
    assert_eq!(head.e_tag, done.e_tag);
    assert_eq!(head.content_type.as_deref(), Some("application/x-thing"));
    assert_eq!(head.metadata.unwrap()["who"], "someone");
    assert_eq!(get(&s3, "a/b.bin", None).await, body);
    for (range, bytes) in [
        ("bytes=0-9", &body[..10]),
        ("bytes=1199990-", &body[1_199_990..]),
        ("bytes=-7", &body[1_199_993..]),
        ("bytes=5-99999999", &body[5..]),
    ] {
        let got = s3.get_object().bucket("files").key("a/b.bin").range(range).send().await.unwrap();
        assert!(got.content_range.as_deref().unwrap().ends_with("/1200000"));
        assert_eq!(got.body.collect().await.unwrap().to_vec(), bytes, "{range}");
    }
    let beyond = s3.get_object().bucket("files").key("a/b.bin").range("bytes=1200000-").send().await.unwrap_err();
    assert_eq!(beyond.code(), Some("InvalidRange"));
    let again = s3.put_object().bucket("files").key("a/b.bin").if_none_match("*").send().await.unwrap_err();
    assert_eq!(again.raw_response().unwrap().status().as_u16(), 412);
    assert_eq!(get(&s3, "a/b.bin", None).await, body, "a refused write changes nothing");
    let stale = s3.put_object().bucket("files").key("a/b.bin").if_match("\"0123\"").send().await.unwrap_err();
    assert_eq!(stale.raw_response().unwrap().status().as_u16(), 412);
    s3.put_object().bucket("files").key("new").if_none_match("*").send().await.unwrap();
    let missing = s3.get_object().bucket("files").key("not there").send().await.unwrap_err();
    assert_eq!(missing.code(), Some("NoSuchKey"));
    let bucket = s3.get_object().bucket("nowhere").key("x").send().await.unwrap_err();
    assert_eq!(bucket.code(), Some("NoSuchBucket"));
    s3.delete_object().bucket("files").key("a/b.bin").send().await.unwrap();
    assert_eq!(listed(&s3, "", 10).await, ["new"]);
    assert_eq!(content_files(dir.path()), 1, "bytes nobody names are removed");
}

fn content_files(dir: &std::path::Path) -> usize {
    let folders = std::fs::read_dir(dir.join("content")).unwrap();
    folders.map(|folder| std::fs::read_dir(folder.unwrap().path()).unwrap().count()).sum()
}

#[tokio::test]
async fn one_of_many_conditional_writers_wins() {
    let Desk { s3, dir, server: _server } = desk().await;
    let mut tries = tokio::task::JoinSet::new();
    for n in 0..16_u8 {
        let put = s3.put_object().bucket("files").key("once").if_none_match("*").body(ByteStream::from(vec![n; 10]));
        tries.spawn(async move { put.send().await.is_ok() });
    }
    assert_eq!(tries.join_all().await.into_iter().filter(|won| *won).count(), 1);
    assert_eq!(content_files(dir.path()), 1);
}

#[tokio::test]
async fn versions_and_delete_markers() {
    let Desk { s3, server: _server, dir: _dir } = desk().await;
    put(&s3, "k", b"before versions").await;
    keep_versions(&s3).await;
    let status = s3.get_bucket_versioning().bucket("files").send().await.unwrap();
    assert_eq!(status.status, Some(BucketVersioningStatus::Enabled));
    let one = put(&s3, "k", b"one").await.unwrap();
    let two = put(&s3, "k", b"two").await.unwrap();
    assert_eq!(get(&s3, "k", None).await, b"two");
    assert_eq!(get(&s3, "k", Some(&one)).await, b"one");
    assert_eq!(get(&s3, "k", Some("null")).await, b"before versions");
    let marker = s3.delete_object().bucket("files").key("k").send().await.unwrap();
    assert_eq!(marker.delete_marker, Some(true));
    assert!(listed(&s3, "", 10).await.is_empty());
    assert_eq!(
        s3.head_object().bucket("files").key("k").send().await.unwrap_err().raw_response().unwrap().status().as_u16(),
        404
    );
    assert_eq!(get(&s3, "k", Some(&two)).await, b"two", "a marker hides, it does not remove");
    let free = s3.put_object().bucket("files").key("k").if_none_match("*").send().await;
    assert!(free.is_ok(), "nothing is visible at the key");
    let all = s3.list_object_versions().bucket("files").send().await.unwrap();
    assert_eq!((all.versions().len(), all.delete_markers().len()), (4, 1));
    assert_eq!(all.versions().iter().filter(|version| version.is_latest == Some(true)).count(), 1);
    s3.delete_object().bucket("files").key("k").version_id(&one).send().await.unwrap();
    let gone = s3.get_object().bucket("files").key("k").version_id(&one).send().await.unwrap_err();
    assert_eq!(gone.code(), Some("NoSuchVersion"));
    let mut seen = Vec::new();
    let (mut key, mut version) = (None, None);
    loop {
        let page =
            s3.list_object_versions().bucket("files").max_keys(1).set_key_marker(key).set_version_id_marker(version);
        let page = page.send().await.unwrap();
        seen.extend(page.versions().iter().map(|version| version.version_id().unwrap().to_owned()));
        seen.extend(page.delete_markers().iter().map(|marker| marker.version_id().unwrap().to_owned()));
        (key, version) = (page.next_key_marker, page.next_version_id_marker);
        if page.is_truncated != Some(true) {
            break;
        }
    }
    assert_eq!(seen.len(), 4, "one a page, each once: {seen:?}");
    assert_eq!(seen[2..], [two, "null".to_owned()]);
}

#[tokio::test]
async fn copies_a_named_version_and_only_onto_nothing() {
    let Desk { s3, server: _server, dir: _dir } = desk().await;
    keep_versions(&s3).await;
    let one = put(&s3, "heart/ä b+c.csv", b"one").await.unwrap();
    put(&s3, "heart/ä b+c.csv", b"two").await;
    let source = format!("files/heart/%C3%A4%20b%2Bc.csv?versionId={one}");
    let copy = || s3.copy_object().bucket("files").key("shared/x").copy_source(&source);
    let put_once = |op: aws_sdk_s3::operation::copy_object::builders::CopyObjectFluentBuilder| {
        op.customize().mutate_request(|request| {
            request.headers_mut().insert("if-none-match", "*");
        })
    };
    put_once(copy()).send().await.unwrap();
    assert_eq!(get(&s3, "shared/x", None).await, b"one");
    let again = put_once(copy()).send().await.unwrap_err();
    assert_eq!(again.raw_response().unwrap().status().as_u16(), 412);
    copy().send().await.unwrap();
}

#[tokio::test]
async fn uploads_in_parts() {
    let Desk { s3, dir, server: _server } = desk().await;
    let begin = s3.create_multipart_upload().bucket("files").key("big").send().await.unwrap();
    let upload = begin.upload_id.unwrap();
    let bodies = [vec![1_u8; 5 * 1024 * 1024], vec![2_u8; 5 * 1024 * 1024], vec![3_u8; 77]];
    let mut parts = Vec::new();
    for (number, body) in (1..).zip(&bodies) {
        let part = s3.upload_part().bucket("files").key("big").upload_id(&upload).part_number(number);
        let part = part.body(ByteStream::from(body.clone())).send().await.unwrap();
        parts.push(CompletedPart::builder().part_number(number).set_e_tag(part.e_tag).build());
    }
    assert_eq!(s3.list_parts().bucket("files").key("big").upload_id(&upload).send().await.unwrap().parts().len(), 3);
    let complete = || {
        let named = CompletedMultipartUpload::builder().set_parts(Some(parts.clone())).build();
        s3.complete_multipart_upload()
            .bucket("files")
            .key("big")
            .upload_id(&upload)
            .multipart_upload(named)
            .if_none_match("*")
    };
    let done = complete().send().await.unwrap();
    assert!(done.e_tag.unwrap().ends_with("-3\""));
    assert_eq!(get(&s3, "big", None).await, bodies.concat());
    assert_eq!(complete().send().await.unwrap_err().code(), Some("NoSuchUpload"));
    let begin = s3.create_multipart_upload().bucket("files").key("big").send().await.unwrap();
    let upload = begin.upload_id.unwrap();
    s3.upload_part().bucket("files").key("big").upload_id(&upload).part_number(1).send().await.unwrap();
    s3.abort_multipart_upload().bucket("files").key("big").upload_id(&upload).send().await.unwrap();
    assert_eq!(content_files(dir.path()), 1, "parts go with their upload");
}
