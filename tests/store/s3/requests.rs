//! Who may ask the local S3 store for what: presigned requests, rights, bodies that break off.

use std::time::Duration;

use aws_sdk_s3::config::interceptors::BeforeTransmitInterceptorContextMut;
use aws_sdk_s3::config::{ConfigBag, Intercept, RuntimeComponents};
use aws_sdk_s3::error::{BoxError, ProvideErrorMetadata as _};
use aws_sdk_s3::presigning::PresigningConfig;
use aws_sdk_s3::primitives::ByteStream;
use sha2::{Digest as _, Sha256};

use super::{Desk, client, content_files, desk, get, keep_versions, listed, put};

#[tokio::test]
async fn presigned_requests_serve_one_version_until_they_expire() {
    let Desk { s3, server: _server, dir: _dir } = desk().await;
    keep_versions(&s3).await;
    let one = put(&s3, "heart/x y.csv", b"0123456789").await.unwrap();
    put(&s3, "heart/x y.csv", b"newer").await;
    let soon = PresigningConfig::expires_in(Duration::from_mins(1)).unwrap();
    let get =
        s3.get_object().bucket("files").key("heart/x y.csv").version_id(&one).presigned(soon.clone()).await.unwrap();
    let http = reqwest::Client::new();
    let got = http.get(get.uri()).header("range", "bytes=2-4").send().await.unwrap();
    assert_eq!(got.status(), 206);
    assert_eq!(got.bytes().await.unwrap().as_ref(), b"234");
    let other = get.uri().replace("x%20y", "x%20z");
    assert_eq!(http.get(other).send().await.unwrap().status(), 403);
    let put = s3.put_object().bucket("files").key("up/new").presigned(soon).await.unwrap();
    let body = vec![7_u8; 3_000_000];
    let mut request = http.put(put.uri()).body(body.clone());
    for (name, value) in put.headers() {
        request = request.header(name, value);
    }
    assert_eq!(request.send().await.unwrap().status(), 200);
    assert_eq!(Sha256::digest(self::get(&s3, "up/new", None).await), Sha256::digest(&body));
    let brief = PresigningConfig::expires_in(Duration::from_secs(1)).unwrap();
    let late = s3.get_object().bucket("files").key("up/new").presigned(brief).await.unwrap();
    tokio::time::sleep(Duration::from_millis(2100)).await;
    assert_eq!(http.get(late.uri()).send().await.unwrap().status(), 403);
    let unsigned = get.uri().split('?').next().unwrap();
    assert_eq!(http.get(unsigned).send().await.unwrap().status(), 403, "nobody reads unsigned");
}

#[tokio::test]
async fn a_key_does_only_what_it_may() {
    let Desk { s3, server, dir: _dir } = desk().await;
    for key in ["heart/a", "heart2/a", "shared/a", "lungs/a"] {
        put(&s3, key, b"x").await;
    }
    let heart = client(&server, "HEART", "heart-secret");
    put(&heart, "heart/b", b"y").await;
    assert_eq!(get(&heart, "shared/a", None).await, b"x");
    let denied = |code: Option<&str>| assert_eq!(code, Some("AccessDenied"));
    denied(heart.get_object().bucket("files").key("heart2/a").send().await.unwrap_err().code());
    denied(heart.get_object().bucket("files").key("lungs/a").send().await.unwrap_err().code());
    denied(heart.put_object().bucket("files").key("shared/b").send().await.unwrap_err().code());
    denied(heart.delete_object().bucket("files").key("shared/a").send().await.unwrap_err().code());
    denied(heart.list_objects_v2().bucket("files").send().await.unwrap_err().code());
    denied(heart.list_objects_v2().bucket("files").prefix("heart").send().await.unwrap_err().code());
    denied(heart.create_bucket().bucket("mine").send().await.unwrap_err().code());
    denied(
        heart
            .copy_object()
            .bucket("files")
            .key("heart/c")
            .copy_source("files/lungs/a")
            .send()
            .await
            .unwrap_err()
            .code(),
    );
    denied(heart.create_multipart_upload().bucket("files").key("shared/b").send().await.unwrap_err().code());
    assert_eq!(listed(&heart, "heart/", 10).await, ["heart/a", "heart/b"]);
    let wrong = client(&server, "HEART", "guessed");
    let refused = wrong.get_object().bucket("files").key("heart/a").send().await.unwrap_err();
    assert_eq!(refused.code(), Some("SignatureDoesNotMatch"));
}

#[tokio::test]
async fn a_body_that_breaks_off_leaves_nothing() {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let Desk { s3, server, dir } = desk().await;
    let soon = PresigningConfig::expires_in(Duration::from_mins(1)).unwrap();
    let url = s3.put_object().bucket("files").key("half").presigned(soon).await.unwrap().uri().to_owned();
    let path = url.strip_prefix(&server.endpoint()).unwrap();
    let mut raw = tokio::net::TcpStream::connect(server.address()).await.unwrap();
    let head = format!("PUT {path} HTTP/1.1\r\nhost: {}\r\ncontent-length: 1000\r\n\r\nonly this", server.address());
    raw.write_all(head.as_bytes()).await.unwrap();
    raw.shutdown().await.unwrap();
    raw.read_to_end(&mut Vec::new()).await.ok();
    assert!(listed(&s3, "", 10).await.is_empty());
    assert_eq!(content_files(dir.path()), 0);
}

/// Adds a header to a request that is signed already, as something on the way to the store could.
#[derive(Debug)]
struct AddedLater(&'static str, &'static str);

impl Intercept for AddedLater {
    fn name(&self) -> &'static str {
        "added later"
    }

    fn modify_before_transmit(
        &self,
        context: &mut BeforeTransmitInterceptorContextMut<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        context.request_mut().headers_mut().insert(self.0, self.1);
        Ok(())
    }
}

#[tokio::test]
async fn what_is_not_signed_is_refused_in_a_signed_header_too() {
    let Desk { s3, server: _server, dir: _dir } = desk().await;
    put(&s3, "lungs/a", b"of another").await;
    let sent = |name, value| {
        let put = s3.put_object().bucket("files").key("heart/a").body(ByteStream::from_static(b"own"));
        put.customize().interceptor(AddedLater(name, value)).send()
    };
    for (name, value) in [("x-amz-copy-source", "files/lungs/a"), ("x-amz-meta-who", "nobody")] {
        assert_eq!(sent(name, value).await.unwrap_err().code(), Some("AccessDenied"), "{name}");
        assert!(s3.head_object().bucket("files").key("heart/a").send().await.is_err(), "{name}");
    }
    sent("x-amzn-trace-id", "Root=1-2-3").await.unwrap();
    assert_eq!(get(&s3, "heart/a", None).await, b"own");
}
