//! Downloads: ranges, digests, and that only approved bytes leave; their start, end and abort stand in the journal.

use std::time::{Duration, Instant};

use base64::Engine as _;
use reqwest::header::{HeaderMap, HeaderName};
use serde_json::json;
use sha2::{Digest as _, Sha256};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use super::egress::Project;
use super::kit::{Served, served, told};
use crate::support::desk::{desk, text};

const BODY: &str = "ward,n\na,10\nb,20\n";

fn header(headers: &HeaderMap, name: &str) -> String {
    headers.get(name.parse::<HeaderName>().unwrap()).map(|value| value.to_str().unwrap().to_owned()).unwrap_or_default()
}

/// How the downloads of a file ended, oldest first: bytes and whether all came.
fn ends(id: &str) -> String {
    desk().psql(&format!(
        "select string_agg(bytes || ' ' || completed, ', ' order by id) from exeat.downloads where version = {id} and ended_at is not null"
    ))
}

async fn until(what: &str, is: impl Fn() -> bool) {
    let begun = Instant::now();
    while !is() {
        assert!(begun.elapsed() < Duration::from_secs(30), "never: {what}");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ranges_come_with_the_digest_of_the_whole_file() {
    let project = Project::new();
    let id = project.released("r.csv", BODY).await;
    let answer = project.download(&id, &json!({})).send().await.unwrap();
    let headers = answer.headers().clone();
    assert_eq!(answer.text().await.unwrap(), BODY);
    let hash = Sha256::digest(BODY);
    let tag = format!("\"{}\"", hex::encode(hash));
    assert_eq!((header(&headers, "etag"), header(&headers, "accept-ranges")), (tag.clone(), "bytes".into()));
    let digest = base64::engine::general_purpose::STANDARD.encode(hash);
    assert_eq!(header(&headers, "digest"), format!("sha-256={digest}"));
    assert_eq!(header(&headers, "repr-digest"), format!("sha-256=:{digest}:"));
    assert_eq!(header(&headers, "content-disposition"), "attachment; filename=\"r.csv\"; filename*=UTF-8''r.csv");
    assert_eq!(header(&headers, "cache-control"), "no-store");

    let part = project.download(&id, &json!({})).header("range", "bytes=5-9").send().await.unwrap();
    assert_eq!(
        (part.status().as_u16(), header(part.headers(), "content-range")),
        (206, format!("bytes 5-9/{}", BODY.len()))
    );
    assert_eq!(part.text().await.unwrap(), &BODY[5..10]);
    let rest =
        project.download(&id, &json!({})).header("range", "bytes=7-").header("if-range", &tag).send().await.unwrap();
    assert_eq!((rest.status().as_u16(), rest.text().await.unwrap()), (206, BODY[7..].to_owned()));
    let other =
        project.download(&id, &json!({})).header("range", "bytes=7-").header("if-range", "\"x\"").send().await.unwrap();
    assert_eq!((other.status().as_u16(), other.text().await.unwrap()), (200, BODY.to_owned()));
    let known = project.download(&id, &json!({})).header("if-none-match", &tag).send().await.unwrap();
    assert_eq!((known.status().as_u16(), known.text().await.unwrap().len()), (304, 0));
    assert_eq!(told(project.download(&id, &json!({})).header("range", "bytes=99-")).await.0, 416);
    let size = BODY.len();
    let wanted = format!("{size} true, 5 false, {} true, {size} true", size - 7);
    until(&wanted, || ends(&id) == wanted).await;
    let journalled = desk().psql(&format!(
        "select count(*) from exeat.journal where subject = 'version:{id}' and command = 'end_download'"
    ));
    assert_eq!(journalled, "4");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn bytes_that_are_not_the_approved_ones_are_refused_before_the_first() {
    let project = Project::new();
    let id = project.released("altered.csv", BODY).await;
    assert_eq!(project.download(&id, &json!({})).send().await.unwrap().status(), 200);
    // As if something else had been approved than what lies in the shared location.
    let other = hex::encode(Sha256::digest("something else"));
    desk().psql(&format!(
        "update exeat.file_versions set sha256 = decode('{other}', 'hex') where id = {id};
         update exeat.votes set sha256 = decode('{other}', 'hex') where version = {id}"
    ));
    let (status, body) = told(project.download(&id, &json!({}))).await;
    assert!(status == 400 && text(&body["message"]).contains("changed in the store"), "{status} {body}");
    until("its end", || ends(&id).ends_with("0 false")).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_client_that_goes_away_is_journalled_and_holds_nothing_up() {
    let project = Project::new();
    let body = large();
    let id = project.released("large.txt", &body).await;
    let stream = begun(&project, served(), &id).await;
    // It reads nothing for a while: the store is read no further than a few pieces.
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert_eq!(ends(&id), "", "it is not over");
    drop(stream);
    until("its abort", || ends(&id).ends_with(" false")).await;
    let sent: usize = ends(&id).split(' ').next().unwrap().parse().unwrap();
    assert!(sent < body.len(), "{sent}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_client_that_reads_nothing_is_not_waited_for() {
    let (project, server) = (Project::new(), served().another("read_seconds = 2\n"));
    let id = project.released("large.txt", &large()).await;
    let stream = begun(&project, &server, &id).await;
    until("its end, with the client still there", || ends(&id).ends_with(" false")).await;
    drop(stream);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_goes_while_the_bytes_are_compared_leaves_nothing_behind() {
    let (project, server) = (Project::new(), served().another(""));
    let id = project.released("large.txt", &large()).await;
    let stream = sent(&project, &server, &id).await;
    let opened = format!("select count(*) from exeat.downloads where version = {id}");
    until("its start", || desk().psql(&opened) == "1").await;
    drop(stream);
    server.stop();
    server.ended();
    assert!(ends(&id).ends_with(" false"), "the server ended before the end was journalled: {}", ends(&id));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_caller_has_its_share_of_all_downloads() {
    let server = served().another("downloads_at_once = 4\n");
    let (one, other) = (Project::new(), Project::new());
    let (id, small) = (one.released("large.txt", &large()).await, one.released("small.csv", BODY).await);
    let others = other.released("small.csv", BODY).await;
    let stream = begun(&one, &server, &id).await;
    let status = async |project: &Project, id: &str| {
        project.download_from(&server, id, &json!({})).send().await.unwrap().status().as_u16()
    };
    assert_eq!((status(&one, &small).await, status(&other, &others).await), (429, 200));
    drop(stream);
    let begun = Instant::now();
    while status(&one, &small).await != 200 {
        assert!(begun.elapsed() < Duration::from_secs(30), "its share is never free again");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

/// More than lies in all buffers on the way.
fn large() -> String {
    ("0123456789abcdef".repeat(64) + "\n").repeat(20_000)
}

/// A download that is asked for, and of which nothing is read.
async fn sent(project: &Project, server: &Served, id: &str) -> TcpStream {
    let request = project.download_from(server, id, &json!({"max_file_size": 100_000_000})).build().unwrap();
    let mut stream = TcpStream::connect(server.url.strip_prefix("http://").unwrap()).await.unwrap();
    let mut head = format!(
        "GET {} HTTP/1.1\r\nhost: x\r\ncontent-length: {}\r\n",
        request.url().path(),
        request.body().unwrap().as_bytes().unwrap().len()
    );
    for (name, value) in request.headers() {
        head += &format!("{name}: {}\r\n", value.to_str().unwrap());
    }
    head += "\r\n";
    stream.write_all(head.as_bytes()).await.unwrap();
    stream.write_all(request.body().unwrap().as_bytes().unwrap()).await.unwrap();
    stream
}

/// A download that began, and of which no more is read.
async fn begun(project: &Project, server: &Served, id: &str) -> TcpStream {
    let mut stream = sent(project, server, id).await;
    let mut first = vec![0; 1_000];
    stream.read_exact(&mut first).await.unwrap();
    assert!(first.starts_with(b"HTTP/1.1 200"), "{}", String::from_utf8_lossy(&first));
    stream
}
