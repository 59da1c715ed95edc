//! HTTP itself: what two readers could take for two things, what is too much, too deep or too slow, and paths that are tricks.

use std::sync::OnceLock;
use std::time::Duration;

use base64::Engine as _;
use serde_json::json;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use super::kit::{Served, served, told};
use crate::support::desk::text;

/// Sends bytes as they are; the status and all that came back until the server closed.
async fn raw(served: &Served, bytes: &[u8]) -> (u16, String) {
    let mut stream = TcpStream::connect(served.url.strip_prefix("http://").unwrap()).await.unwrap();
    // The server may have closed before it read all.
    let _ = stream.write_all(bytes).await;
    let mut answer = Vec::new();
    let _ =
        tokio::time::timeout(Duration::from_secs(30), stream.read_to_end(&mut answer)).await.expect("it never closed");
    let answer = String::from_utf8_lossy(&answer).into_owned();
    let status = answer.strip_prefix("HTTP/1.1 ").and_then(|rest| rest.get(..3)?.parse().ok()).unwrap_or(0);
    (status, answer)
}

fn basic(served: &Served) -> String {
    let word = base64::engine::general_purpose::STANDARD.encode(format!("{}:{}", served.all.name, served.all.secret));
    format!("authorization: Basic {word}\r\n")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_could_be_read_in_two_ways_is_not_read_at_all() {
    let served = served();
    let sign = basic(served);
    let path = "/exeat/whoami?as=checker1";
    let close = "connection: close\r\n";
    let good = format!("GET {path} HTTP/1.1\r\nhost: x\r\n{sign}{close}\r\n");
    assert_eq!(raw(served, good.as_bytes()).await.0, 200);
    for (request, why) in [
        (format!("GET {path} HTTP/1.1\r\nhost: x\r\nhost: y\r\n{sign}{close}\r\n"), "two hosts"),
        (format!("GET {path} HTTP/1.1\r\nhost: x\r\nHost: x\r\n{sign}{close}\r\n"), "one host twice"),
        (format!("GET {path} HTTP/1.1\r\n{sign}{close}\r\n"), "no host"),
        (format!("GET {path} HTTP/1.1\r\nhost:\r\n{sign}{close}\r\n"), "an empty host"),
        (format!("GET {path} HTTP/1.1\r\nhost: x\r\n{sign}{sign}{close}\r\n"), "two authorizations"),
        (
            format!("GET {path} HTTP/1.1\r\nhost: x\r\n{sign}authorization: Bearer x\r\n{close}\r\n"),
            "two different ones",
        ),
        (
            format!(
                "POST {path} HTTP/1.1\r\nhost: x\r\n{sign}content-length: 2\r\ncontent-length: 3\r\n{close}\r\n{{}}x"
            ),
            "two lengths",
        ),
        (
            format!("POST {path} HTTP/1.1\r\nhost: x\r\n{sign}content-length: 2, 2\r\n{close}\r\n{{}}"),
            "a length that is a list",
        ),
        (format!("POST {path} HTTP/1.1\r\nhost: x\r\n{sign}content-length: -1\r\n{close}\r\n"), "a negative length"),
        (
            format!("POST {path} HTTP/1.1\r\nhost: x\r\n{sign}content-length: +2\r\n{close}\r\n{{}}"),
            "a length with a sign",
        ),
        (
            format!(
                "POST {path} HTTP/1.1\r\nhost: x\r\n{sign}transfer-encoding: chunked\r\ntransfer-encoding: chunked\r\n{close}\r\n0\r\n\r\n"
            ),
            "chunked twice",
        ),
        (
            format!("POST {path} HTTP/1.1\r\nhost: x\r\n{sign}transfer-encoding: identity\r\n{close}\r\n"),
            "another coding",
        ),
        (
            format!("POST {path} HTTP/1.1\r\nhost: x\r\n{sign}transfer-encoding: xchunked\r\n{close}\r\n0\r\n\r\n"),
            "nearly chunked",
        ),
        (format!("GET {path} HTTP/1.1\r\nhost : x\r\n{sign}{close}\r\n"), "a space before the colon"),
        (format!("GET {path} HTTP/1.1\r\nhost: x\r\n{sign}x-a: b\r\n c: d\r\n{close}\r\n"), "a folded header"),
        (format!("GET {path} HTTP/1.1\r\nhost: x\r\n{sign}x-a: b\0c\r\n{close}\r\n"), "NUL in a header"),
        (format!("GET http://other/exeat/whoami HTTP/1.1\r\nhost: x\r\n{sign}{close}\r\n"), "another's address"),
        (format!("CONNECT other:443 HTTP/1.1\r\nhost: other:443\r\n{sign}{close}\r\n"), "a proxy's method"),
        (format!("GET {path} HTTP/3.0\r\nhost: x\r\n{sign}{close}\r\n"), "another version"),
        ("GET\r\n\r\n".to_owned(), "no request"),
        ("\x16\x03\x01\x02\x00\x01\x00".to_owned() + &"x".repeat(600) + "\r\n\r\n", "TLS"),
    ] {
        let (status, answer) = raw(served, request.as_bytes()).await;
        assert!((400..500).contains(&status) && status != 401 && status != 403, "{why}: {status} {answer}");
        assert!(!answer.contains("checker1"), "{why}: {answer}");
    }
    // A body with two lengths: whoever is in front may see a second request where this server sees none.
    let smuggled = format!(
        "POST {path} HTTP/1.1\r\nhost: x\r\n{sign}content-length: 4\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\nGET {path} HTTP/1.1\r\nhost: x\r\n{sign}{close}\r\n"
    );
    let (status, answer) = raw(served, smuggled.as_bytes()).await;
    assert!(status >= 400 && !answer.contains("\"login\""), "{status} {answer}");
    let headers = (0..200).map(|n| format!("x-{n}: y\r\n")).collect::<String>();
    assert_eq!(raw(served, format!("GET {path} HTTP/1.1\r\nhost: x\r\n{headers}\r\n").as_bytes()).await.0, 431);
    let long = "y".repeat(100_000);
    assert_eq!(raw(served, format!("GET {path} HTTP/1.1\r\nhost: x\r\nx-a: {long}\r\n\r\n").as_bytes()).await.0, 431);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn tricks_in_paths_lead_nowhere_and_no_header_is_made_of_what_came() {
    let served = served();
    let sign = basic(served);
    for path in [
        "/exeat/egress/../../../etc/passwd",
        "/exeat//egress",
        "/exeat/egress/%2e%2e/requests",
        "/exeat/egress/%2E%2E%2Frequests",
        "/exeat/egress/1%00",
        "/exeat/egress/1%2Ffacts",
        "/exeat/egress\\1",
        "/exeat/egress/1;x=1",
        "/exeat/egress/%31%0d%0ax-evil:%201",
        "/v1/heart/files/..",
        "/EXEAT/egress",
        "/exeat/egress/1/",
        "/v1/%252e%252e/files/1",
    ] {
        let request = format!("GET {path}?as=checker1 HTTP/1.1\r\nhost: x\r\n{sign}connection: close\r\n\r\n");
        let (status, answer) = raw(served, request.as_bytes()).await;
        assert!(status == 404 || status == 400, "{path}: {status} {answer}");
        assert!(!answer.to_lowercase().contains("x-evil"), "{path}: {answer}");
    }
    let answer = served.plain("GET", "/health").header("x-request-id", "a%0d%0ax-evil: 1").send().await.unwrap();
    assert!(answer.headers().get("x-evil").is_none());
    assert_ne!(answer.headers()["x-request-id"], "a%0d%0ax-evil: 1");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn bodies_are_read_strictly_and_within_bounds() {
    let served = served();
    let deep = format!("{{\"version\": {}1{}}}", "[".repeat(5_000), "]".repeat(5_000));
    let wide = format!("{{\"version\": \"1\", \"body\": \"{}\"}}", "x".repeat(2 << 20));
    for (body, status) in [
        (r#"{"version": "1", "body": "a", "body": "b"}"#.to_owned(), 400),
        (r#"{"version": "1", "body": "a", "colour": "b"}"#.to_owned(), 400),
        (r#"{"version": "1", "body": "a\u0000"}"#.to_owned(), 400),
        (r#"{"version": 1e999, "body": "a"}"#.to_owned(), 400),
        (r#"{"version": 99999999999999999999999999, "body": "a"}"#.to_owned(), 400),
        (r#"{"version": "1", "body": "\ud800"}"#.to_owned(), 400),
        ("[]".to_owned(), 400),
        ("null".to_owned(), 400),
        ("{".to_owned(), 400),
        ("{} {}".to_owned(), 400),
        (deep, 400),
        (wide, 413),
    ] {
        let request = served.ask("POST", "/exeat/commands/add_comment?as=checker1");
        let (got, answer) = told(request.header("content-type", "application/json").body(body.clone())).await;
        assert_eq!(got, status, "{}: {answer}", body.chars().take(80).collect::<String>());
        // The same words for the contracts' own routes, in their own way.
        let request = served.ask("POST", "/access-requests").header("content-type", "application/json").body(body);
        let (got, answer) = told(request).await;
        assert!(got == 422 && answer["detail"].is_string() || got == 413, "{got} {answer}");
    }
    for kind in ["text/plain", "application/x-www-form-urlencoded", "application/xml", "x"] {
        let request = served.ask("POST", "/exeat/commands/claim?as=checker1").header("content-type", kind);
        assert_eq!(told(request.body("{\"version\": \"1\"}")).await.0, 400, "{kind}");
    }
}

/// A server with little time and room.
fn small() -> &'static Served {
    static SMALL: OnceLock<Served> = OnceLock::new();
    SMALL.get_or_init(|| Served::start("read_seconds = 2\nat_once = 1\nlargest_body = 2048\n"))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_is_slow_is_not_waited_for_and_whoever_is_too_many_comes_again() {
    let served = small();
    let sign = basic(served);
    // Headers that never end: the connection is closed.
    let (status, answer) = raw(served, b"GET /health HTTP/1.1\r\nhost: x\r\nx-a: ").await;
    assert!(status == 0 || status == 408, "{answer}");
    // A body that never ends holds the only place; others are told to come again, and health answers all the same.
    let slow = format!(
        "POST /exeat/commands/claim?as=checker1 HTTP/1.1\r\nhost: x\r\n{sign}content-length: 20\r\nconnection: close\r\n\r\n{{"
    );
    assert_eq!(told(served.ask("GET", "/exeat/whoami?as=checker1")).await.0, 200);
    let hold = || {
        let slow = slow.clone();
        tokio::spawn(async move { raw(small(), slow.as_bytes()).await })
    };
    let (mut held, mut busy) = (hold(), None);
    for _ in 0..200 {
        // Whoever comes while the other is answered is told to come again: so it does.
        if held.is_finished() {
            held = hold();
        }
        let answer = served.ask("GET", "/exeat/whoami?as=checker1").send().await.unwrap();
        if answer.status() == 503 {
            busy = Some(answer);
            break;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    let busy = busy.expect("the place was never taken");
    assert_eq!(busy.headers()["retry-after"], "1");
    assert_eq!(text(&busy.json::<serde_json::Value>().await.unwrap()["error"]["code"]), "busy");
    assert_eq!(told(served.plain("GET", "/health")).await, (200, json!({"status": "OK"})));
    assert_eq!(held.await.unwrap().0, 408);
    assert_eq!(told(served.ask("GET", "/exeat/whoami?as=checker1")).await.0, 200, "the place is free again");
    let large = json!({"version": "1", "body": "x".repeat(4_096)});
    assert_eq!(told(served.ask("POST", "/exeat/commands/add_comment?as=checker1").json(&large)).await.0, 413);
}
