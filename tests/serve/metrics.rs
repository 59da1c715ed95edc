//! The numbers for who watches the server, on a port of their own.

use std::net::TcpListener;

use super::kit::served;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn numbers_are_told_on_their_own_port_and_name_nobody() {
    let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let server = served().another(&format!("metrics = \"{free}\"\n"));
    for path in ["/exeat/egress?as=checker1", "/exeat/egress/999999?as=checker1", "/nowhere/checker1"] {
        server.ask("GET", path).send().await.unwrap();
    }
    server.plain("PURGE", "/exeat/egress").send().await.unwrap();
    assert_eq!(server.ask("GET", "/metrics").send().await.unwrap().status(), 404, "not where portals ask");
    let answer = reqwest::get(format!("http://{free}/metrics")).await.unwrap();
    assert_eq!(answer.status(), 200);
    assert!(answer.headers()["content-type"].to_str().unwrap().starts_with("application/openmetrics-text"));
    let text = answer.text().await.unwrap();
    for line in [
        "exeat_requests_total{method=\"GET\",route=\"/exeat/{area}\",status=\"200\"} 1",
        "exeat_requests_total{method=\"GET\",route=\"/exeat/{area}/{id}\",status=\"404\"} 1",
        "exeat_requests_total{method=\"GET\",route=\"none\",status=\"404\"} 2",
        "exeat_requests_total{method=\"other\",route=\"/exeat/{area}\",status=\"405\"} 1",
        "exeat_request_seconds_count{route=\"/exeat/{area}\"} 2",
        "exeat_requests_running 0",
        "# EOF",
    ] {
        assert!(text.lines().any(|told| told == line), "{line}\n{text}");
    }
    assert!(!text.contains("checker1") && !text.contains(&server.all.name), "{text}");
    assert_eq!(reqwest::get(format!("http://{free}/exeat/egress")).await.unwrap().status(), 404);
}
