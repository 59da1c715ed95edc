//! TLS: only it is spoken where there is a certificate, another certificate is taken up while the server runs, and what is wrong is said.

use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use reqwest::{Certificate, Client};
use serde_json::Value;

use super::kit::served;
use crate::support::desk::{EXEAT, desk};

/// A certificate for 127.0.0.1 that vouches for itself, with its key.
fn certificate(folder: &Path, name: &str) -> (PathBuf, PathBuf) {
    let (pem, key) = (folder.join(format!("{name}.pem")), folder.join(format!("{name}.key")));
    let made = Command::new("openssl")
        .args(["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2"])
        .args(["-subj", "/CN=exeat", "-addext", "subjectAltName=IP:127.0.0.1"])
        .args(["-addext", "basicConstraints=critical,CA:FALSE", "-out"])
        .arg(&pem)
        .arg("-keyout")
        .arg(&key)
        .output()
        .unwrap();
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    (pem, key)
}

/// A client that believes one certificate and no other.
fn believes(pem: &Path) -> Client {
    let pem = Certificate::from_pem(&std::fs::read(pem).unwrap()).unwrap();
    Client::builder().tls_certs_only([pem]).build().unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_with_a_certificate_speaks_tls_only_and_takes_up_another_one() {
    let folder = tempfile::tempdir().unwrap();
    let ((pem, key), (next, next_key)) = (certificate(folder.path(), "serve"), certificate(folder.path(), "next"));
    let server = served().another(&format!("certificate = {pem:?}\nprivate_key = {key:?}\n"));
    assert!(server.url.starts_with("https://"), "{}", server.url);
    let (before, late, after) = (believes(&pem), believes(&pem), believes(&next));
    let whoami = format!("{}/exeat/whoami?as=checker1", server.url);
    let ask = async |client: &Client| {
        let asked = client.get(&whoami).basic_auth(&server.all.name, Some(&server.all.secret)).send().await?;
        asked.json::<Value>().await
    };
    assert_eq!(ask(&before).await.unwrap()["login"], "checker1");
    assert!(ask(&after).await.is_err() && ask(&Client::new()).await.is_err());
    let plain = Client::new().get(server.url.replace("https", "http") + "/health").send().await;
    assert!(plain.is_err(), "{plain:?}");
    // The two files change one after the other: until they go together, the certificate before goes on.
    std::fs::copy(&next, &pem).unwrap();
    std::fs::copy(&next_key, &key).unwrap();
    let begun = Instant::now();
    while ask(&after).await.is_err() {
        assert!(begun.elapsed() < Duration::from_mins(1), "it was never taken up: {}", server.log());
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    assert!(ask(&late).await.is_err(), "the certificate before is no longer shown");
}

#[test]
fn a_certificate_that_cannot_be_used_is_said_at_the_start() {
    let folder = tempfile::tempdir().unwrap();
    let ((pem, key), (_, other)) = (certificate(folder.path(), "serve"), certificate(folder.path(), "other"));
    let open = folder.path().join("open.key");
    std::fs::copy(&key, &open).unwrap();
    std::fs::set_permissions(&open, std::fs::Permissions::from_mode(0o644)).unwrap();
    let config = folder.path().join("serve.toml");
    for (certificate, key, said) in [
        (&pem, &other, "serve.pem cannot be used for TLS"),
        (&pem, &open, "open.key"),
        (&key, &key, "serve.key cannot be used for TLS"),
        (&folder.path().join("none.pem"), &key, "none.pem cannot be used for TLS"),
    ] {
        let text = format!(
            "[database]\nhost = {:?}\nuser = \"x\"\n[serve]\nlisten = \"127.0.0.1:0\"\ncertificate = {certificate:?}\nprivate_key = {key:?}\n",
            desk().dir.join("socket")
        );
        std::fs::write(&config, text).unwrap();
        let ran = Command::new(EXEAT).args(["serve", "--config"]).arg(&config).output().unwrap();
        let err = String::from_utf8_lossy(&ran.stderr).into_owned();
        assert!(!ran.status.success() && err.contains(said), "{said}: {err}");
    }
}
