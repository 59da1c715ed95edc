//! The store's door beside the desk's: an upload ticket is good for the bytes it names and for nothing else.

use exeat::local::desk::Desk as Local;
use exeat::objects::{CHECKSUM, checksum};
use serde_json::json;
use sqlx::PgConnection;

use crate::support::desk::{desk, unique};
use crate::support::pg::{done, sha};

const OWN: &str = "what was registered";
const SECRET: &str = "what another project has and nobody approved";

/// A real upload ticket for a new key of heart: the key, and the address the worker signed.
async fn ticket(own: &mut PgConnection) -> (String, String) {
    let key = unique("door") + ".txt";
    let files = json!([{"key": key, "sha256": sha(OWN), "size": OWN.len()}]).to_string();
    let data = done(own, "register_submission", &["heart", "trusted", "a test", &files]).await;
    let registration = data["registrations"][0]["id"].to_string();
    let data = done(own, "ask_upload", &[registration.trim_matches('"')]).await;
    let ticket: uuid::Uuid = data["ticket"].as_str().unwrap().parse().unwrap();
    loop {
        let sql = "select url from exeat.ticket_answer($1)";
        let url: Option<String> = sqlx::query_scalar(sql).bind(ticket).fetch_one(&mut *own).await.unwrap();
        match url {
            Some(url) => return (format!("heart/{key}"), url),
            None => tokio::time::sleep(std::time::Duration::from_millis(20)).await,
        }
    }
}

/// With `x-amz-copy-source` the store would put the bytes of a file nobody approved where the submitter may look.
#[tokio::test]
async fn an_upload_ticket_reads_nothing() {
    let desk = desk();
    let local = Local::at(&desk.dir).unwrap();
    let store = local.loader().unwrap();
    let hidden = format!("lungs/{}", unique("hidden"));
    let put = store.put_object().bucket("candidates").key(&hidden).body(SECRET.as_bytes().to_vec().into());
    put.send().await.unwrap();

    let mut own = local.connect("researcher1").await.unwrap();
    let web = reqwest::Client::new();
    let source = format!("candidates/{hidden}");
    for (name, value) in [
        ("x-amz-copy-source", source.as_str()),
        ("X-Amz-Copy-Source", &source),
        ("x-amz-meta-exeat", "what the worker did not write"),
        ("x-amz-storage-class", "GLACIER"),
        ("x-amz-tagging", "a=b"),
    ] {
        let (key, url) = ticket(&mut own).await;
        let upload = || web.put(&url).header(CHECKSUM, checksum(&sha(OWN)).unwrap()).body(OWN);
        let refused = upload().header(name, value).send().await.unwrap();
        let (status, said) = (refused.status().as_u16(), refused.text().await.unwrap());
        assert_eq!(status, 403, "{name}: {said}");
        assert!(said.contains("AccessDenied") && said.contains("not signed"), "{name}: {said}");
        let there = store.head_object().bucket("candidates").key(&key).send().await;
        assert!(there.is_err(), "{name}: something lies at {key}");
        // What the ticket is for still works.
        assert_eq!(upload().send().await.unwrap().status().as_u16(), 200, "{name}");
    }
}
